/* SPDX-License-Identifier: Apache-2.0 */
/* Spans of a stream, from overlapping windows. */
#include "flow/spans.h"

#include <math.h>
#include <stdlib.h>

#define ONE_LINE   0.8   /* seconds that two sightings of one alignment may be apart */
#define PAUSE_MOST 10.24 /* what is not heard for so long has ended */
#define ADVANCE    4.0   /* a second sighting so much further on confirms the first */
#define EDGE       0.2   /* closer to the edge of a window than this says nothing of begin or end */
#define BEFORE     12.0  /* how much around a begin or an end is asked once more */
#define AFTER      18.0

struct span_open {
    struct arena arena; /* of the texts */
    unsigned number;
    struct found match; /* as far as it is known */
    double first_end;   /* its end when it was first seen */
    double seen;        /* now, when it was last seen */
    bool begin_is_final, confirmed;
    bool told_end; /* kept for as long as windows still show the rest of it */
};

void spans_init(struct spans *s, const struct spans_world *world, double certain)
{
    *s = (struct spans) { .world = *world, .certain = certain };
}

static void span_free(struct span_open *o)
{
    arena_done(&o->arena);
    free(o);
}

void spans_done(struct spans *s)
{
    for (size_t i = 0; i < s->count; i++)
        span_free(s->open[i]);
    free(s->open);
    s->open = NULL;
    s->count = s->room = 0;
}

static enum code tell(struct spans *s, const struct span_open *o, enum span_event event, double now,
                      struct error *e)
{
    const struct span_told t = { event, o->number, now, o->match };
    return s->world.tell(s->world.ctx, &t, e);
}

/* Where in the reference the stream is at second `at`, by this match. */
static double reference_at(const struct found *m, double at)
{
    return m->reference_start + (at - m->query_start) * m->speed;
}

static bool same_reference(const struct found *a, const struct found *b)
{
    return reference_id_equal(a->reference, b->reference);
}

static bool same_line(const struct found *a, const struct found *b)
{
    double middle = (fmax(a->query_start, b->query_start) + fmin(a->query_end, b->query_end)) / 2;
    return same_reference(a, b) &&
           fabs(reference_at(a, middle) - reference_at(b, middle)) < ONE_LINE;
}

static double overlap(const struct found *a, const struct found *b)
{
    return fmin(a->query_end, b->query_end) - fmax(a->query_start, b->query_start);
}

static void end_at(struct found *m, double query_end)
{
    m->reference_end = reference_at(m, query_end);
    m->query_end = query_end;
}

static void begin_at(struct found *m, double query_start)
{
    m->reference_start = fmax(0, reference_at(m, query_start));
    m->query_start = query_start;
}

/* A further sighting: the line is the newest, the words are the best. */
static void span_grow(struct span_open *o, const struct found *m, double from, double now)
{
    struct found *own = &o->match;
    double begin = own->query_start;
    bool saw_begin = m->query_start > from + EDGE;
    if (!o->begin_is_final && (m->query_start < begin || saw_begin))
        begin = m->query_start;
    own->speed = m->speed;
    own->pitch_semitones = m->pitch_semitones;
    own->reference_start = m->reference_start;
    own->query_start = m->query_start;
    begin_at(own, begin);
    end_at(own, m->query_end);
    if (m->p_false < own->p_false) {
        own->p_false = m->p_false;
        own->score = m->score;
    }
    o->seen = now;
}

static struct span_open *span_of(const struct spans *s, const struct found *m)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct found *own = &s->open[i]->match;
        if (m->query_start <= own->query_end + PAUSE_MOST && same_line(own, m))
            return s->open[i];
    }
    return NULL;
}

/* The same recording at the same time, aligned otherwise: a repetition in it. */
static struct span_open *shadow_of(const struct spans *s, const struct found *m)
{
    for (size_t i = 0; i < s->count; i++) {
        struct span_open *o = s->open[i];
        if (same_reference(&o->match, m) &&
            overlap(&o->match, m) > 0.5 * (m->query_end - m->query_start))
            return o;
    }
    return NULL;
}

static const char *text_copy(struct arena *a, const char *text)
{
    return text ? arena_text(a, text, strlen(text)) : NULL;
}

static enum code span_begin(struct spans *s, const struct found *m, double now, struct error *e)
{
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 16;
        struct span_open **open = realloc(s->open, room * sizeof(struct span_open *));
        if (!open)
            return fail(e, ERR_MEMORY, "no memory for %zu spans", room);
        s->open = open;
        s->room = room;
    }
    struct span_open *o = calloc(1, sizeof *o);
    if (!o)
        return fail(e, ERR_MEMORY, "no memory for a span");
    o->number = ++s->numbers;
    o->match = *m;
    o->match.file = text_copy(&o->arena, m->file);
    o->match.title = text_copy(&o->arena, m->title);
    o->match.artist = text_copy(&o->arena, m->artist);
    o->match.isrc = text_copy(&o->arena, m->isrc);
    o->first_end = m->query_end;
    o->seen = now;
    s->open[s->count++] = o;
    return tell(s, o, SPAN_BEGUN, now, e);
}

/* Ask about a place once more, with as much music as not around it: there begin and end are seen
 * best. *again false: it was not found there. */
static enum code look_again(struct spans *s, const struct span_open *o, double from, double to,
                            struct found *out, bool *again, struct error *e)
{
    ARENA(a);
    struct identified found = { 0 };
    *again = false;
    TRY(s->world.ask(s->world.ctx, from, to, &a, &found, e));
    for (size_t i = 0; i < found.count && !*again; i++)
        if (same_line(&o->match, &found.matches[i])) {
            *out = found.matches[i];
            *again = true;
        }
    return OK;
}

static enum code settle_begin(struct spans *s, struct span_open *o, double now, struct error *e)
{
    double begin = o->match.query_start, from = fmax(0, begin - BEFORE);
    double to = fmin(now, begin + AFTER);
    struct found m;
    bool again;
    o->begin_is_final = true;
    if (from < now - SPANS_HELD)
        return OK;
    TRY(look_again(s, o, from, to, &m, &again, e));
    if (again && (m.query_start > from + EDGE || from <= 0))
        begin_at(&o->match, m.query_start);
    return OK;
}

static enum code settle_end(struct spans *s, struct span_open *o, double now, bool *again,
                            struct error *e)
{
    double end = o->match.query_end, to = fmin(now, end + BEFORE);
    double from = fmax(0, fmax(end - AFTER, now - SPANS_HELD));
    struct found m;
    TRY(look_again(s, o, from, to, &m, again, e));
    if (*again)
        end_at(&o->match, m.query_end);
    return OK;
}

static enum code confirm(struct spans *s, struct span_open *o, double now, struct error *e)
{
    bool sure = o->match.p_false <= s->certain || o->match.query_end > o->first_end + ADVANCE;
    if (o->confirmed || o->seen != now || !sure || now < o->match.query_start + SPANS_FIRST)
        return OK;
    TRY(settle_begin(s, o, now, e));
    o->confirmed = true;
    return tell(s, o, SPAN_CONFIRMED, now, e);
}

static enum code finish(struct spans *s, struct span_open *o, double now, struct error *e)
{
    bool again;
    if (!o->begin_is_final)
        TRY(settle_begin(s, o, now, e));
    TRY(settle_end(s, o, now, &again, e));
    bool holds = o->confirmed || again;
    s->ended += holds;
    return tell(s, o, holds ? SPAN_ENDED : SPAN_WITHDRAWN, now, e);
}

static enum code finish_those_that_ended(struct spans *s, double now, bool last, struct error *e)
{
    for (size_t i = 0; i < s->count; i++) {
        struct span_open *o = s->open[i];
        if (o->told_end || (!last && now - o->match.query_end < PAUSE_MOST))
            continue;
        o->told_end = true;
        TRY(finish(s, o, now, e));
    }
    return OK;
}

/* Those of which no window shows anything any more. */
static void forget(struct spans *s, double now)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        struct span_open *o = s->open[i];
        if (o->told_end && now - o->match.query_end > SPANS_WINDOW + SPANS_STEP)
            span_free(o);
        else
            s->open[kept++] = o;
    }
    s->count = kept;
}

static enum code take_match(struct spans *s, const struct found *m, double from, double now,
                            struct error *e)
{
    struct span_open *o = span_of(s, m);
    if (!o) {
        o = shadow_of(s, m);
        if (o && (o->seen == now || o->told_end))
            return OK;
        if (o && !o->begin_is_final)
            begin_at(&o->match, m->query_start); /* it was aligned wrongly until now */
    }
    if (o && !o->told_end)
        span_grow(o, m, from, now);
    /* what goes on behind an end that was told is something new */
    bool rest = o && m->query_end < o->match.query_end + ADVANCE;
    return o && (rest || !o->told_end) ? OK : span_begin(s, m, now, e);
}

enum code spans_take(struct spans *s, double from, double now, const struct identified *found,
                     bool last, struct error *e)
{
    forget(s, now);
    for (size_t i = 0; i < found->count; i++)
        TRY(take_match(s, &found->matches[i], from, now, e));
    for (size_t i = 0; i < s->count; i++)
        TRY(confirm(s, s->open[i], now, e));
    return finish_those_that_ended(s, now, last, e);
}
