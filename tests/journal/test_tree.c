/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "journal/tree.h"

#include <sodium.h>

enum { LEAVES = 40 };

/* MTH of RFC 9162, 2.1.1, word for word: slow and plain */
static void plain_root(const uint8_t (*leaves)[JOURNAL_HASH], size_t n, uint8_t out[JOURNAL_HASH])
{
    if (n == 0) {
        crypto_hash_sha256(out, NULL, 0);
        return;
    }
    if (n == 1) {
        memcpy(out, leaves[0], JOURNAL_HASH);
        return;
    }
    size_t k = 1;
    while (2 * k < n)
        k *= 2;
    uint8_t bytes[1 + 2 * JOURNAL_HASH] = { 1 };
    plain_root(leaves, k, bytes + 1);
    plain_root(leaves + k, n - k, bytes + 1 + JOURNAL_HASH);
    crypto_hash_sha256(out, bytes, sizeof bytes);
}

static void make_leaves(uint8_t (*leaves)[JOURNAL_HASH], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct journal_entry entry = { .who = STR("x"), .when = { (int64_t)i } };
        journal_leaf((int64_t)i + 1, &entry, leaves[i]);
    }
}

static struct journal_head head_of(const uint8_t (*leaves)[JOURNAL_HASH], size_t n)
{
    struct journal_head head = { .size = (int64_t)n };
    plain_root(leaves, n, head.root);
    return head;
}

/* The well-known roots over the eight leaves "", 00, 10, 2021, 3031, 40414243, 50..57, 60..6f */
TEST(roots_are_those_of_certificate_transparency)
{
    static const char *const inputs[] = { "",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f" };
    static const char *const roots[] = {
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    };
    struct tree_edge edge = { 0 };
    uint8_t root[JOURNAL_HASH], bytes[17] = { 0 }, leaf[JOURNAL_HASH];
    char hex[65];
    tree_edge_root(&edge, root);
    hex_encode(root, JOURNAL_HASH, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        size_t n = strlen(inputs[i]) / 2;
        assert_true(hex_decode(str_of(inputs[i]), bytes + 1, n));
        crypto_hash_sha256(leaf, bytes, n + 1);
        tree_edge_add(&edge, leaf, NULL);
        tree_edge_root(&edge, root);
        hex_encode(root, JOURNAL_HASH, hex);
        assert_string_equal(hex, roots[i]);
    }
}

TEST(the_edge_gives_the_root_of_the_definition)
{
    static uint8_t leaves[600][JOURNAL_HASH];
    struct tree_edge edge = { 0 };
    make_leaves(leaves, 600);
    for (size_t i = 0; i < 600; i++) {
        uint8_t root[JOURNAL_HASH], plain[JOURNAL_HASH];
        tree_edge_add(&edge, leaves[i], NULL);
        tree_edge_root(&edge, root);
        plain_root((const uint8_t(*)[JOURNAL_HASH])leaves, i + 1, plain);
        assert_memory_equal(root, plain, JOURNAL_HASH);
    }
}

TEST(every_event_of_every_tree_is_proven_and_only_there)
{
    uint8_t leaves[LEAVES][JOURNAL_HASH];
    const uint8_t(*all)[JOURNAL_HASH] = (const uint8_t(*)[JOURNAL_HASH])leaves;
    make_leaves(leaves, LEAVES);
    for (int64_t size = 1; size <= LEAVES; size++) {
        struct journal_head head = head_of(all, (size_t)size);
        for (int64_t seq = 1; seq <= size; seq++) {
            struct journal_proof p;
            tree_path(all, size, seq - 1, &p);
            assert_true(journal_proves(&p, seq, leaves[seq - 1], &head));
            for (int64_t other = 0; other <= size + 1; other++)
                if (other != seq)
                    assert_false(journal_proves(&p, other, leaves[seq - 1], &head));
            assert_false(journal_proves(&p, seq, leaves[seq % LEAVES], &head));
            for (size_t i = 0; i < p.count; i++) {
                p.path[i][i % JOURNAL_HASH] ^= 1;
                assert_false(journal_proves(&p, seq, leaves[seq - 1], &head));
                p.path[i][i % JOURNAL_HASH] ^= 1;
            }
            p.count++;
            assert_false(journal_proves(&p, seq, leaves[seq - 1], &head));
            if (p.count > 1) {
                p.count -= 2;
                assert_false(journal_proves(&p, seq, leaves[seq - 1], &head));
            }
        }
    }
}

TEST(growth_is_proven_between_all_sizes_and_not_for_another_history)
{
    uint8_t leaves[LEAVES][JOURNAL_HASH];
    const uint8_t(*all)[JOURNAL_HASH] = (const uint8_t(*)[JOURNAL_HASH])leaves;
    make_leaves(leaves, LEAVES);
    for (size_t size = 1; size <= LEAVES; size++)
        for (size_t before = 0; before <= size; before++) {
            struct journal_head old = head_of(all, before), head = head_of(all, size);
            struct journal_proof p = { 0 };
            if (before && before < size)
                tree_growth(all, (int64_t)size, (int64_t)before, &p);
            assert_true(journal_proves_growth(&p, &old, &head));
            if (before == 0)
                continue;
            old.root[3] ^= 1;
            assert_false(journal_proves_growth(&p, &old, &head));
            old.root[3] ^= 1;
            head.root[3] ^= 1;
            assert_false(journal_proves_growth(&p, &old, &head));
            head.root[3] ^= 1;
            for (size_t i = 0; i < p.count; i++) {
                p.path[i][5] ^= 1;
                assert_false(journal_proves_growth(&p, &old, &head));
                p.path[i][5] ^= 1;
            }
            struct journal_head shrunk = old;
            shrunk.size = (int64_t)size + 1;
            assert_false(journal_proves_growth(&p, &shrunk, &head));
        }
}

TEST(texts_do_not_run_into_each_other)
{
    uint8_t one[JOURNAL_HASH], two[JOURNAL_HASH];
    struct journal_entry a = { .who = STR("ab"), .what = STR("c") };
    struct journal_entry b = { .who = STR("a"), .what = STR("bc") };
    journal_leaf(1, &a, one);
    journal_leaf(1, &b, two);
    assert_memory_not_equal(one, two, JOURNAL_HASH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_certificate_transparency),
        cmocka_unit_test(the_edge_gives_the_root_of_the_definition),
        cmocka_unit_test(every_event_of_every_tree_is_proven_and_only_there),
        cmocka_unit_test(growth_is_proven_between_all_sizes_and_not_for_another_history),
        cmocka_unit_test(texts_do_not_run_into_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
