/* SPDX-License-Identifier: Apache-2.0 */
#include "slow.h"

#include <gmp.h>
#include <stdlib.h>

enum { WHO_TOGETHER = -1, WHO_NOBODY = -2, PARTIES_MOST = 8, PLACES = 8, POTS_MOST = 200 };

struct held_pot {
    int64_t minor;
    int32_t due;
    uint32_t clause;
    mpq_t weights[PARTIES_MOST];
};

struct slow {
    const struct price_input *in;
    struct slow_price *out;
    const struct terms *t; /* at hand */
    uint32_t bargain;
    int32_t from, until; /* the window at hand */
    int64_t dues[PARTIES_MOST];
    int64_t advances[PARTIES_MOST][PLACES], held[PARTIES_MOST][PLACES],
        earned[PARTIES_MOST][PLACES];
    struct held_pot *pots;
    size_t pot_count;
};

static void q_set(mpq_t q, struct rational r)
{
    BUF(text);
    int128_format(r.n, &text);
    buf_byte(&text, '/');
    int128_format(r.d, &text);
    mpq_set_str(q, (const char *)text.bytes, 10);
    mpq_canonicalize(q);
}

static void q_set_int(mpq_t q, int64_t n)
{
    q_set(q, rational_of(n));
}

static bool over; /* a sum of the price at hand leaves 64 bits */

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;
    over = __builtin_add_overflow(a, b, &sum) || over;
    return sum;
}

/* towards zero */
static int64_t q_whole(const mpq_t q)
{
    mpz_t z;
    mpz_init(z);
    mpz_tdiv_q(z, mpq_numref(q), mpq_denref(q));
    over = over || !mpz_fits_slong_p(z);
    int64_t n = mpz_get_si(z);
    mpz_clear(z);
    return n;
}

static void emit(struct slow *s, uint32_t licensor, enum line_kind kind, uint32_t clause,
                 int64_t minor)
{
    if (s->until <= s->in->from.number || minor == 0)
        return;
    if (s->out->count == SLOW_LINES_MOST)
        abort();
    s->out->lines[s->out->count++] = (struct slow_line) { s->bargain, licensor, s->from,
                                                          kind,       clause,   minor };
}

/* ---- plays ------------------------------------------------------------------------------------- */

static bool name_in(const struct terms_names *names, const char *a, const char *b)
{
    char both[300];
    snprintf(both, sizeof both, "%s/%s", a, b);
    bool found = names->count == 0;
    for (size_t i = 0; i < names->count; i++)
        found = found || strcmp(names->items[i].text, b) == 0 ||
                strcmp(names->items[i].text, both) == 0;
    return found;
}

static bool granted(const struct slow *s, const struct terms *t, const struct cube_row *r)
{
    const struct cube_app *app = &s->in->cube->apps[r->app];
    struct territory where = { r->territory };
    for (size_t i = 0; i < s->in->cube->limited_count; i++)
        if (s->in->cube->limited[i] == t && !(r->sets >> i & 1))
            return false;
    if (r->day < t->from.number || r->day >= t->until.number ||
        !territory_set_has(&t->where, where) || !name_in(&t->networks, "", app->network))
        return false;
    for (size_t g = 0; g < t->grant_count; g++)
        if ((t->grants[g].models & (1u << r->model)) &&
            territory_set_has(&t->grants[g].where, where) &&
            name_in(&t->grants[g].apps, app->network, app->app))
            return true;
    return false;
}

static int licensor_of(const struct slow *s, const struct terms *t, const struct cube_row *r)
{
    for (size_t i = 0; r->holder != CUBE_UNKNOWN && i < t->licensors.count; i++)
        if (strcmp(t->licensors.items[i].text, s->in->cube->parties[r->holder]) == 0)
            return (int)i;
    return -1;
}

static bool play_counts(const struct terms *t, const struct cube_row *r)
{
    if (r->kind == CUBE_PREVIEW)
        return t->previews_count;
    return r->kind == CUBE_FULL && count_seconds_allowed[r->seconds] >= t->count_seconds;
}

static bool promoted(const struct terms *t, const struct cube_row *r)
{
    bool found = false;
    for (size_t i = 0; i < t->promotion_count; i++)
        found = found ||
                (r->day >= t->promotions[i].from.number && r->day < t->promotions[i].until.number &&
                 (t->promotions[i].models & (1u << r->model)) &&
                 territory_set_has(&t->promotions[i].where, (struct territory) { r->territory }));
    return found;
}

/* The plays of `who` under the terms at hand, or of the whole (who: -3). */
enum { WHO_WHOLE = -3 };
static void weigh_rows(const struct slow *s, const struct terms *t, const struct cube_row *rows,
                       size_t count, int who, unsigned models, const struct territory_set *where,
                       mpq_t out)
{
    mpz_t sum;
    mpz_init(sum);
    for (size_t i = 0; i < count; i++) {
        const struct cube_row *r = &rows[i];
        if (r->day < s->from || r->day >= s->until || !(models & (1u << r->model)) ||
            !territory_set_has(where, (struct territory) { r->territory }) || !play_counts(t, r))
            continue;
        int licensor = licensor_of(s, t, r);
        bool nobody = r->holder == CUBE_UNKNOWN, own = licensor >= 0 && granted(s, t, r);
        bool take = false;
        if (who == WHO_NOBODY) {
            take = nobody && t->unknown_in;
        } else if (who == WHO_WHOLE) {
            bool licensed = own;
            for (size_t b = 0; b < s->in->bargain_count; b++) {
                const struct terms *other = s->in->bargains[b].terms;
                licensed = licensed || (licensor_of(s, other, r) >= 0 && granted(s, other, r));
            }
            take = nobody ? t->unknown_in : licensed || t->unlicensed_in;
        } else {
            take = own && (who == WHO_TOGETHER || who == licensor) && !promoted(t, r);
        }
        if (take) {
            mpz_t w;
            mpz_init_set_si(w, r->weight_e8);
            mpz_add(sum, sum, w);
            mpz_clear(w);
        }
    }
    mpq_set_z(out, sum);
    mpz_clear(sum);
}

/* For shares: each user's own plays where the terms say so, else all plays alike. */
static void weigh(const struct slow *s, const struct terms *t, int who, unsigned models,
                  const struct territory_set *where, mpq_t out)
{
    const struct cube *c = s->in->cube;
    bool users = t->by_user && c->user_count > 0;
    weigh_rows(s, t, users ? c->users : c->rows, users ? c->user_count : c->count, who, models,
               where, out);
}

/* ---- splits ------------------------------------------------------------------------------------ */

/* Largest remainder among the licensors; ties to the slug that sorts first. */
static void split_by(const struct slow *s, const mpq_t *weights, int64_t total, int64_t *out)
{
    size_t n = s->t->licensors.count;
    mpq_t sum, part, size;
    mpq_t rest[PARTIES_MOST];
    bool taken[PARTIES_MOST] = { false };
    mpq_inits(sum, part, size, NULL);
    for (size_t i = 0; i < n; i++)
        mpq_add(sum, sum, weights[i]);
    q_set_int(size, total < 0 ? -total : total);
    int64_t given = 0;
    for (size_t i = 0; i < n; i++) {
        mpq_init(rest[i]);
        if (mpq_sgn(sum) == 0) {
            q_set(part, (struct rational) { 1, (int128)n });
        } else {
            mpq_div(part, weights[i], sum);
        }
        mpq_mul(part, part, size);
        out[i] = q_whole(part);
        given += out[i];
        mpq_t whole;
        mpq_init(whole);
        q_set_int(whole, out[i]);
        mpq_sub(rest[i], part, whole);
        mpq_clear(whole);
    }
    for (int64_t left = (total < 0 ? -total : total) - given; left > 0; left--) {
        size_t best = n;
        for (size_t i = 0; i < n; i++) {
            if (taken[i])
                continue;
            int order = best == n ? 1 : mpq_cmp(rest[i], rest[best]);
            if (order > 0 || (order == 0 && strcmp(s->t->licensors.items[i].text,
                                                   s->t->licensors.items[best].text) < 0))
                best = i;
        }
        taken[best] = true;
        out[best]++;
    }
    for (size_t i = 0; i < n; i++) {
        if (total < 0)
            out[i] = -out[i];
        mpq_clear(rest[i]);
    }
    mpq_clears(sum, part, size, NULL);
}

static void weigh_all(const struct slow *s, mpq_t *weights)
{
    struct territory_set world = territory_set_world();
    for (size_t i = 0; i < s->t->licensors.count; i++)
        weigh(s, s->t, (int)i, MODELS_ALL, &world, weights[i]);
}

static void split_sum(const struct slow *s, int64_t total, int64_t *out)
{
    mpq_t weights[PARTIES_MOST];
    for (size_t i = 0; i < PARTIES_MOST; i++)
        mpq_init(weights[i]);
    if (s->t->split == SPLIT_PLAYS)
        weigh_all(s, weights);
    for (size_t i = 0; i < s->t->licensors.count && s->t->split != SPLIT_PLAYS; i++)
        q_set(weights[i], s->t->split == SPLIT_RATIO ? s->t->ratios[i] : rational_of(1));
    split_by(s, (const mpq_t *)weights, total, out);
    for (size_t i = 0; i < PARTIES_MOST; i++)
        mpq_clear(weights[i]);
}

/* ---- rates, with most-favoured clauses ------------------------------------------------------------ */

struct term { /* a rate of somebody's terms */
    const struct terms *t;
    const void *clause;
    unsigned kind;
    struct rational rate;
    enum terms_span span;
    unsigned models;
    bool to_all;
};

static size_t list_fee(const struct terms *t, const struct fee *f, bool to_all, struct term *out)
{
    static const unsigned kinds[] = { MFN_FLAT, MFN_REVENUE, MFN_PLAY, MFN_SUBSCRIBER };
    size_t n = 0;
    if (f->part_count == 0)
        out[n++] = (struct term) { t, f, kinds[f->kind], f->rate, f->span, f->models, to_all };
    for (size_t i = 0; i < f->part_count; i++)
        n += list_fee(t, &f->parts[i], to_all, out + n);
    return n;
}

static size_t list_terms(const struct slow *s, struct term *out)
{
    size_t n = 0;
    for (size_t b = 0; b < s->in->bargain_count; b++) {
        const struct terms *t = s->in->bargains[b].terms;
        bool many = t->licensors.count > 1;
        for (size_t i = 0; i < t->fee_count; i++)
            n += list_fee(t, &t->fees[i], t->fees[i].to_all, out + n);
        for (size_t i = 0; i < t->guarantee_count; i++)
            out[n++] = (struct term) { t,
                                       &t->guarantees[i],
                                       MFN_GUARANTEE,
                                       rational_of(t->guarantees[i].minor),
                                       t->guarantees[i].span,
                                       MODELS_ALL,
                                       many };
        for (size_t i = 0; i < t->advance_count; i++)
            out[n++] = (struct term) { t,
                                       &t->advances[i],
                                       MFN_ADVANCE,
                                       rational_of(t->advances[i].minor),
                                       t->advances[i].window,
                                       MODELS_ALL,
                                       many };
    }
    return n;
}

static bool common(const struct terms_names *a, const struct terms_names *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (strcmp(a->items[i].text, b->items[k].text) == 0)
                return true;
    return false;
}

static bool runs_in(const struct slow *s, const struct terms *t)
{
    return t->from.number < s->until && t->until.number > s->from;
}

/* The best rate along any path of clauses that visits no term twice. */
static void best_rate(const struct slow *s, const struct term *all, size_t count, size_t at,
                      bool *seen, mpq_t best)
{
    const struct term *own = &all[at];
    q_set(best, own->rate);
    seen[at] = true;
    for (size_t m = 0; m < own->t->mfn_count && runs_in(s, own->t); m++) {
        const struct terms_mfn *clause = &own->t->mfns[m];
        if (!(clause->kinds & (1u << own->kind)) || s->from < clause->since.number)
            continue;
        for (size_t i = 0; i < count; i++) {
            const struct term *other = &all[i];
            bool sums = own->kind == MFN_FLAT || own->kind == MFN_GUARANTEE ||
                        own->kind == MFN_ADVANCE;
            bool named = clause->with.count ? common(&clause->with, &other->t->licensors)
                                            : !common(&own->t->licensors, &other->t->licensors);
            if (seen[i] || other->t == own->t || other->kind != own->kind ||
                other->span != own->span || other->models != own->models || !named ||
                !runs_in(s, other->t) || !territory_set_meet(&clause->where, &other->t->where) ||
                !territory_set_meet(&clause->where, &own->t->where) ||
                (own->kind != MFN_REVENUE &&
                 strcmp(own->t->currency.code, other->t->currency.code) != 0))
                continue;
            mpq_t value, mine, theirs;
            struct territory_set world = territory_set_world();
            mpq_inits(value, mine, theirs, NULL);
            best_rate(s, all, count, i, seen, value);
            bool comparable = true;
            if (sums && clause->by_share) {
                weigh(s, own->t, WHO_TOGETHER, MODELS_ALL, &world, mine);
                weigh(s, other->t, WHO_TOGETHER, MODELS_ALL, &world, theirs);
                comparable = mpq_sgn(theirs) != 0;
                if (comparable) {
                    mpq_div(value, value, theirs);
                    mpq_mul(value, value, mine);
                }
            } else if (sums && own->to_all != other->to_all) {
                comparable = false;
            }
            if (comparable && mpq_cmp(value, best) > 0)
                mpq_set(best, value);
            mpq_clears(value, mine, theirs, NULL);
        }
    }
    seen[at] = false;
}

static void rate_of(const struct slow *s, const void *clause, mpq_t out)
{
    struct term all[256];
    bool seen[256] = { false };
    size_t count = list_terms(s, all);
    for (size_t i = 0; i < count; i++)
        if (all[i].clause == clause)
            best_rate(s, all, count, i, seen, out);
}

/* ---- fees --------------------------------------------------------------------------------------- */

/* Day after day: the sum after each day, rounded down, less that of the day before. */
static int64_t accrue(const struct slow *s, const mpq_t sum, enum terms_span span)
{
    int64_t all = 0;
    if (span == SPAN_ONCE)
        return s->from <= s->t->from.number && s->t->from.number < s->until ? q_whole(sum) : 0;
    for (int32_t day = s->from; day < s->until && day < s->t->until.number; day++) {
        struct day begin = { 0 }, end = { 0 };
        for (int64_t n = 0; terms_window(s->t, span, n, &begin, &end); n++)
            if (day >= begin.number && day < end.number)
                break;
        mpq_t part, value;
        mpq_inits(part, value, NULL);
        int32_t of = end.number - begin.number;
        q_set(part, (struct rational) { day + 1 - begin.number, of });
        mpq_mul(value, part, sum);
        all = plus(all, q_whole(value));
        if (day > begin.number) {
            q_set(part, (struct rational) { day - begin.number, of });
            mpq_mul(value, part, sum);
            all = plus(all, -q_whole(value));
        }
        mpq_clears(part, value, NULL);
    }
    return all;
}

/* What one minor unit of a currency is in the terms' on the last day of the window: the latest rate
 * told by then, straight before turned round. */
static void exchange(const struct slow *s, const struct currency *c, mpq_t out)
{
    const struct exchange *best = NULL;
    bool best_straight = false;
    mpq_set_si(out, 1, 1);
    if (strcmp(c->code, s->t->currency.code) == 0)
        return;
    for (int straight = 1; straight >= 0; straight--)
        for (size_t i = 0; i < s->in->exchange_count; i++) {
            const struct exchange *x = &s->in->exchanges[i];
            const struct currency *from = straight ? &x->from : &x->to,
                                  *to = straight ? &x->to : &x->from;
            if (strcmp(from->code, c->code) != 0 || strcmp(to->code, s->t->currency.code) != 0 ||
                x->day.number >= s->until || (best && x->day.number <= best->day.number))
                continue;
            best = x;
            best_straight = straight == 1;
        }
    if (!best)
        abort();
    q_set(out, best->rate);
    if (!best_straight)
        mpq_inv(out, out);
    mpq_t ten;
    mpq_init(ten);
    mpq_set_si(ten, 10, 1);
    for (int i = c->places; i < s->t->currency.places; i++)
        mpq_mul(out, out, ten);
    for (int i = s->t->currency.places; i < c->places; i++)
        mpq_div(out, out, ten);
    mpq_clear(ten);
}

/* Each day of a figure has its equal part. */
static void figures(const struct slow *s, const struct fee *f, bool revenue, mpq_t out)
{
    mpq_t part;
    mpq_init(part);
    for (size_t i = 0; i < s->in->figure_count; i++) {
        const struct figure *g = &s->in->figures[i];
        int32_t days = 0;
        if (!(f->models & (1u << g->model)))
            continue;
        if (territory_is_known(g->territory) && (!territory_set_has(&f->where, g->territory) ||
                                                 !territory_set_has(&s->t->where, g->territory)))
            continue;
        for (int32_t d = g->from.number; d < g->until.number; d++)
            days += d >= s->from && d < s->until;
        q_set(part,
              (struct rational) { (int128)(revenue ? g->revenue.minor : g->subscribers) * days,
                                  g->until.number - g->from.number });
        if (revenue && days && g->revenue.minor) {
            mpq_t rate;
            mpq_init(rate);
            exchange(s, &g->revenue.currency, rate);
            mpq_mul(part, part, rate);
            mpq_clear(rate);
        }
        mpq_add(out, out, part);
    }
    mpq_clear(part);
}

static void fee(const struct slow *s, const struct fee *f, int who, mpq_t out)
{
    mpq_t x, y;
    mpq_inits(x, y, NULL);
    mpq_set_si(out, 0, 1);
    if (f->part_count == 0)
        rate_of(s, f, x);
    if (f->kind == FEE_FLAT && who != WHO_NOBODY) {
        q_set_int(out, accrue(s, x, f->span));
    } else if (f->kind == FEE_PLAY && who != WHO_NOBODY) {
        weigh_rows(s, s->t, s->in->cube->rows, s->in->cube->count, who, f->models, &f->where, out);
        mpq_mul(out, out, x);
        q_set_int(y, SHARE_WHOLE_E8);
        mpq_div(out, out, y);
    } else if (f->kind == FEE_REVENUE || f->kind == FEE_SUBSCRIBER) {
        figures(s, f, f->kind == FEE_REVENUE, out);
        mpq_mul(out, out, x);
        if (f->by_share) {
            weigh(s, s->t, who, f->models, &f->where, x);
            weigh(s, s->t, WHO_WHOLE, f->models, &f->where, y);
            if (mpq_sgn(y) == 0)
                mpq_set_si(out, 0, 1);
            else
                mpq_div(x, x, y), mpq_mul(out, out, x);
        } else if (who == WHO_NOBODY) {
            mpq_set_si(out, 0, 1);
        }
    }
    for (size_t i = 0; i < f->part_count; i++) {
        fee(s, &f->parts[i], who, x);
        if (i == 0)
            mpq_set(out, x);
        else if (f->kind == FEE_SUM)
            mpq_add(out, out, x);
        else if ((f->kind == FEE_GREATEST) == (mpq_cmp(x, out) > 0))
            mpq_set(out, x);
    }
    mpq_clears(x, y, NULL);
}

/* ---- one window --------------------------------------------------------------------------------- */

static void fees(struct slow *s)
{
    for (size_t i = 0; i < s->t->fee_count; i++) {
        const struct fee *f = &s->t->fees[i];
        int64_t parts[PARTIES_MOST] = { 0 };
        mpq_t q;
        mpq_init(q);
        if (f->to_all) {
            fee(s, f, WHO_TOGETHER, q);
            split_sum(s, q_whole(q), parts);
        }
        for (size_t k = 0; k < s->t->licensors.count; k++) {
            if (!f->to_all) {
                fee(s, f, (int)k, q);
                parts[k] = q_whole(q);
            }
            s->dues[k] = plus(s->dues[k], parts[k]);
            emit(s, (uint32_t)k, LINE_FEE, f->at.line, parts[k]);
        }
        mpq_clear(q);
    }
}

/* The span in which the window begins. */
static void span_at(const struct slow *s, enum terms_span span, int32_t *from, int32_t *until,
                    int32_t *full)
{
    struct day a, b;
    for (int64_t n = 0; terms_window(s->t, span, n, &a, &b); n++)
        if (s->from >= a.number && s->from < b.number) {
            *from = a.number;
            *full = b.number;
            *until = b.number < s->t->until.number ? b.number : s->t->until.number;
        }
}

static void give(struct slow *s, enum line_kind kind, uint32_t clause, const int64_t *parts,
                 bool due)
{
    for (size_t k = 0; k < s->t->licensors.count; k++) {
        emit(s, (uint32_t)k, kind, clause, parts[k]);
        if (due)
            s->dues[k] = plus(s->dues[k], parts[k]);
    }
}

static void guarantees(struct slow *s)
{
    for (size_t i = 0; i < s->t->guarantee_count; i++) {
        int32_t from = 0, until = 0, full = 1;
        int64_t all = 0, parts[PARTIES_MOST];
        span_at(s, s->t->guarantees[i].span, &from, &until, &full);
        for (size_t k = 0; k < s->t->licensors.count; k++) {
            s->earned[k][i] = plus(from >= s->from ? 0 : s->earned[k][i], s->dues[k]);
            all = plus(all, s->earned[k][i]);
        }
        if (until > s->until)
            continue;
        mpq_t q, part;
        mpq_inits(q, part, NULL);
        rate_of(s, &s->t->guarantees[i], q);
        q_set(part, (struct rational) { until - from, full - from });
        mpq_mul(q, q, part);
        int64_t least = q_whole(q);
        mpq_clears(q, part, NULL);
        if (all < least) {
            split_sum(s, least - all, parts);
            give(s, LINE_GUARANTEE, s->t->guarantees[i].at.line, parts, true);
        }
    }
}

static void pots(struct slow *s, bool fill)
{
    int64_t parts[PARTIES_MOST];
    for (size_t i = 0; fill && s->t->unknown_in && i < s->t->fee_count; i++) {
        mpq_t q;
        mpq_init(q);
        fee(s, &s->t->fees[i], WHO_NOBODY, q);
        int64_t minor = q_whole(q);
        mpq_clear(q);
        if (minor == 0)
            continue;
        if (s->pot_count == POTS_MOST)
            abort();
        struct held_pot *p = &s->pots[s->pot_count++];
        p->minor = minor;
        p->clause = s->t->fees[i].at.line;
        p->due = day_months_later((struct day) { s->until }, s->t->unattributed_months).number;
        weigh_all(s, p->weights);
        emit(s, LICENSOR_NONE, LINE_POT, p->clause, minor);
    }
    for (size_t i = 0; i < s->pot_count; i++) {
        struct held_pot *p = &s->pots[i];
        if (p->minor == 0 || p->due > s->until)
            continue;
        if (s->t->unattributed == UNATTRIBUTED_RETURNED) {
            emit(s, LICENSOR_NONE, LINE_POT_RETURNED, p->clause, p->minor);
        } else {
            split_by(s, (const mpq_t *)p->weights, p->minor, parts);
            give(s, LINE_UNATTRIBUTED, p->clause, parts, true);
        }
        p->minor = 0;
    }
}

static void pay_advances(struct slow *s)
{
    for (size_t i = 0; i < s->t->advance_count; i++) {
        int32_t on = s->t->advances[i].on.number;
        int64_t parts[PARTIES_MOST];
        if (on < s->t->from.number)
            on = s->t->from.number;
        if (on < s->from || on >= s->until)
            continue;
        mpq_t q;
        mpq_init(q);
        rate_of(s, &s->t->advances[i], q);
        split_sum(s, q_whole(q), parts);
        mpq_clear(q);
        for (size_t k = 0; k < s->t->licensors.count; k++)
            s->advances[k][i] = plus(s->advances[k][i], parts[k]);
        give(s, LINE_ADVANCE, s->t->advances[i].at.line, parts, false);
    }
}

static int64_t part_of(int64_t sum, struct rational part)
{
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    q_set_int(a, sum);
    q_set(b, part);
    mpq_mul(a, a, b);
    int64_t whole = q_whole(a);
    mpq_clears(a, b, NULL);
    return whole;
}

static void set_off(struct slow *s, uint32_t k)
{
    int64_t left = s->dues[k];
    for (size_t i = 0; i < s->t->advance_count && left > 0; i++) {
        int64_t part = s->advances[k][i] < left ? s->advances[k][i] : left;
        s->advances[k][i] -= part;
        left -= part;
        emit(s, k, LINE_RECOUPED, s->t->advances[i].at.line, -part);
    }
    if (s->t->advance_count && left > 0) {
        int64_t kept = part_of(left, s->t->overage);
        emit(s, k, LINE_WAIVED, s->t->advances[0].at.line, kept - left);
        left = kept;
    }
    for (size_t i = 0; i < s->t->escrow_count; i++) {
        if (s->t->escrows[i].until.number < s->until || left <= 0)
            continue;
        int64_t held = part_of(left, s->t->escrows[i].part);
        s->held[k][i] = plus(s->held[k][i], held);
        emit(s, k, LINE_HELD, s->t->escrows[i].at.line, -held);
    }
}

static void let_go(struct slow *s)
{
    for (uint32_t k = 0; k < s->t->licensors.count; k++)
        for (size_t i = 0; i < s->t->escrow_count; i++)
            if (s->t->escrows[i].until.number < s->until) {
                emit(s, k, LINE_RELEASED, s->t->escrows[i].at.line, s->held[k][i]);
                s->held[k][i] = 0;
            }
}

static void lapse(struct slow *s)
{
    for (size_t i = 0; i < s->t->advance_count; i++) {
        const struct terms_advance *v = &s->t->advances[i];
        int32_t from = 0, until = 0, full = 0;
        span_at(s, v->window, &from, &until, &full);
        if (until > s->until || (v->carried && until < s->t->until.number))
            continue;
        for (uint32_t k = 0; k < s->t->licensors.count; k++) {
            emit(s, k, LINE_LAPSED, v->at.line, s->advances[k][i]);
            s->advances[k][i] = 0;
        }
    }
}

static void window(struct slow *s)
{
    int64_t parts[PARTIES_MOST];
    memset(s->dues, 0, sizeof s->dues);
    fees(s);
    guarantees(s);
    for (size_t i = 0; i < s->t->settlement_count; i++)
        if (s->from <= s->t->from.number && s->t->from.number < s->until) {
            split_sum(s, s->t->settlements[i].minor, parts);
            give(s, LINE_SETTLEMENT, s->t->settlements[i].at.line, parts, true);
        }
    pots(s, true);
    pay_advances(s);
    for (uint32_t k = 0; k < s->t->licensors.count; k++)
        set_off(s, k);
    let_go(s);
    lapse(s);
    for (size_t i = 0; i < s->t->credit_count; i++) {
        mpq_t q;
        mpq_init(q);
        q_set_int(q, s->t->credits[i].minor);
        split_sum(s, accrue(s, q, s->t->credits[i].span), parts);
        mpq_clear(q);
        give(s, LINE_CREDIT, s->t->credits[i].at.line, parts, false);
    }
}

static void bargain(struct slow *s)
{
    static const int months[] = { [SPAN_MONTH] = 1, [SPAN_QUARTER] = 3, [SPAN_YEAR] = 12 };
    int32_t end = s->in->until.number;
    s->until = s->t->from.number;
    for (int64_t n = 1; s->until < end; n++) {
        s->from = s->until;
        s->until = day_months_later(s->t->from, n * months[s->t->accounting]).number;
        if (s->from < s->t->until.number) {
            if (s->until > s->t->until.number) {
                s->until = s->t->until.number;
                n--; /* the rest of this one comes behind the last day */
            }
            s->until = s->until < end ? s->until : end;
            window(s);
        } else {
            s->until = s->until < end ? s->until : end;
            memset(s->dues, 0, sizeof s->dues);
            pots(s, false);
            let_go(s);
        }
    }
}

static int by_key(const void *pa, const void *pb)
{
    const struct slow_line *a = pa, *b = pb;
    const int64_t x[] = { a->bargain, a->licensor, a->from, a->kind, a->clause },
                  y[] = { b->bargain, b->licensor, b->from, b->kind, b->clause };
    for (size_t i = 0; i < COUNT_OF(x); i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

void slow_sort(struct slow_price *p)
{
    size_t n = 0;
    if (p->count)
        qsort(p->lines, p->count, sizeof p->lines[0], by_key);
    for (size_t i = 0; i < p->count; i++)
        if (n && by_key(&p->lines[n - 1], &p->lines[i]) == 0)
            p->lines[n - 1].minor += p->lines[i].minor;
        else
            p->lines[n++] = p->lines[i];
    p->count = n;
}

void slow_run(const struct price_input *in, struct slow_price *out)
{
    struct slow s = { .in = in, .out = out };
    out->count = 0;
    over = false;
    s.pots = calloc(POTS_MOST, sizeof *s.pots);
    for (size_t i = 0; i < POTS_MOST; i++)
        for (size_t k = 0; k < PARTIES_MOST; k++)
            mpq_init(s.pots[i].weights[k]);
    for (size_t b = 0; b < in->bargain_count; b++) {
        memset(s.advances, 0, sizeof s.advances);
        memset(s.held, 0, sizeof s.held);
        memset(s.earned, 0, sizeof s.earned);
        s.pot_count = 0;
        s.bargain = (uint32_t)b;
        s.t = in->bargains[b].terms;
        bargain(&s);
    }
    for (size_t i = 0; i < POTS_MOST; i++)
        for (size_t k = 0; k < PARTIES_MOST; k++)
            mpq_clear(s.pots[i].weights[k]);
    free(s.pots);
    slow_sort(out);
    out->over = over;
}

void slow_of(const struct price *p, struct slow_price *out)
{
    out->count = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct price_line *l = &p->lines[i];
        if (l->minor == 0)
            continue;
        if (out->count == SLOW_LINES_MOST)
            abort();
        out->lines[out->count++] = (struct slow_line) { l->bargain, l->licensor,    l->from.number,
                                                        l->kind,    l->clause.line, l->minor };
    }
    slow_sort(out);
}
