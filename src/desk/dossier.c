/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the dossier: every case in one line, a sample in full, one signature. */
#include <sodium.h>
#include <stdlib.h>

#include "desk/report.h"

void dossier_sample(const uint8_t seed[32], size_t count, size_t *drawn, size_t *wanted)
{
    size_t n = 0;
    if (*wanted > count)
        *wanted = count;
    for (uint64_t k = 0; n < *wanted; k++) {
        uint8_t bytes[40], hash[32];
        uint64_t x = 0;
        memcpy(bytes, seed, 32);
        for (int i = 0; i < 8; i++)
            bytes[32 + i] = (uint8_t)(k >> (56 - 8 * i));
        crypto_hash_sha256(hash, bytes, sizeof bytes);
        for (int i = 0; i < 8; i++)
            x = x << 8 | hash[i];
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known |= drawn[i] == x % count;
        if (!known)
            drawn[n++] = x % count;
    }
}

/* The root is fixed when the period is closed; a beacon drawn after that cannot be foreseen. */
static void seed_of(const struct scan *s, const char *beacon, uint8_t seed[32])
{
    crypto_hash_sha256_state h;
    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, s->head.root, JOURNAL_HASH);
    crypto_hash_sha256_update(&h, (const uint8_t *)(beacon ? beacon : ""),
                              beacon ? strlen(beacon) : 0);
    crypto_hash_sha256_final(&h, seed);
}

static void put_hex(struct buf *out, const char *name, const uint8_t *bytes, size_t count)
{
    char text[2 * 64 + 1];
    hex_encode(bytes, count, text);
    buf_format(out, "%s %s\n", name, text);
}

static void put_head(const struct scan *s, const struct dossier_options *o, const uint8_t seed[32],
                     struct buf *out)
{
    char from[INSTANT_TEXT], until[INSTANT_TEXT];
    buf_text(out, "licet dossier 2\n");
    buf_format(out, "from %s\nuntil %s\n", instant_format(s->from, from),
               instant_format(s->until, until));
    buf_format(out, "size %lld\n", (long long)s->head.size);
    put_hex(out, "root", s->head.root, JOURNAL_HASH);
    put_hex(out, "key", o->key, JOURNAL_KEY);
    buf_format(out, "beacon %s\n", o->beacon ? o->beacon : "");
    put_hex(out, "seed", seed, 32);
    if (!o->beacon)
        buf_text(out, "remark " DOSSIER_NO_BEACON "\n");
    const struct {
        const char *name;
        int64_t value;
    } totals[] = { { "requests", s->requests },        { "notices", (int64_t)s->notice_count },
                   { "accepted", s->accepted },        { "turned_down", s->turned_down },
                   { "put_back", s->put_back },        { "undecided", s->undecided },
                   { "counter_notices", s->countered } };
    for (size_t i = 0; i < COUNT_OF(totals); i++)
        buf_format(out, "%s %lld\n", totals[i].name, (long long)totals[i].value);
    for (int r = 0; r < REASON_COUNT; r++)
        if (s->by_reason[r])
            buf_format(out, "reason %s %lld\n", reason_word((enum reason_code)r),
                       (long long)s->by_reason[r]);
}

/* Median, 90th and 99th percentile of the time to the first decision, in milliseconds. */
static void put_times(const struct scan *s, struct buf *out)
{
    for (int c = -1; c < CLASS_COUNT; c++) {
        const struct scan_times *t = desk_figure_times_of(s, c);
        if (t->count)
            buf_format(out, "time %s %lld %lld %lld %lld\n",
                       c < 0 ? "all" : item_class_word((enum item_class)c), (long long)t->count,
                       (long long)t->p50, (long long)t->p90, (long long)t->p99);
    }
}

static void put_senders(const struct scan *s, struct buf *out)
{
    char id[ID_TEXT];
    for (size_t i = 0; i < s->sender_count; i++) {
        const struct scan_sender *x = &s->senders[i];
        int64_t low, high;
        desk_report_interval(x->accepted, x->accepted + x->turned_down, &low, &high);
        buf_format(out, "sender %s %lld %lld %lld %lld %lld %lld %lld\n",
                   id_format("snd", x->id, id), (long long)x->received, (long long)x->accepted,
                   (long long)x->turned_down, (long long)x->put_back, (long long)x->countered,
                   (long long)low, (long long)high);
    }
}

static void put_word(struct buf *out, const char *word)
{
    buf_byte(out, ' ');
    buf_text(out, word);
}

static void put_number(struct buf *out, int64_t n)
{
    buf_byte(out, ' ');
    buf_int(out, n);
}

/* Millions of lines: no printf. */
static void put_cases(const struct scan *s, struct buf *out)
{
    char id[ID_TEXT];
    buf_format(out, "cases %zu\n", s->case_count);
    for (size_t i = 0; i < s->case_count; i++) {
        const struct scan_case *c = &s->cases[i];
        buf_text(out, id_format("itm", c->item, id));
        put_number(out, c->sender);
        put_word(out, c->accepted ? "A" : "D");
        put_word(out, reason_word((enum reason_code)c->reason));
        put_word(out, item_class_word((enum item_class)c->class));
        put_number(out, c->first_us / 1000);
        put_number(out, c->seq);
        if (c->counter_seq)
            put_word(out, "countered");
        if (c->put_back)
            put_word(out, "put_back");
        buf_byte(out, '\n');
    }
}

static void put_event(const struct journal_event *v, const struct journal_proof *p, struct buf *out)
{
    char hex[2 * JOURNAL_HASH + 1];
    struct json_out o = { out, false };
    json_begin(&o, '{');
    json_int(&o, "seq", v->seq);
    json_int(&o, "at", v->entry.when.us);
    json_str(&o, "who", v->entry.who);
    json_str(&o, "what", v->entry.what);
    json_str(&o, "subject", v->entry.subject);
    json_str(&o, "before", v->entry.before);
    json_str(&o, "after", v->entry.after);
    json_str(&o, "why", v->entry.why);
    json_key(&o, "path");
    json_begin(&o, '[');
    for (size_t i = 0; i < p->count; i++) {
        hex_encode(p->path[i], JOURNAL_HASH, hex);
        json_put_text(&o, hex);
    }
    json_end(&o, ']');
    json_end(&o, '}');
    buf_text(out, "\n");
}

/* Each sampled case: the event of its notice, then of its decision. */
static enum code put_sample(struct store_tx *tx, const struct scan *s, const size_t *drawn,
                            size_t count, struct buf *out, struct error *e)
{
    ARENA(a);
    int64_t *seqs = ARENA_ARRAY(&a, int64_t, 2 * count);
    struct journal_proof *proofs = arena_try(&a, 2 * count + 1, sizeof *proofs);
    if (!proofs)
        return fail(e, ERR_MEMORY, "no memory for a sample of %zu", count);
    for (size_t i = 0; i < count; i++) {
        seqs[2 * i] = s->notices[s->cases[drawn[i]].notice].seq;
        seqs[2 * i + 1] = s->cases[drawn[i]].seq;
    }
    TRY(journal_prove_all(tx, seqs, 2 * count, s->head.size, proofs, e));
    buf_format(out, "sample %zu\n", count);
    for (size_t i = 0; i < 2 * count; i++) {
        struct journal_event *v;
        size_t n;
        TRY(journal_list(tx, seqs[i] - 1, STR(""), 1, &a, &v, &n, e));
        if (i % 2 == 0)
            buf_format(out, "case %zu\n", drawn[i / 2]);
        put_event(v, &proofs[i], out);
    }
    return OK;
}

enum code desk_dossier_of(struct store_tx *tx, const struct scan *s,
                          const struct dossier_options *o, struct buf *out, struct error *e)
{
    uint8_t seed[32], signature[crypto_sign_BYTES];
    enum { SAMPLE_MOST = 10000 };
    if (o->sample > SAMPLE_MOST)
        return fail(e, ERR_LIMIT, "a sample has at most %d cases", SAMPLE_MOST);
    if (o->beacon && (strlen(o->beacon) > 200 || strpbrk(o->beacon, "\r\n")))
        return fail(e, ERR_INVALID, "the beacon is one line of at most 200 bytes");
    seed_of(s, o->beacon, seed);
    put_head(s, o, seed, out);
    put_times(s, out);
    put_senders(s, out);
    put_cases(s, out);
    size_t count = o->sample;
    size_t *drawn = malloc((count + 1) * sizeof *drawn);
    if (!drawn)
        return fail(e, ERR_MEMORY, "no memory for a sample");
    dossier_sample(seed, s->case_count, drawn, &count);
    enum code code = put_sample(tx, s, drawn, count, out, e);
    free(drawn);
    TRY(code);
    if (out->failed)
        return fail(e, ERR_MEMORY, "no memory for the dossier");
    crypto_sign_detached(signature, NULL, out->bytes, out->length, o->secret);
    put_hex(out, "signature", signature, sizeof signature);
    return out->failed ? fail(e, ERR_MEMORY, "no memory for the dossier") : OK;
}

enum code desk_dossier_write(struct store_tx *tx, const struct dossier_options *o, struct buf *out,
                             struct error *e)
{
    SCAN(s);
    TRY(desk_scan(tx, o->from, o->until, &s, e));
    return desk_dossier_of(tx, &s, o, out, e);
}
