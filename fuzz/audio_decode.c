/* SPDX-License-Identifier: Apache-2.0 */
/* A whole file, through FFmpeg and everything we do with what comes out, in this process. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audio/audio.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    ARENA(a);
    struct audio_limits limits = audio_limits_default();
    const struct audio_wants all = { true, true, true, true, true };
    struct audio_facts facts;
    struct error e = { 0 };
    limits.seconds_most = 20;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || pwrite(fd, bytes, count, 0) != (ssize_t)count)
        abort();
    enum code code = audio_decode_here(fd, &limits, &all, NULL, &a, &facts, &e);
    close(fd);
    /* our own frames always make sense to our own reader */
    if (code == ERR_CORRUPT || (code != OK && !e.text[0]))
        abort();
    return 0;
}
