/* SPDX-License-Identifier: Apache-2.0 */
/* Parties in the store. */
#include "registry/rows.h"

#define COLUMNS "id, version, slug, name, dpid, isni, ipi"

static void read_party(const struct store_rows *r, struct arena *a, struct party *p)
{
    store_id(r, 0, p->id.bytes);
    p->version = store_int(r, 1);
    p->slug = row_text(r, 2, a);
    p->name = row_text(r, 3, a);
    p->dpid = row_text(r, 4, a);
    p->isni = row_text(r, 5, a);
    p->ipi = row_text(r, 6, a);
}

void registry_party_json(const struct party *p, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", party_id_format(p->id, id));
    json_int(o, "version", p->version);
    json_text(o, "slug", p->slug);
    json_text(o, "name", p->name);
    json_text(o, "dpid", p->dpid);
    json_text(o, "isni", p->isni);
    json_text(o, "ipi", p->ipi);
    json_end(o, '}');
}

static enum code check_party(struct party *p, struct arena *a, struct error *e)
{
    char plain[IDENTIFIER_TEXT];
    bool checks;
    TRY(row_check_slug(p->slug, e));
    TRY(row_check_text("name", p->name, false, 1000, e));
    if (p->dpid && p->dpid[0]) {
        TRY(dpid_parse(str_of(p->dpid), plain, &checks, e));
        p->dpid = arena_text(a, plain, strlen(plain));
    } else {
        p->dpid = NULL;
    }
    if (p->isni && p->isni[0]) {
        TRY(isni_parse(str_of(p->isni), plain, e));
        p->isni = arena_text(a, plain, strlen(plain));
    } else {
        p->isni = NULL;
    }
    if (p->ipi && p->ipi[0]) {
        TRY(ipi_name_parse(str_of(p->ipi), plain, e));
        p->ipi = arena_text(a, plain, strlen(plain));
    } else {
        p->ipi = NULL;
    }
    return OK;
}

static enum code find(struct store_tx *tx, const char *sql, struct party_id catalogue,
                      struct sql_value key, struct arena *a, struct party *out, bool *found,
                      struct error *e)
{
    owned(store_rows) rows = NULL;
    TRY(store_one(tx, sql, SQL(sql_id(catalogue), key), &rows, found, e));
    if (*found)
        read_party(rows, a, out);
    return OK;
}

static enum code by_id(struct store_tx *tx, struct party_id catalogue, struct party_id id,
                       struct arena *a, struct party *out, bool *found, struct error *e)
{
    return find(tx, "SELECT " COLUMNS " FROM registry_parties WHERE catalogue = $1 AND id = $2",
                catalogue, sql_id(id), a, out, found, e);
}

enum code registry_party_get(struct store_tx *tx, struct party_id catalogue, struct party_id id,
                             struct arena *a, struct party *out, struct error *e)
{
    bool found;
    char text[ID_TEXT];
    TRY(by_id(tx, catalogue, id, a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no party %s", party_id_format(id, text));
}

enum code registry_party_find(struct store_tx *tx, struct party_id catalogue, struct str slug,
                              struct arena *a, struct party *out, struct error *e)
{
    bool found;
    TRY(find(tx, "SELECT " COLUMNS " FROM registry_parties WHERE catalogue = $1 AND slug = $2",
             catalogue, sql_str(slug), a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no party \"%.*s\"", STR_ARG(slug));
}

enum code registry_party_list(struct store_tx *tx, struct party_id catalogue, struct party_id after,
                              size_t limit, struct arena *a, struct party **out, size_t *count,
                              struct error *e)
{
    owned(store_rows) rows = NULL;
    struct row_list list = { .arena = a, .size = sizeof(struct party) };
    bool more;
    TRY(store_query(tx,
                    "SELECT " COLUMNS " FROM registry_parties WHERE catalogue = $1 AND id > $2 "
                    "ORDER BY id LIMIT $3",
                    SQL(sql_id(catalogue), sql_id(after), sql_int((int64_t)limit)), &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        read_party(rows, a, row_list_add(&list));
    }
    *out = list.items;
    *count = list.count;
    return OK;
}

enum code registry_party_put(const struct registry_act *act, struct party *p, struct error *e)
{
    ARENA(a);
    BUF(before);
    BUF(after);
    char text[ID_TEXT];
    struct party new = *p, old;
    bool found = false;
    TRY(check_party(&new, &a, e));
    if (party_id_is_none(new.id))
        new.id = party_id_make(act->now, act->chance);
    else
        TRY(by_id(act->tx, act->catalogue, new.id, &a, &old, &found, e));
    if (found) {
        TRY(row_version("party", old.version, p->version, e));
        struct json_out o = { &before, false };
        registry_party_json(&old, &o);
    }
    new.version = found ? old.version + 1 : 1;
    TRY(store_run(act->tx,
                  "INSERT INTO registry_parties (catalogue, " COLUMNS ") VALUES ($1, $2, $3, $4, "
                  "$5, $6, $7, $8) ON CONFLICT (catalogue, id) DO UPDATE SET "
                  "version = excluded.version, slug = excluded.slug, name = excluded.name, "
                  "dpid = excluded.dpid, isni = excluded.isni, ipi = excluded.ipi",
                  SQL(sql_id(act->catalogue), sql_id(new.id), sql_int(new.version),
                      sql_text(new.slug), sql_text(new.name), sql_text(new.dpid),
                      sql_text(new.isni), sql_text(new.ipi)),
                  NULL, e));
    struct json_out o = { &after, false };
    registry_party_json(&new, &o);
    TRY(registry_note(act, found ? "party.changed" : "party.added", party_id_format(new.id, text),
                      &before, &after, e));
    p->id = new.id;
    p->version = new.version;
    return OK;
}
