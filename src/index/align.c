/* SPDX-License-Identifier: Apache-2.0 */
/* Along a line: how well it agrees, where it lies best, where it begins and ends. */
#include "index/search.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Deviations that the best of all stretches of a window has over the whole where nothing but chance
 * agrees, in the usual case. */
#define STRETCH_COST 2.0

#define TEMPO_REACH 0.025

/* ---- lines ------------------------------------------------------------------------------- */

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512bw"))) static int
agree_wide(const struct fp_word *w, const int8_t *soft, int *squares, int *sizes)
{
    const __m512i zero = _mm512_setzero_si512(), ones = _mm512_set1_epi8(1);
    const __m512i ones16 = _mm512_set1_epi16(1);
    __m512i sum = zero, square = zero, size = zero;
    for (size_t h = 0; h < 2; h++) {
        __m512i v = _mm512_loadu_si512(soft + 64 * h), a = _mm512_abs_epi8(v);
        __m512i with = _mm512_mask_sub_epi8(v, ~w->half[h], zero, v);
        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_maddubs_epi16(ones, with), ones16));
        square = _mm512_add_epi32(square, _mm512_madd_epi16(_mm512_maddubs_epi16(a, a), ones16));
        size = _mm512_add_epi32(size, _mm512_madd_epi16(_mm512_maddubs_epi16(ones, a), ones16));
    }
    *squares = _mm512_reduce_add_epi32(square);
    *sizes = _mm512_reduce_add_epi32(size);
    return _mm512_reduce_add_epi32(sum);
}
#endif

static int agree_plain(const struct fp_word *w, const int8_t *soft, int *square, int *size)
{
    int sum = 0, squares = 0, sizes = 0;
    for (size_t h = 0; h < 2; h++)
        for (size_t b = 0; b < 64; b++) {
            int v = soft[h * 64 + b];
            sum += (w->half[h] >> b & 1) ? v : -v;
            squares += v * v;
            sizes += v < 0 ? -v : v;
        }
    *square = squares;
    *size = sizes;
    return sum;
}

double word_agree(const struct fp_word *w, const int8_t *soft, double *square, double *size)
{
    int squares, sizes, sum;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bw"))
        sum = agree_wide(w, soft, &squares, &sizes);
    else
#endif
        sum = agree_plain(w, soft, &squares, &sizes);
    *square = squares;
    *size = sizes;
    return sum;
}

double judged_deviations(const struct judged *j)
{
    return j->square > 0 ? j->sum / sqrt(j->square) : 0;
}

/* The agreement along a line between hops from and to of the query. */
static struct judged line_judge(const struct search *s, const struct segment *g, size_t recording,
                                const struct line *l, double from, double to)
{
    struct judged all = { 0, 0, 0 };
    const struct segment_recording *r = &g->recordings[recording];
    double step = FP_STEP / l->warp.rate, reach = NEAR / l->warp.rate;
    double first = ceil(l->ja + (from + reach - l->xa) / step);
    if (first < 0)
        first = 0;
    for (double j = first; j < r->count; j++) {
        double x = l->xa + (j - l->ja) * step;
        if (x > to - reach)
            break;
        int8_t soft[FP_BITS];
        const struct fp_word *w = &g->words[r->first + (uint32_t)j];
        if (!(w->half[0] | w->half[1]) || !fp_window_sketch(&s->whole, &l->warp, x, soft))
            continue;
        double square, size;
        all.sum += word_agree(w, soft, &square, &size);
        all.square += square;
        all.size += size;
    }
    return all;
}

struct reach { /* of tempo and pitch, while a line is moved */
    double slow, fast;
    int low, high;
};

/* Not further than half of the way to the next hypothesis: every place that was found by chance
 * gains by being moved about freely, the right one has been hit already. */
static struct reach reach_of(const struct fp_warp *w, double share, int pitch)
{
    return (struct reach) { fmax(RATE_LEAST, w->rate * (1 - share)),
                            fmin(RATE_MOST, w->rate * (1 + share)),
                            w->pitch - pitch > FP_PITCH_LEAST ? w->pitch - pitch : FP_PITCH_LEAST,
                            w->pitch + pitch < FP_PITCH_MOST ? w->pitch + pitch : FP_PITCH_MOST };
}

/* Try a change of the line; keep it when it agrees better. */
static bool line_try(const struct search *s, const struct segment *g, size_t recording,
                     struct line *l, double *best, double shift, double stretch, int pitch,
                     const struct reach *reach)
{
    struct line t = *l;
    t.xa += shift;
    t.warp.rate *= stretch;
    t.warp.pitch += pitch;
    if (t.warp.pitch < reach->low || t.warp.pitch > reach->high || t.warp.rate < reach->slow ||
        t.warp.rate > reach->fast)
        return false;
    struct judged j = line_judge(s, g, recording, &t, s->from, s->to);
    double z = judged_deviations(&j);
    if (z <= *best)
        return false;
    *best = z;
    *l = t;
    return true;
}

/* Turn the line around its anchor, which is certain, while its rate is not. */
void line_turn(const struct search *s, const struct segment *g, size_t recording, struct line *l)
{
    struct line start = *l;
    struct judged j = line_judge(s, g, recording, l, s->from, s->to);
    double best = judged_deviations(&j);
    struct reach reach = reach_of(&start.warp, 0.05, 0);
    for (int i = -6; i <= 6; i++) {
        struct line t = start;
        double z = best;
        t.warp.rate *= exp2(i * 0.01);
        if (i != 0 && line_try(s, g, recording, &t, &z, 0, 1, 0, &reach)) {
            best = z;
            *l = t;
        }
    }
}

/* Anchor the line in the middle and move it to where it agrees best; not when it agrees less than
 * `least` to begin with. Returns its deviations. */
double line_fit(const struct search *s, const struct segment *g, size_t recording, struct line *l,
                double least, bool certain)
{
    double middle = (s->from + s->to) / 2, step = 1, stretch = 0.01;
    struct judged j = line_judge(s, g, recording, l, s->from, s->to);
    double best = judged_deviations(&j);
    struct reach reach = reach_of(&l->warp, certain ? 0.1 : TEMPO_REACH, certain ? 6 : 1);
    l->ja += (middle - l->xa) * l->warp.rate / FP_STEP;
    l->xa = middle;
    if (best < least)
        return best;
    for (int pass = 0; pass < 10 && step > 0.2; pass++) {
        bool better = false;
        for (int i = -1; i <= 1; i++)
            for (int k = -1; k <= 1; k++)
                if (i || k)
                    better |= line_try(s, g, recording, l, &best, i * step, 1 + k * stretch, 0,
                                       &reach);
        better |= line_try(s, g, recording, l, &best, 0, 1, 1, &reach) ||
                  line_try(s, g, recording, l, &best, 0, 1, -1, &reach);
        if (!better) {
            step /= 2;
            stretch /= 2;
        }
    }
    return best;
}

/* ---- spans ------------------------------------------------------------------------------- */

/* Where along the window the agreement begins and ends: the stretch with the largest sum of
 * (agreement - half of its middle value). */
void span_bounds(const struct search *s, const struct segment *g, struct span *span)
{
    const struct segment_recording *r = &g->recordings[span->recording];
    const struct line *l = &span->line;
    double step = FP_STEP / l->warp.rate, reach = NEAR / l->warp.rate;
    double begin = (double)s->whole.first, end = (double)(s->whole.first + s->whole.count);
    double first = ceil(l->ja + (begin + reach - l->xa) / step);
    if (first < 0)
        first = 0;
    double sum[512], square[512], size[512], x0 = l->xa + (first - l->ja) * step;
    size_t count = 0;
    for (double j = first; j < r->count && count < COUNT_OF(sum); j++, count++) {
        double x = l->xa + (j - l->ja) * step;
        int8_t soft[FP_BITS];
        if (x > end - reach)
            break;
        const struct fp_word *w = &g->words[r->first + (uint32_t)j];
        sum[count] = square[count] = size[count] = 0;
        if ((w->half[0] | w->half[1]) && fp_window_sketch(&s->whole, &l->warp, x, soft))
            sum[count] = word_agree(w, soft, &square[count], &size[count]);
    }
    struct judged core = line_judge(s, g, span->recording, l, (double)s->first,
                                    (double)(s->first + s->count));
    span->all_sum = core.sum;
    span->all_square = core.square;
    double level = core.size > 0 ? 0.5 * core.sum / core.size : 0;
    size_t from = 0, to = 0;
    for (int pass = 0; pass < 2;
         pass++) { /* the window may be half filled: then by what was found */
        double best = -1, run = 0;
        size_t start = 0;
        for (size_t i = 0; i < count; i++) {
            if (run <= 0) {
                run = 0;
                start = i;
            }
            run += sum[i] - level * size[i];
            if (run > best) {
                best = run;
                from = start;
                to = i;
            }
        }
        span->sum = span->square = span->sure = 0;
        for (size_t i = from; i <= to && i < count; i++) {
            span->sum += sum[i];
            span->square += square[i];
            span->sure += size[i];
        }
        level = span->sure > 0 ? 0.5 * span->sum / span->sure : level;
    }
    /* little agreement everywhere: then the whole window tells more than its best stretch */
    if (span->sum < 0.4 * span->sure &&
        judged_deviations(&core) >
            judged_deviations(&(struct judged) { span->sum, span->square, span->sure })) {
        span->sum = core.sum;
        span->square = core.square;
        span->sure = core.size;
        from = 0;
        to = count ? count - 1 : 0;
        while (from < to && x0 + (double)from * step < (double)s->first + reach)
            from++;
        while (to > from && x0 + (double)to * step > (double)(s->first + s->count) - reach)
            to--;
    }
    /* a word at the edge of what could be compared reaches to the edge */
    span->from = from == 0 ? begin : x0 + ((double)from - 0.5) * step;
    span->to = to + 1 >= count ? end : x0 + ((double)to + 0.5) * step;
    double word_first = l->xa - (l->ja + 0.5) * step;
    double word_last = l->xa + ((double)r->count - l->ja + 0.5) * step;
    if (from == 0 && first == 0 && word_first > span->from)
        span->from = word_first;
    if (to + 1 >= count && word_last < span->to)
        span->to = word_last;
}

double span_deviations(const struct span *p)
{
    double all = p->all_square > 0 ? p->all_sum / sqrt(p->all_square) : 0;
    double stretch = p->square > 0 ? p->sum / sqrt(p->square) : 0;
    return fmax(all / p->spread, stretch / p->spread - STRETCH_COST);
}

double line_word_at(const struct line *l, double hop)
{
    return l->ja + (hop - l->xa) * l->warp.rate / FP_STEP;
}

enum code span_add(struct search *s, const struct span *new, struct error *e)
{
    if (s->span_count == s->span_room) {
        size_t room = s->span_room ? 2 * s->span_room : 32;
        struct span *spans = arena_try(s->a, room, sizeof *spans);
        if (!spans)
            return fail(e, ERR_MEMORY, "no memory for %zu spans", room);
        if (s->span_count)
            memcpy(spans, s->spans, s->span_count * sizeof *spans);
        s->spans = spans;
        s->span_room = room;
    }
    s->spans[s->span_count++] = *new;
    return OK;
}
