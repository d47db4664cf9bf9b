/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the closed lists, both ways. */
#include "desk/words.h"

#define WORD2(name, word)                   word,
#define WORD4(name, word, english, russian) word,
static const char *const channels[] = { CHANNELS(WORD2) };
static const char *const regimes[] = { REGIMES(WORD2) };
static const char *const item_kinds[] = { ITEM_KINDS(WORD2) };
static const char *const notice_states[] = { NOTICE_STATES(WORD2) };
static const char *const item_states[] = { ITEM_STATES(WORD2) };
static const char *const item_events[] = { ITEM_EVENTS(WORD2) };
static const char *const actors[] = { ACTORS(WORD2) };
static const char *const owners[] = { OWNERS(WORD2) };
static const char *const reasons[] = { REASONS(WORD4) };
static const char *const classes[] = { CLASSES(WORD2) };
static const char *const letters[] = { LETTERS(WORD2) };
static const char *const counter_reasons[] = { COUNTER_REASONS(WORD2) };
#define SENTENCES(name, word, english, russian) { english, russian },
static const char *const sentences[][2] = { REASONS(SENTENCES) };

static enum code find(const char *const *words, size_t count, const char *thing, struct str text,
                      int *out, struct error *e)
{
    for (size_t i = 0; i < count; i++)
        if (text.length && words[i][0] == text.at[0] && str_is(text, words[i])) {
            *out = (int)i;
            return OK;
        }
    BUF(list);
    for (size_t i = 0; i < count; i++)
        buf_format(&list, i ? ", %s" : "%s", words[i]);
    return fail(e, ERR_INVALID, "'%.*s' is not a %s: %.*s",
                (int)(text.length > 40 ? 40 : text.length), text.at, thing,
                STR_ARG(buf_as_str(&list)));
}

#define GIVES(type, function, words)                                                               \
    const char *function##_word(enum type value)                                                   \
    {                                                                                              \
        return (size_t)value < COUNT_OF(words) ? words[value] : "?";                               \
    }
#define TAKES(type, function, words, thing)                                                        \
    enum code function##_parse(struct str text, enum type *out, struct error *e)                   \
    {                                                                                              \
        int found;                                                                                 \
        TRY(find(words, COUNT_OF(words), thing, text, &found, e));                                 \
        *out = (enum type)found;                                                                   \
        return OK;                                                                                 \
    }

GIVES(channel, channel, channels)
GIVES(regime, regime, regimes)
GIVES(item_kind, item_kind, item_kinds)
GIVES(notice_state, notice_state, notice_states)
GIVES(item_state, item_state, item_states)
GIVES(item_event, item_event, item_events)
GIVES(actor, actor, actors)
GIVES(owner, owner, owners)
GIVES(reason_code, reason, reasons)
GIVES(item_class, item_class, classes)
GIVES(letter, letter, letters)
GIVES(counter_reason, counter_reason, counter_reasons)
TAKES(channel, channel, channels, "channel")
TAKES(regime, regime, regimes, "regime")
TAKES(item_kind, item_kind, item_kinds, "kind of item")
TAKES(notice_state, notice_state, notice_states, "state of notices")
TAKES(item_state, item_state, item_states, "state of items")
TAKES(item_event, item_event, item_events, "move of items")
TAKES(reason_code, reason, reasons, "reason")
TAKES(counter_reason, counter_reason, counter_reasons, "reason of a counter-notice")

const char *reason_sentence(enum reason_code r, int russian)
{
    return sentences[r][russian ? 1 : 0];
}

bool reason_restricts(enum reason_code r)
{
    return r <= REASON_DEADLINE;
}
