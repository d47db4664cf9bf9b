/* SPDX-License-Identifier: Apache-2.0 */
/* Renditions made after an upload, so that its first listener does not wait for them. */
#include "flow/work.h"

enum code work_render_put(struct store_tx *tx, struct upload_id id, struct instant now,
                          struct error *e)
{
    char key[ID_TEXT];
    return jobs_put(tx, STR(WORK_RENDER), str_of(upload_id_format(id, key)), STR(""), now, now,
                    NULL, e);
}

/* Whether a list of words as "opus mp3" has the word. */
static bool lists_word(const char *words, const char *word)
{
    struct str rest = str_of(words), part;
    while (str_split(&rest, ' ', &part))
        if (str_is(part, word))
            return true;
    return false;
}

static bool is_made(const struct rendition *list, size_t count, const struct upload *u,
                    const struct rendition_plan *plan)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].kind == plan->kind && list[i].codec == plan->codec &&
            (plan->kind == RENDITION_FULL || list[i].start_ms == u->preview.start_ms))
            return true;
    return false;
}

static enum code render_one(struct world *w, const struct upload *u,
                            const struct rendition_plan *plan, struct error *e)
{
    TX(tx);
    struct rendition made;
    struct rendition_maker m = {
        .host = w->audio, .blobs = w->blobs, .now = world_now(w), .chance = &w->chance
    };
    TRY(audio_limits_from(w->settings, &m.limits, e));
    TRY(media_render(&m, u, plan, 0, &made, e));
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    TRY(media_rendition_put(tx, &made, e));
    return store_commit_take(take(tx), e);
}

static enum code read_upload(struct world *w, const char *key, struct arena *a, struct upload *u,
                             struct rendition **list, size_t *count, struct error *e)
{
    TX(tx);
    struct upload_id id;
    TRY(upload_id_parse(str_of(key), &id, e));
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(media_upload_get(tx, (struct network_id) { { 0 } }, id, a, u, e));
    return media_rendition_list(tx, id, a, list, count, e);
}

/* Each rendition is kept as soon as it is made: what a crash interrupts goes on where it was. */
enum code work_render(struct world *w, const struct job *j, struct error *e)
{
    ARENA(a);
    struct upload u;
    struct rendition *list;
    size_t count;
    const char *ahead = settings_text(w->settings, "media.ahead");
    enum code code = read_upload(w, j->key, &a, &u, &list, &count, e);
    if (code == ERR_NOT_FOUND || (code == OK && u.state != UPLOAD_HEARD))
        return work_done(w, j, e);
    TRY(code);
    for (size_t i = 0; i < renditions_usual_count; i++) {
        const struct rendition_plan *plan = &renditions_usual[i];
        if (!lists_word(ahead, audio_codec_word(plan->codec)) || is_made(list, count, &u, plan) ||
            (plan->kind == RENDITION_PREVIEW && u.preview.length_ms == 0))
            continue;
        if (render_one(w, &u, plan, e) != OK)
            return fail_in(e, "%s %s", rendition_kind_word(plan->kind),
                           audio_codec_word(plan->codec));
    }
    return work_done(w, j, e);
}
