/* SPDX-License-Identifier: Apache-2.0 */
/* Rights claim policies: what is wanted, and under which conditions. */
#include "ddex/deals.h"

static const struct {
    const char *word;
    enum policy_action action;
} actions[] = {
    { "BlockAccess", ACTION_BLOCK },
    { "Monetize", ACTION_MONETIZE },
    { "ReportUsage", ACTION_REPORT },
};

static const struct {
    const char *word;
    enum relator relator;
} relators[] = {
    { "EqualTo", RELATOR_EQUAL }, { "NotEqualTo", RELATOR_NOT_EQUAL },
    { "LessThan", RELATOR_LESS }, { "LessThanOrEqualTo", RELATOR_AT_MOST },
    { "MoreThan", RELATOR_MORE }, { "MoreThanOrEqualTo", RELATOR_AT_LEAST },
};

/* Units of time as a part of a second. */
static const struct {
    const char *word;
    int64_t times, by;
} units[] = { { "Second", 1, 1 }, { "Minute", 60, 1 }, { "Millisecond", 1, 1000 } };

static enum code read_value(const struct ern_condition *c, int64_t *value_e8, bool *usable)
{
    struct error ignored;
    *usable = c->value.text && str_to_e8(str_of(c->value.text), value_e8, &ignored) == OK &&
              *value_e8 >= 0;
    return OK;
}

/* What a condition measures; false: nothing that is measured here. */
static bool read_measure(const struct ern_condition *c, const struct deal_terms *terms,
                         int64_t *value_e8, enum measure *out)
{
    const char *unit = c->unit.text ? c->unit.text : "";
    size_t i;
    if (strcmp(unit, "Percent") == 0) {
        enum ern_percent side = terms->percent;
        if (c->creation.text)
            side = strcmp(c->creation.text, "ReferenceResource") == 0  ? ERN_PERCENT_REFERENCE
                   : strcmp(c->creation.text, "ConsumerResource") == 0 ? ERN_PERCENT_UPLOAD
                                                                       : ERN_PERCENT_UNKNOWN;
        *out = side == ERN_PERCENT_UPLOAD ? MEASURE_UPLOAD_PERCENT : MEASURE_REFERENCE_PERCENT;
        return side != ERN_PERCENT_UNKNOWN && *value_e8 <= 100 * SHARE_WHOLE_E8;
    }
    DEAL_FIND(units, unit, i);
    *out = MEASURE_SECONDS;
    if (i == COUNT_OF(units) || *value_e8 > INT64_MAX / 60)
        return false;
    *value_e8 = *value_e8 * units[i].times / units[i].by;
    return true;
}

static bool read_segment(const struct ern_segment *s, struct segment *out)
{
    int64_t start = 0, length = 0, end = 0;
    struct error ignored;
    if (s->start.text && ern_duration_ms(s->start.text, &start, &ignored) != OK)
        return false;
    if (s->end.text && ern_duration_ms(s->end.text, &end, &ignored) != OK)
        return false;
    if (s->duration.text && ern_duration_ms(s->duration.text, &length, &ignored) != OK)
        return false;
    *out = (struct segment) { start, s->end.text ? end : start + length };
    return out->from_ms >= 0 && out->from_ms < out->until_ms && out->until_ms <= 86400000;
}

/* The segments in their order, those that touch as one. */
static bool read_segments(const struct ern_condition *c, struct condition *out)
{
    struct segment all[SEGMENTS_MOST];
    size_t count = 0;
    out->segment_count = 0;
    if (c->segments.count > SEGMENTS_MOST)
        return false;
    for (size_t i = 0; i < c->segments.count; i++) {
        struct segment s;
        size_t at = count++;
        if (!read_segment(ERN_AT(c->segments, struct ern_segment, i), &s))
            return false;
        for (; at > 0 && all[at - 1].from_ms > s.from_ms; at--)
            all[at] = all[at - 1];
        all[at] = s;
    }
    for (size_t i = 0; i < count; i++) {
        struct segment *last = &out->segments[out->segment_count - (out->segment_count > 0)];
        if (out->segment_count && all[i].from_ms <= last->until_ms)
            last->until_ms = all[i].until_ms > last->until_ms ? all[i].until_ms : last->until_ms;
        else
            out->segments[out->segment_count++] = all[i];
    }
    return true;
}

static enum code read_condition(const struct ern_condition *c, const struct deal_terms *terms,
                                struct ern_report *report, struct condition *out, bool *usable,
                                struct error *e)
{
    size_t relator;
    const char *why = NULL, *of = c->measurement.text;
    TRY(read_value(c, &out->value_e8, usable));
    if (!*usable)
        why = "its value is no number";
    DEAL_FIND(relators, c->relator.text ? c->relator.text : "", relator);
    if (!why && relator == COUNT_OF(relators))
        why = "its relation is not known here";
    if (!why && of && strcmp(of, "Audio") != 0 && strcmp(of, "EitherAudioOrVideo") != 0)
        why = "it measures pictures";
    if (!why && !read_segments(c, out))
        why = "its segments are out of form, or too many";
    if (!why && !read_measure(c, terms, &out->value_e8, &out->measure))
        why = "its unit, or what its per cent are of, is not known here";
    *usable = !why;
    if (!why) {
        out->relator = relators[relator].relator;
        return OK;
    }
    return ern_report_note(report, e, RULE_CONDITION, c->line, "Condition",
                           "%s (%.40s %.40s %.40s): its policy is left out", why,
                           c->relator.text ? c->relator.text : "",
                           c->value.text ? c->value.text : "", c->unit.text ? c->unit.text : "");
}

enum code deal_policy(const struct ern_policy *p, const struct deal_terms *terms,
                      struct ern_report *report, struct grant *g, bool *usable, struct error *e)
{
    size_t action;
    struct deal_apps except = { ARENA_ARRAY(report->arena, struct app_id, APPS_MOST), 0 };
    DEAL_FIND(actions, p->type.text ? p->type.text : "", action);
    *usable = false;
    if (action == COUNT_OF(actions))
        return ern_report_note(report, e, RULE_NO_POLICY, p->type.line ? p->type.line : p->line,
                               "RightsClaimPolicyType", "\"%.60s\" is not known here",
                               p->type.text ? deal_said(&p->type) : "");
    if (p->conditions.count > CONDITIONS_MOST)
        return ern_report_note(report, e, RULE_CONDITION, p->line, "RightsClaimPolicy",
                               "it has more than %d conditions", CONDITIONS_MOST);
    g->action = actions[action].action;
    g->condition_count = 0;
    for (size_t i = 0; i < p->conditions.count; i++) {
        const struct ern_condition *c = ERN_AT(p->conditions, struct ern_condition, i);
        TRY(read_condition(c, terms, report, &g->conditions[g->condition_count++], usable, e));
        if (!*usable)
            return OK;
        TRY(deal_add_apps(&c->exceptions, "ServiceException", RULE_EXCEPTION, terms, report,
                          &except, e));
    }
    deal_sort_apps(&except);
    g->excepts = except.items;
    g->except_count = except.count;
    *usable = true;
    return OK;
}
