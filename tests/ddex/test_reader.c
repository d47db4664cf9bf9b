/* SPDX-License-Identifier: Apache-2.0 */
/* Messages are read the same in all versions, and hostile ones are refused by name. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ddex/ddex.h"

static struct confine_host *host;

static int start(void **state)
{
    struct error e;
    (void)state;
    return ern_host_start(&host, &e) == OK ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    confine_host_stop(host);
    return 0;
}

/* ---- what a message says, in a line per record ---- */

static void put_text(struct buf *b, const char *name, const struct ern_text *t)
{
    if (t->text)
        buf_format(b, " %s=%s%s", name, t->text, t->one_is_whole ? "(of 1)" : "");
}

static void put_texts(struct buf *b, const char *name, const struct ern_texts *t)
{
    for (size_t i = 0; i < t->count; i++)
        put_text(b, name, &t->items[i]);
}

static void put_region(struct buf *b, const struct ern_region *r)
{
    if (r->titles.count)
        put_text(b, "title", &r->titles.items[0]);
    if (r->artists.count)
        put_text(b, "artist", &r->artists.items[0]);
    for (size_t i = 0; i < r->controllers.count; i++) {
        const struct ern_controller *c = ERN_AT(r->controllers, struct ern_controller, i);
        put_text(b, "by", &c->reference);
        put_text(b, "by", &c->who.name);
        put_text(b, "share", &c->share);
    }
    for (size_t i = 0; i < r->files.count; i++) {
        const struct ern_file *f = ERN_AT(r->files, struct ern_file, i);
        put_text(b, "file", f->uri.text ? &f->uri : &f->name);
    }
}

static void put_deal(struct buf *b, const struct ern_deal *d)
{
    buf_text(b, " deal(");
    put_texts(b, "model", &d->models);
    put_texts(b, "use", &d->uses);
    put_texts(b, "in", &d->territories);
    put_texts(b, "not", &d->excluded);
    for (size_t i = 0; i < d->periods.count; i++) {
        const struct ern_period *p = ERN_AT(d->periods, struct ern_period, i);
        put_text(b, "from", p->start.text ? &p->start : &p->start_time);
        put_text(b, "until", p->end.text ? &p->end : &p->end_time);
    }
    for (size_t i = 0; i < d->policies.count; i++) {
        const struct ern_policy *p = ERN_AT(d->policies, struct ern_policy, i);
        put_text(b, "policy", &p->type);
        for (size_t k = 0; k < p->conditions.count; k++) {
            const struct ern_condition *c = ERN_AT(p->conditions, struct ern_condition, k);
            put_text(b, "of", &c->creation);
            put_text(b, "is", &c->relator);
            put_text(b, "value", &c->value);
            put_text(b, "unit", &c->unit);
        }
    }
    buf_text(b, " )");
}

static enum code put_record(void *context, enum ern_kind kind, const void *record, struct error *e)
{
    struct buf *b = context;
    (void)e;
    switch (kind) {
    case ERN_HEADER: {
        const struct ern_header *h = record;
        buf_text(b, "header");
        put_text(b, "id", &h->id);
        put_text(b, "created", &h->created);
        put_text(b, "sender", &ERN_AT(h->senders, struct ern_who, 0)->id);
        break;
    }
    case ERN_PARTY: {
        const struct ern_party *p = record;
        buf_text(b, "party");
        put_text(b, "ref", &p->reference);
        put_text(b, "name", &p->who.name);
        put_text(b, "dpid", &p->who.dpid);
        break;
    }
    case ERN_RECORDING: {
        const struct ern_recording *r = record;
        buf_text(b, "recording");
        put_text(b, "ref", &r->reference);
        put_text(b, "isrc", &r->isrc);
        put_text(b, "long", &r->duration);
        put_region(b, &r->all);
        for (size_t i = 0; i < r->regions.count; i++)
            put_region(b, ERN_AT(r->regions, struct ern_region, i));
        break;
    }
    case ERN_RESOURCE:
        buf_text(b, "resource");
        put_text(b, "ref", &((const struct ern_resource *)record)->reference);
        break;
    case ERN_RELEASE_RECORD:
    case ERN_TRACK_RECORD:
    case ERN_CLIP_RECORD: {
        const struct ern_release *r = record;
        buf_text(b, "release");
        put_text(b, "ref", &r->reference);
        put_text(b, "icpn", &r->ids.icpn);
        put_text(b, "own", &r->ids.own);
        put_texts(b, "has", &r->resources);
        break;
    }
    case ERN_DEAL: {
        const struct ern_release_deal *d = record;
        buf_text(b, "deals");
        put_texts(b, "of", &d->releases);
        for (size_t i = 0; i < d->deals.count; i++)
            put_deal(b, ERN_AT(d->deals, struct ern_deal, i));
        break;
    }
    case ERN_VISIBILITY:
    case ERN_PURGE:
    case ERN_BATCH_ITEM:
    case ERN_KIND_COUNT:
        buf_text(b, "?");
    }
    buf_text(b, "\n");
    return OK;
}

static void say(const char *name, struct buf *out)
{
    char path[300];
    struct ern_read read;
    const struct ern_sink sink = { out, put_record };
    const struct ern_limits limits = ern_limits_default();
    snprintf(path, sizeof path, "%s/%s", getenv("FIXTURES"), name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    CHECK_OK(ern_read(host, fd, &limits, &sink, &read, e));
    close(fd);
}

static const char said_43[] =
    "header id=LH-2026-0001 created=2026-03-01T09:00:00Z sender=PADPIDA2099999901X\n"
    "party ref=P1 name=Lantern Hill Records dpid=PADPIDA2099999901X\n"
    "party ref=P2 name=Quiet Harbour Music\n"
    "party ref=P3 name=The Lamplighters\n"
    "recording ref=A1 isrc=XXLHR2600001 long=PT3M20S title=First Light artist=The Lamplighters "
    "by=P1 share=60 by=P2 share=0.4(of 1) file=resources/one.wav\n"
    "recording ref=A2 isrc=XXLHR2600002 long=PT2M5.5S title=Second Wind & Rain "
    "artist=The Lamplighters by=P1 share=100.000000\n"
    "resource ref=A3\n"
    "release ref=R0 icpn=9990000000012 has=A1 has=A2 has=A3\n"
    "release ref=R1 own=LH-T-1 has=A1\n"
    "deals of=R0 deal( model=SubscriptionModel model=AdvertisementSupportedModel "
    "use=OnDemandStream in=DE in=FR from=2026-03-06T00:00:00+01:00 )\n"
    "deals of=R1 deal( model=RightsClaimModel use=UserMakeAvailableUserProvided in=Worldwide "
    "from=2025-01-01 policy=BlockAccess of=ConsumerResource is=MoreThan value=50 unit=Percent "
    "is=MoreThanOrEqualTo value=1.5 unit=Minute policy=ReportUsage )\n";

TEST(each_version_says_the_same)
{
    static const struct {
        const char *file, *id;
    } rows[] = { { "ern43.xml", "LH-2026-0001" },
                 { "ern42.xml", "LH-2026-0042" },
                 { "ern41.xml", "LH-2026-0041" } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        BUF(said);
        BUF(want);
        say(rows[i].file, &said);
        buf_format(&want, "header id=%s%s", rows[i].id, said_43 + strlen("header id=LH-2026-0001"));
        assert_string_equal((const char *)said.bytes, (const char *)want.bytes);
    }
}

TEST(version_3_says_it_by_territory)
{
    BUF(said);
    say("ern382.xml", &said);
    assert_non_null(strstr((const char *)said.bytes,
                           "recording ref=A1 isrc=XXLHR2600001 long=PT3M20S title=First Light "
                           "artist=The Lamplighters by=Lantern Hill Records share=60 "
                           "by=Quiet Harbour Music share=0.4(of 1) file=one.wav\n"));
    assert_non_null(strstr((const char *)said.bytes,
                           "deals of=R1 deal( model=RightsClaimModel "
                           "use=UserMakeAvailableUserProvided in=Worldwide from=2025-01-01 "
                           "policy=BlockAccess is=MoreThanOrEqualTo value=90 unit=Second "
                           "policy=ReportUsage )\n"));
}

/* ---- hostile bytes ---- */

#define ROOT "<e:NewReleaseMessage xmlns:e=\"http://ddex.net/xml/ern/43\">"
#define END  "</e:NewReleaseMessage>"

static enum code count_record(void *context, enum ern_kind kind, const void *record,
                              struct error *e)
{
    (void)kind;
    (void)record;
    (void)e;
    ++*(size_t *)context;
    return OK;
}

static int file_of(struct str text)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    CHECK_OK(file_write_all(fd, text.at, text.length, e));
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void check_refused(struct str text, enum ern_rule rule, uint32_t line, const char *words)
{
    size_t count = 0;
    const struct ern_sink sink = { &count, count_record };
    const struct ern_limits limits = ern_limits_default();
    struct ern_read read;
    int fd = file_of(text);
    struct error e = { 0 };
    enum code code = ern_read(host, fd, &limits, &sink, &read, &e);
    close(fd);
    if (code != ERR_INVALID || !strstr(e.text, words))
        STOP("%.100s: %s (%s), want %s", text.at, e.text, code_word(code), words);
    assert_true(read.refused);
    assert_string_equal(ern_rule_word(read.note.rule), ern_rule_word(rule));
    if (line)
        assert_int_equal(read.note.line, line);
}

TEST(hostile_bytes_are_refused_by_name)
{
    static const struct {
        const char *text;
        enum ern_rule rule;
        uint32_t line;
        const char *words;
    } rows[] = {
        { "", RULE_NOT_XML, 0, "xml.broken" },
        { "isrc,title\n", RULE_NOT_XML, 1, "xml.broken" },
        { ROOT "\n<MessageHeader></MessageHeade>" END, RULE_NOT_XML, 2, "mismatch" },
        { ROOT "\n\n<MessageHeader>", RULE_NOT_XML, 3, "xml.broken" },
        { ROOT "&nothing;" END, RULE_NOT_XML, 1, "nothing" },
        { "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;&x;&x;&x;&x;\">"
          "<!ENTITY z \"&y;&y;&y;&y;&y;&y;&y;&y;\">]>" ROOT "&z;" END,
          RULE_DOCTYPE, 1, "document type" },
        { "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">" ROOT END, RULE_DOCTYPE, 1, "xml.doctype" },
        { "<!DOCTYPE a [<!ENTITY x SYSTEM \"http://192.0.2.1/x\">]>" ROOT "&x;" END, RULE_DOCTYPE,
          1, "xml.doctype" },
        { "<feed/>", RULE_ROOT, 1, "\"feed\"" },
        { "<NewReleaseMessage/>", RULE_NAMESPACE, 1, "namespace" },
        { "<e:NewReleaseMessage xmlns:e=\"http://ddex.net/xml/ern/37\"/>", RULE_NAMESPACE, 1,
          "ern/37" },
        { "<e:NewReleaseMessage xmlns:e=\"http://ddex.net/xml/ern/4333\"/>", RULE_NAMESPACE, 1,
          "message.namespace" },
        { "<?xml version=\"1.0\" encoding=\"KOI8-R\"?>" ROOT END, RULE_ENCODING, 1, "KOI8-R" },
        { "<?xml version=\"1.0\"?>" ROOT "\xff\xfe" END, RULE_NOT_XML, 1, "UTF-8" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_refused(str_of(rows[i].text), rows[i].rule, rows[i].line, rows[i].words);
}

TEST(ten_thousand_deep_is_refused_read_or_not)
{
    static const char *const elements[] = { "Comment", "ResourceGroup" };
    for (size_t i = 0; i < COUNT_OF(elements); i++) {
        BUF(text);
        buf_text(&text, ROOT "<ReleaseList><Release>");
        for (int k = 0; k < 10000; k++)
            buf_format(&text, "<%s>", elements[i]);
        check_refused(buf_as_str(&text), RULE_DEPTH, 1, "inside each other");
    }
}

TEST(a_text_that_is_read_has_a_bound)
{
    BUF(text);
    buf_text(&text, ROOT "\n<MessageHeader>\n<MessageId>");
    for (int i = 0; i < 20000; i++)
        buf_text(&text, "x");
    buf_text(&text, "</MessageId></MessageHeader>" END);
    check_refused(buf_as_str(&text), RULE_SIZE, 3, "MessageId: its text is longer");
}

TEST(a_record_that_grows_without_end_is_refused)
{
    BUF(text);
    buf_text(&text, ROOT "<DealList><ReleaseDeal>");
    for (int i = 0; i < 120000; i++)
        buf_text(&text, "<DealReleaseReference>R1</DealReleaseReference>");
    buf_text(&text, "</ReleaseDeal></DealList>" END);
    check_refused(buf_as_str(&text), RULE_SIZE, 1, "the record it is in");
}

TEST(empty_and_utf16_messages_are_read)
{
    static const char text[] = ROOT END;
    char wide[2 + 2 * sizeof text] = "\xff\xfe";
    for (size_t i = 0; i + 1 < sizeof text; i++)
        wide[2 + 2 * i] = text[i];
    const struct str rows[] = { STR(ROOT END), { wide, 2 * sizeof text } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t count = 0;
        const struct ern_sink sink = { &count, count_record };
        const struct ern_limits limits = ern_limits_default();
        struct ern_read read;
        int fd = file_of(rows[i]);
        assert_true(ern_looks_like(rows[i]));
        CHECK_OK(ern_read(host, fd, &limits, &sink, &read, e));
        close(fd);
        assert_int_equal(count, 0);
    }
}

/* ---- without end, through a pipe ---- */

/* `text`, then `again` until nobody reads any more or `bytes` are written, then `last`. */
static pid_t pour(int *read_end, const char *text, const char *again, int64_t bytes,
                  const char *last)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        static char block[1 << 16];
        struct error e;
        signal(SIGPIPE, SIG_DFL);
        close(ends[0]);
        size_t one = strlen(again), filled = 0;
        while (filled + one <= sizeof block) {
            memcpy(block + filled, again, one);
            filled += one;
        }
        if (file_write_all(ends[1], text, strlen(text), &e) != OK)
            _exit(1);
        for (int64_t n = 0; n < bytes; n += (int64_t)filled)
            if (file_write_all(ends[1], block, filled, &e) != OK)
                _exit(1);
        _exit(file_write_all(ends[1], last, strlen(last), &e) == OK ? 0 : 1);
    }
    close(ends[1]);
    *read_end = ends[0];
    return pid;
}

TEST(one_huge_thing_is_refused_within_bounded_memory)
{
    static const struct {
        const char *begin, *again;
    } rows[] = {
        { ROOT "<MessageHeader><MessageId>", "aaaaaaaa" }, /* a text that is read */
        { ROOT "<!--", "aaaaaaaa" },
        { ROOT "<?p ", "aaaaaaaa" },
        { ROOT "<Comment a=\"", "aaaaaaaa" },
        { ROOT "<", "aaaaaaaa" },
        { "<!DOCTYPE a [", "<!-- a -->" },
        { "", "        " },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t count = 0;
        int fd;
        const struct ern_sink sink = { &count, count_record };
        const struct ern_limits limits = { 4LL << 30, 20 };
        struct ern_read read;
        pid_t pid = pour(&fd, rows[i].begin, rows[i].again, 2LL << 30, "");
        struct error e = { 0 };
        enum code code = ern_read(host, fd, &limits, &sink, &read, &e);
        close(fd);
        waitpid(pid, NULL, 0);
        if (code != ERR_INVALID || !read.refused ||
            (read.note.rule != RULE_SIZE && read.note.rule != RULE_DOCTYPE &&
             read.note.rule != RULE_NOT_XML))
            STOP("row %zu: %s (%s)", i, code_word(code), e.text);
    }
}

TEST(more_bytes_than_allowed_are_refused)
{
    size_t count = 0;
    int fd;
    const struct ern_sink sink = { &count, count_record };
    const struct ern_limits limits = { 1 << 20, 20 };
    struct ern_read read;
    pid_t pid = pour(&fd, ROOT, "<Comment>x</Comment>", 2LL << 30, END);
    CHECK_FAILS(ERR_LIMIT, "ddex.bytes_most", ern_read(host, fd, &limits, &sink, &read, e));
    close(fd);
    waitpid(pid, NULL, 0);
}

TEST(a_text_nobody_reads_may_be_any_length)
{
    size_t count = 0;
    int fd;
    const struct ern_sink sink = { &count, count_record };
    const struct ern_limits limits = ern_limits_default();
    struct ern_read read;
    pid_t pid = pour(&fd, ROOT "<Comment>", "aaaaaaaa", 100 << 20, "</Comment>" END);
    CHECK_OK(ern_read(host, fd, &limits, &sink, &read, e));
    close(fd);
    waitpid(pid, NULL, 0);
    assert_true(read.bytes > 100 << 20);
}

TEST(each_rule_stands_in_the_documentation)
{
    static const char *const weights[] = { "refused", "left out", "told" };
    char path[300];
    BUF(page);
    snprintf(path, sizeof path, "%s/../../../docs/formats/ern.md", getenv("FIXTURES"));
    CHECK_OK(file_read(path, 1 << 20, &page, e));
    for (int i = 0; i < ERN_RULE_COUNT; i++) {
        BUF(row);
        enum ern_rule r = (enum ern_rule)i;
        buf_format(&row, "\n| `%s` | %s | %s |\n", ern_rule_word(r), weights[ern_rule_weight(r)],
                   ern_rule_sentence(r));
        if (!strstr((const char *)page.bytes, (const char *)row.bytes))
            STOP("docs/formats/ern.md does not have: %s", (const char *)row.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_says_the_same),
        cmocka_unit_test(version_3_says_it_by_territory),
        cmocka_unit_test(hostile_bytes_are_refused_by_name),
        cmocka_unit_test(ten_thousand_deep_is_refused_read_or_not),
        cmocka_unit_test(a_text_that_is_read_has_a_bound),
        cmocka_unit_test(a_record_that_grows_without_end_is_refused),
        cmocka_unit_test(empty_and_utf16_messages_are_read),
        cmocka_unit_test(one_huge_thing_is_refused_within_bounded_memory),
        cmocka_unit_test(more_bytes_than_allowed_are_refused),
        cmocka_unit_test(a_text_nobody_reads_may_be_any_length),
        cmocka_unit_test(each_rule_stands_in_the_documentation),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
