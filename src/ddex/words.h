/* SPDX-License-Identifier: Apache-2.0 */
/* What the confined reader sends, read again: every length, name and nesting is checked.
 *
 * Pure: bytes in pieces of any size in, records out. Inside ddex only. */
#ifndef LICET_DDEX_WORDS_H
#define LICET_DDEX_WORDS_H

#include "ddex/wire.h"

struct words_sink {
    void *context;
    /* A record, of the struct that its kind says (ERN_RECORDS); it lives until the return. A code
     * other than OK ends the reading with it. */
    enum code (*record)(void *context, enum ern_kind kind, const void *record, struct error *e);
};

struct words {
    const struct words_sink *sink;
    struct arena arena; /* of the record at hand */
    struct wire_end end;
    bool ended, refused;
    struct ern_note note; /* where it was refused */
    size_t have;          /* bytes of the frame at hand */
    struct wire_header header;
    struct buf payload;
};

void words_init(struct words *w, const struct words_sink *sink);
void words_done(struct words *w);

/* errors  CORRUPT the bytes make no sense; LIMIT a record grows over what one may; the sink's */
MUST_USE enum code words_feed(struct words *w, const uint8_t *bytes, size_t count, struct error *e);
/* One frame, already whole. */
MUST_USE enum code words_take(struct words *w, enum wire_kind kind, const void *payload,
                              size_t length, struct error *e);
/* After the last byte.
 * errors  CORRUPT it ended early; INVALID the message was refused: w->note says where and why */
MUST_USE enum code words_finish(struct words *w, struct error *e);

#endif
