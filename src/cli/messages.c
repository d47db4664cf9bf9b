/* SPDX-License-Identifier: Apache-2.0 */
/* ERN messages: what they would change, what they changed, and why they were refused. */
#include "cli/messages.h"

#include <fcntl.h>
#include <unistd.h>

enum { CHANGES_MOST = 100000 }; /* in one line of JSON */

void cli_on_change(void *context, const struct ern_change *c)
{
    static const char marks[ERN_CHANGE_COUNT] = { ' ', '+', '~', '-' };
    struct cli_changes *all = context;
    if (all->json) {
        if (all->count++ >= CHANGES_MOST) {
            all->dropped++;
            return;
        }
        struct json_out o = { &all->items, all->count > 1 };
        ern_change_json(c, &o);
        return;
    }
    if (all->silent)
        return;
    printf("  %c %-9s  %s\n", marks[c->kind], ern_thing_word(c->thing), c->subject);
    if (c->before)
        printf("      %s %s\n", c->kind == ERN_CHANGED ? "was" : "   ", c->before);
    if (c->after)
        printf("      %s %s\n", c->kind == ERN_CHANGED ? "now" : "   ", c->after);
}

static void print_json(const char *file, const struct ern_report *r, bool dry_run,
                       const struct buf *changes)
{
    BUF(line);
    struct json_out o = { &line, false };
    ern_report_json(r, file, dry_run, changes ? buf_as_str(changes) : STR(""), &o);
    cli_print(&line);
}

static void print_text(const char *file, const struct ern_report *r, bool dry_run)
{
    for (size_t i = 0; i < r->note_count; i++) {
        BUF(text);
        ern_note_format(&r->notes[i], &text);
        printf("  ! %s: %.*s\n", rule_weight_word(ern_rule_weight(r->notes[i].rule)),
               STR_ARG(buf_as_str(&text)));
    }
    if (r->notes_dropped)
        printf("  ! and %zu more\n", r->notes_dropped);
    printf("%s (ERN %s, %s from %s): %s%s", file, r->version, r->message, r->sender,
           ern_outcome_word(r->outcome), dry_run ? ", tried only" : "");
    for (int t = 0; t < ERN_THING_COUNT; t++)
        for (int k = ERN_CHANGE_COUNT - 1; k >= 0; k--)
            if (r->counts[t][k])
                printf("; %zu %s %s", r->counts[t][k], ern_thing_word((enum ern_thing)t),
                       ern_change_word((enum ern_change_kind)k));
    putchar('\n');
}

void cli_print_report(struct cli_call *c, const char *file, const struct ern_report *r,
                      const struct buf *changes)
{
    BUF(text);
    c->failures += r->outcome == ERN_REFUSED;
    if (c->json) {
        print_json(file, r, c->dry_run, changes);
        return;
    }
    if (r->outcome != ERN_REFUSED) {
        print_text(file, r, c->dry_run);
        return;
    }
    ern_note_format(&r->refusal, &text);
    fflush(stdout);
    fprintf(stderr, "licet: %s: %.*s; nothing of it was taken\n", file, STR_ARG(buf_as_str(&text)));
}

enum code cli_message(struct cli_call *c, struct world *w, const char *file, struct error *e)
{
    ARENA(a);
    struct ern_report report;
    struct cli_changes changes = { .json = c->json, .silent = !c->dry_run };
    const char *why = cli_value(c, "why");
    const struct message_request r = { .file = file,
                                       .who = STR("cli"),
                                       .why = str_of(why ? why : file),
                                       .dry_run = c->dry_run,
                                       .context = &changes,
                                       .change = cli_on_change };
    int fd = strcmp(file, "-") == 0 ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "opening it");
    enum code code = flow_message(w, fd, &r, &a, &report, e);
    close(fd);
    if (code == OK)
        cli_print_report(c, file, &report, &changes.items);
    buf_done(&changes.items);
    return code;
}

static void print_delivery(struct cli_call *c, const char *folder, const struct delivery_report *r)
{
    BUF(line);
    if (!c->json) {
        printf("%s: %s%s; %zu files enrolled, %zu known%s%s\n", folder,
               r->taken ? "taken" : "refused as a whole", c->dry_run ? ", tried only" : "",
               r->enrolled, r->known, r->acknowledgement ? "; " : "",
               r->acknowledgement ? r->acknowledgement : "");
        return;
    }
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "file", folder);
    json_text(&o, "kind", "delivery");
    json_text(&o, "outcome", r->taken ? "taken" : "refused");
    json_bool(&o, "dry_run", c->dry_run);
    json_int(&o, "messages", (int64_t)r->count);
    json_int(&o, "enrolled", (int64_t)r->enrolled);
    json_int(&o, "known", (int64_t)r->known);
    json_int(&o, "not_enrolled", (int64_t)r->not_enrolled);
    json_text(&o, "acknowledgement", r->acknowledgement);
    json_end(&o, '}');
    cli_print(&line);
}

enum code cli_delivery(struct cli_call *c, struct world *w, const char *folder, bool *is,
                       struct error *e)
{
    ARENA(a);
    struct delivery_report report;
    struct cli_changes changes = { .json = c->json, .silent = !c->dry_run };
    const char *why = cli_value(c, "why");
    const struct message_request r = { .file = folder,
                                       .who = STR("cli"),
                                       .why = str_of(why ? why : folder),
                                       .dry_run = c->dry_run,
                                       .context = &changes,
                                       .change = cli_on_change };
    TRY(flow_delivery_is(w, folder, is, e));
    if (!*is)
        return OK;
    enum code code = flow_delivery(w, folder, &r, &a, &report, e);
    for (size_t i = 0; i < report.count && code == OK; i++)
        cli_print_report(c, arena_format(&a, "%s/%s", folder, report.messages[i].path),
                         &report.messages[i].report, i == 0 ? &changes.items : NULL);
    if (code == OK)
        print_delivery(c, folder, &report);
    if (code == OK && report.not_enrolled)
        code = fail(e, ERR_IO, "%zu files were not enrolled: import the folder again",
                    report.not_enrolled);
    buf_done(&changes.items);
    return code;
}
