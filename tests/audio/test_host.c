/* SPDX-License-Identifier: Apache-2.0 */
/* The processes: whatever is killed, the program stands and says what happened. */
#include "made.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

static struct audio_host *host;

static int start(void **state)
{
    (void)state;
    struct error e;
    return audio_host_start(&host, &e) == OK ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    audio_host_stop(host);
    return 0;
}

/* ---- the family ---- */

static pid_t parent_of(pid_t pid)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return -1;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    char *at = strrchr(text, ')');
    char state = 0;
    int parent = -1;
    if (!at || sscanf(at, ") %c %d", &state, &parent) != 2 || state == 'Z')
        return -1;
    return parent;
}

/* The youngest child of a process; 0: none. */
static pid_t child_of(pid_t parent)
{
    pid_t found = 0;
    DIR *d = opendir("/proc");
    struct dirent *entry;
    while ((entry = readdir(d)) != NULL) {
        pid_t pid = atoi(entry->d_name);
        if (pid > 0 && parent_of(pid) == parent && pid > found)
            found = pid;
    }
    closedir(d);
    return found;
}

static bool wait_until_gone(pid_t pid)
{
    for (int i = 0; i < 500; i++) {
        if (parent_of(pid) < 0)
            return true;
        nanosleep(&(struct timespec) { 0, 10000000 }, NULL);
    }
    return false;
}

/* keeper, host, child of the decode that is under way */
struct family {
    pid_t keeper, host, child;
};

static struct family family_of(pid_t program)
{
    struct family f = { .keeper = child_of(program) };
    f.host = child_of(f.keeper);
    f.child = child_of(f.host);
    return f;
}

enum { KILL_CHILD, KILL_HOST, KILL_KEEPER };

struct killer {
    int whom;
    bool done;
};

/* In the middle of a decode: the child waits for us to read on. */
static enum code kill_one(void *context, const float *x, size_t n, struct error *e)
{
    (void)x, (void)n, (void)e;
    struct killer *k = context;
    if (k->done)
        return OK;
    k->done = true;
    struct family f = family_of(getpid());
    assert_true(f.keeper > 0 && f.host > 0 && f.child > 0);
    pid_t victim = k->whom == KILL_CHILD ? f.child : k->whom == KILL_HOST ? f.host : f.keeper;
    assert_int_equal(kill(victim, SIGKILL), 0);
    if (k->whom == KILL_KEEPER)
        waitpid(victim, NULL, 0);
    assert_true(wait_until_gone(victim) && wait_until_gone(f.child));
    return OK;
}

static enum code decode(struct audio_host *h, double seconds, const struct audio_sink *sink,
                        struct error *e)
{
    ARENA(a);
    struct sound s = { 2, 44100, seconds, 440, 0.5, false };
    struct audio_limits limits = audio_limits_default();
    struct audio_facts f;
    int fd = wav_file(&s);
    enum code code = audio_decode(h, fd, &limits, &want_all, sink, &a, &f, e);
    close(fd);
    return code;
}

TEST(a_child_that_is_killed_is_told_and_the_next_file_is_heard)
{
    struct killer k = { .whom = KILL_CHILD };
    struct audio_sink sink = { &k, kill_one };
    CHECK_FAILS(ERR_BUSY, "killed from outside (signal 9): try again", decode(host, 20, &sink, e));
    CHECK_OK(decode(host, 1, NULL, e));
}

TEST(a_host_that_is_killed_is_told_and_comes_back)
{
    for (int i = 0; i < 3; i++) {
        struct killer k = { .whom = KILL_HOST };
        struct audio_sink sink = { &k, kill_one };
        CHECK_FAILS(ERR_BUSY, "host was killed and started", decode(host, 20, &sink, e));
        CHECK_OK(decode(host, 1, NULL, e));
    }
}

TEST(when_the_keeper_is_gone_it_is_said)
{
    struct audio_host *h;
    audio_host_stop(host);
    CHECK_OK(audio_host_start(&h, e));
    struct killer k = { .whom = KILL_KEEPER };
    struct audio_sink sink = { &k, kill_one };
    CHECK_FAILS(ERR_BUSY, "killed", decode(h, 20, &sink, e));
    CHECK_FAILS(ERR_IO, "host is gone", decode(h, 1, NULL, e));
    audio_host_stop(h);
    CHECK_OK(audio_host_start(&host, e));
}

static enum code wait_for_ever(void *context, const float *x, size_t n, struct error *e)
{
    (void)x, (void)n, (void)e;
    struct family f = family_of(getpid());
    if (write(*(int *)context, &f, sizeof f) != (ssize_t)sizeof f)
        _exit(9);
    for (;;)
        pause();
}

TEST(when_the_program_is_killed_nothing_of_it_stays)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t program = fork();
    if (program == 0) {
        struct audio_host *h;
        struct error e;
        struct audio_sink sink = { &ends[1], wait_for_ever };
        if (audio_host_start(&h, &e) == OK)
            _exit(decode(h, 20, &sink, &e) == OK ? 1 : 2);
        _exit(3);
    }
    struct family f;
    assert_int_equal(read(ends[0], &f, sizeof f), (ssize_t)sizeof f);
    assert_true(f.keeper > 0 && f.host > 0 && f.child > 0);
    kill(program, SIGKILL);
    waitpid(program, NULL, 0);
    assert_true(wait_until_gone(f.keeper) && wait_until_gone(f.host) && wait_until_gone(f.child));
    close(ends[0]);
    close(ends[1]);
}

TEST(a_terminal_s_signals_do_not_reach_the_host)
{
    struct family f = family_of(getpid());
    kill(f.keeper, SIGINT);
    kill(f.keeper, SIGTERM);
    kill(f.host, SIGINT);
    kill(f.host, SIGTERM);
    kill(f.host, SIGHUP);
    CHECK_OK(decode(host, 1, NULL, e));
    assert_int_equal(child_of(f.keeper), f.host);
}

/* ---- several at once ---- */

static atomic_int heard_well;

static void *decode_some(void *context)
{
    (void)context;
    for (int i = 0; i < 6; i++) {
        struct heard h = { 0 };
        struct audio_sink sink = { &h, hear_pcm };
        struct error e;
        if (decode(host, 2, &sink, &e) == OK && h.count > 15990 && h.count < 16010)
            heard_well++;
    }
    return NULL;
}

TEST(several_threads_decode_at_once)
{
    pthread_t threads[6];
    audio_host_set_jobs(host, 4);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, decode_some, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    audio_host_set_jobs(host, 0);
    assert_int_equal(heard_well, 36);
}

static int open_descriptors(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

TEST(no_descriptor_is_left_behind)
{
    CHECK_OK(decode(host, 1, NULL, e));
    int before = open_descriptors();
    for (int i = 0; i < 20; i++) {
        struct error e;
        struct killer k = { .whom = KILL_CHILD, .done = i != 7 };
        struct audio_sink sink = { &k, kill_one };
        assert_int_equal(decode(host, i == 7 ? 20 : 0.1, &sink, &e), i == 7 ? ERR_BUSY : OK);
    }
    assert_int_equal(open_descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_that_is_killed_is_told_and_the_next_file_is_heard),
        cmocka_unit_test(a_host_that_is_killed_is_told_and_comes_back),
        cmocka_unit_test(when_the_keeper_is_gone_it_is_said),
        cmocka_unit_test(when_the_program_is_killed_nothing_of_it_stays),
        cmocka_unit_test(a_terminal_s_signals_do_not_reach_the_host),
        cmocka_unit_test(several_threads_decode_at_once),
        cmocka_unit_test(no_descriptor_is_left_behind),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
