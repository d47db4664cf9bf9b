/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end: the socket's address, or what a trusted proxy says about it. */
#include <arpa/inet.h>

#include "http/inside.h"

static bool address_parse(const char *text, struct http_trust_row *out)
{
    struct in6_addr six;
    *out = (struct http_trust_row) { 0 };
    if (inet_pton(AF_INET, text, out->address) == 1) {
        out->family = AF_INET;
        out->bits = 32;
        return true;
    }
    if (inet_pton(AF_INET6, text, &six) != 1)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        memcpy(out->address, six.s6_addr + 12, 4);
        out->family = AF_INET;
        out->bits = 32;
        return true;
    }
    memcpy(out->address, six.s6_addr, 16);
    out->family = AF_INET6;
    out->bits = 128;
    return true;
}

enum code http_trust_parse(const char *list, struct http_trust *out, struct error *e)
{
    struct str rest = str_of(list), part, bits;
    *out = (struct http_trust) { 0 };
    while (str_split(&rest, ',', &part)) {
        char text[64];
        int64_t count;
        bits = str_trim(part);
        if (bits.length == 0)
            continue;
        if (out->count == COUNT_OF(out->rows))
            return fail(e, ERR_LIMIT, "http.trust_proxy: more than %zu addresses", out->count);
        str_split(&bits, '/', &part);
        snprintf(text, sizeof text, "%.*s", STR_ARG(part));
        struct http_trust_row *row = &out->rows[out->count];
        if (part.length >= sizeof text || !address_parse(text, row))
            return fail(e, ERR_INVALID, "http.trust_proxy: \"%.*s\" is not an address",
                        STR_ARG(part));
        if (bits.at) {
            if (str_to_int64(bits, 0, row->bits, &count, e) != OK)
                return fail_in(e, "http.trust_proxy");
            row->bits = (unsigned)count;
        }
        out->count++;
    }
    return OK;
}

static bool within(const struct http_trust_row *net, const struct http_trust_row *address)
{
    if (net->family != address->family)
        return false;
    unsigned whole = net->bits / 8, left = net->bits % 8;
    if (memcmp(net->address, address->address, whole) != 0)
        return false;
    unsigned mask = (0xFF00u >> left) & 0xFF;
    return left == 0 || ((net->address[whole] ^ address->address[whole]) & mask) == 0;
}

bool http_trust_has(const struct http_trust *t, const char *address)
{
    struct http_trust_row row;
    if (t->count == 0 || !address_parse(address, &row))
        return false;
    for (size_t i = 0; i < t->count; i++)
        if (within(&t->rows[i], &row))
            return true;
    return false;
}

const char *http_peer(const struct http_trust *t, const char *socket, const char *forwarded,
                      struct arena *a)
{
    const char *best = socket;
    struct str list = str_of(forwarded);
    while (list.length > 0 && http_trust_has(t, best)) {
        const char *comma = memrchr(list.at, ',', list.length);
        struct str last = list;
        struct http_trust_row row;
        if (comma)
            last = (struct str) { comma + 1, list.length - (size_t)(comma + 1 - list.at) };
        list.length = comma ? (size_t)(comma - list.at) : 0;
        const char *text = str_copy(a, str_trim(last));
        if (!address_parse(text, &row))
            break;
        best = text;
    }
    return best;
}
