/* SPDX-License-Identifier: Apache-2.0 */
/* The eleven sheets of the harmonised report, as CSV. A cell that has a figure gets its value and a
 * line in the traces; what the desk does not do (own initiative, advertising) is nought. */
#include <stdlib.h>

#include "desk/report.h"

enum applies { ALL = 1, TC = 2, ORDER = 4, NOTICE = 8 };
static const struct {
    unsigned applies;
    const char *label, *description, *name;
} categories[] = {
#define ROW(applies, label, description, name) { applies, label, description, name },
#include "desk/categories.def"
#undef ROW
};

static const char *const names[SHEETS] = {
    "1_report_identification",  "2_categories_names",
    "3_member_states_orders",   "4_notices",
    "5_own_initiative_illegal", "6_own_initiative_TC",
    "7_appeals_and_recidivism", "8_automated_means",
    "9_human_resources",        "10_AMAR",
    "11_qualitative",
};

const char *desk_sheet_name(int sheet)
{
    return sheet >= 0 && sheet < SHEETS ? names[sheet] : "?";
}

struct sheet {
    const struct scan *s;
    const struct sheet_options *o;
    int number;
    struct buf *out, *traces;
    size_t row, column;
    char period[2 * INSTANT_TEXT];
};

/* ---- cells ---- */

static void cell(struct sheet *t, const char *text)
{
    if (t->column++)
        buf_byte(t->out, ',');
    if (!text || !strpbrk(text, ",\"\n\r")) {
        buf_text(t->out, text ? text : "");
        return;
    }
    buf_byte(t->out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_byte(t->out, '"');
        buf_byte(t->out, (uint8_t)*text);
    }
    buf_byte(t->out, '"');
}

static void trace(struct sheet *t, const char *figure)
{
    if (t->traces)
        buf_format(t->traces, "%s,%zu,%zu,%s\n", names[t->number], t->row, t->column, figure);
}

static void cell_figure(struct sheet *t, const char *name)
{
    const struct desk_figure *f;
    struct error ignored;
    char text[24] = "";
    if (desk_figure_find(str_of(name), &f, &ignored) == OK) {
        snprintf(text, sizeof text, "%lld", (long long)desk_figure_value(t->s, f));
        trace(t, name);
    }
    cell(t, text);
}

static void row_ends(struct sheet *t)
{
    buf_text(t->out, "\n");
    t->row++;
    t->column = 0;
}

static void cells(struct sheet *t, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cell(t, texts[i]);
}

static void blanks(struct sheet *t, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cell(t, "");
}

static void begin_row(struct sheet *t, const char *applicability)
{
    cell(t, applicability);
    cell(t, t->o->service);
    cell(t, t->period);
}

/* ---- medians, in hours: to four places, for a second is not nothing ---- */

static void cell_hours(struct sheet *t, int64_t *times_us, size_t n)
{
    char text[32] = "";
    if (n) {
        int64_t us = desk_select(times_us, n, (n + 1) / 2 - 1), e4 = us / 360000;
        snprintf(text, sizeof text, "%lld.%04lld", (long long)(e4 / 10000),
                 (long long)(e4 % 10000));
    }
    cell(t, text);
}

static bool is_eu_action(const struct scan *s, const struct scan_case *c, bool trusted)
{
    return c->accepted && (c->regime == REGIME_DSA16 || c->regime == REGIME_CONTRACT) &&
           (!trusted || s->notices[c->notice].trusted);
}

static enum code cell_action_time(struct sheet *t, int regime, bool trusted, struct error *e)
{
    const struct scan *s = t->s;
    int64_t *times = malloc((s->case_count + 1) * sizeof *times);
    size_t n = 0;
    if (!times)
        return fail(e, ERR_MEMORY, "no memory for the times");
    for (size_t i = 0; i < s->case_count; i++)
        if (regime < 0 ? is_eu_action(s, &s->cases[i], trusted)
                       : s->cases[i].accepted && s->cases[i].regime == regime)
            times[n++] = s->cases[i].first_us;
    cell_hours(t, times, n);
    free(times);
    return OK;
}

/* by: 0 uploader, 1 sender, -1 both */
static enum code cell_complaint_time(struct sheet *t, const struct scan_complaint *list,
                                     size_t count, int by, struct error *e)
{
    int64_t *times = malloc((count + 1) * sizeof *times);
    size_t n = 0;
    if (!times)
        return fail(e, ERR_MEMORY, "no memory for the times");
    for (size_t i = 0; i < count; i++)
        if (list[i].decided_us && list[i].outcome != OUTCOME_NONE &&
            (by < 0 || list[i].by_sender == by))
            times[n++] = list[i].decided_us - list[i].opened_us;
    cell_hours(t, times, n);
    free(times);
    return OK;
}

/* ---- 1, 2 ---- */

static void identification(struct sheet *t)
{
    char day[INSTANT_TEXT];
    static const char *const head[] = { "Applicability", "Service", "Indicator", "Value" };
    cells(t, head, COUNT_OF(head));
    row_ends(t);
    const struct {
        const char *indicator, *value;
    } rows[] = { { "Name of the service provider", t->o->provider },
                 { "Date of the publication of the report", t->o->published },
                 { "Date of the publication of the latest previous report", t->o->before } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *const row[] = { "All", t->o->service, rows[i].indicator, rows[i].value };
        cells(t, row, COUNT_OF(row));
        row_ends(t);
    }
    const char *const first[] = { "All", t->o->service, "Starting date of reporting period",
                                  day_format(day_of(t->s->from), day) };
    cells(t, first, COUNT_OF(first));
    row_ends(t);
    const char *const last[] = { "All", t->o->service, "Ending date of reporting period",
                                 day_format((struct day) { day_of(t->s->until).number - 1 }, day) };
    cells(t, last, COUNT_OF(last));
    row_ends(t);
}

static void category_names(struct sheet *t)
{
    static const char *const head[] = {
        "Category label", "Category description",
        "Category of illegal content / incompatible with the terms and conditions",
        "Contextual information"
    };
    static const char *const total[] = { "TOTAL", "All the entries", "TOTAL", "" };
    cells(t, head, COUNT_OF(head));
    row_ends(t);
    cells(t, total, COUNT_OF(total));
    row_ends(t);
    for (size_t i = 0; i < COUNT_OF(categories); i++) {
        char label[32];
        snprintf(label, sizeof label, "Category %s", categories[i].label);
        const char *const row[] = { label, categories[i].description, categories[i].name, "" };
        cells(t, row, COUNT_OF(row));
        row_ends(t);
    }
}

/* ---- 3 to 6: a row for all, and one for each category ---- */

/* Everything that the desk receives is about copyright. */
static bool is_ours(const char *name)
{
    return strcmp(name, "TOTAL") == 0 ||
           strcmp(name, "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS") == 0 ||
           strcmp(name, "KEYWORD_COPYRIGHT_INFRINGEMENT") == 0;
}

typedef enum code category_row(struct sheet *t, const char *name, const char *scope,
                               struct error *e);

static enum code each_category(struct sheet *t, unsigned applies, const char *scope,
                               category_row *row, struct error *e)
{
    TRY(row(t, "TOTAL", scope, e));
    for (size_t i = 0; i < COUNT_OF(categories); i++)
        if (categories[i].applies & applies)
            TRY(row(t, categories[i].name, scope, e));
    return OK;
}

static int64_t orders_of(const struct scan *s, const char *state, bool items)
{
    int64_t sum = 0;
    for (size_t i = 0; i < s->notice_count; i++)
        if (s->notices[i].regime == REGIME_DSA9 && memcmp(s->notices[i].country, state, 2) == 0)
            sum += items ? s->notices[i].items : 1;
    return sum;
}

static enum code order_row(struct sheet *t, const char *name, const char *scope, struct error *e)
{
    char text[2][24] = { "0", "0" };
    bool total = strcmp(scope, "TOTAL") == 0, ours = is_ours(name);
    begin_row(t, "All");
    cell(t, name);
    cell(t, "");
    cell(t, scope);
    if (ours && total) {
        cell_figure(t, "eu.orders");
        cell_figure(t, "eu.orders.items");
    } else {
        for (int i = 0; i < 2 && ours; i++)
            snprintf(text[i], sizeof text[i], "%lld", (long long)orders_of(t->s, scope, i));
        cell(t, text[0]);
        cell(t, text[1]);
    }
    cell(t, "");
    if (ours && total)
        TRY(cell_action_time(t, REGIME_DSA9, false, e));
    else
        cell(t, "");
    cell(t, "0");
    blanks(t, 9);
    row_ends(t);
    return OK;
}

static const char *const member_states[] = { "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES",
                                             "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
                                             "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK" };

static enum code orders(struct sheet *t, struct error *e)
{
    static const char *const front[] = { "Applicability",
                                         "Service",
                                         "Reporting period",
                                         "Category of illegal content",
                                         "Description of the sub-category \"Other\"",
                                         "Scope" };
    static const char *const metrics[] = {
        "Number of orders to act against illegal content received",
        "Number of specific items of information included in the total number of orders to act "
        "against illegal content",
        "Median time to inform the authority of the receipt of the order to act against illegal "
        "content",
        "Median time to give effect to the order to act against illegal content",
        "Number of orders to provide information",
        "Median time to inform the authority of the receipt of the order to provide information",
        "Median time to give effect to the order to provide information"
    };
    char text[300];
    cells(t, front, COUNT_OF(front));
    cells(t, metrics, COUNT_OF(metrics));
    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        bool first = i < 2;
        snprintf(text, sizeof text, "Contextual information on %s%s", first ? "n" : "",
                 first ? metrics[i] + 1 : metrics[i]);
        cell(t, text);
    }
    row_ends(t);
    TRY(each_category(t, ALL | ORDER, "TOTAL", order_row, e));
    for (size_t i = 0; i < COUNT_OF(member_states); i++)
        TRY(each_category(t, ALL | ORDER, member_states[i], order_row, e));
    return OK;
}

static enum code notice_row(struct sheet *t, const char *name, const char *scope, struct error *e)
{
    static const char *const figures[] = { "eu.notices", "eu.notices.trusted", "eu.items",
                                           "eu.items.trusted" };
    static const char *const actions[] = { "eu.actions.law", "eu.actions.law.trusted",
                                           "eu.actions.terms", "eu.actions.terms.trusted" };
    bool ours = is_ours(name);
    (void)scope;
    begin_row(t, "Only for providers of hosting services, including online platforms");
    cell(t, name);
    cell(t, "");
    for (size_t i = 0; i < COUNT_OF(figures); i++)
        ours ? cell_figure(t, figures[i]) : cell(t, "0");
    if (ours) {
        TRY(cell_action_time(t, -1, false, e));
        TRY(cell_action_time(t, -1, true, e));
    } else {
        blanks(t, 2);
    }
    for (size_t i = 0; i < COUNT_OF(actions); i++)
        ours ? cell_figure(t, actions[i]) : cell(t, "0");
    blanks(t, 10);
    row_ends(t);
    return OK;
}

static enum code notices(struct sheet *t, struct error *e)
{
    static const char *const front[] = { "Applicability", "Service", "Reporting period",
                                         "Category of illegal content",
                                         "Description of the sub-category \"Other\"" };
    static const char *const metrics[] = {
        "Number of notices received ", /* the blank is the template's */
        "Number of notices received from Trusted flaggers",
        "Number of specific items of information included in the total number of notices",
        "Number of specific items of information included in the total number of notices by "
        "Trusted Flaggers (Trusted Flagger notices)",
        "Median time to take action",
        "Median time to take action (Trusted Flagger notices)",
        "Number of actions taken on the basis of the law",
        "Number of actions taken on the basis of the law (Trusted Flagger notices)",
        "Number of actions taken on the basis of the terms and conditions of the service",
        "Number of actions taken on the basis of the terms and conditions of the service (Trusted "
        "Flagger notices)"
    };
    char text[300];
    cells(t, front, COUNT_OF(front));
    cells(t, metrics, COUNT_OF(metrics));
    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        snprintf(text, sizeof text, "Contextual information on %s", metrics[i]);
        cell(t, text);
    }
    row_ends(t);
    return each_category(t, ALL | NOTICE, "", notice_row, e);
}

static enum code measure_row(struct sheet *t, const char *name, const char *scope, struct error *e)
{
    (void)scope;
    (void)e;
    begin_row(t, "All");
    cell(t, name);
    cell(t, "");
    for (int i = 0; i < 16; i++)
        cell(t, "0"); /* the desk acts on notices and orders only */
    blanks(t, 16);
    row_ends(t);
    return OK;
}

static enum code own_initiative(struct sheet *t, bool terms, struct error *e)
{
    static const char *const metrics[] = { "Number of measures taken at the provider's own "
                                           "initiative ",
                                           "Number of measures taken after detection with solely "
                                           "automated means ",
                                           "Visibility restriction Removal",
                                           "Visibility restriction Disable",
                                           "Visibility restriction Demoted",
                                           "Visibility restriction Age restricted",
                                           "Visibility restriction Interaction restricted",
                                           "Visibility restriction Labelled ",
                                           "Visibility restriction Other",
                                           "Monetary restriction Suspension",
                                           "Monetary restriction Termination",
                                           "Monetary restriction Other",
                                           "Provision of the service Suspension",
                                           "Provision of the service Termination",
                                           "Account restriction Suspension",
                                           "Account restriction Termination" };
    char text[200];
    const char *const front[] = { "Applicability", "Service", "Reporting period",
                                  terms ? "Category of incompatibility with the provider's terms "
                                          "and conditions"
                                        : "Category of illegal content",
                                  "Description of the sub-category \"Other\"" };
    cells(t, front, COUNT_OF(front));
    cells(t, metrics, COUNT_OF(metrics));
    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        snprintf(text, sizeof text, "Contextual Information on %s", metrics[i]);
        cell(t, text);
    }
    row_ends(t);
    return each_category(t, terms ? ALL | TC : ALL, "", measure_row, e);
}

/* ---- 7 to 11: one indicator a row ---- */

static void indicator_head(struct sheet *t, const char *context)
{
    static const char *const head[] = { "Applicability", "Service",   "Reporting period",
                                        "Section",       "Indicator", "Scope",
                                        "Value" };
    cells(t, head, COUNT_OF(head));
    if (context)
        cell(t, context);
    row_ends(t);
}

#define PLATFORMS "Only for providers of online platforms"
#define HOSTS     "Only for providers of hosting services, including online platforms"

struct indicator {
    const char *applies, *indicator, *scope, *figure;
};

static void begin_indicator(struct sheet *t, const char *section, const struct indicator *i)
{
    begin_row(t, i->applies);
    cell(t, section);
    cell(t, i->indicator);
    cell(t, i->scope);
}

static enum code indicator_value(struct sheet *t, const char *figure, struct error *e)
{
    const struct scan *s = t->s;
    if (!figure) {
        cell(t, "0"); /* such measures are not taken here */
        return OK;
    }
    if (strcmp(figure, "time:complaints") == 0)
        return cell_complaint_time(t, s->complaints, s->complaint_count, -1, e);
    if (strcmp(figure, "time:uploaders") == 0)
        return cell_complaint_time(t, s->complaints, s->complaint_count, 0, e);
    if (strcmp(figure, "time:senders") == 0)
        return cell_complaint_time(t, s->complaints, s->complaint_count, 1, e);
    if (strcmp(figure, "time:disputes") == 0)
        return cell_complaint_time(t, s->disputes, s->dispute_count, -1, e);
    if (!figure[0])
        cell(t, "");
    else
        cell_figure(t, figure);
    return OK;
}

static enum code indicators(struct sheet *t, const char *section, const struct indicator *rows,
                            size_t count, struct error *e)
{
    for (size_t i = 0; i < count; i++) {
        begin_indicator(t, section, &rows[i]);
        TRY(indicator_value(t, rows[i].figure, e));
        cell(t, "");
        row_ends(t);
    }
    return OK;
}

#define COMPLAINTS  "Number of complaints submitted to the internal-complaints mechanism"
#define ABOUT(what) "Complaint regarding a decision to " what
#define RESTRICT    ABOUT("remove or disable access to or restrict visibility of information")
#define SERVICE     ABOUT("suspend or terminate the provision of the service")
#define ACCOUNT     ABOUT("suspend or terminate an account ")
#define MONETISE    ABOUT("restrict the ability to monetise information")
#define NO_ACTION                                                                                  \
    "Complaint regarding a decision not to take action on a notice submitted in accordance with "  \
    "Article 16"
#define NO_ACTION_TF                                                                               \
    "Complaint regarding a decision not to take action on a notice submitted by a Trusted "        \
    "Flagger "                                                                                     \
    "in accordance with Article 16"
#define DISPUTES "Number of disputes submitted to out-of-court dispute settlement bodies"

#define FIVE(indicator, total, upheld, partly, reversed, time)                                     \
    { PLATFORMS, indicator, "Total number", total },                                               \
        { PLATFORMS, indicator, "Decisions upheld", upheld },                                      \
        { PLATFORMS, indicator, "Decisions partially reversed", partly },                          \
        { PLATFORMS, indicator, "Decisions reversed", reversed },                                  \
    {                                                                                              \
        PLATFORMS, indicator, "Median time", time                                                  \
    }

static const struct indicator complaint_rows[] = {
    { "All", COMPLAINTS, "Total number", "complaints.all" },
    { PLATFORMS, COMPLAINTS, "Decisions upheld", "complaints.upheld" },
    { PLATFORMS, COMPLAINTS, "Decisions partially reversed", "complaints.partly" },
    { PLATFORMS, COMPLAINTS, "Decisions reversed", "complaints.reversed" },
    { PLATFORMS, COMPLAINTS, "Median time", "time:complaints" },
    { PLATFORMS, COMPLAINTS, "Decision omitted", "complaints.none" },
    { PLATFORMS, "Number of restrictions newly imposed as a result of an internal complaint",
      "Total number", "complaints.restricted_newly" },
    FIVE(RESTRICT, "complaints.by_uploader", "complaints.by_uploader.upheld",
         "complaints.by_uploader.partly", "complaints.by_uploader.reversed", "time:uploaders"),
    FIVE(SERVICE, NULL, NULL, NULL, NULL, ""),
    FIVE(ACCOUNT, NULL, NULL, NULL, NULL, ""),
    FIVE(MONETISE, NULL, NULL, NULL, NULL, ""),
    FIVE(NO_ACTION, "complaints.by_sender", "complaints.by_sender.upheld", NULL,
         "complaints.by_sender.reversed", "time:senders"),
    FIVE(NO_ACTION_TF, "complaints.by_trusted", "complaints.by_trusted.upheld", NULL,
         "complaints.by_trusted.reversed", ""),
};
static const struct indicator dispute_rows[] = {
    FIVE(DISPUTES, "disputes.opened", "disputes.upheld", "disputes.partly", "disputes.reversed",
         "time:disputes"),
    { PLATFORMS, DISPUTES, "Decision omitted", "disputes.none" },
};
static const struct indicator suspension_rows[] = {
    { PLATFORMS, "Number of suspensions enacted for the provision of manifestly illegal content ",
      "Total number", "uploaders.suspended" },
    { PLATFORMS, "Number of suspensions enacted for the provision of manifestly unfounded notices",
      "Total number", "senders.suspended" },
    { PLATFORMS,
      "Number of suspensions enacted for the provision of manifestly unfounded complaints",
      "Total number", NULL },
};

/* In per cent of those that were decided against the platform; over its own denominator. */
static void implemented_row(struct sheet *t)
{
    const struct scan *s = t->s;
    int64_t of = 0, done = 0;
    char text[32] = "";
    for (size_t i = 0; i < s->dispute_count; i++) {
        const struct scan_complaint *k = &s->disputes[i];
        if (k->outcome == OUTCOME_REVERSED || k->outcome == OUTCOME_PARTLY) {
            of++;
            done += k->implemented;
        }
    }
    if (of)
        snprintf(text, sizeof text, "%.2f", 100.0 * (double)done / (double)of);
    const struct indicator row = { PLATFORMS, DISPUTES, "Percentage of outcomes implemented", "" };
    begin_indicator(t, "Out-of-court dispute settlement bodies", &row);
    if (of)
        trace(t, "disputes.implemented");
    cell(t, text);
    cell(t, "");
    row_ends(t);
}

static enum code appeals(struct sheet *t, struct error *e)
{
    indicator_head(t, "Contextual Information");
    TRY(indicators(t, "Internal complaints mechanism", complaint_rows, COUNT_OF(complaint_rows),
                   e));
    TRY(indicators(t, "Out-of-court dispute settlement bodies", dispute_rows,
                   COUNT_OF(dispute_rows), e));
    implemented_row(t);
    return indicators(t, "Suspensions imposed on repeated offenders", suspension_rows,
                      COUNT_OF(suspension_rows), e);
}

#define SOLELY     "Number of measures solely taken by automated means "
#define NOT_SOLELY "Number of measures not taken by automated means"
#define PROCESSED  "Number of notices solely processed by automated means "
#define BY_PEOPLE  "Number of notices not processed by automated means"
#define ACCURACY   "Accuracy of the automated means - "

static const struct indicator measure_rows[] = {
    { "All", SOLELY, "Total number", "requests.automatic.accepted" },
    { "All", NOT_SOLELY, "Total number", "measures.by_person" },
};
static const struct indicator automatic_rows[] = {
    { "All", ACCURACY "Recall", "Total number", "" },
    { "All", SOLELY, "Own-initiative ", NULL },
    { "All", NOT_SOLELY, "Own-initiative ", NULL },
    { HOSTS, PROCESSED, "NAM Total", "eu.notices.automatic" },
    { HOSTS, BY_PEOPLE, "NAM Total", "eu.notices.by_person" },
    { PLATFORMS, PROCESSED, "NAM Trusted Flagger", "eu.notices.automatic.trusted" },
    { PLATFORMS, BY_PEOPLE, "NAM Trusted Flagger", "eu.notices.by_person.trusted" },
};

/* Of what was restricted without a person, the share that was not put back: the measured precision,
 * with its bounds beside it. */
static void precision_row(struct sheet *t)
{
    const struct desk_figure *all, *stood;
    struct error ignored;
    char value[32] = "", context[160] = "";
    if (desk_figure_find(STR("requests.automatic.accepted"), &all, &ignored) == OK &&
        desk_figure_find(STR("measures.automatic.stood"), &stood, &ignored) == OK) {
        int64_t of = desk_figure_value(t->s, all), part = desk_figure_value(t->s, stood), low, high;
        desk_report_interval(part, of, &low, &high);
        if (of) {
            snprintf(value, sizeof value, "%.6f", (double)part / (double)of);
            snprintf(context, sizeof context,
                     "share of automatic restrictions not put back: %lld of %lld; 95 %% bounds "
                     "%.6f to %.6f",
                     (long long)part, (long long)of, (double)low / 1e6, (double)high / 1e6);
        }
    }
    const struct indicator row = { "All", ACCURACY "Precision", "Total number", "" };
    begin_indicator(t, "Use of automated means for content moderation", &row);
    trace(t, "measures.automatic.stood");
    cell(t, value);
    cell(t, context);
    row_ends(t);
}

static enum code automated(struct sheet *t, struct error *e)
{
    static const char section[] = "Use of automated means for content moderation";
    indicator_head(t, "Contextual Information");
    TRY(indicators(t, section, measure_rows, COUNT_OF(measure_rows), e));
    precision_row(t);
    return indicators(t, section, automatic_rows, COUNT_OF(automatic_rows), e);
}

static void human_resources(struct sheet *t)
{
    static const char section[] = "Human resources dedicated to content moderation ";
    const struct {
        const char *indicator, *value;
    } rows[] = {
        { "Number of internal moderators employed by the provider", t->o->internal },
        { "Number of external moderators contracted by the provider", t->o->external },
        { "Number of total moderators with sufficient linguistic expertise ", "" },
    };
    indicator_head(t, "Contextual information");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct indicator row = { "Only for VLOPs", rows[i].indicator, "Total number", "" };
        begin_indicator(t, section, &row);
        cell(t, t->o->very_large ? rows[i].value : "");
        cell(t, "");
        row_ends(t);
    }
}

static void recipients(struct sheet *t)
{
    const struct indicator row = { "Only for VLOPs and VLOSEs",
                                   "Number of average monthly active recipients during the "
                                   "reporting period ",
                                   "TOTAL", "" };
    indicator_head(t, NULL);
    begin_indicator(t, "AMAR", &row);
    cell(t, t->o->very_large ? t->o->recipients : "");
    row_ends(t);
}

static void qualitative(struct sheet *t)
{
    static const char *const head[] = { "Applicability", "Service", "Reporting period", "Indicator",
                                        "Value" };
    static const struct {
        const char *applies, *indicator, *value;
    } rows[] = {
        { "All", "Summary of the content moderation engaged in at the providers' own initiative",
          "None: uploads are restricted after notices and orders, and copies of what was "
          "restricted "
          "stay down." },
        { "All",
          "Meaningful and comprehensible information regarding content moderation engaged in at "
          "the "
          "providers' own initiative",
          "An upload in which a restricted recording is heard again is denied by the decision "
          "about "
          "that recording, in its territories; a reversal releases the copies too." },
        { "All", "Qualitative description of the automated means",
          "Acoustic fingerprints: the item is compared with the reference of the named work; the "
          "aligned spans, speed, pitch, score and the chance of a false match are kept with each "
          "decision." },
        { "All",
          "Qualitative description of indicators of accuracy and possible rate of error of "
          "automated means",
          "Precision is the share of automatic restrictions that were not put back, with its 95 % "
          "bounds; the chance of a false match stands with each piece of evidence." },
        { "All", "Specification of the precise purposes to apply automated means",
          "To decide notices of verified senders with a match at once, and to find what people "
          "would "
          "turn down: gone, duplicate, licensed, not in the item, territory not covered." },
        { "All", "Safeguards applied to the use of automated means",
          "A verified sender, a mandate, a record above its bound, a cap on items restricted "
          "before "
          "a person looked, a statement of reasons in the same transaction, complaint to a person "
          "who did not decide." },
    };
    cells(t, head, COUNT_OF(head));
    row_ends(t);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin_row(t, rows[i].applies);
        cell(t, rows[i].indicator);
        cell(t, rows[i].value);
        row_ends(t);
    }
}

enum code desk_report_sheet(const struct scan *s, const struct sheet_options *o, int sheet,
                            struct buf *out, struct buf *traces, struct error *e)
{
    struct sheet t = { .s = s, .o = o, .number = sheet, .out = out, .traces = traces, .row = 1 };
    char from[INSTANT_TEXT], until[INSTANT_TEXT];
    snprintf(t.period, sizeof t.period, "%s/%s", day_format(day_of(s->from), from),
             day_format((struct day) { day_of(s->until).number - 1 }, until));
    if (sheet == 0)
        identification(&t);
    else if (sheet == 1)
        category_names(&t);
    else if (sheet == 2)
        TRY(orders(&t, e));
    else if (sheet == 3)
        TRY(notices(&t, e));
    else if (sheet == 4 || sheet == 5)
        TRY(own_initiative(&t, sheet == 5, e));
    else if (sheet == 6)
        TRY(appeals(&t, e));
    else if (sheet == 7)
        TRY(automated(&t, e));
    else if (sheet == 8)
        human_resources(&t);
    else if (sheet == 9)
        recipients(&t);
    else
        qualitative(&t);
    return out->failed ? fail(e, ERR_MEMORY, "no memory for the sheet") : OK;
}
