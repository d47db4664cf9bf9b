/* SPDX-License-Identifier: Apache-2.0 */
/* Publish, accept, look up. */
#include "flow/agreement.h"

#include "flow/notice_inside.h"

enum code flow_agreement_publish(struct world *w, struct str who, struct str body,
                                 struct agreement *out, struct error *e)
{
    NOTICING(n);
    TRY(flow_noticing_begin(w, who, &n, e));
    TRY(desk_agreement_publish(&n.act, body, out, e));
    out->body = NULL;
    return flow_noticing_commit(&n, e);
}

static enum code network_of(struct noticing *n, struct str name, struct network_id *out,
                            struct error *e)
{
    struct network row;
    if (str_starts(name, "net_"))
        TRY(network_id_parse(name, out, e));
    TRY(str_starts(name, "net_") ? access_network_get(n->act.tx, *out, &n->arena, &row, e)
                                 : access_network_find(n->act.tx, name, &n->arena, &row, e));
    *out = row.id;
    return OK;
}

static enum code in_force(struct store_tx *tx, struct instant now, struct arena *a,
                          struct agreement *out, struct error *e)
{
    bool found;
    TRY(desk_agreement_at(tx, now, a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "no user agreement has been published");
}

enum code flow_agreement_accept(struct world *w, struct str who, struct str network,
                                struct str uploader, int64_t *version, bool *fresh, struct error *e)
{
    NOTICING(n);
    struct network_id id = { { 0 } };
    struct agreement now;
    TRY(flow_noticing_begin(w, who, &n, e));
    TRY(network_of(&n, network, &id, e));
    if (*version == 0) {
        TRY(in_force(n.act.tx, n.act.now, &n.arena, &now, e));
        *version = now.version;
    }
    TRY(desk_agreement_accept(&n.act, id, uploader, *version, fresh, e));
    return flow_noticing_commit(&n, e);
}

enum code flow_agreement_get(struct world *w, int64_t version, struct arena *a,
                             struct agreement *out, struct error *e)
{
    TX(tx);
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    return version ? desk_agreement_get(tx, version, a, out, e)
                   : in_force(tx, world_now(w), a, out, e);
}

enum code flow_agreement_words(struct store_tx *tx, struct instant at, struct arena *a,
                               const char **out, struct error *e)
{
    struct agreement t;
    bool found;
    char day[INSTANT_TEXT], hash[65];
    *out = "";
    TRY(desk_agreement_at(tx, at, a, &t, &found, e));
    if (!found)
        return OK;
    hex_encode(t.hash, sizeof t.hash, hash);
    *out = arena_format(a, "version %lld of %s (sha256 %s)", (long long)t.version,
                        day_format(day_of(t.at), day), hash);
    return OK;
}
