/* SPDX-License-Identifier: Apache-2.0 */
/* licet identify: what is in these files? */
#include "cli/progress.h"
#include "cli/world.h"

struct job {
    struct cli_call *call;
    const char **files;
    struct progress progress;
};

static void put_p(struct json_out *o, const char *name, double p)
{
    char text[32];
    snprintf(text, sizeof text, "%.3g", p);
    json_key(o, name);
    json_put_raw(o, str_of(text));
}

void cli_put_match(struct json_out *o, const struct found *f)
{
    char id[ID_TEXT];
    json_text(o, "reference", reference_id_format(f->reference, id));
    json_text(o, "file", f->file);
    json_text(o, "recording", recording_id_format(f->recording, id));
    json_text(o, "title", f->title);
    json_text(o, "artist", f->artist);
    json_text(o, "isrc", f->isrc);
    json_number_places(o, "query_start", f->query_start, 2);
    json_number_places(o, "query_end", f->query_end, 2);
    json_number_places(o, "reference_start", f->reference_start, 2);
    json_number_places(o, "reference_end", f->reference_end, 2);
    json_number_places(o, "speed", f->speed, 4);
    json_number_places(o, "pitch_semitones", f->pitch_semitones, 2);
    json_number_places(o, "score", f->score, 4);
    put_p(o, "p_false", f->p_false);
    if (f->shared)
        json_bool(o, "shared", true);
}

static void put_found(struct json_out *o, const struct found *f)
{
    json_begin(o, '{');
    cli_put_match(o, f);
    json_end(o, '}');
}

static void put_list(struct json_out *o, const struct found *list, size_t count)
{
    json_begin(o, '[');
    for (size_t i = 0; i < count; i++)
        put_found(o, &list[i]);
    json_end(o, ']');
}

void cli_put_identified(struct json_out *o, const struct identified *r)
{
    json_number_places(o, "seconds", r->seconds, 2);
    json_key(o, "matches");
    put_list(o, r->matches, r->count);
    json_key(o, "similar");
    put_list(o, r->similar, r->similar_count);
    if (!r->complete)
        json_bool(o, "undecided", true);
    if (r->truncated)
        json_bool(o, "truncated", true);
}

static const char *clock_text(double seconds, char out[16])
{
    int s = (int)(seconds + 0.5);
    snprintf(out, 16, "%d:%02d", s / 60, s % 60);
    return out;
}

void cli_print_found(const struct found *f)
{
    char a[16], b[16], c[16], d[16];
    printf("  %s-%s  %s%s%s  at %s-%s", clock_text(f->query_start, a), clock_text(f->query_end, b),
           f->artist && *f->artist ? f->artist : "", f->artist && *f->artist ? " - " : "",
           f->title && *f->title ? f->title : f->file, clock_text(f->reference_start, c),
           clock_text(f->reference_end, d));
    if (f->speed < 0.995 || f->speed > 1.005)
        printf("  speed %.3f", f->speed);
    if (f->pitch_semitones < -0.2 || f->pitch_semitones > 0.2)
        printf("  pitch %+.1f", f->pitch_semitones);
    printf("  score %.2f  p(false) %.2g%s\n", f->score, f->p_false,
           f->shared ? "  (another has the same sound)" : "");
}

static void print_text(const char *file, const struct identified *r)
{
    printf("%s: %.1f s, %s%s\n", file, r->seconds,
           !r->complete ? "undecided: not all of the catalogue could be asked"
           : r->count   ? "known:"
                        : "nothing known",
           r->truncated ? " (the file ends early)" : "");
    for (size_t i = 0; i < r->count; i++)
        cli_print_found(&r->matches[i]);
    if (r->similar_count)
        printf(" the same sound is also in:\n");
    for (size_t i = 0; i < r->similar_count; i++)
        cli_print_found(&r->similar[i]);
}

static void on_file(void *ctx, size_t number, enum code code, const struct identified *r,
                    const struct error *e)
{
    struct job *j = ctx;
    const char *file = j->files[number];
    if (code != OK) {
        cli_complain(j->call, file, e);
    } else if (j->call->json) {
        BUF(line);
        struct json_out o = { &line, false };
        json_begin(&o, '{');
        json_text(&o, "file", file);
        cli_put_identified(&o, r);
        json_end(&o, '}');
        cli_print(&line);
    } else {
        print_text(file, r);
    }
    fflush(stdout);
    progress_step(&j->progress, 1);
}

/* ---- a stream ---- */

static const char *const event_words[] = { "begun", "confirmed", "ended", "withdrawn" };

static enum code on_span(void *ctx, const struct span_told *t, struct error *e)
{
    const struct cli_call *c = ctx;
    char at[16];
    if (c->json) {
        BUF(line);
        struct json_out o = { &line, false };
        json_begin(&o, '{');
        json_text(&o, "file", "-");
        json_text(&o, "event", event_words[t->event]);
        json_int(&o, "span", t->number);
        json_number_places(&o, "at", t->at, 2);
        cli_put_match(&o, &t->match);
        json_end(&o, '}');
        cli_print(&line);
    } else {
        printf("%s %s %u", clock_text(t->at, at), event_words[t->event], t->number);
        cli_print_found(&t->match);
    }
    return fflush(stdout) == 0 ? OK : fail_errno(e, "standard output");
}

static void print_listened(const struct cli_call *c, const struct listened *l)
{
    char at[16];
    if (!c->json) {
        printf("%s the stream ended, %u spans%s\n", clock_text(l->seconds, at), l->spans,
               l->complete ? "" : "; not all of the catalogue could be asked");
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "file", "-");
    json_text(&o, "event", "finished");
    json_number_places(&o, "seconds", l->seconds, 2);
    json_int(&o, "spans", l->spans);
    json_int(&o, "damages", l->damages);
    if (!l->complete)
        json_bool(&o, "undecided", true);
    json_end(&o, '}');
    cli_print(&line);
}

static enum code identify_stream(struct cli_call *c, struct error *e)
{
    struct listened l;
    const struct listen_sink sink = { c, on_span };
    WORLD(w);
    TRY(cli_world_open(c, NEEDS_AUDIO, &w, e));
    enum code code = flow_listen(w.world, 0, &sink, &l, e);
    if (code == ERR_INVALID) {
        cli_complain(c, "-", e);
        return OK;
    }
    TRY(code);
    print_listened(c, &l);
    return OK;
}

enum code cli_identify(struct cli_call *c, struct error *e)
{
    struct job job = { .call = c };
    size_t count, failed;
    int64_t jobs;
    if (c->count == 1 && strcmp(c->arguments[0], "-") == 0 && !cli_has(c, "list"))
        return identify_stream(c, e);
    TRY(cli_files(c, &job.files, &count, e));
    TRY(cli_int(c, "jobs", 0, 0, 1024, &jobs, e));
    WORLD(w);
    TRY(cli_world_open(c, NEEDS_AUDIO, &w, e));
    progress_start(&job.progress, "identifying", (int64_t)count, c->quiet);
    struct identify_sink sink = { &job, on_file };
    enum code code = flow_identify(w.world, job.files, count, (unsigned)jobs, &sink, &failed, e);
    progress_done(&job.progress);
    return code;
}
