/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprint files of both forms: what is read is written back the same. As they are, and with
 * count and checksum mended, since a fuzzer would hardly get past those. */
#include <stdlib.h>

#include "fingerprint/fingerprint.h"

#define HEAD 32
#define TAIL 8

/* the sizes of an item are the file's own: 17 bytes a word, FP_FINE a row */
static void mend(uint8_t *bytes, size_t count)
{
    uint32_t item = bytes[6] == 'q' ? FP_FINE : 17;
    uint64_t items = (count - HEAD - TAIL) / item;
    memcpy(bytes + 12, &item, sizeof item);
    memcpy(bytes + 16, &items, sizeof items);
    uint64_t sum = fp_checksum(bytes, count - TAIL);
    memcpy(bytes + count - TAIL, &sum, sizeof sum);
}

static void read_back(const uint8_t *bytes, size_t count)
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
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    read_back(bytes, count);
    if (count < HEAD + TAIL)
        return 0;
    uint8_t *own = malloc(count);
    if (!own)
        return 0;
    memcpy(own, bytes, count);
    mend(own, count);
    read_back(own, count);
    free(own);
    return 0;
}
