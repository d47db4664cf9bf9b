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
