/* SPDX-License-Identifier: Apache-2.0 */
/* licet config, licet version. */
#include "cli/commands.h"

#include <unistd.h>

static void print_setting(const struct cli_call *c, const struct setting *s)
{
    if (!c->json) {
        printf("%-28s %-20s %s%s%s\n", s->name, s->value[0] ? s->value : "\"\"",
               setting_origin_word(s->origin), s->place[0] ? " " : "", s->place);
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "name", s->name);
    json_text(&o, "value", s->value);
    json_text(&o, "unit", s->unit);
    json_text(&o, "origin", setting_origin_word(s->origin));
    json_text(&o, "place", s->place);
    json_text(&o, "help", s->help);
    json_end(&o, '}');
    cli_print(&line);
}

enum code cli_config(struct cli_call *c, struct error *e)
{
    bool found = c->count == 0;
    if (c->count == 0 && !c->json)
        printf("# data folder: %s%s\n", c->data,
               access(c->data, F_OK) == 0 ? "" : " (not there yet: licet init)");
    for (size_t i = 0; i < c->settings->count; i++) {
        const struct setting *s = &c->settings->rows[i];
        if (c->count && strcmp(c->arguments[0], s->name) != 0)
            continue;
        found = true;
        if (c->count && !c->json)
            printf("%s\n", s->value);
        else
            print_setting(c, s);
    }
    if (!found)
        return fail(e, ERR_NOT_FOUND, "\"%s\" is not a setting; \"licet config\" lists them",
                    c->arguments[0]);
    return OK;
}

enum code cli_version(struct cli_call *c, struct error *e)
{
    (void)e;
    if (c->json)
        printf("{\"name\":\"licet\",\"version\":\"%s\"}\n", LICET_VERSION);
    else
        printf("licet %s\n", LICET_VERSION);
    return OK;
}
