/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of proposals, strictest first. */
#include "desk/propose.h"

enum { STANDING_FOR_RULE = 700 };

typedef bool fires(const struct item_facts *f);

static bool sender_suspended(const struct item_facts *f)
{
    return f->suspended && !f->order;
}
static bool not_ours(const struct item_facts *f)
{
    return !f->ours;
}
static bool gone(const struct item_facts *f)
{
    return f->gone;
}
static bool duplicate(const struct item_facts *f)
{
    return f->duplicate;
}
static bool removed_before(const struct item_facts *f)
{
    return f->restricted_already;
}
static bool ordered(const struct item_facts *f)
{
    return f->order;
}
static bool own(const struct item_facts *f)
{
    return f->own_content;
}
static bool abused(const struct item_facts *f)
{
    return f->patterns != 0;
}
static bool not_in_item(const struct item_facts *f)
{
    return f->is_upload && f->heard && f->work_known && !f->work_in_item;
}
static bool licensed(const struct item_facts *f)
{
    return f->work_in_item && f->licensed;
}
static bool elsewhere(const struct item_facts *f)
{
    return f->work_in_item && !f->territory_met;
}
static bool exception(const struct item_facts *f)
{
    return f->exception_before;
}
static bool no_mandate(const struct item_facts *f)
{
    return !f->mandate;
}
static bool capped(const struct item_facts *f)
{
    return f->over_cap;
}
static bool proven(const struct item_facts *f)
{
    return f->verified && f->is_upload && f->heard && f->work_in_item &&
           f->p_false_e12 <= P_FALSE_MOST_E12 &&
           (f->trusted || f->standing_low >= STANDING_FOR_RULE);
}
static bool always(const struct item_facts *f)
{
    (void)f;
    return true;
}

static const struct {
    fires *fires;
    enum proposal_kind kind;
    enum reason_code reason;
    const char *rule;
} rules[] = {
    { sender_suspended, PROPOSE_DECLINE, REASON_SENDER_SUSPENDED, "sender_suspended" },
    { not_ours, PROPOSE_DECLINE, REASON_WRONG_LOCATION, "not_hosted_here" },
    { gone, PROPOSE_DECLINE, REASON_ALREADY_GONE, "gone" },
    { duplicate, PROPOSE_DECLINE, REASON_DUPLICATE, "duplicate" },
    { removed_before, PROPOSE_DECLINE, REASON_ALREADY_GONE, "restricted_before" },
    { ordered, PROPOSE_PERSON, REASON_ORDER, "order" },
    { own, PROPOSE_DECLINE, REASON_OWN_CONTENT, "own_content" },
    { not_in_item, PROPOSE_DECLINE, REASON_NOT_IN_ITEM, "work_not_in_item" },
    { abused, PROPOSE_PERSON, REASON_ABUSIVE, "abuse_pattern" },
    { licensed, PROPOSE_DECLINE, REASON_LICENSED, "licensed" },
    { elsewhere, PROPOSE_DECLINE, REASON_TERRITORY, "territory" },
    { exception, PROPOSE_PERSON, REASON_EXCEPTION, "exception_before" },
    { no_mandate, PROPOSE_PERSON, REASON_NO_MANDATE, "no_mandate" },
    { capped, PROPOSE_PERSON, REASON_REVIEWED, "blast_radius" },
    { proven, PROPOSE_RESTRICT, REASON_MATCH, "verified_and_matched" },
    { always, PROPOSE_PERSON, REASON_REVIEWED, "person" },
};

struct proposal item_propose(const struct item_facts *f)
{
    size_t i = 0;
    while (!rules[i].fires(f))
        i++;
    return (struct proposal) { rules[i].kind, rules[i].reason, rules[i].rule };
}

enum item_class item_class_of(const struct item_facts *f)
{
    if (f->order)
        return CLASS_ORDER;
    if (f->trusted)
        return CLASS_TRUSTED;
    if (f->verified)
        return CLASS_VERIFIED;
    return f->standing_low >= 500 ? CLASS_KNOWN : CLASS_NEW;
}
