/* SPDX-License-Identifier: Apache-2.0 */
/* Waveform files: what is read is written back the same. */
#include <stdlib.h>

#include "audio/audio.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    ARENA(a);
    BUF(again);
    struct audio_peaks p;
    struct error e;
    if (audio_peaks_read((struct str) { (const char *)bytes, count }, &a, &p, &e) != OK)
        return 0;
    audio_peaks_write(&p, &again);
    if (again.length != count || memcmp(again.bytes, bytes, count) != 0)
        abort();
    return 0;
}
