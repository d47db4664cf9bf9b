/* SPDX-License-Identifier: Apache-2.0 */
/* licet licence compare: offers priced on the same plays. */
#include <sys/stat.h>

#include "cli/terms.h"
#include "cli/world.h"
#include "ledger/ledger.h"

enum { FILE_BYTES_MOST = 1 << 30 };

struct comparing {
    struct cli_call *call;
    const char *file; /* whose lines are told */
    struct compare_input in;
    struct cube cube;
};

static void bad_line(void *ctx, size_t line, const struct error *e)
{
    struct comparing *x = ctx;
    struct error named = *e;
    fail_in(&named, "%s: line %zu", x->file, line);
    fprintf(stderr, "licet: %s\n", named.text);
}

static enum code read_file(struct comparing *x, const char *file, struct str *out, struct error *e)
{
    BUF(text);
    TRY(file_read(file, FILE_BYTES_MOST, &text, e));
    *out = str_of(str_copy(x->call->arena, buf_as_str(&text)));
    return OK;
}

/* "A.terms", or "A.terms+B.terms": signed together. The offer is called by its files' names. */
static enum code read_offer(struct comparing *x, const char *argument, struct offer *out,
                            struct error *e)
{
    struct arena *a = x->call->arena;
    struct bargain *bargains = ARENA_ARRAY(a, struct bargain, OFFER_TERMS_MOST);
    struct str rest = str_of(argument), file;
    BUF(name);
    size_t n = 0;
    while (str_split(&rest, '+', &file)) {
        if (n == OFFER_TERMS_MOST)
            return fail(e, ERR_LIMIT, "%s: at most %d terms in one offer", argument,
                        OFFER_TERMS_MOST);
        struct terms *t = ARENA_NEW(a, struct terms);
        const char *path = str_copy(a, file), *base = strrchr(path, '/');
        TRY(cli_terms_read(x->call, path, t, e));
        base = base ? base + 1 : path;
        const char *dot = strrchr(base, '.');
        buf_format(&name, "%s%.*s", n ? "+" : "", (int)(dot ? dot - base : (int)strlen(base)),
                   base);
        bargains[n++].terms = t;
    }
    *out = (struct offer) { str_copy(a, buf_as_str(&name)), bargains, n };
    return OK;
}

static enum code read_plays(struct comparing *x, struct error *e)
{
    const char *plays, *period = cli_value(x->call, "period");
    struct cube_report report = { .bad_line = bad_line, .ctx = x };
    struct stat st;
    struct str text;
    TRY(cli_need(x->call, "plays", &plays, e));
    if (stat(plays, &st) != 0 || !S_ISREG(st.st_mode)) {
        TRY(period_parse(str_of(plays), &x->in.from, &x->in.until, e));
        return fail(e, ERR_NOT_FOUND, "there is no file %s", plays);
    }
    x->file = plays;
    TRY(read_file(x, plays, &text, e));
    if (cube_read_csv(&x->cube, text, &report, e) != OK)
        return fail_in(e, "%s", plays);
    x->call->failures += report.bad > 0;
    if (period)
        return period_parse(str_of(period), &x->in.from, &x->in.until, e);
    if (x->cube.count == 0)
        return fail(e, ERR_INVALID, "%s: there are no plays; say --period", plays);
    /* the calendar years of the plays */
    int year, month, day;
    day_to_civil((struct day) { x->cube.rows[0].day }, &year, &month, &day);
    x->in.from = day_from_civil(year, 1, 1);
    day_to_civil((struct day) { x->cube.rows[x->cube.count - 1].day }, &year, &month, &day);
    x->in.until = day_from_civil(year + 1, 1, 1);
    return OK;
}

static enum code read_tables(struct comparing *x, struct error *e)
{
    static const char *const words[] = { "deny", "preview", "full" };
    const char *figures = cli_value(x->call, "figures"), *rates = cli_value(x->call, "rates"),
               *rule = cli_value(x->call, "unlicensed");
    struct figure *f;
    struct exchange *r;
    struct str text;
    if (figures) {
        TRY(read_file(x, figures, &text, e));
        if (figures_read_csv(text, x->call->arena, &f, &x->in.figure_count, e) != OK)
            return fail_in(e, "%s", figures);
        x->in.figures = f;
    }
    if (rates) {
        TRY(read_file(x, rates, &text, e));
        if (exchanges_read_csv(text, x->call->arena, &r, &x->in.exchange_count, e) != OK)
            return fail_in(e, "%s", rates);
        x->in.exchanges = r;
    }
    x->in.unlicensed = COMPARE_DENY;
    for (size_t i = 0; rule && i < COUNT_OF(words); i++)
        if (strcmp(rule, words[i]) == 0) {
            x->in.unlicensed = (enum compare_unlicensed)i;
            return OK;
        }
    return rule ? fail(e, ERR_INVALID, "--unlicensed is deny, preview or full") : OK;
}

static enum code print(struct comparing *x, const struct compared *c, struct error *e)
{
    static const struct {
        const char *word;
        void (*write)(const struct compare_input *in, const struct compared *c, struct buf *out);
    } formats[] = { { "table", compare_text },
                    { "csv", compare_csv },
                    { "json", compare_json },
                    { "svg", compare_svg } };
    const char *format = cli_value(x->call, "format");
    BUF(out);
    format = format ? format : x->call->json ? "json" : "table";
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (strcmp(format, formats[i].word) == 0) {
            formats[i].write(&x->in, c, &out);
            if (i == 2)
                buf_byte(&out, '\n');
            fwrite(out.bytes, 1, out.length, stdout);
            return OK;
        }
    return fail(e, ERR_INVALID, "--format is table, csv, json or svg");
}

static enum code compare(struct comparing *x, struct error *e)
{
    struct compared c;
    struct offer *offers = ARENA_ARRAY(x->call->arena, struct offer, x->call->count);
    for (size_t i = 0; i < x->call->count; i++)
        TRY(read_offer(x, x->call->arguments[i], &offers[i], e));
    TRY(read_plays(x, e));
    TRY(read_tables(x, e));
    x->in.cube = &x->cube;
    x->in.offers = offers;
    x->in.offer_count = x->call->count;
    TRY(compare_run(&x->in, x->call->arena, &c, e));
    return print(x, &c, e);
}

enum code cli_licence_compare(struct cli_call *c, struct error *e)
{
    struct comparing x = { .call = c };
    cube_init(&x.cube, c->arena);
    enum code code = compare(&x, e);
    cube_done(&x.cube);
    return code;
}
