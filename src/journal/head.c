/* SPDX-License-Identifier: Apache-2.0 */
/* A head as signed text, to be kept where the operator cannot change it. */
#include "journal/journal.h"

#include <sodium.h>

static const char first_line[] = "licet journal head";

enum code journal_head_write(const struct journal_head *head, struct instant at,
                             const uint8_t secret[JOURNAL_SECRET], struct buf *out, struct error *e)
{
    char hex[2 * JOURNAL_SIGNATURE + 1], moment[INSTANT_TEXT];
    uint8_t signature[JOURNAL_SIGNATURE];
    buf_clear(out);
    hex_encode(head->root, JOURNAL_HASH, hex);
    buf_format(out, "%s\nsize %lld\nroot %s\nat %s\n", first_line, (long long)head->size, hex,
               instant_format(at, moment));
    if (out->failed)
        return fail(e, ERR_MEMORY, "no memory for a head");
    crypto_sign_detached(signature, NULL, out->bytes, out->length, secret);
    hex_encode(signature, JOURNAL_SIGNATURE, hex);
    buf_format(out, "signature %s\n", hex);
    return out->failed ? fail(e, ERR_MEMORY, "no memory for a head") : OK;
}

/* The rest of the next line, which begins with `name` and a blank */
static enum code line(struct str *text, const char *name, struct str *value, struct error *e)
{
    size_t n = strlen(name);
    if (!str_split(text, '\n', value) || !str_starts(*value, name) || value->length <= n ||
        value->at[n] != ' ')
        return fail(e, ERR_INVALID, "a journal head: the line \"%s ...\" is expected", name);
    value->at += n + 1;
    value->length -= n + 1;
    return OK;
}

enum code journal_head_read(struct str text, const uint8_t key[JOURNAL_KEY],
                            struct journal_head *head, struct instant *at, struct error *e)
{
    struct str rest = text, value;
    struct journal_head read;
    struct instant when;
    uint8_t signature[JOURNAL_SIGNATURE];
    if (!str_split(&rest, '\n', &value) || !str_is(value, first_line))
        return fail(e, ERR_INVALID, "a journal head begins with \"%s\"", first_line);
    TRY(line(&rest, "size", &value, e));
    TRY(str_to_int64(value, 0, INT64_MAX, &read.size, e));
    TRY(line(&rest, "root", &value, e));
    if (!hex_decode(value, read.root, JOURNAL_HASH))
        return fail(e, ERR_INVALID, "a journal head: the root is not %d hex digits",
                    2 * JOURNAL_HASH);
    TRY(line(&rest, "at", &value, e));
    TRY(instant_parse(value, &when, e));
    size_t signed_length = rest.at ? (size_t)(rest.at - text.at) : 0;
    TRY(line(&rest, "signature", &value, e));
    if (!hex_decode(value, signature, JOURNAL_SIGNATURE) || str_trim(rest).length)
        return fail(e, ERR_INVALID, "a journal head ends with a signature of %d hex digits",
                    2 * JOURNAL_SIGNATURE);
    if (crypto_sign_verify_detached(signature, (const uint8_t *)text.at, signed_length, key) != 0)
        return fail(e, ERR_CORRUPT, "a journal head: the signature is not of this key");
    *head = read;
    *at = when;
    return OK;
}
