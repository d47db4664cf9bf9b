/* SPDX-License-Identifier: Apache-2.0 */
/* Hash sums as messages write them, by FFmpeg's own functions. */
#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include <libavutil/hash.h>

#include "audio/audio.h"

/* What the standard calls them, with and without hyphens, and what FFmpeg does. */
static const struct {
    const char *word, *name;
} sums[] = {
    { "MD5", "MD5" },        { "SHA1", "SHA160" },    { "SHA-1", "SHA160" },
    { "SHA", "SHA160" },     { "SHA224", "SHA224" },  { "SHA-224", "SHA224" },
    { "SHA256", "SHA256" },  { "SHA-256", "SHA256" }, { "SHA384", "SHA384" },
    { "SHA-384", "SHA384" }, { "SHA512", "SHA512" },  { "SHA-512", "SHA512" },
    { "CRC32", "CRC32" },    { "CRC-32", "CRC32" },
};

static enum code add_file(struct AVHashContext *hash, int fd, struct error *e)
{
    static const size_t block = 64 * 1024;
    ARENA(a);
    uint8_t *bytes = arena_get(&a, block, 1);
    for (off_t at = 0;;) {
        ssize_t n = pread(fd, bytes, block, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "reading the file");
        if (n == 0)
            return OK;
        av_hash_update(hash, bytes, (size_t)n);
        at += n;
    }
}

enum code audio_sum(int fd, const char *algorithm, char out[AUDIO_SUM_TEXT], struct error *e)
{
    struct AVHashContext *hash = NULL;
    size_t i = 0;
    while (i < COUNT_OF(sums) && strcasecmp(algorithm, sums[i].word) != 0)
        i++;
    if (i == COUNT_OF(sums))
        return fail(e, ERR_NOT_FOUND, "the hash \"%.40s\" is not known", algorithm);
    if (av_hash_alloc(&hash, sums[i].name) < 0)
        return fail(e, ERR_MEMORY, "no memory for a hash");
    av_hash_init(hash);
    enum code code = add_file(hash, fd, e);
    if (code == OK)
        av_hash_final_hex(hash, (uint8_t *)out, AUDIO_SUM_TEXT);
    av_hash_freep(&hash);
    return code;
}
