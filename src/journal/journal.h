/* SPDX-License-Identifier: Apache-2.0 */
/* journal: who did what, and why: append-only, and an outsider can check that it was.
 *
 * Events are the leaves of a Merkle tree (RFC 9162, section 2.1; SHA-256). Each keeps its leaf
 * hash and the root of the tree that ends with it; one row keeps the tree's right edge, so that an
 * event costs log(size) hashes. A head (size and root), signed and kept elsewhere, shows even that
 * a whole database was put back. docs/formats/journal.md has the bytes. */
#ifndef LICET_JOURNAL_JOURNAL_H
#define LICET_JOURNAL_JOURNAL_H

#include "store/store.h"

enum {
    JOURNAL_HASH = 32,
    JOURNAL_KEY = 32,            /* ed25519 public key */
    JOURNAL_SECRET = 64,         /* ed25519 secret key, as libsodium keeps it */
    JOURNAL_SIGNATURE = 64,      /* ed25519 */
    JOURNAL_TEXT_MOST = 1 << 20, /* bytes of one text of an event */
    JOURNAL_LIST_MOST = 1000,    /* events of one page */
    JOURNAL_PATH_MOST = 64       /* hashes of a proof */
};

struct journal_entry {
    struct str who;           /* "usr_...", "key_...", "system" */
    struct str what;          /* "claim.put": room or thing, dot, verb */
    struct str subject;       /* id of what it was done to */
    struct str before, after; /* JSON, or empty */
    struct str why;           /* a sentence, a document, or empty */
    struct instant when;
};

struct journal_event {
    int64_t seq; /* from 1, without gaps */
    struct journal_entry entry;
    uint8_t leaf[JOURNAL_HASH], root[JOURNAL_HASH];
};

/* The tree after `size` events. */
struct journal_head {
    int64_t size;
    uint8_t root[JOURNAL_HASH];
};

/* Add an event inside the caller's transaction: an act and its record are committed together, or
 * neither is. On PostgreSQL, appenders wait for each other from here to their commit: append last.
 *
 * errors  LIMIT a text is over JOURNAL_TEXT_MOST; CORRUPT the head is damaged; those of the store */
MUST_USE enum code journal_append(struct store_tx *tx, const struct journal_entry *entry,
                                  struct error *e);

/* Several, in their order: the same events and hashes as one by one, with the head read and written
 * once. */
MUST_USE enum code journal_append_all(struct store_tx *tx, const struct journal_entry *entries,
                                      size_t count, struct error *e);

MUST_USE enum code journal_head(struct store_tx *tx, struct journal_head *out, struct error *e);

/* Events after number `after`, oldest first; with a subject only those of it.
 *
 * in   subject  empty: all;  limit  1 to JOURNAL_LIST_MOST
 * out  events   in arena `a`, count of them */
MUST_USE enum code journal_list(struct store_tx *tx, int64_t after, struct str subject,
                                size_t limit, struct arena *a, struct journal_event **events,
                                size_t *count, struct error *e);

/* --- checking --- */

enum journal_fault {
    JOURNAL_WHOLE,
    JOURNAL_CHANGED,  /* a byte of the event, its leaf or its root is not what was written */
    JOURNAL_MISSING,  /* there are later ones, or the head knows of it */
    JOURNAL_MOVED,    /* it stands at a place that is not its own */
    JOURNAL_ADDED,    /* the head does not know of it */
    JOURNAL_HEAD,     /* the head row is damaged or gone */
    JOURNAL_REWRITTEN /* whole in itself, and yet not what a known head says */
};

struct journal_report {
    enum journal_fault fault;
    int64_t checked, seq; /* seq: the first event at fault, 0 when none */
    struct journal_head head;
};

struct journal_watch {
    void (*step)(void *state, int64_t done, int64_t of); /* after each page */
    void *state;
};

/* Compute every leaf and root again and compare.
 *
 * in      known   heads exported before (may be NULL, 0): the journal has to continue them
 *         watch   may be NULL
 * out     report  filled also when the answer is CORRUPT
 * errors  CORRUPT the first event at fault; the text names it */
MUST_USE enum code journal_verify(struct store_tx *tx, const struct journal_head *known,
                                  size_t known_count, const struct journal_watch *watch,
                                  struct journal_report *report, struct error *e);
const char *journal_fault_word(enum journal_fault fault);

/* --- heads to give away --- */

/* A head as text, signed:
 *     licet journal head
 *     size 123
 *     root 64 hex digits
 *     at 2026-11-23T10:00:00Z
 *     signature 128 hex digits */
MUST_USE enum code journal_head_write(const struct journal_head *head, struct instant at,
                                      const uint8_t secret[JOURNAL_SECRET], struct buf *out,
                                      struct error *e);

/* errors  INVALID not of that form; CORRUPT the signature is not of `key` */
MUST_USE enum code journal_head_read(struct str text, const uint8_t key[JOURNAL_KEY],
                                     struct journal_head *head, struct instant *at,
                                     struct error *e);

/* --- proofs: RFC 9162, 2.1.3 and 2.1.4 --- */

struct journal_proof {
    size_t count;
    uint8_t path[JOURNAL_PATH_MOST][JOURNAL_HASH];
};

/* That event `seq` is in the tree of `size`; that the tree of `before` is the beginning of the tree
 * of `size`. The first reads the roots of tiles and the leaves of one, the second all leaves.
 * errors  NOT_FOUND no such event or size */
MUST_USE enum code journal_prove(struct store_tx *tx, int64_t seq, int64_t size,
                                 struct journal_proof *out, struct error *e);
/* Many at once: the roots are read and hashed one time. `out` has `count` proofs. */
MUST_USE enum code journal_prove_all(struct store_tx *tx, const int64_t *seqs, size_t count,
                                     int64_t size, struct journal_proof *out, struct error *e);
MUST_USE enum code journal_prove_growth(struct store_tx *tx, int64_t before, int64_t size,
                                        struct journal_proof *out, struct error *e);

/* The other side of it: pure, needs no database. */
void journal_leaf(int64_t seq, const struct journal_entry *entry, uint8_t leaf[JOURNAL_HASH]);
bool journal_proves(const struct journal_proof *proof, int64_t seq,
                    const uint8_t leaf[JOURNAL_HASH], const struct journal_head *head);
bool journal_proves_growth(const struct journal_proof *proof, const struct journal_head *before,
                           const struct journal_head *head);

#endif
