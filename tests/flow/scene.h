/* SPDX-License-Identifier: Apache-2.0 */
/* A world for one test: a new data folder, a set clock, fictitious parties, music from a seed. */
#ifndef LICET_TESTS_SCENE_H
#define LICET_TESTS_SCENE_H

#include "store_fixture.h"

#include <fcntl.h>

#include "fingerprint/music.h"
#include "flow/flow.h"

struct scene {
    struct store_fixture *store; /* of which only the URL is used */
    struct settings settings;
    struct instant now;
    struct chance chance;
    uint64_t seed;
    struct world *world;
    char folder[64], data[80];
};

static inline struct instant scene_clock(void *state)
{
    return *(struct instant *)state;
}

/* The reader of messages, for tests that start one. */
static struct confine_host *scene_messages __attribute__((unused));

static inline void scene_open(struct scene *s, struct audio_host *host)
{
    struct world_options o = { .data = s->data,
                               .settings = &s->settings,
                               .audio = host,
                               .messages = scene_messages,
                               .clock = scene_clock,
                               .clock_state = &s->now,
                               .chance = &s->chance,
                               .create = true };
    CHECK_OK(world_open(&o, &s->world, e));
}

/* A network that denies what is not licensed. */
static inline struct network scene_site(const char *slug, const char *name, const char *unmatched)
{
    return (struct network) { .slug = slug,
                              .name = name,
                              .unlicensed = "deny",
                              .unmatched = unmatched,
                              .conflict = "hold",
                              .unheard = "deny",
                              .suspended = "deny",
                              .closed = "" };
}

/* The network "main". */
static inline struct network_id scene_network(struct change *c)
{
    struct access_act act = flow_change_access(c);
    struct network n = scene_site("main", "Main", "hold");
    CHECK_OK(access_network_put(&act, &n, e));
    return n.id;
}

static inline void scene_reopen(struct scene *s, struct audio_host *host)
{
    world_close(s->world);
    s->world = NULL;
    scene_open(s, host);
}

static inline void scene_begin(struct scene *s, struct store_fixture *f, struct audio_host *host)
{
    char flag[700];
    *s = (struct scene) { .store = f, .now = { 1800000000000000 }, .seed = 7 };
    s->chance = chance_seeded(&s->seed);
    store_fixture_folder(s->folder);
    snprintf(s->data, sizeof s->data, "%s/data", s->folder);
    settings_init(&s->settings);
    snprintf(flag, sizeof flag, "store.url=%s", f->url);
    CHECK_OK(settings_flag(&s->settings, str_of(flag), e));
    scene_open(s, host);
}

static inline void scene_end(struct scene *s)
{
    char command[128];
    world_close(s->world);
    settings_done(&s->settings);
    snprintf(command, sizeof command, "rm -rf '%s'", s->folder);
    assert_int_equal(system(command), 0);
}

/* A mono WAV file of 16 bits at 8 kHz; its path is in the scene's folder. */
static inline const char *scene_wav(struct scene *s, struct arena *a, const char *name,
                                    const float *x, size_t count)
{
    BUF(b);
    uint8_t head[44] = "RIFF....WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0"
                       "data....";
    uint32_t data = (uint32_t)(2 * count), whole = data + 36;
    memcpy(head + 4, &whole, 4);
    memcpy(head + 40, &data, 4);
    buf_put(&b, head, sizeof head);
    for (size_t i = 0; i < count; i++) {
        double v = fmax(-1, fmin(1, (double)x[i]));
        int16_t sample = (int16_t)lrint(v * 32767);
        buf_put(&b, &sample, 2);
    }
    const char *path = arena_format(a, "%s/%s", s->folder, name);
    CHECK_OK(file_write(path, b.bytes, b.length, 0600, e));
    return path;
}

static inline const char *scene_music(struct scene *s, struct arena *a, const char *name,
                                      uint32_t seed, double from, double seconds)
{
    float *x = music_make(seed, from, seconds, 1);
    const char *path = scene_wav(s, a, name, x, (size_t)(seconds * FP_RATE_HZ));
    free(x);
    return path;
}

/* ---- enrol and identify one file ---- */

struct scene_enrolled {
    enum code code;
    struct enrolled result; /* its texts are gone */
    char text[512];         /* the error, or the warning */
};

static inline void scene_take_enrolled(void *ctx, size_t number, enum code code,
                                       const struct enrolled *r, const struct error *e)
{
    struct scene_enrolled *x = ctx;
    (void)number;
    x->code = code;
    x->result = *r;
    const char *text = code != OK ? e->text : r->warning ? r->warning : "";
    snprintf(x->text, sizeof x->text, "%s", text);
}

static inline struct scene_enrolled scene_enrol(struct scene *s, const char *path)
{
    struct scene_enrolled x = { 0 };
    const struct enrol_sink sink = { &x, scene_take_enrolled };
    const struct enrol_item item = { .path = path };
    size_t failed;
    CHECK_OK(flow_enrol(s->world, &item, 1, 1, &sink, &failed, e));
    return x;
}

struct scene_identified {
    enum code code;
    double seconds;
    bool truncated;
    size_t count, similar;
    struct found matches[16]; /* their texts are gone */
    char text[512];
};

static inline void scene_take_identified(void *ctx, size_t number, enum code code,
                                         const struct identified *r, const struct error *e)
{
    struct scene_identified *x = ctx;
    (void)number;
    x->code = code;
    if (code != OK) {
        snprintf(x->text, sizeof x->text, "%s", e->text);
        return;
    }
    x->seconds = r->seconds;
    x->truncated = r->truncated;
    x->count = r->count;
    x->similar = r->similar_count;
    memcpy(x->matches, r->matches, (r->count < 16 ? r->count : 16) * sizeof *r->matches);
}

static inline struct scene_identified scene_identify(struct scene *s, const char *path)
{
    struct scene_identified x = { 0 };
    const struct identify_sink sink = { &x, scene_take_identified };
    size_t failed;
    CHECK_OK(flow_identify(s->world, &path, 1, 1, &sink, &failed, e));
    return x;
}

#define SCENE(name)                                                                                \
    FIXTURE(fixture_)                                                                              \
    ARENA(a);                                                                                      \
    struct scene name;                                                                             \
    scene_begin(&name, fixture_, host)

/* The tests of a file, with one host for all. */
#define SCENES(...)                                                                                \
    int main(void)                                                                                 \
    {                                                                                              \
        const struct CMUnitTest tests[] = { __VA_ARGS__ };                                         \
        struct error e;                                                                            \
        if (audio_host_start(&host, &e) != OK) {                                                   \
            print_error("%s\n", e.text);                                                           \
            return 1;                                                                              \
        }                                                                                          \
        int failed = cmocka_run_group_tests(tests, NULL, NULL);                                    \
        audio_host_stop(host);                                                                     \
        return failed;                                                                             \
    }

#endif
