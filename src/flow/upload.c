/* SPDX-License-Identifier: Apache-2.0 */
/* Upload: kept, heard, compared. Each step is durable before the next (docs/decisions/0001). */
#include <unistd.h>

#include "access/access.h"
#include "fingerprint/fingerprint.h"
#include "flow/claims.h"
#include "flow/identify.h"
#include "flow/preview.h"
#include "flow/recheck.h"
#include "flow/rights.h"
#include "flow/work.h"
#include "journal/journal.h"

static enum code note(const struct registry_act *act, struct upload_id id, const char *what,
                      const struct buf *after, struct error *e)
{
    char text[ID_TEXT];
    struct journal_entry entry = { .who = act->who,
                                   .what = str_of(what),
                                   .subject = str_of(upload_id_format(id, text)),
                                   .before = STR(""),
                                   .after = after ? buf_as_str(after) : STR(""),
                                   .why = act->why,
                                   .when = act->now };
    return journal_append(act->tx, &entry, e);
}

/* A person of the network, noted when first seen. */
static enum code note_user(const struct registry_act *act, struct network_id network,
                           struct str slug, struct arena *a, struct error *e)
{
    struct user user;
    struct error missing;
    enum code code = access_user_find(act->tx, network, slug, a, &user, &missing);
    if (code != ERR_NOT_FOUND)
        return code == OK ? OK : fail(e, code, "%s", missing.text);
    struct access_act access = { act->tx, act->who, act->why, act->now, act->chance };
    user = (struct user) { .network = network,
                           .slug = str_copy(a, slug),
                           .name = str_copy(a, slug),
                           .role = ROLE_UPLOADER };
    return access_user_put(&access, &user, e);
}

static void received_json(const struct upload *u, const char *network, struct buf *out)
{
    struct json_out o = { out, false };
    json_begin(&o, '{');
    json_text(&o, "network", network);
    json_text(&o, "file", u->file);
    json_text(&o, "blob", u->blob);
    json_int(&o, "size_bytes", u->size_bytes);
    json_end(&o, '}');
}

/* Kept for the desk, and told with every verdict. */
static enum code note_exception(const struct registry_act *act, const struct upload *u,
                                const struct upload_request *r, struct arena *a, struct error *e)
{
    struct exception x = { .upload = u->id,
                           .network = u->network,
                           .words = str_copy(a, r->exception_words) };
    if (exception_kind_parse(r->exception, &x.kind, e) != OK)
        return fail_in(e, "exception");
    return registry_exception_put(act, &x, e);
}

enum code flow_upload_keep(struct world *w, const struct upload_request *r, struct upload_id *out,
                           struct error *e)
{
    TX(tx);
    ARENA(a);
    BUF(after);
    struct audio_limits limits;
    struct network network;
    char blob[BLOB_TEXT];
    struct upload u = { .state = UPLOAD_RECEIVED, .blob = blob, .heard = INSTANT_FIRST };
    TRY(audio_limits_from(w->settings, &limits, e));
    TRY(media_blob_put_file(w->blobs, r->fd, limits.bytes_most, blob, &u.size_bytes, e));
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    struct registry_act act = world_act(w, tx, r->who.length ? r->who : STR("upload"),
                                        STR("uploaded by a user"));
    TRY(access_network_find(tx, r->network, &a, &network, e));
    if (r->user.length)
        TRY(note_user(&act, network.id, r->user, &a, e));
    u.id = upload_id_make(act.now, act.chance);
    u.network = network.id;
    u.app = r->app;
    u.uploader = r->user.length ? str_copy(&a, r->user) : NULL;
    u.file = str_copy(&a, r->file_name);
    u.received = act.now;
    TRY(media_upload_put(tx, &u, e));
    if (r->exception.length)
        TRY(note_exception(&act, &u, r, &a, e));
    received_json(&u, network.slug, &after);
    TRY(note(&act, u.id, "upload.received", &after, e));
    TRY(store_commit_take(take(tx), e));
    *out = u.id;
    return OK;
}

/* ---- hearing ---- */

struct hearing_of {
    struct world *world;
    struct arena *arena;
    struct upload row;
    struct heard heard;
    struct identified found;
};

static enum code decode(struct hearing_of *h, struct error *e)
{
    const struct audio_wants wants = {
        .tags = true, .loudness = true, .peaks = true, .curve = true
    };
    int fd;
    int64_t size;
    TRY(media_blob_open(h->world->blobs, h->row.blob, BLOB_AS_IS, &fd, &size, e));
    enum code code = hear_file(h->world->audio, h->world->settings, fd, &wants, true, true,
                               h->arena, &h->heard, e);
    close(fd);
    return code;
}

static const char *facts_json(const struct audio_facts *f, struct arena *a)
{
    BUF(out);
    audio_facts_write(f, &out);
    return str_copy(a, buf_as_str(&out));
}

/* Fingerprint and waveform as blobs, and what the row keeps of the decode. */
static enum code keep_heard(struct hearing_of *h, struct error *e)
{
    BUF(bytes);
    BUF(peaks);
    const struct audio_facts *f = &h->heard.audio;
    const struct preview_span none = { 0 };
    char *fingerprint = arena_get(h->arena, BLOB_TEXT, 1);
    char *waveform = arena_get(h->arena, BLOB_TEXT, 1);
    int64_t preview_seconds;
    TRY(settings_int(h->world->settings, "media.preview_seconds", 1, 600, &preview_seconds, e));
    TRY(fingerprint_encode(h->heard.kept, &bytes, e));
    TRY(media_blob_put(h->world->blobs, bytes.bytes, bytes.length, fingerprint, e));
    audio_peaks_write(&f->peaks, &peaks);
    TRY(media_blob_put(h->world->blobs, peaks.bytes, peaks.length, waveform, e));
    h->row.fingerprint = fingerprint;
    h->row.waveform = waveform;
    h->row.title = f->title;
    h->row.artist = f->artist;
    h->row.duration_ms = f->duration_ms;
    h->row.facts = facts_json(f, h->arena);
    h->row.preview = media_preview_choose(&f->curve, f->duration_ms, 1000 * preview_seconds, none,
                                          none);
    return OK;
}

static enum code change_row(struct hearing_of *h, struct error *e)
{
    TX(tx);
    TRY(store_begin(h->world->store, STORE_WRITE, &tx, e));
    TRY(media_upload_change(tx, &h->row, e));
    return store_commit_take(take(tx), e);
}

/* Into the index of uploads before the index of references is asked: a reference that comes at the
 * same moment finds this upload, or is found by it. */
static enum code make_findable(struct hearing_of *h, struct error *e)
{
    struct index *ix;
    struct index_key key;
    struct error closing;
    memcpy(key.bytes, h->row.id.bytes, ID_BYTES);
    TRY(change_row(h, e));
    TRY(world_ear_write(h->world, EAR_UPLOADS, &ix, e));
    enum code code = index_add(ix, &key, h->heard.kept, e);
    if (code == OK)
        code = index_commit(ix, e);
    enum code closed = world_ear_close_take(h->world, EAR_UPLOADS, ix, &closing);
    return code != OK || closed == OK ? code : fail(e, closed, "%s", closing.text);
}

static void heard_json(const struct identified *found, struct buf *out)
{
    char id[ID_TEXT];
    struct json_out o = { out, false };
    json_begin(&o, '{');
    json_bool(&o, "complete", found->complete);
    json_key(&o, "matches");
    json_begin(&o, '[');
    for (size_t i = 0; i < found->count; i++) {
        const struct found *m = &found->matches[i];
        json_begin(&o, '{');
        json_text(&o, "reference", reference_id_format(m->reference, id));
        json_int(&o, "upload_from_ms", ms_of_seconds(m->query_start));
        json_int(&o, "upload_to_ms", ms_of_seconds(m->query_end));
        json_int(&o, "reference_from_ms", ms_of_seconds(m->reference_start));
        json_end(&o, '}');
    }
    json_end(&o, ']');
    json_end(&o, '}');
}

static enum code put_matches(const struct registry_act *act, const struct hearing_of *h,
                             struct error *e)
{
    TRY(media_match_drop(act->tx, h->row.network, h->row.id, e));
    for (size_t i = 0; i < h->found.count; i++) {
        const struct found *m = &h->found.matches[i];
        struct media_match row = { .id = match_id_make(act->now, act->chance),
                                   .upload = h->row.id,
                                   .network = h->row.network,
                                   .reference = m->reference,
                                   .recording = m->recording,
                                   .upload_from_ms = ms_of_seconds(m->query_start),
                                   .upload_to_ms = ms_of_seconds(m->query_end),
                                   .reference_from_ms = ms_of_seconds(m->reference_start),
                                   .reference_to_ms = ms_of_seconds(m->reference_end),
                                   .reference_ms = m->reference_ms,
                                   .speed = m->speed,
                                   .pitch_semitones = m->pitch_semitones,
                                   .score = m->score,
                                   .p_false = m->p_false,
                                   .found = act->now };
        TRY(media_match_put(act->tx, &row, e));
    }
    return OK;
}

/* A holder's wish for the preview goes before what the piece itself tells. */
static enum code obey_holder(struct hearing_of *h, struct store_tx *tx, struct error *e)
{
    bool changed;
    struct preview_place *places = ARENA_ARRAY(h->arena, struct preview_place, h->found.count + 1);
    for (size_t i = 0; i < h->found.count; i++) {
        const struct found *m = &h->found.matches[i];
        places[i] = (struct preview_place) { m->recording, ms_of_seconds(m->query_start),
                                             ms_of_seconds(m->query_end),
                                             ms_of_seconds(m->reference_start),
                                             ms_of_seconds(m->reference_end) };
    }
    return preview_obey(h->world, tx, places, h->found.count, &h->row, &changed, e);
}

static enum code write_heard(struct hearing_of *h, struct error *e)
{
    TX(tx);
    BUF(after);
    TRY(store_begin(h->world->store, STORE_WRITE, &tx, e));
    struct registry_act act = world_act(h->world, tx, STR("licet"), STR("heard"));
    TRY(put_matches(&act, h, e));
    TRY(obey_holder(h, tx, e));
    h->row.state = UPLOAD_HEARD;
    h->row.heard_in_part = !h->found.complete;
    h->row.heard = act.now;
    h->row.error = NULL;
    TRY(media_upload_change(tx, &h->row, e));
    TRY(claims_of_upload(h->world, &act, &h->row, e));
    heard_json(&h->found, &after);
    TRY(note(&act, h->row.id, "upload.heard", &after, e));
    TRY(work_render_put(tx, h->row.id, act.now, e));
    TRY(store_commit_take(take(tx), e));
    flow_work_wake(h->world);
    return OK;
}

/* A file that will never be heard is kept with its reason; other failures leave it as it was, to
 * be heard later. */
static enum code write_failed(struct hearing_of *h, const struct error *why, struct error *e)
{
    TX(tx);
    BUF(after);
    struct json_out o = { &after, false };
    TRY(store_begin(h->world->store, STORE_WRITE, &tx, e));
    struct registry_act act = world_act(h->world, tx, STR("licet"), STR("it cannot be heard"));
    h->row.state = UPLOAD_FAILED;
    h->row.error = arena_text(h->arena, why->text, strlen(why->text));
    TRY(media_upload_change(tx, &h->row, e));
    json_begin(&o, '{');
    json_text(&o, "error", why->text);
    json_end(&o, '}');
    TRY(note(&act, h->row.id, "upload.failed", &after, e));
    return store_commit_take(take(tx), e);
}

static enum code hear_row(struct hearing_of *h, struct uploaded *out, struct error *e)
{
    struct error why;
    enum code code = decode(h, &why);
    if (code == ERR_INVALID || code == ERR_LIMIT) {
        TRY(write_failed(h, &why, e));
        *out = (struct uploaded) { .upload = h->row.id, .row = h->row };
        return OK;
    }
    if (code != OK)
        return fail(e, code, "%s", why.text);
    TRY(keep_heard(h, e));
    TRY(make_findable(h, e));
    TRY(identify_query(h->world, h->heard.query, h->arena, &h->found, e));
    h->found.seconds = (double)h->heard.audio.duration_ms / 1000;
    h->found.truncated = h->heard.audio.truncated;
    TRY(write_heard(h, e));
    *out = (struct uploaded) {
        .upload = h->row.id, .row = h->row, .heard = h->found, .audio = h->heard.audio
    };
    return OK;
}

enum code flow_hear(struct world *w, struct upload_id id, struct arena *a, struct uploaded *out,
                    struct error *e)
{
    struct hearing_of h = { .world = w, .arena = a };
    {
        TX(tx);
        TRY(store_begin(w->store, STORE_READ, &tx, e));
        TRY(media_upload_get(tx, (struct network_id) { { 0 } }, id, a, &h.row, e));
    }
    if (!h.row.blob)
        return fail(e, ERR_CONFLICT, "the upload is not complete yet");
    if (h.row.state == UPLOAD_WITHDRAWN)
        return fail(e, ERR_CONFLICT, "the upload is withdrawn");
    enum code code = hear_row(&h, out, e);
    heard_done(&h.heard);
    return code;
}

enum code flow_upload(struct world *w, const struct upload_request *r, struct arena *a,
                      struct uploaded *out, struct error *e)
{
    struct upload_id id;
    TRY(flow_upload_keep(w, r, &id, e));
    return flow_hear(w, id, a, out, e);
}

/* The next upload that waits to be heard; none: *found false. */
static enum code next_waiting(struct world *w, struct upload_id *out, bool *found, struct error *e)
{
    TX(tx);
    ARENA(a);
    struct upload_filter f = UPLOADS_ALL;
    struct upload *list;
    size_t count;
    f.state = UPLOAD_RECEIVED;
    f.limit = 1;
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(media_upload_list(tx, &f, &a, &list, &count, e));
    *found = count > 0;
    if (*found)
        *out = list[0].id;
    return OK;
}

enum code flow_work_once(struct world *w, bool *did, struct error *e)
{
    ARENA(a);
    struct upload_id id;
    struct uploaded heard;
    TRY(next_waiting(w, &id, did, e));
    return *did ? flow_hear(w, id, &a, &heard, e) : OK;
}
