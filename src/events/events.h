/* SPDX-License-Identifier: Apache-2.0 */
/* events: what happened, for those whom it concerns: a feed, webhooks, their signatures.
 *
 * The journal is the source: events_pump reads it behind its cursor, writes the feed and, for each
 * webhook that wants an event, a row to be delivered, all in one transaction. So nothing that was
 * committed is missed, or told twice in the feed, whatever is killed.
 *
 * Messages are those of Standard Webhooks 1.0: webhook-id, webhook-timestamp, webhook-signature
 * (v1 HMAC-SHA256 and v1a ed25519). */
#ifndef LICET_EVENTS_EVENTS_H
#define LICET_EVENTS_EVENTS_H

#include "journal/journal.h"

struct event {
    int64_t seq;      /* of the journal */
    const char *what; /* "claim.added" */
    const char *subject;
    const char *data; /* JSON of the thing as it is now, as it was where it is no more; "null" */
    struct instant at;
};

/* Who looks: both none is the operator, who sees all. */
struct event_view {
    struct party_id party;
    struct network_id network;
};

/* Events behind number `after`, oldest first. */
MUST_USE enum code events_list(struct store_tx *tx, const struct event_view *v, int64_t after,
                               size_t limit, struct arena *a, struct event **out, size_t *count,
                               struct error *e);
/* errors  NOT_FOUND there is none, or the viewer may not see it */
MUST_USE enum code events_get(struct store_tx *tx, const struct event_view *v, int64_t seq,
                              struct arena *a, struct event *out, struct error *e);
void events_json(const struct event *v, struct json_out *o);

/* ---- webhooks ---- */

enum {
    WEBHOOK_SECRET = 24,
    WEBHOOK_SECRET_TEXT = 48,
    WEBHOOK_KEY_TEXT = 64,
    WEBHOOK_SEAL = 32,
    WEBHOOK_SIGNATURES = 256,
    WEBHOOK_URL_MOST = 2000,
    WEBHOOKS_MOST = 1000
};

struct webhook {
    struct webhook_id id;
    int64_t version;
    const char *url;
    struct event_view view;
    const char *types; /* "claim,upload.heard"; empty: all */
    bool disabled;
    const char *reason; /* why; NULL */
    struct instant made;
    uint8_t secret[WEBHOOK_SECRET];
};

/* Make one: its id and a secret from `chance`; the secret is kept sealed under `seal`.
 * errors  INVALID url or types are out of form; LIMIT */
MUST_USE enum code webhook_put(struct store_tx *tx, const uint8_t seal[WEBHOOK_SEAL],
                               struct instant now, const struct chance *chance, struct webhook *h,
                               struct error *e);
MUST_USE enum code webhook_get(struct store_tx *tx, const uint8_t seal[WEBHOOK_SEAL],
                               struct webhook_id id, struct arena *a, struct webhook *out,
                               struct error *e);
/* Without their secrets. */
MUST_USE enum code webhook_list(struct store_tx *tx, const struct event_view *v,
                                struct webhook_id after, size_t limit, struct arena *a,
                                struct webhook **out, size_t *count, struct error *e);
/* Disabled with a reason, or active again (reason NULL). errors NOT_FOUND */
MUST_USE enum code webhook_switch(struct store_tx *tx, struct webhook_id id, bool disabled,
                                  const char *reason, struct error *e);
MUST_USE enum code webhook_drop(struct store_tx *tx, struct webhook_id id, struct error *e);
bool webhook_wants(const struct webhook *h, const char *what);
void webhook_json(const struct webhook *h, struct json_out *o);

/* "whsec_..." (base64 of the secret) and "whpk_..." (of the ed25519 public key). */
const char *webhook_secret_text(const struct webhook *h, char out[WEBHOOK_SECRET_TEXT]);
const char *webhook_key_text(const struct webhook *h, char out[WEBHOOK_KEY_TEXT]);
/* The value of webhook-signature: "v1,... v1a,...". */
const char *webhook_sign(const struct webhook *h, const char *message_id, int64_t seconds,
                         struct str body, char out[WEBHOOK_SIGNATURES]);

struct webhook_delivery {
    struct webhook_id webhook;
    int64_t seq, tries, status; /* of HTTP; 0: no answer */
    const char *state, *error;
    struct instant changed;
};
MUST_USE enum code webhook_delivery_put(struct store_tx *tx, const struct webhook_delivery *d,
                                        struct error *e);
/* Newest first, those before `before`. */
MUST_USE enum code webhook_delivery_list(struct store_tx *tx, struct webhook_id webhook,
                                         int64_t before, size_t limit, struct arena *a,
                                         struct webhook_delivery **out, size_t *count,
                                         struct error *e);

/* ---- from the journal ---- */

/* Take up to `most` events of the journal over. `deliver` is called for each that a webhook wants,
 * inside the transaction.
 * out  taken  0: the feed is up to date */
struct event_sink {
    void *ctx;
    enum code (*deliver)(void *ctx, struct store_tx *tx, const struct webhook *h, int64_t seq,
                         struct error *e);
};
MUST_USE enum code events_pump(struct store_tx *tx, size_t most, const struct event_sink *sink,
                               size_t *taken, struct error *e);

#endif
