/* SPDX-License-Identifier: Apache-2.0 */
/* Copying with hashes, and the list of them. */
#include "cli/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 1 << 17, FILES_MOST = 100000000 };

static void close_at(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define FD(name) __attribute__((cleanup(close_at))) int name

static enum code copy_pieces(int in, int out, struct manifest_file *about, struct error *e)
{
    crypto_generichash_state state;
    static _Thread_local uint8_t piece[PIECE_BYTES];
    crypto_generichash_init(&state, NULL, 0, MANIFEST_HASH_BYTES);
    about->size_bytes = 0;
    for (;;) {
        ssize_t n = read(in, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "cannot be read");
        if (n == 0)
            break;
        crypto_generichash_update(&state, piece, (unsigned long long)n);
        about->size_bytes += n;
        if (out >= 0)
            TRY(file_write_all(out, piece, (size_t)n, e));
    }
    crypto_generichash_final(&state, about->hash, MANIFEST_HASH_BYTES);
    if (out >= 0 && fsync(out) != 0)
        return fail_errno(e, "cannot be synced");
    return OK;
}

enum code manifest_copy(const char *from, const char *to, struct manifest_file *about,
                        struct error *e)
{
    FD(in) = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in < 0)
        return errno == ENOENT ? fail(e, ERR_NOT_FOUND, "%s is gone", from)
                               : fail_errno(e, "%s", from);
    FD(out) = -1;
    if (to)
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to && out < 0)
        return fail_errno(e, "%s", to);
    if (copy_pieces(in, out, about, e) != OK)
        return fail_in(e, "%s", to ? to : from);
    return OK;
}

enum code manifest_add(struct manifest *m, struct arena *a, const char *path,
                       const struct manifest_file *about, struct error *e)
{
    if (m->count == m->room) {
        size_t room = m->room ? 2 * m->room : 64;
        struct manifest_file *files = arena_try(a, room, sizeof *files);
        if (!files || room > FILES_MOST)
            return fail(e, ERR_MEMORY, "%zu files are too many", room);
        if (m->count)
            memcpy(files, m->files, m->count * sizeof *files);
        m->files = files;
        m->room = room;
    }
    m->files[m->count] = *about;
    m->files[m->count++].path = arena_text(a, path, strlen(path));
    m->bytes += about->size_bytes;
    return OK;
}

static void hash_text(const struct buf *text, char hex[2 * MANIFEST_HASH_BYTES + 1])
{
    uint8_t hash[MANIFEST_HASH_BYTES];
    crypto_generichash(hash, sizeof hash, text->bytes, text->length, NULL, 0);
    hex_encode(hash, sizeof hash, hex);
}

void manifest_write(const struct manifest *m, const char *version, struct instant now,
                    struct buf *out)
{
    char at[INSTANT_TEXT], hex[2 * MANIFEST_HASH_BYTES + 1];
    buf_format(out, "licet backup 1\nmade %s by licet %s\n", instant_format(now, at), version);
    for (size_t i = 0; i < m->count; i++) {
        hex_encode(m->files[i].hash, MANIFEST_HASH_BYTES, hex);
        buf_format(out, "%s %" PRId64 " %s\n", hex, m->files[i].size_bytes, m->files[i].path);
    }
    hash_text(out, hex);
    buf_format(out, "end %s\n", hex);
}

static bool stays_inside(struct str path)
{
    struct str rest = path, part;
    if (path.length == 0 || path.at[0] == '/' || memchr(path.at, '\0', path.length))
        return false;
    while (str_split(&rest, '/', &part))
        if (part.length == 0 || str_is(part, ".") || str_is(part, ".."))
            return false;
    return true;
}

static enum code read_file_line(struct str line, struct arena *a, struct manifest *m,
                                struct error *e)
{
    struct manifest_file file = { 0 };
    struct str path = line, hash, size;
    if (!str_split(&path, ' ', &hash) || !str_split(&path, ' ', &size) || !path.at ||
        !hex_decode(hash, file.hash, MANIFEST_HASH_BYTES) || !stays_inside(path))
        return fail(e, ERR_CORRUPT, "this is not a file's line");
    if (str_to_int64(size, 0, INT64_MAX, &file.size_bytes, e) != OK)
        return ERR_CORRUPT;
    return manifest_add(m, a, str_copy(a, path), &file, e);
}

enum code manifest_read(struct str text, struct arena *a, struct manifest *out, struct error *e)
{
    struct manifest m = { 0 };
    struct str rest = text, line;
    char hex[2 * MANIFEST_HASH_BYTES + 1];
    if (!str_split(&rest, '\n', &line) || !str_starts(line, "licet backup "))
        return fail(e, ERR_CORRUPT, "this is not the manifest of a backup");
    if (!str_is(line, "licet backup 1"))
        return fail(e, ERR_INVALID, "made by a newer licet: \"%.*s\"", STR_ARG(line));
    if (!str_split(&rest, '\n', &line) || !str_starts(line, "made "))
        return fail(e, ERR_CORRUPT, "line 2 does not say when it was made");
    struct str made = { line.at + 5, line.length - 5 }, when;
    str_split(&made, ' ', &when);
    snprintf(m.made, sizeof m.made, "%.*s", STR_ARG(when));
    for (int number = 3; rest.at && str_split(&rest, '\n', &line); number++) {
        if (str_starts(line, "end ")) {
            struct buf before = { .bytes = (uint8_t *)(uintptr_t)text.at,
                                  .length = (size_t)(line.at - text.at) };
            hash_text(&before, hex);
            if (!str_is((struct str) { line.at + 4, line.length - 4 }, hex) || rest.length)
                return fail(e, ERR_CORRUPT, "the list was changed after it was written");
            *out = m;
            return OK;
        }
        if (read_file_line(line, a, &m, e) != OK)
            return fail_in(e, "line %d", number);
    }
    return fail(e, ERR_CORRUPT, "the list is cut off: the backup was not finished");
}

enum code manifest_check(const struct manifest *m, const char *folder, struct error *e)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct manifest_file *want = &m->files[i];
        struct manifest_file is;
        ARENA(a);
        const char *path = arena_format(&a, "%s/%s", folder, want->path);
        struct error why = { 0 };
        enum code code = manifest_copy(path, NULL, &is, &why);
        if (code == ERR_NOT_FOUND)
            return fail(e, ERR_CORRUPT, "%s is missing", path);
        if (code != OK)
            return fail(e, code, "%s", why.text);
        if (is.size_bytes != want->size_bytes)
            return fail(e, ERR_CORRUPT, "%s has %" PRId64 " bytes, not %" PRId64, path,
                        is.size_bytes, want->size_bytes);
        if (memcmp(is.hash, want->hash, MANIFEST_HASH_BYTES) != 0)
            return fail(e, ERR_CORRUPT, "%s was changed", path);
    }
    return OK;
}
