/* SPDX-License-Identifier: Apache-2.0 */
/* The things of the registry, and the closed lists of words that other rooms share with it.
 *
 * Texts end with NUL and are borrowed from whoever made the struct (an arena, mostly); NULL says
 * that there is none. `version` counts the changes of one record from 1. */
#ifndef LICET_REGISTRY_TYPES_H
#define LICET_REGISTRY_TYPES_H

#include "registry/identifiers.h"
#include "registry/territories.h"

/* A right in a recording, or (work_...) in the work that is heard in it. Each adds up to a whole of
 * its own. A claim on a work itself takes the plain words; where it reaches a recording it has
 * those of the work (right_of_work). */
#define RIGHTS(ROW)                                                                                \
    ROW(RIGHT_MAKING_AVAILABLE, "making_available")                                                \
    ROW(RIGHT_REPRODUCTION, "reproduction")                                                        \
    ROW(RIGHT_PERFORMING, "performing")                                                            \
    ROW(RIGHT_MECHANICAL, "mechanical")                                                            \
    ROW(RIGHT_SYNCHRONIZATION, "synchronization")                                                  \
    ROW(RIGHT_PRINT, "print")                                                                      \
    ROW(RIGHT_WORK_MAKING_AVAILABLE, "work_making_available")                                      \
    ROW(RIGHT_WORK_PERFORMING, "work_performing")                                                  \
    ROW(RIGHT_WORK_MECHANICAL, "work_mechanical")

/* What a listener does. */
#define USES(ROW)                                                                                  \
    ROW(USE_STREAM, "stream")                                                                      \
    ROW(USE_PREVIEW, "preview")                                                                    \
    ROW(USE_DOWNLOAD, "download")                                                                  \
    ROW(USE_OFFLINE, "offline")

/* How the listener pays. */
#define MODELS(ROW)                                                                                \
    ROW(MODEL_FREE, "free")                                                                        \
    ROW(MODEL_SUBSCRIPTION, "subscription")

/* What a holder wants done where a recording of theirs is found; weakest first. */
#define ACTIONS(ROW)                                                                               \
    ROW(ACTION_REPORT, "report")                                                                   \
    ROW(ACTION_MONETIZE, "monetize")                                                               \
    ROW(ACTION_BLOCK, "block")

/* What a condition looks at: how long the recording is heard in the upload, and how much of the
 * reference or of the upload that is. */
#define MEASURES(ROW)                                                                              \
    ROW(MEASURE_SECONDS, "seconds")                                                                \
    ROW(MEASURE_REFERENCE_PERCENT, "percent_of_reference")                                         \
    ROW(MEASURE_UPLOAD_PERCENT, "percent_of_upload")

#define RELATORS(ROW)                                                                              \
    ROW(RELATOR_MORE, ">")                                                                         \
    ROW(RELATOR_AT_LEAST, ">=")                                                                    \
    ROW(RELATOR_LESS, "<")                                                                         \
    ROW(RELATOR_AT_MOST, "<=")                                                                     \
    ROW(RELATOR_EQUAL, "=")                                                                        \
    ROW(RELATOR_NOT_EQUAL, "!=")

#define REFERENCE_STATES(ROW)                                                                      \
    ROW(REFERENCE_PENDING, "pending")                                                              \
    ROW(REFERENCE_INDEXED, "indexed")                                                              \
    ROW(REFERENCE_WITHDRAWN, "withdrawn")

/* What kind of release. */
#define RELEASE_KINDS(ROW)                                                                         \
    ROW(RELEASE_ALBUM, "album")                                                                    \
    ROW(RELEASE_SINGLE, "single")                                                                  \
    ROW(RELEASE_EP, "ep")                                                                          \
    ROW(RELEASE_COMPILATION, "compilation")                                                        \
    ROW(RELEASE_TRACK, "track")                                                                    \
    ROW(RELEASE_OTHER, "other")

/* What a recording is of another one. */
#define RELATION_KINDS(ROW)                                                                        \
    ROW(RELATION_REMASTER, "remaster")                                                             \
    ROW(RELATION_EDIT, "edit")                                                                     \
    ROW(RELATION_LIVE, "live")                                                                     \
    ROW(RELATION_SAMPLE, "sample")                                                                 \
    ROW(RELATION_REMIX, "remix")                                                                   \
    ROW(RELATION_COVER, "cover")                                                                   \
    ROW(RELATION_SAME, "same")

#define MEMBER(name, word) name,
enum right { RIGHTS(MEMBER) RIGHT_COUNT };
enum use { USES(MEMBER) USE_COUNT };
enum model { MODELS(MEMBER) MODEL_COUNT };
enum policy_action { ACTIONS(MEMBER) ACTION_COUNT };
enum measure { MEASURES(MEMBER) MEASURE_COUNT };
enum relator { RELATORS(MEMBER) RELATOR_COUNT };
enum reference_state { REFERENCE_STATES(MEMBER) REFERENCE_STATE_COUNT };
enum release_kind { RELEASE_KINDS(MEMBER) RELEASE_KIND_COUNT };
enum relation_kind { RELATION_KINDS(MEMBER) RELATION_KIND_COUNT };
#undef MEMBER

#define USE_BIT(use)     (1u << (use))
#define MODEL_BIT(model) (1u << (model))
#define USES_ALL         ((1u << USE_COUNT) - 1)
#define MODELS_ALL       ((1u << MODEL_COUNT) - 1)

const char *right_word(enum right r);
const char *use_word(enum use u);
const char *model_word(enum model m);
const char *policy_action_word(enum policy_action a);
const char *measure_word(enum measure m);
const char *relator_word(enum relator r);
const char *reference_state_word(enum reference_state s);
const char *release_kind_word(enum release_kind k);
const char *relation_kind_word(enum relation_kind k);

/* errors  INVALID the text lists the words that are taken */
MUST_USE enum code right_parse(struct str text, enum right *out, struct error *e);
MUST_USE enum code use_parse(struct str text, enum use *out, struct error *e);
MUST_USE enum code model_parse(struct str text, enum model *out, struct error *e);
MUST_USE enum code policy_action_parse(struct str text, enum policy_action *out, struct error *e);
MUST_USE enum code measure_parse(struct str text, enum measure *out, struct error *e);
MUST_USE enum code relator_parse(struct str text, enum relator *out, struct error *e);
MUST_USE enum code reference_state_parse(struct str text, enum reference_state *out,
                                         struct error *e);
MUST_USE enum code release_kind_parse(struct str text, enum release_kind *out, struct error *e);
MUST_USE enum code relation_kind_parse(struct str text, enum relation_kind *out, struct error *e);

/* The right of a recording's work that a work's own right is; RIGHT_COUNT: it is none of those
 * that listening needs. */
enum right right_of_work(enum right r);

/* Words between commas or blanks as a set of bits; the empty text is all of them. */
MUST_USE enum code uses_parse(struct str text, unsigned *out, struct error *e);
MUST_USE enum code models_parse(struct str text, unsigned *out, struct error *e);
void uses_format(unsigned uses, struct buf *out); /* "stream,preview"; all of them too */
void models_format(unsigned models, struct buf *out);

/* Every record: `version` counts its changes from 1, `known` is since when this version is what
 * the registry knows. Versions before are kept (registry/table.h). */

struct party {
    struct party_id id;
    int64_t version;
    const char *slug, *name;
    const char *dpid, *isni, *ipi; /* plain forms, or NULL */
    struct instant known;
};

struct recording {
    struct recording_id id;
    int64_t version;
    const char *isrc, *title, *artist; /* isrc may be NULL */
    int64_t duration_ms;               /* 0: not known */
    struct instant known;
};

/* What was composed and written, apart from any recording of it. */
struct work {
    struct work_id id;
    int64_t version;
    const char *iswc, *title; /* iswc may be NULL */
    struct instant known;
};

/* A recording is (in part) one of a work: share_e8 of it, the whole unless it is a medley. */
struct recording_work {
    struct recording_work_id id;
    int64_t version;
    struct recording_id recording;
    struct work_id work;
    int64_t share_e8;
    struct instant known;
};

struct release {
    struct release_id id;
    int64_t version;
    const char *gtin, *grid;    /* UPC or EAN; either may be NULL */
    const char *title, *artist; /* artist may be NULL */
    enum release_kind kind;
    struct party_id party;      /* whose it is; may be none */
    struct instant from, until; /* when it is out */
    struct instant known;
};

struct track {
    struct track_id id;
    int64_t version;
    struct release_id release;
    struct recording_id recording;
    int64_t volume, number; /* from 1 */
    const char *title;      /* NULL: the recording's */
    struct instant known;
};

/* `recording` is a remaster, an edit, ... of `of`. */
struct relation {
    struct relation_id id;
    int64_t version;
    struct recording_id recording;
    enum relation_kind kind;
    struct recording_id of;
    struct instant known;
};

/* Audio a holder deposited. */
struct reference {
    struct reference_id id;
    struct recording_id recording;
    struct party_id party; /* who delivered it */
    int64_t version;
    const char *file, *audio, *fingerprint; /* name as given; hashes of file and blob, or NULL */
    int64_t duration_ms;
    enum reference_state state;
    struct instant known;
};

/* A party's share of one right in a recording or in a work, there and then. */
struct claim {
    struct claim_id id;
    struct recording_id recording; /* one of the two is none */
    struct work_id work;
    struct party_id party;
    struct party_id source; /* who told it; none: the party itself, or the operator */
    int64_t version;
    enum right right;
    int64_t share_e8; /* of the whole, SHARE_WHOLE_E8 */
    struct territory_set territories;
    struct instant from, until; /* until: the first moment at which it holds no more */
    struct instant filed;       /* when it came in: the earlier claim goes first */
    struct instant known;
};

enum { CONDITIONS_MOST = 8, SEGMENTS_MOST = 4, APPS_MOST = 64, NETWORKS_MOST = 64 };

/* A span of a reference. */
struct segment {
    int64_t from_ms, until_ms;
};

struct condition {
    enum measure measure;
    enum relator relator;
    int64_t value_e8; /* seconds or per cent, in 10^-8 */
    /* None: the whole reference. Else only what is heard of these counts; they follow each other.
     * Seconds are of the reference then, and its per cent are of the segments. */
    uint32_t segment_count;
    struct segment segments[SEGMENTS_MOST];
};

/* What a party wants done; every condition must hold. */
struct holder_policy {
    struct policy_id id;
    struct party_id party;
    struct recording_id recording; /* none: all recordings in which the party has a claim */
    int64_t version;
    enum policy_action action;
    size_t condition_count;
    struct condition conditions[CONDITIONS_MOST];
    struct territory_set territories;
    size_t app_count; /* none: every app */
    const struct app_id *apps;
    size_t except_app_count; /* in these it does not hold, whatever `apps` says */
    const struct app_id *except_apps;
    struct party_id source; /* who told it; none: the party itself, or the operator */
    struct instant from, until;
    struct instant known;
};

/* "seconds > 30 & percent_of_upload >= 50", "seconds in 30-60+90-120 > 10"; the empty text is no
 * condition.
 * errors  INVALID the text names the part; LIMIT more than CONDITIONS_MOST or SEGMENTS_MOST */
MUST_USE enum code conditions_parse(struct str text, struct condition out[CONDITIONS_MOST],
                                    size_t *count, struct error *e);
bool condition_equal(const struct condition *a, const struct condition *b);
/* Of all its segments. */
int64_t condition_segments_ms(const struct condition *c);
void conditions_format(const struct condition *conditions, size_t count, struct buf *out);

/* "12.5" for 1250000000: an integer of 10^-8 without trailing zeros. */
void e8_format(int64_t value_e8, struct buf *out);

#endif
