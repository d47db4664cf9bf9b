/* SPDX-License-Identifier: Apache-2.0 */
/* What the desk's files of api share: a notice and an item as JSON. */
#ifndef LICET_API_DESK_H
#define LICET_API_DESK_H

#include "api/inside.h"
#include "desk/desk.h"

void api_item_json(const struct notice_item *i, struct json_out *o);
/* Of an open object. */
void api_notice_members(const struct notice *n, struct json_out *o);

#endif
