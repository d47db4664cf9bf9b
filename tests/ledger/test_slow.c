/* SPDX-License-Identifier: Apache-2.0 */
/* Contracts made by chance, priced twice: by the engine, and slowly in exact rationals.
 *     test_ledger_slow [HOW_MANY [SEED]]     a million: LICET_SLOW=1000000, or as an argument */
#include "check.h"

#include <stdlib.h>

#include "slow.h"

static uint64_t seed = 20260101;
static size_t how_many = 600;

static uint64_t next(void)
{
    uint64_t z = seed += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static int64_t up_to(int64_t most)
{
    return (int64_t)(next() % (uint64_t)(most + 1));
}

static bool one_in(int64_t n)
{
    return up_to(n - 1) == 0;
}

static const char *pick(const char *const *words, size_t count)
{
    return words[up_to((int64_t)count - 1)];
}
#define PICK(...)                                                                                  \
    pick((const char *const[]) { __VA_ARGS__ },                                                    \
         sizeof((const char *const[]) { __VA_ARGS__ }) / sizeof(const char *))

static void amount(struct buf *b)
{
    static const int64_t sizes[] = { 10, 1000, 1000000, 100000000 };
    int64_t minor = up_to(one_in(3000) ? TERMS_MINOR_MOST : sizes[up_to(3)]);
    buf_format(b, "USD %lld.%02lld", (long long)(minor / 100), (long long)(minor % 100));
}

static void filters(struct buf *b)
{
    if (one_in(3))
        buf_format(b, " in %s", PICK("free", "subscription"));
    if (one_in(4))
        buf_format(b, " in territories %s", PICK("DE", "DE, FR", "Worldwide -RU"));
}

static void fee(struct buf *b, int depth, bool several)
{
    if (depth < 3 && one_in(4)) {
        buf_format(b, "the %s of\n", PICK("greatest", "least", "sum"));
        for (int64_t n = 1 + up_to(2); n > 0; n--) {
            fee(b, depth + 1, several);
            buf_byte(b, '\n');
        }
        buf_text(b, "end");
        if (depth == 0 && several && one_in(2))
            buf_text(b, " to all");
        return;
    }
    bool flat = false;
    switch (up_to(3)) {
    case 0:
        amount(b);
        buf_format(b, " %s", PICK("once", "a month", "a quarter", "a year", "for the term"));
        flat = true;
        break;
    case 1:
        buf_format(b, "%s of revenue", PICK("60 %", "12.5 %", "1/3", "100 %", "0.0001 %"));
        filters(b);
        if (one_in(2))
            buf_text(b, " by share of plays");
        break;
    case 2:
        buf_format(b, "USD %s.%05lld a play", one_in(1000) ? PICK("9999999", "9999999999999") : "0",
                   (long long)up_to(99999));
        filters(b);
        break;
    default:
        buf_format(b, "USD %lld.5 a subscriber", (long long)up_to(9));
        filters(b);
        if (one_in(2))
            buf_text(b, " by share of plays");
        break;
    }
    if (depth == 0 && (flat || one_in(2)) && several)
        buf_format(b, " to %s", PICK("each", "all"));
}

static void date(struct buf *b, struct day from, int64_t within)
{
    char text[INSTANT_TEXT];
    buf_text(b, day_format((struct day) { from.number + (int32_t)up_to(within) }, text));
}

static void clauses(struct buf *b, const char *const *who, size_t count, struct day from,
                    int64_t days)
{
    char text[INSTANT_TEXT], first[INSTANT_TEXT];
    for (int64_t n = 1 + up_to(2); n > 0; n--) {
        buf_text(b, "pay ");
        fee(b, 0, count > 1);
        buf_byte(b, '\n');
    }
    if (count > 1 && one_in(2)) {
        if (one_in(2))
            buf_text(b, "split equally\n");
        else
            buf_format(b, "split %s 1/3, %s 2/3\n", who[0], who[1]);
    }
    if (one_in(3)) {
        buf_text(b, "guarantee ");
        amount(b);
        buf_format(b, " %s\n", PICK("a month", "a quarter", "a year", "for the term"));
    }
    for (int64_t n = up_to(2); n > 0 && one_in(2); n--) {
        buf_text(b, "advance ");
        amount(b);
        buf_text(b, " on ");
        date(b, (struct day) { from.number - 20 }, days);
        buf_format(b, " recouped within the %s\n", PICK("year", "term", "year carried over"));
    }
    if (one_in(4))
        buf_format(b, "overage %s\n", PICK("50 %", "1/3", "0 %"));
    if (one_in(4)) {
        buf_text(b, "credit ");
        amount(b);
        buf_format(b, " \"space\" %s\n", PICK("a month", "a year", "for the term"));
    }
    if (one_in(2))
        buf_format(
            b, "most favoured with %s on %s%s%s\n", PICK("all", "xa", "xb, xc"),
            PICK("everything", "flat fee", "revenue share, fee a play", "guarantee, advance"),
            one_in(4) ? " by share of plays" : "",
            PICK("", " in territories DE", " from 2026-05-01"));
    if (one_in(5)) {
        buf_text(b, "settle ");
        amount(b);
        buf_format(b, " for past use 2011-01-01 through %s\n",
                   day_format((struct day) { from.number - 1 }, text));
    }
    if (one_in(4)) {
        struct day a = { from.number + (int32_t)up_to(days / 2) };
        buf_format(b, "promotion %s through %s", day_format(a, first),
                   day_format((struct day) { a.number + (int32_t)up_to(days / 3) }, text));
        filters(b);
        buf_byte(b, '\n');
    }
    for (int64_t n = up_to(2); n > 0 && one_in(3); n--) {
        buf_format(b, "escrow %s until ", PICK("10 %", "1/7", "50 %"));
        date(b, from, 2 * days);
        buf_byte(b, '\n');
    }
    buf_format(b, "count plays from %s s\n%s%s", PICK("0", "10", "30"),
               one_in(3) ? "count previews\n" : "",
               PICK("", "share of plays includes unknown\n", "share of plays includes unlicensed\n",
                    "share of plays includes unknown, unlicensed\n"));
    buf_format(b, "unattributed held %lld months then %s\naccount %s\n%s", (long long)up_to(5),
               PICK("returned", "by share of plays"), PICK("monthly", "quarterly", "yearly"),
               one_in(4) ? "allocate by user\n" : "");
    if (one_in(5))
        buf_text(b, "audit 1 a year with 30 days notice\n");
}

/* One bargain of the parties who[0..count) */
static void contract(struct buf *b, const char *const *who, size_t count)
{
    char from_text[INSTANT_TEXT], last_text[INSTANT_TEXT];
    int64_t days = 30 + up_to(700);
    struct day from = { day_from_civil(2025, 11, 1).number + (int32_t)up_to(200) };
    if (one_in(2))
        from = day_from_civil(2026, 1, 1);
    buf_format(b, "terms \"%s\"\nlicensor %s%s%s\n", who[0], who[0], count > 1 ? ", " : "",
               count > 1 ? who[1] : "");
    buf_format(b, "territories %s\n", PICK("Worldwide", "Worldwide -RU", "DE, FR, RU"));
    buf_format(b, "grant stream%s%s\n", PICK("", ", download", ", offline"),
               PICK("", " in free", " in apps main/web", " in territories DE"));
    if (one_in(4))
        buf_text(b, "grant stream in subscription\n");
    if (one_in(5))
        buf_text(b, "grant preview of 30 s in free in apps photo/ios\n");
    if (one_in(6))
        buf_format(b, "networks %s\n", PICK("main", "main, photo"));
    if (one_in(6))
        buf_format(b, "repertoire %s\n",
                   PICK("only XXA000000001, XXA000000003", "except XXA000000002", "all"));
    if (one_in(6))
        buf_text(b, "rights making_available\n");
    if (one_in(6))
        buf_text(b, "time zone UTC+03:00\n");
    if (one_in(5))
        buf_format(b, "renews for %s unless ended 30 days before\n",
                   PICK("1 year", "7 months", "2 years"));
    buf_format(b, "currency USD\nfrom %s through %s\n", day_format(from, from_text),
               day_format((struct day) { from.number + (int32_t)days }, last_text));
    clauses(b, who, count, from, days);
}

static struct cube_row make_row(void)
{
    static const int64_t sizes[] = { 3, 100, 1000000 };
    struct territory where;
    CHECK_OK(territory_parse(str_of(PICK("DE", "FR", "RU")), &where, e));
    int64_t plays = up_to(sizes[up_to(2)]),
            share = one_in(3) ? up_to(SHARE_WHOLE_E8) : SHARE_WHOLE_E8;
    return (struct cube_row) { .day = day_from_civil(2025, 12, 1).number + (int32_t)up_to(500),
                               .holder = one_in(5) ? CUBE_UNKNOWN : (uint16_t)up_to(3),
                               .app = (uint16_t)up_to(1),
                               .territory = where.index,
                               .model = (uint8_t)up_to(1),
                               .kind = one_in(5) ? (uint8_t)up_to(2) : CUBE_FULL,
                               .seconds = (uint8_t)up_to(12),
                               .sets = (uint32_t)up_to(7),
                               .weight_e8 = plays * share,
                               .touched = plays };
}

static void make_users(struct cube *c)
{
    for (int64_t n = up_to(12); n > 0; n--) {
        struct cube_row rows[5];
        size_t count = 1 + (size_t)up_to(4);
        int64_t sum = 0;
        for (size_t i = 0; i < count; i++) {
            rows[i] = make_row();
            sum += rows[i].weight_e8;
        }
        rows[0].weight_e8 += sum == 0;
        CHECK_OK(cube_user(c, rows, count, e));
    }
}

static void make_plays(struct cube *c)
{
    static const char *const slugs[] = { "xa", "xb", "xc", "xd" };
    uint16_t party, app;
    for (size_t i = 0; i < COUNT_OF(slugs); i++)
        CHECK_OK(cube_party(c, str_of(slugs[i]), &party, e));
    CHECK_OK(cube_app(c, STR("main"), STR("web"), &app, e));
    CHECK_OK(cube_app(c, STR("photo"), STR("ios"), &app, e));
    for (int64_t n = up_to(40); n > 0; n--) {
        struct cube_row row = make_row();
        CHECK_OK(cube_add(c, &row, e));
    }
    if (one_in(2))
        make_users(c);
    CHECK_OK(cube_seal(c, e));
}

static size_t make_figures(struct figure *f)
{
    size_t n = 0;
    for (int m = 0; m < 24; m++)
        for (int model = 0; model < 2; model++)
            for (int where = 0; where < 3; where++) {
                static const char *const codes[] = { "DE", "FR", "RU" };
                struct day first = day_from_civil(2025, 11, 1);
                struct figure g = { .from = day_months_later(first, m),
                                    .until = day_months_later(first, m + 1),
                                    .model = (enum model)model,
                                    .revenue = { up_to(100000000) - (one_in(10) ? 90000000 : 0),
                                                 one_in(8)   ? (struct currency) { "EUR", 2 }
                                                 : one_in(8) ? (struct currency) { "JPY", 0 }
                                                             : (struct currency) { "USD", 2 } },
                                    .subscribers = up_to(100000) };
                CHECK_OK(territory_parse(str_of(codes[where]), &g.territory, e));
                f[n++] = g;
            }
    return n;
}

/* Rates of exchange, some told the other way round; all have one before the first window. */
static size_t make_rates(struct exchange *x)
{
    static const struct currency usd = { "USD", 2 }, eur = { "EUR", 2 }, jpy = { "JPY", 0 };
    size_t n = 0;
    for (int k = 0; k < 2; k++)
        for (int64_t m = 0; m < 6; m++) {
            struct rational rate;
            struct day day = day_from_civil(2025, 10, 1);
            bool turned = one_in(3);
            day.number += m ? (int32_t)up_to(600) : 0;
            CHECK_OK(rational_make(1 + up_to(20000), 1 + up_to(10000), &rate, e));
            x[n++] = (struct exchange) { day, turned ? usd : k ? jpy : eur,
                                         turned ? k ? jpy : eur : usd, rate, "made" };
        }
    return n;
}

/* ---- how often each clause was there ----------------------------------------------------------- */

#define KINDS(ROW)                                                                                 \
    ROW(flat_to_each) ROW(flat_to_all) ROW(split_by_plays) ROW(split_equally) ROW(split_by_parts)  \
    ROW(revenue_share) ROW(revenue_by_share) ROW(fee_a_play) ROW(fee_a_subscriber)                 \
    ROW(greatest_of) ROW(least_of) ROW(sum_of) ROW(guarantee) ROW(advance_year)                    \
    ROW(advance_term) ROW(advance_carried) ROW(overage) ROW(credit) ROW(most_favoured)             \
    ROW(most_favoured_by_share) ROW(most_favoured_from) ROW(most_favoured_where) ROW(settlement)   \
    ROW(promotion) ROW(escrow) ROW(unknown_in) ROW(unlicensed_in) ROW(pot_shared)                  \
    ROW(pot_returned) ROW(by_user) ROW(renewed) ROW(ended) ROW(repertoire) ROW(networks)           \
    ROW(clips) ROW(previews_count) ROW(audit) ROW(time_zone) ROW(exchanged)
#define MEMBER(name) KIND_##name,
enum { KINDS(MEMBER) KIND_COUNT };
#undef MEMBER
#define MEMBER(name) #name,
static const char *const kind_names[] = { KINDS(MEMBER) };
#undef MEMBER
static size_t kinds[KIND_COUNT];
#define SEEN(name, when) kinds[KIND_##name] += (when) ? 1 : 0

static void seen_fee(const struct fee *f, bool to_all)
{
    SEEN(flat_to_each, f->kind == FEE_FLAT && !to_all);
    SEEN(flat_to_all, f->kind == FEE_FLAT && to_all);
    SEEN(revenue_share, f->kind == FEE_REVENUE && !f->by_share);
    SEEN(revenue_by_share, f->kind == FEE_REVENUE && f->by_share);
    SEEN(fee_a_play, f->kind == FEE_PLAY);
    SEEN(fee_a_subscriber, f->kind == FEE_SUBSCRIBER);
    SEEN(greatest_of, f->kind == FEE_GREATEST);
    SEEN(least_of, f->kind == FEE_LEAST);
    SEEN(sum_of, f->kind == FEE_SUM);
    for (size_t i = 0; i < f->part_count; i++)
        seen_fee(&f->parts[i], to_all);
}

static void seen(const struct terms *t)
{
    bool several = t->licensors.count > 1;
    for (size_t i = 0; i < t->fee_count; i++)
        seen_fee(&t->fees[i], t->fees[i].to_all);
    SEEN(split_by_plays, several && t->split == SPLIT_PLAYS);
    SEEN(split_equally, several && t->split == SPLIT_EQUALLY);
    SEEN(split_by_parts, several && t->split == SPLIT_RATIO);
    SEEN(guarantee, t->guarantee_count);
    for (size_t i = 0; i < t->advance_count; i++) {
        SEEN(advance_year, t->advances[i].window == SPAN_YEAR && !t->advances[i].carried);
        SEEN(advance_term, t->advances[i].window == SPAN_TERM);
        SEEN(advance_carried, t->advances[i].carried);
    }
    SEEN(overage, t->advance_count && rational_compare(t->overage, rational_of(1)) != 0);
    SEEN(credit, t->credit_count);
    SEEN(most_favoured, t->mfn_count);
    for (size_t i = 0; i < t->mfn_count; i++) {
        struct territory_set world = territory_set_world();
        SEEN(most_favoured_by_share, t->mfns[i].by_share);
        SEEN(most_favoured_from, t->mfns[i].since.number != INT32_MIN);
        SEEN(most_favoured_where, !territory_set_equal(&t->mfns[i].where, &world));
    }
    SEEN(settlement, t->settlement_count);
    SEEN(promotion, t->promotion_count);
    SEEN(escrow, t->escrow_count);
    SEEN(unknown_in, t->unknown_in);
    SEEN(unlicensed_in, t->unlicensed_in);
    SEEN(pot_shared, t->unknown_in && t->unattributed == UNATTRIBUTED_MARKET_SHARE);
    SEEN(pot_returned, t->unknown_in && t->unattributed == UNATTRIBUTED_RETURNED);
    SEEN(by_user, t->by_user);
    SEEN(renewed, t->until.number > t->first_until.number);
    SEEN(ended, t->until.number < t->first_until.number);
    SEEN(repertoire, t->repertoire != REPERTOIRE_ALL);
    SEEN(networks, t->networks.count);
    for (size_t i = 0; i < t->grant_count; i++)
        SEEN(clips, t->grants[i].clip_seconds);
    SEEN(previews_count, t->previews_count);
    SEEN(audit, t->audit_times);
    SEEN(time_zone, t->zone_minutes);
}

static bool same_line(const struct slow_line *a, const struct slow_line *b)
{
    return a->bargain == b->bargain && a->licensor == b->licensor && a->from == b->from &&
           a->kind == b->kind && a->clause == b->clause && a->minor == b->minor;
}

static size_t refused, too_large;

static void one(size_t number)
{
    static const char *const slugs[] = { "xa", "xb", "xc", "xd" };
    static struct slow_price fast, slow;
    static struct figure figures[24 * 6];
    static struct exchange rates[12];
    ARENA(a);
    BUF(text);
    struct cube cube;
    struct terms terms[3];
    struct bargain bargains[3] = { 0 };
    struct price price;
    struct error error;
    uint64_t began = seed;
    size_t count = 1 + (size_t)up_to(2), at = 0, parsed = 0;
    cube_init(&cube, &a);
    make_plays(&cube);
    cube.recordings_told = true;
    for (size_t b = 0; b < count; b++) {
        size_t parties = b == 0 && one_in(2) ? 2 : 1;
        buf_clear(&text);
        contract(&text, &slugs[at], parties);
        at += parties;
        if (terms_parse(str_of(str_copy(&a, buf_as_str(&text))), &a, &terms[parsed], NULL,
                        &error) == OK) {
            bargains[parsed].terms = &terms[parsed];
            CHECK_OK(cube_limit(&cube, &terms[parsed], e));
            parsed++;
        } else if (!strstr(error.text, "after the last day") && !strstr(error.text, "outside of") &&
                   !strstr(error.text, "would be held") &&
                   !strstr(error.text, "compared with themselves")) {
            STOP("contract %zu: %s\n%s", number, error.text, (const char *)text.bytes);
        }
    }
    struct price_input in = { .cube = &cube,
                              .bargains = bargains,
                              .bargain_count = parsed,
                              .figures = figures,
                              .figure_count = make_figures(figures),
                              .exchanges = rates,
                              .exchange_count = make_rates(rates),
                              .from = day_from_civil(2025 + (int)up_to(1), 12, 1),
                              .cut = true };
    in.until = day_months_later(in.from, 3 + up_to(24));
    for (size_t b = 0; b < parsed; b++) {
        struct day ended = one_in(8) ? (struct day) { terms[b].from.number + (int32_t)up_to(500) }
                                     : DAY_NEVER;
        terms_run_to(&terms[b], ended, in.until);
        seen(&terms[b]);
    }
    for (size_t i = 0; i < in.figure_count; i++)
        SEEN(exchanged, parsed && strcmp(figures[i].revenue.currency.code, "USD") != 0);
    enum code code = price_run(&in, &a, &price, &error);
    if (code != OK) {
        if (!strstr(error.text, "without end") && !strstr(error.text, "leaves 128 bits") &&
            !strstr(error.text, "leaves 64 bits"))
            STOP("contract %zu (seed %llu): %s", number, (unsigned long long)began, error.text);
        refused++;
        if (strstr(error.text, "leaves 64 bits")) {
            too_large++;
            slow_run(&in, &slow);
            if (!slow.over)
                STOP("contract %zu (seed %llu): %s, and the slow one says it does not", number,
                     (unsigned long long)began, error.text);
        }
    } else {
        slow_run(&in, &slow);
        if (slow.over)
            STOP("contract %zu (seed %llu): a sum leaves 64 bits, and is not refused", number,
                 (unsigned long long)began);
        slow_of(&price, &fast);
        size_t same = 0;
        while (same < fast.count && same < slow.count &&
               same_line(&fast.lines[same], &slow.lines[same]))
            same++;
        if (same < fast.count || same < slow.count) {
            const struct slow_line *f = &fast.lines[same], *s = &slow.lines[same];
            char day[INSTANT_TEXT];
            for (size_t b = 0; b < parsed; b++) {
                BUF(canonical);
                terms_format(&terms[b], &canonical);
                print_error("%s\n", (const char *)canonical.bytes);
            }
            STOP("contract %zu (seed %llu), line %zu: fast %s of %u/%u in line %u from %s: %lld; "
                 "slow %s of %u/%u line %u: %lld (from %d/%d; counts %zu %zu)",
                 number, (unsigned long long)began, same, line_kind_word(f->kind), f->bargain,
                 f->licensor, f->clause, day_format((struct day) { f->from }, day),
                 (long long)f->minor, line_kind_word(s->kind), s->bargain, s->licensor, s->clause,
                 (long long)s->minor, f->from, s->from, fast.count, slow.count);
        }
    }
    cube_done(&cube);
}

TEST(the_engine_agrees_with_exact_rationals_on_contracts_made_by_chance)
{
    for (size_t i = 0; i < how_many; i++) {
        one(i);
        if (i % 50000 == 49999)
            print_message("%zu agree, seed now %llu\n", i + 1, (unsigned long long)seed);
    }
    print_message("%zu contracts, %zu refused as endless, too exact or too large (%zu of them by both), "
                  "seed now %llu\n",
                  how_many, refused, too_large, (unsigned long long)seed);
    for (int k = 0; k < KIND_COUNT; k++)
        print_message("%-24s %zu\n", kind_names[k], kinds[k]);
    for (int k = 0; k < KIND_COUNT && how_many >= 600; k++)
        if (kinds[k] < 5)
            STOP("%s was there %zu times only", kind_names[k], kinds[k]);
    assert_true(refused * 200 < how_many);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_engine_agrees_with_exact_rationals_on_contracts_made_by_chance),
    };
    const char *more = argc > 1 ? argv[1] : getenv("LICET_SLOW");
    if (more)
        how_many = strtoul(more, NULL, 10);
    if (argc > 2)
        seed = strtoull(argv[2], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
