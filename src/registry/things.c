/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's things as tables of columns, and what each must be. */
#include "registry/columns.h"
#include "registry/conflicts.h"

/* ---- what several checks share ---- */

enum code record_is_there(const struct registry_act *act, const struct record_table *t,
                          const uint8_t id[ID_BYTES], struct error *e)
{
    BUF(sql);
    owned(store_rows) rows = NULL;
    bool found;
    char text[ID_TEXT];
    buf_format(&sql, "SELECT 1 FROM %s WHERE catalogue = $1 AND id = $2 AND %s = 0", t->table,
               t->withdrawn);
    if (sql.failed)
        return fail(e, ERR_MEMORY, "no memory for a statement");
    TRY(store_one(act->tx, (const char *)sql.bytes,
                  SQL(sql_id(act->catalogue), sql_bytes(id, ID_BYTES)), &rows, &found, e));
    return found ? OK
                 : fail(e, ERR_NOT_FOUND, "there is no %s %s", t->thing,
                        id_format(t->prefix, id, text));
}

enum code record_is_there_or_none(const struct registry_act *act, const struct record_table *t,
                                  const uint8_t id[ID_BYTES], struct error *e)
{
    return id_is_none(id) ? OK : record_is_there(act, t, id, e);
}

typedef enum code plain_fn(struct str text, char out[IDENTIFIER_TEXT], struct error *e);

/* An identifier in its plain form; an empty one is none. */
static enum code plain(plain_fn *parse, const char **field, struct arena *a, struct error *e)
{
    char text[IDENTIFIER_TEXT];
    if (!*field || !(*field)[0]) {
        *field = NULL;
        return OK;
    }
    TRY(parse(str_of(*field), text, e));
    *field = arena_text(a, text, strlen(text));
    return OK;
}

static enum code dpid_plain(struct str text, char out[IDENTIFIER_TEXT], struct error *e)
{
    bool checks;
    return dpid_parse(text, out, &checks, e);
}

/* ---- parties ---- */

static enum code check_party(const struct registry_act *act, void *record, const void *old,
                             struct arena *a, struct error *e)
{
    struct party *p = record;
    (void)act;
    (void)old;
    TRY(row_check_slug(p->slug, e));
    TRY(plain(dpid_plain, &p->dpid, a, e));
    TRY(plain(isni_parse, &p->isni, a, e));
    return plain(ipi_name_parse, &p->ipi, a, e);
}

static const struct record_column party_columns[] = {
    OWN(party, "pty"),
    { AT(party, slug), .type = COLUMN_TEXT },
    TEXT(party, name),
    TEXT_OR_NONE(party, dpid),
    TEXT_OR_NONE(party, isni),
    TEXT_OR_NONE(party, ipi),
    KNOWN(party),
};
const struct record_table table_parties = {
    TABLE("party", party, "registry_parties", "pty", party_columns),
    .of_holder = "id = $P",
    .check = check_party,
};

/* ---- recordings, works, and which is which ---- */

static enum code check_recording(const struct registry_act *act, void *record, const void *old,
                                 struct arena *a, struct error *e)
{
    struct recording *r = record;
    (void)act;
    (void)old;
    r->artist = r->artist ? r->artist : "";
    return plain(isrc_parse, &r->isrc, a, e);
}

/* Two recordings of one name, artist and length are mostly one that came twice. */
static enum code after_recording(const struct registry_act *act, const void *old, const void *now,
                                 struct error *e)
{
    const struct recording *was = old, *is = now;
    owned(store_rows) rows = NULL;
    bool found;
    struct issue issue = { .kind = ISSUE_DOUBLE_DELIVERY,
                           .words = "a recording of this title, artist and length was there" };
    if (!is || is->duration_ms == 0 ||
        (was && was->duration_ms == is->duration_ms && strcmp(was->title, is->title) == 0 &&
         strcmp(was->artist, is->artist) == 0))
        return OK;
    TRY(store_one(act->tx,
                  "SELECT id FROM registry_recordings t WHERE catalogue = $1 AND title = $2 AND "
                  "artist = $3 AND id <> $4 AND duration_ms BETWEEN $5 AND $6 AND NOT EXISTS "
                  "(SELECT 1 FROM registry_relations r WHERE r.catalogue = t.catalogue AND "
                  "r.withdrawn = 0 AND ((r.recording = $4 AND r.\"of\" = t.id) OR "
                  "(r.recording = t.id AND r.\"of\" = $4))) ORDER BY id LIMIT 1",
                  SQL(sql_id(act->catalogue), sql_text(is->title), sql_text(is->artist),
                      sql_id(is->id), sql_int(is->duration_ms - 500),
                      sql_int(is->duration_ms + 500)),
                  &rows, &found, e));
    if (!found)
        return OK;
    issue.recording = is->id;
    store_id(rows, 0, issue.other_recording.bytes);
    return registry_issue_raise(act, &issue, e);
}

static const struct record_column recording_columns[] = {
    OWN(recording, "rec"),
    TEXT_OR_NONE(recording, isrc),
    TEXT(recording, title),
    { AT(recording, artist), .type = COLUMN_TEXT, .most = TEXTS,
      .flags = COLUMN_NONE_OK | COLUMN_EMPTY },
    INT(recording, duration_ms, 0, INT32_MAX),
    KNOWN(recording),
};
const struct record_table table_recordings = {
    TABLE("recording", recording, "registry_recordings", "rec", recording_columns),
    .of_holder = "EXISTS (SELECT 1 FROM registry_claims c WHERE c.catalogue = t.catalogue AND "
                 "c.recording = t.id AND c.party = $P AND c.withdrawn = 0) OR EXISTS (SELECT 1 "
                 "FROM registry_references f WHERE f.catalogue = t.catalogue AND "
                 "f.recording = t.id AND f.party = $P)",
    .check = check_recording,
    .after = after_recording,
};

static enum code check_work(const struct registry_act *act, void *record, const void *old,
                            struct arena *a, struct error *e)
{
    struct work *w = record;
    (void)act;
    (void)old;
    return plain(iswc_parse, &w->iswc, a, e);
}

static const struct record_column work_columns[] = {
    OWN(work, "wrk"),
    TEXT_OR_NONE(work, iswc),
    TEXT(work, title),
    KNOWN(work),
};
const struct record_table table_works = {
    TABLE("work", work, "registry_works", "wrk", work_columns),
    .of_holder = "EXISTS (SELECT 1 FROM registry_claims c WHERE c.catalogue = t.catalogue AND "
                 "c.work = t.id AND c.party = $P AND c.withdrawn = 0)",
    .check = check_work,
};

static enum code check_recording_work(const struct registry_act *act, void *record, const void *old,
                                      struct arena *a, struct error *e)
{
    struct recording_work *l = record;
    (void)a;
    (void)old;
    if (l->share_e8 == 0)
        l->share_e8 = SHARE_WHOLE_E8;
    TRY(record_is_there(act, &table_recordings, l->recording.bytes, e));
    return record_is_there(act, &table_works, l->work.bytes, e);
}

#define OF_HOLDER_OF_RECORDING                                                                     \
    "EXISTS (SELECT 1 FROM registry_claims c WHERE c.catalogue = t.catalogue AND "                 \
    "c.recording = t.recording AND c.party = $P AND c.withdrawn = 0)"

static const struct record_column recording_work_columns[] = {
    OWN(recording_work, "rwk"),      ID(recording_work, recording, "rec"),
    ID(recording_work, work, "wrk"), INT(recording_work, share_e8, 0, SHARE_WHOLE_E8),
    KNOWN(recording_work),
};
const struct record_table table_recording_works = {
    TABLE("recording_work", recording_work, "registry_recording_works", "rwk",
          recording_work_columns),
    .of_holder = OF_HOLDER_OF_RECORDING
    " OR EXISTS (SELECT 1 FROM registry_claims c WHERE c.catalogue = t.catalogue AND "
    "c.work = t.work AND c.party = $P AND c.withdrawn = 0)",
    .check = check_recording_work,
};

static enum code check_relation(const struct registry_act *act, void *record, const void *old,
                                struct arena *a, struct error *e)
{
    struct relation *r = record;
    (void)a;
    (void)old;
    if (recording_id_equal(r->recording, r->of))
        return fail(e, ERR_INVALID, "of: a recording is no %s of itself",
                    relation_kind_word(r->kind));
    TRY(record_is_there(act, &table_recordings, r->recording.bytes, e));
    return record_is_there(act, &table_recordings, r->of.bytes, e);
}

static const struct record_column relation_columns[] = {
    OWN(relation, "rel"),
    ID(relation, recording, "rec"),
    WORD(relation, kind, relation_kind_words, RELATION_KIND_COUNT),
    { AT(relation, of), .sql = "\"of\"", .type = COLUMN_ID, .prefix = "rec" },
    KNOWN(relation),
};
const struct record_table table_relations = {
    TABLE("relation", relation, "registry_relations", "rel", relation_columns),
    .of_holder = OF_HOLDER_OF_RECORDING,
    .check = check_relation,
};

/* ---- releases and tracks ---- */

static enum code check_release(const struct registry_act *act, void *record, const void *old,
                               struct arena *a, struct error *e)
{
    struct release *r = record;
    (void)old;
    TRY(plain(gtin_parse, &r->gtin, a, e));
    TRY(plain(grid_parse, &r->grid, a, e));
    return record_is_there_or_none(act, &table_parties, r->party.bytes, e);
}

static const struct record_column release_columns[] = {
    OWN(release, "rls"),
    TEXT_OR_NONE(release, gtin),
    TEXT_OR_NONE(release, grid),
    TEXT(release, title),
    TEXT_OR_NONE(release, artist),
    { AT(release, kind), .type = COLUMN_WORD, .words = release_kind_words,
      .most = RELEASE_KIND_COUNT, .flags = COLUMN_NONE_OK },
    ID_OR_NONE(release, party, "pty"),
    SPAN(release),
    KNOWN(release),
};
const struct record_table table_releases = {
    TABLE("release", release, "registry_releases", "rls", release_columns),
    .of_holder = "party = $P",
    .check = check_release,
};

static enum code check_track(const struct registry_act *act, void *record, const void *old,
                             struct arena *a, struct error *e)
{
    struct track *k = record;
    (void)a;
    (void)old;
    TRY(record_is_there(act, &table_releases, k->release.bytes, e));
    return record_is_there(act, &table_recordings, k->recording.bytes, e);
}

static const struct record_column track_columns[] = {
    OWN(track, "trk"),
    ID(track, release, "rls"),
    ID(track, recording, "rec"),
    INT(track, volume, 1, 1000),
    INT(track, number, 1, 10000),
    TEXT_OR_NONE(track, title),
    KNOWN(track),
};
const struct record_table table_tracks = {
    TABLE("track", track, "registry_tracks", "trk", track_columns),
    .of_holder = "EXISTS (SELECT 1 FROM registry_releases r WHERE r.catalogue = t.catalogue AND "
                 "r.id = t.release AND r.party = $P)",
    .check = check_track,
};

/* ---- references ---- */

static const struct record_column reference_columns[] = {
    OWN(reference, "ref"),
    ID(reference, recording, "rec"),
    ID(reference, party, "pty"),
    { AT(reference, file), .type = COLUMN_TEXT, .most = 4096 },
    { AT(reference, audio), .type = COLUMN_TEXT },
    { AT(reference, fingerprint), .type = COLUMN_TEXT },
    { AT(reference, duration_ms), .type = COLUMN_INT },
    WORD(reference, state, reference_state_words, REFERENCE_STATE_COUNT),
    KNOWN(reference),
};
/* What was wrong with a reference, or between it and another one, is over when it goes. */
static enum code resolve_issues_of(const struct registry_act *act, struct reference_id id,
                                   struct error *e)
{
    enum { ISSUES_MOST = 1000 };
    ARENA(a);
    owned(store_rows) rows = NULL;
    struct issue_id ids[ISSUES_MOST];
    size_t count = 0;
    bool more;
    TRY(store_query(act->tx,
                    "SELECT id FROM registry_issues WHERE catalogue = $1 AND state = 'open' AND "
                    "(reference = $2 OR other_reference = $2) ORDER BY id LIMIT 1000",
                    SQL(sql_id(act->catalogue), sql_id(id)), &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        store_id(rows, 0, ids[count++].bytes);
    }
    for (size_t i = 0; i < count; i++) {
        struct issue issue;
        TRY(registry_issue_get(act->tx, act->catalogue, ids[i], &a, &issue, e));
        TRY(registry_issue_resolve(act, &issue, "the reference is withdrawn", e));
    }
    return OK;
}

/* The same audio for another recording, or from another party: one of the two is a slip. */
static enum code after_reference(const struct registry_act *act, const void *old, const void *now,
                                 struct error *e)
{
    const struct reference *r = now;
    ARENA(a);
    owned(store_rows) rows = NULL;
    bool found;
    struct issue issue = { .kind = ISSUE_DOUBLE_DELIVERY };
    (void)old;
    if (r && r->state == REFERENCE_WITHDRAWN)
        return resolve_issues_of(act, r->id, e);
    if (!r || !r->audio || r->state != REFERENCE_INDEXED)
        return OK;
    TRY(store_one(act->tx,
                  "SELECT id, recording FROM registry_references WHERE catalogue = $1 AND "
                  "audio = $2 AND id <> $3 AND state = 'indexed' AND (recording <> $4 OR "
                  "party <> $5) ORDER BY id LIMIT 1",
                  SQL(sql_id(act->catalogue), sql_text(r->audio), sql_id(r->id),
                      sql_id(r->recording), sql_id(r->party)),
                  &rows, &found, e));
    if (!found)
        return OK;
    store_id(rows, 0, issue.other_reference.bytes);
    store_id(rows, 1, issue.other_recording.bytes);
    issue.reference = r->id;
    issue.recording = r->recording;
    issue.milliseconds = r->duration_ms;
    issue.words = "the same audio was delivered before";
    return registry_issue_raise(act, &issue, e);
}

const struct record_table table_references = {
    TABLE("reference", reference, "registry_references", "ref", reference_columns),
    .of_holder = "party = $P",
    .after = after_reference,
};

/* ---- claims ---- */

static enum code check_claim(const struct registry_act *act, void *record, const void *old,
                             struct arena *a, struct error *e)
{
    struct claim *c = record;
    const struct claim *before = old;
    (void)a;
    if (recording_id_is_none(c->recording) == work_id_is_none(c->work))
        return fail(e, ERR_INVALID, "a claim is on a recording or on a work: name one of the two");
    if (!work_id_is_none(c->work) && right_of_work(c->right) == RIGHT_COUNT &&
        c->right > RIGHT_PRINT)
        return fail(e, ERR_INVALID, "right: on a work itself it is written without work_");
    if (c->filed.us == 0)
        c->filed = before ? before->filed : act->now;
    TRY(record_is_there_or_none(act, &table_recordings, c->recording.bytes, e));
    TRY(record_is_there_or_none(act, &table_works, c->work.bytes, e));
    TRY(record_is_there_or_none(act, &table_parties, c->source.bytes, e));
    return record_is_there(act, &table_parties, c->party.bytes, e);
}

/* What the claims of its recording or work now add up to is known when the change is. */
static enum code after_claim(const struct registry_act *act, const void *old, const void *now,
                             struct error *e)
{
    const struct claim *was = old, *is = now;
    bool moved = was && is &&
                 (!recording_id_equal(was->recording, is->recording) ||
                  !work_id_equal(was->work, is->work));
    if (was && (!is || moved))
        TRY(registry_conflicts_check(act, was->recording, was->work, e));
    return is ? registry_conflicts_check(act, is->recording, is->work, e) : OK;
}

static const struct record_column claim_columns[] = {
    OWN(claim, "clm"),
    ID_OR_NONE(claim, recording, "rec"),
    ID_OR_NONE(claim, work, "wrk"),
    ID(claim, party, "pty"),
    ID_OR_NONE(claim, source, "pty"),
    { AT(claim, right), .sql = "\"right\"", .type = COLUMN_WORD, .words = right_words,
      .most = RIGHT_COUNT, .flags = COLUMN_NONE_OK },
    INT(claim, share_e8, 1, SHARE_WHOLE_E8),
    { AT(claim, territories), .type = COLUMN_TERRITORIES },
    SPAN(claim),
    { AT(claim, filed), .sql = "filed_us", .type = COLUMN_INSTANT, .flags = COLUMN_KEPT },
    KNOWN(claim),
};
const struct record_table table_claims = {
    TABLE("claim", claim, "registry_claims", "clm", claim_columns),
    .of_holder = "party = $P",
    .check = check_claim,
    .after = after_claim,
};

/* ---- policies ---- */

static enum code check_policy(const struct registry_act *act, void *record, const void *old,
                              struct arena *a, struct error *e)
{
    struct holder_policy *p = record;
    (void)a;
    (void)old;
    TRY(record_is_there(act, &table_parties, p->party.bytes, e));
    TRY(record_is_there_or_none(act, &table_parties, p->source.bytes, e));
    return record_is_there_or_none(act, &table_recordings, p->recording.bytes, e);
}

static const struct record_column policy_columns[] = {
    OWN(holder_policy, "pol"),
    ID(holder_policy, party, "pty"),
    ID_OR_NONE(holder_policy, recording, "rec"),
    WORD(holder_policy, action, action_words, ACTION_COUNT),
    { AT(holder_policy, conditions), .count_at = offsetof(struct holder_policy, condition_count),
      .type = COLUMN_CONDITIONS },
    { AT(holder_policy, territories), .type = COLUMN_TERRITORIES },
    IDS(holder_policy, apps, app_count, "app", APPS_MOST),
    IDS(holder_policy, except_apps, except_app_count, "app", APPS_MOST),
    ID_OR_NONE(holder_policy, source, "pty"),
    SPAN(holder_policy),
    KNOWN(holder_policy),
};
const struct record_table table_policies = {
    TABLE("policy", holder_policy, "registry_policies", "pol", policy_columns),
    .of_holder = "party = $P",
    .check = check_policy,
};
