/* SPDX-License-Identifier: Apache-2.0 */
/* A statement with all that its reports show. */
#include "flow/world.h"

/* A recording that is gone is shown by its id alone. */
static enum code recording(void *ctx, struct recording_id id, struct recording *out,
                           struct error *e)
{
    struct flow_report *x = ctx;
    struct error gone = { 0 };
    enum code code = registry_recording_get(x->tx, x->catalogue, id, x->a, out, &gone);
    if (code == ERR_NOT_FOUND) {
        *out = (struct recording) { .id = id, .title = "", .artist = "" };
        return OK;
    }
    return code == OK ? OK : fail(e, code, "%s", gone.text);
}

static enum code party_of(struct flow_report *x, struct party_id id, struct party *out,
                          struct error *e)
{
    if (!party_id_is_none(id))
        return registry_party_get(x->tx, x->catalogue, id, x->a, out, e);
    *out = (struct party) { .slug = "nobody", .name = "Nobody" };
    return OK;
}

enum code flow_report_open(struct store_tx *tx, struct party_id catalogue, struct statement_id id,
                           struct instant now, struct arena *a, struct flow_report *out,
                           struct error *e)
{
    struct deal d;
    struct deal_offer v;
    struct party licensor, platform;
    struct statement_line *lines;
    size_t count;
    *out = (struct flow_report) { .tx = tx, .catalogue = catalogue, .a = a };
    struct statement *s = &out->statement;
    TRY(ledger_statement_get(tx, catalogue, id, a, s, e));
    TRY(deal_get(tx, catalogue, s->deal, now, a, &d, e));
    TRY(deal_offer_get(tx, catalogue, s->deal, d.agreed, a, &v, e));
    TRY(party_of(out, s->licensor, &licensor, e));
    TRY(registry_party_get(tx, catalogue, catalogue, a, &platform, e));
    TRY(ledger_statement_lines(tx, catalogue, s, a, &lines, &count, e));
    out->in = (struct report_input) { .statement = s,
                                      .lines = lines,
                                      .count = count,
                                      .terms = str_of(v.terms),
                                      .deal = d.name,
                                      .licensor = licensor.slug,
                                      .licensor_name = licensor.name,
                                      .platform = platform.slug,
                                      .platform_name = platform.name,
                                      .licensor_dpid = licensor.dpid,
                                      .platform_dpid = platform.dpid,
                                      .ctx = out,
                                      .recording = recording };
    return OK;
}
