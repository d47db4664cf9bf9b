/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks of abuse look at: of a sender once a transaction, of a notice and an item each time. */
#include "flow/notice_kept.h"

#define DAYS_US(n) ((n)*INT64_C(86400000000))

/* ---- of a sender ---- */

static enum code known_domain(struct noticing *n, struct party_id party, struct str *out,
                              struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    *out = STR("");
    if (party_id_is_none(party))
        return OK;
    TRY(store_one(n->act.tx,
                  "SELECT domain FROM desk_senders WHERE party = $1 AND proofs % 4 >= 2 ORDER BY "
                  "id LIMIT 1",
                  SQL(sql_id(party)), &r, &found, e));
    if (found)
        *out = str_of(str_copy(&n->arena, store_text(r, 0)));
    return OK;
}

static enum code counts_today(struct noticing *n, const struct sender *s, struct pattern_facts *f,
                              struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(n->act.tx,
                  "SELECT COUNT(*), COUNT(DISTINCT i.uploader), "
                  "SUM(CASE WHEN i.state = 'declined' AND i.held_reason = 'work_not_in_item' THEN "
                  "1 ELSE 0 END) FROM desk_notices n JOIN desk_items i ON i.notice = n.id WHERE "
                  "n.sender = $1 AND n.received > $2",
                  SQL(sql_id(s->id), sql_int(n->act.now.us - DAYS_US(1))), &r, &found, e));
    f->items_today = store_int(r, 0);
    f->target_accounts = store_int(r, 1);
    f->not_in_item = store_int(r, 2);
    store_rows_free(take(r));
    TRY(store_one(n->act.tx,
                  "SELECT COUNT(*) FROM desk_notices n JOIN desk_items i ON i.notice = n.id WHERE "
                  "n.sender = $1 AND n.received > $2 AND i.uploader IS NOT NULL GROUP BY "
                  "i.uploader ORDER BY 1 DESC LIMIT 1",
                  SQL(sql_id(s->id), sql_int(n->act.now.us - DAYS_US(1))), &r, &found, e));
    f->targets_most = found ? store_int(r, 0) : 0;
    return OK;
}

/* Counter-notices of the last 30 days, and of the 30 before. */
static enum code counters(struct noticing *n, const struct sender *s, struct pattern_facts *f,
                          struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    if (s->countered < 5)
        return OK;
    TRY(store_one(
        n->act.tx,
        "SELECT SUM(CASE WHEN c.received > $2 THEN 1 ELSE 0 END), SUM(CASE WHEN "
        "c.received <= $2 THEN 1 ELSE 0 END) FROM desk_items i JOIN desk_counters c ON "
        "c.item = i.id WHERE i.sender = $1 AND i.uploader IS NOT NULL AND c.received > $3",
        SQL(sql_id(s->id), sql_int(n->act.now.us - DAYS_US(30)),
            sql_int(n->act.now.us - DAYS_US(60))),
        &r, &found, e));
    f->countered = store_is_null(r, 0) ? 0 : store_int(r, 0);
    f->countered_before = store_is_null(r, 1) ? 0 : store_int(r, 1);
    return OK;
}

enum code notice_patterns(struct noticing *n, const struct sender *s, struct party_id party,
                          bool mandate, unsigned *out, struct error *e)
{
    struct pattern_facts f = { .sender_domain = str_of(s->domain),
                               .mandate_proven = mandate,
                               .acts_for_known_principal = !party_id_is_none(party),
                               .judged = s->accepted + s->declined,
                               .days_known = (n->act.now.us - s->first_seen.us) / DAYS_US(1) };
    *out = 0;
    if (mandate)
        return OK;
    TRY(known_domain(n, party, &f.principal_domain, e));
    TRY(counts_today(n, s, &f, e));
    TRY(counters(n, s, &f, e));
    *out = patterns_found(&f);
    return OK;
}

/* ---- of a notice ---- */

static enum code same_from_others(struct noticing *n, const struct notice *x,
                                  struct pattern_facts *f, struct error *e)
{
    struct kept_asks **slot = &notice_caches(n)->asks[kept_at(x->id.bytes)];
    owned(store_rows) r = NULL;
    bool found;
    for (const struct kept_asks *k = *slot; k; k = k->next)
        if (notice_id_equal(k->notice, x->id)) {
            f->same_text_senders = k->senders;
            return OK;
        }
    TRY(store_one(n->act.tx,
                  "SELECT COUNT(DISTINCT b.sender) FROM desk_notices a JOIN desk_notices b ON "
                  "b.asks_hash = a.asks_hash WHERE a.id = $1 AND b.received > $2",
                  SQL(sql_id(x->id), sql_int(n->act.now.us - DAYS_US(30))), &r, &found, e));
    f->same_text_senders = store_int(r, 0);
    struct kept_asks *k = ARENA_NEW(&n->arena, struct kept_asks);
    *k = (struct kept_asks) { *slot, x->id, f->same_text_senders };
    *slot = k;
    return OK;
}

/* A principal nobody knows, in letters of several scripts, who looks like one that is known. */
static enum code looks_like_known(struct noticing *n, const struct notice *x, bool *looks,
                                  struct error *e)
{
    enum { PAGE = 500 };
    struct party_id after = { { 0 } };
    struct party *page;
    size_t count = PAGE;
    *looks = false;
    if (!party_id_is_none(x->party) || !name_is_tricky(str_of(x->principal)))
        return OK;
    while (count == PAGE && !*looks) {
        TRY(registry_party_list(n->act.tx, n->world->catalogue, after, PAGE, &n->arena, &page,
                                &count, e));
        for (size_t i = 0; i < count && !*looks; i++) {
            *looks = name_looks_like(str_of(x->principal), str_of(page[i].name));
            after = page[i].id;
        }
    }
    return OK;
}

/* ---- of an item ---- */

/* The upload was here before the work came out: as far as the registry knows a release of it. */
static enum code older(struct noticing *n, const struct notice_item *item, const struct upload *u,
                       bool *is_older, struct error *e)
{
    struct kept_recording *k;
    *is_older = false;
    if (recording_id_is_none(item->recording))
        return OK;
    TRY(kept_recording(n, item->recording, &k, e));
    *is_older = k->has_release && k->released.us > u->received.us;
    return OK;
}

enum code notice_patterns_here(struct noticing *n, const struct notice_item *item,
                               const struct notice *x, const struct upload *u, bool own_account,
                               unsigned *out, struct error *e)
{
    struct pattern_facts f = { .own_account = own_account };
    TRY(same_from_others(n, x, &f, e));
    TRY(looks_like_known(n, x, &f.lookalike_name, e));
    if (u)
        TRY(older(n, item, u, &f.older_than_work, e));
    *out |= patterns_found(&f);
    return OK;
}
