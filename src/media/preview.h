/* SPDX-License-Identifier: Apache-2.0 */
/* Which seconds of a piece are its preview. Pure. */
#ifndef LICET_MEDIA_PREVIEW_H
#define LICET_MEDIA_PREVIEW_H

#include "audio/audio.h"

/* Which rule chose, strongest first. */
#define PREVIEW_RULES(ROW)                                                                         \
    ROW(PREVIEW_NONE, "none")               /* nothing to choose from */                           \
    ROW(PREVIEW_INSTRUCTION, "instruction") /* the holder's, by DDEX */                            \
    ROW(PREVIEW_CHOSEN, "chosen")           /* by a person at the console */                       \
    ROW(PREVIEW_TELLING, "telling")         /* loud, and heard again elsewhere in the piece */     \
    ROW(PREVIEW_THIRD, "third")             /* nothing stands out: one third in */                 \
    ROW(PREVIEW_WHOLE, "whole")             /* the piece is not longer than a preview */

#define MEMBER(name, word) name,
enum preview_rule { PREVIEW_RULES(MEMBER) PREVIEW_RULE_COUNT };
#undef MEMBER
const char *preview_rule_word(enum preview_rule r);
MUST_USE enum code preview_rule_parse(struct str text, enum preview_rule *out, struct error *e);

struct media_preview {
    int64_t start_ms, length_ms;
    enum preview_rule rule;
};

struct preview_span {
    bool given;
    int64_t start_ms, length_ms; /* length 0: the usual */
};

/* Instruction, else choice, else the most telling seconds: the window with the greatest mean of
 * loudness (over 3 s, as EBU R 128's short term) times likeness (of pitch classes to other places
 * of the piece), the first 15 s and the last 20 s left out, its start moved to an onset.
 *
 * in      curve  may be empty, then one third in is taken
 *         length_ms  how long a preview is here: 30000 */
struct media_preview media_preview_choose(const struct audio_curve *curve, int64_t duration_ms,
                                          int64_t length_ms, struct preview_span instruction,
                                          struct preview_span chosen);

#endif
