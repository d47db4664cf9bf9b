/* SPDX-License-Identifier: Apache-2.0 */
/* May this be played? Question and upload to facts, facts to verdict, verdict kept. */
#include "access/access.h"
#include "flow/claims.h"
#include "flow/keeping.h"
#include "flow/notice_inside.h"
#include "flow/rights.h"

/* What a decision needs while it is made. */
struct asking {
    struct world *world;
    struct rights_now *rights;
    struct store_tx **tx; /* for reading; begun when an upload is asked for */
    struct arena *arena;
};

static enum code read_use(const struct decide_request *r, struct question *q, struct error *e)
{
    q->use = USE_STREAM;
    return r->use.length ? use_parse(r->use, &q->use, e) : OK;
}

static enum code read_subject(const struct decide_request *r, struct question *q, struct error *e)
{
    if (str_starts(r->subject, "rec_"))
        return recording_id_parse(r->subject, &q->recording, e);
    return upload_id_parse(r->subject, &q->upload, e);
}

/* Names that are not known give a question about nothing, which policy denies with its reason. */
static enum code read_place(const struct asking *k, const struct decide_request *r,
                            struct network_id of_upload, struct question *q, struct error *e)
{
    struct error unknown;
    q->territory = TERRITORY_UNKNOWN;
    q->model = MODEL_FREE;
    if (r->territory.length)
        TRY(territory_parse(r->territory, &q->territory, e));
    if (r->network.length == 0)
        q->network = of_upload;
    else if (rights_now_network(k->rights, r->network, &q->network, &unknown) != OK)
        q->network = (struct network_id) { { 0 } };
    if (rights_now_app(k->rights, q->network, r->app, &q->app, &q->model, &unknown) != OK)
        q->app = (struct app_id) { { 0 } };
    return r->model.length ? model_parse(r->model, &q->model, e) : OK;
}

static enum code read_moment(const struct world *w, const struct decide_request *r,
                             struct question *q, struct error *e)
{
    q->at = world_now(w);
    return r->at.length ? instant_parse(r->at, &q->at, e) : OK;
}

static enum code uploader_state(const struct asking *k, const struct upload *u, bool *suspended,
                                struct error *e)
{
    struct user user;
    struct error missing;
    *suspended = false;
    if (!u->uploader)
        return OK;
    enum code code = access_user_find(*k->tx, u->network, str_of(u->uploader), k->arena, &user,
                                      &missing);
    if (code == ERR_NOT_FOUND)
        return OK;
    if (code != OK)
        return fail(e, code, "%s", missing.text);
    *suspended = user.suspended;
    return OK;
}

/* What is known of an upload, from its rows. */
static enum code upload_known(const struct asking *k, const struct upload *u,
                              struct upload_known *out, struct error *e)
{
    struct media_match *rows;
    size_t count;
    TRY(media_match_list(*k->tx, u->id, k->arena, &rows, &count, e));
    struct upload_match *matches = ARENA_ARRAY(k->arena, struct upload_match, count);
    for (size_t i = 0; i < count; i++)
        matches[i] = (struct upload_match) { .reference = rows[i].reference,
                                             .recording = rows[i].recording,
                                             .upload_from_ms = rows[i].upload_from_ms,
                                             .upload_to_ms = rows[i].upload_to_ms,
                                             .reference_from_ms = rows[i].reference_from_ms,
                                             .reference_to_ms = rows[i].reference_to_ms,
                                             .reference_ms = rows[i].reference_ms };
    const struct upload_match *left;
    TRY(claims_exclude(*k->tx, k->world->catalogue, matches, count, k->arena, &left, &count, e));
    *out = (struct upload_known) {
        .facts = { .version = u->version,
                   .hearing = u->state != UPLOAD_HEARD ? HEARING_NONE
                              : u->heard_in_part       ? HEARING_PART
                                                       : HEARING_DONE,
                   .restricted_until = INSTANT_NEVER,
                   .duration_ms = u->duration_ms,
                   .preview_start_ms = u->preview.start_ms,
                   .preview_length_ms = u->preview.length_ms },
        .matches = left,
        .match_count = count,
    };
    return uploader_state(k, u, &out->facts.uploader_suspended, e);
}

/* The verdict is decided from facts that were written and read back: what is stored is what was
 * judged, and nothing in it borrows from the snapshot. */
static enum code judge(const struct facts *gathered, struct arena *a, struct decided *out,
                       struct error *e)
{
    BUF(facts_json);
    BUF(verdict_json);
    policy_facts_write(gathered, &facts_json);
    struct facts *facts = ARENA_NEW(a, struct facts);
    if (facts_json.failed)
        return fail(e, ERR_MEMORY, "no memory for the facts");
    TRY(policy_facts_read(buf_as_str(&facts_json), a, facts, e));
    policy_decide(facts, a, &out->verdict);
    policy_verdict_write(&out->verdict, &verdict_json);
    if (verdict_json.failed)
        return fail(e, ERR_MEMORY, "no memory for the verdict");
    out->facts_json = str_copy(a, buf_as_str(&facts_json));
    out->verdict_json = str_copy(a, buf_as_str(&verdict_json));
    return OK;
}

/* Nobody looks at the verdict but as JSON, which outlives the snapshot. What is kept is the same:
 * facts that are written and read back give the same verdict (tests/policy/test_facts.c). */
static enum code judge_bare(const struct facts *gathered, bool facts_too, struct arena *a,
                            struct decided *out, struct error *e)
{
    BUF(facts_json);
    BUF(verdict_json);
    if (facts_too)
        policy_facts_write(gathered, &facts_json);
    policy_decide(gathered, a, &out->verdict);
    policy_verdict_write(&out->verdict, &verdict_json);
    if (verdict_json.failed || facts_json.failed)
        return fail(e, ERR_MEMORY, "no memory for the verdict");
    out->facts_json = facts_too ? str_copy(a, buf_as_str(&facts_json)) : NULL;
    out->verdict_json = str_copy(a, buf_as_str(&verdict_json));
    out->verdict.reasons = NULL;
    out->verdict.reason_count = 0;
    out->verdict.facts = NULL;
    return OK;
}

static enum code decide_one(const struct asking *k, const struct decide_request *r,
                            struct decided *out, struct error *e)
{
    struct question q = { 0 };
    struct upload u = { 0 };
    struct upload_known known;
    struct facts facts;
    TRY(read_use(r, &q, e));
    TRY(read_subject(r, &q, e));
    TRY(read_moment(k->world, r, &q, e));
    bool of_upload = !upload_id_is_none(q.upload);
    if (of_upload) {
        if (!*k->tx)
            TRY(store_begin(k->world->store, STORE_READ, k->tx, e));
        TRY(media_upload_get(*k->tx, (struct network_id) { { 0 } }, q.upload, k->arena, &u, e));
        TRY(upload_known(k, &u, &known, e));
    }
    TRY(read_place(k, r, u.network, &q, e));
    if (of_upload) {
        TRY(claims_leaves(*k->tx, k->world->catalogue, &u, &q, k->arena, &known.leaves,
                          &known.leave_count, e));
        TRY(notice_hold(*k->tx, &u, q.territory, k->arena, &known, e));
    }
    rights_gather(rights_now_of(k->rights), &q, of_upload ? &known : NULL, k->arena, &facts);
    *out = (struct decided) { .asked = q };
    return r->bare ? judge_bare(&facts, r->keep, k->arena, out, e)
                   : judge(&facts, k->arena, out, e);
}

static void row_of(struct world *w, struct decided *d, struct media_verdict *row)
{
    const struct question *q = &d->asked;
    d->id = verdict_id_make(world_now(w), world_chance(w));
    *row = (struct media_verdict) { .id = d->id,
                                    .network = q->network,
                                    .upload = q->upload,
                                    .recording = q->recording,
                                    .app = q->app,
                                    .mode = verdict_mode_word(d->verdict.mode),
                                    .reason_code = d->verdict.reason_code,
                                    .policy_version = POLICY_VERSION,
                                    .facts = d->facts_json,
                                    .verdict = d->verdict_json,
                                    .given = world_now(w) };
    snprintf(row->territory, sizeof row->territory, "%s", territory_code(q->territory));
}

struct verdict_rows {
    const struct media_verdict *rows;
    size_t count;
};

static enum code write_rows(struct store_tx *tx, void *work, struct error *e)
{
    const struct verdict_rows *v = work;
    for (size_t i = 0; i < v->count; i++)
        TRY(media_verdict_put(tx, &v->rows[i], e));
    return OK;
}

static enum code keep_all(struct world *w, const struct decide_request *r, size_t count,
                          struct arena *a, struct decided *out, const enum code *codes,
                          struct error *e)
{
    struct media_verdict *rows = ARENA_ARRAY(a, struct media_verdict, count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (r[i].keep && codes[i] == OK)
            row_of(w, &out[i], &rows[kept++]);
    struct verdict_rows all = { rows, kept };
    return kept ? keeping_put(w->keeping, write_rows, &all, e) : OK;
}

/* A question about a recording needs no database. */
static void decide_with(struct world *w, struct rights_now *rights, const struct decide_request *r,
                        size_t count, struct arena *a, struct decided *out, enum code *codes,
                        struct error *errors)
{
    TX(tx);
    struct asking k = { w, rights, &tx, a };
    for (size_t i = 0; i < count; i++)
        codes[i] = decide_one(&k, &r[i], &out[i], &errors[i]);
}

bool flow_rights_at_hand(struct world *w)
{
    struct rights_now *now = world_rights_take(w);
    rights_now_drop(now);
    return now != NULL;
}

static enum code take_rights(struct world *w, struct rights_now **out, struct error *e)
{
    *out = world_rights_take(w);
    if (*out)
        return OK;
    TRY(world_rights_follow(w, e));
    *out = world_rights_take(w);
    return OK;
}

static enum code answer_recordings(const struct asking *k, const struct decide_request *r,
                                   const struct recording_id *recordings, size_t count,
                                   struct verdict_brief *out, struct error *e)
{
    struct question q = { 0 };
    TRY(read_use(r, &q, e));
    TRY(read_moment(k->world, r, &q, e));
    TRY(read_place(k, r, (struct network_id) { { 0 } }, &q, e));
    struct question *all = ARENA_ARRAY(k->arena, struct question, count);
    for (size_t i = 0; i < count; i++) {
        all[i] = q;
        all[i].recording = recordings[i];
    }
    rights_answer_many(rights_now_of(k->rights), all, count, out);
    return OK;
}

enum code flow_decide_recordings(struct world *w, const struct decide_request *r,
                                 const struct recording_id *recordings, size_t count,
                                 struct arena *a, struct verdict_brief *out, struct error *e)
{
    struct asking k = { .world = w, .arena = a };
    TRY(take_rights(w, &k.rights, e));
    enum code code = answer_recordings(&k, r, recordings, count, out, e);
    rights_now_drop(k.rights);
    return code;
}

enum code flow_decide_many(struct world *w, const struct decide_request *r, size_t count,
                           struct arena *a, struct decided *out, enum code *codes,
                           struct error *errors, struct error *e)
{
    struct rights_now *rights;
    TRY(take_rights(w, &rights, e));
    decide_with(w, rights, r, count, a, out, codes, errors);
    rights_now_drop(rights);
    return keep_all(w, r, count, a, out, codes, e);
}

enum code flow_decide(struct world *w, const struct decide_request *r, struct arena *a,
                      struct decided *out, struct error *e)
{
    enum code code;
    struct error error;
    TRY(flow_decide_many(w, r, 1, a, out, &code, &error, e));
    return code == OK ? OK : fail(e, code, "%s", error.text);
}

enum code flow_explain(struct world *w, struct str verdict, struct arena *a, struct explained *out,
                       struct error *e)
{
    TX(tx);
    struct verdict_id id;
    struct media_verdict row;
    struct explained x = { 0 };
    struct facts *facts = ARENA_NEW(a, struct facts);
    TRY(verdict_id_parse(verdict, &id, e));
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(media_verdict_get(tx, id, a, &row, e));
    if (policy_facts_read(str_of(row.facts), a, facts, e) != OK)
        return fail_in(e, "the facts of this verdict");
    TRY(judge(facts, a, &x.replayed, e));
    x.stored = x.replayed;
    x.stored.facts_json = row.facts;
    x.stored.verdict_json = row.verdict;
    x.stored.id = x.replayed.id = id;
    x.at = row.given;
    x.same = strcmp(row.verdict, x.replayed.verdict_json) == 0 &&
             strcmp(row.facts, x.replayed.facts_json) == 0;
    *out = x;
    return OK;
}
