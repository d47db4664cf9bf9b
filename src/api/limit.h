/* SPDX-License-Identifier: Apache-2.0 */
/* Rate limits: a token bucket for each key (or address) and class, in memory. */
#ifndef LICET_API_LIMIT_H
#define LICET_API_LIMIT_H

#include "http/http.h"

enum limit_class {
#define ROW(name, word, requests, seconds) LIMIT_##name,
#include "api/limits.def"
#undef ROW
    LIMIT_COUNT
};

const char *limit_class_word(enum limit_class c);
bool limit_class_parse(const char *word, enum limit_class *out);

struct limits;
struct limits *limits_new(void); /* NULL: no memory */
void limits_free(struct limits *l);

struct limit_answer {
    bool allowed;
    int64_t quota, window_seconds; /* the policy */
    int64_t left;                  /* requests that may come now */
    int64_t reset_seconds; /* until the bucket is full again; when refused: until one is free */
};

/* Take `cost` from the bucket of (who, class). A bucket holds `quota` and fills evenly.
 * threads any */
struct limit_answer limits_take(struct limits *l, const uint8_t who[ID_BYTES],
                                enum limit_class class, int64_t cost, struct instant now);

/* RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10); a refusal becomes 429
 * with Retry-After. True: go on. */
bool limits_answer(const struct http_request *r, struct http_response *out, enum limit_class class,
                   const struct limit_answer *a);

#endif
