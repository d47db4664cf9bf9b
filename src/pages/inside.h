/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers of the pages, one file a group, and who is asking. */
#ifndef LICET_PAGES_INSIDE_H
#define LICET_PAGES_INSIDE_H

#include "access/access.h"
#include "desk/desk.h"
#include "flow/flow.h"
#include "pages/html.h"
#include "pages/pages.h"

struct session {
    struct user user;
    const char *name;
    unsigned scopes;
};

/* False: nobody is logged in. */
bool session_find(struct http_request *r, struct session *out);
void session_needed(struct http_request *r, struct http_response *out); /* a page that says so */
/* Somebody is logged in whose role has one of `scopes`; else a page says what is missing: false. */
bool session_may(struct http_request *r, struct http_response *out, struct session *s,
                 unsigned scopes);
/* Who may look at uploads, and who may ask. */
#define LOOKERS (SCOPE_UPLOAD | SCOPE_DESK | SCOPE_JOURNAL)
#define ASKERS  SCOPE_DESK
bool session_same_site(const struct http_request *r);

/* A word of the interface in the page's language: what verdicts and uploads are called. */
const char *mode_word(enum lang in, const char *mode);
const char *law_word(enum lang in, enum regime regime); /* under which a notice was sent */

http_handler page_home, page_style, page_icon;
http_handler page_problems, page_problem;
http_handler page_admin, page_log_in, page_log_out;
http_handler page_notice, page_notice_sent, page_notice_confirm, page_notice_confirmed;
http_handler page_notice_own, page_notice_own_acts;
http_handler page_statement, page_statement_answered;
http_handler page_uploads, page_upload, page_match, page_match_evidence;
http_handler page_agreement, page_agreement_version;
http_handler page_reports, page_report, page_figure;
http_handler page_ask, page_asked, page_verdict;
http_handler page_statements, page_statement_print;

#endif
