/* SPDX-License-Identifier: Apache-2.0 */
/* pages: what a person sees, rendered by C; works without JavaScript, in English and Russian.
 *
 * Public: / (what this is, in numbers), /problems and /problems/{slug} (what each error and each
 * reason of a verdict means). Behind a one-time link (/admin?token=): uploads and their verdicts,
 * the explanation of one verdict, and "may this be played?". */
#ifndef LICET_PAGES_PAGES_H
#define LICET_PAGES_PAGES_H

#include "http/http.h"

/* Rows for http_server_open; handlers expect a struct world * in request.world. */
extern const struct http_route pages_routes[];
extern const size_t pages_route_count;

#endif
