/* SPDX-License-Identifier: Apache-2.0 */
/* Every claim on recordings in one right, one after the other: there may be ten million, so rows are
 * read without an arena, and a list of territories only where it differs from the one before. */
#include "registry/rows.h"

enum { PAGE_POSTGRESQL = 50000, PAGE_SQLITE = INT32_MAX };

struct reading_claims {
    struct buf territories; /* the text of the last one */
    struct claim claim;
    uint8_t after[ID_BYTES];
    int64_t after_version;
};

static enum code read_row(const struct store_rows *r, struct reading_claims *x, struct error *e)
{
    struct claim *c = &x->claim;
    struct str where = store_text(r, 4);
    store_id(r, 0, c->id.bytes);
    store_id(r, 1, c->recording.bytes);
    store_id(r, 2, c->party.bytes);
    c->share_e8 = store_int(r, 3);
    c->from = store_instant(r, 5);
    c->until = store_instant(r, 6);
    c->filed = store_instant(r, 7);
    c->version = store_int(r, 8);
    c->known = store_instant(r, 9);
    memcpy(x->after, c->id.bytes, ID_BYTES);
    x->after_version = c->version;
    if (x->territories.length == where.length && where.length &&
        memcmp(x->territories.bytes, where.at, where.length) == 0)
        return OK;
    buf_clear(&x->territories);
    buf_str(&x->territories, where);
    return territory_set_parse(where, &c->territories, NULL, e);
}

static const char now_sql[] =
    "SELECT id, recording, party, share_e8, territories, from_us, until_us, filed_us, version, "
    "known_us FROM "
    "registry_claims WHERE catalogue = $1 AND id > $2 AND \"right\" = $3 AND withdrawn = 0 AND "
    "recording IS NOT NULL AND known_us <= $4 ORDER BY id LIMIT $5";
/* SQLite reads the table itself, in the order in which it lies: the index would send it to each row
 * by itself. All in one, since it brings row by row. */
static const char now_sqlite[] =
    "SELECT id, recording, party, share_e8, territories, from_us, until_us, filed_us, version, "
    "known_us FROM registry_claims WHERE +catalogue = $1 AND +\"right\" = $3 AND withdrawn = 0 AND "
    "recording IS NOT NULL AND known_us <= $4 AND $2 IS NOT NULL AND rowid >= $7 AND rowid < $8 "
    "LIMIT $5";
static const char past_sql[] =
    "SELECT id, recording, party, share_e8, territories, from_us, until_us, filed_us, version, "
    "known_us FROM "
    "registry_claims_past WHERE catalogue = $1 AND (id > $2 OR (id = $2 AND version > $6)) AND "
    "\"right\" = $3 AND recording IS NOT NULL AND known_us <= $4 AND known_until_us > $4 ORDER BY "
    "id, version LIMIT $5";

static enum code read_all(struct store_tx *tx, struct party_id catalogue, bool past,
                          enum right right, struct instant known, const struct claims_part *part,
                          struct reading_claims *x, void *ctx,
                          enum code (*claim)(void *ctx, const struct claim *c, struct error *e),
                          struct error *e)
{
    int64_t page = store_tx_kind(tx) == STORE_SQLITE ? PAGE_SQLITE : PAGE_POSTGRESQL;
    memset(x->after, 0, sizeof x->after);
    x->after_version = -1;
    for (int64_t n = page; n == page;) {
        owned(store_rows) r = NULL;
        bool more;
        const struct sql_value values[] = { sql_id(catalogue),
                                            sql_bytes(x->after, ID_BYTES),
                                            sql_text(right_word(right)),
                                            sql_instant(known),
                                            sql_int(page),
                                            sql_int(x->after_version),
                                            sql_int(part->from),
                                            sql_int(part->until) };
        const char *sql = past                                ? past_sql
                          : store_tx_kind(tx) == STORE_SQLITE ? now_sqlite
                                                              : now_sql;
        TRY(store_query(tx, sql, values, past ? 6 : sql == now_sqlite ? 8 : 5, &r, e));
        for (n = 0;; n++) {
            TRY(store_next(r, &more, e));
            if (!more)
                break;
            TRY(read_row(r, x, e));
            TRY(claim(ctx, &x->claim, e));
        }
    }
    return OK;
}

enum code registry_claims_parts(struct store_tx *tx, unsigned most,
                                struct claims_part out[CLAIMS_PARTS_MOST], unsigned *count,
                                struct error *e)
{
    enum { ROWS_EACH = 20000 }; /* less is not worth a thread */
    owned(store_rows) r = NULL;
    bool found;
    int64_t last = 0;
    unsigned n = most < CLAIMS_PARTS_MOST ? most : CLAIMS_PARTS_MOST;
    if (store_tx_kind(tx) == STORE_SQLITE) {
        TRY(store_one(tx, "SELECT MAX(rowid) FROM registry_claims", SQL_NONE, &r, &found, e));
        last = store_int(r, 0);
    }
    n = n < 1 + last / ROWS_EACH ? n : (unsigned)(1 + last / ROWS_EACH);
    for (unsigned i = 0; i < n; i++)
        out[i] = (struct claims_part) { last / n * i, last / n * (i + 1), i == 0 };
    out[0].from = INT64_MIN;
    out[n - 1].until = INT64_MAX;
    *count = n;
    return OK;
}

enum code registry_claims_each(struct store_tx *tx, struct party_id catalogue, enum right right,
                               struct instant known, const struct claims_part *part, void *ctx,
                               enum code (*claim)(void *ctx, const struct claim *c,
                                                  struct error *e),
                               struct error *e)
{
    struct reading_claims x = { .claim.right = right };
    enum code code = read_all(tx, catalogue, false, right, known, part, &x, ctx, claim, e);
    if (code == OK && known.us != INT64_MAX && part->past)
        code = read_all(tx, catalogue, true, right, known, part, &x, ctx, claim, e);
    buf_done(&x.territories);
    return code;
}
