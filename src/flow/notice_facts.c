/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of an item: where it is, what is heard in it, who may do what with that. */
#include <math.h>
#include <strings.h>

#include "flow/notice_kept.h"

/* ---- resolving ---- */

static enum code not_found_is_fine(enum code code, const struct error *missing, bool *found,
                                   struct error *e)
{
    *found = code == OK;
    return code == OK || code == ERR_NOT_FOUND ? OK : fail(e, code, "%s", missing->text);
}

enum code notice_principal(struct noticing *n, const struct notice_draft *d, struct party_id *out,
                           struct error *e)
{
    struct party p;
    struct error missing;
    bool found;
    *out = (struct party_id) { { 0 } };
    if (d->principal.length) {
        struct kept_principal **slot = kept_principal_slot(n, d->principal);
        for (const struct kept_principal *k = *slot; k; k = k->next)
            if (str_is(d->principal, k->words)) {
                *out = k->party;
                return OK;
            }
        enum code code = registry_party_find(n->act.tx, n->world->catalogue, d->principal,
                                             &n->arena, &p, &missing);
        TRY(not_found_is_fine(code, &missing, &found, e));
        if (found)
            *out = p.id;
        struct kept_principal *k = ARENA_NEW(&n->arena, struct kept_principal);
        *k = (struct kept_principal) { *slot, str_copy(&n->arena, d->principal), *out };
        *slot = k;
        return OK;
    }
    struct sender *s;
    TRY(desk_sender_of(&n->act, d->sender, d->name, &s, e));
    *out = s->party;
    return OK;
}

/* "upl_..." somewhere in the text: an id alone, or in an address of this installation. */
static bool upload_in(struct str location, struct upload_id *out)
{
    struct error ignored;
    for (size_t i = 0; i + 4 + ID_DIGITS <= location.length; i++)
        if (memcmp(location.at + i, "upl_", 4) == 0 &&
            upload_id_parse((struct str) { location.at + i, 4 + ID_DIGITS }, out, &ignored) == OK)
            return true;
    return false;
}

static enum code resolve_upload(struct noticing *n, const struct draft_item *d,
                                struct notice_item *out, struct error *e)
{
    struct kept_upload *k;
    struct upload_id id;
    if (!upload_in(d->location, &id))
        return OK;
    TRY(kept_upload(n, id, false, &k, e));
    if (!k->there)
        return OK;
    out->upload = id;
    out->network = k->u.network;
    out->uploader = k->u.uploader;
    return OK;
}

enum code notice_drafts_ahead(struct noticing *n, const struct notice_draft *drafts, size_t count,
                              struct error *e)
{
    struct upload_id ids[SQL_IDS_MOST];
    size_t at = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < drafts[i].item_count; k++) {
            if (!upload_in(drafts[i].items[k].location, &ids[at]))
                continue;
            if (++at == SQL_IDS_MOST) {
                TRY(kept_uploads_ahead(n, ids, at, false, e));
                at = 0;
            }
        }
    return kept_uploads_ahead(n, ids, at, false, e);
}

enum code notice_resolve(void *ctx, const struct draft_item *d, struct notice_item *out,
                         struct error *e)
{
    struct noticing *n = ctx;
    struct recording rec;
    struct error missing;
    bool found;
    if (d->kind == KIND_UPLOAD || d->kind == KIND_LINK)
        TRY(resolve_upload(n, d, out, e));
    if (d->isrc.length == 0)
        return OK;
    enum code code = str_starts(d->isrc, "rec_")
                         ? recording_id_parse(d->isrc, &out->recording, &missing)
                         : registry_recording_find(n->act.tx, n->world->catalogue, d->isrc,
                                                   &n->arena, &rec, &missing);
    if (str_starts(d->isrc, "rec_"))
        return OK;
    TRY(not_found_is_fine(code == ERR_INVALID ? ERR_NOT_FOUND : code, &missing, &found, e));
    if (found)
        out->recording = rec.id;
    return OK;
}

/* ---- rights ---- */

static bool grants(const struct licence *l, struct network_id network, struct instant now)
{
    if (now.us < l->from.us || now.us >= l->until.us || !(l->uses & USE_BIT(USE_STREAM)) ||
        l->clip_seconds > 0)
        return false;
    for (size_t i = 0; i < l->network_count; i++)
        if (network_id_equal(l->networks[i], network))
            return true;
    return l->network_count == 0;
}

/* Is all of `where` licensed by the party to this network? The licence that says so. */
static enum code licensed(struct noticing *n, struct party_id party, struct network_id network,
                          const struct territory_set *where, const struct licence **out,
                          struct error *e)
{
    struct kept_party *k;
    *out = NULL;
    TRY(kept_party(n, party, &k, e));
    for (size_t i = 0; i < k->count && !*out; i++) {
        const struct licence *l = &k->licences[i];
        bool covers = grants(l, network, n->act.now);
        for (int b = 0; b < 4; b++)
            covers = covers && (where->bits[b] & ~l->territories.bits[b]) == 0;
        if (covers)
            *out = l;
    }
    return OK;
}

/* ---- the sender ---- */

enum code notice_sender_facts(struct noticing *n, const struct notice_item *item,
                              const struct notice *x, struct item_facts *f, struct error *e)
{
    struct sender *s;
    struct kept_standing *k;
    TRY(desk_sender(&n->act, item->sender, &s, e));
    TRY(kept_mandate(n, s, x, &f->mandate, e));
    TRY(kept_standing(n, s, x->party, f->mandate, &k, e));
    f->suspended = s->state == SENDER_SUSPENDED;
    f->trusted = s->trusted;
    f->order = regime_is_order(x->regime, x->channel);
    f->verified = (s->proofs & PROOF_MAILBOX) && (s->proofs & (PROOF_DOMAIN | PROOF_KEY)) &&
                  f->mandate && !party_id_is_none(x->party);
    f->standing_low = k->low;
    f->patterns = k->patterns;
    f->over_cap = s->unseen >= k->caps.unseen_per_sender;
    if (!f->over_cap && f->verified) {
        struct kept_target *t;
        TRY(kept_target(n, item, &t, e));
        f->over_cap = t && t->unseen >= k->caps.unseen_per_target;
    }
    return OK;
}

/* ---- the item ---- */

/* An earlier request for the same upload: by the same principal it is a duplicate, by another it
 * tells that the item is down. */
static void earlier(const struct kept_upload *k, const struct notice_item *item,
                    const struct notice *x, struct item_found *out)
{
    enum { MOST = 20 };
    size_t seen = 0;
    for (size_t i = 0; i < k->asked_count && seen < MOST; i++) {
        const struct asked *a = &k->asked[i];
        if (memcmp(a->item.bytes, item->id.bytes, ID_BYTES) >= 0)
            return;
        if (item_is_turned_down(a->state))
            continue; /* meanwhile */
        seen++;
        bool same = party_id_is_none(x->party) ? sender_id_equal(a->sender, item->sender)
                                               : party_id_equal(a->party, x->party);
        if (same && !out->facts.duplicate) {
            out->facts.duplicate = true;
            out->canonical = a->item;
        }
        if (item_is_restricted(a->state) && !out->facts.restricted_already) {
            out->restricted_by = a->item;
            out->facts.restricted_already = true;
        }
    }
}

static void keep_evidence(struct noticing *n, const struct media_match *m, const struct upload *u,
                          struct item_found *out)
{
    double p = m->p_false > 1e-300 ? m->p_false : 1e-300;
    out->has_evidence = true;
    out->facts.p_false_e12 = (int64_t)(p * 1e12);
    out->evidence = (struct item_evidence) {
        .id = evidence_id_make(n->act.now, n->act.chance),
        .recording = m->recording,
        .reference = m->reference,
        .upload_from_ms = m->upload_from_ms,
        .upload_to_ms = m->upload_to_ms,
        .reference_from_ms = m->reference_from_ms,
        .reference_to_ms = m->reference_to_ms,
        .speed_e6 = llround(m->speed * 1e6),
        .pitch_cents = llround(m->pitch_semitones * 100),
        .score_e6 = llround(m->score * 1e6),
        .p_false_log = llround(1000 * log10(p)),
        .engine = NOTICE_ENGINE,
        .audio = u->blob ? u->blob : "",
    };
}

/* Is the named work in it, or, where none is named, one in which the principal holds a share? The
 * best such match. */
static enum code by_ear(struct noticing *n, const struct notice_item *item, const struct notice *x,
                        const struct kept_upload *up, struct item_found *out, struct error *e)
{
    const struct media_match *rows = up->matches, *best = NULL;
    size_t count = up->match_count;
    bool named = !recording_id_is_none(item->recording);
    for (size_t i = 0; i < count; i++) {
        bool is_it = named && recording_id_equal(rows[i].recording, item->recording);
        if (!named && !party_id_is_none(x->party)) {
            struct kept_recording *k;
            TRY(kept_recording(n, rows[i].recording, &k, e));
            for (size_t c = 0; c < k->count; c++)
                is_it = is_it || party_id_equal(k->claims[c].party, x->party);
        }
        if (is_it && (!best || rows[i].p_false < best->p_false))
            best = &rows[i];
    }
    out->facts.work_in_item = best != NULL;
    out->match_count = (int64_t)count;
    out->heard_ms = up->u.duration_ms;
    if (best)
        keep_evidence(n, best, &up->u, out);
    return OK;
}

static enum code prove_licence(struct noticing *n, const struct licence *l, struct item_found *out)
{
    char id[ID_TEXT];
    BUF(proof);
    struct json_out o = { &proof, false };
    json_begin(&o, '{');
    json_text(&o, "licence", licence_id_format(l->id, id));
    json_text(&o, "name", l->name);
    json_int(&o, "version", l->version);
    json_end(&o, '}');
    out->proof = str_copy(&n->arena, buf_as_str(&proof));
    return OK;
}

/* What the principal holds in it here, and what of that is licensed. */
static enum code rights(struct noticing *n, const struct notice_item *item, const struct notice *x,
                        struct item_found *out, struct error *e)
{
    struct kept_recording *k;
    const struct licence *l;
    struct recording_id rec = out->has_evidence ? out->evidence.recording : item->recording;
    out->facts.territory_met = true;
    if (recording_id_is_none(rec))
        return OK;
    TRY(kept_recording(n, rec, &k, e));
    out->facts.work_known = k->has_reference;
    if (party_id_is_none(x->party))
        return OK;
    const struct kept_share *share = kept_share(n, k, x->party);
    struct kept_network *network;
    struct territory_set held = share->held;
    TRY(kept_network(n, item->network, &network, e));
    out->facts.territory_met = territory_set_meet(&held, &network->open);
    out->closed = network->closed;
    out->held = share->text;
    for (int b = 0; b < 4; b++)
        held.bits[b] &= network->open.bits[b];
    if (!out->facts.territory_met)
        return OK;
    TRY(licensed(n, x->party, item->network, &held, &l, e));
    out->facts.licensed = l != NULL;
    return l ? prove_licence(n, l, out) : OK;
}

static enum code of_upload(struct noticing *n, const struct notice_item *item,
                           const struct notice *x, struct item_found *out, struct error *e)
{
    struct kept_upload *k;
    char id[ID_TEXT];
    TRY(kept_upload(n, item->upload, true, &k, e));
    if (!k->there)
        return fail(e, ERR_NOT_FOUND, "there is no upload %s", upload_id_format(item->upload, id));
    out->blob = k->u.blob;
    out->facts.is_upload = true;
    out->facts.gone = k->u.state == UPLOAD_WITHDRAWN;
    out->facts.heard = k->u.state == UPLOAD_HEARD && !k->u.heard_in_part;
    out->facts.own_content = !party_id_is_none(x->party) && party_id_equal(k->account, x->party);
    earlier(k, item, x, out);
    TRY(by_ear(n, item, x, k, out, e));
    if (!out->facts.mandate)
        TRY(notice_patterns_here(n, item, x, &k->u, out->facts.own_content, &out->facts.patterns,
                                 e));
    return rights(n, item, x, out, e);
}

/* What the above will ask of rights, asked before there is something to write. */
enum code notice_rights_ahead(struct noticing *n, const struct notice_item *item,
                              const struct notice *x, bool mandate, struct error *e)
{
    struct kept_recording *r;
    struct kept_party *p;
    struct kept_network *w;
    struct kept_upload *k = NULL;
    unsigned ignored = 0;
    if (upload_id_is_none(item->upload))
        return OK;
    if (!party_id_is_none(x->party))
        TRY(kept_party(n, x->party, &p, e));
    if (!network_id_is_none(item->network))
        TRY(kept_network(n, item->network, &w, e));
    if (!recording_id_is_none(item->recording))
        TRY(kept_recording(n, item->recording, &r, e));
    TRY(kept_upload(n, item->upload, true, &k, e));
    for (size_t i = 0; k->there && i < k->match_count; i++)
        TRY(kept_recording(n, k->matches[i].recording, &r, e));
    return mandate ? OK : notice_patterns_here(n, item, x, NULL, false, &ignored, e);
}

/* A link to a host that is none of ours (desk.hosts; any is, where none is set). */
static bool is_elsewhere(const struct world *w, struct str location)
{
    struct str hosts = str_of(settings_text(w->settings, "desk.hosts")), one;
    const char *host = location.length ? memmem(location.at, location.length, "://", 3) : NULL;
    if (!hosts.length || !host)
        return false;
    host += 3;
    size_t left = (size_t)(location.at + location.length - host), n = 0;
    while (n < left && !strchr("/:?#", host[n]))
        n++;
    while (str_split(&hosts, ' ', &one))
        if (one.length == n && strncasecmp(one.at, host, n) == 0)
            return false;
    return true;
}

enum code notice_facts(struct noticing *n, const struct notice_item *item, struct item_found *out,
                       struct error *e)
{
    struct notice *x;
    *out = (struct item_found) { .proof = "" };
    TRY(desk_notice(&n->act, item->notice, &x, e));
    TRY(notice_sender_facts(n, item, x, &out->facts, e));
    out->principal = x->party;
    if (is_elsewhere(n->world, str_of(item->location))) {
        out->facts.ours = false;
        return OK;
    }
    out->facts.ours = !upload_id_is_none(item->upload) || item->kind == KIND_APP_CLIENT ||
                      item->kind == KIND_PROFILE || item->kind == KIND_PLAYLIST;
    return upload_id_is_none(item->upload) ? OK : of_upload(n, item, x, out, e);
}
