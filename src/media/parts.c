/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of an upload: one growing file and, beside it, the length that was receipted. */
#include "media/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

static const char *bytes_path(struct arena *a, const char *folder, struct upload_id id)
{
    char text[ID_TEXT];
    return arena_format(a, "%s/%s", folder, upload_id_format(id, text));
}

static const char *at_path(struct arena *a, const char *folder, struct upload_id id)
{
    return arena_format(a, "%s.at", bytes_path(a, folder, id));
}

static enum code none(struct upload_id id, struct error *e)
{
    char text[ID_TEXT];
    return fail(e, ERR_NOT_FOUND, "no upload %s is under way", upload_id_format(id, text));
}

static enum code write_at(const char *path, int64_t at, struct error *e)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%lld\n", (long long)at);
    return file_write(path, text, (size_t)n, 0600, e);
}

enum code media_part_begin(const char *folder, struct upload_id id, struct error *e)
{
    ARENA(a);
    char text[ID_TEXT];
    TRY(file_make_folder(folder, 0700, e));
    int fd = open(bytes_path(&a, folder, id), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return fail(e, ERR_CONFLICT, "upload %s has begun already", upload_id_format(id, text));
    if (fd < 0)
        return fail_errno(e, "%s", bytes_path(&a, folder, id));
    close(fd);
    return write_at(at_path(&a, folder, id), 0, e);
}

enum code media_part_at(const char *folder, struct upload_id id, int64_t *at, struct error *e)
{
    ARENA(a);
    BUF(b);
    enum code code = file_read(at_path(&a, folder, id), 64, &b, e);
    if (code == ERR_NOT_FOUND)
        return none(id, e);
    TRY(code);
    if (str_to_int64(str_trim(buf_as_str(&b)), 0, INT64_MAX, at, e) != OK) {
        e->code = ERR_CORRUPT;
        return fail_in(e, "%s", at_path(&a, folder, id));
    }
    return OK;
}

static enum code append(int fd, int64_t offset, const void *bytes, size_t length, struct error *e)
{
    if (ftruncate(fd, offset) != 0 || lseek(fd, offset, SEEK_SET) != offset)
        return fail_errno(e, "placing a part");
    TRY(file_write_all(fd, bytes, length, e));
    return fdatasync(fd) == 0 ? OK : fail_errno(e, "writing a part");
}

static enum code append_locked(int fd, const char *folder, struct upload_id id, int64_t offset,
                               const void *bytes, size_t length, int64_t bytes_most, int64_t *at,
                               struct error *e)
{
    ARENA(a);
    int64_t stands;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return fail(e, ERR_BUSY, "another part of this upload is being written");
    TRY(media_part_at(folder, id, &stands, e));
    if (offset != stands)
        return fail(e, ERR_CONFLICT, "the next part begins at %lld, not at %lld", (long long)stands,
                    (long long)offset);
    if ((int64_t)length > bytes_most - stands)
        return fail(e, ERR_LIMIT, "the upload is larger than %lld bytes", (long long)bytes_most);
    TRY(append(fd, offset, bytes, length, e));
    TRY(write_at(at_path(&a, folder, id), offset + (int64_t)length, e));
    *at = offset + (int64_t)length;
    return OK;
}

enum code media_part_append(const char *folder, struct upload_id id, int64_t offset,
                            const void *bytes, size_t length, int64_t bytes_most, int64_t *at,
                            struct error *e)
{
    ARENA(a);
    int fd = open(bytes_path(&a, folder, id), O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? none(id, e) : fail_errno(e, "%s", bytes_path(&a, folder, id));
    enum code code = append_locked(fd, folder, id, offset, bytes, length, bytes_most, at, e);
    close(fd);
    return code;
}

enum code media_part_drop(const char *folder, struct upload_id id, struct error *e)
{
    ARENA(a);
    const char *paths[] = { at_path(&a, folder, id), bytes_path(&a, folder, id) };
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        if (unlink(paths[i]) != 0 && errno != ENOENT)
            return fail_errno(e, "%s", paths[i]);
    return OK;
}

enum code media_part_keep(const char *folder, struct upload_id id, struct media_blobs *b,
                          char hash[BLOB_TEXT], int64_t *size, struct error *e)
{
    ARENA(a);
    int64_t at;
    TRY(media_part_at(folder, id, &at, e));
    int fd = open(bytes_path(&a, folder, id), O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "%s", bytes_path(&a, folder, id));
    enum code code = OK;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        code = fail(e, ERR_BUSY, "a part of this upload is being written");
    else if (ftruncate(fd, at) != 0)
        code = fail_errno(e, "placing the end");
    if (code == OK)
        code = media_blob_put_file(b, fd, INT64_MAX, hash, size, e);
    close(fd);
    return code;
}
