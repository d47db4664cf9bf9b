/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/messages: an ERN message, whole or refused by a named rule. A holder's key sends its own
 * messages and files its own shares. */
#include <sys/mman.h>
#include <unistd.h>

#include "api/inside.h"

enum { CHANGES_MOST = 10000 };

struct changes {
    struct buf items; /* of JSON */
    size_t count;
};

static void on_change(void *context, const struct ern_change *c)
{
    struct changes *all = context;
    if (all->count++ >= CHANGES_MOST)
        return;
    struct json_out o = { &all->items, all->count > 1 };
    ern_change_json(c, &o);
}

/* The reader is another process: it gets the bytes as a file that has no name. */
static enum code file_of(struct str bytes, int *out, struct error *e)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "a place for the message");
    enum code code = file_write_all(fd, bytes.at, bytes.length, e);
    if (code == OK && lseek(fd, 0, SEEK_SET) != 0)
        code = fail_errno(e, "a place for the message");
    if (code != OK)
        close(fd);
    else
        *out = fd;
    return code;
}

enum code api_message(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct ern_report report;
    struct changes changes = { 0 };
    struct json_out o = { &out->body, false };
    int fd = -1;
    const char *dry = http_query(r, "dry_run"), *why = http_header(r, "X-Reason");
    const struct message_request q = { .file = c.who,
                                       .who = str_of(c.who),
                                       .why = why ? str_of(why) : STR(""),
                                       .holder = c.key->key.party,
                                       .dry_run = dry && strcmp(dry, "true") == 0,
                                       .context = &changes,
                                       .change = on_change };
    if (!ern_looks_like(r->body))
        return fail(e, ERR_INVALID, "the body is no XML");
    TRY(file_of(r->body, &fd, e));
    enum code code = flow_message(c.world, fd, &q, c.a, &report, e);
    close(fd);
    if (code == OK) {
        call_json(&c, report.outcome == ERN_REFUSED ? 422 : 200);
        ern_report_json(&report, NULL, q.dry_run, buf_as_str(&changes.items), &o);
    }
    buf_done(&changes.items);
    return code;
}
