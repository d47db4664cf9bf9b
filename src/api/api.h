/* SPDX-License-Identifier: Apache-2.0 */
/* api: the interface for programs: /api/v1, /m (media by signed link), health, metrics, OpenAPI.
 *
 * One file per resource turns JSON into a call at a room's door or of flow, and the answer into
 * JSON; routes.c is the table. A running server also hears what was uploaded, follows what other
 * processes change, and ends connections whose key was revoked.
 *
 *     struct api *api;
 *     TRY(api_open(&(struct api_options) { world, pages_routes, pages_route_count }, &api, e));
 *     printf("%s\n", http_server_address(api_http(api)));
 *     TRY(api_start(api, e));
 *     http_server_wait(api_http(api));
 *     api_close(api);
 */
#ifndef LICET_API_API_H
#define LICET_API_API_H

#include "flow/flow.h"
#include "http/http.h"

struct api;

struct api_options {
    struct world *world;            /* borrowed; its settings say where to listen */
    const struct http_route *pages; /* further rows, borrowed; may be NULL */
    size_t page_count;
    bool
        deaf; /* do not hear uploads in the background (nobody does until flow_work_once is called) */
    bool without_limits; /* no rate limits: benches */
    const char *listen;  /* NULL: the setting http.listen */
};

/* Binds the address. errors  INVALID a setting; BUSY the address is in use; IO */
MUST_USE enum code api_open(const struct api_options *o, struct api **out, struct error *e);
/* Loads the rights, then starts loops, workers, the follower and the ears, and returns. Who connects
 * meanwhile waits. */
MUST_USE enum code api_start(struct api *a, struct error *e);
struct http_server *api_http(const struct api *a);
void api_close(struct api *a); /* finishes what is under way; NULL is fine */

/* Every row served, for the test that compares it with the OpenAPI document. */
extern const struct http_route api_routes[];
extern const size_t api_route_count;
/* The document, as served at /openapi.json. */
struct str api_openapi(void);

#endif
