/* SPDX-License-Identifier: Apache-2.0 */
/* What the confined reader sends: frames of { u32 kind, u32 length, payload }, native byte order.
 *
 * A record's payload is items one after the other, each { u16 op and name, u16 length, u32 line,
 * bytes }: OPEN and CLOSE of the record and of the groups in it, TEXTs, and ATTRIBUTES of the item
 * that follows. Inside ddex only. */
#ifndef LICET_DDEX_WIRE_H
#define LICET_DDEX_WIRE_H

#include "ddex/rules.h"
#include "ddex/shapes.h"

enum wire_kind {
    WIRE_RECORD = 1, /* items */
    WIRE_REFUSED,    /* struct ern_note */
    WIRE_END,        /* struct wire_end */
    WIRE_FAILED,     /* struct wire_failed */
};

enum {
    WIRE_RECORD_BYTES_MOST = 1 << 20, /* a record's payload */
    WIRE_TEXT_BYTES_MOST = 8192,      /* one text; longer ones refuse the message */
};

struct wire_header {
    uint32_t kind, length;
};

struct wire_end {
    uint64_t bytes, records; /* of XML read; of records sent */
};

/* Not the message's fault: it cannot be read, or has too many bytes. */
struct wire_failed {
    uint32_t code; /* enum code */
    char text[512];
};

enum wire_op { WIRE_OPEN, WIRE_CLOSE, WIRE_TEXT, WIRE_ATTRIBUTE };
enum wire_attribute {
    ATTRIBUTE_ONE_IS_WHOLE, /* "true" or "false" */
    ATTRIBUTE_USER_VALUE,
    ATTRIBUTE_NAMESPACE,
    ATTRIBUTE_COUNT
};

struct wire_item {
    uint16_t op_name; /* op << 12 | name, or attribute */
    uint16_t length;
    uint32_t line;
};

#endif
