/* SPDX-License-Identifier: Apache-2.0 */
/* Terms whose lines are each right and that contradict each other; and the days of their spans. */
#include "licence/terms_inside.h"

struct day day_months_later(struct day d, int64_t months)
{
    int year, month, day;
    day_to_civil(d, &year, &month, &day);
    int64_t m = (int64_t)year * 12 + month - 1 + months;
    int y = (int)(m / 12), mm = (int)(m % 12) + 1;
    struct day first = day_from_civil(y, mm, 1);
    struct day next = mm == 12 ? day_from_civil(y + 1, 1, 1) : day_from_civil(y, mm + 1, 1);
    int length = next.number - first.number;
    return (struct day) { first.number + (day < length ? day : length) - 1 };
}

static int64_t renewal_months(const struct terms *t)
{
    return t->renewal_count * (t->renewal == SPAN_YEAR ? 12 : 1);
}

/* The first term, and those that it was renewed for. */
static bool term(const struct terms *t, int64_t n, struct day *from, struct day *until)
{
    int64_t months = renewal_months(t);
    *from = n ? day_months_later(t->first_until, (n - 1) * months) : t->from;
    *until = n ? day_months_later(t->first_until, n * months) : t->first_until;
    return n == 0 || (t->renewal != SPAN_ONCE && from->number < t->until.number);
}

void terms_run_to(struct terms *t, struct day ended, struct day through)
{
    int64_t most = t->renewal == SPAN_ONCE ? 0 : 12 * 100;
    for (int64_t n = 1; n <= most && t->until.number <= through.number; n++)
        t->until = day_months_later(t->first_until, n * renewal_months(t));
    if (ended.number < t->until.number)
        t->until = ended.number > t->from.number ? ended : t->from;
}

bool terms_window(const struct terms *t, enum terms_span span, int64_t n, struct day *from,
                  struct day *until)
{
    static const int64_t months[SPAN_COUNT] = {
        [SPAN_MONTH] = 1, [SPAN_QUARTER] = 3, [SPAN_YEAR] = 12
    };
    if (n < 0 || n > 12 * 9000)
        return false;
    if (!months[span])
        return term(t, n, from, until);
    *from = day_months_later(t->from, n * months[span]);
    *until = day_months_later(t->from, (n + 1) * months[span]);
    return from->number < t->until.number;
}

struct instant terms_day_begin(const struct terms *t, struct day d)
{
    if (d.number == INT32_MAX)
        return INSTANT_NEVER;
    return (struct instant) { day_begin(d).us - (int64_t)t->zone_minutes * 60 * 1000000 };
}

static bool within(const struct terms *t, struct day from, struct day until)
{
    return from.number >= t->from.number && until.number <= t->until.number;
}

static bool names_has(const struct terms_names *names, const char *text)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i].text, text) == 0)
            return true;
    return false;
}

static bool inside(const struct territory_set *a, const struct territory_set *b)
{
    for (int i = 0; i < 4; i++)
        if (a->bits[i] & ~b->bits[i])
            return false;
    return true;
}

static void check_parties(struct terms_reader *r)
{
    const struct terms *t = r->t;
    if (t->licensee.text && names_has(&t->licensors, t->licensee.text))
        terms_problem(r, t->licensee.at, "\"%s\" cannot be licensor and licensee",
                      t->licensee.text);
    for (size_t i = 0; i < t->mfn_count; i++)
        for (size_t k = 0; k < t->mfns[i].with.count; k++)
            if (names_has(&t->licensors, t->mfns[i].with.items[k].text))
                terms_problem(r, t->mfns[i].with.items[k].at,
                              "nobody is compared with themselves: \"%s\" is a licensor here",
                              t->mfns[i].with.items[k].text);
}

static void check_grants(struct terms_reader *r)
{
    const struct terms *t = r->t;
    for (size_t i = 0; i < t->grant_count; i++)
        if (!territory_set_meet(&t->grants[i].where, &t->where))
            terms_problem(r, t->grants[i].at,
                          "the grant is for territories outside of those of the terms");
}

static void check_fee(struct terms_reader *r, const struct fee *f)
{
    const struct terms *t = r->t;
    if (f->kind >= FEE_GREATEST) {
        for (size_t i = 0; i < f->part_count; i++)
            check_fee(r, &f->parts[i]);
        return;
    }
    if (!inside(&f->where, &t->where) &&
        !territory_set_equal(&f->where, &(struct territory_set) { { 0 } }) &&
        !territory_set_meet(&f->where, &t->where))
        terms_problem(r, f->at, "the fee is for territories outside of those of the terms");
    if (f->kind == FEE_FLAT && f->span == SPAN_TERM && t->until.number == INT32_MAX)
        terms_problem(r, f->at, "a sum for the term needs a last day (\"from ... through ...\")");
}

static void check_money(struct terms_reader *r)
{
    const struct terms *t = r->t;
    struct error why;
    struct rational held = rational_of(0);
    for (size_t i = 0; i < t->fee_count; i++)
        check_fee(r, &t->fees[i]);
    if (t->fee_count && !t->currency.code[0])
        terms_problem(r, t->fees[0].at,
                      "expected a clause \"currency\": no amount says in which one it is paid");
    for (size_t i = 0; i < t->guarantee_count; i++)
        if (t->guarantees[i].span == SPAN_TERM && t->until.number == INT32_MAX)
            terms_problem(r, t->guarantees[i].at, "a guarantee for the term needs a last day");
    for (size_t i = 0; i < t->credit_count; i++)
        if (t->credits[i].span == SPAN_TERM && t->until.number == INT32_MAX)
            terms_problem(r, t->credits[i].at, "a credit for the term needs a last day");
    for (size_t i = 0; i < t->advance_count; i++) {
        struct day on = t->advances[i].on;
        if (on.number >= t->until.number)
            terms_problem(r, t->advances[i].at, "the advance is due after the last day");
        if (t->advances[i].carried && t->advances[i].window == SPAN_TERM)
            terms_problem(r, t->advances[i].at,
                          "what is recouped within the term cannot be carried over");
    }
    for (size_t i = 0; i < t->settlement_count; i++)
        if (t->settlements[i].until.number > t->from.number)
            terms_problem(r, t->settlements[i].at, "past use ends before the first day");
    for (size_t i = 0; i < t->promotion_count; i++)
        if (!within(t, t->promotions[i].from, t->promotions[i].until))
            terms_problem(r, t->promotions[i].at, "the promotion is outside of the period");
    for (size_t i = 0; i < t->escrow_count; i++)
        if (rational_add(held, t->escrows[i].part, &held, &why) != OK ||
            rational_compare(held, rational_of(1)) > 0)
            terms_problem(r, t->escrows[i].at, "more than 100 %% would be held");
    if (t->mfn_count && !t->fee_count && !t->guarantee_count && !t->advance_count)
        terms_problem(r, t->mfns[0].at, "there is no fee to be most favoured on");
}

void terms_check(struct terms_reader *r)
{
    const struct terms *t = r->t;
    check_parties(r);
    check_grants(r);
    check_money(r);
    if (t->renewal != SPAN_ONCE && t->until.number == INT32_MAX)
        terms_problem(r, t->from_at, "terms without a last day do not renew");
}
