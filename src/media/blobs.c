/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs as files: written beside, hashed, synced, renamed; read back as they are or verified. */
#include "media/blobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK_BYTES = 128 * 1024, DRAFT_SECONDS_MOST = 24 * 3600 };

struct media_blobs {
    char *folder;
    int dir, tmp; /* descriptors of the folders */
};

static void close_quietly(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* Drafts of a crash long ago; younger ones may be another process's work. */
static void sweep(int tmp)
{
    int again = openat(tmp, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = again < 0 ? NULL : fdopendir(again);
    if (!d) {
        close_quietly(again);
        return;
    }
    struct dirent *entry;
    struct stat st;
    while ((entry = readdir(d)) != NULL)
        if (strncmp(entry->d_name, "draft-", 6) == 0 && fstatat(tmp, entry->d_name, &st, 0) == 0 &&
            st.st_mtime + DRAFT_SECONDS_MOST < time(NULL))
            unlinkat(tmp, entry->d_name, 0);
    closedir(d);
}

enum code media_blobs_open(const char *folder, struct media_blobs **out, struct error *e)
{
    if (sodium_init() < 0)
        return fail(e, ERR_IO, "libsodium does not start");
    ARENA(a);
    TRY(file_make_folder(arena_format(&a, "%s/tmp", folder), 0700, e));
    owned(media_blobs) b = calloc(1, sizeof *b);
    if (!b)
        return fail(e, ERR_MEMORY, "no memory for blobs");
    b->dir = b->tmp = -1;
    b->folder = strdup(folder);
    b->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (b->dir >= 0)
        b->tmp = openat(b->dir, "tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!b->folder || b->tmp < 0)
        return fail_errno(e, "%s", folder);
    sweep(b->tmp);
    *out = take(b);
    return OK;
}

void media_blobs_free(struct media_blobs *b)
{
    if (!b)
        return;
    close_quietly(b->dir);
    close_quietly(b->tmp);
    free(b->folder);
    free(b);
}

/* ---- names ---- */

enum { PATH_TEXT = BLOB_TEXT + 3 };

static enum code path_of(const char *hash, char path[PATH_TEXT], struct error *e)
{
    size_t n = strspn(hash, "0123456789abcdef");
    if (n != BLOB_TEXT - 1 || hash[n])
        return fail(e, ERR_INVALID, "'%.70s' is not the hash of a blob", hash);
    snprintf(path, PATH_TEXT, "%.2s/%s", hash, hash);
    return OK;
}

static void hash_text(crypto_generichash_state *state, char hash[BLOB_TEXT])
{
    uint8_t bytes[BLOB_HASH_BYTES];
    crypto_generichash_final(state, bytes, sizeof bytes);
    hex_encode(bytes, sizeof bytes, hash);
}

/* ---- drafts ---- */

enum code media_blob_begin(struct media_blobs *b, struct blob_draft *d, struct error *e)
{
    uint8_t chance[12];
    char digits[2 * sizeof chance + 1];
    randombytes_buf(chance, sizeof chance);
    hex_encode(chance, sizeof chance, digits);
    snprintf(d->name, sizeof d->name, "draft-%s", digits);
    d->fd = openat(b->tmp, d->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return d->fd < 0 ? fail_errno(e, "%s/tmp/%s", b->folder, d->name) : OK;
}

void media_blob_drop(struct media_blobs *b, struct blob_draft *d)
{
    if (d->fd < 0)
        return;
    close(d->fd);
    unlinkat(b->tmp, d->name, 0);
    d->fd = -1;
}

/* Hash what lies in fd, from its beginning. */
static enum code hash_file(int fd, char hash[BLOB_TEXT], int64_t *size, struct error *e)
{
    uint8_t block[BLOCK_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, BLOB_HASH_BYTES);
    int64_t at = 0;
    for (;;) {
        ssize_t n = pread(fd, block, sizeof block, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "reading a blob");
        if (n == 0)
            break;
        crypto_generichash_update(&state, block, (unsigned long long)n);
        at += n;
    }
    hash_text(&state, hash);
    *size = at;
    return OK;
}

static enum code sync_shard(const struct media_blobs *b, const char *hash, struct error *e)
{
    char shard[3] = { hash[0], hash[1], '\0' };
    int fd = openat(b->dir, shard, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (!good)
        fail_errno(e, "%s/%s", b->folder, shard);
    close_quietly(fd);
    return good ? OK : ERR_IO;
}

static enum code make_shard(const struct media_blobs *b, const char *hash, struct error *e)
{
    char shard[3] = { hash[0], hash[1], '\0' };
    if (mkdirat(b->dir, shard, 0700) == 0)
        return fsync(b->dir) == 0 ? OK : fail_errno(e, "%s", b->folder);
    return errno == EEXIST ? OK : fail_errno(e, "%s/%s", b->folder, shard);
}

/* Rename a synced draft to its place; when the place is taken by as many bytes, it is the same. */
static enum code settle(struct media_blobs *b, struct blob_draft *d, const char *hash, int64_t size,
                        struct error *e)
{
    char path[PATH_TEXT];
    struct stat st;
    TRY(path_of(hash, path, e));
    if (fstatat(b->dir, path, &st, 0) == 0 && st.st_size == size) {
        media_blob_drop(b, d);
        return sync_shard(b, hash, e); /* its writer may not have come so far yet */
    }
    if (fsync(d->fd) != 0)
        return fail_errno(e, "%s/tmp/%s", b->folder, d->name);
    TRY(make_shard(b, hash, e));
    if (renameat(b->tmp, d->name, b->dir, path) != 0)
        return fail_errno(e, "%s/%s", b->folder, path);
    close(d->fd);
    d->fd = -1;
    return sync_shard(b, hash, e);
}

static enum code keep(struct media_blobs *b, struct blob_draft *d, char hash[BLOB_TEXT],
                      int64_t *size, struct error *e)
{
    TRY(hash_file(d->fd, hash, size, e));
    return settle(b, d, hash, *size, e);
}

enum code media_blob_keep(struct media_blobs *b, struct blob_draft *d, char hash[BLOB_TEXT],
                          int64_t *size, struct error *e)
{
    enum code code = keep(b, d, hash, size, e);
    media_blob_drop(b, d);
    return code;
}

enum code media_blob_put(struct media_blobs *b, const void *bytes, size_t length,
                         char hash[BLOB_TEXT], struct error *e)
{
    struct blob_draft d;
    int64_t size;
    TRY(media_blob_begin(b, &d, e));
    enum code code = file_write_all(d.fd, bytes, length, e);
    if (code == OK)
        code = keep(b, &d, hash, &size, e);
    media_blob_drop(b, &d);
    return code;
}

/* From fd into the draft, hashed on the way. */
static enum code copy(int fd, int64_t bytes_most, int to, char hash[BLOB_TEXT], int64_t *size,
                      struct error *e)
{
    uint8_t block[BLOCK_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, BLOB_HASH_BYTES);
    bool by_position = lseek(fd, 0, SEEK_CUR) >= 0;
    int64_t at = 0;
    for (;;) {
        ssize_t n = by_position ? pread(fd, block, sizeof block, at)
                                : read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "reading the file");
        if (n == 0)
            break;
        if ((at += n) > bytes_most)
            return fail(e, ERR_LIMIT, "the file is larger than %lld bytes", (long long)bytes_most);
        crypto_generichash_update(&state, block, (unsigned long long)n);
        TRY(file_write_all(to, block, (size_t)n, e));
    }
    hash_text(&state, hash);
    *size = at;
    return OK;
}

enum code media_blob_put_file(struct media_blobs *b, int fd, int64_t bytes_most,
                              char hash[BLOB_TEXT], int64_t *size, struct error *e)
{
    struct blob_draft d;
    TRY(media_blob_begin(b, &d, e));
    enum code code = copy(fd, bytes_most, d.fd, hash, size, e);
    if (code == OK)
        code = settle(b, &d, hash, *size, e);
    media_blob_drop(b, &d);
    return code;
}

/* ---- reading ---- */

static enum code verify(int fd, const char *hash, struct error *e)
{
    char is[BLOB_TEXT];
    int64_t size;
    TRY(hash_file(fd, is, &size, e));
    if (strcmp(is, hash) != 0)
        return fail(e, ERR_CORRUPT, "blob %s: its %lld bytes are others than were kept", hash,
                    (long long)size);
    return OK;
}

enum code media_blob_open(const struct media_blobs *b, const char *hash, enum blob_check check,
                          int *out, int64_t *size, struct error *e)
{
    char path[PATH_TEXT];
    struct stat st;
    TRY(path_of(hash, path, e));
    int fd = openat(b->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return fail(e, ERR_NOT_FOUND, "there is no blob %s", hash);
    if (fd < 0 || fstat(fd, &st) != 0) {
        fail_errno(e, "%s/%s", b->folder, path);
        close_quietly(fd);
        return ERR_IO;
    }
    enum code code = check == BLOB_VERIFY ? verify(fd, hash, e) : OK;
    if (code != OK) {
        close(fd);
        return code;
    }
    *out = fd;
    *size = st.st_size;
    return OK;
}

bool media_blob_has(const struct media_blobs *b, const char *hash)
{
    char path[PATH_TEXT];
    return path_of(hash, path, NULL) == OK && faccessat(b->dir, path, R_OK, 0) == 0;
}

enum code media_blob_remove(struct media_blobs *b, const char *hash, struct error *e)
{
    char path[PATH_TEXT];
    TRY(path_of(hash, path, e));
    if (unlinkat(b->dir, path, 0) != 0)
        return errno == ENOENT ? OK : fail_errno(e, "%s/%s", b->folder, path);
    return sync_shard(b, hash, e);
}

enum code media_blob_read(const struct media_blobs *b, const char *hash, size_t bytes_most,
                          struct buf *out, struct error *e)
{
    char path[PATH_TEXT];
    TRY(path_of(hash, path, e));
    ARENA(a);
    return file_read(arena_format(&a, "%s/%s", b->folder, path), bytes_most, out, e);
}

static int is_hex_name(const struct dirent *entry)
{
    return strspn(entry->d_name, "0123456789abcdef") == strlen(entry->d_name);
}

static enum code each_in(const struct media_blobs *b, const char *shard,
                         enum code (*visit)(void *, const char *, struct error *), void *context,
                         struct error *e)
{
    struct dirent **names;
    int n = scandirat(b->dir, shard, &names, is_hex_name, alphasort);
    if (n < 0)
        return errno == ENOENT ? OK : fail_errno(e, "%s/%s", b->folder, shard);
    enum code code = OK;
    for (int i = 0; i < n; i++) {
        if (code == OK && strlen(names[i]->d_name) == BLOB_TEXT - 1)
            code = visit(context, names[i]->d_name, e);
        free(names[i]);
    }
    free(names);
    return code;
}

enum code media_blob_each(const struct media_blobs *b,
                          enum code (*visit)(void *, const char *, struct error *), void *context,
                          struct error *e)
{
    for (unsigned i = 0; i < 256; i++) {
        char shard[3];
        snprintf(shard, sizeof shard, "%02x", i);
        TRY(each_in(b, shard, visit, context, e));
    }
    return OK;
}
