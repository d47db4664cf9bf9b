/* SPDX-License-Identifier: Apache-2.0 */
/* All figures come from here: one pass over the journal, folded into cases. Inside desk, and for
 * whoever expands a figure: each case names the event that decided it. */
#ifndef LICET_DESK_SCAN_H
#define LICET_DESK_SCAN_H

#include "desk/records.h"

struct scan_case {
    uint8_t item[ID_BYTES];
    uint32_t notice, sender; /* in their lists */
    int64_t seq;             /* of the decision in force: accepted or turned down */
    int64_t first_us;        /* from receipt to the first decision */
    uint8_t reason;          /* enum reason_code */
    uint8_t class;           /* enum item_class */
    uint8_t regime, channel;
    bool accepted, put_back, automatic, automatic_detected;
    uint8_t countered, complained, reversed;
};
struct scan_notice {
    uint8_t id[ID_BYTES];
    int64_t seq, received_us;
    uint32_t sender, items;
    uint8_t channel, regime;
    bool trusted;
};
struct scan_sender {
    uint8_t id[ID_BYTES];
    int64_t received, accepted, turned_down, put_back;
};

struct scan {
    struct instant from, until;
    struct journal_head head;
    struct scan_case *cases;     /* in the order of item ids */
    struct scan_notice *notices; /* in the order of their receipt */
    struct scan_sender *senders; /* in the order of their ids */
    size_t case_count, notice_count, sender_count;
    int64_t requests, accepted, turned_down, put_back, undecided, events;
    int64_t by_reason[REASON_COUNT];
    int64_t countered, complained[2], upheld, reversed,
        reversed_partly; /* complaints: by uploader, sender */
    int64_t suspended_senders;
};

/* Notices received in [from, until), and what became of their items up to the journal's head. */
MUST_USE enum code desk_scan(struct store_tx *tx, struct instant from, struct instant until,
                             struct scan *out, struct error *e);
void desk_scan_done(struct scan *s);
#define SCAN(name) __attribute__((cleanup(desk_scan_done))) struct scan name = { 0 }

/* The time below which `per_mille` of the cases of a class (-1: all) were first decided, in
 * milliseconds; -1 where there are none. Trusted: 1 only those, 0 only others, -1 all. */
int64_t desk_scan_time_ms(const struct scan *s, int class, int per_mille, int64_t *count);

/* A member's text in canonical JSON: the first "name":"..." */
struct str scan_text(struct str json, const char *name);

/* ---- the dossier: docs/formats/dossier.md ---- */

struct dossier_options {
    struct instant from, until;
    const char *beacon; /* public randomness drawn after the period closed; NULL: from the root */
    size_t sample;      /* cases shown in full */
    const uint8_t *secret, *key; /* ed25519 of the journal */
};
MUST_USE enum code desk_dossier_write(struct store_tx *tx, const struct dossier_options *o,
                                      struct buf *out, struct error *e);

struct dossier_report {
    int64_t requests, notices, accepted, turned_down, put_back, undecided, sampled, size;
    int64_t by_reason[REASON_COUNT];
    uint8_t key[JOURNAL_KEY], root[JOURNAL_HASH];
};
/* Everything that can be checked without the database: signature, totals against the cases, the
 * sample against its seed, each sampled event against the root and against its case.
 * in      key  may be NULL: then the dossier's own key is believed
 * errors  CORRUPT with the first thing that does not check */
MUST_USE enum code desk_dossier_check(struct str text, const uint8_t *key,
                                      struct dossier_report *out, struct error *e);

/* Which cases a seed draws out of `count`: the checker computes the same. */
void dossier_sample(const uint8_t seed[32], size_t count, size_t *drawn, size_t *wanted);

#endif
