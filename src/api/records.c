/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's resources, each a row: its table of columns tells the rest. ?at= and ?known_at=
 * ask when it held and when that was known; columns of ids and words narrow a list. */
#include "api/inside.h"

#define RECORDS(thing, plural, read)                                                               \
    static const struct resource thing##_rows = { .path = "/api/v1/" plural,                       \
                                                  .name = #thing,                                  \
                                                  .table = &table_##read,                          \
                                                  .read_id = id_of_##thing };                      \
    RESOURCE_DO(list, thing, thing##_rows)                                                         \
    RESOURCE_DO(get, thing, thing##_rows)                                                          \
    RESOURCE_DO(create, thing, thing##_rows)                                                       \
    RESOURCE_DO(edit, thing, thing##_rows)

RECORDS(party, "parties", parties)
RECORDS(recording, "recordings", recordings)
RECORDS(work, "works", works)
RESOURCE_DO(withdraw, work, work_rows)
RECORDS(recording_work, "recording-works", recording_works)
RESOURCE_DO(withdraw, recording_work, recording_work_rows)
RECORDS(relation, "relations", relations)
RESOURCE_DO(withdraw, relation, relation_rows)
RECORDS(release, "releases", releases)
RESOURCE_DO(withdraw, release, release_rows)
RECORDS(track, "tracks", tracks)
RESOURCE_DO(withdraw, track, track_rows)
RECORDS(claim, "claims", claims)
RESOURCE_DO(withdraw, claim, claim_rows)
RESOURCE_DO(versions, claim, claim_rows)
RECORDS(policy, "policies", policies)
RESOURCE_DO(withdraw, policy, policy_rows)
RESOURCE_DO(versions, policy, policy_rows)

#define ISSUES                                                                                     \
    {                                                                                              \
        .path = "/api/v1/issues", .name = "issue", .table = &table_issues, .read_id = id_of_issue  \
    }
static const struct resource issue_rows = ISSUES;
RESOURCE_DO(list, issue, issue_rows)
RESOURCE_DO(get, issue, issue_rows)
RESOURCE_DO(edit, issue, issue_rows)
RESOURCE_DO(versions, issue, issue_rows)

RECORDS(source, "sources", sources)
RECORDS(allowance, "allowances", allowances)
RESOURCE_DO(withdraw, allowance, allowance_rows)
RECORDS(exclusion, "exclusions", exclusions)
RESOURCE_DO(withdraw, exclusion, exclusion_rows)

#define READ_ONLY(thing, plural)                                                                   \
    static const struct resource thing##_rows = { .path = "/api/v1/" plural,                       \
                                                  .name = #thing,                                  \
                                                  .table = &table_##thing##s,                      \
                                                  .read_id = id_of_##thing };                      \
    RESOURCE_DO(list, thing, thing##_rows)                                                         \
    RESOURCE_DO(get, thing, thing##_rows)
READ_ONLY(exception, "exceptions")
READ_ONLY(upload_claim, "upload-claims")
RESOURCE_DO(create, upload_claim, upload_claim_rows)
RESOURCE_DO(versions, upload_claim, upload_claim_rows)

/* Who a key may speak for. */
static unsigned movers_of(const struct call *c)
{
    if (!party_id_is_none(c->key->key.party))
        return 1u << MOVER_CLAIMANT;
    if (!network_id_is_none(c->key->key.network))
        return 1u << MOVER_UPLOADER;
    return 1u << MOVER_OPERATOR | 1u << MOVER_CLAIMANT | 1u << MOVER_UPLOADER;
}

enum code api_upload_claim_move(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const fields[] = { "event", "reason", "words", NULL };
    CALL(c, r, out);
    JSON(body);
    struct upload_claim claim;
    struct json_out o = { &out->body, false };
    uint8_t id[ID_BYTES];
    enum upload_claim_event event;
    const char *word = NULL, *reason = NULL, *words = NULL;
    TRY(call_body(&c, fields, &body, e));
    if (c.answered)
        return OK;
    TRY(field_text(body, "event", c.a, &word, e));
    TRY(field_text(body, "reason", c.a, &reason, e));
    TRY(field_text(body, "words", c.a, &words, e));
    if (upload_claim_event_parse(str_of(word ? word : ""), &event, e) != OK)
        return fail_in(e, "\"event\"");
    TRY(call_change(&c, e));
    TRY(id_of_upload_claim(&c, str_of(http_parameter(r, "upload_claim")), id, e));
    TRY(table_get(&c, &table_upload_claims, id, &claim, e));
    if (!call_matches(&c, claim.version, false))
        return OK;
    TRY(flow_claim_move(&c.change, claim.id, event, movers_of(&c), str_of(reason ? reason : ""),
                        str_of(words ? words : ""), c.a, &claim, e));
    call_json(&c, 200);
    call_etag(&c, claim.version);
    record_json(&table_upload_claims, &claim, &o);
    return call_commit(&c, e);
}

/* ---- what a table of columns tells of itself ---- */

const char *const *table_names(const struct record_table *t, bool bodies, struct arena *a)
{
    const char **names = ARENA_ARRAY(a, const char *, t->column_count + 1);
    size_t n = 0;
    for (size_t i = 0; i < t->column_count; i++)
        if (!bodies || !(t->columns[i].flags & (COLUMN_KEPT | COLUMN_FIXED)))
            names[n++] = t->columns[i].name;
    return names;
}

static enum code app_or_network(void *ctx, const char *prefix, struct str text,
                                uint8_t out[ID_BYTES], struct error *e)
{
    struct call *c = ctx;
    if (strcmp(prefix, "app") == 0)
        return id_of_app(c, text, out, e);
    if (strcmp(prefix, "net") == 0)
        return id_of_network(c, text, out, e);
    return fail(e, ERR_INVALID, "\"%.*s\" is not an id like %s_...", STR_ARG(text), prefix);
}

static struct record_names names_of(struct call *c)
{
    return (struct record_names) { c->tx, c->catalogue, c, app_or_network };
}

static struct party_id holder_of(const struct call *c)
{
    return c->key ? c->key->key.party : (struct party_id) { { 0 } };
}

/* Rows of a network: a network's key sees its own. */
static bool of_network(const struct record_table *t)
{
    return t == &table_upload_claims || t == &table_exceptions;
}

enum code table_moment(const struct call *c, struct moment *out, struct error *e)
{
    const char *at = http_query(c->r, "at"), *known_at = http_query(c->r, "known_at");
    *out = MOMENT_NOW;
    if (at && instant_parse(str_of(at), &out->at, e) != OK)
        return fail_in(e, "at");
    if (known_at && instant_parse(str_of(known_at), &out->known_at, e) != OK)
        return fail_in(e, "known_at");
    return OK;
}

/* ?party=north&right=performing */
static enum code narrow(struct call *c, const struct record_table *t, struct record_filter *f,
                        struct error *e)
{
    struct record_names names = names_of(c);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct record_column *col = &t->columns[i];
        const char *value = http_query(c->r, col->name);
        bool id = col->type == COLUMN_ID && !(col->flags & COLUMN_KEPT);
        if (!value || !(id || col->type == COLUMN_WORD) || f->count == FILTERS_MOST)
            continue;
        void *record = arena_get(c->a, 1, t->size);
        if (record_set(&names, col, record, str_of(value), c->a, e) != OK)
            return fail_in(e, "%s", col->name);
        record_where(f, col->sql ? col->sql : col->name,
                     id ? sql_bytes((char *)record + col->at, ID_BYTES)
                        : sql_text(col->words[*(int *)(void *)((char *)record + col->at)]));
    }
    return OK;
}

enum code table_list(struct call *c, const struct record_table *t, const uint8_t after[ID_BYTES],
                     size_t limit, void **items, size_t *count, struct error *e)
{
    struct record_filter f = RECORDS_ALL;
    memcpy(f.after, after, ID_BYTES);
    f.limit = limit;
    f.holder = holder_of(c);
    TRY(table_moment(c, &f.moment, e));
    TRY(narrow(c, t, &f, e));
    if (of_network(t) && !network_id_is_none(c->key->key.network) && f.count < FILTERS_MOST)
        record_where(&f, "network", sql_id(c->key->key.network));
    return record_list(c->tx, c->catalogue, t, &f, c->a, items, count, e);
}

enum code table_get(struct call *c, const struct record_table *t, const uint8_t id[ID_BYTES],
                    void *out, struct error *e)
{
    struct moment moment;
    TRY(table_moment(c, &moment, e));
    TRY(record_get(c->tx, c->catalogue, t, id, &moment, holder_of(c), c->a, out, e));
    struct network_id network;
    const struct record_column *col = of_network(t) ? record_column(t, "network") : NULL;
    if (!col || network_id_is_none(c->key->key.network))
        return OK;
    memcpy(network.bytes, (char *)out + col->at, ID_BYTES);
    return call_may_network(c, network, e);
}

/* A member of a body as the text that record_set reads. */
static enum code text_of(const json_t *v, const struct record_column *col, struct arena *a,
                         struct str *out, struct error *e)
{
    BUF(words);
    bool list = col->type == COLUMN_IDS || col->type == COLUMN_BITS;
    *out = STR("");
    if (json_is_null(v))
        return OK;
    if (col->type == COLUMN_INT && json_is_integer(v))
        *out = str_of(arena_format(a, "%lld", (long long)json_integer_value(v)));
    else if (col->type == COLUMN_BOOL && json_is_boolean(v))
        *out = str_of(json_is_true(v) ? "true" : "false");
    else if (list && json_is_array(v))
        for (size_t i = 0; i < json_array_size(v); i++) {
            const char *word = json_string_value(json_array_get(v, i));
            if (!word || strchr(word, ','))
                return fail(e, ERR_INVALID, "it must be a list of words");
            buf_format(&words, "%s%s", i ? "," : "", word);
        }
    else if (col->type != COLUMN_INT && col->type != COLUMN_BOOL && col->type != COLUMN_IDS &&
             json_is_string(v))
        *out = (struct str) { json_string_value(v), json_string_length(v) };
    else
        return fail(e, ERR_INVALID, "it must be %s",
                    col->type == COLUMN_INT    ? "a whole number"
                    : col->type == COLUMN_BOOL ? "true or false"
                    : list                     ? "a list"
                                               : "a text");
    if (words.length)
        *out = str_of(str_copy(a, buf_as_str(&words)));
    return OK;
}

static bool may_be_absent(const struct record_column *col)
{
    return col->type != COLUMN_WORD || (col->flags & COLUMN_NONE_OK);
}

enum code table_read(struct call *c, const struct record_table *t, const json_t *body, void *record,
                     struct error *e)
{
    struct record_names names = names_of(c);
    const struct record_column *party = record_column(t, "party");
    bool new = *(int64_t *)(void *)((char *)record + t->version_at) == 0;
    if (new) {
        record_begin(t, record);
        if (party)
            memcpy((char *)record + party->at, c->key->key.party.bytes, ID_BYTES);
    }
    for (size_t i = 0; i < t->column_count; i++) {
        const struct record_column *col = &t->columns[i];
        const json_t *v = json_object_get(body, col->name);
        struct str text;
        if (col->flags & (COLUMN_KEPT | COLUMN_FIXED))
            continue;
        if (!v && new && !may_be_absent(col))
            return fail(e, ERR_INVALID, "\"%s\" is missing", col->name);
        if (!v)
            continue;
        if (text_of(v, col, c->a, &text, e) != OK ||
            record_set(&names, col, record, text, c->a, e) != OK) {
            /* a name in a body that leads nowhere is a fault of the body, not of the address */
            if (e && e->code == ERR_NOT_FOUND)
                e->code = ERR_INVALID;
            return fail_in(e, "\"%s\"", col->name);
        }
    }
    return OK;
}

/* What a holder's key puts is the holder's, or nobody else's. */
static enum code check_holder(struct call *c, const struct record_table *t, const void *record,
                              bool new, struct error *e)
{
    struct party_id holder = holder_of(c);
    struct error ignored;
    void *seen = arena_get(c->a, 1, t->size);
    const uint8_t *id = (const uint8_t *)record + t->id_at;
    bool shared = t == &table_recordings || t == &table_works;
    if (party_id_is_none(holder) || (shared && new))
        return OK;
    if (t->operators)
        return fail(e, ERR_DENIED, "a holder's key reads this and does not change it");
    if (record_get(c->tx, c->catalogue, t, id, &MOMENT_NOW, holder, c->a, seen, &ignored) != OK)
        return fail(e, ERR_DENIED, "the key acts for another party");
    return shared ? registry_held_alone(c->tx, c->catalogue, t, id, holder, e) : OK;
}

enum code table_put(struct call *c, const struct record_table *t, void *record, struct error *e)
{
    bool new = *(int64_t *)(void *)((char *)record + t->version_at) == 0;
    if (t == &table_upload_claims)
        TRY(flow_claim_by_hand(&c->change, record, e));
    else
        TRY(record_put(&c->change.act, t, record, e));
    return check_holder(c, t, record, new, e);
}
