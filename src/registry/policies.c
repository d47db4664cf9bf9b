/* SPDX-License-Identifier: Apache-2.0 */
/* Holders' policies in the store. */
#include "registry/rows.h"

#define COLUMNS                                                                                    \
    "id, party, recording, version, action, conditions, territories, apps, from_us, until_us"

static enum code read_policy(const struct store_rows *r, struct arena *a, struct holder_policy *p,
                             struct error *e)
{
    *p = (struct holder_policy) { .version = store_int(r, 3) };
    store_id(r, 0, p->id.bytes);
    store_id(r, 1, p->party.bytes);
    store_id(r, 2, p->recording.bytes);
    p->from = store_instant(r, 8);
    p->until = store_instant(r, 9);
    struct str apps = store_bytes(r, 7);
    p->app_count = apps.length / ID_BYTES;
    if (p->app_count) {
        struct app_id *ids = ARENA_ARRAY(a, struct app_id, p->app_count);
        memcpy(ids, apps.at, p->app_count * ID_BYTES);
        p->apps = ids;
    }
    TRY(policy_action_parse(store_text(r, 4), &p->action, e));
    TRY(conditions_parse(store_text(r, 5), p->conditions, &p->condition_count, e));
    return territory_set_parse(store_text(r, 6), &p->territories, NULL, e);
}

void registry_policy_json(const struct holder_policy *p, struct json_out *o)
{
    ARENA(a);
    BUF(conditions);
    char id[ID_TEXT];
    conditions_format(p->conditions, p->condition_count, &conditions);
    json_begin(o, '{');
    json_text(o, "id", policy_id_format(p->id, id));
    json_text(o, "party", party_id_format(p->party, id));
    json_text(o, "recording",
              recording_id_is_none(p->recording) ? NULL : recording_id_format(p->recording, id));
    json_int(o, "version", p->version);
    json_text(o, "action", policy_action_word(p->action));
    json_str(o, "conditions", buf_as_str(&conditions));
    json_text(o, "territories", territory_set_text(&p->territories, &a));
    json_key(o, "apps");
    json_begin(o, '[');
    for (size_t i = 0; i < p->app_count; i++)
        json_put_text(o, app_id_format(p->apps[i], id));
    json_end(o, ']');
    json_instant(o, "from", p->from);
    json_instant(o, "until", p->until);
    json_end(o, '}');
}

static enum code by_id(struct store_tx *tx, struct party_id catalogue, struct policy_id id,
                       struct arena *a, struct holder_policy *out, bool *found, struct error *e)
{
    owned(store_rows) rows = NULL;
    TRY(store_one(tx,
                  "SELECT " COLUMNS " FROM registry_policies WHERE catalogue = $1 AND id = $2 AND "
                  "withdrawn = 0",
                  SQL(sql_id(catalogue), sql_id(id)), &rows, found, e));
    return *found ? read_policy(rows, a, out, e) : OK;
}

static enum code no_policy(struct policy_id id, struct error *e)
{
    char text[ID_TEXT];
    return fail(e, ERR_NOT_FOUND, "there is no policy %s", policy_id_format(id, text));
}

enum code registry_policy_get(struct store_tx *tx, struct party_id catalogue, struct policy_id id,
                              struct arena *a, struct holder_policy *out, struct error *e)
{
    bool found;
    TRY(by_id(tx, catalogue, id, a, out, &found, e));
    return found ? OK : no_policy(id, e);
}

enum code registry_policy_list(struct store_tx *tx, struct party_id catalogue,
                               struct party_id party, struct policy_id after, size_t limit,
                               struct arena *a, struct holder_policy **out, size_t *count,
                               struct error *e)
{
    owned(store_rows) rows = NULL;
    struct row_list list = { .arena = a, .size = sizeof(struct holder_policy) };
    bool more, all = party_id_is_none(party);
    const struct sql_value values[] = { sql_id(catalogue), sql_id(after), sql_int((int64_t)limit),
                                        sql_id(party) };
    TRY(store_query(tx,
                    all ? "SELECT " COLUMNS " FROM registry_policies WHERE catalogue = $1 AND "
                          "id > $2 AND withdrawn = 0 ORDER BY id LIMIT $3"
                        : "SELECT " COLUMNS " FROM registry_policies WHERE catalogue = $1 AND "
                          "id > $2 AND party = $4 AND withdrawn = 0 ORDER BY id LIMIT $3",
                    values, all ? 3 : 4, &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        TRY(read_policy(rows, a, row_list_add(&list), e));
    }
    *out = list.items;
    *count = list.count;
    return OK;
}

static enum code check_policy(const struct registry_act *act, const struct holder_policy *p,
                              struct error *e)
{
    ARENA(a);
    struct party party;
    struct recording recording;
    if (p->app_count > APPS_MOST)
        return fail(e, ERR_LIMIT, "a policy names at most %d apps", APPS_MOST);
    if (territory_set_is_empty(&p->territories))
        return fail(e, ERR_INVALID, "territories are missing");
    if (!instant_before(p->from, p->until))
        return fail(e, ERR_INVALID, "until is not after from");
    TRY(registry_party_get(act->tx, act->catalogue, p->party, &a, &party, e));
    return recording_id_is_none(p->recording)
               ? OK
               : registry_recording_get(act->tx, act->catalogue, p->recording, &a, &recording, e);
}

enum code registry_policy_put(const struct registry_act *act, struct holder_policy *p,
                              struct error *e)
{
    ARENA(a);
    BUF(before);
    BUF(after);
    BUF(conditions);
    char text[ID_TEXT];
    struct holder_policy new = *p, old;
    bool found = false;
    TRY(check_policy(act, &new, e));
    if (policy_id_is_none(new.id))
        new.id = policy_id_make(act->now, act->chance);
    else
        TRY(by_id(act->tx, act->catalogue, new.id, &a, &old, &found, e));
    if (found) {
        TRY(row_version("policy", old.version, p->version, e));
        struct json_out o = { &before, false };
        registry_policy_json(&old, &o);
    }
    new.version = found ? old.version + 1 : 1;
    conditions_format(new.conditions, new.condition_count, &conditions);
    TRY(store_run(
        act->tx,
        "INSERT INTO registry_policies (catalogue, " COLUMNS ", withdrawn) VALUES ($1, "
        "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0) ON CONFLICT (catalogue, id) DO "
        "UPDATE SET party = excluded.party, recording = excluded.recording, "
        "version = excluded.version, action = excluded.action, "
        "conditions = excluded.conditions, territories = excluded.territories, "
        "apps = excluded.apps, from_us = excluded.from_us, "
        "until_us = excluded.until_us, withdrawn = 0",
        SQL(sql_id(act->catalogue), sql_id(new.id), sql_id(new.party),
            sql_id_or_null(new.recording.bytes), sql_int(new.version),
            sql_text(policy_action_word(new.action)), sql_str(buf_as_str(&conditions)),
            sql_text(territory_set_text(&new.territories, &a)),
            sql_bytes(new.app_count ? (const void *)new.apps : "", new.app_count *ID_BYTES),
            sql_instant(new.from), sql_instant(new.until)),
        NULL, e));
    struct json_out o = { &after, false };
    registry_policy_json(&new, &o);
    TRY(registry_note(act, found ? "policy.changed" : "policy.added",
                      policy_id_format(new.id, text), &before, &after, e));
    p->id = new.id;
    p->version = new.version;
    return OK;
}

enum code registry_policy_withdraw(const struct registry_act *act, struct policy_id id,
                                   struct error *e)
{
    ARENA(a);
    BUF(before);
    char text[ID_TEXT];
    struct holder_policy old;
    bool found;
    TRY(by_id(act->tx, act->catalogue, id, &a, &old, &found, e));
    if (!found)
        return no_policy(id, e);
    TRY(store_run(act->tx,
                  "UPDATE registry_policies SET withdrawn = 1, version = version + 1 "
                  "WHERE catalogue = $1 AND id = $2",
                  SQL(sql_id(act->catalogue), sql_id(id)), NULL, e));
    struct json_out o = { &before, false };
    registry_policy_json(&old, &o);
    return registry_note(act, "policy.withdrawn", policy_id_format(id, text), &before, NULL, e);
}
