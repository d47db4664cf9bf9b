/* SPDX-License-Identifier: Apache-2.0 */
/* What a confined reader that was taken over might send: nothing of it is believed. */
#include <stdlib.h>

#include "ddex/words.h"

static enum code take_one(void *context, enum ern_kind kind, const void *record, struct error *e)
{
    (void)context;
    (void)e;
    if (kind >= ERN_KIND_COUNT || !record)
        abort();
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const struct words_sink sink = { NULL, take_one };
    struct words w;
    struct error e = { 0 };
    words_init(&w, &sink);
    size_t step = count ? 1 + bytes[0] : 1;
    enum code code = OK;
    for (size_t at = 0; at < count && code == OK; at += step)
        code = words_feed(&w, bytes + at, count - at < step ? count - at : step, &e);
    if (code == OK)
        code = words_finish(&w, &e);
    if (code != OK && !e.text[0])
        abort();
    words_done(&w);
    return 0;
}
