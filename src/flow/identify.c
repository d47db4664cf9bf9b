/* SPDX-License-Identifier: Apache-2.0 */
/* What is in this sound? Files are heard side by side and answered in their order. */
#include "flow/identify.h"

#include <stdlib.h>
#include <unistd.h>

#include "fingerprint/fingerprint.h"
#include "flow/crew.h"

enum code identify_options(const struct world *w, struct index_options *out, struct error *e)
{
    *out = (struct index_options) { 0 };
    return settings_real(w->settings, "match.false_alarms", 0, 1000, &out->false_alarms, e);
}

static enum code name_match(struct world *w, struct store_tx *tx, const struct match *m,
                            struct arena *a, struct found *out, struct error *e)
{
    struct reference ref;
    struct recording rec;
    struct reference_id id;
    memcpy(id.bytes, m->key.bytes, ID_BYTES);
    TRY(registry_reference_get(tx, w->catalogue, id, a, &ref, e));
    TRY(registry_recording_get(tx, w->catalogue, ref.recording, a, &rec, e));
    *out = (struct found) { .reference = id,
                            .recording = rec.id,
                            .file = ref.file,
                            .title = rec.title,
                            .artist = rec.artist,
                            .isrc = rec.isrc ? rec.isrc : "",
                            .reference_ms = ref.duration_ms,
                            .query_start = m->query_start,
                            .query_end = m->query_end,
                            .reference_start = m->reference_start,
                            .reference_end = m->reference_end,
                            .speed = m->speed,
                            .pitch_semitones = m->pitch_semitones,
                            .score = m->score,
                            .p_false = m->p_false,
                            .shared = m->shared };
    return OK;
}

static enum code name_matches(struct world *w, struct store_tx *tx, const struct match *items,
                              size_t count, struct arena *a, struct found **out, size_t *named,
                              struct error *e)
{
    *out = ARENA_ARRAY(a, struct found, count);
    *named = 0;
    for (size_t i = 0; i < count; i++) {
        enum code code = name_match(w, tx, &items[i], a, &(*out)[*named], e);
        if (code == OK)
            ++*named;
        else if (code != ERR_NOT_FOUND)
            return code;
    }
    return OK;
}

enum code identify_query(struct world *w, const struct fp_query *query, struct arena *a,
                         struct identified *out, struct error *e)
{
    TX(tx);
    struct index_options options;
    struct matches matches;
    TRY(identify_options(w, &options, e));
    TRY(index_find(w->ears[EAR_REFERENCES], query, &options, a, &matches, e));
    out->matches = out->similar = NULL;
    out->count = out->similar_count = 0;
    out->complete = matches.complete;
    if (matches.count == 0)
        return OK;
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(name_matches(w, tx, matches.items, matches.count, a, &out->matches, &out->count, e));
    return name_matches(w, tx, matches.similar, matches.similar_count, a, &out->similar,
                        &out->similar_count, e);
}

/* A file on its way through. */
struct answer {
    struct arena arena;
    enum code code;
    struct error error;
    struct identified found;
};

struct run {
    struct world *world;
    const char *const *paths;
    struct answer *answers; /* of number n: answers[n % ahead] */
    size_t ahead, failed;
    const struct identify_sink *sink;
};

static enum code identify_file(struct run *r, const char *path, struct answer *x)
{
    int fd;
    struct heard heard = { 0 };
    const struct audio_wants wants = { 0 };
    TRY(hear_open(path, &fd, &x->error));
    enum code code = hear_any(r->world->audio, r->world->settings, fd, &wants, false, true,
                              &x->arena, &heard, &x->error);
    close(fd);
    if (code == OK) {
        x->found.seconds = (double)heard.audio.duration_ms / 1000;
        x->found.truncated = heard.audio.truncated;
        code = identify_query(r->world, heard.query, &x->arena, &x->found, &x->error);
    }
    heard_done(&heard);
    return code;
}

static void work(void *ctx, size_t number)
{
    struct run *r = ctx;
    struct answer *x = &r->answers[number % r->ahead];
    *x = (struct answer) { 0 };
    x->code = identify_file(r, r->paths[number], x);
}

static bool done(void *ctx, size_t number)
{
    struct run *r = ctx;
    struct answer *x = &r->answers[number % r->ahead];
    r->failed += x->code != OK;
    r->sink->file(r->sink->ctx, number, x->code, &x->found, &x->error);
    arena_done(&x->arena);
    return true;
}

enum code flow_identify(struct world *w, const char *const *paths, size_t count, unsigned jobs,
                        const struct identify_sink *sink, size_t *failed, struct error *e)
{
    int64_t asked;
    TRY(settings_int(w->settings, "audio.jobs", 0, 1024, &asked, e));
    unsigned threads = crew_size(jobs ? jobs : asked);
    struct run r = { .world = w, .paths = paths, .ahead = 4 * (size_t)threads, .sink = sink };
    r.answers = calloc(r.ahead, sizeof *r.answers);
    if (!r.answers)
        return fail(e, ERR_MEMORY, "no memory for %zu answers", r.ahead);
    struct crew crew = { &r, work, done };
    enum code code = crew_run(&crew, count, threads, r.ahead, e);
    free(r.answers);
    *failed = r.failed;
    return code;
}
