/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the data folder: paths, and keys made once and never shown. */
#include "flow/folder.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEED_BYTES = 32 };

/* A secret of 32 bytes, kept as 64 hexadecimal digits and a line end; made when missing. */
static enum code secret(const char *path, bool create, const struct chance *chance,
                        uint8_t out[SEED_BYTES], struct error *e)
{
    BUF(text);
    struct error none;
    enum code code = file_read(path, 1024, &text, &none);
    if (code == ERR_NOT_FOUND && create) {
        char hex[2 * SEED_BYTES + 2];
        chance->fill(chance->state, out, SEED_BYTES);
        hex_encode(out, SEED_BYTES, hex);
        hex[2 * (size_t)SEED_BYTES] = '\n';
        return file_write(path, hex, 2 * (size_t)SEED_BYTES + 1, 0600, e);
    }
    if (code != OK)
        return fail(e, code, "%s", none.text);
    if (!hex_decode(str_trim(buf_as_str(&text)), out, SEED_BYTES))
        return fail(e, ERR_CORRUPT, "%s is not 64 hexadecimal digits", path);
    return OK;
}

static enum code keys(struct folder *f, bool create, const struct chance *chance, struct arena *a,
                      struct error *e)
{
    uint8_t seed[SEED_BYTES];
    const char *public_path = arena_format(a, "%s/keys/journal.pub", f->path);
    TRY(secret(arena_format(a, "%s/keys/master.key", f->path), create, chance, f->master_key, e));
    TRY(secret(arena_format(a, "%s/keys/journal.key", f->path), create, chance, seed, e));
    if (sodium_init() < 0)
        return fail(e, ERR_IO, "libsodium does not start");
    crypto_sign_seed_keypair(f->sign_public, f->sign_secret, seed);
    sodium_memzero(seed, sizeof seed);
    if (create && access(public_path, F_OK) != 0) {
        char hex[2 * SIGN_PUBLIC_BYTES + 2];
        hex_encode(f->sign_public, SIGN_PUBLIC_BYTES, hex);
        hex[2 * (size_t)SIGN_PUBLIC_BYTES] = '\n';
        TRY(file_write(public_path, hex, 2 * (size_t)SIGN_PUBLIC_BYTES + 1, 0644, e));
    }
    return OK;
}

enum code folder_open(const char *path, const char *store_url, bool create,
                      const struct chance *chance, struct arena *a, struct folder *out,
                      struct error *e)
{
    struct folder f = {
        .path = arena_text(a, path, strlen(path)),
        .database_url = store_url[0] ? arena_text(a, store_url, strlen(store_url))
                                     : arena_format(a, "sqlite:%s/licet.db", path),
        .blobs = arena_format(a, "%s/blobs", path),
        .references = arena_format(a, "%s/index/references", path),
        .uploads = arena_format(a, "%s/index/uploads", path),
        .serve_lock = arena_format(a, "%s/serve.lock", path),
    };
    struct stat s;
    const char *made = arena_format(a, "%s/keys/master.key", path);
    if (!create && stat(made, &s) != 0)
        return fail(e, ERR_NOT_FOUND, "%s is not a data folder (\"licet init\" makes one)", path);
    if (create) {
        TRY(file_make_folder(path, 0700, e));
        TRY(file_make_folder(arena_format(a, "%s/keys", path), 0700, e));
        TRY(file_make_folder(f.blobs, 0700, e));
        TRY(file_make_folder(f.references, 0700, e));
        TRY(file_make_folder(f.uploads, 0700, e));
    }
    TRY(keys(&f, create, chance, a, e));
    *out = f;
    return OK;
}

enum code folder_remove(const char *path, struct error *e)
{
    DIR *d = opendir(path);
    const struct dirent *entry;
    if (!d)
        return errno == ENOENT ? OK : fail_errno(e, "%s", path);
    enum code code = OK;
    while (code == OK && (entry = readdir(d)) != NULL) {
        bool self = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        if (!self && unlinkat(dirfd(d), entry->d_name, 0) != 0 && errno != ENOENT)
            code = fail_errno(e, "%s/%s", path, entry->d_name);
    }
    closedir(d);
    return code != OK || rmdir(path) == 0 ? code : fail_errno(e, "%s", path);
}
