/* SPDX-License-Identifier: Apache-2.0 */
/* licet statement close, list, show, explain, verify, export, pay, balance. */
#include "cli/records.h"
#include "cli/terms.h"
#include "ledger/ledger.h"

enum { TABLE_BYTES_MOST = 64 << 20 };

static void print_statement(const struct cli_call *c, const struct statement *s)
{
    char id[ID_TEXT], from[INSTANT_TEXT], last[INSTANT_TEXT], due[40], payable[40];
    PRINT_RECORD(c, ledger_statement_json, s,
                 "%s  %s through %s, number %lld: due %s, payable %s\n",
                 statement_id_format(s->id, id), day_format(s->from, from),
                 day_format((struct day) { s->until.number - 1 }, last), (long long)s->number,
                 money_format((struct money) { s->due, s->currency }, due),
                 money_format((struct money) { s->payable, s->currency }, payable));
}

static enum code read_file(struct cli_call *c, const char *file, struct str *out, struct error *e)
{
    BUF(text);
    TRY(file_read(file, TABLE_BYTES_MOST, &text, e));
    *out = str_of(str_copy(c->arena, buf_as_str(&text)));
    return OK;
}

enum code cli_tables_read(struct cli_call *c, struct figure **figures, size_t *figure_count,
                          struct exchange **rates, size_t *rate_count, struct error *e)
{
    const char *figures_file = cli_value(c, "figures"), *rates_file = cli_value(c, "rates");
    struct str text;
    *figures = NULL;
    *rates = NULL;
    *figure_count = *rate_count = 0;
    if (figures_file) {
        TRY(read_file(c, figures_file, &text, e));
        if (figures_read_csv(text, c->arena, figures, figure_count, e) != OK)
            return fail_in(e, "%s", figures_file);
    }
    if (rates_file) {
        TRY(read_file(c, rates_file, &text, e));
        if (exchanges_read_csv(text, c->arena, rates, rate_count, e) != OK)
            return fail_in(e, "%s", rates_file);
    }
    return OK;
}

enum code cli_filter_read(struct cli_call *c, struct play_filter *f, bool *given, struct error *e)
{
    TRY(cli_int(c, "loops-most", 0, 0, INT32_MAX, &f->loops_most, e));
    TRY(cli_int(c, "hours-most", 0, 0, 24, &f->hours_most, e));
    TRY(cli_int(c, "plays-most", 0, 0, INT32_MAX, &f->plays_most, e));
    TRY(cli_int(c, "users-least", 0, 0, INT32_MAX, &f->users_least, e));
    TRY(cli_int(c, "users-of-plays", 100, 1, INT32_MAX, &f->users_of_plays, e));
    *given = f->loops_most || f->hours_most || f->plays_most || f->users_least;
    return OK;
}

void cli_filter_print(const struct cli_call *c, const int64_t counts[FILTER_REASON_COUNT])
{
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    for (int r = 0; r < FILTER_REASON_COUNT; r++)
        json_int(&o, filter_reason_word((enum filter_reason)r), counts[r]);
    json_end(&o, '}');
    if (c->json)
        cli_print(&line);
    else
        printf("plays taken %lld; left out: loops %lld, impossible rates %lld, too few users "
               "%lld\n",
               (long long)counts[FILTER_TAKEN], (long long)counts[FILTER_LOOP],
               (long long)counts[FILTER_RATE], (long long)counts[FILTER_FEW_USERS]);
}

static enum code read_request(struct cli_call *c, struct close_request *r, struct play_filter *f,
                              struct error *e)
{
    struct figure *figures;
    struct exchange *rates;
    const char *rule = cli_value(c, "over-claimed");
    bool filtered;
    r->deals = str_of(c->arguments[0]);
    TRY(period_parse(str_of(c->arguments[1]), &r->from, &r->until, e));
    TRY(cli_tables_read(c, &figures, &r->figure_count, &rates, &r->exchange_count, e));
    r->figures = figures;
    r->exchanges = rates;
    r->rule = OVER_HOLD;
    if (rule)
        TRY(over_rule_parse(str_of(rule), &r->rule, e));
    TRY(cli_filter_read(c, f, &filtered, e));
    r->filter = filtered ? f : NULL;
    return OK;
}

/* What the filter makes of the period's dues. */
static void print_filtered(const struct closed_statement *s)
{
    struct currency currency = s->statement.currency;
    char with[40], without[40], less[40];
    printf("%-16s without the filter %s, with it %s: %s less\n", "",
           money_format((struct money) { s->due_unfiltered, currency }, without),
           money_format((struct money) { s->due_filtered, currency }, with),
           money_format((struct money) { s->due_unfiltered - s->due_filtered, currency }, less));
}

enum code cli_statement_close(struct cli_call *c, struct error *e)
{
    struct close_request r = { 0 };
    struct play_filter f = { 0 };
    struct closed done;
    TRY(read_request(c, &r, &f, e));
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(flow_statement_close(&x.change, &r, c->arena, &done, e));
    TRY(cli_change_commit(c, &x, e));
    for (size_t i = 0; i < done.count; i++) {
        if (!c->json)
            printf("%-16s ", done.statements[i].licensor);
        print_statement(c, &done.statements[i].statement);
        if (r.filter && !c->json)
            print_filtered(&done.statements[i]);
    }
    if (done.count == 0 && !c->json)
        printf("all of it was stated before, and nothing has changed\n");
    for (size_t i = 0; i < done.note_count && !c->json; i++)
        printf("%s\n", done.notes[i]);
    if (r.filter && !c->json)
        cli_filter_print(c, done.filtered);
    return OK;
}

enum code cli_statement_list(struct cli_call *c, struct error *e)
{
    struct statement_id after = { { 0 } };
    struct party p;
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    TRY(cli_party(c, r.world.world, r.tx, &p, e));
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct statement *page;
        TRY(ledger_statement_list(r.tx, world_catalogue(r.world.world), p.id, after, PAGE_MOST,
                                  c->arena, &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print_statement(c, &page[i]);
        if (count)
            after = page[count - 1].id;
    }
    return OK;
}

static enum code open_report(struct cli_call *c, struct cli_reading *r, struct flow_report *out,
                             struct error *e)
{
    struct statement_id id;
    TRY(statement_id_parse(str_of(c->arguments[0]), &id, e));
    TRY(cli_reading_begin(c, r, e));
    return flow_report_open(r->tx, world_catalogue(r->world.world), id, world_now(r->world.world),
                            c->arena, out, e);
}

static enum code print_paid(struct cli_reading *r, const struct statement *s, struct error *e)
{
    int64_t paid;
    char sum[40], open[40];
    TRY(ledger_statement_paid(r->tx, world_catalogue(r->world.world), s, &paid, e));
    if (paid)
        printf("paid %s, open %s\n", money_format((struct money) { paid, s->currency }, sum),
               money_format((struct money) { s->payable - paid, s->currency }, open));
    return OK;
}

enum code cli_statement_show(struct cli_call *c, struct error *e)
{
    struct flow_report x;
    BUF(lines);
    READING(r);
    TRY(open_report(c, &r, &x, e));
    print_statement(c, &x.statement);
    if (c->json)
        return OK;
    TRY(print_paid(&r, &x.statement, e));
    statement_write(x.in.lines, x.in.count, &lines);
    fwrite(lines.bytes, 1, lines.length, stdout);
    return OK;
}

enum code cli_statement_explain(struct cli_call *c, struct error *e)
{
    struct statement_id id;
    struct line_explained x;
    int64_t line;
    BUF(out);
    READING(r);
    TRY(statement_id_parse(str_of(c->arguments[0]), &id, e));
    if (str_to_int64(str_of(c->arguments[1]), 1, INT64_MAX, &line, e) != OK)
        return fail_in(e, "LINE");
    TRY(cli_reading_begin(c, &r, e));
    TRY(flow_line_explain(r.tx, world_catalogue(r.world.world), id, (size_t)line, c->arena, &x, e));
    if (c->json) {
        struct json_out o = { &out, false };
        line_explained_json(&x, true, &o);
        cli_print(&out);
        return OK;
    }
    line_explained_text(&x, &out);
    fwrite(out.bytes, 1, out.length, stdout);
    return OK;
}

static void print_recomputed(struct cli_call *c, const struct recomputed *x)
{
    char id[ID_TEXT], then[INSTANT_TEXT];
    c->failures += !x->same;
    if (c->json) {
        BUF(line);
        struct json_out o = { &line, false };
        recomputed_json(x, true, &o);
        cli_print(&line);
        return;
    }
    printf("%s: %s, from %lld batches with %lld plays as known at %s\n",
           statement_id_format(x->statement.id, id),
           x->same ? "the same bytes again" : "IT DIFFERS from what was stated",
           (long long)x->inputs.read.batches, (long long)x->inputs.read.plays,
           instant_format(x->inputs.closed, then));
    if (!x->plays_same)
        printf("  the batches that were read then are not those that are here now\n");
}

enum code cli_statement_verify(struct cli_call *c, struct error *e)
{
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    for (size_t i = 0; i < c->count; i++) {
        struct statement_id id;
        struct recomputed x;
        TRY(statement_id_parse(str_of(c->arguments[i]), &id, e));
        TRY(flow_statement_recompute(r.tx, world_catalogue(r.world.world), id, c->arena, &x, e));
        print_recomputed(c, &x);
    }
    return OK;
}

enum code cli_statement_export(struct cli_call *c, struct error *e)
{
    const struct report_format *f;
    struct flow_report x;
    const char *format = cli_value(c, "format"), *folder = cli_value(c, "to");
    BUF(out);
    BUF(path);
    TRY(report_format_find(str_of(format ? format : "csv"), &f, e));
    READING(r);
    TRY(open_report(c, &r, &x, e));
    TRY(f->write(&x.in, &out, e));
    if (!folder) {
        fwrite(out.bytes, 1, out.length, stdout);
        return OK;
    }
    buf_format(&path, "%s/", folder);
    if (f->named)
        report_dsr_name(&x.in, &path);
    else
        buf_format(&path, "%s.%s", c->arguments[0], f->word);
    TRY(file_write((const char *)path.bytes, out.bytes, out.length, 0644, e));
    printf("%s\n", (const char *)path.bytes);
    return OK;
}

static enum code read_sum(struct cli_call *c, struct money *out, struct error *e)
{
    struct rational amount;
    TRY(currency_find(str_of(c->arguments[1]), &out->currency, e));
    TRY(rational_parse(str_of(c->arguments[2]), out->currency.places, &amount, e));
    for (int i = 0; i < out->currency.places; i++)
        TRY(rational_multiply(amount, rational_of(10), &amount, e));
    return rational_floor(amount, &out->minor, e);
}

static enum code read_payment(struct cli_call *c, struct cli_change *x, struct payment *p,
                              struct error *e)
{
    struct payment_words w = { .statement = cli_value(c, "statement"),
                               .paid_in = cli_value(c, "paid-in"),
                               .day = cli_value(c, "on"),
                               .rates_from = cli_value(c, "rates") };
    struct str text;
    struct party party;
    TRY(registry_party_find(x->change.act.tx, x->change.act.catalogue, str_of(c->arguments[0]),
                            c->arena, &party, e));
    p->licensor = party.slug;
    p->party = party.id;
    p->day = day_of(x->change.act.now);
    if (w.rates_from) {
        TRY(read_file(c, w.rates_from, &text, e));
        w.rates = str_copy(c->arena, text);
    }
    return ledger_payment_read(x->change.act.tx, x->change.act.catalogue, &w, c->arena, p, e);
}

enum code cli_statement_pay(struct cli_call *c, struct error *e)
{
    struct payment p = { 0 };
    struct paid paid;
    char sum[40], gain[40];
    CHANGING(x);
    TRY(read_sum(c, &p.sum, e));
    TRY(cli_change_begin(c, &x, e));
    x.change.books_only = true;
    TRY(read_payment(c, &x, &p, e));
    TRY(ledger_pay(&x.change.act, &p, &paid, e));
    TRY(cli_change_commit(c, &x, e));
    if (p.with.code[0] && !c->json)
        printf(
            "paid %s, %s %s through the rate\n", money_format(paid.cash, sum),
            paid.gain.minor < 0 ? "lost" : "gained",
            money_format((struct money) { paid.gain.minor < 0 ? -paid.gain.minor : paid.gain.minor,
                                          paid.gain.currency },
                         gain));
    return OK;
}

enum code cli_statement_balance(struct cli_call *c, struct error *e)
{
    struct balance *list;
    size_t count;
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    TRY(ledger_balances(r.tx, world_catalogue(r.world.world), c->arena, &list, &count, e));
    for (size_t i = 0; i < count; i++) {
        char sum[40];
        if (c->json) {
            BUF(line);
            struct json_out o = { &line, false };
            json_begin(&o, '{');
            json_text(&o, "account", list[i].account);
            json_text(&o, "currency", list[i].sum.currency.code);
            json_int(&o, "balance", list[i].sum.minor);
            json_end(&o, '}');
            cli_print(&line);
        } else {
            printf("%-32s %s\n", list[i].account, money_format(list[i].sum, sum));
        }
    }
    return OK;
}
