/* SPDX-License-Identifier: Apache-2.0 */
/* Parties of a message: known by identifier, else by name; made when something is said of them. */
#include "ddex/apply.h"

#include <stdio.h>

enum { SLUG_MOST = 64 };

static const char *keep(struct apply *p, const struct ern_text *t)
{
    return t->text && t->text[0] ? str_copy(p->arena, str_of(t->text)) : NULL;
}

struct person *person_of(struct apply *p, const struct ern_who *who, uint32_t line)
{
    struct person *out = ARENA_NEW(p->arena, struct person);
    *out = (struct person) { .dpid = keep(p, &who->dpid),
                             .isni = keep(p, &who->isni),
                             .ipi = keep(p, &who->ipi),
                             .own = keep(p, &who->own),
                             .name = keep(p, &who->name),
                             .line = line };
    if (!out->dpid && who->id.text && str_starts(str_of(who->id.text), "PADPIDA"))
        out->dpid = keep(p, &who->id);
    else if (!out->own)
        out->own = keep(p, &who->id);
    return out;
}

const char *person_word(const struct person *who)
{
    return who->dpid ? who->dpid : who->own ? who->own : who->name ? who->name : "";
}

/* Identifiers in plain form; what is out of form is told and not kept. */
static enum code check_identifiers(struct apply *p, struct person *who, struct error *e)
{
    struct error inner = { 0 };
    char plain[IDENTIFIER_TEXT];
    bool checks = true;
    if (who->dpid && dpid_parse(str_of(who->dpid), plain, &checks, &inner) != OK) {
        TRY(note(p, e, RULE_PARTY_ID, who->line, "DPID", "%.200s", inner.text));
        who->own = who->own ? who->own : who->dpid;
        who->dpid = NULL;
    } else if (who->dpid && !checks) {
        TRY(note(p, e, RULE_DPID, who->line, "DPID", "%.40s: its last character does not check",
                 who->dpid));
    }
    if (who->isni && isni_parse(str_of(who->isni), plain, &inner) != OK) {
        TRY(note(p, e, RULE_PARTY_ID, who->line, "ISNI", "%.200s", inner.text));
        who->isni = NULL;
    }
    if (who->ipi && ipi_name_parse(str_of(who->ipi), plain, &inner) != OK) {
        TRY(note(p, e, RULE_PARTY_ID, who->line, "IpiNameNumber", "%.200s", inner.text));
        who->ipi = NULL;
    }
    return OK;
}

/* Small letters, digits and hyphens of a name; a name without any gets a number of its bytes. */
static const char *slug_of(const char *name, char out[SLUG_MOST + 1])
{
    size_t n = 0;
    for (const char *c = name; *c && n < SLUG_MOST - 8; c++) {
        char low = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
        bool plain = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9');
        if (plain)
            out[n++] = low;
        else if (n && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n && out[n - 1] == '-')
        n--;
    out[n] = '\0';
    if (n < 2) {
        uint64_t hash = 14695981039346656037u;
        for (const char *c = name; *c; c++)
            hash = (hash ^ (unsigned char)*c) * 1099511628211u;
        snprintf(out, SLUG_MOST, "party-%012llx", (unsigned long long)(hash & 0xFFFFFFFFFFFF));
    }
    return out;
}

static enum code find_by(struct apply *p, struct str text,
                         enum code (*find)(struct store_tx *, struct party_id, struct str,
                                           struct arena *, struct party *, struct error *),
                         struct party *out, bool *found, struct error *e)
{
    struct error inner = { 0 };
    enum code code = find(p->act->tx, p->act->catalogue, text, &p->scratch, out, &inner);
    *found = code == OK;
    if (code != OK && code != ERR_NOT_FOUND && code != ERR_INVALID) {
        *e = inner;
        return code;
    }
    return OK;
}

static enum code find_by_name(struct apply *p, const struct person *who, struct party *out,
                              bool *found, struct error *e)
{
    char slug[SLUG_MOST + 1];
    slug_of(who->name, slug);
    TRY(find_by(p, str_of(slug), registry_party_find, out, found, e));
    /* another party with an identifier of its own may only have a name like this */
    if (*found && (strcmp(out->name, who->name) != 0 || (who->dpid && out->dpid)))
        *found = false;
    return OK;
}

static enum code find_party(struct apply *p, const struct person *who, struct party *out,
                            bool *found, struct error *e)
{
    *found = false;
    if (who->dpid || who->own) {
        struct ern_partner partner;
        TRY(ern_partner_find(p->act->tx, p->act->catalogue, str_of(person_word(who)), &p->scratch,
                             &partner, found, e));
        if (*found)
            return registry_party_get(p->act->tx, p->act->catalogue, partner.party, &p->scratch,
                                      out, e);
    }
    if (who->dpid)
        TRY(find_by(p, str_of(who->dpid), registry_party_find_dpid, out, found, e));
    if (!*found && who->isni)
        TRY(find_by(p, str_of(who->isni), registry_party_find_isni, out, found, e));
    if (!*found && who->ipi)
        TRY(find_by(p, str_of(who->ipi), registry_party_find_ipi, out, found, e));
    return !*found && who->name ? find_by_name(p, who, out, found, e) : OK;
}

enum code person_find(struct apply *p, struct person *who, bool *found, struct error *e)
{
    struct party party;
    *found = true;
    if (!party_id_is_none(who->id))
        return OK;
    TRY(check_identifiers(p, who, e));
    TRY(find_party(p, who, &party, found, e));
    if (*found)
        who->id = party.id;
    return OK;
}

/* A slug that is free: the name's, else with what tells the party apart. */
static enum code free_slug(struct apply *p, const struct person *who, char slug[SLUG_MOST + 1],
                           struct error *e)
{
    char base[SLUG_MOST + 1];
    slug_of(who->name ? who->name : person_word(who), base);
    snprintf(slug, SLUG_MOST + 1, "%s", base);
    for (int n = 2; n < 1000; n++) {
        struct party other;
        bool taken;
        TRY(find_by(p, str_of(slug), registry_party_find, &other, &taken, e));
        if (!taken)
            return OK;
        snprintf(slug, SLUG_MOST + 1, "%.56s-%d", base, n);
    }
    return fail(e, ERR_LIMIT, "there are too many parties called \"%s\"", base);
}

enum code person_party(struct apply *p, struct person *who, struct party_id *out, struct error *e)
{
    char slug[SLUG_MOST + 1], id[ID_TEXT];
    bool found;
    TRY(person_find(p, who, &found, e));
    if (!found) {
        if (!who->name && !who->dpid && !who->isni && !who->ipi && !who->own)
            return note(p, e, RULE_PARTY, who->line, "PartyName",
                        "the party has neither a name nor an identifier");
        TRY(free_slug(p, who, slug, e));
        struct party new = { .slug = slug,
                             .name = who->name ? who->name : person_word(who),
                             .dpid = who->dpid,
                             .isni = who->isni,
                             .ipi = who->ipi };
        TRY(registry_party_put(p->act, &new, e));
        who->id = new.id;
        tell_change(p, ERN_ADDED, ERN_THING_PARTY, party_id_format(new.id, id), new.name, NULL,
                    person_word(who), who->line);
    }
    *out = who->id;
    return OK;
}
