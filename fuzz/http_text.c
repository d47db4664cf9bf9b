/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, queries, ranges, tags and proxies' lists as strangers write them. The first byte says
 * which; what must hold of each is asserted. */
#include <assert.h>
#include <stdlib.h>

#include "http/inside.h"

static const struct http_route rows[] = {
    { HTTP_GET, "/", NULL, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/api/v1/things/{thing}", NULL, 0, HTTP_FAST, NULL },
    { HTTP_POST, "/api/v1/things/{thing}/parts/{part}", NULL, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/m/{rest...}", NULL, 0, HTTP_FAST, NULL },
};

static void try_path(struct str text, struct arena *a)
{
    struct http_routes *routes;
    const struct http_route *row;
    struct http_pairs parameters = { 0 };
    unsigned allow;
    if (http_routes_new(rows, COUNT_OF(rows), &routes, NULL) != OK)
        return;
    if (http_routes_find(routes, HTTP_GET, text, a, &row, &parameters, &allow, NULL) == OK)
        for (size_t i = 0; i < parameters.count; i++) {
            assert(str_is_utf8(str_of(parameters.rows[i].value)));
            assert(parameters.rows[i].value[0] != '\0');
        }
    http_routes_free(routes);
}

static void try_query(struct str text, struct arena *a)
{
    struct http_pairs pairs = { 0 };
    if (http_query_parse(a, text, &pairs, NULL) != OK)
        return;
    assert(pairs.count <= 64);
    for (size_t i = 0; i < pairs.count; i++)
        assert(str_is_utf8(str_of(pairs.rows[i].name)) && str_is_utf8(str_of(pairs.rows[i].value)));
}

static void try_range(const char *text, int64_t size)
{
    struct http_span span = { -1, -1 };
    if (http_range_parse(text, size, &span) == HTTP_RANGE_ONE) {
        assert(span.offset >= 0 && span.length > 0);
        assert(span.offset + span.length <= size);
    }
}

static void try_proxies(const char *text, struct arena *a)
{
    struct http_trust trust;
    if (http_trust_parse(text, &trust, NULL) == OK)
        assert(trust.count <= COUNT_OF(trust.rows));
    if (http_trust_parse("127.0.0.0/8,::1", &trust, NULL) != OK)
        abort(); /* a good list is taken */
    const char *peer = http_peer(&trust, "127.0.0.1", text, a);
    assert(peer && strlen(peer) < 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    ARENA(a);
    if (count == 0 || count > 1 << 16)
        return 0;
    struct str text = { (const char *)bytes + 1, count - 1 };
    const char *copy = str_copy(&a, text);
    switch (bytes[0] % 5) {
    case 0:
        try_path(text, &a);
        break;
    case 1:
        try_query(text, &a);
        break;
    case 2:
        try_range(copy, count > 1 ? (int64_t)bytes[1] * 1000 : 0);
        break;
    case 3:
        http_etag_in(copy, "\"tag\"", true);
        http_etag_in(copy, "\"tag\"", false);
        break;
    default:
        try_proxies(copy, &a);
        break;
    }
    return 0;
}
