/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: strict reading through jansson (duplicates refused), and a writer into a buffer.
 *
 * The writer's output is canonical: members in the order written, no blanks, so the same calls
 * give the same bytes. */
#ifndef LICET_BASE_JSON_H
#define LICET_BASE_JSON_H

#include <jansson.h>

#include "base/id.h"
#include "base/str.h"
#include "base/time.h"

/* errors  INVALID with line and column. The value is freed by json_decref. */
MUST_USE enum code json_read(struct str text, json_t **out, struct error *e);

static inline void json_decref_at(json_t **p)
{
    json_decref(*p);
}
#define JSON(name) __attribute__((cleanup(json_decref_at))) json_t *name = NULL

/* A member's text, or NULL where it is absent or null.
 * errors  INVALID the member is there and is not of the type; the text names it */
MUST_USE enum code json_member_text(const json_t *o, const char *name, const char **out,
                                    struct error *e);
MUST_USE enum code json_member_int(const json_t *o, const char *name, int64_t absent, int64_t *out,
                                   struct error *e);
MUST_USE enum code json_member_bool(const json_t *o, const char *name, bool absent, bool *out,
                                    struct error *e);
/* errors  INVALID a member is not in `names` (ends with NULL): unknown fields are refused */
MUST_USE enum code json_only(const json_t *o, const char *const *names, struct error *e);

struct json_out {
    struct buf *to;
    bool comma; /* something stands before, on this level */
};

void json_begin(struct json_out *o, char bracket); /* '{' or '[' */
void json_end(struct json_out *o, char bracket);   /* '}' or ']' */
void json_key(struct json_out *o, const char *name);
void json_put_str(struct json_out *o, struct str s);   /* bytes that are not UTF-8 become U+FFFD */
void json_put_text(struct json_out *o, const char *s); /* NULL gives null */
void json_put_int(struct json_out *o, int64_t value);
void json_put_bool(struct json_out *o, bool value);
void json_put_null(struct json_out *o);
/* at most `places` decimals, trailing zeros cut; not finite gives null */
void json_put_number(struct json_out *o, double value, int places);
void json_put_instant(struct json_out *o, struct instant t); /* NEVER and FIRST give null */
void json_put_raw(struct json_out *o, struct str json);      /* JSON text already made */

/* key and value in one */
void json_text(struct json_out *o, const char *name, const char *value);
void json_str(struct json_out *o, const char *name, struct str value);
void json_int(struct json_out *o, const char *name, int64_t value);
void json_bool(struct json_out *o, const char *name, bool value);
void json_number_places(struct json_out *o, const char *name, double value, int places);
void json_instant(struct json_out *o, const char *name, struct instant t);

#endif
