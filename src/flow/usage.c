/* SPDX-License-Identifier: Apache-2.0 */
/* Plays of a period with who held them: what statements and what-if are computed from. */
#include <stdlib.h>

#include "flow/usage_inside.h"

enum { ROLL_MOST = 200 };

static int claims_by_recording(const void *pa, const void *pb)
{
    const struct claim *a = pa, *b = pb;
    int order = memcmp(a->recording.bytes, b->recording.bytes, ID_BYTES);
    return order ? order : memcmp(a->id.bytes, b->id.bytes, ID_BYTES);
}

static enum code load_claims(struct loading *x, struct error *e)
{
    struct claim_id after = { { 0 } };
    size_t room = 0, count;
    do {
        ARENA(page_arena);
        struct claim *page;
        TRY(registry_claim_list(x->tx, x->catalogue, (struct recording_id) { { 0 } },
                                (struct party_id) { { 0 } }, after, USAGE_PAGE, &page_arena, &page,
                                &count, e));
        for (size_t i = 0; i < count; i++) {
            if (x->claim_count == room) {
                room = room ? 2 * room : 1024;
                struct claim *bigger = arena_try(x->a, room, sizeof *bigger);
                if (!bigger)
                    return fail(e, ERR_MEMORY, "no memory for %zu claims", room);
                if (x->claim_count)
                    memcpy(bigger, x->claims, x->claim_count * sizeof *bigger);
                x->claims = bigger;
            }
            x->claims[x->claim_count++] = page[i];
        }
        if (count)
            after = page[count - 1].id;
    } while (count == USAGE_PAGE);
    if (x->claim_count)
        qsort(x->claims, x->claim_count, sizeof *x->claims, claims_by_recording);
    return OK;
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
            struct party_slug *bigger = ARENA_ARRAY(x->a, struct party_slug, room);
            if (x->party_count)
                memcpy(bigger, x->parties, x->party_count * sizeof *bigger);
            x->parties = bigger;
        }
        for (size_t i = 0; i < count; i++) {
            struct party_slug *p = &x->parties[x->party_count++];
            p->id = page[i].id;
            TRY(cube_party(x->out->cube, str_of(page[i].slug), &p->number, e));
        }
        if (count)
            after = page[count - 1].id;
    } while (count == USAGE_PAGE);
    return OK;
}

uint16_t usage_party(const struct loading *x, struct party_id id)
{
    size_t low = 0, high = x->party_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = memcmp(x->parties[middle].id.bytes, id.bytes, ID_BYTES);
        if (order == 0)
            return x->parties[middle].number;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return CUBE_UNKNOWN;
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

struct day usage_day(const struct loading *x, struct instant at)
{
    return day_of((struct instant) { at.us + (int64_t)x->o->zone_minutes * 60 * 1000000 });
}

const struct claim *usage_claims(const struct loading *x, struct recording_id id, size_t *count)
{
    size_t low = 0, high = x->claim_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (memcmp(x->claims[middle].recording.bytes, id.bytes, ID_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < x->claim_count && recording_id_equal(x->claims[end].recording, id))
        end++;
    *count = end - low;
    return x->claims + low;
}

static enum code keep_detail(struct loading *x, struct recording_id recording,
                             const struct cube_row *row, struct error *e)
{
    struct usage_loaded *o = x->out;
    if (!x->o->details)
        return OK;
    if (o->detail_count == x->detail_room) {
        size_t room = x->detail_room ? 2 * x->detail_room : 1024;
        struct detail *bigger = arena_try(x->a, room, sizeof *bigger);
        if (!bigger)
            return fail(e, ERR_MEMORY, "no memory for %zu plays", room);
        if (o->detail_count)
            memcpy(bigger, o->details, o->detail_count * sizeof *bigger);
        o->details = bigger;
        x->detail_room = room;
    }
    o->details[o->detail_count++] = (struct detail) { recording, *row };
    return OK;
}

static int changes_by_recording(const void *pa, const void *pb)
{
    const struct change_within *a = pa, *b = pb;
    int order = memcmp(a->recording.bytes, b->recording.bytes, ID_BYTES);
    return order ? order : (a->day > b->day) - (a->day < b->day);
}

bool usage_changes(const struct loading *x, struct recording_id id, int32_t day)
{
    struct change_within key = { id, day };
    return x->change_count &&
           bsearch(&key, x->changes, x->change_count, sizeof key, changes_by_recording);
}

static bool is_within_a_day(const struct loading *x, struct instant t)
{
    return t.us % INT64_C(86400000000) != 0 && day_of(t).number >= x->o->from.number - 1 &&
           day_of(t).number <= x->o->until.number;
}

static enum code list_changes(struct loading *x, struct error *e)
{
    size_t n = 0, most = 0;
    for (size_t i = 0; i < x->claim_count; i++)
        most += (size_t)is_within_a_day(x, x->claims[i].from) +
                (size_t)is_within_a_day(x, x->claims[i].until);
    x->changes = arena_try(x->a, most + 1, sizeof *x->changes);
    if (!x->changes)
        return fail(e, ERR_MEMORY, "no memory for %zu changes of claims", most);
    for (size_t i = 0; i < x->claim_count; i++) {
        const struct claim *c = &x->claims[i];
        if (is_within_a_day(x, c->from))
            x->changes[n++] = (struct change_within) { c->recording, day_of(c->from).number };
        if (is_within_a_day(x, c->until))
            x->changes[n++] = (struct change_within) { c->recording, day_of(c->until).number };
    }
    x->change_count = n;
    if (n)
        qsort(x->changes, n, sizeof *x->changes, changes_by_recording);
    return OK;
}

/* ISRCs of the terms as recordings; one that is not known is no recording of any play. */
static enum code list_repertoires(struct loading *x, struct error *e)
{
    x->out->cube->recordings_told = true;
    x->repertoires = ARENA_ARRAY(x->a, struct recording_id,
                                 x->o->limited_count * TERMS_NAMES_MOST + 1);
    for (size_t i = 0; i < x->o->limited_count; i++) {
        const struct terms *t = x->o->limited[i];
        TRY(cube_limit(x->out->cube, t, e));
        for (size_t k = 0; k < t->recordings.count; k++) {
            struct recording r;
            struct error why = { 0 };
            enum code code = registry_recording_find(
                x->tx, x->catalogue, str_of(t->recordings.items[k].text), x->a, &r, &why);
            if (code == OK)
                x->repertoires[i * TERMS_NAMES_MOST + k] = r.id;
            else if (code != ERR_NOT_FOUND)
                return fail(e, code, "%s", why.text);
        }
    }
    return OK;
}

uint32_t usage_sets(const struct loading *x, struct recording_id id)
{
    uint32_t sets = 0;
    for (size_t i = 0; i < x->o->limited_count; i++) {
        const struct terms *t = x->o->limited[i];
        size_t k = 0;
        while (k < t->recordings.count &&
               !recording_id_equal(id, x->repertoires[i * TERMS_NAMES_MOST + k]))
            k++;
        if ((k < t->recordings.count) == (t->repertoire == REPERTOIRE_ONLY))
            sets |= 1u << i;
    }
    return sets;
}

/* A recording whose claims are gone, or that is gone itself, is nobody's. */
enum code usage_add(struct loading *x, const struct usage *u, struct error *e)
{
    struct held_part parts[HELD_PARTS_MOST];
    size_t part_count, claim_count;
    int64_t rest;
    struct cube_row row = { .day = u->day,
                            .territory = u->territory,
                            .model = u->model,
                            .kind = u->kind,
                            .seconds = u->seconds,
                            .sets = usage_sets(x, u->recording),
                            .touched = u->plays };
    const struct claim *claims = usage_claims(x, u->recording, &claim_count);
    TRY(usage_app(x, u->app, &row.app, e));
    TRY(attribute(claims, claim_count, x->o->right, (struct territory) { u->territory }, u->moment,
                  x->o->rule, parts, &part_count, &rest, e));
    for (size_t i = 0; i <= part_count; i++) {
        int64_t share = i < part_count ? parts[i].share_e8 : rest;
        row.holder = i < part_count ? usage_party(x, parts[i].party) : CUBE_UNKNOWN;
        if (share == 0)
            continue;
        if (__builtin_mul_overflow(u->plays, share, &row.weight_e8))
            return fail(e, ERR_LIMIT, "more plays of one recording than can be counted");
        TRY(cube_add(x->out->cube, &row, e));
        TRY(keep_detail(x, u->recording, &row, e));
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
    struct usage u = {
        .day = usage_day(x, p->at).number, .app = p->app, .plays = 1, .moment = p->at
    };
    struct territory t;
    enum model m;
    if (u.day < x->o->from.number || u.day >= x->o->until.number)
        return OK;
    TRY(territory_parse(str_of(p->territory), &t, e));
    TRY(model_parse(str_of(p->model), &m, e));
    u.territory = t.index;
    u.model = (uint8_t)m;
    u.kind = strcmp(p->mode, "preview") == 0 ? CUBE_PREVIEW : CUBE_FULL;
    u.seconds = cube_seconds_class(p->played_ms / 1000);
    TRY(recording_of(x, p, &u.recording, e));
    return usage_add(x, &u, e);
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

static int details_by_recording(const void *pa, const void *pb)
{
    const struct detail *a = pa, *b = pb;
    int order = memcmp(a->recording.bytes, b->recording.bytes, ID_BYTES);
    if (!order)
        order = a->row.territory - b->row.territory;
    if (!order)
        order = a->row.model - b->row.model;
    return order ? order : (a->row.day > b->row.day) - (a->row.day < b->row.day);
}

static enum code add_sum(void *ctx, const struct usage *u, struct error *e)
{
    return usage_changes(ctx, u->recording, u->day) ? OK : usage_add(ctx, u, e);
}

static enum code load(struct loading *x, struct error *e)
{
    bool plain = !x->o->filter && x->o->zone_minutes == 0;
    TRY(load_claims(x, e));
    TRY(list_changes(x, e));
    TRY(list_repertoires(x, e));
    TRY(load_parties(x, e));
    if (!plain || x->o->users)
        TRY(usage_batches(x, e));
    if (plain) {
        TRY(ledger_usage_each(x->tx, x->catalogue, x->o->from, x->o->until, x, add_sum, e));
        TRY(usage_changed_days(x, e));
    }
    TRY(add_single_plays(x, e));
    if (x->out->detail_count)
        qsort(x->out->details, x->out->detail_count, sizeof *x->out->details, details_by_recording);
    return cube_seal(x->out->cube, e);
}

enum code flow_usage_load(struct store_tx *tx, struct party_id catalogue,
                          const struct usage_options *o, struct arena *a, struct usage_loaded *out,
                          struct error *e)
{
    struct loading x = { .tx = tx, .catalogue = catalogue, .o = o, .out = out, .a = a };
    enum code code = load(&x, e);
    free(x.plays);
    free(x.pending);
    return code;
}

enum code flow_usage_roll(struct world *w, size_t *rolled, struct error *e)
{
    bool left = true;
    *rolled = 0;
    while (left) {
        TX(tx);
        size_t n;
        TRY(store_begin(w->store, STORE_WRITE, &tx, e));
        TRY(ledger_roll_up(tx, w->catalogue, ROLL_MOST, &n, &left, e));
        TRY(store_commit_take(take(tx), e));
        *rolled += n;
    }
    return OK;
}
