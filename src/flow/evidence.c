/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence: for a match, the picture of what agrees, and both sounds cut where they are aligned. */
#include <math.h>
#include <unistd.h>

#include "flow/identify.h"
#include "flow/picture.h"
#include "flow/recheck.h"

enum { FINGERPRINT_BYTES_MOST = 64 << 20, EVIDENCE_BYTES_MOST = 32 << 20 };

/* What registry knows of the reference, beside where it was found. */
static enum code name_evidence(struct world *w, struct store_tx *tx, struct arena *a,
                               struct evidence *x, struct error *e)
{
    struct reference ref;
    struct recording rec;
    TRY(registry_reference_get(tx, w->catalogue, x->match.reference, a, &ref, e));
    TRY(registry_recording_get(tx, w->catalogue, ref.recording, a, &rec, e));
    x->match.recording = rec.id;
    x->match.file = ref.file;
    x->match.title = rec.title;
    x->match.artist = rec.artist;
    x->match.isrc = rec.isrc ? rec.isrc : "";
    x->match.reference_ms = ref.duration_ms;
    x->reference_audio = ref.audio;
    x->reference_fingerprint = ref.fingerprint;
    x->has_reference_sound = ref.audio && media_blob_has(w->blobs, ref.audio);
    return OK;
}

static struct found found_of(const struct media_match *m)
{
    return (struct found) { .reference = m->reference,
                            .query_start = (double)m->upload_from_ms / 1000,
                            .query_end = (double)m->upload_to_ms / 1000,
                            .reference_start = (double)m->reference_from_ms / 1000,
                            .reference_end = (double)m->reference_to_ms / 1000,
                            .speed = m->speed,
                            .pitch_semitones = m->pitch_semitones,
                            .score = m->score,
                            .p_false = m->p_false };
}

static bool wanted(const struct reference_id *only, struct reference_id id)
{
    return reference_id_is_none(*only) || reference_id_equal(*only, id);
}

static enum code of_upload(struct world *w, struct upload_id id, const struct reference_id *only,
                           struct arena *a, struct evidence *out, size_t *count, size_t room,
                           struct error *e)
{
    TX(tx);
    struct upload u;
    struct media_match *rows;
    size_t n;
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(media_upload_get(tx, (struct network_id) { { 0 } }, id, a, &u, e));
    TRY(media_match_list(tx, id, a, &rows, &n, e));
    for (size_t i = 0; i < n && *count < room; i++) {
        if (!wanted(only, rows[i].reference))
            continue;
        struct evidence *x = &out[(*count)++];
        *x = (struct evidence) { .id = rows[i].id,
                                 .match = found_of(&rows[i]),
                                 .name = u.title && u.title[0] ? u.title : u.file,
                                 .blob = u.blob };
        TRY(name_evidence(w, tx, a, x, e));
    }
    return OK;
}

static enum code of_file(struct world *w, const char *path, const struct reference_id *only,
                         struct arena *a, struct evidence *out, size_t *count, size_t room,
                         struct error *e)
{
    TX(tx);
    int fd;
    struct heard heard = { 0 };
    struct identified found = { 0 };
    const struct audio_wants wants = { 0 };
    TRY(hear_open(path, &fd, e));
    enum code code = hear_any(w->audio, w->settings, fd, &wants, false, true, a, &heard, e);
    close(fd);
    if (code == OK)
        code = identify_query(w, heard.query, a, &found, e);
    heard_done(&heard);
    TRY(code);
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    for (size_t i = 0; i < found.count && *count < room; i++) {
        if (!wanted(only, found.matches[i].reference))
            continue;
        struct evidence *x = &out[(*count)++];
        *x = (struct evidence) { .match = found.matches[i], .name = path, .path = path };
        TRY(name_evidence(w, tx, a, x, e));
    }
    return OK;
}

enum code flow_evidence(struct world *w, struct str subject, struct str reference, struct arena *a,
                        struct evidence **out, size_t *count, struct error *e)
{
    enum { MOST = 1000 };
    struct upload_id upload;
    struct reference_id only = { { 0 } };
    struct error not_an_id;
    struct evidence *list = ARENA_ARRAY(a, struct evidence, MOST);
    size_t n = 0;
    if (reference.length)
        TRY(reference_id_parse(reference, &only, e));
    if (upload_id_parse(subject, &upload, &not_an_id) == OK)
        TRY(of_upload(w, upload, &only, a, list, &n, MOST, e));
    else
        TRY(of_file(w, str_copy(a, subject), &only, a, list, &n, MOST, e));
    *out = list;
    *count = n;
    return OK;
}

enum code flow_evidence_of_match(struct world *w, struct upload_id upload, struct match_id match,
                                 struct arena *a, struct evidence *out, struct error *e)
{
    enum { MOST = 1000 };
    const struct reference_id any = { { 0 } };
    struct evidence *list = ARENA_ARRAY(a, struct evidence, MOST);
    size_t count = 0;
    char id[ID_TEXT];
    TRY(of_upload(w, upload, &any, a, list, &count, MOST, e));
    for (size_t i = 0; i < count; i++)
        if (match_id_equal(list[i].id, match)) {
            *out = list[i];
            return OK;
        }
    return fail(e, ERR_NOT_FOUND, "the upload has no match %s", match_id_format(match, id));
}

/* ---- the picture ---- */

static enum code open_upload(struct world *w, const struct evidence *x, int *fd, struct error *e)
{
    int64_t size;
    if (x->path)
        return hear_open(x->path, fd, e);
    if (!x->blob)
        return fail(e, ERR_NOT_FOUND, "the bytes of the upload are gone");
    return media_blob_open(w->blobs, x->blob, BLOB_AS_IS, fd, &size, e);
}

static enum code read_reference(struct world *w, const struct evidence *x, struct fingerprint **out,
                                struct error *e)
{
    BUF(bytes);
    if (!x->reference_fingerprint)
        return fail(e, ERR_NOT_FOUND, "nothing was to be heard in the reference");
    TRY(media_blob_read(w->blobs, x->reference_fingerprint, FINGERPRINT_BYTES_MOST, &bytes, e));
    return fingerprint_decode(bytes.bytes, bytes.length, out, e);
}

enum code flow_evidence_picture(struct world *w, const struct evidence *x, struct buf *svg,
                                struct error *e)
{
    ARENA(a);
    int fd;
    owned(fingerprint) reference = NULL;
    struct heard heard = { 0 };
    const struct audio_wants wants = { 0 };
    TRY(read_reference(w, x, &reference, e));
    TRY(open_upload(w, x, &fd, e));
    enum code code = hear_any(w->audio, w->settings, fd, &wants, false, true, &a, &heard, e);
    close(fd);
    struct picture *p = arena_try(&a, 1, sizeof *p);
    if (code == OK && !p)
        code = fail(e, ERR_MEMORY, "no memory for a picture");
    if (code == OK)
        code = picture_make(heard.query, reference, &x->match, &a, p, e);
    heard_done(&heard);
    TRY(code);
    const char *slash = strrchr(x->name, '/');
    picture_svg(p, &x->match, slash ? slash + 1 : x->name, svg);
    return svg->failed ? fail(e, ERR_MEMORY, "no memory for a picture") : OK;
}

/* ---- the sounds ---- */

static enum code open_side(struct world *w, const struct evidence *x, enum evidence_side side,
                           int *fd, struct error *e)
{
    int64_t size;
    if (side == EVIDENCE_UPLOAD)
        return open_upload(w, x, fd, e);
    if (!x->has_reference_sound)
        return fail(e, ERR_NOT_FOUND,
                    "the sound of the reference was not kept (the setting "
                    "references.keep_audio)");
    return media_blob_open(w->blobs, x->reference_audio, BLOB_AS_IS, fd, &size, e);
}

enum code flow_evidence_sound(struct world *w, const struct evidence *x, enum evidence_side side,
                              enum audio_codec codec, double seconds_most, int fd_out,
                              struct audio_rendered *made, struct error *e)
{
    enum { BITS = 96000, FADE_MS = 10 };
    int fd;
    struct audio_limits limits;
    double length = fmin(x->match.query_end - x->match.query_start, seconds_most);
    double start = x->match.query_start;
    if (side == EVIDENCE_REFERENCE) {
        length *= x->match.speed;
        start = x->match.reference_start;
    }
    const struct audio_format format = { .codec = codec,
                                         .bits_per_second = BITS,
                                         .start_ms = ms_of_seconds(start),
                                         .length_ms = ms_of_seconds(length),
                                         .fade_in_ms = FADE_MS,
                                         .fade_out_ms = FADE_MS };
    TRY(audio_limits_from(w->settings, &limits, e));
    TRY(open_side(w, x, side, &fd, e));
    enum code code = audio_render(w->audio, fd, fd_out, &limits, &format, made, e);
    close(fd);
    return code;
}

/* ---- by name ---- */

/* Encoded into a draft of the blobs, which is no blob ever: read back and dropped. */
static enum code sound_bytes(struct world *w, const struct evidence *x, enum evidence_side side,
                             double seconds_most, struct buf *out, struct error *e)
{
    struct blob_draft draft;
    struct audio_rendered made;
    TRY(media_blob_begin(w->blobs, &draft, e));
    enum code code = flow_evidence_sound(w, x, side, AUDIO_MP3, seconds_most, draft.fd, &made, e);
    if (code == OK)
        code = hear_whole(draft.fd, EVIDENCE_BYTES_MOST, out, e);
    media_blob_drop(w->blobs, &draft);
    return code;
}

enum code flow_evidence_bytes(struct world *w, const struct evidence *x, struct str name,
                              double seconds_most, struct buf *out, const char **type,
                              struct error *e)
{
    *type = str_is(name, "picture.svg") ? "image/svg+xml" : "audio/mpeg";
    if (str_is(name, "picture.svg"))
        return flow_evidence_picture(w, x, out, e);
    if (str_is(name, "upload.mp3"))
        return sound_bytes(w, x, EVIDENCE_UPLOAD, seconds_most, out, e);
    if (str_is(name, "reference.mp3"))
        return sound_bytes(w, x, EVIDENCE_REFERENCE, seconds_most, out, e);
    return fail(e, ERR_NOT_FOUND, "evidence is picture.svg, upload.mp3 or reference.mp3, not %.*s",
                STR_ARG(name));
}
