/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of an index is killed at random moments: test_index_kill [ROUNDS], 25 by default. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fingerprint/music.h"
#include "index/index.h"

#define PIECES 10
#define LENGTH 40 /* seconds of a piece */

static struct fingerprint *pieces[PIECES];
static struct fp_query *clips[PIECES];
static char folder[64];
static int rounds = 25;

static struct index_key key_of(uint32_t n)
{
    struct index_key k = { { 0 } };
    memcpy(k.bytes, &n, sizeof n);
    return k;
}

/* What the writer says through its pipe: a byte before each change, and one when it is durable. */
enum { ACKNOWLEDGED = 1, REMOVES = 2 };

static enum code change(struct index *ix, uint32_t n, bool removes, struct error *e)
{
    struct index_key k = key_of(n);
    if (removes)
        return index_remove(ix, &k, e);
    TRY(index_add(ix, &k, pieces[n], e));
    return index_commit(ix, e);
}

_Noreturn static void writer(int out, uint32_t random)
{
    struct index *ix = NULL;
    struct error e;
    if (index_open(folder, INDEX_WRITE, &ix, &e) != OK)
        _exit(1);
    for (uint32_t i = 0;; i++) {
        uint32_t n = music_random(&random) % PIECES;
        bool removes = music_random(&random) % 3 == 0;
        uint8_t word = (uint8_t)(n << 2 | (removes ? REMOVES : 0));
        if (write(out, &word, 1) != 1 || change(ix, n, removes, &e) != OK)
            _exit(1);
        word |= ACKNOWLEDGED;
        if (write(out, &word, 1) != 1 || (i % 3 == 2 && index_compact(ix, &e) != OK))
            _exit(1);
    }
}

/* What was heard of the writer. */
struct told {
    bool there[PIECES];
    int open_piece; /* begun, not acknowledged; -1: none */
    size_t acknowledged;
};

static bool tell(struct told *t, int pipe)
{
    uint8_t word;
    if (read(pipe, &word, 1) != 1)
        return false;
    t->open_piece = word & ACKNOWLEDGED ? -1 : word >> 2;
    if (word & ACKNOWLEDGED) {
        t->there[word >> 2] = !(word & REMOVES);
        t->acknowledged++;
    }
    return true;
}

/* The piece is found where it is there and only then, and nothing else is. */
static void ask(const struct index *ix, uint32_t n, bool there, int round)
{
    ARENA(a);
    struct matches m;
    uint32_t who = PIECES;
    CHECK_OK(
        index_find(ix, clips[n], &(struct index_options) { .identity_only = true }, &a, &m, e));
    if (m.count)
        memcpy(&who, m.items[0].key.bytes, sizeof who);
    if (m.count != there || (there && (who != n || fabs(m.items[0].reference_start - 12) > 0.3)))
        STOP("round %d: piece %u, %s, gives %zu matches, the first piece %u", round, n,
             there ? "there" : "not there", m.count, who);
}

TEST(killing_the_writer_loses_nothing_acknowledged_and_gives_no_wrong_match)
{
    uint32_t random = 4711;
    struct told told = { .open_piece = -1 };
    for (int round = 0; round < rounds; round++) {
        int ends[2], status;
        told.open_piece = -1;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0)
            writer(ends[1], random);
        close(ends[1]);
        /* not by the clock alone: on a busy machine it would be killed before it has begun */
        for (uint32_t n = 1 + music_random(&random) % 16; n && tell(&told, ends[0]);)
            n--;
        usleep(music_random(&random) % 8000);
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        while (tell(&told, ends[0]))
            ;
        close(ends[0]);
        struct index *ix = NULL;
        CHECK_OK(index_open(folder, round % 2 ? INDEX_READ : INDEX_WRITE, &ix, e));
        for (uint32_t n = 0; n < PIECES; n++) {
            struct index_key k = key_of(n);
            if ((int)n == told.open_piece)
                told.there[n] = index_has(ix, &k); /* begun, not acknowledged: either way */
            if (index_has(ix, &k) != told.there[n])
                STOP("round %d: piece %u is %s", round, n, told.there[n] ? "lost" : "back");
        }
        for (size_t i = 0; i < 3; i++) {
            uint32_t n = music_random(&random) % PIECES;
            ask(ix, n, told.there[n], round);
        }
        index_close(ix);
    }
    assert_true(told.acknowledged >= (size_t)rounds); /* fewer would be no test */
    printf("%d kills, %zu changes acknowledged, none lost\n", rounds, told.acknowledged);
}

int main(int count, char **words)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killing_the_writer_loses_nothing_acknowledged_and_gives_no_wrong_match),
    };
    rounds = count > 1 && atoi(words[1]) > 0 ? atoi(words[1]) : rounds;
    snprintf(folder, sizeof folder, "/tmp/licet-index-XXXXXX");
    if (!mkdtemp(folder))
        return 1;
    for (uint32_t n = 0; n < PIECES; n++) {
        float *x = music_make(n + 1, 0, LENGTH, 1), *clip = music_make(n + 1, 12, 8, 1);
        music_print(x, LENGTH * FP_RATE_HZ, &pieces[n], NULL);
        music_print(clip, 8 * FP_RATE_HZ, NULL, &clips[n]);
        free(x);
        free(clip);
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    for (uint32_t n = 0; n < PIECES; n++) {
        fingerprint_free(pieces[n]);
        fp_query_free(clips[n]);
    }
    return system(command) == 0 ? failed : 1;
}
