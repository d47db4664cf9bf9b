/* SPDX-License-Identifier: Apache-2.0 */
/* A segment written to a file in bounded memory: words stream through, postings are sorted by way
 * of a spool. The bytes are those of segment_build. */
#include "index/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROWS_HELD   8192       /* of a lane, before they are spooled: 96 KB */
#define LANE_ROWS   (1u << 18) /* wished for */
#define SPLIT_MOST  7
#define CURSOR_HELD (256u << 10)
#define DIGIT_BITS  11

/* ---- bytes going to one place of a file ---------------------------------------------------- */

struct cursor {
    int fd;
    off_t at;
    size_t held;
    uint8_t *bytes; /* [CURSOR_HELD] */
};

static enum code bytes_write_at(int fd, const uint8_t *bytes, size_t length, off_t at,
                                struct error *e)
{
    while (length) {
        ssize_t n = pwrite(fd, bytes, length, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_errno(e, "writing %zu bytes", length);
        bytes += n;
        length -= (size_t)n;
        at += n;
    }
    return OK;
}

static enum code cursor_flush(struct cursor *c, struct error *e)
{
    TRY(bytes_write_at(c->fd, c->bytes, c->held, c->at, e));
    c->at += (off_t)c->held;
    c->held = 0;
    return OK;
}

static enum code cursor_put(struct cursor *c, const void *bytes, size_t length, struct error *e)
{
    const uint8_t *from = bytes;
    while (length) {
        size_t n = CURSOR_HELD - c->held < length ? CURSOR_HELD - c->held : length;
        memcpy(c->bytes + c->held, from, n);
        c->held += n;
        from += n;
        length -= n;
        if (c->held == CURSOR_HELD)
            TRY(cursor_flush(c, e));
    }
    return OK;
}

/* ---- the spool ------------------------------------------------------------------------------ */

struct row { /* a posting: the bits of its word behind the lane's, and its place */
    uint32_t high, low, place;
};

struct lane { /* postings of one part whose keys begin alike */
    uint64_t total;
    size_t held;
    struct row *rows; /* [ROWS_HELD] */
    uint64_t *blocks; /* where its full blocks lie in the spool */
    size_t block_count;
};

struct builder {
    const struct segment_item *items;
    size_t count;
    struct segment_head head;
    struct segment out; /* offsets from NULL, once the postings are counted */
    uint32_t split;     /* lanes of a part: 2^split */
    int file, spool;
    uint64_t spooled;
    struct lane *lanes;       /* [FP_PARTS << split] */
    struct row *rows, *spare; /* of the lane being sorted */
    uint64_t rows_room;
    struct cursor directory, postings, words;
};

static enum code lane_spool(struct builder *b, struct lane *l, struct error *e)
{
    uint64_t *blocks = realloc(l->blocks, (l->block_count + 1) * sizeof *blocks);
    if (!blocks)
        return fail(e, ERR_MEMORY, "no memory to sort postings");
    l->blocks = blocks;
    TRY(bytes_write_at(b->spool, (const uint8_t *)l->rows, ROWS_HELD * sizeof *l->rows,
                       (off_t)b->spooled, e));
    l->blocks[l->block_count++] = b->spooled;
    b->spooled += ROWS_HELD * sizeof *l->rows;
    l->held = 0;
    return OK;
}

static enum code row_put(struct builder *b, size_t part, const struct fp_word *word, uint32_t place,
                         struct error *e)
{
    uint64_t bits = segment_part_bits(word, part);
    struct lane *l = &b->lanes[(part << b->split) + (size_t)(bits >> 32 << b->split >> 32)];
    if (l->held == ROWS_HELD)
        TRY(lane_spool(b, l, e));
    bits <<= b->split;
    l->rows[l->held++] = (struct row) { (uint32_t)(bits >> 32), (uint32_t)bits, place };
    l->total++;
    return OK;
}

/* All rows of a lane, in the order they came: that of places. */
static enum code lane_read(struct builder *b, struct lane *l, struct error *e)
{
    if (l->total > b->rows_room) {
        free(b->rows);
        free(b->spare);
        b->rows_room = l->total;
        b->rows = malloc((size_t)l->total * sizeof *b->rows);
        b->spare = malloc((size_t)l->total * sizeof *b->spare);
        if (!b->rows || !b->spare)
            return fail(e, ERR_MEMORY, "no memory to sort %llu postings",
                        (unsigned long long)l->total);
    }
    size_t block = ROWS_HELD * sizeof *b->rows;
    for (size_t i = 0; i < l->block_count; i++) {
        uint8_t *to = (uint8_t *)b->rows + i * block;
        for (size_t at = 0; at < block;) {
            ssize_t n = pread(b->spool, to + at, block - at, (off_t)(l->blocks[i] + at));
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return fail_errno(e, "reading postings back");
            at += (size_t)n;
        }
    }
    if (l->held)
        memcpy(b->rows + l->block_count * ROWS_HELD, l->rows, l->held * sizeof *l->rows);
    return OK;
}

/* Into order of the `bits` highest bits; equal ones stay in order. */
static void rows_sort(struct builder *b, size_t rows, uint32_t bits)
{
    for (uint32_t at = 32 - bits; at < 32; at += DIGIT_BITS) {
        uint32_t some = 32 - at < DIGIT_BITS ? 32 - at : DIGIT_BITS;
        size_t mask = ((size_t)1 << some) - 1, start[1 << DIGIT_BITS] = { 0 }, sum = 0;
        for (size_t i = 0; i < rows; i++)
            start[b->rows[i].high >> at & mask]++;
        for (size_t d = 0; d <= mask; d++) {
            size_t n = start[d];
            start[d] = sum;
            sum += n;
        }
        for (size_t i = 0; i < rows; i++)
            b->spare[start[b->rows[i].high >> at & mask]++] = b->rows[i];
        struct row *sorted = b->spare;
        b->spare = b->rows;
        b->rows = sorted;
    }
}

/* ---- sections ------------------------------------------------------------------------------- */

static enum code words_write(struct builder *b, struct error *e)
{
    uint64_t first = 0;
    for (size_t i = 0; i < b->count; i++) {
        const struct segment_item *item = &b->items[i];
        struct segment_recording r = { item->key, (uint32_t)first, item->count, item->samples };
        TRY(cursor_put(&b->postings, &r, sizeof r, e));
        if (item->count)
            TRY(cursor_put(&b->words, item->words, item->count * sizeof *item->words, e));
        for (uint32_t j = 0; j < item->count; j++)
            for (uint32_t posts = item->posts[j]; posts; posts &= posts - 1) {
                size_t part = (size_t)__builtin_ctz(posts);
                if (part >= FP_PARTS)
                    break;
                TRY(row_put(b, part, &item->words[j], (uint32_t)first + j, e));
            }
        first += item->count;
    }
    TRY(cursor_flush(&b->postings, e));
    return cursor_flush(&b->words, e);
}

/* The cursor goes to the place that a section has in the file. */
static void cursor_to(struct cursor *c, const void *place)
{
    c->at = (off_t)(uintptr_t)place;
}

static enum code padding_write(struct cursor *c, size_t section, struct error *e)
{
    static const uint8_t zeros[8] = { 0 };
    TRY(cursor_put(c, zeros, (8 - section % 8) % 8, e));
    return cursor_flush(c, e);
}

/* The rows of one bucket: its checks, then its places. */
static enum code bucket_write(struct builder *b, const struct row *rows, size_t count,
                              uint32_t behind, struct error *e)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t check = segment_check((uint64_t)rows[i].high << 32 | rows[i].low, behind);
        TRY(cursor_put(&b->postings, &check, sizeof check, e));
    }
    for (size_t i = 0; i < count; i++)
        TRY(cursor_put(&b->postings, &rows[i].place, sizeof rows[i].place, e));
    return OK;
}

static enum code part_write(struct builder *b, size_t part, struct error *e)
{
    uint32_t bits = b->head.directory_bits, behind = bits - b->split, at = 0;
    cursor_to(&b->directory, b->out.part[part].directory);
    cursor_to(&b->postings, b->out.part[part].postings);
    TRY(cursor_put(&b->directory, &at, sizeof at, e));
    for (size_t n = 0; n < (size_t)1 << b->split; n++) {
        struct lane *l = &b->lanes[(part << b->split) + n];
        TRY(lane_read(b, l, e));
        rows_sort(b, (size_t)l->total, behind);
        size_t from = 0;
        for (size_t bucket = 0; bucket < (size_t)1 << behind; bucket++) {
            size_t to = from;
            while (to < l->total && (uint64_t)b->rows[to].high << behind >> 32 == bucket)
                to++;
            TRY(bucket_write(b, b->rows + from, to - from, behind, e));
            at += (uint32_t)(to - from);
            TRY(cursor_put(&b->directory, &at, sizeof at, e));
            from = to;
        }
    }
    TRY(padding_write(&b->directory, 4 * (((size_t)1 << bits) + 1), e));
    return cursor_flush(&b->postings, e);
}

static enum code head_write(struct builder *b, struct error *e)
{
    size_t length = (size_t)b->head.length, head = sizeof b->head;
    if (ftruncate(b->file, (off_t)length) != 0)
        return fail_errno(e, "giving the segment its length");
    uint8_t *bytes = mmap(NULL, length, PROT_READ, MAP_SHARED, b->file, 0);
    if (bytes == MAP_FAILED)
        return fail_errno(e, "reading the segment back");
    madvise(bytes, length, MADV_SEQUENTIAL);
    b->head.body_sum = fp_checksum(bytes + head, length - head);
    munmap(bytes, length);
    b->head.head_sum = fp_checksum(&b->head, head - 8);
    TRY(bytes_write_at(b->file, (const uint8_t *)&b->head, head, 0, e));
    return fsync(b->file) == 0 ? OK : fail_errno(e, "writing the segment");
}

/* ---- all of it ------------------------------------------------------------------------------ */

static enum code builder_init(struct builder *b, const char *path, struct error *e)
{
    char beside[4096];
    struct cursor *cursors[] = { &b->directory, &b->postings, &b->words };
    b->spool = -1;
    b->file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (b->file < 0)
        return fail_errno(e, "%s", path);
    snprintf(beside, sizeof beside, "%s.spool", path);
    b->spool = open(beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (b->spool < 0)
        return fail_errno(e, "%s", beside);
    unlink(beside); /* gone with the process */
    while (b->split < SPLIT_MOST && b->split < b->head.directory_bits &&
           b->head.words / 2 >> b->split > LANE_ROWS)
        b->split++;
    size_t lanes = (size_t)FP_PARTS << b->split;
    b->lanes = calloc(lanes, sizeof *b->lanes);
    bool there = b->lanes;
    for (size_t i = 0; there && i < lanes; i++)
        there = (b->lanes[i].rows = malloc(ROWS_HELD * sizeof *b->lanes->rows));
    for (size_t i = 0; i < COUNT_OF(cursors); i++) {
        cursors[i]->fd = b->file;
        there = there && (cursors[i]->bytes = malloc(CURSOR_HELD));
    }
    return there ? OK : fail(e, ERR_MEMORY, "no memory to build a segment");
}

static void builder_done(struct builder *b)
{
    for (size_t i = 0; b->lanes && i < (size_t)FP_PARTS << b->split; i++) {
        free(b->lanes[i].rows);
        free(b->lanes[i].blocks);
    }
    free(b->lanes);
    free(b->rows);
    free(b->spare);
    free(b->directory.bytes);
    free(b->postings.bytes);
    free(b->words.bytes);
    if (b->spool >= 0)
        close(b->spool);
    if (b->file >= 0)
        close(b->file);
}

static enum code builder_run(struct builder *b, const char *path, struct error *e)
{
    TRY(builder_init(b, path, e));
    segment_lay_out(&b->head, NULL, &b->out); /* recordings and words lie where no posting counts */
    cursor_to(&b->postings, b->out.recordings);
    cursor_to(&b->words, b->out.words);
    TRY(words_write(b, e));
    for (size_t p = 0; p < FP_PARTS; p++)
        for (size_t n = 0; n < (size_t)1 << b->split; n++)
            b->head.postings[p] += b->lanes[(p << b->split) + n].total;
    b->head.length = segment_lay_out(&b->head, NULL, &b->out);
    for (size_t p = 0; p < FP_PARTS; p++)
        TRY(part_write(b, p, e));
    return head_write(b, e);
}

enum code segment_write(const struct segment_item *items, size_t count, const char *path,
                        struct error *e)
{
    struct builder b = { .items = items, .count = count, .file = -1, .spool = -1 };
    TRY(segment_head_begin(items, count, &b.head, e));
    enum code code = builder_run(&b, path, e);
    builder_done(&b);
    if (code != OK) {
        unlink(path);
        return fail_in(e, "%s", path);
    }
    return OK;
}
