/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include <time.h>

#include "access/access.h"

static const uint8_t master[ACCESS_MASTER] = { 1, 2, 3 };
static const struct instant now = { 1700000000000000 };
static const struct network_id no_network;
static const struct app_id no_app;

/* An act by a person of the test, in a transaction of its own */
#define ACT(act)                                                                                   \
    FIXTURE(fixture_)                                                                              \
    TX(tx);                                                                                        \
    ARENA(arena);                                                                                  \
    CHECK_OK(store_begin(fixture_->store, STORE_WRITE, &tx, e));                                   \
    (void)&arena;                                                                                  \
    struct access_act act = { tx, STR("usr_test"), STR("a test says so"), now, &fixture_->chance }

static int64_t events(struct store_tx *tx)
{
    struct journal_head head;
    CHECK_OK(journal_head(tx, &head, e));
    return head.size;
}

static struct network add_network(const struct access_act *act, const char *slug)
{
    struct network n = { .slug = slug };
    CHECK_OK(access_network_put(act, &n, e));
    return n;
}

static struct app add_app(const struct access_act *act, struct network_id network, const char *slug)
{
    struct app p = { .network = network, .slug = slug };
    CHECK_OK(access_app_put(act, &p, e));
    return p;
}

/* --- networks --- */

TEST(a_network_is_new_then_changed_then_left_alone)
{
    ACT(act);
    struct network n = { .slug = "vmeste", .name = "Vmeste", .unmatched = "full" }, back;
    CHECK_OK(access_network_put(&act, &n, e));
    assert_int_equal(n.version, 1);
    assert_string_equal(n.unlicensed, "deny"); /* the strictest where nothing is said */
    assert_int_equal(events(tx), 1);
    struct network same = { .slug = "vmeste", .name = "Vmeste", .unmatched = "full" };
    CHECK_OK(access_network_put(&act, &same, e));
    assert_true(network_id_equal(same.id, n.id));
    assert_int_equal(events(tx), 1); /* nothing changed, nothing written */
    struct network next = { .slug = "vmeste", .name = "Together", .closed = "US GB" };
    CHECK_OK(access_network_put(&act, &next, e));
    assert_int_equal(next.version, 2);
    assert_int_equal(events(tx), 2);
    CHECK_OK(access_network_get(tx, n.id, &arena, &back, e));
    assert_string_equal(back.name, "Together");
    assert_string_equal(back.unmatched, "hold");
    assert_string_equal(back.closed, "US GB");
    CHECK_OK(access_network_find(tx, STR("vmeste"), &arena, &back, e));
    assert_int_equal(back.version, 2);
}

TEST(every_change_is_in_the_journal_with_before_and_after)
{
    ACT(act);
    struct journal_event *list;
    size_t count;
    struct network n = add_network(&act, "one");
    n.name = "Uno";
    CHECK_OK(access_network_put(&act, &n, e));
    CHECK_OK(journal_list(tx, 0, (struct str) { 0 }, 10, &arena, &list, &count, e));
    assert_int_equal(count, 2);
    assert_true(str_is(list[1].entry.what, "network.put"));
    assert_true(str_is(list[1].entry.who, "usr_test"));
    assert_true(str_is(list[1].entry.why, "a test says so"));
    assert_non_null(strstr(list[1].entry.before.at, "\"name\":\"one\""));
    assert_non_null(strstr(list[1].entry.after.at, "\"name\":\"Uno\""));
    assert_non_null(strstr(list[1].entry.after.at, "\"version\":2"));
    assert_int_equal(list[0].entry.before.length, 0);
}

TEST(who_changes_an_old_version_is_told)
{
    ACT(act);
    struct network n = add_network(&act, "one"), stale = n;
    n.name = "Uno";
    CHECK_OK(access_network_put(&act, &n, e));
    stale.name = "Eins";
    CHECK_FAILS(ERR_CONFLICT, "at version 2, not 1", access_network_put(&act, &stale, e));
    struct network ghost = { .slug = "ghost", .version = 3 };
    CHECK_FAILS(ERR_NOT_FOUND, "\"ghost\"", access_network_put(&act, &ghost, e));
}

static const struct {
    struct network n;
    const char *says;
} bad_networks[] = {
    { { .slug = "" }, "slug" },
    { { .slug = "Vmeste" }, "slug \"Vmeste\"" },
    { { .slug = "a b" }, "slug" },
    { { .slug = "x", .unlicensed = "maybe" }, "unlicensed \"maybe\" is not one of deny, preview" },
    { { .slug = "x", .unmatched = "deny" }, "unmatched \"deny\" is not one of hold" },
    { { .slug = "x", .conflict = "fight" }, "pay_undisputed" },
    { { .slug = "x", .unheard = "hold" }, "unheard" },
    { { .slug = "x", .name = "a\nb" }, "control character" },
    { { .slug = "x", .name = "\xFF" }, "not UTF-8" },
};

TEST(networks_out_of_form_are_refused)
{
    for (size_t i = 0; i < COUNT_OF(bad_networks); i++) {
        ACT(act);
        struct network n = bad_networks[i].n;
        CHECK_FAILS(ERR_INVALID, bad_networks[i].says, access_network_put(&act, &n, e));
    }
}

TEST(lists_go_on_where_they_stopped)
{
    ACT(act);
    struct network_id after = no_network;
    size_t seen = 0;
    for (int i = 0; i < 7; i++) {
        char slug[8];
        snprintf(slug, sizeof slug, "n%d", i);
        act.now.us += 1000000;
        add_network(&act, slug);
    }
    for (;;) {
        struct network *list;
        size_t count;
        CHECK_OK(access_network_list(tx, after, 3, &arena, &list, &count, e));
        for (size_t i = 0; i < count; i++, seen++)
            assert_int_equal(list[i].slug[1] - '0', (int)seen);
        if (count < 3)
            break;
        after = list[count - 1].id;
    }
    assert_int_equal(seen, 7);
}

/* --- apps --- */

TEST(apps_belong_to_one_network)
{
    ACT(act);
    struct network one = add_network(&act, "one"), two = add_network(&act, "two");
    struct app web = add_app(&act, one.id, "web"), other = add_app(&act, two.id, "web"), back;
    struct app *list;
    size_t count;
    assert_false(app_id_equal(web.id, other.id));
    web.clip_seconds = 30;
    web.suspended = true;
    web.model = "subscription";
    CHECK_OK(access_app_put(&act, &web, e));
    CHECK_OK(access_app_find(tx, one.id, STR("web"), &arena, &back, e));
    assert_int_equal(back.clip_seconds, 30);
    assert_true(back.suspended);
    assert_false(back.download);
    assert_string_equal(back.model, "subscription");
    CHECK_OK(access_app_list(tx, one.id, no_app, 10, &arena, &list, &count, e));
    assert_int_equal(count, 1);
    CHECK_OK(access_app_list(tx, no_network, no_app, 10, &arena, &list, &count, e));
    assert_int_equal(count, 2);
    web.network = two.id;
    CHECK_FAILS(ERR_INVALID, "stays with its network", access_app_put(&act, &web, e));
}

TEST(an_app_of_no_network_is_refused)
{
    ACT(act);
    struct app p = { .slug = "web" };
    CHECK_FAILS(ERR_NOT_FOUND, "no network", access_app_put(&act, &p, e));
    struct app long_clip = { .slug = "web", .clip_seconds = 90000 };
    CHECK_FAILS(ERR_INVALID, "clip_seconds", access_app_put(&act, &long_clip, e));
}

/* --- keys --- */

TEST(a_key_opens_until_it_is_renewed_revoked_or_over)
{
    ACT(act);
    struct network n = add_network(&act, "one");
    struct app p = add_app(&act, n.id, "web");
    struct app_key k = { .network = n.id,
                         .app = p.id,
                         .name = "server",
                         .scopes = SCOPE_DECIDE | SCOPE_PLAY,
                         .until = { now.us + 1000 } };
    struct app_key back;
    char text[ACCESS_KEY_TEXT], second[ACCESS_KEY_TEXT];
    CHECK_OK(access_key_make(&act, master, &k, text, e));
    assert_int_equal(strlen(text), 78);
    CHECK_OK(access_key_check(tx, master, str_of(text), now, &arena, &back, e));
    assert_int_equal(back.scopes, SCOPE_DECIDE | SCOPE_PLAY);
    assert_true(app_id_equal(back.app, p.id));
    CHECK_FAILS(ERR_UNKNOWN_KEY, "time is over",
                access_key_check(tx, master, str_of(text), (struct instant) { now.us + 1000 },
                                 &arena, &back, e));
    CHECK_OK(access_key_renew(&act, master, k.id, second, e));
    CHECK_FAILS(ERR_UNKNOWN_KEY, "no such key",
                access_key_check(tx, master, str_of(text), now, &arena, &back, e));
    CHECK_OK(access_key_check(tx, master, str_of(second), now, &arena, &back, e));
    back.revoked = true;
    CHECK_OK(access_key_put(&act, &back, e));
    CHECK_FAILS(ERR_UNKNOWN_KEY, "revoked",
                access_key_check(tx, master, str_of(second), now, &arena, &back, e));
}

TEST(a_key_that_differs_in_one_character_is_refused)
{
    ACT(act);
    struct app_key k = { .scopes = SCOPE_ACCESS, .until = INSTANT_NEVER }, back;
    char text[ACCESS_KEY_TEXT];
    CHECK_OK(access_key_make(&act, master, &k, text, e));
    size_t length = strlen(text);
    for (size_t i = 0; i <= length; i++) {
        char was = text[i];
        text[i] = was == '0' ? '1' : '0';
        struct error error;
        if (access_key_check(tx, master, (struct str) { text, length }, now, &arena, &back,
                             &error) != ERR_UNKNOWN_KEY &&
            i < length)
            STOP("character %zu does not matter", i);
        text[i] = was;
        if (i < length)
            CHECK_FAILS(
                ERR_UNKNOWN_KEY, "not a key",
                access_key_check(tx, master, (struct str) { text, i }, now, &arena, &back, e));
    }
    CHECK_FAILS(ERR_UNKNOWN_KEY, "not a key",
                access_key_check(tx, master, (struct str) { NULL, 0 }, now, &arena, &back, e));
    static const uint8_t other[ACCESS_MASTER] = { 9 };
    CHECK_FAILS(ERR_UNKNOWN_KEY, "no such key",
                access_key_check(tx, other, str_of(text), now, &arena, &back, e));
    CHECK_OK(access_key_check(tx, master, str_of(text), now, &arena, &back, e));
}

TEST(no_secret_is_in_the_database)
{
    ACT(act);
    struct app_key k = { .until = INSTANT_NEVER };
    struct user u = { .slug = "ann", .role = ROLE_ADMIN };
    char text[ACCESS_KEY_TEXT], link[ACCESS_TOKEN_TEXT];
    struct journal_event *list;
    size_t count;
    CHECK_OK(access_key_make(&act, master, &k, text, e));
    CHECK_OK(access_user_put(&act, &u, e));
    CHECK_OK(access_password_put(&act, no_network, u.id, STR("correct horse"), e));
    CHECK_OK(access_token_make(&act, ACCESS_LINK, &u, INSTANT_NEVER, link, e));
    CHECK_OK(journal_list(tx, 0, (struct str) { 0 }, 10, &arena, &list, &count, e));
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        assert_null(strstr(list[i].entry.after.at, text + 30));
        assert_null(strstr(list[i].entry.after.at, link));
        assert_null(strstr(list[i].entry.after.at, "argon2"));
        assert_null(strstr(list[i].entry.after.at, "horse"));
    }
    CHECK_OK(store_commit_take(take(tx), e));
    if (fixture_->folder[0]) {
        BUF(file);
        CHECK_OK(
            store_backup(fixture_->store, arena_format(&arena, "%s/copy", fixture_->folder), e));
        CHECK_OK(file_read(arena_format(&arena, "%s/copy", fixture_->folder), 10000000, &file, e));
        assert_null(memmem(file.bytes, file.length, text + 30, 48));
        assert_null(memmem(file.bytes, file.length, link, 64));
        uint8_t raw[32];
        assert_true(hex_decode(str_of(link), raw, 32));
        assert_null(memmem(file.bytes, file.length, raw, 32));
        assert_true(hex_decode(str_of(text + 30), raw, 24));
        assert_null(memmem(file.bytes, file.length, raw, 24));
    }
}

TEST(a_key_keeps_to_its_app)
{
    ACT(act);
    struct network one = add_network(&act, "one"), two = add_network(&act, "two");
    struct app p = add_app(&act, one.id, "web");
    char text[ACCESS_KEY_TEXT];
    struct app_key wrong = { .network = two.id, .app = p.id }, half = { .network = one.id };
    CHECK_FAILS(ERR_INVALID, "not one of that network",
                access_key_make(&act, master, &wrong, text, e));
    CHECK_FAILS(ERR_INVALID, "one of its apps", access_key_make(&act, master, &half, text, e));
    struct app_key k = { .network = one.id, .app = p.id, .until = INSTANT_NEVER }, *list;
    size_t count;
    CHECK_OK(access_key_make(&act, master, &k, text, e));
    k.app = no_app; /* not what a put may change */
    k.network = no_network;
    k.name = "renamed";
    CHECK_OK(access_key_put(&act, &k, e));
    CHECK_OK(
        access_key_list(tx, p.id, (struct app_key_id) { { 0 } }, 10, &arena, &list, &count, e));
    assert_int_equal(count, 1);
    assert_string_equal(list[0].name, "renamed");
    assert_int_equal(list[0].version, 2);
}

/* --- people --- */

TEST(a_password_is_checked_and_nobody_learns_who_is_there)
{
    ACT(act);
    struct user u = { .slug = "ann", .name = "Ann", .role = ROLE_MODERATOR }, back;
    struct timespec start, end;
    CHECK_OK(access_user_put(&act, &u, e));
    CHECK_FAILS(ERR_UNKNOWN_KEY, "name or password",
                access_password_check(tx, no_network, STR("ann"), STR(""), &arena, &back, e));
    CHECK_FAILS(ERR_INVALID, "10 characters",
                access_password_put(&act, no_network, u.id, STR("too short"), e));
    CHECK_OK(access_password_put(&act, no_network, u.id, STR("long enough"), e));
    CHECK_OK(
        access_password_check(tx, no_network, STR("ann"), STR("long enough"), &arena, &back, e));
    assert_int_equal(back.role, ROLE_MODERATOR);
    assert_true(back.has_password);
    CHECK_FAILS(
        ERR_UNKNOWN_KEY, "name or password",
        access_password_check(tx, no_network, STR("ann"), STR("long enougH"), &arena, &back, e));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    CHECK_FAILS(
        ERR_UNKNOWN_KEY, "name or password",
        access_password_check(tx, no_network, STR("bob"), STR("long enough"), &arena, &back, e));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    assert_true((end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec > 2000000);
    back.suspended = true;
    CHECK_OK(access_user_put(&act, &back, e));
    CHECK_FAILS(
        ERR_DENIED, "suspended",
        access_password_check(tx, no_network, STR("ann"), STR("long enough"), &arena, &back, e));
}

TEST(a_link_opens_once_and_a_session_until_it_ends)
{
    ACT(act);
    struct user u = { .slug = "ann", .role = ROLE_ADMIN }, back;
    struct instant later = { now.us + 1000000 };
    char link[ACCESS_TOKEN_TEXT], session[ACCESS_TOKEN_TEXT];
    CHECK_OK(access_user_put(&act, &u, e));
    CHECK_OK(access_token_make(&act, ACCESS_LINK, &u, later, link, e));
    CHECK_OK(access_token_make(&act, ACCESS_SESSION, &u, later, session, e));
    CHECK_FAILS(ERR_UNKNOWN_KEY, "used", /* the one is not the other */
                access_token_check(&act, ACCESS_SESSION, str_of(link), &arena, &back, e));
    CHECK_OK(access_token_check(&act, ACCESS_LINK, str_of(link), &arena, &back, e));
    assert_true(user_id_equal(back.id, u.id));
    CHECK_FAILS(ERR_UNKNOWN_KEY, "used",
                access_token_check(&act, ACCESS_LINK, str_of(link), &arena, &back, e));
    for (int i = 0; i < 2; i++)
        CHECK_OK(access_token_check(&act, ACCESS_SESSION, str_of(session), &arena, &back, e));
    struct access_act after = act;
    after.now = later;
    CHECK_FAILS(ERR_UNKNOWN_KEY, "over",
                access_token_check(&after, ACCESS_SESSION, str_of(session), &arena, &back, e));
    CHECK_OK(access_token_end(&act, str_of(session), e));
    CHECK_FAILS(ERR_UNKNOWN_KEY, "used",
                access_token_check(&act, ACCESS_SESSION, str_of(session), &arena, &back, e));
    CHECK_FAILS(ERR_UNKNOWN_KEY, "not a link",
                access_token_check(&act, ACCESS_LINK, STR("zz"), &arena, &back, e));
}

TEST(uploaders_are_people_of_a_network)
{
    ACT(act);
    struct network n = add_network(&act, "one");
    struct user u = { .network = n.id, .slug = "id 4711", .role = ROLE_UPLOADER }, *list;
    struct user boss = { .network = n.id, .slug = "x", .role = ROLE_ADMIN };
    struct user stray = { .slug = "x", .role = ROLE_UPLOADER };
    size_t count;
    CHECK_OK(access_user_put(&act, &u, e));
    CHECK_FAILS(ERR_INVALID, "\"admin\" is a role of the installation",
                access_user_put(&act, &boss, e));
    CHECK_FAILS(ERR_INVALID, "one of a network", access_user_put(&act, &stray, e));
    CHECK_OK(access_user_list(tx, n.id, (struct user_id) { { 0 } }, 10, &arena, &list, &count, e));
    assert_int_equal(count, 1);
    assert_string_equal(list[0].slug, "id 4711");
    assert_int_equal(access_role_scopes(list[0].role), 0);
}

TEST(words_come_back)
{
    BUF(text);
    unsigned scopes;
    CHECK_OK(access_scopes_parse(STR("play, decide  read"), &scopes, e));
    assert_int_equal(scopes, SCOPE_PLAY | SCOPE_DECIDE | SCOPE_READ);
    access_scopes_format(scopes, &text);
    assert_string_equal((char *)text.bytes, "decide,play,read");
    CHECK_OK(access_scopes_parse(STR("all"), &scopes, e));
    assert_int_equal(scopes, SCOPES_ALL);
    CHECK_OK(access_scopes_parse((struct str) { 0 }, &scopes, e));
    assert_int_equal(scopes, 0);
    CHECK_FAILS(ERR_INVALID, "no scope \"root\"",
                access_scopes_parse(STR("read,root"), &scopes, e));
    for (int r = 0; r < ROLE_COUNT; r++) {
        enum role back;
        CHECK_OK(access_role_parse(str_of(access_role_word((enum role)r)), &back, e));
        assert_int_equal(back, r);
        assert_int_equal(access_role_scopes(back) & ~(unsigned)SCOPES_ALL, 0);
    }
    enum role none;
    CHECK_FAILS(ERR_INVALID, "admin, operator", access_role_parse(STR("king"), &none, e));
}

/* --- faults --- */

static enum code add_all(struct store *s, void *context, struct error *e)
{
    struct store_fixture *f = context;
    TX(tx);
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    struct access_act act = { tx, STR("x"), STR(""), now, &f->chance };
    struct network n = { .slug = "one" };
    struct app p = { .slug = "web" };
    struct app_key k = { .until = INSTANT_NEVER };
    char text[ACCESS_KEY_TEXT];
    TRY(access_network_put(&act, &n, e));
    p.network = n.id;
    TRY(access_app_put(&act, &p, e));
    k.network = n.id;
    k.app = p.id;
    TRY(access_key_make(&act, master, &k, text, e));
    return store_commit_take(take(tx), e);
}

static void nothing_there(struct store *s, void *context)
{
    (void)context;
    assert_int_equal(store_fixture_int(s, "SELECT COUNT(*) FROM access_networks"), 0);
    assert_int_equal(store_fixture_int(s, "SELECT COUNT(*) FROM journal_events"), 0);
    assert_int_equal(store_fixture_int(s, "SELECT size FROM journal_head"), 0);
}

TEST(a_fault_leaves_neither_act_nor_record)
{
    FIXTURE(f);
    assert_true(store_fixture_each_fault(f->store, add_all, nothing_there, f) > 12);
    assert_int_equal(store_fixture_int(f->store, "SELECT size FROM journal_head"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_network_is_new_then_changed_then_left_alone),
        STORE_TEST(every_change_is_in_the_journal_with_before_and_after),
        STORE_TEST(who_changes_an_old_version_is_told),
        STORE_TEST(networks_out_of_form_are_refused),
        STORE_TEST(lists_go_on_where_they_stopped),
        STORE_TEST(apps_belong_to_one_network),
        STORE_TEST(an_app_of_no_network_is_refused),
        STORE_TEST(a_key_opens_until_it_is_renewed_revoked_or_over),
        STORE_TEST(a_key_that_differs_in_one_character_is_refused),
        STORE_TEST(no_secret_is_in_the_database),
        STORE_TEST(a_key_keeps_to_its_app),
        STORE_TEST(a_password_is_checked_and_nobody_learns_who_is_there),
        STORE_TEST(a_link_opens_once_and_a_session_until_it_ends),
        STORE_TEST(uploaders_are_people_of_a_network),
        cmocka_unit_test(words_come_back),
        STORE_TEST(a_fault_leaves_neither_act_nor_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
