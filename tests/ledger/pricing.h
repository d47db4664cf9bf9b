/* SPDX-License-Identifier: Apache-2.0 */
/* Terms, plays and figures as text, priced, for tests. */
#ifndef LICET_TESTS_LEDGER_PRICING_H
#define LICET_TESTS_LEDGER_PRICING_H

#include "check.h"

#include "ledger/ledger.h"

struct scene {
    struct arena arena;
    struct cube cube;
    struct terms terms[8];
    struct bargain bargains[8];
    struct price_input in;
    struct price price;
};

static inline void scene_begin(struct scene *s, const char *plays)
{
    struct cube_report report = { 0 };
    *s = (struct scene) { 0 };
    cube_init(&s->cube, &s->arena);
    CHECK_OK(cube_read_csv(&s->cube, str_of(plays), &report, e));
    assert_int_equal(report.bad, 0);
    s->in.cube = &s->cube;
    s->in.bargains = s->bargains;
    CHECK_OK(period_parse(STR("2026"), &s->in.from, &s->in.until, e));
}

static inline void scene_end(struct scene *s)
{
    cube_done(&s->cube);
    arena_done(&s->arena);
}

#define SCENE(name) __attribute__((cleanup(scene_end))) struct scene name

static inline void scene_terms(struct scene *s, const char *text)
{
    size_t n = s->in.bargain_count++;
    assert_true(n < COUNT_OF(s->terms));
    CHECK_OK(terms_parse(str_of(text), &s->arena, &s->terms[n], NULL, e));
    s->bargains[n] = (struct bargain) { &s->terms[n], NULL };
}

static inline void scene_figures(struct scene *s, const char *text)
{
    struct figure *f;
    CHECK_OK(figures_read_csv(str_of(text), &s->arena, &f, &s->in.figure_count, e));
    s->in.figures = f;
}

static inline void scene_rates(struct scene *s, const char *text)
{
    struct exchange *x;
    CHECK_OK(exchanges_read_csv(str_of(text), &s->arena, &x, &s->in.exchange_count, e));
    s->in.exchanges = x;
}

/* "fee a 350 guarantee a 10 ...": lines summed by kind and licensor, in the order they come first */
static inline const char *scene_lines(struct scene *s)
{
    struct {
        enum line_kind kind;
        const char *who;
        int64_t sum;
    } sums[128];
    size_t count = 0;
    BUF(out);
    buf_text(&out, "");
    for (size_t i = 0; i < s->price.count; i++) {
        const struct price_line *l = &s->price.lines[i];
        const char *who = l->licensor == LICENSOR_NONE
                              ? "-"
                              : s->terms[l->bargain].licensors.items[l->licensor].text;
        size_t k = 0;
        while (k < count && (sums[k].kind != l->kind || strcmp(sums[k].who, who) != 0))
            k++;
        if (k == count) {
            assert_true(count < COUNT_OF(sums));
            sums[count].kind = l->kind;
            sums[count].who = who;
            sums[count++].sum = 0;
        }
        sums[k].sum += l->minor;
    }
    for (size_t k = 0; k < count; k++)
        buf_format(&out, "%s%s %s %lld", k ? "; " : "", line_kind_word(sums[k].kind), sums[k].who,
                   (long long)sums[k].sum);
    return str_copy(&s->arena, buf_as_str(&out));
}

#endif
