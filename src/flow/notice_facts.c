/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of an item: where it is, what is heard in it, who may do what with that. */
#include "flow/notice_inside.h"

#include <math.h>
#include <strings.h>

/* Kept for the length of a transaction: grants of a party here, claims in a recording, a sender's
 * lower bound. Small tables with chains; the few parties and senders of a batch are found at once. */
enum { BUCKETS = 4096, LICENCES_MOST = 1000, CLAIMS_MOST = 200, REFERENCES_MOST = 100 };

struct kept_party {
    struct kept_party *next;
    struct party_id party;
    struct licence *licences;
    size_t count;
};
struct kept_recording {
    struct kept_recording *next;
    struct recording_id recording;
    struct claim *claims;
    size_t count;
    bool has_reference;
};
struct kept_standing {
    struct kept_standing *next;
    struct sender_id sender;
    int low;
    struct caps caps;
    unsigned patterns;
};
struct kept_mandate {
    struct kept_mandate *next;
    struct sender_id sender;
    struct party_id party;
    bool has;
};
struct notice_caches {
    struct kept_party *parties[BUCKETS];
    struct kept_recording *recordings[BUCKETS];
    struct kept_standing *standings[BUCKETS];
    struct kept_mandate *mandates[BUCKETS];
};

static struct notice_caches *caches(struct noticing *n)
{
    if (!n->caches)
        n->caches = ARENA_NEW(&n->arena, struct notice_caches);
    return n->caches;
}

static size_t at(const uint8_t id[ID_BYTES])
{
    return (size_t)(id[15] | id[14] << 8) % BUCKETS;
}

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
        enum code code = registry_party_find(n->act.tx, n->world->catalogue, d->principal,
                                             &n->arena, &p, &missing);
        TRY(not_found_is_fine(code, &missing, &found, e));
        if (found)
            *out = p.id;
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
    struct upload u;
    struct error missing;
    struct upload_id id;
    bool found;
    if (!upload_in(d->location, &id))
        return OK;
    enum code code = media_upload_get(n->act.tx, (struct network_id) { { 0 } }, id, &n->arena, &u,
                                      &missing);
    TRY(not_found_is_fine(code, &missing, &found, e));
    if (!found)
        return OK;
    out->upload = id;
    out->network = u.network;
    out->uploader = u.uploader;
    return OK;
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

static enum code recording_of(struct noticing *n, struct recording_id id,
                              struct kept_recording **out, struct error *e)
{
    struct kept_recording **slot = &caches(n)->recordings[at(id.bytes)];
    for (struct kept_recording *k = *slot; k; k = k->next)
        if (recording_id_equal(k->recording, id)) {
            *out = k;
            return OK;
        }
    struct kept_recording *k = ARENA_NEW(&n->arena, struct kept_recording);
    struct reference *refs;
    size_t ref_count;
    TRY(registry_claim_list(n->act.tx, n->world->catalogue, id, (struct party_id) { { 0 } },
                            (struct claim_id) { { 0 } }, CLAIMS_MOST, &n->arena, &k->claims,
                            &k->count, e));
    TRY(registry_reference_list(n->act.tx, n->world->catalogue, id, REFERENCE_STATE_COUNT,
                                (struct reference_id) { { 0 } }, REFERENCES_MOST, &n->arena, &refs,
                                &ref_count, e));
    for (size_t i = 0; i < ref_count; i++)
        k->has_reference |= refs[i].state == REFERENCE_INDEXED;
    k->recording = id;
    k->next = *slot;
    *slot = k;
    *out = k;
    return OK;
}

static enum code party_of(struct noticing *n, struct party_id id, struct kept_party **out,
                          struct error *e)
{
    struct kept_party **slot = &caches(n)->parties[at(id.bytes)];
    for (struct kept_party *k = *slot; k; k = k->next)
        if (party_id_equal(k->party, id)) {
            *out = k;
            return OK;
        }
    struct kept_party *k = ARENA_NEW(&n->arena, struct kept_party);
    TRY(licence_list(n->act.tx, n->world->catalogue, id, (struct licence_id) { { 0 } },
                     LICENCES_MOST, &n->arena, &k->licences, &k->count, e));
    k->party = id;
    k->next = *slot;
    *slot = k;
    *out = k;
    return OK;
}

/* Where the principal holds anything in the recording now. */
static struct territory_set held_in(const struct kept_recording *k, struct party_id party,
                                    struct instant now)
{
    struct territory_set s = { { 0 } };
    for (size_t i = 0; i < k->count; i++) {
        const struct claim *c = &k->claims[i];
        if (!party_id_equal(c->party, party) || now.us < c->from.us || now.us >= c->until.us)
            continue;
        for (int b = 0; b < 4; b++)
            s.bits[b] |= c->territories.bits[b];
    }
    return s;
}

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
    TRY(party_of(n, party, &k, e));
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

static enum code standing_of(struct noticing *n, const struct sender *s, struct party_id party,
                             bool mandate, struct kept_standing **out, struct error *e)
{
    struct kept_standing **slot = &caches(n)->standings[at(s->id.bytes)];
    for (struct kept_standing *k = *slot; k; k = k->next)
        if (sender_id_equal(k->sender, s->id)) {
            *out = k;
            return OK;
        }
    struct kept_standing *k = ARENA_NEW(&n->arena, struct kept_standing);
    struct standing now = standing_at(s->standing, n->act.now);
    k->sender = s->id;
    k->low = standing_low(now);
    k->caps = standing_caps(now, s->proofs, s->trusted);
    TRY(notice_patterns(n, s, party, mandate, &k->patterns, e));
    k->next = *slot;
    *slot = k;
    *out = k;
    return OK;
}

static enum code mandate_of(struct noticing *n, const struct sender *s, const struct notice *x,
                            bool *has, struct error *e)
{
    if (party_id_is_none(x->party)) {
        *has = x->principal[0] == '\0'; /* for oneself; for another nobody knows, not */
        return OK;
    }
    *has = party_id_equal(s->party, x->party);
    if (*has)
        return OK;
    struct kept_mandate **slot = &caches(n)->mandates[at(s->id.bytes)];
    for (struct kept_mandate *k = *slot; k; k = k->next)
        if (sender_id_equal(k->sender, s->id) && party_id_equal(k->party, x->party)) {
            *has = k->has;
            return OK;
        }
    TRY(desk_mandate_has(n->act.tx, s->id, x->party, n->act.now, has, e));
    struct kept_mandate *k = ARENA_NEW(&n->arena, struct kept_mandate);
    *k = (struct kept_mandate) { *slot, s->id, x->party, *has };
    *slot = k;
    return OK;
}

static enum code of_sender(struct noticing *n, const struct notice_item *item, struct notice *x,
                           struct item_facts *f, struct error *e)
{
    struct sender *s;
    struct kept_standing *k;
    TRY(desk_sender(&n->act, item->sender, &s, e));
    TRY(mandate_of(n, s, x, &f->mandate, e));
    TRY(standing_of(n, s, x->party, f->mandate, &k, e));
    f->suspended = s->state == SENDER_SUSPENDED;
    f->trusted = s->trusted;
    f->order = regime_is_order(x->regime, x->channel);
    f->verified = (s->proofs & PROOF_MAILBOX) && (s->proofs & (PROOF_DOMAIN | PROOF_KEY)) &&
                  f->mandate && !party_id_is_none(x->party);
    f->standing_low = k->low;
    f->patterns = k->patterns;
    f->over_cap = s->unseen >= k->caps.unseen_per_sender;
    if (!f->over_cap && f->verified) {
        int64_t unseen;
        TRY(notice_unseen_of_target(n, item, &unseen, e));
        f->over_cap = unseen >= k->caps.unseen_per_target;
    }
    return OK;
}

/* ---- the item ---- */

/* An earlier request for the same upload: by the same principal it is a duplicate, by another it
 * tells that the item is down. */
static enum code earlier(struct noticing *n, const struct notice_item *item, const struct notice *x,
                         struct item_found *out, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_query(n->act.tx,
                    "SELECT i.id, i.state, n.party, i.sender FROM desk_items i JOIN desk_notices n "
                    "ON n.id = i.notice WHERE i.upload = $1 AND i.id < $2 AND i.state NOT IN "
                    "('waiting', 'declined', 'final_declined', 'withdrawn', 'restored', "
                    "'final_restored', 'cured') ORDER BY i.id LIMIT 20",
                    SQL(sql_id(item->upload), sql_id(item->id)), &r, e));
    for (;;) {
        bool more;
        enum item_state state;
        struct party_id party;
        struct sender_id sender;
        TRY(store_next(r, &more, e));
        if (!more)
            return OK;
        TRY(item_state_parse(store_text(r, 1), &state, e));
        store_id(r, 2, party.bytes);
        store_id(r, 3, sender.bytes);
        bool same = party_id_is_none(x->party) ? sender_id_equal(sender, item->sender)
                                               : party_id_equal(party, x->party);
        if (same && !out->facts.duplicate) {
            out->facts.duplicate = true;
            store_id(r, 0, out->canonical.bytes);
        }
        if (item_is_restricted(state) && !out->facts.restricted_already)
            store_id(r, 0, out->restricted_by.bytes);
        out->facts.restricted_already |= item_is_restricted(state);
    }
}

static enum code own_content(struct noticing *n, const struct upload *u, struct party_id party,
                             bool *own, struct error *e)
{
    struct user user;
    struct error missing;
    bool found;
    *own = false;
    if (!u->uploader || party_id_is_none(party))
        return OK;
    enum code code = access_user_find(n->act.tx, u->network, str_of(u->uploader), &n->arena, &user,
                                      &missing);
    TRY(not_found_is_fine(code, &missing, &found, e));
    *own = found && party_id_equal(user.party, party);
    return OK;
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
                        const struct upload *u, struct item_found *out, struct error *e)
{
    struct media_match *rows;
    size_t count;
    const struct media_match *best = NULL;
    TRY(media_match_list(n->act.tx, u->id, &n->arena, &rows, &count, e));
    bool named = !recording_id_is_none(item->recording);
    for (size_t i = 0; i < count; i++) {
        bool is_it = named && recording_id_equal(rows[i].recording, item->recording);
        if (!named && !party_id_is_none(x->party)) {
            struct kept_recording *k;
            TRY(recording_of(n, rows[i].recording, &k, e));
            for (size_t c = 0; c < k->count; c++)
                is_it = is_it || party_id_equal(k->claims[c].party, x->party);
        }
        if (is_it && (!best || rows[i].p_false < best->p_false))
            best = &rows[i];
    }
    out->facts.work_in_item = best != NULL;
    out->match_count = (int64_t)count;
    out->heard_ms = u->duration_ms;
    if (best)
        keep_evidence(n, best, u, out);
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

static const char *set_text(struct noticing *n, const struct territory_set *set)
{
    BUF(text);
    territory_set_format(set, &text);
    return str_copy(&n->arena, buf_as_str(&text));
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
    TRY(recording_of(n, rec, &k, e));
    out->facts.work_known = k->has_reference;
    if (party_id_is_none(x->party))
        return OK;
    struct territory_set held = held_in(k, x->party, n->act.now);
    struct network network;
    struct territory_set open = territory_set_world();
    TRY(access_network_get(n->act.tx, item->network, &n->arena, &network, e));
    if (network.closed[0]) {
        struct territory_set closed;
        TRY(territory_set_parse(str_of(network.closed), &closed, NULL, e));
        for (int b = 0; b < 4; b++)
            open.bits[b] &= ~closed.bits[b];
    }
    out->facts.territory_met = territory_set_meet(&held, &open);
    out->closed = network.closed;
    out->held = set_text(n, &held);
    for (int b = 0; b < 4; b++)
        held.bits[b] &= open.bits[b];
    if (!out->facts.territory_met)
        return OK;
    TRY(licensed(n, x->party, item->network, &held, &l, e));
    out->facts.licensed = l != NULL;
    return l ? prove_licence(n, l, out) : OK;
}

static enum code of_upload(struct noticing *n, const struct notice_item *item,
                           const struct notice *x, struct item_found *out, struct error *e)
{
    struct upload u;
    TRY(media_upload_get(n->act.tx, item->network, item->upload, &n->arena, &u, e));
    out->blob = u.blob;
    out->facts.is_upload = true;
    out->facts.gone = u.state == UPLOAD_WITHDRAWN;
    out->facts.heard = u.state == UPLOAD_HEARD && !u.heard_in_part;
    TRY(earlier(n, item, x, out, e));
    TRY(own_content(n, &u, x->party, &out->facts.own_content, e));
    TRY(by_ear(n, item, x, &u, out, e));
    if (!out->facts.mandate)
        TRY(notice_patterns_here(n, item, x, &u, out->facts.own_content, &out->facts.patterns, e));
    return rights(n, item, x, out, e);
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
    TRY(of_sender(n, item, x, &out->facts, e));
    out->principal = x->party;
    if (is_elsewhere(n->world, str_of(item->location))) {
        out->facts.ours = false;
        return OK;
    }
    out->facts.ours = !upload_id_is_none(item->upload) || item->kind == KIND_APP_CLIENT ||
                      item->kind == KIND_PROFILE || item->kind == KIND_PLAYLIST;
    return upload_id_is_none(item->upload) ? OK : of_upload(n, item, x, out, e);
}
