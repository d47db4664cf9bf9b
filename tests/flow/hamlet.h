/* SPDX-License-Identifier: Apache-2.0 */
/* One network, one holder with one recording and its reference, uploads in which it is heard: what
 * tests and benches of the desk have in common. All names are invented. */
#ifndef LICET_TESTS_HAMLET_H
#define LICET_TESTS_HAMLET_H

#include "flow/flow.h"

struct hamlet {
    struct network_id network;
    struct party_id holder;
    struct recording_id recording;
    struct reference_id reference;
};

static inline enum code hamlet_claim(const struct registry_act *act, const struct hamlet *h,
                                     struct error *e)
{
    struct claim claim = { .recording = h->recording,
                           .party = h->holder,
                           .right = RIGHT_MAKING_AVAILABLE,
                           .share_e8 = SHARE_WHOLE_E8,
                           .territories = territory_set_world(),
                           .from = INSTANT_FIRST,
                           .until = INSTANT_NEVER };
    return registry_claim_put(act, &claim, e);
}

/* The network "net" with the app "web", the holder "holder". */
static inline enum code hamlet_found(struct world *w, struct hamlet *h, struct error *e)
{
    CHANGE(c);
    TRY(flow_change_begin(w, STR("test"), STR(""), &c, e));
    struct access_act access = flow_change_access(&c);
    struct network n = { .slug = "net",
                         .name = "Net",
                         .unlicensed = "full",
                         .unmatched = "full",
                         .conflict = "pay_undisputed" };
    TRY(access_network_put(&access, &n, e));
    struct app app = { .network = n.id, .slug = "web", .name = "Web" };
    TRY(access_app_put(&access, &app, e));
    struct party holder = { .slug = "holder", .name = "Holder" };
    TRY(registry_party_put(&c.act, &holder, e));
    struct recording rec = { .title = "Song", .artist = "Singer", .duration_ms = 180000 };
    TRY(registry_recording_put(&c.act, &rec, e));
    struct reference ref = { .recording = rec.id,
                             .party = holder.id,
                             .file = "song",
                             .audio = "00",
                             .duration_ms = 180000,
                             .state = REFERENCE_INDEXED };
    TRY(registry_reference_put(&c.act, &ref, e));
    *h = (struct hamlet) { n.id, holder.id, rec.id, ref.id };
    TRY(hamlet_claim(&c.act, h, e));
    return flow_change_commit(&c, e);
}

/* An upload of "ulla" as it stands when it has been heard; `number` makes its bytes. */
static inline enum code hamlet_upload(struct world *w, struct store_tx *tx, const struct hamlet *h,
                                      size_t number, bool with_song, struct upload_id *out,
                                      struct error *e)
{
    char blob[65];
    struct instant now = world_now(w);
    snprintf(blob, sizeof blob, "%064zu", number);
    struct upload u = { .id = upload_id_make(now, world_chance(w)),
                        .network = h->network,
                        .uploader = "ulla",
                        .file = "a.mp3",
                        .blob = blob,
                        .size_bytes = 1,
                        .state = UPLOAD_HEARD,
                        .duration_ms = 200000,
                        .received = now,
                        .heard = now };
    TRY(media_upload_put(tx, &u, e));
    *out = u.id;
    struct media_match m = { .id = match_id_make(now, world_chance(w)),
                             .upload = u.id,
                             .network = h->network,
                             .reference = h->reference,
                             .recording = h->recording,
                             .upload_to_ms = 150000,
                             .reference_to_ms = 150000,
                             .reference_ms = 180000,
                             .speed = 1,
                             .score = 0.9,
                             .p_false = 1e-12,
                             .found = now };
    return with_song ? media_match_put(tx, &m, e) : OK;
}

#endif
