/* SPDX-License-Identifier: Apache-2.0 */
/* A statement computed again from what its close read, to be compared with what was stated. */
#include "flow/closing.h"

static enum code find_own(const struct closing *x, const struct statement *s, size_t *own,
                          uint32_t *licensor, struct error *e)
{
    *own = 0;
    while (*own < x->count && !deal_id_equal(x->deals[*own].id, s->deal))
        ++*own;
    if (*own == x->count)
        return fail(e, ERR_CORRUPT, "its close does not name its deal");
    const struct bargain *b = &x->bargains[*own];
    *licensor = LICENSOR_NONE;
    for (uint32_t i = 0; i < b->terms->licensors.count; i++)
        if (party_id_equal(b->ids[i], s->licensor))
            *licensor = i;
    return *licensor == LICENSOR_NONE && !party_id_is_none(s->licensor)
               ? fail(e, ERR_CORRUPT, "its licensor is not of its deal")
               : OK;
}

static enum code add_deals(struct closing *x, const struct close_inputs *inputs, struct error *e)
{
    for (size_t i = 0; i < inputs->deal_count; i++) {
        const struct close_deal *d = &inputs->deals[i];
        TRY(closing_add(x, d, "", e));
        if (strcmp(x->deals[i].hash, d->hash) != 0)
            return fail(e, ERR_CORRUPT, "the terms that were agreed are others now");
    }
    return OK;
}

enum code closing_again(struct closing *x, const struct close_inputs *inputs,
                        const struct statement *s, size_t *own, uint32_t *licensor, struct error *e)
{
    TRY(add_deals(x, inputs, e));
    TRY(find_own(x, s, own, licensor, e));
    TRY(closing_load(x, *own, e));
    return closing_price(x, *own, e);
}

enum code closing_inputs(struct store_tx *tx, struct party_id catalogue, struct statement_id id,
                         struct arena *a, struct statement *s, struct close_inputs *inputs,
                         struct error *e)
{
    char text[ID_TEXT];
    TRY(ledger_statement_get(tx, catalogue, id, a, s, e));
    if (close_id_is_none(s->close))
        return fail(e, ERR_CONFLICT,
                    "statement %s was closed by an early version, which did not keep what it read",
                    statement_id_format(id, text));
    return ledger_close_get(tx, catalogue, s->close, a, inputs, e);
}

struct close_request closing_request(const struct close_inputs *inputs)
{
    return (struct close_request) { .from = inputs->from,
                                    .until = inputs->until,
                                    .rule = inputs->rule,
                                    .filter = inputs->filtered ? &inputs->filter : NULL,
                                    .figures = inputs->figures,
                                    .figure_count = inputs->figure_count,
                                    .exchanges = inputs->exchanges,
                                    .exchange_count = inputs->exchange_count };
}

static enum code compute(struct closing *x, struct recomputed *out, struct error *e)
{
    size_t own;
    uint32_t licensor;
    bool nothing;
    struct statement *again = &out->again;
    const struct ledger_read *then = &out->inputs.read, *now = &x->usage.read;
    TRY(closing_again(x, &out->inputs, &out->statement, &own, &licensor, e));
    *again = out->statement;
    again->due = again->payable = 0;
    again->hash = "";
    TRY(closing_write(x, own, licensor, again, false, &nothing, e));
    out->same = strcmp(again->hash, out->statement.hash) == 0 && again->due == out->statement.due &&
                again->payable == out->statement.payable;
    out->plays_same = now->batches == then->batches && now->plays == then->plays &&
                      memcmp(now->sum, then->sum, sizeof then->sum) == 0;
    return OK;
}

enum code flow_statement_recompute(struct store_tx *tx, struct party_id catalogue,
                                   struct statement_id id, struct arena *a, struct recomputed *out,
                                   struct error *e)
{
    struct closing *x = ARENA_NEW(a, struct closing);
    *out = (struct recomputed) { 0 };
    TRY(closing_inputs(tx, catalogue, id, a, &out->statement, &out->inputs, e));
    struct close_request r = closing_request(&out->inputs);
    *x = (struct closing) {
        .r = &r,
        .act = { .tx = tx, .catalogue = catalogue, .now = out->inputs.closed },
        .a = a,
        .known = out->inputs.closed,
    };
    enum code code = compute(x, out, e);
    closing_done(x);
    return code;
}
