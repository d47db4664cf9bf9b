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
