/* SPDX-License-Identifier: Apache-2.0 */
/* What comes in: mail, orders, whoever claims to be somebody, and what is no notice at all. */
#include "town.h"

#include <stdio.h>

#include "mail/mail.h"

static struct confine_host *host;

static int begin(void **state)
{
    struct error e = { 0 };
    (void)state;
    return mail_host_start(&host, &e) == OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    confine_host_stop(host);
    return 0;
}

/* ---- mail ---- */

static const char *letter_of(struct arena *a, const char *front, const char *mailbox,
                             const char *id, const char *text)
{
    return arena_format(a,
                        "%sFrom: Ann Agent <%s>\r\nMessage-ID: <%s>\r\nSubject: DMCA\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n"
                        "Good faith; the notice is accurate; under penalty of perjury.\r\n"
                        "Address: 1 Street\r\n/s/ Ann Agent\r\n",
                        front, mailbox, id, text);
}

static enum code mail(struct scene *s, struct arena *a, const char *text, struct mailed *out,
                      struct error *e)
{
    return flow_notice_mail(s->world, host, str_of(text), a, out, e);
}

static const char *line_for(struct arena *a, struct upload_id up)
{
    char text[ID_TEXT];
    return arena_format(a, "On behalf of: holder\r\nSinger - Song https://net.example/%s",
                        upload_id_format(up, text));
}

TEST(mail_waits_for_its_mailbox_and_is_the_same_when_it_comes_again)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    struct mailed one, two, three;
    char id[ID_TEXT];
    found_town(&s, &p);
    struct upload_id up = upload(&p, true);
    const char *text = line_for(&a, up);
    CHECK_OK(mail(&s, &a, letter_of(&a, "", "ann@agent.example", "1@x", text), &one, e));
    CHECK_OK(mail(&s, &a, letter_of(&a, "Received: by b\r\n", "ann@agent.example", "1@x", text),
                  &two, e));
    CHECK_OK(mail(&s, &a, letter_of(&a, "", "ann@agent.example", "2@x", text), &three, e));
    assert_true(one.received.confirm.length > 0 && !one.received.known);
    assert_true(two.received.known && three.received.known);
    assert_true(notice_id_equal(one.received.notice, three.received.notice));
    work(&s);
    assert_int_equal(item_of(&s, &a, one.received.notice).now.state, ITEM_WAITING);
    CHECK_OK(flow_notice_confirm(s.world, str_of(notice_id_format(one.received.notice, id)),
                                 one.received.confirm, e));
    work(&s);
    struct notice_item item = item_of(&s, &a, one.received.notice);
    assert_true(upload_id_equal(item.upload, up));
    assert_int_equal(item.channel, CHANNEL_EMAIL);
    assert_int_equal(item.now.state, ITEM_QUEUED); /* no mandate is shown: a person looks */
    all_is_whole(&s);
    scene_end(&s);
}

/* Only the line of the operator's own server counts, and only for the sender's own domain. */
TEST(a_forged_sender_proves_nothing)
{
    static const struct {
        const char *front;
        bool proven;
    } rows[] = {
        { "", false },
        { "Authentication-Results: mx.net.example; dkim=pass header.d=holder.example\r\n", true },
        { "Authentication-Results: mx.net.example; dkim=fail header.d=holder.example\r\n", false },
        { "Authentication-Results: mx.net.example; dkim=pass header.d=evil.example\r\n", false },
        { "Authentication-Results: mx.net.example; dkim=pass header.d=example\r\n", false },
        { "Authentication-Results: mx.evil.example; dkim=pass header.d=holder.example\r\n", false },
        { "Authentication-Results: mx.evil.example; none\r\n"
          "Authentication-Results: mx.net.example; dkim=pass header.d=holder.example\r\n",
          false },
    };
    ARENA(a);
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    CHECK_OK(settings_flag(&s.settings, STR("desk.mail_authority=mx.net.example"), e));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct mailed got;
        const char *id = arena_format(&a, "%zu@x", i);
        const char *mailbox = arena_format(&a, "a%zu@holder.example", i);
        CHECK_OK(mail(&s, &a,
                      letter_of(&a, rows[i].front, mailbox, id, line_for(&a, upload(&p, true))),
                      &got, e));
        assert_int_equal(got.received.confirm.length == 0, rows[i].proven);
    }
    scene_end(&s);
}

TEST(a_retraction_withdraws_when_it_is_proven_to_be_theirs)
{
    static const char acns[] =
        "From: a@holder.example\r\nMessage-ID: <%d@x>\r\n\r\nGood faith, is accurate, penalty of "
        "perjury, /s/\r\n<Infringement><Case><ID>C-1</ID></Case><Complainant><Entity>holder"
        "</Entity><Address>1 Street</Address></Complainant><Content><Item><Title>Song</Title><URL>"
        "%s</URL></Item></Content><Type Retraction=\"%s\">Copyright</Type></Infringement>\r\n";
    ARENA(a);
    STAGE(s);
    struct place p;
    struct mailed got, back;
    char up[ID_TEXT];
    found_town(&s, &p);
    vouch(&s, "a@holder.example");
    CHECK_OK(settings_flag(&s.settings, STR("desk.mail_authority=mx"), e));
    struct upload_id id = upload(&p, true);
    upload_id_format(id, up);
    CHECK_OK(mail(&s, &a, arena_format(&a, acns, 1, up, "false"), &got, e));
    work(&s);
    assert_string_equal(verdict(&s, &a, id), "restricted");
    const char *retraction = arena_format(&a, acns, 2, up, "true");
    CHECK_FAILS(ERR_DENIED, "not proven", mail(&s, &a, retraction, &back, e));
    assert_string_equal(verdict(&s, &a, id), "restricted");
    const char *proven = arena_format(
        &a, "Authentication-Results: mx; dkim=pass header.d=holder.example\r\n%s", retraction);
    CHECK_OK(mail(&s, &a, proven, &back, e));
    assert_true(back.retraction && notice_id_equal(back.received.notice, got.received.notice));
    assert_string_not_equal(verdict(&s, &a, id), "restricted");
    all_is_whole(&s);
    scene_end(&s);
}

/* ---- a Maildir ---- */

struct taken {
    size_t good, bad;
};

static enum code count_taken(void *ctx, const char *file, enum code code, const struct mailed *got,
                             const struct error *why, struct error *e)
{
    struct taken *t = ctx;
    (void)file;
    (void)got;
    (void)why;
    (void)e;
    if (code == OK)
        t->good++;
    else
        t->bad++;
    return OK;
}

static void deliver(struct arena *a, const char *folder, const char *name, const char *text)
{
    CHECK_OK(file_write(arena_format(a, "%s/new/%s", folder, name), text, strlen(text), 0600, e));
}

TEST(a_maildir_is_emptied_and_what_is_no_notice_is_flagged)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    struct taken t = { 0, 0 };
    size_t count;
    found_town(&s, &p);
    const char *folder = arena_format(&a, "%s/mail", s.folder);
    static const char *const parts[] = { "", "/new", "/cur", "/tmp" };
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        CHECK_OK(file_make_folder(arena_format(&a, "%s%s", folder, parts[i]), 0700, e));
    const char *text = line_for(&a, upload(&p, true));
    deliver(&a, folder, "1.a", letter_of(&a, "", "ann@agents.example", "m1@agents.example", text));
    deliver(&a, folder, "2.b", "no header at all");
    deliver(&a, folder, "3.c", letter_of(&a, "", "ann@agents.example", "m1@agents.example", text));
    deliver(&a, folder, ".hidden", "x");
    CHECK_OK(flow_maildir_take(s.world, host, folder, 2, count_taken, &t, &count, e));
    assert_int_equal(count, 2);
    CHECK_OK(flow_maildir_take(s.world, host, folder, 100, count_taken, &t, &count, e));
    assert_int_equal(count, 1); /* the same again: it is known */
    assert_int_equal(t.good, 2);
    assert_int_equal(t.bad, 1);
    static const char *const moved[] = { "1.a:2,S", "2.b:2,FS", "3.c:2,S" };
    for (size_t i = 0; i < COUNT_OF(moved); i++)
        assert_int_equal(access(arena_format(&a, "%s/cur/%s", folder, moved[i]), F_OK), 0);
    TX(tx);
    struct notice *list;
    CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
    CHECK_OK(desk_notice_list(tx, (struct notice_id) { { 0 } }, 10, &a, &list, &count, e));
    assert_int_equal(count, 1);
    store_rollback(take(tx));
    scene_end(&s);
}

/* ---- orders ---- */

static struct received order_of(struct scene *s, struct arena *a, struct upload_id up,
                                const char *territories)
{
    JSON(json);
    char text[ID_TEXT];
    struct notice_draft d;
    struct received out;
    const char *notice = arena_format(
        a,
        "{\"sender\":\"court@justice.example\",\"name\":\"Registry\",\"regime\":\"dsa9\","
        "\"channel\":\"court\",\"order\":{\"authority\":\"Court of Lyon\",\"number\":\"26/117\","
        "\"country\":\"FR\",\"territories\":\"%s\"},\"items\":[{\"location\":\"%s\"}]}",
        territories, upload_id_format(up, text));
    CHECK_OK(json_read(str_of(notice), &json, e));
    CHECK_OK(desk_draft_json(json, a, &d, e));
    d.raw = str_of(notice);
    d.proven = true;
    CHECK_OK(flow_notice_receive_shared(s->world, STR("desk"), &d, a, &out, e));
    return out;
}

static int64_t count_in(struct scene *s, const char *sql)
{
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    CHECK_OK(store_begin(world_store(s->world), STORE_READ, &tx, e));
    CHECK_OK(store_one(tx, sql, SQL_NONE, &r, &found, e));
    return store_int(r, 0);
}

static void move(struct scene *s, struct arena *a, struct item_id id, const char *event,
                 const char *reason)
{
    char text[ID_TEXT];
    struct notice_item out;
    struct item_act x = { str_of(item_id_format(id, text)), str_of(event), str_of(reason),
                          STR("ann"), STR("read the order") };
    CHECK_OK(flow_notice_act(s->world, &x, a, &out, e));
}

TEST(an_order_holds_where_it_reaches_and_is_no_strike)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    char text[ID_TEXT];
    found_town(&s, &p);
    struct upload_id up = upload(&p, true), copy = upload(&p, true);
    struct received got = order_of(&s, &a, up, "");
    assert_int_equal(got.missing, 0);
    work(&s);
    struct notice_item item = item_of(&s, &a, got.notice);
    assert_int_equal(item.now.state, ITEM_QUEUED); /* a person reads orders, and reads them first */
    assert_int_equal(item.class, CLASS_ORDER);
    assert_string_not_equal(verdict_in(&s, &a, up, "FR"), "order");
    static const char clocks[] =
        "SELECT COUNT(*) FROM desk_timers WHERE clock = 'order' AND due IS "
        "NOT NULL";
    assert_int_equal(count_in(&s, clocks), 1); /* until the authority is told: DSA 9 */
    move(&s, &a, item.id, "claim", "");
    move(&s, &a, item.id, "restrict", "order");
    assert_int_equal(count_in(&s, clocks), 0);
    assert_string_equal(verdict_in(&s, &a, up, "FR"), "order");
    assert_string_not_equal(verdict_in(&s, &a, up, "DE"), "order");
    assert_string_not_equal(verdict_in(&s, &a, up, "DE"), "restricted");
    assert_string_not_equal(verdict_in(&s, &a, copy, "FR"), "stay_down");
    assert_int_equal(count_in(&s, "SELECT COUNT(*) FROM desk_strikes"), 0);
    assert_int_equal(count_in(&s, "SELECT COUNT(*) FROM desk_decisions WHERE territories = 'FR'"),
                     1);
    CHECK_OK(
        flow_notice_withdraw(s.world, str_of(notice_id_format(got.notice, text)), STR("court"), e));
    assert_string_not_equal(verdict_in(&s, &a, up, "FR"), "order");
    all_is_whole(&s);
    scene_end(&s);
}

TEST(an_order_says_whose_it_is)
{
    static const struct {
        const char *text, *word;
    } rows[] = {
        { "{\"sender\":\"a@b.example\",\"regime\":\"dsa9\",\"items\":[{\"location\":\"x\"}]}",
          "authority" },
        { "{\"sender\":\"a@b.example\",\"regime\":\"dsa9\",\"order\":{\"authority\":\"A\","
          "\"number\":\"1\",\"country\":\"Narnia\"},\"items\":[{\"location\":\"x\"}]}",
          "order" },
        { "{\"sender\":\"a@b.example\",\"regime\":\"ru15_2\",\"order\":{\"authority\":\"A\","
          "\"number\":\"1\",\"country\":\"RU\",\"territories\":\"Nowhere\"},\"items\":"
          "[{\"location\":\"x\"}]}",
          "territories" },
        { "{\"sender\":\"a@b.example\",\"order\":{\"authority\":\"A\",\"number\":\"1\"},\"items\":"
          "[{\"location\":\"x\"}]}",
          "no regime of orders" },
    };
    STAGE(s);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ARENA(a);
        JSON(json);
        struct notice_draft d;
        struct received out;
        CHECK_OK(json_read(str_of(rows[i].text), &json, e));
        CHECK_OK(desk_draft_json(json, &a, &d, e));
        CHECK_FAILS(ERR_INVALID, rows[i].word,
                    flow_notice_receive_shared(s.world, STR("desk"), &d, &a, &out, e));
    }
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(mail_waits_for_its_mailbox_and_is_the_same_when_it_comes_again),
        STORE_TEST(a_forged_sender_proves_nothing),
        STORE_TEST(a_retraction_withdraws_when_it_is_proven_to_be_theirs),
        STORE_TEST(a_maildir_is_emptied_and_what_is_no_notice_is_flagged),
        STORE_TEST(an_order_holds_where_it_reaches_and_is_no_strike),
        STORE_TEST(an_order_says_whose_it_is),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
