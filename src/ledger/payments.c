/* SPDX-License-Identifier: Apache-2.0 */
/* Payments: against what is payable, against one statement, in another currency.
 *
 * What is owed in one currency and paid in another goes over the account "exchange". It is left with
 * both sums at the rate of the statement's day, so what the payment's day made dearer or cheaper is a
 * loss or a gain of the currency that was paid in. */
#include "ledger/book.h"

static enum code payable_of(const struct registry_act *act, const char *account,
                            struct currency currency, int64_t *out, struct error *e)
{
    ARENA(a);
    struct balance *all;
    size_t count;
    *out = 0;
    TRY(store_lock(act->tx, "ledger_entries", e));
    TRY(ledger_balances(act->tx, act->catalogue, &a, &all, &count, e));
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].account, account) == 0 &&
            strcmp(all[i].sum.currency.code, currency.code) == 0)
            *out = -all[i].sum.minor;
    return OK;
}

enum code ledger_statement_paid(struct store_tx *tx, struct party_id catalogue,
                                const struct statement *s, int64_t *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx,
                  "SELECT COALESCE(SUM(minor), 0) FROM ledger_entries WHERE catalogue = $1 AND "
                  "statement = $2 AND words = 'payment' AND currency = $3 AND debit LIKE "
                  "'payable:%'",
                  SQL(sql_id(catalogue), sql_id(s->id), sql_text(s->currency.code)), &r, &found,
                  e));
    *out = store_int(r, 0);
    return OK;
}

static enum code check(const struct registry_act *act, const struct payment *p, const char *account,
                       struct error *e)
{
    char text[40], id[ID_TEXT];
    int64_t payable, paid;
    if (p->sum.minor <= 0)
        return fail(e, ERR_INVALID, "a payment is more than nothing");
    TRY(payable_of(act, account, p->sum.currency, &payable, e));
    if (p->sum.minor > payable)
        return fail(e, ERR_CONFLICT, "only %s is payable to %s",
                    money_format((struct money) { payable, p->sum.currency }, text), p->licensor);
    if (!p->statement)
        return OK;
    const struct statement *s = p->statement;
    if (!party_id_equal(s->licensor, p->party))
        return fail(e, ERR_INVALID, "statement %s is not to %s", statement_id_format(s->id, id),
                    p->licensor);
    if (strcmp(s->currency.code, p->sum.currency.code) != 0)
        return fail(e, ERR_INVALID, "statement %s is in %s", statement_id_format(s->id, id),
                    s->currency.code);
    TRY(ledger_statement_paid(act->tx, act->catalogue, s, &paid, e));
    if (p->sum.minor > s->payable - paid)
        return fail(
            e, ERR_CONFLICT, "only %s of statement %s is open",
            money_format((struct money) { s->payable > paid ? s->payable - paid : 0, s->currency },
                         text),
            statement_id_format(s->id, id));
    return OK;
}

static enum code in_other_currency(const struct payment *p, struct day day, int64_t *out,
                                   struct error *e)
{
    struct rational rate, sum;
    TRY(exchange_rate(p->exchanges, p->exchange_count, &p->sum.currency, &p->with, day, &rate, e));
    TRY(rational_multiply(rational_of(p->sum.minor), rate, &sum, e));
    return rational_nearest(sum, out, e);
}

static enum code exchanged(const struct registry_act *act, const struct payment *p,
                           struct statement_id id, const char *account, struct paid *out,
                           struct error *e)
{
    int64_t stated, paid;
    struct day then = p->statement ? (struct day) { p->statement->until.number - 1 } : p->day;
    TRY(in_other_currency(p, then, &stated, e));
    TRY(in_other_currency(p, p->day, &paid, e));
    out->cash = (struct money) { paid, p->with };
    out->gain = (struct money) { stated - paid, p->with };
    TRY(ledger_move(act, id, account, "exchange", p->sum, "payment", e));
    TRY(ledger_move(act, id, "exchange", "cash", out->cash, "payment", e));
    if (out->gain.minor >= 0)
        return ledger_move(act, id, "exchange", "exchange_gain", out->gain, "exchange", e);
    out->gain.minor = -out->gain.minor;
    enum code code = ledger_move(act, id, "exchange_loss", "exchange", out->gain, "exchange", e);
    out->gain.minor = -out->gain.minor;
    return code;
}

enum code ledger_pay(const struct registry_act *act, const struct payment *p, struct paid *out,
                     struct error *e)
{
    BUF(after);
    struct json_out o = { &after, false };
    char account[ACCOUNT_TEXT], id[ID_TEXT];
    struct statement_id of = { { 0 } };
    bool other = p->with.code[0] && strcmp(p->with.code, p->sum.currency.code) != 0;
    if (p->statement)
        of = p->statement->id;
    book_account("payable:%s", p->licensor, account);
    TRY(check(act, p, account, e));
    *out = (struct paid) { p->sum, { 0, p->sum.currency } };
    if (other)
        TRY(exchanged(act, p, of, account, out, e));
    else
        TRY(ledger_move(act, of, account, "cash", p->sum, "payment", e));
    json_begin(&o, '{');
    json_text(&o, "licensor", p->licensor);
    json_text(&o, "statement", p->statement ? statement_id_format(of, id) : NULL);
    json_text(&o, "currency", p->sum.currency.code);
    json_int(&o, "amount", p->sum.minor);
    if (other) {
        json_text(&o, "paid_in", p->with.code);
        json_int(&o, "paid", out->cash.minor);
        json_int(&o, "gain", out->gain.minor);
    }
    json_end(&o, '}');
    return registry_note(act, "statement.paid", account, NULL, &after, e);
}

static enum code read_rates(const struct payment_words *w, struct arena *a, struct payment *p,
                            struct error *e)
{
    struct exchange *list;
    if (exchanges_read_csv(str_of(w->rates), a, &list, &p->exchange_count, e) != OK)
        return fail_in(e, "%s", w->rates_from);
    p->exchanges = list;
    return OK;
}

enum code ledger_payment_read(struct store_tx *tx, struct party_id catalogue,
                              const struct payment_words *w, struct arena *a, struct payment *p,
                              struct error *e)
{
    if (w->day)
        TRY(day_parse(str_of(w->day), &p->day, e));
    if (w->paid_in)
        TRY(currency_find(str_of(w->paid_in), &p->with, e));
    if (w->rates)
        TRY(read_rates(w, a, p, e));
    if (w->statement) {
        struct statement_id id;
        struct statement *s = ARENA_NEW(a, struct statement);
        TRY(statement_id_parse(str_of(w->statement), &id, e));
        TRY(ledger_statement_get(tx, catalogue, id, a, s, e));
        p->statement = s;
    }
    return OK;
}
