/* SPDX-License-Identifier: Apache-2.0 */
/* licet upload: take a file as a user's upload: kept, heard, compared, judged. */
#include "cli/world.h"

#include <fcntl.h>
#include <unistd.h>

static void close_at(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void print_json(const char *file, const struct uploaded *u)
{
    char id[ID_TEXT];
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "file", file);
    json_text(&o, "upload", upload_id_format(u->upload, id));
    json_text(&o, "state", upload_state_word(u->row.state));
    if (u->row.state == UPLOAD_FAILED)
        json_text(&o, "error", u->row.error);
    cli_put_identified(&o, &u->heard);
    json_end(&o, '}');
    cli_print(&line);
}

static void print_text(const char *file, const struct uploaded *u)
{
    char id[ID_TEXT];
    if (u->row.state == UPLOAD_FAILED) {
        printf("%s: %s, kept but not to be heard: %s\n", file, upload_id_format(u->upload, id),
               u->row.error);
        return;
    }
    printf("%s: %s, %.1f s, %s\n", file, upload_id_format(u->upload, id), u->heard.seconds,
           u->heard.count ? "contains:" : "nothing known in it");
    for (size_t i = 0; i < u->heard.count; i++)
        cli_print_found(&u->heard.matches[i]);
}

static enum code upload_one(struct cli_call *c, struct world *w, const char *file,
                            const char *network, const char *user, struct error *e)
{
    __attribute__((cleanup(close_at))) int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "cannot be opened");
    ARENA(a);
    const char *slash = strrchr(file, '/');
    struct upload_request r = { .network = str_of(network),
                                .user = str_of(user),
                                .file_name = str_of(slash ? slash + 1 : file),
                                .fd = fd,
                                .who = STR("cli"),
                                .exception = str_of(cli_value(c, "exception")),
                                .exception_words = str_of(cli_value(c, "words")) };
    struct uploaded u;
    TRY(flow_upload(w, &r, &a, &u, e));
    if (c->json)
        print_json(file, &u);
    else
        print_text(file, &u);
    c->failures += u.row.state == UPLOAD_FAILED;
    fflush(stdout);
    return OK;
}

enum code cli_upload(struct cli_call *c, struct error *e)
{
    const char *network, *user;
    const char **files;
    size_t count;
    TRY(cli_need(c, "network", &network, e));
    TRY(cli_need(c, "user", &user, e));
    TRY(cli_files(c, &files, &count, e));
    WORLD(w);
    TRY(cli_world_open(c, NEEDS_AUDIO, &w, e));
    for (size_t i = 0; i < count; i++) {
        struct error one = { 0 };
        if (upload_one(c, w.world, files[i], network, user, &one) == OK)
            continue;
        if (count == 1)
            *e = one, fail_in(e, "%s", files[i]);
        if (count == 1)
            return e->code;
        cli_complain(c, files[i], &one);
    }
    return OK;
}
