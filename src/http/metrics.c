/* SPDX-License-Identifier: Apache-2.0 */
/* Counting answers, and writing the counts as Prometheus text. */
#include "http/inside.h"

static const int64_t bucket_us[HTTP_TIME_BUCKETS] = {
    250,   500,    1000,   2500,   5000,    10000,   25000,
    50000, 100000, 250000, 500000, 1000000, 5000000, INT64_MAX,
};

static void add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t get(_Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void http_count_answer(struct http_counts *c, size_t route, int status, int64_t us)
{
    struct http_route_counts *r = &c->routes[route];
    size_t bucket = 0;
    while (us > bucket_us[bucket])
        bucket++;
    add(&r->status[http_status_row(status)], 1);
    add(&r->within[bucket], 1);
    add(&r->us, (uint64_t)us);
}

static void labels(struct buf *out, const struct http_server *s, size_t route)
{
    if (route < s->row_count)
        buf_format(out, "route=\"%s\",method=\"%s\"", s->rows[route].pattern,
                   http_method_word(s->rows[route].method));
    else
        buf_text(out, "route=\"none\",method=\"none\"");
}

static void write_statuses(struct http_server *s, struct buf *out)
{
    buf_text(out, "# HELP licet_http_requests_total Requests answered.\n"
                  "# TYPE licet_http_requests_total counter\n");
    for (size_t route = 0; route <= s->row_count; route++)
        for (size_t row = 0; row < HTTP_STATUS_ROWS; row++) {
            uint64_t n = 0;
            for (unsigned i = 0; i < s->loop_count; i++)
                n += get(&loop_counts(loop_at(s->loops, i))->routes[route].status[row]);
            if (n == 0)
                continue;
            buf_text(out, "licet_http_requests_total{");
            labels(out, s, route);
            buf_format(out, ",status=\"%d\"} %llu\n", http_status_at(row), (unsigned long long)n);
        }
}

static void write_times(struct http_server *s, struct buf *out)
{
    buf_text(out, "# HELP licet_http_request_seconds Time from a whole request to its answer.\n"
                  "# TYPE licet_http_request_seconds histogram\n");
    for (size_t route = 0; route <= s->row_count; route++) {
        uint64_t n[HTTP_TIME_BUCKETS] = { 0 }, us = 0, sum = 0;
        for (unsigned i = 0; i < s->loop_count; i++) {
            struct http_route_counts *r = &loop_counts(loop_at(s->loops, i))->routes[route];
            for (size_t b = 0; b < HTTP_TIME_BUCKETS; b++)
                n[b] += get(&r->within[b]);
            us += get(&r->us);
        }
        for (size_t b = 0; b < HTTP_TIME_BUCKETS; b++)
            sum += n[b];
        if (sum == 0)
            continue;
        sum = 0;
        for (size_t b = 0; b < HTTP_TIME_BUCKETS; b++) {
            sum += n[b];
            buf_text(out, "licet_http_request_seconds_bucket{");
            labels(out, s, route);
            if (b + 1 < HTTP_TIME_BUCKETS)
                buf_format(out, ",le=\"%g\"} %llu\n", (double)bucket_us[b] / 1e6,
                           (unsigned long long)sum);
            else
                buf_format(out, ",le=\"+Inf\"} %llu\n", (unsigned long long)sum);
        }
        buf_text(out, "licet_http_request_seconds_sum{");
        labels(out, s, route);
        buf_format(out, "} %.6f\nlicet_http_request_seconds_count{", (double)us / 1e6);
        labels(out, s, route);
        buf_format(out, "} %llu\n", (unsigned long long)sum);
    }
}

static void one(struct buf *out, const char *name, const char *type, const char *help, double value)
{
    buf_format(out, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", name, help, name, type, name, value);
}

void http_metrics_write(struct http_server *s, struct buf *out)
{
    double open = 0, total = 0, bytes = 0, cut = 0, slow = 0;
    for (unsigned i = 0; i < s->loop_count; i++) {
        struct http_counts *c = loop_counts(loop_at(s->loops, i));
        open += (double)atomic_load_explicit(&c->connections, memory_order_relaxed);
        total += (double)get(&c->connections_total);
        bytes += (double)get(&c->bytes_total);
        cut += (double)get(&c->cut_total);
        slow += (double)get(&c->slow_total);
    }
    write_statuses(s, out);
    write_times(s, out);
    one(out, "licet_http_connections", "gauge", "Open connections.", open);
    one(out, "licet_http_connections_total", "counter", "Connections accepted.", total);
    one(out, "licet_http_answer_bytes_total", "counter", "Bytes of bodies answered.", bytes);
    one(out, "licet_http_cut_total", "counter", "Connections ended with their key.", cut);
    one(out, "licet_http_slow_total", "counter", "Connections ended for being too slow.", slow);
    one(out, "licet_http_waiting", "gauge", "Requests waiting for a worker.",
        (double)(http_pool_waiting(s->work) + http_pool_waiting(s->slow)));
    if (s->options.gauges)
        s->options.gauges(s->options.world, out);
}
