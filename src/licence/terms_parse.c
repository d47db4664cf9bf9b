/* SPDX-License-Identifier: Apache-2.0 */
/* The clauses of terms: one row each, read line by line; a wrong line is told and passed over. */
#include <stdlib.h>

#include "licence/terms_inside.h"

const int64_t count_seconds_allowed[] = { 0, 1, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 240 };
const size_t count_seconds_count = COUNT_OF(count_seconds_allowed);

static enum code title(struct terms_reader *r)
{
    return read_text(r, "the title in \"quotes\"", &r->t->title);
}

static enum code licensors(struct terms_reader *r)
{
    return read_names(r, "the slug of a party", &r->t->licensors);
}

static enum code licensee(struct terms_reader *r)
{
    return read_name(r, "the slug of a party", &r->t->licensee);
}

static enum code networks(struct terms_reader *r)
{
    if (token_take(r, "all"))
        return OK;
    return read_names(r, "the slug of a network, or \"all\"", &r->t->networks);
}

static enum code territories(struct terms_reader *r)
{
    return read_territories(r, &r->t->where);
}

static enum code repertoire(struct terms_reader *r)
{
    struct terms *t = r->t;
    if (token_take(r, "all"))
        return OK;
    if (!token_is(r, "only") && !token_is(r, "except"))
        return terms_expected(r, "\"all\", \"only\" or \"except\"");
    t->repertoire = token_is(r, "only") ? REPERTOIRE_ONLY : REPERTOIRE_EXCEPT;
    terms_next(r);
    TRY(read_names(r, "an ISRC", &t->recordings));
    for (size_t i = 0; i < t->recordings.count; i++) {
        char isrc[IDENTIFIER_TEXT];
        struct error why;
        if (isrc_parse(str_of(t->recordings.items[i].text), isrc, &why) != OK)
            return terms_problem(r, t->recordings.items[i].at, "%s", why.text);
        ((struct terms_name *)t->recordings.items)[i].text = str_copy(r->arena, str_of(isrc));
    }
    return OK;
}

static enum code rights(struct terms_reader *r)
{
    struct terms_names names;
    r->t->rights = 0;
    TRY(read_names(r, "a right such as making_available", &names));
    for (size_t i = 0; i < names.count; i++) {
        enum right right;
        struct error why;
        if (right_parse(str_of(names.items[i].text), &right, &why) != OK)
            return terms_problem(r, names.items[i].at, "%s", why.text);
        if (i == 0)
            r->t->counted_right = right;
        r->t->rights |= 1u << right;
    }
    return OK;
}

/* "stream, download", or "preview of 30 s" */
static enum code read_uses(struct terms_reader *r, struct terms_grant *g)
{
    do {
        enum use u;
        struct error why;
        if (r->token.kind != TOKEN_WORD || use_parse(r->token.s, &u, &why) != OK)
            return terms_expected(r, "a use: stream, preview, download or offline");
        g->uses |= USE_BIT(u);
        terms_next(r);
        if (u == USE_PREVIEW && token_take(r, "of")) {
            TRY(read_whole(r, "seconds", 1, 86400, &g->clip_seconds));
            TRY(read_word(r, "s"));
        }
        if (r->token.kind != TOKEN_COMMA)
            break;
        terms_next(r);
    } while (true);
    if (g->clip_seconds && g->uses != USE_BIT(USE_PREVIEW))
        return terms_problem(r, g->at,
                             "a preview with a length stands alone: grant the other uses in "
                             "another clause");
    return OK;
}

static enum code read_grant_filter(struct terms_reader *r, struct terms_grant *g)
{
    if (token_take(r, "apps"))
        return read_names(r, "the slug of an app", &g->apps);
    if (token_take(r, "territories"))
        return read_territories(r, &g->where);
    return read_models(r, &g->models);
}

static enum code grant(struct terms_reader *r)
{
    struct terms_grant g = { .at = r->token.at,
                             .models = MODELS_ALL,
                             .where = territory_set_world() };
    struct terms_grant *list = (struct terms_grant *)r->t->grants;
    TRY(read_uses(r, &g));
    while (token_take(r, "in"))
        TRY(read_grant_filter(r, &g));
    ONE_MORE(r, "grant", list, r->t->grant_count);
    list[r->t->grant_count++] = g;
    r->t->grants = list;
    return OK;
}

static enum code from(struct terms_reader *r)
{
    struct terms *t = r->t;
    t->from_at = r->token.at;
    TRY(read_day(r, &t->from));
    t->until = t->first_until = DAY_NEVER;
    if (token_take(r, "through")) {
        TRY(read_day(r, &t->until));
        t->first_until.number = ++t->until.number;
        if (t->until.number <= t->from.number)
            return terms_problem(r, t->from_at, "the last day is before the first");
    }
    return OK;
}

static enum code zone(struct terms_reader *r)
{
    int64_t hours, minutes;
    struct str s = r->token.s;
    struct error why;
    TRY(r->token.kind == TOKEN_WORD ? OK : terms_expected(r, "a zone such as UTC+03:00"));
    if (str_is(s, "UTC")) {
        terms_next(r);
        return OK;
    }
    if (s.length != 9 || memcmp(s.at, "UTC", 3) != 0 || (s.at[3] != '+' && s.at[3] != '-') ||
        s.at[6] != ':' || str_to_int64((struct str) { s.at + 4, 2 }, 0, 14, &hours, &why) != OK ||
        str_to_int64((struct str) { s.at + 7, 2 }, 0, 59, &minutes, &why) != OK)
        return terms_expected(r, "a zone such as UTC+03:00");
    r->t->zone_minutes = (int)(hours * 60 + minutes) * (s.at[3] == '-' ? -1 : 1);
    terms_next(r);
    return OK;
}

static enum code time_zone(struct terms_reader *r)
{
    TRY(read_word(r, "zone"));
    return zone(r);
}

static enum code renews(struct terms_reader *r)
{
    static const struct {
        const char *one, *many;
        enum terms_span span;
    } units[] = { { "month", "months", SPAN_MONTH }, { "year", "years", SPAN_YEAR } };
    struct terms *t = r->t;
    TRY(read_word(r, "for"));
    TRY(read_whole(r, "a number", 1, 100, &t->renewal_count));
    size_t i = 0;
    while (i < COUNT_OF(units) && !token_take(r, units[i].one) && !token_take(r, units[i].many))
        i++;
    if (i == COUNT_OF(units))
        return terms_expected(r, "\"months\" or \"years\"");
    t->renewal = units[i].span;
    TRY(read_phrase(r, "unless ended"));
    TRY(read_whole(r, "days", 0, 3660, &t->renewal_notice_days));
    return read_phrase(r, "days before");
}

static enum code pay(struct terms_reader *r)
{
    struct fee f;
    struct fee *list = (struct fee *)r->t->fees;
    TRY(read_fee(r, 0, &f));
    ONE_MORE(r, "pay", list, r->t->fee_count);
    list[r->t->fee_count++] = f;
    r->t->fees = list;
    return OK;
}

static enum code currency(struct terms_reader *r)
{
    struct currency c;
    struct error why;
    if (r->token.kind != TOKEN_WORD || currency_find(r->token.s, &c, &why) != OK)
        return terms_expected(r, "a currency of ISO 4217");
    if (r->t->currency.code[0] && strcmp(r->t->currency.code, c.code) != 0)
        return terms_expected(r, r->t->currency.code);
    r->t->currency = c;
    terms_next(r);
    return OK;
}

static enum code split(struct terms_reader *r)
{
    struct terms *t = r->t;
    if (token_take(r, "equally")) {
        t->split = SPLIT_EQUALLY;
        return OK;
    }
    if (token_is(r, "by"))
        return read_phrase(r, "by share of plays");
    struct rational *ratios = ARENA_ARRAY(r->arena, struct rational, t->licensors.count + 1);
    struct terms_place at = r->token.at;
    struct rational sum = rational_of(0);
    for (size_t i = 0; i < t->licensors.count; i++)
        ratios[i] = rational_of(0);
    do {
        struct terms_name name;
        struct error why;
        size_t i = 0;
        TRY(read_name(r, "\"equally\", \"by share of plays\" or a licensor and its part", &name));
        while (i < t->licensors.count && strcmp(t->licensors.items[i].text, name.text) != 0)
            i++;
        if (i == t->licensors.count)
            return terms_problem(r, name.at, "\"%s\" is not a licensor of these terms", name.text);
        if (ratios[i].n)
            return terms_problem(r, name.at, "\"%s\" stands twice", name.text);
        TRY(read_percent(r, &ratios[i]));
        if (rational_add(sum, ratios[i], &sum, &why) != OK)
            return terms_problem(r, at, "%s", why.text);
        if (r->token.kind != TOKEN_COMMA)
            break;
        terms_next(r);
    } while (true);
    if (rational_compare(sum, rational_of(1)) != 0) {
        BUF(text);
        struct rational percent = rational_of(0);
        struct error why;
        if (rational_multiply(sum, rational_of(100), &percent, &why) == OK)
            rational_format(percent, &text);
        return terms_problem(r, at, "the parts sum to %.*s %%: expected 100 %%",
                             STR_ARG(buf_as_str(&text)));
    }
    t->split = SPLIT_RATIO;
    t->ratios = ratios;
    return OK;
}

/* "USD 100.00 a year" or "for the term" */
static enum code read_sum(struct terms_reader *r, struct terms_sum *s, bool words)
{
    struct rational amount;
    struct error why;
    s->at = r->token.at;
    TRY(read_money(r, 0, &amount));
    if (rational_floor(amount, &s->minor, &why) != OK)
        return terms_problem(r, s->at, "%s", why.text);
    if (words)
        TRY(read_text(r, "what is given, in \"quotes\"", &s->words));
    if (token_take(r, "a")) {
        for (s->span = SPAN_MONTH; s->span <= SPAN_YEAR; s->span++)
            if (token_take(r, terms_span_word(s->span)))
                return OK;
        return terms_expected(r, "\"month\", \"quarter\" or \"year\"");
    }
    s->span = SPAN_TERM;
    return read_phrase(r, "for the term");
}

static enum code guarantee(struct terms_reader *r)
{
    struct terms_sum s = { 0 };
    struct terms_sum *list = (struct terms_sum *)r->t->guarantees;
    TRY(read_sum(r, &s, false));
    ONE_MORE(r, "guarantee", list, r->t->guarantee_count);
    list[r->t->guarantee_count++] = s;
    r->t->guarantees = list;
    return OK;
}

static enum code credit(struct terms_reader *r)
{
    struct terms_sum s = { 0 };
    struct terms_sum *list = (struct terms_sum *)r->t->credits;
    TRY(read_sum(r, &s, true));
    ONE_MORE(r, "credit", list, r->t->credit_count);
    list[r->t->credit_count++] = s;
    r->t->credits = list;
    return OK;
}

static enum code read_minor(struct terms_reader *r, int64_t *out)
{
    struct rational amount;
    struct error why;
    struct terms_place at = r->token.at;
    TRY(read_money(r, 0, &amount));
    return rational_floor(amount, out, &why) == OK ? OK : terms_problem(r, at, "%s", why.text);
}

static enum code advance(struct terms_reader *r)
{
    struct terms_advance v = { .at = r->token.at };
    struct terms_advance *list = (struct terms_advance *)r->t->advances;
    TRY(read_minor(r, &v.minor));
    TRY(read_word(r, "on"));
    TRY(read_day(r, &v.on));
    TRY(read_phrase(r, "recouped within the"));
    if (token_take(r, "term"))
        v.window = SPAN_TERM;
    else if (token_take(r, "year"))
        v.window = SPAN_YEAR;
    else
        return terms_expected(r, "\"year\" or \"term\"");
    if (token_is(r, "carried")) {
        TRY(read_phrase(r, "carried over"));
        v.carried = true;
    }
    ONE_MORE(r, "advance", list, r->t->advance_count);
    list[r->t->advance_count++] = v;
    r->t->advances = list;
    return OK;
}

static enum code overage(struct terms_reader *r)
{
    return read_percent(r, &r->t->overage);
}

static const struct {
    const char *words;
} mfn_kinds[MFN_COUNT] = {
    [MFN_FLAT] = { "flat fee" },       [MFN_REVENUE] = { "revenue share" },
    [MFN_PLAY] = { "fee a play" },     [MFN_SUBSCRIBER] = { "fee a subscriber" },
    [MFN_GUARANTEE] = { "guarantee" }, [MFN_ADVANCE] = { "advance" },
};

const char *mfn_word(unsigned kind)
{
    return mfn_kinds[kind].words;
}

/* A phrase of the table whose words stand here. */
static bool take_phrase(struct terms_reader *r, const char *words)
{
    struct terms_reader before = *r;
    struct str rest = str_of(words), word;
    while (str_split(&rest, ' ', &word)) {
        if (r->token.kind != TOKEN_WORD || !str_equal(r->token.s, word)) {
            *r = before;
            return false;
        }
        terms_next(r);
    }
    return true;
}

static enum code read_mfn_kinds(struct terms_reader *r, unsigned *out)
{
    if (token_take(r, "everything")) {
        *out = MFN_ALL;
        return OK;
    }
    do {
        unsigned k = 0;
        while (k < MFN_COUNT && !take_phrase(r, mfn_kinds[k].words))
            k++;
        if (k == MFN_COUNT)
            return terms_expected(r, "\"everything\", \"flat fee\", \"revenue share\", \"fee a "
                                     "play\", \"fee a subscriber\", \"guarantee\" or \"advance\"");
        *out |= 1u << k;
        if (r->token.kind != TOKEN_COMMA)
            return OK;
        terms_next(r);
    } while (true);
}

static enum code most_favoured(struct terms_reader *r)
{
    struct terms_mfn m = { .at = r->token.at,
                           .since = { INT32_MIN },
                           .where = territory_set_world() };
    struct terms_mfn *list = (struct terms_mfn *)r->t->mfns;
    TRY(read_phrase(r, "favoured with"));
    if (!token_take(r, "all"))
        TRY(read_names(r, "the slug of a party, or \"all\"", &m.with));
    TRY(read_word(r, "on"));
    TRY(read_mfn_kinds(r, &m.kinds));
    if (token_is(r, "by")) {
        TRY(read_phrase(r, "by share of plays"));
        m.by_share = true;
    }
    if (token_take(r, "from"))
        TRY(read_day(r, &m.since));
    if (token_take(r, "in")) {
        TRY(read_word(r, "territories"));
        TRY(read_territories(r, &m.where));
    }
    ONE_MORE(r, "most favoured", list, r->t->mfn_count);
    list[r->t->mfn_count++] = m;
    r->t->mfns = list;
    return OK;
}

static enum code settle(struct terms_reader *r)
{
    struct terms_settlement s = { .at = r->token.at };
    struct terms_settlement *list = (struct terms_settlement *)r->t->settlements;
    TRY(read_minor(r, &s.minor));
    TRY(read_phrase(r, "for past use"));
    TRY(read_days(r, &s.from, &s.until));
    ONE_MORE(r, "settle", list, r->t->settlement_count);
    list[r->t->settlement_count++] = s;
    r->t->settlements = list;
    return OK;
}

static enum code promotion(struct terms_reader *r)
{
    struct terms_promotion p = { .at = r->token.at,
                                 .models = MODELS_ALL,
                                 .where = territory_set_world() };
    struct terms_promotion *list = (struct terms_promotion *)r->t->promotions;
    TRY(read_days(r, &p.from, &p.until));
    while (token_take(r, "in"))
        if (token_take(r, "territories"))
            TRY(read_territories(r, &p.where));
        else
            TRY(read_models(r, &p.models));
    ONE_MORE(r, "promotion", list, r->t->promotion_count);
    list[r->t->promotion_count++] = p;
    r->t->promotions = list;
    return OK;
}

static enum code escrow(struct terms_reader *r)
{
    struct terms_escrow s = { .at = r->token.at };
    struct terms_escrow *list = (struct terms_escrow *)r->t->escrows;
    TRY(read_percent(r, &s.part));
    TRY(read_word(r, "until"));
    TRY(read_day(r, &s.until));
    ONE_MORE(r, "escrow", list, r->t->escrow_count);
    list[r->t->escrow_count++] = s;
    r->t->escrows = list;
    return OK;
}

static enum code count_from(struct terms_reader *r)
{
    struct terms_place at;
    if (token_take(r, "previews")) {
        r->t->previews_count = true;
        return OK;
    }
    TRY(read_phrase(r, "plays from"));
    at = r->token.at;
    TRY(read_whole(r, "seconds", 0, 240, &r->t->count_seconds));
    for (size_t i = 0; i < COUNT_OF(count_seconds_allowed); i++)
        if (count_seconds_allowed[i] == r->t->count_seconds)
            return read_word(r, "s");
    return terms_problem(r, at,
                         "expected one of 0, 1, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120 and 240 s: "
                         "plays are kept in these classes");
}

static enum code share_includes(struct terms_reader *r)
{
    TRY(read_phrase(r, "of plays includes"));
    do {
        if (token_take(r, "unknown"))
            r->t->unknown_in = true;
        else if (token_take(r, "unlicensed"))
            r->t->unlicensed_in = true;
        else
            return terms_expected(r, "\"unknown\" or \"unlicensed\"");
        if (r->token.kind != TOKEN_COMMA)
            return OK;
        terms_next(r);
    } while (true);
}

static enum code unattributed(struct terms_reader *r)
{
    TRY(read_word(r, "held"));
    TRY(read_whole(r, "months", 0, 240, &r->t->unattributed_months));
    TRY(read_phrase(r, "months then"));
    if (token_take(r, "returned")) {
        r->t->unattributed = UNATTRIBUTED_RETURNED;
        return OK;
    }
    r->t->unattributed = UNATTRIBUTED_MARKET_SHARE;
    if (!token_is(r, "by"))
        return terms_expected(r, "\"by share of plays\" or \"returned\"");
    return read_phrase(r, "by share of plays");
}

static enum code allocate(struct terms_reader *r)
{
    TRY(read_word(r, "by"));
    if (token_take(r, "user"))
        r->t->by_user = true;
    else if (!token_take(r, "service"))
        return terms_expected(r, "\"service\" or \"user\"");
    return OK;
}

static enum code account(struct terms_reader *r)
{
    static const char *const words[] = {
        [SPAN_MONTH] = "monthly", [SPAN_QUARTER] = "quarterly", [SPAN_YEAR] = "yearly"
    };
    enum terms_span s = SPAN_MONTH;
    while (s <= SPAN_YEAR && !token_take(r, words[s]))
        s++;
    if (s > SPAN_YEAR)
        return terms_expected(r, "\"monthly\", \"quarterly\" or \"yearly\"");
    r->t->accounting = s;
    if (token_take(r, "within")) {
        TRY(read_whole(r, "days", 1, 3660, &r->t->pay_days));
        return read_word(r, "days");
    }
    return OK;
}

static enum code audit(struct terms_reader *r)
{
    TRY(read_whole(r, "times a year", 1, 12, &r->t->audit_times));
    TRY(read_phrase(r, "a year with"));
    TRY(read_whole(r, "days", 0, 366, &r->t->audit_notice_days));
    return read_phrase(r, "days notice");
}

enum { ONCE = 1, NEEDED = 2 };
static const struct clause {
    const char *word;
    unsigned flags;
    enum code (*read)(struct terms_reader *r);
} clauses[] = {
    { "terms", ONCE | NEEDED, title },
    { "licensor", ONCE | NEEDED, licensors },
    { "licensee", ONCE, licensee },
    { "networks", ONCE, networks },
    { "territories", ONCE | NEEDED, territories },
    { "repertoire", ONCE, repertoire },
    { "rights", ONCE, rights },
    { "grant", NEEDED, grant },
    { "from", ONCE | NEEDED, from },
    { "time", ONCE, time_zone },
    { "renews", ONCE, renews },
    { "currency", ONCE, currency },
    { "pay", 0, pay },
    { "split", ONCE, split },
    { "guarantee", 0, guarantee },
    { "advance", 0, advance },
    { "overage", ONCE, overage },
    { "credit", 0, credit },
    { "most", 0, most_favoured },
    { "settle", 0, settle },
    { "promotion", 0, promotion },
    { "escrow", 0, escrow },
    { "count", 0, count_from },
    { "share", ONCE, share_includes },
    { "unattributed", ONCE, unattributed },
    { "allocate", ONCE, allocate },
    { "account", ONCE, account },
    { "audit", ONCE, audit },
};
_Static_assert(COUNT_OF(clauses) <= 64, "struct terms_reader has room for so many");

static void skip_line(struct terms_reader *r)
{
    while (r->token.kind != TOKEN_LINE && r->token.kind != TOKEN_END)
        terms_next(r);
}

/* Behind a block that is wrong, go on behind its "end". */
static void skip_block(struct terms_reader *r)
{
    skip_line(r);
    while (r->token.kind == TOKEN_LINE) {
        struct terms_reader before = *r;
        terms_next(r);
        if (token_take(r, "end"))
            return;
        for (size_t i = 0; i < COUNT_OF(clauses); i++)
            if (token_is(r, clauses[i].word)) {
                *r = before;
                return;
            }
        skip_line(r);
    }
}

static enum code read_clause(struct terms_reader *r)
{
    size_t i = 0;
    while (i < COUNT_OF(clauses) && !token_is(r, clauses[i].word))
        i++;
    if (i == COUNT_OF(clauses))
        return terms_expected(r, "a clause (terms, licensor, territories, grant, from, pay, ...)");
    struct terms_place at = r->token.at;
    if ((clauses[i].flags & ONCE) && r->seen_at[i])
        return terms_problem(r, at, "\"%s\" stands on line %u already", clauses[i].word,
                             r->seen_at[i]);
    r->seen_at[i] = at.line;
    bool block = false;
    if (str_is(r->token.s, "pay"))
        block = true;
    terms_next(r);
    enum code code = clauses[i].read(r);
    if (code == OK && r->token.kind != TOKEN_LINE && r->token.kind != TOKEN_END)
        code = terms_expected(r, "the end of the line");
    if (code != OK && block)
        skip_block(r);
    return code;
}

static void read_all(struct terms_reader *r)
{
    terms_next(r);
    while (r->token.kind != TOKEN_END && !r->broken) {
        if (r->token.kind == TOKEN_LINE)
            terms_next(r);
        else if (read_clause(r) != OK)
            skip_line(r);
    }
    for (size_t i = 0; i < COUNT_OF(clauses); i++)
        if ((clauses[i].flags & NEEDED) && !r->seen_at[i])
            terms_problem(r, r->token.at, "expected a clause \"%s\": there is none",
                          clauses[i].word);
}

static int by_place(const void *pa, const void *pb)
{
    const struct terms_problem *a = pa, *b = pb;
    if (a->at.line != b->at.line)
        return a->at.line < b->at.line ? -1 : 1;
    return (a->at.column > b->at.column) - (a->at.column < b->at.column);
}

enum code terms_parse(struct str text, struct arena *a, struct terms *t,
                      struct terms_problems *problems, struct error *e)
{
    struct terms_problems own;
    struct terms read = { .where = territory_set_world(),
                          .rights = (1u << RIGHT_COUNT) - 1,
                          .counted_right = RIGHT_MAKING_AVAILABLE,
                          .overage = rational_of(1),
                          .count_seconds = 30,
                          .accounting = SPAN_MONTH,
                          .unattributed_months = 12 };
    problems = problems ? problems : &own;
    problems->count = 0;
    if (text.length > TERMS_BYTES_MOST)
        return fail(e, ERR_LIMIT, "terms have at most %d bytes", TERMS_BYTES_MOST);
    if (text.length >= 3 && memcmp(text.at, "\xEF\xBB\xBF", 3) == 0)
        text = (struct str) { text.at + 3, text.length - 3 };
    if (!str_is_utf8(text) || (text.length && memchr(text.at, '\0', text.length)))
        return fail(e, ERR_INVALID, "the terms are not text in UTF-8");
    struct terms_reader r = {
        .text = text, .place = { 1, 1 }, .arena = a, .t = &read, .problems = problems
    };
    read_all(&r);
    if (problems->count == 0)
        terms_check(&r);
    if (problems->count) {
        qsort(problems->items, problems->count, sizeof problems->items[0], by_place);
        const struct terms_problem *p = &problems->items[0];
        return fail(e, ERR_INVALID, "line %u, column %u: %s", p->at.line, p->at.column, p->text);
    }
    *t = read;
    return OK;
}
