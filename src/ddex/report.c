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

void ern_change_json(const struct ern_change *c, struct json_out *o)
{
    json_begin(o, '{');
    json_text(o, "change", ern_change_word(c->kind));
    json_text(o, "thing", ern_thing_word(c->thing));
    json_text(o, "id", c->id);
    json_text(o, "subject", c->subject);
    json_text(o, "before", c->before);
    json_text(o, "after", c->after);
    json_int(o, "line", c->line);
    json_end(o, '}');
}

static void put_counts(const struct ern_report *r, struct json_out *o)
{
    json_key(o, "counts");
    json_begin(o, '{');
    for (int t = 0; t < ERN_THING_COUNT; t++) {
        json_key(o, ern_thing_word((enum ern_thing)t));
        json_begin(o, '{');
        for (int k = 0; k < ERN_CHANGE_COUNT; k++)
            json_int(o, ern_change_word((enum ern_change_kind)k), (int64_t)r->counts[t][k]);
        json_end(o, '}');
    }
    json_end(o, '}');
}

void ern_report_json(const struct ern_report *r, const char *file, bool dry_run, struct str changes,
                     struct json_out *o)
{
    json_begin(o, '{');
    json_text(o, "file", file);
    json_text(o, "kind", "ern");
    json_text(o, "message_kind", r->kind);
    json_text(o, "version", r->version);
    json_text(o, "sender", r->sender);
    json_text(o, "message", r->message);
    json_text(o, "outcome", ern_outcome_word(r->outcome));
    json_bool(o, "dry_run", dry_run);
    json_text(o, "rule", r->outcome == ERN_REFUSED ? ern_rule_word(r->refusal.rule) : NULL);
    json_key(o, "refusal");
    if (r->outcome == ERN_REFUSED)
        ern_note_json(&r->refusal, o);
    else
        json_put_null(o);
    put_counts(r, o);
    json_key(o, "notes");
    json_begin(o, '[');
    for (size_t i = 0; i < r->note_count; i++)
        ern_note_json(&r->notes[i], o);
    json_end(o, ']');
    json_int(o, "notes_dropped", (int64_t)r->notes_dropped);
    json_key(o, "changes");
    json_begin(o, '[');
    if (changes.length)
        json_put_raw(o, changes);
    json_end(o, ']');
    json_end(o, '}');
}
