/* SPDX-License-Identifier: Apache-2.0 */
/* Sound files that no ordinary encoder would write. */
#ifndef LICET_TESTS_MADE_H
#define LICET_TESTS_MADE_H

#include "sounds.h"

static inline uint8_t crc8(const uint8_t *p, size_t n)
{
    uint8_t crc = 0;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int k = 0; k < 8; k++)
            crc = (uint8_t)(crc & 0x80 ? crc << 1 ^ 0x07 : crc << 1);
    }
    return crc;
}

static inline uint16_t crc16(const uint8_t *p, size_t n)
{
    uint16_t crc = 0;
    for (size_t i = 0; i < n; i++) {
        crc = (uint16_t)(crc ^ p[i] << 8);
        for (int k = 0; k < 8; k++)
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x8005 : crc << 1);
    }
    return crc;
}

static inline void be(struct buf *b, uint64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        buf_byte(b, (uint8_t)(value >> (8 * i)));
}

/* FLAC frames of 65535 equal samples in 14 bytes: an hour at 44.1 kHz takes 34 kB. The header does
 * not say how long it is. */
static inline int flac_bomb(int seconds)
{
    BUF(b);
    buf_text(&b, "fLaC");
    be(&b, 0x80000022, 4);
    be(&b, 65535, 2);
    be(&b, 65535, 2);
    be(&b, 0, 3);
    be(&b, 0, 3);
    be(&b, (uint64_t)44100 << 44 | (uint64_t)15 << 36, 8); /* one channel, 16 bits */
    be(&b, 0, 8);
    be(&b, 0, 8);
    int frames = (int)((int64_t)seconds * 44100 / 65535) + 1;
    for (int i = 0; i < frames; i++) {
        size_t begin = b.length;
        be(&b, 0xFFF8, 2);
        be(&b, 0x79, 1); /* block size in 16 bits, 44.1 kHz */
        be(&b, 0x08, 1); /* mono, 16 bits */
        if (i < 0x80)
            be(&b, (uint64_t)i, 1);
        else if (i < 0x800)
            be(&b, (uint64_t)(0xC080 | (i >> 6) << 8 | (i & 0x3F)), 2);
        else
            be(&b, (uint64_t)(0xE08080 | (i >> 12) << 16 | (i >> 6 & 0x3F) << 8 | (i & 0x3F)), 3);
        be(&b, 65534, 2);
        be(&b, crc8(b.bytes + begin, b.length - begin), 1);
        be(&b, 0x00, 1);   /* constant subframe */
        be(&b, 0x2000, 2); /* a quarter of full scale */
        be(&b, crc16(b.bytes + begin, b.length - begin), 2);
    }
    return file_of(b.bytes, b.length);
}

/* Encode `s` with our own encoder into a memory file. */
static inline int encoded(struct audio_host *host, const struct sound *s, enum audio_codec codec)
{
    struct audio_limits limits = audio_limits_default();
    struct audio_format f = { .codec = codec, .bits_per_second = 128000 };
    struct audio_rendered made;
    int in = wav_file(s), out = memfd_create("encoded", MFD_CLOEXEC);
    CHECK_OK(audio_render(host, in, out, &limits, &f, &made, e));
    close(in);
    return out;
}

#endif
