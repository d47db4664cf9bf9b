/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, durable replacement, advisory locks (flock: freed when the process dies). */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MOST = 4096 };

static inline void close_at(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define FD(name) __attribute__((cleanup(close_at))) int name

enum code file_read(const char *path, size_t most_bytes, struct buf *out, struct error *e)
{
    FD(fd) = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "%s", path);
    uint8_t block[64 * 1024];
    for (;;) {
        ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "%s", path);
        if (n == 0)
            break;
        if (out->length + (size_t)n > most_bytes)
            return fail(e, ERR_LIMIT, "%s is larger than %zu bytes", path, most_bytes);
        buf_put(out, block, (size_t)n);
    }
    return out->failed ? fail(e, ERR_MEMORY, "%s: no memory to read it", path) : OK;
}

enum code file_write_all(int fd, const void *bytes, size_t length, struct error *e)
{
    const uint8_t *p = bytes;
    while (length) {
        ssize_t n = write(fd, p, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "writing %zu bytes", length);
        p += n;
        length -= (size_t)n;
    }
    return OK;
}

enum code file_sync_folder(const char *path, struct error *e)
{
    FD(fd) = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return fail_errno(e, "%s", path);
    return OK;
}

static enum code write_beside(const char *beside, const void *bytes, size_t length, unsigned mode,
                              struct error *e)
{
    FD(fd) = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0)
        return fail_errno(e, "%s", beside);
    if (file_write_all(fd, bytes, length, e) != OK)
        return fail_in(e, "%s", beside);
    return fsync(fd) == 0 ? OK : fail_errno(e, "%s", beside);
}

enum code file_write(const char *path, const void *bytes, size_t length, unsigned mode,
                     struct error *e)
{
    char beside[PATH_MOST], folder[PATH_MOST];
    if (snprintf(beside, sizeof beside, "%s.%ld.new", path, (long)getpid()) >= PATH_MOST)
        return fail(e, ERR_INVALID, "%.100s...: a path of more than %d bytes", path, PATH_MOST);
    enum code code = write_beside(beside, bytes, length, mode, e);
    if (code == OK && rename(beside, path) != 0)
        code = fail_errno(e, "%s", path);
    if (code != OK) {
        unlink(beside);
        return code;
    }
    const char *slash = strrchr(path, '/');
    int parent = slash ? (int)(slash - path) : 1;
    snprintf(folder, sizeof folder, "%.*s", parent ? parent : 1, slash ? path : ".");
    return file_sync_folder(folder, e);
}

enum code file_make_folder(const char *path, unsigned mode, struct error *e)
{
    char p[PATH_MOST];
    if (snprintf(p, sizeof p, "%s", path) >= PATH_MOST)
        return fail(e, ERR_INVALID, "%.100s...: a path of more than %d bytes", path, PATH_MOST);
    for (char *at = p + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char was = *at;
        *at = '\0';
        if (mkdir(p, mode) != 0 && errno != EEXIST)
            return fail_errno(e, "%s", p);
        *at = was;
        if (!was)
            break;
    }
    struct stat s;
    if (stat(path, &s) != 0)
        return fail_errno(e, "%s", path);
    if (!S_ISDIR(s.st_mode))
        return fail(e, ERR_CONFLICT, "%s is there and is not a folder", path);
    return OK;
}

enum code file_lock(const char *path, int *out, struct error *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno(e, "%s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int err = errno;
        char holder[32] = "";
        ssize_t n = read(fd, holder, sizeof holder - 1);
        long pid = n > 0 ? strtol(holder, NULL, 10) : 0;
        close(fd);
        errno = err;
        if (err != EWOULDBLOCK)
            return fail_errno(e, "%s", path);
        return fail(e, ERR_BUSY, "%s is held by another process (%ld)", path, pid);
    }
    struct stat held, there;
    if (fstat(fd, &held) != 0 || stat(path, &there) != 0 || held.st_ino != there.st_ino ||
        held.st_dev != there.st_dev) { /* the folder was exchanged while we came */
        close(fd);
        return fail(e, ERR_BUSY, "%s was replaced: try again", path);
    }
    char self[32];
    int n = snprintf(self, sizeof self, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, self, (size_t)n, 0) != n) {
        fail_errno(e, "%s", path);
        close(fd);
        return ERR_IO;
    }
    *out = fd;
    return OK;
}
