/* SPDX-License-Identifier: Apache-2.0 */
/* The table of figures. */
#include "desk/figures.h"

#include <stdlib.h>

/* ---- what counts ---- */

#define WEIGHT(name, expression)                                                                   \
    static int64_t name(const struct scan *s, size_t n, int parameter)                             \
    {                                                                                              \
        (void)parameter;                                                                           \
        return expression;                                                                         \
    }
WEIGHT(each_notice, s ? (int64_t)(n < s->notice_count) : 0)
WEIGHT(notice_channel, s->notices[n].channel == parameter)
WEIGHT(notice_regime, s->notices[n].regime == parameter)
WEIGHT(notice_items, s->notices[n].items)
WEIGHT(notice_undecided, (int64_t)s->notices[n].items - s->notices[n].decided)
WEIGHT(accepted, s->cases[n].accepted)
WEIGHT(turned_down, !s->cases[n].accepted)
WEIGHT(of_reason, s->cases[n].reason == parameter)
WEIGHT(automatic, s->cases[n].automatic)
WEIGHT(by_person, !s->cases[n].automatic)
WEIGHT(automatic_accepted, s->cases[n].automatic && s->cases[n].accepted)
WEIGHT(with_evidence, s->cases[n].accepted && s->cases[n].automatic_detected)
WEIGHT(two_persons, s->cases[n].second)
WEIGHT(put_back, s->cases[n].put_back)
WEIGHT(put_back_by, s->cases[n].put_back && s->cases[n].back_by == parameter)
WEIGHT(offline, s->cases[n].accepted && !s->cases[n].put_back)
WEIGHT(countered, s->cases[n].counter_seq != 0)
WEIGHT(complaint_by, s->complaints[n].by_sender == parameter)
WEIGHT(complaint_outcome, s->complaints[n].outcome == parameter)
WEIGHT(each_dispute, s ? (int64_t)(n < s->dispute_count) : 0)
WEIGHT(dispute_outcome, s->disputes[n].outcome == parameter)
WEIGHT(dispute_implemented, s->disputes[n].implemented)
WEIGHT(mark_kind, s->marks[n].kind == parameter)

/* The mechanism of DSA art. 16: its notices, and those about the terms of the service. */
static bool is_article_16(int regime)
{
    return regime == REGIME_DSA16 || regime == REGIME_CONTRACT;
}
WEIGHT(eu_notice, is_article_16(s->notices[n].regime))
WEIGHT(eu_items, is_article_16(s->notices[n].regime) ? s->notices[n].items : 0)
WEIGHT(eu_action_law, s->cases[n].accepted && s->cases[n].regime == REGIME_DSA16)
WEIGHT(eu_action_terms, s->cases[n].accepted && s->cases[n].regime == REGIME_CONTRACT)
WEIGHT(eu_order, s->notices[n].regime == REGIME_DSA9)
WEIGHT(eu_order_items, s->notices[n].regime == REGIME_DSA9 ? s->notices[n].items : 0)
static bool is_all_automatic(const struct scan_notice *x)
{
    return x->decided == x->items && x->by_person == 0;
}
WEIGHT(eu_notice_automatic, is_article_16(s->notices[n].regime) && is_all_automatic(&s->notices[n]))
WEIGHT(eu_notice_by_person,
       is_article_16(s->notices[n].regime) && !is_all_automatic(&s->notices[n]))
WEIGHT(person_accepted, !s->cases[n].automatic && s->cases[n].accepted)
WEIGHT(automatic_stood, s->cases[n].automatic && s->cases[n].accepted && !s->cases[n].put_back)
WEIGHT(newly_restricted, s->complaints[n].by_sender && s->complaints[n].outcome == OUTCOME_REVERSED)
WEIGHT(each_complaint, s ? (int64_t)(n < s->complaint_count) : 0)
static bool is_trusted_complaint(const struct scan *s, size_t n)
{
    const struct scan_complaint *k = &s->complaints[n];
    return k->by_sender && s->notices[s->cases[k->number].notice].trusted;
}
/* parameter -1: whatever the outcome */
WEIGHT(complaint_trusted,
       is_trusted_complaint(s, n) && (parameter < 0 || (int)s->complaints[n].outcome == parameter))
WEIGHT(complaint_pair, s->complaints[n].by_sender == (parameter >> 4) &&
                           (int)s->complaints[n].outcome == (parameter & 15))

/* ---- the table ---- */

/* Channels and laws in words that readers of a report know; figures keep their names. */
#define ENGLISH_CHANNEL_FORM    "the form"
#define RUSSIAN_CHANNEL_FORM    "форма"
#define ENGLISH_CHANNEL_API     "the interface for programs (API)"
#define RUSSIAN_CHANNEL_API     "программный интерфейс (API)"
#define ENGLISH_CHANNEL_FILE    "files"
#define RUSSIAN_CHANNEL_FILE    "файлы"
#define ENGLISH_CHANNEL_EMAIL   "e-mail"
#define RUSSIAN_CHANNEL_EMAIL   "электронная почта"
#define ENGLISH_CHANNEL_ACNS    "e-mail in the ACNS form"
#define RUSSIAN_CHANNEL_ACNS    "электронная почта в форме ACNS"
#define ENGLISH_CHANNEL_COURT   "courts and authorities"
#define RUSSIAN_CHANNEL_COURT   "суды и органы власти"
#define ENGLISH_CHANNEL_POST    "post"
#define RUSSIAN_CHANNEL_POST    "почта"
#define ENGLISH_REGIME_DMCA     "United States (DMCA)"
#define RUSSIAN_REGIME_DMCA     "США (DMCA)"
#define ENGLISH_REGIME_DSA16    "European Union (DSA, article 16)"
#define RUSSIAN_REGIME_DSA16    "Европейский союз (DSA, статья 16)"
#define ENGLISH_REGIME_DSA9     "European Union (order, DSA, article 9)"
#define RUSSIAN_REGIME_DSA9     "Европейский союз (приказ, DSA, статья 9)"
#define ENGLISH_REGIME_UK       "United Kingdom"
#define RUSSIAN_REGIME_UK       "Великобритания"
#define ENGLISH_REGIME_RU15_2   "Russia (149-FZ, article 15.2)"
#define RUSSIAN_REGIME_RU15_2   "Россия (149-ФЗ, статья 15.2)"
#define ENGLISH_REGIME_RU15_7   "Russia (149-FZ, article 15.7)"
#define RUSSIAN_REGIME_RU15_7   "Россия (149-ФЗ, статья 15.7)"
#define ENGLISH_REGIME_CONTRACT "by contract"
#define RUSSIAN_REGIME_CONTRACT "по договору"
#define CHANNEL_FIGURE(name, word)                                                                 \
    { "notices.channel." word,                                                                     \
      OF_NOTICES,                                                                                  \
      "Notices received by channel: " ENGLISH_##name,                                              \
      "Обращения по каналу: " RUSSIAN_##name,                                                      \
      notice_channel,                                                                              \
      name,                                                                                        \
      false },
#define REGIME_FIGURE(name, word)                                                                  \
    { "notices.regime." word,                                                                      \
      OF_NOTICES,                                                                                  \
      "Notices received by law: " ENGLISH_##name,                                                  \
      "Обращения по закону: " RUSSIAN_##name,                                                      \
      notice_regime,                                                                               \
      name,                                                                                        \
      false },
#define REASON_FIGURE(name, word, english, russian)                                                \
    { "requests.reason." word, OF_REQUESTS, english, russian, of_reason, name, false },

const struct desk_figure desk_figures[] = {
    { "notices.received", OF_NOTICES, "Notices received", "Получено обращений", each_notice, 0,
      false },
    { "notices.trusted", OF_NOTICES, "Notices by trusted flaggers",
      "Обращения доверенных заявителей", each_notice, 0, true },
    CHANNELS(CHANNEL_FIGURE) REGIMES(REGIME_FIGURE) {
        "requests.received", OF_NOTICES, "Requests (items named in notices)",
        "Запросы (материалы, названные в обращениях)", notice_items, 0, false },
    { "requests.received.trusted", OF_NOTICES, "Requests by trusted flaggers",
      "Запросы доверенных заявителей", notice_items, 0, true },
    { "requests.undecided", OF_NOTICES, "Requests not decided yet", "Ещё не решённые запросы",
      notice_undecided, 0, false },
    { "requests.accepted", OF_REQUESTS, "Requests accepted", "Удовлетворено запросов", accepted, 0,
      false },
    { "requests.accepted.trusted", OF_REQUESTS, "Requests of trusted flaggers accepted",
      "Удовлетворено запросов доверенных заявителей", accepted, 0, true },
    { "requests.turned_down", OF_REQUESTS, "Requests turned down", "Отклонено запросов",
      turned_down, 0, false },
    REASONS(REASON_FIGURE) { "requests.automatic", OF_REQUESTS, "Decided by rule or clock",
                             "Решено правилом или по сроку", automatic, 0, false },
    { "requests.automatic.accepted", OF_REQUESTS, "Accepted by rule or clock",
      "Удовлетворено правилом или по сроку", automatic_accepted, 0, false },
    { "requests.by_person", OF_REQUESTS, "Decided by a person", "Решено человеком", by_person, 0,
      false },
    { "requests.two_persons", OF_REQUESTS, "Confirmed by a second person",
      "Подтверждено вторым человеком", two_persons, 0, false },
    { "requests.evidence", OF_REQUESTS, "Accepted with evidence by ear",
      "Удовлетворено с доказательством на слух", with_evidence, 0, false },
    { "counter_notices.received", OF_REQUESTS, "Counter-notices received", "Получено возражений",
      countered, 0, false },
    { "requests.put_back", OF_REQUESTS, "Items put back", "Возвращено материалов", put_back, 0,
      false },
    { "requests.put_back.clock", OF_REQUESTS, "Put back after a counter-notice",
      "Возвращено после возражения", put_back_by, EVENT_PUT_BACK, false },
    { "requests.put_back.withdrawn", OF_REQUESTS, "Put back because the sender withdrew",
      "Возвращено: отправитель отозвал обращение", put_back_by, EVENT_WITHDRAW, false },
    { "requests.put_back.reversed", OF_REQUESTS, "Put back because the decision was reversed",
      "Возвращено: решение отменено", put_back_by, EVENT_REVERSE, false },
    { "requests.put_back.undone", OF_REQUESTS, "Put back because the act was undone",
      "Возвращено: действие отменено", put_back_by, EVENT_UNDO, false },
    { "requests.put_back.action_ended", OF_REQUESTS, "Put back because a court action ended",
      "Возвращено: судебное дело окончено", put_back_by, EVENT_ACTION_ENDED, false },
    { "requests.offline", OF_REQUESTS, "Accepted and not put back", "Удовлетворено и не возвращено",
      offline, 0, false },
    { "complaints.all", OF_COMPLAINTS, "Complaints", "Жалобы", each_complaint, 0, false },
    { "complaints.by_trusted", OF_COMPLAINTS, "Complaints of trusted flaggers against a refusal",
      "Жалобы доверенных заявителей на отказ", complaint_trusted, -1, false },
    { "complaints.by_trusted.upheld", OF_COMPLAINTS, "... upheld", "... оставлен в силе",
      complaint_trusted, OUTCOME_UPHELD, false },
    { "complaints.by_trusted.reversed", OF_COMPLAINTS, "... reversed", "... отменён",
      complaint_trusted, OUTCOME_REVERSED, false },
    { "complaints.by_uploader", OF_COMPLAINTS, "Complaints against a restriction",
      "Жалобы на ограничение", complaint_by, 0, false },
    { "complaints.by_sender", OF_COMPLAINTS, "Complaints against a refusal", "Жалобы на отказ",
      complaint_by, 1, false },
    { "complaints.upheld", OF_COMPLAINTS, "Complaints: decision upheld",
      "Жалобы: решение оставлено в силе", complaint_outcome, OUTCOME_UPHELD, false },
    { "complaints.reversed", OF_COMPLAINTS, "Complaints: decision reversed",
      "Жалобы: решение отменено", complaint_outcome, OUTCOME_REVERSED, false },
    { "complaints.partly", OF_COMPLAINTS, "Complaints: decision reversed in part",
      "Жалобы: решение отменено частично", complaint_outcome, OUTCOME_PARTLY, false },
    { "complaints.none", OF_COMPLAINTS, "Complaints that ended without a decision",
      "Жалобы, оставшиеся без решения", complaint_outcome, OUTCOME_NONE, false },
    { "complaints.open", OF_COMPLAINTS, "Complaints not decided yet", "Ещё не решённые жалобы",
      complaint_outcome, OUTCOME_OPEN, false },
    { "disputes.opened", OF_DISPUTES, "Disputes before an out-of-court body",
      "Споры во внесудебных органах", each_dispute, 0, false },
    { "disputes.upheld", OF_DISPUTES, "Disputes: decision upheld",
      "Споры: решение оставлено в силе", dispute_outcome, OUTCOME_UPHELD, false },
    { "disputes.reversed", OF_DISPUTES, "Disputes: decision reversed", "Споры: решение отменено",
      dispute_outcome, OUTCOME_REVERSED, false },
    { "disputes.partly", OF_DISPUTES, "Disputes: decision reversed in part",
      "Споры: решение отменено частично", dispute_outcome, OUTCOME_PARTLY, false },
    { "disputes.open", OF_DISPUTES, "Disputes not decided yet", "Ещё не решённые споры",
      dispute_outcome, OUTCOME_OPEN, false },
    { "disputes.none", OF_DISPUTES, "Disputes that ended without a decision",
      "Споры, оставшиеся без решения", dispute_outcome, OUTCOME_NONE, false },
    { "disputes.implemented", OF_DISPUTES, "Outcomes of disputes implemented",
      "Исполненные решения по спорам", dispute_implemented, 0, false },
    { "senders.warned", OF_MARKS, "Senders warned for unfounded notices",
      "Предупреждено отправителей необоснованных обращений", mark_kind, MARK_SENDER_WARNED, false },
    { "senders.suspended", OF_MARKS, "Senders suspended for unfounded notices",
      "Приостановлено отправителей необоснованных обращений", mark_kind, MARK_SENDER_SUSPENDED,
      false },
    { "uploaders.suspended", OF_MARKS, "Uploaders suspended for repeated infringement",
      "Приостановлено загружающих за повторные нарушения", mark_kind, MARK_UPLOADER_SUSPENDED,
      false },
    { "eu.notices", OF_NOTICES, "Notices under DSA art. 16", "Обращения по ст. 16 DSA", eu_notice,
      0, false },
    { "eu.notices.trusted", OF_NOTICES, "Notices under DSA art. 16 by trusted flaggers",
      "Обращения по ст. 16 DSA доверенных заявителей", eu_notice, 0, true },
    { "eu.items", OF_NOTICES, "Items in notices under DSA art. 16",
      "Материалы в обращениях по ст. 16 DSA", eu_items, 0, false },
    { "eu.items.trusted", OF_NOTICES, "Items in notices of trusted flaggers",
      "Материалы в обращениях доверенных заявителей", eu_items, 0, true },
    { "eu.actions.law", OF_REQUESTS, "Actions on the basis of the law (DSA art. 16)",
      "Действия на основании закона (ст. 16 DSA)", eu_action_law, 0, false },
    { "eu.actions.law.trusted", OF_REQUESTS, "... after notices of trusted flaggers",
      "... по обращениям доверенных заявителей", eu_action_law, 0, true },
    { "eu.actions.terms", OF_REQUESTS, "Actions on the basis of the terms of the service",
      "Действия на основании условий сервиса", eu_action_terms, 0, false },
    { "eu.actions.terms.trusted", OF_REQUESTS, "... after notices of trusted flaggers",
      "... по обращениям доверенных заявителей", eu_action_terms, 0, true },
    { "eu.orders", OF_NOTICES, "Orders of authorities (DSA art. 9)",
      "Предписания органов власти (ст. 9 DSA)", eu_order, 0, false },
    { "eu.orders.items", OF_NOTICES, "Items in orders of authorities", "Материалы в предписаниях",
      eu_order_items, 0, false },
    { "eu.notices.automatic", OF_NOTICES, "Art. 16 notices processed solely by automated means",
      "Обращения, обработанные только автоматически", eu_notice_automatic, 0, false },
    { "eu.notices.automatic.trusted", OF_NOTICES, "... of trusted flaggers",
      "... доверенных заявителей", eu_notice_automatic, 0, true },
    { "eu.notices.by_person", OF_NOTICES, "Art. 16 notices in which a person took part",
      "Обращения, в которых участвовал человек", eu_notice_by_person, 0, false },
    { "eu.notices.by_person.trusted", OF_NOTICES, "... of trusted flaggers",
      "... доверенных заявителей", eu_notice_by_person, 0, true },
    { "measures.by_person", OF_REQUESTS, "Restrictions decided by a person",
      "Ограничения по решению человека", person_accepted, 0, false },
    { "measures.automatic.stood", OF_REQUESTS, "Automatic restrictions that stand",
      "Автоматические ограничения, оставшиеся в силе", automatic_stood, 0, false },
    { "complaints.restricted_newly", OF_COMPLAINTS, "Restrictions imposed after a complaint",
      "Ограничения, введённые по жалобе", newly_restricted, 0, false },
    { "complaints.by_uploader.upheld", OF_COMPLAINTS, "Against a restriction: upheld",
      "На ограничение: оставлено в силе", complaint_pair, OUTCOME_UPHELD, false },
    { "complaints.by_uploader.partly", OF_COMPLAINTS, "Against a restriction: reversed in part",
      "На ограничение: отменено частично", complaint_pair, OUTCOME_PARTLY, false },
    { "complaints.by_uploader.reversed", OF_COMPLAINTS, "Against a restriction: reversed",
      "На ограничение: отменено", complaint_pair, OUTCOME_REVERSED, false },
    { "complaints.by_sender.upheld", OF_COMPLAINTS, "Against a refusal: upheld",
      "На отказ: оставлен в силе", complaint_pair, 16 | OUTCOME_UPHELD, false },
    { "complaints.by_sender.reversed", OF_COMPLAINTS, "Against a refusal: reversed",
      "На отказ: отменён", complaint_pair, 16 | OUTCOME_REVERSED, false },
};
const size_t desk_figure_count = COUNT_OF(desk_figures);

const char *desk_figure_of_word(enum figure_of of)
{
    static const char *const words[] = { "notices", "requests", "complaints", "disputes",
                                         "suspensions" };
    return words[of];
}

enum code desk_figure_find(struct str name, const struct desk_figure **out, struct error *e)
{
    for (size_t i = 0; i < desk_figure_count; i++)
        if (str_is(name, desk_figures[i].name)) {
            *out = &desk_figures[i];
            return OK;
        }
    return fail(e, ERR_NOT_FOUND, "'%.*s' is not a figure: licet report figures lists them",
                (int)(name.length > 60 ? 60 : name.length), name.at);
}

/* ---- values and events ---- */

static size_t count_of(const struct scan *s, enum figure_of of)
{
    switch (of) {
    case OF_NOTICES:
        return s->notice_count;
    case OF_REQUESTS:
        return s->case_count;
    case OF_COMPLAINTS:
        return s->complaint_count;
    case OF_DISPUTES:
        return s->dispute_count;
    case OF_MARKS:
        break;
    }
    return s->mark_count;
}

static bool is_trusted(const struct scan *s, enum figure_of of, size_t n)
{
    if (of == OF_NOTICES)
        return s->notices[n].trusted;
    return of == OF_REQUESTS && s->notices[s->cases[n].notice].trusted;
}

static int64_t weight_of(const struct scan *s, const struct desk_figure *f, size_t n)
{
    return f->trusted_only && !is_trusted(s, f->of, n) ? 0 : f->weight(s, n, f->parameter);
}

int64_t desk_figure_value(const struct scan *s, const struct desk_figure *f)
{
    return s->values[f - desk_figures];
}

/* One pass over the records of each kind, all its figures beside each other. */
static void add_up_kind(struct scan *s, enum figure_of of)
{
    const struct desk_figure *list[COUNT_OF(desk_figures)];
    size_t figures = 0, count = count_of(s, of);
    for (size_t i = 0; i < desk_figure_count; i++)
        if (desk_figures[i].of == of)
            list[figures++] = &desk_figures[i];
    for (size_t n = 0; n < count; n++) {
        bool trusted = is_trusted(s, of, n);
        for (size_t i = 0; i < figures; i++)
            if (trusted || !list[i]->trusted_only)
                s->values[list[i] - desk_figures] += list[i]->weight(s, n, list[i]->parameter);
    }
}

/* A put-back is told by its own event, a complaint's outcome by that which ended it. */
static int64_t seq_of(const struct scan *s, const struct desk_figure *f, size_t n)
{
    if (f->of == OF_NOTICES)
        return s->notices[n].seq;
    if (f->of == OF_MARKS)
        return s->marks[n].seq;
    if (f->of == OF_REQUESTS)
        return f->weight == countered                              ? s->cases[n].counter_seq
               : f->weight == put_back || f->weight == put_back_by ? s->cases[n].back_seq
                                                                   : s->cases[n].seq;
    const struct scan_complaint *k = f->of == OF_COMPLAINTS ? &s->complaints[n] : &s->disputes[n];
    bool opening = f->weight == complaint_by || f->weight == each_complaint ||
                   f->weight == each_dispute || k->outcome == OUTCOME_OPEN;
    return opening ? k->seq : k->decided_seq;
}

size_t desk_figure_records(const struct scan *s, enum figure_of of)
{
    return count_of(s, of);
}

void desk_figure_of_record(const struct scan *s, const struct desk_figure *f, size_t n,
                           int64_t *seq, int64_t *weight)
{
    *weight = weight_of(s, f, n);
    *seq = *weight ? seq_of(s, f, n) : 0;
}

enum code desk_figure_events(const struct scan *s, const struct desk_figure *f, figure_event *each,
                             void *ctx, struct error *e)
{
    for (size_t n = 0; n < count_of(s, f->of); n++) {
        int64_t weight = weight_of(s, f, n);
        if (weight)
            TRY(each(ctx, seq_of(s, f, n), weight, e));
    }
    return OK;
}

/* ---- times ---- */

/* Hoare's selection: the k-th smallest comes to its place. */
int64_t desk_select(int64_t *v, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        int64_t pivot = v[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i >= j)
                break;
            int64_t t = v[i];
            v[i++] = v[j];
            v[j--] = t;
        }
        if (k <= j)
            high = j;
        else
            low = j + 1;
    }
    return v[k];
}

/* the nearest rank */
static int64_t at_per_mille(int64_t *times, size_t n, size_t per_mille)
{
    return n ? desk_select(times, n, (per_mille * n + 999) / 1000 - 1) : -1;
}

static enum code add_up_times(struct scan *s, int class, struct error *e)
{
    int64_t *times = malloc((s->case_count + 1) * sizeof *times);
    size_t n = 0;
    if (!times)
        return fail(e, ERR_MEMORY, "no memory for the times");
    for (size_t i = 0; i < s->case_count; i++)
        if (class == CLASS_COUNT || s->cases[i].class == class)
            times[n++] = s->cases[i].first_us / 1000;
    s->times[class] = (struct scan_times) { (int64_t)n, at_per_mille(times, n, 500),
                                            at_per_mille(times, n, 900),
                                            at_per_mille(times, n, 990) };
    free(times);
    return OK;
}

const struct scan_times *desk_figure_times_of(const struct scan *s, int class)
{
    return &s->times[class < 0 ? CLASS_COUNT : class];
}

enum code desk_figures_add_up(struct scan *s, struct error *e)
{
    s->values = calloc(desk_figure_count, sizeof *s->values);
    if (!s->values)
        return fail(e, ERR_MEMORY, "no memory for the figures");
    for (int of = OF_NOTICES; of <= OF_MARKS; of++)
        add_up_kind(s, (enum figure_of)of);
    for (int class = 0; class <= CLASS_COUNT; class ++)
        TRY(add_up_times(s, class, e));
    return OK;
}
