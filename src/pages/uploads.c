/* SPDX-License-Identifier: Apache-2.0 */
/* The console's list of uploads, and the page of one: what was heard, recognised and decided. */
#include "pages/inside.h"

enum { ROWS = 50, VERDICTS = 20 };

const char *mode_word(enum lang in, const char *mode)
{
    if (strcmp(mode, "full") == 0)
        return word(in, WORD_MODE_FULL);
    return word(in, strcmp(mode, "preview") == 0 ? WORD_MODE_PREVIEW : WORD_MODE_DENY);
}

static void put_mode(struct page *p, const char *mode)
{
    html_format(p->body, "<span class=\"mode %s\">%s</span>", mode, mode_word(p->lang, mode));
}

static void put_span(struct page *p, int64_t from_ms, int64_t to_ms)
{
    buf_format(p->body, "%lld:%02lld–%lld:%02lld", (long long)(from_ms / 60000),
               (long long)(from_ms / 1000 % 60), (long long)(to_ms / 60000),
               (long long)(to_ms / 1000 % 60));
}

static void head_cell(struct page *p, enum word w)
{
    html_format(p->body, "<th scope=\"col\">%s</th>", word(p->lang, w));
}

static void table_begin(struct page *p, const char *label, const enum word *heads, size_t count)
{
    html_format(p->body,
                "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
                "<table><thead><tr>",
                label);
    for (size_t i = 0; i < count; i++)
        head_cell(p, heads[i]);
    buf_text(p->body, "</tr></thead><tbody>");
}

static void table_end(struct page *p)
{
    buf_text(p->body, "</tbody></table></div>");
}

static const char *network_name(struct store_tx *tx, struct network_id id, struct arena *a)
{
    struct network n;
    struct error e;
    return access_network_get(tx, id, a, &n, &e) == OK ? n.name : "?";
}

static const char *app_name(struct store_tx *tx, struct app_id id, struct arena *a)
{
    struct app p;
    struct error e;
    return access_app_get(tx, id, a, &p, &e) == OK ? p.name : "–";
}

static const char *recording_name(struct world *w, struct store_tx *tx, struct recording_id id,
                                  struct arena *a)
{
    struct recording rec;
    struct error e;
    if (registry_recording_get(tx, world_catalogue(w), id, a, &rec, &e) != OK)
        return "?";
    return rec.artist && rec.artist[0] ? arena_format(a, "%s – %s", rec.artist, rec.title)
                                       : rec.title;
}

static const char *state_word(enum lang in, const struct upload *u)
{
    static const enum word names[] = { WORD_STATE_RECEIVING, WORD_STATE_RECEIVED, WORD_STATE_HEARD,
                                       WORD_STATE_FAILED, WORD_STATE_WITHDRAWN };
    _Static_assert(COUNT_OF(names) == UPLOAD_STATE_COUNT, "a word for each state");
    return word(in, names[u->state]);
}

static const char *upload_name(const struct upload *u)
{
    return u->file && u->file[0] ? u->file : "–";
}

/* ---- the list ---- */

static enum code upload_row(struct page *p, struct store_tx *tx, const struct upload *u,
                            struct error *e)
{
    struct arena *a = p->request->arena;
    struct media_match *matches = NULL;
    struct media_verdict *verdicts = NULL;
    size_t match_count = 0, verdict_count = 0;
    char id[ID_TEXT];
    TRY(media_match_list(tx, u->id, a, &matches, &match_count, e));
    TRY(media_verdict_list(tx, u->id, (struct verdict_id) { 0 }, 1, a, &verdicts, &verdict_count,
                           e));
    html_format(p->body, "<tr><th scope=\"row\"><a href=\"/console/uploads/%s\">%s</a></th>",
                upload_id_format(u->id, id), upload_name(u));
    html_format(p->body, "<td>%s</td><td>%s</td><td>", network_name(tx, u->network, a),
                state_word(p->lang, u));
    if (match_count > 0)
        html_put(p->body, recording_name(p->request->world, tx, matches[0].recording, a));
    else
        buf_text(p->body, "–");
    buf_text(p->body, "</td><td>");
    if (verdict_count > 0) {
        html_format(p->body, "<a href=\"/verdicts/%s\">", verdict_id_format(verdicts[0].id, id));
        put_mode(p, verdicts[0].mode);
        buf_text(p->body, "</a>");
    } else {
        buf_text(p->body, "–");
    }
    buf_text(p->body, "</td><td>");
    html_time(p->body, u->received);
    buf_text(p->body, "</td></tr>");
    return OK;
}

static enum code upload_rows(struct page *p, struct store_tx *tx, struct error *e)
{
    static const enum word heads[] = { WORD_FILE,       WORD_NETWORK,      WORD_STATE,
                                       WORD_RECOGNISED, WORD_LAST_VERDICT, WORD_RECEIVED };
    struct upload_filter f = UPLOADS_ALL;
    struct upload *found = NULL;
    const char *after = http_query(p->request, "after");
    size_t count = 0;
    f.newest_first = true;
    f.limit = ROWS + 1;
    if (after)
        TRY(upload_id_parse(str_of(after), &f.after, e));
    TRY(media_upload_list(tx, &f, p->request->arena, &found, &count, e));
    if (count == 0) {
        html_format(p->body, "<p>%s %s <code>licet upload FILE --network N --user U</code></p>",
                    word(p->lang, WORD_NOTHING_YET), word(p->lang, WORD_UPLOAD_HINT));
        return OK;
    }
    table_begin(p, word(p->lang, WORD_UPLOADS), heads, COUNT_OF(heads));
    for (size_t i = 0; i < count && i < ROWS; i++)
        TRY(upload_row(p, tx, &found[i], e));
    table_end(p);
    if (count > ROWS) {
        char id[ID_TEXT];
        html_format(p->body, "<p><a href=\"/console/uploads?after=%s\" rel=\"next\">%s</a></p>",
                    upload_id_format(found[ROWS - 1].id, id), word(p->lang, WORD_NEXT));
    }
    return OK;
}

enum code page_uploads(struct http_request *r, struct http_response *out, struct error *e)
{
    TX(tx);
    struct page p;
    struct session s;
    if (!session_may(r, out, &s, LOOKERS))
        return OK;
    TRY(store_begin(world_store(r->world), STORE_READ, &tx, e));
    page_begin(&p, r, out, word(page_lang(r), WORD_UPLOADS), s.name);
    TRY(upload_rows(&p, tx, e));
    page_end(&p);
    return OK;
}

/* ---- one ---- */

static void fact(struct page *p, enum word name, const char *value)
{
    html_format(p->body, "<dt>%s</dt><dd>%s</dd>", word(p->lang, name), value ? value : "–");
}

static void facts(struct page *p, struct store_tx *tx, const struct upload *u)
{
    struct arena *a = p->request->arena;
    char id[ID_TEXT];
    buf_text(p->body, "<dl class=\"facts\">");
    html_format(p->body, "<dt>%s</dt><dd><code>%s</code></dd>", word(p->lang, WORD_UPLOAD),
                upload_id_format(u->id, id));
    fact(p, WORD_NETWORK, network_name(tx, u->network, a));
    fact(p, WORD_STATE,
         u->error && u->error[0] ? arena_format(a, "%s: %s", state_word(p->lang, u), u->error)
                                 : state_word(p->lang, u));
    fact(p, WORD_DURATION,
         arena_format(a, "%lld:%02lld", (long long)(u->duration_ms / 60000),
                      (long long)(u->duration_ms / 1000 % 60)));
    html_format(p->body, "<dt>%s</dt><dd>", word(p->lang, WORD_RECEIVED));
    html_time(p->body, u->received);
    buf_text(p->body, "</dd></dl>");
}

static enum code matches(struct page *p, struct store_tx *tx, const struct upload *u,
                         struct error *e)
{
    static const enum word heads[] = { WORD_RECORDING, WORD_AT_SECONDS, WORD_SPEED, WORD_EVIDENCE };
    char upload[ID_TEXT], match[ID_TEXT];
    struct media_match *found = NULL;
    size_t count = 0;
    TRY(media_match_list(tx, u->id, p->request->arena, &found, &count, e));
    html_format(p->body, "<h2>%s</h2>", word(p->lang, WORD_MATCHES));
    if (count == 0) {
        html_format(
            p->body, "<p>%s</p>",
            word(p->lang, u->state == UPLOAD_HEARD ? WORD_MATCHED_NONE : WORD_STILL_HEARING));
        return OK;
    }
    table_begin(p, word(p->lang, WORD_MATCHES), heads, COUNT_OF(heads));
    for (size_t i = 0; i < count; i++) {
        html_format(p->body, "<tr><th scope=\"row\">%s</th><td>",
                    recording_name(p->request->world, tx, found[i].recording, p->request->arena));
        put_span(p, found[i].upload_from_ms, found[i].upload_to_ms);
        buf_format(p->body, "</td><td>%.3f</td>", found[i].speed);
        html_format(p->body, "<td><a href=\"/console/uploads/%s/matches/%s\">%s</a></td></tr>",
                    upload_id_format(u->id, upload), match_id_format(found[i].id, match),
                    word(p->lang, WORD_SEE_AND_HEAR));
    }
    table_end(p);
    return OK;
}

static enum code verdicts(struct page *p, struct store_tx *tx, const struct upload *u,
                          struct error *e)
{
    static const enum word heads[] = { WORD_VERDICT, WORD_REASON, WORD_APP, WORD_TERRITORY,
                                       WORD_WHEN };
    struct media_verdict *found = NULL;
    size_t count = 0;
    TRY(media_verdict_list(tx, u->id, (struct verdict_id) { 0 }, VERDICTS, p->request->arena,
                           &found, &count, e));
    html_format(p->body, "<h2>%s</h2>", word(p->lang, WORD_VERDICTS));
    if (count == 0) {
        html_format(p->body, "<p>%s</p>", word(p->lang, WORD_NOTHING_YET));
        return OK;
    }
    table_begin(p, word(p->lang, WORD_VERDICTS), heads, COUNT_OF(heads));
    for (size_t i = 0; i < count; i++) {
        char id[ID_TEXT];
        html_format(p->body, "<tr><th scope=\"row\"><a href=\"/verdicts/%s\">",
                    verdict_id_format(found[i].id, id));
        put_mode(p, found[i].mode);
        html_format(p->body, "</a></th><td><code>%s</code></td><td>%s</td><td>%s</td><td>",
                    found[i].reason_code, app_name(tx, found[i].app, p->request->arena),
                    found[i].territory);
        html_time(p->body, found[i].given);
        buf_text(p->body, "</td></tr>");
    }
    table_end(p);
    return OK;
}

enum code page_upload(struct http_request *r, struct http_response *out, struct error *e)
{
    TX(tx);
    struct page p;
    struct session s;
    struct upload u;
    struct upload_id id;
    char text[ID_TEXT];
    if (!session_may(r, out, &s, LOOKERS))
        return OK;
    TRY(upload_id_parse(str_of(http_parameter(r, "upload")), &id, e));
    TRY(store_begin(world_store(r->world), STORE_READ, &tx, e));
    TRY(media_upload_get(tx, (struct network_id) { 0 }, id, r->arena, &u, e));
    page_begin(&p, r, out, upload_name(&u), s.name);
    facts(&p, tx, &u);
    TRY(matches(&p, tx, &u, e));
    TRY(verdicts(&p, tx, &u, e));
    html_format(p.body, "<p><a class=\"button\" href=\"/console/ask?upload=%s\">%s</a></p>",
                upload_id_format(u.id, text), word(p.lang, WORD_ASK));
    page_end(&p);
    return OK;
}
