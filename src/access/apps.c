/* SPDX-License-Identifier: Apache-2.0 */
/* Apps: the clients of a network, its own and those of outside developers. */
#include "access/rows.h"

static const char *const model_words[] = { "free", "subscription", NULL };

#define COLUMNS                                                                                    \
    "network, id, version, slug, name, contact, model, clip_seconds, download, offline, suspended"

static void app_read(const struct store_rows *r, struct arena *a, void *out)
{
    struct app *p = out;
    store_id(r, 0, p->network.bytes);
    store_id(r, 1, p->id.bytes);
    p->version = store_int(r, 2);
    p->slug = access_row_text(r, 3, a);
    p->name = access_row_text(r, 4, a);
    p->contact = access_row_text(r, 5, a);
    p->model = access_row_text(r, 6, a);
    p->clip_seconds = store_int(r, 7);
    p->download = store_int(r, 8) != 0;
    p->offline = store_int(r, 9) != 0;
    p->suspended = store_int(r, 10) != 0;
}

void access_app_json(const struct app *p, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", app_id_format(p->id, id));
    json_int(o, "version", p->version);
    json_text(o, "network", network_id_format(p->network, id));
    json_text(o, "slug", p->slug);
    json_text(o, "name", p->name);
    json_text(o, "contact", p->contact);
    json_text(o, "model", p->model);
    json_int(o, "clip_seconds", p->clip_seconds);
    json_bool(o, "download", p->download);
    json_bool(o, "offline", p->offline);
    json_bool(o, "suspended", p->suspended);
    json_end(o, '}');
}

static enum code app_check(struct app *p, struct error *e)
{
    TRY(check_slug(p->slug, e));
    if (!p->name || !*p->name)
        p->name = p->slug;
    if (!p->contact)
        p->contact = "";
    TRY(check_text("name", p->name, 1, 200, e));
    TRY(check_text("contact", p->contact, 0, 200, e));
    TRY(check_word("model", model_words, &p->model, e));
    if (p->clip_seconds < 0 || p->clip_seconds > 86400)
        return fail(e, ERR_INVALID, "clip_seconds is 0 (no limit) to 86400");
    return OK;
}

static enum code app_old(const struct access_act *act, const struct app *p, struct arena *a,
                         struct app *old, bool *found, struct error *e)
{
    enum code code = !app_id_is_none(p->id)
                         ? access_app_get(act->tx, p->id, a, old, e)
                         : access_app_find(act->tx, p->network, str_of(p->slug), a, old, e);
    *found = code == OK;
    if (code == OK && !network_id_is_none(p->network) &&
        !network_id_equal(p->network, old->network))
        return fail(e, ERR_INVALID, "an app stays with its network");
    return code == ERR_NOT_FOUND && p->version == 0 ? OK : code;
}

static enum code app_insert(const struct access_act *act, struct app *p, struct arena *a,
                            struct error *e)
{
    struct network network;
    TRY(access_network_get(act->tx, p->network, a, &network, e));
    if (app_id_is_none(p->id))
        p->id = app_id_make(act->now, act->chance);
    p->version = 1;
    return store_run(act->tx,
                     "INSERT INTO access_apps (" COLUMNS ")"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                     SQL(sql_id(p->network), sql_id(p->id), sql_int(p->version), sql_text(p->slug),
                         sql_text(p->name), sql_text(p->contact), sql_text(p->model),
                         sql_int(p->clip_seconds), sql_int(p->download), sql_int(p->offline),
                         sql_int(p->suspended)),
                     NULL, e);
}

static enum code app_update(const struct access_act *act, const struct app *p, struct error *e)
{
    int64_t changed;
    TRY(store_run(act->tx,
                  "UPDATE access_apps SET version = version + 1, slug = $4, name = $5,"
                  " contact = $6, model = $7, clip_seconds = $8, download = $9, offline = $10,"
                  " suspended = $11 WHERE network = $1 AND id = $2 AND version = $3",
                  SQL(sql_id(p->network), sql_id(p->id), sql_int(p->version), sql_text(p->slug),
                      sql_text(p->name), sql_text(p->contact), sql_text(p->model),
                      sql_int(p->clip_seconds), sql_int(p->download), sql_int(p->offline),
                      sql_int(p->suspended)),
                  &changed, e));
    return check_changed("app", changed, e);
}

enum code access_app_put(const struct access_act *act, struct app *given, struct error *e)
{
    ARENA(a);
    BUF(before);
    BUF(after);
    struct app p = *given, old;
    bool found;
    char id[ID_TEXT];
    TRY(app_check(&p, e));
    TRY(app_old(act, &p, &a, &old, &found, e));
    if (found) {
        TRY(check_version("app", old.version, p.version, e));
        p.id = old.id;
        p.network = old.network;
        p.version = old.version;
        access_app_json(&old, &(struct json_out) { .to = &before });
        access_app_json(&p, &(struct json_out) { .to = &after });
        if (str_equal(buf_as_str(&before), buf_as_str(&after))) {
            *given = p;
            return OK;
        }
        TRY(app_update(act, &p, e));
        p.version++;
    } else {
        TRY(app_insert(act, &p, &a, e));
    }
    buf_clear(&after);
    access_app_json(&p, &(struct json_out) { .to = &after });
    TRY(access_note(act, "app.put", app_id_format(p.id, id), &before, &after, e));
    *given = p;
    return OK;
}

enum code access_app_get(struct store_tx *tx, struct app_id id, struct arena *a, struct app *out,
                         struct error *e)
{
    char text[ID_TEXT];
    return access_row_get(tx, "SELECT " COLUMNS " FROM access_apps WHERE id = $1", SQL(sql_id(id)),
                          "app", str_of(app_id_format(id, text)), app_read, a, out, e);
}

enum code access_app_find(struct store_tx *tx, struct network_id network, struct str slug,
                          struct arena *a, struct app *out, struct error *e)
{
    return access_row_get(tx,
                          "SELECT " COLUMNS " FROM access_apps WHERE network = $1 AND slug = $2",
                          SQL(sql_id(network), sql_str(slug)), "app", slug, app_read, a, out, e);
}

enum code access_app_list(struct store_tx *tx, struct network_id network, struct app_id after,
                          size_t limit, struct arena *a, struct app **out, size_t *count,
                          struct error *e)
{
    void *list;
    bool all = network_id_is_none(network);
    const struct sql_value values[] = { sql_id(after), sql_int((int64_t)limit), sql_id(network) };
    TRY(access_row_list(tx,
                        all ? "SELECT " COLUMNS
                              " FROM access_apps WHERE id > $1 ORDER BY id LIMIT $2"
                            : "SELECT " COLUMNS " FROM access_apps WHERE network = $3 AND id > $1"
                              " ORDER BY id LIMIT $2",
                        values, all ? 2 : 3, limit, sizeof **out, app_read, a, &list, count, e));
    *out = list;
    return OK;
}
