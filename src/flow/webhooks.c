/* SPDX-License-Identifier: Apache-2.0 */
/* The feed of events made of the journal, and messages to those who want to be told. */
#include <sodium.h>
#include <stdatomic.h>

#include "flow/post.h"
#include "flow/webhooks.h"
#include "flow/work.h"

enum { PUMP_MOST = 500, TRIES_MOST = 20, GONE = 410 };

static void seal_of(const struct world *w, uint8_t out[WEBHOOK_SEAL])
{
    static const char use[] = "licet webhook secrets";
    crypto_generichash(out, WEBHOOK_SEAL, (const uint8_t *)use, sizeof use, w->folder.master_key,
                       32);
}

/* ---- a message to be delivered is a job: its key names webhook and event ---- */

enum { KEY_TEXT = ID_TEXT + 24 };

static enum code put_job(const struct world *w, struct store_tx *tx, struct webhook_id id,
                         int64_t seq, struct error *e)
{
    char text[ID_TEXT], key[KEY_TEXT];
    struct webhook_delivery d = {
        .webhook = id, .seq = seq, .state = "waiting", .changed = world_now(w)
    };
    snprintf(key, sizeof key, "%s/%lld", webhook_id_format(id, text), (long long)seq);
    TRY(webhook_delivery_put(tx, &d, e));
    return jobs_set(tx, STR(WORK_WEBHOOK), str_of(key), STR(""), world_now(w), world_now(w), e);
}

static enum code read_key(const char *key, struct webhook_id *id, int64_t *seq, struct error *e)
{
    struct str rest = str_of(key), part;
    if (!str_split(&rest, '/', &part))
        return fail(e, ERR_INVALID, "the job names no webhook");
    TRY(webhook_id_parse(part, id, e));
    return str_to_int64(rest, 0, INT64_MAX, seq, e);
}

/* ---- the feed ---- */

static enum code deliver(void *world, struct store_tx *tx, const struct webhook *h, int64_t seq,
                         struct error *e)
{
    return put_job(world, tx, h->id, seq, e);
}

enum code world_events_pump(struct world *w, bool *did, struct error *e)
{
    TX(tx);
    struct event_sink sink = { w, deliver };
    struct journal_head head;
    size_t taken;
    *did = false;
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(journal_head(tx, &head, e));
    store_rollback(take(tx));
    if (head.size == atomic_load(&w->events_made))
        return OK;
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    TRY(events_pump(tx, PUMP_MOST, &sink, &taken, e));
    TRY(store_commit_take(take(tx), e));
    *did = taken > 0;
    if (taken < PUMP_MOST)
        atomic_store(&w->events_made, head.size);
    return OK;
}

/* ---- delivering ---- */

struct message {
    struct webhook hook;
    struct event event;
    bool gone; /* the webhook or the event is not there any more */
};

static enum code read_message(struct world *w, struct webhook_id id, int64_t seq, struct arena *a,
                              struct message *m, struct error *e)
{
    TX(tx);
    uint8_t seal[WEBHOOK_SEAL];
    seal_of(w, seal);
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    enum code code = webhook_get(tx, seal, id, a, &m->hook, e);
    if (code == OK)
        code = events_get(tx, &m->hook.view, seq, a, &m->event, e);
    m->gone = code == ERR_NOT_FOUND;
    return m->gone ? OK : code;
}

static void write_body(const struct event *v, struct buf *out)
{
    struct json_out o = { out, false };
    json_begin(&o, '{');
    json_text(&o, "type", v->what);
    json_instant(&o, "timestamp", v->at);
    json_key(&o, "data");
    events_json(v, &o);
    json_end(&o, '}');
}

static enum code post(struct world *w, const struct message *m, long *status, struct error *e)
{
    BUF(body);
    char id[32], signatures[WEBHOOK_SIGNATURES];
    int64_t seconds = world_now(w).us / 1000000;
    bool private = strcmp(settings_text(w->settings, "webhooks.private"), "yes") == 0;
    snprintf(id, sizeof id, "evt_%lld", (long long)m->event.seq);
    write_body(&m->event, &body);
    if (body.failed)
        return fail(e, ERR_MEMORY, "no memory for a message");
    const struct post p = {
        .url = m->hook.url,
        .id = id,
        .seconds = seconds,
        .signatures = webhook_sign(&m->hook, id, seconds, buf_as_str(&body), signatures),
        .body = buf_as_str(&body),
        .private_ok = private,
    };
    return post_send(&p, status, e);
}

/* What became of it; with `disable` the webhook is told no more until a person switches it on. */
static enum code write_outcome(struct world *w, const struct job *j,
                               const struct webhook_delivery *d, bool over, const char *disable,
                               struct error *e)
{
    TX(tx);
    char text[ID_TEXT];
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    TRY(webhook_delivery_put(tx, d, e));
    if (over)
        TRY(jobs_done(tx, j, e));
    if (disable) {
        struct journal_entry entry = { .who = STR("licet"),
                                       .what = STR("webhook.disabled"),
                                       .subject = str_of(webhook_id_format(d->webhook, text)),
                                       .before = STR(""),
                                       .after = STR(""),
                                       .why = str_of(disable),
                                       .when = d->changed };
        TRY(webhook_switch(tx, d->webhook, true, disable, e));
        TRY(journal_append(tx, &entry, e));
    }
    return store_commit_take(take(tx), e);
}

static enum code settle(struct world *w, const struct job *j, struct webhook_delivery *d,
                        const struct error *why, struct error *e)
{
    d->changed = world_now(w);
    d->error = d->status >= 200 && d->status < 300 ? NULL : why->text;
    if (!d->error) {
        d->state = "delivered";
        return write_outcome(w, j, d, true, NULL, e);
    }
    const char *disable = d->status == GONE        ? "the receiver answered 410 Gone"
                          : j->tries >= TRIES_MOST ? "it failed for days"
                                                   : NULL;
    d->state = disable ? "failed" : "waiting";
    TRY(write_outcome(w, j, d, disable != NULL, disable, e));
    return disable ? OK : fail(e, ERR_IO, "%s", why->text);
}

enum code work_webhook(struct world *w, const struct job *j, struct error *e)
{
    ARENA(a);
    struct message m = { .gone = false };
    struct error why = { 0 };
    struct webhook_delivery d = { .tries = j->tries };
    long status = 0;
    TRY(read_key(j->key, &d.webhook, &d.seq, e));
    TRY(read_message(w, d.webhook, d.seq, &a, &m, e));
    if (m.gone)
        return work_done(w, j, e);
    if (m.hook.disabled) {
        d.state = "failed";
        d.error = "the webhook is disabled";
        d.changed = world_now(w);
        return write_outcome(w, j, &d, true, NULL, e);
    }
    if (post(w, &m, &status, &why) == OK && (status < 200 || status >= 300))
        (void)fail(&why, ERR_IO, "the receiver answered %ld", status);
    d.status = status;
    return settle(w, j, &d, &why, e);
}

/* ---- for people ---- */

static enum code note(struct change *c, const struct webhook *h, const char *what, struct error *e)
{
    BUF(after);
    char text[ID_TEXT];
    struct json_out o = { &after, false };
    webhook_json(h, &o);
    return registry_note(&c->act, what, webhook_id_format(h->id, text), NULL, &after, e);
}

enum code flow_webhook_make(struct change *c, struct webhook *h, struct error *e)
{
    uint8_t seal[WEBHOOK_SEAL];
    const char *private = settings_text(c->world->settings, "webhooks.private");
    if (strcmp(private, "yes") != 0 && !str_starts(str_of(h->url), "https://"))
        return fail(e, ERR_INVALID, "\"url\" must begin with https://");
    seal_of(c->world, seal);
    TRY(webhook_put(c->act.tx, seal, c->act.now, c->act.chance, h, e));
    return note(c, h, "webhook.added", e);
}

enum code flow_webhook_get(struct world *w, struct store_tx *tx, struct webhook_id id,
                           struct arena *a, struct webhook *out, struct error *e)
{
    uint8_t seal[WEBHOOK_SEAL];
    seal_of(w, seal);
    return webhook_get(tx, seal, id, a, out, e);
}

enum code flow_webhook_drop(struct change *c, struct webhook_id id, struct error *e)
{
    ARENA(a);
    struct webhook h;
    TRY(flow_webhook_get(c->world, c->act.tx, id, &a, &h, e));
    TRY(webhook_drop(c->act.tx, id, e));
    return note(c, &h, "webhook.removed", e);
}

enum code flow_webhook_switch(struct change *c, struct webhook_id id, bool disabled,
                              struct error *e)
{
    ARENA(a);
    struct webhook h;
    TRY(webhook_switch(c->act.tx, id, disabled, disabled ? "by hand" : NULL, e));
    TRY(flow_webhook_get(c->world, c->act.tx, id, &a, &h, e));
    return note(c, &h, disabled ? "webhook.disabled" : "webhook.enabled", e);
}

enum code flow_webhook_replay(struct change *c, struct webhook_id id, int64_t after, size_t *count,
                              struct error *e)
{
    enum { PAGE = 500 };
    ARENA(a);
    struct webhook h;
    struct event *page;
    size_t n;
    *count = 0;
    TRY(flow_webhook_get(c->world, c->act.tx, id, &a, &h, e));
    do {
        TRY(events_list(c->act.tx, &h.view, after, PAGE, &a, &page, &n, e));
        for (size_t i = 0; i < n; i++)
            if (webhook_wants(&h, page[i].what)) {
                TRY(put_job(c->world, c->act.tx, id, page[i].seq, e));
                ++*count;
            }
        if (n)
            after = page[n - 1].seq;
    } while (n == PAGE);
    return OK;
}
