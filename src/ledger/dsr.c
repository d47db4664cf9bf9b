/* SPDX-License-Identifier: Apache-2.0 */
/* The sales report: a summary for each territory and model, a block for each recording, a foot that
 * counts them; for user-generated content or for audio. docs/formats/dsr.md has the cells. */
#include <stdio.h>
#include <stdlib.h>

#include "ledger/dsr_inside.h"
#include "ledger/report.h"

/* A party without a DPID of its own; the check character is wrong, so nobody takes it for one. */
#define NO_DPID "PADPIDA0000000000X"

/* All lines of one recording, territory, model and window: what is due for the same plays. */
struct entry {
    const struct statement_line *line; /* the first of them */
    int64_t touched, plays_e8, minor;
};

struct summary {
    struct territory territory;
    uint8_t models;
    int64_t touched, plays_e8, minor;
};

struct dsr {
    const struct report_input *in;
    const struct dsr_profile *profile;
    struct dsr_writer w;
    struct entry *entries;
    size_t entry_count;
    struct summary *summaries;
    size_t summary_count;
    int64_t blocks;
    const char *right;
};

struct dsr_profile {
    const char *name, *version;
    void (*usage)(struct dsr *d, const struct entry *x, int64_t transaction);
};

static const char *dpid_or_none(const char *dpid)
{
    return dpid && *dpid ? dpid : NO_DPID;
}

static void set_amount(struct dsr *d, const char *cell, int64_t minor)
{
    char sum[40];
    struct money m = { minor, d->in->statement->currency };
    dsr_set(&d->w, cell, strchr(money_format(m, sum), ' ') + 1);
}

static void set_plays(struct dsr *d, const char *cell, int64_t e8)
{
    BUF(b);
    if (e8 < 0)
        buf_byte(&b, '-');
    e8_format(e8 < 0 ? -e8 : e8, &b);
    dsr_set(&d->w, cell, (const char *)b.bytes);
}

/* No blanks, underscores or slashes: it is a part of the file's name. */
static void service(const struct report_input *in, struct buf *out)
{
    for (const char *s = in->platform; *s; s++)
        buf_byte(out, *s == ' ' || *s == '_' || *s == '/' ? '-' : (uint8_t)*s);
}

static void set_service(struct dsr *d)
{
    BUF(b);
    service(d->in, &b);
    dsr_set(&d->w, "ServiceDescription", (const char *)b.bytes);
}

/* ---- sums ---------------------------------------------------------------------------------------- */

#define COMPARE(a, b)                                                                              \
    if ((a) != (b))                                                                                \
    return (a) < (b) ? -1 : 1

/* Sums that are not of one recording stand first. */
static int by_recording(const void *pa, const void *pb)
{
    const struct statement_line *a = ((const struct entry *)pa)->line,
                                *b = ((const struct entry *)pb)->line;
    int order = memcmp(a->recording.bytes, b->recording.bytes, ID_BYTES);
    if (order)
        return order;
    if (recording_id_is_none(a->recording)) {
        COMPARE(a->kind, b->kind);
        COMPARE(a->clause, b->clause);
    }
    COMPARE(a->territory.index, b->territory.index);
    COMPARE(a->models, b->models);
    COMPARE(a->from.number, b->from.number);
    return 0;
}

static int64_t larger(int64_t a, int64_t b)
{
    return (a < 0 ? -a : a) >= (b < 0 ? -b : b) ? a : b;
}

/* Several clauses are due for the same plays: the money is added up, the plays are not. */
static enum code list_entries(struct dsr *d, struct arena *a, struct error *e)
{
    const struct report_input *in = d->in;
    size_t n = 0;
    d->entries = arena_try(a, in->count + 1, sizeof *d->entries);
    if (!d->entries)
        return fail(e, ERR_MEMORY, "no memory for %zu lines", in->count);
    for (size_t i = 0; i < in->count; i++)
        if (line_is_due(in->lines[i].kind))
            d->entries[n++] = (struct entry) { &in->lines[i], in->lines[i].touched,
                                               in->lines[i].plays_e8, in->lines[i].minor };
    if (n)
        qsort(d->entries, n, sizeof *d->entries, by_recording);
    for (size_t i = 0; i < n; i++) {
        struct entry *last = d->entry_count ? &d->entries[d->entry_count - 1] : NULL;
        const struct entry *x = &d->entries[i];
        if (!last || by_recording(last, x) != 0) {
            d->entries[d->entry_count++] = *x;
            continue;
        }
        last->touched = larger(last->touched, x->touched);
        last->plays_e8 = larger(last->plays_e8, x->plays_e8);
        if (__builtin_add_overflow(last->minor, x->minor, &last->minor))
            return fail(e, ERR_LIMIT, "the sum of a recording leaves 64 bits");
    }
    return OK;
}

static size_t summary_of(const struct dsr *d, const struct statement_line *l)
{
    size_t i = 0;
    while (i < d->summary_count && (d->summaries[i].territory.index != l->territory.index ||
                                    d->summaries[i].models != l->models))
        i++;
    return i;
}

static int by_territory(const void *pa, const void *pb)
{
    const struct summary *a = pa, *b = pb;
    COMPARE(a->territory.index, b->territory.index);
    COMPARE(a->models, b->models);
    return 0;
}

static enum code list_summaries(struct dsr *d, struct arena *a, struct error *e)
{
    d->summaries = ARENA_ARRAY(a, struct summary, 256 * (MODEL_COUNT + 1) + 1);
    for (size_t i = 0; i < d->entry_count; i++) {
        const struct entry *x = &d->entries[i];
        struct summary *s = &d->summaries[summary_of(d, x->line)];
        if (s == &d->summaries[d->summary_count])
            d->summaries[d->summary_count++] = (struct summary) { x->line->territory,
                                                                  x->line->models, 0, 0, 0 };
        if (__builtin_add_overflow(s->touched, x->touched, &s->touched) ||
            __builtin_add_overflow(s->plays_e8, x->plays_e8, &s->plays_e8) ||
            __builtin_add_overflow(s->minor, x->minor, &s->minor))
            return fail(e, ERR_LIMIT, "the sum of a territory leaves 64 bits");
    }
    if (d->summary_count)
        qsort(d->summaries, d->summary_count, sizeof *d->summaries, by_territory);
    if (d->summary_count == 0) /* one is needed, also where nothing is due */
        d->summaries[d->summary_count++] = (struct summary) { TERRITORY_UNKNOWN, 0, 0, 0, 0 };
    return OK;
}

/* ---- records --------------------------------------------------------------------------------------- */

static void head(struct dsr *d)
{
    const struct report_input *in = d->in;
    const struct statement *s = in->statement;
    bool nobody = party_id_is_none(s->licensor);
    char id[ID_TEXT], when[INSTANT_TEXT];
    struct instant closed = { s->closed.us / 1000000 * 1000000 };
    dsr_begin(&d->w, DSR_HEAD);
    /* the versions of parts 1 (architecture), 2 (values) and 8 (records) that are followed */
    dsr_set(&d->w, "MessageVersion", "dsrf/1.3/1.4.1/1.5");
    dsr_set(&d->w, "Profile", d->profile->name);
    dsr_set(&d->w, "ProfileVersion", d->profile->version);
    dsr_set(&d->w, "MessageId", statement_id_format(s->id, id));
    dsr_set(&d->w, "MessageCreatedDateTime", instant_format(closed, when));
    dsr_set_int(&d->w, "FileNumber", 1);
    dsr_set_int(&d->w, "NumberOfFiles", 1);
    dsr_set_day(&d->w, "UsageStartDate", s->from);
    dsr_set_day(&d->w, "UsageEndDate", (struct day) { s->until.number - 1 });
    dsr_set(&d->w, "SenderPartyId", dpid_or_none(in->platform_dpid));
    dsr_set(&d->w, "SenderName", in->platform_name);
    set_service(d);
    dsr_set(&d->w, "RecipientPartyId", dpid_or_none(in->licensor_dpid));
    dsr_set(&d->w, "RecipientName", in->licensor_name);
    dsr_set(&d->w, "RepresentedRepertoire", nobody ? "Residual" : in->licensor);
    dsr_end(&d->w);
}

static const char *controller(const struct dsr *d)
{
    return party_id_is_none(d->in->statement->licensor) ? "Residual" : d->in->licensor_name;
}

static void set_controller_id(struct dsr *d)
{
    BUF(b);
    if (party_id_is_none(d->in->statement->licensor))
        return;
    buf_format(&b, d->in->licensor_dpid ? "DPID::%s" : "licet::%s",
               d->in->licensor_dpid ? d->in->licensor_dpid : d->in->licensor);
    dsr_set(&d->w, "RightsControllerPartyId", (const char *)b.bytes);
}

static void summaries(struct dsr *d)
{
    const char *currency = d->in->statement->currency.code;
    for (size_t i = 0; i < d->summary_count; i++) {
        const struct summary *s = &d->summaries[i];
        bool known = territory_is_known(s->territory);
        dsr_begin(&d->w, DSR_SY02_02);
        dsr_set_int(&d->w, "SummaryRecordId", (int64_t)i + 1);
        dsr_set(&d->w, "CommercialModel",
                s->models == MODEL_BIT(MODEL_FREE)           ? "AdvertisementSupportedModel"
                : s->models == MODEL_BIT(MODEL_SUBSCRIPTION) ? "SubscriptionModel"
                                                             : "AsPerContract");
        dsr_set(&d->w, "UseType", s->models ? "Stream" : "AsPerContract");
        dsr_set(&d->w, "Territory", known ? territory_code(s->territory) : "Worldwide");
        set_service(d);
        dsr_set_int(&d->w, "Usages", s->touched);
        dsr_set(&d->w, "CurrencyOfReporting", currency);
        set_amount(d, "NetRevenue", s->minor);
        dsr_set(&d->w, "RightsController", controller(d));
        set_controller_id(d);
        set_plays(d, "AllocatedUsages", s->plays_e8);
        set_amount(d, "AllocatedRevenue", s->minor);
        set_amount(d, "AllocatedNetRevenue", s->minor);
        dsr_set(&d->w, "RightsType", d->right);
        dsr_set(&d->w, "ContentCategory", "Music");
        dsr_set(&d->w, "CurrencyOfTransaction", currency);
        dsr_set(&d->w, "ExchangeRate", "1");
        dsr_set(&d->w, "RightsTypePercentage", "100");
        dsr_end(&d->w);
    }
}

static void set_resource(struct dsr *d, const char *cell, const struct statement_line *l)
{
    char id[ID_TEXT];
    dsr_set(&d->w, cell,
            recording_id_is_none(l->recording) ? line_kind_word(l->kind)
                                               : recording_id_format(l->recording, id));
}

static enum code resource(struct dsr *d, const struct statement_line *l, struct error *e)
{
    struct recording r = { 0 };
    char duration[40];
    bool whole = recording_id_is_none(l->recording);
    if (!whole)
        TRY(d->in->recording(d->in->ctx, l->recording, &r, e));
    dsr_begin(&d->w, DSR_AS02_02);
    dsr_set_int(&d->w, "BlockId", ++d->blocks);
    dsr_set_int(&d->w, "ResourceReference", 1);
    set_resource(d, "DspResourceId", l);
    dsr_set(&d->w, "ISRC", r.isrc);
    if (r.title && *r.title)
        dsr_set(&d->w, "Title", r.title);
    else
        set_resource(d, "Title", l);
    dsr_set(&d->w, "DisplayArtistName", r.artist && *r.artist ? r.artist : "Unknown");
    snprintf(duration, sizeof duration, "PT%lldM%lldS", (long long)(r.duration_ms / 60000),
             (long long)(r.duration_ms / 1000 % 60));
    if (r.duration_ms)
        dsr_set(&d->w, "Duration", duration);
    dsr_set(&d->w, "ResourceType", "SoundRecording");
    dsr_set(&d->w, "IsMasterRecording", "true");
    dsr_end(&d->w);
    return OK;
}

static void begin_usage(struct dsr *d, enum dsr_record r, const struct entry *x, int64_t number)
{
    dsr_begin(&d->w, r);
    dsr_set_int(&d->w, "BlockId", d->blocks);
    dsr_set_int(&d->w, "SummaryRecordId", (int64_t)summary_of(d, x->line) + 1);
    dsr_set_int(&d->w, "SalesTransactionId", number);
    dsr_set(&d->w, "IsRoyaltyBearing", "true");
}

static void audio_usage(struct dsr *d, const struct entry *x, int64_t number)
{
    begin_usage(d, DSR_SU02, x, number);
    dsr_set_int(&d->w, "TransactedResource", 1);
    dsr_set_int(&d->w, "NumberOfStreams", x->touched);
    dsr_end(&d->w);
}

/* The share that was the licensor's in these plays, in per cent with six decimals. */
static void set_share(struct dsr *d, const struct entry *x)
{
    int64_t plays = x->plays_e8 < 0 ? -x->plays_e8 : x->plays_e8,
            whole = x->touched < 0 ? -x->touched : x->touched;
    set_plays(d, "RightSharePercentage",
              whole ? (int64_t)((int128)plays * 100 / whole) / 100 * 100 : 100 * SHARE_WHOLE_E8);
}

static void ugc_usage(struct dsr *d, const struct entry *x, int64_t number)
{
    begin_usage(d, DSR_SU03_02, x, number);
    set_resource(d, "DspResourceId", x->line);
    dsr_set_int(&d->w, "Usages", x->touched);
    set_amount(d, "NetRevenue", x->minor);
    dsr_set_day(&d->w, "ValidityPeriodStart", x->line->from);
    dsr_set_day(&d->w, "ValidityPeriodEnd", (struct day) { x->line->until.number - 1 });
    dsr_set(&d->w, "ContentCategory", "Music");
    dsr_end(&d->w);
    dsr_begin(&d->w, DSR_LI01_02);
    dsr_set_int(&d->w, "BlockId", d->blocks);
    dsr_set_int(&d->w, "SummaryRecordId", (int64_t)summary_of(d, x->line) + 1);
    dsr_set(&d->w, "RightsController", controller(d));
    set_controller_id(d);
    set_share(d, x);
    dsr_set(&d->w, "RightsType", d->right);
    set_amount(d, "AllocatedNetRevenue", x->minor);
    set_amount(d, "AllocatedAmount", x->minor);
    set_plays(d, "AllocatedUsages", x->plays_e8);
    dsr_end(&d->w);
}

static const struct dsr_profile profiles[] = {
    [DSR_UGC] = { "UGCProfile", "1.2", ugc_usage },
    [DSR_AUDIO] = { "BasicAudioProfile", "1.2", audio_usage },
};

static bool same_resource(const struct statement_line *a, const struct statement_line *b)
{
    return recording_id_equal(a->recording, b->recording) &&
           (!recording_id_is_none(a->recording) || (a->kind == b->kind && a->clause == b->clause));
}

static enum code blocks(struct dsr *d, struct error *e)
{
    for (size_t i = 0; i < d->entry_count; i++) {
        const struct entry *x = &d->entries[i];
        if (i == 0 || !same_resource(d->entries[i - 1].line, x->line))
            TRY(resource(d, x->line, e));
        d->profile->usage(d, x, (int64_t)i + 1);
    }
    return OK;
}

static void foot(struct dsr *d)
{
    dsr_begin(&d->w, DSR_FOOT);
    dsr_set_int(&d->w, "NumberOfLinesInFile", d->w.lines + 1);
    dsr_set_int(&d->w, "NumberOfLinesInReport", d->w.lines + 1);
    dsr_set_int(&d->w, "NumberOfSummaryRecords", (int64_t)d->summary_count);
    dsr_set_int(&d->w, "NumberOfBlocksInFile", d->blocks);
    dsr_set_int(&d->w, "NumberOfBlocksInReport", d->blocks);
    dsr_end(&d->w);
}

/* The right in which the terms count shares, as the report calls it. */
static const char *right_of(const struct report_input *in, struct arena *a)
{
    static const char *const words[RIGHT_COUNT] = {
        [RIGHT_MAKING_AVAILABLE] = "MakeAvailableRight",
        [RIGHT_REPRODUCTION] = "ReproductionRight",
        [RIGHT_PERFORMING] = "PerformingRight",
        [RIGHT_MECHANICAL] = "MechanicalRight",
        [RIGHT_SYNCHRONIZATION] = "SynchronizationRight",
        [RIGHT_PRINT] = "PrintRight",
        [RIGHT_WORK_MAKING_AVAILABLE] = "MakeAvailableRight",
        [RIGHT_WORK_PERFORMING] = "PerformingRight",
        [RIGHT_WORK_MECHANICAL] = "MechanicalRight",
    };
    struct terms t;
    struct error ignored;
    enum right r = terms_parse(in->terms, a, &t, NULL, &ignored) == OK ? t.counted_right
                                                                       : RIGHT_MAKING_AVAILABLE;
    return words[r] ? words[r] : "UserDefined";
}

enum code report_dsr(const struct report_input *in, enum dsr_kind kind, struct buf *out,
                     struct error *e)
{
    ARENA(a);
    struct dsr d = { .in = in, .profile = &profiles[kind], .w = { .out = out } };
    d.right = right_of(in, &a);
    TRY(list_entries(&d, &a, e));
    TRY(list_summaries(&d, &a, e));
    head(&d);
    summaries(&d);
    enum code code = blocks(&d, e);
    foot(&d);
    dsr_done(&d.w);
    TRY(code);
    return out->failed ? fail(e, ERR_MEMORY, "no memory for the report") : OK;
}

static bool is_first_of(struct day d, int *year, int *month)
{
    int day;
    day_to_civil(d, year, month, &day);
    return day == 1;
}

/* Parts of the name are those of the head, so that who checks finds them equal. */
void report_dsr_name(const struct report_input *in, struct buf *out)
{
    const struct statement *s = in->statement;
    char from[INSTANT_TEXT], last[INSTANT_TEXT], when[INSTANT_TEXT];
    int year, month;
    bool first = is_first_of(s->from, &year, &month);
    buf_format(out, "DSR_%s_%s_", dpid_or_none(in->licensor_dpid), dpid_or_none(in->platform_dpid));
    service(in, out);
    if (first && month == 1 && day_months_later(s->from, 12).number == s->until.number)
        buf_format(out, "_%04d", year);
    else if (first && month % 3 == 1 && day_months_later(s->from, 3).number == s->until.number)
        buf_format(out, "_%04d-Q%d", year, month / 3 + 1);
    else if (first && day_months_later(s->from, 1).number == s->until.number)
        buf_format(out, "_%04d-%02d", year, month);
    else
        buf_format(out, "_%s--%s", day_format(s->from, from),
                   day_format((struct day) { s->until.number - 1 }, last));
    instant_format((struct instant) { s->closed.us / 1000000 * 1000000 }, when);
    buf_format(out, "_Worldwide_1of1_%.4s%.2s%.2sT%.2s%.2s%.2s.tsv", when, when + 5, when + 8,
               when + 11, when + 14, when + 17);
}

/* ---- forms ----------------------------------------------------------------------------------------- */

static enum code write_ugc(const struct report_input *in, struct buf *out, struct error *e)
{
    return report_dsr(in, DSR_UGC, out, e);
}

static enum code write_audio(const struct report_input *in, struct buf *out, struct error *e)
{
    return report_dsr(in, DSR_AUDIO, out, e);
}

enum code report_format_find(struct str word, const struct report_format **out, struct error *e)
{
    static const struct report_format formats[] = {
        { "csv", "text/csv; charset=utf-8", report_csv, false },
        { "html", "text/html; charset=utf-8", report_html, false },
        { "dsr", "text/tab-separated-values; charset=utf-8", write_ugc, true },
        { "dsr-audio", "text/tab-separated-values; charset=utf-8", write_audio, true },
    };
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (str_is(word, formats[i].word)) {
            *out = &formats[i];
            return OK;
        }
    return fail(e, ERR_INVALID, "the format is csv, html, dsr or dsr-audio");
}
