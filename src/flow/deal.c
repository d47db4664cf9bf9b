/* SPDX-License-Identifier: Apache-2.0 */
/* Agree: terms become licences, and so verdicts, in one transaction. */
#include "flow/world.h"

enum { APPS_PAGE = 1000, LICENCES_MOST = 512 };

struct lowering {
    struct change *c;
    const struct terms *t;
    struct arena *a;
    struct error *e;
    const struct network_id *networks;
    struct licence *licences;
    size_t count;
};

static enum code at(struct lowering *x, struct terms_place place)
{
    return fail_in(x->e, "line %u, column %u", place.line, place.column);
}

static enum code read_networks(struct lowering *x)
{
    struct network_id *ids = ARENA_ARRAY(x->a, struct network_id, x->t->networks.count + 1);
    for (size_t i = 0; i < x->t->networks.count; i++) {
        struct network n;
        if (access_network_find(x->c->act.tx, str_of(x->t->networks.items[i].text), x->a, &n,
                                x->e) != OK)
            return at(x, x->t->networks.items[i].at);
        ids[i] = n.id;
    }
    x->networks = ids;
    return OK;
}

/* "network/app", or "app" in whichever of the networks has it. */
static enum code find_app(struct lowering *x, const struct terms_name *name, struct app_id *out)
{
    struct str slug = str_of(name->text), before;
    struct network_id network = { { 0 } };
    struct app_id after = { { 0 } };
    size_t found = 0, count;
    if (strchr(name->text, '/')) {
        struct network n;
        str_split(&slug, '/', &before);
        if (access_network_find(x->c->act.tx, before, x->a, &n, x->e) != OK)
            return at(x, name->at);
        network = n.id;
    }
    do {
        struct app *page;
        TRY(access_app_list(x->c->act.tx, network, after, APPS_PAGE, x->a, &page, &count, x->e));
        for (size_t i = 0; i < count; i++)
            if (str_is(slug, page[i].slug)) {
                *out = page[i].id;
                found++;
            }
        if (count)
            after = page[count - 1].id;
    } while (count == APPS_PAGE);
    if (found == 1)
        return OK;
    fail(x->e, found ? ERR_INVALID : ERR_NOT_FOUND,
         found ? "several networks have an app \"%s\": write network/app"
               : "there is no app \"%s\"",
         name->text);
    return at(x, name->at);
}

static enum code add(struct lowering *x, const struct licence *l)
{
    if (x->count == LICENCES_MOST)
        return fail(x->e, ERR_LIMIT, "the terms come to more than %d licences", LICENCES_MOST);
    x->licences[x->count++] = *l;
    return OK;
}

/* One licence for each recording the terms name, or one for all. */
static enum code add_repertoire(struct lowering *x, struct licence *l)
{
    if (x->t->repertoire == REPERTOIRE_ALL)
        return add(x, l);
    for (size_t i = 0; i < x->t->recordings.count; i++) {
        struct recording r;
        if (registry_recording_find(x->c->act.tx, x->c->act.catalogue,
                                    str_of(x->t->recordings.items[i].text), x->a, &r, x->e) != OK)
            return at(x, x->t->recordings.items[i].at);
        l->recording = r.id;
        TRY(add(x, l));
    }
    return OK;
}

static enum code lower_grant(struct lowering *x, const struct terms_grant *g, struct party_id who)
{
    struct app_id *apps = ARENA_ARRAY(x->a, struct app_id, g->apps.count + 1);
    struct licence l = { .licensor = who,
                         .name = x->t->title,
                         .network_count = x->t->networks.count,
                         .networks = x->networks,
                         .app_count = g->apps.count,
                         .apps = apps,
                         .uses = g->uses,
                         .models = g->models,
                         .from = terms_day_begin(x->t, x->t->from),
                         .until = x->t->renewal != SPAN_ONCE ? INSTANT_NEVER
                                                             : terms_day_begin(x->t, x->t->until),
                         .clip_seconds = g->clip_seconds };
    for (int i = 0; i < 4; i++)
        l.territories.bits[i] = g->where.bits[i] & x->t->where.bits[i];
    for (size_t i = 0; i < g->apps.count; i++)
        TRY(find_app(x, &g->apps.items[i], &apps[i]));
    return add_repertoire(x, &l);
}

static enum code lower(struct lowering *x)
{
    if (x->t->repertoire == REPERTOIRE_EXCEPT) {
        fail(x->e, ERR_INVALID,
             "\"repertoire except\" is priced but cannot be put in force: name the recordings "
             "that are granted with \"repertoire only\"");
        return at(x, x->t->recordings.items[0].at);
    }
    TRY(read_networks(x));
    for (size_t i = 0; i < x->t->licensors.count; i++) {
        struct party p;
        if (registry_party_find(x->c->act.tx, x->c->act.catalogue,
                                str_of(x->t->licensors.items[i].text), x->a, &p, x->e) != OK)
            return at(x, x->t->licensors.items[i].at);
        for (size_t g = 0; g < x->t->grant_count; g++)
            TRY(lower_grant(x, &x->t->grants[g], p.id));
    }
    return OK;
}

enum code flow_deal_agree(struct change *c, struct str name, enum deal_side side, struct arena *a,
                          struct deal *out, struct error *e)
{
    struct deal_offer v;
    struct terms t;
    struct lowering x = { .c = c, .t = &t, .a = a, .e = e };
    TRY(deal_find(c->act.tx, c->act.catalogue, name, c->act.now, a, out, e));
    TRY(deal_offer_get(c->act.tx, c->act.catalogue, out->id, 0, a, &v, e));
    TRY(terms_parse(str_of(v.terms), a, &t, NULL, e));
    x.licences = ARENA_ARRAY(a, struct licence, LICENCES_MOST);
    TRY(lower(&x));
    return deal_agree(&c->act, out, side, &t, x.licences, x.count, e);
}
