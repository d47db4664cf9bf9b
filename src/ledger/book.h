/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of statements and books share. Internal to ledger. */
#ifndef LICET_LEDGER_BOOK_H
#define LICET_LEDGER_BOOK_H

#include "ledger/statement.h"

enum { ACCOUNT_TEXT = 400 };

/* The name of an account: "%s" is the licensor. */
void book_account(const char *pattern, const char *licensor, char out[ACCOUNT_TEXT]);

#endif
