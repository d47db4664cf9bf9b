/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a body into values: what is absent stays as it is, what is null is cleared. */
#include <stdio.h>

#include "api/inside.h"

enum code field_text(const json_t *o, const char *name, struct arena *a, const char **out,
                     struct error *e)
{
    const char *text;
    if (!json_object_get(o, name))
        return OK;
    TRY(json_member_text(o, name, &text, e));
    *out = text ? str_copy(a, str_of(text)) : NULL;
    return OK;
}

enum code field_int(const json_t *o, const char *name, int64_t least, int64_t most, int64_t *out,
                    struct error *e)
{
    int64_t n;
    if (!json_object_get(o, name))
        return OK;
    TRY(json_member_int(o, name, least, &n, e));
    if (n < least || n > most)
        return fail(e, ERR_INVALID, "\"%s\" must be between %lld and %lld", name, (long long)least,
                    (long long)most);
    *out = n;
    return OK;
}

enum code field_bool(const json_t *o, const char *name, bool *out, struct error *e)
{
    return json_object_get(o, name) ? json_member_bool(o, name, *out, out, e) : OK;
}

enum code field_instant(const json_t *o, const char *name, struct instant null_is,
                        struct instant *out, struct error *e)
{
    const char *text;
    if (!json_object_get(o, name))
        return OK;
    TRY(json_member_text(o, name, &text, e));
    if (!text || !text[0]) {
        *out = null_is;
        return OK;
    }
    if (instant_parse(str_of(text), out, e) != OK)
        return fail_in(e, "\"%s\"", name);
    return OK;
}

enum code field_territories(const json_t *o, const char *name, struct territory_set *out,
                            struct error *e)
{
    const char *text;
    if (!json_object_get(o, name))
        return OK;
    TRY(json_member_text(o, name, &text, e));
    if (territory_set_parse(str_of(text ? text : "Worldwide"), out, NULL, e) != OK)
        return fail_in(e, "\"%s\"", name);
    return OK;
}

enum code field_words(const json_t *o, const char *name, struct arena *a, const char **out,
                      struct error *e)
{
    const json_t *v = json_object_get(o, name);
    BUF(text);
    if (!v)
        return OK;
    if (!json_is_array(v))
        return field_text(o, name, a, out, e);
    for (size_t i = 0; i < json_array_size(v); i++) {
        const char *word = json_string_value(json_array_get(v, i));
        if (!word)
            return fail(e, ERR_INVALID, "\"%s\" must be a list of words", name);
        buf_format(&text, "%s%s", i ? "," : "", word);
    }
    *out = str_copy(a, buf_as_str(&text));
    return OK;
}

enum code field_id(struct call *c, const json_t *o, const char *name, field_id_reader *read,
                   uint8_t out[ID_BYTES], struct error *e)
{
    const char *text;
    if (!json_object_get(o, name))
        return OK;
    TRY(json_member_text(o, name, &text, e));
    if (!text || !text[0]) {
        memset(out, 0, ID_BYTES);
        return OK;
    }
    if (read(c, str_of(text), out, e) != OK) {
        /* a name in a body that leads nowhere is a fault of the body, not of the address */
        if (e && e->code == ERR_NOT_FOUND)
            e->code = ERR_INVALID;
        return fail_in(e, "\"%s\"", name);
    }
    return OK;
}

enum code field_ids(struct call *c, const json_t *o, const char *name, size_t most,
                    field_id_reader *read, const uint8_t (**out)[ID_BYTES], size_t *count,
                    struct error *e)
{
    const json_t *v = json_object_get(o, name);
    if (!v)
        return OK;
    if (!json_is_array(v) || json_array_size(v) > most)
        return fail(e, ERR_INVALID, "\"%s\" must be a list of at most %zu", name, most);
    size_t n = json_array_size(v);
    uint8_t(*ids)[ID_BYTES] = arena_get(c->a, n + 1, ID_BYTES);
    for (size_t i = 0; i < n; i++) {
        const char *text = json_string_value(json_array_get(v, i));
        if (!text)
            return fail(e, ERR_INVALID, "\"%s\" must be a list of ids", name);
        if (read(c, str_of(text), ids[i], e) != OK) {
            if (e && e->code == ERR_NOT_FOUND)
                e->code = ERR_INVALID;
            return fail_in(e, "\"%s\"", name);
        }
    }
    *out = (const uint8_t(*)[ID_BYTES])ids;
    *count = n;
    return OK;
}

#define ID_ONLY(thing)                                                                             \
    enum code id_of_##thing(struct call *c, struct str text, uint8_t out[ID_BYTES],                \
                            struct error *e)                                                       \
    {                                                                                              \
        struct thing##_id id;                                                                      \
        (void)c;                                                                                   \
        TRY(thing##_id_parse(text, &id, e));                                                       \
        memcpy(out, id.bytes, ID_BYTES);                                                           \
        return OK;                                                                                 \
    }
ID_ONLY(reference)
ID_ONLY(recording_work)
ID_ONLY(relation)
ID_ONLY(track)
ID_ONLY(claim)
ID_ONLY(issue)
ID_ONLY(source)
ID_ONLY(allowance)
ID_ONLY(exclusion)
ID_ONLY(exception)
ID_ONLY(upload_claim)
ID_ONLY(policy)
ID_ONLY(licence)
ID_ONLY(upload)
ID_ONLY(verdict)

enum code id_of_key(struct call *c, struct str text, uint8_t out[ID_BYTES], struct error *e)
{
    struct app_key_id id;
    (void)c;
    TRY(app_key_id_parse(text, &id, e));
    memcpy(out, id.bytes, ID_BYTES);
    return OK;
}

/* Of the registry: an id, or the thing's own name. */
#define ID_OR_NAME(thing, prefix)                                                                  \
    enum code id_of_##thing(struct call *c, struct str text, uint8_t out[ID_BYTES],                \
                            struct error *e)                                                       \
    {                                                                                              \
        struct record_names names = { c->tx, c->catalogue, NULL, NULL };                           \
        return record_id_of(&names, prefix, text, out, e);                                         \
    }
ID_OR_NAME(party, "pty")
ID_OR_NAME(recording, "rec")
ID_OR_NAME(work, "wrk")
ID_OR_NAME(release, "rls")

enum code id_of_network(struct call *c, struct str text, uint8_t out[ID_BYTES], struct error *e)
{
    struct network found;
    struct network_id id;
    if (str_starts(text, "net_")) {
        TRY(network_id_parse(text, &id, e));
    } else {
        TRY(access_network_find(c->tx, text, c->a, &found, e));
        id = found.id;
    }
    memcpy(out, id.bytes, ID_BYTES);
    return OK;
}

/* app_..., or network/app */
enum code id_of_app(struct call *c, struct str text, uint8_t out[ID_BYTES], struct error *e)
{
    struct app found;
    struct app_id id;
    struct network_id network;
    struct str slug = text, front;
    if (str_starts(text, "app_")) {
        TRY(app_id_parse(text, &id, e));
    } else {
        str_split(&slug, '/', &front);
        if (!slug.at)
            return fail(e, ERR_INVALID, "\"%.*s\" is neither an app's id nor network/app",
                        STR_ARG(text));
        TRY(id_of_network(c, front, network.bytes, e));
        TRY(access_app_find(c->tx, network, slug, c->a, &found, e));
        id = found.id;
    }
    memcpy(out, id.bytes, ID_BYTES);
    return OK;
}

enum code id_of_user(struct call *c, struct str text, uint8_t out[ID_BYTES], struct error *e)
{
    struct user found;
    struct user_id id;
    if (str_starts(text, "usr_")) {
        TRY(user_id_parse(text, &id, e));
    } else {
        TRY(access_user_find(c->tx, (struct network_id) { 0 }, text, c->a, &found, e));
        id = found.id;
    }
    memcpy(out, id.bytes, ID_BYTES);
    return OK;
}
