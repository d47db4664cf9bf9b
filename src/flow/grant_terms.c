/* SPDX-License-Identifier: Apache-2.0 */
/* A simple grant as terms: the text that would be agreed in its place. */
#include "flow/world.h"

struct writing {
    struct store_tx *tx;
    struct party_id catalogue;
    struct arena *a;
    struct buf *out;
    struct error *e;
};

static enum code put_networks(struct writing *w, const struct licence *l)
{
    buf_text(w->out, "networks ");
    if (l->network_count == 0)
        buf_text(w->out, "all");
    for (size_t i = 0; i < l->network_count; i++) {
        struct network n;
        TRY(access_network_get(w->tx, l->networks[i], w->a, &n, w->e));
        buf_format(w->out, "%s%s", i ? ", " : "", n.slug);
    }
    buf_byte(w->out, '\n');
    return OK;
}

static enum code put_apps(struct writing *w, const struct licence *l)
{
    for (size_t i = 0; i < l->app_count; i++) {
        struct app app;
        struct network n;
        TRY(access_app_get(w->tx, l->apps[i], w->a, &app, w->e));
        TRY(access_network_get(w->tx, app.network, w->a, &n, w->e));
        buf_format(w->out, "%s%s/%s", i ? ", " : " in apps ", n.slug, app.slug);
    }
    buf_byte(w->out, '\n');
    return OK;
}

/* A stream that is granted as a clip is what terms call a preview of so many seconds. */
static void put_uses(struct writing *w, const struct licence *l)
{
    bool first = true;
    buf_text(w->out, "grant ");
    if (l->clip_seconds)
        buf_format(w->out, "preview of %lld s", (long long)l->clip_seconds);
    for (int u = 0; u < USE_COUNT && !l->clip_seconds; u++)
        if (l->uses >> u & 1) {
            buf_format(w->out, "%s%s", first ? "" : ", ", use_word((enum use)u));
            first = false;
        }
    if (l->models == MODELS_ALL)
        return;
    first = true;
    for (int m = 0; m < MODEL_COUNT; m++)
        if (l->models >> m & 1) {
            buf_format(w->out, "%s%s", first ? " in " : ", ", model_word((enum model)m));
            first = false;
        }
}

/* The zone in which both ends are midnights, the nearest to UTC first. */
static bool find_zone(const struct licence *l, int *minutes)
{
    const int64_t day_us = INT64_C(86400000000);
    for (int step = 0; step <= 14 * 4; step++)
        for (int sign = 1; sign >= -1; sign -= 2) {
            int64_t zone_us = (int64_t)step * sign * 15 * 60 * 1000000;
            bool from = l->from.us == INT64_MIN || (l->from.us + zone_us) % day_us == 0;
            bool until = l->until.us == INT64_MAX || (l->until.us + zone_us) % day_us == 0;
            if (from && until) {
                *minutes = step * sign * 15;
                return true;
            }
        }
    return false;
}

static enum code put_period(struct writing *w, const struct licence *l)
{
    char text[INSTANT_TEXT];
    int zone = 0;
    if (!find_zone(l, &zone))
        return fail(w->e, ERR_INVALID,
                    "the grant begins or ends within a day, and terms are in whole days");
    int64_t zone_us = (int64_t)zone * 60 * 1000000;
    struct day from = l->from.us == INT64_MIN ? day_from_civil(1970, 1, 1)
                                              : day_of((struct instant) { l->from.us + zone_us });
    buf_format(w->out, "from %s", day_format(from, text));
    if (l->until.us != INT64_MAX) {
        struct day until = day_of((struct instant) { l->until.us + zone_us });
        buf_format(w->out, " through %s", day_format((struct day) { until.number - 1 }, text));
    }
    buf_byte(w->out, '\n');
    if (zone)
        buf_format(w->out, "time zone UTC%c%02d:%02d\n", zone < 0 ? '-' : '+', abs(zone) / 60,
                   abs(zone) % 60);
    return OK;
}

static void put_title(struct writing *w, const char *name)
{
    buf_text(w->out, "terms \"");
    for (; *name; name++)
        buf_byte(w->out, (uint8_t)(*name == '"' ? '\'' : *name));
    buf_text(w->out, "\"\n");
}

static enum code write_grant(struct writing *w, const struct licence *l)
{
    struct party p;
    TRY(registry_party_get(w->tx, w->catalogue, l->licensor, w->a, &p, w->e));
    put_title(w, l->name);
    buf_format(w->out, "licensor %s\n", p.slug);
    TRY(put_networks(w, l));
    buf_format(w->out, "territories %s\n", territory_set_text(&l->territories, w->a));
    if (!recording_id_is_none(l->recording)) {
        struct recording r;
        TRY(registry_recording_get(w->tx, w->catalogue, l->recording, w->a, &r, w->e));
        if (!r.isrc)
            return fail(w->e, ERR_INVALID, "its recording has no ISRC to be named by");
        buf_format(w->out, "repertoire only %s\n", r.isrc);
    }
    put_uses(w, l);
    TRY(put_apps(w, l));
    return put_period(w, l);
}

enum code flow_licence_terms(struct store_tx *tx, struct party_id catalogue, struct licence_id id,
                             struct arena *a, struct terms *out, struct error *e)
{
    BUF(text);
    struct licence l;
    struct writing w = { tx, catalogue, a, &text, e };
    TRY(licence_get(tx, catalogue, id, a, &l, e));
    TRY(write_grant(&w, &l));
    return terms_parse(str_of(str_copy(a, buf_as_str(&text))), a, out, NULL, e);
}
