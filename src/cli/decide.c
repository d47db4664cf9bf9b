/* SPDX-License-Identifier: Apache-2.0 */
/* licet decide, licet explain: a verdict and its reasons. */
#include "cli/world.h"

static void print_reason(const struct verdict *v, size_t i)
{
    BUF(sentence);
    policy_sentence(v->facts, &v->reasons[i], LANGUAGE_ENGLISH, &sentence);
    printf("  %s %.*s\n", i == v->decisive ? "*" : "-", STR_ARG(buf_as_str(&sentence)));
}

static void print_decided(const struct decided *d)
{
    char id[ID_TEXT];
    const struct verdict *v = &d->verdict;
    printf("%s", verdict_mode_word(v->mode));
    if (v->mode == VERDICT_PREVIEW)
        printf(" (%lld s from %lld s)", (long long)(v->preview_length_ms / 1000),
               (long long)(v->preview_start_ms / 1000));
    printf(", because %s\n", v->reason_code);
    print_reason(v, v->decisive);
    for (size_t i = 0; i < v->reason_count; i++)
        if (i != v->decisive)
            print_reason(v, i);
    if (!verdict_id_is_none(d->id))
        printf("  kept as %s\n", verdict_id_format(d->id, id));
}

static void put_decided(struct json_out *o, const struct decided *d)
{
    char id[ID_TEXT];
    if (!verdict_id_is_none(d->id))
        json_text(o, "id", verdict_id_format(d->id, id));
    json_key(o, "verdict");
    json_put_raw(o, str_of(d->verdict_json));
    json_key(o, "facts");
    json_put_raw(o, str_of(d->facts_json));
}

enum code cli_decide(struct cli_call *c, struct error *e)
{
    const char *app, *territory;
    TRY(cli_need(c, "app", &app, e));
    TRY(cli_need(c, "territory", &territory, e));
    struct decide_request r = { .subject = str_of(c->arguments[0]),
                                .network = str_of(cli_value(c, "network")),
                                .app = str_of(app),
                                .territory = str_of(territory),
                                .use = str_of(cli_value(c, "use")),
                                .model = str_of(cli_value(c, "model")),
                                .at = str_of(cli_value(c, "at")),
                                .keep = !c->dry_run };
    struct decided d;
    WORLD(w);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(flow_decide(w.world, &r, c->arena, &d, e));
    if (!c->json) {
        print_decided(&d);
        return OK;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    put_decided(&o, &d);
    json_end(&o, '}');
    cli_print(&line);
    return OK;
}

enum code cli_explain(struct cli_call *c, struct error *e)
{
    struct explained x;
    WORLD(w);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(flow_explain(w.world, str_of(c->arguments[0]), c->arena, &x, e));
    if (c->json) {
        BUF(line);
        struct json_out o = { &line, false };
        json_begin(&o, '{');
        put_decided(&o, &x.stored);
        json_instant(&o, "at", x.at);
        json_bool(&o, "same", x.same);
        json_end(&o, '}');
        cli_print(&line);
    } else {
        char at[INSTANT_TEXT];
        printf("given at %s: ", instant_format(x.at, at));
        print_decided(&x.stored);
        printf("  decided again from the facts kept with it: %s\n",
               x.same ? "the same, byte for byte" : "ANOTHER VERDICT");
    }
    if (!x.same)
        return fail(e, ERR_CORRUPT, "%s: decided again, the verdict differs from what was stored",
                    c->arguments[0]);
    return OK;
}
