/* SPDX-License-Identifier: Apache-2.0 */
/* access: networks and their rules, apps, keys, people, and what each of them may do.
 *
 * put   works inside the caller's transaction and appends to the journal there. A record without
 *       id is found by its slug, or else it is new: a script may run twice. A version other than
 *       0 must be the one that is there. A put that changes nothing writes nothing. id and version
 *       are written back.
 *       errors  INVALID a field is out of form, the text names it; CONFLICT it was changed
 *               meanwhile, or its slug is taken; NOT_FOUND what it names is not there
 * get   errors NOT_FOUND; texts in arena `a`
 * list  those behind `after` (zeros: from the first) in the order of their ids, at most `limit`
 *       (up to ACCESS_LIST_MOST); more follow where *count == limit
 */
#ifndef LICET_ACCESS_ACCESS_H
#define LICET_ACCESS_ACCESS_H

#include "journal/journal.h"
#include "store/store.h"

enum {
    ACCESS_LIST_MOST = 10000,
    ACCESS_MASTER = 32,   /* bytes of the master key, kept outside the database */
    ACCESS_KEY_TEXT = 80, /* lk_<26 base32 digits>_<48 hex digits> and NUL */
    ACCESS_TOKEN_TEXT = 72
};

/* Who changes what, why and when: one per request or command. */
struct access_act {
    struct store_tx *tx;
    struct str who, why;
    struct instant now;
    const struct chance *chance;
};

/* --- networks --- */

/* A rule is a word; NULL or "" stands for the first one, the strictest. */
struct network {
    struct network_id id;
    int64_t version;
    const char *slug, *name;
    const char *unlicensed; /* deny, preview, full: a share without a licence */
    const char *unmatched;  /* hold, preview, full: heard, and nothing matched */
    const char *conflict;   /* hold, most_restrictive, first_filed, scale, pay_undisputed */
    const char *unheard;    /* deny, preview, full: not heard yet */
    const char *suspended;  /* deny, preview, full: uploads of a suspended person */
    const char *closed;     /* territories in which it is closed, "" for none: "RU BY" */
};

MUST_USE enum code access_network_put(const struct access_act *act, struct network *n,
                                      struct error *e);
MUST_USE enum code access_network_get(struct store_tx *tx, struct network_id id, struct arena *a,
                                      struct network *out, struct error *e);
MUST_USE enum code access_network_find(struct store_tx *tx, struct str slug, struct arena *a,
                                       struct network *out, struct error *e);
MUST_USE enum code access_network_list(struct store_tx *tx, struct network_id after, size_t limit,
                                       struct arena *a, struct network **out, size_t *count,
                                       struct error *e);

/* --- apps --- */

struct app {
    struct app_id id;
    struct network_id network;
    int64_t version;
    const char *slug, *name, *contact; /* contact: of the developer */
    const char *model;                 /* free (NULL, ""), subscription: how its listeners pay */
    int64_t clip_seconds;              /* 0: no limit */
    bool download, offline, suspended;
};

MUST_USE enum code access_app_put(const struct access_act *act, struct app *p, struct error *e);
MUST_USE enum code access_app_get(struct store_tx *tx, struct app_id id, struct arena *a,
                                  struct app *out, struct error *e);
MUST_USE enum code access_app_find(struct store_tx *tx, struct network_id network, struct str slug,
                                   struct arena *a, struct app *out, struct error *e);
/* network none: of every network */
MUST_USE enum code access_app_list(struct store_tx *tx, struct network_id network,
                                   struct app_id after, size_t limit, struct arena *a,
                                   struct app **out, size_t *count, struct error *e);

/* --- what may be done --- */

#define SCOPES(ROW)                                                                                \
    ROW(SCOPE_DECIDE, "decide")       /* ask for verdicts and explanations */                      \
    ROW(SCOPE_PLAY, "play")           /* links to music, reports of plays */                       \
    ROW(SCOPE_UPLOAD, "upload")       /* put in users' files, look at them */                      \
    ROW(SCOPE_READ, "read")           /* look at catalogue, networks, licences */                  \
    ROW(SCOPE_CATALOGUE, "catalogue") /* deliver recordings, references, claims, policies */       \
    ROW(SCOPE_LICENCE, "licence")     /* offer and agree licences */                               \
    ROW(SCOPE_DESK, "desk")           /* notices and what follows from them */                     \
    ROW(SCOPE_LEDGER, "ledger")       /* plays and statements */                                   \
    ROW(SCOPE_ACCESS, "access")       /* networks, apps, keys, people */                           \
    ROW(SCOPE_JOURNAL, "journal")     /* read and check the journal */

enum {
#define ROW(name, word) name##_AT,
    SCOPES(ROW)
#undef ROW
        SCOPE_COUNT
};
enum scope {
#define ROW(name, word) name = 1 << name##_AT,
    SCOPES(ROW)
#undef ROW
        SCOPES_ALL = (1 << SCOPE_COUNT) - 1
};

/* Words between commas or blanks; "all" is every one. */
MUST_USE enum code access_scopes_parse(struct str text, unsigned *out, struct error *e);
void access_scopes_format(unsigned scopes, struct buf *out);

#define ROLES(ROW)                                                                                 \
    ROW(ROLE_ADMIN, "admin", SCOPES_ALL)                                                           \
    ROW(ROLE_OPERATOR, "operator", SCOPES_ALL & ~SCOPE_ACCESS)                                     \
    ROW(ROLE_MODERATOR, "moderator", SCOPE_READ | SCOPE_DECIDE | SCOPE_DESK | SCOPE_JOURNAL)       \
    ROW(ROLE_HOLDER, "holder", SCOPE_READ | SCOPE_CATALOGUE)                                       \
    ROW(ROLE_FINANCE, "finance", SCOPE_READ | SCOPE_LICENCE | SCOPE_LEDGER)                        \
    ROW(ROLE_AUDITOR, "auditor", SCOPE_READ | SCOPE_LEDGER | SCOPE_JOURNAL)                        \
    ROW(ROLE_DEVELOPER, "developer", SCOPE_DECIDE | SCOPE_PLAY)                                    \
    ROW(ROLE_UPLOADER, "uploader", 0)

enum role {
#define ROW(name, word, scopes) name,
    ROLES(ROW)
#undef ROW
        ROLE_COUNT
};

const char *access_role_word(enum role r);
MUST_USE enum code access_role_parse(struct str text, enum role *out, struct error *e);
unsigned access_role_scopes(enum role r);

/* --- app keys --- */

/* The secret is BLAKE2b(master key, id, app, generation): nothing in the database gives it away. */
struct app_key {
    struct app_key_id id;
    int64_t version;
    struct network_id network; /* none: of every network (a key of the operator or a holder) */
    struct app_id app;         /* none where there is no network */
    struct party_id party;     /* a holder's key acts for this party; none: for nobody */
    const char *name;
    unsigned scopes;
    int64_t generation; /* from 1; the next one makes the secret before it worthless */
    bool revoked;
    struct instant made, until; /* until INSTANT_NEVER: has no end */
};

/* A new key; its text is written once, here. */
MUST_USE enum code access_key_make(const struct access_act *act,
                                   const uint8_t master[ACCESS_MASTER], struct app_key *k,
                                   char text[ACCESS_KEY_TEXT], struct error *e);
/* Change name, scopes, party, revoked, until of the key `id`. */
MUST_USE enum code access_key_put(const struct access_act *act, struct app_key *k, struct error *e);
/* A new secret; the old one stops at once. */
MUST_USE enum code access_key_renew(const struct access_act *act,
                                    const uint8_t master[ACCESS_MASTER], struct app_key_id id,
                                    char text[ACCESS_KEY_TEXT], struct error *e);
MUST_USE enum code access_key_get(struct store_tx *tx, struct app_key_id id, struct arena *a,
                                  struct app_key *out, struct error *e);
/* app none: every key */
MUST_USE enum code access_key_list(struct store_tx *tx, struct app_id app, struct app_key_id after,
                                   size_t limit, struct arena *a, struct app_key **out,
                                   size_t *count, struct error *e);

/* What a caller showed -> the key, whose scopes are the caller's to look at.
 * errors  UNKNOWN_KEY not a key, not ours, revoked or over: the text tells the last two */
MUST_USE enum code access_key_check(struct store_tx *tx, const uint8_t master[ACCESS_MASTER],
                                    struct str text, struct instant now, struct arena *a,
                                    struct app_key *out, struct error *e);

/* The same in two pure steps, for keys kept in memory. Time does not depend on the secret. */
MUST_USE enum code access_key_read(struct str text, struct app_key_id *id, struct error *e);
MUST_USE enum code access_key_admit(const struct app_key *k, const uint8_t master[ACCESS_MASTER],
                                    struct str text, struct instant now, struct error *e);
/* The key's text computed again. */
void access_key_text(const struct app_key *k, const uint8_t master[ACCESS_MASTER],
                     char text[ACCESS_KEY_TEXT]);

/* --- people --- */

struct user {
    struct user_id id;
    struct network_id network; /* none: of the installation; else an uploader of that network */
    int64_t version;
    const char *slug; /* what they are called where they log in, or the network's id of them */
    const char *name;
    enum role role;
    struct party_id party; /* for whom a holder acts */
    bool suspended, has_password;
    struct instant made;
};

MUST_USE enum code access_user_put(const struct access_act *act, struct user *u, struct error *e);
MUST_USE enum code access_user_get(struct store_tx *tx, struct network_id network,
                                   struct user_id id, struct arena *a, struct user *out,
                                   struct error *e);
MUST_USE enum code access_user_find(struct store_tx *tx, struct network_id network, struct str slug,
                                    struct arena *a, struct user *out, struct error *e);
MUST_USE enum code access_user_list(struct store_tx *tx, struct network_id network,
                                    struct user_id after, size_t limit, struct arena *a,
                                    struct user **out, size_t *count, struct error *e);

/* errors  INVALID shorter than 10 characters, longer than 1000 bytes; NOT_FOUND */
MUST_USE enum code access_password_put(const struct access_act *act, struct network_id network,
                                       struct user_id id, struct str password, struct error *e);
/* Takes as long for a person who is not there as for a wrong password (argon2id, 19 MiB, 2 rounds).
 * errors  UNKNOWN_KEY; DENIED the person is suspended */
MUST_USE enum code access_password_check(struct store_tx *tx, struct network_id network,
                                         struct str slug, struct str password, struct arena *a,
                                         struct user *out, struct error *e);

/* A link that logs a person in once; a session that a browser holds. `text` goes to the person,
 * the database keeps its hash. */
enum access_token { ACCESS_LINK, ACCESS_SESSION };

MUST_USE enum code access_token_make(const struct access_act *act, enum access_token kind,
                                     const struct user *u, struct instant until,
                                     char text[ACCESS_TOKEN_TEXT], struct error *e);
/* A link is used up by it.
 * errors  UNKNOWN_KEY never given out, used or over; DENIED the person is suspended */
MUST_USE enum code access_token_check(const struct access_act *act, enum access_token kind,
                                      struct str text, struct arena *a, struct user *out,
                                      struct error *e);
/* Log out; and drop what is over. */
MUST_USE enum code access_token_end(const struct access_act *act, struct str text, struct error *e);

/* Canonical JSON objects, the same in the journal and on the API. No secret is in them. */
void access_network_json(const struct network *n, struct json_out *o);
void access_app_json(const struct app *p, struct json_out *o);
void access_key_json(const struct app_key *k, struct json_out *o);
void access_user_json(const struct user *u, struct json_out *o);

#endif
