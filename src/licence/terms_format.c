/* SPDX-License-Identifier: Apache-2.0 */
/* Terms as text, in the one way they are written; their hash; what differs between two. */
#include <sodium.h>
#include <stdio.h>

#include "licence/terms.h"

#define MEMBER(name, word, adverb) [name] = word,
static const char *const span_words[SPAN_COUNT] = { TERMS_SPANS(MEMBER) };
#undef MEMBER
#define MEMBER(name, word, adverb) [name] = adverb,
static const char *const span_adverbs[SPAN_COUNT] = { TERMS_SPANS(MEMBER) };
#undef MEMBER

const char *terms_span_word(enum terms_span s)
{
    return span_words[s];
}

static void put_names(const struct terms_names *names, struct buf *out)
{
    for (size_t i = 0; i < names->count; i++)
        buf_format(out, "%s%s", i ? ", " : "", names->items[i].text);
}

/* "3,500,000.00": an amount of minor units that need not be whole */
static void put_amount(struct rational minor, const struct currency *c, struct buf *out)
{
    BUF(plain);
    struct rational units = minor;
    struct error ignored;
    for (int i = 0; i < c->places; i++)
        if (rational_divide(units, rational_of(10), &units, &ignored) != OK)
            return;
    rational_format(units, &plain);
    struct str s = buf_as_str(&plain);
    const char *point = memchr(s.at, '.', s.length);
    size_t whole = point ? (size_t)(point - s.at) : s.length, places = 0;
    buf_format(out, "%s ", c->code);
    for (size_t i = 0; i < whole; i++) {
        if (i && (whole - i) % 3 == 0)
            buf_byte(out, ',');
        buf_byte(out, (uint8_t)s.at[i]);
    }
    if (point) {
        buf_put(out, point, s.length - whole);
        places = s.length - whole - 1;
    } else if (c->places) {
        buf_byte(out, '.');
    }
    for (; places < c->places; places++)
        buf_byte(out, '0');
}

static void put_minor(int64_t minor, const struct currency *c, struct buf *out)
{
    put_amount(rational_of(minor), c, out);
}

static void put_percent(struct rational part, struct buf *out)
{
    BUF(text);
    struct rational percent;
    struct error ignored;
    if (rational_multiply(part, rational_of(100), &percent, &ignored) == OK) {
        rational_format(percent, &text);
        if (text.length && !memchr(text.bytes, '/', text.length)) {
            buf_str(out, buf_as_str(&text));
            buf_text(out, " %");
            return;
        }
    }
    buf_clear(&text);
    int128_format(part.n, out);
    buf_byte(out, '/');
    int128_format(part.d, out);
}

static void put_day(struct day d, struct buf *out)
{
    char text[INSTANT_TEXT];
    buf_text(out, day_format(d, text));
}

static void put_last_day(struct day until, struct buf *out)
{
    put_day((struct day) { until.number - 1 }, out);
}

static void put_territories(const struct territory_set *s, struct buf *out)
{
    BUF(text);
    territory_set_format(s, &text);
    for (size_t i = 0; i < text.length; i++) {
        buf_byte(out, text.bytes[i]);
        if (text.bytes[i] == ',')
            buf_byte(out, ' ');
    }
}

static bool is_world(const struct territory_set *s)
{
    struct territory_set world = territory_set_world();
    return territory_set_equal(s, &world);
}

static void put_models(unsigned models, struct buf *out)
{
    bool first = true;
    for (int m = 0; m < MODEL_COUNT; m++)
        if (models >> m & 1) {
            buf_format(out, "%s%s", first ? "" : ", ", model_word((enum model)m));
            first = false;
        }
}

static void put_filters(unsigned models, const struct territory_set *where, struct buf *out)
{
    if (models != MODELS_ALL) {
        buf_text(out, " in ");
        put_models(models, out);
    }
    if (!is_world(where)) {
        buf_text(out, " in territories ");
        put_territories(where, out);
    }
}

static void put_fee(const struct fee *f, const struct currency *c, size_t licensors, int depth,
                    struct buf *out)
{
    static const char *const blocks[] = {
        [FEE_GREATEST] = "the greatest of", [FEE_LEAST] = "the least of", [FEE_SUM] = "the sum of"
    };
    if (f->kind >= FEE_GREATEST) {
        buf_format(out, "%s\n", blocks[f->kind]);
        for (size_t i = 0; i < f->part_count; i++) {
            buf_format(out, "%*s", 4 * (depth + 1), "");
            put_fee(&f->parts[i], c, licensors, depth + 1, out);
            buf_byte(out, '\n');
        }
        buf_format(out, "%*send%s", 4 * depth, "", f->to_all ? " to all" : "");
        return;
    }
    if (f->kind == FEE_REVENUE) {
        put_percent(f->rate, out);
        buf_text(out, " of revenue");
    } else {
        put_amount(f->rate, c, out);
        if (f->kind == FEE_FLAT && (f->span == SPAN_ONCE || f->span == SPAN_TERM))
            buf_format(out, " %s", span_adverbs[f->span]);
        else
            buf_format(out, " a %s",
                       f->kind == FEE_PLAY         ? "play"
                       : f->kind == FEE_SUBSCRIBER ? "subscriber"
                                                   : span_words[f->span]);
    }
    put_filters(f->models, &f->where, out);
    if (f->by_share)
        buf_text(out, " by share of plays");
    if (f->to_all)
        buf_text(out, " to all");
    else if (depth == 0 && f->kind == FEE_FLAT && licensors > 1)
        buf_text(out, " to each");
}

void fee_format(const struct fee *f, const struct currency *c, size_t licensors, struct buf *out)
{
    put_fee(f, c, licensors, 0, out);
}

static void put_rights(const struct terms *t, struct buf *out)
{
    if (t->rights == (1u << RIGHT_COUNT) - 1 && t->counted_right == RIGHT_MAKING_AVAILABLE)
        return;
    buf_format(out, "rights %s", right_word(t->counted_right));
    for (int i = 0; i < RIGHT_COUNT; i++)
        if ((t->rights >> i & 1) && i != (int)t->counted_right)
            buf_format(out, ", %s", right_word((enum right)i));
    buf_byte(out, '\n');
}

static void put_grant(const struct terms_grant *g, struct buf *out)
{
    bool first = true;
    buf_text(out, "grant ");
    for (int u = 0; u < USE_COUNT; u++)
        if (g->uses >> u & 1) {
            buf_format(out, "%s%s", first ? "" : ", ", use_word((enum use)u));
            first = false;
        }
    if (g->clip_seconds)
        buf_format(out, " of %lld s", (long long)g->clip_seconds);
    put_filters(g->models, &g->where, out);
    if (g->apps.count) {
        buf_text(out, " in apps ");
        put_names(&g->apps, out);
    }
    buf_byte(out, '\n');
}

static void put_what(const struct terms *t, struct buf *out)
{
    buf_format(out, "terms \"%s\"\nlicensor ", t->title);
    put_names(&t->licensors, out);
    buf_byte(out, '\n');
    if (t->licensee.text)
        buf_format(out, "licensee %s\n", t->licensee.text);
    buf_text(out, "networks ");
    if (t->networks.count)
        put_names(&t->networks, out);
    else
        buf_text(out, "all");
    buf_text(out, "\nterritories ");
    put_territories(&t->where, out);
    buf_byte(out, '\n');
    if (t->repertoire != REPERTOIRE_ALL) {
        buf_text(out, t->repertoire == REPERTOIRE_ONLY ? "repertoire only " : "repertoire except ");
        put_names(&t->recordings, out);
        buf_byte(out, '\n');
    }
    put_rights(t, out);
    for (size_t i = 0; i < t->grant_count; i++)
        put_grant(&t->grants[i], out);
}

static void put_when(const struct terms *t, struct buf *out)
{
    int zone = t->zone_minutes < 0 ? -t->zone_minutes : t->zone_minutes;
    buf_text(out, "from ");
    put_day(t->from, out);
    if (t->first_until.number != INT32_MAX) {
        buf_text(out, " through ");
        put_last_day(t->first_until, out);
    }
    buf_byte(out, '\n');
    if (zone)
        buf_format(out, "time zone UTC%c%02d:%02d\n", t->zone_minutes < 0 ? '-' : '+', zone / 60,
                   zone % 60);
    if (t->renewal != SPAN_ONCE)
        buf_format(out, "renews for %lld %s%s unless ended %lld days before\n",
                   (long long)t->renewal_count, span_words[t->renewal],
                   t->renewal_count == 1 ? "" : "s", (long long)t->renewal_notice_days);
}

static void put_split(const struct terms *t, struct buf *out)
{
    if (t->split == SPLIT_EQUALLY)
        buf_text(out, "split equally\n");
    if (t->split != SPLIT_RATIO)
        return;
    buf_text(out, "split ");
    bool first = true;
    for (size_t i = 0; i < t->licensors.count; i++) {
        if (t->ratios[i].n == 0)
            continue;
        buf_format(out, "%s%s ", first ? "" : ", ", t->licensors.items[i].text);
        put_percent(t->ratios[i], out);
        first = false;
    }
    buf_byte(out, '\n');
}

static void put_sum(const char *clause, const struct terms_sum *s, const struct currency *c,
                    struct buf *out)
{
    buf_format(out, "%s ", clause);
    put_minor(s->minor, c, out);
    if (s->words)
        buf_format(out, " \"%s\"", s->words);
    if (s->span == SPAN_TERM)
        buf_text(out, " for the term\n");
    else
        buf_format(out, " a %s\n", span_words[s->span]);
}

static void put_mfn(const struct terms_mfn *m, struct buf *out)
{
    buf_text(out, "most favoured with ");
    if (m->with.count)
        put_names(&m->with, out);
    else
        buf_text(out, "all");
    buf_text(out, " on ");
    if (m->kinds == MFN_ALL) {
        buf_text(out, "everything");
    } else {
        bool first = true;
        for (unsigned k = 0; k < MFN_COUNT; k++)
            if (m->kinds >> k & 1) {
                buf_format(out, "%s%s", first ? "" : ", ", mfn_word(k));
                first = false;
            }
    }
    if (m->by_share)
        buf_text(out, " by share of plays");
    if (m->since.number != INT32_MIN) {
        buf_text(out, " from ");
        put_day(m->since, out);
    }
    if (!is_world(&m->where)) {
        buf_text(out, " in territories ");
        put_territories(&m->where, out);
    }
    buf_byte(out, '\n');
}

static void put_advance(const struct terms_advance *v, const struct currency *c, struct buf *out)
{
    buf_text(out, "advance ");
    put_minor(v->minor, c, out);
    buf_text(out, " on ");
    put_day(v->on, out);
    buf_format(out, " recouped within the %s%s\n", span_words[v->window],
               v->carried ? " carried over" : "");
}

static void put_money(const struct terms *t, struct buf *out)
{
    const struct currency *c = &t->currency;
    if (c->code[0])
        buf_format(out, "currency %s\n", c->code);
    for (size_t i = 0; i < t->fee_count; i++) {
        buf_text(out, "pay ");
        put_fee(&t->fees[i], c, t->licensors.count, 0, out);
        buf_byte(out, '\n');
    }
    put_split(t, out);
    for (size_t i = 0; i < t->guarantee_count; i++)
        put_sum("guarantee", &t->guarantees[i], c, out);
    for (size_t i = 0; i < t->advance_count; i++)
        put_advance(&t->advances[i], c, out);
    if (rational_compare(t->overage, rational_of(1)) != 0) {
        buf_text(out, "overage ");
        put_percent(t->overage, out);
        buf_byte(out, '\n');
    }
    for (size_t i = 0; i < t->credit_count; i++)
        put_sum("credit", &t->credits[i], c, out);
    for (size_t i = 0; i < t->mfn_count; i++)
        put_mfn(&t->mfns[i], out);
    for (size_t i = 0; i < t->settlement_count; i++) {
        buf_text(out, "settle ");
        put_minor(t->settlements[i].minor, c, out);
        buf_text(out, " for past use ");
        put_day(t->settlements[i].from, out);
        buf_text(out, " through ");
        put_last_day(t->settlements[i].until, out);
        buf_byte(out, '\n');
    }
    for (size_t i = 0; i < t->promotion_count; i++) {
        buf_text(out, "promotion ");
        put_day(t->promotions[i].from, out);
        buf_text(out, " through ");
        put_last_day(t->promotions[i].until, out);
        put_filters(t->promotions[i].models, &t->promotions[i].where, out);
        buf_byte(out, '\n');
    }
    for (size_t i = 0; i < t->escrow_count; i++) {
        buf_text(out, "escrow ");
        put_percent(t->escrows[i].part, out);
        buf_text(out, " until ");
        put_day(t->escrows[i].until, out);
        buf_byte(out, '\n');
    }
}

static void put_counting(const struct terms *t, struct buf *out)
{
    buf_format(out, "count plays from %lld s\n", (long long)t->count_seconds);
    if (t->previews_count)
        buf_text(out, "count previews\n");
    if (t->unknown_in || t->unlicensed_in)
        buf_format(out, "share of plays includes %s%s%s\n", t->unknown_in ? "unknown" : "",
                   t->unknown_in && t->unlicensed_in ? ", " : "",
                   t->unlicensed_in ? "unlicensed" : "");
    buf_format(out, "unattributed held %lld months then %s\n", (long long)t->unattributed_months,
               t->unattributed == UNATTRIBUTED_RETURNED ? "returned" : "by share of plays");
    buf_format(out, "allocate by %s\n", t->by_user ? "user" : "service");
    buf_format(out, "account %s", span_adverbs[t->accounting]);
    if (t->pay_days)
        buf_format(out, " within %lld days", (long long)t->pay_days);
    buf_byte(out, '\n');
    if (t->audit_times)
        buf_format(out, "audit %lld a year with %lld days notice\n", (long long)t->audit_times,
                   (long long)t->audit_notice_days);
}

void terms_format(const struct terms *t, struct buf *out)
{
    put_what(t, out);
    put_when(t, out);
    put_money(t, out);
    if (t->currency.code[0])
        put_counting(t, out);
}

void terms_hash(const struct terms *t, char out[TERMS_HASH_TEXT])
{
    BUF(text);
    uint8_t hash[32];
    terms_format(t, &text);
    crypto_generichash(hash, sizeof hash, text.bytes ? text.bytes : (const uint8_t *)"",
                       text.length, NULL, 0);
    hex_encode(hash, sizeof hash, out);
}

/* ---- what differs ---------------------------------------------------------------------------- */

enum { LINES_MOST = 4096 };

struct lines {
    struct str items[LINES_MOST];
    size_t count;
};

/* A block is one line. */
static struct lines *split_lines(struct str text, struct arena *a)
{
    struct lines *l = ARENA_NEW(a, struct lines);
    struct str line;
    while (str_split(&text, '\n', &line) && l->count < LINES_MOST) {
        bool inside = line.length && (line.at[0] == ' ' || str_is(line, "end"));
        if (inside && l->count) {
            struct str *last = &l->items[l->count - 1];
            last->length = (size_t)(line.at + line.length - last->at);
        } else if (line.length) {
            l->items[l->count++] = line;
        }
    }
    return l;
}

static bool same_clause(struct str a, struct str b)
{
    struct str word_a, word_b;
    return str_split(&a, ' ', &word_a) && str_split(&b, ' ', &word_b) && str_equal(word_a, word_b);
}

/* Lines that both have, one for one. */
static void match_same(const struct lines *old, bool *old_used, const struct lines *new,
                       bool *new_used)
{
    for (size_t i = 0; i < old->count; i++)
        for (size_t k = 0; k < new->count && !old_used[i]; k++)
            if (!new_used[k] && str_equal(old->items[i], new->items[k]))
                old_used[i] = new_used[k] = true;
}

/* The first line of the same clause that has no partner yet. */
static size_t partner(const struct lines *l, const bool *used, struct str line)
{
    size_t i = 0;
    while (i < l->count && (used[i] || !same_clause(l->items[i], line)))
        i++;
    return i;
}

static void put_line(const char *sign, struct str line, struct buf *out)
{
    buf_text(out, sign);
    for (size_t i = 0; i < line.length; i++) {
        buf_byte(out, (uint8_t)line.at[i]);
        if (line.at[i] == '\n')
            buf_text(out, "  ");
    }
}

void terms_diff(const struct terms *from, const struct terms *to, struct buf *out)
{
    ARENA(a);
    BUF(text_a);
    BUF(text_b);
    terms_format(from, &text_a);
    terms_format(to, &text_b);
    struct lines *old = split_lines(buf_as_str(&text_a), &a),
                 *new = split_lines(buf_as_str(&text_b), &a);
    bool *old_used = ARENA_ARRAY(&a, bool, old->count + 1),
         *new_used = ARENA_ARRAY(&a, bool, new->count + 1);
    match_same(old, old_used, new, new_used);
    for (size_t i = 0; i < old->count; i++) {
        if (old_used[i])
            continue;
        size_t p = partner(new, new_used, old->items[i]);
        put_line(p < new->count ? "~ " : "- ", old->items[i], out);
        if (p < new->count) {
            new_used[p] = true;
            put_line("\n    -> ", new->items[p], out);
        }
        buf_byte(out, '\n');
    }
    for (size_t i = 0; i < new->count; i++)
        if (!new_used[i]) {
            put_line("+ ", new->items[i], out);
            buf_byte(out, '\n');
        }
}
