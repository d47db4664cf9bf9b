/* SPDX-License-Identifier: Apache-2.0 */
/* Overlapping windows become spans: each is begun, confirmed and ended once, however it is cut. */
#include "store_fixture.h"

#include <math.h>

#include "flow/spans.h"

/* A stream whose truth is known: pieces of references, seen by windows as an index would. */
struct piece {
    uint8_t reference;
    double begin, end, reference_begin, p_false;
};

struct stage {
    const struct piece *pieces;
    size_t count;
    double least; /* seconds of a piece that a window must hold to see it */
    struct span_told told[64];
    size_t told_count;
};

static struct found sighting(const struct piece *p, double from, double to)
{
    double begin = fmax(p->begin, from), end = fmin(p->end, to);
    struct found m = { .query_start = begin,
                       .query_end = end,
                       .reference_start = p->reference_begin + begin - p->begin,
                       .reference_end = p->reference_begin + end - p->begin,
                       .speed = 1,
                       .score = 0.9,
                       .p_false = p->p_false,
                       .file = "a.ogg",
                       .title = "A",
                       .artist = "",
                       .isrc = "" };
    m.reference.bytes[0] = p->reference;
    return m;
}

static enum code ask(void *ctx, double from, double to, struct arena *a, struct identified *out,
                     struct error *e)
{
    const struct stage *s = ctx;
    (void)e;
    *out = (struct identified) { .matches = ARENA_ARRAY(a, struct found, s->count),
                                 .complete = true };
    for (size_t i = 0; i < s->count; i++) {
        const struct piece *p = &s->pieces[i];
        if (fmin(p->end, to) - fmax(p->begin, from) >= s->least)
            out->matches[out->count++] = sighting(p, from, to);
    }
    return OK;
}

static enum code tell(void *ctx, const struct span_told *t, struct error *e)
{
    struct stage *s = ctx;
    (void)e;
    assert_true(s->told_count < COUNT_OF(s->told));
    assert_string_equal(t->match.title, "A"); /* a copy: the answer it came in is gone */
    s->told[s->told_count++] = *t;
    return OK;
}

static void run(struct stage *s, double seconds)
{
    struct spans spans;
    const struct spans_world world = { s, ask, tell };
    spans_init(&spans, &world, 1e-6);
    for (double now = SPANS_FIRST;; now += SPANS_STEP) {
        ARENA(a);
        bool last = now >= seconds;
        struct identified found;
        now = last ? seconds : now;
        double from = fmax(0, now - SPANS_WINDOW);
        CHECK_OK(ask(s, from, now, &a, &found, e));
        CHECK_OK(spans_take(&spans, from, now, &found, last, e));
        if (last)
            break;
    }
    spans_done(&spans);
}

static size_t told(const struct stage *s, enum span_event event)
{
    size_t n = 0;
    for (size_t i = 0; i < s->told_count; i++)
        n += s->told[i].event == event;
    return n;
}

static const struct span_told *ended(const struct stage *s, uint8_t reference, size_t nth)
{
    for (size_t i = 0; i < s->told_count; i++)
        if (s->told[i].event == SPAN_ENDED && s->told[i].match.reference.bytes[0] == reference &&
            nth-- == 0)
            return &s->told[i];
    print_error("no span of %d\n", reference);
    assert_true(false);
    return NULL;
}

static void each_is_told(const struct piece *pieces, size_t count, double seconds)
{
    struct stage s = { .pieces = pieces, .count = count, .least = 6 };
    run(&s, seconds);
    assert_int_equal(told(&s, SPAN_BEGUN), count);
    assert_int_equal(told(&s, SPAN_ENDED), count);
    assert_int_equal(told(&s, SPAN_WITHDRAWN), 0);
    for (size_t i = 0; i < count; i++) {
        size_t nth = 0;
        for (size_t k = 0; k < i; k++)
            nth += pieces[k].reference == pieces[i].reference;
        const struct found *m = &ended(&s, pieces[i].reference, nth)->match;
        assert_true(fabs(m->query_start - pieces[i].begin) < 0.01);
        assert_true(fabs(m->query_end - pieces[i].end) < 0.01);
        assert_true(fabs(m->reference_start - pieces[i].reference_begin) < 0.01);
    }
}

TEST(every_piece_is_told_once_with_its_begin_and_end)
{
    (void)state;
    static const struct piece one[] = { { 1, 20, 60, 30, 1e-9 } };
    static const struct piece row[] = { { 1, 3, 40, 30, 1e-9 },
                                        { 2, 40, 300, 0, 1e-9 },
                                        { 1, 310, 322, 5, 1e-9 },
                                        { 3, 322, 340, 9, 1e-9 } };
    static const struct piece whole[] = { { 1, 0, 100, 0, 1e-9 } };
    static const struct piece mashed[] = { { 1, 10, 90, 0, 1e-9 }, { 2, 30, 70, 8, 1e-9 } };
    static const struct piece twice[] = { { 1, 10, 30, 50, 1e-9 }, { 1, 60, 90, 50, 1e-9 } };
    each_is_told(one, COUNT_OF(one), 90);
    each_is_told(row, COUNT_OF(row), 360);
    each_is_told(whole, COUNT_OF(whole), 100);
    each_is_told(mashed, COUNT_OF(mashed), 120);
    each_is_told(twice, COUNT_OF(twice), 130);
}

TEST(begin_is_final_when_confirmed_and_that_is_soon)
{
    (void)state;
    static const struct piece row[] = { { 1, 20, 200, 30, 1e-9 } };
    struct stage s = { .pieces = row, .count = 1, .least = 6 };
    run(&s, 240);
    assert_int_equal(s.told[0].event, SPAN_BEGUN);
    assert_true(s.told[0].at < 20 + 12);
    assert_int_equal(s.told[1].event, SPAN_CONFIRMED);
    assert_true(s.told[1].at < 20 + 18);
    assert_true(fabs(s.told[1].match.query_start - 20) < 0.01);
    assert_int_equal(s.told[2].event, SPAN_ENDED);
    assert_true(s.told[2].at < 200 + 18);
}

/* Seen once, never again, nor when asked once more. */
static enum code ask_in_vain(void *ctx, double from, double to, struct arena *a,
                             struct identified *out, struct error *e)
{
    (void)ctx, (void)from, (void)to, (void)a, (void)e;
    *out = (struct identified) { .complete = true };
    return OK;
}

TEST(what_is_seen_once_and_weakly_is_withdrawn)
{
    (void)state;
    static const struct piece weak = { 7, 12, 20, 3, 1e-4 };
    struct stage s = { .count = 0 };
    struct spans spans;
    const struct spans_world world = { &s, ask_in_vain, tell };
    struct found m = sighting(&weak, 0, 100);
    struct identified one = { .matches = &m, .count = 1 }, none = { 0 };
    spans_init(&spans, &world, 1e-6);
    CHECK_OK(spans_take(&spans, 0, 20.48, &one, false, e));
    for (double now = 25.6; now < 60; now += SPANS_STEP)
        CHECK_OK(spans_take(&spans, now - SPANS_WINDOW, now, &none, false, e));
    assert_int_equal(s.told_count, 2);
    assert_int_equal(s.told[0].event, SPAN_BEGUN);
    assert_int_equal(s.told[1].event, SPAN_WITHDRAWN);
    assert_int_equal(spans.ended, 0);
    assert_int_equal(spans.count, 0); /* nothing is kept of it */
    spans_done(&spans);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_is_told_once_with_its_begin_and_end),
        cmocka_unit_test(begin_is_final_when_confirmed_and_that_is_soon),
        cmocka_unit_test(what_is_seen_once_and_weakly_is_withdrawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
