/* SPDX-License-Identifier: Apache-2.0 */
/* Terms: what is read is written so that it reads back as the same text. */
#include <stdlib.h>

#include "licence/terms.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    ARENA(a);
    BUF(once);
    BUF(twice);
    BUF(difference);
    struct terms t, again;
    struct terms_problems problems;
    struct error e;
    if (terms_parse((struct str) { (const char *)bytes, count }, &a, &t, &problems, &e) != OK)
        return 0;
    terms_format(&t, &once);
    if (terms_parse(buf_as_str(&once), &a, &again, &problems, &e) != OK)
        abort();
    terms_format(&again, &twice);
    if (!str_equal(buf_as_str(&once), buf_as_str(&twice)))
        abort();
    terms_diff(&t, &again, &difference);
    if (difference.length)
        abort(); /* the same terms do not differ */
    return 0;
}
