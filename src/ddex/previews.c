/* SPDX-License-Identifier: Apache-2.0 */
/* Previews: which seconds a sender wants, and from when on they may be heard. */
#include "ddex/apply.h"

#include <stdio.h>

enum { PREVIEW_MS_MOST = 600000 };

/* ---- which seconds ---- */

bool clip_seconds_ms(const char *text, int64_t *ms)
{
    struct error ignored;
    int64_t value;
    if (str_starts(str_of(text), "PT"))
        return ern_duration_ms(text, ms, &ignored) == OK;
    if (str_to_e8(str_of(text), &value, &ignored) != OK || value < 0)
        return false;
    *ms = value / (SHARE_WHOLE_E8 / 1000);
    return true;
}

static bool is_preview(const struct ern_clip *c)
{
    return !c->type.text || strcmp(c->type.text, "Preview") == 0; /* 3.8 has no other kind */
}

/* The start, and the length where it is told. */
static bool timing_of(const struct ern_timing *t, struct preview_wish *out)
{
    int64_t end;
    *out = (struct preview_wish) { .given = true };
    if (t->start.text && !clip_seconds_ms(t->start.text, &out->start_ms))
        return false;
    if (t->duration.text && !clip_seconds_ms(t->duration.text, &out->length_ms))
        return false;
    if (!t->duration.text && t->end.text) {
        if (!clip_seconds_ms(t->end.text, &end) || end <= out->start_ms)
            return false;
        out->length_ms = end - out->start_ms;
    }
    return out->length_ms <= PREVIEW_MS_MOST;
}

enum code previews_read(struct apply *p, const struct ern_list *clips, struct preview_wish *wish,
                        struct error *e)
{
    for (size_t i = 0; i < clips->count && !wish->given; i++) {
        const struct ern_clip *c = ERN_AT(*clips, struct ern_clip, i);
        const struct ern_timing *t = c->timings.count ? ERN_AT(c->timings, struct ern_timing, 0)
                                                      : &c->timing;
        struct preview_wish found;
        if (!is_preview(c) || (!t->start.text && !t->end.text && !t->duration.text))
            continue;
        if (timing_of(t, &found))
            *wish = found;
        else
            TRY(note(p, e, RULE_CLIP, t->line ? t->line : c->line, "Timing",
                     "start, end and duration do not make a preview"));
    }
    return OK;
}

static const char *told(struct apply *p, const struct preview_wish *w)
{
    if (!w->given)
        return "a preview as it is chosen here";
    return w->length_ms
               ? arena_format(&p->scratch, "a preview from %lld.%03lld s for %lld.%03lld s",
                              (long long)w->start_ms / 1000, (long long)w->start_ms % 1000,
                              (long long)w->length_ms / 1000, (long long)w->length_ms % 1000)
               : arena_format(&p->scratch, "a preview from %lld.%03lld s",
                              (long long)w->start_ms / 1000, (long long)w->start_ms % 1000);
}

enum code previews_keep(struct apply *p, const struct resource_row *row,
                        const struct preview_wish *wish, uint32_t line, struct error *e)
{
    struct preview_wish before;
    char id[ID_TEXT];
    TRY(kept_preview(&p->scope, row->id, &before, e));
    if (before.given == wish->given && before.start_ms == wish->start_ms &&
        before.length_ms == wish->length_ms)
        return OK;
    TRY(kept_preview_put(&p->scope, row->id, wish, p->report->created, e));
    tell_change(p, ERN_CHANGED, ERN_THING_RECORDING, recording_id_format(row->id, id),
                row->isrc ? row->isrc : row->title, told(p, &before), told(p, wish), line);
    return OK;
}

/* ---- from when on: visibility, ERN 4 ---- */

enum code apply_visibility(struct apply *p, const struct ern_visibility *v, struct error *e)
{
    struct visibility *out = ARENA_NEW(p->arena, struct visibility);
    struct ern_moment from;
    struct error inner = { 0 };
    if (!v->reference.text)
        return note(p, e, RULE_ANCHOR_NONE, v->line, "VisibilityReference",
                    "the visibility has none");
    if (p->visibilities.count == ANCHORS_MOST)
        return note(p, e, RULE_MANY, v->line, "ReleaseVisibility", "more than %d", ANCHORS_MOST);
    TRY(deal_territories(&v->territories, &v->excluded, p->report, v->line, &out->where, e));
    out->has_clip = v->clip_from.text && v->clip_from.text[0];
    if (out->has_clip && ern_moment_parse(v->clip_from.text, &from, &inner) != OK)
        return note(p, e, RULE_DATE, v->clip_from.line, "ClipPreviewStartDateTime",
                    "\"%.60s\" is no date: %.150s", v->clip_from.text, inner.text);
    if (out->has_clip)
        out->clip_from = from.is_date ? day_begin(from.day) : from.at;
    if (!anchors_add(&p->visibilities, p->arena, str_copy(p->arena, str_of(v->reference.text)),
                     out))
        return note(p, e, RULE_ANCHOR_TWICE, v->reference.line, "VisibilityReference",
                    "\"%.60s\" is there twice", v->reference.text);
    return OK;
}

void previews_of_release(struct apply *p, const struct ern_release *r, struct release_row *row)
{
    row->visible = ARENA_ARRAY(p->arena, struct visible, r->visibilities.count + 1);
    for (size_t i = 0; i < r->visibilities.count; i++)
        row->visible[row->visible_count++] = (struct visible) {
            str_copy(p->arena, str_of(r->visibilities.items[i].text)), r->visibilities.items[i].line
        };
}

/* Those of a track's own release beat those of the album (TrackReleaseVisibility). */
static const struct release_row *who_says(const struct apply *p, const struct release_row *row,
                                          const struct resource_row *of)
{
    for (const struct release_row *r = p->first; r && !row->is_track; r = r->next)
        if (r->is_track && r->visible_count && r->count == 1 && r->recordings[0] == of)
            return r;
    return row;
}

/* Where of `g` nothing of the release may be streamed before. */
static struct territory_set first_there(const struct release_row *row, const struct grant *g)
{
    struct territory_set where = g->territories;
    for (size_t i = 0; i < row->grants.count; i++) {
        const struct grant *o = &row->grants.items[i];
        if (o->is_policy || !(o->uses & USE_BIT(USE_STREAM)) || !instant_before(o->from, g->from))
            continue;
        for (int k = 0; k < 4; k++)
            where.bits[k] &= ~o->territories.bits[k];
    }
    return where;
}

enum code previews_before(struct apply *p, const struct release_row *row,
                          const struct resource_row *of, struct grant out[PREVIEWS_OF_RELEASE_MOST],
                          size_t *count, struct error *e)
{
    const struct release_row *says = who_says(p, row, of);
    *count = 0;
    for (size_t v = 0; v < says->visible_count; v++) {
        const struct visibility *known = anchors_find(&p->visibilities, says->visible[v].reference);
        if (!known)
            return note(p, e, RULE_ANCHOR, says->visible[v].line, "ReleaseVisibilityReference",
                        "\"%.60s\" is no visibility of the message", says->visible[v].reference);
        for (size_t i = 0; known->has_clip && i < row->grants.count; i++) {
            struct grant g = row->grants.items[i];
            if (g.is_policy || !(g.uses & USE_BIT(USE_STREAM)) ||
                !instant_before(known->clip_from, g.from) || *count == PREVIEWS_OF_RELEASE_MOST)
                continue;
            g.territories = first_there(row, &row->grants.items[i]);
            for (int k = 0; k < 4; k++)
                g.territories.bits[k] &= known->where.bits[k];
            if (territory_set_is_empty(&g.territories))
                continue;
            g.uses = USE_BIT(USE_PREVIEW);
            g.until = g.from;
            g.from = known->clip_from;
            out[(*count)++] = g;
        }
    }
    return OK;
}
