/* SPDX-License-Identifier: Apache-2.0 */
/* Renditions: made from an upload's blob by the confined encoder, kept as blobs, listed in rows. */
#include "media/renditions.h"

#include <unistd.h>

#include "media/rows.h"

enum { FADE_IN_MS = 500, FADE_OUT_MS = 1000 };

const struct rendition_plan renditions_usual[] = {
    { RENDITION_PREVIEW, AUDIO_OPUS, 96000 }, { RENDITION_PREVIEW, AUDIO_AAC, 96000 },
    { RENDITION_PREVIEW, AUDIO_MP3, 128000 }, { RENDITION_FULL, AUDIO_OPUS, 128000 },
    { RENDITION_FULL, AUDIO_AAC, 160000 },    { RENDITION_FULL, AUDIO_MP3, 192000 },
};
const size_t renditions_usual_count = COUNT_OF(renditions_usual);

static const char *const kinds[] = { [RENDITION_FULL] = "full", [RENDITION_PREVIEW] = "preview" };

const char *rendition_kind_word(enum rendition_kind k)
{
    return kinds[k];
}

const char *rendition_etag(const struct rendition *r, char out[RENDITION_ETAG])
{
    snprintf(out, RENDITION_ETAG, "\"%.32s\"", r->blob);
    return out;
}

/* ---- making ---- */

static struct audio_format format_of(const struct upload *u, const struct rendition_plan *plan,
                                     int64_t length_ms)
{
    struct audio_format f = { .codec = plan->codec, .bits_per_second = plan->bits_per_second };
    if (plan->kind == RENDITION_FULL)
        return f;
    f.start_ms = u->preview.start_ms;
    f.length_ms = length_ms ? length_ms : u->preview.length_ms;
    bool whole = f.start_ms == 0 && f.length_ms >= u->duration_ms;
    f.fade_in_ms = f.start_ms == 0 ? 0 : FADE_IN_MS;
    f.fade_out_ms = whole ? 0 : FADE_OUT_MS;
    return f;
}

static enum code render_to(const struct rendition_maker *m, int fd, const struct audio_format *f,
                           struct rendition *r, struct error *e)
{
    struct blob_draft draft;
    struct audio_rendered made;
    TRY(media_blob_begin(m->blobs, &draft, e));
    enum code code = audio_render(m->host, fd, draft.fd, &m->limits, f, &made, e);
    if (code == OK)
        code = media_blob_keep(m->blobs, &draft, r->blob, &r->size_bytes, e);
    media_blob_drop(m->blobs, &draft);
    r->start_ms = f->start_ms;
    r->length_ms = code == OK ? made.duration_ms : 0;
    return code;
}

enum code media_render(const struct rendition_maker *m, const struct upload *u,
                       const struct rendition_plan *plan, int64_t length_ms, struct rendition *out,
                       struct error *e)
{
    int fd;
    int64_t size;
    if (!u->blob)
        return fail(e, ERR_NOT_FOUND, "the upload has no bytes yet");
    if (plan->kind == RENDITION_PREVIEW && u->preview.length_ms == 0)
        return fail(e, ERR_NOT_FOUND, "no preview was chosen for the upload");
    struct rendition r = { .id = rendition_id_make(m->now, m->chance),
                           .network = u->network,
                           .upload = u->id,
                           .kind = plan->kind,
                           .codec = plan->codec,
                           .bits_per_second = plan->bits_per_second,
                           .made = m->now };
    struct audio_format f = format_of(u, plan, length_ms);
    TRY(media_blob_open(m->blobs, u->blob, BLOB_AS_IS, &fd, &size, e));
    enum code code = render_to(m, fd, &f, &r, e);
    close(fd);
    TRY(code);
    *out = r;
    return OK;
}

enum code media_render_all(const struct rendition_maker *m, const struct upload *u,
                           const struct rendition_plan *plan, size_t plan_count,
                           struct rendition *out, size_t room, size_t *count, struct error *e)
{
    if (plan_count > room)
        return fail(e, ERR_LIMIT, "%zu renditions in the room of %zu", plan_count, room);
    for (size_t i = 0; i < plan_count; i++)
        if (media_render(m, u, &plan[i], 0, &out[i], e) != OK)
            return fail_in(e, "%s %s", kinds[plan[i].kind], audio_codec_word(plan[i].codec));
    *count = plan_count;
    return OK;
}

/* ---- rows ---- */

enum code media_rendition_put(struct store_tx *tx, const struct rendition *r, struct error *e)
{
    TRY(store_run(tx,
                  "DELETE FROM renditions WHERE network = $1 AND upload = $2 AND kind = $3 AND "
                  "codec = $4 AND start_ms = $5 AND length_ms = $6",
                  SQL(sql_id(r->network), sql_id(r->upload), sql_text(kinds[r->kind]),
                      sql_text(audio_codec_word(r->codec)), sql_int(r->start_ms),
                      sql_int(r->length_ms)),
                  NULL, e));
    return store_run(tx,
                     "INSERT INTO renditions (network, id, upload, kind, codec, bits_per_second, "
                     "blob, size_bytes, start_ms, length_ms, made) VALUES ($1, $2, $3, $4, $5, $6, "
                     "$7, $8, $9, $10, $11)",
                     SQL(sql_id(r->network), sql_id(r->id), sql_id(r->upload),
                         sql_text(kinds[r->kind]), sql_text(audio_codec_word(r->codec)),
                         sql_int(r->bits_per_second), sql_text(r->blob), sql_int(r->size_bytes),
                         sql_int(r->start_ms), sql_int(r->length_ms), sql_instant(r->made)),
                     NULL, e);
}

#define COLUMNS                                                                                    \
    "network, id, upload, kind, codec, bits_per_second, blob, size_bytes, start_ms, length_ms, "   \
    "made"

static enum code read_row(const struct store_rows *rows, struct rendition *r, struct error *e)
{
    *r = (struct rendition) {
        .kind = str_is(store_text(rows, 3), "preview") ? RENDITION_PREVIEW : RENDITION_FULL,
        .bits_per_second = store_int(rows, 5),
        .size_bytes = store_int(rows, 7),
        .start_ms = store_int(rows, 8),
        .length_ms = store_int(rows, 9),
        .made = store_instant(rows, 10),
    };
    store_id(rows, 0, r->network.bytes);
    store_id(rows, 1, r->id.bytes);
    store_id(rows, 2, r->upload.bytes);
    struct str codec = store_text(rows, 4), blob = store_text(rows, 6);
    if (audio_codec_parse(codec, &r->codec, e) != OK || blob.length != BLOB_TEXT - 1)
        return fail(e, ERR_CORRUPT, "a rendition's row is not one that was written here");
    memcpy(r->blob, blob.at, blob.length);
    return OK;
}

enum code media_rendition_get(struct store_tx *tx, struct rendition_id id, struct rendition *out,
                              struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char text[ID_TEXT];
    TRY(store_one(tx, "SELECT " COLUMNS " FROM renditions WHERE id = $1", SQL(sql_id(id)), &r,
                  &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no rendition %s", rendition_id_format(id, text));
    return read_row(r, out, e);
}

enum code media_rendition_list(struct store_tx *tx, struct upload_id upload, struct arena *a,
                               struct rendition **out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t n = 0, limit = 64;
    struct rendition *rows = arena_try(a, limit, sizeof *rows);
    if (!rows)
        return fail(e, ERR_MEMORY, "no memory for a list of renditions");
    TRY(store_query(tx,
                    "SELECT " COLUMNS " FROM renditions WHERE upload = $1 ORDER BY kind, codec, "
                    "id LIMIT $2",
                    SQL(sql_id(upload), sql_int((int64_t)limit)), &r, e));
    for (bool more; n < limit; n++) {
        TRY(store_next(r, &more, e));
        if (!more)
            break;
        TRY(read_row(r, &rows[n], e));
    }
    *out = rows;
    *count = n;
    return OK;
}

enum code media_rendition_drop(struct store_tx *tx, struct network_id network,
                               struct upload_id upload, struct error *e)
{
    return store_run(tx, "DELETE FROM renditions WHERE network = $1 AND upload = $2",
                     SQL(sql_id(network), sql_id(upload)), NULL, e);
}
