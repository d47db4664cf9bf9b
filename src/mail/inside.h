/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of mail share. */
#ifndef LICET_MAIL_INSIDE_H
#define LICET_MAIL_INSIDE_H

#include "mail/mail.h"

enum { MAIL_TEXT_MOST = 8 << 20, FIELD_MOST = 1000 };

/* A message taken apart: texts in UTF-8. */
struct letter_parts {
    struct str from, name, subject, message_id, sent;
    struct buf plain, html, xml; /* of all parts; html as text; xml: the first part that is XML */
    struct str domains[8];       /* whose signature the operator's server found good */
    size_t domain_count;
    bool is_signed, encrypted;
};
MUST_USE enum code parts_read(struct str message, struct str authority, struct arena *a,
                              struct letter_parts *out, struct error *e);
void parts_done(struct letter_parts *p);
void parts_warm(void);

/* html.c: what a reader would see, a line for each block; links of the page beside their words. */
void html_to_text(struct str html, struct buf *out);

/* What was found of a notice, whichever grammar found it. */
struct found_item {
    struct str location, title, artist, isrc;
};
struct found_notice {
    const char *format; /* "acns", "label" */
    struct str name, principal, key;
    unsigned says; /* 1 << enum said */
    bool retraction;
    struct found_item *items;
    size_t count, room;
};
MUST_USE enum code found_add(struct found_notice *n, struct arena *a, const struct found_item *item,
                             struct error *e);

/* Sentences that the law asks for, and how a regime is told: by phrases (says.c). */
#define SAYINGS(ROW)                                                                               \
    ROW(SAYS_SIGNATURE, "signature")                                                               \
    ROW(SAYS_EXPLANATION, "explanation")                                                           \
    ROW(SAYS_ADDRESS, "address")                                                                   \
    ROW(SAYS_PHONE, "phone")                                                                       \
    ROW(SAYS_GOOD_FAITH, "good_faith")                                                             \
    ROW(SAYS_ACCURACY, "accuracy")                                                                 \
    ROW(SAYS_AUTHORITY, "authority_perjury")                                                       \
    ROW(SAYS_NO_PERMISSION, "no_permission")                                                       \
    ROW(SAYS_IDENTITY, "identity")                                                                 \
    ROW(SAYS_PROOF_OF_RIGHT, "proof_of_right")                                                     \
    ROW(SAYS_POWER, "power_of_attorney")
#define MEMBER(name, word) name,
enum said { SAYINGS(MEMBER) SAID_COUNT };
#undef MEMBER
const char *said_word(enum said s);
unsigned says_in(struct str text);
const char *regime_in(struct str text); /* word of a regime; "dmca" where nothing tells */
const char *language_in(struct str text);

/* acns.c. *found false: the text holds no Infringement.
 * errors  INVALID it holds one that cannot be read */
MUST_USE enum code acns_read(struct str text, bool whole, struct arena *a, struct found_notice *out,
                             bool *found, struct error *e);
/* label.c: lines of words and links; `own` is the sender's domain, whose links are no items. */
MUST_USE enum code label_read(struct str text, struct str own, struct arena *a,
                              struct found_notice *out, struct error *e);

#endif
