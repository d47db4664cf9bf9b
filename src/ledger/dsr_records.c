/* SPDX-License-Identifier: Apache-2.0 */
/* The cells of each record of a sales report, in their order. docs/formats/dsr.md. */
#include "ledger/dsr_inside.h"

#include <assert.h>
#include <stdio.h>

static const struct {
    const char *type;
    const char *cells[DSR_CELLS_MOST]; /* behind the type; ends with NULL */
} records[DSR_RECORD_COUNT] = {
    [DSR_HEAD] = { "HEAD",
                   { "MessageVersion", "Profile", "ProfileVersion", "MessageId",
                     "MessageCreatedDateTime", "FileNumber", "NumberOfFiles", "UsageStartDate",
                     "UsageEndDate", "SenderPartyId", "SenderName", "ServiceDescription",
                     "RecipientPartyId", "RecipientName", "RepresentedRepertoire", NULL } },
    [DSR_SY02_02] = { "SY02.02",
                      { "SummaryRecordId",
                        "DistributionChannel",
                        "DistributionChannelDPID",
                        "CommercialModel",
                        "UseType",
                        "Territory",
                        "ServiceDescription",
                        "Usages",
                        "Users",
                        "CurrencyOfReporting",
                        "NetRevenue",
                        "RightsController",
                        "RightsControllerPartyId",
                        "AllocatedUsages",
                        "AllocatedRevenue",
                        "AllocatedNetRevenue",
                        "RightsType",
                        "ContentCategory",
                        "CurrencyOfTransaction",
                        "ExchangeRate",
                        "RightsTypePercentage",
                        NULL } },
    [DSR_AS02_02] = { "AS02.02",
                      { "BlockId",
                        "ResourceReference",
                        "DspResourceId",
                        "ISRC",
                        "Title",
                        "SubTitle",
                        "DisplayArtistName",
                        "DisplayArtistPartyId",
                        "Duration",
                        "ResourceType",
                        "ISWC",
                        "ComposerAuthor",
                        "ComposerAuthorPartyId",
                        "Arranger",
                        "ArrangerPartyId",
                        "MusicPublisher",
                        "MusicPublisherPartyId",
                        "WorkContributor",
                        "WorkContributorPartyId",
                        "ProprietaryWorkId",
                        "IsMasterRecording",
                        NULL } },
    [DSR_SU02] = { "SU02",
                   { "BlockId", "SummaryRecordId", "SalesTransactionId", "TransactedRelease",
                     "TransactedResource", "IsRoyaltyBearing", "NumberOfStreams",
                     "PriceConsumerPaidExcSalesTax", "PromotionalActivity", NULL } },
    [DSR_SU03_02] = { "SU03.02",
                      { "BlockId", "SalesTransactionId", "SummaryRecordId", "DspResourceId",
                        "Usages", "NetRevenue", "ValidityPeriodStart", "ValidityPeriodEnd",
                        "ContentCategory", "IsRoyaltyBearing", NULL } },
    [DSR_LI01_02] = { "LI01.02",
                      { "BlockId", "SummaryRecordId", "RightsController", "RightsControllerPartyId",
                        "RightsControllerWorkId", "RightSharePercentage", "RightsType",
                        "AllocatedNetRevenue", "AllocatedAmount", "AllocatedUsages", NULL } },
    [DSR_FOOT] = { "FOOT",
                   { "NumberOfLinesInFile", "NumberOfLinesInReport", "NumberOfSummaryRecords",
                     "NumberOfBlocksInFile", "NumberOfBlocksInReport", NULL } },
};

void dsr_begin(struct dsr_writer *w, enum dsr_record r)
{
    w->at = r;
    for (size_t i = 0; i < DSR_CELLS_MOST; i++)
        buf_clear(&w->cells[i]);
}

void dsr_set(struct dsr_writer *w, const char *cell, const char *text)
{
    size_t i = 0;
    while (records[w->at].cells[i] && strcmp(records[w->at].cells[i], cell) != 0)
        i++;
    assert(records[w->at].cells[i]);
    buf_clear(&w->cells[i]);
    for (const char *s = text ? text : ""; *s; s++) {
        if (*s == '|' || *s == '\\')
            buf_byte(&w->cells[i], '\\');
        buf_byte(&w->cells[i], *s == '\t' || *s == '\n' || *s == '\r' ? ' ' : (uint8_t)*s);
    }
}

void dsr_set_int(struct dsr_writer *w, const char *cell, int64_t n)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%lld", (long long)n);
    dsr_set(w, cell, digits);
}

void dsr_set_day(struct dsr_writer *w, const char *cell, struct day d)
{
    char date[INSTANT_TEXT];
    dsr_set(w, cell, day_format(d, date));
}

void dsr_end(struct dsr_writer *w)
{
    buf_text(w->out, records[w->at].type);
    for (size_t i = 0; records[w->at].cells[i]; i++) {
        buf_byte(w->out, '\t');
        buf_str(w->out, str_trim(buf_as_str(&w->cells[i])));
    }
    buf_byte(w->out, '\n');
    w->lines++;
}

void dsr_done(struct dsr_writer *w)
{
    for (size_t i = 0; i < DSR_CELLS_MOST; i++)
        buf_done(&w->cells[i]);
}
