/* SPDX-License-Identifier: Apache-2.0 */
/* A small town for tests of the desk: one holder, one recording, uploads in which it is heard. */
#ifndef LICET_TESTS_TOWN_H
#define LICET_TESTS_TOWN_H

#include "hamlet.h"
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
    struct hamlet h;
    CHECK_OK(hamlet_found(s->world, &h, e));
    *p = (struct place) { s, h.network, h.holder, h.recording, h.reference, { { 0 } } };
}

static inline struct upload_id upload(const struct place *p, bool with_song)
{
    TX(tx);
    static size_t number;
    struct upload_id id;
    struct hamlet h = { p->network, p->holder, p->recording, p->reference };
    CHECK_OK(store_begin(world_store(p->scene->world), STORE_WRITE, &tx, e));
    CHECK_OK(hamlet_upload(p->scene->world, tx, &h, ++number, with_song, &id, e));
    CHECK_OK(store_commit_take(take(tx), e));
    return id;
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
