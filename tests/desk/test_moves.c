/* SPDX-License-Identifier: Apache-2.0 */
/* Every state and every move is walked: all that the table can lead to, under each rule. */
#include "check.h"

#include "desk/desk.h"

TEST(each_state_that_is_not_final_has_an_owner_a_clock_and_a_way_on)
{
    for (int s = 0; s < ITEM_STATE_COUNT; s++) {
        const struct item_rest *rest = &item_rests[s];
        bool way = false, timed = false;
        for (size_t i = 0; i < item_move_count; i++) {
            way |= item_moves[i].from == (enum item_state)s;
            timed |= item_moves[i].from == (enum item_state)s &&
                     item_moves[i].actors & ACTOR_BIT(ACTOR_TIMER);
        }
        assert_int_equal(rest->final, rest->owner == OWNER_NOBODY);
        assert_int_equal(rest->final, rest->clock == DEADLINE_COUNT);
        if (rest->final == way || rest->final == timed)
            STOP("%s: final %d, a way on %d, a timer's way %d", item_state_word((enum item_state)s),
                 rest->final, way, timed);
    }
}

TEST(what_a_clock_brings_about_is_a_move_of_its_state)
{
    for (int s = 0; s < ITEM_STATE_COUNT; s++)
        for (int r = 0; !item_rests[s].final && r < REGIME_COUNT; r++) {
            enum item_event then = deadline_rule(item_rests[s].clock, (enum regime)r)->then;
            bool found = false;
            for (size_t i = 0; i < item_move_count; i++)
                found |= item_moves[i].from == (enum item_state)s && item_moves[i].event == then &&
                         item_moves[i].actors & ACTOR_BIT(ACTOR_TIMER);
            if (!found)
                STOP("%s: its clock says %s", item_state_word((enum item_state)s),
                     item_event_word(then));
        }
}

TEST(a_pair_stands_once)
{
    for (size_t i = 0; i < item_move_count; i++)
        for (size_t j = 0; j < i; j++)
            assert_false(item_moves[i].from == item_moves[j].from &&
                         item_moves[i].event == item_moves[j].event);
}

/* ---- the walk ---- */

/* What is known of an item beside its state, so that a step can be held against it. */
struct walked {
    struct item_now now;
    bool restricted, stated; /* by effects so far; stated: a statement went with it */
    unsigned persons; /* of the decision on its way or in force: bit 0 ann, 1 bob, 2 machine */
};
enum { SEEN_MOST = 4096 };
static struct walked seen[SEEN_MOST];
static size_t seen_count;
static size_t steps_taken;

static bool is_same(const struct walked *a, const struct walked *b)
{
    return a->now.state == b->now.state && a->now.held == b->now.held &&
           a->now.held_effects == b->now.held_effects &&
           strcmp(a->now.holder, b->now.holder) == 0 && strcmp(a->now.first, b->now.first) == 0 &&
           a->restricted == b->restricted && a->stated == b->stated && a->persons == b->persons;
}

static void note_walked(const struct walked *w)
{
    for (size_t i = 0; i < seen_count; i++)
        if (is_same(&seen[i], w))
            return;
    assert_true(seen_count < SEEN_MOST);
    seen[seen_count++] = *w;
}

static unsigned person_bit(const struct item_step *step)
{
    if (step->by != ACTOR_PERSON)
        return 4;
    return strcmp(step->person, "ann") == 0 ? 1 : 2;
}

static bool is_decision(enum item_event v)
{
    return v == EVENT_RESTRICT || v == EVENT_DECLINE || v == EVENT_SCHEDULE ||
           v == EVENT_RULE_RESTRICT || v == EVENT_TIME_RESTRICT || v == EVENT_REVERSE ||
           v == EVENT_REVERSE_PARTLY;
}

static void walk_on(const struct walked *w, const struct item_step *step, enum two_person rule)
{
    struct walked n = *w;
    unsigned effects;
    struct error ignored;
    if (item_step(&w->now, step, rule, &n.now, &effects, &ignored) != OK)
        return;
    steps_taken++;
    if (step->event == EVENT_APPROVE)
        n.persons |= person_bit(step);
    else if (is_decision(step->event))
        n.persons = person_bit(step);
    if (effects & EFFECT_RESTRICT) {
        n.restricted = true;
        n.stated = (effects & EFFECT_STATEMENT) != 0;
        bool two = (n.persons & 3) == 3 || ((n.persons & 4) && (n.persons & 3));
        /* scheduled by two, restricted by the clock: persons are those of the schedule */
        if (rule == TWO_PERSON_ALWAYS && !two)
            STOP("%s from %s restricts without a second person", item_event_word(step->event),
                 item_state_word(w->now.state));
        if (rule == TWO_PERSON_PEOPLE && !two && step->event != EVENT_RULE_RESTRICT)
            STOP("%s from %s restricts without a second person", item_event_word(step->event),
                 item_state_word(w->now.state));
    }
    if (effects & EFFECT_RELEASE)
        n.restricted = false;
    if (n.restricted && !n.stated)
        STOP("%s is restricted without a statement", item_state_word(n.now.state));
    if (n.restricted != item_is_restricted(n.now.state))
        STOP("%s --%s--> %s: restricted %d", item_state_word(w->now.state),
             item_event_word(step->event), item_state_word(n.now.state), n.restricted);
    if ((effects & EFFECT_RESTRICT) && !(effects & EFFECT_DECISION))
        STOP("a restriction without a decision");
    note_walked(&n);
}

static void walk(enum two_person rule)
{
    static const char *const people[] = { "ann", "bob" };
    seen_count = 0;
    steps_taken = 0;
    note_walked(&(struct walked) { .now = { .state = ITEM_WAITING, .held = ITEM_WAITING } });
    for (size_t i = 0; i < seen_count; i++)
        for (int v = 0; v < ITEM_EVENT_COUNT; v++)
            for (int a = 0; a < ACTOR_COUNT; a++)
                for (size_t p = 0; p < COUNT_OF(people); p++) {
                    struct item_step step = { (enum item_event)v, (enum actor)a,
                                              a == ACTOR_PERSON ? people[p] : NULL };
                    walk_on(&seen[i], &step, rule);
                }
}

TEST(no_way_skips_the_second_person_and_no_item_is_restricted_without_a_statement)
{
    for (int rule = 0; rule < TWO_PERSON_COUNT; rule++) {
        walk((enum two_person)rule);
        bool reached[ITEM_STATE_COUNT] = { false };
        for (size_t i = 0; i < seen_count; i++)
            reached[seen[i].now.state] = true;
        for (int s = 0; s < ITEM_STATE_COUNT; s++)
            if (!reached[s] && !(s == ITEM_HELD_SECOND && rule == TWO_PERSON_NEVER))
                STOP("%s is never reached under %s", item_state_word((enum item_state)s),
                     two_person_word((enum two_person)rule));
        assert_true(steps_taken > 100);
    }
}

TEST(pairs_outside_the_table_are_refused)
{
    for (int s = 0; s < ITEM_STATE_COUNT; s++)
        for (int v = 0; v < ITEM_EVENT_COUNT; v++)
            for (int a = 0; a < ACTOR_COUNT; a++) {
                struct item_now now = { .state = (enum item_state)s, .held = (enum item_state)s };
                struct item_now next = { .state = ITEM_STATE_COUNT };
                struct item_step step = { (enum item_event)v, (enum actor)a,
                                          a == ACTOR_PERSON ? "ann" : NULL };
                unsigned effects, allowed = 0;
                struct error e = { 0 };
                if (s == ITEM_CLAIMED)
                    strcpy(now.holder, "ann");
                for (size_t i = 0; i < item_move_count; i++)
                    if (item_moves[i].from == now.state && item_moves[i].event == step.event)
                        allowed = item_moves[i].actors;
                enum code code = item_step(&now, &step, TWO_PERSON_NEVER, &next, &effects, &e);
                assert_int_equal(code == OK, (allowed >> a & 1) == 1);
                if (code != OK)
                    assert_int_equal(next.state, ITEM_STATE_COUNT);
            }
}

TEST(two_people_never_hold_one_item)
{
    struct item_now now = { .state = ITEM_QUEUED, .held = ITEM_QUEUED }, next;
    unsigned effects;
    CHECK_OK(item_step(&now, &(struct item_step) { EVENT_CLAIM, ACTOR_PERSON, "ann" },
                       TWO_PERSON_NEVER, &now, &effects, e));
    CHECK_FAILS(ERR_CONFLICT, "somebody else",
                item_step(&now, &(struct item_step) { EVENT_DECLINE, ACTOR_PERSON, "bob" },
                          TWO_PERSON_NEVER, &next, &effects, e));
    CHECK_FAILS(ERR_CONFLICT, "no move",
                item_step(&now, &(struct item_step) { EVENT_CLAIM, ACTOR_PERSON, "bob" },
                          TWO_PERSON_NEVER, &next, &effects, e));
}

TEST(who_decided_does_not_confirm_or_review)
{
    struct item_now now = { .state = ITEM_CLAIMED, .held = ITEM_CLAIMED, .holder = "ann" }, next;
    unsigned effects;
    CHECK_OK(item_step(&now, &(struct item_step) { EVENT_RESTRICT, ACTOR_PERSON, "ann" },
                       TWO_PERSON_PEOPLE, &now, &effects, e));
    assert_int_equal(now.state, ITEM_HELD_SECOND);
    assert_int_equal(effects, 0);
    CHECK_FAILS(ERR_DENIED, "another person",
                item_step(&now, &(struct item_step) { EVENT_APPROVE, ACTOR_PERSON, "ann" },
                          TWO_PERSON_PEOPLE, &next, &effects, e));
    CHECK_OK(item_step(&now, &(struct item_step) { EVENT_APPROVE, ACTOR_PERSON, "bob" },
                       TWO_PERSON_PEOPLE, &now, &effects, e));
    assert_int_equal(now.state, ITEM_RESTRICTED);
    assert_true(effects & EFFECT_STATEMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_that_is_not_final_has_an_owner_a_clock_and_a_way_on),
        cmocka_unit_test(what_a_clock_brings_about_is_a_move_of_its_state),
        cmocka_unit_test(a_pair_stands_once),
        cmocka_unit_test(
            no_way_skips_the_second_person_and_no_item_is_restricted_without_a_statement),
        cmocka_unit_test(pairs_outside_the_table_are_refused),
        cmocka_unit_test(two_people_never_hold_one_item),
        cmocka_unit_test(who_decided_does_not_confirm_or_review),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
