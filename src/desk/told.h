/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's events as figures need them: read and taken apart by several threads, handed on in
 * their order. Inside desk only. */
#ifndef LICET_DESK_TOLD_H
#define LICET_DESK_TOLD_H

#include "desk/scan.h"

enum told_what {
    TOLD_DECIDED,
    TOLD_MOVED,
    TOLD_RECEIVED,
    TOLD_ORDER,
    TOLD_DISPUTE_OPENED,
    TOLD_DISPUTE_DECIDED,
    TOLD_SENDER_SUSPENDED,
    TOLD_SENDER_WARNED,
    TOLD_UPLOADER_SUSPENDED
};

struct told {
    int64_t seq, at_us;
    int64_t received_us;       /* of the notice, in a decision */
    uint8_t subject[ID_BYTES]; /* the item; of RECEIVED the notice */
    uint8_t of[ID_BYTES];      /* its notice; of RECEIVED the sender */
    uint32_t items;
    uint8_t what;  /* enum told_what */
    uint8_t event; /* enum item_event, of DECIDED, and of what is told of MOVED */
    uint8_t to, reason, class, kind, channel, regime, outcome;
    bool from_complaint, by_sender, automatic, second, evidence, trusted, implemented;
    char country[2];
};

struct told_reader;
/* Events 1 to `size`; of another period than [from, until) they are left out. */
MUST_USE enum code told_open(struct store_tx *tx, int64_t size, struct instant from,
                             struct instant until, struct told_reader **out, struct error *e);
/* The next ones, until *count is 0: borrowed until the next call. */
MUST_USE enum code told_next(struct told_reader *r, const struct told **list, size_t *count,
                             struct error *e);
void told_reader_free(struct told_reader *r);
OWNED_BY(told_reader)

#endif
