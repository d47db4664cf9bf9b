/* SPDX-License-Identifier: Apache-2.0 */
/* A search in hand, and what its steps are called: plan (which windows, which hypotheses, in which
 * order), candidates (places worth a look), align (along a line, spans), judge (agreement to
 * certainty), edge (begin and end), answer (spans to matches). Private to index/. */
#ifndef LICET_INDEX_SEARCH_H
#define LICET_INDEX_SEARCH_H

#include "index/sketch.h"
#include "index/store.h"

#define WINDOW_ROWS   160 /* 10.24 s */
#define WINDOW_STRIDE 80
#define RATE_LEAST    0.74
#define RATE_MOST     1.36

struct line { /* hop x of the query plays word ja + (x - xa) * rate / FP_STEP */
    double xa, ja;
    struct fp_warp warp;
};

struct span {
    size_t part, recording;
    struct line line;
    double from, to;            /* hops of the query */
    double sum, square;         /* soft agreement, and the square of what chance gives */
    double all_sum, all_square; /* the same over the whole windows, not the best stretch of them */
    double window_from, window_to;
    double sure;   /* sum of the sizes of the soft bits */
    double level;  /* deviations that other recordings reach */
    double width;  /* how far these lie apart */
    double best;   /* what the best of them reaches; 0: too few are known */
    bool noisy;    /* it is of one window, which steady noise fills */
    bool identity; /* found without warp, or where a span before led */
    double spread; /* spread: the deviation that other places show, in the expected one */
};

struct search {
    const struct view *view;
    const struct fp_query *query;
    const struct index_options *options;
    struct arena *a;
    struct fp_window whole;      /* the window in hand, with context */
    size_t first, count;         /* its rows */
    double from, to;             /* hops that lines are fitted to: the window, later a span */
    struct sketch_levels levels; /* the same for every sketch of a window */
    struct sketch *sketches;     /* of the hypotheses added: [sketch_room] */
    size_t sketch_count, sketch_room;
    struct sketch_rows *rows;      /* [2]: whole and shifted bands, of the rate in hand */
    struct probe *probes, *sorted; /* [probe_room], [sorted_room] */
    size_t probe_count, probe_room, sorted_room;
    struct effort effort; /* of the hypotheses added */
    int32_t doubt;        /* up to which they have keys; 0: not found out */
    struct span *spans;
    size_t span_count, span_room;
    struct fp_warp known[8]; /* factors found before, tried first */
    size_t known_count;
    double spread; /* of agreement by chance, against independent bits */
    bool scan;
    uint64_t words;
};

/* ---- candidates.c: hypotheses ------------------------------------------------------------- */

/* Room for so many hypotheses at this effort; those of before are forgotten. */
enum code hypotheses_begin(struct search *s, size_t most, const struct effort *effort,
                           struct error *e);
void hypotheses_done(struct search *s);

/* Sketches and probes of the window under one warp. */
void hypothesis_add(struct search *s, const struct fp_warp *warp, uint32_t number);

/* Candidates of all that were added: postings always, every place when asked to. */
void hypotheses_ask(struct search *s, bool scan, struct candidates *found);

/* ---- align.c: along a line ---------------------------------------------------------------- */

struct judged {
    double sum, square, size;
};

double judged_deviations(const struct judged *j);

/* Agreement of a word with soft bits. */
double word_agree(const struct fp_word *w, const int8_t *soft, double *square, double *size);

/* Turn the line around its anchor, which is certain, while its rate is not. */
void line_turn(const struct search *s, const struct segment *g, size_t recording, struct line *l);

/* Anchor the line in the middle and move it to where it agrees best; not when it agrees less than
 * `least` to begin with. Its tempo and pitch may move a little, or further when it is certain that it
 * is the right recording. Returns its deviations. */
double line_fit(const struct search *s, const struct segment *g, size_t recording, struct line *l,
                double least, bool certain);

double line_word_at(const struct line *l, double hop);

/* Where along the window the agreement begins and ends. */
void span_bounds(const struct search *s, const struct segment *g, struct span *span);

/* Of the whole window, or of the stretch that agrees best, less what choosing it is worth. */
double span_deviations(const struct span *p);
enum code span_add(struct search *s, const struct span *new, struct error *e);

/* ---- judge.c: agreement to certainty ------------------------------------------------------ */

/* How far the agreement of this window strays at places that have nothing to do with it. */
double window_spread(struct search *s);

/* How far a span stands above the other recordings, in the width of what these reach. */
double span_surprise(const struct span *p);

/* The chance that a window of music that is not in the index gives such a surprise. */
double span_chance(const struct span *p);

/* The best candidates become spans. `free`: their rates are not certain (the grid).
 * out  certain  set when one of them leaves no doubt */
enum code candidates_judge(struct search *s, struct candidates *found, const struct fp_warp *warps,
                           bool free, bool *certain, struct error *e);

/* ---- edge.c: where a match begins and ends -------------------------------------------------- */

/* Begin and end of a span that is certain, looked for once more. */
enum code span_edges(const struct search *s, struct span *p, struct error *e);

/* ---- similar.c: the same sound in several recordings ---------------------------------------- */

enum kinship {
    KIN_NONE,    /* another time, or another sound at the same time */
    KIN_SAME,    /* the same sound, and it cannot be told which of the two was played */
    KIN_SIMILAR, /* the same sound, but the other agrees clearly better */
};

/* in  spans  sorted by deviations; where two lie over each other, what is unaltered moves up */
void spans_order(const struct search *s, struct span *spans, size_t count);
enum kinship span_kinship(const struct search *s, const struct span *better, const struct span *p);

/* ---- answer.c: spans to matches ----------------------------------------------------------- */

enum code search_answer(struct search *s, struct matches *found, struct error *e);

#endif
