/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of Standard Webhooks 1.0: over id, timestamp and body with points between. */
#include <sodium.h>
#include <stdio.h>

#include "events/events.h"

static void to_base64(const uint8_t *bytes, size_t length, const char *front, char *out,
                      size_t room)
{
    size_t at = strlen(front);
    memcpy(out, front, at);
    sodium_bin2base64(out + at, room - at, bytes, length, sodium_base64_VARIANT_ORIGINAL);
}

const char *webhook_secret_text(const struct webhook *h, char out[WEBHOOK_SECRET_TEXT])
{
    to_base64(h->secret, sizeof h->secret, "whsec_", out, WEBHOOK_SECRET_TEXT);
    return out;
}

/* The pair comes from the secret, so that one thing is kept. */
static void key_pair(const struct webhook *h, uint8_t public[crypto_sign_PUBLICKEYBYTES],
                     uint8_t secret[crypto_sign_SECRETKEYBYTES])
{
    static const char use[] = "licet webhook ed25519";
    uint8_t seed[crypto_sign_SEEDBYTES];
    crypto_generichash(seed, sizeof seed, (const uint8_t *)use, sizeof use, h->secret,
                       sizeof h->secret);
    crypto_sign_seed_keypair(public, secret, seed);
    sodium_memzero(seed, sizeof seed);
}

const char *webhook_key_text(const struct webhook *h, char out[WEBHOOK_KEY_TEXT])
{
    uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    key_pair(h, public, secret);
    sodium_memzero(secret, sizeof secret);
    to_base64(public, sizeof public, "whpk_", out, WEBHOOK_KEY_TEXT);
    return out;
}

const char *webhook_sign(const struct webhook *h, const char *message_id, int64_t seconds,
                         struct str body, char out[WEBHOOK_SIGNATURES])
{
    uint8_t mac[crypto_auth_hmacsha256_BYTES], signature[crypto_sign_BYTES];
    uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    crypto_auth_hmacsha256_state state;
    char head[128];
    BUF(message);
    int length = snprintf(head, sizeof head, "%s.%lld.", message_id, (long long)seconds);
    buf_put(&message, head, (size_t)length);
    buf_str(&message, body);
    crypto_auth_hmacsha256_init(&state, h->secret, sizeof h->secret);
    crypto_auth_hmacsha256_update(&state, message.bytes, message.length);
    crypto_auth_hmacsha256_final(&state, mac);
    to_base64(mac, sizeof mac, "v1,", out, WEBHOOK_SIGNATURES);
    key_pair(h, public, secret);
    crypto_sign_detached(signature, NULL, message.bytes, message.length, secret);
    sodium_memzero(secret, sizeof secret);
    size_t at = strlen(out);
    to_base64(signature, sizeof signature, " v1a,", out + at, WEBHOOK_SIGNATURES - at);
    return out;
}
