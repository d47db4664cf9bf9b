/* SPDX-License-Identifier: Apache-2.0 */
/* Claims on uploads in the store: their tables of columns, and the table of their moves. */
#include "registry/upload_claims.h"

#include "registry/columns.h"

#define ONE(name, word, ...) word,
static const char *const source_words[] = { SOURCE_STATES(ONE) };
static const char *const exclusion_words[] = { EXCLUSION_KINDS(ONE) };
static const char *const exception_words[] = { EXCEPTION_KINDS(ONE) };
static const char *const origin_words[] = { UPLOAD_CLAIM_ORIGINS(ONE) };
static const char *const state_words[] = { UPLOAD_CLAIM_STATES(ONE) };
static const char *const event_words[] = { UPLOAD_CLAIM_EVENTS(ONE) };
static const char *const mover_words[] = { MOVERS(ONE) };
#undef ONE
#define EFFECT(name, word, effect) effect,
static const enum upload_claim_effect effects[] = { UPLOAD_CLAIM_STATES(EFFECT) };
#undef EFFECT

const char *exception_kind_word(enum exception_kind k)
{
    return k < EXCEPTION_KIND_COUNT ? exception_words[k] : "";
}

const char *upload_claim_state_word(enum upload_claim_state s)
{
    return s < UPLOAD_CLAIM_STATE_COUNT ? state_words[s] : "";
}

const char *upload_claim_event_word(enum upload_claim_event x)
{
    return x < UPLOAD_CLAIM_EVENT_COUNT ? event_words[x] : "";
}

const char *mover_word(enum mover m)
{
    return m < MOVER_COUNT ? mover_words[m] : "";
}

enum upload_claim_effect upload_claim_effect(enum upload_claim_state s)
{
    return s < UPLOAD_CLAIM_STATE_COUNT ? effects[s] : CLAIM_GONE;
}

static enum code parse(const char *what, const char *const *words, int count, struct str text,
                       int *out, struct error *e)
{
    BUF(all);
    for (int i = 0; i < count; i++) {
        if (str_is(text, words[i])) {
            *out = i;
            return OK;
        }
        buf_format(&all, "%s%s", i ? ", " : "", words[i]);
    }
    return fail(e, ERR_INVALID, "\"%.*s\" is not %s (%.*s)",
                (int)(text.length > 60 ? 60 : text.length), text.at ? text.at : "", what,
                STR_ARG(buf_as_str(&all)));
}

enum code exception_kind_parse(struct str text, enum exception_kind *out, struct error *e)
{
    int found = 0;
    TRY(parse("an exception", exception_words, EXCEPTION_KIND_COUNT, text, &found, e));
    *out = (enum exception_kind)found;
    return OK;
}

enum code upload_claim_event_parse(struct str text, enum upload_claim_event *out, struct error *e)
{
    int found = 0;
    TRY(parse("a move", event_words, UPLOAD_CLAIM_EVENT_COUNT, text, &found, e));
    *out = (enum upload_claim_event)found;
    return OK;
}

/* ---- the moves ---- */

/* YouTube's practice, as published: 30 days to answer, 7 to appeal; silence is the claimant's loss. */
const struct claim_move claim_moves[] = {
    /* from                    event            mover           to                       clock */
    { UPLOAD_CLAIM_POTENTIAL, CLAIM_CONFIRM, MOVER_OPERATOR, UPLOAD_CLAIM_ACTIVE, CLOCK_NONE },
    { UPLOAD_CLAIM_POTENTIAL, CLAIM_REFUSE, MOVER_OPERATOR, UPLOAD_CLAIM_RELEASED, CLOCK_NONE },
    { UPLOAD_CLAIM_POTENTIAL, CLAIM_RELEASE, MOVER_CLAIMANT, UPLOAD_CLAIM_RELEASED, CLOCK_NONE },
    { UPLOAD_CLAIM_ACTIVE, CLAIM_REFUSE, MOVER_OPERATOR, UPLOAD_CLAIM_RELEASED, CLOCK_NONE },
    { UPLOAD_CLAIM_ACTIVE, CLAIM_RELEASE, MOVER_CLAIMANT, UPLOAD_CLAIM_RELEASED, CLOCK_NONE },
    { UPLOAD_CLAIM_ACTIVE, CLAIM_DISPUTE, MOVER_UPLOADER, UPLOAD_CLAIM_DISPUTED, CLOCK_RESPONSE },
    { UPLOAD_CLAIM_ACTIVE, CLAIM_APPEAL, MOVER_UPLOADER, UPLOAD_CLAIM_APPEALED, CLOCK_APPEAL },
    { UPLOAD_CLAIM_DISPUTED, CLAIM_RELEASE, MOVER_CLAIMANT, UPLOAD_CLAIM_RELEASED, CLOCK_NONE },
    { UPLOAD_CLAIM_DISPUTED, CLAIM_REJECT, MOVER_CLAIMANT, UPLOAD_CLAIM_REJECTED, CLOCK_NONE },
    { UPLOAD_CLAIM_DISPUTED, CLAIM_LAPSE, MOVER_CLOCK, UPLOAD_CLAIM_RELEASED, CLOCK_NONE },
    { UPLOAD_CLAIM_REJECTED, CLAIM_RELEASE, MOVER_CLAIMANT, UPLOAD_CLAIM_RELEASED, CLOCK_NONE },
    { UPLOAD_CLAIM_REJECTED, CLAIM_APPEAL, MOVER_UPLOADER, UPLOAD_CLAIM_APPEALED, CLOCK_APPEAL },
    { UPLOAD_CLAIM_APPEALED, CLAIM_RELEASE, MOVER_CLAIMANT, UPLOAD_CLAIM_RELEASED, CLOCK_NONE },
    { UPLOAD_CLAIM_APPEALED, CLAIM_TAKE_DOWN, MOVER_CLAIMANT, UPLOAD_CLAIM_TAKEDOWN, CLOCK_NONE },
    { UPLOAD_CLAIM_APPEALED, CLAIM_LAPSE, MOVER_CLOCK, UPLOAD_CLAIM_RELEASED, CLOCK_NONE },
    { UPLOAD_CLAIM_TAKEDOWN, CLAIM_RELEASE, MOVER_CLAIMANT, UPLOAD_CLAIM_RELEASED, CLOCK_NONE },
    { UPLOAD_CLAIM_TAKEDOWN, CLAIM_REFUSE, MOVER_OPERATOR, UPLOAD_CLAIM_RELEASED, CLOCK_NONE },
    { UPLOAD_CLAIM_POTENTIAL, CLAIM_WITHDRAW, MOVER_OPERATOR, UPLOAD_CLAIM_WITHDRAWN, CLOCK_NONE },
    { UPLOAD_CLAIM_ACTIVE, CLAIM_WITHDRAW, MOVER_OPERATOR, UPLOAD_CLAIM_WITHDRAWN, CLOCK_NONE },
    { UPLOAD_CLAIM_DISPUTED, CLAIM_WITHDRAW, MOVER_OPERATOR, UPLOAD_CLAIM_WITHDRAWN, CLOCK_NONE },
    { UPLOAD_CLAIM_REJECTED, CLAIM_WITHDRAW, MOVER_OPERATOR, UPLOAD_CLAIM_WITHDRAWN, CLOCK_NONE },
    { UPLOAD_CLAIM_APPEALED, CLAIM_WITHDRAW, MOVER_OPERATOR, UPLOAD_CLAIM_WITHDRAWN, CLOCK_NONE },
    { UPLOAD_CLAIM_TAKEDOWN, CLAIM_WITHDRAW, MOVER_OPERATOR, UPLOAD_CLAIM_WITHDRAWN, CLOCK_NONE },
};
const size_t claim_move_count = COUNT_OF(claim_moves);

const struct claim_move *claim_move_find(enum upload_claim_state from,
                                         enum upload_claim_event event, unsigned movers)
{
    for (size_t i = 0; i < claim_move_count; i++)
        if (claim_moves[i].from == from && claim_moves[i].event == event &&
            (movers >> claim_moves[i].mover & 1))
            return &claim_moves[i];
    return NULL;
}

static enum code no_move(const struct upload_claim *c, enum upload_claim_event event,
                         struct error *e)
{
    if (claim_move_find(c->state, event, ~0u))
        return fail(e, ERR_DENIED, "%s is not yours to say of this claim", event_words[event]);
    return fail(e, ERR_CONFLICT, "a claim that is %s takes no \"%s\"", state_words[c->state],
                event_words[event]);
}

enum code registry_upload_claim_move(const struct registry_act *act, struct upload_claim_id id,
                                     enum upload_claim_event event, unsigned movers,
                                     struct str reason, struct str words,
                                     const struct claim_days *days, struct arena *a,
                                     struct upload_claim *claim, struct error *e)
{
    enum exception_kind kind;
    TRY(registry_upload_claim_get(act->tx, act->catalogue, id, a, claim, e));
    const struct claim_move *m = claim_move_find(claim->state, event, movers);
    if (!m)
        return no_move(claim, event, e);
    if (claim->state == UPLOAD_CLAIM_ACTIVE && event == CLAIM_APPEAL &&
        claim->action != ACTION_BLOCK)
        return fail(e, ERR_CONFLICT, "only a claim that blocks is appealed without a dispute");
    if (event == CLAIM_LAPSE && act->now.us < claim->due.us)
        return fail(e, ERR_CONFLICT, "its time is not over");
    if (reason.length) {
        TRY(exception_kind_parse(reason, &kind, e));
        claim->reason = exception_words[kind];
    }
    if (event == CLAIM_DISPUTE && !claim->reason[0])
        return fail(e, ERR_INVALID,
                    "reason: a dispute says quotation, parody, own_work or licensed");
    claim->words = str_copy(a, words);
    claim->state = m->to;
    claim->due = INSTANT_NEVER;
    if (m->clock != CLOCK_NONE)
        claim->due.us = act->now.us + days->days[m->clock] * 86400000000LL;
    return registry_upload_claim_put(act, claim, e);
}

/* ---- their columns ---- */

#define FIXED(in, member, kind_, ...)                                                              \
    {                                                                                              \
        AT(in, member), .type = kind_, .flags = COLUMN_FIXED, __VA_ARGS__                          \
    }
#define SAID(in, member)                                                                           \
    {                                                                                              \
        AT(in, member), .type = COLUMN_TEXT, .most = TEXTS, .flags = COLUMN_NONE_OK | COLUMN_EMPTY \
    }

static const char *said(const char *text)
{
    return text ? text : "";
}

static enum code check_source(const struct registry_act *act, void *record, const void *old,
                              struct arena *a, struct error *e)
{
    struct delivery_source *s = record;
    (void)old;
    (void)a;
    s->words = said(s->words);
    return record_is_there(act, &table_parties, s->party.bytes, e);
}

static const struct record_column source_columns[] = {
    OWN(delivery_source, "src"),
    ID(delivery_source, party, "pty"),
    WORD(delivery_source, state, source_words, SOURCE_STATE_COUNT),
    INT(delivery_source, most, 0, 1000000000),
    SAID(delivery_source, words),
    KNOWN(delivery_source),
};
const struct record_table table_sources = {
    TABLE("source", delivery_source, "registry_sources", "src", source_columns),
    .of_holder = "party = $P",
    .operators = true,
    .check = check_source,
};

static enum code check_allowance(const struct registry_act *act, void *record, const void *old,
                                 struct arena *a, struct error *e)
{
    struct allowance *w = record;
    (void)old;
    (void)a;
    w->uploader = said(w->uploader);
    w->words = said(w->words);
    if (w->uploader[0] && network_id_is_none(w->network))
        return fail(e, ERR_INVALID, "uploader: a person is of one network: name it");
    TRY(record_is_there_or_none(act, &table_recordings, w->recording.bytes, e));
    return record_is_there(act, &table_parties, w->party.bytes, e);
}

static const struct record_column allowance_columns[] = {
    OWN(allowance, "alw"),
    ID(allowance, party, "pty"),
    ID_OR_NONE(allowance, recording, "rec"),
    ID_OR_NONE(allowance, network, "net"),
    ID_OR_NONE(allowance, app, "app"),
    SAID(allowance, uploader),
    SPAN(allowance),
    SAID(allowance, words),
    KNOWN(allowance),
};
const struct record_table table_allowances = {
    TABLE("allowance", allowance, "registry_allowances", "alw", allowance_columns),
    .of_holder = "party = $P",
    .check = check_allowance,
};

static enum code check_exclusion(const struct registry_act *act, void *record, const void *old,
                                 struct arena *a, struct error *e)
{
    struct exclusion *x = record;
    (void)old;
    (void)a;
    x->words = said(x->words);
    if (x->from_ms >= x->until_ms)
        return fail(e, ERR_INVALID, "until_ms is not after from_ms");
    return record_is_there(act, &table_references, x->reference.bytes, e);
}

#define OF_REFERENCE                                                                               \
    "EXISTS (SELECT 1 FROM registry_references f WHERE f.catalogue = t.catalogue AND "             \
    "f.id = t.reference AND f.party = $P)"

static const struct record_column exclusion_columns[] = {
    OWN(exclusion, "exc"),
    ID(exclusion, reference, "ref"),
    INT(exclusion, from_ms, 0, INT32_MAX),
    INT(exclusion, until_ms, 1, INT32_MAX),
    WORD(exclusion, kind, exclusion_words, EXCLUSION_KIND_COUNT),
    SAID(exclusion, words),
    KNOWN(exclusion),
};
const struct record_table table_exclusions = {
    TABLE("exclusion", exclusion, "registry_exclusions", "exc", exclusion_columns),
    .of_holder = OF_REFERENCE,
    .check = check_exclusion,
};

static enum code check_exception(const struct registry_act *act, void *record, const void *old,
                                 struct arena *a, struct error *e)
{
    struct exception *x = record;
    (void)act;
    (void)old;
    (void)a;
    (void)e;
    x->words = said(x->words);
    return OK;
}

static const struct record_column exception_columns[] = {
    OWN(exception, "exp"),
    ID(exception, upload, "upl"),
    FIXED(exception, network, COLUMN_ID, .prefix = "net"),
    WORD(exception, kind, exception_words, EXCEPTION_KIND_COUNT),
    SAID(exception, words),
    KNOWN(exception),
};
const struct record_table table_exceptions = {
    TABLE("exception", exception, "registry_exceptions", "exp", exception_columns),
    .of_holder = "EXISTS (SELECT 1 FROM registry_upload_claims u WHERE u.catalogue = t.catalogue "
                 "AND u.upload = t.upload AND u.party = $P)",
    .check = check_exception,
};

static enum code check_upload_claim(const struct registry_act *act, void *record, const void *old,
                                    struct arena *a, struct error *e)
{
    struct upload_claim *c = record;
    (void)a;
    c->reason = said(c->reason);
    c->words = said(c->words);
    if (!old) {
        c->opened = act->now;
        if (c->due.us == 0)
            c->due = INSTANT_NEVER;
    }
    TRY(record_is_there(act, &table_recordings, c->recording.bytes, e));
    return record_is_there(act, &table_parties, c->party.bytes, e);
}

static const struct record_column upload_claim_columns[] = {
    OWN(upload_claim, "ucl"),
    ID(upload_claim, upload, "upl"),
    FIXED(upload_claim, network, COLUMN_ID, .prefix = "net"),
    ID(upload_claim, recording, "rec"),
    ID(upload_claim, party, "pty"),
    { AT(upload_claim, source), .type = COLUMN_ID, .prefix = "pty",
      .flags = COLUMN_FIXED | COLUMN_NONE_OK },
    { AT(upload_claim, reference), .type = COLUMN_ID, .prefix = "ref",
      .flags = COLUMN_FIXED | COLUMN_NONE_OK },
    { AT(upload_claim, policy), .type = COLUMN_ID, .prefix = "pol",
      .flags = COLUMN_FIXED | COLUMN_NONE_OK },
    FIXED(upload_claim, action, COLUMN_WORD, .words = action_words, .most = ACTION_COUNT),
    FIXED(upload_claim, origin, COLUMN_WORD, .words = origin_words,
          .most = UPLOAD_CLAIM_ORIGIN_COUNT),
    FIXED(upload_claim, state, COLUMN_WORD, .words = state_words, .most = UPLOAD_CLAIM_STATE_COUNT),
    FIXED(upload_claim, matched_ms, COLUMN_INT, .most = 0),
    FIXED(upload_claim, longest_ms, COLUMN_INT, .most = 0),
    FIXED(upload_claim, reference_matched_ms, COLUMN_INT, .most = 0),
    FIXED(upload_claim, segments, COLUMN_INT, .most = 0),
    { AT(upload_claim, reason), .type = COLUMN_TEXT, .most = 40,
      .flags = COLUMN_FIXED | COLUMN_NONE_OK | COLUMN_EMPTY },
    SAID(upload_claim, words),
    { AT(upload_claim, opened), .sql = "opened_us", .type = COLUMN_INSTANT, .flags = COLUMN_KEPT },
    { AT(upload_claim, due), .sql = "due_us", .type = COLUMN_INSTANT, .flags = COLUMN_KEPT },
    KNOWN(upload_claim),
};
const struct record_table table_upload_claims = {
    TABLE("upload_claim", upload_claim, "registry_upload_claims", "ucl", upload_claim_columns),
    .of_holder = "party = $P",
    .check = check_upload_claim,
};

#define PUT_GET_JSON(thing, type, table)                                                           \
    enum code registry_##thing##_put(const struct registry_act *act, struct type *r,               \
                                     struct error *e)                                              \
    {                                                                                              \
        return record_put(act, &table, r, e);                                                      \
    }                                                                                              \
    enum code registry_##thing##_get(struct store_tx *tx, struct party_id catalogue,               \
                                     struct thing##_id id, struct arena *a, struct type *out,      \
                                     struct error *e)                                              \
    {                                                                                              \
        const struct party_id anybody = { { 0 } };                                                 \
        return record_get(tx, catalogue, &table, id.bytes, &MOMENT_NOW, anybody, a, out, e);       \
    }                                                                                              \
    void registry_##thing##_json(const struct type *r, struct json_out *o)                         \
    {                                                                                              \
        record_json(&table, r, o);                                                                 \
    }
PUT_GET_JSON(source, delivery_source, table_sources)
PUT_GET_JSON(allowance, allowance, table_allowances)
PUT_GET_JSON(exclusion, exclusion, table_exclusions)
PUT_GET_JSON(exception, exception, table_exceptions)
PUT_GET_JSON(upload_claim, upload_claim, table_upload_claims)

enum code registry_allowance_withdraw(const struct registry_act *act, struct allowance_id id,
                                      struct error *e)
{
    return record_withdraw(act, &table_allowances, id.bytes, e);
}

enum code registry_exclusion_withdraw(const struct registry_act *act, struct exclusion_id id,
                                      struct error *e)
{
    return record_withdraw(act, &table_exclusions, id.bytes, e);
}

/* ---- what is asked of them ---- */

enum { ROWS_MOST = 100000 };

enum code registry_upload_claim_list(struct store_tx *tx, struct party_id catalogue,
                                     struct upload_id upload, struct reference_id reference,
                                     struct arena *a, struct upload_claim **out, size_t *count,
                                     struct error *e)
{
    struct record_filter f = RECORDS_ALL;
    void *items;
    f.limit = ROWS_MOST;
    if (!upload_id_is_none(upload))
        record_where(&f, "upload", sql_id(upload));
    if (!reference_id_is_none(reference))
        record_where(&f, "reference", sql_id(reference));
    TRY(record_list(tx, catalogue, &table_upload_claims, &f, a, &items, count, e));
    *out = items;
    return OK;
}

enum code registry_exclusion_list(struct store_tx *tx, struct party_id catalogue,
                                  struct reference_id reference, struct arena *a,
                                  struct exclusion **out, size_t *count, struct error *e)
{
    struct record_filter f = RECORDS_ALL;
    void *items;
    record_where(&f, "reference", sql_id(reference));
    TRY(record_list(tx, catalogue, &table_exclusions, &f, a, &items, count, e));
    *out = items;
    return OK;
}

enum code registry_exception_list(struct store_tx *tx, struct party_id catalogue,
                                  struct upload_id upload, struct arena *a, struct exception **out,
                                  size_t *count, struct error *e)
{
    struct record_filter f = RECORDS_ALL;
    void *items;
    record_where(&f, "upload", sql_id(upload));
    TRY(record_list(tx, catalogue, &table_exceptions, &f, a, &items, count, e));
    *out = items;
    return OK;
}

/* Those of a network and those of every one are asked for apart, each by its index. */
enum code registry_allowance_list(struct store_tx *tx, struct party_id catalogue,
                                  struct network_id network, struct app_id app,
                                  const char *uploader, struct arena *a, struct allowance **out,
                                  size_t *count, struct error *e)
{
    struct allowance *kept = NULL;
    size_t n = 0;
    for (int every = 0; every < 2; every++) {
        struct record_filter f = RECORDS_ALL;
        void *items;
        size_t found;
        f.limit = ROWS_MOST;
        record_where(&f, "COALESCE(network, catalogue)",
                     every ? sql_id(catalogue) : sql_id(network));
        TRY(record_list(tx, catalogue, &table_allowances, &f, a, &items, &found, e));
        struct allowance *more = ARENA_ARRAY(a, struct allowance, n + found + 1);
        if (n)
            memcpy(more, kept, n * sizeof *more);
        kept = more;
        for (size_t i = 0; i < found; i++) {
            const struct allowance *w = (struct allowance *)items + i;
            bool of_app = app_id_is_none(w->app) || app_id_equal(w->app, app);
            bool of_person = !w->uploader[0] || strcmp(w->uploader, said(uploader)) == 0;
            if (of_app && of_person)
                kept[n++] = *w;
        }
    }
    *out = kept;
    *count = n;
    return OK;
}

enum code registry_source_may_act(struct store_tx *tx, struct party_id catalogue,
                                  struct party_id source, int64_t most, bool *may, struct error *e)
{
    owned(store_rows) rows = NULL;
    owned(store_rows) acted = NULL;
    bool found;
    *may = true;
    if (party_id_equal(source, catalogue))
        return OK; /* the operator's own */
    TRY(store_one(tx,
                  "SELECT state, most FROM registry_sources WHERE catalogue = $1 AND party = $2 "
                  "AND withdrawn = 0",
                  SQL(sql_id(catalogue), sql_id(source)), &rows, &found, e));
    if (found && !str_is(store_text(rows, 0), "probation")) {
        *may = str_is(store_text(rows, 0), "trusted");
        return OK;
    }
    if (found)
        most = store_int(rows, 1);
    TRY(store_one(tx,
                  "SELECT count(*) FROM (SELECT 1 FROM registry_upload_claims WHERE "
                  "catalogue = $1 AND source = $2 AND state IN ('active', 'disputed', 'rejected', "
                  "'appealed', 'takedown') LIMIT $3) AS acting",
                  SQL(sql_id(catalogue), sql_id(source), sql_int(most)), &acted, &found, e));
    *may = store_int(acted, 0) < most;
    return OK;
}
