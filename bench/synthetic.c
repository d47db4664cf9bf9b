/* SPDX-License-Identifier: Apache-2.0 */
#include "synthetic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t synthetic_chance(struct synthetic *s)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return s->random;
}

static struct fp_word moved(const struct fp_word *w, unsigned bits)
{
    unsigned __int128 x = (unsigned __int128)w->half[1] << 64 | w->half[0];
    if (bits)
        x = x << bits | x >> (128 - bits);
    return (struct fp_word) { { (uint64_t)x, (uint64_t)(x >> 64) } };
}

const struct fingerprint *synthetic_make(struct synthetic *s)
{
    const struct fingerprint *from[2];
    size_t at[2];
    unsigned move[2];
    uint64_t turned[2];
    for (size_t h = 0; h < 2; h++) {
        do
            from[h] = s->real[synthetic_chance(s) % s->real_count];
        while (!from[h]->count);
        at[h] = synthetic_chance(s) % from[h]->count;
        move[h] = (unsigned)(synthetic_chance(s) % 25 + 116) % 128;
        uint64_t groups = synthetic_chance(s) >> 20;
        turned[h] = 0;
        for (size_t g = 0; g < 8; g++)
            turned[h] |= groups >> g & 1 ? (uint64_t)0xff << 8 * g : 0;
    }
    size_t count = 400 + synthetic_chance(s) % 140;
    for (size_t j = 0; j < count; j++) {
        struct fp_word w = { { 0, 0 } };
        s->posts[j] = 0;
        for (size_t h = 0; h < 2; h++) {
            s->posts[j] |= from[h]->posts[at[h]] & (h ? 12 : 3);
            struct fp_word r = moved(&from[h]->words[at[h]], move[h]);
            if (!(from[h]->words[at[h]].half[0] | from[h]->words[at[h]].half[1]))
                continue; /* silence stays silence */
            uint64_t flips = synthetic_chance(s) & synthetic_chance(s) & synthetic_chance(s) &
                             synthetic_chance(s);
            w.half[h] = r.half[h] ^ turned[h] ^ flips;
        }
        for (size_t h = 0; h < 2; h++)
            at[h] = at[h] ? at[h] - 1 : from[h]->count - 1;
        s->words[j] = w;
    }
    s->made = (struct fingerprint) { count, s->words, s->posts,
                                     (uint64_t)count * FP_STEP * FP_HOP };
    return &s->made;
}

/* ---- how alike ------------------------------------------------------------------------------ */

struct keys {
    uint64_t *rows; /* key << 16 | recording */
    size_t count, room;
};

static void keys_add(struct keys *k, const struct fingerprint *fp, size_t part, size_t recording)
{
    if (k->count + fp->count > k->room) {
        k->room = 2 * (k->count + fp->count);
        k->rows = realloc(k->rows, k->room * sizeof *k->rows);
        if (!k->rows)
            abort();
    }
    for (size_t j = 0; j < fp->count; j++)
        if (fp->posts[j] >> part & 1)
            k->rows[k->count++] = (fp->words[j].half[part / 2] >> part % 2 * 32 & 0xffffffff)
                                      << 16 |
                                  recording;
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Pairs of one of each with equal keys, against what even chance gives. */
static double keys_alike(struct keys *a, struct keys *b)
{
    double equal = 0, pairs = (double)a->count * (double)b->count;
    qsort(a->rows, a->count, sizeof *a->rows, by_key);
    qsort(b->rows, b->count, sizeof *b->rows, by_key);
    for (size_t i = 0, k = 0; i < a->count; i++) {
        while (k < b->count && b->rows[k] >> 16 < a->rows[i] >> 16)
            k++;
        for (size_t n = k; n < b->count && b->rows[n] >> 16 == a->rows[i] >> 16; n++)
            equal += (b->rows[n] & 0xffff) != (a->rows[i] & 0xffff);
    }
    return equal / pairs * 4294967296.0;
}

static double agreement(const struct fp_word *a, const struct fp_word *b, size_t words)
{
    int same = 0;
    for (size_t i = 0; i < words; i++)
        for (size_t h = 0; h < 2; h++)
            same += 64 - __builtin_popcountll(a[i].half[h] ^ b[i].half[h]);
    double bits = 128.0 * (double)words;
    return (same - bits / 2) / (sqrt(bits) / 2);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

#define WINDOW 20
#define LAID   2000000

static void agreement_figures(struct synthetic *s, bool made, double *z)
{
    double square = 0;
    const struct fingerprint *b = NULL;
    for (size_t n = 0; n < LAID; n++) {
        const struct fingerprint *a = s->real[synthetic_chance(s) % s->real_count];
        if (made && n % 100 == 0)
            b = synthetic_make(s);
        if (!made)
            do
                b = s->real[synthetic_chance(s) % s->real_count];
            while (b == a);
        z[n] = 0;
        if (a->count <= WINDOW || b->count <= WINDOW)
            continue;
        z[n] = agreement(a->words + synthetic_chance(s) % (a->count - WINDOW),
                         b->words + synthetic_chance(s) % (b->count - WINDOW), WINDOW);
        square += z[n] * z[n];
    }
    qsort(z, LAID, sizeof *z, by_size);
    const char *of = made ? "synthetic" : "real";
    printf("spread_%s\t%.3f\tdeviations\t\n", of, sqrt(square / LAID));
    printf("tail_%s_1e-3\t%.2f\tdeviations\t\n", of, z[LAID - LAID / 1000]);
    printf("tail_%s_1e-5\t%.2f\tdeviations\t\n", of, z[LAID - LAID / 100000]);
}

void synthetic_compare(struct synthetic *s, size_t made)
{
    double *z = malloc(LAID * sizeof *z);
    double real = 0, synthetic = 0;
    if (!z)
        abort();
    for (size_t part = 0; part < FP_PARTS; part++) {
        struct keys a = { 0 }, b = { 0 }, c = { 0 };
        for (size_t r = 0; r < s->real_count; r++) {
            keys_add(&a, s->real[r], part, r);
            keys_add(&b, s->real[r], part, r);
        }
        for (size_t n = 0; n < made; n++)
            keys_add(&c, synthetic_make(s), part, 0xffff);
        real += keys_alike(&a, &b) / FP_PARTS;
        synthetic += keys_alike(&a, &c) / FP_PARTS;
        free(a.rows);
        free(b.rows);
        free(c.rows);
    }
    printf("equal_keys_real\t%.2f\ttimes even chance\t\n", real);
    printf("equal_keys_synthetic\t%.2f\ttimes even chance\t\n", synthetic);
    agreement_figures(s, false, z);
    agreement_figures(s, true, z);
    free(z);
    fflush(stdout);
}
