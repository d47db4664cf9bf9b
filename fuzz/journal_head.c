/* SPDX-License-Identifier: Apache-2.0 */
/* A signed head that somebody hands in: read or refused; what is read was signed. */
#include <sodium.h>
#include <stdlib.h>

#include "journal/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static const uint8_t seed[crypto_sign_SEEDBYTES] = { 42 };
    uint8_t key[JOURNAL_KEY], secret[JOURNAL_SECRET];
    struct str text = { (const char *)bytes, count };
    struct journal_head head, back;
    struct instant at;
    struct error e = { 0 };
    BUF(written);
    crypto_sign_seed_keypair(key, secret, seed);
    enum code code = journal_head_read(text, key, &head, &at, &e);
    if (code != OK)
        return e.text[0] ? 0 : (abort(), 0);
    if (journal_head_write(&head, at, secret, &written, &e) != OK ||
        journal_head_read(buf_as_str(&written), key, &back, &at, &e) != OK ||
        back.size != head.size || memcmp(back.root, head.root, JOURNAL_HASH) != 0)
        abort();
    return 0;
}
