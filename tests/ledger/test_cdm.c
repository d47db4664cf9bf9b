/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "ledger/ledger.h"

#define HEAD(more)                                                                                 \
    "CDMH.01\tCDM/2.0/5.0/"                                                                        \
    "2.0\tm1\t2027-03-01T10:00:00Z\tClaimsAmounts\t2.0\t\tstm_x\t2027-02-01\t"                     \
    "2027-02-28\tPADPIDA0000000000X\tSociety\t\t\tPlatform\n" more
#define SUMMARY(id, territory)                                                                     \
    "CS01.01\t" id "\t\t\t\t\t\t2027-02-01\t2027-02-28\tSubscriptionModel\tStream\t" territory     \
    "\t\tUSD\tEUR\n"
#define CLAIM(id, summary, resource, mechanical, performing, blended, amount)                      \
    "CD01.01\t" id "\t" summary "\t" resource "\tXXN002700001\tSong\tSinger\t\tw1\t\tWork\t\t\t\t" \
    "Copyright\t" mechanical "\t" performing "\t" blended "\t\t10\t\t\t\t\t\t\t\t" amount "\n"

static void read(const char *text, struct arena *a, struct cdm *out)
{
    CHECK_OK(cdm_read(str_of(text), a, out, e));
}

TEST(claims_are_read_with_their_summary)
{
    ARENA(a);
    struct cdm c;
    read(HEAD(SUMMARY("1", "DE") CLAIM("c1", "1", "rec_a", "60", "40.5", "50.25",
                                       "3.123456") "CX01\tc1\tmore\r\nSRFO\t5\n"),
         &a, &c);
    assert_string_equal(c.message, "m1");
    assert_string_equal(c.sales_report, "stm_x");
    assert_string_equal(c.sender, "Society");
    assert_string_equal(c.recipient, "Platform");
    assert_int_equal(c.claim_count, 1);
    assert_int_equal(c.passed_over, 1);
    assert_string_equal(c.claims[0].territory, "DE");
    assert_string_equal(c.claims[0].currency, "EUR");
    assert_int_equal(c.claims[0].shares.mechanical, 60000000);
    assert_int_equal(c.claims[0].shares.performing, 40500000);
    assert_int_equal(c.claims[0].shares.blended, 50250000);
    assert_int_equal(c.claims[0].amount_e8, 312345600);
    assert_int_equal(c.claims[0].usages_e8, 1000000000);
}

TEST(the_file_may_tell_the_order_of_its_cells)
{
    ARENA(a);
    struct cdm c;
    read(HEAD("#CDD3\tClaimDiscrepancyId\tShareClaimedMechanical\tLicensorName\n"
              "CDS1\t1\nCDD2\td1\tc1\t1\tOverclaim\t\trec_a\tSong\n"
              "CDD3\td1\t60\tSociety\nCDD3\td1\t1.0000\tOther \\| Society\nSRFO\n"),
         &a, &c);
    assert_int_equal(c.overclaim_count, 1);
    assert_int_equal(c.overclaims[0].count, 2);
    assert_string_equal(c.overclaims[0].parties[1].name, "Other | Society");
    assert_int_equal(c.overclaims[0].parties[0].shares.mechanical, 60000000);
    /* "1.0000" is the whole */
    assert_int_equal(c.overclaims[0].parties[1].shares.mechanical, 100000000);
    assert_int_equal(c.overclaims[0].parties[1].shares.performing, -1);
}

TEST(claims_of_several_licensors_are_weighed_together)
{
    static const struct {
        const char *first, *second;
        enum cdm_status want;
    } rows[] = {
        { "60", "40", CDM_COMPLETE },
        { "60", "30", CDM_UNDER },
        { "60", "55", CDM_MINOR_OVER },
        { "60", "55.000001", CDM_MAJOR_OVER },
        { "60", "60", CDM_MAJOR_OVER },
        { "33.333333", "66.666667", CDM_COMPLETE },
        { "66.666667", "33.333334", CDM_COMPLETE },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ARENA(a);
        struct cdm c[2];
        struct cdm_total *t;
        size_t n;
        read(arena_format(
                 &a,
                 HEAD(SUMMARY("1", "DE") CLAIM("c", "1", "rec_a", "%s", "", "", "1.00") "SRFO\n"),
                 rows[i].first),
             &a, &c[0]);
        read(arena_format(&a,
                          HEAD(SUMMARY("7", "DE") SUMMARY("8", "FR")
                                   CLAIM("d", "7", "rec_a", "%s", "", "", "0.50")
                                       CLAIM("e", "8", "rec_a", "100", "", "", "2.00") "SRFO\n"),
                          rows[i].second),
             &a, &c[1]);
        CHECK_OK(cdm_totals(c, 2, &a, &t, &n, e));
        assert_int_equal(n, 2);
        assert_string_equal(t[0].territory, "DE");
        assert_int_equal(t[0].claims, 2);
        assert_int_equal(t[0].amount_e8, 150000000);
        assert_int_equal(t[0].status, rows[i].want);
        assert_int_equal(t[1].status, CDM_COMPLETE);
    }
}

TEST(what_is_wrong_is_told_with_line_and_cell)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "", "SRFO: the message ends without it" },
        { "CD01.01\tc\n", "line 1: CDMH: it stands first" },
        { "CDMH\tCDM/1\t\n", "line 1: MessageId: it is empty" },
        { HEAD(CLAIM("c", "1", "rec_a", "60", "", "", "1") "SRFO\n"),
          "line 2: SummaryRecordId: there is no such summary" },
        { HEAD(SUMMARY("1", "DE") CLAIM("c", "1", "", "60", "", "", "1") "SRFO\n"),
          "line 3: DspResourceId: it is empty" },
        { HEAD(SUMMARY("1", "DE") CLAIM("c", "1", "rec_a", "x", "", "", "1") "SRFO\n"),
          "line 3: ShareClaimedMechanical: " },
        { HEAD(SUMMARY("1", "DE") CLAIM("c", "1", "rec_a", "-5", "", "", "1") "SRFO\n"),
          "a share is not negative" },
        { HEAD("CDD2\td1\t\t1\tOverclaim\t\trec_a\nCDD3\td1\tA\t\t60\nSRFO\n"),
          "line 2: CDD2: two CDD3 or more" },
        { HEAD("CDD3\td1\tA\t\t60\nSRFO\n"), "line 2: ClaimDiscrepancyId" },
        { HEAD("SRFO\t9\n"), "line 2: NumberOfLinesInFile" },
        { HEAD("SRFO\nCX01\n"), "line 3: SRFO: it stands last" },
        { HEAD(HEAD("SRFO\n")), "line 2: CDMH: it stands twice" },
        { "CDMH\t\xFF", "UTF-8" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ARENA(a);
        struct cdm c;
        CHECK_FAILS(ERR_INVALID, rows[i].says, cdm_read(str_of(rows[i].text), &a, &c, e));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_read_with_their_summary),
        cmocka_unit_test(the_file_may_tell_the_order_of_its_cells),
        cmocka_unit_test(claims_of_several_licensors_are_weighed_together),
        cmocka_unit_test(what_is_wrong_is_told_with_line_and_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
