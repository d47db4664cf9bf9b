/* SPDX-License-Identifier: Apache-2.0 */
/* licet notice letters: what is to be sent, one JSON object a line, for the operator's own mailer. */
#include "cli/world.h"

enum { PAGE = 1000 };

static const char *mailbox_of(struct store_tx *tx, const char *receiver, struct arena *a)
{
    struct sender_id id;
    struct sender s;
    struct error ignored;
    if (strncmp(receiver, "sender ", 7) != 0 ||
        sender_id_parse(str_of(receiver + 7), &id, &ignored) != OK ||
        desk_sender_get(tx, id, a, &s, &ignored) != OK)
        return NULL;
    return s.slug;
}

#define ID_OR_NULL(thing, id, text) (thing##_id_is_none(id) ? NULL : thing##_id_format(id, text))

static void put_reason(struct store_tx *tx, const struct letter_row *l, struct arena *a,
                       struct json_out *o)
{
    struct notice_item item;
    struct error ignored;
    if (item_id_is_none(l->item) || desk_item_get(tx, l->item, a, &item, &ignored) != OK)
        return;
    json_text(o, "state", item_state_word(item.now.state));
    json_text(o, "location", item.location);
    if (decision_id_is_none(l->decision))
        return;
    json_text(o, "reason", reason_word(item.held_reason));
    json_text(o, "sentence_en", reason_sentence(item.held_reason, 0));
    json_text(o, "sentence_ru", reason_sentence(item.held_reason, 1));
    const char *agreement;
    if (flow_agreement_words(tx, l->at, a, &agreement, &ignored) == OK && agreement[0])
        json_text(o, "agreement", agreement);
}

/* Where the sender sees what became of it, sends what is missing, or withdraws. */
static const char *notice_url(const struct world *w, struct notice_id notice, const char *url,
                              struct arena *a)
{
    char id[ID_TEXT], link[65];
    flow_notice_link(w, notice, link);
    return arena_format(a, "%s/notices/%s?link=%s", url, notice_id_format(notice, id), link);
}

/* The page with the statement and what its reader can do. */
static void put_page(const struct world *w, const struct letter_row *l, const char *url,
                     struct arena *a, struct json_out *o)
{
    char id[ID_TEXT], key[ITEM_KEY_TEXT];
    bool sender = strncmp(l->receiver, "sender ", 7) == 0;
    if (item_id_is_none(l->item) || (!sender && strncmp(l->receiver, "uploader ", 9) != 0))
        return;
    enum actor side = sender ? ACTOR_SENDER : ACTOR_UPLOADER;
    flow_item_key(w, l->item, side, key);
    json_text(o, "page",
              arena_format(a, "%s/statement?item=%s&side=%s&key=%s", url,
                           item_id_format(l->item, id), actor_word(side), key));
}

static void print_letter(const struct cli_call *c, const struct world *w, struct store_tx *tx,
                         const struct letter_row *l)
{
    ARENA(a);
    BUF(line);
    char id[ID_TEXT];
    const char *url = settings_text(c->settings, "http.url");
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "letter", letter_id_format(l->id, id));
    json_text(&o, "kind", letter_word(l->kind));
    json_text(&o, "to", l->receiver);
    json_text(&o, "mailbox", mailbox_of(tx, l->receiver, &a));
    json_text(&o, "notice", ID_OR_NULL(notice, l->notice, id));
    json_text(&o, "item", ID_OR_NULL(item, l->item, id));
    json_text(&o, "decision", ID_OR_NULL(decision, l->decision, id));
    if (l->secret && l->secret[0])
        json_text(&o, "confirm",
                  arena_format(&a, "%s/notice/confirm?notice=%s&secret=%s", url,
                               notice_id_format(l->notice, id), l->secret));
    else if (strncmp(l->receiver, "sender ", 7) == 0 && !notice_id_is_none(l->notice))
        json_text(&o, "notice_url", notice_url(w, l->notice, url, &a));
    put_page(w, l, url, &a, &o);
    put_reason(tx, l, &a, &o);
    json_instant(&o, "at", l->at);
    json_end(&o, '}');
    cli_print(&line);
}

/* With --sent they are marked in the transaction that lists them: printed, then committed, so that
 * a crash between the two prints them again and loses none. */
enum code cli_notice_letters(struct cli_call *c, struct error *e)
{
    bool mark = cli_has(c, "sent");
    WORLD(w);
    TRY(cli_world_open(c, 0, &w, e));
    for (size_t count = PAGE; count == PAGE;) {
        NOTICING(n);
        struct letter_row *rows;
        TRY(flow_noticing_begin(w.world, STR("postman"), &n, e));
        TRY(desk_letter_unsent(n.act.tx, n.act.now, PAGE, &n.arena, &rows, &count, e));
        for (size_t i = 0; i < count; i++) {
            print_letter(c, w.world, n.act.tx, &rows[i]);
            if (mark)
                TRY(desk_letter_sent(&n.act, &rows[i], true, e));
        }
        fflush(stdout);
        if (!mark)
            return OK;
        TRY(flow_noticing_commit(&n, e));
    }
    return OK;
}
