/* SPDX-License-Identifier: Apache-2.0 */
/* Enrol: files are heard side by side, then become durable and searchable in groups. */
#include <libgen.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "fingerprint/fingerprint.h"
#include "flow/claims.h"
#include "flow/crew.h"
#include "flow/hear.h"
#include "flow/quality.h"
#include "flow/recheck.h"
#include "flow/rights.h"

enum { GROUP_MOST = 64, GROUP_MS = 400 };

/* A file on its way from decoder to acknowledgement. */
struct entry {
    struct arena arena;
    size_t number;
    enum code code;
    struct error error;
    char audio[BLOB_TEXT], fingerprint[BLOB_TEXT];
    struct heard heard;
    struct reference row; /* what the registry says */
    struct enrolled result;
    bool ready; /* heard; waits to be written */
};

struct run {
    struct world *world;
    const struct enrol_item *items;
    const struct enrol_sink *sink;
    struct entry *entries; /* of number n: entries[n % ahead] */
    size_t ahead;
    struct entry *group[GROUP_MOST];
    size_t group_count, failed;
    struct timespec group_began;
};

/* ---- side by side: hash, hear ---- */

static const char *file_of(const struct enrol_item *item)
{
    return item->file && item->file[0] ? item->file : item->path;
}

static const char *title_of(const struct enrol_item *item, const struct audio_facts *f,
                            struct arena *a)
{
    if (item->title.length)
        return str_copy(a, item->title);
    if (f->title && f->title[0])
        return f->title;
    char *name = basename(str_copy(a, str_of(file_of(item))));
    char *dot = strrchr(name, '.');
    if (dot && strcmp(dot, ".licetfp") == 0) { /* song.mp3.licetfp */
        *dot = '\0';
        dot = strrchr(name, '.');
    }
    if (dot && dot != name)
        *dot = '\0';
    return str_is_utf8(str_of(name)) && name[0] ? name : "untitled";
}

static const char *isrc_of(const struct enrol_item *item, const struct audio_facts *f,
                           struct arena *a)
{
    char plain[IDENTIFIER_TEXT];
    struct error ignored;
    if (item->isrc.length)
        return str_copy(a, item->isrc); /* checked by the registry, which names what is wrong */
    return f->isrc && isrc_parse(str_of(f->isrc), plain, &ignored) == OK
               ? arena_text(a, plain, strlen(plain))
               : NULL;
}

/* The same audio, enrolled before: nothing to hear. Anything else leaves *known false. */
static enum code look_up(struct run *r, const struct enrol_item *item, struct entry *x, bool *known,
                         struct error *e)
{
    TX(tx);
    struct recording_id of = { { 0 } };
    struct recording rec;
    struct error missing;
    *known = false;
    if (item->recording.length)
        TRY(recording_id_parse(item->recording, &of, e));
    TRY(store_begin(r->world->store, STORE_READ, &tx, e));
    enum code code = registry_reference_find(tx, r->world->catalogue, str_of(x->audio), of,
                                             &x->arena, &x->row, &missing);
    if (code == ERR_NOT_FOUND) {
        x->row = (struct reference) { 0 };
        return OK;
    }
    if (code != OK)
        return fail(e, code, "%s", missing.text);
    TRY(registry_recording_get(tx, r->world->catalogue, x->row.recording, &x->arena, &rec, e));
    *known = x->row.state == REFERENCE_INDEXED;
    x->result = (struct enrolled) { .reference = x->row.id,
                                    .recording = rec.id,
                                    .title = rec.title,
                                    .artist = rec.artist,
                                    .isrc = rec.isrc ? rec.isrc : "",
                                    .seconds = (double)x->row.duration_ms / 1000,
                                    .known = true };
    return OK;
}

/* The file itself, under the hash it is known by. */
static enum code keep_audio(const struct run *r, int fd, struct entry *x, struct error *e)
{
    struct audio_limits limits;
    int64_t size;
    const char *keep = settings_text(r->world->settings, "references.keep_audio");
    if (strcmp(keep, "yes") != 0 && strcmp(keep, "no") != 0)
        return fail(e, ERR_INVALID, "references.keep_audio: \"%s\" is neither yes nor no", keep);
    if (strcmp(keep, "no") == 0 || x->heard.audio.container == hear_fingerprint)
        return OK;
    TRY(audio_limits_from(r->world->settings, &limits, e));
    return media_blob_put_file(r->world->blobs, fd, limits.bytes_most, x->audio, &size, e);
}

static enum code hear_entry(struct run *r, const struct enrol_item *item, int fd, struct entry *x)
{
    bool known;
    BUF(bytes);
    const struct audio_wants wants = { .tags = true, .curve = true };
    struct error *e = &x->error;
    TRY(hear_hash(fd, x->audio, e));
    TRY(look_up(r, item, x, &known, e));
    if (known)
        return OK;
    TRY(hear_any(r->world->audio, r->world->settings, fd, &wants, true, true, &x->arena, &x->heard,
                 e));
    TRY(fingerprint_encode(x->heard.kept, &bytes, e));
    TRY(media_blob_put(r->world->blobs, bytes.bytes, bytes.length, x->fingerprint, e));
    TRY(keep_audio(r, fd, x, e));
    x->ready = true;
    return OK;
}

static void work(void *ctx, size_t number)
{
    struct run *r = ctx;
    struct entry *x = &r->entries[number % r->ahead];
    int fd = -1;
    *x = (struct entry) { .number = number };
    x->code = hear_open(r->items[number].path, &fd, &x->error);
    if (x->code == OK)
        x->code = hear_entry(r, &r->items[number], fd, x);
    if (fd >= 0)
        close(fd);
}

/* ---- in groups: registry, index, recheck, acknowledgement ---- */

static enum code find_recording(const struct registry_act *act, const struct enrol_item *item,
                                const char *isrc, struct entry *x, struct recording *rec,
                                bool *found, struct error *e)
{
    struct error missing;
    enum code code = ERR_NOT_FOUND;
    if (item->recording.length) {
        struct recording_id id;
        TRY(recording_id_parse(item->recording, &id, e));
        TRY(registry_recording_get(act->tx, act->catalogue, id, &x->arena, rec, e));
        code = OK;
    } else if (!recording_id_is_none(x->row.recording)) {
        TRY(registry_recording_get(act->tx, act->catalogue, x->row.recording, &x->arena, rec, e));
        code = OK;
    } else if (isrc) {
        code = registry_recording_find(act->tx, act->catalogue, str_of(isrc), &x->arena, rec,
                                       &missing);
        if (code != OK && code != ERR_NOT_FOUND)
            return fail(e, code, "%s", missing.text);
    }
    *found = code == OK;
    return OK;
}

static enum code write_entry(const struct registry_act *act, const struct enrol_item *item,
                             struct entry *x, struct error *e)
{
    const struct audio_facts *f = &x->heard.audio;
    struct recording rec = { 0 };
    struct party party = { .id = act->catalogue };
    bool found = false;
    const char *isrc = isrc_of(item, f, &x->arena);
    if (item->party.length)
        TRY(registry_party_find(act->tx, act->catalogue, item->party, &x->arena, &party, e));
    TRY(find_recording(act, item, isrc, x, &rec, &found, e));
    if (!found) {
        rec = (struct recording) { .isrc = isrc,
                                   .title = title_of(item, f, &x->arena),
                                   .artist = item->artist.length ? str_copy(&x->arena, item->artist)
                                             : f->artist         ? f->artist
                                                                 : "",
                                   .duration_ms = f->duration_ms };
        TRY(registry_recording_put(act, &rec, e));
    }
    x->row = (struct reference) { .id = x->row.id,
                                  .recording = rec.id,
                                  .party = party.id,
                                  .file = file_of(item),
                                  .audio = x->audio,
                                  .fingerprint = x->fingerprint,
                                  .duration_ms = f->duration_ms,
                                  .state = REFERENCE_INDEXED };
    TRY(registry_reference_put(act, &x->row, e));
    x->result = (struct enrolled) { .reference = x->row.id,
                                    .recording = rec.id,
                                    .title = rec.title,
                                    .artist = rec.artist,
                                    .isrc = rec.isrc ? rec.isrc : "",
                                    .seconds = (double)f->duration_ms / 1000,
                                    .warning = quality_of(f) };
    return OK;
}

/* The same bytes may stand in a group twice: the second finds what the first wrote. */
static bool written_in_group(struct run *r, size_t at)
{
    struct entry *x = r->group[at];
    for (size_t i = 0; i < at; i++) {
        const struct entry *before = r->group[i];
        if (before->code == OK && strcmp(before->audio, x->audio) == 0 &&
            str_equal(r->items[before->number].recording, r->items[x->number].recording)) {
            x->row = before->row;
            x->result = before->result;
            x->result.known = true;
            return true;
        }
    }
    return false;
}

static enum code write_rows(struct run *r, struct error *e)
{
    TX(tx);
    TRY(store_begin(r->world->store, STORE_WRITE, &tx, e));
    struct registry_act act = world_act(r->world, tx, STR("enrol"), STR("reference delivered"));
    for (size_t i = 0; i < r->group_count; i++) {
        struct entry *x = r->group[i];
        if (x->code != OK || !x->ready || written_in_group(r, i))
            continue;
        TRY(store_savepoint(tx, e));
        x->code = write_entry(&act, &r->items[x->number], x, &x->error);
        if (x->code == OK)
            TRY(store_release(tx, e));
        else
            TRY(store_rollback_to(tx, e));
    }
    return store_commit_take(take(tx), e);
}

static enum code add_to_index(struct run *r, struct error *e)
{
    struct index *ix;
    enum code code = OK;
    struct error closing;
    TRY(world_ear_write(r->world, EAR_REFERENCES, &ix, e));
    for (size_t i = 0; i < r->group_count && code == OK; i++) {
        struct entry *x = r->group[i];
        struct index_key key;
        if (x->code != OK || !x->ready)
            continue;
        memcpy(key.bytes, x->row.id.bytes, ID_BYTES);
        code = index_add(ix, &key, x->heard.kept, e);
    }
    if (code == OK)
        code = index_commit(ix, e);
    enum code closed = world_ear_close_take(r->world, EAR_REFERENCES, ix, &closing);
    return code != OK || closed == OK ? code : fail(e, closed, "%s", closing.text);
}

static enum code recheck_group(struct run *r, struct error *e)
{
    for (size_t i = 0; i < r->group_count; i++) {
        struct entry *x = r->group[i];
        if (x->code != OK || !x->ready || x->result.known)
            continue;
        TRY(recheck_reference(r->world, &x->row, x->heard.query, &x->result.rechecked, e));
        TRY(quality_check(r->world, &x->row, &x->heard.audio, x->heard.query, &x->result.overlaps,
                          e));
        if (x->result.overlaps && !x->result.warning)
            x->result.warning = "another party's reference sounds the same: an issue is open";
    }
    return OK;
}

static enum code write_group(struct run *r, struct error *e)
{
    bool any = false;
    for (size_t i = 0; i < r->group_count; i++)
        any = any || (r->group[i]->code == OK && r->group[i]->ready);
    if (!any)
        return OK;
    TRY(write_rows(r, e));
    TRY(add_to_index(r, e));
    return recheck_group(r, e);
}

static void finish_group(struct run *r)
{
    struct error error;
    enum code code = write_group(r, &error);
    for (size_t i = 0; i < r->group_count; i++) {
        struct entry *x = r->group[i];
        if (code != OK && x->code == OK && x->ready) {
            x->code = code;
            x->error = error;
        }
        r->failed += x->code != OK;
        r->sink->item(r->sink->ctx, x->number, x->code, &x->result, &x->error);
        heard_done(&x->heard);
        arena_done(&x->arena);
    }
    r->group_count = 0;
}

static int64_t ms_since(const struct timespec *t)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - t->tv_sec) * 1000 + (now.tv_nsec - t->tv_nsec) / 1000000;
}

static bool done(void *ctx, size_t number)
{
    struct run *r = ctx;
    if (r->group_count == 0)
        clock_gettime(CLOCK_MONOTONIC, &r->group_began);
    r->group[r->group_count++] = &r->entries[number % r->ahead];
    if (r->group_count == GROUP_MOST || ms_since(&r->group_began) >= GROUP_MS)
        finish_group(r);
    return true;
}

enum code flow_enrol(struct world *w, const struct enrol_item *items, size_t count, unsigned jobs,
                     const struct enrol_sink *sink, size_t *failed, struct error *e)
{
    int64_t asked;
    TRY(settings_int(w->settings, "audio.jobs", 0, 1024, &asked, e));
    unsigned threads = crew_size(jobs ? jobs : asked);
    struct run r = { .world = w, .items = items, .sink = sink };
    r.ahead = GROUP_MOST + 2 * (size_t)threads; /* a group keeps its entries until it is written */
    r.entries = calloc(r.ahead, sizeof *r.entries);
    if (!r.entries)
        return fail(e, ERR_MEMORY, "no memory for %zu files", r.ahead);
    struct crew crew = { &r, work, done };
    enum code code = crew_run(&crew, count, threads, threads + 1, e);
    if (r.group_count)
        finish_group(&r);
    free(r.entries);
    *failed = r.failed;
    return code == OK ? world_rights_follow(w, e) : code;
}

enum code flow_withdraw(struct world *w, struct str reference, struct str who, struct str why,
                        struct error *e)
{
    CHANGE(c);
    ARENA(a);
    struct reference_id id;
    struct reference ref;
    struct index *ix;
    struct index_key key;
    struct error closing;
    size_t undone;
    TRY(reference_id_parse(reference, &id, e));
    TRY(flow_change_begin(w, who, why, &c, e));
    TRY(registry_reference_get(c.act.tx, w->catalogue, id, &a, &ref, e));
    ref.state = REFERENCE_WITHDRAWN;
    TRY(registry_reference_put(&c.act, &ref, e));
    TRY(recheck_withdrawn(&c.act, id, e));
    TRY(registry_overlaps_resolve(&c.act, id, e));
    TRY(claims_without(w, &c.act, id, &undone, e));
    TRY(flow_change_commit(&c, e));
    memcpy(key.bytes, id.bytes, ID_BYTES);
    TRY(world_ear_write(w, EAR_REFERENCES, &ix, e));
    enum code code = index_remove(ix, &key, e);
    enum code closed = world_ear_close_take(w, EAR_REFERENCES, ix, &closing);
    return code != OK || closed == OK ? code : fail(e, closed, "%s", closing.text);
}
