/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that apply a message share. Inside ddex only. */
#ifndef LICET_DDEX_APPLY_H
#define LICET_DDEX_APPLY_H

#include "ddex/deals.h"
#include "ddex/import.h"
#include "licence/licence.h"

enum { ANCHORS_MOST = 100000, RECORDINGS_OF_RELEASE_MOST = 10000 };

/* References of a message ("A1") and what they stand for; open addressing. */
struct anchors {
    struct anchor {
        const char *reference;
        void *thing;
    } * slots;
    size_t count, room;
};
void *anchors_find(const struct anchors *t, const char *reference);
/* False: it is there already. */
bool anchors_add(struct anchors *t, struct arena *a, const char *reference, void *thing);

/* A party of the message; in the registry only once something is said of it. */
struct person {
    const char *dpid, *isni, *ipi, *own, *name;
    uint32_t line;
    struct party_id id;
};

struct apply {
    const struct registry_act *act;
    const struct ern_options *options;
    struct ern_report *report;
    struct arena *arena;  /* of the message */
    struct arena scratch; /* of one record */
    struct kept_scope scope;
    struct ern_partner partner;
    struct party_id holder; /* whose deals they are: on whose behalf, or the sender */
    const char *holder_name;
    bool has_header, is_purge, is_manifest, is_test, skips; /* skips: nothing is applied */
    struct kept_message before;                             /* of the same MessageId */
    bool has_before;
    struct anchors people, resources, releases, visibilities;
    struct deal_lookup lookup;
    struct release_row *first, *last;
};

/* A recording of the message. */
struct resource_row {
    bool is_recording;
    struct recording_id id;
    const char *isrc, *title;
    int64_t clip_ms; /* of its stand-alone clip; 0: none */
};

/* From when on previews may be heard where. */
struct visibility {
    struct territory_set where;
    bool has_clip;
    struct instant clip_from;
};

struct visible { /* a reference to one */
    const char *reference;
    uint32_t line;
};

/* A release of the message, and what its deals grant. */
struct release_row {
    struct release_row *next;
    const char *key; /* "release:icpn:..." */
    const char *title;
    uint32_t line;
    bool stale, is_clip, is_track;
    struct visible *visible;
    size_t visible_count;
    const struct resource_row **recordings;
    size_t count;
    struct grants grants;
};

MUST_USE enum code note(struct apply *p, struct error *e, enum ern_rule rule, uint32_t line,
                        const char *element, const char *format, ...) FORMAT(6, 7);
void tell_change(struct apply *p, enum ern_change_kind kind, enum ern_thing thing, const char *id,
                 const char *subject, const char *before, const char *after, uint32_t line);

/* ---- people.c ---- */

struct person *person_of(struct apply *p, const struct ern_who *who, uint32_t line);
/* The party in the registry, made where it is not there. */
MUST_USE enum code person_party(struct apply *p, struct person *who, struct party_id *out,
                                struct error *e);
/* Is it there? Nothing is made. */
MUST_USE enum code person_find(struct apply *p, struct person *who, bool *found, struct error *e);
const char *person_word(const struct person *who); /* what it calls itself: DPID, id or name */

/* ---- reconcile.c ---- */

/* One record that a message wants to be there. */
struct wanted {
    enum ern_thing thing; /* claim, policy or licence */
    void *record;         /* struct claim, holder_policy, licence */
    const char *content;  /* words, tab, pair key */
    const char *subject;
    uint32_t line;
    bool done;
};

/* Make what stands under `thing` of this sender what is wanted, and nothing else: the same stays,
 * one of the same key changes, the rest ends. */
MUST_USE enum code reconcile(struct apply *p, const char *thing, struct wanted *wanted,
                             size_t count, struct error *e);

/* ---- previews.c ---- */

enum { PREVIEWS_OF_RELEASE_MOST = 64 };
/* "45.5", or a duration. */
bool clip_seconds_ms(const char *text, int64_t *ms);
/* The first preview whose timing is told; one that is there stays. */
MUST_USE enum code previews_read(struct apply *p, const struct ern_list *clips,
                                 struct preview_wish *wish, struct error *e);
MUST_USE enum code previews_keep(struct apply *p, const struct resource_row *row,
                                 const struct preview_wish *wish, uint32_t line, struct error *e);
MUST_USE enum code apply_visibility(struct apply *p, const struct ern_visibility *v,
                                    struct error *e);
void previews_of_release(struct apply *p, const struct ern_release *r, struct release_row *row);
/* What may be heard of the recording before the first deal of each territory begins. */
MUST_USE enum code previews_before(struct apply *p, const struct release_row *row,
                                   const struct resource_row *of,
                                   struct grant out[PREVIEWS_OF_RELEASE_MOST], size_t *count,
                                   struct error *e);

/* ---- claims.c, grants.c ---- */

MUST_USE enum code apply_recording(struct apply *p, const struct ern_recording *r, struct error *e);
/* Of a message that came before: its files, and nothing else. */
MUST_USE enum code apply_files_only(struct apply *p, const struct ern_recording *r,
                                    struct error *e);
MUST_USE enum code apply_release(struct apply *p, enum ern_kind kind, const struct ern_release *r,
                                 struct error *e);
MUST_USE enum code apply_deals(struct apply *p, const struct ern_release_deal *d, struct error *e);
MUST_USE enum code apply_purge(struct apply *p, const struct ern_purge *d, struct error *e);
/* At the end: what the deals of each release grant. */
MUST_USE enum code apply_releases(struct apply *p, struct error *e);

#endif
