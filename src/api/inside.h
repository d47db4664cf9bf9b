/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of api share: the call at hand, resources, keys, stored answers. */
#ifndef LICET_API_INSIDE_H
#define LICET_API_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "access/access.h"
#include "api/api.h"
#include "api/limit.h"
#include "api/list.h"
#include "journal/journal.h"
#include "licence/licence.h"
#include "registry/registry.h"

/* ---- keyring.c: keys in memory, at most a second old ---- */

struct keyring;
enum { ACCESS_SLUG = 256 };
struct key_seen { /* an app_key without texts, and what became of its app */
    struct app_key key;
    bool app_suspended;
    char network_slug[ACCESS_SLUG], app_slug[ACCESS_SLUG]; /* "" where there is none */
};
struct keyring *keyring_new(void);
void keyring_free(struct keyring *k);
/* The key, if it was read so lately that nothing needs to be waited for. */
bool keyring_at_hand(struct keyring *k, struct app_key_id id, struct instant now,
                     struct key_seen *out);
/* errors  NOT_FOUND no such key */
MUST_USE enum code keyring_get(struct keyring *k, struct world *w, struct app_key_id id,
                               struct instant now, struct key_seen *out, struct error *e);
/* Forget one, so that the next look is fresh. */
void keyring_forget(struct keyring *k, struct app_key_id id);
/* Read all again; `gone` is called for each that was revoked, renewed or whose app was suspended
 * since it was last read. */
void keyring_follow(struct keyring *k, struct world *w, struct instant now,
                    void (*gone)(void *state, const uint8_t id[ID_BYTES]), void *state);

/* ---- serve.c ---- */

enum { API_EARS = 16 };
struct api {
    struct world *world;
    struct http_server *http;
    struct keyring *keys;
    struct limits *limits;
    struct arena arena; /* the joined route table */
    bool deaf, without_limits, started;
    _Atomic bool ending;
    unsigned ear_count;
    pthread_t follower, ears[API_EARS];
    struct upload_id hearing[API_EARS]; /* what each ear has at hand; none: nothing */
    pthread_mutex_t news_lock;
    pthread_cond_t arrived, heard; /* an upload was kept; one was heard */
};

/* Wake the ears; wait until one upload more was heard, or `ms` have passed. */
void api_wake_ears(struct api *a);
void api_wait_heard(struct api *a, int ms);

/* ---- gate.c: the hook before each handler ---- */

enum code gate_before(struct http_request *r, struct http_response *out, struct error *e);
void gate_after(const struct http_request *r, int status, int64_t bytes, int64_t us);

/* ---- call.c: one request as a handler sees it ---- */

struct call {
    struct http_request *r;
    struct http_response *out;
    struct api *api;
    struct world *world;
    struct arena *a;
    const struct key_seen *key; /* NULL on public routes */
    struct party_id catalogue;
    char who[ID_TEXT];   /* key_..., for the journal */
    struct store_tx *tx; /* of `read` or of `change` */
    struct store_tx *read;
    struct change change;
    bool answered; /* a problem was written: commit nothing */
};

void call_done(struct call *c);
#define CALL(name, request, response)                                                              \
    __attribute__((cleanup(call_done))) struct call name;                                          \
    call_init(&name, request, response)
void call_init(struct call *c, struct http_request *r, struct http_response *out);
MUST_USE enum code call_read(struct call *c, struct error *e);   /* c->tx sees one moment */
MUST_USE enum code call_change(struct call *c, struct error *e); /* c->tx writes, c->change.act */
MUST_USE enum code call_commit(struct call *c, struct error *e);
struct access_act call_act(const struct call *c); /* of the change */
/* The body as a JSON object with no member that is not in `names`.
 * errors  INVALID; a wrong Content-Type answers 415 and sets c->answered */
MUST_USE enum code call_body(struct call *c, const char *const *names, json_t **out,
                             struct error *e);
/* ETag of a version, and If-Match against it: 428 without, 412 when stale (c->answered). */
void call_etag(struct call *c, int64_t version);
bool call_matches(struct call *c, int64_t version, bool needed);
/* A key of a network or of a holder sees only its own. errors DENIED */
MUST_USE enum code call_may_network(const struct call *c, struct network_id id, struct error *e);
MUST_USE enum code call_may_party(const struct call *c, struct party_id id, struct error *e);
void call_json(struct call *c, int status); /* Content-Type and no-store */

/* ---- once.c: Idempotency-Key ---- */

/* Is this request answered already? Then the answer stands in c->out and c->answered is set. */
MUST_USE enum code once_begin(struct call *c, struct error *e);
/* Keep the answer in c->tx, to be committed with what it is the answer to. */
MUST_USE enum code once_end(struct call *c, struct error *e);

/* ---- fields.c: members of a body into values; what is absent is left as it is ---- */

MUST_USE enum code field_text(const json_t *o, const char *name, struct arena *a, const char **out,
                              struct error *e);
MUST_USE enum code field_int(const json_t *o, const char *name, int64_t least, int64_t most,
                             int64_t *out, struct error *e);
MUST_USE enum code field_bool(const json_t *o, const char *name, bool *out, struct error *e);
MUST_USE enum code field_instant(const json_t *o, const char *name, struct instant null_is,
                                 struct instant *out, struct error *e);
MUST_USE enum code field_territories(const json_t *o, const char *name, struct territory_set *out,
                                     struct error *e);
/* "stream,preview" or ["stream","preview"] as one text with commas */
MUST_USE enum code field_words(const json_t *o, const char *name, struct arena *a, const char **out,
                               struct error *e);
/* ids of a list, each read by `parse`; *ids is in arena `a` */
typedef enum code field_id_reader(struct call *c, struct str text, uint8_t out[ID_BYTES],
                                  struct error *e);
MUST_USE enum code field_id(struct call *c, const json_t *o, const char *name,
                            field_id_reader *read, uint8_t out[ID_BYTES], struct error *e);
MUST_USE enum code field_ids(struct call *c, const json_t *o, const char *name, size_t most,
                             field_id_reader *read, const uint8_t (**out)[ID_BYTES], size_t *count,
                             struct error *e);

/* Ids as people type them: a slug where the thing has one. */
field_id_reader id_of_party, id_of_network, id_of_app, id_of_recording, id_of_reference, id_of_work,
    id_of_recording_work, id_of_relation, id_of_release, id_of_track, id_of_claim, id_of_issue,
    id_of_source, id_of_allowance, id_of_exclusion, id_of_exception, id_of_upload_claim,
    id_of_policy, id_of_licence, id_of_key, id_of_user, id_of_upload, id_of_verdict;

/* ---- resource.c: list, get, create, edit and withdraw from one row of functions ---- */

struct resource {
    const char *path;                 /* "/api/v1/parties" */
    const char *name;                 /* of the {parameter} */
    const struct record_table *table; /* the registry's: of the rest only read_id is needed */
    size_t size, id_at, version_at;
    const char *(*id_text)(const void *record, char out[ID_TEXT]);
    const char *const *fields;  /* that create and edit take; ends with NULL */
    const char *const *columns; /* of CSV */
    field_id_reader *read_id;
    enum code (*get)(struct call *c, const uint8_t id[ID_BYTES], void *out, struct error *e);
    enum code (*list)(struct call *c, const uint8_t after[ID_BYTES], size_t limit, void **items,
                      size_t *count, struct error *e);
    enum code (*read)(struct call *c, const json_t *body, void *record, struct error *e);
    enum code (*put)(struct call *c, void *record, struct error *e);
    enum code (*withdraw)(struct call *c, const uint8_t id[ID_BYTES], struct error *e);
    void (*json)(const void *record, struct json_out *o);
};

enum code resource_list(const struct resource *k, struct http_request *r, struct http_response *out,
                        struct error *e);
enum code resource_get(const struct resource *k, struct http_request *r, struct http_response *out,
                       struct error *e);
enum code resource_create(const struct resource *k, struct http_request *r,
                          struct http_response *out, struct error *e);
enum code resource_edit(const struct resource *k, struct http_request *r, struct http_response *out,
                        struct error *e);
enum code resource_withdraw(const struct resource *k, struct http_request *r,
                            struct http_response *out, struct error *e);

enum code resource_versions(const struct resource *k, struct http_request *r,
                            struct http_response *out, struct error *e);

/* ---- records.c: the same by a table of columns; a holder's key has its own rows only ---- */

const char *const *table_names(const struct record_table *t, bool bodies, struct arena *a);
MUST_USE enum code table_moment(const struct call *c, struct moment *out, struct error *e);
MUST_USE enum code table_list(struct call *c, const struct record_table *t,
                              const uint8_t after[ID_BYTES], size_t limit, void **items,
                              size_t *count, struct error *e);
MUST_USE enum code table_get(struct call *c, const struct record_table *t,
                             const uint8_t id[ID_BYTES], void *out, struct error *e);
MUST_USE enum code table_read(struct call *c, const struct record_table *t, const json_t *body,
                              void *record, struct error *e);
MUST_USE enum code table_put(struct call *c, const struct record_table *t, void *record,
                             struct error *e);

#define RESOURCE_DO(verb, thing, rows)                                                             \
    enum code api_##thing##_##verb(struct http_request *r, struct http_response *out,              \
                                   struct error *e)                                                \
    {                                                                                              \
        return resource_##verb(&rows, r, out, e);                                                  \
    }

/* ---- parts.c ---- */

/* A part that has come whole, as a descriptor; and no more of it, when it has been used. */
MUST_USE enum code part_open(struct call *c, const char *text, int *fd, struct error *e);
void part_drop(struct call *c, const char *text);
/* The body as a file without a name. */
MUST_USE enum code body_open(struct call *c, int *fd, struct error *e);

void api_gauges(void *world, struct buf *out); /* system.c: for /metrics */

/* ---- handlers, one file a resource ---- */

http_handler api_version, api_health, api_ready, api_metrics, api_document;
http_handler api_deal_list, api_deal_get, api_deal_versions, api_deal_difference, api_deal_offer,
    api_deal_move;
http_handler api_statement_list, api_statement_get, api_statement_report, api_statement_close,
    api_statement_line, api_statement_verify, api_payment, api_balance_list, api_play_batch;
http_handler api_party_list, api_party_get, api_party_create, api_party_edit;
http_handler api_recording_list, api_recording_get, api_recording_create, api_recording_edit;
http_handler api_reference_list, api_reference_get, api_reference_create, api_reference_withdraw;
http_handler api_work_list, api_work_get, api_work_create, api_work_edit, api_work_withdraw;
http_handler api_recording_work_list, api_recording_work_get, api_recording_work_create,
    api_recording_work_edit, api_recording_work_withdraw;
http_handler api_relation_list, api_relation_get, api_relation_create, api_relation_edit,
    api_relation_withdraw;
http_handler api_release_list, api_release_get, api_release_create, api_release_edit,
    api_release_withdraw;
http_handler api_track_list, api_track_get, api_track_create, api_track_edit, api_track_withdraw;
http_handler api_claim_list, api_claim_get, api_claim_create, api_claim_edit, api_claim_withdraw,
    api_claim_versions;
http_handler api_source_list, api_source_get, api_source_create, api_source_edit;
http_handler api_allowance_list, api_allowance_get, api_allowance_create, api_allowance_edit,
    api_allowance_withdraw;
http_handler api_exclusion_list, api_exclusion_get, api_exclusion_create, api_exclusion_edit,
    api_exclusion_withdraw;
http_handler api_exception_list, api_exception_get;
http_handler api_upload_claim_list, api_upload_claim_get, api_upload_claim_create,
    api_upload_claim_versions, api_upload_claim_move;
http_handler api_issue_list, api_issue_get, api_issue_edit, api_issue_versions;
http_handler api_policy_list, api_policy_get, api_policy_create, api_policy_edit,
    api_policy_withdraw, api_policy_versions;
http_handler api_licence_list, api_licence_get, api_licence_create, api_licence_edit,
    api_licence_withdraw;
http_handler api_network_list, api_network_get, api_network_create, api_network_edit;
http_handler api_app_list, api_app_get, api_app_create, api_app_edit;
http_handler api_user_list, api_user_get, api_user_create, api_user_edit;
http_handler api_key_list, api_key_get, api_key_create, api_key_edit, api_key_rotate,
    api_key_revoke, api_key_restore;
http_handler api_part_create, api_part_get, api_part_append, api_part_drop;
http_handler api_upload_list, api_upload_get, api_upload_create, api_upload_matches,
    api_upload_evidence, api_upload_withdraw;
http_handler api_decide, api_decide_batch, api_decide_recordings;
http_handler api_verdict_list, api_verdict_get, api_verdict_explain;
http_handler api_event_list, api_webhook_list, api_webhook_get, api_webhook_create,
    api_webhook_withdraw, api_webhook_replay, api_delivery_list;
http_handler api_journal_head, api_journal_list;
http_handler api_plays_tell, api_plays_list;
http_handler api_catalogue_import, api_message;
http_handler api_notice_create, api_notice_bulk, api_notice_get, api_notice_list,
    api_notice_withdraw, api_notice_complete, api_notice_original;
http_handler api_item_list, api_item_get, api_item_evidence, api_item_decisions, api_item_move,
    api_item_counter, api_item_complain, api_item_bulk, api_item_bulk_undo;
http_handler api_agreement_get, api_agreement_accept;
http_handler api_dispute_open, api_dispute_decide;
http_handler api_sender_list, api_sender_get, api_order_list;
http_handler api_media;

#endif
