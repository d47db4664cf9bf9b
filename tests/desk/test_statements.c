/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of reasons: what is made keeps every published rule, and each rule that is broken is
 * found. LICET_SLOW makes a million of them. */
#include "check.h"

#include <stdlib.h>

#include "desk/desk.h"

static uint64_t mix(uint64_t *s)
{
    uint64_t z = *s += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* ---- generated events ---- */

static const char *const places[] = { "Worldwide", "DE", "DE FR IT",      "US",
                                      "Worldwide", "RU", "Worldwide -DE", "SE NO FI" };

static void put_event(uint64_t *seed, int64_t at_us, struct buf *out)
{
    char id[ID_TEXT];
    struct chance chance = chance_seeded(seed);
    struct instant at = { at_us };
    static const enum reason_code reasons[] = { REASON_MATCH, REASON_REVIEWED, REASON_ORDER,
                                                REASON_DEADLINE };
    static const enum item_event events[] = { EVENT_RULE_RESTRICT, EVENT_RESTRICT,
                                              EVENT_APPROVE,       EVENT_TIME_RESTRICT,
                                              EVENT_CURE_EXPIRES,  EVENT_REVERSE };
    static const enum actor actors[] = { ACTOR_MACHINE, ACTOR_PERSON, ACTOR_TIMER };
    struct json_out o = { out, false };
    bool upload = mix(seed) % 8 != 0;
    json_begin(&o, '{');
    json_text(&o, "event", item_event_word(events[mix(seed) % COUNT_OF(events)]));
    json_text(&o, "to", mix(seed) % 20 ? "restricted" : "declined");
    json_text(&o, "reason", reason_word(reasons[mix(seed) % COUNT_OF(reasons)]));
    json_text(&o, "by", actor_word(actors[mix(seed) % COUNT_OF(actors)]));
    json_text(&o, "class", item_class_word((enum item_class)(mix(seed) % CLASS_COUNT)));
    json_text(&o, "regime", regime_word((enum regime)(mix(seed) % REGIME_COUNT)));
    json_text(&o, "kind",
              item_kind_word(upload ? KIND_UPLOAD : (enum item_kind)(mix(seed) % ITEM_KIND_COUNT)));
    if (upload) /* made up to ten years before, some with a clock that was wrong */
        json_text(&o, "upload",
                  upload_id_format(
                      upload_id_make(
                          (struct instant) { at_us - (int64_t)(mix(seed) % 320000000) * 1000000 },
                          &chance),
                      id));
    json_text(&o, "territories", places[mix(seed) % COUNT_OF(places)]);
    json_text(&o, "decision", decision_id_format(decision_id_make(at, &chance), id));
    if (mix(seed) % 2) {
        json_key(&o, "evidence");
        json_begin(&o, '{');
        json_int(&o, "upload_from_ms", (int64_t)(mix(seed) % 600000));
        json_int(&o, "upload_to_ms", (int64_t)(mix(seed) % 3600000));
        json_int(&o, "reference_from_ms", (int64_t)(mix(seed) % 600000));
        json_int(&o, "reference_to_ms", (int64_t)(mix(seed) % 600000));
        json_end(&o, '}');
    }
    json_end(&o, '}');
}

TEST(what_is_generated_keeps_every_rule)
{
    const char *slow = getenv("LICET_SLOW");
    size_t wanted = slow && slow[0] ? 1000000 : 10000, made_all = 0, left_out = 0, checked = 0;
    uint64_t seed = 2026;
    BUF(body);
    size_t in_body = 0;
    while (made_all < wanted) {
        BUF(event);
        bool made;
        size_t count, before = body.length;
        /* 2020-02-01 and ten years on */
        int64_t at = INT64_C(1580515200000000) + (int64_t)(mix(&seed) % 315360000) * 1000000;
        put_event(&seed, at, &event);
        buf_text(&body, in_body ? "," : "{\"statements\":[");
        CHECK_OK(desk_report_statement(buf_as_str(&event), at, &body, &made, e));
        if (!made) {
            body.length = before;
            left_out++;
            continue;
        }
        made_all++;
        if (++in_body < STATEMENTS_IN_BATCH && made_all < wanted)
            continue;
        buf_text(&body, "]}");
        CHECK_OK(desk_statement_check(buf_as_str(&body), &count, e));
        assert_int_equal(count, in_body);
        checked += count;
        in_body = 0;
        buf_clear(&body);
    }
    assert_int_equal(checked, wanted);
    assert_true(left_out > 0);
    print_message("%zu statements keep every rule (seed 2026)\n", checked);
}

/* ---- each rule, broken ---- */

#define GOOD                                                                                       \
    "\"decision_visibility\":[\"DECISION_VISIBILITY_CONTENT_DISABLED\"],"                          \
    "\"decision_ground\":\"DECISION_GROUND_ILLEGAL_CONTENT\","                                     \
    "\"illegal_content_legal_ground\":\"law\",\"illegal_content_explanation\":\"why\","            \
    "\"content_type\":[\"CONTENT_TYPE_AUDIO\"],"                                                   \
    "\"category\":\"STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS\","                     \
    "\"content_date\":\"2024-02-29\",\"application_date\":\"2025-07-01\","                         \
    "\"decision_facts\":\"facts\",\"source_type\":\"SOURCE_ARTICLE_16\","                          \
    "\"automated_detection\":\"No\",\"automated_decision\":\"AUTOMATED_DECISION_FULLY\","          \
    "\"puid\":\"dec_1\""

/* The good one with a member set to a JSON text, or taken out where that is NULL. */
static void changed(const char *name, const char *value, struct buf *out)
{
    JSON(good);
    CHECK_OK(json_read(STR("{" GOOD "}"), &good, e));
    if (name && !value)
        json_object_del(good, name);
    else if (name)
        json_object_set_new(good, name, json_loads(value, JSON_DECODE_ANY, NULL));
    char *text = json_dumps(good, JSON_COMPACT);
    buf_format(out, "{\"statements\":[%s]}", text);
    free(text);
}

static char long_text[5010];

TEST(each_rule_that_is_broken_is_found)
{
    static const struct {
        const char *name, *value, *says;
    } rows[] = {
        { "decision_ground", NULL, "decision_ground: is missing" },
        { "decision_ground", "\"DECISION_GROUND_OTHER\"", "is not in the list" },
        { "illegal_content_legal_ground", NULL, "illegal_content_legal_ground: is missing" },
        { "illegal_content_explanation", "\"\"", "illegal_content_explanation: is empty" },
        { "incompatible_content_ground", "\"terms\"", "only where decision_ground" },
        { "decision_visibility", NULL, "one of the decisions is needed" },
        { "decision_visibility", "[]", "one of the decisions is needed" },
        { "decision_visibility", "[\"DECISION_VISIBILITY_OTHER\"]",
          "decision_visibility_other: is missing" },
        { "decision_visibility", "\"DECISION_VISIBILITY_CONTENT_DISABLED\"", "a list is expected" },
        { "decision_visibility_other", "\"x\"", "only where decision_visibility" },
        { "decision_monetary", "\"DECISION_MONETARY_OTHER\"",
          "decision_monetary_other: is missing" },
        { "content_type", "[]", "content_type: a list is expected" },
        { "content_type", "[\"CONTENT_TYPE_OTHER\"]", "content_type_other: is missing" },
        { "content_type", "[\"CONTENT_TYPE_AUDIO\",\"CONTENT_TYPE_AUDIO\"]", "stands twice" },
        { "category", "\"KEYWORD_COPYRIGHT_INFRINGEMENT\"", "category: " },
        { "category_specification", "[\"STATEMENT_CATEGORY_SELF_HARM\"]",
          "category_specification: " },
        { "category_specification", "[\"KEYWORD_OTHER\"]",
          "category_specification_other: is missing" },
        { "territorial_scope", "[\"US\"]", "territorial_scope: 'US' is not in the list" },
        { "territorial_scope", "[\"UK\"]", "territorial_scope: " },
        { "content_language", "\"en\"", "content_language: " },
        { "content_id", "{\"EAN-13\":\"4006381333932\"}", "check digit" },
        { "content_date", "\"2023-02-29\"", "content_date: a date" },
        { "content_date", "\"1999-12-31\"", "content_date: not after 2000" },
        { "content_date", "\"2024-2-29\"", "content_date: a date" },
        { "application_date", "\"2019-12-31\"", "application_date: not after 2020" },
        { "application_date", "\"2025-07-01-12\"", "application_date: a date" },
        { "end_date_visibility_restriction", "\"2025-06-30\"", "before the application_date" },
        { "end_date_account_restriction", "\"2026-06-30\"", "there is no decision_account" },
        { "decision_facts", "\"\"", "decision_facts: " },
        { "decision_facts", "LONG", "more than 5000 characters" },
        { "source_type", "\"SOURCE_ART_16\"", "source_type: " },
        { "automated_detection", "true", "automated_detection: " },
        { "automated_decision", "\"Yes\"", "automated_decision: " },
        { "puid", "\"a b\"", "puid: letters" },
        { "puid", "\"\"", "puid: " },
        { "uuid", "\"x\"", "uuid: there is no such field" },
    };
    size_t count;
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[0] = long_text[5002] = '"';
    long_text[5003] = '\0';
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        BUF(body);
        struct error e = { 0 };
        changed(rows[i].name,
                rows[i].value && strcmp(rows[i].value, "LONG") == 0 ? long_text : rows[i].value,
                &body);
        if (desk_statement_check(buf_as_str(&body), &count, &e) == OK)
            STOP("%s = %s passes", rows[i].name, rows[i].value ? rows[i].value : "nothing");
        if (!strstr(e.text, rows[i].says) || !strstr(e.text, "statement_0"))
            STOP("%s: '%s' does not say '%s'", rows[i].name, e.text, rows[i].says);
    }
}

TEST(what_may_be_there_may_be_there)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
        { NULL, NULL },
        { "territorial_scope", "[\"DE\",\"IS\",\"LI\",\"NO\"]" },
        { "category_addition", "[\"STATEMENT_CATEGORY_SCAMS_AND_FRAUD\"]" },
        { "content_language", "\"RU\"" },
        { "content_id", "{\"EAN-13\":\"4006381333931\"}" },
        { "end_date_visibility_restriction", "\"2025-07-01\"" },
        { "source_identity", "\"somebody\"" },
        { "decision_account", "\"DECISION_ACCOUNT_SUSPENDED\"" },
        { "account_type", "\"ACCOUNT_TYPE_PRIVATE\"" },
        { "decision_facts", "LONG" },
    };
    size_t count;
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[0] = long_text[5001] = '"';
    long_text[5002] = '\0';
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        BUF(body);
        changed(rows[i].name,
                rows[i].value && strcmp(rows[i].value, "LONG") == 0 ? long_text : rows[i].value,
                &body);
        CHECK_OK(desk_statement_check(buf_as_str(&body), &count, e));
    }
}

TEST(bodies_have_one_to_a_hundred_and_each_its_own_puid)
{
    size_t count;
    BUF(many);
    CHECK_FAILS(ERR_INVALID, "1 to 100",
                desk_statement_check(STR("{\"statements\":[]}"), &count, e));
    CHECK_FAILS(ERR_INVALID, "statement_1: puid: that of statement_0",
                desk_statement_check(STR("{\"statements\":[{" GOOD "},{" GOOD "}]}"), &count, e));
    buf_text(&many, "{\"statements\":[");
    for (int i = 0; i < 101; i++)
        buf_text(&many, i ? ",{" GOOD "}" : "{" GOOD "}");
    buf_text(&many, "]}");
    CHECK_FAILS(ERR_INVALID, "1 to 100", desk_statement_check(buf_as_str(&many), &count, e));
}

TEST(an_event_is_read_in_one_pass)
{
    struct scan_fields f;
    assert_true(scan_fields(STR("{\"event\":\"restrict\",\"x\":{\"event\":\"no\",\"a\":[1,\"}\"]},"
                                "\"received\":-5,\"second\":true,\"evidence\":{\"y\":1},\"by\":"
                                "null,\"why\":\"a \\\"quoted\\\" \\\\\"}"),
                            &f));
    assert_true(str_is(f.event, "restrict"));
    assert_true(f.second && f.evidence && f.received == -5 && f.by.length == 0);
    static const char *const broken[] = {
        "",           "{",           "{\"a\"}", "{\"a\":1", "[]", "{\"a\":\"}", "{\"a\":{\"b\":1}",
        "{\"a\":1}x", "{\"a\":\"\\", "{\"a\":"
    };
    for (size_t i = 0; i < COUNT_OF(broken); i++)
        assert_false(scan_fields(str_of(broken[i]), &f));
    assert_true(scan_fields(STR("{}"), &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_generated_keeps_every_rule),
        cmocka_unit_test(each_rule_that_is_broken_is_found),
        cmocka_unit_test(what_may_be_there_may_be_there),
        cmocka_unit_test(bodies_have_one_to_a_hundred_and_each_its_own_puid),
        cmocka_unit_test(an_event_is_read_in_one_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
