/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/parts: bytes that come in parts, resumed where they were receipted. When all have come,
 * POST /uploads or /references names the part by its id. */
#include <fcntl.h>
#include <unistd.h>

#include "api/inside.h"

static enum code folder_of(struct call *c, const char **folder, struct error *e)
{
    *folder = arena_format(c->a, "%s/parts", world_data(c->world));
    return file_make_folder(*folder, 0700, e);
}

static enum code part_of(struct call *c, const char **folder, struct upload_id *id, struct error *e)
{
    TRY(folder_of(c, folder, e));
    return upload_id_parse(str_of(http_parameter(c->r, "part")), id, e);
}

static void answer(struct call *c, int status, struct upload_id id, int64_t at)
{
    struct json_out o = { &c->out->body, false };
    char text[ID_TEXT];
    call_json(c, status);
    http_header_format(c->out, "Upload-Offset", "%lld", (long long)at);
    json_begin(&o, '{');
    json_text(&o, "id", upload_id_format(id, text));
    json_int(&o, "offset", at);
    json_end(&o, '}');
}

enum code api_part_create(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    const char *folder;
    char text[ID_TEXT];
    struct upload_id id = upload_id_make(r->at, world_chance(c.world));
    TRY(folder_of(&c, &folder, e));
    TRY(media_part_begin(folder, id, e));
    answer(&c, 201, id, 0);
    http_header_format(out, "Location", "/api/v1/parts/%s", upload_id_format(id, text));
    return OK;
}

enum code api_part_get(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    const char *folder;
    struct upload_id id;
    int64_t at;
    TRY(part_of(&c, &folder, &id, e));
    TRY(media_part_at(folder, id, &at, e));
    answer(&c, 200, id, at);
    return OK;
}

enum code api_part_append(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    const char *folder, *offset_text = http_header(r, "Upload-Offset");
    struct upload_id id;
    int64_t offset, at, most;
    if (!offset_text)
        return fail(e, ERR_INVALID, "Upload-Offset is missing");
    if (str_to_int64(str_of(offset_text), 0, INT64_MAX, &offset, e) != OK)
        return fail_in(e, "Upload-Offset");
    TRY(settings_int(world_settings(c.world), "audio.bytes_most", 1, INT64_MAX, &most, e));
    TRY(part_of(&c, &folder, &id, e));
    TRY(media_part_append(folder, id, offset, r->body.at, r->body.length, most, &at, e));
    answer(&c, 200, id, at);
    return OK;
}

enum code api_part_drop(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    const char *folder;
    struct upload_id id;
    int64_t at;
    TRY(part_of(&c, &folder, &id, e));
    TRY(media_part_at(folder, id, &at, e));
    TRY(media_part_drop(folder, id, e));
    out->status = 204;
    return OK;
}

enum code part_open(struct call *c, const char *text, int *fd, struct error *e)
{
    const char *folder;
    struct upload_id id;
    char hash[BLOB_TEXT];
    int64_t size;
    TRY(folder_of(c, &folder, e));
    TRY(upload_id_parse(str_of(text), &id, e));
    TRY(media_part_keep(folder, id, world_blobs(c->world), hash, &size, e));
    return media_blob_open(world_blobs(c->world), hash, BLOB_AS_IS, fd, &size, e);
}

void part_drop(struct call *c, const char *text)
{
    const char *folder;
    struct upload_id id;
    struct error e;
    if (folder_of(c, &folder, &e) == OK && upload_id_parse(str_of(text), &id, &e) == OK &&
        media_part_drop(folder, id, &e) != OK)
        log_line(LOG_WARN, "part_left_behind", "part=%s", text);
}

/* The body as a file without a name: what is not finished leaves nothing behind. */
enum code body_open(struct call *c, int *fd, struct error *e)
{
    const char *folder;
    TRY(folder_of(c, &folder, e));
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0)
        return fail_errno(e, "%s", folder);
    if (file_write_all(file, c->r->body.at, c->r->body.length, e) != OK) {
        close(file);
        return e->code;
    }
    *fd = file;
    return OK;
}
