/* SPDX-License-Identifier: Apache-2.0 */
/* licet statement claims: what licensors answer to sales reports. */
#include "cli/records.h"
#include "flow/flow.h"
#include "ledger/ledger.h"

struct answering {
    struct cli_call *call;
    struct cdm *messages;
    size_t count;
};

static void put_percent(int64_t share_e8, struct buf *out)
{
    if (share_e8 < 0)
        buf_text(out, "-");
    else
        e8_format(share_e8 * 100, out);
}

static void put_shares(const struct cdm_shares *s, struct buf *out)
{
    const int64_t all[] = { s->mechanical, s->performing, s->blended };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        buf_text(out, i ? "/" : "");
        put_percent(all[i], out);
    }
    buf_text(out, " %");
}

static void json_shares(struct json_out *o, const struct cdm_shares *s)
{
    json_int(o, "mechanical_e8", s->mechanical);
    json_int(o, "performing_e8", s->performing);
    json_int(o, "blended_e8", s->blended);
}

static enum code read_message(struct answering *x, const char *file, struct error *e)
{
    BUF(text);
    TRY(file_read(file, CDM_BYTES_MOST, &text, e));
    struct str kept = str_of(str_copy(x->call->arena, buf_as_str(&text)));
    TRY(cdm_read(kept, x->call->arena, &x->messages[x->count], e));
    x->count++;
    return OK;
}

/* What was stated for the recording in the statement that the message answers; false: nothing. */
static enum code stated(struct answering *x, struct cli_reading *r, const struct cdm_total *t,
                        int64_t *minor, int *places, bool *found, struct error *e)
{
    *found = false;
    *minor = 0;
    for (size_t m = 0; m < x->count; m++) {
        struct statement_id id;
        struct recording_id recording;
        struct statement s;
        struct statement_line *lines;
        size_t count;
        struct error why = { 0 };
        if (statement_id_parse(str_of(x->messages[m].sales_report), &id, &why) != OK ||
            recording_id_parse(str_of(t->resource), &recording, &why) != OK)
            continue;
        enum code code = ledger_statement_get(r->tx, world_catalogue(r->world.world), id,
                                              x->call->arena, &s, &why);
        if (code == ERR_NOT_FOUND)
            continue;
        if (code != OK)
            return fail(e, code, "%s", why.text);
        TRY(ledger_statement_lines(r->tx, world_catalogue(r->world.world), &s, x->call->arena,
                                   &lines, &count, e));
        for (size_t i = 0; i < count; i++)
            if (line_is_due(lines[i].kind) && recording_id_equal(lines[i].recording, recording) &&
                (!*t->territory || strcmp(t->territory, "Worldwide") == 0 ||
                 (territory_is_known(lines[i].territory) &&
                  strcmp(territory_code(lines[i].territory), t->territory) == 0)))
                *minor += lines[i].minor;
        *places = s.currency.places;
        *found = true;
        return OK;
    }
    return OK;
}

static void print_total(struct answering *x, const struct cdm_total *t, bool found, int64_t e8)
{
    BUF(line);
    struct json_out o = { &line, false };
    bool over = t->status == CDM_MINOR_OVER || t->status == CDM_MAJOR_OVER;
    bool dear = found && t->amount_e8 > e8;
    x->call->failures += over || dear;
    if (x->call->json) {
        json_begin(&o, '{');
        json_text(&o, "resource", t->resource);
        json_text(&o, "territory", t->territory);
        json_int(&o, "claims", (int64_t)t->claims);
        json_shares(&o, &t->shares);
        json_text(&o, "status", cdm_status_word(t->status));
        json_text(&o, "currency", t->currency);
        json_int(&o, "claimed_e8", t->amount_e8);
        json_key(&o, "stated_e8");
        if (found)
            json_put_int(&o, e8);
        else
            json_put_null(&o);
        json_end(&o, '}');
        cli_print(&line);
        return;
    }
    put_shares(&t->shares, &line);
    printf("%s %s  %zu claims  %s  %.*s  %s ", t->resource, t->territory, t->claims,
           cdm_status_word(t->status), STR_ARG(buf_as_str(&line)), t->currency);
    buf_clear(&line);
    e8_format(t->amount_e8 < 0 ? -t->amount_e8 : t->amount_e8, &line);
    if (found) {
        buf_text(&line, ", stated ");
        e8_format(e8 < 0 ? -e8 : e8, &line);
        buf_text(&line, dear ? ": more than was stated" : "");
    }
    printf("%.*s\n", STR_ARG(buf_as_str(&line)));
}

static void print_notices(struct answering *x, const struct cdm *m)
{
    for (size_t i = 0; i < m->discrepancy_count && !x->call->json; i++)
        printf("discrepancy %s of claim %s: %s: %s\n", m->discrepancies[i].id,
               m->discrepancies[i].claim, m->discrepancies[i].type, m->discrepancies[i].words);
    for (size_t i = 0; i < m->overclaim_count; i++) {
        const struct cdm_overclaim *c = &m->overclaims[i];
        BUF(line);
        struct json_out o = { &line, false };
        x->call->failures++;
        if (!x->call->json)
            printf("over-claim %s of %s (%s)\n", c->id, c->resource, c->title);
        json_begin(&o, '{');
        json_text(&o, "overclaim", c->id);
        json_text(&o, "resource", c->resource);
        json_key(&o, "licensors");
        json_begin(&o, '[');
        for (size_t k = 0; k < c->count; k++) {
            BUF(shares);
            put_shares(&c->parties[k].shares, &shares);
            if (!x->call->json)
                printf("  %s %s  %.*s\n", c->parties[k].name, c->parties[k].id,
                       STR_ARG(buf_as_str(&shares)));
            json_begin(&o, '{');
            json_text(&o, "name", c->parties[k].name);
            json_text(&o, "party", c->parties[k].id);
            json_shares(&o, &c->parties[k].shares);
            json_end(&o, '}');
        }
        json_end(&o, ']');
        json_end(&o, '}');
        if (x->call->json)
            cli_print(&line);
    }
}

enum code cli_statement_claims(struct cli_call *c, struct error *e)
{
    struct answering x = { .call = c };
    struct cdm_total *totals;
    size_t count;
    x.messages = ARENA_ARRAY(c->arena, struct cdm, c->count);
    for (size_t i = 0; i < c->count; i++) {
        struct error one = { 0 };
        if (read_message(&x, c->arguments[i], &one) != OK)
            cli_complain(c, c->arguments[i], &one);
    }
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    TRY(cdm_totals(x.messages, x.count, c->arena, &totals, &count, e));
    for (size_t i = 0; i < count; i++) {
        int64_t minor;
        int places = 0;
        bool found;
        TRY(stated(&x, &r, &totals[i], &minor, &places, &found, e));
        for (int p = places; p < 8; p++)
            if (__builtin_mul_overflow(minor, 10, &minor))
                return fail(e, ERR_LIMIT, "an amount leaves 64 bits");
        print_total(&x, &totals[i], found, minor);
    }
    for (size_t i = 0; i < x.count; i++)
        print_notices(&x, &x.messages[i]);
    return OK;
}
