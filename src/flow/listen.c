/* SPDX-License-Identifier: Apache-2.0 */
/* Listen: a pipe is heard as it comes, and asked about every few seconds. */
#include "fingerprint/fingerprint.h"
#include "flow/identify.h"
#include "flow/spans.h"

/* A span of a stream stays certain for hours: it is confirmed at once only when it would be
 * certain among this many questions. */
#define QUESTIONS 100

#define SAMPLES(seconds) ((uint64_t)((seconds)*FP_RATE_HZ))

enum { HELD = (int)(SPANS_HELD * FP_RATE_HZ) };

struct listener {
    struct world *world;
    const struct listen_sink *sink;
    struct spans spans;
    uint64_t heard, asked; /* samples: so far, and up to the last question */
    float *held;           /* the newest HELD samples, as a ring */
    bool complete;
};

static enum code push_held(const struct listener *l, uint64_t from, uint64_t to,
                           struct fp_stream *stream, struct error *e)
{
    while (from < to) {
        size_t at = (size_t)(from % HELD), count = HELD - at;
        if (count > to - from)
            count = (size_t)(to - from);
        TRY(fp_stream_push(stream, l->held + at, count, e));
        from += count;
    }
    return OK;
}

/* The held sound between two seconds as a question; its times become those of the stream. */
static enum code ask(void *ctx, double from, double to, struct arena *a, struct identified *out,
                     struct error *e)
{
    struct listener *l = ctx;
    owned(fp_stream) stream = NULL;
    owned(fp_query) query = NULL;
    uint64_t first = SAMPLES(from), last = SAMPLES(to);
    last = last < l->heard ? last : l->heard;
    if (first + HELD < l->heard)
        first = l->heard - HELD;
    double begin = (double)first / FP_RATE_HZ;
    TRY(fp_stream_new(&stream, e));
    TRY(push_held(l, first, last, stream, e));
    TRY(fp_stream_finish(stream, NULL, &query, e));
    TRY(identify_query(l->world, query, a, out, e));
    l->complete = l->complete && out->complete;
    for (size_t i = 0; i < out->count; i++) {
        out->matches[i].query_start += begin;
        out->matches[i].query_end += begin;
    }
    return OK;
}

static enum code tell(void *ctx, const struct span_told *t, struct error *e)
{
    struct listener *l = ctx;
    return l->sink->span(l->sink->ctx, t, e);
}

/* What lies in the newest window? */
static enum code question(struct listener *l, bool last, struct error *e)
{
    ARENA(a);
    struct identified found = { 0 };
    double now = (double)l->heard / FP_RATE_HZ;
    double from = now > SPANS_WINDOW ? now - SPANS_WINDOW : 0;
    l->asked = l->heard;
    TRY(world_follow(l->world, e));
    TRY(ask(l, from, now, &a, &found, e));
    return spans_take(&l->spans, from, now, &found, last, e);
}

static enum code take_pcm(void *ctx, const float *pcm, size_t count, struct error *e)
{
    struct listener *l = ctx;
    for (size_t i = 0; i < count; i++)
        l->held[(l->heard + i) % HELD] = pcm[i];
    l->heard += count;
    return l->heard >= SAMPLES(SPANS_FIRST) && l->heard - l->asked >= SAMPLES(SPANS_STEP)
               ? question(l, false, e)
               : OK;
}

static enum code listen_to(struct listener *l, int fd, struct audio_facts *facts, struct arena *a,
                           struct error *e)
{
    struct audio_limits limits;
    const struct audio_sink sink = { l, take_pcm };
    TRY(audio_limits_from(l->world->settings, &limits, e));
    TRY(audio_decode_stream(l->world->audio, fd, &limits, &sink, a, facts, e));
    return question(l, true, e);
}

enum code flow_listen(struct world *w, int fd, const struct listen_sink *sink, struct listened *out,
                      struct error *e)
{
    ARENA(a);
    struct audio_facts facts;
    struct index_options options;
    struct listener l = { .world = w, .sink = sink, .complete = true };
    const struct spans_world spans = { &l, ask, tell };
    TRY(identify_options(w, &options, e));
    l.held = arena_try(&a, HELD, sizeof *l.held);
    if (!l.held)
        return fail(e, ERR_MEMORY, "no memory for %d samples", HELD);
    double alarms = options.false_alarms > 0 ? options.false_alarms : 0.5;
    spans_init(&l.spans, &spans, alarms / 1000 / QUESTIONS);
    enum code code = listen_to(&l, fd, &facts, &a, e);
    unsigned ended = l.spans.ended;
    spans_done(&l.spans);
    TRY(code);
    *out = (struct listened) {
        .seconds = (double)l.heard / FP_RATE_HZ,
        .spans = ended,
        .damages = facts.damages,
        .complete = l.complete,
    };
    return OK;
}
