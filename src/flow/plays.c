/* SPDX-License-Identifier: Apache-2.0 */
/* Plays are counted: each against the verdict that allowed it, once. */
#include <sodium.h>

#include "flow/world.h"

enum { EARLY_US = 60 * 1000000, AHEAD_US = 300 * 1000000, NAME_MOST = 200 };
static const int64_t played_most_ms = INT64_C(24) * 3600 * 1000;

/* The app's own name for a play, made an id: the same name is the same play. */
static struct play_id id_of_name(struct app_id app, struct str name)
{
    struct play_id id;
    crypto_generichash_state s;
    crypto_generichash_init(&s, NULL, 0, ID_BYTES);
    crypto_generichash_update(&s, app.bytes, ID_BYTES);
    crypto_generichash_update(&s, (const uint8_t *)name.at, name.length);
    crypto_generichash_final(&s, id.bytes, ID_BYTES);
    return id;
}

static enum code check(const struct play_told *t, const struct plays_from *from,
                       const struct media_verdict *v, struct instant now, struct error *e)
{
    if (t->name.length == 0 || t->name.length > NAME_MOST || !str_is_utf8(t->name))
        return fail(e, ERR_INVALID, "\"id\" must have 1 to %d bytes of text", NAME_MOST);
    if (t->played_ms < 0 || t->played_ms > played_most_ms)
        return fail(e, ERR_INVALID, "\"played_ms\" must be between 0 and a day");
    if ((!network_id_is_none(from->network) && !network_id_equal(from->network, v->network)) ||
        (!app_id_is_none(from->app) && !app_id_equal(from->app, v->app)))
        return fail(e, ERR_DENIED, "the verdict was given to another app");
    if (strcmp(v->mode, "deny") == 0)
        return fail(e, ERR_CONFLICT, "the verdict did not allow it");
    if (t->at.us < v->given.us - EARLY_US)
        return fail(e, ERR_INVALID, "\"at\" is before the verdict was given");
    if (t->at.us > now.us + AHEAD_US)
        return fail(e, ERR_INVALID, "\"at\" is still to come");
    return OK;
}

static enum code count_one(struct store_tx *tx, const struct plays_from *from,
                           const struct play_told *t, struct instant now, struct play_counted *out,
                           struct error *e)
{
    ARENA(a);
    struct media_verdict v;
    struct verdict_id id;
    struct facts facts;
    TRY(verdict_id_parse(t->verdict, &id, e));
    TRY(media_verdict_get(tx, id, &a, &v, e));
    TRY(check(t, from, &v, now, e));
    TRY(policy_facts_read(str_of(v.facts), &a, &facts, e));
    struct play p = { .id = id_of_name(v.app, t->name),
                      .network = v.network,
                      .app = v.app,
                      .verdict = v.id,
                      .upload = v.upload,
                      .recording = v.recording,
                      .use = use_word(facts.asked.use),
                      .model = model_word(facts.asked.model),
                      .mode = v.mode,
                      .played_ms = t->played_ms,
                      .at = t->at,
                      .counted = now };
    memcpy(p.territory, v.territory, sizeof p.territory);
    out->id = p.id;
    TRY(ledger_play_put(tx, &p, &out->outcome, e));
    if (out->outcome == PLAY_DIFFERENT)
        return fail(e, ERR_CONFLICT, "another play was counted under this id");
    return OK;
}

/* What is wrong with one play concerns no other; what is wrong with the store concerns all. */
static bool is_of_one(enum code code)
{
    return code == ERR_INVALID || code == ERR_NOT_FOUND || code == ERR_CONFLICT ||
           code == ERR_DENIED;
}

enum code flow_plays(struct world *w, const struct plays_from *from, const struct play_told *told,
                     size_t count, struct play_counted *out, struct error *e)
{
    TX(tx);
    struct instant now = world_now(w);
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct play_counted) { 0 };
        out[i].code = count_one(tx, from, &told[i], now, &out[i], &out[i].error);
        if (out[i].code != OK && !is_of_one(out[i].code))
            return fail(e, out[i].code, "%s", out[i].error.text);
    }
    return store_commit_take(take(tx), e);
}
