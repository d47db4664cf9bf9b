/* SPDX-License-Identifier: Apache-2.0 */
/* Receipt, proof, completion; the machine's look; people's moves. */
#include "flow/notice_inside.h"

#include <pthread.h>
#include <sodium.h>

/* A key of this folder, another one for each purpose. */
static void key_for(const struct world *w, const char *purpose, uint8_t out[DESK_SEAL_KEY])
{
    crypto_generichash(out, DESK_SEAL_KEY, (const uint8_t *)purpose, strlen(purpose) + 1,
                       w->folder.master_key, MASTER_KEY_BYTES);
}

static void seal_key(const struct world *w, uint8_t out[DESK_SEAL_KEY])
{
    key_for(w, "licet desk originals", out);
}

static enum code begin(struct world *w, struct str who, bool ahead, struct noticing *out,
                       struct error *e)
{
    struct noticing n = { .world = w };
    struct store_tx *tx;
    struct str country = str_of(settings_text(w->settings, "desk.calendar"));
    TRY(calendar_get(country, &n.act.calendar, e));
    TRY(two_person_parse(str_of(settings_text(w->settings, "desk.two_person")), &n.act.two_person,
                         e));
    TRY(ahead ? store_begin_ahead(w->store, &tx, e) : store_begin(w->store, STORE_WRITE, &tx, e));
    *out = n;
    uint8_t *key = ARENA_ARRAY(&out->arena, uint8_t, DESK_SEAL_KEY);
    seal_key(w, key);
    out->act.tx = tx;
    out->act.who = str_of(str_copy(&out->arena, who));
    out->act.now = world_now(w);
    out->act.chance = &w->chance;
    out->act.seal_key = key;
    out->act.arena = &out->arena;
    out->act.struck = notice_struck;
    out->act.state = w;
    desk_act_begin(&out->act);
    return OK;
}

enum code flow_noticing_begin(struct world *w, struct str who, struct noticing *out,
                              struct error *e)
{
    return begin(w, who, false, out, e);
}

const char *flow_person(const struct world *w, struct str name, char out[PSEUDONYM_TEXT])
{
    uint8_t key[DESK_SEAL_KEY], hash[16];
    char hex[33];
    key_for(w, "licet desk persons", key);
    crypto_generichash(hash, sizeof hash, (const uint8_t *)(name.at ? name.at : ""), name.length,
                       key, sizeof key);
    hex_encode(hash, sizeof hash, hex);
    snprintf(out, PSEUDONYM_TEXT, "person_%.20s", hex);
    return out;
}

enum code flow_noticing_begin_by(struct world *w, struct str person, struct noticing *out,
                                 struct error *e)
{
    char who[PSEUDONYM_TEXT];
    return begin(w, str_of(flow_person(w, person, who)), false, out, e);
}

/* Orders are rights that servers hold in memory: they look when the generation is another. */
static enum code tell_servers(struct noticing *n, struct error *e)
{
    for (size_t i = 0; i < n->act.event_count; i++)
        if (str_is(n->act.events[i].what, "order.held") ||
            str_is(n->act.events[i].what, "order.lifted"))
            return registry_generation_bump(n->act.tx, n->world->catalogue, e);
    return OK;
}

enum code flow_noticing_commit(struct noticing *n, struct error *e)
{
    TRY(tell_servers(n, e));
    TRY(desk_act_end(&n->act, e));
    return store_commit_take(take(n->act.tx), e);
}

void flow_noticing_done(struct noticing *n)
{
    if (n->act.tx)
        store_rollback(n->act.tx);
    n->act.tx = NULL;
    arena_done(&n->arena);
}

/* ---- receipt ---- */

bool notice_is_of_one(enum code code)
{
    return code == ERR_INVALID || code == ERR_LIMIT || code == ERR_CONFLICT || code == ERR_DENIED ||
           code == ERR_NOT_FOUND;
}

static struct str kept_text(struct arena *a, struct str s)
{
    return (struct str) { str_copy(a, s), s.length };
}

static enum code receive_one(struct noticing *n, const struct notice_draft *d, struct arena *a,
                             struct received *out, struct error *e)
{
    struct party_id principal;
    struct desk_resolve resolve = { notice_resolve, n };
    struct notice_draft rated = *d;
    rated.rated = d->channel != CHANNEL_FILE && !str_is(n->act.who, "import") &&
                  !regime_is_order(d->regime, d->channel);
    rated.principal = name_clean(d->principal, &n->arena);
    TRY(notice_principal(n, &rated, &principal, e));
    TRY(desk_receive(&n->act, &rated, principal, &resolve, out, e));
    out->missing_words = kept_text(a, out->missing_words);
    out->confirm = kept_text(a, out->confirm);
    return OK;
}

enum code flow_notice_receive(struct world *w, struct str who, const struct notice_draft *drafts,
                              size_t count, struct arena *a, struct received *out, enum code *codes,
                              struct error *errors, struct error *e)
{
    NOTICING(n);
    TRY(flow_noticing_begin(w, who, &n, e));
    TRY(notice_drafts_ahead(&n, drafts, count, e));
    TRY(desk_receive_ahead(&n.act, drafts, count, e));
    store_behind(n.act.tx);
    for (size_t i = 0; i < count; i++) {
        codes[i] = receive_one(&n, &drafts[i], a, &out[i], &errors[i]);
        if (codes[i] != OK && !notice_is_of_one(codes[i]))
            return fail(e, codes[i], "%s", errors[i].text);
    }
    return flow_noticing_commit(&n, e);
}

/* Those who wait at the same time are served by the first of them, in one commit. While the disk takes
 * it, the first of those who came meanwhile makes the next one. */
enum { TOGETHER_MOST = 256, FLUSHING_MOST = 2 };
struct waiting {
    struct world *world;
    struct str who;
    const struct notice_draft *draft;
    struct arena *arena;
    struct received *out;
    enum code code;
    struct error error;
    bool taken, done;
    pthread_cond_t wake; /* it is done, or its turn to serve */
    struct waiting *next;
};
static pthread_mutex_t counter_lock = PTHREAD_MUTEX_INITIALIZER;
static struct waiting *line;
static bool serving;
static unsigned flushing; /* lines that are written and wait for the disk */

/* What they ask of the records is asked together. */
static enum code line_ahead(struct noticing *n, const struct waiting *first, struct error *e)
{
    size_t count = 0;
    for (const struct waiting *x = first; x; x = x->next)
        count++;
    struct notice_draft *drafts = ARENA_ARRAY(&n->arena, struct notice_draft, count);
    count = 0;
    for (const struct waiting *x = first; x; x = x->next)
        drafts[count++] = *x->draft;
    TRY(notice_drafts_ahead(n, drafts, count, e));
    TRY(desk_receive_ahead(&n->act, drafts, count, e));
    store_behind(n->act.tx);
    return OK;
}

static void fail_line(struct waiting *first, enum code code, const struct error *e)
{
    for (struct waiting *x = first; x; x = x->next) {
        x->code = code;
        x->error = *e;
    }
}

/* False: all of them have failed. */
static bool serve_line(struct waiting *first)
{
    NOTICING(n);
    struct error e = { 0 };
    enum code code = begin(first->world, first->who, true, &n, &e);
    if (code == OK && first->next)
        code = line_ahead(&n, first, &e);
    for (struct waiting *x = first; x && code == OK; x = x->next) {
        n.act.who = x->who;
        x->code = receive_one(&n, x->draft, x->arena, x->out, &x->error);
        if (x->code != OK && !notice_is_of_one(x->code)) {
            code = x->code;
            e = x->error;
        }
    }
    if (code == OK)
        code = flow_noticing_commit(&n, &e);
    if (code != OK)
        fail_line(first, code, &e);
    return code == OK;
}

/* Nobody has a receipt before this. */
static void flush_line(struct waiting *first)
{
    struct error e = { 0 };
    enum code code = store_flush(first->world->store, &e);
    if (code != OK)
        fail_line(first, code, &e);
}

/* Take those of the same world from the line, in the order in which they came. */
static struct waiting *take_line(struct world *w)
{
    struct waiting *mine = NULL, **end = &mine, **at = &line;
    for (size_t n = 0; *at && n < TOGETHER_MOST;) {
        struct waiting *x = *at;
        if (x->world != w) {
            at = &x->next;
            continue;
        }
        *at = x->next;
        x->next = NULL;
        x->taken = true;
        *end = x;
        end = &x->next;
        n++;
    }
    return mine;
}

static bool may_serve(void)
{
    return !serving && flushing < FLUSHING_MOST;
}

/* Under the lock, which is let go meanwhile. */
static void serve(struct world *w)
{
    serving = true;
    struct waiting *mine = take_line(w);
    pthread_mutex_unlock(&counter_lock);
    bool written = serve_line(mine);
    pthread_mutex_lock(&counter_lock);
    serving = false;
    flushing++;
    if (line && may_serve())
        pthread_cond_signal(&line->wake);
    pthread_mutex_unlock(&counter_lock);
    if (written)
        flush_line(mine);
    pthread_mutex_lock(&counter_lock);
    flushing--;
    if (line && may_serve())
        pthread_cond_signal(&line->wake);
    for (struct waiting *x = mine, *next; x; x = next) {
        next = x->next;
        x->done = true;
        pthread_cond_signal(&x->wake);
    }
}

enum code flow_notice_receive_shared(struct world *w, struct str who,
                                     const struct notice_draft *draft, struct arena *a,
                                     struct received *out, struct error *e)
{
    struct waiting me = { .world = w, .who = who, .draft = draft, .arena = a, .out = out };
    struct waiting **end = &line;
    pthread_cond_init(&me.wake, NULL);
    pthread_mutex_lock(&counter_lock);
    while (*end)
        end = &(*end)->next;
    *end = &me;
    while (!me.done)
        if (!may_serve() || me.taken)
            pthread_cond_wait(&me.wake, &counter_lock);
        else
            serve(w);
    pthread_mutex_unlock(&counter_lock);
    pthread_cond_destroy(&me.wake);
    return me.code == OK ? OK : fail(e, me.code, "%s", me.error.text);
}

enum code flow_notice_confirm(struct world *w, struct str notice, struct str secret,
                              struct error *e)
{
    NOTICING(n);
    struct notice_id id;
    TRY(notice_id_parse(notice, &id, e));
    TRY(flow_noticing_begin(w, STR("sender"), &n, e));
    TRY(desk_confirm(&n.act, id, secret, e));
    return flow_noticing_commit(&n, e);
}

enum code flow_notice_complete(struct world *w, struct str notice, unsigned elements,
                               struct str raw, struct str who, struct error *e)
{
    NOTICING(n);
    struct notice_id id;
    TRY(notice_id_parse(notice, &id, e));
    TRY(flow_noticing_begin(w, who, &n, e));
    TRY(desk_complete(&n.act, id, elements, raw, e));
    return flow_noticing_commit(&n, e);
}

enum code flow_notice_original(struct world *w, struct str notice, struct str who, struct str why,
                               struct buf *out, struct error *e)
{
    NOTICING(n);
    struct notice_id id;
    TRY(notice_id_parse(notice, &id, e));
    TRY(flow_noticing_begin(w, who, &n, e));
    TRY(desk_original(&n.act, id, 1, why, out, e));
    return flow_noticing_commit(&n, e);
}

void flow_notice_link(const struct world *w, struct notice_id id, char out[65])
{
    uint8_t key[DESK_SEAL_KEY];
    seal_key(w, key);
    desk_notice_link(key, id, out);
}

enum code flow_notice_by_link(const struct world *w, struct str notice, struct str link,
                              struct notice_id *out, struct error *e)
{
    uint8_t key[DESK_SEAL_KEY];
    struct notice_id id;
    TRY(notice_id_parse(notice, &id, e));
    seal_key(w, key);
    if (!desk_notice_link_is(key, id, link))
        return fail(e, ERR_DENIED, "this is not the link that was sent");
    *out = id;
    return OK;
}

/* ---- the machine's look ---- */

enum code flow_notice_look(struct noticing *n, struct notice_item *item, struct error *e)
{
    static const struct {
        enum item_event event;
    } events[] = { [PROPOSE_DECLINE] = { EVENT_RULE_DECLINE },
                   [PROPOSE_RESTRICT] = { EVENT_RULE_RESTRICT },
                   [PROPOSE_PERSON] = { EVENT_QUEUE } };
    struct item_found found;
    TRY(notice_facts(n, item, &found, e));
    struct proposal p = item_propose(&found.facts);
    item->class = item_class_of(&found.facts);
    item->proposal = p.rule;
    struct item_why why = { .reason = p.reason,
                            .rule = p.rule,
                            .evidence = found.has_evidence ? &found.evidence : NULL,
                            .proof = notice_proof(n, item, &found, p.rule),
                            .canonical = found.canonical,
                            .blob = found.blob };
    struct item_step step = { events[p.kind].event, ACTOR_MACHINE, NULL };
    enum item_state from = item->now.state;
    TRY(desk_item_move(&n->act, item, &step, &why, e));
    notice_moved(n, item, from);
    return OK;
}

enum code flow_notice_work(struct world *w, size_t most, size_t *count, struct error *e)
{
    NOTICING(n);
    struct notice_item *items;
    TRY(flow_noticing_begin(w, STR("licet"), &n, e));
    TRY(desk_item_open(n.act.tx, (struct item_id) { { 0 } }, most, &n.arena, &items, count, e));
    TRY(notice_ahead(&n, items, *count, e));
    store_behind(n.act.tx);
    for (size_t i = 0; i < *count; i++)
        TRY(flow_notice_look(&n, &items[i], e));
    return *count ? flow_noticing_commit(&n, e) : OK;
}

enum code flow_notice_tick(struct world *w, size_t most, size_t *count, struct error *e)
{
    NOTICING(n);
    TRY(flow_noticing_begin(w, STR("clock"), &n, e));
    store_behind(n.act.tx);
    TRY(desk_tick(&n.act, most, count, e));
    return *count ? flow_noticing_commit(&n, e) : OK;
}

/* ---- people ---- */

/* The evidence that the machine stored, or finds now, goes with a person's decision too. */
enum code notice_move_by(struct noticing *n, struct notice_item *item, enum item_event event,
                         struct str reason, const char *person, struct error *e)
{
    struct item_found found = { .proof = "" };
    enum item_state from = item->now.state;
    struct item_why why = { .reason = event == EVENT_DECLINE ? REASON_NOT_PROTECTABLE
                                                             : item->held_reason };
    if (reason.length)
        TRY(reason_parse(reason, &why.reason, e));
    else if (event == EVENT_DECLINE)
        return fail(e, ERR_INVALID, "a refusal needs its reason");
    if (event == EVENT_RESTRICT || event == EVENT_SCHEDULE || event == EVENT_APPROVE ||
        (event == EVENT_REVERSE && item->now.state == ITEM_COMPLAINED_DECLINED)) {
        if (event != EVENT_APPROVE && !reason_restricts(why.reason))
            why.reason = REASON_REVIEWED;
        TRY(notice_facts(n, item, &found, e));
        why.evidence = found.has_evidence ? &found.evidence : NULL;
        why.blob = found.blob;
        why.proof = found.proof;
    } else if (event == EVENT_DECLINE && reason_restricts(why.reason)) {
        return fail(e, ERR_INVALID, "%s is not a reason to turn down", reason_word(why.reason));
    }
    struct item_step step = { event, ACTOR_PERSON, person };
    if (event == EVENT_UPHOLD || event == EVENT_REVERSE_PARTLY ||
        (event == EVENT_REVERSE &&
         (item->now.state == ITEM_COMPLAINED || item->now.state == ITEM_COMPLAINED_DECLINED)))
        TRY(desk_complaint_decide(&n->act, item, event, person, &why, e));
    else
        TRY(desk_item_move(&n->act, item, &step, &why, e));
    notice_moved(n, item, from);
    return OK;
}

enum code flow_notice_act(struct world *w, const struct item_act *x, struct arena *a,
                          struct notice_item *out, struct error *e)
{
    NOTICING(n);
    struct item_id id;
    enum item_event event;
    TRY(item_id_parse(x->item, &id, e));
    TRY(item_event_parse(x->event, &event, e));
    TRY(flow_noticing_begin_by(w, x->person, &n, e));
    TRY(desk_item_get(n.act.tx, id, a, out, e));
    const char *person = str_copy(&n.arena, x->person);
    TRY(notice_move_by(&n, out, event, x->reason, person, e));
    if (x->why.length) {
        char text[ID_TEXT];
        desk_note(&n.act, "item.words", item_id_format(id, text), NULL, x->why);
    }
    return flow_noticing_commit(&n, e);
}

/* ---- after ---- */

enum code flow_notice_counter(struct world *w, struct str item, const struct counter_draft *d,
                              struct error *e)
{
    NOTICING(n);
    struct item_id id;
    struct notice_item row;
    TRY(item_id_parse(item, &id, e));
    TRY(flow_noticing_begin(w, STR("uploader"), &n, e));
    TRY(desk_item_get(n.act.tx, id, &n.arena, &row, e));
    TRY(desk_counter(&n.act, &row, d, e));
    return flow_noticing_commit(&n, e);
}

enum code flow_notice_complain(struct world *w, struct str item, enum actor by, struct str text,
                               struct error *e)
{
    NOTICING(n);
    struct item_id id;
    struct notice_item row;
    TRY(item_id_parse(item, &id, e));
    TRY(flow_noticing_begin(w, str_of(actor_word(by)), &n, e));
    TRY(desk_item_get(n.act.tx, id, &n.arena, &row, e));
    TRY(desk_complain(&n.act, &row, by, text, e));
    return flow_noticing_commit(&n, e);
}

enum code flow_notice_withdraw(struct world *w, struct str notice, struct str person,
                               struct error *e)
{
    NOTICING(n);
    struct notice_id id;
    TRY(notice_id_parse(notice, &id, e));
    TRY(flow_noticing_begin(w, person.length ? person : STR("sender"), &n, e));
    TRY(desk_withdraw(&n.act, id, ACTOR_SENDER, NULL, e));
    return flow_noticing_commit(&n, e);
}

enum code flow_sender_put(struct world *w, struct str who, const struct sender_change *c,
                          struct sender_id *out, struct error *e)
{
    NOTICING(n);
    struct sender *s;
    struct party p;
    char text[ID_TEXT];
    TRY(flow_noticing_begin(w, who, &n, e));
    TRY(desk_sender_of(&n.act, c->mailbox, c->name, &s, e));
    s->proofs |= c->proofs;
    if (c->party.length) {
        TRY(registry_party_find(n.act.tx, w->catalogue, c->party, &n.arena, &p, e));
        s->party = p.id;
    }
    if (c->mandate.length) {
        TRY(registry_party_find(n.act.tx, w->catalogue, c->mandate, &n.arena, &p, e));
        TRY(desk_mandate_put(&n.act, s, p.id, "Worldwide", str_copy(&n.arena, c->document),
                             INSTANT_NEVER, e));
    }
    if (c->trusted >= 0)
        s->trusted = c->trusted;
    if (c->suspended >= 0) {
        s->state = c->suspended ? SENDER_SUSPENDED : SENDER_ACTIVE;
        s->due = c->suspended ? deadline_due(deadline_rule(DEADLINE_MISUSE, REGIME_CONTRACT),
                                             n.act.calendar, n.act.now)
                              : INSTANT_NEVER;
    }
    *out = s->id;
    desk_note(&n.act, c->suspended > 0 ? "sender.suspended" : "sender.put",
              sender_id_format(s->id, text), NULL, c->why);
    return flow_noticing_commit(&n, e);
}
