/* SPDX-License-Identifier: Apache-2.0 */
/* A file of parties: one line each, known by its slug. */
#include "registry/import.h"

enum { SLUG, NAME, DPID, ISNI, IPI, COLUMNS };

static const struct import_column columns[COLUMNS] = {
    [SLUG] = { "slug", true },  [NAME] = { "name", true }, [DPID] = { "dpid", false },
    [ISNI] = { "isni", false }, [IPI] = { "ipi", false },
};

static const char *text_of(struct import *im, struct str cell)
{
    return cell.length ? str_copy(import_arena(im), cell) : NULL;
}

/* The plain form, so that the same number in another dress is no change. */
static enum code plain_of(struct import *im, const struct import_line *l, int column,
                          enum code (*parse)(struct str, char[IDENTIFIER_TEXT], struct error *),
                          const char **out, struct error *e)
{
    char plain[IDENTIFIER_TEXT];
    *out = NULL;
    if (!l->cells[column].length)
        return OK;
    if (parse(l->cells[column], plain, e) != OK)
        return fail_in(e, "%s", columns[column].name);
    *out = str_copy(import_arena(im), str_of(plain));
    return OK;
}

static enum code dpid_of(struct import *im, const struct import_line *l, const char **out,
                         struct error *e)
{
    char plain[IDENTIFIER_TEXT];
    bool checks = true;
    *out = NULL;
    if (!l->cells[DPID].length)
        return OK;
    if (dpid_parse(l->cells[DPID], plain, &checks, e) != OK)
        return fail_in(e, "dpid");
    if (!checks)
        import_warn(im, l->number, "dpid", "the check character of %s is wrong", plain);
    *out = str_copy(import_arena(im), str_of(plain));
    return OK;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* An empty cell leaves what is there. */
static bool merge(const char **has, const char *says)
{
    if (!says || same_text(*has, says))
        return false;
    *has = says;
    return true;
}

static enum code line(struct import *im, const struct import_line *l, struct error *e)
{
    const struct registry_act *act = import_act(im);
    struct party says = { .name = text_of(im, l->cells[NAME]) }, p = { 0 };
    struct error not_found = { 0 };
    TRY(dpid_of(im, l, &says.dpid, e));
    TRY(plain_of(im, l, ISNI, isni_parse, &says.isni, e));
    TRY(plain_of(im, l, IPI, ipi_name_parse, &says.ipi, e));
    enum code code = registry_party_find(act->tx, act->catalogue, l->cells[SLUG], import_arena(im),
                                         &p, &not_found);
    if (code != OK && code != ERR_NOT_FOUND) {
        *e = not_found;
        return code;
    }
    TRY(import_for_party(im, p.id, "slug", e));
    size_t before = code == OK ? import_seen(im, p.id.bytes) : 0;
    if (before)
        return fail(e, ERR_INVALID, "slug: line %zu has it already", before);
    if (code == ERR_NOT_FOUND)
        p = (struct party) { .slug = str_copy(import_arena(im), l->cells[SLUG]) };
    bool changed = merge(&p.name, says.name);
    changed |= merge(&p.dpid, says.dpid);
    changed |= merge(&p.isni, says.isni);
    changed |= merge(&p.ipi, says.ipi);
    if (changed || code == ERR_NOT_FOUND)
        TRY(registry_party_put(act, &p, e));
    import_see(im, p.id.bytes, l->number);
    import_count(im, IMPORT_PARTY,
                 code == ERR_NOT_FOUND ? IMPORT_ADDED
                 : changed             ? IMPORT_CHANGED
                                       : IMPORT_SAME);
    return OK;
}

const struct import_kind import_parties = { "parties", columns, COLUMNS, line };
