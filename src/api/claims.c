/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/claims: shares of recordings; ?recording= and ?party= narrow the list. */
#include "api/inside.h"

static enum code get(struct call *c, const uint8_t id[ID_BYTES], void *out, struct error *e)
{
    struct claim_id claim;
    memcpy(claim.bytes, id, ID_BYTES);
    return registry_claim_get(c->tx, c->catalogue, claim, c->a, out, e);
}

static enum code list(struct call *c, const uint8_t after[ID_BYTES], size_t limit, void **items,
                      size_t *count, struct error *e)
{
    struct claim_id from;
    struct recording_id recording = { 0 };
    struct party_id party = { 0 };
    struct claim *found = NULL;
    memcpy(from.bytes, after, ID_BYTES);
    if (http_query(c->r, "recording"))
        TRY(id_of_recording(c, str_of(http_query(c->r, "recording")), recording.bytes, e));
    if (http_query(c->r, "party"))
        TRY(id_of_party(c, str_of(http_query(c->r, "party")), party.bytes, e));
    TRY(registry_claim_list(c->tx, c->catalogue, recording, party, from, limit, c->a, &found, count,
                            e));
    *items = found;
    return OK;
}

static enum code read_body(struct call *c, const json_t *o, void *record, struct error *e)
{
    struct claim *claim = record;
    const char *right = NULL;
    if (claim->version == 0) {
        claim->share_e8 = -1;
        claim->territories = territory_set_world();
        claim->from = INSTANT_FIRST;
        claim->until = INSTANT_NEVER;
        claim->filed = c->r->at;
        claim->party = c->key->key.party;
    }
    TRY(field_id(c, o, "recording", id_of_recording, claim->recording.bytes, e));
    TRY(field_id(c, o, "party", id_of_party, claim->party.bytes, e));
    TRY(field_text(o, "right", c->a, &right, e));
    if (right)
        TRY(right_parse(str_of(right), &claim->right, e));
    TRY(field_int(o, "share_e8", 0, 100000000, &claim->share_e8, e));
    if (claim->share_e8 < 0)
        return fail(e, ERR_INVALID, "\"share_e8\" is missing");
    TRY(field_territories(o, "territories", &claim->territories, e));
    TRY(field_instant(o, "from", INSTANT_FIRST, &claim->from, e));
    return field_instant(o, "until", INSTANT_NEVER, &claim->until, e);
}

static enum code put(struct call *c, void *record, struct error *e)
{
    struct claim *claim = record;
    TRY(call_may_party(c, claim->party, e));
    return registry_claim_put(&c->change.act, claim, e);
}

static enum code withdraw(struct call *c, const uint8_t id[ID_BYTES], struct error *e)
{
    struct claim claim;
    TRY(get(c, id, &claim, e));
    TRY(call_may_party(c, claim.party, e));
    return registry_claim_withdraw(&c->change.act, claim.id, e);
}

static const char *id_text(const void *record, char out[ID_TEXT])
{
    return claim_id_format(((const struct claim *)record)->id, out);
}

static void json(const void *record, struct json_out *o)
{
    registry_claim_json(record, o);
}

static const char *const fields[] = { "recording",   "party", "right", "share_e8",
                                      "territories", "from",  "until", NULL };
static const char *const columns[] = { "id",       "recording",   "party", "right",
                                       "share_e8", "territories", "from",  "until",
                                       "filed",    "version",     NULL };
static const struct resource claims = {
    .path = "/api/v1/claims",
    .name = "claim",
    .size = sizeof(struct claim),
    .id_at = offsetof(struct claim, id),
    .version_at = offsetof(struct claim, version),
    .id_text = id_text,
    .fields = fields,
    .columns = columns,
    .read_id = id_of_claim,
    .get = get,
    .list = list,
    .read = read_body,
    .put = put,
    .withdraw = withdraw,
    .json = json,
};
RESOURCE_DO(list, claim, claims)
RESOURCE_DO(get, claim, claims)
RESOURCE_DO(create, claim, claims)
RESOURCE_DO(edit, claim, claims)
RESOURCE_DO(withdraw, claim, claims)
