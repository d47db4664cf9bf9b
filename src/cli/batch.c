/* SPDX-License-Identifier: Apache-2.0 */
/* licet plays batch: a file of plays as batches of one producer; licet plays filter. */
#include "access/access.h"
#include "cli/records.h"
#include "cli/terms.h"
#include "ledger/ledger.h"

enum { BATCH_SIZE = 500, FILE_BYTES_MOST = 1 << 30 };
enum column { RECORDING, APP, TERRITORY, AT, PLAYED_MS, MODEL, KIND, USER, COLUMNS };
static const char *const names[COLUMNS] = { "recording", "app",   "territory", "at",
                                            "played_ms", "model", "kind",      "user" };
enum { NEEDED = PLAYED_MS + 1 };

struct batching {
    struct cli_call *call;
    struct world *world;
    struct arena arena;
    int at[COLUMNS];
    int64_t sequence, corrects;
    size_t kept, known, plays, bad;
    struct batch_play batch[BATCH_SIZE];
    size_t count;
    struct store_tx *tx; /* for names */
};

static enum code header(struct batching *x, const struct csv_record *r, struct error *e)
{
    for (int n = 0; n < COLUMNS; n++)
        x->at[n] = -1;
    for (size_t i = 0; i < r->count; i++) {
        int n = 0;
        while (n < COLUMNS && !str_is(str_trim(r->cells[i]), names[n]))
            n++;
        if (n == COLUMNS || x->at[n] >= 0)
            return fail(e, ERR_INVALID, "the column \"%.*s\" is not known, or stands twice",
                        STR_ARG(r->cells[i]));
        x->at[n] = (int)i;
    }
    for (int n = 0; n < NEEDED; n++)
        if (x->at[n] < 0)
            return fail(e, ERR_INVALID, "the column \"%s\" is missing", names[n]);
    return OK;
}

static struct str cell(const struct batching *x, const struct csv_record *r, int n)
{
    return x->at[n] >= 0 && (size_t)x->at[n] < r->count ? str_trim(r->cells[x->at[n]]) : STR("");
}

/* An ISRC or rec_...; "network/app" or app_... */
static enum code read_ids(struct batching *x, const struct csv_record *r, struct batch_play *p,
                          struct error *e)
{
    struct str name = cell(x, r, RECORDING), app = cell(x, r, APP), network;
    struct error why;
    if (recording_id_parse(name, &p->recording, &why) != OK) {
        struct recording found;
        TRY(registry_recording_find(x->tx, world_catalogue(x->world), name, &x->arena, &found, e));
        p->recording = found.id;
    }
    if (app_id_parse(app, &p->app, &why) != OK) {
        struct network n;
        struct app found;
        if (!str_split(&app, '/', &network) || app.length == 0)
            return fail(e, ERR_INVALID, "app: write network/app");
        TRY(access_network_find(x->tx, network, &x->arena, &n, e));
        TRY(access_app_find(x->tx, n.id, app, &x->arena, &found, e));
        p->app = found.id;
    }
    return OK;
}

static enum code read_play(struct batching *x, const struct csv_record *r, struct batch_play *p,
                           struct error *e)
{
    static const char *const kinds[] = { "full", "preview", "denied" };
    int64_t ms, user = 0;
    *p = (struct batch_play) { 0 };
    TRY(read_ids(x, r, p, e));
    TRY(territory_parse(cell(x, r, TERRITORY), &p->territory, e));
    if (instant_parse(cell(x, r, AT), &p->at, e) != OK)
        return fail_in(e, "at");
    if (str_to_int64(cell(x, r, PLAYED_MS), 0, 86400000, &ms, e) != OK)
        return fail_in(e, "played_ms");
    p->played_ms = (uint32_t)ms;
    if (cell(x, r, MODEL).length)
        TRY(model_parse(cell(x, r, MODEL), &p->model, e));
    if (cell(x, r, USER).length && str_to_int64(cell(x, r, USER), 0, INT64_MAX, &user, e) != OK)
        return fail_in(e, "user");
    p->user = (uint64_t)user;
    if (cell(x, r, KIND).length == 0)
        return OK;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (str_is(cell(x, r, KIND), kinds[i])) {
            p->kind = (enum cube_kind)i;
            return OK;
        }
    return fail(e, ERR_INVALID, "kind: full, preview or denied");
}

static enum code put(struct batching *x, const char *producer, struct error *e)
{
    TX(tx);
    enum batch_outcome outcome;
    struct play_batch b = { producer, x->sequence, x->corrects, x->batch, x->count };
    if (x->count == 0 && x->corrects < 0)
        return OK;
    TRY(store_begin(world_store(x->world), STORE_WRITE, &tx, e));
    TRY(ledger_batch_put(tx, world_catalogue(x->world), &b, world_now(x->world), &outcome, e));
    if (x->call->dry_run)
        store_rollback(take(tx));
    else
        TRY(store_commit_take(take(tx), e));
    x->kept += outcome == BATCH_KEPT;
    x->known += outcome == BATCH_KNOWN;
    x->plays += x->count;
    x->count = 0;
    x->sequence++;
    return OK;
}

static enum code read_all(struct batching *x, const char *file, const char *producer,
                          struct error *e)
{
    BUF(text);
    struct csv csv;
    struct csv_record r;
    bool more = true;
    TRY(file_read(file, FILE_BYTES_MOST, &text, e));
    TRY(csv_begin(&csv, buf_as_str(&text), e));
    for (bool first = true; more; first = false) {
        struct error why = { 0 };
        enum code code = csv_next(&csv, &x->arena, &r, &more, &why);
        if (code == OK && !more)
            break;
        if (first) {
            TRY(code == OK ? header(x, &r, e) : fail(e, code, "%s", why.text));
            continue;
        }
        if (code == OK)
            code = read_play(x, &r, &x->batch[x->count], &why);
        if (code != OK) {
            x->bad++;
            fail_in(&why, "%s: line %zu", file, r.line);
            fprintf(stderr, "licet: %s\n", why.text);
            continue;
        }
        if (++x->count < BATCH_SIZE)
            continue;
        if (x->corrects >= 0)
            return fail(e, ERR_LIMIT, "a batch that corrects has fewer than %d plays", BATCH_SIZE);
        TRY(put(x, producer, e));
        arena_done(&x->arena);
    }
    return put(x, producer, e);
}

enum code cli_plays_batch(struct cli_call *c, struct error *e)
{
    const char *producer;
    struct batching *x = ARENA_NEW(c->arena, struct batching);
    x->call = c;
    TRY(cli_need(c, "producer", &producer, e));
    TRY(cli_int(c, "sequence", 0, 0, INT64_MAX, &x->sequence, e));
    TRY(cli_int(c, "corrects", -1, 0, INT64_MAX, &x->corrects, e));
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    x->world = r.world.world;
    x->tx = r.tx;
    enum code code = read_all(x, c->arguments[0], producer, e);
    arena_done(&x->arena);
    TRY(code);
    c->failures += x->bad > 0;
    if (!c->json) {
        printf("%zu plays; batches kept %zu, known before %zu; bad lines %zu; the next sequence is "
               "%lld\n",
               x->plays, x->kept, x->known, x->bad, (long long)x->sequence);
        return OK;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_int(&o, "plays", (int64_t)x->plays);
    json_int(&o, "kept", (int64_t)x->kept);
    json_int(&o, "known", (int64_t)x->known);
    json_int(&o, "bad", (int64_t)x->bad);
    json_int(&o, "next_sequence", x->sequence);
    json_end(&o, '}');
    cli_print(&line);
    return OK;
}

enum code cli_plays_filter(struct cli_call *c, struct error *e)
{
    struct play_filter f = { 0 };
    struct cube cube;
    struct usage_loaded loaded = { .cube = &cube };
    bool given;
    struct usage_options o = { .right = RIGHT_MAKING_AVAILABLE, .rule = OVER_HOLD, .filter = &f };
    TRY(period_parse(str_of(c->arguments[0]), &o.from, &o.until, e));
    TRY(cli_filter_read(c, &f, &given, e));
    if (!given)
        return fail(e, ERR_INVALID,
                    "say at least one of --loops-most, --hours-most, --plays-most, --users-least");
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    cube_init(&cube, c->arena);
    enum code code = flow_usage_load(r.tx, world_catalogue(r.world.world), &o, c->arena, &loaded,
                                     e);
    cube_done(&cube);
    TRY(code);
    cli_filter_print(c, loaded.filtered);
    return OK;
}
