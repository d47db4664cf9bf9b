/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "scene.h"

static const struct instant noon = { 1795521600000000 }; /* 2026-11-24T12:00:00Z */

/* ids that a golden file can hold: the thing's number in the first bytes */
static void number_id(uint8_t id[ID_BYTES], uint8_t kind, uint8_t number)
{
    memset(id, 0, ID_BYTES);
    id[0] = kind;
    id[ID_BYTES - 1] = number;
}

struct territory_set scene_set(const char *text)
{
    struct territory_set s = { 0 };
    CHECK_OK(territory_set_parse(str_of(text), &s, NULL, e));
    return s;
}

void scene_init(struct scene *s)
{
    static const char *const names[] = { "Northwind Records", "Harbour Music", "Ольха" };
    static const char *const titles[] = { "Low Tide", "Второй снег" };
    memset(s, 0, sizeof *s);
    s->networks[0] = (struct rights_network) { .version = 4, .name = "Agora" };
    number_id(s->networks[0].id.bytes, 1, 1);
    s->apps[0] = (struct rights_app) {
        .network = s->networks[0].id, .version = 2, .name = "web", .download = true, .offline = true
    };
    number_id(s->apps[0].id.bytes, 2, 1);
    for (uint8_t i = 0; i < COUNT_OF(names); i++) {
        s->parties[i] = (struct party) { .version = 1, .slug = "party", .name = names[i] };
        number_id(s->parties[i].id.bytes, 3, (uint8_t)(i + 1));
    }
    for (uint8_t i = 0; i < COUNT_OF(titles); i++) {
        s->recordings[i] = (struct recording) {
            .version = 1, .title = titles[i], .artist = "Ada Fenn", .duration_ms = 200000
        };
        number_id(s->recordings[i].id.bytes, 4, (uint8_t)(i + 1));
    }
    s->asked = (struct question) { .network = s->networks[0].id,
                                   .app = s->apps[0].id,
                                   .territory = { TERRITORY_DE },
                                   .at = noon };
    number_id(s->asked.upload.bytes, 5, 1);
    s->upload.facts = (struct facts_upload) { .version = 7,
                                              .hearing = HEARING_DONE,
                                              .duration_ms = 180000,
                                              .preview_start_ms = 41000,
                                              .preview_length_ms = 30000,
                                              .restricted_until = INSTANT_NEVER };
    scene_match(s, 0, 1, 10000, 70000);
    scene_claim(s, 0, 0, RIGHT_MAKING_AVAILABLE, SHARE_WHOLE_E8);
    scene_licence(s, 0);
}

struct claim *scene_claim(struct scene *s, int recording, int party, enum right right,
                          int64_t share_e8)
{
    assert_true(s->claim_count < SCENE_MOST);
    struct claim *c = &s->claims[s->claim_count++];
    *c = (struct claim) { .recording = s->recordings[recording].id,
                          .party = s->parties[party].id,
                          .version = 1,
                          .right = right,
                          .share_e8 = share_e8,
                          .territories = territory_set_world(),
                          .from = INSTANT_FIRST,
                          .until = INSTANT_NEVER,
                          .filed = { noon.us - 1000000LL * (int64_t)(100 - s->claim_count) } };
    number_id(c->id.bytes, 6, (uint8_t)s->claim_count);
    return c;
}

struct holder_policy *scene_policy(struct scene *s, int party, enum policy_action action,
                                   const char *conditions)
{
    assert_true(s->policy_count < SCENE_MOST);
    struct holder_policy *p = &s->policies[s->policy_count++];
    *p = (struct holder_policy) { .party = s->parties[party].id,
                                  .version = 3,
                                  .action = action,
                                  .territories = territory_set_world(),
                                  .from = INSTANT_FIRST,
                                  .until = INSTANT_NEVER };
    number_id(p->id.bytes, 7, (uint8_t)s->policy_count);
    CHECK_OK(conditions_parse(str_of(conditions), p->conditions, &p->condition_count, e));
    return p;
}

struct licence *scene_licence(struct scene *s, int party)
{
    assert_true(s->licence_count < SCENE_MOST);
    struct licence *l = &s->licences[s->licence_count++];
    *l = (struct licence) { .licensor = s->parties[party].id,
                            .version = 5,
                            .name = "Frame agreement 2026",
                            .territories = territory_set_world(),
                            .uses = USES_ALL,
                            .models = MODELS_ALL,
                            .from = INSTANT_FIRST,
                            .until = INSTANT_NEVER };
    number_id(l->id.bytes, 8, (uint8_t)s->licence_count);
    return l;
}

struct rights_order *scene_order(struct scene *s)
{
    assert_true(s->order_count < SCENE_MOST);
    struct rights_order *o = &s->orders[s->order_count++];
    *o = (struct rights_order) { .recording = s->recordings[0].id,
                                 .version = 1,
                                 .title = "Regional Court, 3 O 17/26",
                                 .territories = territory_set_world(),
                                 .from = INSTANT_FIRST,
                                 .until = INSTANT_NEVER };
    number_id(o->id.bytes, 9, (uint8_t)s->order_count);
    return o;
}

struct upload_match *scene_match(struct scene *s, int recording, int reference, int64_t from_ms,
                                 int64_t to_ms)
{
    assert_true(s->upload.match_count < SCENE_MOST);
    struct upload_match *m = &s->matches[s->upload.match_count++];
    *m = (struct upload_match) { .recording = s->recordings[recording].id,
                                 .upload_from_ms = from_ms,
                                 .upload_to_ms = to_ms,
                                 .reference_from_ms = from_ms,
                                 .reference_to_ms = to_ms,
                                 .reference_ms = 200000 };
    number_id(m->reference.bytes, 10, (uint8_t)reference);
    return m;
}

struct facts_leave *scene_leave(struct scene *s, int party, enum leave_kind kind)
{
    assert_true(s->upload.leave_count < SCENE_MOST);
    struct facts_leave *l = &s->leaves[s->upload.leave_count++];
    *l = (struct facts_leave) { .kind = kind,
                                .party = s->parties[party].id,
                                .version = 1,
                                .from = INSTANT_FIRST,
                                .until = INSTANT_NEVER };
    number_id(l->id, 12, (uint8_t)s->upload.leave_count);
    return l;
}

struct rights_input scene_input(const struct scene *s)
{
    return (struct rights_input) {
        .networks = s->networks,
        .network_count = COUNT_OF(s->networks),
        .apps = s->apps,
        .app_count = COUNT_OF(s->apps),
        .parties = s->parties,
        .party_count = COUNT_OF(s->parties),
        .recordings = s->recordings,
        .recording_count = COUNT_OF(s->recordings),
        .claims = s->claims,
        .claim_count = s->claim_count,
        .policies = s->policies,
        .policy_count = s->policy_count,
        .licences = s->licences,
        .licence_count = s->licence_count,
        .orders = s->orders,
        .order_count = s->order_count,
    };
}

void scene_judge(struct scene *s, struct rights **r, struct arena *a, struct facts *f,
                 struct verdict *v)
{
    struct rights_input in = scene_input(s);
    CHECK_OK(rights_build(&in, r, e));
    s->upload.matches = s->matches;
    s->upload.leaves = s->leaves;
    if (s->ask_recording) {
        memset(&s->asked.upload, 0, sizeof s->asked.upload);
        s->asked.recording = s->recordings[0].id;
    }
    rights_gather(*r, &s->asked, s->ask_recording ? NULL : &s->upload, a, f);
    policy_decide(f, a, v);
}
