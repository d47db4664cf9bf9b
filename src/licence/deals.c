/* SPDX-License-Identifier: Apache-2.0 */
/* States of deals, as a table, and their words. */
#include "licence/deals.h"

#define MEMBER(name, word) [name] = word,
static const char *const state_words[] = { DEAL_STATES(MEMBER) };
static const char *const event_words[] = { DEAL_EVENTS(MEMBER) };
static const char *const side_words[] = { DEAL_SIDES(MEMBER) };
static const char *const reason_words[] = { DEAL_REASONS(MEMBER) };
#undef MEMBER

const char *deal_state_word(enum deal_state s)
{
    return state_words[s];
}

const char *deal_event_word(enum deal_event v)
{
    return event_words[v];
}

const char *deal_side_word(enum deal_side s)
{
    return side_words[s];
}

const char *deal_reason_word(enum deal_reason r)
{
    return reason_words[r];
}

static enum code parse(const char *const *words, int count, const char *what, struct str text,
                       int *out, struct error *e)
{
    BUF(all);
    for (int i = 0; i < count; i++) {
        if (str_is(text, words[i])) {
            *out = i;
            return OK;
        }
        buf_format(&all, "%s%s", i ? ", " : "", words[i]);
    }
    return fail(e, ERR_INVALID, "\"%.*s\" is not a %s (%.*s)", STR_ARG(text), what,
                STR_ARG(buf_as_str(&all)));
}

enum code deal_side_parse(struct str text, enum deal_side *out, struct error *e)
{
    int n;
    TRY(parse(side_words, DEAL_SIDE_COUNT, "side", text, &n, e));
    *out = (enum deal_side)n;
    return OK;
}

enum code deal_reason_parse(struct str text, enum deal_reason *out, struct error *e)
{
    int n;
    TRY(parse(reason_words, DEAL_REASON_COUNT, "reason", text, &n, e));
    *out = (enum deal_reason)n;
    return OK;
}

const struct deal_move deal_moves[] = {
    /* from           event           by         to */
    { DEAL_DRAFT, DEAL_WRITE, BY_EITHER, DEAL_DRAFT },
    { DEAL_DRAFT, DEAL_OFFER, BY_EITHER, DEAL_OFFERED },
    { DEAL_DRAFT, DEAL_TERMINATE, BY_EITHER, DEAL_TERMINATED },
    { DEAL_OFFERED, DEAL_REVISE, BY_SAME, DEAL_OFFERED },
    { DEAL_OFFERED, DEAL_COUNTER, BY_OTHER, DEAL_COUNTERED },
    { DEAL_OFFERED, DEAL_AGREE, BY_OTHER, DEAL_AGREED },
    { DEAL_OFFERED, DEAL_REJECT, BY_OTHER, DEAL_TERMINATED },
    { DEAL_OFFERED, DEAL_TERMINATE, BY_EITHER, DEAL_TERMINATED },
    { DEAL_COUNTERED, DEAL_REVISE, BY_SAME, DEAL_COUNTERED },
    { DEAL_COUNTERED, DEAL_COUNTER, BY_OTHER, DEAL_COUNTERED },
    { DEAL_COUNTERED, DEAL_AGREE, BY_OTHER, DEAL_AGREED },
    { DEAL_COUNTERED, DEAL_REJECT, BY_OTHER, DEAL_TERMINATED },
    { DEAL_COUNTERED, DEAL_TERMINATE, BY_EITHER, DEAL_TERMINATED },
    { DEAL_AGREED, DEAL_BEGIN, BY_EITHER, DEAL_IN_FORCE },
    { DEAL_AGREED, DEAL_TERMINATE, BY_EITHER, DEAL_TERMINATED },
    { DEAL_IN_FORCE, DEAL_LAPSE, BY_EITHER, DEAL_EXPIRED },
    { DEAL_IN_FORCE, DEAL_TERMINATE, BY_EITHER, DEAL_TERMINATED },
};
const size_t deal_move_count = COUNT_OF(deal_moves);

enum code deal_move(enum deal_state from, enum deal_event event, bool by_other, enum deal_state *to,
                    struct error *e)
{
    BUF(may);
    bool known = false;
    for (size_t i = 0; i < deal_move_count; i++) {
        const struct deal_move *m = &deal_moves[i];
        if (m->from != from)
            continue;
        if (m->event == event && (m->by == BY_EITHER || (m->by == BY_OTHER) == by_other)) {
            *to = m->to;
            return OK;
        }
        known = known || m->event == event;
        buf_format(&may, "%s%s", may.length ? ", " : "", deal_event_word(m->event));
    }
    if (known)
        return fail(e, ERR_CONFLICT, "%s: %s made the offer at hand", deal_event_word(event),
                    by_other ? "the other side" : "the same side");
    return fail(e, ERR_CONFLICT, "a deal that is %s cannot %s%s%.*s%s", deal_state_word(from),
                deal_event_word(event), may.length ? " (it can: " : "", STR_ARG(buf_as_str(&may)),
                may.length ? ")" : "");
}
