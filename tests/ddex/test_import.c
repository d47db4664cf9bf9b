/* SPDX-License-Identifier: Apache-2.0 */
/* Messages into the registry: what each becomes, and every rule by which one is refused. */
#include "store_fixture.h"

#include <sys/mman.h>

#include "ddex/ddex.h"
#include "ddex/times.h"
#include "licence/licence.h"

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

/* ---- a message of parts ---- */

#define SENDER "PADPIDA2099999901X"
#define ROOT   "<e:NewReleaseMessage xmlns:e=\"http://ddex.net/xml/ern/43\">\n"
#define END    "</e:NewReleaseMessage>\n"

struct parts {
    const char *id, *created, *control, *sender, *behalf; /* of the header */
    const char *parties, *share, *resources, *releases, *deals;
};

#define PARTY                                                                                      \
    "<Party><PartyReference>P1</PartyReference><PartyId><DPID>" SENDER "</DPID></PartyId>"         \
    "<PartyName><FullName>Lantern Hill</FullName></PartyName></Party>"
#define SHARE                                                                                      \
    "<ResourceRightsController><RightsControllerPartyReference>P1"                                 \
    "</RightsControllerPartyReference><RightSharePercentage>100</RightSharePercentage>"            \
    "</ResourceRightsController>"
#define RELEASE                                                                                    \
    "<Release><ReleaseReference>R0</ReleaseReference><ReleaseId><ICPN>9990000000012</ICPN>"        \
    "</ReleaseId><DisplayTitleText>Walks</DisplayTitleText><ReleaseResourceReference>A1"           \
    "</ReleaseResourceReference></Release>"
#define DEAL(terms)                                                                                \
    "<ReleaseDeal><DealReleaseReference>R0</DealReleaseReference><Deal><DealTerms>" terms          \
    "</DealTerms></Deal></ReleaseDeal>"
#define START       "<ValidityPeriod><StartDateTime>2026-01-01T00:00:00Z</StartDateTime></ValidityPeriod>"
#define SUBSCRIBE   "<CommercialModelType>SubscriptionModel</CommercialModelType>"
#define STREAM      "<UseType>OnDemandStream</UseType>"
#define IN(code)    "<TerritoryCode>" code "</TerritoryCode>"
#define STREAM_DEAL DEAL(IN("DE") START SUBSCRIBE STREAM)
#define CLAIM(policy)                                                                              \
    DEAL(IN("DE") START "<CommercialModelType>RightsClaimModel</CommercialModelType>"              \
                        "<UseType>UserMakeAvailableUserProvided</UseType>" policy)
#define POLICY(condition, type)                                                                    \
    "<RightsClaimPolicy>" condition "<RightsClaimPolicyType>" type                                 \
    "</RightsClaimPolicyType></RightsClaimPolicy>"
#define CONDITION(value, unit, more)                                                               \
    "<Condition><Value>" value "</Value><Unit>" unit "</Unit>" more                                \
    "<RelationalRelator>MoreThan</RelationalRelator></Condition>"

#define TITLE_32   "A title without end and all of it"
#define TITLE_256  TITLE_32 TITLE_32 TITLE_32 TITLE_32 TITLE_32 TITLE_32 TITLE_32 TITLE_32
#define TITLE_2048 TITLE_256 TITLE_256 TITLE_256 TITLE_256 TITLE_256 TITLE_256 TITLE_256 TITLE_256

static const char * or (const char *given, const char *usual)
{
    return given ? given : usual;
}

static void compose(const struct parts *p, struct buf *out)
{
    buf_text(out, ROOT "<MessageHeader>\n");
    buf_format(out, "<MessageId>%s</MessageId>\n", or (p->id, "M-1"));
    buf_format(out,
               "<MessageSender><PartyId>%s</PartyId><PartyName><FullName>Lantern Hill"
               "</FullName></PartyName></MessageSender>\n",
               or (p->sender, SENDER));
    if (p->behalf)
        buf_format(out, "<SentOnBehalfOf><PartyId>%s</PartyId></SentOnBehalfOf>\n", p->behalf);
    buf_format(out, "<MessageCreatedDateTime>%s</MessageCreatedDateTime>\n",
               or (p->created, "2026-02-01T12:00:00Z"));
    if (p->control)
        buf_format(out, "<MessageControlType>%s</MessageControlType>\n", p->control);
    buf_format(out, "</MessageHeader>\n<PartyList>%s</PartyList>\n<ResourceList>\n",
               or (p->parties, PARTY));
    if (p->resources)
        buf_text(out, p->resources);
    else
        buf_format(out,
                   "<SoundRecording><ResourceReference>A1</ResourceReference>"
                   "<ResourceId><ISRC>XXLHR2600001</ISRC></ResourceId>"
                   "<DisplayTitleText>First Light</DisplayTitleText>%s</SoundRecording>\n",
                   or (p->share, SHARE));
    buf_format(out, "</ResourceList>\n<ReleaseList>%s</ReleaseList>\n<DealList>%s</DealList>\n" END,
               or (p->releases, RELEASE), or (p->deals, STREAM_DEAL));
}

/* ---- importing ---- */

struct told { /* the differences, a line each */
    struct buf text;
};

static void on_change(void *context, const struct ern_change *c)
{
    struct told *t = context;
    buf_format(&t->text, "%s %s: %s%s%s\n", ern_change_word(c->kind), ern_thing_word(c->thing),
               c->before ? c->before : "", c->before && c->after ? " -> " : "",
               c->after ? c->after : "");
}

static void import_text(struct store_fixture *f, struct str xml, struct party_id holder,
                        struct arena *a, struct ern_report *report, struct told *told)
{
    TX(tx);
    const struct ern_options o = { .host = host,
                                   .limits = ern_limits_default(),
                                   .holder = holder,
                                   .file = "m.xml",
                                   .context = told,
                                   .change = told ? on_change : NULL };
    struct registry_act act = { .who = STR("tester"),
                                .why = STR("a test"),
                                .now = { 1770000000000000 },
                                .chance = &f->chance };
    int fd = memfd_create("message", MFD_CLOEXEC);
    CHECK_OK(file_write_all(fd, xml.at, xml.length, e));
    lseek(fd, 0, SEEK_SET);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    act.tx = tx;
    CHECK_OK(registry_operator(tx, act.now, &f->chance, &act.catalogue, e));
    CHECK_OK(ern_import(&act, fd, &o, a, report, e));
    CHECK_OK(store_commit_take(take(tx), e));
    close(fd);
}

/* Import the parts; the outcome, or the rule that refused. */
static const char *import_parts(struct store_fixture *f, const struct parts *p, struct arena *a,
                                struct ern_report *report, struct told *told)
{
    BUF(xml);
    compose(p, &xml);
    import_text(f, buf_as_str(&xml), (struct party_id) { { 0 } }, a, report, told);
    return report->outcome == ERN_REFUSED ? ern_rule_word(report->refusal.rule)
                                          : ern_outcome_word(report->outcome);
}

static bool has_note(const struct ern_report *r, const char *rule)
{
    for (size_t i = 0; i < r->note_count; i++)
        if (strcmp(ern_rule_word(r->notes[i].rule), rule) == 0)
            return true;
    return false;
}

static int64_t count_of(struct store_fixture *f, const char *table)
{
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return store_fixture_int(f->store, sql);
}

/* ---- what is refused leaves nothing ---- */

TEST(each_rule_refuses_by_name_and_leaves_nothing)
{
    static const struct {
        const char *rule, *element;
        struct parts parts;
    } rows[] = {
        { "header.created", "MessageCreatedDateTime", { .created = "yesterday" } },
        { "header.control", "MessageControlType", { .control = "MaybeMessage" } },
        { "header.missing", "MessageHeader", { .id = "" } },
        { "anchor.twice", "PartyReference", { .parties = PARTY PARTY } },
        { "anchor.missing",
          "RightsControllerPartyReference",
          { .parties = "<Party><PartyReference>P9</PartyReference></Party>" } },
        { "anchor.missing",
          "ReleaseResourceReference",
          { .releases = "<Release><ReleaseReference>R0</ReleaseReference><ReleaseId><ICPN>"
                        "9990000000012</ICPN></ReleaseId><ReleaseResourceReference>A7"
                        "</ReleaseResourceReference></Release>" } },
        { "anchor.missing",
          "DealReleaseReference",
          { .deals =
                "<ReleaseDeal><DealReleaseReference>R9</DealReleaseReference></ReleaseDeal>" } },
        { "anchor.none",
          "ResourceReference",
          { .resources = "<SoundRecording><ResourceId><ISRC>XXLHR2600001</ISRC></ResourceId>"
                         "<DisplayTitleText>x</DisplayTitleText></SoundRecording>" } },
        { "party.name",
          "PartyName",
          { .parties = "<Party><PartyReference>P1</PartyReference></Party>" } },
        { "recording.isrc",
          "ISRC",
          { .resources = "<SoundRecording><ResourceReference>A1</ResourceReference><ResourceId>"
                         "<ISRC>NOT-AN-ISRC</ISRC></ResourceId></SoundRecording>" } },
        { "recording.title",
          "SoundRecording",
          { .resources = "<SoundRecording><ResourceReference>A1</ResourceReference><ResourceId>"
                         "<ISRC>XXLHR2600001</ISRC></ResourceId></SoundRecording>" } },
        { "release.id",
          "ReleaseId",
          { .releases = "<Release><ReleaseReference>R0</ReleaseReference></Release>" } },
#define SHARE_OF(attribute, share)                                                                 \
    "<ResourceRightsController><RightsControllerPartyReference>P1"                                 \
    "</RightsControllerPartyReference><RightSharePercentage" attribute ">" share                   \
    "</RightSharePercentage></ResourceRightsController>"
        { "record.form",
          "",
          { .resources = "<SoundRecording><ResourceReference>A1</ResourceReference><ResourceId>"
                         "<ISRC>XXLHR2600001</ISRC></ResourceId><DisplayTitleText>" TITLE_2048
                         "</DisplayTitleText></SoundRecording>" } },
        { "share.form", "RightSharePercentage", { .share = SHARE_OF("", "half") } },
        { "share.negative", "RightSharePercentage", { .share = SHARE_OF("", "-1") } },
        { "share.over", "RightSharePercentage", { .share = SHARE_OF("", "100.000001") } },
        { "share.over",
          "RightSharePercentage",
          { .share = SHARE_OF(" HasMaxValueOfOne=\"true\"", "60") } },
        { "share.decimals", "RightSharePercentage", { .share = SHARE_OF("", "33.33333333") } },
        { "share.decimals", "RightSharePercentage", { .share = SHARE_OF("", "33.3333333333") } },
        { "deal.start", "DealTerms", { .deals = DEAL(IN("DE") SUBSCRIBE STREAM) } },
        { "deal.start",
          "ValidityPeriod",
          { .deals = DEAL(IN("DE") SUBSCRIBE STREAM
                          "<ValidityPeriod><EndDate>2026-03-01</EndDate></ValidityPeriod>") } },
        { "deal.date",
          "StartDate",
          { .deals = DEAL("<ValidityPeriod><StartDate>2026-13-01</StartDate></ValidityPeriod>") } },
        { "deal.span",
          "ValidityPeriod",
          { .deals = DEAL("<ValidityPeriod><StartDate>2026-03-01</StartDate><EndDate>2026-02-01"
                          "</EndDate></ValidityPeriod>") } },
        { "deal.territory", "TerritoryCode", { .deals = DEAL(IN("QQ") START SUBSCRIBE STREAM) } },
        { "deal.territories",
          "ExcludedTerritoryCode",
          { .deals = DEAL(IN("DE") "<ExcludedTerritoryCode>FR</ExcludedTerritoryCode>" START
                              SUBSCRIBE STREAM) } },
        { "deal.channels",
          "ExcludedDistributionChannel",
          { .deals = DEAL(START SUBSCRIBE STREAM
                          "<DistributionChannel><PartyId>X</PartyId></DistributionChannel>"
                          "<ExcludedDistributionChannel><PartyId>Y</PartyId></"
                          "ExcludedDistributionChannel>") } },
    };
    FIXTURE(f);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ARENA(a);
        struct ern_report r;
        const char *became = import_parts(f, &rows[i].parts, &a, &r, NULL);
        if (strcmp(became, rows[i].rule) != 0 || strcmp(r.refusal.element, rows[i].element) != 0)
            STOP("row %zu: %s at %s (%s), want %s at %s", i, became, r.refusal.element,
                 r.refusal.text, rows[i].rule, rows[i].element);
        if (strcmp(rows[i].rule, "header.missing") != 0 && r.refusal.line == 0)
            STOP("row %zu: no line", i);
        static const char *const tables[] = { "registry_recordings", "registry_claims",
                                              "registry_releases",   "registry_policies",
                                              "licence_licences",    "ddex_made",
                                              "ddex_spoken" };
        for (size_t k = 0; k < COUNT_OF(tables); k++)
            if (count_of(f, tables[k]) != 0)
                STOP("row %zu left something in %s", i, tables[k]);
        assert_int_equal(count_of(f, "registry_parties"), 1); /* the operator's */
    }
}

TEST(what_is_not_known_is_named_and_left_out)
{
    static const struct {
        const char *rule;
        int64_t licences, policies;
        struct parts parts;
    } rows[] = {
        { "share.unknown",
          1,
          0,
          { .share = "<ResourceRightsController><RightsControllerPartyReference>P1"
                     "</RightsControllerPartyReference><RightShareUnknown>true</RightShareUnknown>"
                     "</ResourceRightsController>" } },
        { "share.sum", 1, 0, { .share = SHARE_OF("", "50") } },
        { "share.sum", 1, 0, { .share = SHARE SHARE } },
        { "deal.model",
          0,
          0,
          { .deals = DEAL(IN("DE") START "<CommercialModelType>PayAsYouGoModel"
                                         "</CommercialModelType>" STREAM) } },
        { "deal.model", 0, 0, { .deals = DEAL(IN("DE") START STREAM) } },
        { "deal.use",
          0,
          0,
          { .deals = DEAL(IN("DE") START SUBSCRIBE "<UseType>NonInteractiveStream</UseType>") } },
        { "deal.use",
          1,
          0,
          { .deals = DEAL(IN("DE") START SUBSCRIBE STREAM
                          "<UseType UserDefinedValue=\"Hum\">UserDefined</UseType>") } },
        { "deal.channel",
          0,
          0,
          { .deals = DEAL(START SUBSCRIBE STREAM "<DistributionChannel><PartyId>PADPIDA0X</PartyId>"
                                                 "</DistributionChannel>") } },
        { "deal.limit",
          0,
          0,
          { .deals = DEAL(IN("DE") START SUBSCRIBE STREAM "<NumberOfUsages>3</NumberOfUsages>") } },
        { "deal.terms",
          1,
          0,
          { .deals = DEAL(IN("DE") START SUBSCRIBE STREAM
                          "<UserInterfaceType>Kiosk</UserInterfaceType>") } },
        { "deal.territory-slip", 1, 0, { .deals = DEAL(IN("NE") START SUBSCRIBE STREAM) } },
        { "deal.empty",
          1,
          0,
          { .deals = "<ReleaseDeal><DealReleaseReference>R0</DealReleaseReference><Deal>"
                     "<IsCommunicatedOutOfBand>true</IsCommunicatedOutOfBand></Deal>"
                     "</ReleaseDeal>" STREAM_DEAL } },
        { "deal.claim-use",
          0,
          0,
          { .deals = DEAL(
                START "<CommercialModelType>RightsClaimModel</CommercialModelType>" STREAM POLICY(
                    "", "BlockAccess")) } },
        { "deal.policy", 0, 0, { .deals = CLAIM("") } },
        { "deal.policy", 0, 1, { .deals = CLAIM(POLICY("", "Frown") POLICY("", "ReportUsage")) } },
        { "deal.condition",
          0,
          0,
          { .deals = CLAIM(POLICY(CONDITION("50", "Percent", ""), "BlockAccess")) } },
        { "deal.condition",
          0,
          0,
          { .deals = CLAIM(POLICY(CONDITION("50", "Pixel", ""), "BlockAccess")) } },
        { "deal.condition",
          0,
          0,
          { .deals = CLAIM(POLICY(CONDITION("5", "Second",
                                            "<MeasurementType>Video"
                                            "</MeasurementType>"),
                                  "BlockAccess")) } },
        { "deal.condition",
          0,
          0,
          { .deals = CLAIM(POLICY(CONDITION("5", "Second",
                                            "<Segment><StartTime>PT1S</StartTime>"
                                            "</Segment>"),
                                  "BlockAccess")) } },
        { "deal.condition",
          0,
          0,
          { .deals = CLAIM(POLICY(CONDITION("-5", "Second", ""), "BlockAccess")) } },
        { "deal.empty",
          0,
          0,
          { .deals = DEAL(IN("DE") START SUBSCRIBE STREAM
                          "<IsPreOrderDeal>true</IsPreOrderDeal>") } },
        { "release.number",
          0,
          0,
          { .deals = "",
            .releases = "<Release><ReleaseReference>R0</ReleaseReference><ReleaseId><ICPN>123"
                        "</ICPN></ReleaseId></Release>" } },
        { "recording.duration",
          1,
          0,
          { .resources = "<SoundRecording><ResourceReference>A1</ResourceReference><ResourceId>"
                         "<ISRC>XXLHR2600001</ISRC></ResourceId><DisplayTitleText>x"
                         "</DisplayTitleText><Duration>3:20</Duration></SoundRecording>" } },
        { "party.identifier",
          1,
          0,
          { .parties =
                "<Party><PartyReference>P1</PartyReference><PartyId><ISNI>12</ISNI></PartyId>"
                "<PartyName><FullName>Lantern Hill</FullName></PartyName></Party>" } },
    };
    FIXTURE(f);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ARENA(a);
        struct ern_report r;
        char id[20];
        struct parts p = rows[i].parts;
        snprintf(id, sizeof id, "M-%zu", i);
        p.id = id;
        const char *became = import_parts(f, &p, &a, &r, NULL);
        if (strcmp(became, "imported") != 0)
            STOP("row %zu: %s (%s)", i, became, r.refusal.text);
        if (!has_note(&r, rows[i].rule))
            STOP("row %zu: nothing said of %s", i, rows[i].rule);
        int64_t licences = store_fixture_int(
            f->store, "SELECT count(*) FROM licence_licences WHERE ended = 0");
        int64_t policies = store_fixture_int(
            f->store, "SELECT count(*) FROM ddex_made WHERE kind = 'policy'");
        if (licences != rows[i].licences || policies != rows[i].policies)
            STOP("row %zu: %lld licences, %lld policies", i, (long long)licences,
                 (long long)policies);
    }
}

/* ---- the life of a deal ---- */

TEST(a_newer_message_replaces_all_deals)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct told told = { 0 };
    const struct parts two = { .id = "M-1",
                               .deals = STREAM_DEAL CLAIM(
                                   POLICY(CONDITION("1.5", "Minute", ""), "BlockAccess")) };
    const struct parts wider = { .id = "M-2",
                                 .created = "2026-02-02T12:00:00Z",
                                 .deals = DEAL(IN("DE") IN("FR") START SUBSCRIBE STREAM) };
    const struct parts none = { .id = "M-3", .created = "2026-02-03T12:00:00Z", .deals = "" };
    assert_string_equal(import_parts(f, &two, &a, &r, NULL), "imported");
    assert_string_equal(import_parts(f, &wider, &a, &r, &told), "imported");
    assert_string_equal(
        (const char *)told.text.bytes,
        "changed licence: stream,preview for subscription in DE from 2026-01-01T00:00:00Z -> "
        "stream,preview for subscription in DE,FR from 2026-01-01T00:00:00Z\n"
        "ended policy: block if seconds > 90 in DE from 2026-01-01T00:00:00Z\n");
    buf_clear(&told.text);
    assert_string_equal(import_parts(f, &none, &a, &r, &told), "imported");
    assert_string_equal(
        (const char *)told.text.bytes,
        "ended licence: stream,preview for subscription in DE,FR from 2026-01-01T00:00:00Z\n");
    assert_int_equal(
        store_fixture_int(f->store, "SELECT count(*) FROM licence_licences WHERE ended = 0"), 0);
    buf_done(&told.text);
}

TEST(an_older_message_changes_nothing_that_a_newer_one_said)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct told told = { 0 };
    const struct parts newer = { .id = "M-2", .created = "2026-02-02T12:00:00Z" };
    const struct parts older = { .id = "M-1",
                                 .share = SHARE_OF("", "25"),
                                 .deals = DEAL(IN("US") START SUBSCRIBE STREAM) };
    assert_string_equal(import_parts(f, &newer, &a, &r, NULL), "imported");
    assert_string_equal(import_parts(f, &older, &a, &r, &told), "imported");
    assert_true(has_note(&r, "release.stale"));
    assert_int_equal(told.text.length, 0);
    buf_done(&told.text);
}

TEST(a_message_counts_once_and_its_id_is_not_used_again)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    const struct parts one = { 0 }, other = { .deals = "" };
    const struct parts bad = { .id = "M-9", .share = SHARE_OF("", "-1") }, mended = { .id = "M-9" };
    assert_string_equal(import_parts(f, &one, &a, &r, NULL), "imported");
    int64_t events = count_of(f, "journal_events");
    assert_string_equal(import_parts(f, &one, &a, &r, NULL), "known");
    assert_int_equal(count_of(f, "journal_events"), events);
    assert_string_equal(import_parts(f, &other, &a, &r, NULL), "header.reused");
    assert_int_equal(count_of(f, "journal_events"), events);
    /* one that was refused may be mended */
    assert_string_equal(import_parts(f, &bad, &a, &r, NULL), "share.negative");
    assert_string_equal(import_parts(f, &mended, &a, &r, NULL), "imported");
}

TEST(a_test_message_changes_nothing)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct told told = { 0 };
    const struct parts test = { .control = "TestMessage" };
    assert_string_equal(import_parts(f, &test, &a, &r, &told), "tested");
    assert_true(told.text.length > 0); /* what it would have changed is told */
    assert_int_equal(count_of(f, "registry_recordings"), 0);
    assert_int_equal(count_of(f, "licence_licences"), 0);
    assert_int_equal(count_of(f, "ddex_messages"), 1);
    buf_done(&told.text);
}

TEST(a_restated_share_keeps_its_turn)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct told told = { 0 };
    const struct parts half = { .share = SHARE_OF("", "50") };
    const struct parts more = { .id = "M-2",
                                .created = "2026-02-02T12:00:00Z",
                                .share = SHARE_OF(" HasMaxValueOfOne=\"true\"", "0.625") };
    import_parts(f, &half, &a, &r, NULL);
    assert_string_equal(import_parts(f, &more, &a, &r, &told), "imported");
    assert_string_equal((const char *)told.text.bytes,
                        "changed claim: 50 % of making_available by Lantern Hill in Worldwide -> "
                        "62.5 % of making_available by Lantern Hill in Worldwide\n");
    assert_int_equal(store_fixture_int(f->store, "SELECT share_e8 FROM registry_claims"), 62500000);
    buf_done(&told.text);
}

TEST(a_deal_with_takedown_or_all_cancelled_grants_nothing)
{
    FIXTURE(f);
    static const char *const terms[] = {
        DEAL(IN("DE") "<TakeDown>true</TakeDown>"),
        DEAL("<AllDealsCancelled>true</AllDealsCancelled>"),
        DEAL(IN("DE") SUBSCRIBE STREAM "<ValidityPeriod><StartDate>2026-01-01</StartDate><EndDate>"
                                       "2026-01-31</EndDate></ValidityPeriod>"),
    };
    for (size_t i = 0; i < COUNT_OF(terms); i++) {
        ARENA(a);
        struct ern_report r;
        char first[20], second[20];
        snprintf(first, sizeof first, "A-%zu", i);
        snprintf(second, sizeof second, "B-%zu", i);
        const struct parts grant = { .id = first, .created = "2026-02-01T10:00:00Z" },
                           end = { .id = second, .deals = terms[i] };
        import_parts(f, &grant, &a, &r, NULL);
        assert_string_equal(import_parts(f, &end, &a, &r, NULL), "imported");
        /* in force when the message was made: 2026-02-01T12:00:00Z */
        assert_int_equal(store_fixture_int(f->store,
                                           "SELECT count(*) FROM licence_licences WHERE ended = 0 "
                                           "AND until_us > 1769947200000000"),
                         0);
    }
}

/* ---- partners ---- */

static void set_partner(struct store_fixture *f, struct ern_partner *p)
{
    TX(tx);
    struct party party = { .slug = "lantern", .name = "Lantern Hill", .dpid = SENDER };
    struct registry_act act = { .who = STR("tester"),
                                .why = STR("a test"),
                                .now = { 1770000000000000 },
                                .chance = &f->chance };
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    act.tx = tx;
    CHECK_OK(registry_operator(tx, act.now, &f->chance, &act.catalogue, e));
    CHECK_OK(registry_party_put(&act, &party, e));
    p->party = party.id;
    CHECK_OK(ern_partner_put(&act, p, e));
    CHECK_OK(store_commit_take(take(tx), e));
}

TEST(a_partner_may_have_to_name_what_it_takes_down)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct ern_partner partner = { .dpid = SENDER, .omission = ERN_OMISSION_REFUSED };
    const struct parts both = { .deals = DEAL(IN("DE") IN("FR") START SUBSCRIBE STREAM) };
    const struct parts omits = { .id = "M-2", .created = "2026-02-02T12:00:00Z" };
    const struct parts names = { .id = "M-3",
                                 .created = "2026-02-02T12:00:00Z",
                                 .deals = STREAM_DEAL DEAL(
                                     IN("FR") SUBSCRIBE STREAM
                                     "<ValidityPeriod><StartDate>2026-01-01</StartDate><EndDate>"
                                     "2026-02-01</EndDate></ValidityPeriod>") };
    set_partner(f, &partner);
    assert_string_equal(import_parts(f, &both, &a, &r, NULL), "imported");
    assert_string_equal(import_parts(f, &omits, &a, &r, NULL), "deal.omitted");
    assert_non_null(strstr(r.refusal.text, "FR"));
    assert_string_equal(import_parts(f, &names, &a, &r, NULL), "imported");
}

TEST(channels_are_the_apps_of_a_partner)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct told told = { 0 };
    const struct app_id phone = { { 7 } };
    struct ern_partner partner = {
        .dpid = "PADPIDA2099999955X", .percent = ERN_PERCENT_UPLOAD, .apps = &phone, .app_count = 1
    };
    const struct parts deal = { .deals = DEAL(
                                    IN("DE") START SUBSCRIBE STREAM
                                    "<DistributionChannel><PartyId>PADPIDA2099999955X</PartyId>"
                                    "</DistributionChannel>") };
    set_partner(f, &partner);
    assert_string_equal(import_parts(f, &deal, &a, &r, &told), "imported");
    assert_non_null(strstr((const char *)told.text.bytes, " for app_"));
    buf_done(&told.text);
}

TEST(per_cent_without_a_side_are_what_the_partner_means)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct told told = { 0 };
    struct ern_partner partner = { .dpid = SENDER, .percent = ERN_PERCENT_UPLOAD };
    const struct parts deal = { .deals = CLAIM(
                                    POLICY(CONDITION("50", "Percent", ""), "BlockAccess")) };
    set_partner(f, &partner);
    assert_string_equal(import_parts(f, &deal, &a, &r, &told), "imported");
    assert_non_null(strstr((const char *)told.text.bytes, "block if percent_of_upload > 50 in DE"));
    buf_done(&told.text);
}

/* ---- a holder's own upload ---- */

TEST(a_holder_sends_its_own_messages_and_files_its_own_shares)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct ern_partner partner = { .dpid = SENDER };
    const struct party_id stranger = { { 9 } };
    const struct parts two = {
        .parties = PARTY "<Party><PartyReference>P2</PartyReference><PartyName><FullName>Other"
                         "</FullName></PartyName></Party>",
        .share = SHARE_OF("", "60") "<ResourceRightsController><RightsControllerPartyReference>P2"
                                    "</RightsControllerPartyReference><RightSharePercentage>40"
                                    "</RightSharePercentage></ResourceRightsController>"
    };
    BUF(xml);
    set_partner(f, &partner);
    compose(&two, &xml);
    import_text(f, buf_as_str(&xml), stranger, &a, &r, NULL);
    assert_string_equal(ern_rule_word(r.refusal.rule), "header.sender");
    import_text(f, buf_as_str(&xml), partner.party, &a, &r, NULL);
    assert_int_equal(r.outcome, ERN_IMPORTED);
    assert_true(has_note(&r, "share.other"));
    assert_int_equal(count_of(f, "registry_claims"), 1);
    assert_int_equal(store_fixture_int(f->store, "SELECT share_e8 FROM registry_claims"), 60000000);
}

/* ---- purge ---- */

static void purge(struct store_fixture *f, const char *id, const char *icpn, const char *sender,
                  struct arena *a, struct ern_report *r)
{
    BUF(xml);
    buf_format(&xml,
               "<e:PurgeReleaseMessage xmlns:e=\"http://ddex.net/xml/ern/43\"><MessageHeader>"
               "<MessageId>%s</MessageId><MessageSender><PartyId>%s</PartyId></MessageSender>"
               "<MessageCreatedDateTime>2026-02-05T12:00:00Z</MessageCreatedDateTime>"
               "</MessageHeader><PurgedRelease><ReleaseId><ICPN>%s</ICPN></ReleaseId>"
               "</PurgedRelease></e:PurgeReleaseMessage>",
               id, sender, icpn);
    import_text(f, buf_as_str(&xml), (struct party_id) { { 0 } }, a, r, NULL);
}

TEST(a_release_is_purged_by_its_own_sender_only)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    const struct parts one = { 0 };
    import_parts(f, &one, &a, &r, NULL);
    purge(f, "P-1", "9990000000012", "PADPIDA2099999977X", &a, &r);
    assert_string_equal(ern_rule_word(r.refusal.rule), "purge.unknown");
    purge(f, "P-2", "9990000000029", SENDER, &a, &r);
    assert_string_equal(ern_rule_word(r.refusal.rule), "purge.unknown");
    assert_int_equal(
        store_fixture_int(f->store, "SELECT count(*) FROM licence_licences WHERE ended = 0"), 1);
    purge(f, "P-3", "9990000000012", SENDER, &a, &r);
    assert_int_equal(r.outcome, ERN_IMPORTED);
    assert_int_equal(
        store_fixture_int(f->store, "SELECT count(*) FROM licence_licences WHERE ended = 0"), 0);
}

/* ---- dates in territory time ---- */

TEST(a_date_begins_with_the_day_of_the_territory)
{
    static const struct {
        const char *territory, *date, *begins;
    } rows[] = {
        { "GB", "2026-01-15", "2026-01-15T00:00:00Z" },
        { "GB", "2026-07-15", "2026-07-14T23:00:00Z" },
        { "JP", "2026-01-15", "2026-01-14T15:00:00Z" },
        { "DE", "2026-03-29", "2026-03-28T23:00:00Z" },
        { "DE", "2026-03-30", "2026-03-29T22:00:00Z" },
        { "DE", "2026-10-25", "2026-10-24T22:00:00Z" },
        { "DE", "2026-10-26", "2026-10-25T23:00:00Z" },
        { "US", "2026-03-08", "2026-03-08T05:00:00Z" },
        { "US", "2026-03-09", "2026-03-09T04:00:00Z" },
        { "US", "2026-11-02", "2026-11-02T05:00:00Z" },
        { "AU", "2026-01-01", "2025-12-31T13:00:00Z" },
        { "NZ", "2026-07-01", "2026-06-30T12:00:00Z" },
        { "IN", "2026-01-01", "2025-12-31T18:30:00Z" },
        { "RU", "2026-06-01", "2026-05-31T21:00:00Z" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct territory t;
        struct day d;
        char text[INSTANT_TEXT];
        CHECK_OK(territory_parse(str_of(rows[i].territory), &t, e));
        CHECK_OK(day_parse(str_of(rows[i].date), &d, e));
        assert_string_equal(instant_format(territory_day_begin(t, d), text), rows[i].begins);
    }
}

TEST(a_date_that_is_to_come_is_a_record_for_each_zone)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct told told = { 0 };
    const struct parts ahead = {
        .deals = DEAL(IN("JP") IN("DE") IN("FR") SUBSCRIBE STREAM
                      "<ValidityPeriod><StartDate>2026-03-06</StartDate></ValidityPeriod>")
    };
    const struct parts past = {
        .id = "M-2",
        .created = "2026-02-02T12:00:00Z",
        .deals = DEAL(IN("JP") IN("DE") SUBSCRIBE STREAM
                      "<ValidityPeriod><StartDate>2026-01-06</StartDate></ValidityPeriod>")
    };
    assert_string_equal(import_parts(f, &ahead, &a, &r, &told), "imported");
    assert_non_null(strstr((const char *)told.text.bytes, "in DE,FR from 2026-03-05T23:00:00Z\n"));
    assert_non_null(strstr((const char *)told.text.bytes, "in JP from 2026-03-05T15:00:00Z\n"));
    buf_clear(&told.text);
    assert_string_equal(import_parts(f, &past, &a, &r, &told), "imported");
    assert_non_null(strstr((const char *)told.text.bytes, "in DE,JP from 2026-01-05T23:00:00Z\n"));
    buf_done(&told.text);
}

TEST(a_preview_may_be_heard_before_the_deal_begins)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct told told = { 0 };
    const struct parts deal = {
        .deals = DEAL(IN("DE") SUBSCRIBE STREAM
                      "<ClipPreviewStartDate>2026-02-20</ClipPreviewStartDate>"
                      "<ValidityPeriod><StartDate>2026-03-06</StartDate></ValidityPeriod>")
    };
    assert_string_equal(import_parts(f, &deal, &a, &r, &told), "imported");
    assert_non_null(strstr((const char *)told.text.bytes,
                           "preview for subscription in DE from 2026-02-19T23:00:00Z until "
                           "2026-03-05T23:00:00Z\n"));
    assert_non_null(strstr((const char *)told.text.bytes,
                           "stream,preview for subscription in DE from 2026-03-05T23:00:00Z\n"));
    buf_done(&told.text);
}

/* `"visible"` of the release R0, and what stands beside the deals. */
#define VISIBLE_RELEASE(more)                                                                      \
    "<Release><ReleaseReference>R0</ReleaseReference><ReleaseId><ICPN>9990000000012</ICPN>"        \
    "</ReleaseId><DisplayTitleText>Walks</DisplayTitleText><ReleaseVisibilityReference>V1"         \
    "</ReleaseVisibilityReference><ReleaseResourceReference>A1</ReleaseResourceReference>"         \
    "</Release>" more
#define VISIBILITY(name, from)                                                                     \
    "<ReleaseVisibility><VisibilityReference>" name                                                \
    "</VisibilityReference>" IN("Worldwide") "<ClipPreviewStartDateTime>" from                     \
                                             "</ClipPreviewStartDateTime></ReleaseVisibility>"

TEST(previews_begin_when_the_visibility_of_the_track_or_else_the_release_says)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct told told = { 0 };
    struct parts album = { .releases = VISIBLE_RELEASE(""),
                           .deals = STREAM_DEAL VISIBILITY("V1", "2025-12-01T00:00:00Z") };
    static const char track[] = VISIBLE_RELEASE(
        "<TrackRelease><ReleaseReference>R1</ReleaseReference><ReleaseId>"
        "<ISRC>XXLHR2600001</ISRC></ReleaseId><ReleaseVisibilityReference>V2"
        "</ReleaseVisibilityReference><ReleaseResourceReference>A1"
        "</ReleaseResourceReference></TrackRelease>");
    struct parts both = { .id = "M-2",
                          .created = "2026-02-02T12:00:00Z",
                          .releases = track,
                          .deals = STREAM_DEAL VISIBILITY("V1", "2025-12-01T00:00:00Z")
                              VISIBILITY("V2", "2025-12-24T00:00:00Z") };
    struct parts nowhere = { .id = "M-3",
                             .created = "2026-02-03T12:00:00Z",
                             .releases = VISIBLE_RELEASE("") };
    assert_string_equal(import_parts(f, &album, &a, &r, &told), "imported");
    assert_non_null(strstr((const char *)told.text.bytes,
                           "preview for subscription in DE from 2025-12-01T00:00:00Z until "
                           "2026-01-01T00:00:00Z\n"));
    buf_clear(&told.text);
    assert_string_equal(import_parts(f, &both, &a, &r, &told), "imported");
    assert_non_null(strstr((const char *)told.text.bytes,
                           "preview for subscription in DE from 2025-12-24T00:00:00Z until "
                           "2026-01-01T00:00:00Z\n"));
    assert_string_equal(import_parts(f, &nowhere, &a, &r, NULL), "anchor.missing");
    buf_done(&told.text);
}

TEST(a_sender_says_which_seconds_are_the_preview)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct told told = { 0 };
    struct parts one = { .share = "<TechnicalDetails><ClipDetails><ClipType>Preview</ClipType>"
                                  "<Timing><StartPoint>45.5</StartPoint><DurationUsed>PT20S"
                                  "</DurationUsed></Timing></ClipDetails></TechnicalDetails>" };
    struct parts none = { .id = "M-2", .created = "2026-02-02T12:00:00Z" };
    assert_string_equal(import_parts(f, &one, &a, &r, &told), "imported");
    assert_non_null(
        strstr((const char *)told.text.bytes, "-> a preview from 45.500 s for 20.000 s\n"));
    assert_int_equal(count_of(f, "ddex_previews"), 1);
    assert_string_equal(import_parts(f, &none, &a, &r, NULL), "imported");
    assert_int_equal(count_of(f, "ddex_previews"), 0);
    buf_done(&told.text);
}

TEST(conditions_may_be_about_segments_of_the_reference)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct told told = { 0 };
    static const struct parts two = {
        .deals = CLAIM(POLICY(CONDITION("10", "Second",
                                        "<Segment><StartTime>PT1M30S</StartTime><Duration>PT30S"
                                        "</Duration></Segment><Segment><StartTime>PT30S"
                                        "</StartTime><EndTime>PT1M</EndTime></Segment>"),
                              "BlockAccess"))
    };
    assert_string_equal(import_parts(f, &two, &a, &r, &told), "imported");
    assert_non_null(
        strstr((const char *)told.text.bytes, "block if seconds in 30-60+90-120 > 10 in DE"));
    buf_done(&told.text);
}

TEST(deals_are_of_the_party_on_whose_behalf_they_are_sent)
{
    FIXTURE(f);
    ARENA(a);
    struct ern_report r;
    struct ern_partner partner = { .dpid = "LABEL" };
    const struct parts one = { .sender = "PADPIDA2099999944X", .behalf = "LABEL" };
    char sql[200], id[2 * ID_BYTES + 1];
    set_partner(f, &partner);
    assert_string_equal(import_parts(f, &one, &a, &r, NULL), "imported");
    hex_encode(partner.party.bytes, ID_BYTES, id);
    snprintf(sql, sizeof sql,
             store_kind(f->store) == STORE_SQLITE
                 ? "SELECT count(*) FROM licence_licences WHERE hex(licensor) = upper('%s')"
                 : "SELECT count(*) FROM licence_licences WHERE encode(licensor, 'hex') = '%s'",
             id);
    assert_int_equal(store_fixture_int(f->store, sql), 1);
}

TEST(lengths_are_read_as_the_standard_writes_them)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } rows[] = { { "PT3M20S", 200000 },
                 { "PT1H", 3600000 },
                 { "PT2M5.5S", 125500 },
                 { "PT0S", 0 },
                 { "PT1H2M3.004S", 3723004 },
                 { "PT", -1 },
                 { "3:20", -1 },
                 { "PT3S2M", -1 },
                 { "PT3X", -1 },
                 { "PT9999999999S", -1 } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t ms = -1;
        struct error e;
        enum code code = ern_duration_ms(rows[i].text, &ms, &e);
        if (rows[i].ms < 0 ? code != ERR_INVALID : code != OK || ms != rows[i].ms)
            STOP("%s: %lld", rows[i].text, (long long)ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(each_rule_refuses_by_name_and_leaves_nothing),
        STORE_TEST(what_is_not_known_is_named_and_left_out),
        STORE_TEST(a_newer_message_replaces_all_deals),
        STORE_TEST(an_older_message_changes_nothing_that_a_newer_one_said),
        STORE_TEST(a_message_counts_once_and_its_id_is_not_used_again),
        STORE_TEST(a_test_message_changes_nothing),
        STORE_TEST(a_restated_share_keeps_its_turn),
        STORE_TEST(a_deal_with_takedown_or_all_cancelled_grants_nothing),
        STORE_TEST(a_partner_may_have_to_name_what_it_takes_down),
        STORE_TEST(channels_are_the_apps_of_a_partner),
        STORE_TEST(per_cent_without_a_side_are_what_the_partner_means),
        STORE_TEST(a_holder_sends_its_own_messages_and_files_its_own_shares),
        STORE_TEST(a_release_is_purged_by_its_own_sender_only),
        cmocka_unit_test(a_date_begins_with_the_day_of_the_territory),
        STORE_TEST(a_date_that_is_to_come_is_a_record_for_each_zone),
        STORE_TEST(a_preview_may_be_heard_before_the_deal_begins),
        STORE_TEST(previews_begin_when_the_visibility_of_the_track_or_else_the_release_says),
        STORE_TEST(a_sender_says_which_seconds_are_the_preview),
        STORE_TEST(conditions_may_be_about_segments_of_the_reference),
        STORE_TEST(deals_are_of_the_party_on_whose_behalf_they_are_sent),
        cmocka_unit_test(lengths_are_read_as_the_standard_writes_them),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
