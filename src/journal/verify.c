/* SPDX-License-Identifier: Apache-2.0 */
/* The whole journal computed again; the first event at fault is named. */
#include "journal/tree.h"

enum { NEAR = 1000 }; /* how far a moved event is looked for */

static const char *const fault_words[] = {
    [JOURNAL_WHOLE] = "whole",         [JOURNAL_CHANGED] = "changed",
    [JOURNAL_MISSING] = "missing",     [JOURNAL_MOVED] = "moved",
    [JOURNAL_ADDED] = "added",         [JOURNAL_HEAD] = "head damaged",
    [JOURNAL_REWRITTEN] = "rewritten",
};

const char *journal_fault_word(enum journal_fault fault)
{
    return fault_words[fault];
}

struct check {
    struct store_tx *tx;
    struct tree_edge edge;
    const struct journal_head *known;
    size_t known_count;
    struct journal_report *report;
};

static enum code fault(struct check *c, enum journal_fault kind, int64_t seq, struct error *e)
{
    c->report->fault = kind;
    c->report->seq = seq;
    switch (kind) {
    case JOURNAL_CHANGED:
        return fail(e, ERR_CORRUPT, "journal: event %lld was changed", (long long)seq);
    case JOURNAL_MISSING:
        return fail(e, ERR_CORRUPT, "journal: event %lld is missing", (long long)seq);
    case JOURNAL_MOVED:
        return fail(e, ERR_CORRUPT, "journal: event %lld stands at the place of another",
                    (long long)seq);
    case JOURNAL_ADDED:
        return fail(e, ERR_CORRUPT, "journal: event %lld was added from outside", (long long)seq);
    case JOURNAL_REWRITTEN:
        return fail(e, ERR_CORRUPT,
                    "journal: something up to event %lld was rewritten: a head known from before "
                    "says otherwise",
                    (long long)seq);
    case JOURNAL_HEAD:
    case JOURNAL_WHOLE:
        break;
    }
    return fail(e, ERR_CORRUPT, "journal: the head is damaged or gone");
}

/* Whole under another number? Then rows were exchanged. */
static bool is_moved(const struct journal_event *v)
{
    uint8_t leaf[JOURNAL_HASH];
    for (int64_t seq = v->seq > NEAR ? v->seq - NEAR : 1; seq <= v->seq + NEAR; seq++) {
        journal_leaf(seq, &v->entry, leaf);
        if (memcmp(leaf, v->leaf, JOURNAL_HASH) == 0)
            return true;
    }
    return false;
}

/* Tiles from before they were kept are missing, and made when they are asked for. */
static enum code check_tile(struct check *c, int64_t seq, const uint8_t tile[JOURNAL_HASH],
                            struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(c->tx, "SELECT root FROM journal_tiles WHERE number = $1",
                  SQL(sql_int(seq / TILE_LEAVES - 1)), &r, &found, e));
    struct str kept = found ? store_bytes(r, 0) : STR("");
    if (found && (kept.length != JOURNAL_HASH || memcmp(kept.at, tile, JOURNAL_HASH) != 0))
        return fault(c, JOURNAL_CHANGED, seq, e);
    return OK;
}

static enum code check_event(struct check *c, const struct journal_event *v, struct error *e)
{
    uint8_t leaf[JOURNAL_HASH], root[JOURNAL_HASH], tile[JOURNAL_HASH];
    int64_t due = c->edge.size + 1;
    if (v->seq < due)
        return fault(c, JOURNAL_ADDED, v->seq, e);
    if (v->seq > due)
        return fault(c, JOURNAL_MISSING, due, e);
    journal_leaf(v->seq, &v->entry, leaf);
    if (memcmp(leaf, v->leaf, JOURNAL_HASH) != 0)
        return fault(c, is_moved(v) ? JOURNAL_MOVED : JOURNAL_CHANGED, v->seq, e);
    tree_edge_add(&c->edge, leaf, tile);
    tree_edge_root(&c->edge, root);
    if (memcmp(root, v->root, JOURNAL_HASH) != 0)
        return fault(c, JOURNAL_CHANGED, v->seq, e);
    for (size_t i = 0; i < c->known_count; i++)
        if (c->known[i].size == v->seq && memcmp(c->known[i].root, root, JOURNAL_HASH) != 0)
            return fault(c, JOURNAL_REWRITTEN, v->seq, e);
    c->report->checked = v->seq;
    return v->seq % TILE_LEAVES ? OK : check_tile(c, v->seq, tile, e);
}

static enum code read_head(struct store_tx *tx, struct check *c, struct error *e)
{
    enum code code = journal_head(tx, &c->report->head, e);
    return code == ERR_CORRUPT ? fault(c, JOURNAL_HEAD, 0, e) : code;
}

static enum code check_end(struct check *c, struct error *e)
{
    const struct journal_head *head = &c->report->head;
    uint8_t root[JOURNAL_HASH];
    if (head->size > c->edge.size)
        return fault(c, JOURNAL_MISSING, c->edge.size + 1, e);
    if (head->size < c->edge.size)
        return fault(c, JOURNAL_ADDED, head->size + 1, e);
    tree_edge_root(&c->edge, root);
    if (memcmp(root, head->root, JOURNAL_HASH) != 0)
        return fault(c, JOURNAL_HEAD, 0, e);
    for (size_t i = 0; i < c->known_count; i++)
        if (c->known[i].size > head->size)
            return fault(c, JOURNAL_MISSING, head->size + 1, e);
    return OK;
}

enum code journal_verify(struct store_tx *tx, const struct journal_head *known, size_t known_count,
                         const struct journal_watch *watch, struct journal_report *report,
                         struct error *e)
{
    struct check c = { .tx = tx, .known = known, .known_count = known_count, .report = report };
    *report = (struct journal_report) { 0 };
    TRY(read_head(tx, &c, e));
    for (int64_t after = INT64_MIN;;) {
        ARENA(page);
        struct journal_event *events;
        size_t count;
        TRY(journal_list(tx, after, (struct str) { 0 }, JOURNAL_LIST_MOST, &page, &events, &count,
                         e));
        for (size_t i = 0; i < count; i++)
            TRY(check_event(&c, &events[i], e));
        if (watch)
            watch->step(watch->state, c.edge.size, report->head.size);
        if (count < JOURNAL_LIST_MOST)
            break;
        after = events[count - 1].seq;
    }
    return check_end(&c, e);
}
