/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of messages, one file each. */
#include "flow/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "flow/world.h"
#include "mail/mail.h"

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
    for (struct dirent *x; (x = readdir(d)) != NULL;) {
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

static bool is_its_own(enum code code)
{
    return code == ERR_INVALID || code == ERR_LIMIT || code == ERR_CONFLICT || code == ERR_DENIED ||
           code == ERR_NOT_FOUND;
}

static enum code take_file(struct world *w, struct confine_host *host, const char *folder,
                           const char *name, maildir_told *told, void *ctx, struct error *e)
{
    ARENA(a);
    BUF(bytes);
    struct mailed got = { .items = 0 };
    struct error why = { 0 };
    const char *from = arena_format(&a, "%s/new/%s", folder, name);
    if (access(from, F_OK) != 0 && errno == ENOENT)
        return OK; /* somebody else has taken it */
    enum code code = file_read(from, MAIL_BYTES_MOST, &bytes, &why);
    if (code == OK)
        code = flow_notice_mail(w, host, buf_as_str(&bytes), &a, &got, &why);
    if (code != OK && !is_its_own(code))
        return fail(e, code, "%s: %s", from, why.text);
    TRY(told(ctx, from, code, &got, &why, e));
    const char *to = arena_format(&a, "%s/cur/%s:2,%sS", folder, name, code == OK ? "" : "F");
    return rename(from, to) == 0 || errno == ENOENT ? OK : fail_errno(e, "%s", from);
}

enum code flow_maildir_take(struct world *w, struct confine_host *host, const char *folder,
                            size_t most, maildir_told *told, void *ctx, size_t *count,
                            struct error *e)
{
    ARENA(a);
    const char **names = NULL;
    TRY(names_in(arena_format(&a, "%s/new", folder), &a, &names, count, e));
    if (*count > most)
        *count = most;
    for (size_t i = 0; i < *count; i++)
        TRY(take_file(w, host, folder, names[i], told, ctx, e));
    return OK;
}

static enum code log_taken(void *ctx, const char *file, enum code code, const struct mailed *got,
                           const struct error *why, struct error *e)
{
    char id[ID_TEXT], quoted[600];
    (void)ctx;
    (void)e;
    if (code == OK)
        log_line(LOG_INFO, "mail_taken", "notice=%s items=%zu%s",
                 notice_id_format(got->received.notice, id), got->items,
                 got->retraction ? " retraction=yes" : "");
    else
        log_line(LOG_WARN, "mail_refused", "file=%s error=%s", strrchr(file, '/') + 1,
                 log_quoted(why->text, quoted, sizeof quoted));
    return OK;
}

enum code flow_maildir_once(struct world *w, bool *did, struct error *e)
{
    enum { MOST = 50 };
    const char *folder = settings_text(w->settings, "desk.maildir");
    size_t count = 0;
    bool free_now = false;
    *did = false;
    if (!folder[0] || !w->mail || !atomic_compare_exchange_strong(&w->mailing, &free_now, true))
        return OK;
    enum code code = flow_maildir_take(w, w->mail, folder, MOST, log_taken, NULL, &count, e);
    atomic_store(&w->mailing, false);
    *did = count > 0;
    return code;
}
