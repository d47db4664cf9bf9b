/* SPDX-License-Identifier: Apache-2.0 */
/* After a decision: links, counter-notices, strikes that wait, disputes; and random walks over every
 * move in the store, under each two-person rule. */
#include "town.h"

#include "flow/notice_inside.h"

struct stage {
    struct scene scene;
    struct place place;
    struct arena arena;
    struct upload_id upload;
    struct item_id item;
    char text[ID_TEXT], key[ITEM_KEY_TEXT];
};

/* An item that a rule has restricted, and its uploader's link. */
static void restricted(struct stage *x, struct store_fixture *f)
{
    memset(x, 0, sizeof *x);
    scene_begin(&x->scene, f, NULL);
    found_town(&x->scene, &x->place);
    vouch(&x->scene, "agent@holder.example");
    x->upload = upload(&x->place, true);
    struct received got = send_of(&x->scene, &x->arena, "agent@holder.example", x->upload,
                                  ELEMENTS_ALL, "one");
    work(&x->scene);
    struct notice_item item = item_of(&x->scene, &x->arena, got.notice);
    assert_int_equal(item.now.state, ITEM_RESTRICTED);
    x->item = item.id;
    item_id_format(item.id, x->text);
    flow_item_key(x->scene.world, item.id, ACTOR_UPLOADER, x->key);
}

static void end(struct stage *x)
{
    all_is_whole(&x->scene);
    arena_done(&x->arena);
    scene_end(&x->scene);
}

#define RESTRICTED(x)                                                                              \
    FIXTURE(f_);                                                                                   \
    struct stage x;                                                                                \
    restricted(&x, f_)

static enum item_state state_of(struct stage *x)
{
    TX(tx);
    struct notice_item item;
    CHECK_OK(store_begin(world_store(x->scene.world), STORE_READ, &tx, e));
    CHECK_OK(desk_item_get(tx, x->item, &x->arena, &item, e));
    return item.now.state;
}

static const char *text_of_query(struct stage *x, const char *sql)
{
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    CHECK_OK(store_begin(world_store(x->scene.world), STORE_READ, &tx, e));
    CHECK_OK(store_one(tx, sql, SQL(sql_id(x->item)), &r, &found, e));
    return found ? str_copy(&x->arena, store_text(r, 0)) : "";
}

static const char *strike_of(struct stage *x)
{
    return text_of_query(x, "SELECT state FROM desk_strikes WHERE item = $1");
}

static void answer(struct stage *x, const struct item_answer *answer)
{
    CHECK_OK(flow_item_answer(x->scene.world, str_of(x->text), ACTOR_UPLOADER, str_of(x->key),
                              answer, e));
}

static void act(struct stage *x, const char *event, const char *person)
{
    struct notice_item out;
    struct item_act a = { str_of(x->text), str_of(event), STR(""), str_of(person), STR("looked") };
    CHECK_OK(flow_notice_act(x->scene.world, &a, &x->arena, &out, e));
}

TEST(a_letters_link_shows_the_statement_and_another_does_not)
{
    RESTRICTED(x);
    struct item_told told;
    char other[ITEM_KEY_TEXT];
    CHECK_OK(flow_item_told(x.scene.world, str_of(x.text), ACTOR_UPLOADER, str_of(x.key), &x.arena,
                            &told, e));
    assert_true(told.decided && told.has_evidence && told.decision.automatic);
    assert_int_equal(told.decision.reason, REASON_MATCH);
    assert_string_equal(told.decision.territories, "Worldwide");
    flow_item_key(x.scene.world, x.item, ACTOR_SENDER, other);
    CHECK_FAILS(ERR_DENIED, "link",
                flow_item_told(x.scene.world, str_of(x.text), ACTOR_UPLOADER, str_of(other),
                               &x.arena, &told, e));
    CHECK_FAILS(
        ERR_DENIED, "link",
        flow_item_told(x.scene.world, str_of(x.text), ACTOR_UPLOADER, STR(""), &x.arena, &told, e));
    end(&x);
}

TEST(a_counter_notice_by_link_holds_the_strike_and_puts_back_on_business_day_eleven)
{
    RESTRICTED(x);
    struct item_answer counter = { .event = EVENT_COUNTER,
                                   .counter = { COUNTER_AUTHORIZED, ELEMENT_NAME, STR("mine") } };
    CHECK_FAILS(ERR_INVALID, "mistake_perjury",
                flow_item_answer(x.scene.world, str_of(x.text), ACTOR_UPLOADER, str_of(x.key),
                                 &counter, e));
    counter.counter.elements = ELEMENTS_ALL;
    answer(&x, &counter);
    assert_int_equal(state_of(&x), ITEM_COUNTERED);
    CHECK_FAILS(ERR_CONFLICT, "nothing to counter",
                flow_item_answer(x.scene.world, str_of(x.text), ACTOR_UPLOADER, str_of(x.key),
                                 &counter, e));
    const struct calendar *c;
    CHECK_OK(calendar_get(STR("US"), &c, e));
    struct day from = calendar_day(c, x.scene.now);
    x.scene.now.us += DAYS(9);
    work(&x.scene);
    assert_string_equal(strike_of(&x), "pending"); /* a week has passed, and it does not count */
    x.scene.now = calendar_begin(c, calendar_business_after(c, from, 11));
    x.scene.now.us--;
    work(&x.scene);
    assert_int_equal(state_of(&x), ITEM_COUNTERED);
    x.scene.now.us++;
    work(&x.scene);
    assert_int_equal(state_of(&x), ITEM_RESTORED);
    assert_string_equal(strike_of(&x), "cleared");
    assert_string_not_equal(verdict(&x.scene, &x.arena, x.upload), "restricted");
    end(&x);
}

TEST(a_complaint_that_is_upheld_lets_the_strike_run)
{
    RESTRICTED(x);
    answer(&x, &(struct item_answer) { .event = EVENT_COMPLAIN, .text = STR("not so") });
    x.scene.now.us += DAYS(8);
    CHECK_OK(flow_notice_tick(x.scene.world, 100, &(size_t) { 0 }, e));
    assert_string_equal(strike_of(&x), "pending");
    act(&x, "uphold", "bob");
    x.scene.now.us++;
    work(&x.scene);
    assert_string_equal(strike_of(&x), "active");
    x.scene.now.us += DAYS(90);
    work(&x.scene);
    assert_string_equal(strike_of(&x), "expired");
    end(&x);
}

TEST(a_dispute_has_a_clock_that_tells_the_operator_once)
{
    RESTRICTED(x);
    size_t fired;
    CHECK_OK(flow_dispute_open(x.scene.world, str_of(x.text), STR("Body One"), STR("ann"), e));
    CHECK_FAILS(ERR_CONFLICT, "is open",
                flow_dispute_open(x.scene.world, str_of(x.text), STR("Body Two"), STR("ann"), e));
    x.scene.now.us += DAYS(90) - 1;
    work(&x.scene);
    CHECK_OK(flow_notice_tick(x.scene.world, 100, &fired, e));
    assert_int_equal(fired, 0);
    x.scene.now.us++;
    CHECK_OK(flow_notice_tick(x.scene.world, 100, &fired, e));
    assert_int_equal(fired, 1);
    x.scene.now.us -= DAYS(2); /* a clock that is set back fires nothing again */
    CHECK_OK(flow_notice_tick(x.scene.world, 100, &fired, e));
    assert_int_equal(fired, 0);
    x.scene.now.us += DAYS(2);
    CHECK_OK(flow_notice_tick(x.scene.world, 100, &fired, e));
    assert_int_equal(fired, 0);
    CHECK_FAILS(
        ERR_INVALID, "upheld",
        flow_dispute_decide(x.scene.world, str_of(x.text), STR("won"), true, STR("ann"), e));
    CHECK_OK(
        flow_dispute_decide(x.scene.world, str_of(x.text), STR("reversed"), true, STR("ann"), e));
    CHECK_FAILS(
        ERR_CONFLICT, "no dispute",
        flow_dispute_decide(x.scene.world, str_of(x.text), STR("reversed"), true, STR("ann"), e));
    TX(tx);
    SCAN(s);
    const struct desk_figure *f;
    CHECK_OK(store_begin(world_store(x.scene.world), STORE_READ, &tx, e));
    CHECK_OK(desk_scan(tx, INSTANT_FIRST, INSTANT_NEVER, &s, e));
    CHECK_OK(desk_figure_find(STR("disputes.implemented"), &f, e));
    assert_int_equal(desk_figure_value(&s, f), 1);
    store_rollback(take(tx));
    end(&x);
}

TEST(what_is_scheduled_is_cured_by_who_uploaded_it)
{
    ARENA(a);
    FIXTURE(f_);
    struct stage x = { 0 };
    scene_begin(&x.scene, f_, NULL);
    found_town(&x.scene, &x.place);
    struct upload_id up = upload(&x.place, true);
    struct received got = send_of(&x.scene, &a, "some@one.example", up, ELEMENTS_ALL, "");
    char notice[ID_TEXT];
    CHECK_OK(flow_notice_confirm(x.scene.world, str_of(notice_id_format(got.notice, notice)),
                                 got.confirm, e));
    work(&x.scene);
    x.item = item_of(&x.scene, &a, got.notice).id;
    item_id_format(x.item, x.text);
    flow_item_key(x.scene.world, x.item, ACTOR_UPLOADER, x.key);
    act(&x, "claim", "ann");
    act(&x, "schedule", "ann");
    assert_int_equal(state_of(&x), ITEM_SCHEDULED);
    answer(&x, &(struct item_answer) { .event = EVENT_CURE });
    assert_int_equal(state_of(&x), ITEM_CURED);
    assert_string_equal(strike_of(&x), "");
    x.scene.now.us += DAYS(30);
    work(&x.scene);
    assert_int_equal(state_of(&x), ITEM_CURED);
    end(&x);
}

/* ---- clocks of letters, orders and reports ---- */

static int64_t count_in(struct scene *s, const char *sql)
{
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    CHECK_OK(store_begin(world_store(s->world), STORE_READ, &tx, e));
    CHECK_OK(store_one(tx, sql, SQL_NONE, &r, &found, e));
    int64_t n = store_int(r, 0);
    store_rows_free(take(r));
    return n;
}

#define ALARMS "SELECT COUNT(*) FROM desk_letters WHERE kind = 'alarm'"

TEST(a_receipt_that_is_not_out_in_a_minute_alarms_once)
{
    STAGE(s);
    ARENA(a);
    struct place p;
    size_t fired;
    found_town(&s, &p);
    vouch(&s, "agent@holder.example");
    send_of(&s, &a, "agent@holder.example", upload(&p, true), ELEMENTS_ALL, "late");
    work(&s);
    s.now.us += 59000000;
    work(&s);
    assert_int_equal(count_in(&s, ALARMS), 0);
    s.now.us += 1000000;
    work(&s);
    assert_int_equal(count_in(&s, ALARMS), 1);
    CHECK_OK(flow_notice_tick(s.world, 100, &fired, e));
    assert_int_equal(count_in(&s, ALARMS), 1);
    scene_end(&s);
}

/* No other clock of the desk runs out meanwhile. */
TEST(a_statement_that_is_not_out_in_a_business_day_alarms_by_itself)
{
    STAGE(s);
    ARENA(a);
    struct place p;
    found_town(&s, &p);
    vouch(&s, "agent@holder.example");
    send_of(&s, &a, "agent@holder.example", upload(&p, true), ELEMENTS_ALL, "late");
    work(&s);
    s.now.us += 60000000;
    work(&s); /* the receipt's */
    assert_int_equal(count_in(&s, ALARMS), 1);
    assert_int_equal(count_in(&s, "SELECT COUNT(*) FROM desk_letters WHERE kind = 'statement'"), 1);
    s.now.us += DAYS(5);
    work(&s);
    assert_int_equal(count_in(&s, ALARMS), 2);
    work(&s);
    assert_int_equal(count_in(&s, ALARMS), 2);
    scene_end(&s);
}

TEST(the_years_report_has_a_clock_that_publishing_stops)
{
    static const char open[] = "SELECT COUNT(*) FROM desk_timers WHERE subject = 'report 2027' AND "
                               "due IS NOT NULL";
    STAGE(s);
    ARENA(a);
    struct place p;
    struct published report;
    struct instant from = day_begin(day_from_civil(2027, 1, 1)),
                   until = day_begin(day_from_civil(2028, 1, 1));
    found_town(&s, &p);
    vouch(&s, "agent@holder.example");
    send_of(&s, &a, "agent@holder.example", upload(&p, true), ELEMENTS_ALL, "year");
    work(&s);
    assert_int_equal(count_in(&s, open), 1); /* no other clock has run out */
    s.now = until;
    CHECK_OK(flow_report_publish(s.world, STR("test"), from, until, &report, e));
    assert_int_equal(count_in(&s, open), 0);
    scene_end(&s);
}

/* ---- random walks ---- */

static uint64_t mix(uint64_t *s)
{
    uint64_t z = *s += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Each decision in force that keeps something down: who made it, as the rule wants it. */
static void two_persons(struct scene *s, const char *rule, struct instant since)
{
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    const char *wrong = strcmp(rule, "always") == 0
                            ? "d.second = ''"
                            : "d.second = '' AND d.event <> 'rule_restrict'";
    ARENA(a);
    if (strcmp(rule, "never") == 0)
        return;
    CHECK_OK(store_begin(world_store(s->world), STORE_READ, &tx, e));
    /* what ripened on a date set by two, or was partly reversed by another, has its second before */
    CHECK_OK(
        store_one(tx,
                  arena_format(&a,
                               "SELECT d.event FROM desk_items i JOIN desk_decisions d ON "
                               "d.id = i.decision WHERE i.state IN ('restricted', "
                               "'countered', 'complained', 'kept_action_filed', "
                               "'final_restricted') AND d.event NOT IN ('cure_expires', "
                               "'reverse_partly') AND (%s OR d.second = d.person) AND i.received "
                               ">= $1 LIMIT 1",
                               wrong),
                  SQL(sql_instant(since)), &r, &found, e));
    if (found)
        STOP("under %s, '%.*s' kept an item down without a second person", rule,
             STR_ARG(store_text(r, 0)));
}

static bool step(struct scene *s, struct item_id id, uint64_t *seed)
{
    static const char *const people[] = { "ann", "bob", "cem" };
    NOTICING(n);
    struct notice_item item;
    struct item_found found = { .proof = "" };
    struct error why;
    CHECK_OK(flow_noticing_begin(s->world, STR("walker"), &n, e));
    CHECK_OK(desk_item_get(n.act.tx, id, &n.arena, &item, e));
    enum actor by = (enum actor)(mix(seed) % ACTOR_COUNT);
    struct item_step x = { (enum item_event)(mix(seed) % ITEM_EVENT_COUNT), by,
                           by == ACTOR_PERSON ? people[mix(seed) % COUNT_OF(people)] : NULL };
    CHECK_OK(notice_facts(&n, &item, &found, e));
    struct item_why w = { .reason = (enum reason_code)(mix(seed) % REASON_COUNT),
                          .evidence = found.has_evidence ? &found.evidence : NULL,
                          .blob = found.blob };
    if (desk_item_move(&n.act, &item, &x, &w, &why) != OK)
        return false; /* nothing of it is kept */
    CHECK_OK(flow_noticing_commit(&n, e));
    return true;
}

TEST(no_walk_over_the_moves_breaks_an_invariant_in_the_store)
{
    static const char *const rules[] = { "never", "people", "always" };
    enum { ITEMS = 12 };
    FIXTURE(f_);
    ARENA(a);
    /* the rules are the same on both; PostgreSQL, across a socket, is walked for its SQL */
    const int steps = store_kind(f_->store) == STORE_SQLITE ? 2500 : 250;
    struct scene s;
    struct place p;
    scene_begin(&s, f_, NULL);
    found_town(&s, &p);
    vouch(&s, "agent@holder.example");
    uint64_t seed = 11;
    for (size_t r = 0; r < COUNT_OF(rules); r++) {
        struct item_id items[ITEMS];
        size_t taken = 0;
        struct instant since = s.now;
        CHECK_OK(settings_flag(&s.settings,
                               str_of(arena_format(&a, "desk.two_person=%s", rules[r])), e));
        for (int i = 0; i < ITEMS; i++) {
            const char *key = arena_format(&a, "%zu-%d", r, i);
            struct received got = send_of(&s, &a, "agent@holder.example", upload(&p, true),
                                          ELEMENTS_ALL, key);
            items[i] = item_of(&s, &a, got.notice).id;
        }
        for (int n = 0; n < steps; n++) {
            taken += step(&s, items[mix(&seed) % ITEMS], &seed);
            if (n % 250 == 249) { /* an outage of a day or two */
                size_t fired;
                s.now.us += (int64_t)(mix(&seed) % 2) * DAYS(1) + DAYS(1);
                CHECK_OK(flow_notice_tick(s.world, 1000, &fired, e));
                all_is_whole(&s);
                two_persons(&s, rules[r], since);
            }
        }
        assert_true(taken > (size_t)steps / 84);
        all_is_whole(&s);
        two_persons(&s, rules[r], since);
    }
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_letters_link_shows_the_statement_and_another_does_not),
        STORE_TEST(a_counter_notice_by_link_holds_the_strike_and_puts_back_on_business_day_eleven),
        STORE_TEST(a_complaint_that_is_upheld_lets_the_strike_run),
        STORE_TEST(a_dispute_has_a_clock_that_tells_the_operator_once),
        STORE_TEST(what_is_scheduled_is_cured_by_who_uploaded_it),
        STORE_TEST(a_receipt_that_is_not_out_in_a_minute_alarms_once),
        STORE_TEST(a_statement_that_is_not_out_in_a_business_day_alarms_by_itself),
        STORE_TEST(the_years_report_has_a_clock_that_publishing_stops),
        STORE_TEST(no_walk_over_the_moves_breaks_an_invariant_in_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
