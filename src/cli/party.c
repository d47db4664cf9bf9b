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

enum code cli_party_list(struct cli_call *c, struct error *e)
{
    struct party_id after = { { 0 } };
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct party *page;
        TRY(registry_party_list(r.tx, world_catalogue(r.world.world), after, PAGE_MOST, c->arena,
                                &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print_party(c, &page[i]);
        if (count)
            after = page[count - 1].id;
    }
    return OK;
}

static void print_recording(const struct cli_call *c, const struct recording *r)
{
    char id[ID_TEXT];
    PRINT_RECORD(c, registry_recording_json, r, "%s  %-12s  %s%s%s\n",
                 recording_id_format(r->id, id), r->isrc ? r->isrc : "", r->artist ? r->artist : "",
                 r->artist && r->artist[0] ? " - " : "", r->title ? r->title : "");
}

enum code cli_recording_list(struct cli_call *c, struct error *e)
{
    struct recording_id after = { { 0 } };
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct recording *page;
        ARENA(a);
        TRY(registry_recording_list(r.tx, world_catalogue(r.world.world), after, PAGE_MOST, &a,
                                    &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print_recording(c, &page[i]);
        if (count)
            after = page[count - 1].id;
    }
    return OK;
}

static void print_reference(const struct cli_call *c, const struct reference *r)
{
    char id[ID_TEXT], rec[ID_TEXT];
    PRINT_RECORD(c, registry_reference_json, r, "%s  %s  %s  %.1f s  %s\n",
                 reference_id_format(r->id, id), recording_id_format(r->recording, rec),
                 reference_state_word(r->state), (double)r->duration_ms / 1000,
                 r->file ? r->file : "");
}

enum code cli_reference_list(struct cli_call *c, struct error *e)
{
    struct reference_id after = { { 0 } };
    struct recording_id all = { { 0 } };
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct reference *page;
        ARENA(a);
        TRY(registry_reference_list(r.tx, world_catalogue(r.world.world), all,
                                    REFERENCE_STATE_COUNT, after, PAGE_MOST, &a, &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print_reference(c, &page[i]);
        if (count)
            after = page[count - 1].id;
    }
    return OK;
}
