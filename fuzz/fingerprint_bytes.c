/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprint files of both forms: what is read is written back the same. */
#include <stdlib.h>

#include "fingerprint/fingerprint.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    BUF(again);
    owned(fingerprint) fp = NULL;
    owned(fp_query) q = NULL;
    struct error e;
    if (fingerprint_decode(bytes, count, &fp, &e) == OK
        && (fingerprint_encode(fp, &again, &e) != OK || again.length != count))
        abort();
    buf_clear(&again);
    if (fp_query_decode(bytes, count, &q, &e) == OK) {
        owned(fingerprint) from = NULL;
        if (fp_query_encode(q, &again, &e) != OK || again.length != count
            || memcmp(again.bytes, bytes, count) != 0
            || fp_query_fingerprint(q, &from, &e) != OK)
            abort();
    }
    return 0;
}
