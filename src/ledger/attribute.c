/* SPDX-License-Identifier: Apache-2.0 */
/* Claims to parts of a play. */
#include "ledger/statement.h"

#define MEMBER(name, word) [name] = word,
static const char *const rule_words[] = { OVER_RULES(MEMBER) };
#undef MEMBER

const char *over_rule_word(enum over_rule r)
{
    return rule_words[r];
}

enum code over_rule_parse(struct str text, enum over_rule *out, struct error *e)
{
    for (int r = 0; r < OVER_RULE_COUNT; r++)
        if (str_is(text, rule_words[r])) {
            *out = (enum over_rule)r;
            return OK;
        }
    return fail(e, ERR_INVALID, "\"%.*s\" is not hold, scale, first_filed or pay_undisputed",
                STR_ARG(text));
}

struct holder {
    struct held_part part;
    struct instant filed; /* of the first claim */
};

static bool applies(const struct claim *c, enum right right, struct territory territory,
                    struct instant at)
{
    return c->right == right && c->from.us <= at.us && at.us < c->until.us &&
           territory_set_has(&c->territories, territory);
}

/* Holders sorted by party id; several claims of one are added up. */
static enum code add_holder(struct holder *h, size_t *count, const struct claim *c, struct error *e)
{
    size_t i = 0;
    while (i < *count && memcmp(h[i].part.party.bytes, c->party.bytes, ID_BYTES) < 0)
        i++;
    if (i == *count || !party_id_equal(h[i].part.party, c->party)) {
        if (*count == HELD_PARTS_MOST)
            return fail(e, ERR_LIMIT, "more than %d parties claim one recording", HELD_PARTS_MOST);
        memmove(&h[i + 1], &h[i], (*count - i) * sizeof *h);
        h[i] = (struct holder) { { c->party, 0 }, c->filed };
        ++*count;
    }
    h[i].part.share_e8 += c->share_e8;
    if (c->filed.us < h[i].filed.us)
        h[i].filed = c->filed;
    return OK;
}

static void first_filed(struct holder *h, size_t count)
{
    int64_t left = SHARE_WHOLE_E8;
    bool done[HELD_PARTS_MOST] = { false };
    for (size_t n = 0; n < count; n++) {
        size_t first = count;
        for (size_t i = 0; i < count; i++)
            if (!done[i] && (first == count || h[i].filed.us < h[first].filed.us))
                first = i;
        done[first] = true;
        if (h[first].part.share_e8 > left)
            h[first].part.share_e8 = left;
        left -= h[first].part.share_e8;
    }
}

static enum code resolve(struct holder *h, size_t count, int64_t sum, enum over_rule rule,
                         struct error *e)
{
    ARENA(a);
    int64_t weights[HELD_PARTS_MOST], parts[HELD_PARTS_MOST];
    switch (rule) {
    case OVER_HOLD:
        for (size_t i = 0; i < count; i++)
            h[i].part.share_e8 = 0;
        break;
    case OVER_SCALE:
        for (size_t i = 0; i < count; i++)
            weights[i] = h[i].part.share_e8;
        TRY(money_split(SHARE_WHOLE_E8, weights, count, &a, parts, e));
        for (size_t i = 0; i < count; i++)
            h[i].part.share_e8 = parts[i];
        break;
    case OVER_FIRST_FILED:
        first_filed(h, count);
        break;
    case OVER_PAY_UNDISPUTED:
        for (size_t i = 0; i < count; i++) {
            int64_t alone = SHARE_WHOLE_E8 - (sum - h[i].part.share_e8);
            h[i].part.share_e8 = alone > 0 ? alone : 0;
        }
        break;
    case OVER_RULE_COUNT:
        break;
    }
    return OK;
}

enum code attribute(const struct claim *claims, size_t count, enum right right,
                    struct territory territory, struct instant at, enum over_rule rule,
                    struct held_part parts[HELD_PARTS_MOST], size_t *part_count, int64_t *rest_e8,
                    struct error *e)
{
    struct holder h[HELD_PARTS_MOST + 1];
    size_t n = 0;
    int64_t sum = 0;
    *rest_e8 = SHARE_WHOLE_E8;
    for (size_t i = 0; i < count; i++)
        if (applies(&claims[i], right, territory, at)) {
            TRY(add_holder(h, &n, &claims[i], e));
            sum += claims[i].share_e8;
        }
    if (sum > SHARE_WHOLE_E8)
        TRY(resolve(h, n, sum, sum <= SHARE_WHOLE_E8 + SHARE_ROUNDING_E8 ? OVER_SCALE : rule, e));
    *part_count = 0;
    for (size_t i = 0; i < n; i++)
        if (h[i].part.share_e8) {
            parts[(*part_count)++] = h[i].part;
            *rest_e8 -= h[i].part.share_e8;
        }
    return OK;
}
