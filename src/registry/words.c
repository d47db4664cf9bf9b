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

/* ---- conditions ---- */

enum { SECONDS_MOST = 86400 };

static enum code parse_ms(struct str text, int64_t *ms, struct error *e)
{
    int64_t value_e8;
    TRY(str_to_e8(str_trim(text), &value_e8, e));
    if (value_e8 < 0 || value_e8 > SECONDS_MOST * SHARE_WHOLE_E8)
        return fail(e, ERR_INVALID, "a segment begins and ends between 0 and %d s", SECONDS_MOST);
    *ms = value_e8 / (SHARE_WHOLE_E8 / 1000);
    return OK;
}

/* "30-60+90-120.5": seconds of the reference. */
static enum code parse_segments(struct str text, struct condition *c, struct error *e)
{
    struct str rest = text, part;
    int64_t before = -1;
    while (str_split(&rest, '+', &part)) {
        const char *dash = part.length ? memchr(part.at, '-', part.length) : NULL;
        struct segment s;
        if (c->segment_count == SEGMENTS_MOST)
            return fail(e, ERR_LIMIT, "more than %d segments", SEGMENTS_MOST);
        if (!dash)
            return fail(e, ERR_INVALID, "\"%.*s\" is not a segment like 30-60",
                        (int)(part.length > 40 ? 40 : part.length), part.at ? part.at : "");
        size_t at = (size_t)(dash - part.at);
        TRY(parse_ms((struct str) { part.at, at }, &s.from_ms, e));
        TRY(parse_ms((struct str) { dash + 1, part.length - at - 1 }, &s.until_ms, e));
        if (s.from_ms >= s.until_ms || s.from_ms <= before)
            return fail(e, ERR_INVALID, "segments begin before they end, and follow each other");
        before = s.until_ms;
        c->segments[c->segment_count++] = s;
    }
    return OK;
}

/* "seconds", or "seconds in 30-60" */
static enum code parse_measured(struct str text, struct condition *c, struct error *e)
{
    struct str word = str_trim(text);
    for (size_t i = 0; i + 4 <= word.length; i++)
        if (memcmp(word.at + i, " in ", 4) == 0) {
            TRY(parse_segments((struct str) { word.at + i + 4, word.length - i - 4 }, c, e));
            word = str_trim((struct str) { word.at, i });
            break;
        }
    return measure_parse(word, &c->measure, e);
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
    TRY(parse_measured((struct str) { text.at, at }, &c, e));
    TRY(relator_parse((struct str) { text.at + at, end - at }, &c.relator, e));
    TRY(str_to_e8(str_trim((struct str) { text.at + end, text.length - end }), &c.value_e8, e));
    if (c.value_e8 < 0 || (c.measure != MEASURE_SECONDS && c.value_e8 > 100 * SHARE_WHOLE_E8) ||
        c.value_e8 > SECONDS_MOST * SHARE_WHOLE_E8)
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

static void format_ms(int64_t ms, struct buf *out)
{
    e8_format(ms * (SHARE_WHOLE_E8 / 1000), out);
}

void conditions_format(const struct condition *conditions, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct condition *c = &conditions[i];
        buf_format(out, "%s%s ", i ? " & " : "", measure_word(c->measure));
        for (uint32_t k = 0; k < c->segment_count; k++) {
            buf_text(out, k ? "+" : "in ");
            format_ms(c->segments[k].from_ms, out);
            buf_text(out, "-");
            format_ms(c->segments[k].until_ms, out);
        }
        buf_format(out, "%s%s ", c->segment_count ? " " : "", relator_word(c->relator));
        e8_format(c->value_e8, out);
    }
}

bool condition_equal(const struct condition *a, const struct condition *b)
{
    bool same = a->measure == b->measure && a->relator == b->relator &&
                a->value_e8 == b->value_e8 && a->segment_count == b->segment_count;
    for (uint32_t i = 0; same && i < a->segment_count; i++)
        same = a->segments[i].from_ms == b->segments[i].from_ms &&
               a->segments[i].until_ms == b->segments[i].until_ms;
    return same;
}

int64_t condition_segments_ms(const struct condition *c)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < c->segment_count; i++)
        sum += c->segments[i].until_ms - c->segments[i].from_ms;
    return sum;
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
