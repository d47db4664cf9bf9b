/* SPDX-License-Identifier: Apache-2.0 */
/* licet report transparency, figures, events, monthly, harmonised, statements, archive: the journal
 * as what the public and the authorities are told. */
#include "cli/records.h"
#include "cli/world.h"

#include <inttypes.h>

static enum code moment(const struct cli_call *c, const char *option, struct instant absent,
                        struct instant *out, struct error *e)
{
    const char *value = cli_value(c, option);
    *out = absent;
    return value ? instant_parse(str_of(value), out, e) : OK;
}

static enum code give(const struct cli_call *c, const struct buf *text, struct error *e)
{
    const char *file = cli_value(c, "out");
    if (text->failed)
        return fail(e, ERR_MEMORY, "no memory for the report");
    if (file)
        return file_write(file, text->bytes, text->length, 0644, e);
    fwrite(text->bytes, 1, text->length, stdout);
    return OK;
}

/* The scan of the period that the options name. */
static enum code scan_of(struct cli_call *c, struct cli_world *w, struct scan *s, struct error *e)
{
    struct instant from, until;
    TX(tx);
    TRY(moment(c, "from", INSTANT_FIRST, &from, e));
    TRY(moment(c, "until", INSTANT_NEVER, &until, e));
    TRY(cli_world_open(c, 0, w, e));
    TRY(store_begin(world_store(w->world), STORE_READ, &tx, e));
    return desk_scan(tx, from, until, s, e);
}

enum code cli_report_transparency(struct cli_call *c, struct error *e)
{
    BUF(out);
    SCAN(s);
    WORLD(w);
    TRY(scan_of(c, &w, &s, e));
    if (c->json) {
        TRY(desk_report_json(&s, &out, e));
        buf_text(&out, "\n");
    } else {
        TRY(desk_report_csv(&s, &out, e));
    }
    return give(c, &out, e);
}

enum code cli_report_monthly(struct cli_call *c, struct error *e)
{
    BUF(out);
    SCAN(s);
    WORLD(w);
    TRY(scan_of(c, &w, &s, e));
    TRY(desk_report_monthly(&s, &out, e));
    return give(c, &out, e);
}

enum code cli_report_figures(struct cli_call *c, struct error *e)
{
    (void)e;
    for (size_t i = 0; i < desk_figure_count; i++) {
        const struct desk_figure *f = &desk_figures[i];
        if (!c->json) {
            printf("%-34s %-10s %s\n", f->name, desk_figure_of_word(f->of), f->english);
            continue;
        }
        BUF(line);
        struct json_out o = { &line, false };
        json_begin(&o, '{');
        json_text(&o, "figure", f->name);
        json_text(&o, "of", desk_figure_of_word(f->of));
        json_text(&o, "english", f->english);
        json_text(&o, "russian", f->russian);
        json_end(&o, '}');
        cli_print(&line);
    }
    return OK;
}

static enum code print_event(void *ctx, int64_t seq, int64_t weight, struct error *e)
{
    const struct cli_call *c = ctx;
    (void)e;
    printf(c->json ? "{\"event\":%" PRId64 ",\"counts\":%" PRId64 "}\n"
                   : "%" PRId64 " %" PRId64 "\n",
           seq, weight);
    return OK;
}

/* What a figure is made of: licet journal list --after N-1 --limit 1 shows an event. */
enum code cli_report_events(struct cli_call *c, struct error *e)
{
    const struct desk_figure *f;
    SCAN(s);
    WORLD(w);
    TRY(desk_figure_find(str_of(c->arguments[0]), &f, e));
    TRY(scan_of(c, &w, &s, e));
    return desk_figure_events(&s, f, print_event, c, e);
}

/* ---- the eleven sheets ---- */

static const char *option_or(const struct cli_call *c, const char *name, const char *absent)
{
    const char *value = cli_value(c, name);
    return value ? value : absent;
}

static enum code need_period(const struct cli_call *c, struct error *e)
{
    const char *ignored;
    TRY(cli_need(c, "from", &ignored, e));
    return cli_need(c, "until", &ignored, e);
}

enum code cli_report_harmonised(struct cli_call *c, struct error *e)
{
    const char *folder, *service;
    BUF(traces);
    SCAN(s);
    WORLD(w);
    TRY(cli_need(c, "out", &folder, e));
    TRY(cli_need(c, "service", &service, e));
    TRY(need_period(c, e));
    TRY(scan_of(c, &w, &s, e));
    TRY(file_make_folder(folder, 0755, e));
    struct sheet_options o = { .service = service,
                               .provider = option_or(c, "provider", service),
                               .published = option_or(c, "published", ""),
                               .before = option_or(c, "before", ""),
                               .internal = option_or(c, "moderators", ""),
                               .external = option_or(c, "contracted", ""),
                               .recipients = option_or(c, "recipients", ""),
                               .very_large = cli_has(c, "very-large") };
    buf_text(&traces, "sheet,row,column,figure\n");
    for (int i = 0; i < SHEETS; i++) {
        BUF(sheet);
        TRY(desk_report_sheet(&s, &o, i, &sheet, &traces, e));
        const char *path = arena_format(c->arena, "%s/%s.csv", folder, desk_sheet_name(i));
        TRY(file_write(path, sheet.bytes, sheet.length, 0644, e));
    }
    return file_write(arena_format(c->arena, "%s/traces.csv", folder), traces.bytes, traces.length,
                      0644, e);
}

/* ---- what is published ---- */

static enum code print_published(const struct cli_call *c, const struct published *p,
                                 struct error *e)
{
    char id[ID_TEXT], from[INSTANT_TEXT], until[INSTANT_TEXT], at[INSTANT_TEXT];
    BUF(line);
    struct json_out o = { &line, false };
    (void)e;
    report_id_format(p->id, id);
    if (!c->json) {
        printf("%s %s to %s, version %" PRId64 ", published %s\n", id,
               instant_format(p->from, from), instant_format(p->until, until), p->version,
               instant_format(p->at, at));
        return OK;
    }
    json_begin(&o, '{');
    json_text(&o, "report", id);
    json_instant(&o, "from", p->from);
    json_instant(&o, "until", p->until);
    json_int(&o, "version", p->version);
    json_instant(&o, "published", p->at);
    json_int(&o, "size", p->head.size);
    json_end(&o, '}');
    cli_print(&line);
    return OK;
}

enum code cli_report_publish(struct cli_call *c, struct error *e)
{
    struct instant from, until;
    struct published p;
    WORLD(w);
    TRY(need_period(c, e));
    TRY(moment(c, "from", INSTANT_FIRST, &from, e));
    TRY(moment(c, "until", INSTANT_NEVER, &until, e));
    TRY(cli_world_open(c, 0, &w, e));
    TRY(flow_report_publish(w.world, STR("cli"), from, until, &p, e));
    return print_published(c, &p, e);
}

enum code cli_report_published(struct cli_call *c, struct error *e)
{
    enum { MOST = 1000 };
    struct published *list;
    size_t count;
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    TRY(desk_report_list(r.tx, MOST, c->arena, &list, &count, e));
    for (size_t i = 0; i < count; i++)
        TRY(print_published(c, &list[i], e));
    return OK;
}

/* ---- lines into a file ---- */

static enum code line_out(void *ctx, struct str line, struct error *e)
{
    FILE *f = ctx;
    bool ends = line.length && line.at[line.length - 1] == '\n';
    if (fwrite(line.at, 1, line.length, f) != line.length || (!ends && fputc('\n', f) == EOF))
        return fail_errno(e, "the report");
    return OK;
}

static enum code open_out(const struct cli_call *c, FILE **out, struct error *e)
{
    const char *file = cli_value(c, "out");
    *out = file ? fopen(file, "we") : stdout;
    return *out ? OK : fail_errno(e, "%s", file);
}

static enum code close_out(FILE *f, enum code code, struct error *e)
{
    bool bad = f == stdout ? fflush(f) != 0 : fclose(f) != 0;
    return bad && code == OK ? fail_errno(e, "the report") : code;
}

enum code cli_report_statements(struct cli_call *c, struct error *e)
{
    struct instant from, until;
    struct statement_counts counts;
    FILE *f;
    WORLD(w);
    TX(tx);
    TRY(moment(c, "from", INSTANT_FIRST, &from, e));
    TRY(moment(c, "until", INSTANT_NEVER, &until, e));
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    TRY(open_out(c, &f, e));
    TRY(close_out(f, desk_report_statements(tx, from, until, line_out, f, &counts, e), e));
    fprintf(stderr,
            "%" PRId64 " statements in %" PRId64 " bodies, each checked; left out: %" PRId64
            " that reach no state of the Union, %" PRId64 " from before 2020\n",
            counts.statements, counts.batches, counts.elsewhere, counts.early);
    return OK;
}

/* One body a line, as the command before writes them, or one body in a file. */
enum code cli_report_check_statements(struct cli_call *c, struct error *e)
{
    enum { BYTES_MOST = 2000000000 };
    for (size_t i = 0; i < c->count; i++) {
        BUF(text);
        size_t statements = 0, bodies = 0;
        if (file_read(c->arguments[i], BYTES_MOST, &text, e) != OK)
            return fail_in(e, "%s", c->arguments[i]);
        struct str rest = buf_as_str(&text), line;
        while (str_split(&rest, '\n', &line)) {
            size_t count;
            if (str_trim(line).length == 0)
                continue;
            bodies++;
            if (desk_statement_check(line, &count, e) != OK)
                return fail_in(e, "%s: body %zu", c->arguments[i], bodies);
            statements += count;
        }
        printf(c->json ? "{\"file\":\"%s\",\"statements\":%zu,\"bodies\":%zu}\n"
                       : "%s: %zu statements in %zu bodies keep every rule\n",
               c->arguments[i], statements, bodies);
    }
    return OK;
}

enum code cli_report_archive(struct cli_call *c, struct error *e)
{
    struct archive_options o = { .recipient = option_or(c, "service", "licet") };
    size_t count;
    FILE *f;
    WORLD(w);
    TX(tx);
    TRY(moment(c, "from", INSTANT_FIRST, &o.from, e));
    TRY(moment(c, "until", INSTANT_NEVER, &o.until, e));
    TRY(cli_world_open(c, 0, &w, e));
    o.catalogue = world_catalogue(w.world);
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    TRY(open_out(c, &f, e));
    TRY(close_out(f, desk_report_archive(tx, &o, line_out, f, &count, e), e));
    fprintf(stderr, "%zu notices\n", count);
    return OK;
}
