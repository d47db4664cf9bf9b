/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include "licence/licence.h"
#include "registry/registry.h"

static const struct import_kind *const kinds[] = { &import_catalogue, &import_parties,
                                                   &import_policies, &import_licences };

static enum code name_network(void *ctx, struct store_tx *tx, struct str slug,
                              struct network_id *out, struct error *e)
{
    (void)ctx;
    (void)tx;
    *out = (struct network_id) { { 1 } };
    return str_is(slug, "agora")
               ? OK
               : fail(e, ERR_NOT_FOUND, "there is no network \"%.*s\"", STR_ARG(slug));
}

static enum code name_app(void *ctx, struct store_tx *tx, struct str slug, struct app_id *out,
                          struct error *e)
{
    (void)ctx;
    (void)tx;
    *out = (struct app_id) { { str_is(slug, "web") ? 2 : 3 } };
    return str_is(slug, "web") || str_is(slug, "agora/phone")
               ? OK
               : fail(e, ERR_NOT_FOUND, "there is no app \"%.*s\"", STR_ARG(slug));
}

static struct party_id holder; /* of the imports that follow; none: anybody's */

static enum code import(struct store_fixture *f, struct str text, bool dry, struct arena *a,
                        struct import_report *r, struct error *e)
{
    const struct import_names names = { NULL, name_network, name_app };
    const struct import_options o = { .who = STR("tester"),
                                      .why = STR("a test"),
                                      .now = { 1700000000000000 },
                                      .chance = &f->chance,
                                      .names = &names,
                                      .holder = holder,
                                      .dry_run = dry };
    return registry_import(f->store, kinds, COUNT_OF(kinds), text, &o, a, r, e);
}

/* Import `text`; the report in one line: kind, counters that are not zero, problems. */
static void summary(struct store_fixture *f, struct str text, bool dry, struct buf *out)
{
    ARENA(a);
    struct import_report r;
    CHECK_OK(import(f, text, dry, &a, &r, e));
    buf_format(out, "%s:", r.kind);
    for (int t = 0; t < IMPORT_THING_COUNT; t++)
        for (int o = 0; o < IMPORT_OUTCOMES; o++)
            if (r.counts[t][o])
                buf_format(out, " %zu %s %s,", r.counts[t][o],
                           import_thing_word((enum import_thing)t),
                           import_outcome_word((enum import_outcome)o));
    for (size_t i = 0; i < r.problem_count; i++) {
        buf_text(out, "\n");
        import_problem_format("f", &r.problems[i], out);
    }
    assert_int_equal(r.bad + r.warnings, r.problem_count);
}

static void expect(struct store_fixture *f, const char *text, const char *report)
{
    BUF(b);
    summary(f, str_of(text), false, &b);
    assert_string_equal((char *)b.bytes, report);
}

static const char parties[] = "slug,name,isni\nnorth,North Records,\nharbour,Harbour Music,\n";

static const char catalogue[] =
    "isrc,title,artist,duration,party,right,share,territories,from,until\n"
    "QZ-ABC-26-00001,One,Ada,3:20,north,making_available,60,Worldwide,,\n"
    "QZABC2600001,,,,harbour,,40%,,2026-01-01,\n"
    "qzabc2600002,\"Two, too\",Ada,200.5,north,,100,\"DE,FR\",,2030-01-01\n";

TEST(a_catalogue_is_imported_and_again_changes_nothing)
{
    FIXTURE(f);
    expect(f, parties, "parties: 2 parties added,");
    expect(f, parties, "parties: 2 parties same,");
    expect(f, catalogue, "catalogue: 2 recordings added, 3 claims added,");
    int64_t events = store_fixture_int(f->store, "SELECT COUNT(*) FROM journal_events");
    int64_t generation = store_fixture_int(f->store, "SELECT number FROM registry_generation");
    expect(f, catalogue, "catalogue: 2 recordings same, 3 claims same,");
    assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM journal_events"), events);
    assert_int_equal(store_fixture_int(f->store, "SELECT number FROM registry_generation"),
                     generation);
    assert_int_equal(store_fixture_int(f->store, "SELECT MAX(duration_ms) FROM "
                                                 "registry_recordings"),
                     200500);
}

TEST(a_dry_run_reports_the_same_and_keeps_nothing)
{
    FIXTURE(f);
    BUF(dry);
    BUF(wet);
    expect(f, parties, "parties: 2 parties added,");
    summary(f, str_of(catalogue), true, &dry);
    assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM registry_claims"), 0);
    summary(f, str_of(catalogue), false, &wet);
    assert_string_equal((char *)dry.bytes, (char *)wet.bytes);
}

TEST(bad_lines_are_named_and_the_good_ones_kept)
{
    FIXTURE(f);
    expect(f, parties, "parties: 2 parties added,");
    expect(f,
           "\xEF\xBB\xBFisrc,title,artist,party,share,territories,right,from,until\r\n"
           "QZABC2600001,One,Ada,north,100,Worldwide,,,\r\n"
           "QZABC260000,Short,Ada,north,100,,,,\r\n"
           "QZABC2600003,Three,Ada,nobody,100,,,,\r\n"
           "QZABC2600004,Four,Ada,north,120,,,,\r\n"
           "QZABC2600005,Five,Ada,north,100,UK,,,\r\n"
           "QZABC2600006,Six,A\xFF,north,100,,,,\r\n"
           "QZABC2600007,Seven,Ada,north\r\n"
           "\"QZABC2600008,Eight,Ada,north,100,,,,\r\n"
           "QZABC2600009,,Ada,north,100,,,,\r\n"
           "QZABC2600010,Ten,Ada,north,100,,dancing,,\r\n"
           "QZABC2600011,Eleven,Ada,north,100,,,2026-02-30,\r\n"
           "QZABC2600012,Twelve,Ada,north,100,,,2026-02-03,2026-02-03\r\n"
           "QZABC2600013,Thirteen,Ada,north,100,\"BE,NE\",,,\r\n"
           "QZABC2600001,Other,Ada,harbour,100,,,,\r\n"
           ",,,north,100,,,,\r\n"
           "QZABC2600016,Sixteen,Ada,,100,,,,\r\n"
           "QZABC2600017,Seventeen,Ada,north,0,,,,\r\n",
           "catalogue: 2 recordings added, 2 claims added,\n"
           "f: line 3: isrc: \"QZABC260000\" does not have the form of ISRC, like JPTO09404900\n"
           "f: line 4: party: there is no party \"nobody\"\n"
           "f: line 5: share: 120 is over the whole\n"
           "f: line 6: territories: \"UK\" is not a territory of ISO 3166-1: did you mean GB "
           "(United Kingdom)?\n"
           "f: line 7: artist: it is not UTF-8\n"
           "f: line 8: 4 cells, the header has 9\n"
           "f: line 9: there is text behind a closing quote\n"
           "f: line 10: title: it is missing, and QZABC2600009 is not in the registry yet\n"
           "f: line 11: right: \"dancing\" is not a known right (making_available, reproduction, "
           "performing, mechanical, synchronization, print, work_making_available, "
           "work_performing, work_mechanical)\n"
           "f: line 12: from: \"2026-02-30\" is not a time like 2026-11-23T10:00:00Z\n"
           "f: line 13: until: it is not after from\n"
           "f: line 14: warning: territories: NE is Niger; the Netherlands are NL\n"
           "f: line 15: isrc: line 2 calls it \"One\", this one \"Other\"\n"
           "f: line 16: isrc: neither an ISRC nor a title\n"
           "f: line 17: party: it is missing\n"
           "f: line 18: share: 0 takes a claim back, and there is none like this");
    /* a line that failed late left nothing of its first half */
    assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM registry_recordings"), 2);
}

TEST(a_header_that_is_not_understood_refuses_the_file)
{
    FIXTURE(f);
    ARENA(a);
    struct import_report r;
    CHECK_FAILS(ERR_INVALID, "line 1: \"teritories\" is not a column of catalogue",
                import(f, STR("isrc,party,share,teritories\n"), false, &a, &r, e));
    CHECK_FAILS(ERR_INVALID, "the column isrc is there twice",
                import(f, STR("isrc,isrc,party,share\n"), false, &a, &r, e));
    CHECK_FAILS(ERR_INVALID, "the column action is missing (a file of policies needs it)",
                import(f, STR("party,conditions,apps\n"), false, &a, &r, e));
    CHECK_FAILS(ERR_INVALID, "the file is empty", import(f, STR(""), false, &a, &r, e));
    CHECK_FAILS(ERR_INVALID, "array of objects", import(f, STR("[1]"), false, &a, &r, e));
}

TEST(claims_change_are_taken_back_and_told_when_over_the_whole)
{
    FIXTURE(f);
    expect(f, parties, "parties: 2 parties added,");
    expect(f, "isrc,title,party,share\nQZABC2600001,One,north,100\nQZABC2600001,One,harbour,25\n",
           "catalogue: 1 recordings added, 2 claims added,\n"
           "f: line 3: warning: share: the shares add up to 125 % (making_available) in Worldwide");
    expect(f, "isrc,party,share\nQZABC2600001,north,75\nQZABC2600001,harbour,25\n",
           "catalogue: 1 recordings same, 1 claims changed, 1 claims same,");
    expect(f, "isrc,party,share\nQZABC2600001,harbour,0\n",
           "catalogue: 1 recordings same, 1 claims withdrawn,");
    expect(f,
           "isrc,party,share\nQZABC2600001,north,75\nQZABC2600001,north,75\n"
           "QZABC2600001,north,80\n",
           "catalogue: 1 recordings same, 2 claims same,\n"
           "f: line 3: warning: it says the same as line 2\n"
           "f: line 4: share: line 3 says something else of the same claim");
    expect(f, "isrc,party,share\nQZABC2600001,north,0.5\n",
           "catalogue: 1 recordings same, 1 claims changed,\n"
           "f: line 2: warning: share: 0.5 is taken as per cent; is 0.5 of 1 meant?");
}

TEST(a_holders_file_speaks_of_the_holder_only)
{
    FIXTURE(f);
    expect(f, parties, "parties: 2 parties added,");
    expect(f, catalogue, "catalogue: 2 recordings added, 3 claims added,");
    {
        TX(tx);
        owned(store_rows) rows = NULL;
        bool found;
        CHECK_OK(store_begin(f->store, STORE_READ, &tx, e));
        CHECK_OK(store_one(tx, "SELECT id FROM registry_parties WHERE slug = 'north'", SQL_NONE,
                           &rows, &found, e));
        store_id(rows, 0, holder.bytes);
    }
    expect(
        f,
        "isrc,title,party,share,territories\n"
        "QZABC2600001,Renamed,,70,CA\n"
        "QZABC2600002,Three,north,90,\"DE,FR\"\n"
        "QZABC2600001,,harbour,0,\n"
        "QZABC2600003,New,,100,Worldwide\n"
        "QZABC2600004,New,west,100,Worldwide\n",
        "catalogue: 1 recordings added, 1 recordings changed, 1 recordings same, 2 claims added, "
        "1 claims changed,\n"
        "f: line 2: warning: others hold a part of this recording: it is left as it is\n"
        "f: line 2: warning: share: the shares add up to 130 % (making_available) in CA\n"
        "f: line 3: warning: title: it was \"Two, too\" in the registry\n"
        "f: line 4: party: the import is of another holder\n"
        "f: line 6: party: there is no party \"west\"");
    expect(f, "slug,name\nnorth,North Music\nharbour,Mine now\nwest,West\n",
           "parties: 1 parties changed,\n"
           "f: line 3: slug: the import is of another holder\n"
           "f: line 4: slug: the import is of another holder");
    expect(f, "party,action,territories\n,block,DE\nharbour,track,DE\n",
           "policies: 1 policies added,\n"
           "f: line 3: party: the import is of another holder");
    holder = (struct party_id) { { 0 } };
}

TEST(recordings_without_isrc_are_known_by_title_and_artist)
{
    FIXTURE(f);
    const char *text = "title,artist,party,party_name,share\nHymn,Choir,parish,Parish,100\n";
    expect(f, text, "catalogue: 1 parties added, 1 recordings added, 1 claims added,");
    expect(f, text, "catalogue: 1 recordings same, 1 claims same,");
}

TEST(policies_are_imported_once)
{
    FIXTURE(f);
    const char *text = "party;isrc;action;conditions;territories;apps;until\n"
                       "north;;block;seconds > 30 & percent_of_upload >= 50;US,JP;;\n"
                       "north;QZABC2600001;monetize;;;web, agora/phone;2030-01-01\n"
                       "north;;ban;;;;\n"
                       "north;;block;;;nowhere;\n"
                       "north;;block;;;;\n"
                       "north;;block;;;;\n";
    expect(f, parties, "parties: 2 parties added,");
    expect(f, catalogue, "catalogue: 2 recordings added, 3 claims added,");
    expect(f, text,
           "policies: 3 policies added,\n"
           "f: line 4: action: \"ban\" is not a known action (report, monetize, block)\n"
           "f: line 5: apps: there is no app \"nowhere\"\n"
           "f: line 7: line 6 has this policy already");
    BUF(b);
    summary(f, str_of(text), false, &b);
    assert_non_null(strstr((char *)b.bytes, "policies: 3 policies same,"));
}

TEST(licences_come_as_csv_or_json)
{
    FIXTURE(f);
    expect(f, parties, "parties: 2 parties added,");
    expect(f,
           "name,licensor,networks,apps,territories,uses,models,from,until,clip_seconds\n"
           "North 2026,north,agora,,Worldwide -US,\"stream,preview\",,2026-01-01,2027-01-01,\n"
           "North 2026,north,,,,,,,,\n"
           "Harbour,harbour,elsewhere,,,,,,,\n"
           "Harbour clips,harbour,agora,web,,stream,free,,,30\n",
           "licences: 2 licences added,\n"
           "f: line 3: name: line 2 has a licence of this licensor and name\n"
           "f: line 4: networks: there is no network \"elsewhere\"");
    expect(f,
           "[{\"name\":\"North 2026\",\"licensor\":\"north\",\"networks\":[\"agora\"],"
           "\"territories\":\"Worldwide -US\",\"uses\":[\"stream\",\"preview\"],"
           "\"from\":\"2026-01-01\",\"until\":\"2027-01-01\"},"
           "{\"name\":\"Harbour clips\",\"licensor\":\"harbour\",\"networks\":[\"agora\"],"
           "\"apps\":[\"web\"],\"uses\":\"stream\",\"models\":[\"free\"],\"clip_seconds\":15},"
           "{\"name\":\"x\",\"licensor\":\"north\",\"tempo\":1}, 7]",
           "licences: 1 licences changed, 1 licences same,\n"
           "f: line 3: \"tempo\" is not a column of licences (name, licensor, networks, apps, "
           "territories, uses, models, from, until, clip_seconds)\n"
           "f: line 4: it is not an object");
}

TEST(more_lines_than_one_batch_are_all_kept)
{
    FIXTURE(f);
    BUF(text);
    char want[100];
    enum { LINES = IMPORT_BATCH_LINES * 2 + 7 };
    expect(f, parties, "parties: 2 parties added,");
    buf_text(&text, "isrc,title,party,share\n");
    for (int i = 0; i < LINES; i++)
        buf_format(&text, "QZABC26%05d,Song %d,north,100\n", i, i);
    snprintf(want, sizeof want, "catalogue: %d recordings added, %d claims added,", LINES, LINES);
    expect(f, (char *)text.bytes, want);
    assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM registry_claims"), LINES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_catalogue_is_imported_and_again_changes_nothing),
        STORE_TEST(a_dry_run_reports_the_same_and_keeps_nothing),
        STORE_TEST(bad_lines_are_named_and_the_good_ones_kept),
        STORE_TEST(a_header_that_is_not_understood_refuses_the_file),
        STORE_TEST(claims_change_are_taken_back_and_told_when_over_the_whole),
        STORE_TEST(a_holders_file_speaks_of_the_holder_only),
        STORE_TEST(recordings_without_isrc_are_known_by_title_and_artist),
        STORE_TEST(policies_are_imported_once),
        STORE_TEST(licences_come_as_csv_or_json),
        STORE_TEST(more_lines_than_one_batch_are_all_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
