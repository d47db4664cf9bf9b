/* SPDX-License-Identifier: Apache-2.0 */
/* Free text for the public: without what tells a person. Pure.
 *
 * Taken out: mailboxes, telephone numbers, numbers of documents, accounts and machines, what stands
 * behind "Address:", "Name:", "Phone:" and their like, streets, signatures, and the names given. What
 * is in doubt is taken out: the original is sealed, and whoever may see it sees all of it. */
#ifndef LICET_DESK_REDACT_H
#define LICET_DESK_REDACT_H

#include "base/base.h"

/* `names`: of people who are known to be in it, each NULL, "" or a name. */
void redact(struct str text, const char *const *names, size_t name_count, struct buf *out);

#endif
