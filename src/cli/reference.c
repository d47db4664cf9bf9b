/* SPDX-License-Identifier: Apache-2.0 */
/* licet reference add, withdraw: what holders deposit to be recognised. */
#include "cli/progress.h"
#include "cli/world.h"

struct job {
    struct cli_call *call;
    const char **files;
    struct progress progress;
    size_t added, known, rechecked, overlaps;
};

static void print_enrolled(const char *file, const struct enrolled *r)
{
    char ref[ID_TEXT], rec[ID_TEXT];
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "file", file);
    json_text(&o, "reference", reference_id_format(r->reference, ref));
    json_text(&o, "recording", recording_id_format(r->recording, rec));
    json_text(&o, "title", r->title);
    json_text(&o, "artist", r->artist);
    json_text(&o, "isrc", r->isrc);
    json_number_places(&o, "seconds", r->seconds, 2);
    json_bool(&o, "known", r->known);
    json_int(&o, "rechecked", (int64_t)r->rechecked);
    json_int(&o, "overlaps", (int64_t)r->overlaps);
    json_text(&o, "warning", r->warning);
    json_end(&o, '}');
    cli_print(&line);
}

static void on_item(void *ctx, size_t number, enum code code, const struct enrolled *r,
                    const struct error *e)
{
    struct job *j = ctx;
    const char *file = j->files[number];
    if (code != OK) {
        cli_complain(j->call, file, e);
    } else {
        j->known += r->known;
        j->added += !r->known;
        j->rechecked += r->rechecked;
        j->overlaps += r->overlaps;
        if (j->call->json)
            print_enrolled(file, r);
        else if (r->warning)
            fprintf(stderr, "licet: %s: %s\n", file, r->warning);
    }
    fflush(stdout);
    progress_step(&j->progress, 1);
}

static enum code enrol(struct cli_call *c, struct world *world, struct job *job, size_t count,
                       unsigned jobs, struct error *e)
{
    const char *party = cli_value(c, "party"), *recording = cli_value(c, "recording");
    struct enrol_item *items = arena_try(c->arena, count, sizeof *items);
    if (!items)
        return fail(e, ERR_MEMORY, "%zu files are too many", count);
    if (recording && count != 1)
        return fail(e, ERR_INVALID, "--recording wants one file, there are %zu", count);
    for (size_t i = 0; i < count; i++) {
        struct str isrc = str_of(job->files[i]), path;
        str_split(&isrc, '\t', &path); /* a line of the list may be FILE<TAB>ISRC */
        job->files[i] = str_copy(c->arena, path);
        items[i] = (struct enrol_item) { .path = job->files[i],
                                         .isrc = isrc,
                                         .party = str_of(party),
                                         .recording = str_of(recording) };
    }
    struct enrol_sink sink = { job, on_item };
    size_t failed;
    progress_start(&job->progress, "enrolling", (int64_t)count, c->quiet);
    enum code code = flow_enrol(world, items, count, jobs, &sink, &failed, e);
    progress_done(&job->progress);
    return code;
}

enum code cli_reference_add(struct cli_call *c, struct error *e)
{
    struct job job = { .call = c };
    size_t count;
    int64_t jobs;
    TRY(cli_files(c, &job.files, &count, e));
    TRY(cli_int(c, "jobs", 0, 0, 1024, &jobs, e));
    WORLD(w);
    TRY(cli_world_open(c, NEEDS_AUDIO | NEEDS_CREATE, &w, e));
    TRY(enrol(c, w.world, &job, count, (unsigned)jobs, e));
    if (!c->json)
        printf("%zu enrolled, %zu known before, %d failed%s\n", job.added, job.known, c->failures,
               job.rechecked ? "; earlier uploads were judged again" : "");
    if (!c->json && job.overlaps)
        printf("%zu times the same sound as another party delivered: see \"licet issue list\"\n",
               job.overlaps);
    return OK;
}

enum code cli_reference_withdraw(struct cli_call *c, struct error *e)
{
    const char *why;
    TRY(cli_need(c, "why", &why, e));
    WORLD(w);
    TRY(cli_world_open(c, 0, &w, e));
    for (size_t i = 0; i < c->count; i++) {
        struct error one = { 0 };
        if (flow_withdraw(w.world, str_of(c->arguments[i]), STR("cli"), str_of(why), &one) != OK)
            cli_complain(c, c->arguments[i], &one);
    }
    return OK;
}
