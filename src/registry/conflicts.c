/* SPDX-License-Identifier: Apache-2.0 */
/* Issues: raised and resolved by what the claims, references and recordings say. */
#include "registry/conflicts.h"

#include <stdlib.h>

#include "registry/columns.h"
#include "registry/shares.h"

#define WORD_OF(name, word) word,
static const char *const kind_words[] = { ISSUE_KINDS(WORD_OF) };
static const char *const state_words[] = { ISSUE_STATES(WORD_OF) };
#undef WORD_OF

enum { OPEN_MOST = 1000, CLAIMS_MOST = 10000 };
#define DAY_US 86400000000LL

const char *issue_kind_word(enum issue_kind k)
{
    return k < ISSUE_KIND_COUNT ? kind_words[k] : "";
}

const char *issue_state_word(enum issue_state s)
{
    return s < ISSUE_STATE_COUNT ? state_words[s] : "";
}

static enum code check_issue(const struct registry_act *act, void *record, const void *old,
                             struct arena *a, struct error *e)
{
    struct issue *i = record;
    const struct issue *before = old;
    (void)a;
    (void)e;
    if (i->state == ISSUE_OPEN)
        i->closed = INSTANT_NEVER;
    else if (!before || before->state == ISSUE_OPEN)
        i->closed = act->now;
    return OK;
}

#define FIXED_ID(member, word)                                                                     \
    {                                                                                              \
        AT(issue, member), .type = COLUMN_ID, .prefix = word,                                      \
                           .flags = COLUMN_NONE_OK | COLUMN_FIXED                                  \
    }
#define SAID(member)                                                                               \
    {                                                                                              \
        AT(issue, member), .type = COLUMN_TEXT, .most = TEXTS,                                     \
                           .flags = COLUMN_NONE_OK | COLUMN_EMPTY                                  \
    }
#define WHEN(member, flag)                                                                         \
    {                                                                                              \
        AT(issue, member), .sql = #member "_us", .type = COLUMN_INSTANT, .flags = flag             \
    }

static const struct record_column columns[] = {
    OWN(issue, "iss"),
    { AT(issue, kind), .type = COLUMN_WORD, .words = kind_words, .most = ISSUE_KIND_COUNT,
      .flags = COLUMN_FIXED },
    WORD(issue, state, state_words, ISSUE_STATE_COUNT),
    FIXED_ID(recording, "rec"),
    FIXED_ID(other_recording, "rec"),
    FIXED_ID(work, "wrk"),
    FIXED_ID(reference, "ref"),
    FIXED_ID(other_reference, "ref"),
    { AT(issue, right), .sql = "\"right\"", .type = COLUMN_WORD, .words = right_words,
      .most = RIGHT_COUNT, .flags = COLUMN_FIXED },
    { AT(issue, territories), .type = COLUMN_TERRITORIES, .flags = COLUMN_FIXED },
    WHEN(from, COLUMN_FROM | COLUMN_FIXED),
    WHEN(until, COLUMN_UNTIL | COLUMN_FIXED),
    { AT(issue, amount_e8), .type = COLUMN_INT, .flags = COLUMN_FIXED },
    { AT(issue, milliseconds), .type = COLUMN_INT, .flags = COLUMN_FIXED },
    SAID(owner),
    SAID(words),
    WHEN(opened, COLUMN_FIXED),
    WHEN(expires, 0),
    WHEN(closed, COLUMN_KEPT),
    KNOWN(issue),
};
#define HOLDS(subject)                                                                             \
    "EXISTS (SELECT 1 FROM registry_claims c WHERE c.catalogue = t.catalogue AND c." subject       \
    " = t." subject " AND c.party = $P AND c.withdrawn = 0)"
const struct record_table table_issues = {
    TABLE("issue", issue, "registry_issues", "iss", columns),
    .of_holder = HOLDS("recording") " OR " HOLDS(
        "work") " OR EXISTS (SELECT 1 FROM "
                "registry_references f WHERE f.catalogue = t.catalogue AND f.party = $P AND "
                "f.id IN (t.reference, t.other_reference))",
    .operators = true,
    .check = check_issue,
};

enum code registry_issue_put(const struct registry_act *act, struct issue *i, struct error *e)
{
    return record_put(act, &table_issues, i, e);
}

enum code registry_issue_get(struct store_tx *tx, struct party_id catalogue, struct issue_id id,
                             struct arena *a, struct issue *out, struct error *e)
{
    const struct party_id anybody = { { 0 } };
    return record_get(tx, catalogue, &table_issues, id.bytes, &MOMENT_NOW, anybody, a, out, e);
}

void registry_issue_json(const struct issue *i, struct json_out *o)
{
    record_json(&table_issues, i, o);
}

/* ---- raising and resolving ---- */

static bool about_the_same(const struct issue *a, const struct issue *b)
{
    return a->kind == b->kind && a->right == b->right &&
           recording_id_equal(a->recording, b->recording) &&
           recording_id_equal(a->other_recording, b->other_recording) &&
           work_id_equal(a->work, b->work) && reference_id_equal(a->reference, b->reference) &&
           reference_id_equal(a->other_reference, b->other_reference);
}

static bool says_the_same(const struct issue *a, const struct issue *b)
{
    return a->amount_e8 == b->amount_e8 && a->milliseconds == b->milliseconds &&
           a->from.us == b->from.us && a->until.us == b->until.us &&
           territory_set_equal(&a->territories, &b->territories);
}

/* Of the recording or work, open or dismissed. */
static enum code issues_of(const struct registry_act *act, struct recording_id recording,
                           struct work_id work, enum issue_state state, struct arena *a,
                           struct issue **out, size_t *count, struct error *e)
{
    struct record_filter f = RECORDS_ALL;
    void *items;
    f.limit = OPEN_MOST;
    record_where(&f, "state", sql_text(state_words[state]));
    if (!recording_id_is_none(recording))
        record_where(&f, "recording", sql_id(recording));
    else
        record_where(&f, "work", sql_id(work));
    TRY(record_list(act->tx, act->catalogue, &table_issues, &f, a, &items, count, e));
    *out = items;
    return OK;
}

static enum code open_new(const struct registry_act *act, struct issue *i, struct error *e)
{
    i->state = ISSUE_OPEN;
    i->opened = act->now;
    if (i->expires.us == 0)
        i->expires.us = act->now.us + ISSUE_DAYS * DAY_US;
    i->owner = i->owner ? i->owner : "";
    return registry_issue_put(act, i, e);
}

static enum code raise_among(const struct registry_act *act, struct issue *issue,
                             struct issue *open, size_t open_count, const struct issue *dismissed,
                             size_t dismissed_count, struct error *e)
{
    for (size_t i = 0; i < open_count; i++) {
        if (!about_the_same(&open[i], issue))
            continue;
        if (!says_the_same(&open[i], issue)) {
            struct issue now = *issue;
            now.id = open[i].id;
            now.owner = open[i].owner;
            now.opened = open[i].opened;
            now.expires = open[i].expires;
            TRY(registry_issue_put(act, &now, e));
        }
        issue->id = open[i].id;
        return OK;
    }
    for (size_t i = 0; i < dismissed_count; i++)
        if (about_the_same(&dismissed[i], issue) && says_the_same(&dismissed[i], issue)) {
            issue->id = dismissed[i].id;
            return OK;
        }
    return open_new(act, issue, e);
}

enum code registry_issue_raise(const struct registry_act *act, struct issue *issue, struct error *e)
{
    ARENA(a);
    struct issue *open, *dismissed;
    size_t open_count, dismissed_count;
    if (territory_set_is_empty(&issue->territories))
        issue->territories = territory_set_world();
    if (issue->from.us == issue->until.us) {
        issue->from = INSTANT_FIRST;
        issue->until = INSTANT_NEVER;
    }
    TRY(issues_of(act, issue->recording, issue->work, ISSUE_OPEN, &a, &open, &open_count, e));
    TRY(issues_of(act, issue->recording, issue->work, ISSUE_DISMISSED, &a, &dismissed,
                  &dismissed_count, e));
    return raise_among(act, issue, open, open_count, dismissed, dismissed_count, e);
}

enum code registry_issue_resolve(const struct registry_act *act, struct issue *issue,
                                 const char *words, struct error *e)
{
    issue->state = ISSUE_RESOLVED;
    issue->words = words;
    return registry_issue_put(act, issue, e);
}

enum code registry_overlaps_resolve(const struct registry_act *act, struct reference_id reference,
                                    struct error *e)
{
    static const char *const sides[] = { "reference", "other_reference" };
    for (size_t i = 0; i < COUNT_OF(sides); i++) {
        ARENA(a);
        struct record_filter f = RECORDS_ALL;
        void *items;
        size_t count;
        f.limit = OPEN_MOST;
        record_where(&f, "state", sql_text(state_words[ISSUE_OPEN]));
        record_where(&f, "kind", sql_text(kind_words[ISSUE_REFERENCE_OVERLAP]));
        record_where(&f, sides[i], sql_id(reference));
        TRY(record_list(act->tx, act->catalogue, &table_issues, &f, &a, &items, &count, e));
        struct issue *open = items;
        for (size_t k = 0; k < count; k++)
            TRY(registry_issue_resolve(act, &open[k], "a reference was withdrawn", e));
    }
    return OK;
}

enum code registry_issues_expire(const struct registry_act *act, size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    bool more;
    uint8_t ids[OPEN_MOST][ID_BYTES];
    *count = 0;
    TRY(store_query(act->tx,
                    "SELECT id FROM registry_issues WHERE catalogue = $1 AND state = 'open' AND "
                    "expires_us <= $2 LIMIT 1000",
                    SQL(sql_id(act->catalogue), sql_instant(act->now)), &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        store_id(rows, 0, ids[(*count)++]);
    }
    for (size_t i = 0; i < *count; i++) {
        ARENA(a);
        struct issue_id id;
        struct issue issue;
        memcpy(id.bytes, ids[i], ID_BYTES);
        TRY(registry_issue_get(act->tx, act->catalogue, id, &a, &issue, e));
        issue.state = ISSUE_EXPIRED;
        TRY(registry_issue_put(act, &issue, e));
    }
    return OK;
}

/* ---- over-claims ---- */

static enum code claims_of(const struct registry_act *act, struct recording_id recording,
                           struct work_id work, struct arena *a, struct claim **out, size_t *count,
                           struct error *e)
{
    const struct party_id anybody = { { 0 } };
    const struct claim_id first = { { 0 } };
    return recording_id_is_none(recording)
               ? registry_claim_of_work(act->tx, act->catalogue, work, first, CLAIMS_MOST, a, out,
                                        count, e)
               : registry_claim_list(act->tx, act->catalogue, recording, anybody, first,
                                     CLAIMS_MOST, a, out, count, e);
}

/* One issue a right: where anywhere, from the first moment to the last, at the largest sum. */
static size_t issues_from(const struct over_claim *over, size_t count, struct recording_id rec,
                          struct work_id work, struct arena *a, struct issue *out)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        struct issue *last = n ? &out[n - 1] : NULL;
        if (!last || last->right != over[i].right) {
            out[n++] = (struct issue) { .kind = ISSUE_OVER_CLAIM,
                                        .recording = rec,
                                        .work = work,
                                        .right = over[i].right,
                                        .territories = over[i].territories,
                                        .from = over[i].from,
                                        .until = over[i].until,
                                        .amount_e8 = over[i].sum_e8 };
            continue;
        }
        for (int w = 0; w < 4; w++)
            last->territories.bits[w] |= over[i].territories.bits[w];
        last->until = over[i].until;
        if (over[i].sum_e8 > last->amount_e8)
            last->amount_e8 = over[i].sum_e8;
    }
    for (size_t i = 0; i < n; i++) {
        BUF(percent);
        e8_format(out[i].amount_e8 * 100, &percent);
        out[i].words = arena_format(a, "the shares add up to %.*s %%",
                                    STR_ARG(buf_as_str(&percent)));
    }
    return n;
}

static enum code resolve_others(const struct registry_act *act, struct issue *open, size_t count,
                                const struct issue *found, size_t found_count, struct error *e)
{
    for (size_t i = 0; i < count; i++) {
        bool still = open[i].kind != ISSUE_OVER_CLAIM;
        for (size_t k = 0; k < found_count && !still; k++)
            still = about_the_same(&open[i], &found[k]);
        if (!still)
            TRY(registry_issue_resolve(act, &open[i], "the shares are within the whole", e));
    }
    return OK;
}

static enum code settle(const struct registry_act *act, const struct claim *claims, size_t count,
                        struct recording_id recording, struct work_id work, bool *over,
                        struct error *e)
{
    ARENA(a);
    struct over_claim *spans;
    struct issue found[RIGHT_COUNT], *open, *dismissed = NULL;
    size_t span_count, open_count, dismissed_count = 0;
    shares_over_all(claims, count, &a, &spans, &span_count);
    size_t n = issues_from(spans, span_count, recording, work, &a, found);
    *over = n > 0;
    TRY(issues_of(act, recording, work, ISSUE_OPEN, &a, &open, &open_count, e));
    if (n)
        TRY(issues_of(act, recording, work, ISSUE_DISMISSED, &a, &dismissed, &dismissed_count, e));
    TRY(resolve_others(act, open, open_count, found, n, e));
    for (size_t i = 0; i < n; i++)
        TRY(raise_among(act, &found[i], open, open_count, dismissed, dismissed_count, e));
    return OK;
}

enum code registry_conflicts_check(const struct registry_act *act, struct recording_id recording,
                                   struct work_id work, struct error *e)
{
    ARENA(a);
    struct claim *claims;
    size_t count;
    bool over;
    TRY(claims_of(act, recording, work, &a, &claims, &count, e));
    return settle(act, claims, count, recording, work, &over, e);
}

/* ---- all of them ---- */

/* Territories as written are few: the last ones read are not parsed again. */
enum { TEXTS_KEPT = 64 };
struct kept_set {
    char text[120];
    struct territory_set set;
};

static enum code parse_kept(struct kept_set *kept, struct str text, struct territory_set *out,
                            struct error *e)
{
    uint32_t x = 2166136261u;
    for (size_t i = 0; i < text.length; i++)
        x = (x ^ (uint8_t)text.at[i]) * 16777619u;
    struct kept_set *k = &kept[x % TEXTS_KEPT];
    if (text.length < sizeof k->text && str_is(text, k->text)) {
        *out = k->set;
        return OK;
    }
    TRY(territory_set_parse(text, out, NULL, e));
    if (text.length < sizeof k->text) {
        memcpy(k->text, text.at, text.length);
        k->text[text.length] = '\0';
        k->set = *out;
    }
    return OK;
}

struct scanning {
    const struct registry_act *act;
    struct conflict_scan *out;
    struct arena arena;
    struct kept_set kept[TEXTS_KEPT];
    struct claim claims[CLAIMS_MOST];
    size_t count;
    bool works;
    uint8_t done[ID_BYTES];    /* the last subject that was looked at */
    uint8_t (*over)[ID_BYTES]; /* of what is over the whole: looked at when the reading is done */
    size_t over_count, over_room;
};

static enum code end_subject(struct scanning *s, struct error *e)
{
    struct over_claim *over;
    size_t n;
    if (!s->count)
        return OK;
    s->out->recordings++;
    s->out->claims += s->count;
    shares_over_all(s->claims, s->count, &s->arena, &over, &n);
    const uint8_t *id = s->works ? s->claims[0].work.bytes : s->claims[0].recording.bytes;
    memcpy(s->done, id, ID_BYTES);
    s->count = 0;
    arena_done(&s->arena);
    if (!n)
        return OK;
    s->out->over++;
    if (s->over_count == s->over_room) {
        size_t room = s->over_room ? 2 * s->over_room : 64;
        void *more = realloc(s->over, room * ID_BYTES);
        if (!more)
            return fail(e, ERR_MEMORY, "no memory for %zu conflicts", room);
        s->over = more;
        s->over_room = room;
    }
    memcpy(s->over[s->over_count++], s->done, ID_BYTES);
    return OK;
}

static enum code scan_row(struct scanning *s, const struct store_rows *r, struct error *e)
{
    uint8_t id[ID_BYTES];
    store_id(r, 0, id);
    const uint8_t *last = s->works ? s->claims[0].work.bytes : s->claims[0].recording.bytes;
    if (s->count && memcmp(last, id, ID_BYTES) != 0)
        TRY(end_subject(s, e));
    if (s->count == CLAIMS_MOST)
        return fail(e, ERR_LIMIT, "a recording has more than %d claims", CLAIMS_MOST);
    struct claim *c = &s->claims[s->count++];
    memcpy(s->works ? c->work.bytes : c->recording.bytes, id, ID_BYTES);
    c->share_e8 = store_int(r, 2);
    c->from = store_instant(r, 4);
    c->until = store_instant(r, 5);
    TRY(right_parse(store_text(r, 1), &c->right, e));
    return parse_kept(s->kept, store_text(r, 3), &c->territories, e);
}

#define SCAN(subject)                                                                              \
    "SELECT " subject                                                                              \
    ", \"right\", share_e8, territories, from_us, until_us FROM registry_claims "                  \
    "WHERE catalogue = $1 AND withdrawn = 0 AND " subject " > $2 ORDER BY " subject " LIMIT $3"

/* Page by page: PostgreSQL brings a whole answer at once. A subject of which a page may hold only
 * a part begins the next one. */
static enum code scan_kind(struct scanning *s, struct error *e)
{
    enum { ROWS = 200000 };
    memset(s->done, 0, sizeof s->done);
    for (bool more_pages = true; more_pages;) {
        owned(store_rows) rows = NULL;
        bool more;
        size_t read = 0;
        s->count = 0;
        TRY(store_query(s->act->tx, s->works ? SCAN("work") : SCAN("recording"),
                        SQL(sql_id(s->act->catalogue), sql_bytes(s->done, ID_BYTES), sql_int(ROWS)),
                        &rows, e));
        for (;; read++) {
            TRY(store_next(rows, &more, e));
            if (!more)
                break;
            TRY(scan_row(s, rows, e));
        }
        more_pages = read == ROWS;
    }
    return end_subject(s, e);
}

static enum code raise_all(struct scanning *s, struct error *e)
{
    for (size_t i = 0; i < s->over_count; i++) {
        struct recording_id recording = { { 0 } };
        struct work_id work = { { 0 } };
        memcpy(s->works ? work.bytes : recording.bytes, s->over[i], ID_BYTES);
        TRY(registry_conflicts_check(s->act, recording, work, e));
    }
    s->over_count = 0;
    return OK;
}

static enum code scan_both(struct scanning *s, bool raise, struct error *e)
{
    for (int works = 0; works < 2; works++) {
        s->works = works;
        TRY(scan_kind(s, e));
        if (raise)
            TRY(raise_all(s, e));
        s->over_count = 0;
    }
    return OK;
}

enum code registry_conflicts_scan(const struct registry_act *act, bool raise,
                                  struct conflict_scan *out, struct error *e)
{
    struct scanning *s = calloc(1, sizeof *s);
    if (!s)
        return fail(e, ERR_MEMORY, "no memory to look for conflicts");
    *out = (struct conflict_scan) { 0 };
    s->act = act;
    s->out = out;
    enum code code = scan_both(s, raise, e);
    arena_done(&s->arena);
    free(s->over);
    free(s);
    return code;
}
