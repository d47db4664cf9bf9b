/* SPDX-License-Identifier: Apache-2.0 */
/* Decoder and fingerprint side by side: the sound is never held as a whole. */
#include "flow/hear.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fingerprint/fingerprint.h"

void heard_done(struct heard *h)
{
    fingerprint_free(h->kept);
    fp_query_free(h->query);
    h->kept = NULL;
    h->query = NULL;
}

static enum code push(void *context, const float *pcm, size_t count, struct error *e)
{
    return fp_stream_push(context, pcm, count, e);
}

enum code hear_file(struct audio_host *host, const struct settings *settings, int fd,
                    const struct audio_wants *wants, bool kept, bool query, struct arena *a,
                    struct heard *out, struct error *e)
{
    struct audio_limits limits;
    owned(fp_stream) stream = NULL;
    struct heard h = { 0 };
    TRY(audio_limits_from(settings, &limits, e));
    TRY(fp_stream_new(&stream, e));
    struct audio_sink sink = { stream, push };
    TRY(audio_decode(host, fd, &limits, wants, &sink, a, &h.audio, e));
    TRY(fp_stream_finish(stream, kept ? &h.kept : NULL, query ? &h.query : NULL, e));
    *out = h;
    return OK;
}

const char hear_fingerprint[] = "licet fingerprint";

/* Is it a fingerprint? Of the reference form there is no asking. */
static enum code sniff(int fd, bool *is, struct error *e)
{
    char head[8] = "";
    *is = false;
    ssize_t n = pread(fd, head, sizeof head, 0);
    if (n < (ssize_t)sizeof head)
        return OK; /* the decoder says what is wrong */
    if (memcmp(head, "licetfp\n", sizeof head) == 0)
        return fail(e, ERR_INVALID,
                    "a fingerprint of the reference form, which cannot ask; "
                    "\"licet fingerprint\" makes those that can");
    *is = memcmp(head, "licetfq\n", sizeof head) == 0;
    return OK;
}

enum code hear_whole(int fd, size_t most, struct buf *out, struct error *e)
{
    uint8_t block[64 * 1024];
    for (off_t at = 0;;) {
        ssize_t n = pread(fd, block, sizeof block, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "reading the file");
        if (n == 0)
            break;
        at += n;
        if ((size_t)at > most)
            return fail(e, ERR_LIMIT, "larger than %zu bytes", most);
        buf_put(out, block, (size_t)n);
    }
    return out->failed
               ? fail(e, ERR_MEMORY, "no memory for a file of %lld bytes", (long long)out->length)
               : OK;
}

static bool nothing_in(const struct fp_query *q)
{
    for (size_t i = 0; i < q->count * FP_FINE; i++)
        if (q->bands[i])
            return false;
    return true;
}

/* What it says of its length has to be what it holds: one row each hop. */
static enum code check_length(const struct fp_query *q, int64_t seconds_most, struct error *e)
{
    uint64_t rows = q->samples < FP_WINDOW ? 0 : (q->samples - FP_WINDOW) / FP_HOP + 1;
    if (rows != q->count)
        return fail(e, ERR_CORRUPT, "a fingerprint of %zu rows that says it is %.1f s long",
                    q->count, fp_query_seconds(q));
    if (fp_query_seconds(q) > (double)seconds_most)
        return fail(e, ERR_LIMIT,
                    "longer than %lld seconds, the most that the setting "
                    "audio.seconds_most allows",
                    (long long)seconds_most);
    return OK;
}

static enum code read_fingerprint(const struct settings *settings, int fd, bool kept, bool query,
                                  struct heard *out, struct error *e)
{
    BUF(bytes);
    owned(fp_query) q = NULL;
    struct audio_limits limits;
    struct heard h = { .audio = { .container = hear_fingerprint, .codec = "fingerprint" } };
    TRY(audio_limits_from(settings, &limits, e));
    size_t most = (size_t)limits.seconds_most * FP_RATE_HZ / FP_HOP * FP_FINE + 4096;
    TRY(hear_whole(fd, most, &bytes, e));
    TRY(fp_query_decode(bytes.bytes, bytes.length, &q, e));
    TRY(check_length(q, limits.seconds_most, e));
    h.audio.duration_ms = (int64_t)(q->samples * 1000 / FP_RATE_HZ);
    h.audio.silent = q->count && nothing_in(q);
    if (kept)
        TRY(fp_query_fingerprint(q, &h.kept, e));
    if (query)
        h.query = take(q);
    *out = h;
    return OK;
}

enum code hear_any(struct audio_host *host, const struct settings *settings, int fd,
                   const struct audio_wants *wants, bool kept, bool query, struct arena *a,
                   struct heard *out, struct error *e)
{
    bool is;
    TRY(sniff(fd, &is, e));
    return is ? read_fingerprint(settings, fd, kept, query, out, e)
              : hear_file(host, settings, fd, wants, kept, query, a, out, e);
}

enum code hear_open(const char *path, int *fd, struct error *e)
{
    struct stat s;
    /* O_NONBLOCK: a named pipe must not make us wait for its writer */
    int f = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (f < 0)
        return fail_errno(e, "%s", path);
    if (fstat(f, &s) != 0 || !S_ISREG(s.st_mode)) {
        close(f);
        return fail(e, ERR_INVALID, "%s is not a regular file", path);
    }
    *fd = f;
    return OK;
}

enum code hear_hash(int fd, char out[BLOB_TEXT], struct error *e)
{
    enum { BLOCK = 256 * 1024 };
    ARENA(a);
    uint8_t *block = arena_get(&a, BLOCK, 1), hash[BLOB_HASH_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (off_t at = 0;;) {
        ssize_t n = pread(fd, block, BLOCK, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "reading the file");
        if (n == 0)
            break;
        crypto_generichash_update(&state, block, (size_t)n);
        at += n;
    }
    crypto_generichash_final(&state, hash, sizeof hash);
    hex_encode(hash, sizeof hash, out);
    return OK;
}
