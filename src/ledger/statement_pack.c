/* SPDX-License-Identifier: Apache-2.0 */
/* Lines as bytes: what a line has in common with the one in front of it is left out. */
#include "ledger/statement.h"

enum {
    SAME_CLAUSE = 1,    /* kind, clause and window as in front */
    SAME_RECORDING = 2, /* as in front */
    HAS_RECORDING = 4,
    WHOLE_PLAYS = 8,  /* plays are counted in whole ones */
    ALL_OF_THEM = 16, /* as many whole plays as plays: the licensor holds the whole of each */
    HAS_TERRITORY = 32,
    FLAGS = 63
};

enum { LINE_BYTES_MOST = 2 + 3 * 10 + ID_BYTES + 2 + 3 * 10 };

static uint8_t *put_varint(uint8_t *at, uint64_t n)
{
    for (; n >= 128; n >>= 7)
        *at++ = (uint8_t)(n | 128);
    *at++ = (uint8_t)n;
    return at;
}

static uint8_t *put_signed(uint8_t *at, int64_t n)
{
    return put_varint(at, (uint64_t)n << 1 ^ (uint64_t)(n >> 63));
}

static bool same_clause(const struct statement_line *a, const struct statement_line *b)
{
    return a->kind == b->kind && a->clause == b->clause && a->from.number == b->from.number &&
           a->until.number == b->until.number;
}

static unsigned flags_of(const struct statement_line *l, const struct statement_line *before)
{
    unsigned flags = 0;
    bool has = !recording_id_is_none(l->recording);
    flags |= before && same_clause(l, before) ? SAME_CLAUSE : 0;
    flags |= has ? HAS_RECORDING : 0;
    flags |= has && before && recording_id_equal(l->recording, before->recording) ? SAME_RECORDING
                                                                                  : 0;
    flags |= l->plays_e8 % SHARE_WHOLE_E8 == 0 ? WHOLE_PLAYS : 0;
    flags |= (flags & WHOLE_PLAYS) && l->touched == l->plays_e8 / SHARE_WHOLE_E8 ? ALL_OF_THEM : 0;
    flags |= territory_is_known(l->territory) ? HAS_TERRITORY : 0;
    return flags;
}

void statement_pack(const struct statement_line *l, const struct statement_line *before,
                    struct buf *out)
{
    uint8_t bytes[LINE_BYTES_MOST], *at = bytes;
    unsigned flags = flags_of(l, before);
    *at++ = (uint8_t)flags;
    if (!(flags & SAME_CLAUSE)) {
        *at++ = (uint8_t)l->kind;
        at = put_varint(at, l->clause);
        at = put_signed(at, l->from.number);
        at = put_signed(at, (int64_t)l->until.number - l->from.number);
    }
    if ((flags & HAS_RECORDING) && !(flags & SAME_RECORDING)) {
        memcpy(at, l->recording.bytes, ID_BYTES);
        at += ID_BYTES;
    }
    if (flags & HAS_TERRITORY)
        *at++ = l->territory.index;
    *at++ = l->models;
    at = put_signed(at, flags & WHOLE_PLAYS ? l->plays_e8 / SHARE_WHOLE_E8 : l->plays_e8);
    if (!(flags & ALL_OF_THEM))
        at = put_signed(at, l->touched);
    at = put_signed(at, l->minor);
    buf_put(out, bytes, (size_t)(at - bytes));
}

/* ---- reading ------------------------------------------------------------------------------------- */

struct reading {
    const uint8_t *at, *end;
    bool short_of; /* the bytes end too early, or a number is too long */
};

static uint8_t get_byte(struct reading *r)
{
    if (r->at == r->end) {
        r->short_of = true;
        return 0;
    }
    return *r->at++;
}

static uint64_t get_varint(struct reading *r)
{
    uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        uint8_t byte = get_byte(r);
        if (shift == 63 && byte > 1)
            break;
        n |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return n;
    }
    r->short_of = true;
    return 0;
}

static int64_t get_signed(struct reading *r)
{
    uint64_t n = get_varint(r);
    return (int64_t)(n >> 1 ^ (0 - (n & 1)));
}

static bool get_clause(struct reading *r, struct statement_line *l)
{
    unsigned kind = get_byte(r);
    uint64_t clause = get_varint(r);
    int64_t from = get_signed(r), days = get_signed(r);
    if (kind >= LINE_KIND_COUNT || clause > UINT32_MAX || from < INT32_MIN / 2 ||
        from > INT32_MAX / 2 || days < 0 || days > INT32_MAX / 2)
        return false;
    l->kind = (enum line_kind)kind;
    l->clause = (uint32_t)clause;
    l->from.number = (int32_t)from;
    l->until.number = (int32_t)(from + days);
    return true;
}

static bool get_recording(struct reading *r, struct statement_line *l)
{
    if (r->end - r->at < ID_BYTES)
        return false;
    memcpy(l->recording.bytes, r->at, ID_BYTES);
    r->at += ID_BYTES;
    return true;
}

/* l: the line in front, becomes the next one. */
static bool get_line(struct reading *r, bool first, struct statement_line *l)
{
    unsigned flags = get_byte(r);
    if (flags > FLAGS || (first && (flags & (SAME_CLAUSE | SAME_RECORDING))))
        return false;
    if (!(flags & SAME_CLAUSE) && !get_clause(r, l))
        return false;
    if (!(flags & HAS_RECORDING))
        l->recording = (struct recording_id) { { 0 } };
    else if (!(flags & SAME_RECORDING) && !get_recording(r, l))
        return false;
    l->territory = (struct territory) { flags & HAS_TERRITORY ? get_byte(r)
                                                              : TERRITORY_UNKNOWN.index };
    l->models = get_byte(r);
    l->plays_e8 = get_signed(r);
    if ((flags & WHOLE_PLAYS) &&
        __builtin_mul_overflow(l->plays_e8, (int64_t)SHARE_WHOLE_E8, &l->plays_e8))
        return false;
    l->touched = flags & ALL_OF_THEM ? l->plays_e8 / SHARE_WHOLE_E8 : get_signed(r);
    l->minor = get_signed(r);
    return !r->short_of && (!(flags & HAS_TERRITORY) || territory_is_known(l->territory));
}

enum code statement_unpack(struct str part, struct statement_list *list, struct error *e)
{
    struct reading r = { (const uint8_t *)part.at, (const uint8_t *)part.at + part.length, false };
    struct statement_line l = { 0 };
    for (bool first = true; r.at < r.end; first = false) {
        size_t at = (size_t)(r.at - (const uint8_t *)part.at);
        if (!get_line(&r, first, &l))
            return fail(e, ERR_CORRUPT, "byte %zu: this is not a line of a statement", at);
        TRY(statement_list_add(list, &l, e));
    }
    return OK;
}
