/* SPDX-License-Identifier: Apache-2.0 */
/* The closed lists of words, one generic search for all of them; conditions as text. */
#include "registry/rows.h"

#include <stdio.h>

#define WORD(name, word) word,
const char *const right_words[] = { RIGHTS(WORD) };
static const char *const use_words[] = { USES(WORD) };
static const char *const model_words[] = { MODELS(WORD) };
const char *const action_words[] = { ACTIONS(WORD) };
static const char *const measure_words[] = { MEASURES(WORD) };
static const char *const relator_words[] = { RELATORS(WORD) };
const char *const reference_state_words[] = { REFERENCE_STATES(WORD) };
const char *const release_kind_words[] = { RELEASE_KINDS(WORD) };
const char *const relation_kind_words[] = { RELATION_KINDS(WORD) };
#undef WORD

static enum code find_word(const char *what, const char *const *words, int count, struct str text,
                           int *out, struct error *e)
{
    char list[200] = "";
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

#define WORDS(type, thing, what, words, count)                                                     \
    const char *thing##_word(enum type value)                                                      \
    {                                                                                              \
        return (unsigned)value < (unsigned)(count) ? words[value] : "";                            \
    }                                                                                              \
    enum code thing##_parse(struct str text, enum type *out, struct error *e)                      \
    {                                                                                              \
        int found = 0;                                                                             \
        TRY(find_word(what, words, count, text, &found, e));                                       \
        *out = (enum type)found;                                                                   \
        return OK;                                                                                 \
    }

WORDS(right, right, "right", right_words, RIGHT_COUNT)
WORDS(use, use, "use", use_words, USE_COUNT)
WORDS(model, model, "commercial model", model_words, MODEL_COUNT)
WORDS(policy_action, policy_action, "action", action_words, ACTION_COUNT)
WORDS(measure, measure, "measure", measure_words, MEASURE_COUNT)
WORDS(relator, relator, "relation", relator_words, RELATOR_COUNT)
WORDS(reference_state, reference_state, "state of a reference", reference_state_words,
      REFERENCE_STATE_COUNT)

WORDS(release_kind, release_kind, "kind of release", release_kind_words, RELEASE_KIND_COUNT)
WORDS(relation_kind, relation_kind, "relation of recordings", relation_kind_words,
      RELATION_KIND_COUNT)

enum right right_of_work(enum right r)
{
    static const enum right of[RIGHT_COUNT] = {
        [RIGHT_MAKING_AVAILABLE] = RIGHT_WORK_MAKING_AVAILABLE,
        [RIGHT_REPRODUCTION] = RIGHT_WORK_MECHANICAL,
        [RIGHT_PERFORMING] = RIGHT_WORK_PERFORMING,
        [RIGHT_MECHANICAL] = RIGHT_WORK_MECHANICAL,
    };
    enum right found = r < RIGHT_COUNT ? of[r] : RIGHT_MAKING_AVAILABLE;
    return found == RIGHT_MAKING_AVAILABLE ? RIGHT_COUNT : found; /* row 0 is no right of a work */
}

static bool next_word(struct str *rest, struct str *word)
{
    static const char between[] = " \t\r\n,;|";
    while (rest->length && memchr(between, rest->at[0], sizeof between - 1))
        *rest = (struct str) { rest->at + 1, rest->length - 1 };
    if (!rest->length)
        return false;
    size_t n = 0;
    while (n < rest->length && !memchr(between, rest->at[n], sizeof between - 1))
        n++;
    *word = (struct str) { rest->at, n };
    *rest = (struct str) { rest->at + n, rest->length - n };
    return true;
}

static enum code parse_bits(const char *what, const char *const *words, int count, struct str text,
                            unsigned *out, struct error *e)
{
    unsigned bits = 0;
    struct str word;
    while (next_word(&text, &word)) {
        int found = 0;
        TRY(find_word(what, words, count, word, &found, e));
        bits |= 1u << found;
    }
    *out = bits ? bits : (1u << count) - 1;
    return OK;
}

static void format_bits(const char *const *words, int count, unsigned bits, struct buf *out)
{
    bool comma = false;
    for (int i = 0; i < count; i++) {
        if (!(bits >> i & 1))
            continue;
        if (comma)
            buf_byte(out, ',');
        buf_text(out, words[i]);
        comma = true;
    }
}

enum code uses_parse(struct str text, unsigned *out, struct error *e)
{
    return parse_bits("use", use_words, USE_COUNT, text, out, e);
}

enum code models_parse(struct str text, unsigned *out, struct error *e)
{
    return parse_bits("commercial model", model_words, MODEL_COUNT, text, out, e);
}

void uses_format(unsigned uses, struct buf *out)
{
    format_bits(use_words, USE_COUNT, uses, out);
}

void models_format(unsigned models, struct buf *out)
{
    format_bits(model_words, MODEL_COUNT, models, out);
}

/* The relation starts at the first of <>=! and goes on while such marks follow. */
static enum code parse_condition(struct str text, struct condition *out, struct error *e)
{
    size_t at = 0, end;
    while (at < text.length && !memchr("<>=!", text.at[at], 4))
        at++;
    for (end = at; end < text.length && memchr("<>=!", text.at[end], 4);)
        end++;
    if (at == text.length)
        return fail(e, ERR_INVALID, "\"%.*s\" is not a condition like \"seconds > 30\"",
                    (int)(text.length > 60 ? 60 : text.length), text.at ? text.at : "");
    struct condition c = { 0 };
    TRY(measure_parse(str_trim((struct str) { text.at, at }), &c.measure, e));
    TRY(relator_parse((struct str) { text.at + at, end - at }, &c.relator, e));
    TRY(str_to_e8(str_trim((struct str) { text.at + end, text.length - end }), &c.value_e8, e));
    if (c.value_e8 < 0 || (c.measure != MEASURE_SECONDS && c.value_e8 > 100 * SHARE_WHOLE_E8) ||
        c.value_e8 > 86400 * SHARE_WHOLE_E8)
        return fail(e, ERR_INVALID, "the value of %s is out of range (%s)", measure_word(c.measure),
                    c.measure == MEASURE_SECONDS ? "0 to 86400" : "0 to 100");
    *out = c;
    return OK;
}

enum code conditions_parse(struct str text, struct condition out[CONDITIONS_MOST], size_t *count,
                           struct error *e)
{
    struct condition found[CONDITIONS_MOST];
    size_t n = 0;
    struct str rest = str_trim(text), part;
    if (!rest.length)
        rest.at = NULL;
    while (str_split(&rest, '&', &part)) {
        if (n == CONDITIONS_MOST)
            return fail(e, ERR_LIMIT, "more than %d conditions", CONDITIONS_MOST);
        TRY(parse_condition(str_trim(part), &found[n], e));
        n++;
    }
    memcpy(out, found, n * sizeof *found);
    *count = n;
    return OK;
}

void conditions_format(const struct condition *conditions, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        buf_format(out, "%s%s %s ", i ? " & " : "", measure_word(conditions[i].measure),
                   relator_word(conditions[i].relator));
        e8_format(conditions[i].value_e8, out);
    }
}

void e8_format(int64_t value_e8, struct buf *out)
{
    char text[40];
    uint64_t size = value_e8 < 0 ? 0 - (uint64_t)value_e8 : (uint64_t)value_e8;
    int n = snprintf(text, sizeof text, "%s%llu.%08llu", value_e8 < 0 ? "-" : "",
                     (unsigned long long)(size / SHARE_WHOLE_E8),
                     (unsigned long long)(size % SHARE_WHOLE_E8));
    while (text[n - 1] == '0')
        n--;
    if (text[n - 1] == '.')
        n--;
    buf_put(out, text, (size_t)n);
}
