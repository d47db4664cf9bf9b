/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/policies: what holders want done where a recording of theirs is found. */
#include "api/inside.h"

static enum code get(struct call *c, const uint8_t id[ID_BYTES], void *out, struct error *e)
{
    struct policy_id policy;
    memcpy(policy.bytes, id, ID_BYTES);
    return registry_policy_get(c->tx, c->catalogue, policy, c->a, out, e);
}

static enum code list(struct call *c, const uint8_t after[ID_BYTES], size_t limit, void **items,
                      size_t *count, struct error *e)
{
    struct policy_id from;
    struct party_id party = { 0 };
    struct holder_policy *found = NULL;
    memcpy(from.bytes, after, ID_BYTES);
    if (http_query(c->r, "party"))
        TRY(id_of_party(c, str_of(http_query(c->r, "party")), party.bytes, e));
    TRY(registry_policy_list(c->tx, c->catalogue, party, from, limit, c->a, &found, count, e));
    *items = found;
    return OK;
}

static enum code read_body(struct call *c, const json_t *o, void *record, struct error *e)
{
    struct holder_policy *p = record;
    const char *action = NULL, *conditions = NULL;
    const uint8_t(*apps)[ID_BYTES] = NULL;
    if (p->version == 0) {
        p->territories = territory_set_world();
        p->from = INSTANT_FIRST;
        p->until = INSTANT_NEVER;
        p->party = c->key->key.party;
        action = "";
    }
    TRY(field_id(c, o, "party", id_of_party, p->party.bytes, e));
    TRY(field_id(c, o, "recording", id_of_recording, p->recording.bytes, e));
    TRY(field_text(o, "action", c->a, &action, e));
    if (action)
        TRY(policy_action_parse(str_of(action), &p->action, e));
    TRY(field_text(o, "conditions", c->a, &conditions, e));
    if (conditions)
        TRY(conditions_parse(str_of(conditions), p->conditions, &p->condition_count, e));
    TRY(field_territories(o, "territories", &p->territories, e));
    TRY(field_ids(c, o, "apps", APPS_MOST, id_of_app, &apps, &p->app_count, e));
    if (apps)
        p->apps = (const struct app_id *)(const void *)apps;
    TRY(field_instant(o, "from", INSTANT_FIRST, &p->from, e));
    return field_instant(o, "until", INSTANT_NEVER, &p->until, e);
}

static enum code put(struct call *c, void *record, struct error *e)
{
    struct holder_policy *p = record;
    TRY(call_may_party(c, p->party, e));
    return registry_policy_put(&c->change.act, p, e);
}

static enum code withdraw(struct call *c, const uint8_t id[ID_BYTES], struct error *e)
{
    struct holder_policy p;
    TRY(get(c, id, &p, e));
    TRY(call_may_party(c, p.party, e));
    return registry_policy_withdraw(&c->change.act, p.id, e);
}

static const char *id_text(const void *record, char out[ID_TEXT])
{
    return policy_id_format(((const struct holder_policy *)record)->id, out);
}

static void json(const void *record, struct json_out *o)
{
    registry_policy_json(record, o);
}

static const char *const fields[] = { "party", "recording", "action", "conditions", "territories",
                                      "apps",  "from",      "until",  NULL };
static const char *const columns[] = { "id",         "party",       "recording", "action",
                                       "conditions", "territories", "apps",      "from",
                                       "until",      "version",     NULL };
static const struct resource policies = {
    .path = "/api/v1/policies",
    .name = "policy",
    .size = sizeof(struct holder_policy),
    .id_at = offsetof(struct holder_policy, id),
    .version_at = offsetof(struct holder_policy, version),
    .id_text = id_text,
    .fields = fields,
    .columns = columns,
    .read_id = id_of_policy,
    .get = get,
    .list = list,
    .read = read_body,
    .put = put,
    .withdraw = withdraw,
    .json = json,
};
RESOURCE_DO(list, policy, policies)
RESOURCE_DO(get, policy, policies)
RESOURCE_DO(create, policy, policies)
RESOURCE_DO(edit, policy, policies)
RESOURCE_DO(withdraw, policy, policies)
