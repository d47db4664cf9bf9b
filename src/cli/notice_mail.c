/* SPDX-License-Identifier: Apache-2.0 */
/* licet notice import, for mail: a message, an mbox, a Maildir. */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/notice.h"
#include "mail/mail.h"

enum { LETTERS_MOST = 1000000 };

static void tell(const struct cli_call *c, const struct mailed *m)
{
    char id[ID_TEXT];
    if (!m->retraction) {
        notice_print_received(c, m->items, &m->received);
        return;
    }
    notice_id_format(m->received.notice, id);
    if (!c->json) {
        printf("%s  withdrawn by its sender\n", id);
        return;
    }
    BUF(out);
    struct json_out o = { &out, false };
    json_begin(&o, '{');
    json_text(&o, "notice", id);
    json_bool(&o, "withdrawn", true);
    json_end(&o, '}');
    cli_print(&out);
}

static bool is_its_own(enum code code)
{
    return code == ERR_INVALID || code == ERR_LIMIT || code == ERR_CONFLICT || code == ERR_DENIED ||
           code == ERR_NOT_FOUND;
}

/* One message; what is wrong with it is told and does not stop the others. *fine: it was taken.
 * errors  what stops everything: BUSY, IO, MEMORY */
static enum code take_one(struct cli_call *c, struct cli_world *w, const char *name,
                          struct str message, bool *fine, struct error *e)
{
    ARENA(a);
    BUF(json);
    struct mailed got;
    struct error why = { 0 };
    enum code code = c->dry_run ? mail_read(w->mail, message, STR(""), &json, &why)
                                : flow_notice_mail(w->world, w->mail, message, &a, &got, &why);
    *fine = code == OK;
    if (code != OK && !is_its_own(code))
        return fail(e, code, "%s", why.text);
    if (code != OK)
        cli_complain(c, name, &why);
    else if (c->dry_run)
        cli_print(&json);
    else
        tell(c, &got);
    return OK;
}

enum code notice_import_mail(struct cli_call *c, struct cli_world *w, const char *file,
                             struct str bytes, struct error *e)
{
    bool fine;
    struct str message;
    if (!mail_box_looks_like(bytes))
        return take_one(c, w, file, bytes, &fine, e);
    for (int n = 1;; n++) {
        ARENA(a);
        if (!mail_box_next(&bytes, &a, &message))
            return OK;
        TRY(take_one(c, w, arena_format(&a, "%s: message %d", file, n), message, &fine, e));
    }
}

/* ---- Maildir ---- */

bool notice_is_maildir(const char *path)
{
    ARENA(a);
    return access(arena_format(&a, "%s/new", path), F_OK) == 0 &&
           access(arena_format(&a, "%s/cur", path), F_OK) == 0;
}

struct telling {
    struct cli_call *call;
};

static enum code tell_file(void *ctx, const char *file, enum code code, const struct mailed *got,
                           const struct error *why, struct error *e)
{
    struct cli_call *c = ((struct telling *)ctx)->call;
    (void)e;
    if (code == OK)
        tell(c, got);
    else
        cli_complain(c, file, why);
    return OK;
}

static enum code try_all(struct cli_call *c, struct cli_world *w, const char *folder,
                         struct error *e)
{
    ARENA(a);
    struct dirent **names;
    int count = scandir(arena_format(&a, "%s/new", folder), &names, NULL, alphasort);
    enum code code = count < 0 ? fail_errno(e, "%s", folder) : OK;
    for (int i = 0; i < count; i++) {
        BUF(bytes);
        bool fine;
        const char *file = arena_format(&a, "%s/new/%s", folder, names[i]->d_name);
        if (names[i]->d_name[0] != '.' && code == OK)
            code = file_read(file, MAIL_BYTES_MOST, &bytes, e);
        if (names[i]->d_name[0] != '.' && code == OK)
            code = take_one(c, w, file, buf_as_str(&bytes), &fine, e);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    return code;
}

enum code notice_import_maildir(struct cli_call *c, struct cli_world *w, const char *folder,
                                struct error *e)
{
    size_t count;
    struct telling t = { c };
    if (c->dry_run)
        return try_all(c, w, folder, e);
    return flow_maildir_take(w->world, w->mail, folder, LETTERS_MOST, tell_file, &t, &count, e);
}
