/* SPDX-License-Identifier: Apache-2.0 */
/* Releases, and what their deals grant, as licences and policies of their recordings. */
#include "ddex/apply.h"

#include <stdio.h>

enum { WANTED_MOST = 200000 };

/* ---- releases ---- */

static const char *first(const struct ern_texts *t)
{
    return t->count ? t->items[0].text : NULL;
}

/* What a release is known by again: an identifier of the trade, else the sender's own. */
static const char *key_of(struct apply *p, const struct ern_release_ids *ids)
{
    const struct {
        const char *word;
        const struct ern_text *text;
    } rows[] = { { "icpn", &ids->icpn },
                 { "grid", &ids->grid },
                 { "own", &ids->own },
                 { "isrc", &ids->isrc },
                 { "catalog", &ids->catalog } };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].text->text && rows[i].text->text[0])
            return arena_format(p->arena, "release:%s:%.200s%s%.500s", rows[i].word,
                                rows[i].text->space ? rows[i].text->space : "",
                                rows[i].text->space ? ":" : "", rows[i].text->text);
    return NULL;
}

static enum code add_recordings(struct apply *p, const struct ern_release *r,
                                struct release_row *row, struct error *e)
{
    row->recordings = ARENA_ARRAY(p->arena, const struct resource_row *, r->resources.count + 1);
    for (size_t i = 0; i < r->resources.count; i++) {
        const struct ern_text *t = &r->resources.items[i];
        const struct resource_row *found = anchors_find(&p->resources, t->text);
        bool twice = false;
        if (!found)
            return note(p, e, RULE_ANCHOR, t->line, "ReleaseResourceReference",
                        "\"%.60s\" is no resource of the message", t->text);
        for (size_t k = 0; k < row->count && !twice; k++)
            twice = row->recordings[k] == found;
        if (found->is_recording && !twice && row->count < RECORDINGS_OF_RELEASE_MOST)
            row->recordings[row->count++] = found;
    }
    return OK;
}

static enum code put_tracks(struct apply *p, struct release_id release,
                            const struct release_row *row, struct error *e)
{
    struct track *has;
    size_t count;
    TRY(registry_track_list(p->act->tx, p->act->catalogue, release, (struct recording_id) { { 0 } },
                            (struct track_id) { { 0 } }, RECORDINGS_OF_RELEASE_MOST, &p->scratch,
                            &has, &count, e));
    bool *kept = ARENA_ARRAY(&p->scratch, bool, count + 1);
    for (size_t i = 0; i < row->count; i++) {
        struct track t = { .release = release,
                           .recording = row->recordings[i]->id,
                           .volume = 1,
                           .number = (int64_t)i + 1 };
        bool same = false;
        for (size_t k = 0; k < count && !same; k++)
            if (!kept[k] && has[k].number == t.number &&
                recording_id_equal(has[k].recording, t.recording))
                same = kept[k] = true;
        if (!same)
            TRY(registry_track_put(p->act, &t, e));
    }
    for (size_t k = 0; k < count; k++)
        if (!kept[k])
            TRY(registry_track_withdraw(p->act, has[k].id, e));
    return OK;
}

static enum code put_release(struct apply *p, const struct ern_release *r,
                             const struct release_row *row, struct error *e)
{
    struct release has = { 0 };
    struct error inner = { 0 };
    char id[ID_TEXT];
    bool by_gtin = r->ids.icpn.text && r->ids.icpn.text[0];
    const struct ern_text *t = by_gtin ? &r->ids.icpn : &r->ids.grid;
    if (!t->text || !t->text[0])
        return OK; /* without a number of the trade it is only the sender's */
    enum code code = registry_release_find(p->act->tx, p->act->catalogue, str_of(t->text),
                                           &p->scratch, &has, &inner);
    if (code == ERR_INVALID)
        return note(p, e, RULE_RELEASE_NUMBER, t->line, by_gtin ? "ICPN" : "GRid",
                    "%.200s: it is the sender's own number then", inner.text);
    if (code != OK && code != ERR_NOT_FOUND) {
        *e = inner;
        return code;
    }
    bool theirs = code == OK && !party_id_is_none(p->options->holder) &&
                  !party_id_equal(has.party, p->options->holder);
    if (theirs)
        return OK;
    const char *artist = first(&r->artists);
    bool same = code == OK && strcmp(has.title, row->title) == 0 &&
                party_id_equal(has.party, p->holder) &&
                strcmp(has.artist ? has.artist : "", artist ? artist : "") == 0;
    if (code != OK)
        has = (struct release) { .from = INSTANT_FIRST, .until = INSTANT_NEVER };
    has.gtin = by_gtin ? t->text : has.gtin;
    has.grid = by_gtin ? has.grid : t->text;
    has.title = row->title;
    has.artist = artist;
    has.party = p->holder;
    if (same)
        p->report->counts[ERN_THING_RELEASE][ERN_SAME]++;
    else if (registry_release_put(p->act, &has, e) != OK)
        return fail_in(e, "line %u", r->line);
    else
        tell_change(p, code == OK ? ERN_CHANGED : ERN_ADDED, ERN_THING_RELEASE,
                    release_id_format(has.id, id), t->text, NULL, row->title, r->line);
    return put_tracks(p, has.id, row, e);
}

enum code apply_release(struct apply *p, enum ern_kind kind, const struct ern_release *r,
                        struct error *e)
{
    struct release_row *row = ARENA_NEW(p->arena, struct release_row);
    struct instant spoken;
    const char *title = first(&r->titles);
    *row = (struct release_row) { .key = key_of(p, &r->ids),
                                  .line = r->line,
                                  .is_clip = kind == ERN_CLIP_RECORD,
                                  .is_track = kind == ERN_TRACK_RECORD };
    if (!r->reference.text)
        return note(p, e, RULE_ANCHOR_NONE, r->line, "ReleaseReference", "the release has none");
    if (!row->key)
        return note(p, e, RULE_RELEASE_ID, r->line, "ReleaseId", "the release %.60s has none",
                    r->reference.text);
    if (p->releases.count == ANCHORS_MOST)
        return note(p, e, RULE_MANY, r->line, "Release", "more than %d", ANCHORS_MOST);
    if (!anchors_add(&p->releases, p->arena, str_copy(p->arena, str_of(r->reference.text)), row))
        return note(p, e, RULE_ANCHOR_TWICE, r->reference.line, "ReleaseReference",
                    "\"%.60s\" is there twice", r->reference.text);
    TRY(add_recordings(p, r, row, e));
    previews_of_release(p, r, row);
    row->title = title        ? str_copy(p->arena, str_of(title))
                 : row->count ? row->recordings[0]->title
                              : str_copy(p->arena, str_of(r->reference.text));
    if (p->last)
        p->last->next = row;
    else
        p->first = row;
    p->last = row;
    TRY(kept_spoken(&p->scope, row->key, &spoken, e));
    row->stale = instant_before(p->report->created, spoken);
    if (row->stale)
        return note(p, e, RULE_STALE, r->line, "Release", "a newer message has spoken of %.100s",
                    row->key + strlen("release:"));
    return kind == ERN_RELEASE_RECORD ? put_release(p, r, row, e) : OK;
}

/* ---- deals ---- */

enum code apply_deals(struct apply *p, const struct ern_release_deal *d, struct error *e)
{
    struct grants grants = { 0 };
    const struct deal_terms terms = { p->report->created, p->partner.percent, &p->lookup };
    for (size_t i = 0; i < d->deals.count; i++)
        TRY(deal_read(ERN_AT(d->deals, struct ern_deal, i), &terms, p->report, &grants, e));
    for (size_t i = 0; i < d->releases.count; i++) {
        const struct ern_text *t = &d->releases.items[i];
        struct release_row *row = anchors_find(&p->releases, t->text);
        if (!row)
            return note(p, e, RULE_ANCHOR, t->line, "DealReleaseReference",
                        "\"%.60s\" is no release of the message", t->text);
        for (int k = 0; k < 4; k++)
            row->grants.named.bits[k] |= grants.named.bits[k];
        if (grants.count == 0)
            continue;
        size_t room = row->grants.count + grants.count;
        struct grant *all = ARENA_ARRAY(p->arena, struct grant, room);
        if (row->grants.count)
            memcpy(all, row->grants.items, row->grants.count * sizeof *all);
        memcpy(all + row->grants.count, grants.items, grants.count * sizeof *all);
        row->grants.items = all;
        row->grants.count = room;
    }
    return OK;
}

/* ---- grants as records ---- */

static void put_where(struct apply *p, const struct grant *g, struct buf *out)
{
    char from[INSTANT_TEXT], until[INSTANT_TEXT], id[ID_TEXT];
    buf_format(out, " in %s from %s", territory_set_text(&g->territories, &p->scratch),
               instant_format(g->from, from));
    if (g->until.us != INSTANT_NEVER.us)
        buf_format(out, " until %s", instant_format(g->until, until));
    for (size_t i = 0; i < g->app_count; i++)
        buf_format(out, "%s%s", i ? "," : " for ", app_id_format(g->apps[i], id));
    for (size_t i = 0; i < g->except_count; i++)
        buf_format(out, "%s%s", i ? "," : " but not ", app_id_format(g->excepts[i], id));
}

static void want_policy(struct apply *p, const struct grant *g, const struct resource_row *of,
                        struct wanted *w)
{
    BUF(content);
    char id[ID_TEXT];
    struct holder_policy *h = ARENA_NEW(&p->scratch, struct holder_policy);
    *h = (struct holder_policy) { .party = p->holder,
                                  .source = p->holder,
                                  .recording = of->id,
                                  .action = g->action,
                                  .condition_count = g->condition_count,
                                  .territories = g->territories,
                                  .apps = g->apps,
                                  .app_count = g->app_count,
                                  .except_apps = g->excepts,
                                  .except_app_count = g->except_count,
                                  .from = g->from,
                                  .until = g->until };
    memcpy(h->conditions, g->conditions, sizeof h->conditions);
    buf_text(&content, policy_action_word(g->action));
    if (g->condition_count)
        buf_text(&content, " if ");
    conditions_format(g->conditions, g->condition_count, &content);
    put_where(p, g, &content);
    buf_format(&content, "\t%s %s", policy_action_word(g->action), recording_id_format(of->id, id));
    *w = (struct wanted) { .thing = ERN_THING_POLICY,
                           .record = h,
                           .content = str_copy(&p->scratch, buf_as_str(&content)),
                           .line = g->line };
}

static void want_licence(struct apply *p, const struct release_row *release, const struct grant *g,
                         const struct resource_row *of, struct wanted *w)
{
    BUF(content);
    char id[ID_TEXT];
    size_t uses;
    struct licence *l = ARENA_NEW(&p->scratch, struct licence);
    *l = (struct licence) { .licensor = p->holder,
                            .recording = of->id,
                            .name = arena_format(&p->scratch, "%.200s: %.500s", p->holder_name,
                                                 release->title),
                            .apps = g->apps,
                            .app_count = g->app_count,
                            .territories = g->territories,
                            .uses = g->uses,
                            .models = g->models,
                            .from = g->from,
                            .until = g->until };
    if (release->is_clip)
        l->clip_seconds = of->clip_ms < 1000 ? 1 : of->clip_ms / 1000;
    uses_format(g->uses, &content);
    buf_text(&content, " for ");
    models_format(g->models, &content);
    uses = content.length;
    put_where(p, g, &content);
    if (l->clip_seconds)
        buf_format(&content, " as a clip of %lld s", (long long)l->clip_seconds);
    *w = (struct wanted) { .thing = ERN_THING_LICENCE, .record = l, .line = g->line };
    const char *kind = str_copy(&p->scratch, (struct str) { (const char *)content.bytes, uses });
    buf_format(&content, "\t%s %s", kind, recording_id_format(of->id, id));
    w->content = str_copy(&p->scratch, buf_as_str(&content));
}

/* Where something of the release is in force now that the message does not name. */
static enum code check_omitted(struct apply *p, const struct release_row *row, struct error *e)
{
    struct kept_made *made;
    size_t count;
    TRY(kept_made_list(&p->scope, row->key, &p->scratch, &made, &count, e));
    for (size_t i = 0; i < count; i++) {
        struct territory_set has;
        struct error ignored = { 0 };
        const char *in = strstr(made[i].content, " in "), *from = strstr(made[i].content, " from ");
        if (!in || !from || from < in ||
            territory_set_parse((struct str) { in + 4, (size_t)(from - in - 4) }, &has, NULL,
                                &ignored) != OK)
            continue;
        for (int k = 0; k < 4; k++)
            has.bits[k] &= ~row->grants.named.bits[k];
        if (!territory_set_is_empty(&has))
            return note(p, e, RULE_OMITTED, row->line, "ReleaseDeal",
                        "%.150s of %.60s is left out without an end date",
                        territory_set_text(&has, &p->scratch), row->key + strlen("release:"));
    }
    return OK;
}

static void want(struct apply *p, const struct release_row *row, const struct grant *g,
                 const struct resource_row *of, struct wanted *w)
{
    if (g->is_policy)
        want_policy(p, g, of, w);
    else
        want_licence(p, row, g, of, w);
    w->subject = arena_format(&p->scratch, "%s%s%s", of->isrc ? of->isrc : "", of->isrc ? " " : "",
                              of->title);
}

/* What may be heard of one recording before the deals begin. */
static enum code want_previews(struct apply *p, const struct release_row *row,
                               const struct resource_row *of, struct wanted *wanted, size_t *count,
                               struct error *e)
{
    struct grant before[PREVIEWS_OF_RELEASE_MOST];
    size_t n;
    if (row->is_clip)
        return OK;
    TRY(previews_before(p, row, of, before, &n, e));
    for (size_t i = 0; i < n; i++)
        want(p, row, &before[i], of, &wanted[(*count)++]);
    return OK;
}

static enum code settle_release(struct apply *p, const struct release_row *row, struct error *e)
{
    size_t count = 0, each = row->grants.count + PREVIEWS_OF_RELEASE_MOST;
    if (row->grants.count * row->count > WANTED_MOST)
        return note(p, e, RULE_MANY, row->line, "Release",
                    "its deals grant %zu things to %zu "
                    "recordings",
                    row->grants.count, row->count);
    struct wanted *wanted = arena_try(&p->scratch, each * row->count + 1, sizeof *wanted);
    if (!wanted)
        return fail(e, ERR_MEMORY, "no memory for the deals of line %u", row->line);
    if (p->partner.omission == ERN_OMISSION_REFUSED)
        TRY(check_omitted(p, row, e));
    for (size_t i = 0; i < row->grants.count; i++)
        for (size_t k = 0; k < row->count; k++) {
            const struct grant *g = &row->grants.items[i];
            if (row->is_clip && !g->is_policy && row->recordings[k]->clip_ms == 0)
                continue; /* a clip of unknown length grants nothing that could be kept to */
            want(p, row, g, row->recordings[k], &wanted[count++]);
        }
    for (size_t k = 0; k < row->count; k++)
        TRY(want_previews(p, row, row->recordings[k], wanted, &count, e));
    TRY(reconcile(p, row->key, wanted, count, e));
    return kept_speak(&p->scope, row->key, p->report->message, p->report->created, e);
}

enum code apply_releases(struct apply *p, struct error *e)
{
    for (const struct release_row *row = p->first; row; row = row->next) {
        arena_done(&p->scratch);
        if (!row->stale)
            TRY(settle_release(p, row, e));
    }
    return OK;
}

enum code apply_purge(struct apply *p, const struct ern_purge *d, struct error *e)
{
    struct instant spoken;
    const char *key = key_of(p, &d->ids);
    if (!key)
        return note(p, e, RULE_RELEASE_ID, d->line, "ReleaseId", "the purged release has none");
    TRY(kept_spoken(&p->scope, key, &spoken, e));
    if (spoken.us == INSTANT_FIRST.us)
        return note(p, e, RULE_PURGE, d->line, "PurgedRelease", "%.150s", key + strlen("release:"));
    if (instant_before(p->report->created, spoken))
        return note(p, e, RULE_STALE, d->line, "PurgedRelease",
                    "a newer message has spoken of %.100s", key + strlen("release:"));
    TRY(reconcile(p, key, NULL, 0, e));
    return kept_speak(&p->scope, key, p->report->message, p->report->created, e);
}
