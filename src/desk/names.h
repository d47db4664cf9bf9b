/* SPDX-License-Identifier: Apache-2.0 */
/* Names as strangers write them: what cannot be seen is taken out, and what only looks the same is
 * known. Pure; ICU (Unicode Technical Standard 39). */
#ifndef LICET_DESK_NAMES_H
#define LICET_DESK_NAMES_H

#include "base/base.h"

/* NFC, without control and format characters (zero width, bidi, tags), blanks as one. What is plain
 * already is borrowed, anything else in arena `a`.
 * in   text  UTF-8 */
struct str name_clean(struct str text, struct arena *a);
/* Do two names look alike, whatever letters they are written in? Case and blanks do not matter. */
bool name_looks_like(struct str one, struct str other);
/* It has letters that look like those of another script, or something that is not seen. */
bool name_is_tricky(struct str text);
/* A domain with its labels as people see them ("xn--..." read), as a skeleton. */
void domain_skeleton(struct str domain, struct buf *out);

#endif
