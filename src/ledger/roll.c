/* SPDX-License-Identifier: Apache-2.0 */
/* Plays become numbers of 64 bits: docs/decisions/0051 says why. */
#include "ledger/roll_inside.h"

#include <stdlib.h>

static const int64_t day_us = INT64_C(86400000000);

enum code roll_new(const struct roll_setup *s, struct roll **out, struct error *e)
{
    struct roll *r = calloc(1, sizeof *r);
    if (!r)
        return fail(e, ERR_MEMORY, "no memory for plays");
    int64_t zone_us = (int64_t)s->zone_minutes * 60 * 1000000;
    r->setup = *s;
    r->setup.threads = s->threads < 1 ? 1 : s->threads > THREADS_MOST ? THREADS_MOST : s->threads;
    r->from.us = day_begin(s->from).us - zone_us;
    r->until.us = day_begin(s->until).us - zone_us;
    r->shard_count = r->setup.threads;
    for (unsigned i = 0; i < r->shard_count; i++)
        r->shards[i] = (struct shard) { .r = r, .utc_begin = INT64_MAX - day_us };
    pthread_mutex_init(&r->lock, NULL);
    *out = r;
    if (s->until.number <= s->from.number || s->until.number - s->from.number > ROLL_DAYS_MOST) {
        roll_free(r);
        return fail(e, ERR_LIMIT, "plays of no day, or of more than %d days", ROLL_DAYS_MOST);
    }
    return OK;
}

void roll_free(struct roll *r)
{
    struct error ignored;
    if (!r)
        return;
    if (feeding_end(r, &ignored) != OK) {
        /* what was wrong with the plays does not matter any more */
    }
    for (unsigned i = 0; i < r->shard_count; i++) {
        for (size_t k = 0; k < r->shards[i].chunk_count; k++)
            shard_drop(&r->shards[i], k);
        free(r->shards[i].chunks);
        free(r->shards[i].sort_of);
        free(r->shards[i].rows.items);
    }
    book_done(&r->book);
    free(r->sorts);
    free(r->named);
    big_free(r->keys, r->room * sizeof *r->keys);
    big_free(r->plays, r->room * sizeof *r->plays);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

enum code roll_claim(struct roll *r, unsigned lane, const struct claim *c, uint16_t party,
                     struct error *e)
{
    bool empty = c->until.us <= c->from.us || recording_id_is_none(c->recording);
    if (c->right != r->setup.right || empty)
        return OK;
    return book_add(&r->book.lanes[lane], c, party, e);
}

enum code roll_ready(struct roll *r, struct error *e)
{
    return book_make(&r->book, r->setup.threads, e);
}

/* ---- repertoires -------------------------------------------------------------------------------- */

static int by_recording(const void *pa, const void *pb)
{
    const struct named_recording *a = pa, *b = pb;
    return (a->recording > b->recording) - (a->recording < b->recording);
}

enum code roll_repertoire(struct roll *r, unsigned n, enum terms_repertoire repertoire,
                          const struct recording_id *ids, size_t count, struct error *e)
{
    struct named_recording *named = realloc(r->named, (r->named_count + count + 1) * sizeof *named);
    if (!named)
        return fail(e, ERR_MEMORY, "no memory for a repertoire");
    r->named = named;
    if (repertoire == REPERTOIRE_EXCEPT)
        r->sets_else |= 1u << n;
    for (size_t i = 0; i < count; i++) {
        uint32_t number = book_find(&r->book, &ids[i], book_hash(&ids[i]));
        size_t k = 0;
        if (number == r->book.count)
            continue;
        while (k < r->named_count && named[k].recording != number)
            k++;
        if (k == r->named_count)
            named[r->named_count++] = (struct named_recording) { number, 0 };
        named[k].bits |= 1u << n;
    }
    qsort(named, r->named_count, sizeof *named, by_recording);
    return OK;
}

uint32_t roll_sets(const struct roll *r, uint32_t recording)
{
    struct named_recording key = { recording, 0 };
    if (r->named_count == 0)
        return r->sets_else;
    const struct named_recording *found = bsearch(&key, r->named, r->named_count, sizeof key,
                                                  by_recording);
    return found ? r->sets_else ^ found->bits : r->sets_else;
}

/* ---- sorts of plays ----------------------------------------------------------------------------- */

static enum code number_of_app(struct shard *s, struct app_id app, uint16_t *out, struct error *e)
{
    struct roll *r = s->r;
    size_t i = 0;
    if (s->any_app && app_id_equal(s->last_app, app)) {
        *out = s->last_app_number;
        return OK;
    }
    pthread_mutex_lock(&r->lock);
    while (i < r->app_count && !app_id_equal(r->apps[i], app))
        i++;
    bool room = i < ROLL_APPS_MOST;
    if (room && i == r->app_count)
        r->apps[r->app_count++] = app;
    pthread_mutex_unlock(&r->lock);
    if (!room)
        return fail(e, ERR_LIMIT, "plays in more than %d apps", ROLL_APPS_MOST);
    s->any_app = true;
    s->last_app = app;
    s->last_app_number = *out = (uint16_t)i;
    return OK;
}

static enum code number_of_sort(struct roll *r, const struct roll_sort *sort, uint16_t *out,
                                struct error *e)
{
    enum code code = OK;
    size_t i = 0;
    pthread_mutex_lock(&r->lock);
    while (i < r->sort_count &&
           (r->sorts[i].app != sort->app || r->sorts[i].model != sort->model ||
            r->sorts[i].kind != sort->kind || r->sorts[i].seconds != sort->seconds ||
            r->sorts[i].moment != sort->moment))
        i++;
    if (i == SORTS_MOST) {
        code = fail(e, ERR_LIMIT, "more than %d kinds of plays at once", SORTS_MOST);
    } else if (i == r->sort_count && i == r->sort_room) {
        size_t room = r->sort_room ? 2 * r->sort_room : 64;
        struct roll_sort *sorts = realloc(r->sorts, room * sizeof *sorts);
        if (sorts) {
            r->sorts = sorts;
            r->sort_room = room;
        } else {
            code = fail(e, ERR_MEMORY, "no memory for kinds of plays");
        }
    }
    if (code == OK && i == r->sort_count)
        r->sorts[r->sort_count++] = *sort;
    pthread_mutex_unlock(&r->lock);
    *out = (uint16_t)i;
    return code;
}

enum {
    PER_MODEL = CUBE_KIND_COUNT * SECONDS_CLASSES * MOMENT_CLAIM,
    PER_APP = MODEL_COUNT * PER_MODEL
};

static enum code room_for_app(struct shard *s, uint16_t app, struct error *e)
{
    if (app < s->sort_apps)
        return OK;
    uint16_t *grown = realloc(s->sort_of, ((size_t)app + 1) * PER_APP * sizeof *grown);
    if (!grown)
        return fail(e, ERR_MEMORY, "no memory for kinds of plays");
    for (size_t i = s->sort_apps * PER_APP; i < ((size_t)app + 1) * PER_APP; i++)
        grown[i] = NO_SORT;
    s->sort_of = grown;
    s->sort_apps = (size_t)app + 1;
    return OK;
}

static enum code find_sort(struct shard *s, const struct roll_sort *sort, uint16_t *out,
                           struct error *e)
{
    if (sort->moment >= MOMENT_CLAIM)
        return number_of_sort(s->r, sort, out, e);
    TRY(room_for_app(s, sort->app, e));
    size_t place = (size_t)sort->app * PER_APP + (size_t)sort->model * PER_MODEL +
                   (size_t)(sort->kind * SECONDS_CLASSES + sort->seconds) * MOMENT_CLAIM;
    uint16_t *known = &s->sort_of[place + sort->moment];
    if (*known == NO_SORT)
        TRY(number_of_sort(s->r, sort, known, e));
    *out = *known;
    return OK;
}

/* ---- moments ------------------------------------------------------------------------------------ */

/* The last change of a claim within the play's day before the play, if there is one. */
static uint32_t moment_of_claim(const struct book *b, uint32_t number, int64_t begin, int64_t at,
                                uint32_t otherwise)
{
    int64_t last = begin;
    uint32_t found = otherwise;
    for (uint32_t i = b->first[number]; i < b->first[number + 1]; i++) {
        const struct book_claim *c = &b->claims[i];
        uint32_t place = MOMENT_CLAIM + 2 * (i - b->first[number]);
        if (c->from.us > last && c->from.us <= at) {
            last = c->from.us;
            found = place;
        }
        if (c->until.us > last && c->until.us <= at) {
            last = c->until.us;
            found = place + 1;
        }
    }
    return found;
}

struct instant roll_moment(const struct roll *r, uint32_t recording, int32_t day, uint32_t moment)
{
    if (moment < MOMENT_CLAIM)
        return day_begin((struct day) { day + (int32_t)moment - MOMENT_DAY });
    const struct book_claim
        *c = &r->book.claims[r->book.first[recording] + (moment - MOMENT_CLAIM) / 2];
    return (moment - MOMENT_CLAIM) % 2 ? c->until : c->from;
}

/* ---- plays -------------------------------------------------------------------------------------- */

void shard_drop(struct shard *s, size_t chunk)
{
    big_free(s->chunks[chunk], CHUNK_KEYS * sizeof **s->chunks);
    s->chunks[chunk] = NULL;
}

static enum code room_for(struct shard *s, size_t more, struct error *e)
{
    while (s->count + more > s->chunk_count * CHUNK_KEYS) {
        if (s->chunk_count == s->chunk_room) {
            size_t room = s->chunk_room ? 2 * s->chunk_room : 64;
            uint64_t **chunks = realloc(s->chunks, room * sizeof *chunks);
            if (!chunks)
                return fail(e, ERR_MEMORY, "no memory for %zu plays", s->count);
            s->chunks = chunks;
            s->chunk_room = room;
        }
        uint64_t *keys = big_try(CHUNK_KEYS * sizeof *keys);
        if (!keys)
            return fail(e, ERR_MEMORY, "no memory for %zu plays", s->count);
        s->chunks[s->chunk_count++] = keys;
    }
    return OK;
}

static void find_days(struct shard *s, int64_t at)
{
    int64_t zone_us = (int64_t)s->r->setup.zone_minutes * 60 * 1000000;
    if (at < s->utc_begin || at >= s->utc_begin + day_us)
        s->utc_begin = day_begin(day_of((struct instant) { at })).us;
    s->zone_begin = zone_us ? day_begin(day_of((struct instant) { at + zone_us })).us
                            : s->utc_begin;
}

static enum code put_play(struct shard *s, const struct batch_play *p, uint32_t number,
                          struct error *e)
{
    struct roll *r = s->r;
    uint16_t place;
    struct roll_sort sort = { .model = (uint8_t)p->model,
                              .kind = (uint8_t)p->kind,
                              .seconds = cube_seconds_class(p->played_ms / 1000) };
    TRY(number_of_app(s, p->app, &sort.app, e));
    find_days(s, p->at.us);
    sort.moment = s->utc_begin < s->zone_begin   ? MOMENT_DAY_BEFORE
                  : s->utc_begin > s->zone_begin ? MOMENT_DAY_AFTER
                                                 : MOMENT_DAY;
    if (number < r->book.count && book_changes(&r->book, number))
        sort.moment = moment_of_claim(&r->book, number, s->utc_begin, p->at.us, sort.moment);
    TRY(find_sort(s, &sort, &place, e));
    uint64_t day = (uint64_t)(s->zone_begin / day_us - r->setup.from.number);
    s->chunks[s->count / CHUNK_KEYS][s->count % CHUNK_KEYS] = (uint64_t)number << RECORDING_SHIFT |
                                                              (uint64_t)p->territory.index
                                                                  << (SORT_BITS + DAY_BITS) |
                                                              day << SORT_BITS | place;
    s->count++;
    return OK;
}

enum code shard_plays(struct shard *s, const struct batch_play *p, size_t count, struct error *e)
{
    enum { AT_ONCE = 32 }; /* so that their places in memory come while others are looked at */
    const struct book *b = &s->r->book;
    TRY(room_for(s, count, e));
    for (size_t from = 0; from < count; from += AT_ONCE) {
        uint64_t hashes[AT_ONCE];
        size_t n = count - from < AT_ONCE ? count - from : AT_ONCE;
        for (size_t i = 0; i < n; i++) {
            hashes[i] = book_hash(&p[from + i].recording);
            __builtin_prefetch(&b->slots[hashes[i] >> (64 - b->slot_bits)]);
        }
        for (size_t i = 0; i < n; i++) {
            const struct batch_play *play = &p[from + i];
            if (play->at.us >= s->r->from.us && play->at.us < s->r->until.us)
                TRY(put_play(s, play, book_find(b, &play->recording, hashes[i]), e));
        }
    }
    return OK;
}

enum code roll_plays(struct roll *r, const struct batch_play *p, size_t count, struct error *e)
{
    return shard_plays(&r->shards[0], p, count, e);
}

size_t roll_app_count(const struct roll *r)
{
    return r->app_count;
}

struct app_id roll_app(const struct roll *r, size_t number)
{
    return r->apps[number];
}

void roll_app_set(struct roll *r, size_t number, uint16_t in_cube)
{
    r->in_cube[number] = in_cube;
}

size_t roll_sum_count(const struct roll *r)
{
    return r->count;
}

size_t roll_play_count(const struct roll *r)
{
    return r->total;
}

uint32_t roll_sets_of(const struct roll *r, struct recording_id recording)
{
    return roll_sets(r, book_find(&r->book, &recording, book_hash(&recording)));
}

enum code roll_holders(const struct roll *r, struct recording_id recording,
                       struct territory territory, struct instant at,
                       struct held_share parts[HELD_PARTS_MOST], size_t *count, int64_t *rest_e8,
                       struct error *e)
{
    uint32_t number = book_find(&r->book, &recording, book_hash(&recording));
    struct instant day = day_begin(day_of(at));
    if (number < r->book.count && book_changes(&r->book, number))
        day = at;
    return book_holders(&r->book, number, territory, day, r->setup.rule, parts, count, rest_e8, e);
}
