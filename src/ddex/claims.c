/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings, and the shares their rights controllers have, as claims. */
#include "ddex/apply.h"

#include <stdio.h>

enum { CLAIMS_MOST = 2000 }; /* of one recording in one message */

static const char *first(const struct ern_texts *t)
{
    return t->count ? t->items[0].text : NULL;
}

/* Version 3 says by territory what version 4 says of the whole: the first is as good as any. */
static const char *title_of(const struct ern_recording *r)
{
    const char *title = first(&r->all.titles);
    for (size_t i = 0; i < r->regions.count && !title; i++)
        title = first(&ERN_AT(r->regions, struct ern_region, i)->titles);
    return title;
}

static const char *artist_of(const struct ern_recording *r)
{
    const char *artist = first(&r->all.artists);
    for (size_t i = 0; i < r->regions.count && !artist; i++)
        artist = first(&ERN_AT(r->regions, struct ern_region, i)->artists);
    return artist ? artist : "";
}

/* ---- the recording ---- */

static enum code find_recording(struct apply *p, const char *isrc, const char *title,
                                const char *artist, struct recording *out, bool *found,
                                struct error *e)
{
    struct error inner = { 0 };
    if (isrc) {
        enum code code = registry_recording_find(p->act->tx, p->act->catalogue, str_of(isrc),
                                                 &p->scratch, out, &inner);
        *found = code == OK;
        if (code != OK && code != ERR_NOT_FOUND)
            *e = inner;
        return code == ERR_NOT_FOUND ? OK : code;
    }
    owned(store_rows) rows = NULL;
    struct recording_id id;
    TRY(store_one(p->act->tx,
                  "SELECT id FROM registry_recordings WHERE catalogue = $1 AND title = $2 AND "
                  "artist = $3 AND isrc IS NULL ORDER BY id LIMIT 1",
                  SQL(sql_id(p->act->catalogue), sql_text(title), sql_text(artist)), &rows, found,
                  e));
    if (!*found)
        return OK;
    store_id(rows, 0, id.bytes);
    return registry_recording_get(p->act->tx, p->act->catalogue, id, &p->scratch, out, e);
}

static const char *told(struct apply *p, const struct recording *r)
{
    return arena_format(&p->scratch, "\"%s\" by %s, %lld.%03lld s", r->title,
                        r->artist[0] ? r->artist : "nobody named", (long long)r->duration_ms / 1000,
                        (long long)r->duration_ms % 1000);
}

/* A holder may only restate a recording that it told us of, nobody else's. */
static enum code may_change(struct apply *p, const char *thing, bool *may, struct error *e)
{
    struct instant spoken;
    *may = true;
    if (party_id_is_none(p->options->holder))
        return OK;
    TRY(kept_spoken(&p->scope, thing, &spoken, e));
    *may = spoken.us != INSTANT_FIRST.us;
    return OK;
}

static enum code put_recording(struct apply *p, const struct ern_recording *m, struct recording *r,
                               bool found, bool may, struct error *e)
{
    const char *title = title_of(m), *artist = artist_of(m);
    const char *before = found ? told(p, r) : NULL;
    char id[ID_TEXT];
    int64_t ms = r->duration_ms;
    struct error inner = { 0 };
    if (m->duration.text && ern_duration_ms(m->duration.text, &ms, &inner) != OK)
        TRY(note(p, e, RULE_DURATION, m->duration.line, "Duration", "%.200s", inner.text));
    bool changed = !found || (title && strcmp(title, r->title) != 0) ||
                   (artist[0] && strcmp(artist, r->artist) != 0) || ms != r->duration_ms;
    if (found && (!changed || !may)) {
        p->report->counts[ERN_THING_RECORDING][ERN_SAME]++;
        return OK;
    }
    r->title = title ? title : r->title;
    r->artist = artist[0] || !r->artist ? artist : r->artist;
    r->duration_ms = ms;
    if (registry_recording_put(p->act, r, e) != OK)
        return fail_in(e, "line %u", m->line);
    tell_change(p, found ? ERN_CHANGED : ERN_ADDED, ERN_THING_RECORDING,
                recording_id_format(r->id, id), r->isrc ? r->isrc : r->title, before, told(p, r),
                m->line);
    return OK;
}

/* ---- shares ---- */

static enum code read_share(struct apply *p, const struct ern_controller *c, int64_t *share_e8,
                            struct error *e)
{
    const struct ern_text *t = &c->share;
    struct error inner = { 0 };
    int64_t value;
    const int64_t whole = t->one_is_whole ? SHARE_WHOLE_E8 : 100 * SHARE_WHOLE_E8;
    if (str_to_e8(str_of(t->text), &value, &inner) != OK) {
        const char *point = strchr(t->text, '.');
        bool long_one = point && strspn(point + 1, "0123456789") > 8;
        return note(p, e, long_one ? RULE_SHARE_DECIMALS : RULE_SHARE, t->line,
                    "RightSharePercentage", "\"%.60s\": %.150s", t->text, inner.text);
    }
    if (value < 0)
        return note(p, e, RULE_SHARE_NEGATIVE, t->line, "RightSharePercentage",
                    "%.60s is below zero", t->text);
    if (value > whole)
        return note(p, e, RULE_SHARE_OVER, t->line, "RightSharePercentage",
                    "%.60s is over the whole, which is %s%s", t->text,
                    t->one_is_whole ? "1" : "100", t->one_is_whole ? " (HasMaxValueOfOne)" : "");
    if (!t->one_is_whole && value % 100)
        return note(p, e, RULE_SHARE_DECIMALS, t->line, "RightSharePercentage",
                    "%.60s has more than six decimals", t->text);
    *share_e8 = t->one_is_whole ? value : value / 100;
    return OK;
}

struct claims {
    struct apply *p;
    struct recording_id recording;
    const char *subject;
    struct wanted *items;
    struct claim *claims; /* of items; records point here once all are there */
    size_t count, room;
    bool unknown; /* a share is said to be unknown */
};

static void make_room(struct claims *all)
{
    size_t room = all->room ? 2 * all->room : 8;
    struct wanted *items = ARENA_ARRAY(&all->p->scratch, struct wanted, room);
    struct claim *claims = ARENA_ARRAY(&all->p->scratch, struct claim, room);
    if (all->count) {
        memcpy(items, all->items, all->count * sizeof *items);
        memcpy(claims, all->claims, all->count * sizeof *claims);
    }
    all->items = items;
    all->claims = claims;
    all->room = room;
}

static void add_claim(struct claims *all, const struct claim *c, const char *who, uint32_t line)
{
    BUF(content);
    BUF(percent);
    struct apply *p = all->p;
    char from[INSTANT_TEXT], until[INSTANT_TEXT], party[ID_TEXT], recording[ID_TEXT];
    if (all->count == all->room)
        make_room(all);
    e8_format(c->share_e8 * 100, &percent);
    buf_format(&content, "%.*s %% of %s by %s in %s", STR_ARG(buf_as_str(&percent)),
               right_word(c->right), who, territory_set_text(&c->territories, &p->scratch));
    if (c->from.us != INSTANT_FIRST.us)
        buf_format(&content, " from %s", instant_format(c->from, from));
    if (c->until.us != INSTANT_NEVER.us)
        buf_format(&content, " until %s", instant_format(c->until, until));
    buf_format(&content, "\t%s %s %s", right_word(c->right), party_id_format(c->party, party),
               recording_id_format(c->recording, recording));
    all->claims[all->count] = *c;
    all->items[all->count] = (struct wanted) {
        .thing = ERN_THING_CLAIM,
        .content = str_copy(&p->scratch, buf_as_str(&content)),
        .subject = all->subject,
        .line = line,
    };
    all->count++;
}

/* `c` for the period and territories given. */
static enum code add_spans(struct claims *all, struct claim *c, const struct ern_period *period,
                           const struct territory_set *where, const char *who, uint32_t line,
                           struct error *e)
{
    struct apply *p = all->p;
    struct ern_moment start, end;
    struct time_span *spans = ARENA_ARRAY(&p->scratch, struct time_span, TIME_SPANS_MOST);
    bool has_end = false;
    TRY(deal_period(period, false, p->report, &start, &end, &has_end, e));
    size_t count = ern_spans(where, &start, has_end ? &end : NULL, p->report->created, spans);
    if (all->count + count > CLAIMS_MOST)
        return note(p, e, RULE_MANY, line, "RightsController",
                    "more than %d shares of one recording", CLAIMS_MOST);
    for (size_t i = 0; i < count; i++) {
        c->territories = spans[i].territories;
        c->from = spans[i].from;
        c->until = spans[i].until;
        if (!instant_before(c->from, c->until))
            return note(p, e, RULE_SPAN, period->line ? period->line : line,
                        "PeriodOfRightsDelegation", "it ends before it begins");
        add_claim(all, c, who, line);
    }
    return OK;
}

static enum code add_delegation(struct claims *all, struct claim *c, const struct ern_delegation *d,
                                const struct territory_set *where, const char *who, struct error *e)
{
    struct apply *p = all->p;
    struct territory_set set;
    TRY(deal_territories(&d->territories, &d->excluded, p->report, d->line, &set, e));
    for (int k = 0; k < 4; k++)
        set.bits[k] &= where->bits[k];
    if (territory_set_is_empty(&set))
        return OK;
    if (d->periods.count == 0)
        return add_spans(all, c, &(struct ern_period) { 0 }, &set, who, d->line, e);
    for (size_t i = 0; i < d->periods.count; i++)
        TRY(add_spans(all, c, ERN_AT(d->periods, struct ern_period, i), &set, who, d->line, e));
    return OK;
}

static enum code controller_person(struct apply *p, const struct ern_controller *c,
                                   struct person **out, struct error *e)
{
    if (!c->reference.text) {
        *out = person_of(p, &c->who, c->line);
        return OK;
    }
    *out = anchors_find(&p->people, c->reference.text);
    if (!*out)
        return note(p, e, RULE_ANCHOR, c->reference.line, "RightsControllerPartyReference",
                    "\"%.60s\" is no party of the message", c->reference.text);
    return OK;
}

static enum code add_controller(struct claims *all, const struct ern_controller *c,
                                const struct territory_set *region, struct error *e)
{
    struct apply *p = all->p;
    struct person *who;
    struct territory_set where;
    struct claim claim = { .recording = all->recording,
                           .right = RIGHT_MAKING_AVAILABLE,
                           .source = p->holder };
    TRY(controller_person(p, c, &who, e));
    if (!c->share.text || !c->share.text[0]) {
        all->unknown = true;
        return note(p, e, RULE_SHARE_UNKNOWN, c->line, "RightShareUnknown",
                    "the share of %.100s is not told", person_word(who));
    }
    TRY(read_share(p, c, &claim.share_e8, e));
    if (!party_id_is_none(p->options->holder)) {
        bool found;
        TRY(person_find(p, who, &found, e));
        if (!found || !party_id_equal(who->id, p->options->holder))
            return note(p, e, RULE_OTHER_HOLDER, c->line, "ResourceRightsController",
                        "the share of %.100s is not this holder's to file", person_word(who));
    }
    TRY(person_party(p, who, &claim.party, e));
    TRY(deal_territories(&c->territories, &c->excluded, p->report, c->line, &where, e));
    for (int k = 0; k < 4; k++)
        where.bits[k] &= region->bits[k];
    if (claim.share_e8 == 0 || territory_set_is_empty(&where))
        return OK;
    const char *name = who->name ? who->name : person_word(who);
    if (c->delegations.count == 0)
        return add_spans(all, &claim, &c->period, &where, name, c->line, e);
    for (size_t i = 0; i < c->delegations.count; i++)
        TRY(add_delegation(all, &claim, ERN_AT(c->delegations, struct ern_delegation, i), &where,
                           name, e));
    return OK;
}

/* Tell of sums that are not the whole, at the time of the message. */
static enum code check_sum(struct claims *all, const struct ern_recording *r, struct error *e)
{
    struct over_claim over[RIGHT_COUNT];
    BUF(percent);
    int64_t sum = 0;
    if (shares_over(all->claims, all->count, over) > 0) {
        e8_format(over[0].sum_e8 * 100, &percent);
        return note(all->p, e, RULE_SHARE_SUM, r->line, "SoundRecording",
                    "the shares add up to %.*s %%", STR_ARG(buf_as_str(&percent)));
    }
    for (size_t i = 0; i < all->count; i++)
        sum += all->claims[i].share_e8;
    if (all->count == 0 || all->unknown || sum >= SHARE_WHOLE_E8 - SHARE_ROUNDING_E8)
        return OK;
    e8_format(sum * 100, &percent);
    return note(all->p, e, RULE_SHARE_SUM, r->line, "SoundRecording",
                "the shares add up to %.*s %%", STR_ARG(buf_as_str(&percent)));
}

static enum code put_claims(struct apply *p, const struct ern_recording *r, const char *thing,
                            const struct resource_row *row, struct error *e)
{
    const struct territory_set world = territory_set_world();
    struct claims all = { .p = p, .recording = row->id };
    all.subject = arena_format(p->arena, "%s%s%s", row->isrc ? row->isrc : "", row->isrc ? " " : "",
                               row->title);
    for (size_t i = 0; i < r->all.controllers.count; i++)
        TRY(add_controller(&all, ERN_AT(r->all.controllers, struct ern_controller, i), &world, e));
    for (size_t i = 0; i < r->regions.count; i++) {
        const struct ern_region *region = ERN_AT(r->regions, struct ern_region, i);
        struct territory_set where;
        TRY(deal_territories(&region->territories, &region->excluded, p->report, region->line,
                             &where, e));
        for (size_t k = 0; k < region->controllers.count; k++)
            TRY(add_controller(&all, ERN_AT(region->controllers, struct ern_controller, k), &where,
                               e));
    }
    TRY(check_sum(&all, r, e));
    for (size_t i = 0; i < all.count; i++)
        all.items[i].record = &all.claims[i];
    return reconcile(p, thing, all.items, all.count, e);
}

/* ---- files and clips ---- */

static enum code add_files(struct apply *p, const struct ern_list *files,
                           const struct resource_row *row, struct error *e)
{
    struct ern_report *r = p->report;
    for (size_t i = 0; i < files->count; i++) {
        const struct ern_file *f = ERN_AT(*files, struct ern_file, i);
        const char *name = f->uri.text ? f->uri.text : f->name.text;
        if (!name || !name[0])
            continue;
        const char *folder = !f->uri.text && f->path.text ? f->path.text : "";
        size_t n = strlen(folder);
        if (r->audio_count == ERN_AUDIO_MOST)
            return note(p, e, RULE_MANY, f->line, "File", "more than %d files", ERN_AUDIO_MOST);
        if (r->audio_count == r->audio_room) {
            size_t room = r->audio_room ? 2 * r->audio_room : 16;
            struct ern_audio *more = ARENA_ARRAY(r->arena, struct ern_audio, room);
            if (r->audio_count)
                memcpy(more, r->audio, r->audio_count * sizeof *more);
            r->audio = more;
            r->audio_room = room;
        }
        r->audio[r->audio_count++] = (struct ern_audio) {
            .recording = row->id,
            .isrc = row->isrc,
            .title = row->title,
            .path = arena_format(r->arena, "%s%s%s", folder, n && folder[n - 1] != '/' ? "/" : "",
                                 name),
            .hash = f->hash.text ? str_copy(r->arena, str_of(f->hash.text)) : NULL,
            .algorithm = f->algorithm.text
                             ? str_copy(r->arena, str_of(f->algorithm.user ? f->algorithm.user
                                                                           : f->algorithm.text))
                             : NULL,
            .line = f->line,
        };
    }
    return OK;
}

static bool timing_ms(const struct ern_timing *t, int64_t *length_ms)
{
    int64_t start = 0, end = 0;
    if (t->duration.text)
        return clip_seconds_ms(t->duration.text, length_ms) && *length_ms > 0;
    if (!t->end.text || !clip_seconds_ms(t->end.text, &end) ||
        (t->start.text && !clip_seconds_ms(t->start.text, &start)) || end <= start)
        return false;
    *length_ms = end - start;
    return true;
}

/* The longest clip that stands for itself: what a ClipRelease's deals grant. */
static enum code read_clips(struct apply *p, const struct ern_list *clips, struct resource_row *row,
                            struct error *e)
{
    for (size_t i = 0; i < clips->count; i++) {
        const struct ern_clip *c = ERN_AT(*clips, struct ern_clip, i);
        const struct ern_timing *t = c->timings.count ? ERN_AT(c->timings, struct ern_timing, 0)
                                                      : &c->timing;
        int64_t ms = 0;
        if (!c->type.text || strcmp(c->type.text, "StandaloneClip") != 0)
            continue;
        if (!t->end.text && !t->duration.text)
            continue; /* to the end: its length is not told */
        if (!timing_ms(t, &ms))
            TRY(note(p, e, RULE_CLIP, t->line ? t->line : c->line, "Timing",
                     "start, end and duration do not make a clip"));
        else if (ms > row->clip_ms)
            row->clip_ms = ms;
    }
    return OK;
}

/* ---- all of it ---- */

static enum code add_resource(struct apply *p, const struct ern_recording *r,
                              const struct recording *rec, struct resource_row **out,
                              struct error *e)
{
    struct resource_row *row = ARENA_NEW(p->arena, struct resource_row);
    row->is_recording = true;
    row->id = rec->id;
    row->isrc = rec->isrc ? str_copy(p->arena, str_of(rec->isrc)) : NULL;
    row->title = str_copy(p->arena, str_of(rec->title));
    *out = row;
    if (!r->reference.text)
        return note(p, e, RULE_ANCHOR_NONE, r->line, "ResourceReference", "the recording has none");
    if (p->resources.count == ANCHORS_MOST)
        return note(p, e, RULE_MANY, r->line, "SoundRecording", "more than %d", ANCHORS_MOST);
    if (!anchors_add(&p->resources, p->arena, str_copy(p->arena, str_of(r->reference.text)), row))
        return note(p, e, RULE_ANCHOR_TWICE, r->reference.line, "ResourceReference",
                    "\"%.60s\" is there twice", r->reference.text);
    return OK;
}

enum code apply_files_only(struct apply *p, const struct ern_recording *r, struct error *e)
{
    struct recording rec = { 0 };
    struct resource_row row = { .is_recording = true };
    struct error ignored = { 0 };
    char isrc[IDENTIFIER_TEXT];
    bool found, has_isrc = r->isrc.text && isrc_parse(str_of(r->isrc.text), isrc, &ignored) == OK;
    const char *title = title_of(r);
    TRY(find_recording(p, has_isrc ? isrc : NULL, title ? title : "", artist_of(r), &rec, &found,
                       e));
    if (!found)
        return OK;
    row.id = rec.id;
    row.isrc = rec.isrc ? str_copy(p->arena, str_of(rec.isrc)) : NULL;
    row.title = str_copy(p->arena, str_of(rec.title));
    TRY(add_files(p, &r->all.files, &row, e));
    for (size_t i = 0; i < r->regions.count; i++)
        TRY(add_files(p, &ERN_AT(r->regions, struct ern_region, i)->files, &row, e));
    return OK;
}

enum code apply_recording(struct apply *p, const struct ern_recording *r, struct error *e)
{
    struct recording rec = { 0 };
    struct resource_row *row;
    struct error inner = { 0 };
    struct instant spoken;
    char isrc[IDENTIFIER_TEXT], id[ID_TEXT], thing[ID_TEXT + 16];
    struct preview_wish wish = { 0 };
    bool found, may, has_isrc = r->isrc.text && r->isrc.text[0];
    const char *title = title_of(r);
    if (has_isrc && isrc_parse(str_of(r->isrc.text), isrc, &inner) != OK)
        return note(p, e, RULE_ISRC, r->isrc.line, "ISRC", "%.200s", inner.text);
    TRY(find_recording(p, has_isrc ? isrc : NULL, title ? title : "", artist_of(r), &rec, &found,
                       e));
    if (!found && !title)
        return note(p, e, RULE_TITLE, r->line, "SoundRecording",
                    "it has no title, and %s is not known yet", has_isrc ? isrc : "it");
    if (!found)
        rec = (struct recording) { .isrc = has_isrc ? isrc : NULL };
    snprintf(thing, sizeof thing, "recording:%s", found ? recording_id_format(rec.id, id) : "new");
    TRY(kept_spoken(&p->scope, thing, &spoken, e));
    bool stale = found && instant_before(p->report->created, spoken);
    TRY(may_change(p, thing, &may, e));
    if (!stale)
        TRY(put_recording(p, r, &rec, found, may, e));
    TRY(add_resource(p, r, &rec, &row, e));
    TRY(add_files(p, &r->all.files, row, e));
    TRY(read_clips(p, &r->all.clips, row, e));
    TRY(previews_read(p, &r->all.clips, &wish, e));
    for (size_t i = 0; i < r->regions.count; i++) {
        const struct ern_region *region = ERN_AT(r->regions, struct ern_region, i);
        TRY(add_files(p, &region->files, row, e));
        TRY(read_clips(p, &region->clips, row, e));
        TRY(previews_read(p, &region->clips, &wish, e));
    }
    if (stale)
        return note(p, e, RULE_STALE, r->line, "SoundRecording",
                    "a newer message has spoken of %.60s", row->isrc ? row->isrc : row->title);
    if (may || !found)
        TRY(previews_keep(p, row, &wish, r->line, e));
    snprintf(thing, sizeof thing, "recording:%s", recording_id_format(rec.id, id));
    TRY(put_claims(p, r, thing, row, e));
    return kept_speak(&p->scope, thing, p->report->message, p->report->created, e);
}
