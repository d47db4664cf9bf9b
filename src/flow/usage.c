/* SPDX-License-Identifier: Apache-2.0 */
/* Plays of a period with who held them: what statements and what-if are computed from. */
#include <stdlib.h>
#include <unistd.h>

#include "flow/usage_inside.h"

unsigned flow_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : (unsigned)cores;
}

static enum code load_parties(struct loading *x, struct error *e)
{
    struct party_id after = { { 0 } };
    size_t room = 0, count;
    do {
        struct party *page;
        TRY(registry_party_list(x->tx, x->catalogue, after, USAGE_PAGE, x->a, &page, &count, e));
        if (x->party_count + count > room) {
            room = (x->party_count + count) * 2;
            struct party_number *bigger = ARENA_ARRAY(x->a, struct party_number, room);
            if (x->party_count)
                memcpy(bigger, x->parties, x->party_count * sizeof *bigger);
            x->parties = bigger;
        }
        for (size_t i = 0; i < count; i++) {
            struct party_number *p = &x->parties[x->party_count++];
            p->id = page[i].id;
            TRY(cube_party(x->out->cube, str_of(page[i].slug), &p->number, e));
        }
        if (count)
            after = page[count - 1].id;
    } while (count == USAGE_PAGE);
    return OK;
}

/* An app that is gone still has its plays. */
enum code usage_app(struct loading *x, struct app_id id, uint16_t *out, struct error *e)
{
    for (size_t i = 0; i < x->app_count; i++)
        if (app_id_equal(x->apps[i].id, id)) {
            *out = x->apps[i].number;
            return OK;
        }
    struct app app;
    struct network network = { .slug = "" };
    struct error why;
    char text[ID_TEXT];
    struct str slug = str_of(app_id_format(id, text));
    enum code code = access_app_get(x->tx, id, x->a, &app, &why);
    if (code != OK && code != ERR_NOT_FOUND)
        return fail(e, code, "%s", why.text);
    if (code == OK) {
        TRY(access_network_get(x->tx, app.network, x->a, &network, e));
        slug = str_of(app.slug);
    }
    TRY(cube_app(x->out->cube, str_of(network.slug), slug, out, e));
    struct app_number *bigger = ARENA_ARRAY(x->a, struct app_number, x->app_count + 1);
    if (x->app_count)
        memcpy(bigger, x->apps, x->app_count * sizeof *bigger);
    bigger[x->app_count++] = (struct app_number) { id, *out };
    x->apps = bigger;
    return OK;
}

/* ISRCs of the terms as recordings; one that is not known is no recording of any play. */
static enum code load_repertoires(struct loading *x, struct error *e)
{
    x->out->cube->recordings_told = true;
    for (size_t i = 0; i < x->o->limited_count; i++) {
        const struct terms *t = x->o->limited[i];
        struct recording_id *ids = ARENA_ARRAY(x->a, struct recording_id, t->recordings.count + 1);
        size_t n = 0;
        TRY(cube_limit(x->out->cube, t, e));
        for (size_t k = 0; k < t->recordings.count; k++) {
            struct recording r;
            struct error why = { 0 };
            enum code code = registry_recording_find(
                x->tx, x->catalogue, str_of(t->recordings.items[k].text), x->a, &r, &why);
            if (code == OK)
                ids[n++] = r.id;
            else if (code != ERR_NOT_FOUND)
                return fail(e, code, "%s", why.text);
        }
        TRY(roll_repertoire(x->roll, (unsigned)i, t->repertoire, ids, n, e));
    }
    return OK;
}

/* ---- plays told one by one, against verdicts --------------------------------------------------- */

static enum code recording_of(struct loading *x, const struct play *p, struct recording_id *out,
                              struct error *e)
{
    ARENA(a);
    struct media_match *m;
    size_t count;
    int64_t longest = -1;
    *out = p->recording;
    if (!recording_id_is_none(p->recording) || upload_id_is_none(p->upload))
        return OK;
    TRY(media_match_list(x->tx, p->upload, &a, &m, &count, e));
    for (size_t i = 0; i < count; i++)
        if (m[i].upload_to_ms - m[i].upload_from_ms > longest) {
            longest = m[i].upload_to_ms - m[i].upload_from_ms;
            *out = m[i].recording;
        }
    return OK;
}

static enum code add_play(struct loading *x, const struct play *p, struct error *e)
{
    struct batch_play b = { .app = p->app,
                            .at = p->at,
                            .played_ms = (uint32_t)p->played_ms,
                            .kind = strcmp(p->mode, "preview") == 0 ? CUBE_PREVIEW : CUBE_FULL };
    if (x->o->known.us && p->counted.us > x->o->known.us)
        return OK;
    TRY(territory_parse(str_of(p->territory), &b.territory, e));
    TRY(model_parse(str_of(p->model), &b.model, e));
    TRY(recording_of(x, p, &b.recording, e));
    return roll_plays(x->roll, &b, 1, e);
}

static enum code add_single_plays(struct loading *x, struct error *e)
{
    struct play_id after = { { 0 } };
    size_t count;
    do {
        ARENA(a);
        struct play *page;
        TRY(ledger_play_list(x->tx, (struct network_id) { { 0 } }, after, USAGE_PAGE, &a, &page,
                             &count, e));
        for (size_t i = 0; i < count; i++)
            TRY(add_play(x, &page[i], e));
        if (count)
            after = page[count - 1].id;
    } while (count == USAGE_PAGE);
    return OK;
}

/* ---- all of it ---------------------------------------------------------------------------------- */

static enum code name_apps(struct loading *x, struct error *e)
{
    for (size_t i = 0; i < roll_app_count(x->roll); i++) {
        uint16_t number;
        TRY(usage_app(x, roll_app(x->roll, i), &number, e));
        roll_app_set(x->roll, i, number);
    }
    return OK;
}

static enum code load(struct loading *x, struct error *e)
{
    TRY(load_parties(x, e));
    TRY(usage_claims(x, e));
    TRY(roll_ready(x->roll, e));
    TRY(load_repertoires(x, e));
    TRY(usage_batches(x, e));
    TRY(add_single_plays(x, e));
    TRY(roll_sum(x->roll, e));
    TRY(name_apps(x, e));
    TRY(roll_cube(x->roll, x->out->cube, e));
    return cube_seal(x->out->cube, e);
}

enum code flow_usage_load(struct store_tx *tx, struct party_id catalogue,
                          const struct usage_options *o, struct arena *a, struct usage_loaded *out,
                          struct error *e)
{
    owned(roll) roll = NULL;
    struct loading x = { .tx = tx, .catalogue = catalogue, .o = o, .out = out, .a = a };
    const struct roll_setup setup = { .from = o->from,
                                      .until = o->until,
                                      .zone_minutes = o->zone_minutes,
                                      .right = o->right,
                                      .rule = o->rule,
                                      .threads = o->threads ? o->threads : flow_cores() };
    TRY(roll_new(&setup, &roll, e));
    x.roll = roll;
    enum code code = load(&x, e);
    free(x.plays);
    if (code == OK && o->details)
        out->roll = take(roll);
    return code;
}
