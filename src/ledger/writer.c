/* SPDX-License-Identifier: Apache-2.0 */
/* A statement on its way into the store: lines in parts, their hash, and what they move. */
#include <sodium.h>
#include <stdlib.h>

#include "ledger/book.h"

enum { PART_BYTES = 256 * 1024 };

/* What a line moves: debit and credit; "%s" is the licensor. */
static const struct {
    const char *debit, *credit;
} moves[LINE_KIND_COUNT] = {
    [LINE_FEE] = { "cost", "payable:%s" },
    [LINE_GUARANTEE] = { "cost", "payable:%s" },
    [LINE_SETTLEMENT] = { "cost", "payable:%s" },
    [LINE_UNATTRIBUTED] = { "unattributed", "payable:%s" },
    [LINE_ADVANCE] = { "advance:%s", "payable:%s" },
    [LINE_RECOUPED] = { "advance:%s", "payable:%s" }, /* negative: the other way */
    [LINE_WAIVED] = { "cost", "payable:%s" },
    [LINE_HELD] = { "escrow:%s", "payable:%s" },
    [LINE_RELEASED] = { "escrow:%s", "payable:%s" },
    [LINE_CREDIT] = { "cost_in_kind", "in_kind:%s" },
    [LINE_LAPSED] = { "cost", "advance:%s" },
    [LINE_POT] = { "cost", "unattributed" },
    [LINE_POT_RETURNED] = { "unattributed", "cost" },
};

struct statement_writer {
    crypto_generichash_state hash; /* first: it asks for its alignment */
    const struct registry_act *act;
    struct statement *s;
    bool keep;
    struct buf part;
    struct statement_line before;
    int64_t in_part, part_number;
    size_t count;
    int64_t sums[LINE_KIND_COUNT];
};

enum code statement_writer_new(const struct registry_act *act, struct statement *s, bool keep,
                               struct statement_writer **out, struct error *e)
{
    struct statement_writer *w = aligned_alloc(64, (sizeof *w + 63) / 64 * 64);
    if (!w)
        return fail(e, ERR_MEMORY, "no memory for a statement");
    memset(w, 0, sizeof *w);
    w->act = act;
    w->s = s;
    w->keep = keep;
    crypto_generichash_init(&w->hash, NULL, 0, 32);
    if (keep) {
        s->id = statement_id_make(act->now, act->chance);
        s->closed = act->now;
    }
    *out = w;
    return OK;
}

void statement_writer_free(struct statement_writer *w)
{
    if (!w)
        return;
    buf_done(&w->part);
    free(w);
}

static enum code end_part(struct statement_writer *w, struct error *e)
{
    if (w->part.failed)
        return fail(e, ERR_MEMORY, "no memory for a statement");
    if (w->in_part == 0)
        return OK;
    crypto_generichash_update(&w->hash, w->part.bytes, w->part.length);
    if (w->keep)
        TRY(store_run(w->act->tx,
                      "INSERT INTO ledger_statement_parts (catalogue, statement, part, lines, "
                      "body) VALUES ($1, $2, $3, $4, $5)",
                      SQL(sql_id(w->act->catalogue), sql_id(w->s->id), sql_int(w->part_number),
                          sql_int(w->in_part), sql_bytes(w->part.bytes, w->part.length)),
                      NULL, e));
    w->part_number++;
    w->in_part = 0;
    buf_clear(&w->part);
    return OK;
}

enum code statement_writer_line(void *writer, const struct statement_line *l, struct error *e)
{
    struct statement_writer *w = writer;
    statement_pack(l, w->in_part ? &w->before : NULL, &w->part);
    w->before = *l;
    w->in_part++;
    w->count++;
    if (__builtin_add_overflow(w->sums[l->kind], l->minor, &w->sums[l->kind]))
        return fail(e, ERR_LIMIT, "the sum of the lines leaves 64 bits");
    return w->part.length < PART_BYTES ? OK : end_part(w, e);
}

size_t statement_writer_count(const struct statement_writer *w)
{
    return w->count;
}

void book_account(const char *pattern, const char *licensor, char out[ACCOUNT_TEXT])
{
    const char *at = strstr(pattern, "%s");
    snprintf(out, ACCOUNT_TEXT, "%.*s%s", (int)(at ? at - pattern : (long)strlen(pattern)), pattern,
             at ? licensor : "");
}

/* One movement for each kind of line. */
static enum code move_sums(const struct statement_writer *w, const char *licensor, struct error *e)
{
    for (int kind = 0; kind < LINE_KIND_COUNT; kind++) {
        struct money sum = { w->sums[kind], w->s->currency };
        char debit[ACCOUNT_TEXT], credit[ACCOUNT_TEXT];
        book_account(moves[kind].debit, licensor, debit);
        book_account(moves[kind].credit, licensor, credit);
        TRY(ledger_move(w->act, w->s->id, debit, credit, sum, line_kind_word((enum line_kind)kind),
                        e));
    }
    return OK;
}

static enum code add_sums(const struct statement_writer *w, struct error *e)
{
    struct statement *s = w->s;
    s->due = s->payable = 0;
    for (int k = 0; k < LINE_KIND_COUNT; k++)
        if ((line_is_due((enum line_kind)k) &&
             __builtin_add_overflow(s->due, w->sums[k], &s->due)) ||
            (line_is_payable((enum line_kind)k) &&
             __builtin_add_overflow(s->payable, w->sums[k], &s->payable)))
            return fail(e, ERR_LIMIT, "the sum of the lines leaves 64 bits");
    return OK;
}

static enum code keep(const struct statement_writer *w, const char *licensor, const char *hash,
                      struct error *e)
{
    BUF(after);
    struct json_out o = { &after, false };
    char id[ID_TEXT];
    struct statement shown = *w->s;
    const struct statement *s = w->s;
    TRY(store_run(
        w->act->tx,
        "INSERT INTO ledger_statements (catalogue, id, deal, licensor, from_day, until_day, "
        "number, currency, due, payable, closed_us, hash, body, close) VALUES ($1, $2, $3, $4, $5, "
        "$6, $7, $8, $9, $10, $11, $12, '', $13)",
        SQL(sql_id(w->act->catalogue), sql_id(s->id), sql_id(s->deal), sql_id(s->licensor),
            sql_int(s->from.number), sql_int(s->until.number), sql_int(s->number),
            sql_text(s->currency.code), sql_int(s->due), sql_int(s->payable),
            sql_instant(s->closed), sql_text(hash),
            close_id_is_none(s->close) ? sql_null() : sql_id(s->close)),
        NULL, e));
    TRY(move_sums(w, licensor, e));
    shown.hash = hash;
    ledger_statement_json(&shown, &o);
    return registry_note(w->act, "statement.closed", statement_id_format(s->id, id), NULL, &after,
                         e);
}

enum code statement_writer_end(struct statement_writer *w, const char *licensor, struct arena *a,
                               struct error *e)
{
    uint8_t hash[32];
    char text[65];
    TRY(end_part(w, e));
    TRY(add_sums(w, e));
    crypto_generichash_final(&w->hash, hash, sizeof hash);
    hex_encode(hash, sizeof hash, text);
    if (w->keep)
        TRY(keep(w, licensor, text, e));
    w->s->hash = str_copy(a, str_of(text));
    return OK;
}

enum code ledger_statement_put(const struct registry_act *act, const char *licensor,
                               const struct statement_line *lines, size_t count,
                               struct statement *s, struct arena *a, struct error *e)
{
    owned(statement_writer) w = NULL;
    TRY(statement_writer_new(act, s, true, &w, e));
    for (size_t i = 0; i < count; i++)
        TRY(statement_writer_line(w, &lines[i], e));
    return statement_writer_end(w, licensor, a, e);
}

enum code ledger_statement_lines(struct store_tx *tx, struct party_id catalogue,
                                 const struct statement *s, struct arena *a,
                                 struct statement_line **out, size_t *count, struct error *e)
{
    struct statement_list list = { .a = a };
    char id[ID_TEXT], text[65];
    crypto_generichash_state state;
    uint8_t hash[32];
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    if (s->text && s->text[0])
        return statement_read(str_of(s->text), a, out, count, e);
    for (int64_t part = 0;; part++) {
        owned(store_rows) r = NULL;
        bool found;
        TRY(store_one(tx,
                      "SELECT body FROM ledger_statement_parts WHERE catalogue = $1 AND statement "
                      "= $2 AND part = $3",
                      SQL(sql_id(catalogue), sql_id(s->id), sql_int(part)), &r, &found, e));
        if (!found)
            break;
        struct str body = store_bytes(r, 0);
        crypto_generichash_update(&state, (const uint8_t *)body.at, body.length);
        if (statement_unpack(body, &list, e) != OK)
            return fail_in(e, "statement %s, part %lld", statement_id_format(s->id, id),
                           (long long)part);
    }
    crypto_generichash_final(&state, hash, sizeof hash);
    hex_encode(hash, sizeof hash, text);
    if (strcmp(text, s->hash) != 0)
        return fail(e, ERR_CORRUPT, "statement %s: its lines are not those that were stated",
                    statement_id_format(s->id, id));
    *out = list.items;
    *count = list.count;
    return OK;
}
