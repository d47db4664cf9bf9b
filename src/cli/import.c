/* SPDX-License-Identifier: Apache-2.0 */
/* licet catalogue import, licet licence import: tables of records, line by line. */
#include "cli/messages.h"
#include "cli/progress.h"
#include "cli/records.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDERS_DEEP = 32 };

static enum code network_named(void *ctx, struct store_tx *tx, struct str slug,
                               struct network_id *out, struct error *e)
{
    struct network n;
    ARENA(a);
    (void)ctx;
    TRY(access_network_find(tx, slug, &a, &n, e));
    *out = n.id;
    return OK;
}

/* "app" where only one network has one of that name, or "network/app" */
static enum code app_named(void *ctx, struct store_tx *tx, struct str slug, struct app_id *out,
                           struct error *e)
{
    struct app_id after = { { 0 } };
    struct network_id network = { { 0 } };
    struct str name = slug, before;
    size_t found = 0;
    if (memchr(slug.at, '/', slug.length)) {
        str_split(&name, '/', &before);
        TRY(network_named(ctx, tx, before, &network, e));
    }
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct app *page;
        ARENA(a);
        TRY(access_app_list(tx, network, after, PAGE_MOST, &a, &page, &count, e));
        for (size_t i = 0; i < count; i++)
            if (str_is(name, page[i].slug)) {
                *out = page[i].id;
                found++;
            }
        if (count)
            after = page[count - 1].id;
    }
    if (found == 0)
        return fail(e, ERR_NOT_FOUND, "there is no app \"%.*s\"", STR_ARG(slug));
    if (found > 1)
        return fail(e, ERR_INVALID, "several networks have an app \"%.*s\": write network/app",
                    STR_ARG(slug));
    return OK;
}

static void on_progress(void *ctx, size_t bytes, size_t of)
{
    struct progress *p = ctx;
    p->total = (int64_t)of;
    progress_step(p, (int64_t)bytes - p->done);
}

static void put_counts(struct json_out *o, const struct import_report *r)
{
    int64_t sums[IMPORT_OUTCOMES] = { 0 };
    for (int t = 0; t < IMPORT_THING_COUNT; t++)
        for (int n = 0; n < IMPORT_OUTCOMES; n++)
            sums[n] += (int64_t)r->counts[t][n];
    for (int n = 0; n < IMPORT_OUTCOMES; n++)
        json_int(o, import_outcome_word((enum import_outcome)n), sums[n]);
}

static void print_json(const char *file, const struct import_report *r)
{
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "file", file);
    json_text(&o, "kind", r->kind);
    json_int(&o, "lines", (int64_t)r->lines);
    json_int(&o, "bad", (int64_t)r->bad);
    put_counts(&o, r);
    json_key(&o, "problems");
    json_begin(&o, '[');
    for (size_t i = 0; i < r->problem_count; i++) {
        const struct import_problem *p = &r->problems[i];
        json_begin(&o, '{');
        json_int(&o, "line", (int64_t)p->line);
        json_text(&o, "column", p->column);
        json_text(&o, "text", p->text);
        json_bool(&o, "warning", p->warning);
        json_end(&o, '}');
    }
    json_end(&o, ']');
    json_end(&o, '}');
    cli_print(&line);
}

static void print_text(const char *file, const struct import_report *r)
{
    for (size_t i = 0; i < r->problem_count; i++) {
        BUF(text);
        import_problem_format(file, &r->problems[i], &text);
        fprintf(stderr, "licet: %.*s\n", STR_ARG(buf_as_str(&text)));
    }
    if (r->problems_dropped)
        fprintf(stderr, "licet: %s: and %zu more\n", file, r->problems_dropped);
    printf("%s (%s): %zu lines, %zu bad", file, r->kind, r->lines, r->bad);
    for (int t = 0; t < IMPORT_THING_COUNT; t++)
        for (int n = 0; n < IMPORT_OUTCOMES; n++)
            if (r->counts[t][n])
                printf("; %zu %s %s", r->counts[t][n], import_thing_word((enum import_thing)t),
                       import_outcome_word((enum import_outcome)n));
    putchar('\n');
}

static enum code import_one(struct cli_call *c, const struct world *w, const char *file,
                            const struct import_kind *const *kinds, size_t count, struct error *e)
{
    BUF(text);
    ARENA(a);
    struct progress progress;
    struct import_report report;
    struct import_names names = { NULL, network_named, app_named };
    const char *why = cli_value(c, "why");
    struct import_options options = { .who = STR("cli"),
                                      .why = str_of(why ? why : file),
                                      .now = world_now(w),
                                      .chance = world_chance(w),
                                      .names = &names,
                                      .dry_run = c->dry_run,
                                      .progress = on_progress,
                                      .progress_ctx = &progress };
    TRY(file_read(file, IMPORT_BYTES_MOST, &text, e));
    progress_start(&progress, "importing", 0, c->quiet);
    enum code code = registry_import(world_store(w), kinds, count, buf_as_str(&text), &options, &a,
                                     &report, e);
    progress_done(&progress);
    if (code != OK)
        return code;
    c->failures += report.bad > 0;
    if (c->json)
        print_json(file, &report);
    else
        print_text(file, &report);
    return OK;
}

/* What a file is, by its first bytes; a delivery's music is neither. */
enum content { CONTENT_TABLE, CONTENT_XML, CONTENT_OTHER };

static enum code content_of(const char *file, enum content *out, struct error *e)
{
    char first[512];
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "opening it");
    ssize_t n = read(fd, first, sizeof first);
    close(fd);
    if (n < 0)
        return fail_errno(e, "reading it");
    const char *dot = strrchr(file, '.');
    bool table = dot && (strcmp(dot, ".csv") == 0 || strcmp(dot, ".json") == 0);
    bool said = dot && strcasecmp(dot, ".xml") == 0; /* an empty one is refused, not passed over */
    *out = said || ern_looks_like((struct str) { first, (size_t)n }) ? CONTENT_XML
           : table                                                   ? CONTENT_TABLE
                                                                     : CONTENT_OTHER;
    return OK;
}

struct importing {
    struct cli_call *call;
    struct world *world;
    const struct import_kind *const *kinds;
    size_t kind_count;
};

static void import_file(const struct importing *im, const char *file, bool alone)
{
    struct error one = { 0 };
    enum content content = CONTENT_TABLE;
    enum code code = OK;
    if (im->kind_count > 1 && strcmp(file, "-") != 0)
        code = content_of(file, &content, &one);
    if (code == OK && content == CONTENT_OTHER && !alone)
        return;
    if (code == OK && content == CONTENT_XML)
        code = cli_message(im->call, im->world, file, &one);
    else if (code == OK)
        code = import_one(im->call, im->world, file, im->kinds, im->kind_count, &one);
    if (code != OK)
        cli_complain(im->call, file, &one);
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void import_folder(const struct importing *im, const char *folder, int depth);

/* A delivery is taken as one; of another folder each file stands for itself. */
static void import_tree(const struct importing *im, const char *folder, int depth)
{
    struct error one = { 0 };
    bool is = false;
    enum code code = OK;
    if (im->kind_count > 1)
        code = cli_delivery(im->call, im->world, folder, &is, &one);
    if (code != OK)
        cli_complain(im->call, folder, &one);
    else if (!is)
        import_folder(im, folder, depth);
}

/* Every file below a folder, in the order of the names. */
static void import_folder(const struct importing *im, const char *folder, int depth)
{
    struct dirent **entries;
    struct error one = { 0 };
    int count = depth < FOLDERS_DEEP ? scandir(folder, &entries, not_hidden, alphasort) : -1;
    if (count < 0) {
        fail_errno(&one, "the folder");
        cli_complain(im->call, folder, &one);
        return;
    }
    for (int i = 0; i < count; i++) {
        struct stat st;
        char *path = arena_format(im->call->arena, "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
        if (lstat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            import_tree(im, path, depth + 1);
        else if (S_ISREG(st.st_mode))
            import_file(im, path, false);
    }
    free(entries);
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum code import(struct cli_call *c, const struct import_kind *const *kinds, size_t count,
                        struct error *e)
{
    WORLD(w);
    TRY(cli_world_open(c, count > 1 ? NEEDS_MESSAGES | NEEDS_AUDIO : 0, &w, e));
    const struct importing im = { c, w.world, kinds, count };
    for (size_t i = 0; i < c->count; i++)
        if (is_folder(c->arguments[i]))
            import_tree(&im, c->arguments[i], 0);
        else
            import_file(&im, c->arguments[i], true);
    return OK;
}

enum code cli_catalogue_import(struct cli_call *c, struct error *e)
{
    const struct import_kind *const kinds[] = { &import_catalogue, &import_parties,
                                                &import_policies };
    return import(c, kinds, COUNT_OF(kinds), e);
}

enum code cli_licence_import(struct cli_call *c, struct error *e)
{
    const struct import_kind *const kinds[] = { &import_licences };
    return import(c, kinds, COUNT_OF(kinds), e);
}
