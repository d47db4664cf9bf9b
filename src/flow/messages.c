/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: what a label's ERN says becomes records, in one transaction for each. */
#include "access/access.h"
#include "flow/world.h"

enum { APPS_A_PAGE = 500, APPS_EVER = 10000 };

enum code messages_all_apps(void *context, struct store_tx *tx, struct arena *a,
                            const struct app_id **apps, size_t *count, struct error *e)
{
    struct app_id after = { { 0 } }, *ids = ARENA_ARRAY(a, struct app_id, APPS_EVER);
    size_t n = 0;
    (void)context;
    for (size_t got = APPS_A_PAGE; got == APPS_A_PAGE && n + APPS_A_PAGE <= APPS_EVER;) {
        struct app *page;
        TRY(access_app_list(tx, (struct network_id) { { 0 } }, after, APPS_A_PAGE, a, &page, &got,
                            e));
        for (size_t i = 0; i < got; i++)
            ids[n++] = after = page[i].id;
    }
    *apps = ids;
    *count = n;
    return OK;
}

enum code messages_options(const struct world *w, const struct message_request *r,
                           struct ern_options *out, struct error *e)
{
    *out = (struct ern_options) { .host = w->messages,
                                  .holder = r->holder,
                                  .file = r->file,
                                  .context = r->context,
                                  .all_apps = messages_all_apps,
                                  .change = r->change };
    if (!w->messages)
        return fail(e, ERR_INVALID, "messages are not read here");
    return ern_limits_from(w->settings, &out->limits, e);
}

enum code flow_message(struct world *w, int fd, const struct message_request *r, struct arena *a,
                       struct ern_report *report, struct error *e)
{
    CHANGE(c);
    struct ern_options o;
    TRY(messages_options(w, r, &o, e));
    TRY(flow_change_begin(w, r->who, r->why, &c, e));
    TRY(ern_import(&c.act, fd, &o, a, report, e));
    if (r->dry_run)
        return OK;
    return flow_change_commit(&c, e);
}
