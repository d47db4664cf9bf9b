/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries: whole or not at all, with hashes, music and an answer. */
#include <sys/stat.h>
#include <unistd.h>

#include "flow/scene.h"

static struct audio_host *host;

/* What a case does otherwise than a delivery that is taken. */
struct wrong {
    const char *path, *hash, *algorithm, *id, *control, *share;
    bool no_file, no_sound, stray_message;
};

static void put(const char *folder, const char *name, struct str bytes)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    CHECK_OK(file_write(path, bytes.at, bytes.length, 0644, e));
}

static void put_message(const char *folder, const char *name, const char *id, const char *sum,
                        const struct wrong *w)
{
    BUF(xml);
    buf_format(
        &xml,
        "<e:NewReleaseMessage xmlns:e=\"http://ddex.net/xml/ern/43\">\n<MessageHeader><MessageId>%s"
        "</MessageId><MessageSender><PartyId>PADPIDA2099999901X</PartyId></MessageSender>"
        "<MessageCreatedDateTime>2026-01-01T00:00:00Z</MessageCreatedDateTime>"
        "<MessageControlType>%s</MessageControlType></MessageHeader>\n<PartyList><Party>"
        "<PartyReference>P1</PartyReference><PartyId><DPID>PADPIDA2099999901X</DPID></PartyId>"
        "</Party></PartyList>\n<ResourceList><SoundRecording><ResourceReference>A1"
        "</ResourceReference><ResourceId><ISRC>XXLHR2600001</ISRC></ResourceId>\n<TechnicalDetails>"
        "<DeliveryFile><File><URI>%s</URI><HashSum><Algorithm>%s</Algorithm><HashSumValue>%s"
        "</HashSumValue></HashSum></File></DeliveryFile></TechnicalDetails>\n<DisplayTitleText>"
        "First Light</DisplayTitleText><ResourceRightsController><RightsControllerPartyReference>P1"
        "</RightsControllerPartyReference><RightSharePercentage>%s</RightSharePercentage>"
        "</ResourceRightsController></SoundRecording></ResourceList></e:NewReleaseMessage>",
        id, w->control ? w->control : "LiveMessage", w->path ? w->path : "resources/one.wav",
        w->algorithm ? w->algorithm : "SHA-256", w->hash ? w->hash : sum,
        w->share ? w->share : "100");
    put(folder, name, buf_as_str(&xml));
}

/* inbox: a manifest, batch/m.xml, batch/resources/one.wav */
static const char *make_delivery(struct scene *s, struct arena *a, const char *inbox,
                                 const struct wrong *w)
{
    BUF(xml);
    BUF(wav);
    char sum[AUDIO_SUM_TEXT];
    const char *batch = arena_format(a, "%s/batch", inbox);
    const char *music = arena_format(a, "%s/resources", batch);
    CHECK_OK(file_make_folder(music, 0755, e));
    CHECK_OK(file_read(scene_music(s, a, "one.wav", 5, 0, 8), 1 << 24, &wav, e));
    struct str bytes = w->no_sound ? STR("this is no music") : buf_as_str(&wav);
    if (!w->no_file)
        put(music, "one.wav", bytes);
    int fd = open(arena_format(a, "%s/one.wav", music), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        CHECK_OK(audio_sum(fd, "sha256", sum, e));
        close(fd);
    }
    put_message(batch, "m.xml", "M-1", fd >= 0 ? sum : "00", w);
    if (w->stray_message)
        put_message(batch, "n.xml", "M-2", sum, w);
    buf_format(&xml,
               "<b:ManifestMessage xmlns:b=\"http://ddex.net/xml/ern-c/15\"><MessageHeader>"
               "<MessageSender><PartyId>PADPIDA2099999901X</PartyId></MessageSender>"
               "<MessageCreatedDateTime>2026-01-01T00:00:00Z</MessageCreatedDateTime>"
               "</MessageHeader><MessageInBatch><MessageId>%s</MessageId><URL>/theirs/batch/m.xml"
               "</URL></MessageInBatch></b:ManifestMessage>",
               w->id ? w->id : "M-1");
    put(inbox, "manifest.xml", buf_as_str(&xml));
    return inbox;
}

static void take_delivery(struct scene *s, const char *folder, bool dry_run, struct arena *a,
                          struct delivery_report *report)
{
    const struct message_request r = { .file = folder, .who = STR("tester"), .dry_run = dry_run };
    bool is;
    CHECK_OK(flow_delivery_is(s->world, folder, &is, e));
    assert_true(is);
    CHECK_OK(flow_delivery(s->world, folder, &r, a, report, e));
}

static int64_t count_of(struct scene *s, const char *table)
{
    char sql[100];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return store_fixture_int(world_store(s->world), sql);
}

TEST(a_delivery_is_taken_with_its_music_and_answered)
{
    SCENE(s);
    struct delivery_report report;
    BUF(answer);
    const char *inbox = make_delivery(&s, &a, arena_format(&a, "%s/inbox", s.folder),
                                      &(struct wrong) { 0 });
    take_delivery(&s, inbox, true, &a, &report);
    assert_true(report.taken);
    assert_null(report.acknowledgement);
    assert_int_equal(count_of(&s, "registry_recordings"), 0);
    take_delivery(&s, inbox, false, &a, &report);
    assert_true(report.taken);
    assert_int_equal(report.count, 2);
    assert_int_equal(report.enrolled, 1);
    assert_int_equal(count_of(&s, "registry_claims"), 1);
    assert_int_equal(count_of(&s, "registry_references"), 1);
    CHECK_OK(file_read(report.acknowledgement, 1 << 16, &answer, e));
    assert_non_null(strstr((const char *)answer.bytes, "outcome=\"taken\""));
    assert_non_null(strstr((const char *)answer.bytes, "message=\"M-1\" status=\"imported\""));
    /* again: nothing new, nothing lost */
    take_delivery(&s, inbox, false, &a, &report);
    assert_true(report.taken);
    assert_int_equal(report.enrolled, 0);
    assert_int_equal(report.known, 1);
    assert_int_equal(count_of(&s, "registry_references"), 1);
    scene_end(&s);
}

TEST(a_delivery_with_one_fault_leaves_nothing_but_an_answer)
{
    static const struct {
        const char *rule;
        struct wrong wrong;
    } rows[] = {
        { "file.hash", { .hash = "0123456789abcdef" } },
        { "file.algorithm", { .algorithm = "Abacus" } },
        { "file.missing", { .no_file = true } },
        { "file.name", { .path = "../../../etc/passwd" } },
        { "file.audio", { .no_sound = true } },
        { "share.negative", { .share = "-1" } },
        { "batch.message", { .id = "M-7" } },
        { "batch.message", { .stray_message = true } },
    };
    SCENE(s);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct delivery_report report;
        BUF(answer);
        const char *inbox = make_delivery(&s, &a, arena_format(&a, "%s/inbox%zu", s.folder, i),
                                          &rows[i].wrong);
        take_delivery(&s, inbox, false, &a, &report);
        assert_false(report.taken);
        CHECK_OK(file_read(report.acknowledgement, 1 << 16, &answer, e));
        if (!strstr((const char *)answer.bytes, arena_format(&a, "rule=\"%s\"", rows[i].rule)))
            STOP("row %zu: %s", i, (const char *)answer.bytes);
        assert_int_equal(count_of(&s, "registry_recordings"), 0);
        assert_int_equal(count_of(&s, "registry_references"), 0);
        assert_int_equal(count_of(&s, "ddex_messages"), 0);
    }
    scene_end(&s);
}

TEST(a_delivered_test_message_enrols_nothing)
{
    SCENE(s);
    struct delivery_report report;
    const char *inbox = make_delivery(&s, &a, arena_format(&a, "%s/inbox", s.folder),
                                      &(struct wrong) { .control = "TestMessage" });
    take_delivery(&s, inbox, false, &a, &report);
    assert_int_equal(report.messages[1].report.outcome, ERN_TESTED);
    assert_int_equal(report.enrolled, 0);
    assert_int_equal(count_of(&s, "registry_recordings"), 0);
    assert_int_equal(count_of(&s, "registry_references"), 0);
    scene_end(&s);
}

TEST(a_link_is_not_followed)
{
    SCENE(s);
    struct delivery_report report;
    const char *inbox = make_delivery(&s, &a, arena_format(&a, "%s/inbox", s.folder),
                                      &(struct wrong) { .path = "resources/link.wav" });
    assert_int_equal(symlink("one.wav", arena_format(&a, "%s/batch/resources/link.wav", inbox)), 0);
    take_delivery(&s, inbox, false, &a, &report);
    assert_false(report.taken);
    assert_string_equal(ern_rule_word(report.messages[1].report.refusal.rule), "file.missing");
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_delivery_is_taken_with_its_music_and_answered),
        STORE_TEST(a_delivery_with_one_fault_leaves_nothing_but_an_answer),
        STORE_TEST(a_delivered_test_message_enrols_nothing),
        STORE_TEST(a_link_is_not_followed),
    };
    CHECK_OK(audio_host_start(&host, e));
    CHECK_OK(ern_host_start(&scene_messages, e));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    confine_host_stop(scene_messages);
    audio_host_stop(host);
    return failed;
}
