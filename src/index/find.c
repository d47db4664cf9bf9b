/* SPDX-License-Identifier: Apache-2.0 */
/* A question: windows, hypotheses, candidates, lines, spans. */
#include "index/store.h"

#include <math.h>
#include <stdlib.h>

#define WINDOW_ROWS   160 /* 10.24 s */
#define WINDOW_STRIDE 80
#define SHORT_ROWS    208 /* a query up to this long is one window */
#define ROWS_LEAST    24
#define CONTEXT       40 /* rows around a window that its averages may need */
#define PHASES        8
#define NEAR          2.0
#define WARPS_MOST    400
#define NULL_PLACES   200
#define KEPT          5.0 /* deviations from which a line is looked at closely */
#define SURE          14.0 /* from which no further hypothesis is asked */

struct line { /* hop x of the query plays word ja + (x - xa) * rate / FP_STEP */
    double xa, ja;
    struct fp_warp warp;
};

struct span {
    size_t part, recording;
    struct line line;
    double from, to; /* hops of the query */
    double sum, square; /* soft agreement, and the square of what chance gives */
    double sure;        /* sum of the sizes of the soft bits */
    double trials, spread; /* spread: the deviation that other places show, in the expected one */
};

struct search {
    const struct view *view;
    const struct fp_query *query;
    const struct index_options *options;
    struct arena *a;
    struct fp_window whole; /* the window in hand, with context */
    size_t first, count;    /* its rows */
    struct sketch *sketches;
    int8_t (*soft)[SKETCH_WORDS][FP_BITS]; /* [PHASES] */
    struct probe *probes;
    struct span *spans;
    size_t span_count, span_room;
    struct fp_warp known[8]; /* factors found before, tried first */
    size_t known_count;
    double spread; /* of agreement by chance, against independent bits */
    double trials; /* places times hypotheses looked at for this window */
    bool scan;
    uint64_t words;
};

/* ---- sketches ---------------------------------------------------------------------------- */

/* Lay words over the window from phase hops on. False: nothing to hear. */
static bool sketch_make(const struct search *s, const struct fp_warp *warp, double phase,
                        uint32_t hypothesis, struct sketch *k, int8_t (*soft)[FP_BITS])
{
    double reach = NEAR / warp->rate, step = FP_STEP / warp->rate;
    double centre = (double)s->first + reach + phase;
    double last = (double)(s->first + s->count) - reach;
    uint32_t sizes[128] = { 0 }, heard = 0, count = 0;
    for (; count < SKETCH_WORDS && centre + step * count <= last; count++) {
        if (!fp_window_sketch(&s->whole, warp, centre + step * count, soft[count]))
            continue;
        heard++;
        for (size_t b = 0; b < FP_BITS; b++)
            sizes[soft[count][b] < 0 ? -soft[count][b] : soft[count][b]]++;
    }
    if (heard < 3)
        return false;
    /* the better six tenths count once, the best quarter twice */
    uint32_t all = heard * FP_BITS, seen = 0;
    int fair = 127, sure = 127;
    for (int v = 127; v > 0; v--) {
        seen += sizes[v];
        if (seen * 4 <= all)
            sure = v;
        if (seen * 10 <= all * 6)
            fair = v;
    }
    k->count = count;
    k->hypothesis = hypothesis;
    uint32_t once = 0, twice = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct fp_word bits = { { 0, 0 } }, f = bits, t = bits;
        for (size_t b = 0; b < FP_BITS; b++) {
            int v = soft[i][b], size = v < 0 ? -v : v;
            bits.half[b / 64] |= (uint64_t)(v > 0) << b % 64;
            f.half[b / 64] |= (uint64_t)(size >= fair) << b % 64;
            t.half[b / 64] |= (uint64_t)(size >= sure) << b % 64;
            once += size >= fair && size < sure;
            twice += size >= fair && size >= sure;
        }
        k->bits[i] = bits;
        k->fair[i] = f;
        k->sure[i] = t;
        k->sure[i].half[0] &= f.half[0];
        k->sure[i].half[1] &= f.half[1];
    }
    k->weight = (int32_t)(once + 2 * twice);
    k->per_deviation = 1 / sqrtf(0.25f * (float)once + (float)twice + 1);
    return true;
}

/* ---- probes ------------------------------------------------------------------------------ */

#define PARTS_PROBED 40
#define WEAKEST      6
#define FLIPS        12

struct part_choice {
    float cost;
    uint8_t sketch, word, part;
};

/* Chance, as a logarithm, that a bit of this size is another in the reference. */
static float bit_cost(int8_t soft)
{
    float v = (float)soft / 22;
    return 1 / (1 + v * v);
}

static void choice_offer(struct part_choice *best, size_t *count, struct part_choice c)
{
    size_t at = *count;
    if (at == PARTS_PROBED) {
        if (c.cost >= best[PARTS_PROBED - 1].cost)
            return;
        at--;
    } else {
        (*count)++;
    }
    for (; at > 0 && best[at - 1].cost > c.cost; at--)
        best[at] = best[at - 1];
    best[at] = c;
}

/* The key of a part, and the keys with its least sure bits flipped, likeliest first. */
static size_t part_probes(const struct sketch *k, const int8_t *soft, struct part_choice c,
                          struct probe *out)
{
    const int8_t *bits = soft + c.part * 32;
    uint32_t key = (uint32_t)(k->bits[c.word].half[c.part / 2] >> (c.part % 2 * 32));
    int weak[WEAKEST];
    size_t count = 0;
    for (int b = 0; b < 32; b++) {
        int size = abs(bits[b]);
        size_t at = count;
        if (count == WEAKEST) {
            if (size >= abs(bits[weak[WEAKEST - 1]]))
                continue;
            at--;
        } else {
            count++;
        }
        for (; at > 0 && abs(bits[weak[at - 1]]) > size; at--)
            weak[at] = weak[at - 1];
        weak[at] = b;
    }
    uint32_t cost[1 << WEAKEST];
    for (uint32_t set = 0; set < 1u << WEAKEST; set++) {
        cost[set] = 0;
        for (size_t i = 0; i < WEAKEST; i++)
            if (set >> i & 1)
                cost[set] += (uint32_t)abs(bits[weak[i]]) + 4;
    }
    size_t made = 0;
    for (; made < FLIPS; made++) {
        uint32_t best = 0;
        for (uint32_t set = 1; set < 1u << WEAKEST; set++)
            if (cost[set] < cost[best])
                best = set;
        if (cost[best] == UINT32_MAX)
            break;
        uint32_t flipped = key;
        for (size_t i = 0; i < WEAKEST; i++)
            if (best >> i & 1)
                flipped ^= 1u << weak[i];
        cost[best] = UINT32_MAX;
        out[made] = (struct probe) { flipped, c.sketch, c.word, c.part };
    }
    return made;
}

/* ---- one hypothesis ---------------------------------------------------------------------- */

static void hypothesis_try(struct search *s, const struct fp_warp *warp, uint32_t number,
                           bool scan, struct candidates *found)
{
    struct part_choice best[PARTS_PROBED];
    size_t chosen = 0, probes = 0;
    bool heard = false;
    for (size_t phase = 0; phase < PHASES; phase++) {
        struct sketch *k = &s->sketches[phase];
        k->count = 0;
        if (!sketch_make(s, warp, (double)phase / warp->rate, number, k, s->soft[phase]))
            continue;
        heard = true;
        for (uint32_t i = 0; i < k->count; i++)
            for (size_t p = 0; p < FP_PARTS; p++) {
                float cost = 0;
                for (size_t b = 0; b < 32; b++)
                    cost += bit_cost(s->soft[phase][i][p * 32 + b]);
                choice_offer(best, &chosen, (struct part_choice) { cost, (uint8_t)phase,
                                                                   (uint8_t)i, (uint8_t)p });
            }
    }
    if (!heard)
        return;
    for (size_t i = 0; i < chosen; i++)
        probes += part_probes(&s->sketches[best[i].sketch],
                              s->soft[best[i].sketch][best[i].word], best[i], s->probes + probes);
    for (size_t v = 0; v < s->view->count; v++) {
        const struct segment *segment = &s->view->parts[v]->segment;
        found->segment = (uint32_t)v;
        segment_probe(segment, s->sketches, s->probes, probes, 4096, found);
        for (size_t phase = 0; scan && phase < PHASES; phase++)
            if (s->sketches[phase].count)
                segment_scan(segment, &s->sketches[phase], (uint32_t)phase, found);
    }
}

/* ---- lines ------------------------------------------------------------------------------- */

static double agree(const struct fp_word *w, const int8_t *soft, double *square, double *size)
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

struct judged {
    double sum, square, size;
};

static double deviations(const struct judged *j)
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
        all.sum += agree(w, soft, &square, &size);
        all.square += square;
        all.size += size;
    }
    return all;
}

/* Try a change of the line; keep it when it agrees better. */
static bool line_try(const struct search *s, const struct segment *g, size_t recording,
                     struct line *l, double *best, double shift, double stretch, int pitch)
{
    struct line t = *l;
    t.xa += shift;
    t.warp.rate *= stretch;
    t.warp.pitch += pitch;
    if (t.warp.pitch < FP_PITCH_LEAST || t.warp.pitch > FP_PITCH_MOST || t.warp.rate < 0.5
        || t.warp.rate > 2)
        return false;
    struct judged j = line_judge(s, g, recording, &t, (double)s->first,
                                 (double)(s->first + s->count));
    double z = deviations(&j);
    if (z <= *best)
        return false;
    *best = z;
    *l = t;
    return true;
}

/* From a candidate to the line that agrees best around it. Returns its deviations. */
static double line_fit(const struct search *s, const struct segment *g, size_t recording,
                       struct line *l, bool free, double least)
{
    struct judged j = line_judge(s, g, recording, l, (double)s->first,
                                 (double)(s->first + s->count));
    double best = deviations(&j);
    if (free) { /* turn around the anchor */
        struct line start = *l;
        for (int i = -8; i <= 8; i++) {
            struct line t = start;
            double z = best;
            t.warp.rate *= exp2(i * 0.0125);
            if (i != 0 && line_try(s, g, recording, &t, &z, 0, 1, 0)) {
                best = z;
                *l = t;
            }
        }
    }
    double middle = (double)s->first + (double)s->count / 2;
    l->ja += (middle - l->xa) * l->warp.rate / FP_STEP;
    l->xa = middle;
    if (best < least)
        return best;
    double step = 1, stretch = 0.01;
    for (int pass = 0; pass < 10 && step > 0.2; pass++) {
        bool better = false;
        for (int i = -1; i <= 1; i++)
            for (int k = -1; k <= 1; k++)
                if (i || k)
                    better |= line_try(s, g, recording, l, &best, i * step, 1 + k * stretch, 0);
        better |= line_try(s, g, recording, l, &best, 0, 1, 1)
               || line_try(s, g, recording, l, &best, 0, 1, -1);
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
static void span_bounds(const struct search *s, const struct segment *g, struct span *span)
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
            sum[count] = agree(w, soft, &square[count], &size[count]);
    }
    struct judged core = line_judge(s, g, span->recording, l, (double)s->first,
                                    (double)(s->first + s->count));
    double level = core.size > 0 ? 0.5 * core.sum / core.size : 0;
    double best = -1, run = 0;
    size_t start = 0, from = 0, to = 0;
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

static double span_deviations(const struct span *p)
{
    return p->square > 0 ? p->sum / sqrt(p->square) / p->spread : 0;
}

static double word_at(const struct line *l, double hop)
{
    return l->ja + (hop - l->xa) * l->warp.rate / FP_STEP;
}

static enum code span_add(struct search *s, const struct span *new, struct error *e)
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

/* ---- one window -------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* How far the agreement of this window strays at places that have nothing to do with it: music is
 * less random than coins, and some music much less. */
static double null_spread(const struct search *s, const struct fp_warp *warp)
{
    int8_t soft[SKETCH_WORDS][FP_BITS];
    double step = FP_STEP / warp->rate, reach = NEAR / warp->rate, square, size, squares = 0;
    float strays[NULL_PLACES];
    size_t count = 0, made = 0;
    for (; count < SKETCH_WORDS; count++) {
        double x = (double)s->first + reach + step * (double)count;
        if (x > (double)(s->first + s->count) - reach)
            break;
        fp_window_sketch(&s->whole, warp, x, soft[count]);
    }
    uint64_t stride = s->words / NULL_PLACES + 1;
    for (uint64_t at = stride / 2; at < s->words && made < NULL_PLACES; at += stride) {
        uint64_t place = at;
        size_t v = 0;
        while (place >= s->view->parts[v]->segment.head->words)
            place -= s->view->parts[v++]->segment.head->words;
        const struct segment *g = &s->view->parts[v]->segment;
        if (place + count > g->head->words)
            continue;
        double sum = 0;
        squares = 0;
        for (size_t i = 0; i < count; i++) {
            const struct fp_word *w = &g->words[place + i];
            if (!(w->half[0] | w->half[1]))
                continue;
            sum += agree(w, soft[i], &square, &size);
            squares += square;
        }
        strays[made++] = squares > 0 ? (float)fabs(sum / sqrt(squares)) : 0;
    }
    if (made < NULL_PLACES / 10)
        return 1.5;
    qsort(strays, made, sizeof *strays, by_size);
    double spread = (double)strays[made * 9 / 10] / 1.645;
    return spread < 1 ? 1 : spread;
}

/* The deviations that a span needs. */
static double least_deviations(const struct search *s)
{
    double alarms = s->options->false_alarms > 0 ? s->options->false_alarms : 0.01;
    (void)alarms;
    return 9;
}

static enum code candidates_judge(struct search *s, struct candidates *found,
                                  const struct fp_warp *warps, bool free, size_t most, bool *any,
                                  struct error *e)
{
    double least = least_deviations(s);
    for (size_t n = 0; n < most && n < found->count; n++) {
        size_t at = n;
        for (size_t i = n + 1; i < found->count; i++)
            if (found->best[i].score > found->best[at].score)
                at = i;
        struct candidate c = found->best[at];
        found->best[at] = found->best[n];
        found->best[n] = c;
        const struct segment *g = &s->view->parts[c.segment]->segment;
        const struct fp_warp *warp = &warps[c.hypothesis];
        int64_t middle = c.place + (int64_t)((double)s->count * warp->rate / FP_STEP / 2);
        if (middle < 0)
            middle = 0;
        if (middle >= (int64_t)g->head->words)
            middle = (int64_t)g->head->words - 1;
        size_t recording = segment_recording_at(g, (uint32_t)middle);
        if (view_gone(s->view, c.segment, recording))
            continue;
        /* anchored at the word that was hit: there the place is right whatever the rate */
        struct line l = { (double)s->first + (NEAR + c.sketch + FP_STEP * (double)c.word) / warp->rate,
                          (double)(c.place + c.word - g->recordings[recording].first), *warp };
        bool seen = false;
        for (size_t i = 0; i < s->span_count && !seen; i++) {
            const struct span *o = &s->spans[i];
            seen = o->part == c.segment && o->recording == recording
                && fabs(word_at(&o->line, l.xa) - l.ja) < 1 && o->from < l.xa && o->to > l.xa;
        }
        if (seen)
            continue;
        if (line_fit(s, g, recording, &l, free, KEPT * s->spread) < KEPT * s->spread)
            continue;
        struct span span = { .part = c.segment, .recording = recording, .line = l,
                             .trials = s->trials, .spread = s->spread };
        span_bounds(s, g, &span);
        if (span_deviations(&span) < least)
            continue;
        TRY(span_add(s, &span, e));
        *any |= span_deviations(&span) >= SURE;
        bool known = l.warp.pitch == 0 && fabs(l.warp.rate - 1) < 0.004;
        for (size_t i = 0; i < s->known_count; i++)
            known |= s->known[i].pitch == l.warp.pitch
                  && fabs(s->known[i].rate - l.warp.rate) < 0.01;
        if (!known && s->known_count < COUNT_OF(s->known))
            s->known[s->known_count++] = l.warp;
    }
    return OK;
}

static size_t grid(struct fp_warp *out)
{
    static const double rates[] = { 1, 0.92, 1.085, 0.845, 1.18, 0.775, 1.27 };
    size_t count = 0;
    for (size_t r = 0; r < COUNT_OF(rates); r++)
        for (int pitch = -26; pitch <= FP_PITCH_MOST && count < WARPS_MOST; pitch++)
            out[count++] = (struct fp_warp) { rates[r], pitch };
    return count;
}

static enum code window_find(struct search *s, size_t first, size_t count, struct error *e)
{
    ARENA(scratch);
    size_t before = first < CONTEXT ? first : CONTEXT;
    s->first = first;
    s->count = count;
    TRY(fp_window_make(s->query, first - before, count + before + CONTEXT, &scratch, &s->whole,
                       e));
    struct fp_warp warps[WARPS_MOST] = { { 1, 0 } };
    struct candidates found = { .least = 4 };
    bool any = false;
    size_t tried = 1;
    s->trials = (double)s->words * PHASES;
    s->spread = null_spread(s, &warps[0]);
    hypothesis_try(s, &warps[0], 0, s->scan, &found);
    for (size_t i = 0; i < s->known_count; i++, tried++) {
        warps[tried] = s->known[i];
        hypothesis_try(s, &warps[tried], (uint32_t)tried, s->scan, &found);
    }
    TRY(candidates_judge(s, &found, warps, false, 12, &any, e));
    if (any || s->options->identity_only)
        return OK;
    found = (struct candidates) { .least = 4 };
    tried = grid(warps);
    s->trials *= (double)tried;
    for (size_t i = 0; i < tried; i++)
        hypothesis_try(s, &warps[i], (uint32_t)i, false, &found);
    return candidates_judge(s, &found, warps, true, 12, &any, e);
}

/* ---- the answer -------------------------------------------------------------------------- */

/* Two spans of one recording that lie on one line are one. */
static bool spans_join(struct span *a, const struct span *b)
{
    if (a->part != b->part || a->recording != b->recording)
        return false;
    double middle = (fmax(a->from, b->from) + fmin(a->to, b->to)) / 2;
    double apart = fmax(a->from, b->from) - fmin(a->to, b->to);
    if (apart > 80 || fabs(word_at(&a->line, middle) - word_at(&b->line, middle)) > 0.8
        || fabs(a->line.warp.rate / b->line.warp.rate - 1) > 0.03)
        return false;
    double overlap = fmax(0, -apart) / fmax(1, fmin(a->to - a->from, b->to - b->from));
    overlap = fmin(1, overlap);
    if (overlap > 0.9 && span_deviations(a) >= span_deviations(b)) {
        a->from = fmin(a->from, b->from);
        a->to = fmax(a->to, b->to);
        return true;
    }
    a->sum += b->sum * (1 - overlap);
    a->square += b->square * (1 - overlap);
    a->sure += b->sure * (1 - overlap);
    if (b->to - b->from > a->to - a->from)
        a->line = b->line;
    a->from = fmin(a->from, b->from);
    a->to = fmax(a->to, b->to);
    return true;
}

static int by_deviations(const void *a, const void *b)
{
    double x = span_deviations(a), y = span_deviations(b);
    return (x < y) - (x > y);
}

static int by_from(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    if (x->recording != y->recording)
        return x->recording < y->recording ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

static enum code answer(struct search *s, struct matches *found, struct error *e)
{
    if (s->span_count)
        qsort(s->spans, s->span_count, sizeof *s->spans, by_from);
    size_t kept = 0;
    for (size_t i = 0; i < s->span_count; i++) {
        bool joined = false;
        for (size_t k = kept; k-- > 0 && !joined;)
            joined = spans_join(&s->spans[k], &s->spans[i]);
        if (!joined)
            s->spans[kept++] = s->spans[i];
    }
    if (kept)
        qsort(s->spans, kept, sizeof *s->spans, by_deviations);
    struct match *items = arena_try(s->a, kept + 1, sizeof *items);
    if (!items)
        return fail(e, ERR_MEMORY, "no memory for %zu matches", kept);
    size_t count = 0;
    double seconds = fp_query_seconds(s->query);
    for (size_t i = 0; i < kept; i++) {
        const struct span *p = &s->spans[i];
        bool shadow = false; /* the same recording, at the same time, less well: a loop of it */
        for (size_t k = 0; k < i && !shadow; k++)
            shadow = s->spans[k].part == p->part && s->spans[k].recording == p->recording
                  && fmin(s->spans[k].to, p->to) - fmax(s->spans[k].from, p->from)
                         > 0.5 * (p->to - p->from);
        if (shadow)
            continue;
        const struct segment *g = &s->view->parts[p->part]->segment;
        struct match *m = &items[count++];
        double z = span_deviations(p), rate = p->line.warp.rate;
        m->key = g->recordings[p->recording].key;
        /* the first and last rows stand for the sound before and after their middle */
        m->query_start = p->from <= 0.5 ? 0 : fp_hop_seconds(p->from);
        m->query_end = p->to >= (double)s->query->count - 0.5 ? seconds : fp_hop_seconds(p->to);
        double anchor = fp_word_seconds(p->line.ja) - fp_hop_seconds(p->line.xa) * rate;
        double limit = (double)g->recordings[p->recording].samples / FP_RATE_HZ;
        m->reference_start = anchor + m->query_start * rate;
        m->reference_end = anchor + m->query_end * rate;
        if (m->reference_start < 0) {
            m->query_start -= m->reference_start / rate;
            m->reference_start = 0;
        }
        if (m->reference_end > limit) {
            m->query_end -= (m->reference_end - limit) / rate;
            m->reference_end = limit;
        }
        m->speed = rate;
        m->pitch_semitones = p->line.warp.pitch / 6.0;
        m->score = p->sure > 0 ? p->sum / p->sure : 0;
        m->p_false = fmin(1, exp(-0.5 * z * z) * p->trials);
    }
    found->items = items;
    found->count = count;
    found->complete = s->view->complete;
    return OK;
}

enum code index_find(const struct index *ix, const struct fp_query *query,
                     const struct index_options *options, struct arena *a, struct matches *found,
                     struct error *e)
{
    static const struct index_options usual = { 0 };
    struct search s = { .query = query, .options = options ? options : &usual, .a = a };
    s.sketches = arena_try(a, PHASES, sizeof *s.sketches);
    s.soft = arena_try(a, PHASES, sizeof *s.soft);
    s.probes = arena_try(a, PARTS_PROBED * FLIPS, sizeof *s.probes);
    if (!s.sketches || !s.soft || !s.probes)
        return fail(e, ERR_MEMORY, "no memory for a search");
    s.view = index_view(ix);
    for (size_t v = 0; v < s.view->count; v++)
        s.words += s.view->parts[v]->segment.head->words;
    double hours = s.options->scan_hours > 0 ? s.options->scan_hours
                 : s.options->scan_hours < 0 ? 0 : 100;
    s.scan = (double)s.words * FP_WORD_SECONDS <= hours * 3600;

    enum code code = OK;
    if (query->count >= ROWS_LEAST && s.words) {
        if (query->count <= SHORT_ROWS)
            code = window_find(&s, 0, query->count, e);
        else
            for (size_t at = 0; code == OK; at += WINDOW_STRIDE) {
                bool last = at + WINDOW_ROWS >= query->count;
                code = window_find(&s, last ? query->count - WINDOW_ROWS : at, WINDOW_ROWS, e);
                if (last)
                    break;
            }
    }
    if (code == OK)
        code = answer(&s, found, e);
    index_view_release(ix, s.view);
    return code;
}
