/* SPDX-License-Identifier: Apache-2.0 */
/* licet licence list, show, end: what is granted. */
#include "cli/records.h"

static void print_licence(const struct cli_call *c, const struct licence *l)
{
    char id[ID_TEXT];
    BUF(words);
    uses_format(l->uses, &words);
    buf_text(&words, ", ");
    models_format(l->models, &words);
    PRINT_RECORD(c, licence_json, l, "%s  %s  %.*s%s\n", licence_id_format(l->id, id), l->name,
                 STR_ARG(buf_as_str(&words)), l->clip_seconds ? ", clips" : "");
}

enum code cli_licence_list(struct cli_call *c, struct error *e)
{
    struct licence_id after = { { 0 } };
    struct party p;
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    TRY(cli_party(c, r.world.world, r.tx, &p, e));
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct licence *page;
        TRY(licence_list(r.tx, world_catalogue(r.world.world), p.id, after, PAGE_MOST, c->arena,
                         &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print_licence(c, &page[i]);
        if (count)
            after = page[count - 1].id;
    }
    return OK;
}

enum code cli_licence_show(struct cli_call *c, struct error *e)
{
    struct licence_id id;
    struct licence l;
    BUF(line);
    struct json_out o = { &line, false };
    TRY(licence_id_parse(str_of(c->arguments[0]), &id, e));
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    TRY(licence_get(r.tx, world_catalogue(r.world.world), id, c->arena, &l, e));
    licence_json(&l, &o);
    cli_print(&line);
    return OK;
}

enum code cli_licence_end(struct cli_call *c, struct error *e)
{
    struct licence_id id;
    TRY(licence_id_parse(str_of(c->arguments[0]), &id, e));
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(licence_end(&x.change.act, id, e));
    return cli_change_commit(c, &x, e);
}
