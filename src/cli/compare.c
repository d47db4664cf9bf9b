/* SPDX-License-Identifier: Apache-2.0 */
/* licet licence compare: offers priced on the same plays. */
#include <sys/stat.h>

#include "cli/terms.h"
#include "cli/records.h"
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

/* Plays counted here, with the holders that they had. */
static enum code load_plays(struct comparing *x, const char *period, struct error *e)
{
    struct usage_loaded loaded = { .cube = &x->cube };
    struct usage_options o = { .rule = OVER_HOLD, .users = true };
    const struct terms **limited = ARENA_ARRAY(x->call->arena, const struct terms *,
                                               OFFERS_MOST *OFFER_TERMS_MOST);
    TRY(period_parse(str_of(period), &x->in.from, &x->in.until, e));
    o.right = x->in.offers[0].bargains[0].terms->counted_right;
    o.from = x->in.from;
    o.until = x->in.until;
    o.zone_minutes = x->in.offers[0].bargains[0].terms->zone_minutes;
    o.limited = limited;
    for (size_t i = 0; i < x->in.offer_count; i++)
        for (size_t k = 0; k < x->in.offers[i].count; k++) {
            const struct terms *t = x->in.offers[i].bargains[k].terms;
            if (t->counted_right != o.right)
                return fail(e, ERR_INVALID,
                            "%s: its shares are read in another right than those "
                            "of %s: compare them apart",
                            t->title, x->in.offers[0].bargains[0].terms->title);
            if (t->zone_minutes != x->in.offers[0].bargains[0].terms->zone_minutes)
                return fail(e, ERR_INVALID,
                            "%s: its days begin at another hour than those of %s: compare them "
                            "apart",
                            t->title, x->in.offers[0].bargains[0].terms->title);
            if (t->repertoire != REPERTOIRE_ALL)
                limited[o.limited_count++] = t;
            if (t->from.number < o.from.number)
                o.from = t->from;
        }
    READING(r);
    TRY(cli_reading_begin(x->call, &r, e));
    return flow_usage_load(r.tx, world_catalogue(r.world.world), &o, x->call->arena, &loaded, e);
}

static enum code read_plays(struct comparing *x, struct error *e)
{
    const char *plays, *period = cli_value(x->call, "period");
    struct cube_report report = { .bad_line = bad_line, .ctx = x };
    struct stat st;
    struct str text;
    TRY(cli_need(x->call, "plays", &plays, e));
    if (stat(plays, &st) != 0 || !S_ISREG(st.st_mode))
        return load_plays(x, plays, e);
    x->file = plays;
    for (size_t i = 0; i < x->in.offer_count; i++)
        for (size_t k = 0; k < x->in.offers[i].count; k++)
            TRY(cube_limit(&x->cube, x->in.offers[i].bargains[k].terms, e));
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
    const char *rule = cli_value(x->call, "unlicensed");
    struct figure *f;
    struct exchange *r;
    TRY(cli_tables_read(x->call, &f, &x->in.figure_count, &r, &x->in.exchange_count, e));
    x->in.figures = f;
    x->in.exchanges = r;
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
    x->in.cube = &x->cube;
    x->in.offers = offers;
    x->in.offer_count = x->call->count;
    TRY(read_plays(x, e));
    for (size_t i = 0; i < x->call->count; i++) /* what renews is taken to go on */
        for (size_t k = 0; k < offers[i].count; k++)
            terms_run_to((struct terms *)offers[i].bargains[k].terms, DAY_NEVER, x->in.until);
    TRY(read_tables(x, e));
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
