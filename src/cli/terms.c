/* SPDX-License-Identifier: Apache-2.0 */
/* licet licence check, diff, terms: terms as text. */
#include "cli/terms.h"

#include "cli/records.h"
#include "flow/flow.h"

static void print_problem(const struct cli_call *c, const char *file, const struct terms_problem *p)
{
    if (!c->json) {
        fprintf(stderr, "licet: %s: line %u, column %u: %s\n", file, p->at.line, p->at.column,
                p->text);
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "file", file);
    json_int(&o, "line", p->at.line);
    json_int(&o, "column", p->at.column);
    json_text(&o, "error", p->text);
    json_end(&o, '}');
    cli_print(&line);
}

static enum code read_text(struct cli_call *c, const char *file, struct str *out, struct error *e)
{
    BUF(text);
    TRY(file_read(file, TERMS_BYTES_MOST, &text, e));
    *out = str_of(str_copy(c->arena, buf_as_str(&text)));
    return OK;
}

enum code cli_terms_read(struct cli_call *c, const char *file, struct terms *out, struct error *e)
{
    struct str text;
    TRY(read_text(c, file, &text, e));
    return terms_parse(text, c->arena, out, NULL, e) == OK ? OK : fail_in(e, "%s", file);
}

static void print_terms(const struct cli_call *c, const char *file, const struct terms *t)
{
    BUF(text);
    BUF(line);
    char hash[TERMS_HASH_TEXT];
    struct json_out o = { &line, false };
    terms_format(t, &text);
    terms_hash(t, hash);
    if (!c->json) {
        printf("# %s\n%.*s", hash, STR_ARG(buf_as_str(&text)));
        return;
    }
    json_begin(&o, '{');
    json_text(&o, "file", file);
    json_text(&o, "title", t->title);
    json_text(&o, "hash", hash);
    json_str(&o, "terms", buf_as_str(&text));
    json_end(&o, '}');
    cli_print(&line);
}

enum code cli_licence_check(struct cli_call *c, struct error *e)
{
    for (size_t i = 0; i < c->count; i++) {
        struct str text;
        struct terms t;
        struct terms_problems problems = { 0 };
        struct error one = { 0 };
        if (read_text(c, c->arguments[i], &text, &one) != OK ||
            (terms_parse(text, c->arena, &t, &problems, &one) != OK && !problems.count)) {
            cli_complain(c, c->arguments[i], &one);
            continue;
        }
        for (size_t k = 0; k < problems.count; k++)
            print_problem(c, c->arguments[i], &problems.items[k]);
        c->failures += problems.count > 0;
        if (!problems.count)
            print_terms(c, c->arguments[i], &t);
    }
    (void)e;
    return OK;
}

enum code cli_licence_terms(struct cli_call *c, struct error *e)
{
    struct licence_id id;
    struct terms t;
    READING(r);
    TRY(licence_id_parse(str_of(c->arguments[0]), &id, e));
    TRY(cli_reading_begin(c, &r, e));
    TRY(flow_licence_terms(r.tx, world_catalogue(r.world.world), id, c->arena, &t, e));
    print_terms(c, c->arguments[0], &t);
    return OK;
}

enum code cli_licence_diff(struct cli_call *c, struct error *e)
{
    BUF(text);
    struct terms a, b;
    TRY(cli_terms_read(c, c->arguments[0], &a, e));
    TRY(cli_terms_read(c, c->arguments[1], &b, e));
    terms_diff(&a, &b, &text);
    if (c->json) {
        BUF(line);
        struct json_out o = { &line, false };
        json_begin(&o, '{');
        json_bool(&o, "same", text.length == 0);
        json_str(&o, "difference", buf_as_str(&text));
        json_end(&o, '}');
        cli_print(&line);
    } else {
        printf("%.*s", STR_ARG(buf_as_str(&text)));
    }
    return OK;
}
