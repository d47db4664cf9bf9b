/* SPDX-License-Identifier: Apache-2.0 */
/* Notices in the form of a public archive of removal requests: one JSON object a notice. People are
 * told by pseudonym; of a holder in the registry the public name stands. */
#include "desk/redact.h"
#include "desk/report.h"

static const char *const types[REGIME_COUNT] = {
    [REGIME_DMCA] = "DMCA",      [REGIME_DSA16] = "LocalLaw",    [REGIME_DSA9] = "CourtOrder",
    [REGIME_UK] = "LocalLaw",    [REGIME_RU15_2] = "CourtOrder", [REGIME_RU15_7] = "LocalLaw",
    [REGIME_CONTRACT] = "Other",
};
static const char *const jurisdictions[REGIME_COUNT] = {
    [REGIME_DMCA] = "us",   [REGIME_DSA16] = "eu",  [REGIME_DSA9] = "eu",     [REGIME_UK] = "gb",
    [REGIME_RU15_2] = "ru", [REGIME_RU15_7] = "ru", [REGIME_CONTRACT] = NULL,
};
static const char *const regulations[REGIME_COUNT] = {
    [REGIME_DMCA] = "17 U.S.C. 512(c)(3)",
    [REGIME_DSA16] = "Regulation (EU) 2022/2065, art. 16",
    [REGIME_DSA9] = "Regulation (EU) 2022/2065, art. 9",
    [REGIME_UK] = "E-Commerce Regulations 2002, reg. 19 and 22",
    [REGIME_RU15_2] = "149-FZ, art. 15.2",
    [REGIME_RU15_7] = "149-FZ, art. 15.7",
    [REGIME_CONTRACT] = "Terms of the service",
};

static const char *action_of(const struct notice_item *items, size_t count)
{
    size_t decided = 0, down = 0;
    for (size_t i = 0; i < count; i++) {
        decided += !decision_id_is_none(items[i].decision);
        down += item_is_restricted(items[i].now.state);
    }
    if (decided < count)
        return "Unspecified";
    return down == 0 ? "No" : down == count ? "Yes" : "Partial";
}

static void put_entity(struct json_out *o, const char *role, const char *name, const char *kind)
{
    json_begin(o, '{');
    json_text(o, "name", role);
    json_key(o, "entity_attributes");
    json_begin(o, '{');
    json_text(o, "name", name);
    json_text(o, "kind", kind);
    json_end(o, '}');
    json_end(o, '}');
}

static enum code put_entities(struct store_tx *tx, const struct notice *n, const struct sender *s,
                              const struct archive_options *a, struct arena *arena,
                              struct json_out *o, struct error *e)
{
    struct party p;
    const struct moment now = MOMENT_NOW;
    char id[ID_TEXT];
    json_key(o, "entity_notice_roles_attributes");
    json_begin(o, '[');
    put_entity(o, "sender", sender_id_format(s->id, id),
               s->proofs & PROOF_DOMAIN ? "organization" : "individual");
    if (!party_id_is_none(n->party)) {
        TRY(record_get(tx, a->catalogue, &table_parties, n->party.bytes, &now,
                       (struct party_id) { { 0 } }, arena, &p, e));
        put_entity(o, "principal", p.name, "organization");
    }
    put_entity(o, "recipient", a->recipient, "organization");
    json_end(o, ']');
    return OK;
}

static bool same_work(const struct notice_item *a, const struct notice_item *b)
{
    return strcmp(a->title, b->title) == 0 && strcmp(a->artist, b->artist) == 0;
}

/* Words of strangers, for the public; the sender's own name is in them as often as not. */
static void put_redacted(struct json_out *o, const char *name, struct str text,
                         const struct sender *s)
{
    BUF(shown);
    const char *const names[] = { s->name, s->slug };
    redact(text, names, COUNT_OF(names), &shown);
    json_str(o, name, buf_as_str(&shown));
}

/* Items of one work stand together, in the order in which works were first named. */
static void put_works(const struct notice_item *items, size_t count, const struct sender *s,
                      struct json_out *o)
{
    json_key(o, "works_attributes");
    json_begin(o, '[');
    for (size_t i = 0; i < count; i++) {
        if (i && same_work(&items[i], &items[i - 1]))
            continue;
        BUF(words);
        buf_format(&words, items[i].artist[0] ? "%s - %s" : "%s%s", items[i].artist,
                   items[i].title);
        json_begin(o, '{');
        put_redacted(o, "description", buf_as_str(&words), s);
        json_text(o, "kind", "music");
        json_key(o, "infringing_urls_attributes");
        json_begin(o, '[');
        for (size_t k = i; k < count && same_work(&items[i], &items[k]); k++) {
            json_begin(o, '{');
            put_redacted(o, "url", str_of(items[k].location), s);
            json_end(o, '}');
        }
        json_end(o, ']');
        json_end(o, '}');
    }
    json_end(o, ']');
}

static void put_list(struct json_out *o, const char *name, const char *word)
{
    json_key(o, name);
    json_begin(o, '[');
    if (word)
        json_put_text(o, word);
    json_end(o, ']');
}

static enum code put_notice(struct store_tx *tx, const struct notice *n,
                            const struct archive_options *a, struct arena *arena, struct buf *out,
                            struct error *e)
{
    struct item_filter f = { .notice = n->id, .state = -1, .limit = ITEMS_MOST };
    struct notice_item *items;
    struct sender s;
    size_t count;
    char id[ID_TEXT];
    TRY(desk_item_list(tx, &f, arena, &items, &count, e));
    TRY(desk_sender_get(tx, n->sender, arena, &s, e));
    struct json_out o = { out, false };
    notice_id_format(n->id, id);
    json_begin(&o, '{');
    json_key(&o, "notice");
    json_begin(&o, '{');
    json_text(&o, "type", types[n->regime]);
    json_text(&o, "title", arena_format(arena, "Removal request %s", id));
    json_instant(&o, "date_received", n->received);
    json_text(&o, "source", channel_word(n->channel));
    json_text(&o, "language", n->language);
    json_text(&o, "action_taken", action_of(items, count));
    json_text(&o, "case_id_number", id);
    json_int(&o, "url_count", (int64_t)count);
    json_bool(&o, "webform", n->channel == CHANNEL_FORM);
    put_list(&o, "jurisdiction_list", jurisdictions[n->regime]);
    put_list(&o, "regulation_list", regulations[n->regime]);
    put_list(&o, "tag_list", "music");
    TRY(put_entities(tx, n, &s, a, arena, &o, e));
    put_works(items, count, &s, &o);
    json_end(&o, '}');
    json_end(&o, '}');
    buf_text(out, "\n");
    return out->failed ? fail(e, ERR_MEMORY, "no memory for the archive") : OK;
}

enum code desk_report_archive(struct store_tx *tx, const struct archive_options *a,
                              archive_sink *sink, void *ctx, size_t *count, struct error *e)
{
    enum { PAGE = 500 };
    struct notice_id after = { { 0 } };
    *count = 0;
    for (size_t got = PAGE; got == PAGE;) {
        ARENA(arena);
        struct notice *list;
        TRY(desk_notice_list(tx, after, PAGE, &arena, &list, &got, e));
        for (size_t i = 0; i < got; i++) {
            BUF(line);
            after = list[i].id;
            if (list[i].received.us < a->from.us || list[i].received.us >= a->until.us)
                continue;
            TRY(put_notice(tx, &list[i], a, &arena, &line, e));
            TRY(sink(ctx, buf_as_str(&line), e));
            ++*count;
        }
    }
    return OK;
}
