/* SPDX-License-Identifier: Apache-2.0 */
/* The index opened, refreshed, closed, looked at. */
#include "index/store.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "index/log.h"

/* Read the log from where we are; only whole groups count. */
static enum code log_catch_up(struct index *ix, struct error *e)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", ix->dir, ix->log_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "%s", path);
    struct stat st;
    uint8_t *bytes = NULL;
    enum code code = fstat(fd, &st) == 0 ? OK : fail_errno(e, "%s", path);
    uint64_t size = code == OK ? (uint64_t)st.st_size : 0;
    if (size > LOG_MOST)
        code = fail(e, ERR_LIMIT, "%s: too large", path);
    size_t length = size > ix->log_length ? (size_t)(size - ix->log_length) : 0;
    if (code == OK && length) {
        bytes = malloc(length);
        if (!bytes)
            code = fail(e, ERR_MEMORY, "no memory for %s", path);
        for (size_t at = 0; code == OK && at < length;) {
            ssize_t n = pread(fd, bytes + at, length - at, (off_t)(ix->log_length + at));
            if (n < 0 && errno != EINTR)
                code = fail_errno(e, "%s", path);
            if (n == 0)
                length = at;
            at += n > 0 ? (size_t)n : 0;
        }
    }
    close(fd);
    size_t whole = code == OK && length ? log_whole(bytes, length) : 0;
    if (whole)
        code = group_apply(ix, bytes, whole, e);
    if (whole && code == OK)
        ix->log_length += whole;
    free(bytes);
    return code;
}

static enum code state_load(struct index *ix, struct error *e)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/manifest", ix->dir);
    for (int attempt = 0;; attempt++) {
        struct stat st;
        struct manifest m;
        if (stat(path, &st) != 0)
            memset(&st, 0, sizeof st);
        enum code code = segments_read(ix, false, &m, e);
        if (code == ERR_NOT_FOUND && attempt < 20 && st.st_ino)
            continue; /* replaced between our looks: look again */
        TRY(code);
        snprintf(ix->log_name, sizeof ix->log_name, "%s", m.log);
        ix->log_length = 0;
        ix->generation = m.generation;
        ix->manifest = st;
        if (!keys_rebuild(ix, m.view)) {
            view_free(m.view);
            return fail(e, ERR_MEMORY, "no memory for the keys of the index");
        }
        view_show(ix, m.view);
        code = log_catch_up(ix, e);
        if (code == ERR_NOT_FOUND && attempt < 20)
            continue;
        return code;
    }
}

/* What a writer that was killed left: no manifest names it. */
static void leftovers_remove(const struct index *ix)
{
    DIR *d = opendir(ix->dir);
    for (struct dirent *f; d && (f = readdir(d));) {
        bool ours = strncmp(f->d_name, "segment-", 8) == 0 || strncmp(f->d_name, "log-", 4) == 0;
        bool used = strcmp(f->d_name, ix->log_name) == 0;
        for (size_t i = 0; i < ix->view->count; i++)
            used |= strcmp(f->d_name, ix->view->parts[i]->name) == 0;
        if (ours && !used)
            unlinkat(dirfd(d), f->d_name, 0);
    }
    if (d)
        closedir(d);
}

enum code index_open(const char *dir, enum index_mode mode, struct index **out, struct error *e)
{
    struct index *ix = calloc(1, sizeof *ix);
    if (!ix || !(ix->dir = strdup(dir)) || !(ix->view = view_copy(NULL, 0, NULL))) {
        if (ix)
            free(ix->dir);
        free(ix);
        return fail(e, ERR_MEMORY, "no memory for an index");
    }
    pthread_mutex_init(&ix->mutex, NULL);
    ix->lock = ix->log = -1;
    ix->writing = mode == INDEX_WRITE;
    char path[4096];
    enum code code = OK;
    if (ix->writing) {
        code = file_make_folder(dir, 0750, e);
        snprintf(path, sizeof path, "%s/lock", dir);
        if (code == OK && (code = file_lock(path, &ix->lock, e)) != OK)
            fail_in(e, "index %s", dir);
    }
    snprintf(path, sizeof path, "%s/manifest", dir);
    bool there = access(path, F_OK) == 0;
    if (code == OK && there)
        code = state_load(ix, e);
    if (code == OK && ix->writing && there)
        leftovers_remove(ix);
    if (code == OK && ix->writing && !there) {
        snprintf(ix->log_name, sizeof ix->log_name, "log-%010d", 0);
        code = log_begin(ix, ix->log_name, &ix->log, e);
        if (code == OK)
            code = segments_write(ix, ix->view, 0, ix->log_name, e);
    } else if (code == OK && ix->writing) {
        snprintf(path, sizeof path, "%s/%s", dir, ix->log_name);
        ix->log = open(path, O_WRONLY | O_CLOEXEC);
        if (ix->log < 0)
            code = fail_errno(e, "%s", path);
    }
    if (code != OK) {
        index_close(ix);
        return code;
    }
    *out = ix;
    return OK;
}

void index_close(struct index *ix)
{
    if (!ix)
        return;
    assert(!ix->view || ix->view->references == 1);
    view_free(ix->view);
    if (ix->log >= 0)
        close(ix->log);
    if (ix->lock >= 0)
        close(ix->lock);
    buf_done(&ix->pending);
    pthread_mutex_destroy(&ix->mutex);
    free(ix->map);
    free(ix->dir);
    free(ix);
}

enum code index_refresh(struct index *ix, struct error *e)
{
    char path[4096];
    struct stat st;
    if (ix->writing)
        return OK;
    snprintf(path, sizeof path, "%s/manifest", ix->dir);
    if (stat(path, &st) != 0)
        return errno == ENOENT && !ix->log_name[0] ? OK : fail_errno(e, "%s", path);
    if (st.st_ino != ix->manifest.st_ino || st.st_size != ix->manifest.st_size ||
        st.st_mtim.tv_sec != ix->manifest.st_mtim.tv_sec ||
        st.st_mtim.tv_nsec != ix->manifest.st_mtim.tv_nsec)
        return state_load(ix, e);
    snprintf(path, sizeof path, "%s/%s", ix->dir, ix->log_name);
    if (stat(path, &st) == 0 && (uint64_t)st.st_size <= ix->log_length)
        return OK;
    enum code code = log_catch_up(ix, e);
    return code == ERR_NOT_FOUND ? state_load(ix, e) : code;
}

/* ---- looking ----------------------------------------------------------------------------- */

bool index_has(const struct index *ix, const struct index_key *key)
{
    return key_find(ix, key) != NULL;
}

void index_each(const struct index *ix,
                bool (*each)(void *context, const struct index_key *key, double seconds),
                void *context)
{
    const struct view *v = index_view(ix);
    bool more = true;
    for (size_t i = 0; i < v->count && more; i++) {
        const struct segment *g = &v->parts[i]->segment;
        for (uint32_t r = 0; r < g->head->recordings && more; r++)
            if (!view_gone(v, i, r))
                more = each(context, &g->recordings[r].key,
                            (double)g->recordings[r].samples / FP_RATE_HZ);
    }
    index_view_release(ix, v);
}

void index_info(const struct index *ix, struct index_figures *out)
{
    const struct view *v = index_view(ix);
    struct index_figures f = { .generation = ix->generation,
                               .bytes = ix->log_length,
                               .version = SEGMENT_VERSION };
    for (size_t i = 0; i < v->count; i++) {
        const struct segment *g = &v->parts[i]->segment;
        if (v->parts[i]->name[0]) {
            f.segments++;
            f.bytes += g->length;
        }
        for (uint32_t r = 0; r < g->head->recordings; r++)
            if (!view_gone(v, i, r)) {
                f.recordings++;
                f.hours += (double)g->recordings[r].samples / FP_RATE_HZ / 3600;
            }
    }
    index_view_release(ix, v);
    *out = f;
}

enum code index_check(const char *dir, struct error *e)
{
    struct index ix = { .dir = (char *)(uintptr_t)dir, .lock = -1, .log = -1 };
    struct manifest m;
    BUF(log);
    char path[4096];
    TRY(segments_read(&ix, true, &m, e));
    view_free(m.view);
    snprintf(path, sizeof path, "%s/%s", dir, m.log);
    TRY(file_read(path, LOG_MOST, &log, e));
    size_t whole = log_whole(log.bytes, log.length), at = 0;
    struct log_record r;
    for (; at < whole && log_next(log.bytes, whole, &at, &r);) {
        owned(fingerprint) fp = NULL;
        if (r.kind == LOG_ADD && fingerprint_decode(r.body, r.length, &fp, e) != OK)
            return fail_in(e, "%s: byte %zu", path, at);
    }
    if (whole < log.length)
        return fail(e, ERR_CORRUPT,
                    "%s: %zu bytes from %zu on do not check (an interrupted write, "
                    "or damage)",
                    path, log.length - whole, whole);
    return OK;
}
