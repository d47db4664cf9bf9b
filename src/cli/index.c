/* SPDX-License-Identifier: Apache-2.0 */
/* licet index info, check, rebuild: what is searched, and whether it is whole. */
#include "cli/progress.h"
#include "cli/world.h"

#include <inttypes.h>

static void on_step(void *ctx, int64_t rows)
{
    progress_step(ctx, rows);
}

static double bytes_an_hour(const struct index_figures *f)
{
    return f->hours > 0 ? (double)f->bytes / f->hours : 0;
}

static void put_figures(struct json_out *o, const struct index_figures *f)
{
    json_int(o, "segments", (int64_t)f->segments);
    json_int(o, "recordings", (int64_t)f->recordings);
    json_number_places(o, "hours", f->hours, 3);
    json_int(o, "bytes", (int64_t)f->bytes);
    json_number_places(o, "bytes_per_hour", bytes_an_hour(f), 0);
    json_int(o, "generation", (int64_t)f->generation);
    json_int(o, "index_version", f->version);
    json_int(o, "fingerprint_version", FP_VERSION);
}

static void put_comparison(struct json_out *o, const struct index_report *r)
{
    json_int(o, "missing", r->missing);
    json_int(o, "extra", r->extra);
    json_int(o, "unreadable", r->unreadable);
    if (r->unreadable)
        json_text(o, "unreadable_first", r->unreadable_first.text);
}

static void print_json(const struct index_report *r, bool compared)
{
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "index", r->name);
    json_int(&o, "rows", r->wanted);
    if (r->code == OK)
        put_figures(&o, &r->figures);
    if (r->code == OK && compared)
        put_comparison(&o, r);
    if (r->code != OK)
        json_text(&o, "error", r->error.text);
    json_end(&o, '}');
    cli_print(&line);
}

static void print_figures(const struct index_report *r)
{
    const struct index_figures *f = &r->figures;
    printf("%s: %zu recordings, %.1f h, %" PRIu64 " bytes in %zu segments and the log", r->name,
           f->recordings, f->hours, f->bytes, f->segments);
    if (f->hours > 0)
        printf(" (%.0f KB an hour)", bytes_an_hour(f) / 1000);
    printf("; generation %" PRIu64 ", index version %d, fingerprint version %d\n", f->generation,
           f->version, FP_VERSION);
}

static void print_report(const struct cli_call *c, const struct index_report *r, bool compared)
{
    if (c->json) {
        print_json(r, compared);
    } else if (r->code == OK) {
        print_figures(r);
    } else {
        fprintf(stderr, "licet: index of %s: %s\n", r->name, r->error.text);
    }
}

static enum code open_blind(const struct cli_call *c, struct cli_world *w, struct error *e)
{
    return cli_world_open(c, NEEDS_BLIND, w, e);
}

enum code cli_index_info(struct cli_call *c, struct error *e)
{
    struct index_report reports[INDEXES];
    WORLD(w);
    TRY(open_blind(c, &w, e));
    TRY(flow_index_info(w.world, reports, e));
    for (int i = 0; i < INDEXES; i++) {
        print_report(c, &reports[i], false);
        c->failures += reports[i].code != OK;
    }
    return OK;
}

static bool differs(const struct index_report *r)
{
    return r->code != OK || r->missing || r->extra || r->unreadable;
}

static void print_comparison(const struct cli_call *c, const struct index_report *r)
{
    if (c->json || r->code != OK)
        return;
    if (!differs(r)) {
        printf("  every byte checks; %" PRId64 " rows, each in its place\n", r->wanted);
        return;
    }
    printf("  %" PRId64 " missing, %" PRId64 " too many, %" PRId64 " fingerprints unreadable\n",
           r->missing, r->extra, r->unreadable);
    if (r->unreadable)
        printf("  %s\n", r->unreadable_first.text);
}

static enum code progress_of_rows(const struct cli_call *c, struct world *w, const char *what,
                                  struct progress *p, struct error *e)
{
    int64_t rows;
    TRY(flow_index_rows(w, &rows, e));
    progress_start(p, what, rows, c->quiet);
    return OK;
}

/* errors  CORRUPT something is damaged or differs; it was printed */
static enum code verdict_of(const struct index_report *reports, struct error *e)
{
    for (int i = 0; i < INDEXES; i++) {
        const struct index_report *r = &reports[i];
        if (r->code != OK)
            return fail(e, ERR_CORRUPT,
                        "the index of %s is damaged (\"licet index rebuild\" makes "
                        "it anew): %s",
                        r->name, r->error.text);
        if (r->unreadable)
            return fail(e, ERR_CORRUPT, "%" PRId64 " fingerprints of %s cannot be read: %s",
                        r->unreadable, r->name, r->unreadable_first.text);
        if (differs(r))
            return fail(e, ERR_CORRUPT,
                        "the index of %s is not what the database says (\"licet "
                        "index check --mend\" puts it right)",
                        r->name);
    }
    return OK;
}

enum code cli_index_check(struct cli_call *c, struct error *e)
{
    struct index_report reports[INDEXES], mended[INDEXES];
    struct progress bar;
    struct index_progress progress = { &bar, on_step };
    WORLD(w);
    TRY(open_blind(c, &w, e));
    TRY(progress_of_rows(c, w.world, "checking", &bar, e));
    enum code code = flow_index_check(w.world, &progress, reports, e);
    progress_done(&bar);
    TRY(code);
    for (int i = 0; i < INDEXES; i++) {
        print_report(c, &reports[i], true);
        print_comparison(c, &reports[i]);
    }
    if (!cli_has(c, "mend"))
        return verdict_of(reports, e);
    for (int i = 0; i < INDEXES; i++)
        if (reports[i].code != OK)
            return verdict_of(reports, e);
    TRY(flow_index_mend(w.world, mended, e));
    for (int i = 0; i < INDEXES; i++)
        mended[i].missing = mended[i].extra = 0; /* until now */
    return verdict_of(mended, e);
}

enum code cli_index_rebuild(struct cli_call *c, struct error *e)
{
    struct index_report reports[INDEXES];
    struct progress bar;
    struct index_progress progress = { &bar, on_step };
    WORLD(w);
    TRY(open_blind(c, &w, e));
    TRY(progress_of_rows(c, w.world, "rebuilding", &bar, e));
    enum code code = flow_index_rebuild(w.world, &progress, reports, e);
    progress_done(&bar);
    TRY(code);
    for (int i = 0; i < INDEXES; i++) {
        reports[i].missing = 0; /* until now */
        print_report(c, &reports[i], true);
    }
    return verdict_of(reports, e);
}
