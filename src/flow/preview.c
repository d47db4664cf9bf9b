/* SPDX-License-Identifier: Apache-2.0 */
/* Where in an upload the seconds are that a holder wants as the recording's preview. */
#include "flow/preview.h"

#include "ddex/ddex.h"

/* The place of the wish in the upload; false: it begins in a part that is not heard. */
static bool place_of(const struct preview_place *m, const struct preview_wish *wish,
                     int64_t usual_ms, const struct upload *u, struct media_preview *out)
{
    int64_t whole = m->reference_to_ms - m->reference_from_ms;
    if (whole <= 0 || wish->start_ms < m->reference_from_ms || wish->start_ms >= m->reference_to_ms)
        return false;
    int64_t start = m->upload_from_ms +
                    (int64_t)((__int128)(wish->start_ms - m->reference_from_ms) *
                              (m->upload_to_ms - m->upload_from_ms) / whole);
    int64_t length = wish->length_ms ? wish->length_ms : usual_ms, left = u->duration_ms - start;
    if (start < 0 || left <= 0)
        return false;
    *out = (struct media_preview) { start, length < left ? length : left, PREVIEW_INSTRUCTION };
    return true;
}

enum code preview_obey(struct world *w, struct store_tx *tx, const struct preview_place *places,
                       size_t count, struct upload *u, bool *changed, struct error *e)
{
    int64_t seconds;
    *changed = false;
    TRY(settings_int(w->settings, "media.preview_seconds", 1, 600, &seconds, e));
    for (size_t i = 0; i < count; i++) {
        struct preview_wish wish;
        struct media_preview p;
        TRY(ern_preview_of(tx, w->catalogue, places[i].recording, &wish, e));
        if (!wish.given || !place_of(&places[i], &wish, 1000 * seconds, u, &p))
            continue;
        *changed = u->preview.rule != p.rule || u->preview.start_ms != p.start_ms ||
                   u->preview.length_ms != p.length_ms;
        u->preview = p;
        return OK;
    }
    return OK;
}
