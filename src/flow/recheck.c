/* SPDX-License-Identifier: Apache-2.0 */
/* The index of uploads is asked with a reference; query and reference change places. */
#include "flow/recheck.h"

#include <math.h>

#include "flow/claims.h"
#include "flow/identify.h"
#include "flow/preview.h"
#include "flow/work.h"
#include "journal/journal.h"

int64_t ms_of_seconds(double seconds)
{
    return seconds > 0 ? llround(seconds * 1000) : 0;
}

/* Was this reference written down for this upload before (the two passed each other)? */
static enum code is_known(struct store_tx *tx, struct upload_id upload, struct reference_id ref,
                          struct arena *a, bool *known, struct error *e)
{
    struct media_match *rows;
    size_t count;
    *known = false;
    TRY(media_match_list(tx, upload, a, &rows, &count, e));
    for (size_t i = 0; i < count; i++)
        *known = *known || reference_id_equal(rows[i].reference, ref);
    return OK;
}

static enum code write_match(const struct registry_act *act, const struct upload *u,
                             const struct reference *ref, const struct match *m, struct error *e)
{
    struct media_match row = {
        .id = match_id_make(act->now, act->chance),
        .upload = u->id,
        .network = u->network,
        .reference = ref->id,
        .recording = ref->recording,
        .upload_from_ms = ms_of_seconds(m->reference_start),
        .upload_to_ms = ms_of_seconds(m->reference_end),
        .reference_from_ms = ms_of_seconds(m->query_start),
        .reference_to_ms = ms_of_seconds(m->query_end),
        .reference_ms = ref->duration_ms,
        .speed = m->speed > 0 ? 1 / m->speed : 1,
        .pitch_semitones = -m->pitch_semitones,
        .score = m->score,
        .p_false = m->p_false,
        .found = act->now,
    };
    return media_match_put(act->tx, &row, e);
}

static enum code note(const struct registry_act *act, const struct upload *u,
                      const struct reference *ref, struct error *e)
{
    char upload[ID_TEXT], id[ID_TEXT];
    BUF(after);
    struct json_out o = { &after, false };
    json_begin(&o, '{');
    json_text(&o, "reference", reference_id_format(ref->id, id));
    json_text(&o, "recording", recording_id_format(ref->recording, id));
    json_end(&o, '}');
    struct journal_entry entry = { .who = act->who,
                                   .what = STR("upload.rechecked"),
                                   .subject = str_of(upload_id_format(u->id, upload)),
                                   .before = STR(""),
                                   .after = buf_as_str(&after),
                                   .why = STR("a reference came later"),
                                   .when = act->now };
    return journal_append(act->tx, &entry, e);
}

/* The first of the matches that are of the same upload as match `i`. */
static size_t first_of(const struct matches *found, size_t i)
{
    size_t j = 0;
    while (memcmp(found->items[j].key.bytes, found->items[i].key.bytes, ID_BYTES) != 0)
        j++;
    return j;
}

/* Whoever holds the recording has a claim on the uploads in which it was now found. */
static enum code claim_found(struct world *w, const struct registry_act *act,
                             const struct matches *found, const bool *known, struct error *e)
{
    for (size_t i = 0; i < found->count; i++) {
        ARENA(a);
        struct upload_id id;
        struct upload u;
        struct error missing;
        memcpy(id.bytes, found->items[i].key.bytes, ID_BYTES);
        if (known[i] || first_of(found, i) != i ||
            media_upload_get(act->tx, (struct network_id) { { 0 } }, id, &a, &u, &missing) != OK)
            continue;
        TRY(claims_of_upload(w, act, &u, e));
    }
    return OK;
}

/* What the new reference's recording is to be previewed by. */
static enum code obey_holder(struct world *w, const struct registry_act *act,
                             const struct reference *ref, const struct match *m, struct upload *u,
                             struct error *e)
{
    bool changed;
    const struct preview_place place = { ref->recording, ms_of_seconds(m->reference_start),
                                         ms_of_seconds(m->reference_end),
                                         ms_of_seconds(m->query_start),
                                         ms_of_seconds(m->query_end) };
    TRY(preview_obey(w, act->tx, &place, 1, u, &changed, e));
    return changed ? work_render_put(act->tx, u->id, act->now, e) : OK;
}

static enum code write_matches(struct world *w, const struct reference *ref,
                               const struct matches *found, size_t *count, struct error *e)
{
    TX(tx);
    ARENA(a);
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    struct registry_act act = world_act(w, tx, STR("recheck"), STR("a reference came later"));
    bool *known = ARENA_ARRAY(&a, bool, found->count);
    for (size_t i = 0; i < found->count; i++) {
        struct upload_id id;
        struct upload u;
        struct error missing;
        memcpy(id.bytes, found->items[i].key.bytes, ID_BYTES);
        bool first = first_of(found, i) == i;
        enum code code = media_upload_get(tx, (struct network_id) { { 0 } }, id, &a, &u, &missing);
        if (code == ERR_NOT_FOUND)
            continue;
        if (code != OK)
            return fail(e, code, "%s", missing.text);
        if (first) {
            TRY(is_known(tx, id, ref->id, &a, &known[i], e));
        } else {
            known[i] = known[first_of(found, i)];
        }
        if (known[i])
            continue;
        if (first) {
            TRY(note(&act, &u, ref, e));
            TRY(obey_holder(w, &act, ref, &found->items[i], &u, e));
            TRY(media_upload_change(tx, &u, e)); /* its version rises: verdicts are new */
            ++*count;
        }
        TRY(write_match(&act, &u, ref, &found->items[i], e));
    }
    TRY(claim_found(w, &act, found, known, e));
    return store_commit_take(take(tx), e);
}

enum code recheck_reference(struct world *w, const struct reference *ref,
                            const struct fp_query *query, size_t *count, struct error *e)
{
    ARENA(a);
    struct index_options options;
    struct matches found;
    struct index_figures figures;
    *count = 0;
    TRY(world_ear_refresh(w, EAR_UPLOADS, e));
    index_info(w->ears[EAR_UPLOADS], &figures);
    if (figures.recordings == 0)
        return OK;
    TRY(identify_options(w, &options, e));
    TRY(index_find(w->ears[EAR_UPLOADS], query, &options, &a, &found, e));
    if (!found.complete)
        return fail(e, ERR_BUSY, "not all earlier uploads could be asked: try again");
    return found.count ? write_matches(w, ref, &found, count, e) : OK;
}

enum code recheck_withdrawn(const struct registry_act *act, struct reference_id id, struct error *e)
{
    return media_match_drop_reference(act->tx, id, e);
}
