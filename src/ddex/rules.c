/* SPDX-License-Identifier: Apache-2.0 */
/* The rules as a table, and a place at which one holds in words. */
#include "ddex/rules.h"

static const struct {
    const char *word, *sentence;
    enum rule_weight weight;
} rows[ERN_RULE_COUNT] = {
#define ROW(id, word, weight, text) { word, text, RULE_##weight },
#include "ddex/rules.def"
#undef ROW
};

const char *ern_rule_word(enum ern_rule r)
{
    return rows[r].word;
}

const char *ern_rule_sentence(enum ern_rule r)
{
    return rows[r].sentence;
}

enum rule_weight ern_rule_weight(enum ern_rule r)
{
    return rows[r].weight;
}

const char *rule_weight_word(enum rule_weight w)
{
    static const char *const words[] = { "refused", "left out", "told" };
    return words[w];
}

void ern_note_format(const struct ern_note *n, struct buf *out)
{
    if (n->line)
        buf_format(out, "line %u: ", n->line);
    if (n->element[0])
        buf_format(out, "%s: ", n->element);
    buf_format(out, "%s [%s]", n->text, ern_rule_word(n->rule));
}

enum code ern_note_fail(const struct ern_note *n, struct error *e)
{
    BUF(text);
    ern_note_format(n, &text);
    return fail(e, ERR_INVALID, "%.*s", STR_ARG(buf_as_str(&text)));
}

void ern_note_json(const struct ern_note *n, struct json_out *o)
{
    json_begin(o, '{');
    json_text(o, "rule", ern_rule_word(n->rule));
    json_text(o, "weight", rule_weight_word(ern_rule_weight(n->rule)));
    json_int(o, "line", n->line);
    json_text(o, "element", n->element);
    json_text(o, "text", n->text);
    json_end(o, '}');
}
