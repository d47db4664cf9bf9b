/* SPDX-License-Identifier: Apache-2.0 */
/* licet jobs list, retry, run: work that waits to be done. */
#include "cli/records.h"
#include "jobs/jobs.h"

static const char *state_of(const struct job *j, struct instant now)
{
    static const uint8_t nobody[ID_BYTES];
    if (j->dead)
        return "dead";
    if (j->ready.us > now.us && memcmp(j->lease, nobody, ID_BYTES) != 0)
        return "taken";
    return j->ready.us > now.us ? "waiting" : "ready";
}

static void print_job(const struct cli_call *c, const struct job *j, struct instant now)
{
    char due[INSTANT_TEXT], ready[INSTANT_TEXT];
    instant_format(j->due, due);
    instant_format(j->ready, ready);
    if (!c->json) {
        printf("%-12s %-32s %-8s %lld tries  due %s  %s\n", j->kind, j->key, state_of(j, now),
               (long long)j->tries, due, j->reason ? j->reason : "");
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "kind", j->kind);
    json_text(&o, "key", j->key);
    json_text(&o, "state", state_of(j, now));
    json_int(&o, "tries", j->tries);
    json_text(&o, "due", due);
    json_text(&o, "ready", j->dead ? NULL : ready);
    json_text(&o, "reason", j->reason);
    json_end(&o, '}');
    cli_print(&line);
}

enum code cli_jobs_list(struct cli_call *c, struct error *e)
{
    READING(r);
    const char *kind = cli_value(c, "kind");
    struct jobs_filter f = { .kind = str_of(kind ? kind : ""),
                             .dead_only = cli_has(c, "dead"),
                             .limit = PAGE_MOST };
    TRY(cli_reading_begin(c, &r, e));
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct job *page;
        TRY(jobs_list(r.tx, &f, c->arena, &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print_job(c, &page[i], world_now(r.world.world));
        if (count) {
            f.after_kind = str_of(page[count - 1].kind);
            f.after_key = str_of(page[count - 1].key);
        }
    }
    return OK;
}

enum code cli_jobs_retry(struct cli_call *c, struct error *e)
{
    WORLD(w);
    TX(tx);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_begin(world_store(w.world), STORE_WRITE, &tx, e));
    TRY(jobs_revive(tx, str_of(c->arguments[0]), str_of(c->arguments[1]), world_now(w.world), e));
    return c->dry_run ? OK : store_commit_take(take(tx), e);
}

enum code cli_jobs_run(struct cli_call *c, struct error *e)
{
    WORLD(w);
    size_t ran = 0;
    TRY(cli_world_open(c, NEEDS_AUDIO, &w, e));
    for (bool did = true; did; ran += did)
        TRY(flow_job_once(w.world, &did, e));
    printf(c->json ? "{\"ran\":%zu}\n" : "%zu jobs ran\n", ran);
    return OK;
}
