/* SPDX-License-Identifier: Apache-2.0 */
/* Play: a verdict, the rendition that it allows, a signed link to it. */
#include "flow/world.h"

static enum code read_codec(struct str word, enum audio_codec *out, struct error *e)
{
    static const enum audio_codec codecs[] = { AUDIO_OPUS, AUDIO_AAC, AUDIO_MP3 };
    *out = AUDIO_OPUS;
    if (word.length == 0)
        return OK;
    for (size_t i = 0; i < COUNT_OF(codecs); i++)
        if (str_is(word, audio_codec_word(codecs[i]))) {
            *out = codecs[i];
            return OK;
        }
    return fail(e, ERR_INVALID, "\"%.*s\" is not a codec (opus, aac, mp3)", STR_ARG(word));
}

/* The rendition wanted among those that are there. */
static enum code find_rendition(struct world *w, struct upload_id upload, enum rendition_kind kind,
                                enum audio_codec codec, int64_t length_ms, struct upload *u,
                                struct rendition *out, bool *found, struct arena *a,
                                struct error *e)
{
    TX(tx);
    struct rendition *list;
    size_t count;
    *found = false;
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(media_upload_get(tx, (struct network_id) { { 0 } }, upload, a, u, e));
    TRY(media_rendition_list(tx, upload, a, &list, &count, e));
    for (size_t i = 0; i < count && !*found; i++) {
        /* never longer than the verdict allows; the end of a piece may make it shorter */
        bool fits = kind == RENDITION_FULL ||
                    (list[i].length_ms <= length_ms &&
                     (list[i].length_ms >= length_ms - 500 ||
                      list[i].start_ms + list[i].length_ms >= u->duration_ms - 500));
        if (list[i].kind == kind && list[i].codec == codec && fits) {
            *out = list[i];
            *found = true;
        }
    }
    return OK;
}

static const struct rendition_plan *plan_of(enum rendition_kind kind, enum audio_codec codec)
{
    for (size_t i = 0; i < renditions_usual_count; i++)
        if (renditions_usual[i].kind == kind && renditions_usual[i].codec == codec)
            return &renditions_usual[i];
    return &renditions_usual[0];
}

static enum code make_rendition(struct world *w, const struct upload *u, enum rendition_kind kind,
                                enum audio_codec codec, int64_t length_ms, struct rendition *out,
                                struct error *e)
{
    TX(tx);
    struct rendition_maker m = {
        .host = w->audio, .blobs = w->blobs, .now = world_now(w), .chance = &w->chance
    };
    TRY(audio_limits_from(w->settings, &m.limits, e));
    TRY(media_render(&m, u, plan_of(kind, codec), kind == RENDITION_PREVIEW ? length_ms : 0, out,
                     e));
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    TRY(media_rendition_put(tx, out, e));
    return store_commit_take(take(tx), e);
}

static enum code grant(struct world *w, const struct play_request *r, struct play_grant *g,
                       struct arena *a, struct error *e)
{
    const struct verdict *v = &g->decided.verdict;
    const struct question *q = &g->decided.asked;
    bool preview = v->mode == VERDICT_PREVIEW || q->use == USE_PREVIEW;
    enum rendition_kind kind = preview ? RENDITION_PREVIEW : RENDITION_FULL;
    int64_t length_ms = v->preview_length_ms ? v->preview_length_ms : POLICY_PREVIEW_MS, seconds;
    enum audio_codec codec;
    struct upload u;
    struct rendition made;
    bool found;
    char *path = arena_get(a, LINK_TEXT, 1);
    TRY(read_codec(r->codec, &codec, e));
    if (upload_id_is_none(q->upload))
        return fail(e, ERR_INVALID, "a recording has no sound of its own here: name an upload");
    TRY(find_rendition(w, q->upload, kind, codec, length_ms, &u, &made, &found, a, e));
    if (!found)
        TRY(make_rendition(w, &u, kind, codec, length_ms, &made, e));
    TRY(settings_int(w->settings, preview ? "media.preview_link_seconds" : "media.link_seconds", 1,
                     604800, &seconds, e));
    struct media_link link = { .rendition = made.id,
                               .mode = preview ? LINK_PREVIEW : LINK_FULL,
                               .verdict = g->decided.id,
                               .not_after = { world_now(w).us + seconds * 1000000 } };
    if (v->valid_until.us < link.not_after.us)
        link.not_after = v->valid_until;
    snprintf(link.territory, sizeof link.territory, "%s", territory_code(q->territory));
    if (r->app_key)
        memcpy(link.app_key.bytes, r->app_key, ID_BYTES);
    g->path = media_link_make(w->folder.master_key, &link, path);
    g->until = link.not_after;
    g->start_ms = made.start_ms;
    g->length_ms = made.length_ms;
    g->content_type = audio_codec_media_type(codec);
    return OK;
}

enum code flow_play(struct world *w, const struct play_request *r, struct arena *a,
                    struct play_grant *out, struct error *e)
{
    struct decide_request ask = r->ask;
    struct play_grant g = { 0 };
    ask.keep = true; /* a link carries its verdict */
    TRY(flow_decide(w, &ask, a, &g.decided, e));
    if (g.decided.verdict.mode != VERDICT_DENY)
        TRY(grant(w, r, &g, a, e));
    *out = g;
    return OK;
}
