/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/desk.h"

/* text, what must be gone from it, what must stay */
static const struct {
    const char *text, *gone, *stays;
} labelled[] = {
    { "write to ann.agent@label.example please", "ann.agent", "please" },
    { "mail: a+b@x.example, thanks", "a+b@", "thanks" },
    { "пишите на anna@почта.example", "anna", "пишите" },
    { "call +49 421 1234567 today", "1234567", "today" },
    { "call (212) 555-0143", "555-0143", "call" },
    { "тел. 8 (495) 123-45-67, звоните", "123-45-67", "звоните" },
    { "my SSN is 078-05-1120.", "078-05-1120", "my" },
    { "passport 4509 123456 issued", "123456", "issued" },
    { "seen from 192.0.2.17 at noon", "192.0.2.17", "noon" },
    { "account DE89370400440532013000 of mine", "0532013000", "of mine" },
    { "account GB29 NWBK 6016 1331 9268 19", "6016", "account" },
    { "Address: 1 Quay Street, Bremen", "Quay", "Address:" },
    { "Postal address: PO Box 7", "Box", "Postal" },
    { "I live at 12 Harbour View Road, Leeds", "Harbour View", "Leeds" },
    { "221b Baker Street", "Baker", "" },
    { "Адрес: Москва, Тверская 1", "Тверская", "Адрес:" },
    { "живу: ул. Ленина, д. 5, кв. 7", "Ленина", "живу" },
    { "/s/ Petra Lindqvist", "Petra", "/s/" },
    { "Signature: Petra Lindqvist", "Lindqvist", "Signature" },
    { "Подпись: Пётр Линд", "Пётр", "Подпись" },
    { "Name: Petra Lindqvist", "Petra", "Name" },
    { "ФИО: Линд Пётр Ильич", "Ильич", "ФИО" },
    { "as Petra Lindqvist I confirm", "Lindqvist", "I confirm" },
    { "as PETRA LINDQVIST I confirm", "LINDQVIST", "I confirm" },
    { "Date of birth: 1 May 1970", "1970", "birth" },
    { "ИНН 7707083893", "7707083893", "ИНН" },
    { "Phone: none of your business", "business", "Phone" },
};

TEST(what_tells_a_person_is_gone)
{
    static const char *const names[] = { "Petra Lindqvist", NULL, "" };
    for (size_t i = 0; i < COUNT_OF(labelled); i++) {
        BUF(out);
        redact(str_of(labelled[i].text), names, COUNT_OF(names), &out);
        const char *text = (const char *)out.bytes;
        if (strstr(text, labelled[i].gone) || !strstr(text, labelled[i].stays))
            STOP("'%s' gave '%s'", labelled[i].text, text);
    }
}

TEST(what_tells_nobody_stays)
{
    static const char *const kept[] = {
        "Ida Voss - Harbour Lights, ISRC QZES02000001, 41 s to 192 s",
        "https://net.example/upl_01h455vb4pex5vsknk084sn02q",
        "received 2026-11-02, decided 2026-11-03",
        "17 U.S.C. 512(c)(3)(A)(vi)",
        "Regulation (EU) 2022/2065, article 16",
        "статья 15.7 149-ФЗ",
        "",
    };
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        BUF(out);
        redact(str_of(kept[i]), NULL, 0, &out);
        if (!str_is(buf_as_str(&out), kept[i]))
            STOP("'%s' gave '%s'", kept[i], (const char *)out.bytes);
    }
}

TEST(lines_stay_lines)
{
    BUF(out);
    redact(STR("one\nName: two\nthree\n"), NULL, 0, &out);
    assert_string_equal((const char *)out.bytes, "one\nName: [redacted]\nthree\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_tells_a_person_is_gone),
        cmocka_unit_test(what_tells_nobody_stays),
        cmocka_unit_test(lines_stay_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
