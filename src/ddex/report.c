/* SPDX-License-Identifier: Apache-2.0 */
/* Words of reports, and notes collected. */
#include "ddex/report.h"

#include <stdio.h>

#define WORD(member, word) word,
static const char *const outcome_words[] = { ERN_OUTCOMES(WORD) };
static const char *const thing_words[] = { ERN_THINGS(WORD) };
#undef WORD
static const char *const change_words[] = { "same", "added", "changed", "ended" };

const char *ern_outcome_word(enum ern_outcome o)
{
    return outcome_words[o];
}

const char *ern_thing_word(enum ern_thing t)
{
    return thing_words[t];
}

const char *ern_change_word(enum ern_change_kind c)
{
    return change_words[c];
}

static void add_note(struct ern_report *r, const struct ern_note *n)
{
    if (r->note_count == ERN_NOTES_MOST) {
        r->notes_dropped++;
        return;
    }
    if (r->note_count == r->note_room) {
        size_t room = r->note_room ? 2 * r->note_room : 16;
        struct ern_note *more = ARENA_ARRAY(r->arena, struct ern_note, room);
        if (r->note_count)
            memcpy(more, r->notes, r->note_count * sizeof *more);
        r->notes = more;
        r->note_room = room;
    }
    r->notes[r->note_count++] = *n;
}

/* Never half a character at the end. */
static void cut_utf8(char *text)
{
    size_t n = strlen(text);
    while (n && !str_is_utf8((struct str) { text, n }))
        text[--n] = '\0';
}

enum code ern_report_note(struct ern_report *r, struct error *e, enum ern_rule rule, uint32_t line,
                          const char *element, const char *format, ...)
{
    struct ern_note n = { .rule = rule, .line = line };
    va_list args;
    snprintf(n.element, sizeof n.element, "%s", element);
    va_start(args, format);
    vsnprintf(n.text, sizeof n.text, format, args);
    va_end(args);
    cut_utf8(n.text);
    if (ern_rule_weight(rule) == RULE_REFUSED) {
        r->refusal = n;
        r->outcome = ERN_REFUSED;
        return ern_note_fail(&n, e);
    }
    add_note(r, &n);
    return OK;
}
