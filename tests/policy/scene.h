/* SPDX-License-Identifier: Apache-2.0 */
/* A small world for tests of verdicts: one network, one app, three parties, two recordings, one
 * upload that holds the first. As it stands, everything is licensed; a test changes what it needs. */
#ifndef LICET_TESTS_POLICY_SCENE_H
#define LICET_TESTS_POLICY_SCENE_H

#include "policy/policy.h"

enum { SCENE_MOST = 8 };

struct scene {
    struct rights_network networks[1];
    struct rights_app apps[1];
    struct party parties[3];
    struct recording recordings[2];
    struct claim claims[SCENE_MOST];
    struct holder_policy policies[SCENE_MOST];
    struct licence licences[SCENE_MOST];
    struct rights_order orders[SCENE_MOST];
    size_t claim_count, policy_count, licence_count, order_count;
    struct upload_match matches[SCENE_MOST];
    struct facts_leave leaves[SCENE_MOST];
    struct upload_known upload;
    struct question asked;
    bool ask_recording; /* and not the upload */
};

void scene_init(struct scene *s);
struct claim *scene_claim(struct scene *s, int recording, int party, enum right right,
                          int64_t share_e8);
struct holder_policy *scene_policy(struct scene *s, int party, enum policy_action action,
                                   const char *conditions);
struct licence *scene_licence(struct scene *s, int party);
struct rights_order *scene_order(struct scene *s);
struct upload_match *scene_match(struct scene *s, int recording, int reference, int64_t from_ms,
                                 int64_t to_ms);
struct facts_leave *scene_leave(struct scene *s, int party, enum leave_kind kind);
struct territory_set scene_set(const char *text);

/* Build the snapshot, gather, decide. Free *r after the verdict has been looked at. */
void scene_judge(struct scene *s, struct rights **r, struct arena *a, struct facts *f,
                 struct verdict *v);
struct rights_input scene_input(const struct scene *s);

#endif
