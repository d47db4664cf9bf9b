/* SPDX-License-Identifier: Apache-2.0 */
/* licet serve: the server, until it is told to stop. */
#include "api/api.h"
#include "cli/world.h"
#include "pages/pages.h"

static void api_close_at(struct api **a)
{
    api_close(*a);
}

enum code cli_serve(struct cli_call *c, struct error *e)
{
    http_signals_block(); /* before any thread is started */
    WORLD(w);
    TRY(cli_world_open(c, NEEDS_AUDIO | NEEDS_MESSAGES | NEEDS_POST, &w, e));
    TRY(world_serve_lock(w.world, e));
    __attribute__((cleanup(api_close_at))) struct api *api = NULL;
    struct api_options o = { .world = w.world,
                             .pages = pages_routes,
                             .page_count = pages_route_count };
    TRY(api_open(&o, &api, e));
    TRY(api_start(api, e));
    const char *url = http_server_address(api_http(api));
    printf("licet is ready on %s/\n", url);
    fflush(stdout);
    log_line(LOG_INFO, "serving", "url=%s version=%s", url, LICET_VERSION);
    http_server_wait(api_http(api));
    log_line(LOG_INFO, "stopping", "url=%s", url);
    return OK;
}
