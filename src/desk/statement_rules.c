/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for statements of reasons as the transparency database has published them (v2): one row
 * a field, then what fields ask of each other. */
#include "desk/report.h"

enum kind { TEXT, ONE, SOME, DAY, STATES, LANGUAGE, PRODUCT };

static const char *const yes_no[] = { "Yes", "No", NULL };
static const char *const grounds[] = { "DECISION_GROUND_ILLEGAL_CONTENT",
                                       "DECISION_GROUND_INCOMPATIBLE_CONTENT", NULL };
static const char *const visibilities[] = { "DECISION_VISIBILITY_CONTENT_REMOVED",
                                            "DECISION_VISIBILITY_CONTENT_DISABLED",
                                            "DECISION_VISIBILITY_CONTENT_DEMOTED",
                                            "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
                                            "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
                                            "DECISION_VISIBILITY_CONTENT_LABELLED",
                                            "DECISION_VISIBILITY_OTHER",
                                            NULL };
static const char *const monetaries[] = { "DECISION_MONETARY_SUSPENSION",
                                          "DECISION_MONETARY_TERMINATION",
                                          "DECISION_MONETARY_OTHER", NULL };
static const char *const provisions[] = { "DECISION_PROVISION_PARTIAL_SUSPENSION",
                                          "DECISION_PROVISION_TOTAL_SUSPENSION",
                                          "DECISION_PROVISION_PARTIAL_TERMINATION",
                                          "DECISION_PROVISION_TOTAL_TERMINATION", NULL };
static const char *const accounts[] = { "DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED",
                                        NULL };
static const char *const account_types[] = { "ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE",
                                             NULL };
static const char *const sources[] = { "SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER",
                                       "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY", NULL };
static const char *const automations[] = { "AUTOMATED_DECISION_FULLY",
                                           "AUTOMATED_DECISION_PARTIALLY",
                                           "AUTOMATED_DECISION_NOT_AUTOMATED", NULL };
static const char *const contents[] = {
    "CONTENT_TYPE_APP",     "CONTENT_TYPE_AUDIO",           "CONTENT_TYPE_IMAGE",
    "CONTENT_TYPE_PRODUCT", "CONTENT_TYPE_SYNTHETIC_MEDIA", "CONTENT_TYPE_TEXT",
    "CONTENT_TYPE_VIDEO",   "CONTENT_TYPE_OTHER",           NULL
};
#define ROW(applies, label, description, name) name,
static const char *const category_words[] = {
#include "desk/categories.def"
    NULL
};
#undef ROW
const char *const desk_statement_states[] = { "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE",
                                              "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS",
                                              "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO",
                                              "PL", "PT", "RO", "SE", "SI", "SK", NULL };

struct rule {
    const char *name;
    enum kind kind;
    bool required;
    size_t most; /* characters of a text */
    const char *const *words;
    const char *front; /* what words begin with; NULL: any */
    /* asked for, and allowed, only where this other field has this word; NULL: always allowed */
    const char *other, *word;
    bool needed; /* ... and then asked for */
};

#define WHERE(field, word, needed) field, word, needed
#define ALWAYS                     NULL, NULL, false

static const struct rule rules[] = {
    { "decision_visibility", SOME, false, 0, visibilities, NULL, ALWAYS },
    { "decision_visibility_other", TEXT, false, 500, NULL, NULL,
      WHERE("decision_visibility", "DECISION_VISIBILITY_OTHER", true) },
    { "decision_monetary", ONE, false, 0, monetaries, NULL, ALWAYS },
    { "decision_monetary_other", TEXT, false, 500, NULL, NULL,
      WHERE("decision_monetary", "DECISION_MONETARY_OTHER", true) },
    { "decision_provision", ONE, false, 0, provisions, NULL, ALWAYS },
    { "decision_account", ONE, false, 0, accounts, NULL, ALWAYS },
    { "account_type", ONE, false, 0, account_types, NULL, ALWAYS },
    { "decision_ground", ONE, true, 0, grounds, NULL, ALWAYS },
    { "decision_ground_reference_url", TEXT, false, 500, NULL, NULL, ALWAYS },
    { "illegal_content_legal_ground", TEXT, false, 500, NULL, NULL,
      WHERE("decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT", true) },
    { "illegal_content_explanation", TEXT, false, 2000, NULL, NULL,
      WHERE("decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT", true) },
    { "incompatible_content_ground", TEXT, false, 500, NULL, NULL,
      WHERE("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT", true) },
    { "incompatible_content_explanation", TEXT, false, 2000, NULL, NULL,
      WHERE("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT", true) },
    { "incompatible_content_illegal", ONE, false, 0, yes_no, NULL,
      WHERE("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT", false) },
    { "content_type", SOME, true, 0, contents, NULL, ALWAYS },
    { "content_type_other", TEXT, false, 500, NULL, NULL,
      WHERE("content_type", "CONTENT_TYPE_OTHER", true) },
    { "category", ONE, true, 0, category_words, "STATEMENT_CATEGORY_", ALWAYS },
    { "category_addition", SOME, false, 0, category_words, "STATEMENT_CATEGORY_", ALWAYS },
    { "category_specification", SOME, false, 0, category_words, "KEYWORD_", ALWAYS },
    { "category_specification_other", TEXT, false, 500, NULL, NULL,
      WHERE("category_specification", "KEYWORD_OTHER", true) },
    { "territorial_scope", STATES, false, 0, desk_statement_states, NULL, ALWAYS },
    { "content_language", LANGUAGE, false, 2, NULL, NULL, ALWAYS },
    { "content_id", PRODUCT, false, 0, NULL, NULL, ALWAYS },
    { "content_date", DAY, true, 0, NULL, NULL, ALWAYS },
    { "application_date", DAY, true, 0, NULL, NULL, ALWAYS },
    { "end_date_account_restriction", DAY, false, 0, NULL, NULL, ALWAYS },
    { "end_date_monetary_restriction", DAY, false, 0, NULL, NULL, ALWAYS },
    { "end_date_service_restriction", DAY, false, 0, NULL, NULL, ALWAYS },
    { "end_date_visibility_restriction", DAY, false, 0, NULL, NULL, ALWAYS },
    { "decision_facts", TEXT, true, 5000, NULL, NULL, ALWAYS },
    { "source_type", ONE, true, 0, sources, NULL, ALWAYS },
    { "source_identity", TEXT, false, 500, NULL, NULL, ALWAYS },
    { "automated_detection", ONE, true, 0, yes_no, NULL, ALWAYS },
    { "automated_decision", ONE, true, 0, automations, NULL, ALWAYS },
    { "puid", TEXT, true, 500, NULL, NULL, ALWAYS },
};

static const char *text_of(const json_t *v)
{
    return json_string_value(v);
}

static bool is_word(const struct rule *r, const json_t *v)
{
    const char *text = text_of(v);
    if (!text || (r->front && strncmp(text, r->front, strlen(r->front)) != 0))
        return false;
    for (size_t i = 0; r->words[i]; i++)
        if (strcmp(r->words[i], text) == 0)
            return true;
    return false;
}

static enum code check_list(const struct rule *r, const json_t *v, struct error *e)
{
    if (!json_is_array(v) || (json_array_size(v) == 0 && r->required))
        return fail(e, ERR_INVALID, "%s: a list is expected", r->name);
    for (size_t i = 0; i < json_array_size(v); i++) {
        if (!is_word(r, json_array_get(v, i)))
            return fail(e, ERR_INVALID, "%s: '%.60s' is not in the list", r->name,
                        text_of(json_array_get(v, i)) ? text_of(json_array_get(v, i)) : "?");
        for (size_t k = 0; k < i; k++)
            if (strcmp(text_of(json_array_get(v, i)), text_of(json_array_get(v, k))) == 0)
                return fail(e, ERR_INVALID, "%s: '%.60s' stands twice", r->name,
                            text_of(json_array_get(v, i)));
    }
    return OK;
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static enum code check_text(const struct rule *r, const json_t *v, struct error *e)
{
    const char *text = text_of(v);
    if (!text || (r->required && !text[0]))
        return fail(e, ERR_INVALID, "%s: a text is expected", r->name);
    if (characters(text) > r->most)
        return fail(e, ERR_INVALID, "%s: more than %zu characters", r->name, r->most);
    return OK;
}

static enum code check_day(const struct rule *r, const json_t *v, struct error *e)
{
    struct day d;
    struct error ignored;
    char again[INSTANT_TEXT];
    const char *text = text_of(v);
    if (!text || strlen(text) != 10 || day_parse(str_of(text), &d, &ignored) != OK ||
        strcmp(day_format(d, again), text) != 0)
        return fail(e, ERR_INVALID, "%s: a date YYYY-MM-DD is expected", r->name);
    int least = strcmp(r->name, "content_date") == 0 ? 2000 : 2020;
    if (d.number <= day_from_civil(least, 1, 1).number)
        return fail(e, ERR_INVALID, "%s: not after %d-01-01", r->name, least);
    return OK;
}

/* An EAN-13 with its check digit. */
static enum code check_product(const struct rule *r, const json_t *v, struct error *e)
{
    const char *ean = text_of(json_object_get(v, "EAN-13"));
    int sum = 0;
    if (!json_is_object(v) || json_object_size(v) != 1 || !ean || strlen(ean) != 13)
        return fail(e, ERR_INVALID, "%s: {\"EAN-13\": 13 digits} is expected", r->name);
    for (int i = 0; i < 13; i++) {
        if (ean[i] < '0' || ean[i] > '9')
            return fail(e, ERR_INVALID, "%s: an EAN-13 has digits only", r->name);
        sum += (ean[i] - '0') * (i % 2 ? 3 : 1);
    }
    return sum % 10 ? fail(e, ERR_INVALID, "%s: the EAN-13's check digit is wrong", r->name) : OK;
}

static enum code check_field(const struct rule *r, const json_t *v, struct error *e)
{
    switch (r->kind) {
    case TEXT:
        return check_text(r, v, e);
    case ONE:
        return is_word(r, v) ? OK
                             : fail(e, ERR_INVALID, "%s: '%.60s' is not in the list", r->name,
                                    text_of(v) ? text_of(v) : "?");
    case SOME:
    case STATES:
        return check_list(r, v, e);
    case DAY:
        return check_day(r, v, e);
    case LANGUAGE: {
        const char *t = text_of(v);
        bool two = t && strlen(t) == 2 && t[0] >= 'A' && t[0] <= 'Z' && t[1] >= 'A' && t[1] <= 'Z';
        return two ? OK : fail(e, ERR_INVALID, "%s: two capital letters are expected", r->name);
    }
    case PRODUCT:
        break;
    }
    return check_product(r, v, e);
}

/* Has the field this word, alone or in its list? */
static bool has_word(const json_t *s, const char *field, const char *word)
{
    const json_t *v = json_object_get(s, field);
    if (json_is_string(v))
        return strcmp(text_of(v), word) == 0;
    for (size_t i = 0; i < json_array_size(v); i++)
        if (json_is_string(json_array_get(v, i)) &&
            strcmp(text_of(json_array_get(v, i)), word) == 0)
            return true;
    return false;
}

static enum code check_rule(const json_t *s, const struct rule *r, struct error *e)
{
    const json_t *v = json_object_get(s, r->name);
    bool there = v && !json_is_null(v), asked = r->required;
    if (r->other) {
        bool fits = has_word(s, r->other, r->word);
        if (there && !fits)
            return fail(e, ERR_INVALID, "%s: only where %s is %s", r->name, r->other, r->word);
        asked = asked || (fits && r->needed);
    }
    if (!there)
        return asked ? fail(e, ERR_INVALID, "%s: is missing", r->name) : OK;
    if (asked && json_is_string(v) && !text_of(v)[0])
        return fail(e, ERR_INVALID, "%s: is empty", r->name);
    return check_field(r, v, e);
}

static bool is_there(const json_t *s, const char *name)
{
    const json_t *v = json_object_get(s, name);
    return v && !json_is_null(v) && !(json_is_array(v) && json_array_size(v) == 0);
}

/* What fields ask of each other. */
static enum code check_together(const json_t *s, struct error *e)
{
    static const struct {
        const char *end, *decision;
    } ends[] = { { "end_date_visibility_restriction", "decision_visibility" },
                 { "end_date_monetary_restriction", "decision_monetary" },
                 { "end_date_service_restriction", "decision_provision" },
                 { "end_date_account_restriction", "decision_account" } };
    bool decided = false;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        decided = decided || is_there(s, ends[i].decision);
        if (!is_there(s, ends[i].end))
            continue;
        if (!is_there(s, ends[i].decision))
            return fail(e, ERR_INVALID, "%s: there is no %s", ends[i].end, ends[i].decision);
        if (strcmp(text_of(json_object_get(s, ends[i].end)),
                   text_of(json_object_get(s, "application_date"))) < 0)
            return fail(e, ERR_INVALID, "%s: before the application_date", ends[i].end);
    }
    if (!decided)
        return fail(e, ERR_INVALID, "decision_visibility: one of the decisions is needed");
    if (is_there(s, "source_identity") && has_word(s, "source_type", "SOURCE_VOLUNTARY"))
        return fail(e, ERR_INVALID, "source_identity: not with SOURCE_VOLUNTARY");
    for (const char *c = text_of(json_object_get(s, "puid")); *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              *c == '-' || *c == '_'))
            return fail(e, ERR_INVALID, "puid: letters, digits, - and _ only");
    return OK;
}

static enum code check_known(const json_t *s, struct error *e)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)s, name, value)
    {
        size_t i = 0;
        while (i < COUNT_OF(rules) && strcmp(rules[i].name, name) != 0)
            i++;
        if (i == COUNT_OF(rules))
            return fail(e, ERR_INVALID, "%.60s: there is no such field", name);
    }
    return OK;
}

static enum code check_one(const json_t *s, struct error *e)
{
    if (!json_is_object(s))
        return fail(e, ERR_INVALID, "a statement is an object");
    TRY(check_known(s, e));
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        TRY(check_rule(s, &rules[i], e));
    return check_together(s, e);
}

static enum code check_puids(const json_t *list, struct error *e)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(text_of(json_object_get(json_array_get(list, i), "puid")),
                       text_of(json_object_get(json_array_get(list, k), "puid"))) == 0)
                return fail(e, ERR_INVALID, "statement_%zu: puid: that of statement_%zu", i, k);
    return OK;
}

enum code desk_statement_check(struct str body, size_t *count, struct error *e)
{
    JSON(whole);
    TRY(json_read(body, &whole, e));
    const json_t *list = json_object_get(whole, "statements");
    *count = json_array_size(list);
    if (!json_is_array(list) || *count < 1 || *count > STATEMENTS_IN_BATCH)
        return fail(e, ERR_INVALID, "statements: a list of 1 to %d is expected",
                    STATEMENTS_IN_BATCH);
    for (size_t i = 0; i < *count; i++)
        if (check_one(json_array_get(list, i), e) != OK)
            return fail_in(e, "statement_%zu", i);
    return check_puids(list, e);
}
