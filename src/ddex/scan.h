/* SPDX-License-Identifier: Apache-2.0 */
/* XML to records: the only part of the house that knows libxml2. Runs in the confined child.
 *
 * It goes through the message once, by libxml2's push parser (docs/decisions/0070), and keeps
 * nothing but the record at hand: memory does not grow with the message. Inside ddex only. */
#ifndef LICET_DDEX_SCAN_H
#define LICET_DDEX_SCAN_H

#include "ddex/wire.h"

struct scan;

struct scan_out {
    void *context;
    /* One frame. A code other than OK ends the scan with it. */
    enum code (*frame)(void *context, enum wire_kind kind, const void *payload, size_t length,
                       struct error *e);
};

/* Once per process, before the first scan. */
void scan_warm(void);
/* errors  MEMORY */
MUST_USE enum code scan_new(const struct scan_out *out, struct scan **scan, struct error *e);
void scan_free(struct scan *s);
OWNED_BY(scan)

/* The next bytes of the message. A refusal is sent as WIRE_REFUSED and sets *refused: feed no more.
 * errors  those of out->frame */
MUST_USE enum code scan_feed(struct scan *s, const char *bytes, size_t count, bool *refused,
                             struct error *e);
/* After the last byte: the end is sent, or the refusal. */
MUST_USE enum code scan_end(struct scan *s, bool *refused, struct error *e);

#endif
