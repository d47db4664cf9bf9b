/* SPDX-License-Identifier: Apache-2.0 */
/* Checking a dossier: no database, nothing believed but the key. */
#include <sodium.h>
#include <stdlib.h>

#include "desk/report.h"

struct checked_case {
    struct str id, reason;
    uint32_t sender;
    int class;
    int64_t seq, ms;
    bool accepted, put_back;
};
/* received, accepted, turned down, put back, countered; bounds of the share accepted, in 10^-6 */
enum { FIGURES = 5 };
struct checked_sender {
    struct str id;
    int64_t said[FIGURES], counted[FIGURES], low, high;
};
struct checked_times {
    bool there;
    int64_t said[4]; /* how many, p50, p90, p99 */
};

struct checking {
    struct str rest;
    size_t line;
    struct dossier_report *out;
    int64_t said_reason[REASON_COUNT], said_countered;
    struct checked_times times[CLASS_COUNT + 1]; /* the last: all */
    uint8_t seed[32];
    struct str beacon;
    struct checked_sender *senders;
    size_t sender_count, sender_room;
    struct checked_case *cases;
    size_t case_count;
    int64_t said_cases;
};

static enum code wrong(const struct checking *k, struct error *e, const char *what)
{
    return fail(e, ERR_CORRUPT, "line %zu: %s", k->line, what);
}

static bool next_line(struct checking *k, struct str *out)
{
    k->line++;
    return str_split(&k->rest, '\n', out);
}

/* "name value": the value, when the line is of this name. */
static bool is_named(struct str line, const char *name, struct str *value)
{
    size_t n = strlen(name);
    if (line.length < n + 1 || memcmp(line.at, name, n) != 0 || line.at[n] != ' ')
        return false;
    *value = (struct str) { line.at + n + 1, line.length - n - 1 };
    return true;
}

static enum code number(const struct checking *k, struct str text, int64_t *out, struct error *e)
{
    struct error ignored;
    return str_to_int64(text, 0, INT64_MAX, out, &ignored) == OK
               ? OK
               : wrong(k, e, "a number is expected");
}

static enum code check_signature(struct str text, const uint8_t *key, struct checking *k,
                                 struct str *body, struct error *e)
{
    static const char mark[] = "\nsignature ";
    uint8_t signature[crypto_sign_BYTES];
    if (text.length < 200 || text.at[text.length - 1] != '\n')
        return fail(e, ERR_CORRUPT, "it does not end with its signature");
    size_t line = 10 + 2 * sizeof signature + 1;
    struct str last = { text.at + text.length - line, line };
    if (memcmp(last.at - 1, mark, sizeof mark - 1) != 0 ||
        !hex_decode((struct str) { last.at + 10, 2 * sizeof signature }, signature,
                    sizeof signature))
        return fail(e, ERR_CORRUPT, "it does not end with its signature");
    *body = (struct str) { text.at, text.length - line };
    (void)k;
    if (crypto_sign_verify_detached(signature, (const uint8_t *)body->at, body->length, key) != 0)
        return fail(e, ERR_CORRUPT, "the signature is not of the key over these bytes");
    return OK;
}

/* The key stands on a line of its own near the beginning; it is read before anything is believed. */
static enum code find_key(struct str text, uint8_t key[JOURNAL_KEY], struct error *e)
{
    struct str line, value;
    for (int n = 0; n < 12 && str_split(&text, '\n', &line); n++)
        if (is_named(line, "key", &value) && hex_decode(value, key, JOURNAL_KEY))
            return OK;
    return fail(e, ERR_CORRUPT, "it names no key");
}

static enum code take_sender(struct checking *k, struct str value, struct error *e)
{
    struct str part;
    if (k->sender_count == k->sender_room) {
        size_t room = k->sender_room ? 2 * k->sender_room : 256;
        struct checked_sender *more = realloc(k->senders, room * sizeof *more);
        if (!more)
            return fail(e, ERR_MEMORY, "no memory for the senders");
        k->senders = more;
        k->sender_room = room;
    }
    struct checked_sender *s = &k->senders[k->sender_count++];
    *s = (struct checked_sender) { 0 };
    str_split(&value, ' ', &s->id);
    int64_t *const to[] = { &s->said[0], &s->said[1], &s->said[2], &s->said[3],
                            &s->said[4], &s->low,     &s->high };
    for (size_t i = 0; i < COUNT_OF(to); i++) {
        if (!str_split(&value, ' ', &part))
            return wrong(k, e, "a sender has seven figures");
        TRY(number(k, part, to[i], e));
    }
    return OK;
}

static int class_of(struct str word)
{
    for (int c = 0; c < CLASS_COUNT; c++)
        if (str_is(word, item_class_word((enum item_class)c)))
            return c;
    return -1;
}

static enum code take_times(struct checking *k, struct str value, struct error *e)
{
    struct str word, part;
    str_split(&value, ' ', &word);
    int class = str_is(word, "all") ? CLASS_COUNT : class_of(word);
    if (class < 0)
        return wrong(k, e, "no such class");
    k->times[class].there = true;
    for (int i = 0; i < 4; i++) {
        if (!str_split(&value, ' ', &part))
            return wrong(k, e, "times have four figures");
        TRY(number(k, part, &k->times[class].said[i], e));
    }
    return OK;
}

static enum code take_reason(struct checking *k, struct str value, struct error *e)
{
    struct str word;
    enum reason_code reason;
    struct error ignored;
    str_split(&value, ' ', &word);
    if (reason_parse(word, &reason, &ignored) != OK)
        return wrong(k, e, "no such reason");
    return number(k, value, &k->said_reason[reason], e);
}

static enum code take_head(struct checking *k, struct error *e)
{
    struct dossier_report *o = k->out;
    const struct {
        const char *name;
        int64_t *to;
    } numbers[] = { { "size", &o->size },
                    { "requests", &o->requests },
                    { "notices", &o->notices },
                    { "accepted", &o->accepted },
                    { "turned_down", &o->turned_down },
                    { "put_back", &o->put_back },
                    { "undecided", &o->undecided },
                    { "counter_notices", &k->said_countered } };
    struct str line, value;
    if (!next_line(k, &line) || !str_is(line, "licet dossier 2"))
        return wrong(k, e, "this is not a dossier");
    while (next_line(k, &line)) {
        if (is_named(line, "cases", &value))
            return number(k, value, &k->said_cases, e);
        for (size_t i = 0; i < COUNT_OF(numbers); i++)
            if (is_named(line, numbers[i].name, &value))
                TRY(number(k, value, numbers[i].to, e));
        if (is_named(line, "reason", &value))
            TRY(take_reason(k, value, e));
        if (is_named(line, "sender", &value))
            TRY(take_sender(k, value, e));
        if (is_named(line, "time", &value))
            TRY(take_times(k, value, e));
        if (is_named(line, "root", &value) && !hex_decode(value, o->root, JOURNAL_HASH))
            return wrong(k, e, "the root is damaged");
        if (is_named(line, "seed", &value) && !hex_decode(value, k->seed, 32))
            return wrong(k, e, "the seed is damaged");
        if (is_named(line, "beacon", &value)) {
            k->beacon = value;
            o->beacon = value.length > 0;
        }
    }
    return wrong(k, e, "the cases are missing");
}

static enum code take_case(struct checking *k, struct str line, struct checked_case *c,
                           struct error *e)
{
    struct str sender, outcome, class, ms, seq, tail;
    int64_t n;
    enum reason_code reason;
    struct error ignored;
    if (!str_split(&line, ' ', &c->id) || !str_split(&line, ' ', &sender) ||
        !str_split(&line, ' ', &outcome) || !str_split(&line, ' ', &c->reason) ||
        !str_split(&line, ' ', &class) || !str_split(&line, ' ', &ms) ||
        !str_split(&line, ' ', &seq))
        return wrong(k, e, "a case has seven parts");
    bool countered = false;
    while (str_split(&line, ' ', &tail)) {
        countered = countered || str_is(tail, "countered");
        c->put_back = c->put_back || str_is(tail, "put_back");
    }
    c->class = class_of(class);
    if (c->class < 0)
        return wrong(k, e, "no such class");
    TRY(number(k, ms, &c->ms, e));
    TRY(number(k, sender, &n, e));
    if ((size_t)n >= k->sender_count)
        return wrong(k, e, "the case names no sender");
    TRY(number(k, seq, &c->seq, e));
    c->sender = (uint32_t)n;
    c->accepted = str_is(outcome, "A");
    if (reason_parse(c->reason, &reason, &ignored) != OK || reason_restricts(reason) != c->accepted)
        return wrong(k, e, "outcome and reason do not go together");
    k->out->by_reason[reason]++;
    struct checked_sender *s = &k->senders[n];
    s->counted[1] += c->accepted;
    s->counted[2] += !c->accepted;
    s->counted[3] += c->put_back;
    s->counted[4] += countered;
    return OK;
}

static enum code take_cases(struct checking *k, struct error *e)
{
    struct str line, before = STR("");
    if (k->said_cases > (int64_t)k->rest.length)
        return wrong(k, e, "fewer cases than it says");
    k->cases = calloc((size_t)k->said_cases + 1, sizeof *k->cases);
    if (!k->cases)
        return fail(e, ERR_MEMORY, "no memory for the cases");
    for (int64_t i = 0; i < k->said_cases; i++) {
        struct checked_case *c = &k->cases[k->case_count++];
        if (!next_line(k, &line))
            return wrong(k, e, "fewer cases than it says");
        TRY(take_case(k, line, c, e));
        if (str_compare(before, c->id) >= 0)
            return wrong(k, e, "a case stands twice, or out of order");
        before = c->id;
    }
    return OK;
}

/* Median and percentiles are those of the cases: the nearest rank. */
static enum code check_times(struct checking *k, struct error *e)
{
    static const size_t per_mille[] = { 500, 900, 990 };
    int64_t *ms = malloc((k->case_count + 1) * sizeof *ms);
    enum code code = ms ? OK : fail(e, ERR_MEMORY, "no memory for the times");
    for (int c = 0; c <= CLASS_COUNT && code == OK; c++) {
        const struct checked_times *t = &k->times[c];
        size_t n = 0;
        for (size_t i = 0; i < k->case_count; i++)
            if (c == CLASS_COUNT || k->cases[i].class == c)
                ms[n++] = k->cases[i].ms;
        bool right = t->there == (n > 0) && (!n || t->said[0] == (int64_t)n);
        for (int p = 0; n && p < 3; p++)
            right = right &&
                    t->said[p + 1] == desk_select(ms, n, (per_mille[p] * n + 999) / 1000 - 1);
        if (!right)
            code = fail(e, ERR_CORRUPT, "the times of %s are not those of the cases",
                        c == CLASS_COUNT ? "all" : item_class_word((enum item_class)c));
    }
    free(ms);
    return code;
}

static enum code check_interval(const struct checked_sender *s, struct error *e)
{
    int64_t low, high;
    desk_report_interval(s->counted[1], s->counted[1] + s->counted[2], &low, &high);
    if (llabs(low - s->low) > 1 || llabs(high - s->high) > 1)
        return fail(e, ERR_CORRUPT, "sender %.*s: the bounds are not those of its figures",
                    STR_ARG(s->id));
    return OK;
}

/* What is said at the beginning is what the cases add up to. */
static enum code check_totals(struct checking *k, struct error *e)
{
    int64_t sums[FIGURES] = { 0 };
    for (size_t i = 0; i < k->sender_count; i++) {
        const struct checked_sender *s = &k->senders[i];
        TRY(check_interval(s, e));
        for (int f = 0; f < FIGURES; f++)
            sums[f] += f ? s->counted[f] : s->said[0];
        for (int f = 1; f < FIGURES; f++)
            if (s->said[f] != s->counted[f])
                return fail(e, ERR_CORRUPT, "sender %.*s: %lld said, %lld counted", STR_ARG(s->id),
                            (long long)s->said[f], (long long)s->counted[f]);
    }
    const struct dossier_report *o = k->out;
    if (sums[0] != o->requests || sums[1] != o->accepted || sums[2] != o->turned_down ||
        sums[3] != o->put_back || sums[4] != k->said_countered ||
        o->accepted + o->turned_down != (int64_t)k->case_count ||
        o->requests - (int64_t)k->case_count != o->undecided)
        return fail(e, ERR_CORRUPT, "the totals are not what the cases add up to");
    for (int r = 0; r < REASON_COUNT; r++)
        if (k->said_reason[r] != o->by_reason[r])
            return fail(e, ERR_CORRUPT, "reason %s: %lld said, %lld counted",
                        reason_word((enum reason_code)r), (long long)k->said_reason[r],
                        (long long)o->by_reason[r]);
    uint8_t seed[32];
    crypto_hash_sha256_state h;
    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, o->root, JOURNAL_HASH);
    crypto_hash_sha256_update(&h, (const uint8_t *)(k->beacon.at ? k->beacon.at : ""),
                              k->beacon.length);
    crypto_hash_sha256_final(&h, seed);
    if (memcmp(seed, k->seed, 32) != 0)
        return fail(e, ERR_CORRUPT, "the seed is not made of root and beacon");
    return OK;
}

static struct str member(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    return json_is_string(v) ? (struct str) { json_string_value(v), json_string_length(v) }
                             : STR("");
}

static enum code take_event(struct checking *k, json_t **out, struct error *e)
{
    struct str line;
    struct journal_proof proof = { 0 };
    uint8_t leaf[JOURNAL_HASH];
    if (!next_line(k, &line) || json_read(line, out, e) != OK)
        return wrong(k, e, "an event cannot be read");
    int64_t seq = json_integer_value(json_object_get(*out, "seq"));
    struct journal_entry n = { .who = member(*out, "who"),
                               .what = member(*out, "what"),
                               .subject = member(*out, "subject"),
                               .before = member(*out, "before"),
                               .after = member(*out, "after"),
                               .why = member(*out, "why"),
                               .when = { json_integer_value(json_object_get(*out, "at")) } };
    const json_t *path = json_object_get(*out, "path");
    if (json_array_size(path) > JOURNAL_PATH_MOST)
        return wrong(k, e, "a proof is too long");
    for (size_t i = 0; i < json_array_size(path); i++) {
        const char *hex = json_string_value(json_array_get(path, i));
        if (!hex || !hex_decode(str_of(hex), proof.path[proof.count++], JOURNAL_HASH))
            return wrong(k, e, "a proof is damaged");
    }
    struct journal_head head = { .size = k->out->size };
    memcpy(head.root, k->out->root, JOURNAL_HASH);
    journal_leaf(seq, &n, leaf);
    return journal_proves(&proof, seq, leaf, &head)
               ? OK
               : wrong(k, e, "the event is not in the journal");
}

static enum code take_sampled(struct checking *k, size_t drawn, struct error *e)
{
    JSON(notice);
    JSON(decided);
    struct str line, value;
    int64_t n;
    if (!next_line(k, &line) || !is_named(line, "case", &value))
        return wrong(k, e, "a sampled case is missing");
    TRY(number(k, value, &n, e));
    if ((size_t)n != drawn)
        return wrong(k, e, "this is not the case that the seed draws");
    const struct checked_case *c = &k->cases[drawn];
    TRY(take_event(k, &notice, e));
    TRY(take_event(k, &decided, e));
    struct str after = member(decided, "after");
    struct str subject = member(notice, "subject");
    if (!str_equal(member(decided, "subject"), c->id) ||
        json_integer_value(json_object_get(decided, "seq")) != c->seq ||
        !str_equal(scan_text(after, "reason"), c->reason) ||
        !str_equal(scan_text(after, "sender"), k->senders[c->sender].id) ||
        !str_equal(scan_text(after, "notice"), subject) ||
        !str_is(member(notice, "what"), "notice.received"))
        return wrong(k, e, "the event does not say what the case says");
    k->out->sampled++;
    return OK;
}

static enum code take_sample(struct checking *k, struct error *e)
{
    struct str line, value;
    int64_t count;
    if (!next_line(k, &line) || !is_named(line, "sample", &value))
        return wrong(k, e, "the sample is missing");
    TRY(number(k, value, &count, e));
    if (count > 10000 || (size_t)count > k->case_count)
        return wrong(k, e, "the sample is larger than the cases");
    size_t wanted = (size_t)count, *drawn = malloc((wanted + 1) * sizeof *drawn);
    if (!drawn)
        return fail(e, ERR_MEMORY, "no memory for the sample");
    dossier_sample(k->seed, k->case_count, drawn, &wanted);
    enum code code = OK;
    for (size_t i = 0; i < wanted && code == OK; i++)
        code = take_sampled(k, drawn[i], e);
    free(drawn);
    return code;
}

static enum code check_body(struct checking *k, struct error *e)
{
    TRY(take_head(k, e));
    TRY(take_cases(k, e));
    TRY(check_totals(k, e));
    TRY(check_times(k, e));
    return take_sample(k, e);
}

enum code desk_dossier_check(struct str text, const uint8_t *key, struct dossier_report *out,
                             struct error *e)
{
    struct checking k = { .out = out };
    *out = (struct dossier_report) { 0 };
    if (key)
        memcpy(out->key, key, JOURNAL_KEY);
    else
        TRY(find_key(text, out->key, e));
    TRY(check_signature(text, out->key, &k, &k.rest, e));
    enum code code = check_body(&k, e);
    free(k.senders);
    free(k.cases);
    return code;
}
