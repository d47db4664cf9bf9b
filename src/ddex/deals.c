/* SPDX-License-Identifier: Apache-2.0 */
/* Deals: tables of the standard's values, and what of them can be applied here. */
#include "ddex/deals.h"

#include <stdlib.h>

enum { GRANTS_MOST = 2000 }; /* of the deals of one ReleaseDeal */

/* ---- values ---- */

/* Models that have a counterpart; RightsClaimModel is apart, others are named and left. */
static const struct {
    const char *word;
    unsigned models;
} models[] = {
    { "AdvertisementSupportedModel", MODEL_BIT(MODEL_FREE) },
    { "FreeOfChargeModel", MODEL_BIT(MODEL_FREE) },
    { "SubscriptionModel", MODEL_BIT(MODEL_SUBSCRIPTION) },
};
static const char claim_model[] = "RightsClaimModel";

/* A use that is wider than ours or the same, or a parent that stands for it. Narrower ones (a
 * stream without choice) do not give ours. */
static const struct {
    const char *word;
    unsigned uses;
} uses[] = {
    { "Stream", USE_BIT(USE_STREAM) | USE_BIT(USE_PREVIEW) },
    { "OnDemandStream", USE_BIT(USE_STREAM) | USE_BIT(USE_PREVIEW) },
    { "UserMakeAvailableLabelProvided", USE_BIT(USE_STREAM) | USE_BIT(USE_PREVIEW) },
    { "UserMakeAvailableUserProvided", USE_BIT(USE_STREAM) | USE_BIT(USE_PREVIEW) },
    { "Download", USE_BIT(USE_DOWNLOAD) | USE_BIT(USE_OFFLINE) },
    { "PermanentDownload", USE_BIT(USE_DOWNLOAD) },
    { "ConditionalDownload", USE_BIT(USE_OFFLINE) },
    { "TetheredDownload", USE_BIT(USE_OFFLINE) },
};

static bool is_true(const struct ern_text *t)
{
    return t->text && (strcmp(t->text, "true") == 0 || strcmp(t->text, "1") == 0);
}

/* A user-defined value says its own word. */
const char *deal_said(const struct ern_text *t)
{
    return t->user && strcmp(t->text, "UserDefined") == 0 ? t->user : t->text;
}

/* ---- territories and times ---- */

/* A list as people may have meant it: told beside what it says. */
static enum code tell_slips(const struct ern_texts *list, const char *element,
                            struct ern_report *report, uint32_t line, struct error *e)
{
    enum { TEXT_MOST = 4000 };
    struct territory_warnings w = { 0 };
    struct territory_set ignored;
    struct error inner = { 0 };
    BUF(text);
    for (size_t i = 0; i < list->count && text.length < TEXT_MOST; i++)
        buf_format(&text, "%s%s", i ? "," : "", list->items[i].text);
    if (text.failed || text.length >= TEXT_MOST ||
        territory_set_parse_on(buf_as_str(&text), day_of(report->created), &ignored, &w, &inner) !=
            OK)
        return OK;
    for (size_t i = 0; i < w.count; i++)
        TRY(ern_report_note(report, e, RULE_TERRITORY_SLIP, line, element, "%s", w.texts[i]));
    return OK;
}

enum code deal_territories(const struct ern_texts *in, const struct ern_texts *out_of,
                           struct ern_report *report, uint32_t line, struct territory_set *set,
                           struct error *e)
{
    const struct ern_texts *list = in->count ? in : out_of;
    const char *element = in->count ? "TerritoryCode" : "ExcludedTerritoryCode";
    struct error inner = { 0 };
    *set = territory_set_world();
    if (in->count && out_of->count)
        return ern_report_note(report, e, RULE_TERRITORY_BOTH, line, "ExcludedTerritoryCode",
                               "TerritoryCode stands beside it");
    if (in->count)
        *set = (struct territory_set) { { 0 } };
    for (size_t i = 0; i < list->count; i++) {
        struct territory_set one;
        const struct ern_text *t = &list->items[i];
        if (territory_set_parse_on(str_of(t->text), day_of(report->created), &one, NULL, &inner) !=
            OK)
            return ern_report_note(report, e, RULE_TERRITORY, t->line, element, "%.200s",
                                   inner.text);
        for (int k = 0; k < 4; k++)
            set->bits[k] = in->count ? set->bits[k] | one.bits[k] : set->bits[k] & ~one.bits[k];
    }
    if (territory_set_is_empty(set))
        return ern_report_note(report, e, RULE_TERRITORY_BOTH, line, element, "none is left");
    return list->count ? tell_slips(list, element, report, line, e) : OK;
}

static enum code read_moment(const struct ern_text *date, const struct ern_text *time,
                             const char *element, struct ern_report *report, struct ern_moment *out,
                             bool *has, struct error *e)
{
    const struct ern_text *t = time->text ? time : date;
    struct error inner = { 0 };
    *has = t->text && t->text[0];
    if (!*has)
        return OK;
    if (ern_moment_parse(t->text, out, &inner) != OK)
        return ern_report_note(report, e, RULE_DATE, t->line, element,
                               "\"%.60s\" is no date: %.150s", t->text, inner.text);
    return OK;
}

enum code deal_period(const struct ern_period *p, bool start_needed, struct ern_report *report,
                      struct ern_moment *start, struct ern_moment *end, bool *has_end,
                      struct error *e)
{
    bool has_start;
    *start = (struct ern_moment) { .at = INSTANT_FIRST };
    TRY(read_moment(&p->start, &p->start_time, "StartDate", report, start, &has_start, e));
    TRY(read_moment(&p->end, &p->end_time, "EndDate", report, end, has_end, e));
    if (!has_start && start_needed)
        return ern_report_note(report, e, RULE_DEAL_START, p->line, "ValidityPeriod",
                               "it has no start date");
    return OK;
}

/* ---- apps ---- */

static bool has_app(const struct app_id *list, size_t count, struct app_id id)
{
    for (size_t i = 0; i < count; i++)
        if (app_id_equal(list[i], id))
            return true;
    return false;
}

enum code deal_add_apps(const struct ern_list *channels, const char *element, enum ern_rule rule,
                        const struct deal_terms *terms, struct ern_report *report,
                        struct deal_apps *out, struct error *e)
{
    for (size_t i = 0; i < channels->count; i++) {
        const struct ern_who *who = ERN_AT(*channels, struct ern_who, i);
        const struct app_id *apps;
        size_t count;
        TRY(terms->lookup->apps(terms->lookup->context, who, &apps, &count, e));
        const char *name = who->dpid.text   ? who->dpid.text
                           : who->id.text   ? who->id.text
                           : who->own.text  ? who->own.text
                           : who->name.text ? who->name.text
                                            : "it has no name";
        if (count == 0)
            TRY(ern_report_note(report, e, rule, who->line, element,
                                "\"%.100s\" is no app that is known here", name));
        for (size_t k = 0; k < count && out->count < APPS_MOST; k++)
            if (!has_app(out->items, out->count, apps[k]))
                out->items[out->count++] = apps[k];
    }
    return OK;
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, ID_BYTES);
}

void deal_sort_apps(struct deal_apps *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, by_id);
}

/* The apps a deal is for; *none: it is for channels that are not ours. A licence can only list
 * apps, so an exclusion becomes the list of the others. */
static enum code read_channels(const struct ern_deal *d, const struct deal_terms *terms,
                               struct ern_report *report, struct deal_apps *only,
                               struct deal_apps *except, bool *none, struct error *e)
{
    *none = false;
    if (d->channels.count && d->excluded_channels.count)
        return ern_report_note(report, e, RULE_CHANNEL_BOTH, d->line, "ExcludedDistributionChannel",
                               "DistributionChannel stands beside it");
    only->items = ARENA_ARRAY(report->arena, struct app_id, APPS_MOST);
    except->items = ARENA_ARRAY(report->arena, struct app_id, APPS_MOST);
    TRY(deal_add_apps(&d->channels, "DistributionChannel", RULE_CHANNEL, terms, report, only, e));
    TRY(deal_add_apps(&d->excluded_channels, "ExcludedDistributionChannel", RULE_CHANNEL, terms,
                      report, except, e));
    *none = d->channels.count && !only->count;
    if (except->count) {
        const struct app_id *all;
        size_t count;
        TRY(terms->lookup->all_apps(terms->lookup->context, &all, &count, e));
        for (size_t i = 0; i < count && only->count < APPS_MOST; i++)
            if (!has_app(except->items, except->count, all[i]))
                only->items[only->count++] = all[i];
        *none = only->count == 0;
    }
    deal_sort_apps(only);
    return OK;
}

/* ---- grants ---- */

static void add_grant(struct ern_report *report, struct grants *out, const struct grant *g)
{
    if (out->count == out->room) {
        size_t room = out->room ? 2 * out->room : 4;
        struct grant *more = ARENA_ARRAY(report->arena, struct grant, room);
        if (out->count)
            memcpy(more, out->items, out->count * sizeof *more);
        out->items = more;
        out->room = room;
    }
    out->items[out->count++] = *g;
}

/* `g` for each of the deal's periods, and of their parts in territory time. */
static enum code add_periods(const struct ern_deal *d, const struct deal_terms *terms,
                             struct ern_report *report, const struct territory_set *where,
                             struct grant *g, struct grants *out, struct error *e)
{
    struct time_span *spans = ARENA_ARRAY(report->arena, struct time_span, TIME_SPANS_MOST);
    for (size_t i = 0; i < d->periods.count; i++) {
        struct ern_moment start, end = { 0 };
        bool has_end;
        TRY(deal_period(ERN_AT(d->periods, struct ern_period, i), true, report, &start, &end,
                        &has_end, e));
        size_t count = ern_spans(where, &start, has_end ? &end : NULL, terms->created, spans);
        if (out->count + count > GRANTS_MOST)
            return ern_report_note(report, e, RULE_MANY, d->line, "Deal",
                                   "the deals of a release grant more than %d things", GRANTS_MOST);
        for (size_t k = 0; k < count; k++) {
            g->territories = spans[k].territories;
            g->from = spans[k].from;
            g->until = spans[k].until;
            add_grant(report, out, g);
        }
    }
    return OK;
}

static enum code check_periods(const struct ern_deal *d, struct ern_report *report, struct error *e)
{
    if (d->periods.count == 0)
        return ern_report_note(report, e, RULE_DEAL_START, d->line, "DealTerms",
                               "the deal has no ValidityPeriod, so no start date");
    for (size_t i = 0; i < d->periods.count; i++) {
        const struct ern_period *p = ERN_AT(d->periods, struct ern_period, i);
        struct ern_moment start, end = { 0 };
        bool has_end;
        TRY(deal_period(p, true, report, &start, &end, &has_end, e));
        int64_t from = start.is_date ? day_begin(start.day).us : start.at.us,
                until = end.is_date ? day_begin((struct day) { end.day.number + 1 }).us : end.at.us;
        if (has_end && until < from)
            return ern_report_note(report, e, RULE_SPAN, p->line, "ValidityPeriod",
                                   "it ends before it begins");
    }
    return OK;
}

/* ---- rights claims ---- */

static enum code read_claim(const struct ern_deal *d, const struct deal_terms *terms,
                            struct ern_report *report, const struct territory_set *where,
                            const struct deal_apps *only, struct grants *out, struct error *e)
{
    bool user = false;
    for (size_t i = 0; i < d->uses.count; i++)
        user = user || str_starts(str_of(d->uses.items[i].text), "UserMakeAvailable");
    if (!user)
        return ern_report_note(report, e, RULE_CLAIM_USE, d->line, "UseType",
                               "a rights claim is for what users make available");
    if (d->policies.count == 0)
        return ern_report_note(report, e, RULE_NO_POLICY, d->line, "RightsClaimPolicy",
                               "there is none, so nothing is known of what is wanted");
    for (size_t i = 0; i < d->policies.count; i++) {
        const struct ern_policy *p = ERN_AT(d->policies, struct ern_policy, i);
        struct grant g = { .is_policy = true, .line = p->line };
        bool usable;
        TRY(deal_policy(p, terms, report, &g, &usable, e));
        g.apps = only->items;
        g.app_count = only->count;
        if (usable)
            TRY(add_periods(d, terms, report, where, &g, out, e));
    }
    return OK;
}

/* ---- licences ---- */

static enum code read_models(const struct ern_deal *d, struct ern_report *report, unsigned *bits,
                             bool *claims, struct error *e)
{
    *bits = 0;
    *claims = false;
    for (size_t i = 0; i < d->models.count; i++) {
        const struct ern_text *t = &d->models.items[i];
        size_t at;
        DEAL_FIND(models, t->text, at);
        if (at < COUNT_OF(models))
            *bits |= models[at].models;
        else if (strcmp(t->text, claim_model) == 0)
            *claims = true;
        else
            TRY(ern_report_note(report, e, RULE_MODEL, t->line, "CommercialModelType",
                                "\"%.60s\" has no counterpart here", deal_said(t)));
    }
    if (d->models.count == 0)
        return ern_report_note(report, e, RULE_MODEL, d->line, "CommercialModelType",
                               "there is none, and none is supposed");
    return OK;
}

static enum code read_uses(const struct ern_deal *d, struct ern_report *report, unsigned *bits,
                           struct error *e)
{
    *bits = 0;
    for (size_t i = 0; i < d->uses.count; i++) {
        const struct ern_text *t = &d->uses.items[i];
        size_t at;
        DEAL_FIND(uses, t->text, at);
        if (at < COUNT_OF(uses))
            *bits |= uses[at].uses;
        else
            TRY(ern_report_note(report, e, RULE_USE, t->line, "UseType",
                                "\"%.60s\" gives nothing that is done here", deal_said(t)));
    }
    return OK;
}

/* A preview may be heard before the deal begins (ClipPreviewStartDate; ERN 3.8). */
static enum code add_previews(const struct ern_deal *d, const struct deal_terms *terms,
                              struct ern_report *report, const struct territory_set *where,
                              const struct grant *of, struct grants *out, struct error *e)
{
    struct ern_moment from, start, end;
    struct error inner = { 0 };
    struct grant g = *of;
    struct time_span *spans = ARENA_ARRAY(report->arena, struct time_span, TIME_SPANS_MOST);
    bool has_end;
    if (!d->clip_from.text || !d->clip_from.text[0])
        return OK;
    if (ern_moment_parse(d->clip_from.text, &from, &inner) != OK)
        return ern_report_note(report, e, RULE_DATE, d->clip_from.line, "ClipPreviewStartDate",
                               "\"%.60s\" is no date: %.150s", d->clip_from.text, inner.text);
    TRY(deal_period(ERN_AT(d->periods, struct ern_period, 0), true, report, &start, &end, &has_end,
                    e));
    if (start.is_date) /* an end date is the last day; the preview's is the one before the deal */
        start.day.number--;
    size_t count = ern_spans(where, &from, &start, terms->created, spans);
    if (out->count + count > GRANTS_MOST)
        return ern_report_note(report, e, RULE_MANY, d->line, "Deal",
                               "the deals of a release grant more than %d things", GRANTS_MOST);
    g.uses = USE_BIT(USE_PREVIEW);
    for (size_t i = 0; i < count; i++) {
        g.territories = spans[i].territories;
        g.from = spans[i].from;
        g.until = spans[i].until;
        if (instant_before(g.from, g.until))
            add_grant(report, out, &g);
    }
    return OK;
}

static enum code read_licence(const struct ern_deal *d, const struct deal_terms *terms,
                              struct ern_report *report, const struct territory_set *where,
                              const struct deal_apps *only, unsigned with, struct grants *out,
                              struct error *e)
{
    struct grant g = {
        .line = d->line, .models = with, .apps = only->items, .app_count = only->count
    };
    TRY(read_uses(d, report, &g.uses, e));
    if (!g.uses)
        return ern_report_note(report, e, RULE_NO_USE, d->line, "Deal",
                               "it grants no use that is known here");
    if (g.uses & USE_BIT(USE_STREAM))
        TRY(add_previews(d, terms, report, where, &g, out, e));
    return add_periods(d, terms, report, where, &g, out, e);
}

enum code deal_read(const struct ern_deal *d, const struct deal_terms *terms,
                    struct ern_report *report, struct grants *out, struct error *e)
{
    struct territory_set where;
    struct deal_apps only = { 0 }, except = { 0 };
    unsigned with = 0;
    bool none = false, claims = false;
    TRY(deal_territories(&d->territories, &d->excluded, report, d->line, &where, e));
    for (int k = 0; k < 4; k++)
        out->named.bits[k] |= where.bits[k];
    if (is_true(&d->takedown) || is_true(&d->cancelled))
        return OK;
    if (is_true(&d->elsewhere) && d->periods.count == 0 && d->models.count == 0)
        return ern_report_note(report, e, RULE_NO_USE, d->line, "IsCommunicatedOutOfBand",
                               "its terms are told elsewhere");
    TRY(check_periods(d, report, e));
    TRY(read_models(d, report, &with, &claims, e));
    TRY(read_channels(d, terms, report, &only, &except, &none, e));
    if (none)
        return ern_report_note(report, e, RULE_NO_USE, d->line, "Deal",
                               "it is for channels that are not here");
    if (d->usages.text)
        return ern_report_note(report, e, RULE_LIMIT, d->usages.line, "NumberOfUsages",
                               "\"%.20s\": what may be done so often only is not granted",
                               d->usages.text);
    if (d->interfaces.count + d->carriers.count)
        TRY(ern_report_note(report, e, RULE_TERMS, d->line,
                            d->interfaces.count ? "UserInterfaceType" : "CarrierType",
                            "the deal names %zu; it is read as for all of them",
                            d->interfaces.count + d->carriers.count));
    if (is_true(&d->preorder))
        return ern_report_note(report, e, RULE_NO_USE, d->line, "Deal", "it is for orders ahead");
    if (claims)
        TRY(read_claim(d, terms, report, &where, &only, out, e));
    return with ? read_licence(d, terms, report, &where, &only, with, out, e) : OK;
}
