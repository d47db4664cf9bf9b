/* SPDX-License-Identifier: Apache-2.0 */
/* Statements, and the books: movements and balances. */
#include "ledger/book.h"

#define COLUMNS                                                                                    \
    "id, deal, licensor, from_day, until_day, number, currency, due, payable, closed_us, hash, "   \
    "body, close"

static enum code read_statement(const struct store_rows *r, struct arena *a, struct statement *s,
                                struct error *e)
{
    *s = (struct statement) { .from = { (int32_t)store_int(r, 3) },
                              .until = { (int32_t)store_int(r, 4) },
                              .number = store_int(r, 5),
                              .due = store_int(r, 7),
                              .payable = store_int(r, 8),
                              .closed = store_instant(r, 9),
                              .hash = str_copy(a, store_text(r, 10)),
                              .text = str_copy(a, store_text(r, 11)) };
    store_id(r, 0, s->id.bytes);
    store_id(r, 1, s->deal.bytes);
    store_id(r, 2, s->licensor.bytes);
    store_id(r, 12, s->close.bytes);
    return currency_find(store_text(r, 6), &s->currency, e);
}

static enum code read_all(struct store_rows *r, size_t most, struct arena *a,
                          struct statement **out, size_t *count, struct error *e)
{
    struct statement *list = arena_try(a, most + 1, sizeof *list);
    bool more;
    if (!list)
        return fail(e, ERR_MEMORY, "no memory for a list of statements");
    for (*count = 0; *count < most;) {
        TRY(store_next(r, &more, e));
        if (!more)
            break;
        TRY(read_statement(r, a, &list[(*count)++], e));
    }
    *out = list;
    return OK;
}

enum code ledger_statement_get(struct store_tx *tx, struct party_id catalogue,
                               struct statement_id id, struct arena *a, struct statement *out,
                               struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char text[ID_TEXT];
    TRY(store_one(tx, "SELECT " COLUMNS " FROM ledger_statements WHERE catalogue = $1 AND id = $2",
                  SQL(sql_id(catalogue), sql_id(id)), &r, &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no statement %s", statement_id_format(id, text));
    return read_statement(r, a, out, e);
}

enum code ledger_statement_list(struct store_tx *tx, struct party_id catalogue,
                                struct party_id licensor, struct statement_id after, size_t limit,
                                struct arena *a, struct statement **out, size_t *count,
                                struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_query(tx,
                    "SELECT " COLUMNS " FROM ledger_statements WHERE catalogue = $1 AND id > $2 "
                    "AND ($3 = 1 OR licensor = $4) ORDER BY id LIMIT $5",
                    SQL(sql_id(catalogue), sql_id(after), sql_int(party_id_is_none(licensor)),
                        sql_id(licensor), sql_int((int64_t)limit)),
                    &r, e));
    return read_all(r, limit, a, out, count, e);
}

enum code ledger_statement_of(struct store_tx *tx, struct party_id catalogue, struct deal_id deal,
                              struct party_id licensor, struct day from, struct day until,
                              struct arena *a, struct statement **out, size_t *count,
                              struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_query(tx,
                    "SELECT " COLUMNS " FROM ledger_statements WHERE catalogue = $1 AND deal = $2 "
                    "AND licensor = $3 AND from_day = $4 AND until_day = $5 ORDER BY number "
                    "LIMIT 1000",
                    SQL(sql_id(catalogue), sql_id(deal), sql_id(licensor), sql_int(from.number),
                        sql_int(until.number)),
                    &r, e));
    return read_all(r, 1000, a, out, count, e);
}

void ledger_statement_json(const struct statement *s, struct json_out *o)
{
    char id[ID_TEXT], text[INSTANT_TEXT];
    json_begin(o, '{');
    json_text(o, "id", statement_id_format(s->id, id));
    json_text(o, "deal", deal_id_format(s->deal, id));
    json_text(o, "licensor", party_id_format(s->licensor, id));
    json_text(o, "from", day_format(s->from, text));
    json_text(o, "through", day_format((struct day) { s->until.number - 1 }, text));
    json_int(o, "number", s->number);
    json_text(o, "currency", s->currency.code);
    json_int(o, "due", s->due);
    json_int(o, "payable", s->payable);
    json_instant(o, "closed", s->closed);
    json_text(o, "hash", s->hash);
    json_end(o, '}');
}

/* ---- movements ----------------------------------------------------------------------------------- */

static enum code next_number(const struct registry_act *act, int64_t *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_lock(act->tx, "ledger_entries", e));
    TRY(store_one(act->tx,
                  "SELECT COALESCE(MAX(number), 0) FROM ledger_entries WHERE catalogue = $1",
                  SQL(sql_id(act->catalogue)), &r, &found, e));
    *out = store_int(r, 0) + 1;
    return OK;
}

enum code ledger_move(const struct registry_act *act, struct statement_id statement,
                      const char *debit, const char *credit, struct money sum, const char *words,
                      struct error *e)
{
    int64_t number;
    if (sum.minor == 0)
        return OK;
    if (sum.minor == INT64_MIN)
        return fail(e, ERR_LIMIT, "an amount leaves 64 bits");
    bool back = sum.minor < 0;
    TRY(next_number(act, &number, e));
    return store_run(act->tx,
                     "INSERT INTO ledger_entries (catalogue, number, statement, at_us, debit, "
                     "credit, currency, minor, words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                     SQL(sql_id(act->catalogue), sql_int(number),
                         statement_id_is_none(statement) ? sql_null() : sql_id(statement),
                         sql_instant(act->now), sql_text(back ? credit : debit),
                         sql_text(back ? debit : credit), sql_text(sum.currency.code),
                         sql_int(back ? -sum.minor : sum.minor), sql_text(words)),
                     NULL, e);
}

enum code ledger_balances(struct store_tx *tx, struct party_id catalogue, struct arena *a,
                          struct balance **out, size_t *count, struct error *e)
{
    enum { ACCOUNTS_MOST = 100000 };
    owned(store_rows) r = NULL;
    bool more;
    size_t n = 0, room = 0;
    struct balance *list = NULL;
    TRY(store_query(
        tx,
        "SELECT account, currency, SUM(minor) FROM (SELECT debit AS account, "
        "currency, minor FROM ledger_entries WHERE catalogue = $1 UNION ALL SELECT "
        "credit, currency, -minor FROM ledger_entries WHERE catalogue = $1) AS both_ends "
        "GROUP BY account, currency ORDER BY currency, account LIMIT $2",
        SQL(sql_id(catalogue), sql_int(ACCOUNTS_MOST)), &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more)
            break;
        if (n == room) {
            room = room ? 2 * room : 64;
            struct balance *bigger = ARENA_ARRAY(a, struct balance, room);
            if (n)
                memcpy(bigger, list, n * sizeof *list);
            list = bigger;
        }
        list[n].account = str_copy(a, store_text(r, 0));
        list[n].sum.minor = store_int(r, 2);
        TRY(currency_find(store_text(r, 1), &list[n++].sum.currency, e));
    }
    for (size_t i = 0, end; i < n; i = end) {
        int128 sum = 0;
        for (end = i;
             end < n && strcmp(list[end].sum.currency.code, list[i].sum.currency.code) == 0; end++)
            sum += list[end].sum.minor;
        if (sum != 0)
            return fail(e, ERR_CORRUPT, "the accounts in %s do not balance",
                        list[i].sum.currency.code);
    }
    *out = list;
    *count = n;
    return OK;
}
