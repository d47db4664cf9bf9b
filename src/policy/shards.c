/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings and their claims, in shards: each one block of memory, made anew when one of its
 * recordings changes. */
#include <stdlib.h>

#include "policy/building.h"

enum { SHARD_RECORDINGS = 512, SHARD_BITS_MOST = 20 };

/* A recording on its way into a shard. */
struct draft {
    struct held_recording hot; /* cold is set when it is placed */
    size_t texts, text_bytes;  /* in drafts.texts */
    const struct held_claim *claims;
    uint32_t claim_count;
};

struct drafts {
    struct draft *items;
    size_t count, room, claims;
    struct buf texts;
};

static void drafts_done(struct drafts *d)
{
    free(d->items);
    buf_done(&d->texts);
}

static void drafts_clear(struct drafts *d)
{
    d->count = d->claims = 0;
    buf_clear(&d->texts);
}

static struct draft *draft_add(struct drafts *d)
{
    if (d->count == d->room) {
        size_t room = d->room ? d->room * 2 : SHARD_RECORDINGS * 2;
        struct draft *items = realloc(d->items, room * sizeof *items);
        if (!items)
            return NULL;
        d->items = items;
        d->room = room;
    }
    struct draft *x = &d->items[d->count++];
    *x = (struct draft) { .texts = d->texts.length };
    return x;
}

static size_t text_bytes(const char *texts)
{
    size_t length = 1;
    for (int i = 0; i < 3; i++)
        if (texts[0] >> i & 1)
            length += strlen(texts + length) + 1;
    return length;
}

/* ---- profiles ---- */

static void put_word(struct buf *key, uint32_t word)
{
    buf_put(key, &word, sizeof word);
}

static uint32_t party_of(const struct building *b, const struct held_claim *c)
{
    return pool_claim(b->r->pool, c->shape)->party;
}

static bool seen_before(const struct building *b, const struct draft *x, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++)
        if (party_of(b, &x->claims[i]) == party_of(b, &x->claims[at]))
            return true;
    return false;
}

static uint32_t put_rows_of_party(struct building *b, uint32_t party, struct recording_id id)
{
    const struct held_party *p = b->r->parties[party];
    uint32_t begin, end, rows = 0;
    policies_for(p, id, &begin, &end);
    for (; begin < end; begin++, rows++) {
        put_word(&b->key, party);
        put_word(&b->key, p->policies[begin].shape);
    }
    licences_for(p, id, &begin, &end);
    for (; begin < end; begin++, rows++) {
        put_word(&b->key, party);
        put_word(&b->key, p->licences[begin].shape);
    }
    return rows;
}

static enum code profile_of(struct building *b, struct draft *x, struct error *e)
{
    struct recording_id id;
    size_t begin, end;
    uint32_t rows = 0;
    memcpy(id.bytes, x->hot.id, ID_BYTES);
    buf_clear(&b->key);
    put_word(&b->key, x->claim_count);
    put_word(&b->key, 0);
    for (uint32_t i = 0; i < x->claim_count; i++)
        put_word(&b->key, x->claims[i].shape);
    for (uint32_t i = 0; i < x->claim_count; i++)
        if (!seen_before(b, x, i))
            rows += put_rows_of_party(b, party_of(b, &x->claims[i]), id);
    orders_on(b->r, x->hot.id, &begin, &end);
    for (; begin < end; begin++, rows++) {
        put_word(&b->key, NO_PARTY);
        put_word(&b->key, b->r->orders[begin].shape);
    }
    if (b->key.failed)
        return no_memory(e);
    memcpy(b->key.bytes + sizeof rows, &rows, sizeof rows);
    return keep_bytes(&b->r->pool->profiles, b->key.bytes, b->key.length, &x->hot.profile, e);
}

/* ---- drafts into a shard ---- */

static void place_draft(struct shard *s, const struct drafts *d, size_t at, uint32_t claim)
{
    const struct draft *x = &d->items[at];
    uint32_t slot = (uint32_t)id_hash(x->hot.id) & s->mask;
    while (s->slots[slot].cold)
        slot = (slot + 1) & s->mask;
    s->slots[slot] = x->hot;
    s->slots[slot].cold = (uint32_t)at + 1;
    s->colds[at] = (struct cold_recording) { (uint32_t)x->texts, claim, x->claim_count };
    if (x->claim_count)
        memcpy(&s->claims[claim], x->claims, x->claim_count * sizeof *x->claims);
}

static enum code shard_make(struct building *b, struct drafts *d, struct shard_place *out,
                            struct error *e)
{
    size_t room = 4;
    while (room * 3 < d->count * 4 + 1)
        room *= 2;
    for (size_t i = 0; i < d->count; i++)
        TRY(profile_of(b, &d->items[i], e));
    size_t colds = SHARD_HEAD + room * sizeof(struct held_recording);
    size_t claims = (colds + d->count * sizeof(struct cold_recording) + 7) / 8 * 8;
    size_t texts = claims + d->claims * sizeof(struct held_claim);
    size_t bytes = (texts + d->texts.length + 63) / 64 * 64;
    char *block = aligned_alloc(64, bytes);
    if (!block || d->texts.failed || d->texts.length > UINT32_MAX || d->claims > UINT32_MAX) {
        free(block);
        return no_memory(e);
    }
    memset(block, 0, texts);
    struct shard *s = (struct shard *)(void *)block;
    *s = (struct shard) { .bytes = bytes,
                          .count = (uint32_t)d->count,
                          .mask = (uint32_t)(room - 1),
                          .slots = (void *)(block + SHARD_HEAD),
                          .colds = (void *)(block + colds),
                          .claims = (void *)(block + claims),
                          .texts = block + texts };
    if (d->texts.length)
        memcpy(block + texts, d->texts.bytes, d->texts.length);
    uint32_t claim = 0;
    for (size_t i = 0; i < d->count; i++) {
        place_draft(s, d, i, claim);
        claim += d->items[i].claim_count;
    }
    *out = (struct shard_place) { s, s->mask };
    return OK;
}

/* ---- input into drafts ---- */

static enum code fits(int64_t number, const char *what, struct error *e)
{
    return number >= 0 && number <= UINT32_MAX
               ? OK
               : fail(e, ERR_LIMIT, "%s %lld is more than a snapshot holds", what,
                      (long long)number);
}

static enum code draft_recording(struct drafts *d, const struct recording *r, struct error *e)
{
    const char *texts[3] = { r->isrc, r->title, r->artist };
    struct draft *x = draft_add(d);
    char flags = 0;
    if (!x)
        return no_memory(e);
    TRY(fits(r->version, "version", e));
    TRY(fits(r->duration_ms, "duration", e));
    memcpy(x->hot.id, r->id.bytes, ID_BYTES);
    x->hot.version = (uint32_t)r->version;
    x->hot.duration_ms = (uint32_t)r->duration_ms;
    for (int i = 0; i < 3; i++)
        flags = (char)(flags | (texts[i] ? 1 << i : 0));
    buf_put(&d->texts, &flags, 1);
    for (int i = 0; i < 3; i++)
        if (texts[i])
            buf_put(&d->texts, texts[i], strlen(texts[i]) + 1);
    x->text_bytes = d->texts.length - x->texts;
    return OK;
}

static enum code hold_claim(struct building *b, const struct claim *c, struct held_claim *out,
                            struct error *e)
{
    char text[ID_TEXT], party_text[ID_TEXT];
    struct claim_shape shape;
    uint32_t party = id_table_find(&b->r->party_table, c->party.bytes);
    if (party == UINT32_MAX)
        return fail(e, ERR_INVALID, "claim %s names party %s, which is not there",
                    claim_id_format(c->id, text), party_id_format(c->party, party_text));
    TRY(fits(c->version, "version", e));
    memset(&shape, 0, sizeof shape);
    shape.party = party;
    shape.share_e8 = c->share_e8;
    shape.from = c->from;
    shape.until = c->until;
    shape.right = c->right;
    TRY(keep_bytes(&b->r->pool->sets, &c->territories, sizeof c->territories, &shape.set, e));
    *out = (struct held_claim) { .id = c->id, .version = (uint32_t)c->version, .filed = c->filed };
    return keep_bytes(&b->r->pool->claim_shapes, &shape, sizeof shape, &out->shape, e);
}

static int by_filing(const void *left, const void *right)
{
    const struct held_claim *a = left, *b = right;
    if (a->filed.us != b->filed.us)
        return a->filed.us < b->filed.us ? -1 : 1;
    return memcmp(a->id.bytes, b->id.bytes, ID_BYTES);
}

/* The recordings of the input, and their claims in one array, sorted by recording. */
struct sources {
    struct id_table ids;
    struct held_claim *claims;
    uint32_t *begin; /* one more than there are recordings */
};

static enum code claim_owner(const struct sources *x, const struct claim *c, uint32_t *out,
                             struct error *e)
{
    char text[ID_TEXT], recording_text[ID_TEXT];
    *out = id_table_find(&x->ids, c->recording.bytes);
    if (*out == UINT32_MAX)
        return fail(e, ERR_INVALID, "claim %s names recording %s, which is not there",
                    claim_id_format(c->id, text),
                    recording_id_format(c->recording, recording_text));
    return OK;
}

static enum code sort_claims(struct building *b, struct sources *x, struct error *e)
{
    const struct rights_input *in = b->in;
    size_t count = in->claim_count, recordings = in->recording_count;
    TRY(id_table_fill(&x->ids, in->recordings, sizeof *in->recordings, recordings, "recording",
                      &b->scratch, e));
    uint32_t *owner = arena_try(&b->scratch, count + 1, sizeof *owner),
             *next = arena_try(&b->scratch, recordings + 1, sizeof *next);
    x->begin = arena_try(&b->scratch, recordings + 1, sizeof *x->begin);
    x->claims = arena_try(&b->scratch, count + 1, sizeof *x->claims);
    if (!owner || !next || !x->begin || !x->claims)
        return no_memory(e);
    for (size_t i = 0; i < count; i++) {
        TRY(claim_owner(x, &in->claims[i], &owner[i], e));
        x->begin[owner[i] + 1]++;
    }
    for (size_t i = 0; i < recordings; i++)
        x->begin[i + 1] += x->begin[i];
    memcpy(next, x->begin, (recordings + 1) * sizeof *next);
    for (size_t i = 0; i < count; i++)
        TRY(hold_claim(b, &in->claims[i], &x->claims[next[owner[i]]++], e));
    for (size_t i = 0; i < recordings; i++)
        if (x->begin[i + 1] - x->begin[i] > 1)
            qsort(&x->claims[x->begin[i]], x->begin[i + 1] - x->begin[i], sizeof *x->claims,
                  by_filing);
    return OK;
}

static enum code draft_source(struct building *b, const struct sources *x, struct drafts *d,
                              uint32_t at, struct error *e)
{
    TRY(draft_recording(d, &b->in->recordings[at], e));
    struct draft *draft = &d->items[d->count - 1];
    draft->claims = &x->claims[x->begin[at]];
    draft->claim_count = x->begin[at + 1] - x->begin[at];
    d->claims += draft->claim_count;
    return OK;
}

/* ---- all shards ---- */

static uint32_t shard_number(const struct rights *r, const uint8_t id[ID_BYTES])
{
    return r->shard_bits ? (uint32_t)(id_hash(id) >> (64 - r->shard_bits)) : 0;
}

static enum code fill_shards(struct building *b, const struct sources *x, struct drafts *d,
                             struct error *e)
{
    struct rights *r = b->r;
    size_t shards = (size_t)1 << r->shard_bits, count = b->in->recording_count;
    uint32_t *begin = arena_try(&b->scratch, shards + 1, sizeof *begin),
             *next = arena_try(&b->scratch, shards + 1, sizeof *next),
             *order = arena_try(&b->scratch, count + 1, sizeof *order);
    if (!begin || !next || !order)
        return no_memory(e);
    for (size_t i = 0; i < count; i++)
        begin[shard_number(r, b->in->recordings[i].id.bytes) + 1]++;
    for (size_t i = 0; i < shards; i++)
        begin[i + 1] += begin[i];
    memcpy(next, begin, (shards + 1) * sizeof *next);
    for (size_t i = 0; i < count; i++)
        order[next[shard_number(r, b->in->recordings[i].id.bytes)]++] = (uint32_t)i;
    for (size_t s = 0; s < shards; s++) {
        drafts_clear(d);
        for (uint32_t i = begin[s]; i < begin[s + 1]; i++)
            TRY(draft_source(b, x, d, order[i], e));
        TRY(shard_make(b, d, &r->shards[s], e));
    }
    return OK;
}

enum code build_shards(struct building *b, struct error *e)
{
    struct rights *r = b->r;
    struct sources x;
    struct drafts d = { 0 };
    while (r->shard_bits < SHARD_BITS_MOST &&
           b->in->recording_count >> r->shard_bits > SHARD_RECORDINGS)
        r->shard_bits++;
    r->shards = calloc((size_t)1 << r->shard_bits, sizeof *r->shards);
    if (!r->shards)
        return no_memory(e);
    r->recording_count = b->in->recording_count;
    TRY(sort_claims(b, &x, e));
    enum code code = fill_shards(b, &x, &d, e);
    drafts_done(&d);
    return code;
}

/* ---- only what changed ---- */

enum touch_kind { TOUCH_CHANGED, TOUCH_GONE, TOUCH_AGAIN }; /* the first of a recording counts */

struct touch {
    struct recording_id id;
    uint32_t shard, source; /* of the input */
    enum touch_kind kind;
};

static int by_shard(const void *left, const void *right)
{
    const struct touch *a = left, *b = right;
    if (a->shard != b->shard)
        return a->shard < b->shard ? -1 : 1;
    int order = memcmp(a->id.bytes, b->id.bytes, ID_BYTES);
    return order ? order : (int)a->kind - (int)b->kind;
}

static const struct touch *touched(const struct touch *list, size_t count, const uint8_t *id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (memcmp(list[middle].id.bytes, id, ID_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && memcmp(list[low].id.bytes, id, ID_BYTES) == 0 ? &list[low] : NULL;
}

static enum code draft_held(struct drafts *d, const struct shard *s, const struct held_recording *h,
                            struct error *e)
{
    const struct cold_recording *cold = &s->colds[h->cold - 1];
    struct draft *x = draft_add(d);
    if (!x)
        return no_memory(e);
    x->hot = *h;
    x->text_bytes = text_bytes(s->texts + cold->texts);
    x->claims = &s->claims[cold->claim];
    x->claim_count = cold->claim_count;
    d->claims += x->claim_count;
    buf_put(&d->texts, s->texts + cold->texts, x->text_bytes);
    return OK;
}

/* What was in the shard and stays, then what comes from the input. */
static enum code redraft(struct building *b, const struct sources *x, struct drafts *d,
                         const struct touch *list, size_t count, struct error *e)
{
    const struct shard *before = b->old->shards[list->shard].shard;
    drafts_clear(d);
    for (uint32_t i = 0; i <= before->mask; i++) {
        const struct held_recording *h = &before->slots[i];
        const struct touch *t = h->cold ? touched(list, count, h->id) : NULL;
        if (h->cold && (!t || t->kind == TOUCH_AGAIN))
            TRY(draft_held(d, before, h, e));
    }
    for (size_t i = 0; i < count; i++)
        if (list[i].kind == TOUCH_CHANGED)
            TRY(draft_source(b, x, d, list[i].source, e));
    TRY(shard_make(b, d, &b->r->shards[list->shard], e));
    b->r->recording_count += d->count;
    b->r->recording_count -= before->count;
    return throw_away(b, GARBAGE_SHARD, b->old->shards[list->shard].shard, e);
}

static enum code each_shard(struct building *b, const struct sources *x, struct touch *list,
                            size_t count, struct error *e)
{
    struct drafts d = { 0 };
    enum code code = OK;
    for (size_t i = 0; code == OK && i < count;) {
        size_t k = i;
        while (k < count && list[k].shard == list[i].shard)
            k++;
        code = redraft(b, x, &d, &list[i], k - i, e);
        i = k;
    }
    drafts_done(&d);
    return code;
}

static void touch(const struct building *b, struct touch *list, size_t *count,
                  struct recording_id id, enum touch_kind kind, size_t source)
{
    list[(*count)++] = (struct touch) { id, shard_number(b->old, id.bytes), (uint32_t)source,
                                        kind };
}

enum code change_shards(struct building *b, const struct recording_id *gone, size_t gone_count,
                        struct error *e)
{
    struct rights *r = b->r;
    const struct rights *old = b->old;
    struct sources x;
    size_t shards = (size_t)1 << old->shard_bits, count = 0;
    r->shard_bits = old->shard_bits;
    r->shards = malloc(shards * sizeof *r->shards);
    struct touch *list = arena_try(
        &b->scratch, b->in->recording_count + gone_count + b->again_count + 1, sizeof *list);
    if (!r->shards || !list)
        return no_memory(e);
    memcpy(r->shards, old->shards, shards * sizeof *r->shards);
    r->recording_count = old->recording_count;
    TRY(sort_claims(b, &x, e));
    for (size_t i = 0; i < b->in->recording_count; i++)
        touch(b, list, &count, b->in->recordings[i].id, TOUCH_CHANGED, i);
    for (size_t i = 0; i < gone_count; i++)
        touch(b, list, &count, gone[i], TOUCH_GONE, 0);
    for (size_t i = 0; i < b->again_count; i++)
        touch(b, list, &count, b->again[i], TOUCH_AGAIN, 0);
    qsort(list, count, sizeof *list, by_shard);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !recording_id_equal(list[kept - 1].id, list[i].id))
            list[kept++] = list[i];
    return each_shard(b, &x, list, kept, e);
}
