/* SPDX-License-Identifier: Apache-2.0 */
/* licet fingerprint: files that another machine can match without the sound. */
#include "cli/progress.h"
#include "cli/world.h"

#include <libgen.h>

struct job {
    struct cli_call *call;
    const char **files;
    const char *to; /* a folder, "-", or NULL: beside each file */
    struct progress progress;
};

static const char *path_for(const struct job *j, const char *file)
{
    struct arena *a = j->call->arena;
    if (!j->to)
        return arena_format(a, "%s.licetfp", file);
    return arena_format(a, "%s/%s.licetfp", j->to, basename(arena_text(a, file, strlen(file))));
}

static enum code write_out(const struct job *j, const char *path, struct str bytes, struct error *e)
{
    if (path)
        return file_write(path, bytes.at, bytes.length, 0644, e);
    (void)j;
    return fwrite(bytes.at, 1, bytes.length, stdout) == bytes.length
               ? OK
               : fail_errno(e, "standard output");
}

static void print_written(const struct cli_call *c, const char *file, const char *path,
                          double seconds, size_t bytes)
{
    if (!c->json) {
        printf("%s: %.1f s, %zu bytes\n", path, seconds, bytes);
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "file", file);
    json_text(&o, "fingerprint", path);
    json_number_places(&o, "seconds", seconds, 2);
    json_int(&o, "bytes", (int64_t)bytes);
    json_int(&o, "fingerprint_version", FP_VERSION);
    json_end(&o, '}');
    cli_print(&line);
}

static void on_file(void *ctx, size_t number, enum code code, double seconds, struct str bytes,
                    const struct error *e)
{
    struct job *j = ctx;
    struct error why = { 0 };
    const char *file = j->files[number];
    bool to_pipe = j->to && strcmp(j->to, "-") == 0;
    const char *path = to_pipe ? NULL : path_for(j, file);
    if (code != OK)
        why = *e;
    else
        code = write_out(j, path, bytes, &why);
    if (code != OK)
        cli_complain(j->call, file, &why);
    else if (path)
        print_written(j->call, file, path, seconds, bytes.length);
    fflush(stdout);
    progress_step(&j->progress, 1);
}

enum code cli_fingerprint(struct cli_call *c, struct error *e)
{
    struct job job = { .call = c, .to = cli_value(c, "out") };
    size_t count, failed;
    int64_t jobs;
    TRY(cli_files(c, &job.files, &count, e));
    TRY(cli_int(c, "jobs", 0, 0, 1024, &jobs, e));
    if (job.to && strcmp(job.to, "-") == 0 && count != 1)
        return fail(e, ERR_INVALID, "--out - wants one file, there are %zu", count);
    if (job.to && strcmp(job.to, "-") != 0)
        TRY(file_make_folder(job.to, 0755, e));
    WORLD(w); /* of which only the decoder is opened */
    TRY(audio_host_start(&w.audio, e));
    progress_start(&job.progress, "listening", (int64_t)count, c->quiet);
    const struct fingerprint_sink sink = { &job, on_file };
    enum code code = flow_fingerprint(w.audio, c->settings, job.files, count, (unsigned)jobs, &sink,
                                      &failed, e);
    progress_done(&job.progress);
    return code;
}
