/* SPDX-License-Identifier: Apache-2.0 */
/* Restrictions as statements of reasons, straight from their events: nothing in them is personal. */
#include "desk/report.h"

extern const char *const desk_statement_states[];

/* Which law the notice was sent under is which law is named; the terms are the contract. */
static const char *const legal_grounds[REGIME_COUNT] = {
    [REGIME_DMCA] = "Copyright: Directive 2001/29/EC, art. 3(2); 17 U.S.C. 512(c)",
    [REGIME_DSA16] = "Copyright: Directive 2001/29/EC, art. 3(2), as transposed",
    [REGIME_DSA9] = "Order of an authority: Regulation (EU) 2022/2065, art. 9",
    [REGIME_UK] = "Copyright: Copyright, Designs and Patents Act 1988, s. 20",
    [REGIME_RU15_2] = "Order: Federal Law 149-FZ, art. 15.2",
    [REGIME_RU15_7] = "Statement of a right holder: Federal Law 149-FZ, art. 15.7",
    [REGIME_CONTRACT] = "Terms of the service: only works with the holder's permission",
};

static const struct {
    enum item_kind kind;
    const char *type, *other;
} content_types[] = {
    { KIND_UPLOAD, "CONTENT_TYPE_AUDIO", NULL },
    { KIND_PLAYLIST, "CONTENT_TYPE_OTHER", "a playlist of recordings" },
    { KIND_PROFILE, "CONTENT_TYPE_OTHER", "a profile" },
    { KIND_APP_CLIENT, "CONTENT_TYPE_APP", NULL },
    { KIND_LINK, "CONTENT_TYPE_OTHER", "a link" },
};

static int64_t number_in(struct str json, const char *name)
{
    char key[48];
    int length = snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = memmem(json.at, json.length, key, (size_t)length);
    int64_t n = 0;
    if (!at)
        return -1;
    for (at += length; at < json.at + json.length && *at >= '0' && *at <= '9'; at++)
        n = n * 10 + (*at - '0');
    return n;
}

static void put_facts(struct json_out *o, const struct scan_fields *f, struct str after,
                      enum reason_code reason)
{
    BUF(text);
    buf_format(&text, "A notice named this item. %s", reason_sentence(reason, 0));
    if (f->evidence)
        buf_format(&text,
                   " It was compared with the reference of the work by acoustic fingerprint: %lld "
                   "to %lld ms of the item are %lld to %lld ms of the reference.",
                   (long long)number_in(after, "upload_from_ms"),
                   (long long)number_in(after, "upload_to_ms"),
                   (long long)number_in(after, "reference_from_ms"),
                   (long long)number_in(after, "reference_to_ms"));
    json_str(o, "decision_facts", buf_as_str(&text));
}

/* An id tells when it was made: the upload's, when the content came. */
static struct day day_of_id(const uint8_t id[ID_BYTES])
{
    int64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | id[i];
    return day_of((struct instant) { ms * 1000 });
}

static enum code put_dates(struct json_out *o, const struct scan_fields *f, int64_t at_us,
                           struct error *e)
{
    char text[INSTANT_TEXT];
    struct day applied = day_of((struct instant) { at_us }), posted = applied;
    struct day least = day_from_civil(2000, 1, 2);
    if (f->upload.length) {
        struct upload_id id;
        TRY(upload_id_parse(f->upload, &id, e));
        posted = day_of_id(id.bytes);
        if (posted.number < least.number || posted.number > applied.number)
            posted = applied;
    }
    json_text(o, "content_date", day_format(posted, text));
    json_text(o, "application_date", day_format(applied, text));
    return OK;
}

static void put_one(struct json_out *o, const char *name, const char *word)
{
    json_key(o, name);
    json_begin(o, '[');
    json_put_text(o, word);
    json_end(o, ']');
}

/* Those of the Union and the EEA in which it is restricted; false: none. */
static enum code states_of(const struct scan_fields *f, bool in[30], bool *any, struct error *e)
{
    struct territory_set set = territory_set_world();
    if (f->territories.length)
        TRY(territory_set_parse(f->territories, &set, NULL, e));
    *any = false;
    for (size_t i = 0; desk_statement_states[i]; i++) {
        struct territory_set one;
        TRY(territory_set_parse(str_of(desk_statement_states[i]), &one, NULL, e));
        in[i] = territory_set_meet(&set, &one);
        *any = *any || in[i];
    }
    return OK;
}

static const char *source_of(const struct scan_fields *f, enum regime regime)
{
    if (str_is(f->class, item_class_word(CLASS_TRUSTED)))
        return "SOURCE_TRUSTED_FLAGGER";
    return regime == REGIME_DSA16 ? "SOURCE_ARTICLE_16" : "SOURCE_TYPE_OTHER_NOTIFICATION";
}

/* A person's word, alone or confirming the machine's, is no fully automated decision. */
static const char *automation_of(const struct scan_fields *f)
{
    bool person = str_is(f->by, "person"), confirms = str_is(f->event, "approve");
    bool ripened = str_is(f->event, "cure_expires"); /* a person set the term, the clock acted */
    if (ripened || (person && confirms && f->evidence))
        return "AUTOMATED_DECISION_PARTIALLY";
    return person ? "AUTOMATED_DECISION_NOT_AUTOMATED" : "AUTOMATED_DECISION_FULLY";
}

static void put_ground(struct json_out *o, enum regime regime, enum reason_code reason)
{
    bool terms = regime == REGIME_CONTRACT;
    json_text(o, "decision_ground",
              terms ? "DECISION_GROUND_INCOMPATIBLE_CONTENT" : "DECISION_GROUND_ILLEGAL_CONTENT");
    json_text(o, terms ? "incompatible_content_ground" : "illegal_content_legal_ground",
              legal_grounds[regime]);
    json_text(o, terms ? "incompatible_content_explanation" : "illegal_content_explanation",
              reason_sentence(reason, 0));
}

static enum code put_statement(const struct scan_fields *f, struct str after, int64_t at_us,
                               const bool in[30], struct json_out *o, struct error *e)
{
    enum regime regime;
    enum reason_code reason;
    enum item_kind kind;
    char puid[64];
    TRY(regime_parse(f->regime, &regime, e));
    TRY(reason_parse(f->reason, &reason, e));
    TRY(item_kind_parse(f->kind, &kind, e));
    snprintf(puid, sizeof puid, "%.*s", STR_ARG(f->decision));
    json_begin(o, '{');
    put_one(o, "decision_visibility", "DECISION_VISIBILITY_CONTENT_DISABLED");
    put_ground(o, regime, reason);
    for (size_t i = 0; i < COUNT_OF(content_types); i++)
        if (content_types[i].kind == kind) {
            put_one(o, "content_type", content_types[i].type);
            if (content_types[i].other)
                json_text(o, "content_type_other", content_types[i].other);
        }
    json_text(o, "category", "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS");
    put_one(o, "category_specification", "KEYWORD_COPYRIGHT_INFRINGEMENT");
    json_key(o, "territorial_scope");
    json_begin(o, '[');
    for (size_t i = 0; desk_statement_states[i]; i++)
        if (in[i])
            json_put_text(o, desk_statement_states[i]);
    json_end(o, ']');
    TRY(put_dates(o, f, at_us, e));
    put_facts(o, f, after, reason);
    json_text(o, "source_type", source_of(f, regime));
    json_text(o, "automated_detection", "No"); /* a notice named it, no search of ours found it */
    json_text(o, "automated_decision", automation_of(f));
    json_text(o, "puid", puid);
    json_end(o, '}');
    return OK;
}

enum code desk_report_statement(struct str after, int64_t at_us, struct buf *out, bool *made,
                                struct error *e)
{
    struct scan_fields f;
    enum item_state to;
    bool in[30] = { false };
    *made = false;
    if (!scan_fields(after, &f))
        return fail(e, ERR_CORRUPT, "the event cannot be read");
    TRY(item_state_parse(f.to, &to, e));
    if (to != ITEM_RESTRICTED)
        return OK;
    TRY(states_of(&f, in, made, e));
    if (!*made)
        return OK;
    struct json_out o = { out, false };
    return put_statement(&f, after, at_us, in, &o, e);
}

/* ---- bodies ---- */

struct batching {
    struct buf body;
    size_t count;
    statement_sink *sink;
    void *ctx;
    struct statement_counts *counts;
};

static enum code hand_on(struct batching *b, struct error *e)
{
    size_t count;
    if (b->count == 0)
        return OK;
    buf_text(&b->body, "]}");
    if (b->body.failed)
        return fail(e, ERR_MEMORY, "no memory for statements");
    if (desk_statement_check(buf_as_str(&b->body), &count, e) != OK)
        return fail_in(e, "body %lld", (long long)b->counts->batches + 1);
    TRY(b->sink(b->ctx, buf_as_str(&b->body), e));
    b->counts->batches++;
    b->counts->statements += (int64_t)count;
    b->count = 0;
    buf_clear(&b->body);
    return OK;
}

/* The database takes nothing that was applied before it was thought of. */
static bool is_early(int64_t at_us)
{
    return at_us < day_begin(day_from_civil(2020, 1, 2)).us;
}

static enum code add_event(struct batching *b, struct str after, int64_t at_us, struct error *e)
{
    bool made, restricts = memmem(after.at, after.length, "\"to\":\"restricted\"", 17) != NULL;
    size_t before = b->body.length;
    if (is_early(at_us)) {
        b->counts->early += restricts;
        return OK;
    }
    buf_text(&b->body, b->count ? "," : "{\"statements\":[");
    TRY(desk_report_statement(after, at_us, &b->body, &made, e));
    if (!made) {
        b->body.length = before;
        b->counts->elsewhere += restricts;
        return OK;
    }
    return ++b->count == STATEMENTS_IN_BATCH ? hand_on(b, e) : OK;
}

static enum code each_decision(struct store_tx *tx, struct instant from, struct instant until,
                               struct batching *b, struct error *e)
{
    enum { PAGE = 20000 };
    for (int64_t after = 0;;) {
        owned(store_rows) r = NULL;
        size_t n = 0;
        bool more;
        TRY(store_query(tx,
                        "SELECT seq, at, what, after FROM journal_events WHERE seq > $1 ORDER BY "
                        "seq LIMIT 20000",
                        SQL(sql_int(after)), &r, e));
        for (;; n++) {
            TRY(store_next(r, &more, e));
            if (!more)
                break;
            after = store_int(r, 0);
            int64_t at = store_int(r, 1);
            if (at < from.us || at >= until.us || !str_is(store_text(r, 2), "item.decided"))
                continue;
            if (add_event(b, store_text(r, 3), at, e) != OK)
                return fail_in(e, "journal event %lld", (long long)after);
        }
        if (n < PAGE)
            return hand_on(b, e);
    }
}

enum code desk_report_statements(struct store_tx *tx, struct instant from, struct instant until,
                                 statement_sink *sink, void *ctx, struct statement_counts *out,
                                 struct error *e)
{
    struct batching b = { .sink = sink, .ctx = ctx, .counts = out };
    *out = (struct statement_counts) { 0 };
    enum code code = each_decision(tx, from, until, &b, e);
    buf_done(&b.body);
    return code;
}
