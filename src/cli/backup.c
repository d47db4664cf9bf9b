/* SPDX-License-Identifier: Apache-2.0 */
/* licet backup, licet restore: the data folder while it is in use, into a folder with hashes.
 *
 * The database is copied first, by its own online backup. What its rows name was durable before
 * they were, so blobs copied later are all there. The indexes are copied until nothing changed
 * meanwhile. The manifest comes last: without it a backup does not count. */
#include "cli/manifest.h"
#include "cli/progress.h"
#include "cli/world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MOST = 8, TRIES_MOST = 50 };

struct copy {
    const char *from, *to;
    struct manifest *manifest;
    struct arena *arena;
    struct progress *progress;
};

/* Files that are not copied as they lie: the database (its own way), what only a running process
 * needs, and what is half written. */
static bool is_left_out(const char *name)
{
    static const char *const ends[] = { ".lock", ".tmp", ".db", ".db-wal", ".db-shm", NULL };
    size_t n = strlen(name);
    for (size_t i = 0; ends[i]; i++) {
        size_t m = strlen(ends[i]);
        if (n >= m && strcmp(name + n - m, ends[i]) == 0)
            return true;
    }
    return strncmp(name, ".tmp", 4) == 0 || strcmp(name, "tmp") == 0;
}

static void closedir_at(DIR **d)
{
    if (*d)
        closedir(*d);
}

typedef enum code visit(void *ctx, const char *path, const struct stat *about, struct error *e);

/* Every regular file under root/path, folders first told as such; sorted by nobody. */
static enum code walk(const char *root, const char *path, int depth, visit *each, void *ctx,
                      struct error *e)
{
    ARENA(a);
    const char *here = path[0] ? arena_format(&a, "%s/%s", root, path) : root;
    __attribute__((cleanup(closedir_at))) DIR *dir = opendir(here);
    if (!dir)
        return errno == ENOENT ? fail(e, ERR_NOT_FOUND, "%s is gone", here)
                               : fail_errno(e, "%s", here);
    if (depth > DEPTH_MOST)
        return fail(e, ERR_LIMIT, "%s: folders are nested too deep", here);
    for (struct dirent *d; (d = readdir(dir));) {
        struct stat about;
        if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..") || is_left_out(d->d_name))
            continue;
        const char *sub = path[0] ? arena_format(&a, "%s/%s", path, d->d_name) : d->d_name;
        if (lstat(arena_format(&a, "%s/%s", root, sub), &about) != 0) {
            if (errno == ENOENT)
                continue;
            return fail_errno(e, "%s", sub);
        }
        if (S_ISDIR(about.st_mode) || S_ISREG(about.st_mode))
            TRY(each(ctx, sub, &about, e));
        if (S_ISDIR(about.st_mode))
            TRY(walk(root, sub, depth + 1, each, ctx, e));
    }
    return OK;
}

static enum code copy_one(void *ctx, const char *path, const struct stat *about, struct error *e)
{
    struct copy *c = ctx;
    ARENA(a);
    const char *to = arena_format(&a, "%s/%s", c->to, path);
    if (S_ISDIR(about->st_mode))
        return file_make_folder(to, 0700, e);
    struct manifest_file file;
    TRY(manifest_copy(arena_format(&a, "%s/%s", c->from, path), to, &file, e));
    progress_step(c->progress, 1);
    return manifest_add(c->manifest, c->arena, path, &file, e);
}

/* What the indexes look like: names, sizes and times, summed. */
static enum code look_one(void *ctx, const char *path, const struct stat *about, struct error *e)
{
    uint64_t *sum = ctx, h = 14695981039346656037u;
    (void)e;
    for (const char *p = path; *p; p++)
        h = (h ^ (uint8_t)*p) * 1099511628211u;
    h = (h ^ (uint64_t)about->st_size) * 1099511628211u;
    h = (h ^ (uint64_t)about->st_mtim.tv_sec) * 1099511628211u;
    h = (h ^ (uint64_t)about->st_mtim.tv_nsec) * 1099511628211u;
    *sum += S_ISDIR(about->st_mode) ? 0 : h; /* in no order */
    return OK;
}

static enum code remove_one(void *ctx, const char *path, const struct stat *about, struct error *e)
{
    ARENA(a);
    const char *full = arena_format(&a, "%s/%s", (const char *)ctx, path);
    if (S_ISREG(about->st_mode) && unlink(full) != 0)
        return fail_errno(e, "%s", full);
    return OK;
}

static enum code copy_indexes(struct copy *c, struct error *e)
{
    size_t count = c->manifest->count;
    int64_t bytes = c->manifest->bytes;
    const char *index = arena_format(c->arena, "%s/index", c->to);
    for (int i = 0; i < TRIES_MOST; i++) {
        uint64_t before = 0, after = 0;
        TRY(walk(c->from, "index", 0, look_one, &before, e));
        TRY(file_make_folder(index, 0700, e));
        enum code code = walk(c->from, "index", 0, copy_one, c, e);
        if (code != OK && code != ERR_NOT_FOUND)
            return code;
        TRY(walk(c->from, "index", 0, look_one, &after, e));
        if (code == OK && before == after)
            return OK;
        TRY(walk(c->to, "index", 0, remove_one, (void *)(uintptr_t)c->to, e));
        c->manifest->count = count;
        c->manifest->bytes = bytes;
    }
    return fail(e, ERR_BUSY, "the indexes changed %d times while they were copied", TRIES_MOST);
}

static enum code copy_database(struct copy *c, struct store *store, struct error *e)
{
    ARENA(a);
    const char *to = arena_format(&a, "%s/licet.db", c->to);
    struct manifest_file file;
    if (store_kind(store) != STORE_SQLITE)
        return fail(e, ERR_INVALID,
                    "the records are in PostgreSQL: back them up with pg_dump first, "
                    "then these files with --files-only");
    TRY(store_backup(store, to, e));
    TRY(manifest_copy(to, NULL, &file, e));
    return manifest_add(c->manifest, c->arena, "licet.db", &file, e);
}

static enum code empty_folder(const char *path, struct error *e)
{
    TRY(file_make_folder(path, 0700, e));
    __attribute__((cleanup(closedir_at))) DIR *dir = opendir(path);
    if (!dir)
        return fail_errno(e, "%s", path);
    for (struct dirent *d; (d = readdir(dir));)
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            return fail(e, ERR_CONFLICT, "%s is not empty", path);
    return OK;
}

static enum code write_manifest(const struct copy *c, struct error *e)
{
    BUF(text);
    manifest_write(c->manifest, LICET_VERSION, instant_of_clock(), &text);
    if (text.failed)
        return fail(e, ERR_MEMORY, "no memory for the manifest");
    const char *path = arena_format(c->arena, "%s/manifest", c->to);
    return file_write(path, text.bytes, text.length, 0600, e);
}

static enum code read_manifest(const char *folder, struct arena *a, struct manifest *out,
                               struct error *e)
{
    BUF(text);
    const char *path = arena_format(a, "%s/manifest", folder);
    TRY(file_read(path, MANIFEST_BYTES_MOST, &text, e));
    if (manifest_read(buf_as_str(&text), a, out, e) != OK)
        return fail_in(e, "%s", path);
    return OK;
}

static void print_outcome(const struct cli_call *c, const char *did, const char *folder,
                          const struct manifest *m)
{
    if (!c->json) {
        printf("%s %s: %zu files, %.1f MB, every hash checked\n", did, folder, m->count,
               (double)m->bytes / 1e6);
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "folder", folder);
    json_int(&o, "files", (int64_t)m->count);
    json_int(&o, "bytes", m->bytes);
    json_end(&o, '}');
    cli_print(&line);
}

static const char *const parts[] = { "blobs", "keys", NULL };

static enum code copy_rest(struct copy *c, struct error *e)
{
    TRY(copy_indexes(c, e));
    for (size_t i = 0; parts[i]; i++) {
        TRY(file_make_folder(arena_format(c->arena, "%s/%s", c->to, parts[i]), 0700, e));
        TRY(walk(c->from, parts[i], 0, copy_one, c, e));
    }
    struct stat about;
    const char *conf = arena_format(c->arena, "%s/licet.conf", c->from);
    return stat(conf, &about) == 0 ? copy_one(c, "licet.conf", &about, e) : OK;
}

static enum code verify(struct cli_call *c, const char *folder, struct error *e)
{
    struct manifest m = { 0 };
    TRY(read_manifest(folder, c->arena, &m, e));
    TRY(manifest_check(&m, folder, e));
    print_outcome(c, "verified", folder, &m);
    return OK;
}

enum code cli_backup(struct cli_call *c, struct error *e)
{
    if (cli_has(c, "verify"))
        return verify(c, c->arguments[0], e);
    struct manifest m = { 0 };
    struct progress progress;
    struct copy copy = { c->data, c->arguments[0], &m, c->arena, &progress };
    WORLD(w);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(empty_folder(copy.to, e));
    progress_start(&progress, "copying", 0, c->quiet);
    enum code code = cli_has(c, "files-only") ? OK : copy_database(&copy, world_store(w.world), e);
    if (code == OK)
        code = copy_rest(&copy, e);
    progress_done(&progress);
    if (code != OK)
        return code;
    /* read back before it counts: what cannot be read again is no backup */
    TRY(manifest_check(&m, copy.to, e));
    TRY(write_manifest(&copy, e));
    print_outcome(c, "backed up to", copy.to, &m);
    return OK;
}

static enum code copy_back(const struct manifest *m, const char *from, const char *to,
                           struct progress *p, struct error *e)
{
    for (size_t i = 0; i < m->count; i++) {
        ARENA(a);
        struct manifest_file is;
        char *target = arena_format(&a, "%s/%s", to, m->files[i].path);
        char *slash = strrchr(target, '/');
        *slash = '\0';
        TRY(file_make_folder(target, 0700, e));
        *slash = '/';
        TRY(manifest_copy(arena_format(&a, "%s/%s", from, m->files[i].path), target, &is, e));
        if (memcmp(is.hash, m->files[i].hash, MANIFEST_HASH_BYTES) != 0)
            return fail(e, ERR_CORRUPT, "%s changed while it was copied", m->files[i].path);
        progress_step(p, 1);
    }
    return OK;
}

static int drop_one(const char *path, const struct stat *about, int type, struct FTW *at)
{
    (void)about, (void)at;
    return type == FTW_DP ? rmdir(path) : unlink(path);
}

static void drop_folder(const char *path)
{
    nftw(path, drop_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

enum code cli_restore(struct cli_call *c, struct error *e)
{
    const char *from = c->arguments[0];
    struct manifest m = { 0 };
    struct progress progress;
    TRY(read_manifest(from, c->arena, &m, e));
    TRY(manifest_check(&m, from, e));
    TRY(empty_folder(c->data, e));
    if (c->dry_run) {
        print_outcome(c, "could be restored:", from, &m);
        return OK;
    }
    /* built beside and renamed, so that a half restored folder never looks like a whole one */
    const char *beside = arena_format(c->arena, "%s.restoring", c->data);
    TRY(empty_folder(beside, e));
    progress_start(&progress, "restoring", (int64_t)m.count, c->quiet);
    enum code code = copy_back(&m, from, beside, &progress, e);
    progress_done(&progress);
    if (code == OK && rename(beside, c->data) != 0)
        code = fail_errno(e, "%s", c->data);
    if (code != OK) {
        drop_folder(beside);
        return code;
    }
    WORLD(w); /* it opens: the database is whole, the indexes fit */
    TRY(cli_world_open(c, NEEDS_CREATE, &w, e));
    print_outcome(c, "restored from", from, &m);
    return OK;
}
