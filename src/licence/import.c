/* SPDX-License-Identifier: Apache-2.0 */
/* A file of simple licences: one line each, known by licensor and name. */
#include "licence/licence.h"

enum {
    NAME,
    LICENSOR,
    NETWORKS,
    APPS,
    TERRITORIES,
    USES,
    MODELS,
    FROM,
    UNTIL,
    CLIP_SECONDS,
    COLUMNS
};

static const struct import_column columns[COLUMNS] = {
    [NAME] = { "name", true },
    [LICENSOR] = { "licensor", true },
    [NETWORKS] = { "networks", false },
    [APPS] = { "apps", false },
    [TERRITORIES] = { "territories", false },
    [USES] = { "uses", false },
    [MODELS] = { "models", false },
    [FROM] = { "from", false },
    [UNTIL] = { "until", false },
    [CLIP_SECONDS] = { "clip_seconds", false },
};

enum { LICENCES_MOST = 10000 }; /* of one licensor */

static enum code read_licence(struct import *im, const struct import_line *l, struct licence *out,
                              struct error *e)
{
    struct party licensor;
    TRY(import_party_of(im, l, LICENSOR, &licensor, e));
    out->licensor = licensor.id;
    if (!l->cells[NAME].length)
        return fail(e, ERR_INVALID, "name: it is missing");
    out->name = str_copy(import_arena(im), l->cells[NAME]);
    TRY(import_networks(im, l, NETWORKS, &out->networks, &out->network_count, e));
    TRY(import_apps(im, l, APPS, &out->apps, &out->app_count, e));
    TRY(import_territories(im, l, TERRITORIES, &out->territories, e));
    if (uses_parse(l->cells[USES], &out->uses, e) != OK)
        return fail_in(e, "uses");
    if (models_parse(l->cells[MODELS], &out->models, e) != OK)
        return fail_in(e, "models");
    TRY(import_span(l, FROM, UNTIL, &out->from, &out->until, e));
    if (l->cells[CLIP_SECONDS].length &&
        str_to_int64(l->cells[CLIP_SECONDS], 0, 86400, &out->clip_seconds, e) != OK)
        return fail_in(e, "clip_seconds");
    return OK;
}

static bool same_ids(const void *a, size_t a_count, const void *b, size_t b_count)
{
    return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * ID_BYTES) == 0);
}

static bool same_terms(const struct licence *a, const struct licence *b)
{
    return same_ids(a->networks, a->network_count, b->networks, b->network_count) &&
           same_ids(a->apps, a->app_count, b->apps, b->app_count) &&
           territory_set_equal(&a->territories, &b->territories) && a->uses == b->uses &&
           a->models == b->models && a->from.us == b->from.us && a->until.us == b->until.us &&
           a->clip_seconds == b->clip_seconds;
}

static enum code find_licence(struct import *im, const struct licence *l, struct licence *out,
                              bool *found, struct error *e)
{
    const struct registry_act *act = import_act(im);
    struct licence *all;
    size_t count;
    TRY(licence_list(act->tx, act->catalogue, l->licensor, (struct licence_id) { { 0 } },
                     LICENCES_MOST, import_arena(im), &all, &count, e));
    *found = false;
    for (size_t i = 0; i < count && !*found; i++)
        if (recording_id_is_none(all[i].recording) && strcmp(all[i].name, l->name) == 0) {
            *out = all[i];
            *found = true;
        }
    return OK;
}

static enum code line(struct import *im, const struct import_line *l, struct error *e)
{
    struct licence new = { 0 }, has;
    bool found;
    TRY(read_licence(im, l, &new, e));
    TRY(find_licence(im, &new, &has, &found, e));
    size_t before = found ? import_seen(im, has.id.bytes) : 0;
    if (before)
        return fail(e, ERR_INVALID, "name: line %zu has a licence of this licensor and name",
                    before);
    bool same = found && same_terms(&has, &new);
    if (found)
        new.id = has.id;
    if (!same)
        TRY(licence_put(import_act(im), &new, e));
    import_see(im, new.id.bytes, l->number);
    import_count(im, IMPORT_LICENCE, !found ? IMPORT_ADDED : same ? IMPORT_SAME : IMPORT_CHANGED);
    return OK;
}

const struct import_kind import_licences = { "licences", columns, COLUMNS, line };
