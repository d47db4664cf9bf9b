/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/catalogue: a table of records (CSV or JSON), put in line by line; bad lines are named. */
#include "api/inside.h"

static enum code network_named(void *ctx, struct store_tx *tx, struct str slug,
                               struct network_id *out, struct error *e)
{
    struct call c = { .tx = tx, .a = ctx };
    return id_of_network(&c, slug, out->bytes, e);
}

/* An app's slug alone is enough where only one network has it. */
static enum code app_named(void *ctx, struct store_tx *tx, struct str slug, struct app_id *out,
                           struct error *e)
{
    enum { PAGE = 500 };
    struct call c = { .tx = tx, .a = ctx };
    struct app_id after = { 0 };
    size_t found = 0;
    if (memchr(slug.at, '/', slug.length) || str_starts(slug, "app_"))
        return id_of_app(&c, slug, out->bytes, e);
    for (size_t count = PAGE; count == PAGE;) {
        struct app *page = NULL;
        ARENA(a);
        TRY(access_app_list(tx, (struct network_id) { 0 }, after, PAGE, &a, &page, &count, e));
        for (size_t i = 0; i < count; i++)
            if (str_is(slug, page[i].slug)) {
                *out = page[i].id;
                found++;
            }
        if (count > 0)
            after = page[count - 1].id;
    }
    if (found == 1)
        return OK;
    return fail(e, found ? ERR_INVALID : ERR_NOT_FOUND,
                found ? "several networks have an app \"%.*s\": write network/app"
                      : "there is no app \"%.*s\"",
                STR_ARG(slug));
}

static void put_counts(struct json_out *o, const struct import_report *r)
{
    json_key(o, "counts");
    json_begin(o, '{');
    for (int t = 0; t < IMPORT_THING_COUNT; t++) {
        json_key(o, import_thing_word((enum import_thing)t));
        json_begin(o, '{');
        for (int n = 0; n < IMPORT_OUTCOMES; n++)
            json_int(o, import_outcome_word((enum import_outcome)n), (int64_t)r->counts[t][n]);
        json_end(o, '}');
    }
    json_end(o, '}');
}

static void put_problems(struct json_out *o, const struct import_report *r)
{
    json_key(o, "problems");
    json_begin(o, '[');
    for (size_t i = 0; i < r->problem_count; i++) {
        const struct import_problem *p = &r->problems[i];
        json_begin(o, '{');
        json_int(o, "line", (int64_t)p->line);
        json_text(o, "column", p->column);
        json_text(o, "text", p->text);
        json_bool(o, "warning", p->warning);
        json_end(o, '}');
    }
    json_end(o, ']');
}

enum code api_catalogue_import(struct http_request *r, struct http_response *out, struct error *e)
{
    static const struct import_kind *const kinds[] = { &import_catalogue, &import_parties,
                                                       &import_policies, &import_licences };
    CALL(c, r, out);
    struct import_report report;
    struct json_out o = { &out->body, false };
    const char *dry = http_query(r, "dry_run"), *why = http_header(r, "X-Reason");
    struct import_names names = { c.a, network_named, app_named };
    struct import_options options = { .who = str_of(c.who),
                                      .why = why ? str_of(why) : STR(""),
                                      .now = r->at,
                                      .chance = world_chance(c.world),
                                      .names = &names,
                                      .holder = c.key->key.party,
                                      .dry_run = dry && strcmp(dry, "true") == 0 };
    TRY(registry_import(world_store(c.world), kinds, COUNT_OF(kinds), r->body, &options, c.a,
                        &report, e));
    call_json(&c, 200);
    json_begin(&o, '{');
    json_text(&o, "kind", report.kind);
    json_bool(&o, "dry_run", options.dry_run);
    json_int(&o, "lines", (int64_t)report.lines);
    json_int(&o, "bad", (int64_t)report.bad);
    json_int(&o, "warnings", (int64_t)report.warnings);
    put_counts(&o, &report);
    put_problems(&o, &report);
    json_int(&o, "problems_dropped", (int64_t)report.problems_dropped);
    json_end(&o, '}');
    return OK;
}
