/* SPDX-License-Identifier: Apache-2.0 */
/* liblicet: the recogniser behind include/licet.h. */
#include "licet.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "audio/audio.h"
#include "fingerprint/fingerprint.h"
#include "index/index.h"

struct licet_sound {
    struct fp_stream *stream; /* while it is made */
    struct fp_query *query;
};

struct licet_index {
    struct index *own;
};

/* ---- errors ---- */

static enum licet_status status_of(enum code code)
{
    switch (code) {
    case OK:
        return LICET_OK;
    case ERR_INVALID:
    case ERR_CONFLICT:
    case ERR_UNKNOWN_KEY:
        return LICET_INVALID;
    case ERR_NOT_FOUND:
        return LICET_NOT_FOUND;
    case ERR_DENIED:
        return LICET_DENIED;
    case ERR_LIMIT:
        return LICET_LIMIT;
    case ERR_BUSY:
        return LICET_BUSY;
    case ERR_CORRUPT:
        return LICET_CORRUPT;
    case ERR_IO:
        return LICET_IO;
    case ERR_MEMORY:
        return LICET_MEMORY;
    case CODE_COUNT:
        break;
    }
    return LICET_IO;
}

static enum licet_status told(enum code code, const struct error *why, struct licet_error *e)
{
    enum licet_status status = status_of(code);
    if (status != LICET_OK && e) {
        e->status = status;
        snprintf(e->text, sizeof e->text, "%s", why->text);
    }
    return status;
}

const char *licet_version(void)
{
    return LICET_VERSION;
}

int licet_fingerprint_version(void)
{
    return FP_VERSION;
}

void licet_free(void *memory)
{
    free(memory);
}

/* ---- sounds ---- */

void licet_sound_free(struct licet_sound *s)
{
    if (!s)
        return;
    fp_stream_free(s->stream);
    fp_query_free(s->query);
    free(s);
}
OWNED_BY(licet_sound)

static enum code sound_new(struct licet_sound **out, struct error *e)
{
    owned(licet_sound) s = calloc(1, sizeof *s);
    if (!s)
        return fail(e, ERR_MEMORY, "no memory for a sound");
    TRY(fp_stream_new(&s->stream, e));
    *out = take(s);
    return OK;
}

static enum code sound_push(struct licet_sound *s, const float *pcm, size_t count, struct error *e)
{
    if (!s->stream)
        return fail(e, ERR_INVALID, "the sound has ended");
    return fp_stream_push(s->stream, pcm, count, e);
}

static enum code sound_end(struct licet_sound *s, struct error *e)
{
    if (!s->stream)
        return fail(e, ERR_INVALID, "the sound has ended before");
    struct fp_stream *stream = take(s->stream);
    enum code code = fp_stream_finish(stream, NULL, &s->query, e);
    fp_stream_free(stream);
    return code;
}

static enum code need_query(const struct licet_sound *s, struct error *e)
{
    return s->query ? OK : fail(e, ERR_INVALID, "the sound has not ended: licet_sound_end");
}

static enum code take_pcm(void *context, const float *pcm, size_t count, struct error *e)
{
    return sound_push(context, pcm, count, e);
}

static enum code sound_parse(const uint8_t *bytes, size_t length, struct licet_sound **out,
                             struct error *e)
{
    owned(licet_sound) s = calloc(1, sizeof *s);
    if (!s)
        return fail(e, ERR_MEMORY, "no memory for a sound");
    TRY(fp_query_decode(bytes, length, &s->query, e));
    *out = take(s);
    return OK;
}

enum { PRINT_BYTES_MOST = 1 << 28 };

static enum code sound_open(const char *path, int fd, struct licet_sound **out, struct error *e)
{
    ARENA(a);
    char head[8] = "";
    if (pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
        memcmp(head, "licetfq\n", sizeof head) == 0) {
        BUF(bytes);
        TRY(file_read(path, PRINT_BYTES_MOST, &bytes, e));
        return sound_parse(bytes.bytes, bytes.length, out, e);
    }
    owned(licet_sound) s = NULL;
    struct audio_limits limits = audio_limits_default();
    const struct audio_wants wants = { 0 };
    struct audio_facts facts;
    TRY(sound_new(&s, e));
    const struct audio_sink sink = { s, take_pcm };
    TRY(audio_decode_here(fd, &limits, &wants, &sink, &a, &facts, e));
    TRY(sound_end(s, e));
    *out = take(s);
    return OK;
}

enum licet_status licet_sound_read(const char *path, struct licet_sound **out,
                                   struct licet_error *e)
{
    struct error why = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return told(fail_errno(&why, "%s", path), &why, e);
    enum code code = sound_open(path, fd, out, &why);
    close(fd);
    return told(code, &why, e);
}

enum licet_status licet_sound_begin(struct licet_sound **out, struct licet_error *e)
{
    struct error why = { 0 };
    return told(sound_new(out, &why), &why, e);
}

enum licet_status licet_sound_push(struct licet_sound *s, const float *pcm, size_t count,
                                   struct licet_error *e)
{
    struct error why = { 0 };
    return told(sound_push(s, pcm, count, &why), &why, e);
}

enum licet_status licet_sound_end(struct licet_sound *s, struct licet_error *e)
{
    struct error why = { 0 };
    return told(sound_end(s, &why), &why, e);
}

static enum code sound_encode(const struct licet_sound *s, uint8_t **bytes, size_t *length,
                              struct error *e)
{
    BUF(out);
    TRY(need_query(s, e));
    TRY(fp_query_encode(s->query, &out, e));
    uint8_t *copy = malloc(out.length);
    if (!copy)
        return fail(e, ERR_MEMORY, "no memory for %zu bytes", out.length);
    memcpy(copy, out.bytes, out.length);
    *bytes = copy;
    *length = out.length;
    return OK;
}

enum licet_status licet_sound_encode(const struct licet_sound *s, uint8_t **bytes, size_t *length,
                                     struct licet_error *e)
{
    struct error why = { 0 };
    return told(sound_encode(s, bytes, length, &why), &why, e);
}

enum licet_status licet_sound_decode(const uint8_t *bytes, size_t length, struct licet_sound **out,
                                     struct licet_error *e)
{
    struct error why = { 0 };
    return told(sound_parse(bytes, length, out, &why), &why, e);
}

double licet_sound_seconds(const struct licet_sound *s)
{
    return s->query ? fp_query_seconds(s->query) : 0;
}

/* ---- indexes ---- */

enum licet_status licet_index_open(const char *folder, enum licet_mode mode,
                                   struct licet_index **out, struct licet_error *e)
{
    struct error why = { 0 };
    struct licet_index *ix = calloc(1, sizeof *ix);
    if (!ix)
        return told(fail(&why, ERR_MEMORY, "no memory for an index"), &why, e);
    enum code code = index_open(folder, mode == LICET_WRITE ? INDEX_WRITE : INDEX_READ, &ix->own,
                                &why);
    if (code == OK)
        *out = ix;
    else
        free(ix);
    return told(code, &why, e);
}

void licet_index_close(struct licet_index *ix)
{
    if (!ix)
        return;
    index_close(ix->own);
    free(ix);
}

static enum code index_put(struct index *ix, const uint8_t *key, const struct licet_sound *s,
                           struct error *e)
{
    owned(fingerprint) fp = NULL;
    struct index_key k;
    memcpy(k.bytes, key, sizeof k.bytes);
    TRY(need_query(s, e));
    TRY(fp_query_fingerprint(s->query, &fp, e));
    return index_add(ix, &k, fp, e);
}

enum licet_status licet_index_add(struct licet_index *ix, const uint8_t key[LICET_KEY_BYTES],
                                  const struct licet_sound *s, struct licet_error *e)
{
    struct error why = { 0 };
    return told(index_put(ix->own, key, s, &why), &why, e);
}

enum licet_status licet_index_commit(struct licet_index *ix, struct licet_error *e)
{
    struct error why = { 0 };
    return told(index_commit(ix->own, &why), &why, e);
}

enum licet_status licet_index_remove(struct licet_index *ix, const uint8_t key[LICET_KEY_BYTES],
                                     struct licet_error *e)
{
    struct error why = { 0 };
    struct index_key k;
    memcpy(k.bytes, key, sizeof k.bytes);
    return told(index_remove(ix->own, &k, &why), &why, e);
}

enum licet_status licet_index_refresh(struct licet_index *ix, struct licet_error *e)
{
    struct error why = { 0 };
    return told(index_refresh(ix->own, &why), &why, e);
}

size_t licet_index_count(const struct licet_index *ix)
{
    struct index_figures f;
    index_info(ix->own, &f);
    return f.recordings;
}

/* ---- finding ---- */

/* What the caller knows of the options; what it does not know stays at 0. */
static struct licet_options options_of(const struct licet_options *given)
{
    struct licet_options o = { 0 };
    if (given)
        memcpy(&o, given, given->size < sizeof o ? given->size : sizeof o);
    return o;
}

static struct licet_match match_of(const struct match *m, enum licet_relation relation)
{
    struct licet_match out = { .sound_start = m->query_start,
                               .sound_end = m->query_end,
                               .reference_start = m->reference_start,
                               .reference_end = m->reference_end,
                               .speed = m->speed,
                               .pitch_semitones = m->pitch_semitones,
                               .score = m->score,
                               .p_false = m->p_false,
                               .relation = relation };
    memcpy(out.key, m->key.bytes, LICET_KEY_BYTES);
    return out;
}

static enum code find(const struct index *ix, const struct licet_sound *s,
                      const struct licet_options *given, struct licet_match **out, size_t *count,
                      int *complete, struct error *e)
{
    ARENA(a);
    struct matches found;
    struct licet_options own = options_of(given);
    struct index_options options = { .false_alarms = own.false_alarms,
                                     .identity_only = own.identity_only != 0 };
    TRY(need_query(s, e));
    TRY(index_find(ix, s->query, &options, &a, &found, e));
    size_t similar = own.similar ? found.similar_count : 0;
    struct licet_match *list = calloc(found.count + similar + 1, sizeof *list);
    if (!list)
        return fail(e, ERR_MEMORY, "no memory for %zu matches", found.count + similar);
    for (size_t i = 0; i < found.count; i++)
        list[i] = match_of(&found.items[i], found.items[i].shared ? LICET_SHARED : LICET_PLAYED);
    for (size_t i = 0; i < similar; i++)
        list[found.count + i] = match_of(&found.similar[i], LICET_SIMILAR);
    *out = list;
    *count = found.count + similar;
    if (complete)
        *complete = found.complete;
    return OK;
}

enum licet_status licet_index_find(const struct licet_index *ix, const struct licet_sound *s,
                                   const struct licet_options *options, struct licet_match **found,
                                   size_t *count, int *complete, struct licet_error *e)
{
    struct error why = { 0 };
    return told(find(ix->own, s, options, found, count, complete, &why), &why, e);
}
