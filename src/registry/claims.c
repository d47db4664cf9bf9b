/* SPDX-License-Identifier: Apache-2.0 */
/* Claims in the store. A withdrawn claim stays as a row: what was believed is not forgotten. */
#include "registry/rows.h"

#define COLUMNS                                                                                    \
    "id, recording, party, version, \"right\", share_e8, territories, from_us, until_us, filed_us"

static enum code read_claim(const struct store_rows *r, struct claim *c, struct error *e)
{
    *c = (struct claim) { .version = store_int(r, 3), .share_e8 = store_int(r, 5) };
    store_id(r, 0, c->id.bytes);
    store_id(r, 1, c->recording.bytes);
    store_id(r, 2, c->party.bytes);
    c->from = store_instant(r, 7);
    c->until = store_instant(r, 8);
    c->filed = store_instant(r, 9);
    TRY(right_parse(store_text(r, 4), &c->right, e));
    return territory_set_parse(store_text(r, 6), &c->territories, NULL, e);
}

void registry_claim_json(const struct claim *c, struct json_out *o)
{
    ARENA(a);
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", claim_id_format(c->id, id));
    json_text(o, "recording", recording_id_format(c->recording, id));
    json_text(o, "party", party_id_format(c->party, id));
    json_int(o, "version", c->version);
    json_text(o, "right", right_word(c->right));
    json_int(o, "share_e8", c->share_e8);
    json_text(o, "territories", territory_set_text(&c->territories, &a));
    json_instant(o, "from", c->from);
    json_instant(o, "until", c->until);
    json_instant(o, "filed", c->filed);
    json_end(o, '}');
}

static enum code by_id(struct store_tx *tx, struct party_id catalogue, struct claim_id id,
                       struct claim *out, bool *found, struct error *e)
{
    owned(store_rows) rows = NULL;
    TRY(store_one(tx,
                  "SELECT " COLUMNS " FROM registry_claims WHERE catalogue = $1 AND id = $2 AND "
                  "withdrawn = 0",
                  SQL(sql_id(catalogue), sql_id(id)), &rows, found, e));
    return *found ? read_claim(rows, out, e) : OK;
}

static enum code no_claim(struct claim_id id, struct error *e)
{
    char text[ID_TEXT];
    return fail(e, ERR_NOT_FOUND, "there is no claim %s", claim_id_format(id, text));
}

enum code registry_claim_get(struct store_tx *tx, struct party_id catalogue, struct claim_id id,
                             struct arena *a, struct claim *out, struct error *e)
{
    bool found;
    (void)a;
    TRY(by_id(tx, catalogue, id, out, &found, e));
    return found ? OK : no_claim(id, e);
}

enum code registry_claim_list(struct store_tx *tx, struct party_id catalogue,
                              struct recording_id recording, struct party_id party,
                              struct claim_id after, size_t limit, struct arena *a,
                              struct claim **out, size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    struct row_list list = { .arena = a, .size = sizeof(struct claim) };
    bool more;
    const char *all = "SELECT " COLUMNS " FROM registry_claims WHERE catalogue = $1 AND id > $2 "
                      "AND withdrawn = 0 ORDER BY id LIMIT $3";
    const char *of_recording = "SELECT " COLUMNS " FROM registry_claims WHERE catalogue = $1 AND "
                               "id > $2 AND recording = $4 AND withdrawn = 0 ORDER BY id LIMIT $3";
    const char *of_party = "SELECT " COLUMNS " FROM registry_claims WHERE catalogue = $1 AND "
                           "id > $2 AND party = $4 AND withdrawn = 0 ORDER BY id LIMIT $3";
    const char *of_both = "SELECT " COLUMNS " FROM registry_claims WHERE catalogue = $1 AND "
                          "id > $2 AND recording = $4 AND party = $5 AND withdrawn = 0 "
                          "ORDER BY id LIMIT $3";
    const struct sql_value values[] = { sql_id(catalogue), sql_id(after), sql_int((int64_t)limit),
                                        sql_id(recording), sql_id(party) };
    bool r = !recording_id_is_none(recording), p = !party_id_is_none(party);
    const struct sql_value of_party_values[] = { values[0], values[1], values[2], values[4] };
    TRY(store_query(tx,
                    r && p ? of_both
                    : r    ? of_recording
                    : p    ? of_party
                           : all,
                    p && !r ? of_party_values : values,
                    r && p   ? 5
                    : r || p ? 4
                             : 3,
                    &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        TRY(read_claim(rows, row_list_add(&list), e));
    }
    *out = list.items;
    *count = list.count;
    return OK;
}

static enum code check_claim(const struct registry_act *act, const struct claim *c, struct error *e)
{
    ARENA(a);
    struct recording recording;
    struct party party;
    if (c->share_e8 <= 0 || c->share_e8 > SHARE_WHOLE_E8)
        return fail(e, ERR_INVALID, "share %lld is not within 1 and %lld (the whole)",
                    (long long)c->share_e8, SHARE_WHOLE_E8);
    if (territory_set_is_empty(&c->territories))
        return fail(e, ERR_INVALID, "territories are missing");
    if (!instant_before(c->from, c->until))
        return fail(e, ERR_INVALID, "until is not after from");
    TRY(registry_recording_get(act->tx, act->catalogue, c->recording, &a, &recording, e));
    return registry_party_get(act->tx, act->catalogue, c->party, &a, &party, e);
}

enum code registry_claim_put(const struct registry_act *act, struct claim *c, struct error *e)
{
    ARENA(a);
    BUF(before);
    BUF(after);
    char text[ID_TEXT];
    struct claim new = *c, old;
    bool found = false;
    TRY(check_claim(act, &new, e));
    if (claim_id_is_none(new.id))
        new.id = claim_id_make(act->now, act->chance);
    else
        TRY(by_id(act->tx, act->catalogue, new.id, &old, &found, e));
    if (found) {
        TRY(row_version("claim", old.version, c->version, e));
        struct json_out o = { &before, false };
        registry_claim_json(&old, &o);
    }
    new.version = found ? old.version + 1 : 1;
    if (new.filed.us == 0)
        new.filed = found ? old.filed : act->now;
    TRY(store_run(act->tx,
                  "INSERT INTO registry_claims (catalogue, " COLUMNS ", withdrawn) VALUES ($1, "
                  "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0) ON CONFLICT (catalogue, id) DO "
                  "UPDATE SET recording = excluded.recording, party = excluded.party, "
                  "version = excluded.version, \"right\" = excluded.\"right\", "
                  "share_e8 = excluded.share_e8, territories = excluded.territories, "
                  "from_us = excluded.from_us, until_us = excluded.until_us, "
                  "filed_us = excluded.filed_us, withdrawn = 0",
                  SQL(sql_id(act->catalogue), sql_id(new.id), sql_id(new.recording),
                      sql_id(new.party), sql_int(new.version), sql_text(right_word(new.right)),
                      sql_int(new.share_e8), sql_text(territory_set_text(&new.territories, &a)),
                      sql_instant(new.from), sql_instant(new.until), sql_instant(new.filed)),
                  NULL, e));
    struct json_out o = { &after, false };
    registry_claim_json(&new, &o);
    TRY(registry_note(act, found ? "claim.changed" : "claim.added", claim_id_format(new.id, text),
                      &before, &after, e));
    c->id = new.id;
    c->version = new.version;
    c->filed = new.filed;
    return OK;
}

enum code registry_claim_withdraw(const struct registry_act *act, struct claim_id id,
                                  struct error *e)
{
    BUF(before);
    char text[ID_TEXT];
    struct claim old;
    bool found;
    TRY(by_id(act->tx, act->catalogue, id, &old, &found, e));
    if (!found)
        return no_claim(id, e);
    TRY(store_run(act->tx,
                  "UPDATE registry_claims SET withdrawn = 1, version = version + 1 "
                  "WHERE catalogue = $1 AND id = $2",
                  SQL(sql_id(act->catalogue), sql_id(id)), NULL, e));
    struct json_out o = { &before, false };
    registry_claim_json(&old, &o);
    return registry_note(act, "claim.withdrawn", claim_id_format(id, text), &before, NULL, e);
}
