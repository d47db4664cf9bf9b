/* SPDX-License-Identifier: Apache-2.0 */
/* The data folder: what lies where, and the keys in it. Internal to flow. */
#ifndef LICET_FLOW_FOLDER_H
#define LICET_FLOW_FOLDER_H

#include "base/base.h"

enum { MASTER_KEY_BYTES = 32, SIGN_SECRET_BYTES = 64, SIGN_PUBLIC_BYTES = 32 };

/*  licet.conf           settings of this installation
 *  licet.db             the embedded database, unless store.url names another
 *  blobs/               uploads, renditions, fingerprints by hash
 *  index/references     fingerprints of references, searchable
 *  index/uploads        fingerprints of uploads, for references that come later
 *  keys/master.key      secret of app keys and links
 *  keys/journal.key     secret half of the journal's signature; journal.pub is for others
 *  serve.lock           held by the one server of this folder
 */
struct folder {
    const char *path, *database_url, *blobs, *references, *uploads, *serve_lock;
    uint8_t master_key[MASTER_KEY_BYTES];
    uint8_t sign_secret[SIGN_SECRET_BYTES];
    uint8_t sign_public[SIGN_PUBLIC_BYTES];
};

/* in      store_url  the setting; empty for licet.db in the folder
 *         create     make folder and keys where they are missing
 * out     texts in arena a
 * errors  NOT_FOUND  no folder, or no keys in it, and not create; CORRUPT a key file is damaged */
MUST_USE enum code folder_open(const char *path, const char *store_url, bool create,
                               const struct chance *chance, struct arena *a, struct folder *out,
                               struct error *e);

/* Remove a folder and the files in it; one that is not there is fine. */
MUST_USE enum code folder_remove(const char *path, struct error *e);

#endif
