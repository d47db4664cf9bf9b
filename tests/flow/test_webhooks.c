/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to a real receiver on this machine. */
#include "scene.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "flow/post.h"
#include "flow/webhooks.h"

static struct audio_host *host; /* none: nothing is heard here */

/* ---- a receiver: answers each request with the next status and keeps what came ---- */

enum { KEPT = 16, REQUEST_MOST = 8192 };
struct receiver {
    int fd;
    unsigned port;
    pthread_t thread;
    atomic_int status; /* that it answers */
    atomic_size_t count;
    char requests[KEPT][REQUEST_MOST];
};

static size_t length_wanted(const char *request, size_t have)
{
    const char *end = strstr(request, "\r\n\r\n"), *at = strcasestr(request, "content-length:");
    if (!end)
        return have + 1;
    return (size_t)(end + 4 - request) + (at && at < end ? (size_t)atol(at + 15) : 0);
}

static void *receive(void *receiver)
{
    struct receiver *r = receiver;
    for (;;) {
        int fd = accept(r->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        char request[REQUEST_MOST] = "", answer[128];
        size_t have = 0;
        ssize_t n;
        while (have < length_wanted(request, have) && have < sizeof request - 1 &&
               (n = read(fd, request + have, sizeof request - 1 - have)) > 0)
            have += (size_t)n;
        size_t number = atomic_load(&r->count);
        if (number < KEPT)
            memcpy(r->requests[number], request, sizeof request);
        int length = snprintf(answer, sizeof answer,
                              "HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n"
                              "Location: http://127.0.0.1:1/\r\n\r\n",
                              atomic_load(&r->status));
        atomic_store(&r->count, number + 1);
        (void)!write(fd, answer, (size_t)length);
        close(fd);
    }
}

static void receiver_start(struct receiver *r)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t length = sizeof a;
    memset(r, 0, sizeof *r);
    atomic_init(&r->status, 200);
    r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(r->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(r->fd, 8), 0);
    assert_int_equal(getsockname(r->fd, (struct sockaddr *)&a, &length), 0);
    r->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&r->thread, NULL, receive, r), 0);
}

static void receiver_stop(struct receiver *r)
{
    shutdown(r->fd, SHUT_RDWR);
    pthread_join(r->thread, NULL);
    close(r->fd);
}

/* ---- scenes ---- */

static void let_private(struct scene *s)
{
    CHECK_OK(settings_flag(&s->settings, STR("webhooks.private=yes"), e));
}

static struct webhook make_hook(struct scene *s, struct arena *a, unsigned port, const char *types)
{
    CHANGE(c);
    struct webhook h = { .url = arena_format(a, "http://127.0.0.1:%u/hook", port), .types = types };
    CHECK_OK(flow_change_begin(s->world, STR("tester"), STR(""), &c, e));
    CHECK_OK(flow_webhook_make(&c, &h, e));
    CHECK_OK(flow_change_commit(&c, e));
    return h;
}

static void add_party(struct world *w, const char *slug)
{
    CHANGE(c);
    struct party p = { .slug = slug, .name = "Somebody" };
    CHECK_OK(flow_change_begin(w, STR("tester"), STR(""), &c, e));
    CHECK_OK(registry_party_put(&c.act, &p, e));
    CHECK_OK(flow_change_commit(&c, e));
}

static void work(struct scene *s)
{
    for (bool did = true; did;)
        CHECK_OK(flow_job_once(s->world, &did, e));
}

static const char *header(const char *request, const char *name, struct arena *a)
{
    const char *at = strcasestr(request, arena_format(a, "\r\n%s: ", name));
    if (!at)
        STOP("no header %s in %s", name, request);
    at += strlen(name) + 4;
    return arena_text(a, at, strcspn(at, "\r"));
}

TEST(a_change_is_told_once_signed_as_the_standard_says)
{
    SCENE(s);
    struct receiver r;
    char want[WEBHOOK_SIGNATURES];
    receiver_start(&r);
    let_private(&s);
    struct webhook h = make_hook(&s, &a, r.port, "party");
    add_party(s.world, "north");
    work(&s);
    work(&s);
    assert_int_equal(atomic_load(&r.count), 2); /* the operator, when the house was made; north */
    const char *request = r.requests[1], *body = strstr(request, "\r\n\r\n") + 4;
    const char *id = header(request, "webhook-id", &a);
    webhook_sign(&h, id, atol(header(request, "webhook-timestamp", &a)), str_of(body), want);
    assert_string_equal(header(request, "webhook-signature", &a), want);
    assert_non_null(strstr(body, "\"type\":\"party.added\""));
    assert_non_null(strstr(body, "\"north\""));
    assert_int_equal(store_fixture_int(world_store(s.world),
                                       "SELECT COUNT(*) FROM webhook_deliveries WHERE state = "
                                       "'delivered' AND status = 200"),
                     2);
    assert_int_equal(store_fixture_int(world_store(s.world), "SELECT COUNT(*) FROM jobs"), 0);
    receiver_stop(&r);
    scene_end(&s);
}

TEST(a_receiver_that_fails_is_tried_again_later_and_not_followed_elsewhere)
{
    SCENE(s);
    struct receiver r;
    receiver_start(&r);
    let_private(&s);
    make_hook(&s, &a, r.port, "claim,recording");
    work(&s);
    atomic_store(&r.status, 302); /* a redirection is no answer, and is not followed */
    {
        CHANGE(c);
        struct recording rec = { .title = "Low Tide", .artist = "Ada Fenn" };
        CHECK_OK(flow_change_begin(s.world, STR("tester"), STR(""), &c, e));
        CHECK_OK(registry_recording_put(&c.act, &rec, e));
        CHECK_OK(flow_change_commit(&c, e));
    }
    work(&s);
    assert_int_equal(atomic_load(&r.count), 1);
    work(&s);
    assert_int_equal(atomic_load(&r.count), 1); /* not before its time */
    s.now.us += 10 * INT64_C(1000000);
    atomic_store(&r.status, 503);
    work(&s);
    assert_int_equal(atomic_load(&r.count), 2);
    s.now.us += 20 * INT64_C(1000000);
    atomic_store(&r.status, 204);
    work(&s);
    assert_int_equal(atomic_load(&r.count), 3);
    assert_string_equal(header(r.requests[0], "webhook-id", &a),
                        header(r.requests[2], "webhook-id", &a)); /* the same message */
    assert_int_equal(store_fixture_int(world_store(s.world),
                                       "SELECT tries FROM webhook_deliveries WHERE state = "
                                       "'delivered'"),
                     3);
    receiver_stop(&r);
    scene_end(&s);
}

TEST(a_receiver_that_is_gone_or_fails_for_days_is_told_no_more_until_a_person_says_so)
{
    SCENE(s);
    struct receiver r;
    receiver_start(&r);
    let_private(&s);
    struct webhook h = make_hook(&s, &a, r.port, "recording,party"), back;
    size_t count;
    atomic_store(&r.status, 500);
    for (int i = 0; i < 40; i++) {
        work(&s);
        s.now.us += INT64_C(43200000000);
    }
    size_t tried = atomic_load(&r.count);
    assert_in_range(tried, 15, 25);
    {
        TX(tx);
        CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
        CHECK_OK(flow_webhook_get(s.world, tx, h.id, &a, &back, e));
        assert_true(back.disabled);
        assert_string_equal(back.reason, "it failed for days");
    }
    add_party(s.world, "north");
    work(&s);
    assert_int_equal(atomic_load(&r.count), tried); /* silence */
    atomic_store(&r.status, 200);
    {
        CHANGE(c);
        CHECK_OK(flow_change_begin(s.world, STR("tester"), STR(""), &c, e));
        CHECK_OK(flow_webhook_switch(&c, h.id, false, e));
        CHECK_OK(flow_webhook_replay(&c, h.id, 0, &count, e));
        CHECK_OK(flow_change_commit(&c, e));
    }
    assert_int_equal(count, 2); /* operator and north */
    work(&s);
    assert_int_equal(atomic_load(&r.count), tried + 2);
    atomic_store(&r.status, 410);
    add_party(s.world, "south");
    work(&s);
    TX(tx);
    CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
    CHECK_OK(flow_webhook_get(s.world, tx, h.id, &a, &back, e));
    assert_true(back.disabled);
    store_rollback(take(tx));
    receiver_stop(&r);
    scene_end(&s);
}

TEST(private_addresses_are_never_reached_whatever_name_leads_there)
{
    static const char *const urls[] = {
        "https://127.0.0.1:%u/", "https://localhost:%u/",          "https://[::1]:%u/",
        "https://0.0.0.0:%u/",   "https://[::ffff:127.0.0.1]:%u/", "https://2130706433:%u/"
    };
    ARENA(a);
    struct receiver r;
    receiver_start(&r);
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        BUF(url);
        struct str from = str_of(urls[i]);
        size_t at = (size_t)(strstr(urls[i], "%u") - urls[i]);
        buf_put(&url, from.at, at);
        buf_format(&url, "%u%s", r.port, urls[i] + at + 2);
        long status;
        struct post p = {
            .url = (char *)url.bytes, .id = "evt_1", .signatures = "v1,x", .body = STR("{}")
        };
        struct error e = { 0 };
        enum code code = post_send(&p, &status, &e);
        if (code != ERR_DENIED && code != ERR_IO) /* IO: the name leads nowhere on this machine */
            STOP("%s: %s", p.url, e.text);
        assert_int_equal(status, 0);
    }
    assert_int_equal(atomic_load(&r.count), 0);
    struct post plain = { .url = arena_format(&a, "http://127.0.0.1:%u/", r.port),
                          .id = "evt_1",
                          .signatures = "v1,x",
                          .body = STR("{}") };
    long status;
    CHECK_FAILS(ERR_IO, "", post_send(&plain, &status, e)); /* http:// is not spoken */
    assert_int_equal(atomic_load(&r.count), 0);
    receiver_stop(&r);
}

TEST(addresses_of_the_inside_are_told_from_those_of_the_internet)
{
    static const struct {
        const char *text;
        bool public;
    } rows[] = {
        { "93.184.216.34", true },      { "10.1.2.3", false },
        { "172.16.0.1", false },        { "172.32.0.1", true },
        { "192.168.1.1", false },       { "169.254.169.254", false },
        { "100.64.0.1", false },        { "127.9.9.9", false },
        { "0.1.2.3", false },           { "224.0.0.1", false },
        { "255.255.255.255", false },   { "198.19.0.1", false },
        { "2606:2800:220:1::1", true }, { "::1", false },
        { "fe80::1", false },           { "fc00::1", false },
        { "::ffff:10.0.0.1", false },   { "64:ff9b::a00:1", false },
        { "2002:0a00:0001::", false },  { "2001:db8::1", false },
        { "ff02::1", false },           { "2001::1", false },
        { "3fff::1", false },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sockaddr_in v4 = { .sin_family = AF_INET };
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
        bool is4 = inet_pton(AF_INET, rows[i].text, &v4.sin_addr) == 1;
        if (!is4)
            assert_int_equal(inet_pton(AF_INET6, rows[i].text, &v6.sin6_addr), 1);
        bool got = is4 ? address_is_public((struct sockaddr *)&v4, sizeof v4)
                       : address_is_public((struct sockaddr *)&v6, sizeof v6);
        if (got != rows[i].public)
            STOP("%s is taken for %s", rows[i].text, got ? "public" : "private");
    }
    struct sockaddr unix_socket = { .sa_family = AF_UNIX };
    assert_false(address_is_public(&unix_socket, sizeof unix_socket));
}

/* ---- killed between commit and delivery: the child is this program started anew ---- */

static int be_killed(const char *data, const char *url)
{
    struct scene s = { .now = { 1800000000000000 }, .chance = chance_of_system };
    char flag[700];
    snprintf(s.data, sizeof s.data, "%s", data);
    snprintf(flag, sizeof flag, "store.url=%s", url);
    settings_init(&s.settings);
    CHECK_OK(settings_flag(&s.settings, str_of(flag), e));
    scene_open(&s, host);
    add_party(s.world, "north");
    raise(SIGKILL);
    return 1;
}

TEST(kill_9_between_commit_and_delivery_loses_nothing)
{
    SCENE(s);
    struct receiver r;
    int status;
    receiver_start(&r);
    let_private(&s);
    make_hook(&s, &a, r.port, "party");
    work(&s);
    size_t before = atomic_load(&r.count);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", "test_flow_webhooks", s.data, s.store->url, (char *)NULL);
        _exit(97);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    work(&s);
    assert_int_equal(atomic_load(&r.count), before + 1);
    receiver_stop(&r);
    scene_end(&s);
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return be_killed(argv[1], argv[2]);
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_change_is_told_once_signed_as_the_standard_says),
        STORE_TEST(a_receiver_that_fails_is_tried_again_later_and_not_followed_elsewhere),
        STORE_TEST(
            a_receiver_that_is_gone_or_fails_for_days_is_told_no_more_until_a_person_says_so),
        STORE_TEST(kill_9_between_commit_and_delivery_loses_nothing),
        cmocka_unit_test(private_addresses_are_never_reached_whatever_name_leads_there),
        cmocka_unit_test(addresses_of_the_inside_are_told_from_those_of_the_internet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
