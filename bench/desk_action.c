/* SPDX-License-Identifier: Apache-2.0 */
/* Time to action: bench/desk_action [--quick]
 *
 * A verified sender sends 100 items a second for a minute (--quick: five seconds), each an upload in
 * which the work is heard, while the server's own threads look. Time is from the receipt to the
 * restriction with its statement, on the machine's clock. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "flow/hamlet.h"

static struct error error;
#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct error *e = &error;                                                                  \
        if ((call) != OK) {                                                                        \
            fprintf(stderr, "%s: %s\n", #call, e->text);                                           \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

enum { PER_SECOND = 100, PER_NOTICE = 2 };

static void vouch(struct world *w)
{
    struct sender_id id;
    struct sender_change c = { .mailbox = STR("agent@holder.example"),
                               .name = STR("Agent"),
                               .proofs = PROOF_MAILBOX | PROOF_DOMAIN | PROOF_DOCUMENT |
                                         PROOF_REPERTOIRE,
                               .party = STR("holder"),
                               .trusted = 1,
                               .suspended = -1 };
    MUST(flow_sender_put(w, STR("bench"), &c, &id, e));
}

/* Uploads as they are when they have been heard. */
static void heard(struct world *w, const struct hamlet *p, struct upload_id *out, size_t count)
{
    struct store_tx *tx;
    MUST(store_begin(world_store(w), STORE_WRITE, &tx, e));
    for (size_t i = 0; i < count; i++)
        MUST(hamlet_upload(w, tx, p, i, true, &out[i], e));
    MUST(store_commit_take(tx, e));
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void send(struct world *w, const struct upload_id *uploads, size_t number)
{
    ARENA(a);
    char id[ID_TEXT];
    struct received got;
    struct draft_item items[PER_NOTICE];
    for (size_t i = 0; i < PER_NOTICE; i++)
        items[i] = (struct draft_item) {
            KIND_UPLOAD, str_of(str_copy(&a, str_of(upload_id_format(uploads[i], id)))),
            STR("Song"), STR("Singer"), STR("")
        };
    struct notice_draft d = { .channel = CHANNEL_API,
                              .regime = REGIME_DMCA,
                              .sender = STR("agent@holder.example"),
                              .name = STR("Agent"),
                              .principal = STR("holder"),
                              .once = str_of(arena_format(&a, "n%zu", number)),
                              .raw = str_of(arena_format(&a, "notice %zu", number)),
                              .elements = ELEMENTS_ALL,
                              .items = items,
                              .item_count = PER_NOTICE };
    MUST(flow_notice_receive_shared(w, STR("bench"), &d, &a, &got, e));
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static size_t times_of(struct world *w, int64_t *times, size_t most)
{
    struct store_tx *tx;
    struct store_rows *r;
    size_t n = 0;
    MUST(store_begin(world_store(w), STORE_READ, &tx, e));
    MUST(store_query(tx,
                     "SELECT d.at - i.received FROM desk_items i JOIN desk_decisions d ON d.id = "
                     "i.decision JOIN desk_letters l ON l.item = i.id AND l.kind = 'statement' "
                     "WHERE i.state = 'restricted'",
                     SQL_NONE, &r, e));
    for (;;) {
        bool more;
        MUST(store_next(r, &more, e));
        if (!more || n == most)
            break;
        times[n++] = store_int(r, 0);
    }
    store_rows_free(r);
    store_rollback(tx);
    return n;
}

int main(int argc, char **argv)
{
    size_t seconds = argc > 1 && strcmp(argv[1], "--quick") == 0 ? 5 : 60;
    size_t items = seconds * PER_SECOND, got = 0;
    char folder[] = "/tmp/desk-action-XXXXXX", data[64], command[80];
    struct settings settings;
    struct world *w;
    struct hamlet p;
    if (!mkdtemp(folder))
        return 1;
    snprintf(data, sizeof data, "%s/data", folder);
    settings_init(&settings);
    struct world_options o = { .data = data, .settings = &settings, .create = true };
    MUST(world_open(&o, &w, e));
    MUST(hamlet_found(w, &p, e));
    vouch(w);
    struct upload_id *uploads = calloc(items, sizeof *uploads);
    int64_t *times = calloc(items, sizeof *times);
    heard(w, &p, uploads, items);
    MUST(flow_work_start(w, 2, e));
    double start = seconds_now(), behind = 0;
    for (size_t i = 0; i < items; i += PER_NOTICE) {
        double due = start + (double)i / PER_SECOND, now = seconds_now();
        if (now < due)
            usleep((useconds_t)((due - now) * 1e6));
        else if (now - due > behind)
            behind = now - due;
        send(w, uploads + i, i);
    }
    for (double last = seconds_now(); got < items && seconds_now() - last < 120;) {
        usleep(100000);
        got = times_of(w, times, items);
    }
    flow_work_stop(w);
    qsort(times, got, sizeof *times, by_number);
    printf("action_items\t%zu\titems restricted with a statement\t%zu\n", got, items);
    if (got) {
        printf("action_p50\t%.3f\ts\t2\n", (double)times[(got + 1) / 2 - 1] / 1e6);
        printf("action_p99\t%.3f\ts\t60\n", (double)times[(99 * got + 99) / 100 - 1] / 1e6);
        printf("action_most\t%.3f\ts\n", (double)times[got - 1] / 1e6);
    }
    printf("action_sender_behind\t%.3f\ts\n", behind);
    world_close(w);
    free(uploads);
    free(times);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) != 0 || got != items;
}
