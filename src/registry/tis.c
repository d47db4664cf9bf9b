/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and dated groups of TIS.
 *
 * Members are the states themselves: territories of theirs that have a code of their own (GF, GP,
 * AX, ...) are not in a group by that. */
#include "registry/tis.h"

#include <limits.h>

enum { FIRST_GROUP = 2100, LAST_GROUP = 2136, WORLD = 2136 };

#define ROW(code, number) { TERRITORY_##code, number },
static const struct {
    uint8_t index;
    uint16_t number;
} countries[] = {
#include "registry/tis.def"
};
#undef ROW

/* ---- groups ---- */

enum group { GROUP_EU, GROUP_EEA, GROUP_CIS, GROUP_BENELUX, GROUP_COUNT };

static const struct {
    const char *word; /* that people write; NULL: the number only */
    uint16_t number;
    const char *name;
} groups[GROUP_COUNT] = {
    [GROUP_EU] = { "EU", 2123, "the European Union" },
    [GROUP_EEA] = { "EEA", 2121, "the European Economic Area" },
    [GROUP_CIS] = { "CIS", 2118, "the Commonwealth of Independent States" },
    [GROUP_BENELUX] = { "BENELUX", 2110, "Benelux" },
};

struct date {
    int16_t year;
    int8_t month, day;
};
#define ALWAYS                                                                                     \
    {                                                                                              \
        0, 0, 0                                                                                    \
    } /* as an end: it is a member still */

/* From the first day to the day before `until`. One country may come twice. */
#define EU(code, ...)                                                                              \
    {                                                                                              \
        GROUP_EU, TERRITORY_##code, { __VA_ARGS__ }, ALWAYS                                        \
    }
#define EEA(code, ...)                                                                             \
    {                                                                                              \
        GROUP_EEA, TERRITORY_##code, { __VA_ARGS__ }, ALWAYS                                       \
    }
#define CIS(code, ...)                                                                             \
    {                                                                                              \
        GROUP_CIS, TERRITORY_##code, { __VA_ARGS__ }, ALWAYS                                       \
    }
/* clang-format off */
static const struct {
    uint8_t group, index;
    struct date from, until;
} members[] = {
    /* of the treaties of Rome, and of what came after them */
    EU(BE, 1958, 1, 1), EU(DE, 1958, 1, 1), EU(FR, 1958, 1, 1), EU(IT, 1958, 1, 1),
    EU(LU, 1958, 1, 1), EU(NL, 1958, 1, 1), EU(DK, 1973, 1, 1), EU(IE, 1973, 1, 1),
    EU(GR, 1981, 1, 1), EU(ES, 1986, 1, 1), EU(PT, 1986, 1, 1), EU(AT, 1995, 1, 1),
    EU(FI, 1995, 1, 1), EU(SE, 1995, 1, 1), EU(CY, 2004, 5, 1), EU(CZ, 2004, 5, 1),
    EU(EE, 2004, 5, 1), EU(HU, 2004, 5, 1), EU(LT, 2004, 5, 1), EU(LV, 2004, 5, 1),
    EU(MT, 2004, 5, 1), EU(PL, 2004, 5, 1), EU(SI, 2004, 5, 1), EU(SK, 2004, 5, 1),
    EU(BG, 2007, 1, 1), EU(RO, 2007, 1, 1), EU(HR, 2013, 7, 1),
    { GROUP_EU, TERRITORY_GB, { 1973, 1, 1 }, { 2020, 2, 1 } },

    EEA(BE, 1994, 1, 1), EEA(DE, 1994, 1, 1), EEA(FR, 1994, 1, 1), EEA(IT, 1994, 1, 1),
    EEA(LU, 1994, 1, 1), EEA(NL, 1994, 1, 1), EEA(DK, 1994, 1, 1), EEA(IE, 1994, 1, 1),
    EEA(GR, 1994, 1, 1), EEA(ES, 1994, 1, 1), EEA(PT, 1994, 1, 1), EEA(AT, 1994, 1, 1),
    EEA(FI, 1994, 1, 1), EEA(SE, 1994, 1, 1), EEA(IS, 1994, 1, 1), EEA(NO, 1994, 1, 1),
    EEA(LI, 1995, 5, 1), EEA(CY, 2004, 5, 1), EEA(CZ, 2004, 5, 1), EEA(EE, 2004, 5, 1),
    EEA(HU, 2004, 5, 1), EEA(LT, 2004, 5, 1), EEA(LV, 2004, 5, 1), EEA(MT, 2004, 5, 1),
    EEA(PL, 2004, 5, 1), EEA(SI, 2004, 5, 1), EEA(SK, 2004, 5, 1), EEA(BG, 2007, 8, 1),
    EEA(RO, 2007, 8, 1), EEA(HR, 2014, 4, 12),
    { GROUP_EEA, TERRITORY_GB, { 1994, 1, 1 }, { 2020, 2, 1 } },

    CIS(BY, 1991, 12, 8), CIS(RU, 1991, 12, 8), CIS(AM, 1991, 12, 21), CIS(AZ, 1991, 12, 21),
    CIS(KG, 1991, 12, 21), CIS(KZ, 1991, 12, 21), CIS(MD, 1991, 12, 21), CIS(TJ, 1991, 12, 21),
    CIS(UZ, 1991, 12, 21),
    /* an associate since; Georgia left; Ukraine recalled its envoys */
    { GROUP_CIS, TERRITORY_TM, { 1991, 12, 21 }, { 2005, 8, 26 } },
    { GROUP_CIS, TERRITORY_GE, { 1993, 12, 3 }, { 2009, 8, 18 } },
    { GROUP_CIS, TERRITORY_UA, { 1991, 12, 8 }, { 2018, 5, 19 } },

    { GROUP_BENELUX, TERRITORY_BE, ALWAYS, ALWAYS },
    { GROUP_BENELUX, TERRITORY_LU, ALWAYS, ALWAYS },
    { GROUP_BENELUX, TERRITORY_NL, ALWAYS, ALWAYS },
};
/* clang-format on */

static int32_t number_of(struct date d, int32_t always)
{
    return d.year ? day_from_civil(d.year, d.month, d.day).number : always;
}

static void add_members(enum group g, struct day day, struct territory_set *set)
{
    for (size_t i = 0; i < COUNT_OF(members); i++)
        if (members[i].group == g && number_of(members[i].from, INT32_MIN) <= day.number &&
            day.number < number_of(members[i].until, INT32_MAX))
            territory_set_add(set, (struct territory) { members[i].index });
}

/* ---- codes ---- */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_word(struct str part, const char *word)
{
    size_t n = strlen(word), i = 0;
    while (part.length == n && i < n && upper(part.at[i]) == word[i])
        i++;
    return i == n;
}

/* 0: not a number of up to four digits */
static unsigned digits(struct str part)
{
    unsigned n = 0;
    if (part.length == 0 || part.length > 4)
        return 0;
    for (size_t i = 0; i < part.length; i++) {
        if (part.at[i] < '0' || part.at[i] > '9')
            return 0;
        n = 10 * n + (unsigned)(part.at[i] - '0');
    }
    return n;
}

enum tis_kind tis_find(struct str part, struct day day, struct territory_set *set,
                       const char **name)
{
    unsigned number = digits(part);
    *set = (struct territory_set) { { 0 } };
    *name = "a group of TIS whose members are not in the table here";
    if (number == WORLD || is_word(part, "2WL"))
        return TIS_WORLD;
    for (int g = 0; g < GROUP_COUNT; g++)
        if (number ? number == groups[g].number : is_word(part, groups[g].word)) {
            *name = groups[g].name;
            add_members((enum group)g, day, set);
            return TIS_GROUP;
        }
    if (number >= FIRST_GROUP && number <= LAST_GROUP)
        return TIS_UNKNOWN;
    for (size_t i = 0; number && i < COUNT_OF(countries); i++)
        if (countries[i].number == number) {
            territory_set_add(set, (struct territory) { countries[i].index });
            return TIS_COUNTRY;
        }
    return TIS_NONE;
}
