/* SPDX-License-Identifier: Apache-2.0 */
/* The style sheet and the icon, embedded, with a tag of their content. */
#include <stdio.h>

#include "base/embed.h"
#include "pages/inside.h"

extern const struct embedded page_assets[];
extern const size_t page_assets_count;

static uint64_t hash_of(const uint8_t *bytes, size_t length)
{
    uint64_t h = 0xCBF29CE484222325u; /* FNV-1a: to tell versions apart, not enemies */
    for (size_t i = 0; i < length; i++)
        h = (h ^ bytes[i]) * 0x100000001B3u;
    return h;
}

static enum code answer(const struct http_request *r, struct http_response *out, const char *name,
                        const char *type, struct error *e)
{
    for (size_t i = 0; i < page_assets_count; i++) {
        const struct embedded *f = &page_assets[i];
        char tag[24];
        if (strcmp(f->name, name) != 0)
            continue;
        snprintf(tag, sizeof tag, "\"%016llx\"", (unsigned long long)hash_of(f->bytes, f->length));
        http_header_set(out, "Cache-Control", "public, max-age=300");
        if (http_respond_unchanged(r, out, tag))
            return OK;
        http_header_set(out, "Content-Type", type);
        buf_put(&out->body, f->bytes, f->length);
        return OK;
    }
    return fail(e, ERR_NOT_FOUND, "%s is not in this program", name);
}

enum code page_style(struct http_request *r, struct http_response *out, struct error *e)
{
    return answer(r, out, "style.css", "text/css; charset=utf-8", e);
}

enum code page_icon(struct http_request *r, struct http_response *out, struct error *e)
{
    return answer(r, out, "icon.svg", "image/svg+xml", e);
}
