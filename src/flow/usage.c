/* SPDX-License-Identifier: Apache-2.0 */
/* Plays of a period with who held them: what statements and what-if are computed from. */
#include <stdlib.h>

#include "flow/world.h"

enum { USAGE_PAGE = 10000, ROLL_MOST = 200 };

struct party_slug {
    struct party_id id;
    uint16_t number; /* in the cube */
};
struct app_number {
    struct app_id id;
    uint16_t number;
};

struct loading {
    struct store_tx *tx;
    struct party_id catalogue;
    const struct usage_options *o;
    struct usage_loaded *out;
    struct arena *a;
    struct claim *claims; /* by recording */
    size_t claim_count;
    struct party_slug *parties; /* by id */
    size_t party_count;
    struct app_number *apps;
    size_t app_count, detail_room;
    /* the filter's */
    struct batch_play *plays;
    size_t play_count, play_room;
};

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

static uint16_t party_number(const struct loading *x, struct party_id id)
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
static enum code app_number(struct loading *x, struct app_id id, uint16_t *out, struct error *e)
{
    for (size_t i = 0; i < x->app_count; i++)
        if (app_id_equal(x->apps[i].id, id)) {
            *out = x->apps[i].number;
            return OK;
        }
    struct app app;
    struct network network = { .slug = "" };
    struct error gone;
    char text[ID_TEXT];
    struct str slug = str_of(app_id_format(id, text));
    if (access_app_get(x->tx, id, x->a, &app, &gone) == OK) {
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

static const struct claim *claims_of(const struct loading *x, struct recording_id id, size_t *count)
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

/* A recording whose claims are gone, or that is gone itself, is nobody's. */
static enum code add_usage(void *ctx, const struct usage *u, struct error *e)
{
    struct loading *x = ctx;
    struct held_part parts[HELD_PARTS_MOST];
    size_t part_count, claim_count;
    int64_t rest;
    struct cube_row row = { .day = u->day,
                            .territory = u->territory,
                            .model = u->model,
                            .kind = u->kind,
                            .seconds = u->seconds,
                            .touched = u->plays };
    const struct claim *claims = claims_of(x, u->recording, &claim_count);
    TRY(app_number(x, u->app, &row.app, e));
    TRY(attribute(claims, claim_count, x->o->right, (struct territory) { u->territory },
                  day_begin((struct day) { u->day }), x->o->rule, parts, &part_count, &rest, e));
    for (size_t i = 0; i <= part_count; i++) {
        int64_t share = i < part_count ? parts[i].share_e8 : rest;
        row.holder = i < part_count ? party_number(x, parts[i].party) : CUBE_UNKNOWN;
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
    struct usage u = { .day = day_of(p->at).number, .app = p->app, .plays = 1 };
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
    return add_usage(x, &u, e);
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

/* ---- batches, play by play: for the filter and for users ------------------------------------------ */

static enum code collect(void *ctx, const struct batch_play *p, size_t count, struct error *e)
{
    struct loading *x = ctx;
    if (x->play_count + count > x->play_room) {
        size_t room = (x->play_count + count) * 2;
        struct batch_play *bigger = realloc(x->plays, room * sizeof *bigger);
        if (!bigger)
            return fail(e, ERR_MEMORY, "no memory for %zu plays", room);
        x->plays = bigger;
        x->play_room = room;
    }
    memcpy(x->plays + x->play_count, p, count * sizeof *p);
    x->play_count += count;
    return OK;
}

static struct usage usage_of(const struct batch_play *p)
{
    return (struct usage) { .day = day_of(p->at).number,
                            .recording = p->recording,
                            .app = p->app,
                            .territory = p->territory.index,
                            .model = (uint8_t)p->model,
                            .kind = (uint8_t)p->kind,
                            .seconds = cube_seconds_class(p->played_ms / 1000),
                            .plays = 1 };
}

struct user_play {
    int32_t month; /* its first day */
    uint64_t user;
    const struct batch_play *p;
};

static int by_month_and_user(const void *pa, const void *pb)
{
    const struct user_play *a = pa, *b = pb;
    if (a->month != b->month)
        return a->month < b->month ? -1 : 1;
    if (a->user != b->user)
        return a->user < b->user ? -1 : 1;
    int order = memcmp(a->p->recording.bytes, b->p->recording.bytes, ID_BYTES);
    if (order)
        return order;
    return (a->p->at.us > b->p->at.us) - (a->p->at.us < b->p->at.us);
}

static enum code add_user(struct loading *x, const struct user_play *u, size_t count,
                          struct error *e)
{
    ARENA(a);
    struct cube mine;
    enum code code = OK;
    cube_init(&mine, &a);
    for (size_t i = 0; i < count && code == OK; i++) {
        struct usage one = usage_of(u[i].p);
        struct held_part parts[HELD_PARTS_MOST];
        size_t part_count, claim_count;
        int64_t rest;
        struct cube_row row = { .day = u[i].month,
                                .territory = one.territory,
                                .model = one.model,
                                .kind = one.kind,
                                .seconds = one.seconds,
                                .touched = 1 };
        const struct claim *claims = claims_of(x, one.recording, &claim_count);
        code = app_number(x, one.app, &row.app, e);
        if (code == OK)
            code = attribute(claims, claim_count, x->o->right, (struct territory) { one.territory },
                             day_begin((struct day) { one.day }), x->o->rule, parts, &part_count,
                             &rest, e);
        for (size_t k = 0; code == OK && k <= part_count; k++) {
            row.holder = k < part_count ? party_number(x, parts[k].party) : CUBE_UNKNOWN;
            row.weight_e8 = k < part_count ? parts[k].share_e8 : rest;
            if (row.weight_e8)
                code = cube_add(&mine, &row, e);
        }
    }
    if (code == OK)
        code = cube_seal(&mine, e);
    if (code == OK)
        code = cube_user(x->out->cube, mine.rows, mine.count, e);
    cube_done(&mine);
    return code;
}

static enum code add_users(struct loading *x, struct error *e)
{
    struct user_play *u = malloc((x->play_count + 1) * sizeof *u);
    size_t n = 0;
    enum code code = OK;
    if (!u)
        return fail(e, ERR_MEMORY, "no memory for the users of %zu plays", x->play_count);
    for (size_t i = 0; i < x->play_count; i++) {
        int year, month, day;
        day_to_civil(day_of(x->plays[i].at), &year, &month, &day);
        if (x->plays[i].user)
            u[n++] = (struct user_play) { day_from_civil(year, month, 1).number, x->plays[i].user,
                                          &x->plays[i] };
    }
    if (n)
        qsort(u, n, sizeof *u, by_month_and_user);
    for (size_t i = 0, end; i < n && code == OK; i = end) {
        for (end = i + 1; end < n && u[end].month == u[i].month && u[end].user == u[i].user;)
            end++;
        code = add_user(x, u + i, end - i, e);
    }
    free(u);
    return code;
}

static enum code filter(struct loading *x, struct error *e)
{
    uint8_t *reasons = malloc(x->play_count + 1);
    size_t kept = 0;
    if (!reasons)
        return fail(e, ERR_MEMORY, "no memory to filter %zu plays", x->play_count);
    enum code code = plays_filter(x->plays, x->play_count, x->o->filter, reasons, x->out->filtered,
                                  e);
    for (size_t i = 0; i < x->play_count && code == OK; i++)
        if (reasons[i] == FILTER_TAKEN)
            x->plays[kept++] = x->plays[i];
    x->play_count = kept;
    free(reasons);
    return code;
}

static enum code load_batches(struct loading *x, struct error *e)
{
    const struct batch_visit visit = { x, collect };
    TRY(ledger_batches_each(x->tx, x->catalogue, day_begin(x->o->from), day_begin(x->o->until),
                            &visit, e));
    if (x->o->filter)
        TRY(filter(x, e));
    if (x->o->users)
        TRY(add_users(x, e));
    for (size_t i = 0; i < x->play_count && x->o->filter; i++) {
        struct usage u = usage_of(&x->plays[i]);
        TRY(add_usage(x, &u, e));
    }
    return OK;
}

static int details_by_recording(const void *pa, const void *pb)
{
    const struct detail *a = pa, *b = pb;
    int order = memcmp(a->recording.bytes, b->recording.bytes, ID_BYTES);
    if (!order)
        order = a->row.territory - b->row.territory;
    return order ? order : (a->row.day > b->row.day) - (a->row.day < b->row.day);
}

static enum code load(struct loading *x, struct error *e)
{
    TRY(load_claims(x, e));
    TRY(load_parties(x, e));
    if (x->o->filter || x->o->users)
        TRY(load_batches(x, e));
    if (!x->o->filter)
        TRY(ledger_usage_each(x->tx, x->catalogue, x->o->from, x->o->until, x, add_usage, e));
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
