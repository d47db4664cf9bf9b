/* SPDX-License-Identifier: Apache-2.0 */
/* licet agreement publish, list, show, accept: versions of the user agreement, and who accepted which. */
#include "cli/records.h"
#include "cli/world.h"

#include <inttypes.h>

static void print_version(const struct cli_call *c, const struct agreement *t)
{
    char hash[65], at[INSTANT_TEXT];
    hex_encode(t->hash, sizeof t->hash, hash);
    instant_format(t->at, at);
    printf(c->json ? "{\"version\":%" PRId64 ",\"published\":\"%s\",\"sha256\":\"%s\"}\n"
                   : "version %" PRId64 ", published %s, sha256 %s\n",
           t->version, at, hash);
}

enum code cli_agreement_publish(struct cli_call *c, struct error *e)
{
    enum { BYTES_MOST = 1000000 };
    struct agreement t;
    BUF(text);
    WORLD(w);
    TRY(file_read(c->arguments[0], BYTES_MOST, &text, e));
    TRY(cli_world_open(c, 0, &w, e));
    TRY(flow_agreement_publish(w.world, STR("operator"), buf_as_str(&text), &t, e));
    print_version(c, &t);
    return OK;
}

enum code cli_agreement_list(struct cli_call *c, struct error *e)
{
    struct agreement *list;
    size_t count;
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    TRY(desk_agreement_list(r.tx, c->arena, &list, &count, e));
    for (size_t i = 0; i < count; i++)
        print_version(c, &list[i]);
    return OK;
}

enum code cli_agreement_show(struct cli_call *c, struct error *e)
{
    struct agreement t;
    int64_t version = 0;
    WORLD(w);
    if (c->count)
        TRY(str_to_int64(str_of(c->arguments[0]), 1, INT64_MAX, &version, e));
    TRY(cli_world_open(c, 0, &w, e));
    TRY(flow_agreement_get(w.world, version, c->arena, &t, e));
    fputs(t.body, stdout);
    return OK;
}

enum code cli_agreement_accept(struct cli_call *c, struct error *e)
{
    const char *network;
    int64_t version;
    bool fresh;
    WORLD(w);
    TRY(cli_need(c, "network", &network, e));
    TRY(cli_int(c, "version", 0, 0, INT64_MAX, &version, e));
    TRY(cli_world_open(c, 0, &w, e));
    TRY(flow_agreement_accept(w.world, STR("operator"), str_of(network), str_of(c->arguments[0]),
                              &version, &fresh, e));
    printf(c->json ? "{\"version\":%" PRId64 ",\"fresh\":%s}\n"
           : fresh ? "version %" PRId64 " accepted%s\n"
                   : "version %" PRId64 " was accepted before%s\n",
           version, c->json ? (fresh ? "true" : "false") : "");
    return OK;
}
