/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

static unsigned draw(struct world *w, unsigned below)
{
    uint64_t z = w->seed += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (unsigned)((z ^ (z >> 31)) >> 33) % below;
}

static bool chance_of(struct world *w, unsigned percent)
{
    return draw(w, 100) < percent;
}

static void name_id(uint8_t id[ID_BYTES], unsigned kind, size_t number)
{
    memset(id, 0, ID_BYTES);
    id[0] = (uint8_t)kind;
    id[ID_BYTES - 1] = (uint8_t)(number + 1);
}

static const enum territory_index places[] = { TERRITORY_DE, TERRITORY_FR, TERRITORY_RU,
                                               TERRITORY_US };

static struct territory_set draw_set(struct world *w)
{
    struct territory_set s = { 0 };
    if (chance_of(w, 60))
        return territory_set_world();
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (chance_of(w, 60))
            territory_set_add(&s, (struct territory) { (uint8_t)places[i] });
    return s;
}

static void draw_span(struct world *w, struct instant *from, struct instant *until)
{
    *from = chance_of(w, 60) ? INSTANT_FIRST : (struct instant) { 1000 * (1 + draw(w, 6)) };
    *until = chance_of(w, 60) ? INSTANT_NEVER : (struct instant) { 1000 * (4 + draw(w, 6)) };
}

static struct condition draw_condition(struct world *w)
{
    struct condition c = { .measure = (enum measure)draw(w, MEASURE_COUNT),
                           .relator = (enum relator)draw(w, RELATOR_COUNT) };
    c.value_e8 = SHARE_WHOLE_E8 * draw(w, c.measure == MEASURE_SECONDS ? 40 : 5) *
                 (c.measure == MEASURE_SECONDS ? 1 : 25);
    for (int64_t at = 0; c.segment_count < 3 && chance_of(w, 25); c.segment_count++) {
        struct segment *s = &c.segments[c.segment_count];
        s->from_ms = at + 1000 * (1 + draw(w, 12));
        at = s->until_ms = s->from_ms + 1000 * (1 + draw(w, 15));
    }
    return c;
}

static size_t draw_apps(struct world *w, struct app_id list[2])
{
    size_t n = chance_of(w, 70) ? 0 : 1 + draw(w, 2);
    for (size_t i = 0; i < n; i++)
        name_id(list[i].bytes, 2, draw(w, WORLD_APPS));
    return n;
}

static void make_access(struct world *w)
{
    for (size_t i = 0; i < WORLD_NETWORKS; i++) {
        struct rights_network *n = &w->networks[i];
        name_id(n->id.bytes, 1, i);
        n->version = 1;
        n->name = "net";
        n->rules = (struct network_rules) { (enum unlicensed_rule)draw(w, UNLICENSED_COUNT),
                                            (enum unmatched_rule)draw(w, UNMATCHED_COUNT),
                                            (enum conflict_rule)draw(w, CONFLICT_COUNT),
                                            (enum unheard_rule)draw(w, UNHEARD_COUNT),
                                            (enum unheard_rule)draw(w, UNHEARD_COUNT) };
        if (chance_of(w, 8))
            territory_set_add(&n->closed, (struct territory) { TERRITORY_DE });
    }
    for (size_t i = 0; i < WORLD_APPS; i++) {
        struct rights_app *a = &w->apps[i];
        name_id(a->id.bytes, 2, i);
        a->network = w->networks[i % WORLD_NETWORKS].id;
        a->version = 1;
        a->name = "app";
        a->suspended = chance_of(w, 5);
        a->download = chance_of(w, 80);
        a->offline = chance_of(w, 80);
        a->clip_seconds = chance_of(w, 80) ? 0 : 10 * (1 + draw(w, 4));
    }
}

static void make_claims(struct world *w)
{
    static const int64_t shares[] = { 100, 100, 100, 50, 50, 25, 33 };
    w->in.claim_count = draw(w, WORLD_MOST + 1);
    for (size_t i = 0; i < w->in.claim_count; i++) {
        struct claim *c = &w->claims[i];
        name_id(c->id.bytes, 5, i);
        c->recording = w->recordings[draw(w, WORLD_RECORDINGS)].id;
        c->party = w->parties[draw(w, WORLD_PARTIES)].id;
        c->version = 1;
        c->right = chance_of(w, 65) ? RIGHT_MAKING_AVAILABLE : (enum right)draw(w, RIGHT_COUNT);
        c->share_e8 = shares[draw(w, COUNT_OF(shares))] * 1000000 + (chance_of(w, 10) ? 5000 : 0);
        if (c->share_e8 > SHARE_WHOLE_E8)
            c->share_e8 = SHARE_WHOLE_E8;
        c->territories = draw_set(w);
        c->filed = (struct instant) { draw(w, 4) };
        draw_span(w, &c->from, &c->until);
    }
}

static void make_policies(struct world *w)
{
    w->in.policy_count = draw(w, 4);
    for (size_t i = 0; i < w->in.policy_count; i++) {
        struct holder_policy *p = &w->policies[i];
        name_id(p->id.bytes, 6, i);
        p->party = w->parties[draw(w, WORLD_PARTIES)].id;
        if (chance_of(w, 30))
            p->recording = w->recordings[draw(w, WORLD_RECORDINGS)].id;
        p->version = 1;
        p->action = (enum policy_action)draw(w, ACTION_COUNT);
        p->condition_count = draw(w, 3);
        for (size_t k = 0; k < p->condition_count; k++)
            p->conditions[k] = draw_condition(w);
        p->territories = draw_set(w);
        p->apps = w->app_lists[i];
        p->app_count = draw_apps(w, w->app_lists[i]);
        draw_span(w, &p->from, &p->until);
    }
}

static void make_licences(struct world *w)
{
    w->in.licence_count = draw(w, WORLD_MOST + 1);
    for (size_t i = 0; i < w->in.licence_count; i++) {
        struct licence *l = &w->licences[i];
        name_id(l->id.bytes, 7, i);
        l->licensor = w->parties[i < WORLD_PARTIES ? i : draw(w, WORLD_PARTIES)].id;
        l->version = 1;
        if (chance_of(w, 30))
            l->recording = w->recordings[draw(w, WORLD_RECORDINGS)].id;
        l->name = "grant";
        l->networks = w->network_lists[i];
        l->network_count = chance_of(w, 80) ? 0 : 1;
        name_id(w->network_lists[i][0].bytes, 1, draw(w, WORLD_NETWORKS));
        l->apps = w->app_lists[WORLD_MOST + i];
        l->app_count = draw_apps(w, w->app_lists[WORLD_MOST + i]);
        l->territories = draw_set(w);
        l->uses = chance_of(w, 50) ? USES_ALL : 1 + draw(w, USES_ALL);
        l->models = chance_of(w, 70) ? MODELS_ALL : 1 + draw(w, MODELS_ALL);
        l->clip_seconds = chance_of(w, 75) ? 0 : 5 * (1 + draw(w, 6));
        draw_span(w, &l->from, &l->until);
    }
}

static void make_orders(struct world *w)
{
    w->in.order_count = chance_of(w, 85) ? 0 : 1 + draw(w, 2);
    for (size_t i = 0; i < w->in.order_count; i++) {
        struct rights_order *o = &w->orders[i];
        name_id(o->id.bytes, 8, i);
        o->version = 1;
        o->title = "order";
        if (chance_of(w, 50))
            o->recording = w->recordings[draw(w, WORLD_RECORDINGS)].id;
        else
            name_id(o->upload.bytes, 9, 0);
        o->territories = draw_set(w);
        draw_span(w, &o->from, &o->until);
    }
}

static void make_matches(struct world *w)
{
    w->upload.match_count = chance_of(w, 20) ? 0 : 1 + draw(w, 4);
    for (size_t i = 0; i < w->upload.match_count; i++) {
        struct upload_match *m = &w->matches[i];
        unsigned recording = draw(w, WORLD_RECORDINGS), reference = draw(w, 2);
        *m = (struct upload_match) { 0 };
        name_id(m->recording.bytes, 4, recording);
        name_id(m->reference.bytes, 10, recording * 2 + reference);
        m->upload_from_ms = 1000 * draw(w, 30);
        m->upload_to_ms = m->upload_from_ms + 1000 * (1 + draw(w, 20));
        m->reference_from_ms = 1000 * draw(w, 20);
        m->reference_to_ms = m->reference_from_ms + 1000 * (1 + draw(w, 20));
        m->reference_ms = 40000 * (int64_t)(1 + reference);
    }
    if (chance_of(w, 3)) /* a recording that the registry does not have */
        name_id(w->matches[0].recording.bytes, 4, 77);
    w->upload.matches = w->matches;
}

static void make_leaves(struct world *w)
{
    w->upload.leave_count = chance_of(w, 70) ? 0 : 1 + draw(w, 3);
    for (size_t i = 0; i < w->upload.leave_count; i++) {
        struct facts_leave *l = &w->leaves[i];
        *l = (struct facts_leave) { .kind = (enum leave_kind)draw(w, LEAVE_COUNT), .version = 1 };
        name_id(l->id, 12, i);
        draw_span(w, &l->from, &l->until);
        if (!instant_before(w->asked.at, l->until))
            l->until = INSTANT_NEVER; /* what is over is not handed to policy */
        if (l->kind == LEAVE_EXCEPTION) {
            l->exception = (enum exception_kind)draw(w, EXCEPTION_KIND_COUNT);
            continue;
        }
        l->party = w->parties[draw(w, WORLD_PARTIES)].id;
        if (chance_of(w, 40))
            l->recording = w->recordings[draw(w, WORLD_RECORDINGS)].id;
    }
    w->upload.leaves = w->leaves;
}

void world_ask(struct world *w)
{
    struct question *q = &w->asked;
    *q = (struct question) { .use = (enum use)draw(w, USE_COUNT),
                             .model = (enum model)draw(w, MODEL_COUNT),
                             .territory = { (uint8_t)places[draw(w, COUNT_OF(places))] },
                             .at = { 1000 * draw(w, 11) } };
    name_id(q->upload.bytes, 9, 0);
    unsigned app = draw(w, WORLD_APPS);
    q->app = w->apps[app].id;
    q->network = w->apps[app].network;
    if (chance_of(w, 2))
        name_id(q->app.bytes, 2, 50);
    if (chance_of(w, 2))
        name_id(q->network.bytes, 1, 50);
    if (chance_of(w, 2))
        q->territory = TERRITORY_UNKNOWN;
    struct facts_upload *u = &w->upload.facts;
    *u = (struct facts_upload) { .version = 1,
                                 .hearing = chance_of(w, 85) ? HEARING_DONE
                                                             : (enum hearing)draw(w, 2),
                                 .uploader_suspended = chance_of(w, 5),
                                 .duration_ms = 1000 * (50 + draw(w, 50)),
                                 .preview_start_ms = 1000,
                                 .preview_length_ms = 1000 * 10 * (int64_t)draw(w, 4),
                                 .restricted_until = INSTANT_NEVER };
    if (chance_of(w, 6)) {
        u->restriction = (enum restriction)(1 + draw(w, 2));
        u->restricted_until = (struct instant) { 1000 * draw(w, 11) };
        name_id(u->item.bytes, 11, 0);
    }
    make_matches(w);
    make_leaves(w);
    if (u->hearing == HEARING_NONE)
        w->upload.match_count = 0;
}

void world_change(struct world *w)
{
    switch (draw(w, 4)) {
    case 0:
        make_access(w);
        break;
    case 1:
        make_policies(w);
        make_licences(w);
        break;
    case 2:
        make_claims(w);
        break;
    default:
        make_orders(w);
    }
}

void world_make(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->seed = seed;
    for (size_t i = 0; i < WORLD_PARTIES; i++) {
        w->parties[i] = (struct party) { .version = 1, .slug = "p", .name = "Party" };
        name_id(w->parties[i].id.bytes, 3, i);
    }
    for (size_t i = 0; i < WORLD_RECORDINGS; i++) {
        w->recordings[i] = (struct recording) { .version = 1,
                                                .isrc = chance_of(w, 50) ? "QZABC2600001" : NULL,
                                                .title = "T",
                                                .artist = "A",
                                                .duration_ms = 5000 * (int64_t)draw(w, 9) };
        name_id(w->recordings[i].id.bytes, 4, i);
    }
    w->in = (struct rights_input) { .networks = w->networks,
                                    .network_count = WORLD_NETWORKS,
                                    .apps = w->apps,
                                    .app_count = WORLD_APPS,
                                    .parties = w->parties,
                                    .party_count = WORLD_PARTIES,
                                    .recordings = w->recordings,
                                    .recording_count = WORLD_RECORDINGS,
                                    .claims = w->claims,
                                    .policies = w->policies,
                                    .licences = w->licences,
                                    .orders = w->orders };
    make_access(w);
    make_claims(w);
    make_policies(w);
    make_licences(w);
    make_orders(w);
    world_ask(w);
}
