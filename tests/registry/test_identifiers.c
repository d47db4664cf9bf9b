/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "registry/registry.h"

static enum code parse_dpid(struct str text, char out[IDENTIFIER_TEXT], struct error *e)
{
    bool checks = false;
    TRY(dpid_parse(text, out, &checks, e));
    return checks ? OK : fail(e, ERR_INVALID, "the check digit of DPID is wrong");
}

typedef enum code parse_fn(struct str text, char out[IDENTIFIER_TEXT], struct error *e);

static const struct good {
    parse_fn *parse;
    const char *text, *plain;
} goods[] = {
    { isrc_parse, "JPTO09404900", "JPTO09404900" },
    { isrc_parse, "jp-to0-94-04900", "JPTO09404900" },
    { isrc_parse, "QM6N22100001", "QM6N22100001" },
    { iswc_parse, "T0345246801", "T0345246801" },
    { iswc_parse, "T-034.524.680-1", "T0345246801" },
    { iswc_parse, "T0000000010", "T0000000010" },
    { iswc_parse, "T9109247316", "T9109247316" },
    { ipi_base_parse, "I-001068130-6", "I-001068130-6" },
    { ipi_base_parse, "I-000000229-7", "I-000000229-7" },
    { ipi_base_parse, "i0000002297", "I-000000229-7" },
    { ipi_name_parse, "00014107338", "00014107338" },
    { ipi_name_parse, "14107338", "00014107338" },
    { isni_parse, "0000000081266409", "0000000081266409" },
    { isni_parse, "0000 0001 2103 2683", "0000000121032683" },
    { isni_parse, "000000012146438X", "000000012146438X" },
    { gtin_parse, "0094631432057", "0094631432057" },
    { gtin_parse, "094631432057", "094631432057" },
    { gtin_parse, "00094631432057", "00094631432057" },
    { grid_parse, "A12425GABC1234002M", "A12425GABC1234002M" },
    { grid_parse, "A1-2425G-ABC1234002-M", "A12425GABC1234002M" },
    { parse_dpid, "PADPIDA2013042401U", "PADPIDA2013042401U" },
    { parse_dpid, "PA-DPIDA-2013042401-U", "PADPIDA2013042401U" },
};

TEST(known_identifiers_are_taken_and_made_plain)
{
    for (size_t i = 0; i < COUNT_OF(goods); i++) {
        char out[IDENTIFIER_TEXT];
        CHECK_OK(goods[i].parse(str_of(goods[i].text), out, e));
        assert_string_equal(out, goods[i].plain);
    }
}

TEST(a_plain_identifier_is_its_own_plain_form)
{
    for (size_t i = 0; i < COUNT_OF(goods); i++) {
        char out[IDENTIFIER_TEXT];
        CHECK_OK(goods[i].parse(str_of(goods[i].plain), out, e));
        assert_string_equal(out, goods[i].plain);
    }
}

static const struct bad {
    parse_fn *parse;
    const char *text, *says;
} bads[] = {
    { isrc_parse, "", "form of ISRC" },
    { isrc_parse, "JPTO0940490", "form of ISRC" },
    { isrc_parse, "JPTO094049000", "form of ISRC" },
    { isrc_parse, "J1TO09404900", "form of ISRC" },
    { isrc_parse, "JPTO0940490O", "form of ISRC" },
    { isrc_parse, "JPTO09404900JPTO09404900JPTO09404900", "form of ISRC" },
    { iswc_parse, "T0345246802", "check digit of ISWC" },
    { iswc_parse, "0345246801", "form of ISWC" },
    { ipi_base_parse, "I-001068130-7", "check digit of IPI base" },
    { ipi_name_parse, "00014107339", "check digit of IPI name" },
    { ipi_name_parse, "12", "form of IPI name" },
    { isni_parse, "0000000081266408", "check digit of ISNI" },
    { isni_parse, "000000008126640", "form of ISNI" },
    { gtin_parse, "0094631432058", "check digit of EAN" },
    { gtin_parse, "12345678901", "form of EAN" },
    { grid_parse, "A12425GABC1234002N", "check digit of GRid" },
    { grid_parse, "B12425GABC1234002M", "form of GRid" },
    { parse_dpid, "PADPIDA2014999999Z", "check digit of DPID" },
    { parse_dpid, "PADPIDA0000000001A", "check digit of DPID" },
    { parse_dpid, "PADPIDB2013042401U", "form of DPID" },
};

TEST(wrong_forms_and_wrong_checks_are_told_apart)
{
    for (size_t i = 0; i < COUNT_OF(bads); i++) {
        char out[IDENTIFIER_TEXT];
        CHECK_FAILS(ERR_INVALID, bads[i].says, bads[i].parse(str_of(bads[i].text), out, e));
    }
}

/* MOD 37,36, MOD 11-2 and GS1 find any single wrong digit; the IPI name number too. */
TEST(one_changed_digit_is_always_found)
{
    static const struct good strong[] = {
        { isni_parse, "0000000121032683", "" },   { gtin_parse, "0094631432057", "" },
        { grid_parse, "A12425GABC1234002M", "" }, { parse_dpid, "PADPIDA2013042401U", "" },
        { ipi_name_parse, "00014107338", "" },
    };
    for (size_t i = 0; i < COUNT_OF(strong); i++) {
        for (size_t at = 0; strong[i].text[at]; at++) {
            for (char c = '0'; c <= '9'; c++) {
                char text[IDENTIFIER_TEXT + 1], out[IDENTIFIER_TEXT];
                snprintf(text, sizeof text, "%s", strong[i].text);
                if (text[at] == c)
                    continue;
                text[at] = c;
                struct error e = { 0 };
                assert_int_not_equal(strong[i].parse(str_of(text), out, &e), OK);
            }
        }
    }
}

TEST(a_text_with_a_hidden_end_is_refused)
{
    char out[IDENTIFIER_TEXT];
    CHECK_FAILS(ERR_INVALID, "form", isrc_parse((struct str) { "JPTO09404900\0", 13 }, out, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_identifiers_are_taken_and_made_plain),
        cmocka_unit_test(a_plain_identifier_is_its_own_plain_form),
        cmocka_unit_test(wrong_forms_and_wrong_checks_are_told_apart),
        cmocka_unit_test(one_changed_digit_is_always_found),
        cmocka_unit_test(a_text_with_a_hidden_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
