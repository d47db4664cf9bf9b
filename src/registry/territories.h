/* SPDX-License-Identifier: Apache-2.0 */
/* Territories: the countries of ISO 3166-1, and sets of them written as contracts write them.
 *
 * A set is 256 bits over the countries of this program's table (territories.def). Stored and sent
 * it is always text, so that a later table changes no record. */
#ifndef LICET_REGISTRY_TERRITORIES_H
#define LICET_REGISTRY_TERRITORIES_H

#include "base/base.h"

#define ROW(code, english, russian) TERRITORY_##code,
enum territory_index {
#include "registry/territories.def"
    TERRITORY_COUNT
};
#undef ROW
_Static_assert(TERRITORY_COUNT <= 255, "a set has 256 bits and one index is kept for unknown");

struct territory {
    uint8_t index; /* enum territory_index */
};
#define TERRITORY_UNKNOWN ((struct territory) { 255 })

struct territory_set {
    uint64_t bits[4];
};

/* Two capital or small letters of ISO 3166-1, or XK.
 * errors  INVALID not a current code; for UK, SU, YU, AN and their like the text says what was
 *         meant */
MUST_USE enum code territory_parse(struct str text, struct territory *out, struct error *e);
const char *territory_code(struct territory t);    /* "DE"; "" for unknown */
const char *territory_english(struct territory t); /* "Germany" */
const char *territory_russian(struct territory t); /* "Германия" */

static inline bool territory_is_known(struct territory t)
{
    return t.index < TERRITORY_COUNT;
}
static inline bool territory_equal(struct territory a, struct territory b)
{
    return a.index == b.index;
}
static inline bool territory_set_has(const struct territory_set *s, struct territory t)
{
    return s->bits[t.index >> 6] >> (t.index & 63) & 1;
}
void territory_set_add(struct territory_set *s, struct territory t);
void territory_set_remove(struct territory_set *s, struct territory t);
struct territory_set territory_set_world(void);
bool territory_set_is_empty(const struct territory_set *s);
bool territory_set_equal(const struct territory_set *a, const struct territory_set *b);
bool territory_set_meet(const struct territory_set *a, const struct territory_set *b);
int territory_set_count(const struct territory_set *s);

/* What looks like a slip but may be meant: told beside the result, never instead of it. */
enum { TERRITORY_WARNINGS_MOST = 8 };
struct territory_warnings {
    size_t count; /* of those kept; further ones are dropped */
    char texts[TERRITORY_WARNINGS_MOST][120];
};

/* A set as contracts write it, applied from left to right: "Worldwide", "DE,FR",
 * "Worldwide -US +CA", "EU -DE". Parts stand apart by blanks, commas or semicolons; "World" is
 * Worldwide. Beside the codes of ISO 3166-1 those of TIS are read: numbers of countries ("276"), the
 * world (2136, 2WL), and groups, EU, EEA, CIS and BENELUX (2123, 2121, 2118, 2110), whose members
 * depend on the day: "EU@2019-12-31" has GB. A group without a day is of `day`, or as it is now.
 *
 * in      text      at most 4,096 bytes
 * out     warnings  may be NULL: NE without NL, GE without DE, AU among Austria's neighbours,
 *                   an exclusion or inclusion that changes nothing, a group as it is now
 * errors  INVALID   no part; not a code; an exclusion first; nothing is left; a group of TIS whose
 *                   members are not in the table
 * source  reference of DDEX allowed values (TerritoryCode, ExcludedTerritoryCode) */
MUST_USE enum code territory_set_parse(struct str text, struct territory_set *out,
                                       struct territory_warnings *warnings, struct error *e);

MUST_USE enum code territory_set_parse_on(struct str text, struct day day,
                                          struct territory_set *out,
                                          struct territory_warnings *warnings, struct error *e);

/* The one way a set is written: "Worldwide"; up to half of the world as "DE,FR"; more than that as
 * "Worldwide -DE -FR"; codes in their order; an empty set is the empty text. */
void territory_set_format(const struct territory_set *s, struct buf *out);
const char *territory_set_text(const struct territory_set *s, struct arena *a);

#endif
