/* SPDX-License-Identifier: Apache-2.0 */
/* licet notice import, for mail: a message, an mbox, a Maildir. */
#include <dirent.h>
#include <errno.h>
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

/* ---- Maildir: what is in new/ is taken and goes to cur/, seen; flagged where it was refused ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum code names_in(const char *folder, struct arena *a, const char ***out, size_t *count,
                          struct error *e)
{
    size_t n = 0, room = 64;
    const char **names = ARENA_ARRAY(a, const char *, room);
    DIR *d = opendir(folder);
    if (!d)
        return fail_errno(e, "%s", folder);
    for (struct dirent *x; (x = readdir(d)) != NULL && n < LETTERS_MOST;) {
        if (x->d_name[0] == '.')
            continue;
        if (n == room) {
            const char **more = ARENA_ARRAY(a, const char *, room * 4);
            memcpy(more, names, n * sizeof *names);
            names = more;
            room *= 4;
        }
        names[n++] = arena_text(a, x->d_name, strlen(x->d_name));
    }
    closedir(d);
    qsort(names, n, sizeof *names, by_name);
    *out = names;
    *count = n;
    return OK;
}

static enum code take_file(struct cli_call *c, struct cli_world *w, const char *folder,
                           const char *name, struct error *e)
{
    ARENA(a);
    BUF(bytes);
    bool fine;
    const char *from = arena_format(&a, "%s/new/%s", folder, name);
    TRY(file_read(from, MAIL_BYTES_MOST, &bytes, e));
    TRY(take_one(c, w, from, buf_as_str(&bytes), &fine, e));
    if (c->dry_run)
        return OK;
    const char *to = arena_format(&a, "%s/cur/%s:2,%sS", folder, name, fine ? "" : "F");
    return rename(from, to) == 0 ? OK : fail_errno(e, "%s", from);
}

bool notice_is_maildir(const char *path)
{
    ARENA(a);
    return access(arena_format(&a, "%s/new", path), F_OK) == 0 &&
           access(arena_format(&a, "%s/cur", path), F_OK) == 0;
}

enum code notice_import_maildir(struct cli_call *c, struct cli_world *w, const char *folder,
                                struct error *e)
{
    ARENA(a);
    const char **names = NULL;
    size_t count = 0;
    TRY(names_in(arena_format(&a, "%s/new", folder), &a, &names, &count, e));
    for (size_t i = 0; i < count; i++)
        TRY(take_file(c, w, folder, names[i], e));
    return OK;
}
