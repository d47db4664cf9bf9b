/* SPDX-License-Identifier: Apache-2.0 */
/* A small town for tests of the desk: one holder, one recording, uploads in which it is heard. */
#ifndef LICET_TESTS_TOWN_H
#define LICET_TESTS_TOWN_H

#include "scene.h"

#define DAYS(n) ((n)*INT64_C(86400000000))

#define STAGE(s)                                                                                   \
    FIXTURE(f_);                                                                                   \
    struct scene s;                                                                                \
    scene_begin(&s, f_, NULL)

struct place {
    struct scene *scene;
    struct network_id network;
    struct party_id holder;
    struct recording_id recording;
    struct reference_id reference;
    struct upload_id upload;
};

static inline void found_town(struct scene *s, struct place *p)
{
    CHANGE(c);
    CHECK_OK(flow_change_begin(s->world, STR("test"), STR(""), &c, e));
    struct access_act access = flow_change_access(&c);
    struct network n = { .slug = "net",
                         .name = "Net",
                         .unlicensed = "full",
                         .unmatched = "full",
                         .conflict = "pay_undisputed" };
    CHECK_OK(access_network_put(&access, &n, e));
    struct app app = { .network = n.id, .slug = "web", .name = "Web" };
    CHECK_OK(access_app_put(&access, &app, e));
    struct party holder = { .slug = "holder", .name = "Holder" };
    CHECK_OK(registry_party_put(&c.act, &holder, e));
    struct recording rec = { .title = "Song", .artist = "Singer", .duration_ms = 180000 };
    CHECK_OK(registry_recording_put(&c.act, &rec, e));
    struct reference ref = { .recording = rec.id,
                             .party = holder.id,
                             .file = "song",
                             .audio = "00",
                             .duration_ms = 180000,
                             .state = REFERENCE_INDEXED };
    CHECK_OK(registry_reference_put(&c.act, &ref, e));
    struct claim claim = { .recording = rec.id,
                           .party = holder.id,
                           .right = RIGHT_MAKING_AVAILABLE,
                           .share_e8 = SHARE_WHOLE_E8,
                           .territories = territory_set_world(),
                           .from = INSTANT_FIRST,
                           .until = INSTANT_NEVER };
    CHECK_OK(registry_claim_put(&c.act, &claim, e));
    CHECK_OK(flow_change_commit(&c, e));
    *p = (struct place) { s, n.id, holder.id, rec.id, ref.id, { { 0 } } };
}

static inline struct upload_id upload(const struct place *p, bool with_song)
{
    TX(tx);
    static int number;
    char blob[65];
    snprintf(blob, sizeof blob, "%064d", ++number);
    struct instant now = p->scene->now;
    struct upload u = { .id = upload_id_make(now, &p->scene->chance),
                        .network = p->network,
                        .uploader = "ulla",
                        .file = "a.mp3",
                        .blob = blob,
                        .size_bytes = 1,
                        .state = UPLOAD_HEARD,
                        .duration_ms = 200000,
                        .received = now,
                        .heard = now };
    CHECK_OK(store_begin(world_store(p->scene->world), STORE_WRITE, &tx, e));
    CHECK_OK(media_upload_put(tx, &u, e));
    struct media_match m = { .id = match_id_make(now, &p->scene->chance),
                             .upload = u.id,
                             .network = p->network,
                             .reference = p->reference,
                             .recording = p->recording,
                             .upload_to_ms = 150000,
                             .reference_to_ms = 150000,
                             .reference_ms = 180000,
                             .speed = 1,
                             .score = 0.9,
                             .p_false = 1e-12,
                             .found = now };
    if (with_song)
        CHECK_OK(media_match_put(tx, &m, e));
    CHECK_OK(store_commit_take(take(tx), e));
    return u.id;
}

static inline void vouch(struct scene *s, const char *mailbox)
{
    struct sender_id id;
    struct sender_change c = { .mailbox = str_of(mailbox),
                               .name = STR("Agent"),
                               .proofs = PROOF_MAILBOX | PROOF_DOMAIN,
                               .party = STR("holder"),
                               .trusted = 1,
                               .suspended = -1 };
    CHECK_OK(flow_sender_put(s->world, STR("test"), &c, &id, e));
}

static inline struct received send_of(struct scene *s, struct arena *a, const char *mailbox,
                                      struct upload_id id, unsigned elements, const char *key)
{
    char text[ID_TEXT];
    struct draft_item item = {
        KIND_UPLOAD, str_of(arena_format(a, "https://net.example/%s", upload_id_format(id, text))),
        STR("Song"), STR("Singer"), STR("")
    };
    struct notice_draft d = { .channel = CHANNEL_API,
                              .regime = REGIME_DMCA,
                              .sender = str_of(mailbox),
                              .name = STR("Agent"),
                              .principal = STR("holder"),
                              .once = str_of(key),
                              .raw = str_of(arena_format(a, "take down %s", text)),
                              .elements = elements,
                              .items = &item,
                              .item_count = 1 };
    struct received out = { 0 };
    enum code code;
    struct error error = { 0 };
    CHECK_OK(flow_notice_receive(s->world, STR("test"), &d, 1, a, &out, &code, &error, e));
    if (code != OK)
        STOP("%s", error.text);
    return out;
}

static inline struct notice_item item_of(struct scene *s, struct arena *a, struct notice_id notice)
{
    TX(tx);
    struct notice_item *items;
    size_t count;
    struct item_filter f = { .notice = notice, .state = -1, .limit = 10 };
    CHECK_OK(store_begin(world_store(s->world), STORE_READ, &tx, e));
    CHECK_OK(desk_item_list(tx, &f, a, &items, &count, e));
    assert_int_equal(count, 1);
    return items[0];
}

static inline const char *verdict_in(struct scene *s, struct arena *a, struct upload_id id,
                                     const char *territory)
{
    char text[ID_TEXT];
    struct decided d;
    struct decide_request r = { .subject = str_of(upload_id_format(id, text)),
                                .app = STR("web"),
                                .network = STR("net"),
                                .territory = str_of(territory) };
    CHECK_OK(world_follow(s->world, e));
    CHECK_OK(flow_decide(s->world, &r, a, &d, e));
    return d.verdict.reason_code;
}

static inline const char *verdict(struct scene *s, struct arena *a, struct upload_id id)
{
    return verdict_in(s, a, id, "DE");
}

static inline void work(struct scene *s)
{
    bool did = true;
    while (did)
        CHECK_OK(flow_notice_once(s->world, &did, e));
}

static inline void all_is_whole(struct scene *s)
{
    TX(tx);
    struct desk_check c;
    struct journal_report report;
    CHECK_OK(store_begin(world_store(s->world), STORE_READ, &tx, e));
    CHECK_OK(desk_check(tx, &c, e));
    assert_int_equal(c.without_clock + c.without_owner + c.restricted_without_statement +
                         c.undecided_wrong + c.final_with_clock,
                     0);
    CHECK_OK(journal_verify(tx, NULL, 0, NULL, &report, e));
}

#endif
