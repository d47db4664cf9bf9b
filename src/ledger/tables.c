/* SPDX-License-Identifier: Apache-2.0 */
/* CSV files of plays, figures and rates of exchange. */
#include "ledger/price.h"

enum { COLUMNS_MOST = 12 };

/* A CSV whose header names its columns, in any order. */
struct table {
    const char *const *names; /* ends with NULL; "?" in front: may be missing */
    int at[COLUMNS_MOST];
    struct csv csv;
    struct csv_record record;
};

static const char *plain_name(const char *name)
{
    return name[0] == '?' ? name + 1 : name;
}

static enum code read_header(struct table *t, struct error *e)
{
    for (size_t n = 0; t->names[n]; n++)
        t->at[n] = -1;
    for (size_t i = 0; i < t->record.count; i++) {
        size_t n = 0;
        while (t->names[n] && !str_is(str_trim(t->record.cells[i]), plain_name(t->names[n])))
            n++;
        if (!t->names[n] || t->at[n] >= 0)
            return fail(e, ERR_INVALID, "the column \"%.*s\" is not known, or stands twice",
                        STR_ARG(t->record.cells[i]));
        t->at[n] = (int)i;
    }
    for (size_t n = 0; t->names[n]; n++)
        if (t->at[n] < 0 && t->names[n][0] != '?')
            return fail(e, ERR_INVALID, "the column \"%s\" is missing", t->names[n]);
    return OK;
}

static struct str cell(const struct table *t, size_t column)
{
    return t->at[column] >= 0 && (size_t)t->at[column] < t->record.count
               ? str_trim(t->record.cells[t->at[column]])
               : STR("");
}

static enum code whole(const struct table *t, size_t column, int64_t absent, int64_t *out,
                       struct error *e)
{
    struct str s = cell(t, column);
    *out = absent;
    if (s.length && str_to_int64(s, 0, INT64_MAX, out, e) != OK)
        return fail_in(e, "%s", plain_name(t->names[column]));
    return OK;
}

static enum code model_of(const struct table *t, size_t column, enum model *out, struct error *e)
{
    *out = MODEL_FREE;
    return cell(t, column).length ? model_parse(cell(t, column), out, e) : OK;
}

/* ---- plays ------------------------------------------------------------------------------------ */

enum { DAY, HOLDER, TERRITORY, NETWORK, APP, MODEL, KIND, SECONDS, SHARE, PLAYS, ISRC };
static const char *const play_columns[] = { "day",    "holder", "territory", "network",
                                            "app",    "?model", "?kind",     "?seconds",
                                            "?share", "plays",  "?isrc",     NULL };

static enum code read_kind(struct str s, uint8_t *out, struct error *e)
{
    static const char *const words[] = { "full", "preview", "denied" };
    for (uint8_t i = 0; i < COUNT_OF(words); i++)
        if (str_is(s, words[i]) || (i == 0 && s.length == 0)) {
            *out = i;
            return OK;
        }
    return fail(e, ERR_INVALID, "kind: \"%.*s\" is not full, preview or denied", STR_ARG(s));
}

static enum code read_share(struct str s, int64_t *out, struct error *e)
{
    *out = SHARE_WHOLE_E8;
    if (s.length == 0)
        return OK;
    if (str_to_e8(s, out, e) != OK)
        return fail_in(e, "share");
    if (*out % 100 || *out < 0 || *out > 100 * SHARE_WHOLE_E8)
        return fail(e, ERR_INVALID, "share: \"%.*s\" is not between 0 and 100 (per cent)",
                    STR_ARG(s));
    *out /= 100;
    return OK;
}

static enum code read_play(struct cube *c, const struct table *t, struct error *e)
{
    struct cube_row row = { .holder = CUBE_UNKNOWN };
    struct territory territory;
    struct day day;
    enum model model;
    int64_t seconds, share, plays;
    if (day_parse(cell(t, DAY), &day, e) != OK)
        return fail_in(e, "day");
    TRY(territory_parse(cell(t, TERRITORY), &territory, e));
    TRY(model_of(t, MODEL, &model, e));
    TRY(read_kind(cell(t, KIND), &row.kind, e));
    TRY(whole(t, SECONDS, 240, &seconds, e));
    TRY(read_share(cell(t, SHARE), &share, e));
    TRY(whole(t, PLAYS, 0, &plays, e));
    if (__builtin_mul_overflow(plays, share, &row.weight_e8))
        return fail(e, ERR_LIMIT, "plays: at most 92,233,720,368 in one line");
    if (cell(t, HOLDER).length)
        TRY(cube_party(c, cell(t, HOLDER), &row.holder, e));
    TRY(cube_app(c, cell(t, NETWORK), cell(t, APP), &row.app, e));
    for (size_t i = 0; i < c->limited_count; i++)
        if (cube_is_in(c->limited[i], cell(t, ISRC)))
            row.sets |= 1u << i;
    row.day = day.number;
    row.territory = territory.index;
    row.model = (uint8_t)model;
    row.seconds = cube_seconds_class(seconds);
    row.touched = plays;
    return cube_add(c, &row, e);
}

enum code cube_read_csv(struct cube *c, struct str text, struct cube_report *report,
                        struct error *e)
{
    struct table t = { .names = play_columns };
    bool more = true;
    TRY(csv_begin(&t.csv, text, e));
    for (bool header = true; more; header = false) {
        ARENA(a);
        struct error why = { 0 };
        enum code code = csv_next(&t.csv, &a, &t.record, &more, &why);
        if (code == OK && !more)
            break;
        if (header) {
            TRY(code == OK ? read_header(&t, e) : fail(e, code, "%s", why.text));
            c->recordings_told = t.at[ISRC] >= 0;
            continue;
        }
        report->lines++;
        if (code == OK)
            code = read_play(c, &t, &why);
        if (code == OK)
            continue;
        report->bad++;
        if (report->bad_line)
            report->bad_line(report->ctx, t.record.line, &why);
    }
    return cube_seal(c, e);
}

/* ---- figures and rates of exchange ------------------------------------------------------------ */

enum { F_FROM, F_THROUGH, F_MODEL, F_TERRITORY, F_CURRENCY, F_REVENUE, F_SUBSCRIBERS, F_USERS };
static const char *const figure_columns[] = { "from",         "through",  "?model",
                                              "?territory",   "currency", "revenue",
                                              "?subscribers", "?users",   NULL };

static enum code read_amount(struct str s, struct currency c, int64_t *minor, struct error *e)
{
    struct rational r;
    bool negative = s.length && s.at[0] == '-';
    if (negative)
        s = (struct str) { s.at + 1, s.length - 1 };
    TRY(rational_parse(s, c.places, &r, e));
    for (int i = 0; i < c.places; i++)
        TRY(rational_multiply(r, rational_of(10), &r, e));
    TRY(rational_floor(r, minor, e));
    if (negative)
        *minor = -*minor;
    return OK;
}

static enum code read_figure(const struct table *t, struct figure *f, struct error *e)
{
    *f = (struct figure) { .territory = TERRITORY_UNKNOWN };
    TRY(day_parse(cell(t, F_FROM), &f->from, e));
    TRY(day_parse(cell(t, F_THROUGH), &f->until, e));
    f->until.number++;
    if (f->until.number <= f->from.number)
        return fail(e, ERR_INVALID, "through is before from");
    TRY(model_of(t, F_MODEL, &f->model, e));
    if (cell(t, F_TERRITORY).length)
        TRY(territory_parse(cell(t, F_TERRITORY), &f->territory, e));
    TRY(currency_find(cell(t, F_CURRENCY), &f->revenue.currency, e));
    if (read_amount(cell(t, F_REVENUE), f->revenue.currency, &f->revenue.minor, e) != OK)
        return fail_in(e, "revenue");
    TRY(whole(t, F_SUBSCRIBERS, 0, &f->subscribers, e));
    return whole(t, F_USERS, 0, &f->users, e);
}

enum { X_DAY, X_FROM, X_TO, X_RATE, X_SOURCE };
static const char *const exchange_columns[] = { "day", "from", "to", "rate", "?source", NULL };

static enum code read_exchange(const struct table *t, struct arena *a, struct exchange *x,
                               struct error *e)
{
    TRY(day_parse(cell(t, X_DAY), &x->day, e));
    TRY(currency_find(cell(t, X_FROM), &x->from, e));
    TRY(currency_find(cell(t, X_TO), &x->to, e));
    if (rational_parse(cell(t, X_RATE), 12, &x->rate, e) != OK)
        return fail_in(e, "rate");
    if (rational_is_zero(x->rate))
        return fail(e, ERR_INVALID, "rate: it is zero");
    x->source = str_copy(a, cell(t, X_SOURCE));
    return OK;
}

/* All lines of a table of figures or of rates. */
static enum code read_rows(struct str text, bool figures, struct arena *a, void **out,
                           size_t *count, struct error *e)
{
    struct table t = { .names = figures ? figure_columns : exchange_columns };
    size_t size = figures ? sizeof(struct figure) : sizeof(struct exchange), n = 0, room = 0;
    char *rows = NULL;
    bool more = true;
    TRY(csv_begin(&t.csv, text, e));
    for (bool header = true; more; header = false) {
        ARENA(line);
        TRY(csv_next(&t.csv, &line, &t.record, &more, e));
        if (!more)
            break;
        if (header) {
            TRY(read_header(&t, e));
            continue;
        }
        if (n == room) {
            char *grown = arena_try(a, room ? 2 * room : 64, size);
            if (!grown)
                return fail(e, ERR_MEMORY, "no memory for %zu lines", n);
            if (n)
                memcpy(grown, rows, n * size);
            rows = grown;
            room = room ? 2 * room : 64;
        }
        if ((figures ? read_figure(&t, (struct figure *)(void *)rows + n, e)
                     : read_exchange(&t, a, (struct exchange *)(void *)rows + n, e)) != OK)
            return fail_in(e, "line %zu", t.record.line);
        n++;
    }
    *out = rows;
    *count = n;
    return OK;
}

enum code figures_read_csv(struct str text, struct arena *a, struct figure **out, size_t *count,
                           struct error *e)
{
    void *rows;
    TRY(read_rows(text, true, a, &rows, count, e));
    *out = rows;
    return OK;
}

enum code exchanges_read_csv(struct str text, struct arena *a, struct exchange **out, size_t *count,
                             struct error *e)
{
    void *rows;
    TRY(read_rows(text, false, a, &rows, count, e));
    *out = rows;
    return OK;
}

/* ---- periods ---------------------------------------------------------------------------------- */

enum code period_parse(struct str text, struct day *from, struct day *until, struct error *e)
{
    int64_t year, part;
    struct error why;
    struct str s = text, front = { text.at, 4 }, rest = { text.at + 5, 0 };
    int months = 12;
    for (size_t i = 0; i + 1 < s.length; i++)
        if (s.at[i] == '.' && s.at[i + 1] == '.') {
            if (day_parse((struct str) { s.at, i }, from, e) != OK ||
                day_parse((struct str) { s.at + i + 2, s.length - i - 2 }, until, e) != OK)
                return e->code;
            until->number++;
            return until->number > from->number
                       ? OK
                       : fail(e, ERR_INVALID, "the period ends before it begins");
        }
    if (s.length == 10 && day_parse(s, from, &why) == OK) {
        *until = (struct day) { from->number + 1 };
        return OK;
    }
    rest.length = s.length > 5 ? s.length - 5 : 0;
    if (s.length < 4 || str_to_int64(front, 1, 9998, &year, &why) != OK ||
        (s.length > 4 && s.at[4] != '-'))
        goto wrong;
    *from = day_from_civil((int)year, 1, 1);
    if (s.length == 7 && s.at[5] == 'Q' &&
        str_to_int64((struct str) { s.at + 6, 1 }, 1, 4, &part, &why) == OK) {
        *from = day_from_civil((int)year, (int)part * 3 - 2, 1);
        months = 3;
    } else if (s.length == 7 && str_to_int64(rest, 1, 12, &part, &why) == OK) {
        *from = day_from_civil((int)year, (int)part, 1);
        months = 1;
    } else if (s.length != 4) {
        goto wrong;
    }
    *until = day_months_later(*from, months);
    return OK;
wrong:
    return fail(e, ERR_INVALID,
                "\"%.*s\" is not a period: 2026, 2026-Q1, 2026-03, 2026-03-05 or "
                "2026-01-01..2026-03-31",
                STR_ARG(text));
}
