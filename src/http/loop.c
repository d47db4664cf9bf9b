/* SPDX-License-Identifier: Apache-2.0 */
/* A loop: its thread, its listener, its mailbox. */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/loop.h"

struct loop *loops_new(unsigned count)
{
    return calloc(count, sizeof(struct loop));
}

void loops_free(struct loop *l)
{
    free(l);
}

struct loop *loop_at(struct loop *l, unsigned i)
{
    return l + i;
}

struct http_counts *loop_counts(struct loop *l)
{
    return &l->counts;
}

struct http_server *loop_server(const struct loop *l)
{
    return l->server;
}

static void ring(struct loop *l)
{
    uint64_t one = 1;
    if (write(l->wake_fd, &one, sizeof one) < 0)
        return; /* the counter is full: it rings already */
}

static void begin_to_end(struct loop *l)
{
    l->ending = true;
    l->end_by_ns = loop_now_ns() + (int64_t)l->server->options.stop_seconds * 1000000000;
    if (l->bound)
        evhttp_del_accept_socket(l->http, l->bound);
    l->bound = NULL;
    connections_adopt(-1, 0, l); /* what was accepted in this very turn */
    connections_end_idle(l);
}

static void end_when_done(struct loop *l)
{
    if (l->ending)
        connections_end_idle(l);
    if (l->ending && (l->connection_count == 0 || loop_now_ns() > l->end_by_ns))
        event_base_loopbreak(l->base);
}

static void on_wake(evutil_socket_t fd, short what, void *loop)
{
    struct loop *l = loop;
    uint64_t rung;
    (void)what;
    if (read(fd, &rung, sizeof rung) < 0)
        return;
    pthread_mutex_lock(&l->lock);
    struct exchange *done = l->done;
    uint8_t(*cuts)[ID_BYTES] = l->cuts;
    size_t cut_count = l->cut_count;
    bool stop = l->stop;
    l->done = NULL;
    l->done_end = &l->done;
    l->cuts = NULL;
    l->cut_count = l->cut_room = 0;
    pthread_mutex_unlock(&l->lock);
    for (size_t i = 0; i < cut_count; i++)
        connections_cut(l, cuts[i]);
    free(cuts);
    for (struct exchange *next; done; done = next) {
        next = done->next;
        exchange_finish(done);
    }
    if (stop && !l->ending)
        begin_to_end(l);
    end_when_done(l);
}

static void on_tick(evutil_socket_t fd, short what, void *loop)
{
    struct loop *l = loop;
    (void)fd, (void)what;
    connections_check(l);
    end_when_done(l);
}

static enum code make_http(struct loop *l, int listener, struct error *e)
{
    const struct http_options *o = &l->server->options;
    l->http = evhttp_new(l->base);
    if (!l->http)
        return fail(e, ERR_MEMORY, "no memory for an event loop");
    evhttp_set_allowed_methods(l->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
                                            EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE |
                                            EVHTTP_REQ_OPTIONS);
    evhttp_set_max_body_size(l->http, (ev_ssize_t)o->body_bytes_most);
    evhttp_set_max_headers_size(l->http, (ev_ssize_t)o->header_bytes_most);
    evhttp_set_timeout(l->http, (int)o->idle_seconds);
    evhttp_set_default_content_type(l->http, NULL);
    evhttp_set_flags(l->http, EVHTTP_SERVER_LINGERING_CLOSE);
    evhttp_set_bevcb(l->http, connection_accept, l);
    evhttp_set_gencb(l->http, exchange_begin, l);
    l->bound = evhttp_accept_socket_with_handle(l->http, listener);
    if (!l->bound)
        return fail(e, ERR_IO, "cannot listen");
    return OK;
}

static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;
    if (!config)
        return NULL;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

enum code loop_open(struct loop *l, struct http_server *s, int listener, unsigned number,
                    struct error *e)
{
    static const struct timeval second = { 1, 0 };
    l->server = s;
    l->done_end = &l->done;
    l->connections_most = s->options.connections_most;
    pthread_mutex_init(&l->lock, NULL);
    chance_of_system.fill(chance_of_system.state, l->id_salt, sizeof l->id_salt);
    l->id_salt[0] = (uint8_t)number;
    l->counts.routes = calloc(s->row_count + 1, sizeof *l->counts.routes);
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    l->base = make_base();
    if (!l->base || !l->counts.routes || l->wake_fd < 0) {
        close(listener);
        return fail(e, ERR_MEMORY, "no memory for an event loop");
    }
    l->wake = event_new(l->base, l->wake_fd, EV_READ | EV_PERSIST, on_wake, l);
    l->tick = event_new(l->base, -1, EV_PERSIST, on_tick, l);
    l->adopt = event_new(l->base, -1, 0, connections_adopt, l);
    event_add(l->wake, NULL);
    event_add(l->tick, &second);
    enum code code = make_http(l, listener, e);
    if (code != OK)
        close(listener);
    return code;
}

static void *run(void *loop)
{
    struct loop *l = loop;
    event_base_dispatch(l->base);
    return NULL;
}

enum code loop_start(struct loop *l, struct error *e)
{
    if (pthread_create(&l->thread, NULL, run, l) != 0)
        return fail(e, ERR_IO, "a thread cannot be started");
    l->started = true;
    return OK;
}

void loop_hand_back(struct exchange *x)
{
    struct loop *l = x->loop;
    pthread_mutex_lock(&l->lock);
    bool first = !l->done; /* whoever put the others there rings for all of them */
    x->next = NULL;
    *l->done_end = x;
    l->done_end = &x->next;
    pthread_mutex_unlock(&l->lock);
    if (first)
        ring(l);
}

void loop_cut(struct loop *l, const uint8_t key[ID_BYTES])
{
    pthread_mutex_lock(&l->lock);
    if (l->cut_count == l->cut_room) {
        size_t room = l->cut_room ? l->cut_room * 2 : 16;
        uint8_t(*more)[ID_BYTES] = realloc(l->cuts, room * sizeof *more);
        if (!more)
            abort(); /* a key must not live on for want of 256 bytes */
        l->cuts = more;
        l->cut_room = room;
    }
    memcpy(l->cuts[l->cut_count++], key, ID_BYTES);
    pthread_mutex_unlock(&l->lock);
    ring(l);
}

void loop_stop(struct loop *l)
{
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_mutex_unlock(&l->lock);
    ring(l);
}

void loop_join(struct loop *l)
{
    if (l->started)
        pthread_join(l->thread, NULL);
    l->started = false;
}

/* Workers have ended: what they left in the mailbox still has to be let go. */
void loop_done(struct loop *l)
{
    for (struct exchange *x = l->done, *next; x; x = next) {
        next = x->next;
        exchange_finish(x);
    }
    if (l->http)
        evhttp_free(l->http);
    if (l->base) {
        event_free(l->wake);
        event_free(l->tick);
        event_free(l->adopt);
        event_base_free(l->base);
        close(l->wake_fd);
        pthread_mutex_destroy(&l->lock);
    }
    free(l->cuts);
    free(l->counts.routes);
}
