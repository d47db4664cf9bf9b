/* SPDX-License-Identifier: Apache-2.0 */
#include "api/inside.h"
#include "flow/scene.h"

struct case_of_keys {
    struct scene scene;
    struct keyring *ring;
    struct app_key key;
    int gone;
};

static void count_gone(void *state, const uint8_t id[ID_BYTES])
{
    struct case_of_keys *k = state;
    (void)id;
    k->gone++;
}

static void make_key(struct case_of_keys *k)
{
    CHANGE(c);
    char text[ACCESS_KEY_TEXT];
    CHECK_OK(flow_change_begin(k->scene.world, STR("tester"), STR(""), &c, e));
    struct access_act act = flow_change_access(&c);
    k->key = (struct app_key) { .name = "k", .scopes = SCOPE_DECIDE, .until = INSTANT_NEVER };
    CHECK_OK(access_key_make(&act, world_master_key(k->scene.world), &k->key, text, e));
    CHECK_OK(flow_change_commit(&c, e));
}

static void revoke_key(struct case_of_keys *k)
{
    CHANGE(c);
    CHECK_OK(flow_change_begin(k->scene.world, STR("tester"), STR(""), &c, e));
    struct access_act act = flow_change_access(&c);
    k->key.revoked = true;
    CHECK_OK(access_key_put(&act, &k->key, e));
    CHECK_OK(flow_change_commit(&c, e));
}

static void begin(struct case_of_keys *k, struct store_fixture *f)
{
    *k = (struct case_of_keys) { .ring = keyring_new() };
    scene_begin(&k->scene, f, NULL);
    make_key(k);
}

static void done(struct case_of_keys *k)
{
    keyring_free(k->ring);
    scene_end(&k->scene);
}

static struct instant after_ms(const struct case_of_keys *k, int64_t ms)
{
    return (struct instant) { k->scene.now.us + ms * 1000 };
}

static bool at_hand(struct case_of_keys *k, int64_t ms)
{
    struct key_seen seen;
    return keyring_at_hand(k->ring, k->key.id, after_ms(k, ms), &seen);
}

static bool revoked_after(struct case_of_keys *k, int64_t ms)
{
    struct key_seen seen;
    CHECK_OK(keyring_get(k->ring, k->scene.world, k->key.id, after_ms(k, ms), &seen, e));
    return seen.key.revoked;
}

static void follow_after(struct case_of_keys *k, int64_t ms)
{
    keyring_follow(k->ring, k->scene.world, after_ms(k, ms), count_gone, k);
}

TEST(a_key_is_at_hand_for_a_second_after_it_was_read_or_found_unchanged)
{
    FIXTURE(f);
    struct case_of_keys k;
    begin(&k, f);
    assert_false(at_hand(&k, 0));
    assert_false(revoked_after(&k, 0));
    assert_true(at_hand(&k, 999));
    assert_false(at_hand(&k, 1000));
    follow_after(&k, 5000); /* reads it: the journal is new to the ring */
    follow_after(&k, 9000); /* nothing was changed */
    assert_true(at_hand(&k, 9999));
    assert_false(at_hand(&k, 10000));
    assert_int_equal(k.gone, 0);
    done(&k);
}

TEST(a_revoked_key_is_gone_when_the_journal_is_followed)
{
    FIXTURE(f);
    struct case_of_keys k;
    begin(&k, f);
    assert_false(revoked_after(&k, 0));
    follow_after(&k, 0);
    revoke_key(&k);
    follow_after(&k, 100);
    assert_int_equal(k.gone, 1);
    assert_true(at_hand(&k, 200));
    assert_true(revoked_after(&k, 200));
    done(&k);
}

TEST(a_revoked_key_is_found_out_within_a_second_though_nobody_follows)
{
    FIXTURE(f);
    struct case_of_keys k;
    begin(&k, f);
    follow_after(&k, 0);
    assert_false(revoked_after(&k, 0));
    revoke_key(&k);
    assert_true(at_hand(&k, 500));
    assert_false(at_hand(&k, 1000));
    assert_true(revoked_after(&k, 1000));
    done(&k);
}

TEST(a_forgotten_key_is_read_again)
{
    FIXTURE(f);
    struct case_of_keys k;
    begin(&k, f);
    assert_false(revoked_after(&k, 0));
    follow_after(&k, 100);
    keyring_forget(k.ring, k.key.id);
    follow_after(&k, 200); /* nothing was changed, which does not bring it back */
    assert_false(at_hand(&k, 300));
    assert_false(revoked_after(&k, 300));
    assert_true(at_hand(&k, 400));
    done(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_key_is_at_hand_for_a_second_after_it_was_read_or_found_unchanged),
        STORE_TEST(a_revoked_key_is_gone_when_the_journal_is_followed),
        STORE_TEST(a_revoked_key_is_found_out_within_a_second_though_nobody_follows),
        STORE_TEST(a_forgotten_key_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
