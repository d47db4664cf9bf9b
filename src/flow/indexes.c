/* SPDX-License-Identifier: Apache-2.0 */
/* The indexes for a person to look at: info, check, mend, rebuild. */
#include "flow/mend.h"

static enum code rows_of(struct world *w, enum ear which, int64_t *rows, struct error *e)
{
    TX(tx);
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    return which == EAR_REFERENCES
               ? registry_reference_count(tx, w->catalogue, REFERENCE_INDEXED, rows, e)
               : media_upload_searchable_count(tx, rows, e);
}

enum code flow_index_rows(struct world *w, int64_t *rows, struct error *e)
{
    int64_t of_one;
    *rows = 0;
    for (int i = 0; i < EAR_COUNT; i++) {
        TRY(rows_of(w, (enum ear)i, &of_one, e));
        *rows += of_one;
    }
    return OK;
}

enum code flow_index_info(struct world *w, struct index_report out[INDEXES], struct error *e)
{
    for (int i = 0; i < EAR_COUNT; i++) {
        out[i] = (struct index_report) { .name = world_ear_name((enum ear)i) };
        TRY(rows_of(w, (enum ear)i, &out[i].wanted, e));
        owned(index) ix = NULL;
        out[i].code = index_open(world_ear_folder(w, (enum ear)i), INDEX_READ, &ix, &out[i].error);
        if (out[i].code == OK)
            index_info(ix, &out[i].figures);
    }
    return OK;
}

static enum code check_ear(struct world *w, enum ear which, const struct index_progress *progress,
                           struct index_report *out, struct error *e)
{
    owned(index) ix = NULL;
    struct error why = { 0 };
    const char *folder = world_ear_folder(w, which);
    const struct comparison c = {
        .w = w, .which = which, .deep = true, .progress = progress, .report = out
    };
    *out = (struct index_report) { .name = world_ear_name(which) };
    enum code code = index_check(folder, &why);
    if (code == ERR_NOT_FOUND && world_ear_is_empty(w, which))
        code = OK; /* nothing was committed yet: there is no file to read */
    if (code == OK)
        code = index_open(folder, INDEX_READ, &ix, &why);
    if (code == OK)
        TRY(mend_compare(&c, ix, e));
    if (code == OK)
        index_info(ix, &out->figures);
    out->code = code;
    out->error = why;
    return OK;
}

enum code flow_index_check(struct world *w, const struct index_progress *progress,
                           struct index_report out[INDEXES], struct error *e)
{
    for (int i = 0; i < EAR_COUNT; i++)
        TRY(check_ear(w, (enum ear)i, progress, &out[i], e));
    return OK;
}

enum code flow_index_mend(struct world *w, struct index_report out[INDEXES], struct error *e)
{
    for (int i = 0; i < EAR_COUNT; i++)
        TRY(mend_ear(w, (enum ear)i, &out[i], e));
    return OK;
}

/* Everything that belongs into the index, made in a folder beside; again where something changed
 * meanwhile. */
static enum code fill_beside(const struct comparison *c, struct error *e)
{
    struct index_report first;
    struct comparison again = *c;
    again.report = &first;
    TRY(mend_compare(&again, c->ix, e));
    c->report->wanted = first.wanted;
    c->report->missing = first.missing;
    c->report->unreadable = first.unreadable;
    c->report->unreadable_first = first.unreadable_first;
    return OK;
}

static enum code rebuild_in(struct world *w, enum ear which, const char *beside,
                            const struct index_progress *progress, struct index_report *out,
                            struct error *e)
{
    owned(index) ix = NULL;
    struct index_report late;
    int turn = -1;
    TRY(index_open(beside, INDEX_WRITE, &ix, e));
    struct comparison c = { .w = w, .which = which, .ix = ix, .progress = progress, .report = out };
    TRY(fill_beside(&c, e));
    /* now nobody else may write: what was committed since the first look is added, then exchanged */
    TRY(world_ear_hold(w, which, &turn, e));
    c.progress = NULL;
    c.report = &late;
    enum code code = mend_compare(&c, ix, e);
    if (code == OK)
        code = index_compact(ix, e);
    if (code == OK)
        code = world_ear_exchange(w, which, beside, e);
    index_info(ix, &out->figures);
    world_ear_let_go(w, which, turn);
    return code;
}

static enum code rebuild_ear(struct world *w, enum ear which, const struct index_progress *progress,
                             struct index_report *out, struct error *e)
{
    ARENA(a);
    const char *beside = arena_format(&a, "%s.new", world_ear_folder(w, which));
    *out = (struct index_report) { .name = world_ear_name(which) };
    TRY(folder_remove(beside, e)); /* what a rebuild that did not finish left */
    enum code code = rebuild_in(w, which, beside, progress, out, e);
    struct error left;
    if (folder_remove(beside, &left) != OK && code == OK)
        return fail(e, left.code, "%s", left.text);
    return code;
}

enum code flow_index_rebuild(struct world *w, const struct index_progress *progress,
                             struct index_report out[INDEXES], struct error *e)
{
    for (int i = 0; i < EAR_COUNT; i++)
        if (rebuild_ear(w, (enum ear)i, progress, &out[i], e) != OK)
            return fail_in(e, "rebuilding the index of %s", world_ear_name((enum ear)i));
    return OK;
}
