/* SPDX-License-Identifier: Apache-2.0 */
/* References that find too much, find nothing, or are somebody else's too. */
#include "flow/quality.h"

#include "flow/recheck.h"

enum { SECONDS_LEAST = 10, OVERLAPS_MOST = 32 };

/* ---- speech ---- */

/* Per mille of tenths of a second that are far quieter than the second around them. */
static int quiet_per_mille(const struct audio_curve *c)
{
    enum { AROUND = AUDIO_POWERS_PER_SECOND };
    size_t quiet = 0;
    for (size_t i = 0; i < c->power_count; i++) {
        size_t from = i / AROUND * AROUND;
        size_t to = from + AROUND < c->power_count ? from + AROUND : c->power_count;
        float sum = 0;
        for (size_t k = from; k < to; k++)
            sum += c->power[k];
        quiet += c->power[i] < 0.2f * sum / (float)(to - from);
    }
    return (int)(1000 * quiet / c->power_count);
}

/* Per mille of half seconds that have the pitch classes of the half second before them. */
static int steady_per_mille(const struct audio_curve *c)
{
    size_t steady = 0, rows = 0;
    for (size_t i = 1; i < c->chroma_count; i++) {
        float like = 0, length = 0;
        for (int k = 0; k < AUDIO_CHROMA; k++) {
            like += c->chroma[i][k] * c->chroma[i - 1][k];
            length += c->chroma[i][k] * c->chroma[i][k];
        }
        rows += length > 0;
        steady += like > 0.95f;
    }
    return rows ? (int)(1000 * steady / rows) : 0;
}

bool quality_is_speech(const struct audio_curve *c)
{
    enum { QUIET_LEAST = 250, STEADY_MOST = 250 };
    if (c->power_count < SECONDS_LEAST * AUDIO_POWERS_PER_SECOND ||
        c->chroma_count < SECONDS_LEAST * AUDIO_CHROMAS_PER_SECOND)
        return false;
    return quiet_per_mille(c) >= QUIET_LEAST && steady_per_mille(c) <= STEADY_MOST;
}

const char *quality_of(const struct audio_facts *f)
{
    if (f->silent)
        return "it is silent: nothing can match it";
    if (f->truncated)
        return "the file ends early: only what could be decoded is a reference";
    if (f->duration_ms < QUALITY_SHORT_MS)
        return "it is shorter than 5 s: matches will be few";
    if (quality_is_speech(&f->curve))
        return "only speech is heard: it is no recording of music";
    return NULL;
}

/* ---- what it shares with others ---- */

/* One reference of another party, and how much of it is heard in the new one. */
struct overlap {
    struct reference_id reference;
    struct recording_id recording;
    struct party_id party;
    int64_t ms;
};

static enum code add_overlap(struct world *w, struct store_tx *tx, const struct reference *ref,
                             const struct found *m, struct arena *a, struct overlap *all,
                             size_t *count, struct error *e)
{
    struct reference other;
    int64_t ms = ms_of_seconds(m->query_end - m->query_start);
    if (reference_id_equal(m->reference, ref->id))
        return OK;
    for (size_t i = 0; i < *count; i++)
        if (reference_id_equal(all[i].reference, m->reference)) {
            all[i].ms += ms;
            return OK;
        }
    TRY(registry_reference_get(tx, w->catalogue, m->reference, a, &other, e));
    if (party_id_equal(other.party, ref->party) || other.state != REFERENCE_INDEXED ||
        *count == OVERLAPS_MOST)
        return OK;
    all[(*count)++] = (struct overlap) { other.id, other.recording, other.party, ms };
    return OK;
}

static enum code raise_quality(const struct registry_act *act, const struct reference *ref,
                               const char *words, struct error *e)
{
    struct issue issue = { .kind = ISSUE_REFERENCE_QUALITY,
                           .recording = ref->recording,
                           .reference = ref->id,
                           .milliseconds = ref->duration_ms,
                           .words = words };
    return registry_issue_raise(act, &issue, e);
}

static enum code raise_overlap(const struct registry_act *act, const struct reference *ref,
                               const struct overlap *o, struct error *e)
{
    struct issue issue = { .kind = ISSUE_REFERENCE_OVERLAP,
                           .recording = ref->recording,
                           .other_recording = o->recording,
                           .reference = ref->id,
                           .other_reference = o->reference,
                           .milliseconds = o->ms,
                           .words = "another party's reference sounds the same there" };
    return registry_issue_raise(act, &issue, e);
}

enum code quality_check(struct world *w, const struct reference *ref, const struct audio_facts *f,
                        const struct fp_query *query, size_t *overlaps, struct error *e)
{
    TX(tx);
    ARENA(a);
    struct identified found = { 0 };
    struct overlap all[OVERLAPS_MOST];
    const char *words = quality_of(f);
    *overlaps = 0;
    TRY(world_ear_refresh(w, EAR_REFERENCES, e));
    TRY(identify_query(w, query, &a, &found, e));
    if (!words && found.count + found.similar_count <= 1)
        return OK; /* itself */
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    for (size_t i = 0; i < found.count; i++)
        TRY(add_overlap(w, tx, ref, &found.matches[i], &a, all, overlaps, e));
    for (size_t i = 0; i < found.similar_count; i++)
        TRY(add_overlap(w, tx, ref, &found.similar[i], &a, all, overlaps, e));
    struct registry_act act = world_act(w, tx, STR("licet"), STR("a reference was looked at"));
    if (words)
        TRY(raise_quality(&act, ref, words, e));
    size_t kept = 0;
    for (size_t i = 0; i < *overlaps; i++)
        if (all[i].ms >= QUALITY_OVERLAP_MS) {
            TRY(raise_overlap(&act, ref, &all[i], e));
            kept++;
        }
    *overlaps = kept;
    return store_commit_take(take(tx), e);
}
