/* SPDX-License-Identifier: Apache-2.0 */
/* TIS: numbers of countries, and groups of countries whose members change with time. Inside
 * registry; others write these codes in lists of territories (territories.h). */
#ifndef LICET_REGISTRY_TIS_H
#define LICET_REGISTRY_TIS_H

#include "registry/territories.h"

enum tis_kind {
    TIS_NONE,    /* not a code of TIS */
    TIS_COUNTRY, /* one country */
    TIS_WORLD,
    TIS_GROUP,   /* its members on a day are in the table */
    TIS_UNKNOWN, /* a group of TIS whose members are not */
};

/* What `part` is: "276", "2123", "2WL", "EU", "EEA", "CIS".
 * in   day  of a GROUP: whose members; of before its first there are none
 * out  set  of COUNTRY and GROUP;  name  of GROUP and UNKNOWN: in words */
enum tis_kind tis_find(struct str part, struct day day, struct territory_set *set,
                       const char **name);

/* After every change in the table: the members as they are now. */
#define TIS_PRESENT ((struct day) { INT32_MAX - 1 })

#endif
