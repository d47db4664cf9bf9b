/* SPDX-License-Identifier: Apache-2.0 */
/* /m/...: music by signed link. The seal is checked before disk or database are touched; then the
 * key (in memory), then whether the upload still stands. */
#include "api/inside.h"

static void refuse(struct call *c, int status, const char *slug, const char *reason,
                   const char *detail)
{
    http_problem(c->r, c->out, status, slug, NULL, detail, STR(""));
    c->out->reason = reason;
    c->answered = true;
}

/* A link dies with its key, also where the key was made by another process. */
static enum code check_key(struct call *c, const struct media_link *link, struct error *e)
{
    struct key_seen seen;
    if (app_key_id_is_none(link->app_key))
        return OK;
    c->r->has_key = true;
    memcpy(c->r->key, link->app_key.bytes, ID_BYTES);
    enum code code = keyring_get(c->api->keys, c->world, link->app_key, c->r->at, &seen, e);
    if (code != OK && code != ERR_NOT_FOUND)
        return code;
    if (code == ERR_NOT_FOUND || seen.key.revoked || seen.app_suspended)
        refuse(c, 403, "forbidden", "This app was cut off",
               "the app this link was given to was cut off");
    return OK;
}

static enum code open_rendition(struct call *c, const struct media_link *link,
                                struct rendition *found, int *fd, struct error *e)
{
    struct upload u;
    int64_t size;
    TRY(call_read(c, e));
    enum code code = media_rendition_get(c->tx, link->rendition, found, e);
    if (code == OK)
        code = media_upload_get(c->tx, found->network, found->upload, c->a, &u, e);
    if (code == ERR_NOT_FOUND || (code == OK && u.state == UPLOAD_WITHDRAWN)) {
        refuse(c, 451, "denied", "This was withdrawn", "the upload was withdrawn");
        return OK;
    }
    TRY(code);
    return media_blob_open(world_blobs(c->world), found->blob, BLOB_AS_IS, fd, &size, e);
}

enum code api_media(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct media_link link;
    struct rendition found;
    char etag[RENDITION_ETAG], verdict[ID_TEXT];
    int fd = -1;
    const uint8_t(*key)[LINK_KEY_BYTES] = (const void *)world_master_key(c.world);
    enum link_state state = media_link_check(key, 1, str_of(http_parameter(r, "link")), r->at,
                                             &link);
    if (state == LINK_FORGED)
        return fail(e, ERR_DENIED, "this is not a link of this server");
    if (state == LINK_EXPIRED) {
        refuse(&c, 410, "gone", "This link has expired", "ask for a new verdict");
        return OK;
    }
    TRY(check_key(&c, &link, e));
    if (!c.answered)
        TRY(open_rendition(&c, &link, &found, &fd, e));
    if (c.answered)
        return OK;
    struct http_file about = { found.size_bytes, rendition_etag(&found, etag),
                               audio_codec_media_type(found.codec) };
    http_header_format(out, "Cache-Control", "private, max-age=%lld",
                       (long long)((link.not_after.us - r->at.us) / 1000000));
    http_header_set(out, "Content-Disposition", "inline");
    http_header_format(out, "X-Content-Duration", "%.3f", (double)found.length_ms / 1000);
    http_header_set(out, "X-Licet-Verdict", verdict_id_format(link.verdict, verdict));
    http_header_set(out, "Cross-Origin-Resource-Policy", "cross-origin");
    http_respond_file_take(r, out, fd, &about);
    return OK;
}
