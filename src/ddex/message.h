/* SPDX-License-Identifier: Apache-2.0 */
/* What an ERN message says, as plain structs: texts as they stand, each with its line.
 *
 * One table (shapes.c) says which elements of which parents are read into which member; the
 * confined reader uses it to leave out the rest, and the program to read what the child sends.
 * Versions 3.8, 4.1, 4.2 and 4.3 put the same things under different parents; here they are one.
 * Texts end with NUL and live in the arena of the record. */
#ifndef LICET_DDEX_MESSAGE_H
#define LICET_DDEX_MESSAGE_H

#include "base/base.h"

struct ern_text {
    const char *text; /* NULL: it is not there */
    uint32_t line;
    bool one_is_whole;        /* HasMaxValueOfOne */
    const char *user, *space; /* UserDefinedValue, Namespace; NULL where absent */
};

struct ern_texts {
    struct ern_text *items;
    size_t count, room;
};

/* A list of structs; what of, its member says. */
struct ern_list {
    void *items;
    size_t count, room;
};
#define ERN_AT(list, type, i) (&((const type *)(list).items)[i])

struct ern_who {
    uint32_t line;
    struct ern_text id, dpid, isni, ipi, own; /* id: a bare PartyId, as in headers and 3.8 */
    struct ern_text name;
};

struct ern_header {
    uint32_t line;
    struct ern_text root, space, profile; /* NewReleaseMessage, http://ddex.net/xml/ern/43 */
    struct ern_text thread, id, created, control;
    struct ern_list senders, behalves, recipients; /* struct ern_who */
};

struct ern_party {
    uint32_t line;
    struct ern_text reference;
    struct ern_who who;
};

struct ern_period {
    uint32_t line;
    struct ern_text start, start_time, end, end_time;
};

struct ern_delegation {
    uint32_t line;
    struct ern_texts uses, territories, excluded;
    struct ern_list periods;
};

struct ern_controller {
    uint32_t line;
    struct ern_text reference;
    struct ern_who who; /* 3.8 names the party in place */
    struct ern_texts roles;
    struct ern_text share, unknown;
    struct ern_list delegations;
    struct ern_texts territories, excluded;
    struct ern_period period;
};

struct ern_file {
    uint32_t line;
    struct ern_text uri, name, path, size, hash, algorithm;
};

struct ern_timing {
    uint32_t line;
    struct ern_text start, end, duration;
};

struct ern_clip {
    uint32_t line;
    struct ern_text type, expression;
    struct ern_list timings, files;
    struct ern_timing timing; /* 3.8 has one, in place */
};

/* Of a whole recording, or of what 3.8 says of it by territory. */
struct ern_region {
    uint32_t line;
    struct ern_texts territories, excluded, titles, artists;
    struct ern_list controllers, files, clips;
};

struct ern_recording {
    uint32_t line;
    struct ern_text reference, type, isrc, own, duration;
    struct ern_region all;
    struct ern_list regions;
};

struct ern_resource { /* a video, an image: only that it is there */
    uint32_t line;
    struct ern_text reference;
};

struct ern_release_ids {
    struct ern_text grid, icpn, isrc, own, catalog;
};

enum ern_release_kind { ERN_RELEASE, ERN_TRACK_RELEASE, ERN_CLIP_RELEASE };

struct ern_release {
    uint32_t line;
    struct ern_text reference;
    struct ern_release_ids ids;
    struct ern_texts types, titles, artists, resources, visibilities;
};

struct ern_segment {
    uint32_t line;
    struct ern_text start, duration, end;
};

struct ern_condition {
    uint32_t line;
    struct ern_text value, unit, creation, relator, measurement;
    struct ern_list segments, exceptions; /* struct ern_segment, struct ern_who */
};

struct ern_policy {
    uint32_t line;
    struct ern_text type;
    struct ern_list conditions;
};

struct ern_deal {
    uint32_t line;
    struct ern_text reference, takedown, cancelled, preorder, elsewhere, usages;
    struct ern_texts models, uses, interfaces, carriers, channel_types, territories, excluded;
    struct ern_list periods, channels, excluded_channels, policies;
    struct ern_text release_from, tracks_from, cover_from, clip_from;
};

struct ern_release_deal {
    uint32_t line;
    struct ern_texts releases;
    struct ern_list deals;
};

/* From when on what may be shown; ERN 4. */
struct ern_visibility {
    uint32_t line;
    struct ern_text reference;
    struct ern_texts territories, excluded;
    struct ern_text release_from, tracks_from, cover_from, clip_from;
};

struct ern_purge {
    uint32_t line;
    struct ern_release_ids ids;
};

struct ern_batch_item { /* of a manifest */
    uint32_t line;
    struct ern_text type, id, url, hash, algorithm;
};

/* kind, struct; in the order in which a message has them */
#define ERN_RECORDS(ROW)                                                                           \
    ROW(ERN_HEADER, struct ern_header, "MessageHeader")                                            \
    ROW(ERN_PARTY, struct ern_party, "Party")                                                      \
    ROW(ERN_RECORDING, struct ern_recording, "SoundRecording")                                     \
    ROW(ERN_RESOURCE, struct ern_resource, "resource")                                             \
    ROW(ERN_RELEASE_RECORD, struct ern_release, "Release")                                         \
    ROW(ERN_TRACK_RECORD, struct ern_release, "TrackRelease")                                      \
    ROW(ERN_CLIP_RECORD, struct ern_release, "ClipRelease")                                        \
    ROW(ERN_DEAL, struct ern_release_deal, "ReleaseDeal")                                          \
    ROW(ERN_VISIBILITY, struct ern_visibility, "ReleaseVisibility")                                \
    ROW(ERN_PURGE, struct ern_purge, "PurgedRelease")                                              \
    ROW(ERN_BATCH_ITEM, struct ern_batch_item, "MessageInBatch")
#define MEMBER(kind, type, name) kind,
enum ern_kind { ERN_RECORDS(MEMBER) ERN_KIND_COUNT };
#undef MEMBER

#endif
