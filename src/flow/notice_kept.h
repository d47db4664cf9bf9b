/* SPDX-License-Identifier: Apache-2.0 */
/* What a transaction of the desk has asked once: rights, senders, uploads. Internal to flow.
 *
 * notice_ahead fetches what many items need in a few statements, so that what follows are writes
 * alone; an item that was not fetched ahead is fetched when it is looked at. */
#ifndef LICET_FLOW_NOTICE_KEPT_H
#define LICET_FLOW_NOTICE_KEPT_H

#include "flow/notice_inside.h"

struct kept_party {
    struct kept_party *next;
    struct party_id party;
    struct licence *licences;
    size_t count;
};
/* Where a party holds anything in a recording. */
struct kept_share {
    struct kept_share *next;
    struct party_id party;
    struct territory_set held;
    const char *text;
};
struct kept_recording {
    struct kept_recording *next;
    struct recording_id recording;
    struct claim *claims;
    size_t count;
    bool has_reference, has_release;
    struct instant released; /* with has_release */
    struct kept_share *shares;
};
struct kept_network {
    struct kept_network *next;
    struct network_id network;
    const char *closed;
    struct territory_set open;
};
struct kept_standing {
    struct kept_standing *next;
    struct sender_id sender;
    int low;
    struct caps caps;
    unsigned patterns;
};
struct kept_mandate {
    struct kept_mandate *next;
    struct sender_id sender;
    struct party_id party;
    bool has;
};
/* What else is known of a notice: who sends the same. */
struct kept_asks {
    struct kept_asks *next;
    struct notice_id notice;
    int64_t senders;
};
/* A request for an upload. */
struct asked {
    struct item_id item;
    enum item_state state;
    struct party_id party;
    struct sender_id sender;
};
struct kept_upload {
    struct kept_upload *next;
    struct upload_id upload;
    bool there;
    unsigned whole;          /* the round in which matches and requests were read; 0: never */
    struct upload u;         /* id, network, uploader, state, blob, lengths, times */
    struct party_id account; /* the party whose account the uploader's is */
    struct media_match *matches;
    struct asked *asked; /* those that are not turned down, in the order of their ids */
    size_t match_count, match_room, asked_count, asked_room;
};
/* Restricted by rule, and no person has looked: of one account, by one sender. */
struct kept_target {
    struct kept_target *next;
    struct sender_id sender;
    struct network_id network;
    const char *uploader;
    int64_t unseen;
};

/* Whom a principal's words mean; none: nobody the registry knows. */
struct kept_principal {
    struct kept_principal *next;
    const char *words;
    struct party_id party;
};

enum { KEPT_BUCKETS = 1024, KEPT_UPLOADS = 4096 };
struct notice_caches {
    unsigned round; /* from 1; what moves and clocks change is of one round */
    struct kept_party *parties[KEPT_BUCKETS];
    struct kept_recording *recordings[KEPT_BUCKETS];
    struct kept_network *networks[KEPT_BUCKETS];
    struct kept_standing *standings[KEPT_BUCKETS];
    struct kept_mandate *mandates[KEPT_BUCKETS];
    struct kept_asks *asks[KEPT_BUCKETS];
    struct kept_upload *uploads[KEPT_UPLOADS];
    struct kept_target *targets[KEPT_BUCKETS];
    struct kept_principal *principals[KEPT_BUCKETS];
};

static inline size_t kept_at(const uint8_t id[ID_BYTES])
{
    return (size_t)(id[15] | id[14] << 8) % KEPT_BUCKETS;
}
static inline size_t kept_upload_at(struct upload_id id)
{
    return (size_t)(id.bytes[15] | id.bytes[14] << 8) % KEPT_UPLOADS;
}
struct notice_caches *notice_caches(struct noticing *n);

/* notice_kept.c: rights and senders */
struct kept_principal **kept_principal_slot(struct noticing *n, struct str words);
MUST_USE enum code kept_recording(struct noticing *n, struct recording_id id,
                                  struct kept_recording **out, struct error *e);
MUST_USE enum code kept_party(struct noticing *n, struct party_id id, struct kept_party **out,
                              struct error *e);
MUST_USE enum code kept_network(struct noticing *n, struct network_id id, struct kept_network **out,
                                struct error *e);
const struct kept_share *kept_share(struct noticing *n, struct kept_recording *k,
                                    struct party_id party);
MUST_USE enum code kept_standing(struct noticing *n, const struct sender *s, struct party_id party,
                                 bool mandate, struct kept_standing **out, struct error *e);
MUST_USE enum code kept_mandate(struct noticing *n, const struct sender *s, const struct notice *x,
                                bool *has, struct error *e);

/* notice_ahead.c: uploads and targets */
MUST_USE enum code kept_upload(struct noticing *n, struct upload_id id, bool whole,
                               struct kept_upload **out, struct error *e);
MUST_USE enum code kept_target(struct noticing *n, const struct notice_item *item,
                               struct kept_target **out, struct error *e);
/* Uploads alone, of what was just sent in. */
MUST_USE enum code kept_uploads_ahead(struct noticing *n, const struct upload_id *ids, size_t count,
                                      bool whole, struct error *e);

#endif
