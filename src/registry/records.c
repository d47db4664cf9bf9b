/* SPDX-License-Identifier: Apache-2.0 */
/* The records of the registry with their own types, over the one table of columns. */
#include "registry/rows.h"

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

#define WITHDRAW(thing, table)                                                                     \
    enum code registry_##thing##_withdraw(const struct registry_act *act, struct thing##_id id,    \
                                          struct error *e)                                         \
    {                                                                                              \
        return record_withdraw(act, &table, id.bytes, e);                                          \
    }

#define LIST(thing, type, table)                                                                   \
    static enum code list_##thing(struct store_tx *tx, struct party_id catalogue,                  \
                                  struct record_filter *f, struct thing##_id after, size_t limit,  \
                                  struct arena *a, struct type **out, size_t *count,               \
                                  struct error *e)                                                 \
    {                                                                                              \
        void *items;                                                                               \
        memcpy(f->after, after.bytes, ID_BYTES);                                                   \
        f->limit = limit;                                                                          \
        TRY(record_list(tx, catalogue, &table, f, a, &items, count, e));                           \
        *out = items;                                                                              \
        return OK;                                                                                 \
    }

/* A list of everything, and one narrowed by up to two ids, of which none is any. */
#define LIST_ALL(thing, type)                                                                      \
    enum code registry_##thing##_list(struct store_tx *tx, struct party_id catalogue,              \
                                      struct thing##_id after, size_t limit, struct arena *a,      \
                                      struct type **out, size_t *count, struct error *e)           \
    {                                                                                              \
        struct record_filter f = RECORDS_ALL;                                                      \
        return list_##thing(tx, catalogue, &f, after, limit, a, out, count, e);                    \
    }
#define LIST_BY(thing, type, one)                                                                  \
    enum code registry_##thing##_list(struct store_tx *tx, struct party_id catalogue,              \
                                      struct one##_id one, struct thing##_id after, size_t limit,  \
                                      struct arena *a, struct type **out, size_t *count,           \
                                      struct error *e)                                             \
    {                                                                                              \
        struct record_filter f = RECORDS_ALL;                                                      \
        if (!one##_id_is_none(one))                                                                \
            record_where(&f, #one, sql_id(one));                                                   \
        return list_##thing(tx, catalogue, &f, after, limit, a, out, count, e);                    \
    }
#define LIST_BY_TWO(thing, type, one, two)                                                         \
    enum code registry_##thing##_list(struct store_tx *tx, struct party_id catalogue,              \
                                      struct one##_id one, struct two##_id two,                    \
                                      struct thing##_id after, size_t limit, struct arena *a,      \
                                      struct type **out, size_t *count, struct error *e)           \
    {                                                                                              \
        struct record_filter f = RECORDS_ALL;                                                      \
        if (!one##_id_is_none(one))                                                                \
            record_where(&f, #one, sql_id(one));                                                   \
        if (!two##_id_is_none(two))                                                                \
            record_where(&f, #two, sql_id(two));                                                   \
        return list_##thing(tx, catalogue, &f, after, limit, a, out, count, e);                    \
    }

PUT_GET_JSON(party, party, table_parties)
LIST(party, party, table_parties)
LIST_ALL(party, party)

PUT_GET_JSON(recording, recording, table_recordings)
LIST(recording, recording, table_recordings)
LIST_ALL(recording, recording)

PUT_GET_JSON(work, work, table_works)
WITHDRAW(work, table_works)
LIST(work, work, table_works)
LIST_ALL(work, work)

PUT_GET_JSON(recording_work, recording_work, table_recording_works)
WITHDRAW(recording_work, table_recording_works)
LIST(recording_work, recording_work, table_recording_works)
LIST_BY_TWO(recording_work, recording_work, recording, work)

PUT_GET_JSON(relation, relation, table_relations)
WITHDRAW(relation, table_relations)
LIST(relation, relation, table_relations)
LIST_BY(relation, relation, recording)

PUT_GET_JSON(release, release, table_releases)
WITHDRAW(release, table_releases)
LIST(release, release, table_releases)
LIST_BY(release, release, party)

PUT_GET_JSON(track, track, table_tracks)
WITHDRAW(track, table_tracks)
LIST(track, track, table_tracks)
LIST_BY_TWO(track, track, release, recording)

PUT_GET_JSON(reference, reference, table_references)
LIST(reference, reference, table_references)

PUT_GET_JSON(claim, claim, table_claims)
WITHDRAW(claim, table_claims)
LIST(claim, claim, table_claims)

enum code registry_claim_list(struct store_tx *tx, struct party_id catalogue,
                              struct recording_id recording, struct party_id party,
                              struct claim_id after, size_t limit, struct arena *a,
                              struct claim **out, size_t *count, struct error *e)
{
    struct record_filter f = RECORDS_ALL;
    record_where(&f, "recording", recording_id_is_none(recording) ? sql_null() : sql_id(recording));
    if (!party_id_is_none(party))
        record_where(&f, "party", sql_id(party));
    return list_claim(tx, catalogue, &f, after, limit, a, out, count, e);
}

enum code registry_claim_of_work(struct store_tx *tx, struct party_id catalogue,
                                 struct work_id work, struct claim_id after, size_t limit,
                                 struct arena *a, struct claim **out, size_t *count,
                                 struct error *e)
{
    struct record_filter f = RECORDS_ALL;
    record_where(&f, "work", work_id_is_none(work) ? sql_null() : sql_id(work));
    return list_claim(tx, catalogue, &f, after, limit, a, out, count, e);
}

/* Of a work's claims: where in the recording's facts they stand. */
static void bring_to_recording(struct claim *c, int64_t part_e8)
{
    c->right = right_of_work(c->right);
    c->share_e8 = (int64_t)((__int128)c->share_e8 * part_e8 / SHARE_WHOLE_E8);
}

static enum code read_brought(const struct store_rows *r, struct claim *c,
                              struct claim_of_works *after, bool *keep, struct error *e)
{
    *c = (struct claim) { .version = store_int(r, 2), .share_e8 = store_int(r, 5) };
    store_id(r, 0, c->id.bytes);
    store_id(r, 1, after->link.bytes);
    store_id(r, 3, c->recording.bytes);
    store_id(r, 4, c->party.bytes);
    store_id(r, 12, c->work.bytes);
    c->from = store_instant(r, 8);
    c->until = store_instant(r, 9);
    c->filed = store_instant(r, 10);
    c->known = store_instant(r, 13);
    after->claim = c->id;
    TRY(right_parse(store_text(r, 6), &c->right, e));
    TRY(territory_set_parse(store_text(r, 7), &c->territories, NULL, e));
    bring_to_recording(c, store_int(r, 11));
    *keep = c->right < RIGHT_COUNT && c->share_e8 > 0;
    return OK;
}

#define BROUGHT_COLUMNS                                                                            \
    "SELECT c.id, l.id, c.version, l.recording, c.party, c.share_e8, c.\"right\", "                \
    "c.territories, c.from_us, c.until_us, c.filed_us, l.share_e8, c.work, CASE WHEN c.known_us "  \
    "> "                                                                                           \
    "l.known_us THEN c.known_us ELSE l.known_us END FROM "
#define BROUGHT_BEHIND "(c.id > $2 OR (c.id = $2 AND l.id > $3))"
#define BROUGHT_NOW                                                                                \
    BROUGHT_COLUMNS                                                                                \
    "registry_claims c JOIN registry_recording_works l ON l.catalogue = c.catalogue AND l.work = " \
    "c.work WHERE c.catalogue = $1 AND c.withdrawn = 0 AND l.withdrawn = 0 AND " BROUGHT_BEHIND
/* What is in force and was known by then, and what was in force then. */
#define BROUGHT_THEN                                                                               \
    BROUGHT_COLUMNS                                                                                \
    "(SELECT id, version, work, party, share_e8, \"right\", territories, from_us, until_us, "      \
    "filed_us, known_us FROM registry_claims WHERE catalogue = $1 AND withdrawn = 0 AND work IS "  \
    "NOT NULL AND known_us <= $5 UNION ALL SELECT id, version, work, party, share_e8, \"right\", " \
    "territories, from_us, until_us, filed_us, known_us FROM registry_claims_past WHERE "          \
    "catalogue = $1 AND work IS NOT NULL AND known_us <= $5 AND known_until_us > $5) c JOIN "      \
    "(SELECT id, recording, work, share_e8, known_us FROM registry_recording_works WHERE "         \
    "catalogue = $1 AND withdrawn = 0 AND known_us <= $5 UNION ALL SELECT id, recording, work, "   \
    "share_e8, known_us FROM registry_recording_works_past WHERE catalogue = $1 AND known_us <= "  \
    "$5 AND known_until_us > $5) l ON l.work = c.work WHERE " BROUGHT_BEHIND
#define BROUGHT_ORDER " ORDER BY c.id, l.id LIMIT $4"

enum code registry_claim_of_works(struct store_tx *tx, struct party_id catalogue,
                                  struct recording_id recording, struct instant known,
                                  struct claim_of_works *after, size_t limit, struct arena *a,
                                  struct claim **out, size_t *count, bool *more, struct error *e)
{
    static const char *const texts[2][2] = {
        { BROUGHT_NOW " AND l.recording = $5" BROUGHT_ORDER, BROUGHT_NOW BROUGHT_ORDER },
        { BROUGHT_THEN " AND l.recording = $6" BROUGHT_ORDER, BROUGHT_THEN BROUGHT_ORDER },
    };
    owned(store_rows) rows = NULL;
    struct row_list list = { .arena = a, .size = sizeof(struct claim) };
    bool then = known.us != INT64_MAX;
    const struct sql_value values[] = { sql_id(catalogue),
                                        sql_id(after->claim),
                                        sql_id(after->link),
                                        sql_int((int64_t)limit),
                                        then ? sql_instant(known) : sql_id(recording),
                                        sql_id(recording) };
    bool all = recording_id_is_none(recording), row, keep;
    size_t read = 0;
    struct claim c;
    TRY(store_query(tx, texts[then][all], values, 4u + then + !all, &rows, e));
    for (;; read++) {
        TRY(store_next(rows, &row, e));
        if (!row)
            break;
        TRY(read_brought(rows, &c, after, &keep, e));
        if (keep)
            memcpy(row_list_add(&list), &c, sizeof c);
    }
    *out = list.items;
    *count = list.count;
    *more = read == limit;
    return OK;
}

PUT_GET_JSON(policy, holder_policy, table_policies)
WITHDRAW(policy, table_policies)
LIST(policy, holder_policy, table_policies)
LIST_BY(policy, holder_policy, party)

/* ---- what is found by a name of its own ---- */

/* The first record whose column has this value. */
static enum code find(struct store_tx *tx, struct party_id catalogue, const struct record_table *t,
                      const char *column, struct str value, struct arena *a, void *out, bool *found,
                      struct error *e)
{
    struct record_filter f = RECORDS_ALL;
    void *items;
    size_t count;
    f.limit = 1;
    record_where(&f, column, sql_str(value));
    TRY(record_list(tx, catalogue, t, &f, a, &items, &count, e));
    *found = count > 0;
    if (*found)
        memcpy(out, items, t->size);
    return OK;
}

enum code registry_party_find(struct store_tx *tx, struct party_id catalogue, struct str slug,
                              struct arena *a, struct party *out, struct error *e)
{
    bool found;
    TRY(find(tx, catalogue, &table_parties, "slug", slug, a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no party \"%.*s\"", STR_ARG(slug));
}

enum code registry_party_find_dpid(struct store_tx *tx, struct party_id catalogue, struct str dpid,
                                   struct arena *a, struct party *out, struct error *e)
{
    bool found, checks;
    char plain[IDENTIFIER_TEXT];
    TRY(dpid_parse(dpid, plain, &checks, e));
    TRY(find(tx, catalogue, &table_parties, "dpid", str_of(plain), a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no party with DPID %s", plain);
}

enum code registry_party_find_isni(struct store_tx *tx, struct party_id catalogue, struct str isni,
                                   struct arena *a, struct party *out, struct error *e)
{
    bool found;
    char plain[IDENTIFIER_TEXT];
    TRY(isni_parse(isni, plain, e));
    TRY(find(tx, catalogue, &table_parties, "isni", str_of(plain), a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no party with ISNI %s", plain);
}

enum code registry_party_find_ipi(struct store_tx *tx, struct party_id catalogue, struct str ipi,
                                  struct arena *a, struct party *out, struct error *e)
{
    bool found;
    char plain[IDENTIFIER_TEXT];
    TRY(ipi_name_parse(ipi, plain, e));
    TRY(find(tx, catalogue, &table_parties, "ipi", str_of(plain), a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no party with IPI name number %s", plain);
}

enum code registry_recording_find(struct store_tx *tx, struct party_id catalogue, struct str isrc,
                                  struct arena *a, struct recording *out, struct error *e)
{
    bool found;
    char plain[IDENTIFIER_TEXT];
    TRY(isrc_parse(isrc, plain, e));
    TRY(find(tx, catalogue, &table_recordings, "isrc", str_of(plain), a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no recording with ISRC %s", plain);
}

enum code registry_work_find(struct store_tx *tx, struct party_id catalogue, struct str iswc,
                             struct arena *a, struct work *out, struct error *e)
{
    bool found;
    char plain[IDENTIFIER_TEXT];
    TRY(iswc_parse(iswc, plain, e));
    TRY(find(tx, catalogue, &table_works, "iswc", str_of(plain), a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no work with ISWC %s", plain);
}

enum code registry_release_find(struct store_tx *tx, struct party_id catalogue, struct str name,
                                struct arena *a, struct release *out, struct error *e)
{
    bool found, grid = str_starts(name, "A1") || str_starts(name, "a1");
    char plain[IDENTIFIER_TEXT];
    TRY(grid ? grid_parse(name, plain, e) : gtin_parse(name, plain, e));
    TRY(find(tx, catalogue, &table_releases, grid ? "grid" : "gtin", str_of(plain), a, out, &found,
             e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no release with %s", plain);
}

enum code registry_reference_find(struct store_tx *tx, struct party_id catalogue, struct str audio,
                                  struct recording_id recording, struct arena *a,
                                  struct reference *out, struct error *e)
{
    struct record_filter f = RECORDS_ALL;
    void *items;
    size_t count;
    f.limit = 1;
    record_where(&f, "audio", sql_str(audio));
    if (!recording_id_is_none(recording))
        record_where(&f, "recording", sql_id(recording));
    TRY(record_list(tx, catalogue, &table_references, &f, a, &items, &count, e));
    if (!count)
        return fail(e, ERR_NOT_FOUND, "this audio is not a reference");
    memcpy(out, items, sizeof *out);
    return OK;
}

enum code registry_reference_list(struct store_tx *tx, struct party_id catalogue,
                                  struct recording_id recording, enum reference_state state,
                                  struct reference_id after, size_t limit, struct arena *a,
                                  struct reference **out, size_t *count, struct error *e)
{
    struct record_filter f = RECORDS_ALL;
    if (!recording_id_is_none(recording))
        record_where(&f, "recording", sql_id(recording));
    if (state < REFERENCE_STATE_COUNT)
        record_where(&f, "state", sql_text(reference_state_word(state)));
    return list_reference(tx, catalogue, &f, after, limit, a, out, count, e);
}

enum code registry_reference_count(struct store_tx *tx, struct party_id catalogue,
                                   enum reference_state state, int64_t *out, struct error *e)
{
    owned(store_rows) rows = NULL;
    bool found;
    TRY(store_one(tx,
                  "SELECT count(*) FROM registry_references WHERE catalogue = $1 AND state = $2",
                  SQL(sql_id(catalogue), sql_text(reference_state_word(state))), &rows, &found, e));
    *out = store_int(rows, 0);
    return OK;
}

enum code registry_recording_count(struct store_tx *tx, struct party_id catalogue, int64_t *out,
                                   struct error *e)
{
    owned(store_rows) rows = NULL;
    bool found;
    TRY(store_one(tx, "SELECT count(*) FROM registry_recordings WHERE catalogue = $1",
                  SQL(sql_id(catalogue)), &rows, &found, e));
    *out = store_int(rows, 0);
    return OK;
}

enum code registry_held_alone(struct store_tx *tx, struct party_id catalogue,
                              const struct record_table *t, const uint8_t id[ID_BYTES],
                              struct party_id holder, struct error *e)
{
    owned(store_rows) rows = NULL;
    bool found;
    const char *sql = t == &table_works ? "SELECT 1 FROM registry_claims WHERE catalogue = $1 AND "
                                          "work = $2 AND party <> $3 AND withdrawn = 0 LIMIT 1"
                                        : "SELECT 1 FROM registry_claims WHERE catalogue = $1 AND "
                                          "recording = $2 AND party <> $3 AND withdrawn = 0 "
                                          "LIMIT 1";
    TRY(store_one(tx, sql, SQL(sql_id(catalogue), sql_bytes(id, ID_BYTES), sql_id(holder)), &rows,
                  &found, e));
    return found ? fail(e, ERR_DENIED, "others hold a part of this %s: the operator changes it",
                        t->thing)
                 : OK;
}
