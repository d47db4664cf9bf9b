/* SPDX-License-Identifier: Apache-2.0 */
/* Which elements are read, under which parents, into which members. Inside ddex only. */
#ifndef LICET_DDEX_SHAPES_H
#define LICET_DDEX_SHAPES_H

#include "ddex/message.h"

#define ROW(name) N_##name,
enum ern_name {
#include "ddex/names.def"
    N_COUNT
};
#undef ROW
extern const char *const ern_names[N_COUNT];

enum shape_act {
    ACT_NONE,
    ACT_INTO,   /* its children belong to what its parent is read into */
    ACT_RECORD, /* a record of its own */
    ACT_GROUP,  /* a struct in a list of the one around it */
    ACT_TEXT,   /* a text; children, if any, as for INTO */
    ACT_TEXTS,  /* one of several texts */
};

enum shape {
    SHAPE_NONE,
    SHAPE_MESSAGE,
    SHAPE_HEADER,
    SHAPE_WHO,
    SHAPE_WHO_ID,
    SHAPE_NAME,
    SHAPE_PARTY_LIST,
    SHAPE_PARTY,
    SHAPE_PARTY_ID,
    SHAPE_PARTY_NAME,
    SHAPE_RESOURCE_LIST,
    SHAPE_RECORDING,
    SHAPE_RECORDING_ID,
    SHAPE_TITLE,
    SHAPE_ARTIST,
    SHAPE_ARTIST_NAME,
    SHAPE_EDITION,
    SHAPE_TECHNICAL,
    SHAPE_DELIVERY,
    SHAPE_REGION,
    SHAPE_REGION_TITLE,
    SHAPE_REGION_ARTIST,
    SHAPE_REGION_ARTIST_NAME,
    SHAPE_REGION_TECHNICAL,
    SHAPE_REGION_DELIVERY,
    SHAPE_CONTROLLER,
    SHAPE_CONTROLLER_ID,
    SHAPE_CONTROLLER_NAME,
    SHAPE_DELEGATION,
    SHAPE_PERIOD,
    SHAPE_FILE,
    SHAPE_HASH,
    SHAPE_CLIP,
    SHAPE_CLIP_DELIVERY,
    SHAPE_TIMING,
    SHAPE_RESOURCE,
    SHAPE_RELEASE_LIST,
    SHAPE_RELEASE,
    SHAPE_RELEASE_ID,
    SHAPE_RELEASE_TITLE,
    SHAPE_RELEASE_REGION,
    SHAPE_RESOURCE_GROUP,
    SHAPE_DEAL_LIST,
    SHAPE_RELEASE_DEAL,
    SHAPE_DEAL,
    SHAPE_DEAL_TERMS,
    SHAPE_USAGE,
    SHAPE_POLICY,
    SHAPE_CONDITION,
    SHAPE_SEGMENT,
    SHAPE_VISIBILITY,
    SHAPE_PURGE,
    SHAPE_PURGE_ID,
    SHAPE_BATCH_ITEM,
    SHAPE_BATCH_HASH,
    SHAPE_COUNT
};

struct shape_member {
    uint8_t shape, act, to;
    uint16_t name, offset;
    uint16_t size; /* of a GROUP's struct; of a RECORD: its kind */
};

/* The member for `name` in `shape`, or NULL. For the reader of XML. */
const struct shape_member *shape_member(enum shape shape, enum ern_name name);
/* The same through every INTO: for the reader of what the child sends. */
const struct shape_member *shape_member_deep(enum shape shape, enum ern_name name);
/* The member that makes records of `name`, or NULL. */
const struct shape_member *shape_record(enum ern_name name);

size_t ern_kind_size(enum ern_kind kind);

#endif
