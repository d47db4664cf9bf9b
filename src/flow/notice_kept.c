/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what with which recording, and how a sender stands: asked once a transaction, for it
 * changes seldom. Small tables with chains; the few parties and senders of a batch are found at once. */
#include "flow/notice_kept.h"

enum { LICENCES_MOST = 1000, CLAIMS_MOST = 200, REFERENCES_MOST = 100 };

struct notice_caches *notice_caches(struct noticing *n)
{
    if (!n->caches) {
        n->caches = ARENA_NEW(&n->arena, struct notice_caches);
        n->caches->round = 1;
    }
    return n->caches;
}

/* ---- rights ---- */

static enum code first_release(struct noticing *n, struct kept_recording *k, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(n->act.tx,
                  "SELECT MIN(r.from_us) FROM registry_tracks t JOIN registry_releases r ON "
                  "r.catalogue = t.catalogue AND r.id = t.release WHERE t.catalogue = $1 AND "
                  "t.recording = $2 AND t.withdrawn = 0 AND r.withdrawn = 0",
                  SQL(sql_id(n->world->catalogue), sql_id(k->recording)), &r, &found, e));
    k->has_release = found && !store_is_null(r, 0);
    if (k->has_release)
        k->released = store_instant(r, 0);
    return OK;
}

enum code kept_recording(struct noticing *n, struct recording_id id, struct kept_recording **out,
                         struct error *e)
{
    struct kept_recording **slot = &notice_caches(n)->recordings[kept_at(id.bytes)];
    for (struct kept_recording *k = *slot; k; k = k->next)
        if (recording_id_equal(k->recording, id)) {
            *out = k;
            return OK;
        }
    struct kept_recording *k = ARENA_NEW(&n->arena, struct kept_recording);
    struct reference *refs;
    size_t ref_count;
    k->recording = id;
    TRY(registry_claim_list(n->act.tx, n->world->catalogue, id, (struct party_id) { { 0 } },
                            (struct claim_id) { { 0 } }, CLAIMS_MOST, &n->arena, &k->claims,
                            &k->count, e));
    TRY(registry_reference_list(n->act.tx, n->world->catalogue, id, REFERENCE_STATE_COUNT,
                                (struct reference_id) { { 0 } }, REFERENCES_MOST, &n->arena, &refs,
                                &ref_count, e));
    TRY(first_release(n, k, e));
    for (size_t i = 0; i < ref_count; i++)
        k->has_reference |= refs[i].state == REFERENCE_INDEXED;
    k->next = *slot;
    *slot = k;
    *out = k;
    return OK;
}

enum code kept_party(struct noticing *n, struct party_id id, struct kept_party **out,
                     struct error *e)
{
    struct kept_party **slot = &notice_caches(n)->parties[kept_at(id.bytes)];
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

enum code kept_network(struct noticing *n, struct network_id id, struct kept_network **out,
                       struct error *e)
{
    struct kept_network **slot = &notice_caches(n)->networks[kept_at(id.bytes)];
    struct network row;
    for (struct kept_network *k = *slot; k; k = k->next)
        if (network_id_equal(k->network, id)) {
            *out = k;
            return OK;
        }
    TRY(access_network_get(n->act.tx, id, &n->arena, &row, e));
    struct kept_network *k = ARENA_NEW(&n->arena, struct kept_network);
    *k = (struct kept_network) {
        .next = *slot, .network = id, .closed = row.closed, .open = territory_set_world()
    };
    if (row.closed[0]) {
        struct territory_set closed;
        TRY(territory_set_parse(str_of(row.closed), &closed, NULL, e));
        for (int b = 0; b < 4; b++)
            k->open.bits[b] &= ~closed.bits[b];
    }
    *slot = k;
    *out = k;
    return OK;
}

/* Where the party holds anything in the recording now. */
const struct kept_share *kept_share(struct noticing *n, struct kept_recording *k,
                                    struct party_id party)
{
    for (const struct kept_share *s = k->shares; s; s = s->next)
        if (party_id_equal(s->party, party))
            return s;
    struct kept_share *s = ARENA_NEW(&n->arena, struct kept_share);
    const struct instant now = n->act.now;
    BUF(text);
    for (size_t i = 0; i < k->count; i++) {
        const struct claim *c = &k->claims[i];
        if (!party_id_equal(c->party, party) || now.us < c->from.us || now.us >= c->until.us)
            continue;
        for (int b = 0; b < 4; b++)
            s->held.bits[b] |= c->territories.bits[b];
    }
    territory_set_format(&s->held, &text);
    s->text = str_copy(&n->arena, buf_as_str(&text));
    s->party = party;
    s->next = k->shares;
    k->shares = s;
    return s;
}

/* ---- senders ---- */

struct kept_principal **kept_principal_slot(struct noticing *n, struct str words)
{
    uint64_t h = str_hash(words);
    return &notice_caches(n)->principals[(h ^ h >> 32) % KEPT_BUCKETS];
}

enum code kept_standing(struct noticing *n, const struct sender *s, struct party_id party,
                        bool mandate, struct kept_standing **out, struct error *e)
{
    struct kept_standing **slot = &notice_caches(n)->standings[kept_at(s->id.bytes)];
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

enum code kept_mandate(struct noticing *n, const struct sender *s, const struct notice *x,
                       bool *has, struct error *e)
{
    if (party_id_is_none(x->party)) {
        *has = x->principal[0] == '\0'; /* for oneself; for another nobody knows, not */
        return OK;
    }
    *has = party_id_equal(s->party, x->party);
    if (*has)
        return OK;
    struct kept_mandate **slot = &notice_caches(n)->mandates[kept_at(s->id.bytes)];
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
