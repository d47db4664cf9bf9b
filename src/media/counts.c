/* SPDX-License-Identifier: Apache-2.0 */
/* How much there is. */
#include "media/media.h"

enum code media_count(struct store_tx *tx, int64_t *uploads, int64_t *verdicts, struct error *e)
{
    owned(store_rows) rows = NULL;
    bool found;
    TRY(store_one(tx, "SELECT (SELECT count(*) FROM uploads), (SELECT count(*) FROM verdicts)",
                  SQL_NONE, &rows, &found, e));
    *uploads = store_int(rows, 0);
    *verdicts = store_int(rows, 1);
    return OK;
}
