/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a message. Part of ddex's door. */
#ifndef LICET_DDEX_REPORT_H
#define LICET_DDEX_REPORT_H

#include "ddex/rules.h"
#include "registry/registry.h"

#define ERN_OUTCOMES(ROW)                                                                          \
    ROW(ERN_IMPORTED, "imported")                                                                  \
    ROW(ERN_TESTED, "tested")     /* a TestMessage: tried, nothing kept */                         \
    ROW(ERN_KNOWN, "known")       /* the same message came before */                               \
    ROW(ERN_REFUSED, "refused")   /* by report.refusal */                                          \
    ROW(ERN_MANIFEST, "manifest") /* not a message: the list of a delivery */
#define MEMBER(outcome, word) outcome,
enum ern_outcome { ERN_OUTCOMES(MEMBER) ERN_OUTCOME_COUNT };
#undef MEMBER
const char *ern_outcome_word(enum ern_outcome o);

#define ERN_THINGS(ROW)                                                                            \
    ROW(ERN_THING_PARTY, "party")                                                                  \
    ROW(ERN_THING_RECORDING, "recording")                                                          \
    ROW(ERN_THING_CLAIM, "claim")                                                                  \
    ROW(ERN_THING_RELEASE, "release")                                                              \
    ROW(ERN_THING_POLICY, "policy")                                                                \
    ROW(ERN_THING_LICENCE, "licence")
#define MEMBER(thing, word) thing,
enum ern_thing { ERN_THINGS(MEMBER) ERN_THING_COUNT };
#undef MEMBER
const char *ern_thing_word(enum ern_thing t);

enum ern_change_kind { ERN_SAME, ERN_ADDED, ERN_CHANGED, ERN_ENDED, ERN_CHANGE_COUNT };
const char *ern_change_word(enum ern_change_kind c); /* "same", "added", ... */

/* One difference: a record that was, or would be, added, changed or ended. */
struct ern_change {
    enum ern_change_kind kind;
    enum ern_thing thing;
    const char *id;      /* "pol_..." */
    const char *subject; /* what it is about: "XXLHR2600001 First Light" */
    const char *before;  /* in words; NULL where there was none */
    const char *after;   /* NULL where it ends */
    uint32_t line;       /* of the message; 0 where it says nothing of it */
};

/* A file that the message says belongs to a recording. */
struct ern_audio {
    struct recording_id recording;
    const char *isrc, *title;
    const char *path;             /* relative to the message */
    const char *hash, *algorithm; /* NULL where the message gives none */
    uint32_t line;
};

/* A line of a manifest. */
struct ern_listed {
    const char *id, *path, *hash, *algorithm;
    uint32_t line;
};

enum { ERN_NOTES_MOST = 1000, ERN_AUDIO_MOST = 10000, ERN_LISTED_MOST = 10000 };

struct ern_report {
    struct arena *arena; /* the caller's: all texts are in it */
    enum ern_outcome outcome;
    struct ern_note refusal; /* when it was refused */
    const char *sender, *message, *version, *kind;
    struct instant created;
    struct ern_note *notes; /* left out and told, in the order of the message */
    size_t note_count, notes_dropped;
    size_t counts[ERN_THING_COUNT][ERN_CHANGE_COUNT];
    struct ern_audio *audio;
    size_t audio_count;
    struct ern_listed *listed;
    size_t listed_count;
    uint64_t bytes;
    size_t note_room, audio_room, listed_room;
};

/* A rule holds: REFUSED returns INVALID and is kept as the refusal; else OK, and it is noted.
 * `e` has the sentence. */
enum code ern_report_note(struct ern_report *r, struct error *e, enum ern_rule rule, uint32_t line,
                          const char *element, const char *format, ...) FORMAT(6, 7);

/* Canonical JSON, the same on the command line and on the API. `changes`: objects of
 * ern_change_json with commas between them, already made. */
void ern_change_json(const struct ern_change *c, struct json_out *o);
void ern_report_json(const struct ern_report *r, const char *file, bool dry_run, struct str changes,
                     struct json_out *o);

#endif
