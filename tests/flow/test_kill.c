/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9 at the n-th write of a notice's way from intake to answer and put-back, half of the write
 * done: what was receipted is there, nothing is done twice, no clock is missed. Each way ends as the
 * undisturbed one does, row for row. LICET_SLOW: for every n; else for some. */
#include "town.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a file layer that dies ---- */

enum { KINDS = 8 };
static struct kind {
    sqlite3_io_methods mine; /* first: a file's methods are one of these */
    const sqlite3_io_methods *real;
} kinds[KINDS];
static sqlite3_vfs dying, *living;
static int64_t writes, die_at, full_from; /* full_from: from this write on the disk is full */

static const sqlite3_io_methods *real_of(const sqlite3_file *f)
{
    return ((const struct kind *)(const void *)f->pMethods)->real;
}

static int on_write(sqlite3_file *f, const void *bytes, int count, sqlite3_int64 at)
{
    if (full_from && writes + 1 >= full_from)
        return SQLITE_FULL;
    if (++writes == die_at) {
        (void)real_of(f)->xWrite(f, bytes, count / 2, at);
        kill(getpid(), SIGKILL);
    }
    return real_of(f)->xWrite(f, bytes, count, at);
}

static int on_sync(sqlite3_file *f, int flags)
{
    if (++writes == die_at)
        kill(getpid(), SIGKILL);
    return real_of(f)->xSync(f, flags);
}

static int on_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)v;
    int status = living->xOpen(living, name, f, flags, out);
    if (status != SQLITE_OK || !f->pMethods)
        return status;
    for (int i = 0; i < KINDS; i++) {
        if (!kinds[i].real) {
            kinds[i] = (struct kind) { *f->pMethods, f->pMethods };
            kinds[i].mine.xWrite = on_write;
            kinds[i].mine.xSync = on_sync;
        }
        if (kinds[i].real == f->pMethods) {
            f->pMethods = &kinds[i].mine;
            return status;
        }
    }
    abort();
}

static void put_in_between(void)
{
    living = sqlite3_vfs_find(NULL);
    dying = *living;
    dying.zName = "dying";
    dying.xOpen = on_open;
    if (sqlite3_vfs_register(&dying, 1) != SQLITE_OK)
        abort();
}

/* ---- the way ---- */

static const char counts_sql[] =
    "SELECT (SELECT COUNT(*) FROM desk_notices), (SELECT COUNT(*) FROM desk_items), (SELECT "
    "COUNT(*) FROM desk_originals), (SELECT COUNT(*) FROM desk_decisions), (SELECT COUNT(*) FROM "
    "desk_letters), (SELECT COUNT(*) FROM desk_strikes), (SELECT COUNT(*) FROM desk_counters), "
    "(SELECT COUNT(*) FROM desk_stays), (SELECT COUNT(*) FROM journal_events)";
enum { COUNTS = 9 };

struct way {
    struct scene scene;
    struct arena arena;
    struct upload_id upload;
    int told; /* steps that were acknowledged */
};

static void place_open(struct way *w, const char *data, uint64_t seed)
{
    *w = (struct way) { .scene = { .now = { 1800000000000000 }, .seed = seed } };
    w->scene.chance = chance_seeded(&w->scene.seed);
    snprintf(w->scene.data, sizeof w->scene.data, "%s", data);
    settings_init(&w->scene.settings);
    scene_open(&w->scene, NULL);
}

static void place_close(struct way *w)
{
    world_close(w->scene.world);
    settings_done(&w->scene.settings);
    arena_done(&w->arena);
}

static struct upload_id only_upload(struct scene *s)
{
    TX(tx);
    owned(store_rows) r = NULL;
    struct upload_id id;
    bool found;
    CHECK_OK(store_begin(world_store(s->world), STORE_READ, &tx, e));
    CHECK_OK(store_one(tx, "SELECT id FROM uploads", SQL_NONE, &r, &found, e));
    store_id(r, 0, id.bytes);
    return id;
}

/* The link of the letter: whoever missed the receipt has it from there. */
static struct str letter_secret(struct way *w)
{
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    CHECK_OK(store_begin(world_store(w->scene.world), STORE_READ, &tx, e));
    CHECK_OK(store_one(tx, "SELECT secret FROM desk_letters WHERE kind = 'confirm_mailbox'",
                       SQL_NONE, &r, &found, e));
    assert_true(found);
    return str_of(str_copy(&w->arena, store_text(r, 0)));
}

static void person(struct way *w, struct item_id id, const char *event)
{
    char text[ID_TEXT];
    struct notice_item out;
    struct item_act x = { str_of(item_id_format(id, text)), str_of(event), STR(""), STR("ann"),
                          STR("") };
    CHECK_OK(flow_notice_act(w->scene.world, &x, &w->arena, &out, e));
}

/* How far an item is on the way; 0: not received. */
static int step_of(struct way *w, struct notice_item *item)
{
    static const int steps[ITEM_STATE_COUNT] = {
        [ITEM_WAITING] = 1,    [ITEM_OPEN] = 2,      [ITEM_QUEUED] = 3,   [ITEM_CLAIMED] = 4,
        [ITEM_RESTRICTED] = 5, [ITEM_COUNTERED] = 6, [ITEM_RESTORED] = 7,
    };
    TX(tx);
    struct notice_item *items;
    size_t count;
    struct item_filter f = { .state = -1, .limit = 10 };
    CHECK_OK(store_begin(world_store(w->scene.world), STORE_READ, &tx, e));
    CHECK_OK(desk_item_list(tx, &f, &w->arena, &items, &count, e));
    if (count == 0)
        return 0;
    assert_int_equal(count, 1);
    *item = items[0];
    return steps[item->now.state];
}

static void one_step(struct way *w, int step, const struct notice_item *item)
{
    struct scene *s = &w->scene;
    struct counter_draft counter = { COUNTER_AUTHORIZED, ELEMENTS_ALL, STR("it is mine") };
    char text[ID_TEXT];
    switch (step) {
    case 0:
        (void)send_of(s, &w->arena, "ann@agent.example", w->upload, ELEMENTS_ALL, "key");
        break;
    case 1:
        notice_id_format(item->notice, text);
        CHECK_OK(flow_notice_confirm(s->world, str_of(text), letter_secret(w), e));
        break;
    case 2:
        work(s);
        break;
    case 3:
        person(w, item->id, "claim");
        break;
    case 4:
        person(w, item->id, "restrict");
        break;
    case 5:
        item_id_format(item->id, text);
        CHECK_OK(flow_notice_counter(s->world, str_of(text), &counter, e));
        break;
    case 6:
        if (item->due.us > s->now.us)
            s->now = item->due;
        work(s);
        break;
    default:
        break;
    }
}

/* Go on from wherever it is, to the end; each step that is done is told. */
static void go_on(struct way *w, int tell)
{
    struct notice_item item;
    w->upload = only_upload(&w->scene);
    for (int step, times = 0; (step = step_of(w, &item)) < 7; times++) {
        assert_true(times < 20);
        one_step(w, step, &item);
        char done = (char)(step + 1);
        if (tell >= 0 && write(tell, &done, 1) != 1)
            abort();
    }
}

static void counts_of(struct way *w, int64_t counts[COUNTS])
{
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    CHECK_OK(store_begin(world_store(w->scene.world), STORE_READ, &tx, e));
    CHECK_OK(store_one(tx, counts_sql, SQL_NONE, &r, &found, e));
    for (int i = 0; i < COUNTS; i++)
        counts[i] = store_int(r, i);
}

/* ---- killing ---- */

static void clear(const char *folder)
{
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static void copy_to(const char *from, const char *to)
{
    char command[512];
    clear(to);
    snprintf(command, sizeof command, "cp -r '%s' '%s'", from, to);
    assert_int_equal(system(command), 0);
}

/* The way in a child that dies at its n-th write. *told: the last step it acknowledged.
 * Returns whether it was killed. */
static bool die(const char *data, int64_t n, int *told)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct way w;
        close(ends[0]);
        put_in_between();
        place_open(&w, data, 11);
        die_at = writes + n;
        go_on(&w, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    *told = 0;
    for (char done; read(ends[0], &done, 1) == 1;)
        *told = done;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status);
}

static void look_again(const char *data, int64_t n, int told, const int64_t wanted[COUNTS])
{
    struct way w;
    struct notice_item item;
    int64_t counts[COUNTS];
    place_open(&w, data, 1000 + (uint64_t)n);
    all_is_whole(&w.scene);
    if (step_of(&w, &item) < told)
        STOP("write %lld: step %d was acknowledged and is gone", (long long)n, told);
    go_on(&w, -1);
    all_is_whole(&w.scene);
    counts_of(&w, counts);
    for (int i = 0; i < COUNTS; i++)
        if (counts[i] != wanted[i])
            STOP("write %lld: count %d is %lld, not %lld", (long long)n, i, (long long)counts[i],
                 (long long)wanted[i]);
    place_close(&w);
}

/* The same folder, one upload in which the recording is heard, nothing else. */
static void make_place(const char *data)
{
    struct way w;
    struct place p;
    place_open(&w, data, 7);
    found_town(&w.scene, &p);
    (void)upload(&p, true);
    place_close(&w);
}

TEST(a_kill_at_any_write_loses_nothing_and_doubles_nothing)
{
    char folder[64], data[80], copy[80];
    int64_t wanted[COUNTS], stride = getenv("LICET_SLOW") ? 1 : 29, n = 1, kills = 0;
    int told;
    struct way w;
    store_fixture_folder(folder);
    snprintf(data, sizeof data, "%s/data", folder);
    snprintf(copy, sizeof copy, "%s/copy", folder);
    make_place(data);
    copy_to(data, copy);
    place_open(&w, copy, 5);
    go_on(&w, -1);
    counts_of(&w, wanted);
    place_close(&w);
    for (bool killed = true; killed; n += stride) {
        copy_to(data, copy);
        killed = die(copy, n, &told);
        kills += killed;
        look_again(copy, n, told, wanted);
    }
    printf("%lld kills\n", (long long)kills);
    assert_true(kills > 3);
    clear(folder);
}

/* ---- a full disk ---- */

static enum code receive(struct way *w, const char *key, struct error *e)
{
    char text[ID_TEXT];
    struct draft_item item = { KIND_UPLOAD, str_of(upload_id_format(w->upload, text)), STR("Song"),
                               STR("Singer"), STR("") };
    struct notice_draft d = { .channel = CHANNEL_FILE,
                              .sender = STR("ann@agent.example"),
                              .once = str_of(key),
                              .raw = str_of(key),
                              .elements = ELEMENTS_ALL,
                              .items = &item,
                              .item_count = 1 };
    struct received out;
    return flow_notice_receive_shared(w->scene.world, STR("test"), &d, &w->arena, &out, e);
}

static int64_t notices_of(struct way *w)
{
    int64_t counts[COUNTS];
    counts_of(w, counts);
    return counts[0];
}

/* No receipt where nothing is kept; when there is room again, what is sent again is received once. */
TEST(a_full_disk_gives_no_receipt_and_loses_none)
{
    char folder[64], data[80], key[24];
    struct way w;
    int64_t refused = 0, received = 0;
    store_fixture_folder(folder);
    snprintf(data, sizeof data, "%s/data", folder);
    make_place(data);
    put_in_between();
    place_open(&w, data, 3);
    w.upload = only_upload(&w.scene);
    for (int64_t n = 1; n < 40; n += 3) {
        struct error why = { 0 };
        snprintf(key, sizeof key, "key %lld", (long long)n);
        full_from = writes + n;
        enum code code = receive(&w, key, &why);
        full_from = 0;
        assert_true(code == OK || why.text[0]);
        refused += code != OK;
        assert_int_equal(notices_of(&w), received + (code == OK));
        CHECK_OK(receive(&w, key, e));
        assert_int_equal(notices_of(&w), ++received);
        all_is_whole(&w.scene);
    }
    assert_true(refused > 2);
    place_close(&w);
    sqlite3_vfs_unregister(&dying);
    clear(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_at_any_write_loses_nothing_and_doubles_nothing),
        cmocka_unit_test(a_full_disk_gives_no_receipt_and_loses_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
