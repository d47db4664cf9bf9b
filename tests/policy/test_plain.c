/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "world.h"

enum { WORLDS = 50000, WORLDS_SLOW = 200000, QUESTIONS = 5 };

static void compare(const struct world *w, const struct rights *r, uint64_t seed, int question,
                    bool fired[RULE_COUNT])
{
    ARENA(a);
    struct facts f;
    struct verdict v;
    rights_gather(r, &w->asked, &w->upload, &a, &f);
    policy_decide(&f, &a, &v);
    for (size_t i = 0; i < v.reason_count; i++)
        fired[v.reasons[i].rule] = true;
    struct plain p = plain_decide(w);
    if (v.mode == p.mode && v.uses == p.uses && v.preview_length_ms == p.length_ms &&
        strcmp(v.reason_code, p.code) == 0 && v.valid_until.us == p.until.us)
        return;
    BUF(facts);
    policy_facts_write(&f, &facts);
    STOP("seed %llu, question %d: %s (%s) uses %x, %lld ms, until %lld; plainly %s (%s) uses %x, "
         "%lld ms, until %lld\n%s",
         (unsigned long long)seed, question, verdict_mode_word(v.mode), v.reason_code, v.uses,
         (long long)v.preview_length_ms, (long long)v.valid_until.us, verdict_mode_word(p.mode),
         p.code, p.uses, (long long)p.length_ms, (long long)p.until.us, (char *)facts.bytes);
}

/* LICET_SLOW: a million cases; LICET_TEST_WORLDS: so many worlds, each with QUESTIONS cases */
TEST(a_plain_reading_of_the_rules_gives_the_same_verdicts)
{
    const char *asked = getenv("LICET_TEST_WORLDS");
    uint64_t worlds = asked                  ? strtoull(asked, NULL, 10)
                      : getenv("LICET_SLOW") ? WORLDS_SLOW
                                             : WORLDS;
    bool fired[RULE_COUNT] = { false };
    for (uint64_t seed = 1; seed <= worlds; seed++) {
        static struct world w;
        owned(rights) r = NULL;
        world_make(&w, seed * 7919);
        CHECK_OK(rights_build(&w.in, &r, e));
        for (int question = 0; question < QUESTIONS; question++) {
            compare(&w, r, seed, question, fired);
            world_ask(&w);
        }
    }
    for (int rule = 0; rule < RULE_COUNT; rule++)
        if (!fired[rule] && worlds >= WORLDS)
            STOP("no world made %s fire", rule_code((enum rule)rule));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_reading_of_the_rules_gives_the_same_verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
