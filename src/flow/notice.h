/* SPDX-License-Identifier: Apache-2.0 */
/* Notice: a removal request from its receipt to its answer. Part of flow's door.
 *
 * Receipts are given when the notice is durable: many that come at once share one commit. The
 * machine's look (flow_notice_work) and the clocks (flow_notice_tick) are called by whoever runs in
 * the background; each is a transaction that does all or nothing. */
#ifndef LICET_FLOW_NOTICE_H
#define LICET_FLOW_NOTICE_H

#include "desk/desk.h"

struct world;

/* A transaction of the desk. NOTICING(x); is rolled back on every way out unless committed. */
struct noticing {
    struct world *world;
    struct arena arena;
    struct desk_act act;
    struct notice_caches *caches;
};
MUST_USE enum code flow_noticing_begin(struct world *w, struct str who, struct noticing *out,
                                       struct error *e);
/* The same, by a person: the journal, which outsiders see parts of, has a pseudonym of the name. Who it
 * is stands in the records (`person` of decisions), and whoever knows a name finds its events. */
MUST_USE enum code flow_noticing_begin_by(struct world *w, struct str person, struct noticing *out,
                                          struct error *e);
enum { PSEUDONYM_TEXT = 32 };
/* "person_" and 20 hex digits, of the name and this folder's own key */
const char *flow_person(const struct world *w, struct str name, char out[PSEUDONYM_TEXT]);
MUST_USE enum code flow_noticing_commit(struct noticing *n, struct error *e);
void flow_noticing_done(struct noticing *n);
#define NOTICING(name) __attribute__((cleanup(flow_noticing_done))) struct noticing name = { 0 }

/* Receive notices, all in one commit. Each on its own: codes[i] and errors[i] tell; texts of out[i]
 * in arena `a`. errors  what stops everything: IO, BUSY; then none is received */
MUST_USE enum code flow_notice_receive(struct world *w, struct str who,
                                       const struct notice_draft *drafts, size_t count,
                                       struct arena *a, struct received *out, enum code *codes,
                                       struct error *errors, struct error *e);
/* The same for one, from many threads: those that wait together are committed together. */
MUST_USE enum code flow_notice_receive_shared(struct world *w, struct str who,
                                              const struct notice_draft *draft, struct arena *a,
                                              struct received *out, struct error *e);
/* A message (docs/formats/mail.md), read in a child of `host`: mail_host_start.
 * errors  INVALID it is no notice; DENIED a retraction by whoever; NOT_FOUND of what never came */
struct mailed {
    struct received received;
    size_t items;
    bool retraction; /* the notice was withdrawn by it */
};
struct confine_host;
MUST_USE enum code flow_notice_mail(struct world *w, struct confine_host *host, struct str message,
                                    struct arena *a, struct mailed *out, struct error *e);
MUST_USE enum code flow_notice_confirm(struct world *w, struct str notice, struct str secret,
                                       struct error *e);
/* What was sent first, unsealed: a look that is logged with its reason.
 * errors  INVALID no reason */
MUST_USE enum code flow_notice_original(struct world *w, struct str notice, struct str who,
                                        struct str why, struct buf *out, struct error *e);
/* The sender's own page: the secret of its link (64 digits and NUL), and what comes by it.
 * errors  DENIED the link is not its own */
void flow_notice_link(const struct world *w, struct notice_id id, char out[65]);
MUST_USE enum code flow_notice_by_link(const struct world *w, struct str notice, struct str link,
                                       struct notice_id *out, struct error *e);
MUST_USE enum code flow_notice_complete(struct world *w, struct str notice, unsigned elements,
                                        struct str raw, struct str who, struct error *e);

/* The machine looks at up to `most` open items; *count: how many it moved. */
MUST_USE enum code flow_notice_work(struct world *w, size_t most, size_t *count, struct error *e);
MUST_USE enum code flow_notice_tick(struct world *w, size_t most, size_t *count, struct error *e);
/* Both, when there is something to do: for the threads of a server. */
MUST_USE enum code flow_notice_once(struct world *w, bool *did, struct error *e);
/* The same inside a transaction that is open. */
MUST_USE enum code flow_notice_look(struct noticing *n, struct notice_item *item, struct error *e);

struct item_act {
    struct str item;   /* itm_... */
    struct str event;  /* word of a move: claim, restrict, decline, approve, ... */
    struct str reason; /* "" : reviewed, or what the machine proposed */
    struct str person; /* who does it */
    struct str why;    /* their words; kept in the journal */
};
MUST_USE enum code flow_notice_act(struct world *w, const struct item_act *x, struct arena *a,
                                   struct notice_item *out, struct error *e);

/* One act on many items: each claimed, then decided. With preview nothing is kept. */
struct bulk_act {
    struct str event, reason, person, why;
    const struct str *items;
    size_t count;
    bool preview;
    struct error *errors; /* of each item: why it was refused, else no words; NULL: nobody asks */
};
struct bulk_done {
    char id[ID_TEXT]; /* for undo, within a day; "" in a preview, or when nothing was moved */
    size_t moved, refused;
};
enum { BULK_MOST = 10000 };
MUST_USE enum code flow_notice_bulk(struct world *w, const struct bulk_act *x,
                                    struct bulk_done *out, struct error *e);
MUST_USE enum code flow_notice_undo(struct world *w, struct str bulk, struct str person,
                                    struct bulk_done *out, struct error *e);

/* By the uploader or the sender of an item. */
MUST_USE enum code flow_notice_counter(struct world *w, struct str item,
                                       const struct counter_draft *d, struct error *e);
MUST_USE enum code flow_notice_complain(struct world *w, struct str item, enum actor by,
                                        struct str text, struct error *e);
MUST_USE enum code flow_notice_withdraw(struct world *w, struct str notice, struct str person,
                                        struct error *e);

/* How a sender is known: proofs are added, a party or a trusted flagger's status is set. */
struct sender_change {
    struct str mailbox, name;
    unsigned proofs;        /* added */
    struct str party;       /* slug; "" : as it is */
    struct str mandate;     /* slug of a party they may act for; "" : none new */
    struct str document;    /* of the mandate */
    int trusted, suspended; /* 0, 1; -1: as it is */
    struct str why;
};
MUST_USE enum code flow_sender_put(struct world *w, struct str who, const struct sender_change *c,
                                   struct sender_id *out, struct error *e);

/* ---- simulate: a made-up platform with requests of known truth ---- */

struct simulate_options {
    uint64_t seed;
    size_t requests, declined; /* items; how many of them are to be turned down */
    void (*step)(void *state, int64_t done, int64_t of); /* may be NULL */
    void *state;
};
struct simulated {
    size_t notices, requests, accepted, turned_down, restored;
    size_t wrong; /* outcomes that are not what the request was made as */
    size_t by_reason[REASON_COUNT];
    double made_seconds, replay_seconds; /* uploads placed; requests replayed */
};
/* Into a world without records whose clock is *clock: the same seed gives the same journal.
 * errors  CONFLICT the world has records */
MUST_USE enum code flow_simulate(struct world *w, const struct simulate_options *o,
                                 struct instant *clock, struct simulated *out, struct error *e);

#endif
