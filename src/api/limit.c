/* SPDX-License-Identifier: Apache-2.0 */
/* Token buckets in a bounded table: a full table forgets the fullest bucket, which loses nothing. */
#include "api/limit.h"

#include <pthread.h>
#include <stdlib.h>

static const struct {
    const char *word;
    int64_t quota, seconds;
} classes[] = {
#define ROW(name, word, requests, seconds) { word, requests, seconds },
#include "api/limits.def"
#undef ROW
};

enum { SHARDS = 16, SLOTS = 1024, PROBES = 8 };

struct bucket {
    uint8_t who[ID_BYTES];
    bool used;
    uint8_t class;
    int64_t us; /* the moment at which it is (or was) full: the one number a bucket needs */
};

struct limits {
    struct shard {
        pthread_mutex_t lock;
        struct bucket slots[SLOTS];
    } shards[SHARDS];
};

const char *limit_class_word(enum limit_class c)
{
    return classes[c].word;
}

bool limit_class_parse(const char *word, enum limit_class *out)
{
    for (size_t i = 0; i < COUNT_OF(classes); i++)
        if (strcmp(classes[i].word, word) == 0) {
            *out = (enum limit_class)i;
            return true;
        }
    return false;
}

struct limits *limits_new(void)
{
    struct limits *l = calloc(1, sizeof *l);
    for (size_t i = 0; l && i < SHARDS; i++)
        pthread_mutex_init(&l->shards[i].lock, NULL);
    return l;
}

void limits_free(struct limits *l)
{
    for (size_t i = 0; l && i < SHARDS; i++)
        pthread_mutex_destroy(&l->shards[i].lock);
    free(l);
}

static uint64_t hash_of(const uint8_t who[ID_BYTES], enum limit_class class)
{
    uint64_t h = 0xCBF29CE484222325u + (uint64_t) class;
    for (int i = 0; i < ID_BYTES; i++)
        h = (h ^ who[i]) * 0x100000001B3u;
    return h ^ h >> 29;
}

static struct bucket *bucket_of(struct shard *s, uint64_t hash, const uint8_t who[ID_BYTES],
                                enum limit_class class)
{
    struct bucket *give_way = NULL;
    for (size_t i = 0; i < PROBES; i++) {
        struct bucket *b = &s->slots[(hash / SHARDS + i) % SLOTS];
        if (b->used && b->class == class && memcmp(b->who, who, ID_BYTES) == 0)
            return b;
        if (!give_way || !b->used || (give_way->used && b->us < give_way->us))
            give_way = b;
    }
    *give_way = (struct bucket) { .used = true, .class = (uint8_t) class, .us = INT64_MIN };
    memcpy(give_way->who, who, ID_BYTES);
    return give_way;
}

struct limit_answer limits_take(struct limits *l, const uint8_t who[ID_BYTES],
                                enum limit_class class, int64_t cost, struct instant now)
{
    int64_t window_us = classes[class].seconds * 1000000;
    int64_t each_us = window_us / classes[class].quota;
    struct limit_answer a = { .quota = classes[class].quota,
                              .window_seconds = classes[class].seconds };
    uint64_t hash = hash_of(who, class);
    struct shard *s = &l->shards[hash % SHARDS];
    pthread_mutex_lock(&s->lock);
    struct bucket *b = bucket_of(s, hash, who, class);
    int64_t full_us = b->us > now.us ? b->us : now.us; /* debt is time until full */
    int64_t after_us = full_us + cost * each_us;
    a.allowed = after_us - now.us <= window_us;
    if (a.allowed)
        b->us = full_us = after_us;
    pthread_mutex_unlock(&s->lock);
    int64_t debt_us = full_us - now.us;
    a.left = (window_us - debt_us) / each_us;
    int64_t wait_us = a.allowed ? debt_us : after_us - now.us - window_us;
    a.reset_seconds = (wait_us + 999999) / 1000000;
    return a;
}

bool limits_answer(const struct http_request *r, struct http_response *out, enum limit_class class,
                   const struct limit_answer *a)
{
    const char *word = classes[class].word;
    http_header_format(out, "RateLimit-Policy", "\"%s\";q=%lld;w=%lld", word, (long long)a->quota,
                       (long long)a->window_seconds);
    http_header_format(out, "RateLimit", "\"%s\";r=%lld;t=%lld", word, (long long)a->left,
                       (long long)a->reset_seconds);
    if (a->allowed)
        return true;
    http_header_format(out, "Retry-After", "%lld", (long long)a->reset_seconds);
    http_problem(r, out, 429, "rate_limited", NULL,
                 arena_format(out->arena, "more than %lld \"%s\" requests in %lld s",
                              (long long)a->quota, word, (long long)a->window_seconds),
                 STR(""));
    return false;
}
