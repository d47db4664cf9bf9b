/* SPDX-License-Identifier: Apache-2.0 */
/* licet init, licet migrate: a data folder, and its database at the newest version. */
#include "cli/world.h"

#include <inttypes.h>
#include <unistd.h>

/* licet.conf with every setting as a comment: what it does and its default. */
static void template_of(const struct settings *s, struct buf *out)
{
    buf_text(out, "# Settings of licet; see licet.conf(5). What is left out has its default.\n");
    for (size_t i = 0; i < s->count; i++) {
        const struct setting *row = &s->rows[i];
        buf_format(out, "\n# %s%s%s%s\n", row->help, row->unit[0] ? " (" : "", row->unit,
                   row->unit[0] ? ")" : "");
        buf_format(out, "#%s = %s\n", row->name, row->value);
    }
}

static enum code write_conf(const struct cli_call *c, const char *path, struct error *e)
{
    struct settings defaults;
    BUF(text);
    (void)c;
    settings_init(&defaults);
    template_of(&defaults, &text);
    settings_done(&defaults);
    if (text.failed)
        return fail(e, ERR_MEMORY, "no memory for %s", path);
    return file_write(path, text.bytes, text.length, 0600, e);
}

enum code cli_init(struct cli_call *c, struct error *e)
{
    const char *conf = arena_format(c->arena, "%s/licet.conf", c->data);
    bool there = access(conf, F_OK) == 0;
    WORLD(w);
    TRY(cli_world_open(c, NEEDS_CREATE, &w, e));
    if (!there)
        TRY(write_conf(c, conf, e));
    if (c->json) {
        BUF(line);
        struct json_out o = { &line, false };
        json_begin(&o, '{');
        json_text(&o, "data", c->data);
        json_bool(&o, "made", !there);
        json_end(&o, '}');
        cli_print(&line);
    } else if (!c->quiet) {
        printf(there ? "%s is a data folder already; nothing was changed\n"
                     : "%s is ready; its settings are in licet.conf there\n",
               c->data);
    }
    return OK;
}

enum code cli_migrate(struct cli_call *c, struct error *e)
{
    int64_t has, knows;
    WORLD(w); /* opening migrates */
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_versions(world_store(w.world), &has, &knows, e));
    if (c->json)
        printf("{\"has\":%" PRId64 ",\"knows\":%" PRId64 "}\n", has, knows);
    else
        printf("the database is at version %" PRId64 " of %" PRId64 "\n", has, knows);
    return OK;
}
