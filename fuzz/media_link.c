/* SPDX-License-Identifier: Apache-2.0 */
/* Links: nothing but what was sealed here is taken, and that is one text only. */
#include <stdlib.h>

#include "media/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static const uint8_t keys[1][LINK_KEY_BYTES] = { { 1, 2, 3 } };
    const struct instant now = { 1800000000LL * 1000000 };
    struct str text = { (const char *)bytes, count };
    struct media_link link;
    char again[LINK_TEXT];
    if (media_link_check(keys, 1, text, now, &link) == LINK_FORGED)
        return 0;
    media_link_make(keys[0], &link, again);
    if (!str_is(text, again) && !str_is(text, again + 3))
        abort();
    return 0;
}
