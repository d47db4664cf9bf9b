/* SPDX-License-Identifier: Apache-2.0 */
/* A rule's sentence with its places filled from the facts, in English and Russian. */
#include "policy/judging.h"

struct filling {
    const struct facts *facts;
    const struct reason *reason;
    enum language in;
    struct buf *out;
};

static const char *const use_names[USE_COUNT][LANGUAGE_COUNT] = {
    [USE_STREAM] = { "stream", "прослушивание" },
    [USE_PREVIEW] = { "preview", "фрагмент" },
    [USE_DOWNLOAD] = { "download", "скачивание" },
    [USE_OFFLINE] = { "offline", "прослушивание без сети" },
};

static const char *const right_names[RIGHT_COUNT][LANGUAGE_COUNT] = {
    [RIGHT_MAKING_AVAILABLE] = { "making available", "доведение до всеобщего сведения" },
    [RIGHT_REPRODUCTION] = { "reproduction", "воспроизведение" },
    [RIGHT_PERFORMING] = { "performing", "публичное исполнение" },
    [RIGHT_MECHANICAL] = { "mechanical", "механические права" },
    [RIGHT_SYNCHRONIZATION] = { "synchronization", "синхронизация" },
    [RIGHT_PRINT] = { "print", "печать" },
    [RIGHT_WORK_MAKING_AVAILABLE] = { "making the work available",
                                      "доведение произведения до всеобщего сведения" },
    [RIGHT_WORK_PERFORMING] = { "performing the work", "публичное исполнение произведения" },
    [RIGHT_WORK_MECHANICAL] = { "mechanical rights in the work",
                                "механические права на произведение" },
};

static const char *const model_names[MODEL_COUNT][LANGUAGE_COUNT] = {
    [MODEL_FREE] = { "free", "бесплатно" },
    [MODEL_SUBSCRIPTION] = { "subscription", "по подписке" },
};

static const char *const measure_names[MEASURE_COUNT][LANGUAGE_COUNT] = {
    [MEASURE_SECONDS] = { "seconds heard", "секунд звучания" },
    [MEASURE_REFERENCE_PERCENT] = { "per cent of the reference", "процентов эталона" },
    [MEASURE_UPLOAD_PERCENT] = { "per cent of the upload", "процентов загрузки" },
};

static void put_name(struct filling *f, const char *name)
{
    static const char *const unnamed[LANGUAGE_COUNT] = { "(unnamed)", "(без названия)" };
    buf_text(f->out, name && *name ? name : unnamed[f->in]);
}

static void put_network(struct filling *f)
{
    put_name(f, f->facts->network.name);
}

static void put_app(struct filling *f)
{
    put_name(f, f->facts->app.name);
}

static void put_territory(struct filling *f)
{
    struct territory t = f->facts->asked.territory;
    buf_text(f->out, f->in == LANGUAGE_RUSSIAN ? territory_russian(t) : territory_english(t));
}

static void put_order(struct filling *f)
{
    put_name(f, f->reason->order ? f->reason->order->title : NULL);
}

static void put_party(struct filling *f)
{
    put_name(f, f->reason->party ? f->reason->party->name : NULL);
}

static void put_recording(struct filling *f)
{
    const struct facts_recording *r = f->reason->recording;
    const char *const *quotes = (const char *const[LANGUAGE_COUNT][2]) {
        { "\"", "\"" },
        { "«", "»" },
    }[f->in];
    buf_text(f->out, quotes[0]);
    if (r && r->artist && *r->artist)
        buf_format(f->out, "%s: ", r->artist);
    put_name(f, r ? r->title : NULL);
    buf_text(f->out, quotes[1]);
}

static void put_percent(struct filling *f, int64_t e8)
{
    e8_format(e8 * 100, f->out);
}

static void put_share(struct filling *f)
{
    put_percent(f, f->reason->claim ? f->reason->claim->share_e8 : 0);
}

static void put_amount(struct filling *f)
{
    put_percent(f, f->reason->amount_e8);
}

static void put_right(struct filling *f)
{
    enum right r = f->reason->claim ? f->reason->claim->right : f->reason->right;
    buf_text(f->out, right_names[r][f->in]);
}

static void put_uses(struct filling *f)
{
    bool comma = false;
    for (int u = 0; u < USE_COUNT; u++) {
        if (!(f->reason->uses >> u & 1))
            continue;
        buf_format(f->out, "%s%s", comma ? ", " : "", use_names[u][f->in]);
        comma = true;
    }
}

static void put_model(struct filling *f)
{
    buf_text(f->out, model_names[f->facts->asked.model][f->in]);
}

static void put_licence(struct filling *f)
{
    put_name(f, f->reason->licence ? f->reason->licence->name : NULL);
}

static void put_seconds(struct filling *f)
{
    buf_format(f->out, "%lld", (long long)(f->reason->length_ms / 1000));
}

/* "in 30 to 60 s " */
static void put_segments(struct filling *f, const struct condition *c)
{
    static const char *const begins[LANGUAGE_COUNT] = { "in ", "на отрезке " },
                             *const to[LANGUAGE_COUNT] = { " to ", "–" },
                             *const ends[LANGUAGE_COUNT] = { " s ", " с " };
    for (uint32_t i = 0; i < c->segment_count; i++) {
        buf_text(f->out, i ? ", " : begins[f->in]);
        e8_format(c->segments[i].from_ms * (SHARE_WHOLE_E8 / 1000), f->out);
        buf_text(f->out, to[f->in]);
        e8_format(c->segments[i].until_ms * (SHARE_WHOLE_E8 / 1000), f->out);
    }
    if (c->segment_count)
        buf_text(f->out, ends[f->in]);
}

static void put_conditions(struct filling *f)
{
    const struct facts_policy *p = f->reason->policy;
    static const char *const begins[LANGUAGE_COUNT] = { " because ", ": " };
    for (size_t i = 0; p && i < p->condition_count; i++) {
        const struct condition *c = &p->conditions[i];
        buf_format(f->out, "%s%s ", i ? ", " : begins[f->in], measure_names[c->measure][f->in]);
        put_segments(f, c);
        buf_format(f->out, "%s ", relator_word(c->relator));
        e8_format(c->value_e8, f->out);
    }
}

static void put_exception(struct filling *f)
{
    static const char *const names[EXCEPTION_KIND_COUNT][LANGUAGE_COUNT] = {
        [EXCEPTION_QUOTATION] = { "it is a quotation", "это цитата" },
        [EXCEPTION_PARODY] = { "it is a parody", "это пародия" },
        [EXCEPTION_OWN_WORK] = { "it is their own work", "это собственное произведение" },
        [EXCEPTION_LICENSED] = { "they have a licence", "есть лицензия" },
    };
    if (f->reason->leave)
        buf_text(f->out, names[f->reason->leave->exception][f->in]);
}

static const struct place {
    const char *name;
    void (*put)(struct filling *f);
} places[] = {
    { "network", put_network },     { "app", put_app },
    { "territory", put_territory }, { "order", put_order },
    { "party", put_party },         { "recording", put_recording },
    { "share", put_share },         { "amount", put_amount },
    { "right", put_right },         { "uses", put_uses },
    { "model", put_model },         { "licence", put_licence },
    { "seconds", put_seconds },     { "conditions", put_conditions },
    { "exception", put_exception },
};

static void fill(struct filling *f, struct str name)
{
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (str_is(name, places[i].name)) {
            places[i].put(f);
            return;
        }
    buf_format(f->out, "{%.*s}", STR_ARG(name)); /* the test of the table finds it */
}

void policy_sentence(const struct facts *facts, const struct reason *r, enum language in,
                     struct buf *out)
{
    struct filling f = { facts, r, in, out };
    struct str rest = str_of(rule_rows[r->rule].sentence[in]), text, name;
    while (str_split(&rest, '{', &text)) {
        buf_str(out, text);
        if (rest.at && str_split(&rest, '}', &name))
            fill(&f, name);
    }
}
