/* SPDX-License-Identifier: Apache-2.0 */
/* How a table of columns is written down. Internal to registry. */
#ifndef LICET_REGISTRY_COLUMNS_H
#define LICET_REGISTRY_COLUMNS_H

#include "registry/rows.h"

#define TEXTS 2000 /* most bytes of a title, a name, an artist */

#define AT(in, member) .name = #member, .at = offsetof(struct in, member)
#define OWN(in, word)                                                                              \
    {                                                                                              \
        AT(in, id), .type = COLUMN_ID, .flags = COLUMN_KEPT, .prefix = word                        \
    }
#define KNOWN(in)                                                                                  \
    { AT(in, version), .type = COLUMN_INT, .flags = COLUMN_KEPT },                                 \
    {                                                                                              \
        AT(in, known), .sql = "known_us", .type = COLUMN_INSTANT, .flags = COLUMN_KEPT             \
    }
#define ID(in, member, word)                                                                       \
    {                                                                                              \
        AT(in, member), .type = COLUMN_ID, .prefix = word                                          \
    }
#define ID_OR_NONE(in, member, word)                                                               \
    {                                                                                              \
        AT(in, member), .type = COLUMN_ID, .prefix = word, .flags = COLUMN_NONE_OK                 \
    }
#define TEXT(in, member)                                                                           \
    {                                                                                              \
        AT(in, member), .type = COLUMN_TEXT, .most = TEXTS                                         \
    }
#define TEXT_OR_NONE(in, member)                                                                   \
    {                                                                                              \
        AT(in, member), .type = COLUMN_TEXT, .most = TEXTS, .flags = COLUMN_NONE_OK                \
    }
#define INT(in, member, first, last)                                                               \
    {                                                                                              \
        AT(in, member), .type = COLUMN_INT, .least = first, .most = last                           \
    }
#define WORD(in, member, list, count)                                                              \
    {                                                                                              \
        AT(in, member), .type = COLUMN_WORD, .words = list, .most = count                          \
    }
#define SPAN(in)                                                                                   \
    { AT(in, from), .sql = "from_us", .type = COLUMN_INSTANT, .flags = COLUMN_FROM },              \
    {                                                                                              \
        AT(in, until), .sql = "until_us", .type = COLUMN_INSTANT, .flags = COLUMN_UNTIL            \
    }
#define IDS(in, member, counter, word, top)                                                        \
    {                                                                                              \
        AT(in, member), .count_at = offsetof(struct in, counter), .type = COLUMN_IDS,              \
                        .prefix = word, .most = top                                                \
    }

#define TABLE(thing_, in, sql_name, id_prefix, rows)                                               \
    .thing = thing_, .table = sql_name, .prefix = id_prefix, .size = sizeof(struct in),            \
    .id_at = offsetof(struct in, id), .version_at = offsetof(struct in, version),                  \
    .known_at = offsetof(struct in, known), .columns = rows, .column_count = COUNT_OF(rows),       \
    .withdrawn = "withdrawn"

/* errors  NOT_FOUND */
MUST_USE enum code record_is_there(const struct registry_act *act, const struct record_table *t,
                                   const uint8_t id[ID_BYTES], struct error *e);
MUST_USE enum code record_is_there_or_none(const struct registry_act *act,
                                           const struct record_table *t, const uint8_t id[ID_BYTES],
                                           struct error *e);

#endif
