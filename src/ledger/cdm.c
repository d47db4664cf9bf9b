/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a claim detail message, by the names of their cells. */
#include "ledger/cdm.h"

#include <stdlib.h>

enum { CELLS_MOST = 40, SHARE_WHOLE_CDM_E8 = 100000000 };

enum record { CDMH, CS01, CDS1, CD01, CD03, CDD1, CDD2, CDD3, SRFO, RECORD_COUNT };

/* The order of cells where the file does not tell its own in a comment line. */
static const struct {
    const char *type;
    const char *cells;
} records[RECORD_COUNT] = {
    [CDMH] = { "CDMH",
               "MessageVersion MessageId MessageCreatedDateTime Profile ProfileVersion RelatedCDM "
               "SalesReportId UsageStartDate UsageEndDate SenderPartyId SenderName "
               "ServiceDescription RecipientPartyId RecipientName" },
    [CS01] = { "CS01",
               "SummaryRecordId InvoiceReference RightsController RightsControllerPartyId "
               "DistributionChannel DistributionChannelDPID StartOfClaimPeriod EndOfClaimPeriod "
               "CommercialModel UseType Territory ServiceDescription CurrencyOfReporting "
               "CurrencyOfInvoicing ExchangeRate ExchangeRateSource StartDateOfCurrencyExchange "
               "EndDateOfCurrencyExchange RightsTypeSplitMechanical RightsTypeSplitPerforming "
               "TotalMarketShare TotalClaimedAmount" },
    [CDS1] = { "CDS1", "SummaryRecordId" },
    [CD01] = { "CD01", "ClaimId SummaryRecordId DspResourceId ISRC ResourceTitle DisplayArtistName "
                       "DisplayArtistPartyId LicensorWorkId ISWC WorkTitle AlternativeTitle "
                       "ComposerAuthorName ComposerAuthorPartyId ClaimBasis ShareClaimedMechanical "
                       "ShareClaimedPerforming BlendedShareClaimed SalesTransactionId Usages "
                       "PercentageOfResource GeneratedRevenue GeneratedRevenueInvoicing "
                       "ClaimedAmountMechanical ClaimedAmountPerforming TariffParameterType "
                       "TariffParameterValue ClaimedAmount" },
    [CD03] = { "CD03", "SummaryRecordId ClaimId DspResourceId ISRC ResourceTitle DisplayArtistName "
                       "DisplayArtistPartyId LicensorWorkId ISWC WorkTitle AlternativeTitle "
                       "ComposerAuthorName ComposerAuthorPartyId ClaimBasis ShareClaimedMechanical "
                       "ShareClaimedPerforming BlendedShareClaimed" },
    [CDD1] = { "CDD1",
               "ClaimDiscrepancyId ClaimId SummaryRecordId DiscrepancyType DiscrepantRecordType "
               "DiscrepancyDescription DiscrepantCellName" },
    [CDD2] = { "CDD2", "ClaimDiscrepancyId ClaimId SummaryRecordId DiscrepancyType ActionTaken "
                       "DspResourceId ResourceTitle DisplayArtistName" },
    [CDD3] = { "CDD3", "ClaimDiscrepancyId LicensorName LicensorPartyId ShareClaimedMechanical "
                       "ShareClaimedPerforming BlendedShareClaimed" },
    [SRFO] = { "SRFO", "NumberOfLinesInFile" },
};

struct layout {
    struct str names[CELLS_MOST];
    size_t count;
};

struct summary {
    const char *id, *territory, *currency;
};

struct reader {
    struct arena *a;
    struct error *e;
    struct cdm *out;
    struct layout layouts[RECORD_COUNT];
    enum record at;
    struct str cells[CELLS_MOST];
    size_t cell_count;
    uint32_t line;
    struct summary *summaries;
    size_t summary_count, summary_room, claim_room, discrepancy_room, overclaim_room;
    bool headed, footed;
};

static enum code wrong(struct reader *r, const char *cell, const char *words)
{
    return fail(r->e, ERR_INVALID, "line %u: %s: %s", r->line, cell, words);
}

static struct str raw(const struct reader *r, const char *name)
{
    const struct layout *l = &r->layouts[r->at];
    for (size_t i = 0; i < l->count && i < r->cell_count; i++)
        if (str_is(l->names[i], name))
            return r->cells[i];
    return STR("");
}

/* Without the backslashes that take a mark's meaning away. */
static const char *text(const struct reader *r, const char *name)
{
    BUF(b);
    struct str s = raw(r, name);
    buf_text(&b, "");
    for (size_t i = 0; i < s.length; i++)
        if (s.at[i] != '\\' || (i && s.at[i - 1] == '\\'))
            buf_byte(&b, (uint8_t)s.at[i]);
    return str_copy(r->a, buf_as_str(&b));
}

static enum code needed(struct reader *r, const char *name, const char **out)
{
    *out = text(r, name);
    return **out ? OK : wrong(r, name, "it is empty");
}

static enum code number(struct reader *r, const char *name, int64_t absent, int64_t *out)
{
    struct str s = str_trim(raw(r, name));
    struct error why;
    *out = absent;
    if (s.length && str_to_e8(s, out, &why) != OK)
        return wrong(r, name, why.text);
    return OK;
}

/* Percent, or a part of one where it is told with a point and is at most 1: "1.0000" is the whole. */
static enum code share(struct reader *r, const char *name, int64_t *out)
{
    struct str s = str_trim(raw(r, name));
    TRY(number(r, name, -1, out));
    if (s.length == 0)
        return OK;
    if (*out < 0)
        return wrong(r, name, "a share is not negative");
    bool part = *out <= SHARE_WHOLE_CDM_E8 && s.length > 4 && s.at[1] == '.';
    if (!part)
        *out /= 100;
    return OK;
}

static enum code shares(struct reader *r, struct cdm_shares *out)
{
    TRY(share(r, "ShareClaimedMechanical", &out->mechanical));
    TRY(share(r, "ShareClaimedPerforming", &out->performing));
    return share(r, "BlendedShareClaimed", &out->blended);
}

static enum code room_for(struct reader *r, void **items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return OK;
    size_t more = *room ? 2 * *room : 16;
    void *grown = arena_try(r->a, more, size);
    if (!grown)
        return fail(r->e, ERR_MEMORY, "no memory for %zu records", more);
    if (count)
        memcpy(grown, *items, count * size);
    *items = grown;
    *room = more;
    return OK;
}
#define ROOM(list, count, room) room_for(r, (void **)&(list), count, &(room), sizeof *(list))

static enum code head(struct reader *r)
{
    struct cdm *c = r->out;
    if (r->headed)
        return wrong(r, "CDMH", "it stands twice");
    r->headed = true;
    TRY(needed(r, "MessageId", &c->message));
    TRY(needed(r, "SenderPartyId", &c->sender_id));
    c->profile = text(r, "Profile");
    c->sales_report = text(r, "SalesReportId");
    c->related = text(r, "RelatedCDM");
    c->sender = text(r, "SenderName");
    c->recipient = text(r, "RecipientName");
    return OK;
}

static enum code add_summary(struct reader *r)
{
    struct summary s = { 0 };
    TRY(ROOM(r->summaries, r->summary_count, r->summary_room));
    TRY(needed(r, "SummaryRecordId", &s.id));
    s.territory = text(r, "Territory");
    s.currency = text(r, "CurrencyOfInvoicing");
    if (!*s.currency)
        s.currency = text(r, "CurrencyOfReporting");
    r->summaries[r->summary_count++] = s;
    return OK;
}

static enum code add_claim(struct reader *r)
{
    struct cdm *c = r->out;
    struct cdm_claim claim = { .line = r->line, .territory = "", .currency = "" };
    const char *of;
    TRY(ROOM(c->claims, c->claim_count, r->claim_room));
    TRY(needed(r, "DspResourceId", &claim.resource));
    TRY(needed(r, "SummaryRecordId", &of));
    size_t i = 0;
    while (i < r->summary_count && strcmp(r->summaries[i].id, of) != 0)
        i++;
    if (i == r->summary_count && r->at == CD01)
        return wrong(r, "SummaryRecordId", "there is no such summary");
    if (i < r->summary_count) {
        claim.territory = r->summaries[i].territory;
        claim.currency = r->summaries[i].currency;
    }
    claim.id = text(r, "ClaimId");
    claim.isrc = text(r, "ISRC");
    claim.title = text(r, "ResourceTitle");
    claim.basis = text(r, "ClaimBasis");
    TRY(shares(r, &claim.shares));
    TRY(number(r, "Usages", 0, &claim.usages_e8));
    TRY(number(r, "ClaimedAmount", 0, &claim.amount_e8));
    c->claims[c->claim_count++] = claim;
    return OK;
}

static enum code add_discrepancy(struct reader *r)
{
    struct cdm *c = r->out;
    struct cdm_discrepancy d = { .line = r->line };
    TRY(ROOM(c->discrepancies, c->discrepancy_count, r->discrepancy_room));
    TRY(needed(r, "ClaimDiscrepancyId", &d.id));
    TRY(needed(r, "DiscrepancyType", &d.type));
    d.claim = text(r, "ClaimId");
    d.record = text(r, "DiscrepantRecordType");
    d.words = text(r, "DiscrepancyDescription");
    c->discrepancies[c->discrepancy_count++] = d;
    return OK;
}

/* Several licensors contribute to an over-claim: a CDD2 with one of them is no over-claim. */
static enum code close_overclaim(struct reader *r)
{
    struct cdm *c = r->out;
    if (c->overclaim_count && c->overclaims[c->overclaim_count - 1].count < 2)
        return fail(r->e, ERR_INVALID, "line %u: CDD2: two CDD3 or more stand behind it",
                    c->overclaims[c->overclaim_count - 1].line);
    return OK;
}

static enum code add_overclaim(struct reader *r)
{
    struct cdm *c = r->out;
    TRY(close_overclaim(r));
    TRY(ROOM(c->overclaims, c->overclaim_count, r->overclaim_room));
    struct cdm_overclaim *o = &c->overclaims[c->overclaim_count];
    *o = (struct cdm_overclaim) { .line = r->line };
    TRY(needed(r, "ClaimDiscrepancyId", &o->id));
    TRY(needed(r, "DspResourceId", &o->resource));
    o->title = text(r, "ResourceTitle");
    c->overclaim_count++;
    return OK;
}

static enum code add_party(struct reader *r)
{
    struct cdm *c = r->out;
    struct cdm_overclaim *o = c->overclaim_count ? &c->overclaims[c->overclaim_count - 1] : NULL;
    if (!o || strcmp(o->id, text(r, "ClaimDiscrepancyId")) != 0)
        return wrong(r, "ClaimDiscrepancyId", "it is not that of the CDD2 before");
    if (o->count == CDM_PARTIES_MOST)
        return wrong(r, "CDD3", "more licensors than are read");
    o->parties[o->count].name = text(r, "LicensorName");
    o->parties[o->count].id = text(r, "LicensorPartyId");
    return shares(r, &o->parties[o->count++].shares);
}

static enum code foot(struct reader *r)
{
    int64_t lines;
    r->footed = true;
    TRY(close_overclaim(r));
    TRY(number(r, "NumberOfLinesInFile", -1, &lines));
    return lines < 0 || lines == (int64_t)r->line * SHARE_WHOLE_CDM_E8
               ? OK
               : wrong(r, "NumberOfLinesInFile", "the file has another number of lines");
}

static enum code read_record(struct reader *r)
{
    switch (r->at) {
    case CDMH:
        return head(r);
    case CS01:
    case CDS1:
        return add_summary(r);
    case CD01:
    case CD03:
        return add_claim(r);
    case CDD1:
        return add_discrepancy(r);
    case CDD2:
        return add_overclaim(r);
    case CDD3:
        return add_party(r);
    case SRFO:
        return foot(r);
    case RECORD_COUNT:
        break;
    }
    return OK;
}

/* "CD01.01" is read as "CD01". */
static enum record find_record(struct str type)
{
    struct str front;
    enum record k = CDMH;
    if (!str_split(&type, '.', &front))
        return RECORD_COUNT;
    while (k < RECORD_COUNT && !str_is(front, records[k].type))
        k++;
    return k;
}

static void set_layout(struct layout *l, struct str names, char mark)
{
    struct str name;
    l->count = 0;
    while (l->count < CELLS_MOST && str_split(&names, mark, &name))
        l->names[l->count++] = str_trim(name);
}

/* A comment that begins with a kind of record names its cells. */
static void read_comment(struct reader *r, struct str line)
{
    struct str type;
    line = (struct str) { line.at + 1, line.length - 1 };
    if (!str_split(&line, '\t', &type))
        return;
    enum record k = find_record(str_trim(type));
    if (k < RECORD_COUNT && line.length)
        set_layout(&r->layouts[k], line, '\t');
}

static enum code read_line(struct reader *r, struct str line)
{
    struct str type;
    if (line.length && line.at[line.length - 1] == '\r')
        line.length--;
    if (line.length == 0)
        return OK;
    if (line.at[0] == '#') {
        read_comment(r, line);
        return OK;
    }
    if (r->footed)
        return wrong(r, "SRFO", "it stands last");
    if (!str_split(&line, '\t', &type))
        return OK;
    r->at = find_record(type);
    if (!r->headed && r->at != CDMH)
        return wrong(r, "CDMH", "it stands first");
    r->cell_count = 0;
    while (r->cell_count < CELLS_MOST && str_split(&line, '\t', &r->cells[r->cell_count]))
        r->cell_count++;
    if (r->at == RECORD_COUNT) {
        r->out->passed_over++;
        return OK;
    }
    return read_record(r);
}

enum code cdm_read(struct str bytes, struct arena *a, struct cdm *out, struct error *e)
{
    struct cdm read = { 0 };
    struct reader *r = ARENA_NEW(a, struct reader);
    struct str line;
    *r = (struct reader) { .a = a, .e = e, .out = &read };
    if (bytes.length > CDM_BYTES_MOST)
        return fail(e, ERR_LIMIT, "a message has at most %d bytes", CDM_BYTES_MOST);
    if (!str_is_utf8(bytes) || (bytes.length && memchr(bytes.at, '\0', bytes.length)))
        return fail(e, ERR_INVALID, "the message is not text in UTF-8");
    for (int k = 0; k < RECORD_COUNT; k++)
        set_layout(&r->layouts[k], str_of(records[k].cells), ' ');
    while (str_split(&bytes, '\n', &line)) {
        r->line++;
        TRY(read_line(r, line));
    }
    if (!r->footed)
        return fail(e, ERR_INVALID, "line %u: SRFO: the message ends without it", r->line);
    *out = read;
    return OK;
}

/* ---- together -------------------------------------------------------------------------------------- */

#define MEMBER(name, word) [name] = word,
static const char *const status_words[] = { CDM_STATUSES(MEMBER) };
#undef MEMBER

const char *cdm_status_word(enum cdm_status s)
{
    return status_words[s];
}

/* A millionth of the whole is rounding: thirds have six decimals. */
enum cdm_status cdm_status_of(int64_t share_e8)
{
    enum { ROUNDING = 300 };
    if (share_e8 < SHARE_WHOLE_CDM_E8 - ROUNDING)
        return CDM_UNDER;
    if (share_e8 <= SHARE_WHOLE_CDM_E8 + ROUNDING)
        return CDM_COMPLETE;
    return share_e8 <= SHARE_WHOLE_CDM_E8 / 100 * 115 ? CDM_MINOR_OVER : CDM_MAJOR_OVER;
}

static int by_resource(const void *pa, const void *pb)
{
    const struct cdm_total *a = pa, *b = pb;
    int order = strcmp(a->resource, b->resource);
    order = order ? order : strcmp(a->territory, b->territory);
    return order ? order : strcmp(a->currency, b->currency);
}

static enum code add(int64_t *sum, int64_t part, struct error *e)
{
    if (part < 0)
        return OK;
    *sum = *sum < 0 ? 0 : *sum;
    return __builtin_add_overflow(*sum, part, sum) ? fail(e, ERR_LIMIT, "a sum leaves 64 bits")
                                                   : OK;
}

static int64_t largest(const struct cdm_shares *s)
{
    int64_t most = s->mechanical > s->performing ? s->mechanical : s->performing;
    return s->blended > most ? s->blended : most;
}

enum code cdm_totals(const struct cdm *messages, size_t count, struct arena *a,
                     struct cdm_total **out, size_t *total_count, struct error *e)
{
    size_t n = 0, all = 0;
    for (size_t m = 0; m < count; m++)
        all += messages[m].claim_count;
    struct cdm_total *t = arena_try(a, all + 1, sizeof *t);
    if (!t)
        return fail(e, ERR_MEMORY, "no memory for %zu claims", all);
    for (size_t m = 0, k = 0; m < count; m++)
        for (size_t i = 0; i < messages[m].claim_count; i++) {
            const struct cdm_claim *c = &messages[m].claims[i];
            t[k++] = (struct cdm_total) { c->resource, c->territory, c->currency,
                                          c->shares,   c->amount_e8, 1,
                                          CDM_COMPLETE };
        }
    if (all)
        qsort(t, all, sizeof *t, by_resource);
    for (size_t i = 0; i < all; i++) {
        if (n == 0 || by_resource(&t[n - 1], &t[i]) != 0) {
            t[n++] = t[i];
            continue;
        }
        struct cdm_total *sum = &t[n - 1];
        sum->claims++;
        TRY(add(&sum->shares.mechanical, t[i].shares.mechanical, e));
        TRY(add(&sum->shares.performing, t[i].shares.performing, e));
        TRY(add(&sum->shares.blended, t[i].shares.blended, e));
        if (__builtin_add_overflow(sum->amount_e8, t[i].amount_e8, &sum->amount_e8))
            return fail(e, ERR_LIMIT, "a sum leaves 64 bits");
    }
    for (size_t i = 0; i < n; i++)
        t[i].status = cdm_status_of(largest(&t[i].shares));
    *out = t;
    *total_count = n;
    return OK;
}
