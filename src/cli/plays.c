/* SPDX-License-Identifier: Apache-2.0 */
/* licet plays import: what apps report was played, counted once, against the verdicts. */
#include "cli/progress.h"
#include "cli/records.h"

enum { BATCH = 500, PLAYS_BYTES_MOST = 1 << 30 };
enum column { ID, VERDICT, PLAYED_MS, AT, COLUMNS };

static const char *const column_names[COLUMNS] = { "id", "verdict", "played_ms", "at" };

struct import {
    struct cli_call *call;
    struct world *world;
    const char *file;
    int at[COLUMNS];    /* where each column stands */
    struct arena arena; /* of the batch */
    struct play_told told[BATCH];
    size_t lines[BATCH], count;
    struct play_counted counted[BATCH];
    size_t read, added, known, bad;
    struct progress progress;
};

static void bad_line(struct import *im, size_t line, const struct error *e)
{
    struct error named = *e;
    im->bad++;
    if (im->call->json) {
        BUF(text);
        struct json_out o = { &text, false };
        json_begin(&o, '{');
        json_text(&o, "file", im->file);
        json_int(&o, "line", (int64_t)line);
        json_text(&o, "error", e->text);
        json_end(&o, '}');
        cli_print(&text);
        return;
    }
    fail_in(&named, "%s: line %zu", im->file, line);
    fprintf(stderr, "licet: %s\n", named.text);
}

static enum code read_header(struct import *im, const struct csv_record *r, struct error *e)
{
    for (int n = 0; n < COLUMNS; n++)
        im->at[n] = -1;
    for (size_t i = 0; i < r->count; i++) {
        int n = 0;
        while (n < COLUMNS && !str_is(str_trim(r->cells[i]), column_names[n]))
            n++;
        if (n == COLUMNS || im->at[n] >= 0)
            return fail(e, ERR_INVALID, "the column \"%.*s\" is not known, or stands twice",
                        STR_ARG(r->cells[i]));
        im->at[n] = (int)i;
    }
    for (int n = 0; n < COLUMNS; n++)
        if (im->at[n] < 0)
            return fail(e, ERR_INVALID, "the column \"%s\" is missing", column_names[n]);
    return OK;
}

static struct str cell(const struct import *im, const struct csv_record *r, enum column n)
{
    return (size_t)im->at[n] < r->count ? str_trim(r->cells[im->at[n]]) : STR("");
}

static enum code read_play(struct import *im, const struct csv_record *r, struct play_told *out,
                           struct error *e)
{
    out->name = str_of(str_copy(&im->arena, cell(im, r, ID)));
    out->verdict = str_of(str_copy(&im->arena, cell(im, r, VERDICT)));
    if (str_to_int64(cell(im, r, PLAYED_MS), 0, INT64_MAX, &out->played_ms, e) != OK)
        return fail_in(e, "played_ms");
    if (instant_parse(cell(im, r, AT), &out->at, e) != OK)
        return fail_in(e, "at");
    return OK;
}

static enum code count_batch(struct import *im, struct error *e)
{
    struct plays_from anybody = { 0 };
    if (im->count && !im->call->dry_run) {
        TRY(flow_plays(im->world, &anybody, im->told, im->count, im->counted, e));
        for (size_t i = 0; i < im->count; i++) {
            if (im->counted[i].code != OK)
                bad_line(im, im->lines[i], &im->counted[i].error);
            else if (im->counted[i].outcome == PLAY_KNOWN)
                im->known++;
            else
                im->added++;
        }
    }
    progress_step(&im->progress, (int64_t)im->count);
    im->count = 0;
    arena_done(&im->arena);
    return OK;
}

static enum code read_lines(struct import *im, struct csv *csv, struct error *e)
{
    struct csv_record r;
    bool more = true;
    for (bool header = true; more; header = false) {
        struct error why = { 0 };
        ARENA(a);
        enum code code = csv_next(csv, &a, &r, &more, &why);
        if (code == OK && !more)
            break;
        if (code == OK && header) {
            TRY(read_header(im, &r, e));
            continue;
        }
        im->read++;
        if (code == OK)
            code = read_play(im, &r, &im->told[im->count], &why);
        if (code != OK)
            bad_line(im, r.line, &why);
        else
            im->lines[im->count++] = r.line;
        if (im->count == BATCH)
            TRY(count_batch(im, e));
        if (code != OK && header)
            return fail(e, code, "%s", why.text);
    }
    return count_batch(im, e);
}

static void print_outcome(const struct import *im)
{
    if (!im->call->json) {
        printf("%s: %zu lines, %zu counted, %zu known before, %zu bad\n", im->file, im->read,
               im->added, im->known, im->bad);
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "file", im->file);
    json_int(&o, "lines", (int64_t)im->read);
    json_int(&o, "counted", (int64_t)im->added);
    json_int(&o, "known", (int64_t)im->known);
    json_int(&o, "bad", (int64_t)im->bad);
    json_end(&o, '}');
    cli_print(&line);
}

static enum code import_file(struct cli_call *c, struct world *w, const char *file, struct error *e)
{
    BUF(text);
    struct csv csv;
    struct import *im = ARENA_NEW(c->arena, struct import);
    *im = (struct import) { .call = c, .world = w, .file = file };
    TRY(file_read(file, PLAYS_BYTES_MOST, &text, e));
    TRY(csv_begin(&csv, buf_as_str(&text), e));
    progress_start(&im->progress, "counting plays", 0, c->quiet);
    enum code code = read_lines(im, &csv, e);
    progress_done(&im->progress);
    arena_done(&im->arena);
    if (code != OK)
        return code;
    c->failures += im->bad > 0;
    print_outcome(im);
    return OK;
}

enum code cli_plays_import(struct cli_call *c, struct error *e)
{
    WORLD(w);
    TRY(cli_world_open(c, 0, &w, e));
    for (size_t i = 0; i < c->count; i++) {
        struct error one = { 0 };
        if (import_file(c, w.world, c->arguments[i], &one) != OK)
            cli_complain(c, c->arguments[i], &one);
    }
    return OK;
}
