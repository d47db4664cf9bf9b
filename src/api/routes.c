/* SPDX-License-Identifier: Apache-2.0 */
/* The table: method, path, handler, scopes (any of them will do; 0: no key), where it runs, class
 * of its rate limit. api/openapi.json has the same rows; a test compares them both ways. */
#include "api/inside.h"

#define V1 "/api/v1"

const struct http_route api_routes[] = {
    { HTTP_GET, "/healthz", api_health, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/readyz", api_ready, 0, HTTP_WORK, NULL },
    { HTTP_GET, "/metrics", api_metrics, 0, HTTP_WORK, NULL },
    { HTTP_GET, "/openapi.json", api_document, 0, HTTP_FAST, "public" },
    { HTTP_GET, V1 "/version", api_version, 0, HTTP_FAST, "public" },

    { HTTP_GET, V1 "/networks", api_network_list, SCOPE_READ | SCOPE_ACCESS, HTTP_WORK, "read" },
    { HTTP_POST, V1 "/networks", api_network_create, SCOPE_ACCESS, HTTP_WORK, "write" },
    { HTTP_GET, V1 "/networks/{network}", api_network_get, SCOPE_READ | SCOPE_ACCESS, HTTP_WORK,
      "read" },
    { HTTP_PATCH, V1 "/networks/{network}", api_network_edit, SCOPE_ACCESS, HTTP_WORK, "write" },

    { HTTP_GET, V1 "/apps", api_app_list, SCOPE_READ | SCOPE_ACCESS, HTTP_WORK, "read" },
    { HTTP_POST, V1 "/apps", api_app_create, SCOPE_ACCESS, HTTP_WORK, "write" },
    { HTTP_GET, V1 "/apps/{app}", api_app_get, SCOPE_READ | SCOPE_ACCESS, HTTP_WORK, "read" },
    { HTTP_PATCH, V1 "/apps/{app}", api_app_edit, SCOPE_ACCESS, HTTP_WORK, "write" },

    { HTTP_GET, V1 "/keys", api_key_list, SCOPE_ACCESS, HTTP_WORK, "read" },
    { HTTP_POST, V1 "/keys", api_key_create, SCOPE_ACCESS, HTTP_WORK, "write" },
    { HTTP_GET, V1 "/keys/{key}", api_key_get, SCOPE_ACCESS, HTTP_WORK, "read" },
    { HTTP_PATCH, V1 "/keys/{key}", api_key_edit, SCOPE_ACCESS, HTTP_WORK, "write" },
    { HTTP_POST, V1 "/keys/{key}/rotate", api_key_rotate, SCOPE_ACCESS, HTTP_WORK, "write" },
    { HTTP_POST, V1 "/keys/{key}/revoke", api_key_revoke, SCOPE_ACCESS, HTTP_WORK, "write" },
    { HTTP_POST, V1 "/keys/{key}/restore", api_key_restore, SCOPE_ACCESS, HTTP_WORK, "write" },

    { HTTP_GET, V1 "/users", api_user_list, SCOPE_ACCESS, HTTP_WORK, "read" },
    { HTTP_POST, V1 "/users", api_user_create, SCOPE_ACCESS, HTTP_WORK, "write" },
    { HTTP_GET, V1 "/users/{user}", api_user_get, SCOPE_ACCESS, HTTP_WORK, "read" },
    { HTTP_PATCH, V1 "/users/{user}", api_user_edit, SCOPE_ACCESS, HTTP_WORK, "write" },

    { HTTP_GET, V1 "/parties", api_party_list, SCOPE_READ | SCOPE_CATALOGUE, HTTP_WORK, "read" },
    { HTTP_POST, V1 "/parties", api_party_create, SCOPE_CATALOGUE, HTTP_WORK, "write" },
    { HTTP_GET, V1 "/parties/{party}", api_party_get, SCOPE_READ | SCOPE_CATALOGUE, HTTP_WORK,
      "read" },
    { HTTP_PATCH, V1 "/parties/{party}", api_party_edit, SCOPE_CATALOGUE, HTTP_WORK, "write" },

    { HTTP_GET, V1 "/recordings", api_recording_list, SCOPE_READ | SCOPE_CATALOGUE, HTTP_WORK,
      "read" },
    { HTTP_POST, V1 "/recordings", api_recording_create, SCOPE_CATALOGUE, HTTP_WORK, "write" },
    { HTTP_GET, V1 "/recordings/{recording}", api_recording_get, SCOPE_READ | SCOPE_CATALOGUE,
      HTTP_WORK, "read" },
    { HTTP_PATCH, V1 "/recordings/{recording}", api_recording_edit, SCOPE_CATALOGUE, HTTP_WORK,
      "write" },

    { HTTP_GET, V1 "/references", api_reference_list, SCOPE_READ | SCOPE_CATALOGUE, HTTP_WORK,
      "read" },
    { HTTP_POST, V1 "/references", api_reference_create, SCOPE_CATALOGUE, HTTP_SLOW, "upload" },
    { HTTP_GET, V1 "/references/{reference}", api_reference_get, SCOPE_READ | SCOPE_CATALOGUE,
      HTTP_WORK, "read" },
    { HTTP_DELETE, V1 "/references/{reference}", api_reference_withdraw, SCOPE_CATALOGUE, HTTP_SLOW,
      "write" },

    { HTTP_GET, V1 "/claims", api_claim_list, SCOPE_READ | SCOPE_CATALOGUE, HTTP_WORK, "read" },
    { HTTP_POST, V1 "/claims", api_claim_create, SCOPE_CATALOGUE, HTTP_WORK, "write" },
    { HTTP_GET, V1 "/claims/{claim}", api_claim_get, SCOPE_READ | SCOPE_CATALOGUE, HTTP_WORK,
      "read" },
    { HTTP_PATCH, V1 "/claims/{claim}", api_claim_edit, SCOPE_CATALOGUE, HTTP_WORK, "write" },
    { HTTP_DELETE, V1 "/claims/{claim}", api_claim_withdraw, SCOPE_CATALOGUE, HTTP_WORK, "write" },

    { HTTP_GET, V1 "/policies", api_policy_list, SCOPE_READ | SCOPE_CATALOGUE, HTTP_WORK, "read" },
    { HTTP_POST, V1 "/policies", api_policy_create, SCOPE_CATALOGUE, HTTP_WORK, "write" },
    { HTTP_GET, V1 "/policies/{policy}", api_policy_get, SCOPE_READ | SCOPE_CATALOGUE, HTTP_WORK,
      "read" },
    { HTTP_PATCH, V1 "/policies/{policy}", api_policy_edit, SCOPE_CATALOGUE, HTTP_WORK, "write" },
    { HTTP_DELETE, V1 "/policies/{policy}", api_policy_withdraw, SCOPE_CATALOGUE, HTTP_WORK,
      "write" },

    { HTTP_GET, V1 "/licences", api_licence_list, SCOPE_READ | SCOPE_LICENCE, HTTP_WORK, "read" },
    { HTTP_POST, V1 "/licences", api_licence_create, SCOPE_LICENCE, HTTP_WORK, "write" },
    { HTTP_GET, V1 "/licences/{licence}", api_licence_get, SCOPE_READ | SCOPE_LICENCE, HTTP_WORK,
      "read" },
    { HTTP_PATCH, V1 "/licences/{licence}", api_licence_edit, SCOPE_LICENCE, HTTP_WORK, "write" },
    { HTTP_DELETE, V1 "/licences/{licence}", api_licence_withdraw, SCOPE_LICENCE, HTTP_WORK,
      "write" },

    { HTTP_POST, V1 "/parts", api_part_create, SCOPE_UPLOAD | SCOPE_CATALOGUE, HTTP_WORK,
      "upload" },
    { HTTP_GET, V1 "/parts/{part}", api_part_get, SCOPE_UPLOAD | SCOPE_CATALOGUE, HTTP_WORK,
      "upload" },
    { HTTP_PATCH, V1 "/parts/{part}", api_part_append, SCOPE_UPLOAD | SCOPE_CATALOGUE, HTTP_WORK,
      "upload" },
    { HTTP_DELETE, V1 "/parts/{part}", api_part_drop, SCOPE_UPLOAD | SCOPE_CATALOGUE, HTTP_WORK,
      "upload" },

    { HTTP_GET, V1 "/uploads", api_upload_list, SCOPE_UPLOAD | SCOPE_DESK, HTTP_WORK, "read" },
    { HTTP_POST, V1 "/uploads", api_upload_create, SCOPE_UPLOAD, HTTP_SLOW, "upload" },
    { HTTP_GET, V1 "/uploads/{upload}", api_upload_get, SCOPE_UPLOAD | SCOPE_DESK, HTTP_WORK,
      "read" },
    { HTTP_GET, V1 "/uploads/{upload}/matches", api_upload_matches, SCOPE_UPLOAD | SCOPE_DESK,
      HTTP_WORK, "read" },
    { HTTP_DELETE, V1 "/uploads/{upload}", api_upload_withdraw, SCOPE_UPLOAD | SCOPE_DESK,
      HTTP_WORK, "write" },

    { HTTP_POST, V1 "/decide", api_decide, SCOPE_DECIDE, HTTP_WORK, "decide" },
    { HTTP_POST, V1 "/decide/batch", api_decide_batch, SCOPE_DECIDE, HTTP_WORK, "decide" },
    { HTTP_GET, V1 "/verdicts", api_verdict_list, SCOPE_DECIDE | SCOPE_DESK, HTTP_WORK, "read" },
    { HTTP_GET, V1 "/verdicts/{verdict}", api_verdict_get, SCOPE_DECIDE | SCOPE_DESK, HTTP_WORK,
      "read" },
    { HTTP_GET, V1 "/verdicts/{verdict}/explain", api_verdict_explain, SCOPE_DECIDE | SCOPE_DESK,
      HTTP_WORK, "read" },

    { HTTP_POST, V1 "/plays", api_plays_tell, SCOPE_PLAY | SCOPE_LEDGER, HTTP_WORK, "write" },
    { HTTP_GET, V1 "/plays", api_plays_list, SCOPE_LEDGER, HTTP_WORK, "read" },

    { HTTP_POST, V1 "/catalogue", api_catalogue_import, SCOPE_CATALOGUE, HTTP_SLOW, "write" },

    { HTTP_GET, V1 "/journal/head", api_journal_head, SCOPE_JOURNAL, HTTP_WORK, "read" },
    { HTTP_GET, V1 "/journal", api_journal_list, SCOPE_JOURNAL, HTTP_WORK, "read" },

    { HTTP_GET, "/m/{link}", api_media, 0, HTTP_WORK, "stream" },
};
const size_t api_route_count = COUNT_OF(api_routes);
