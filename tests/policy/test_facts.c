/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "world.h"

/* The verdict's bytes for the facts that `json` holds, and those facts written again. */
static void replay(struct str json, struct buf *facts, struct buf *verdict)
{
    ARENA(a);
    struct facts f;
    struct verdict v;
    CHECK_OK(policy_facts_read(json, &a, &f, e));
    policy_decide(&f, &a, &v);
    policy_facts_write(&f, facts);
    policy_verdict_write(&v, verdict);
}

TEST(facts_come_back_from_their_json_and_give_the_same_verdict)
{
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        static struct world w;
        owned(rights) r = NULL;
        ARENA(a);
        struct facts f;
        struct verdict v;
        BUF(facts);
        BUF(verdict);
        BUF(facts_again);
        BUF(verdict_again);
        world_make(&w, seed * 104729);
        CHECK_OK(rights_build(&w.in, &r, e));
        rights_gather(r, &w.asked, &w.upload, &a, &f);
        policy_decide(&f, &a, &v);
        policy_facts_write(&f, &facts);
        policy_verdict_write(&v, &verdict);
        replay(buf_as_str(&facts), &facts_again, &verdict_again);
        if (!str_equal(buf_as_str(&facts), buf_as_str(&facts_again)) ||
            !str_equal(buf_as_str(&verdict), buf_as_str(&verdict_again)))
            STOP("seed %llu:\n%s\n%s\n%s\n%s", (unsigned long long)seed, (char *)facts.bytes,
                 (char *)facts_again.bytes, (char *)verdict.bytes, (char *)verdict_again.bytes);
    }
}

TEST(the_same_facts_give_the_same_bytes)
{
    static struct world w;
    BUF(first);
    world_make(&w, 5);
    for (int i = 0; i < 2; i++) {
        owned(rights) r = NULL;
        ARENA(a);
        struct facts f;
        BUF(facts);
        CHECK_OK(rights_build(&w.in, &r, e));
        rights_gather(r, &w.asked, &w.upload, &a, &f);
        policy_facts_write(&f, i ? &facts : &first);
        if (i)
            assert_string_equal((char *)first.bytes, (char *)facts.bytes);
    }
}

/* A good text of facts with `from` replaced by `to`. */
static void spoil(const char *from, const char *to, const char *says)
{
    static struct world w;
    owned(rights) r = NULL;
    ARENA(a);
    struct facts f;
    BUF(facts);
    BUF(bad);
    uint64_t seed = 1;
    do {
        rights_free(take(r));
        world_make(&w, seed++);
        w.asked.territory = (struct territory) { TERRITORY_DE };
        CHECK_OK(rights_build(&w.in, &r, e));
        rights_gather(r, &w.asked, &w.upload, &a, &f);
        buf_clear(&facts);
        policy_facts_write(&f, &facts);
    } while (!strstr((char *)facts.bytes, from));
    char *hit = strstr((char *)facts.bytes, from);
    buf_put(&bad, facts.bytes, (size_t)(hit - (char *)facts.bytes));
    buf_text(&bad, to);
    buf_text(&bad, hit + strlen(from));
    CHECK_FAILS(ERR_INVALID, says, policy_facts_read(buf_as_str(&bad), &a, &f, e));
}

TEST(facts_out_of_form_are_refused_by_name)
{
    spoil("\"policy_version\":1", "\"policy_version\":2", "rules of version 2");
    spoil("\"territory\":\"DE\"", "\"territory\":\"UK\"", "did you mean GB");
    spoil("\"parties\":[{", "\"parties\":[7,{", "\"parties\" must hold objects");
    spoil("\"party\":0", "\"party\":99", "\"party\" is out of range");
    spoil("\"share_e8\":100000000", "\"share_e8\":100000001", "\"share_e8\" is out of range");
    spoil("\"hearing\":\"heard\"", "\"hearing\":\"deaf\"", "\"hearing\"");
    spoil("\"orders\":[", "\"orders\":7,\"x\":[", "\"orders\" must be an array");
    spoil("\"conditions\":\"\"", "\"conditions\":\"x\"", "not a condition");
}

TEST(what_is_not_facts_is_refused)
{
    static const char *const bads[] = { "", "[]", "{}", "null", "{\"policy_version\":1}", "{" };
    for (size_t i = 0; i < COUNT_OF(bads); i++) {
        ARENA(a);
        struct facts f;
        CHECK_FAILS(ERR_INVALID, "facts", policy_facts_read(str_of(bads[i]), &a, &f, e));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_come_back_from_their_json_and_give_the_same_verdict),
        cmocka_unit_test(the_same_facts_give_the_same_bytes),
        cmocka_unit_test(facts_out_of_form_are_refused_by_name),
        cmocka_unit_test(what_is_not_facts_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
