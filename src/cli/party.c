/* SPDX-License-Identifier: Apache-2.0 */
/* licet party, licet recording list, licet reference list: who holds what. */
#include "cli/records.h"

static void print_party(const struct cli_call *c, const struct party *p)
{
    PRINT_RECORD(c, registry_party_json, p, "%-16s %s%s%s\n", p->slug, p->name, p->dpid ? "  " : "",
                 p->dpid ? p->dpid : "");
}

enum code cli_party_add(struct cli_call *c, struct error *e)
{
    struct party p = { .slug = c->arguments[0], .name = c->arguments[0] };
    struct error none;
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    enum code code = registry_party_find(x.act.tx, world_catalogue(x.world.world), str_of(p.slug),
                                         c->arena, &p, &none);
    if (code != OK && code != ERR_NOT_FOUND) {
        *e = none;
        return code;
    }
    p.name = cli_or(c, "name", p.name);
    p.dpid = cli_or(c, "dpid", p.dpid);
    p.isni = cli_or(c, "isni", p.isni);
    p.ipi = cli_or(c, "ipi", p.ipi);
    TRY(registry_party_put(&x.change.act, &p, e));
    TRY(cli_change_commit(c, &x, e));
    print_party(c, &p);
    return OK;
}

static void show_party(const struct cli_call *c, const void *record)
{
    print_party(c, record);
}

enum code cli_party_list(struct cli_call *c, struct error *e)
{
    return cli_each_record(c, &table_parties, show_party, e);
}

static void print_recording(const struct cli_call *c, const struct recording *r)
{
    char id[ID_TEXT];
    PRINT_RECORD(c, registry_recording_json, r, "%s  %-12s  %s%s%s\n",
                 recording_id_format(r->id, id), r->isrc ? r->isrc : "", r->artist ? r->artist : "",
                 r->artist && r->artist[0] ? " - " : "", r->title ? r->title : "");
}

static void show_recording(const struct cli_call *c, const void *record)
{
    print_recording(c, record);
}

enum code cli_recording_list(struct cli_call *c, struct error *e)
{
    return cli_each_record(c, &table_recordings, show_recording, e);
}

static void print_reference(const struct cli_call *c, const struct reference *r)
{
    char id[ID_TEXT], rec[ID_TEXT];
    PRINT_RECORD(c, registry_reference_json, r, "%s  %s  %s  %.1f s  %s\n",
                 reference_id_format(r->id, id), recording_id_format(r->recording, rec),
                 reference_state_word(r->state), (double)r->duration_ms / 1000,
                 r->file ? r->file : "");
}

static void show_reference(const struct cli_call *c, const void *record)
{
    print_reference(c, record);
}

enum code cli_reference_list(struct cli_call *c, struct error *e)
{
    return cli_each_record(c, &table_references, show_reference, e);
}
