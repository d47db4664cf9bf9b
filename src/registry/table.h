/* SPDX-License-Identifier: Apache-2.0 */
/* One table of columns a thing: from it come its SQL, its JSON, and what was believed before.
 * Part of registry's door; registry/records.h has the same calls with the things' own types.
 *
 * Two times. A record *holds* from and until (columns that say so); a version of it was *known*
 * from the put that brought it until the put or withdrawal that ended it. Restating the past is
 * a put like any other: the version before goes to TABLE_past, where it stays.
 *
 *   current row      what is known now
 *   row in ..._past  what was known from known_us until known_until_us
 */
#ifndef LICET_REGISTRY_TABLE_H
#define LICET_REGISTRY_TABLE_H

#include "registry/types.h"
#include "store/store.h"

/* Who changes what, why and when: one per request or command. */
struct registry_act {
    struct store_tx *tx;
    struct party_id catalogue; /* the operator */
    struct str who, why;
    struct instant now; /* since when the change is known */
    const struct chance *chance;
};

/* When a record held, and when that was known. NEVER: any time; as known now. */
struct moment {
    struct instant at, known_at;
};
#define MOMENT_NOW ((struct moment) { INSTANT_NEVER, INSTANT_NEVER })

enum column_type {
    COLUMN_ID,
    COLUMN_IDS, /* pointer to ids; their number at `count_at` */
    COLUMN_INT,
    COLUMN_BOOL,
    COLUMN_TEXT,
    COLUMN_INSTANT,
    COLUMN_TERRITORIES,
    COLUMN_WORD, /* an enum; the words are its list */
    COLUMN_BITS, /* a set of them */
    COLUMN_CONDITIONS
};

enum column_flag {
    COLUMN_KEPT = 1,    /* set by the put and written back */
    COLUMN_NONE_OK = 2, /* an id may be none, a text may be absent */
    COLUMN_FROM = 4,    /* valid time */
    COLUMN_UNTIL = 8,
    COLUMN_EMPTY = 16, /* a text that is absent is the empty one */
    COLUMN_FIXED = 32  /* the caller's, not a body's to set */
};

struct record_column {
    const char *name; /* in JSON, CSV and the API */
    const char *sql;  /* NULL: as name */
    enum column_type type;
    size_t at, count_at;
    unsigned flags;
    const char *prefix;       /* of an id */
    const char *const *words; /* of WORD and BITS ... */
    int64_t least, most;      /* bounds of INT; most bytes of TEXT; ids of IDS; ... their number */
};

struct record_table {
    const char *thing; /* "claim", also in "claim.added" */
    const char *table; /* of SQL */
    const char *prefix;
    size_t size, id_at, version_at, known_at;
    const struct record_column *columns;
    size_t column_count;
    const char *withdrawn; /* the column that says so */
    bool operators;        /* holders may read what is theirs, and change none of it */
    /* SQL over row t: it is of the party $P; NULL: of everybody */
    const char *of_holder;
    /* Look at `record` as a whole and bring it into its one form; texts in `a`. `old` may be NULL.
     * errors  INVALID, LIMIT; NOT_FOUND a record that it names is not there */
    enum code (*check)(const struct registry_act *act, void *record, const void *old,
                       struct arena *a, struct error *e);
    /* After a put (old may be NULL) or a withdrawal (now NULL), in the same transaction. */
    enum code (*after)(const struct registry_act *act, const void *old, const void *now,
                       struct error *e);
};

extern const struct record_table table_parties, table_recordings, table_works,
    table_recording_works, table_releases, table_tracks, table_relations, table_references,
    table_claims, table_policies;

/* put   a record without id is new; with one it replaces the record of that id (or is new under
 *       it); a version other than 0 must be the one that is there, else CONFLICT. What the program
 *       sets (id, version, known, ...) is written back. */
MUST_USE enum code record_put(const struct registry_act *act, const struct record_table *t,
                              void *record, struct error *e);
MUST_USE enum code record_withdraw(const struct registry_act *act, const struct record_table *t,
                                   const uint8_t id[ID_BYTES], struct error *e);
/* errors  NOT_FOUND it is not there, was not yet known then, did not hold then, or `holder` (none:
 *         anybody) has no part in it */
MUST_USE enum code record_get(struct store_tx *tx, struct party_id catalogue,
                              const struct record_table *t, const uint8_t id[ID_BYTES],
                              const struct moment *moment, struct party_id holder, struct arena *a,
                              void *out, struct error *e);

enum { FILTERS_MOST = 4 };
struct record_filter {
    struct moment moment;
    struct party_id holder; /* only what this party has a part in; none: all */
    uint8_t after[ID_BYTES];
    size_t limit;
    size_t count;
    struct {
        const char *sql;        /* a column, equal to ... */
        struct sql_value value; /* ...; null: it has any value */
    } where[FILTERS_MOST];
};
#define RECORDS_ALL ((struct record_filter) { .moment = MOMENT_NOW, .limit = 1000 })
void record_where(struct record_filter *f, const char *sql, struct sql_value value);

/* In the order of ids, behind `after`. */
MUST_USE enum code record_list(struct store_tx *tx, struct party_id catalogue,
                               const struct record_table *t, const struct record_filter *f,
                               struct arena *a, void **out, size_t *count, struct error *e);
/* Every version of one record, oldest first, as it was known. */
MUST_USE enum code record_versions(struct store_tx *tx, struct party_id catalogue,
                                   const struct record_table *t, const uint8_t id[ID_BYTES],
                                   struct arena *a, void **out, size_t *count, struct error *e);

/* ---- columns from text ---- */

/* How names become ids: those of the registry are looked up in tx, others by `other` (may be NULL;
 * errors NOT_FOUND, INVALID). */
struct record_names {
    struct store_tx *tx;
    struct party_id catalogue;
    void *ctx;
    enum code (*other)(void *ctx, const char *prefix, struct str text, uint8_t out[ID_BYTES],
                       struct error *e);
};
/* An id, or the name of a party (slug), recording (ISRC), work (ISWC) or release (UPC, EAN, GRid).
 * errors  INVALID, NOT_FOUND */
MUST_USE enum code record_id_of(const struct record_names *n, const char *prefix, struct str text,
                                uint8_t out[ID_BYTES], struct error *e);
/* Set one column; the empty text is none, everywhere, or without end. Texts in `a`.
 * errors  INVALID, LIMIT, NOT_FOUND; the text does not name the column */
MUST_USE enum code record_set(const struct record_names *n, const struct record_column *c,
                              void *record, struct str text, struct arena *a, struct error *e);
/* A record of which nothing has been said: everywhere, from ever, without end. */
void record_begin(const struct record_table *t, void *record);
/* By its word: "claim"; NULL: no such thing. */
const struct record_table *record_table_of(struct str thing);

void record_json(const struct record_table *t, const void *record, struct json_out *o);
const char *record_id_text(const struct record_table *t, const void *record, char out[ID_TEXT]);
const struct record_column *record_column(const struct record_table *t,
                                          const char *name); /* or NULL */

#endif
