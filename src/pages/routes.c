/* SPDX-License-Identifier: Apache-2.0 */
/* The pages' rows. */
#include "pages/inside.h"

const struct http_route pages_routes[] = {
    { HTTP_GET, "/", page_home, 0, HTTP_WORK, "public" },
    { HTTP_GET, "/style.css", page_style, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/icon.svg", page_icon, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/problems", page_problems, 0, HTTP_FAST, "public" },
    { HTTP_GET, "/problems/{slug}", page_problem, 0, HTTP_FAST, "public" },
};
const size_t pages_route_count = COUNT_OF(pages_routes);
