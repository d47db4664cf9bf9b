/* SPDX-License-Identifier: Apache-2.0 */
/* Networks: who they are, what rules they have published. */
#include "access/rows.h"

/* The words policy knows, the strictest first. */
static const char *const unlicensed_words[] = { "deny", "preview", "full", NULL };
static const char *const unmatched_words[] = { "hold", "preview", "full", NULL };
static const char *const conflict_words[] = { "hold",  "most_restrictive", "first_filed",
                                              "scale", "pay_undisputed",   NULL };
static const char *const unheard_words[] = { "deny", "preview", "full", NULL };

#define COLUMNS                                                                                    \
    "id, version, slug, name, unlicensed, unmatched, conflict_rule, unheard, suspended, closed"

static void network_read(const struct store_rows *r, struct arena *a, void *out)
{
    struct network *n = out;
    store_id(r, 0, n->id.bytes);
    n->version = store_int(r, 1);
    n->slug = access_row_text(r, 2, a);
    n->name = access_row_text(r, 3, a);
    n->unlicensed = access_row_text(r, 4, a);
    n->unmatched = access_row_text(r, 5, a);
    n->conflict = access_row_text(r, 6, a);
    n->unheard = access_row_text(r, 7, a);
    n->suspended = access_row_text(r, 8, a);
    n->closed = access_row_text(r, 9, a);
}

void access_network_json(const struct network *n, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", network_id_format(n->id, id));
    json_int(o, "version", n->version);
    json_text(o, "slug", n->slug);
    json_text(o, "name", n->name);
    json_text(o, "unlicensed", n->unlicensed);
    json_text(o, "unmatched", n->unmatched);
    json_text(o, "conflict", n->conflict);
    json_text(o, "unheard", n->unheard);
    json_text(o, "suspended", n->suspended);
    json_text(o, "closed", n->closed);
    json_end(o, '}');
}

static enum code network_check(struct network *n, struct error *e)
{
    TRY(check_slug(n->slug, e));
    if (!n->name || !*n->name)
        n->name = n->slug;
    TRY(check_text("name", n->name, 1, 200, e));
    TRY(check_word("unlicensed", unlicensed_words, &n->unlicensed, e));
    TRY(check_word("unmatched", unmatched_words, &n->unmatched, e));
    TRY(check_word("conflict", conflict_words, &n->conflict, e));
    TRY(check_word("unheard", unheard_words, &n->unheard, e));
    TRY(check_word("suspended", unheard_words, &n->suspended, e));
    if (!n->closed)
        n->closed = "";
    return check_text("closed", n->closed, 0, 4000, e);
}

static enum code network_old(const struct access_act *act, const struct network *n, struct arena *a,
                             struct network *old, bool *found, struct error *e)
{
    bool by_id = !network_id_is_none(n->id);
    enum code code = by_id ? access_network_get(act->tx, n->id, a, old, e)
                           : access_network_find(act->tx, str_of(n->slug), a, old, e);
    *found = code == OK;
    return code == ERR_NOT_FOUND && n->version == 0 ? OK : code;
}

static enum code network_insert(const struct access_act *act, struct network *n, struct error *e)
{
    if (network_id_is_none(n->id))
        n->id = network_id_make(act->now, act->chance);
    n->version = 1;
    return store_run(act->tx,
                     "INSERT INTO access_networks (" COLUMNS ")"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                     SQL(sql_id(n->id), sql_int(n->version), sql_text(n->slug), sql_text(n->name),
                         sql_text(n->unlicensed), sql_text(n->unmatched), sql_text(n->conflict),
                         sql_text(n->unheard), sql_text(n->suspended), sql_text(n->closed)),
                     NULL, e);
}

static enum code network_update(const struct access_act *act, const struct network *n,
                                struct error *e)
{
    int64_t changed;
    TRY(store_run(act->tx,
                  "UPDATE access_networks SET version = version + 1, slug = $3, name = $4,"
                  " unlicensed = $5, unmatched = $6, conflict_rule = $7, unheard = $8,"
                  " suspended = $9, closed = $10 WHERE id = $1 AND version = $2",
                  SQL(sql_id(n->id), sql_int(n->version), sql_text(n->slug), sql_text(n->name),
                      sql_text(n->unlicensed), sql_text(n->unmatched), sql_text(n->conflict),
                      sql_text(n->unheard), sql_text(n->suspended), sql_text(n->closed)),
                  &changed, e));
    return check_changed("network", changed, e);
}

enum code access_network_put(const struct access_act *act, struct network *given, struct error *e)
{
    ARENA(a);
    BUF(before);
    BUF(after);
    struct network n = *given, old;
    bool found;
    char id[ID_TEXT];
    TRY(network_check(&n, e));
    TRY(network_old(act, &n, &a, &old, &found, e));
    if (found) {
        TRY(check_version("network", old.version, n.version, e));
        n.id = old.id;
        n.version = old.version;
        access_network_json(&old, &(struct json_out) { .to = &before });
        access_network_json(&n, &(struct json_out) { .to = &after });
        if (str_equal(buf_as_str(&before), buf_as_str(&after))) {
            *given = n;
            return OK;
        }
        TRY(network_update(act, &n, e));
        n.version++;
    } else {
        TRY(network_insert(act, &n, e));
    }
    buf_clear(&after);
    access_network_json(&n, &(struct json_out) { .to = &after });
    TRY(access_note(act, "network.put", network_id_format(n.id, id), &before, &after, e));
    *given = n;
    return OK;
}

enum code access_network_get(struct store_tx *tx, struct network_id id, struct arena *a,
                             struct network *out, struct error *e)
{
    char text[ID_TEXT];
    return access_row_get(tx, "SELECT " COLUMNS " FROM access_networks WHERE id = $1",
                          SQL(sql_id(id)), "network", str_of(network_id_format(id, text)),
                          network_read, a, out, e);
}

enum code access_network_find(struct store_tx *tx, struct str slug, struct arena *a,
                              struct network *out, struct error *e)
{
    return access_row_get(tx, "SELECT " COLUMNS " FROM access_networks WHERE slug = $1",
                          SQL(sql_str(slug)), "network", slug, network_read, a, out, e);
}

enum code access_network_list(struct store_tx *tx, struct network_id after, size_t limit,
                              struct arena *a, struct network **out, size_t *count, struct error *e)
{
    void *list;
    TRY(access_row_list(
        tx, "SELECT " COLUMNS " FROM access_networks WHERE id > $1 ORDER BY id LIMIT $2",
        SQL(sql_id(after), sql_int((int64_t)limit)), limit, sizeof **out, network_read, a, &list,
        count, e));
    *out = list;
    return OK;
}
