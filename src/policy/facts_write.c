/* SPDX-License-Identifier: Apache-2.0 */
/* Facts as canonical JSON: every member always there, in one order. */
#include "policy/policy.h"

/* an id, or null for none */
#define PUT_ID(o, name, thing, value)                                                              \
    do {                                                                                           \
        char put_id_text_[ID_TEXT];                                                                \
        json_text(o, name,                                                                         \
                  thing##_id_is_none(value) ? NULL : thing##_id_format(value, put_id_text_));      \
    } while (0)

static void put_bits(struct json_out *o, const char *name, unsigned uses)
{
    json_key(o, name);
    json_begin(o, '[');
    for (int u = 0; u < USE_COUNT; u++)
        if (uses >> u & 1)
            json_put_text(o, use_word((enum use)u));
    json_end(o, ']');
}

static void put_asked(struct json_out *o, const struct question *q)
{
    json_key(o, "asked");
    json_begin(o, '{');
    PUT_ID(o, "upload", upload, q->upload);
    PUT_ID(o, "recording", recording, q->recording);
    PUT_ID(o, "network", network, q->network);
    PUT_ID(o, "app", app, q->app);
    json_text(o, "territory",
              territory_is_known(q->territory) ? territory_code(q->territory) : NULL);
    json_text(o, "use", use_word(q->use));
    json_text(o, "model", model_word(q->model));
    json_instant(o, "at", q->at);
    json_end(o, '}');
}

static void put_network(struct json_out *o, const struct facts_network *n)
{
    json_key(o, "network");
    json_begin(o, '{');
    json_bool(o, "known", n->known);
    json_int(o, "version", n->version);
    json_text(o, "name", n->name);
    json_bool(o, "closed", n->closed);
    json_text(o, "unlicensed", unlicensed_rule_word(n->rules.unlicensed));
    json_text(o, "unmatched", unmatched_rule_word(n->rules.unmatched));
    json_text(o, "conflict", conflict_rule_word(n->rules.conflict));
    json_text(o, "unheard", unheard_rule_word(n->rules.unheard));
    json_text(o, "suspended", unheard_rule_word(n->rules.suspended));
    json_end(o, '}');
}

static void put_app(struct json_out *o, const struct facts_app *a)
{
    json_key(o, "app");
    json_begin(o, '{');
    json_bool(o, "known", a->known);
    json_int(o, "version", a->version);
    json_text(o, "name", a->name);
    json_bool(o, "suspended", a->suspended);
    json_int(o, "clip_seconds", a->clip_seconds);
    json_bool(o, "download", a->download);
    json_bool(o, "offline", a->offline);
    json_end(o, '}');
}

static void put_upload(struct json_out *o, const struct facts_upload *u)
{
    json_key(o, "upload");
    json_begin(o, '{');
    json_int(o, "version", u->version);
    json_text(o, "hearing", hearing_word(u->hearing));
    json_bool(o, "uploader_suspended", u->uploader_suspended);
    json_text(o, "restriction", restriction_word(u->restriction));
    PUT_ID(o, "item", item, u->item);
    json_int(o, "item_version", u->item_version);
    json_instant(o, "restricted_until",
                 u->restricted_until.us ? u->restricted_until : INSTANT_NEVER);
    json_int(o, "duration_ms", u->duration_ms);
    json_int(o, "preview_start_ms", u->preview_start_ms);
    json_int(o, "preview_length_ms", u->preview_length_ms);
    json_end(o, '}');
}

static void put_span(struct json_out *o, struct instant from, struct instant until)
{
    json_instant(o, "from", from);
    json_instant(o, "until", until);
}

static void put_order(struct json_out *o, const struct facts_order *r)
{
    json_begin(o, '{');
    PUT_ID(o, "id", order, r->id);
    json_int(o, "version", r->version);
    json_text(o, "title", r->title);
    put_span(o, r->from, r->until);
    json_end(o, '}');
}

static void put_policy(struct json_out *o, const struct facts_policy *p)
{
    BUF(conditions);
    conditions_format(p->conditions, p->condition_count, &conditions);
    json_begin(o, '{');
    PUT_ID(o, "id", policy, p->id);
    json_int(o, "version", p->version);
    PUT_ID(o, "recording", recording, p->recording);
    json_text(o, "action", policy_action_word(p->action));
    json_str(o, "conditions", buf_as_str(&conditions));
    put_span(o, p->from, p->until);
    json_end(o, '}');
}

static void put_licence(struct json_out *o, const struct facts_licence *l)
{
    json_begin(o, '{');
    PUT_ID(o, "id", licence, l->id);
    json_int(o, "version", l->version);
    json_text(o, "name", l->name);
    put_bits(o, "uses", l->uses);
    json_int(o, "clip_seconds", l->clip_seconds);
    if (!recording_id_is_none(l->recording))
        PUT_ID(o, "recording", recording, l->recording);
    put_span(o, l->from, l->until);
    json_end(o, '}');
}

static void put_party(struct json_out *o, const struct facts_party *p)
{
    json_begin(o, '{');
    PUT_ID(o, "id", party, p->id);
    json_int(o, "version", p->version);
    json_text(o, "name", p->name);
    json_key(o, "policies");
    json_begin(o, '[');
    for (size_t i = 0; i < p->policy_count; i++)
        put_policy(o, &p->policies[i]);
    json_end(o, ']');
    json_key(o, "licences");
    json_begin(o, '[');
    for (size_t i = 0; i < p->licence_count; i++)
        put_licence(o, &p->licences[i]);
    json_end(o, ']');
    json_end(o, '}');
}

static void put_claim(struct json_out *o, const struct facts_claim *c)
{
    json_begin(o, '{');
    PUT_ID(o, "id", claim, c->id);
    json_int(o, "version", c->version);
    json_int(o, "party", c->party);
    json_text(o, "right", right_word(c->right));
    json_int(o, "share_e8", c->share_e8);
    put_span(o, c->from, c->until);
    json_instant(o, "filed", c->filed);
    json_end(o, '}');
}

static void put_spans(struct json_out *o, const struct facts_recording *r)
{
    if (!r->span_count)
        return;
    json_key(o, "reference_spans");
    json_begin(o, '[');
    for (size_t i = 0; i < r->span_count; i++) {
        json_begin(o, '{');
        json_int(o, "from_ms", r->spans[i].from_ms);
        json_int(o, "until_ms", r->spans[i].until_ms);
        json_end(o, '}');
    }
    json_end(o, ']');
}

static void put_recording(struct json_out *o, const struct facts_recording *r)
{
    json_begin(o, '{');
    PUT_ID(o, "id", recording, r->id);
    json_int(o, "version", r->version);
    json_text(o, "isrc", r->isrc);
    json_text(o, "title", r->title);
    json_text(o, "artist", r->artist);
    PUT_ID(o, "reference", reference, r->reference);
    json_int(o, "matched_ms", r->matched_ms);
    json_int(o, "reference_matched_ms", r->reference_matched_ms);
    json_int(o, "reference_ms", r->reference_ms);
    put_spans(o, r);
    json_key(o, "claims");
    json_begin(o, '[');
    for (size_t i = 0; i < r->claim_count; i++)
        put_claim(o, &r->claims[i]);
    json_end(o, ']');
    json_end(o, '}');
}

static void put_leave(struct json_out *o, const struct facts_leave *l)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "kind", leave_kind_word(l->kind));
    PUT_ID(o, "party", party, l->party);
    PUT_ID(o, "recording", recording, l->recording);
    json_text(o, "id", id_format("lve", l->id, id));
    json_int(o, "version", l->version);
    json_text(o, "exception", exception_kind_word(l->exception));
    put_span(o, l->from, l->until);
    json_end(o, '}');
}

/* Facts without them have no such member: so were those written before there were any. */
static void put_leaves(struct json_out *o, const struct facts *f)
{
    if (!f->leave_count)
        return;
    json_key(o, "leaves");
    json_begin(o, '[');
    for (size_t i = 0; i < f->leave_count; i++)
        put_leave(o, &f->leaves[i]);
    json_end(o, ']');
}

void policy_facts_write(const struct facts *f, struct buf *out)
{
    struct json_out o = { out, false };
    json_begin(&o, '{');
    json_int(&o, "policy_version", POLICY_VERSION);
    put_asked(&o, &f->asked);
    put_network(&o, &f->network);
    put_app(&o, &f->app);
    put_upload(&o, &f->upload);
    json_key(&o, "orders");
    json_begin(&o, '[');
    for (size_t i = 0; i < f->order_count; i++)
        put_order(&o, &f->orders[i]);
    json_end(&o, ']');
    json_key(&o, "parties");
    json_begin(&o, '[');
    for (size_t i = 0; i < f->party_count; i++)
        put_party(&o, &f->parties[i]);
    json_end(&o, ']');
    json_key(&o, "recordings");
    json_begin(&o, '[');
    for (size_t i = 0; i < f->recording_count; i++)
        put_recording(&o, &f->recordings[i]);
    json_end(&o, ']');
    put_leaves(&o, f);
    json_end(&o, '}');
}
