/* SPDX-License-Identifier: Apache-2.0 */
/* What a sender made before, against what a message wants now. */
#include "ddex/apply.h"

static const char *kind_of(const struct wanted *w)
{
    return ern_thing_word(w->thing);
}

/* The part in front of the tab, for people. */
static const char *words_of(struct apply *p, const char *content)
{
    const char *tab = strchr(content, '\t');
    return tab ? str_copy(p->arena, (struct str) { content, (size_t)(tab - content) }) : content;
}

static bool same_pair(const char *a, const char *b)
{
    const char *x = strchr(a, '\t'), *y = strchr(b, '\t');
    return x && y && strcmp(x, y) == 0;
}

/* ---- put and end, by kind ---- */

static enum code put_claim(struct apply *p, struct claim *c, bool is_new, struct error *e)
{
    struct claim old;
    struct error inner = { 0 };
    if (is_new) {
        c->filed = p->act->now;
        return registry_claim_put(p->act, c, e);
    }
    enum code code = registry_claim_get(p->act->tx, p->act->catalogue, c->id, &p->scratch, &old,
                                        &inner);
    c->filed = code == OK ? old.filed : p->act->now; /* a restated share keeps its turn */
    if (code != OK && code != ERR_NOT_FOUND) {
        *e = inner;
        return code;
    }
    return registry_claim_put(p->act, c, e);
}

static enum code put_record(struct apply *p, struct wanted *w, const uint8_t *id, uint8_t *put,
                            struct error *e)
{
    enum code code = OK;
    switch (w->thing) {
    case ERN_THING_CLAIM: {
        struct claim *c = w->record;
        if (id)
            memcpy(c->id.bytes, id, ID_BYTES);
        code = put_claim(p, c, !id, e);
        memcpy(put, c->id.bytes, ID_BYTES);
        break;
    }
    case ERN_THING_POLICY: {
        struct holder_policy *h = w->record;
        if (id)
            memcpy(h->id.bytes, id, ID_BYTES);
        code = registry_policy_put(p->act, h, e);
        memcpy(put, h->id.bytes, ID_BYTES);
        break;
    }
    case ERN_THING_LICENCE: {
        struct licence *l = w->record;
        if (id)
            memcpy(l->id.bytes, id, ID_BYTES);
        code = licence_put(p->act, l, e);
        memcpy(put, l->id.bytes, ID_BYTES);
        break;
    }
    case ERN_THING_PARTY:
    case ERN_THING_RECORDING:
    case ERN_THING_RELEASE:
    case ERN_THING_COUNT:
        break;
    }
    return code == OK || w->line == 0 ? code : fail_in(e, "line %u", w->line);
}

static enum code end_record(struct apply *p, const struct kept_made *m, struct error *e)
{
    enum code code;
    struct error inner = { 0 };
    if (strcmp(m->kind, ern_thing_word(ERN_THING_CLAIM)) == 0) {
        struct claim_id id;
        memcpy(id.bytes, m->record, ID_BYTES);
        code = registry_claim_withdraw(p->act, id, &inner);
    } else if (strcmp(m->kind, ern_thing_word(ERN_THING_POLICY)) == 0) {
        struct policy_id id;
        memcpy(id.bytes, m->record, ID_BYTES);
        code = registry_policy_withdraw(p->act, id, &inner);
    } else {
        struct licence_id id;
        memcpy(id.bytes, m->record, ID_BYTES);
        code = licence_end(p->act, id, &inner);
    }
    if (code == ERR_NOT_FOUND) /* somebody ended it by hand: it is what is wanted */
        return OK;
    if (code != OK)
        *e = inner;
    return code;
}

static const char *id_text(enum ern_thing thing, const uint8_t bytes[ID_BYTES], char out[ID_TEXT])
{
    const char *const prefixes[ERN_THING_COUNT] = {
        [ERN_THING_CLAIM] = "clm", [ERN_THING_POLICY] = "pol", [ERN_THING_LICENCE] = "lic"
    };
    return id_format(prefixes[thing], bytes, out);
}

static enum ern_thing thing_of(const char *kind)
{
    int t = 0;
    while (t < ERN_THING_COUNT - 1 && strcmp(kind, ern_thing_word((enum ern_thing)t)) != 0)
        t++;
    return (enum ern_thing)t;
}

/* "XXLHR2600001 First Light" of the recording in the pair key's end */
static const char *subject_of(struct apply *p, const char *content)
{
    const char *at = strstr(content, "rec_");
    struct recording_id id;
    struct recording r;
    struct error ignored = { 0 };
    if (!at ||
        recording_id_parse((struct str) { at, strnlen(at, 4 + ID_DIGITS) }, &id, &ignored) != OK ||
        registry_recording_get(p->act->tx, p->act->catalogue, id, &p->scratch, &r, &ignored) != OK)
        return "";
    return arena_format(p->arena, "%s%s%s", r.isrc ? r.isrc : "", r.isrc ? " " : "", r.title);
}

/* ---- the three passes ---- */

static void tell(struct apply *p, enum ern_change_kind kind, const struct wanted *w,
                 const uint8_t id[ID_BYTES], const char *before)
{
    char text[ID_TEXT];
    tell_change(p, kind, w->thing, id_text(w->thing, id, text), w->subject,
                before ? words_of(p, before) : NULL, words_of(p, w->content), w->line);
}

static void match_same(struct apply *p, struct wanted *wanted, size_t count, struct kept_made *made,
                       size_t made_count, bool *taken)
{
    size_t next = 0; /* both are mostly in the same order */
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < made_count && !wanted[i].done; k++) {
            size_t n = (next + k) % made_count;
            if (taken[n] || strcmp(made[n].kind, kind_of(&wanted[i])) != 0 ||
                strcmp(made[n].content, wanted[i].content) != 0)
                continue;
            taken[n] = wanted[i].done = true;
            next = n + 1;
            tell(p, ERN_SAME, &wanted[i], made[n].record, wanted[i].content);
        }
}

static enum code put_one(struct apply *p, const char *thing, struct wanted *w,
                         struct kept_made *made, size_t made_count, bool *taken, struct error *e)
{
    struct kept_made m = { .kind = kind_of(w), .content = w->content };
    const struct kept_made *pair = NULL;
    for (size_t n = 0; n < made_count && !pair; n++)
        if (!taken[n] && strcmp(made[n].kind, m.kind) == 0 &&
            same_pair(made[n].content, w->content)) {
            taken[n] = true;
            pair = &made[n];
        }
    TRY(put_record(p, w, pair ? pair->record : NULL, m.record, e));
    TRY(kept_made_put(&p->scope, thing, &m, e));
    tell(p, pair ? ERN_CHANGED : ERN_ADDED, w, m.record, pair ? pair->content : NULL);
    return OK;
}

enum code reconcile(struct apply *p, const char *thing, struct wanted *wanted, size_t count,
                    struct error *e)
{
    struct kept_made *made;
    size_t made_count;
    TRY(kept_made_list(&p->scope, thing, &p->scratch, &made, &made_count, e));
    bool *taken = ARENA_ARRAY(&p->scratch, bool, made_count + 1);
    match_same(p, wanted, count, made, made_count, taken);
    for (size_t i = 0; i < count; i++)
        if (!wanted[i].done)
            TRY(put_one(p, thing, &wanted[i], made, made_count, taken, e));
    for (size_t n = 0; n < made_count; n++) {
        char text[ID_TEXT];
        if (taken[n])
            continue;
        TRY(end_record(p, &made[n], e));
        TRY(kept_made_drop(&p->scope, thing, &made[n], e));
        enum ern_thing t = thing_of(made[n].kind);
        tell_change(p, ERN_ENDED, t, id_text(t, made[n].record, text),
                    subject_of(p, made[n].content), words_of(p, made[n].content), NULL, 0);
    }
    return OK;
}
