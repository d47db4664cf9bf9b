/* SPDX-License-Identifier: Apache-2.0 */
/* The door of licence: what a holder grants to which networks, where and until when. */
#ifndef LICET_LICENCE_LICENCE_H
#define LICET_LICENCE_LICENCE_H

#include "registry/registry.h"

/* A simple grant. A grant of `stream` covers a preview, which is a part of it. */
struct licence {
    struct licence_id id;
    struct party_id licensor;
    struct recording_id recording; /* none: everything in which the licensor has a claim */
    int64_t version;
    const char *name;     /* the document it stands in: "Label A 2026, schedule 1" */
    size_t network_count; /* none: every network of the operator */
    const struct network_id *networks;
    size_t app_count; /* none: every app */
    const struct app_id *apps;
    struct territory_set territories;
    unsigned uses, models; /* bits: USE_BIT, MODEL_BIT */
    struct instant from, until;
    int64_t clip_seconds; /* 0: in full; else a stream is granted as a clip of so many seconds */
};

/* Files of licences, for registry_import (docs/formats/catalogue-csv.md). */
extern const struct import_kind import_licences;

#include "licence/records.h"
#include "licence/terms.h"
/* behind the others: it stands on both */
#include "licence/deals.h"

#endif
