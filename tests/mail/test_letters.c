/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in all their wrappings give the notice that is in them; hostile ones are named. */
#include "check.h"

#include <stdio.h>

#include "desk/desk.h"
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

static void load(const char *name, struct buf *out)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", MAIL_FIXTURES, name);
    CHECK_OK(file_read(path, 1 << 24, out, e));
}

/* Read in the child, and by desk after it. */
#define LETTER(name)                                                                               \
    ARENA(a);                                                                                      \
    BUF(message);                                                                                  \
    BUF(text);                                                                                     \
    JSON(json);                                                                                    \
    struct notice_draft d;                                                                         \
    load(name, &message);                                                                          \
    CHECK_OK(mail_read(host, buf_as_str(&message), STR("mx.net.example"), &text, e));              \
    CHECK_OK(json_read(buf_as_str(&text), &json, e));                                              \
    CHECK_OK(desk_draft_json(json_object_get(json, "notice"), &a, &d, e))

enum { STATEMENTS = ELEMENT_GOOD_FAITH | ELEMENT_ACCURACY | ELEMENT_AUTHORITY };

static const struct {
    const char *file;
    enum channel channel;
    enum regime regime;
    size_t items;
    const char *location, *title, *artist, *isrc, *principal, *name;
    unsigned says;
} letters[] = {
    { "acns-06-plain.eml", CHANNEL_ACNS, REGIME_DMCA, 1, "https://net.example/p/harbour.mp3",
      "harbour.mp3", "", "", "Lantern Records", "Petra Lindqvist",
      STATEMENTS | ELEMENT_ADDRESS | ELEMENT_PHONE },
    { "acns-07-base64.eml", CHANNEL_ACNS, REGIME_DMCA, 1, "https://net.example/p/upl_01",
      "Harbour Lights", "Ida Voss", "", "Lantern Records", "Petra Lindqvist", STATEMENTS },
    { "acns-10-quoted.eml", CHANNEL_ACNS, REGIME_DMCA, 2, "https://net.example/p/upl_01?x=1&y=2",
      "Harbour Lights", "Ida Voss", "", "Lantern Records", "Petra Lindqvist", STATEMENTS },
    { "acns-12-html.eml", CHANNEL_ACNS, REGIME_DMCA, 1, "https://net.example/p/upl_01",
      "Harbour Lights", "Ida Voss", "", "Lantern Records", "Petra Lindqvist", STATEMENTS },
    { "acns-12-pgp.eml", CHANNEL_ACNS, REGIME_DMCA, 1, "https://net.example/p/upl_01",
      "Harbour Lights", "Ida Voss", "", "Lantern Records", "Petra Lindqvist",
      STATEMENTS | ELEMENT_SIGNATURE },
    { "acns-12-signed-part.eml", CHANNEL_ACNS, REGIME_DMCA, 1, "https://net.example/p/upl_01",
      "Harbour Lights", "Ida Voss", "", "Lantern Records", "Petra Lindqvist",
      STATEMENTS | ELEMENT_SIGNATURE },
    { "acns-bare-ampersand.eml", CHANNEL_ACNS, REGIME_DMCA, 1, "https://net.example/p?a=1&b=upl_01",
      "Harbour Lights", "Ida Voss", "", "Lantern Records", "Petra Lindqvist", ELEMENT_ADDRESS },
    { "acns-prefix-forwarded.eml", CHANNEL_ACNS, REGIME_DMCA, 1, "https://net.example/p/upl_01",
      "Harbour Lights", "Ida Voss", "", "Lantern Records", "Petra Lindqvist", ELEMENT_PHONE },
    { "label-lines.eml", CHANNEL_EMAIL, REGIME_DMCA, 2, "https://net.example/p/upl_01",
      "Harbour Lights", "Ida Voss", "", "Lantern Records", "Petra Lindqvist",
      STATEMENTS | ELEMENT_SIGNATURE | ELEMENT_ADDRESS | ELEMENT_PHONE | ELEMENT_WORK },
    { "label-tags.eml", CHANNEL_EMAIL, REGIME_DSA16, 3, "https://net.example/p/upl_01",
      "Harbour Lights", "Ida Voss", "QZES02000001", "", "Petra Lindqvist",
      STATEMENTS | ELEMENT_SIGNATURE | ELEMENT_EXPLANATION },
    { "label-russian-koi8.eml", CHANNEL_EMAIL, REGIME_RU15_7, 1, "https://net.example/p/upl_01",
      "Огни гавани", "Ида Восс", "", "Лантерн", "Пётр Линд",
      ELEMENT_SIGNATURE | ELEMENT_NO_PERMISSION | ELEMENT_IDENTITY | ELEMENT_PROOF_OF_RIGHT |
          ELEMENT_POWER },
    { "label-html.eml", CHANNEL_EMAIL, REGIME_DMCA, 2, "https://net.example/p/upl_01",
      "Harbour Lights", "Ida Voss", "", "", "Petra Lindqvist", STATEMENTS },
};

#define SAME(text, wanted)                                                                         \
    if (!str_is(text, wanted))                                                                     \
    STOP("%s: '%.*s', not '%s'", letters[i].file, STR_ARG(text), wanted)

TEST(each_wrapping_gives_its_notice)
{
    for (size_t i = 0; i < COUNT_OF(letters); i++) {
        LETTER(letters[i].file);
        assert_int_equal(d.channel, letters[i].channel);
        assert_int_equal(d.regime, letters[i].regime);
        if (d.item_count != letters[i].items)
            STOP("%s: %zu items", letters[i].file, d.item_count);
        SAME(d.items[0].location, letters[i].location);
        SAME(d.items[0].title, letters[i].title);
        SAME(d.items[0].artist, letters[i].artist);
        SAME(d.items[0].isrc, letters[i].isrc);
        SAME(d.principal, letters[i].principal);
        SAME(d.name, letters[i].name);
        if ((d.elements & letters[i].says) != letters[i].says)
            STOP("%s: says %x, not %x", letters[i].file, d.elements, letters[i].says);
    }
}

TEST(each_work_stands_by_its_own_link)
{
    LETTER("label-tags.eml");
    assert_true(str_is(d.items[2].title, "Night Ferry"));
    assert_true(str_is(d.items[2].artist, "Ida Voss"));
    assert_int_equal(d.items[2].isrc.length, 0); /* of the work before */
}

TEST(a_signature_found_good_by_ones_own_server_is_told)
{
    LETTER("label-lines.eml");
    const json_t *domains = json_object_get(json, "authenticated");
    assert_int_equal(json_array_size(domains), 1);
    buf_clear(&text);
    CHECK_OK(mail_read(host, buf_as_str(&message), STR("mx.other.example"), &text, e));
    assert_non_null(strstr((const char *)text.bytes, "\"authenticated\":[]"));
}

TEST(what_is_no_notice_is_refused_by_name)
{
    static const struct {
        const char *file, *word;
    } rows[] = {
        { "bad-two-senders.eml", "more than one sender" },
        { "bad-no-sender.eml", "no sender" },
        { "bad-nothing.eml", "names no link" },
        { "bad-doctype.eml", "document type" },
        { "bad-empty-acns.eml", "no item" },
        { "bad-cut.eml", "no ACNS" },
        { "bad-encrypted.eml", "encrypted" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        BUF(message);
        BUF(text);
        load(rows[i].file, &message);
        CHECK_FAILS(ERR_INVALID, rows[i].word,
                    mail_read(host, buf_as_str(&message), STR(""), &text, e));
    }
}

/* Deep nesting, an endless header, a bomb of parts: the child may give up, the program goes on. */
TEST(what_breaks_the_child_breaks_nothing_else)
{
    BUF(deep);
    BUF(said);
    struct error why = { 0 };
    buf_text(&deep, "From: a@b.example\r\n");
    for (int i = 0; i < 20000; i++)
        buf_format(&deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
    buf_text(&deep, "\r\nhttps://net.example/upl_01\r\n");
    enum code code = mail_read(host, buf_as_str(&deep), STR(""), &said, &why);
    assert_true(code == OK || code == ERR_INVALID || code == ERR_LIMIT);
    LETTER("label-lines.eml");
    assert_int_equal(d.item_count, 2);
}

TEST(a_hundred_thousand_links_are_taken_and_more_refused)
{
    BUF(many);
    BUF(text);
    buf_text(&many, "From: a@b.example\r\n\r\nArtist: Ida Voss\n");
    for (int i = 0; i < MAIL_LINKS_MOST; i++)
        buf_format(&many, "https://net.example/upl_%06d\n", i);
    CHECK_OK(mail_read(host, buf_as_str(&many), STR(""), &text, e));
    buf_text(&many, "https://net.example/upl_more\n");
    buf_clear(&text);
    CHECK_FAILS(ERR_LIMIT, "more than 100000",
                mail_read(host, buf_as_str(&many), STR(""), &text, e));
}

TEST(a_mailbox_gives_its_messages_as_they_were)
{
    ARENA(a);
    BUF(bytes);
    struct str message;
    int count = 0;
    load("three.mbox", &bytes);
    struct str box = buf_as_str(&bytes);
    assert_true(mail_box_looks_like(box));
    while (mail_box_next(&box, &a, &message)) {
        assert_true(mail_looks_like(message));
        if (count++ == 0)
            assert_non_null(memmem(message.at, message.length, "\nFrom now on", 12));
    }
    assert_int_equal(count, 3);
    assert_false(mail_looks_like(STR("sender,location\na@b.example,upl_1\n")));
    assert_false(mail_looks_like(STR("{\"sender\": 1}")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wrapping_gives_its_notice),
        cmocka_unit_test(each_work_stands_by_its_own_link),
        cmocka_unit_test(a_signature_found_good_by_ones_own_server_is_told),
        cmocka_unit_test(what_is_no_notice_is_refused_by_name),
        cmocka_unit_test(what_breaks_the_child_breaks_nothing_else),
        cmocka_unit_test(a_hundred_thousand_links_are_taken_and_more_refused),
        cmocka_unit_test(a_mailbox_gives_its_messages_as_they_were),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
