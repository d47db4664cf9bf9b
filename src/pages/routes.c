/* SPDX-License-Identifier: Apache-2.0 */
/* The pages' rows. */
#include "pages/inside.h"

const struct http_route pages_routes[] = {
    { HTTP_GET, "/", page_home, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/style.css", page_style, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/icon.svg", page_icon, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/problems", page_problems, 0, HTTP_FAST, "public" },
    { HTTP_GET, "/problems/{slug}", page_problem, 0, HTTP_FAST, "public" },
    { HTTP_GET, "/notice", page_notice, 0, HTTP_FAST, "public" },
    { HTTP_POST, "/notice", page_notice_sent, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/notice/confirm", page_notice_confirm, 0, HTTP_FAST, "public" },
    { HTTP_POST, "/notice/confirm", page_notice_confirmed, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/notices/{notice}", page_notice_own, 0, HTTP_WORK, "public" },
    { HTTP_POST, "/notices/{notice}", page_notice_own_acts, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/statement", page_statement, 0, HTTP_WORK, "public" },
    { HTTP_POST, "/statement", page_statement_answered, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/terms", page_agreement, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/terms/{version}", page_agreement_version, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/transparency", page_reports, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/transparency/{report}", page_report, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/transparency/{report}/{figure}", page_figure, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/admin", page_admin, 0, HTTP_WORK, "public" },
    { HTTP_POST, "/admin", page_log_in, 0, HTTP_WORK, "public" },
    { HTTP_POST, "/logout", page_log_out, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/console/uploads", page_uploads, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/console/uploads/{upload}", page_upload, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/console/uploads/{upload}/matches/{match}", page_match, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/console/uploads/{upload}/matches/{match}/{evidence}", page_match_evidence, 0,
      HTTP_SLOW, "public" },
    { HTTP_GET, "/console/statements", page_statements, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/console/statements/{statement}", page_statement_print, 0, HTTP_SLOW, "public" },
    { HTTP_GET, "/console/ask", page_ask, 0, HTTP_WORK, "public" },
    { HTTP_POST, "/console/ask", page_asked, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/verdicts/{verdict}", page_verdict, 0, HTTP_WORK, "public" },
};
const size_t pages_route_count = COUNT_OF(pages_routes);
