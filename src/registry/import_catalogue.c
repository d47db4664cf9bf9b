/* SPDX-License-Identifier: Apache-2.0 */
/* A file of recordings and claims: one line is one party's share of one right. */
#include "registry/import.h"

#include "registry/shares.h"

enum {
    ISRC,
    TITLE,
    ARTIST,
    DURATION,
    PARTY,
    PARTY_NAME,
    RIGHT,
    SHARE,
    TERRITORIES,
    FROM,
    UNTIL,
    COLUMNS
};

static const struct import_column columns[COLUMNS] = {
    [ISRC] = { "isrc", false },
    [TITLE] = { "title", false },
    [ARTIST] = { "artist", false },
    [DURATION] = { "duration", false },
    [PARTY] = { "party", false },
    [PARTY_NAME] = { "party_name", false },
    [RIGHT] = { "right", false },
    [SHARE] = { "share", false },
    [TERRITORIES] = { "territories", false },
    [FROM] = { "from", false },
    [UNTIL] = { "until", false },
};

enum { CLAIMS_MOST = 10000 }; /* of one recording */

/* Seconds, or hours:minutes:seconds, with decimals. */
static enum code duration_of(struct str text, int64_t *ms, struct error *e)
{
    struct str rest = text, part;
    int64_t total_e8 = 0;
    int parts = 0;
    while (str_split(&rest, ':', &part)) {
        int64_t value;
        if (++parts > 3 || str_to_e8(part, &value, e) != OK || value < 0 ||
            value > 360000 * SHARE_WHOLE_E8 || total_e8 > 360000 * SHARE_WHOLE_E8)
            return fail(e, ERR_INVALID, "duration: \"%.*s\" is not seconds or minutes:seconds",
                        (int)(text.length > 40 ? 40 : text.length), text.at);
        total_e8 = total_e8 * 60 + value;
    }
    *ms = total_e8 / (SHARE_WHOLE_E8 / 1000);
    return OK;
}

/* Per cent to a part of the whole: "33.333333" or "33.333333%" is 33333333. */
static enum code share_of(struct import *im, const struct import_line *l, int64_t *out,
                          struct error *e)
{
    struct str text = l->cells[SHARE];
    int64_t percent_e8;
    if (text.length && text.at[text.length - 1] == '%')
        text = str_trim((struct str) { text.at, text.length - 1 });
    if (!text.length)
        return fail(e, ERR_INVALID, "share: it is missing");
    if (str_to_e8(text, &percent_e8, e) != OK)
        return fail_in(e, "share");
    if (percent_e8 < 0)
        return fail(e, ERR_INVALID, "share: %.*s is below zero", STR_ARG(text));
    if (percent_e8 > 100 * SHARE_WHOLE_E8)
        return fail(e, ERR_INVALID, "share: %.*s is over the whole", STR_ARG(text));
    if (percent_e8 % 100)
        return fail(e, ERR_INVALID, "share: %.*s has more than six decimals", STR_ARG(text));
    if (percent_e8 > 0 && percent_e8 <= SHARE_WHOLE_E8)
        import_warn(im, l->number, "share", "%.*s is taken as per cent; is %.*s of 1 meant?",
                    STR_ARG(text), STR_ARG(text));
    *out = percent_e8 / 100;
    return OK;
}

/* ---- the recording ---- */

static enum code find_by_title(struct import *im, const struct import_line *l,
                               struct recording_id *out, bool *found, struct error *e)
{
    const struct registry_act *act = import_act(im);
    owned(store_rows) rows = NULL;
    TRY(store_one(act->tx,
                  "SELECT id FROM registry_recordings WHERE catalogue = $1 AND title = $2 AND "
                  "artist = $3 AND isrc IS NULL ORDER BY id LIMIT 1",
                  SQL(sql_id(act->catalogue), sql_str(l->cells[TITLE]), sql_str(l->cells[ARTIST])),
                  &rows, found, e));
    if (*found)
        store_id(rows, 0, out->bytes);
    return OK;
}

static enum code find_recording(struct import *im, const struct import_line *l, const char *isrc,
                                struct recording *out, bool *found, struct error *e)
{
    const struct registry_act *act = import_act(im);
    struct error inner = { 0 };
    if (isrc) {
        enum code code = registry_recording_find(act->tx, act->catalogue, str_of(isrc),
                                                 import_arena(im), out, &inner);
        *found = code == OK;
        if (code != OK && code != ERR_NOT_FOUND)
            *e = inner;
        return code == ERR_NOT_FOUND ? OK : code;
    }
    struct recording_id id;
    TRY(find_by_title(im, l, &id, found, e));
    return *found ? registry_recording_get(act->tx, act->catalogue, id, import_arena(im), out, e)
                  : OK;
}

/* An empty cell leaves what is there. */
static bool merge_text(struct import *im, const char **has, struct str says)
{
    if (!says.length || (*has && str_is(says, *has)))
        return false;
    *has = str_copy(import_arena(im), says);
    return true;
}

/* One ISRC is one recording: lines of a file may not disagree on what it is. */
static enum code check_same(const struct import *im, const struct import_line *l,
                            const struct recording *r, struct error *e)
{
    size_t before = import_seen(im, r->id.bytes);
    if (!before)
        return OK;
    if (l->cells[TITLE].length && !str_is(l->cells[TITLE], r->title))
        return fail(e, ERR_INVALID, "isrc: line %zu calls it \"%.100s\", this one \"%.*s\"", before,
                    r->title, (int)(l->cells[TITLE].length > 100 ? 100 : l->cells[TITLE].length),
                    l->cells[TITLE].at);
    if (l->cells[ARTIST].length && !str_is(l->cells[ARTIST], r->artist))
        return fail(e, ERR_INVALID, "isrc: line %zu says it is by \"%.100s\", this one \"%.*s\"",
                    before, r->artist,
                    (int)(l->cells[ARTIST].length > 100 ? 100 : l->cells[ARTIST].length),
                    l->cells[ARTIST].at);
    return OK;
}

static enum code merge_recording(struct import *im, const struct import_line *l, bool may,
                                 struct recording *r, bool *changed, struct error *e)
{
    const struct recording was = *r;
    *changed = merge_text(im, &r->title, l->cells[TITLE]);
    if (*changed && was.title && may)
        import_warn(im, l->number, "title", "it was \"%.200s\" in the registry", was.title);
    *changed |= merge_text(im, &r->artist, l->cells[ARTIST]);
    if (l->cells[DURATION].length) {
        int64_t ms = 0;
        TRY(duration_of(l->cells[DURATION], &ms, e));
        *changed |= ms != r->duration_ms;
        r->duration_ms = ms;
    }
    if (*changed && !may) {
        import_warn(im, l->number, NULL,
                    "others hold a part of this recording: it is left as it is");
        *r = was;
        *changed = false;
    }
    return OK;
}

/* What others hold a part of, a holder's file does not rename: its claims are taken all the same. */
static enum code may_change(struct import *im, const struct recording *r, bool *may,
                            struct error *e)
{
    const struct registry_act *act = import_act(im);
    struct party_id holder = import_options_of(im)->holder;
    struct error shared = { 0 };
    *may = true;
    if (party_id_is_none(holder))
        return OK;
    enum code code = registry_held_alone(act->tx, act->catalogue, &table_recordings, r->id.bytes,
                                         holder, &shared);
    *may = code == OK;
    return code == OK || code == ERR_DENIED ? OK : fail(e, code, "%s", shared.text);
}

static enum code put_recording(struct import *im, const struct import_line *l, struct recording *r,
                               struct error *e)
{
    char isrc[IDENTIFIER_TEXT];
    bool found = false, changed = false, may = true;
    if (l->cells[ISRC].length && isrc_parse(l->cells[ISRC], isrc, e) != OK)
        return fail_in(e, "isrc");
    if (!l->cells[ISRC].length && !l->cells[TITLE].length)
        return fail(e, ERR_INVALID, "isrc: neither an ISRC nor a title");
    TRY(find_recording(im, l, l->cells[ISRC].length ? isrc : NULL, r, &found, e));
    if (!found) {
        *r = (struct recording) { .isrc = l->cells[ISRC].length
                                              ? str_copy(import_arena(im), str_of(isrc))
                                              : NULL };
        if (!l->cells[TITLE].length)
            return fail(e, ERR_INVALID, "title: it is missing, and %s is not in the registry yet",
                        isrc);
    } else {
        TRY(check_same(im, l, r, e));
    }
    if (found)
        TRY(may_change(im, r, &may, e));
    TRY(merge_recording(im, l, may, r, &changed, e));
    if (!found || changed)
        TRY(registry_recording_put(import_act(im), r, e));
    if (!import_seen(im, r->id.bytes)) /* its further lines add claims, not the recording again */
        import_count(im, IMPORT_RECORDING,
                     !found    ? IMPORT_ADDED
                     : changed ? IMPORT_CHANGED
                               : IMPORT_SAME);
    else if (changed)
        import_count(im, IMPORT_RECORDING, IMPORT_CHANGED);
    return OK;
}

/* ---- the party ---- */

static enum code party_of(struct import *im, const struct import_line *l, struct party *p,
                          struct error *e)
{
    struct error inner = { 0 };
    enum code code = import_party_of(im, l, PARTY, p, &inner);
    if (code == ERR_NOT_FOUND && l->cells[PARTY_NAME].length) {
        TRY(import_for_party(im, (struct party_id) { { 0 } }, "party", e));
        *p = (struct party) { .slug = str_copy(import_arena(im), l->cells[PARTY]),
                              .name = str_copy(import_arena(im), l->cells[PARTY_NAME]) };
        if (registry_party_put(import_act(im), p, e) != OK)
            return fail_in(e, "party");
        import_count(im, IMPORT_PARTY, IMPORT_ADDED);
        return OK;
    }
    if (code != OK)
        *e = inner;
    return code;
}

/* ---- the claim ---- */

static bool same_claim(const struct claim *a, const struct claim *b)
{
    return a->right == b->right && party_id_equal(a->party, b->party) && a->from.us == b->from.us &&
           territory_set_equal(&a->territories, &b->territories);
}

static enum code read_claim(struct import *im, const struct import_line *l, struct claim *c,
                            struct error *e)
{
    c->right = RIGHT_MAKING_AVAILABLE;
    if (l->cells[RIGHT].length && right_parse(l->cells[RIGHT], &c->right, e) != OK)
        return fail_in(e, "right");
    TRY(share_of(im, l, &c->share_e8, e));
    TRY(import_territories(im, l, TERRITORIES, &c->territories, e));
    return import_span(l, FROM, UNTIL, &c->from, &c->until, e);
}

static enum code said_before(struct import *im, const struct import_line *l,
                             const struct claim *has, const struct claim *says, struct error *e)
{
    size_t before = import_seen(im, has->id.bytes);
    if (!before)
        return OK;
    if (has->share_e8 != says->share_e8 || has->until.us != says->until.us)
        return fail(e, ERR_INVALID, "share: line %zu says something else of the same claim",
                    before);
    import_warn(im, l->number, NULL, "it says the same as line %zu", before);
    return OK;
}

/* Tell of sums over the whole that this claim takes part in. */
static void warn_of_over_claims(struct import *im, const struct import_line *l,
                                const struct claim *claims, size_t count, const struct claim *c)
{
    struct over_claim over[RIGHT_COUNT];
    size_t n = shares_over(claims, count, over);
    for (size_t i = 0; i < n; i++) {
        BUF(percent);
        if (over[i].right != c->right || !territory_set_meet(&over[i].territories, &c->territories))
            continue;
        e8_format(over[i].sum_e8 * 100, &percent);
        const char *where = territory_set_text(&over[i].territories, import_arena(im));
        import_warn(im, l->number, "share", "the shares add up to %s %% (%s) in %.200s%s",
                    (const char *)percent.bytes, right_word(c->right), where,
                    strlen(where) > 200 ? "..." : "");
    }
}

static enum code store_claim(struct import *im, const struct import_line *l, struct claim *c,
                             struct claim *has, enum import_outcome *outcome, struct error *e)
{
    const struct registry_act *act = import_act(im);
    if (!has && c->share_e8 == 0)
        return fail(e, ERR_INVALID, "share: 0 takes a claim back, and there is none like this");
    if (has) {
        TRY(said_before(im, l, has, c, e));
        c->id = has->id;
        c->filed = has->filed;
        *outcome = IMPORT_SAME;
        if (has->share_e8 == c->share_e8 && has->until.us == c->until.us)
            return OK;
    }
    if (c->share_e8 == 0) {
        *outcome = IMPORT_WITHDRAWN;
        return registry_claim_withdraw(act, c->id, e);
    }
    *outcome = has ? IMPORT_CHANGED : IMPORT_ADDED;
    return registry_claim_put(act, c, e);
}

static enum code put_claim(struct import *im, const struct import_line *l, struct claim *c,
                           struct error *e)
{
    const struct registry_act *act = import_act(im);
    struct claim *claims, *has = NULL;
    size_t count;
    enum import_outcome outcome = IMPORT_SAME;
    TRY(registry_claim_list(act->tx, act->catalogue, c->recording, (struct party_id) { { 0 } },
                            (struct claim_id) { { 0 } }, CLAIMS_MOST, import_arena(im), &claims,
                            &count, e));
    for (size_t i = 0; i < count && !has; i++)
        if (same_claim(&claims[i], c))
            has = &claims[i];
    if (!has && count == CLAIMS_MOST)
        return fail(e, ERR_LIMIT, "party: the recording has %d claims already", CLAIMS_MOST);
    TRY(store_claim(im, l, c, has, &outcome, e));
    import_see(im, c->id.bytes, l->number);
    import_count(im, IMPORT_CLAIM, outcome);
    if (outcome == IMPORT_WITHDRAWN)
        return OK;
    struct claim *all = arena_get(import_arena(im), count + 1, sizeof *all);
    if (count)
        memcpy(all, claims, count * sizeof *all);
    all[has ? (size_t)(has - claims) : count] = *c;
    warn_of_over_claims(im, l, all, has ? count : count + 1, c);
    return OK;
}

static enum code line(struct import *im, const struct import_line *l, struct error *e)
{
    struct recording r = { 0 };
    struct party p = { 0 };
    struct claim c = { 0 };
    bool holders = !party_id_is_none(import_options_of(im)->holder);
    bool claims = l->cells[PARTY].length > 0 || (holders && l->cells[SHARE].length > 0);
    if (!claims && (l->cells[SHARE].length || l->cells[RIGHT].length))
        return fail(e, ERR_INVALID, "party: it is missing");
    if (claims)
        TRY(read_claim(im, l, &c, e));
    TRY(put_recording(im, l, &r, e));
    if (claims) {
        TRY(party_of(im, l, &p, e));
        c.recording = r.id;
        c.party = p.id;
        TRY(put_claim(im, l, &c, e));
    }
    if (!import_seen(im, r.id.bytes))
        import_see(im, r.id.bytes, l->number);
    return OK;
}

const struct import_kind import_catalogue = { "catalogue", columns, COLUMNS, line };
