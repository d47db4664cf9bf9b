/* SPDX-License-Identifier: Apache-2.0 */
/* Does a file end where it says it does? */
#include <unistd.h>

#include "audio/worker_source.h"

/* A page of Ogg (RFC 3533): 27 bytes, a table of at most 255 lengths, so many bytes more. */
enum {
    PAGE_HEAD = 27,
    PAGE_MOST = PAGE_HEAD + 255 + 255 * 255,
    PAGE_FLAGS_AT = 5,
    PAGE_COUNT_AT = 26,
    PAGE_LAST = 4
};

/* The length of the page that begins at `p`; 0 when its head is cut. */
static ssize_t page_length(const uint8_t *p, ssize_t left)
{
    if (left < PAGE_HEAD || left < PAGE_HEAD + p[PAGE_COUNT_AT])
        return 0;
    ssize_t length = PAGE_HEAD + p[PAGE_COUNT_AT];
    for (int k = 0; k < p[PAGE_COUNT_AT]; k++)
        length += p[PAGE_HEAD + k];
    return length;
}

static bool ogg_end_is_missing(int fd, int64_t size_bytes)
{
    uint8_t bytes[PAGE_MOST];
    int64_t from = size_bytes > PAGE_MOST ? size_bytes - PAGE_MOST : 0;
    ssize_t n = pread(fd, bytes, sizeof bytes, from);
    for (ssize_t i = n - 4; i >= 0; i--) {
        if (memcmp(bytes + i, "OggS", 4) != 0)
            continue;
        ssize_t length = page_length(bytes + i, n - i);
        return length == 0 || i + length > n || !(bytes[i + PAGE_FLAGS_AT] & PAGE_LAST);
    }
    return true;
}

static uint32_t little(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

bool worker_end_is_missing(int fd, int64_t size_bytes)
{
    uint8_t head[12];
    if (pread(fd, head, sizeof head, 0) != (ssize_t)sizeof head)
        return false;
    if (memcmp(head, "OggS", 4) == 0)
        return ogg_end_is_missing(fd, size_bytes);
    uint32_t size = little(head + 4);
    bool wave = memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WAVE", 4) == 0;
    bool aiff = memcmp(head, "FORM", 4) == 0 && memcmp(head + 8, "AIF", 3) == 0;
    if (aiff)
        size = __builtin_bswap32(size);
    /* writers to a pipe leave the greatest number or so: they did not know */
    return (wave || aiff) && size < 0xFFFFF000U && (int64_t)size + 8 > size_bytes;
}
