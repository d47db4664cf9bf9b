/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers of the pages; one file a group. */
#ifndef LICET_PAGES_INSIDE_H
#define LICET_PAGES_INSIDE_H

#include "pages/html.h"
#include "pages/pages.h"

http_handler page_home, page_style, page_icon;
http_handler page_problems, page_problem;

#endif
