/* SPDX-License-Identifier: Apache-2.0 */
/* Signed links: a fixed layout, sealed, in base64url. Pure. */
#include "media/link.h"

#include <sodium.h>

enum {
    VERSION = 1,
    AT_RENDITION = 1,
    AT_MODE = AT_RENDITION + ID_BYTES,
    AT_TERRITORY = AT_MODE + 1,
    AT_APP_KEY = AT_TERRITORY + 2,
    AT_VERDICT = AT_APP_KEY + ID_BYTES,
    AT_NOT_AFTER = AT_VERDICT + ID_BYTES,
    AT_SEAL = AT_NOT_AFTER + 5,
    SEAL_BYTES = 16,
    LINK_BYTES = AT_SEAL + SEAL_BYTES,
};
_Static_assert(sizeof "/m/" + (LINK_BYTES * 4 + 2) / 3 <= LINK_TEXT, "the text has room");
#define SECONDS_MOST ((1LL << 40) - 1)

static void seal(const uint8_t key[LINK_KEY_BYTES], const uint8_t bytes[AT_SEAL],
                 uint8_t out[SEAL_BYTES])
{
    static const uint8_t purpose[] = "licet media link";
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, LINK_KEY_BYTES, SEAL_BYTES);
    crypto_generichash_update(&state, purpose, sizeof purpose);
    crypto_generichash_update(&state, bytes, AT_SEAL);
    crypto_generichash_final(&state, out, SEAL_BYTES);
}

static int64_t seconds_of(struct instant t)
{
    int64_t s = t.us / 1000000;
    return s < 0 ? 0 : s > SECONDS_MOST ? SECONDS_MOST : s;
}

const char *media_link_make(const uint8_t key[LINK_KEY_BYTES], const struct media_link *link,
                            char out[LINK_TEXT])
{
    uint8_t b[LINK_BYTES] = { VERSION };
    memcpy(b + AT_RENDITION, link->rendition.bytes, ID_BYTES);
    b[AT_MODE] = (uint8_t)link->mode;
    memcpy(b + AT_TERRITORY, link->territory, 2);
    memcpy(b + AT_APP_KEY, link->app_key.bytes, ID_BYTES);
    memcpy(b + AT_VERDICT, link->verdict.bytes, ID_BYTES);
    int64_t seconds = seconds_of(link->not_after);
    for (int i = 0; i < 5; i++)
        b[AT_NOT_AFTER + i] = (uint8_t)(seconds >> (8 * (4 - i)));
    seal(key, b, b + AT_SEAL);
    memcpy(out, "/m/", 3);
    sodium_bin2base64(out + 3, LINK_TEXT - 3, b, sizeof b,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return out;
}

static bool decode(struct str text, uint8_t b[LINK_BYTES])
{
    size_t count;
    const char *end;
    if (str_starts(text, "/m/"))
        text = (struct str) { text.at + 3, text.length - 3 };
    if (text.length != (LINK_BYTES * 4 + 2) / 3)
        return false;
    if (sodium_base642bin(b, LINK_BYTES, text.at, text.length, NULL, &count, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        count != LINK_BYTES)
        return false;
    /* libsodium takes some bytes over 127 for letters: one link is one text */
    char again[LINK_TEXT];
    sodium_bin2base64(again, sizeof again, b, LINK_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_is(text, again);
}

static bool sealed(const uint8_t (*keys)[LINK_KEY_BYTES], size_t count, const uint8_t *b)
{
    bool good = false;
    for (size_t i = 0; i < count; i++) {
        uint8_t want[SEAL_BYTES];
        seal(keys[i], b, want);
        good |= sodium_memcmp(want, b + AT_SEAL, SEAL_BYTES) == 0;
    }
    return good;
}

enum link_state media_link_check(const uint8_t (*keys)[LINK_KEY_BYTES], size_t count,
                                 struct str text, struct instant now, struct media_link *out)
{
    uint8_t b[LINK_BYTES];
    if (!decode(text, b) || !sealed(keys, count, b) || b[0] != VERSION ||
        (b[AT_MODE] != LINK_PREVIEW && b[AT_MODE] != LINK_FULL))
        return LINK_FORGED;
    struct media_link link = { .mode = (enum link_mode)b[AT_MODE] };
    memcpy(link.rendition.bytes, b + AT_RENDITION, ID_BYTES);
    memcpy(link.territory, b + AT_TERRITORY, 2);
    memcpy(link.app_key.bytes, b + AT_APP_KEY, ID_BYTES);
    memcpy(link.verdict.bytes, b + AT_VERDICT, ID_BYTES);
    int64_t seconds = 0;
    for (int i = 0; i < 5; i++)
        seconds = seconds << 8 | b[AT_NOT_AFTER + i];
    link.not_after.us = seconds * 1000000;
    *out = link;
    return now.us <= link.not_after.us ? LINK_GOOD : LINK_EXPIRED;
}
