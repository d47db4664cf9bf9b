/* SPDX-License-Identifier: Apache-2.0 */
/* Inside policy: what the rules share while one verdict is made. */
#ifndef LICET_POLICY_JUDGING_H
#define LICET_POLICY_JUDGING_H

#include "policy/policy.h"

/* What a party's licences in force cover. */
struct grant {
    unsigned full, clip; /* bits of uses; clip: only as a clip */
    const struct facts_licence *by_use[USE_COUNT];
    const struct facts_licence *longest_clip;
};

struct recording_state {
    const uint8_t *counts; /* per claim: in force, and not left out by first_filed */
    unsigned claimed;      /* bits of rights with a claim in force */
    int64_t sum_e8[RIGHT_COUNT];
};

struct judging {
    const struct facts *facts;
    struct arena *arena;
    const struct grant *grants;              /* [recording][party] */
    const struct recording_state *recording; /* per recording */
    struct reason *reasons;
    size_t count, room;
};

struct rule_row {
    const char *code;
    int group;
    void (*fire)(struct judging *j, enum rule rule, int argument);
    int argument;
    const char *sentence[LANGUAGE_COUNT];
};
extern const struct rule_row rule_rows[RULE_COUNT];

extern const unsigned right_uses[RIGHT_COUNT]; /* bits of uses that need the right */

static inline bool in_force(struct instant from, struct instant until, struct instant at)
{
    return from.us <= at.us && at.us < until.us;
}

/* Whether every condition holds for what was found of the recording. */
bool conditions_hold(const struct facts *f, const struct facts_recording *r,
                     const struct facts_policy *p);

#endif
