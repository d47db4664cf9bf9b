/* SPDX-License-Identifier: Apache-2.0 */
/* The door of mail: removal requests that come as messages, out of strangers' bytes.
 *
 * A message is read in a confined child (confine): MIME by GMime, ACNS and HTML by libxml2, a
 * label's plain words by label.c. What comes back is one JSON object, of which the program believes
 * no byte before desk's reader of notices has looked at it (docs/formats/mail.md):
 *
 *     {"format":"acns","message_id":"...","subject":"...","sent":"...","signed":false,
 *      "authenticated":["label.example"],"retraction":false,"notice":{...}}
 */
#ifndef LICET_MAIL_MAIL_H
#define LICET_MAIL_MAIL_H

#include "confine/confine.h"

enum { MAIL_BYTES_MOST = 32 << 20, MAIL_LINKS_MOST = 100000 };

/* The host of the confined readers; start it first thing, beside audio's. */
MUST_USE enum code mail_host_start(struct confine_host **out, struct error *e);

/* Read one message.
 *
 * in      authority  the name under which the operator's own mail server writes
 *                    Authentication-Results; "": no such line is believed
 * out     json       the object above
 * errors  INVALID    it is no notice, and why; LIMIT too large; BUSY the host is gone: try again
 * threads any number at once */
MUST_USE enum code mail_read(struct confine_host *h, struct str message, struct str authority,
                             struct buf *json, struct error *e);
/* The same in this process: for tests and fuzzing. */
MUST_USE enum code mail_read_here(struct str message, struct str authority, struct buf *json,
                                  struct error *e);

/* Does it begin as a message does (a header line), or as a mailbox of many ("From ")? */
bool mail_looks_like(struct str bytes);
bool mail_box_looks_like(struct str bytes);
/* The next message of an mbox; false at its end. Lines that were quoted with '>' are as they were,
 * in arena `a`. */
bool mail_box_next(struct str *box, struct arena *a, struct str *message);

#endif
