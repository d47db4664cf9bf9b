/* SPDX-License-Identifier: Apache-2.0 */
/* Facts from JSON: every member checked, sizes bounded; what passes is safe to decide upon. */
#include "policy/policy.h"

enum { FACTS_BYTES_MOST = 16 << 20 };

static struct str text_or_empty(const char *text)
{
    return text ? str_of(text) : STR("");
}

/* null or absent is none */
#define READ_ID(o, name, thing, out)                                                               \
    do {                                                                                           \
        const char *read_id_text_;                                                                 \
        TRY(json_member_text(o, name, &read_id_text_, e));                                         \
        if (read_id_text_)                                                                         \
            TRY(thing##_id_parse(str_of(read_id_text_), (out), e));                                \
    } while (0)

#define READ_WORD(o, name, parse, out)                                                             \
    do {                                                                                           \
        const char *read_word_text_;                                                               \
        TRY(json_member_text(o, name, &read_word_text_, e));                                       \
        if (parse(text_or_empty(read_word_text_), (out), e) != OK)                                 \
            return fail_in(e, "\"%s\"", name);                                                     \
    } while (0)

static enum code read_text(const json_t *o, const char *name, struct arena *a, const char **out,
                           struct error *e)
{
    const char *text;
    TRY(json_member_text(o, name, &text, e));
    *out = text ? str_copy(a, str_of(text)) : NULL;
    return OK;
}

static enum code read_int(const json_t *o, const char *name, int64_t least, int64_t most,
                          int64_t *out, struct error *e)
{
    TRY(json_member_int(o, name, 0, out, e));
    if (*out < least || *out > most)
        return fail(e, ERR_INVALID, "\"%s\" is out of range", name);
    return OK;
}

static enum code read_instant(const json_t *o, const char *name, struct instant absent,
                              struct instant *out, struct error *e)
{
    const char *text;
    TRY(json_member_text(o, name, &text, e));
    *out = absent;
    if (text && instant_parse(str_of(text), out, e) != OK)
        return fail_in(e, "\"%s\"", name);
    return OK;
}

static enum code read_span(const json_t *o, struct instant *from, struct instant *until,
                           struct error *e)
{
    TRY(read_instant(o, "from", INSTANT_FIRST, from, e));
    return read_instant(o, "until", INSTANT_NEVER, until, e);
}

static enum code read_object(const json_t *o, const char *name, const json_t **out, struct error *e)
{
    *out = json_object_get(o, name);
    return json_is_object(*out) ? OK : fail(e, ERR_INVALID, "\"%s\" must be an object", name);
}

/* The array `name` of `o`, and room for its things in the arena. */
static enum code read_array(const json_t *o, const char *name, size_t size, struct arena *a,
                            const json_t **list, void **out, size_t *count, struct error *e)
{
    *list = json_object_get(o, name);
    if (!json_is_array(*list))
        return fail(e, ERR_INVALID, "\"%s\" must be an array", name);
    *count = json_array_size(*list);
    *out = arena_try(a, *count, size);
    if (!*out)
        return fail(e, ERR_MEMORY, "no memory for %zu of \"%s\"", *count, name);
    for (size_t i = 0; i < *count; i++)
        if (!json_is_object(json_array_get(*list, i)))
            return fail(e, ERR_INVALID, "\"%s\" must hold objects", name);
    return OK;
}

static const int64_t ms_most = 1000LL * 86400 * 366; /* a year of audio */

static enum code hearing_parse(struct str text, enum hearing *out, struct error *e)
{
    for (int i = 0; i < HEARING_COUNT; i++)
        if (str_is(text, hearing_word((enum hearing)i))) {
            *out = (enum hearing)i;
            return OK;
        }
    return fail(e, ERR_INVALID, "not a known word");
}

static enum code restriction_parse(struct str text, enum restriction *out, struct error *e)
{
    for (int i = 0; i < RESTRICTION_COUNT; i++)
        if (str_is(text, restriction_word((enum restriction)i))) {
            *out = (enum restriction)i;
            return OK;
        }
    return fail(e, ERR_INVALID, "not a known word");
}

static enum code read_asked(const json_t *o, struct question *q, struct error *e)
{
    const char *territory;
    READ_ID(o, "upload", upload, &q->upload);
    READ_ID(o, "recording", recording, &q->recording);
    READ_ID(o, "network", network, &q->network);
    READ_ID(o, "app", app, &q->app);
    TRY(json_member_text(o, "territory", &territory, e));
    q->territory = TERRITORY_UNKNOWN;
    if (territory)
        TRY(territory_parse(str_of(territory), &q->territory, e));
    READ_WORD(o, "use", use_parse, &q->use);
    READ_WORD(o, "model", model_parse, &q->model);
    return read_instant(o, "at", INSTANT_FIRST, &q->at, e);
}

static enum code read_network(const json_t *o, struct arena *a, struct facts_network *n,
                              struct error *e)
{
    TRY(json_member_bool(o, "known", false, &n->known, e));
    TRY(read_int(o, "version", 0, INT64_MAX, &n->version, e));
    TRY(read_text(o, "name", a, &n->name, e));
    TRY(json_member_bool(o, "closed", false, &n->closed, e));
    READ_WORD(o, "unlicensed", unlicensed_rule_parse, &n->rules.unlicensed);
    READ_WORD(o, "unmatched", unmatched_rule_parse, &n->rules.unmatched);
    READ_WORD(o, "conflict", conflict_rule_parse, &n->rules.conflict);
    READ_WORD(o, "unheard", unheard_rule_parse, &n->rules.unheard);
    READ_WORD(o, "suspended", unheard_rule_parse, &n->rules.suspended);
    return OK;
}

static enum code read_app(const json_t *o, struct arena *a, struct facts_app *p, struct error *e)
{
    TRY(json_member_bool(o, "known", false, &p->known, e));
    TRY(read_int(o, "version", 0, INT64_MAX, &p->version, e));
    TRY(read_text(o, "name", a, &p->name, e));
    TRY(json_member_bool(o, "suspended", false, &p->suspended, e));
    TRY(read_int(o, "clip_seconds", 0, ms_most / 1000, &p->clip_seconds, e));
    TRY(json_member_bool(o, "download", false, &p->download, e));
    return json_member_bool(o, "offline", false, &p->offline, e);
}

static enum code read_upload(const json_t *o, struct facts_upload *u, struct error *e)
{
    TRY(read_int(o, "version", 0, INT64_MAX, &u->version, e));
    READ_WORD(o, "hearing", hearing_parse, &u->hearing);
    TRY(json_member_bool(o, "uploader_suspended", false, &u->uploader_suspended, e));
    READ_WORD(o, "restriction", restriction_parse, &u->restriction);
    READ_ID(o, "item", item, &u->item);
    TRY(read_int(o, "item_version", 0, INT64_MAX, &u->item_version, e));
    TRY(read_instant(o, "restricted_until", INSTANT_NEVER, &u->restricted_until, e));
    TRY(read_int(o, "duration_ms", 0, ms_most, &u->duration_ms, e));
    TRY(read_int(o, "preview_start_ms", 0, ms_most, &u->preview_start_ms, e));
    return read_int(o, "preview_length_ms", 0, ms_most, &u->preview_length_ms, e);
}

static enum code read_orders(const json_t *o, struct arena *a, struct facts *f, struct error *e)
{
    const json_t *list;
    void *room;
    TRY(read_array(o, "orders", sizeof(struct facts_order), a, &list, &room, &f->order_count, e));
    struct facts_order *orders = room;
    for (size_t i = 0; i < f->order_count; i++) {
        const json_t *r = json_array_get(list, i);
        READ_ID(r, "id", order, &orders[i].id);
        TRY(read_int(r, "version", 0, INT64_MAX, &orders[i].version, e));
        TRY(read_text(r, "title", a, &orders[i].title, e));
        TRY(read_span(r, &orders[i].from, &orders[i].until, e));
    }
    f->orders = orders;
    return OK;
}

static enum code read_policy(const json_t *o, struct arena *a, struct facts_policy *p,
                             struct error *e)
{
    struct condition found[CONDITIONS_MOST];
    const char *conditions;
    READ_ID(o, "id", policy, &p->id);
    TRY(read_int(o, "version", 0, INT64_MAX, &p->version, e));
    READ_ID(o, "recording", recording, &p->recording);
    READ_WORD(o, "action", policy_action_parse, &p->action);
    TRY(json_member_text(o, "conditions", &conditions, e));
    TRY(conditions_parse(text_or_empty(conditions), found, &p->condition_count, e));
    struct condition *kept = ARENA_ARRAY(a, struct condition, p->condition_count);
    memcpy(kept, found, p->condition_count * sizeof *kept);
    p->conditions = kept;
    return read_span(o, &p->from, &p->until, e);
}

static enum code read_uses(const json_t *o, unsigned *uses, struct error *e)
{
    const json_t *list = json_object_get(o, "uses"), *word;
    size_t i;
    if (!json_is_array(list))
        return fail(e, ERR_INVALID, "\"uses\" must be an array");
    json_array_foreach(list, i, word)
    {
        enum use u;
        TRY(use_parse(text_or_empty(json_string_value(word)), &u, e));
        *uses |= USE_BIT(u);
    }
    return OK;
}

static enum code read_licence(const json_t *o, struct arena *a, struct facts_licence *l,
                              struct error *e)
{
    READ_ID(o, "id", licence, &l->id);
    TRY(read_int(o, "version", 0, INT64_MAX, &l->version, e));
    TRY(read_text(o, "name", a, &l->name, e));
    TRY(read_uses(o, &l->uses, e));
    TRY(read_int(o, "clip_seconds", 0, ms_most / 1000, &l->clip_seconds, e));
    if (json_object_get(o, "recording"))
        READ_ID(o, "recording", recording, &l->recording);
    return read_span(o, &l->from, &l->until, e);
}

static enum code read_party(const json_t *o, struct arena *a, struct facts_party *p,
                            struct error *e)
{
    const json_t *list;
    void *room;
    READ_ID(o, "id", party, &p->id);
    TRY(read_int(o, "version", 0, INT64_MAX, &p->version, e));
    TRY(read_text(o, "name", a, &p->name, e));
    TRY(read_array(o, "policies", sizeof(struct facts_policy), a, &list, &room, &p->policy_count,
                   e));
    struct facts_policy *policies = room;
    for (size_t i = 0; i < p->policy_count; i++)
        TRY(read_policy(json_array_get(list, i), a, &policies[i], e));
    p->policies = policies;
    TRY(read_array(o, "licences", sizeof(struct facts_licence), a, &list, &room, &p->licence_count,
                   e));
    struct facts_licence *licences = room;
    for (size_t i = 0; i < p->licence_count; i++)
        TRY(read_licence(json_array_get(list, i), a, &licences[i], e));
    p->licences = licences;
    return OK;
}

static enum code read_claim(const json_t *o, size_t parties, struct facts_claim *c, struct error *e)
{
    int64_t party;
    READ_ID(o, "id", claim, &c->id);
    TRY(read_int(o, "version", 0, INT64_MAX, &c->version, e));
    TRY(read_int(o, "party", 0, (int64_t)parties - 1, &party, e));
    c->party = (uint32_t)party;
    READ_WORD(o, "right", right_parse, &c->right);
    TRY(read_int(o, "share_e8", 0, SHARE_WHOLE_E8, &c->share_e8, e));
    TRY(read_span(o, &c->from, &c->until, e));
    return read_instant(o, "filed", INSTANT_FIRST, &c->filed, e);
}

static enum code read_spans(const json_t *o, struct arena *a, struct facts_recording *r,
                            struct error *e)
{
    const json_t *list;
    void *room;
    if (!json_object_get(o, "reference_spans"))
        return OK;
    TRY(read_array(o, "reference_spans", sizeof(struct segment), a, &list, &room, &r->span_count,
                   e));
    struct segment *spans = room;
    for (size_t i = 0; i < r->span_count; i++) {
        const json_t *s = json_array_get(list, i);
        TRY(read_int(s, "from_ms", 0, ms_most, &spans[i].from_ms, e));
        TRY(read_int(s, "until_ms", 0, ms_most, &spans[i].until_ms, e));
    }
    r->spans = spans;
    return OK;
}

static enum code read_recording(const json_t *o, size_t parties, struct arena *a,
                                struct facts_recording *r, struct error *e)
{
    const json_t *list;
    void *room;
    READ_ID(o, "id", recording, &r->id);
    TRY(read_int(o, "version", 0, INT64_MAX, &r->version, e));
    TRY(read_text(o, "isrc", a, &r->isrc, e));
    TRY(read_text(o, "title", a, &r->title, e));
    TRY(read_text(o, "artist", a, &r->artist, e));
    READ_ID(o, "reference", reference, &r->reference);
    TRY(read_int(o, "matched_ms", 0, ms_most, &r->matched_ms, e));
    TRY(read_int(o, "reference_matched_ms", 0, ms_most, &r->reference_matched_ms, e));
    TRY(read_int(o, "reference_ms", 0, ms_most, &r->reference_ms, e));
    TRY(read_spans(o, a, r, e));
    TRY(read_array(o, "claims", sizeof(struct facts_claim), a, &list, &room, &r->claim_count, e));
    struct facts_claim *claims = room;
    for (size_t i = 0; i < r->claim_count; i++)
        TRY(read_claim(json_array_get(list, i), parties, &claims[i], e));
    r->claims = claims;
    return OK;
}

static enum code read_things(const json_t *o, struct arena *a, struct facts *f, struct error *e)
{
    const json_t *list;
    void *room;
    TRY(read_array(o, "parties", sizeof(struct facts_party), a, &list, &room, &f->party_count, e));
    struct facts_party *parties = room;
    for (size_t i = 0; i < f->party_count; i++)
        if (read_party(json_array_get(list, i), a, &parties[i], e) != OK)
            return fail_in(e, "parties[%zu]", i);
    f->parties = parties;
    TRY(read_array(o, "recordings", sizeof(struct facts_recording), a, &list, &room,
                   &f->recording_count, e));
    struct facts_recording *recordings = room;
    for (size_t i = 0; i < f->recording_count; i++)
        if (read_recording(json_array_get(list, i), f->party_count, a, &recordings[i], e) != OK)
            return fail_in(e, "recordings[%zu]", i);
    f->recordings = recordings;
    return OK;
}

static enum code leave_kind_parse(struct str text, enum leave_kind *out, struct error *e)
{
    for (int i = 0; i < LEAVE_COUNT; i++)
        if (str_is(text, leave_kind_word((enum leave_kind)i))) {
            *out = (enum leave_kind)i;
            return OK;
        }
    return fail(e, ERR_INVALID, "not a known word");
}

static enum code read_leave(const json_t *o, struct facts_leave *l, struct error *e)
{
    const char *text;
    READ_WORD(o, "kind", leave_kind_parse, &l->kind);
    READ_ID(o, "party", party, &l->party);
    READ_ID(o, "recording", recording, &l->recording);
    TRY(json_member_text(o, "id", &text, e));
    if (id_parse("lve", "leave", str_of(text ? text : ""), l->id, e) != OK)
        return fail_in(e, "\"id\"");
    TRY(read_int(o, "version", 0, INT64_MAX, &l->version, e));
    READ_WORD(o, "exception", exception_kind_parse, &l->exception);
    return read_span(o, &l->from, &l->until, e);
}

static enum code read_leaves(const json_t *o, struct arena *a, struct facts *f, struct error *e)
{
    const json_t *list;
    void *room;
    if (!json_object_get(o, "leaves"))
        return OK;
    TRY(read_array(o, "leaves", sizeof(struct facts_leave), a, &list, &room, &f->leave_count, e));
    struct facts_leave *leaves = room;
    for (size_t i = 0; i < f->leave_count; i++)
        if (read_leave(json_array_get(list, i), &leaves[i], e) != OK)
            return fail_in(e, "leaves[%zu]", i);
    f->leaves = leaves;
    return OK;
}

static enum code read_facts(const json_t *o, struct arena *a, struct facts *f, struct error *e)
{
    const json_t *part;
    int64_t version;
    if (!json_is_object(o))
        return fail(e, ERR_INVALID, "an object is wanted");
    TRY(json_member_int(o, "policy_version", 0, &version, e));
    if (version != POLICY_VERSION)
        return fail(e, ERR_INVALID, "rules of version %lld, this program has version %d",
                    (long long)version, POLICY_VERSION);
    TRY(read_object(o, "asked", &part, e));
    TRY(read_asked(part, &f->asked, e));
    TRY(read_object(o, "network", &part, e));
    TRY(read_network(part, a, &f->network, e));
    TRY(read_object(o, "app", &part, e));
    TRY(read_app(part, a, &f->app, e));
    TRY(read_object(o, "upload", &part, e));
    TRY(read_upload(part, &f->upload, e));
    TRY(read_orders(o, a, f, e));
    TRY(read_leaves(o, a, f, e));
    return read_things(o, a, f, e);
}

enum code policy_facts_read(struct str json, struct arena *a, struct facts *f, struct error *e)
{
    struct facts found = { 0 };
    JSON(value);
    if (json.length > FACTS_BYTES_MOST)
        return fail(e, ERR_LIMIT, "facts of %zu bytes are larger than %d", json.length,
                    FACTS_BYTES_MOST);
    if (json_read(json, &value, e) != OK || read_facts(value, a, &found, e) != OK)
        return fail_in(e, "facts");
    *f = found;
    return OK;
}
