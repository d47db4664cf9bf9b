/* SPDX-License-Identifier: Apache-2.0 */
/* Logging in by a one-time link, and who a request comes from. */
#include "pages/inside.h"

#include <stdio.h>

enum { SESSION_HOURS = 12 };

static struct access_act act_of(const struct http_request *r, struct store_tx *tx)
{
    return (struct access_act) {
        .tx = tx, .who = STR("pages"), .now = r->at, .chance = world_chance(r->world)
    };
}

bool session_find(struct http_request *r, struct session *out)
{
    TX(tx);
    struct error e;
    const char *cookie = page_cookie(r, "session");
    *out = (struct session) { 0 };
    if (!cookie || store_begin(world_store(r->world), STORE_READ, &tx, &e) != OK)
        return false;
    struct access_act act = act_of(r, tx);
    if (access_token_check(&act, ACCESS_SESSION, str_of(cookie), r->arena, &out->user, &e) != OK)
        return false;
    out->name = out->user.name;
    out->scopes = access_role_scopes(out->user.role);
    return true;
}

void session_needed(struct http_request *r, struct http_response *out)
{
    struct page p;
    out->status = 401;
    page_begin(&p, r, out, word(page_lang(r), WORD_LOG_IN), NULL);
    html_format(p.body, "<p class=\"lead\">%s</p><p>%s <code>licet user link admin</code></p>",
                word(p.lang, WORD_NEED_LOGIN), word(p.lang, WORD_LINK_AGAIN));
    page_end(&p);
}

bool session_may(struct http_request *r, struct http_response *out, struct session *s,
                 unsigned scopes)
{
    struct page p;
    if (!session_find(r, s)) {
        session_needed(r, out);
        return false;
    }
    if ((s->scopes & scopes) != 0)
        return true;
    out->status = 403;
    page_begin(&p, r, out, word(page_lang(r), WORD_NOT_YOURS), s->name);
    html_format(p.body, "<p>%s: <code>%s</code></p>", word(p.lang, WORD_YOUR_ROLE),
                access_role_word(s->user.role));
    page_end(&p);
    return false;
}

/* A form of another site cannot speak for our users: browsers say where a request comes from. */
bool session_same_site(const struct http_request *r)
{
    const char *site = http_header(r, "Sec-Fetch-Site");
    const char *origin = http_header(r, "Origin");
    if (site)
        return strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
    return !origin || strcmp(origin, r->base_url) == 0;
}

static enum code refuse_site(struct error *e)
{
    return fail(e, ERR_DENIED, "the form was sent by another site");
}

/* The link is looked at by mail programs and chats; only the button uses it up. */
enum code page_admin(struct http_request *r, struct http_response *out, struct error *e)
{
    struct page p;
    struct session s;
    const char *token = http_query(r, "token");
    (void)e;
    if (!token && session_find(r, &s)) {
        out->status = 303;
        http_header_set(out, "Location", "/console/uploads");
        return OK;
    }
    if (!token) {
        session_needed(r, out);
        return OK;
    }
    page_begin(&p, r, out, word(page_lang(r), WORD_LOG_IN), NULL);
    html_format(p.body,
                "<p class=\"lead\">%s</p><form method=\"post\" action=\"/admin\">"
                "<input type=\"hidden\" name=\"token\" value=\"%s\"><button>%s</button></form>",
                word(p.lang, WORD_LINK_ASK), token, word(p.lang, WORD_GO_ON));
    page_end(&p);
    return OK;
}

static void set_cookie(const struct http_request *r, struct http_response *out, const char *text,
                       long seconds)
{
    bool secure = strncmp(r->base_url, "https://", 8) == 0;
    http_header_format(out, "Set-Cookie",
                       "session=%s; Path=/; Max-Age=%ld; HttpOnly; SameSite=Lax%s", text, seconds,
                       secure ? "; Secure" : "");
}

static void link_is_used(struct http_request *r, struct http_response *out)
{
    struct page p;
    out->status = 401;
    page_begin(&p, r, out, word(page_lang(r), WORD_LOG_IN), NULL);
    html_format(p.body, "<p class=\"error\">%s</p><p>%s <code>licet user link admin</code></p>",
                word(p.lang, WORD_LINK_USED), word(p.lang, WORD_LINK_AGAIN));
    page_end(&p);
}

enum code page_log_in(struct http_request *r, struct http_response *out, struct error *e)
{
    TX(tx);
    struct http_pairs form = { 0 };
    struct user u;
    char text[ACCESS_TOKEN_TEXT];
    if (!session_same_site(r))
        return refuse_site(e);
    TRY(http_query_parse(r->arena, r->body, &form, e));
    const char *token = form.count == 1 ? form.rows[0].value : "";
    TRY(store_begin(world_store(r->world), STORE_WRITE, &tx, e));
    struct access_act act = act_of(r, tx);
    enum code code = access_token_check(&act, ACCESS_LINK, str_of(token), r->arena, &u, e);
    if (code == ERR_UNKNOWN_KEY) {
        link_is_used(r, out);
        return OK;
    }
    TRY(code);
    struct instant until = { r->at.us + (int64_t)SESSION_HOURS * 3600 * 1000000 };
    TRY(access_token_make(&act, ACCESS_SESSION, &u, until, text, e));
    TRY(store_commit_take(take(tx), e));
    set_cookie(r, out, text, (long)SESSION_HOURS * 3600);
    out->status = 303;
    http_header_set(out, "Location", "/console/uploads");
    return OK;
}

enum code page_log_out(struct http_request *r, struct http_response *out, struct error *e)
{
    TX(tx);
    const char *cookie = page_cookie(r, "session");
    if (!session_same_site(r))
        return refuse_site(e);
    TRY(store_begin(world_store(r->world), STORE_WRITE, &tx, e));
    struct access_act act = act_of(r, tx);
    if (cookie)
        TRY(access_token_end(&act, str_of(cookie), e));
    TRY(store_commit_take(take(tx), e));
    set_cookie(r, out, "", 0);
    out->status = 303;
    http_header_set(out, "Location", "/");
    return OK;
}
