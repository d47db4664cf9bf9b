/* SPDX-License-Identifier: Apache-2.0 */
/* The words of policy's own lists. */
#include "policy/policy.h"

#include <stdio.h>

#define WORD(name, word) word,
static const char *const leave_words[] = { LEAVES(WORD) };
static const char *const unlicensed_words[] = { UNLICENSED_RULES(WORD) };
static const char *const unmatched_words[] = { UNMATCHED_RULES(WORD) };
static const char *const conflict_words[] = { CONFLICT_RULES(WORD) };
static const char *const unheard_words[] = { UNHEARD_RULES(WORD) };
#undef WORD
static const char *const hearing_words[] = { "not_heard", "in_part", "heard" };
static const char *const restriction_words[] = { "none", "notice", "stay_down" };
static const char *const mode_words[] = { "deny", "preview", "full" };

#define WORD(name, word, prefix) word,
static const char *const record_words[] = { RECORD_KINDS(WORD) };
#undef WORD
#define PREFIX(name, word, prefix) prefix,
static const char *const record_prefixes[] = { RECORD_KINDS(PREFIX) };
#undef PREFIX

static enum code find(const char *what, const char *const *words, int count, struct str text,
                      int *out, struct error *e)
{
    char list[160] = "";
    size_t used = 0;
    for (int i = 0; i < count; i++) {
        if (str_is(text, words[i])) {
            *out = i;
            return OK;
        }
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", words[i]);
        if (used >= sizeof list)
            used = sizeof list - 1;
    }
    return fail(e, ERR_INVALID, "\"%.*s\" is not a known %s (%s)",
                (int)(text.length > 40 ? 40 : text.length), text.at ? text.at : "", what, list);
}

#define PARSE(type, what, words)                                                                   \
    enum code type##_parse(struct str text, enum type *out, struct error *e)                       \
    {                                                                                              \
        int found = 0;                                                                             \
        TRY(find(what, words, (int)COUNT_OF(words), text, &found, e));                             \
        *out = (enum type)found;                                                                   \
        return OK;                                                                                 \
    }
#define WORD_OF(type, words)                                                                       \
    const char *type##_word(enum type value)                                                       \
    {                                                                                              \
        return (size_t)value < COUNT_OF(words) ? words[value] : "";                                \
    }

PARSE(unlicensed_rule, "rule for what is unlicensed", unlicensed_words)
PARSE(unmatched_rule, "rule for what matches nothing", unmatched_words)
PARSE(conflict_rule, "rule for conflicts of shares", conflict_words)
PARSE(unheard_rule, "rule for what is not heard yet", unheard_words)
PARSE(verdict_mode, "mode of a verdict", mode_words)
WORD_OF(unlicensed_rule, unlicensed_words)
WORD_OF(unmatched_rule, unmatched_words)
WORD_OF(conflict_rule, conflict_words)
WORD_OF(unheard_rule, unheard_words)
WORD_OF(verdict_mode, mode_words)
WORD_OF(hearing, hearing_words)
WORD_OF(restriction, restriction_words)
WORD_OF(record_kind, record_words)

const char *record_kind_prefix(enum record_kind k)
{
    return (size_t)k < COUNT_OF(record_prefixes) ? record_prefixes[k] : "";
}

const char *leave_kind_word(enum leave_kind k)
{
    return (unsigned)k < LEAVE_COUNT ? leave_words[k] : "";
}
