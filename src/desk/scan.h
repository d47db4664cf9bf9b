/* SPDX-License-Identifier: Apache-2.0 */
/* All figures come from here: one pass over the journal, folded into cases. Inside desk, and for
 * whoever expands a figure: each case names the event that decided it. */
#ifndef LICET_DESK_SCAN_H
#define LICET_DESK_SCAN_H

#include "desk/records.h"

struct scan_case {
    uint8_t item[ID_BYTES];
    uint32_t notice, sender; /* in their lists */
    uint32_t complaint;      /* the last one's number + 1; 0: none */
    uint8_t reason;          /* enum reason_code */
    uint8_t class;           /* enum item_class */
    uint8_t regime, channel, kind;
    bool accepted, put_back, automatic, automatic_detected;
    bool second;         /* a second person confirmed */
    uint8_t back_by;     /* enum item_event of the put-back */
    int64_t seq;         /* of the decision in force: accepted or turned down */
    int64_t decided_us;  /* when that was */
    int64_t first_us;    /* from receipt to the first decision */
    int64_t back_seq;    /* of the put-back; 0: none */
    int64_t back_us;     /* when that was */
    int64_t counter_seq; /* of the counter-notice; 0: none */
    int64_t counter_us;
};
struct scan_notice {
    uint8_t id[ID_BYTES];
    int64_t seq, received_us;
    uint32_t sender, items, decided, by_person; /* decided: of the items; those by a person */
    uint8_t channel, regime;
    bool trusted;
    char country[2]; /* of the authority, where one ordered */
};
struct scan_sender {
    uint8_t id[ID_BYTES];
    int64_t received, accepted, turned_down, countered, put_back;
};

/* Times to the first decision in milliseconds. */
struct scan_times {
    int64_t count, p50, p90, p99;
};

enum scan_outcome { OUTCOME_OPEN, OUTCOME_UPHELD, OUTCOME_REVERSED, OUTCOME_PARTLY, OUTCOME_NONE };
/* A complaint, or a dispute before a body out of court. */
struct scan_complaint {
    uint32_t number;  /* of its case */
    bool by_sender;   /* against a refusal; else the uploader's against a restriction */
    bool implemented; /* a dispute's outcome was */
    uint8_t outcome;  /* enum scan_outcome; NONE: ended without a decision */
    int64_t seq, opened_us, decided_seq, decided_us;
};
/* Something that has an event and nothing else to it: a suspension. */
struct scan_mark {
    int64_t seq, at_us;
    uint8_t kind; /* enum scan_mark_kind */
};
enum scan_mark_kind { MARK_SENDER_SUSPENDED, MARK_SENDER_WARNED, MARK_UPLOADER_SUSPENDED };

struct scan {
    struct instant from, until;
    struct journal_head head;
    struct scan_case *cases;     /* in the order of item ids */
    struct scan_notice *notices; /* in the order of their receipt */
    struct scan_sender *senders; /* in the order of their ids */
    struct scan_complaint *complaints, *disputes;
    struct scan_mark *marks;
    size_t case_count, notice_count, sender_count, complaint_count, dispute_count, mark_count;
    int64_t requests, accepted, turned_down, put_back, undecided, events, countered;
    int64_t by_reason[REASON_COUNT];
    int64_t *values;                          /* of every figure: desk_figure_value */
    struct scan_times times[CLASS_COUNT + 1]; /* by class; the last: all */
};

/* Notices received in [from, until), and what became of their items up to the journal's head. */
MUST_USE enum code desk_scan(struct store_tx *tx, struct instant from, struct instant until,
                             struct scan *out, struct error *e);
void desk_scan_done(struct scan *s);
#define SCAN(name) __attribute__((cleanup(desk_scan_done))) struct scan name = { 0 }

/* A member's text in canonical JSON: the first "name":"..." */
struct str scan_text(struct str json, const char *name);

/* The members of an event's `after` that figures are made of, in one pass; absent ones are empty.
 * False: it is not an object of the form that the journal writes. */
struct scan_fields {
    struct str sender, channel, regime, notice, event, from, to, reason, by, class, kind, upload,
        decision, territories, country, outcome, rule;
    int64_t items, received;
    bool trusted, second, evidence, implemented;
};
bool scan_fields(struct str json, struct scan_fields *out);

/* ---- the dossier: docs/formats/dossier.md ---- */

struct dossier_options {
    struct instant from, until;
    /* public randomness drawn after the period closed; NULL: the seed is the root's alone, which who
     * writes the journal can try out: the dossier says so */
    const char *beacon;
    size_t sample;               /* cases shown in full */
    const uint8_t *secret, *key; /* ed25519 of the journal */
};
/* Of a scan of the same period that is there already, and with a scan of its own. */
MUST_USE enum code desk_dossier_of(struct store_tx *tx, const struct scan *s,
                                   const struct dossier_options *o, struct buf *out,
                                   struct error *e);
MUST_USE enum code desk_dossier_write(struct store_tx *tx, const struct dossier_options *o,
                                      struct buf *out, struct error *e);

/* What a dossier without public randomness says of its sample. */
#define DOSSIER_NO_BEACON                                                                          \
    "no beacon: the seed is the operator's own, who could have tried several and kept one"

struct dossier_report {
    bool beacon; /* the seed is made of public randomness too */
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
