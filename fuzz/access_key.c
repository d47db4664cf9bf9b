/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller shows as its key: read, and admitted only where it is the key's own text. */
#include <stdlib.h>
#include <strings.h>

#include "access/access.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static const uint8_t master[ACCESS_MASTER] = { 1 };
    struct str text = { (const char *)bytes, count };
    struct app_key k = { .generation = 1, .until = INSTANT_NEVER };
    char own[ACCESS_KEY_TEXT];
    struct error e = { 0 };
    if (access_key_read(text, &k.id, &e) != OK) {
        if (!e.text[0])
            abort();
        return 0;
    }
    access_key_text(&k, master, own);
    bool admitted = access_key_admit(&k, master, text, (struct instant) { 0 }, &e) == OK;
    /* hex digits may be upper case; nothing else may differ */
    bool same = count == strlen(own) && strncasecmp(own, text.at, count) == 0;
    if (admitted && !same)
        abort();
    if (access_key_admit(&k, master, str_of(own), (struct instant) { 0 }, &e) != OK)
        abort();
    return 0;
}
