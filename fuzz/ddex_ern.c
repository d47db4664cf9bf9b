/* SPDX-License-Identifier: Apache-2.0 */
/* A message: XML through the scanner, and what it sends through the reader of it. */
#include <stdlib.h>

#include "ddex/ddex.h"

static enum code take_one(void *context, enum ern_kind kind, const void *record, struct error *e)
{
    (void)e;
    if (kind >= ERN_KIND_COUNT || !record)
        abort();
    ++*(size_t *)context;
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    size_t records = 0;
    const struct ern_sink sink = { &records, take_one };
    struct ern_read read;
    struct error e = { 0 };
    enum code code = ern_read_here((struct str) { (const char *)bytes, count }, &sink, &read, &e);
    if (code == ERR_CORRUPT)
        abort(); /* what the scanner sends, the reader understands */
    if (code != OK && !e.text[0])
        abort();
    return 0;
}
