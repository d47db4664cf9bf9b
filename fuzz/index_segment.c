/* SPDX-License-Identifier: Apache-2.0 */
/* Segments: damaged bytes are refused; those that pass for whole are scanned without a step beyond.
 * The checksums are mended first, since a fuzzer would hardly get past them. */
#include <stdlib.h>

#include "index/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct segment s;
    struct error e;
    uint8_t *own = calloc(1, count + 8);
    if (!own)
        return 0;
    if (count)
        memcpy(own, bytes, count);
    (void)!segment_view(own, count, true, &s, &e);
    if (count >= sizeof(struct segment_head)) {
        struct segment_head head;
        memcpy(&head, own, sizeof head);
        head.length = count;
        head.body_sum = fp_checksum(own + sizeof head, count - sizeof head);
        head.head_sum = fp_checksum(&head, sizeof head - 8);
        memcpy(own, &head, sizeof head);
    }
    if (segment_view(own, count, true, &s, &e) == OK && s.head->words < 1 << 16) {
        struct sketch *k = calloc(1, sizeof *k);
        struct candidates *found = calloc(1, sizeof *found);
        struct probe probes[FP_PARTS * 16];
        uint8_t *posts = calloc((size_t)s.head->words + 1, 1);
        if (k && found && posts) {
            k->count = SKETCH_WORDS;
            k->per_deviation = 0.01f;
            memset(k->fair, 0xff, sizeof k->fair);
            for (uint32_t i = 0; i < COUNT_OF(probes); i++)
                probes[i] = (struct probe) { i << 28, 0, (uint8_t)(i % SKETCH_WORDS),
                                             (uint8_t)(i % FP_PARTS) };
            segment_probe(&s, k, 1, probes, COUNT_OF(probes), found);
            segment_scan(&s, k, found);
            segment_posts(&s, posts);
            if (s.head->words && s.head->recordings)
                segment_recording_at(&s, (uint32_t)s.head->words - 1);
        }
        free(k);
        free(found);
        free(posts);
    }
    free(own);
    return 0;
}
