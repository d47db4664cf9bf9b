/* SPDX-License-Identifier: Apache-2.0 */
/* licet claim, policy, work, release, ...: any thing of the registry by its table of columns.
 * The command's first word is the thing; its options are the columns, with - for _. */
#include "cli/records.h"

static const struct record_table *table_of(const struct cli_call *c)
{
    struct str rest = str_of(c->command->name), first;
    str_split(&rest, ' ', &first);
    char *thing = str_copy(c->arena, first);
    for (char *s = thing; *s; s++)
        if (*s == '-')
            *s = '_';
    return record_table_of(str_of(thing));
}

static const char *option_of(const struct cli_call *c, const struct record_column *col)
{
    char *option = str_copy(c->arena,
                            str_of(strcmp(col->name, "share_e8") == 0 ? "share" : col->name));
    for (char *s = option; *s; s++)
        if (*s == '_')
            *s = '-';
    return cli_value(c, option);
}

enum code cli_moment(const struct cli_call *c, struct moment *out, struct error *e)
{
    const char *at = cli_value(c, "at"), *known_at = cli_value(c, "known-at");
    *out = MOMENT_NOW;
    if (at && instant_parse(str_of(at), &out->at, e) != OK)
        return fail_in(e, "--at");
    if (known_at && instant_parse(str_of(known_at), &out->known_at, e) != OK)
        return fail_in(e, "--known-at");
    return OK;
}

static enum code app_named(void *ctx, const char *prefix, struct str text, uint8_t out[ID_BYTES],
                           struct error *e)
{
    const struct record_names *n = ctx;
    struct str app = text, network;
    struct network found;
    struct app p;
    ARENA(a);
    str_split(&app, '/', &network);
    if (strcmp(prefix, "app") != 0 || !app.at)
        return fail(e, ERR_INVALID, "\"%.*s\" is not an id like %s_...", STR_ARG(text), prefix);
    TRY(access_network_find(n->tx, network, &a, &found, e));
    TRY(access_app_find(n->tx, found.id, app, &a, &p, e));
    memcpy(out, p.id.bytes, ID_BYTES);
    return OK;
}

/* "60" or "33.333333" per cent, as in the tables of records */
static enum code set_share(const struct record_column *col, void *record, struct str text,
                           struct error *e)
{
    int64_t percent_e8;
    TRY(str_to_e8(text, &percent_e8, e));
    if (percent_e8 < 0 || percent_e8 > 100 * SHARE_WHOLE_E8)
        return fail(e, ERR_INVALID, "%.*s is not within 0 and 100 per cent", STR_ARG(text));
    *(int64_t *)(void *)((char *)record + col->at) = percent_e8 / 100;
    return OK;
}

static enum code set_from_options(const struct cli_call *c, const struct record_table *t,
                                  struct record_names *names, void *record, struct error *e)
{
    for (size_t i = 0; i < t->column_count; i++) {
        const struct record_column *col = &t->columns[i];
        const char *value = option_of(c, col);
        if (!value || (col->flags & (COLUMN_KEPT | COLUMN_FIXED)))
            continue;
        bool share = strcmp(col->name, "share_e8") == 0;
        if ((share ? set_share(col, record, str_of(value), e)
                   : record_set(names, col, record, str_of(value), c->arena, e)) != OK)
            return fail_in(e, "--%s", share ? "share" : col->name);
    }
    return OK;
}

static void print_value(const json_t *v)
{
    if (json_is_string(v))
        printf("%s", json_string_value(v));
    else if (json_is_array(v))
        for (size_t i = 0; i < json_array_size(v); i++)
            printf("%s%s", i ? "," : "", json_string_value(json_array_get(v, i)));
    else if (json_is_integer(v))
        printf("%lld", (long long)json_integer_value(v));
    else
        printf("%s", json_is_true(v) ? "yes" : "no");
}

/* With --json the object; else what it says, name by name. */
static void print_thing(const struct cli_call *c, const struct record_table *t, const void *record)
{
    BUF(line);
    JSON(value);
    struct error ignored;
    struct json_out o = { &line, false };
    record_json(t, record, &o);
    if (c->json || json_read(buf_as_str(&line), &value, &ignored) != OK) {
        cli_print(&line);
        return;
    }
    printf("%s", json_string_value(json_object_get(value, "id")));
    for (size_t i = 0; i < t->column_count; i++) {
        const json_t *v = json_object_get(value, t->columns[i].name);
        const char *text = json_string_value(v);
        if (strcmp(t->columns[i].name, "id") == 0 || json_is_null(v) || (text && !text[0]) ||
            (json_is_array(v) && !json_array_size(v)))
            continue;
        printf("  %s ", t->columns[i].name);
        print_value(v);
    }
    putchar('\n');
}

static enum code narrow(const struct cli_call *c, const struct record_table *t,
                        struct record_names *names, struct record_filter *f, struct error *e)
{
    for (size_t i = 0; i < t->column_count && f->count < FILTERS_MOST; i++) {
        const struct record_column *col = &t->columns[i];
        const char *value = option_of(c, col);
        void *record = arena_get(c->arena, 1, t->size);
        if (!value || (col->type != COLUMN_ID && col->type != COLUMN_WORD))
            continue;
        if (record_set(names, col, record, str_of(value), c->arena, e) != OK)
            return fail_in(e, "--%s", col->name);
        record_where(f, col->sql ? col->sql : col->name,
                     col->type == COLUMN_ID
                         ? sql_bytes((char *)record + col->at, ID_BYTES)
                         : sql_text(col->words[*(int *)(void *)((char *)record + col->at)]));
    }
    return OK;
}

static enum code each(struct cli_call *c, const struct record_table *t, bool narrowed,
                      void (*print)(const struct cli_call *c, const void *record), struct error *e)
{
    struct record_filter f = RECORDS_ALL;
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    struct record_names names = { r.tx, world_catalogue(r.world.world), &names, app_named };
    TRY(cli_moment(c, &f.moment, e));
    if (narrowed)
        TRY(narrow(c, t, &names, &f, e));
    f.limit = PAGE_MOST;
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        ARENA(a);
        void *page;
        TRY(record_list(r.tx, names.catalogue, t, &f, &a, &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print(c, (char *)page + i * t->size);
        if (count)
            memcpy(f.after, (char *)page + (count - 1) * t->size + t->id_at, ID_BYTES);
    }
    return OK;
}

enum code cli_each_record(struct cli_call *c, const struct record_table *t,
                          void (*print)(const struct cli_call *c, const void *record),
                          struct error *e)
{
    return each(c, t, false, print, e);
}

static void print_of_command(const struct cli_call *c, const void *record)
{
    print_thing(c, table_of(c), record);
}

enum code cli_thing_list(struct cli_call *c, struct error *e)
{
    return each(c, table_of(c), true, print_of_command, e);
}

static enum code begin_one(struct cli_call *c, const struct record_table *t,
                           struct record_names *names, uint8_t id[ID_BYTES], struct error *e)
{
    return record_id_of(names, t->prefix, str_of(c->arguments[0]), id, e);
}

enum code cli_thing_show(struct cli_call *c, struct error *e)
{
    const struct record_table *t = table_of(c);
    const struct party_id anybody = { { 0 } };
    struct moment moment;
    uint8_t id[ID_BYTES];
    void *record = arena_get(c->arena, 1, t->size);
    BUF(line);
    struct json_out o = { &line, false };
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    struct record_names names = { r.tx, world_catalogue(r.world.world), &names, app_named };
    TRY(cli_moment(c, &moment, e));
    TRY(begin_one(c, t, &names, id, e));
    TRY(record_get(r.tx, names.catalogue, t, id, &moment, anybody, c->arena, record, e));
    record_json(t, record, &o);
    cli_print(&line);
    return OK;
}

enum code cli_thing_history(struct cli_call *c, struct error *e)
{
    const struct record_table *t = table_of(c);
    uint8_t id[ID_BYTES];
    void *items;
    size_t count;
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    struct record_names names = { r.tx, world_catalogue(r.world.world), &names, app_named };
    TRY(begin_one(c, t, &names, id, e));
    TRY(record_versions(r.tx, names.catalogue, t, id, c->arena, &items, &count, e));
    for (size_t i = 0; i < count; i++)
        print_thing(c, t, (char *)items + i * t->size);
    return OK;
}

/* New, or with an id or a name of its own: changed. */
enum code cli_thing_add(struct cli_call *c, struct error *e)
{
    const struct record_table *t = table_of(c);
    const struct party_id anybody = { { 0 } };
    uint8_t id[ID_BYTES];
    void *record = arena_get(c->arena, 1, t->size);
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    struct record_names names = { x.act.tx, world_catalogue(x.world.world), &names, app_named };
    record_begin(t, record);
    if (c->count) {
        TRY(begin_one(c, t, &names, id, e));
        TRY(record_get(names.tx, names.catalogue, t, id, &MOMENT_NOW, anybody, c->arena, record,
                       e));
    }
    TRY(set_from_options(c, t, &names, record, e));
    TRY(record_put(&x.change.act, t, record, e));
    TRY(cli_change_commit(c, &x, e));
    print_thing(c, t, record);
    return OK;
}

enum code cli_thing_withdraw(struct cli_call *c, struct error *e)
{
    const struct record_table *t = table_of(c);
    uint8_t id[ID_BYTES];
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    struct record_names names = { x.act.tx, world_catalogue(x.world.world), &names, app_named };
    TRY(begin_one(c, t, &names, id, e));
    TRY(record_withdraw(&x.change.act, t, id, e));
    return cli_change_commit(c, &x, e);
}

enum code cli_issue_scan(struct cli_call *c, struct error *e)
{
    struct conflict_scan found;
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(registry_conflicts_scan(&x.change.act, !c->dry_run, &found, e));
    TRY(cli_change_commit(c, &x, e));
    if (c->json)
        printf("{\"looked_at\":%zu,\"claims\":%zu,\"over\":%zu}\n", found.recordings, found.claims,
               found.over);
    else
        printf("%zu recordings and works with %zu claims, %zu of them over the whole\n",
               found.recordings, found.claims, found.over);
    return OK;
}

enum code cli_reference_exclude(struct cli_call *c, struct error *e)
{
    struct exclusion *x = ARENA_NEW(c->arena, struct exclusion);
    const char *kind;
    CHANGING(change);
    TRY(cli_need(c, "kind", &kind, e));
    TRY(cli_change_begin(c, &change, e));
    struct record_names names = { change.act.tx, world_catalogue(change.world.world), &names,
                                  app_named };
    record_begin(&table_exclusions, x);
    TRY(reference_id_parse(str_of(c->arguments[0]), &x->reference, e));
    TRY(set_from_options(c, &table_exclusions, &names, x, e));
    TRY(registry_exclusion_put(&change.change.act, x, e));
    TRY(cli_change_commit(c, &change, e));
    print_thing(c, &table_exclusions, x);
    return OK;
}

/* The command line is the operator's, who may speak for everybody but the clock. */
enum code cli_upload_claim_move(struct cli_call *c, struct error *e)
{
    const unsigned movers = 1u << MOVER_OPERATOR | 1u << MOVER_CLAIMANT | 1u << MOVER_UPLOADER;
    const char *word;
    enum upload_claim_event event;
    struct upload_claim_id id;
    struct upload_claim moved;
    TRY(cli_need(c, "event", &word, e));
    TRY(upload_claim_event_parse(str_of(word), &event, e));
    TRY(upload_claim_id_parse(str_of(c->arguments[0]), &id, e));
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(flow_claim_move(&x.change, id, event, movers, str_of(cli_value(c, "reason")),
                        str_of(cli_value(c, "words")), c->arena, &moved, e));
    TRY(cli_change_commit(c, &x, e));
    print_thing(c, &table_upload_claims, &moved);
    return OK;
}
