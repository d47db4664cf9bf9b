/* SPDX-License-Identifier: Apache-2.0 */
/* Conflicts in figures: a scan of all claims, and what one change costs until they are known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "registry/registry.h"
#include "store/store.h"

/* Of the processor: what the rest of the machine does is not counted. */
static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(enum code code, const struct error *e)
{
    if (code == OK)
        return;
    fprintf(stderr, "conflicts: %s\n", e->text);
    exit(1);
}

/* Recordings with two or three claims each; one in a hundred is over the whole in a few countries. */
static void fill(struct store_tx *tx, struct party_id catalogue, int64_t count)
{
    struct error e;
    static const char numbers[] =
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2) ";
    char sql[1000];
    snprintf(sql, sizeof sql,
             "%sINSERT INTO registry_recordings (catalogue, id, version, isrc, title, artist, "
             "duration_ms, known_us, withdrawn) SELECT $1, CAST(printf('r%%015d', i) AS BLOB), 1, "
             "NULL, 'Song ' || i, 'A', 0, 1, 0 FROM n",
             numbers);
    must(store_run(tx, sql, SQL(sql_id(catalogue), sql_int(count)), NULL, &e), &e);
    static const char *const shares[][3] = {
        { "a", "CASE WHEN i % 100 = 0 THEN 70000000 ELSE 60000000 END", "'Worldwide -US -CA'" },
        { "b", "40000000", "'Worldwide'" },
        { "c", "60000000", "'US,CA'" },
    };
    for (size_t k = 0; k < COUNT_OF(shares); k++) {
        snprintf(sql, sizeof sql,
                 "%sINSERT INTO registry_claims (catalogue, id, version, recording, party, "
                 "\"right\", share_e8, territories, from_us, until_us, filed_us, known_us, "
                 "withdrawn) SELECT $1, CAST(printf('%s%%015d', i) AS BLOB), 1, "
                 "CAST(printf('r%%015d', i) AS BLOB), $1, 'making_available', %s, %s, 0, "
                 "9223372036854775807, 1, 1, 0 FROM n WHERE %zu < 2 OR i %% 2 = 0",
                 numbers, shares[k][0], shares[k][1], shares[k][2], k);
        must(store_run(tx, sql, SQL(sql_id(catalogue), sql_int(count)), NULL, &e), &e);
    }
}

static void scan(struct registry_act *act)
{
    struct error e;
    struct conflict_scan found;
    double began = seconds();
    must(registry_conflicts_scan(act, false, &found, &e), &e);
    double took = seconds() - began;
    printf("scan_recordings\t%zu\trecordings\t\n", found.recordings);
    printf("scan_claims\t%zu\tclaims\t\n", found.claims);
    printf("scan_over\t%zu\trecordings\t%zu\n", found.over, found.recordings / 100);
    printf("scan\t%.2f\ts\t5\n", took);
    printf("scan_rate\t%.2f\tmillion claims/s\t\n", (double)found.claims / took / 1e6);
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Each change puts a claim that is over the whole, and finds its issue there. */
static void changes(struct registry_act *act, int count)
{
    struct error e;
    double *took = calloc((size_t)count, sizeof *took);
    for (int i = 0; i < count; i++) {
        char id[17];
        struct claim c = { .party = act->catalogue,
                           .right = RIGHT_MAKING_AVAILABLE,
                           .share_e8 = 50000000,
                           .territories = territory_set_world(),
                           .from = { 0 },
                           .until = INSTANT_NEVER };
        snprintf(id, sizeof id, "r%015d", 100 * i + 1);
        memcpy(c.recording.bytes, id, ID_BYTES);
        double began = seconds();
        must(registry_claim_put(act, &c, &e), &e);
        took[i] = (seconds() - began) * 1e3;
    }
    qsort(took, (size_t)count, sizeof *took, by_size);
    printf("change_p50\t%.3f\tms\t\n", took[count / 2]);
    printf("change_p99\t%.3f\tms\t5\n", took[count * 99 / 100]);
    free(took);
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    int64_t count = quick ? 100000 : 1000000;
    char folder[] = "/tmp/licet-conflicts-XXXXXX", url[100];
    struct error e;
    struct store *s;
    struct store_tx *tx;
    if (!mkdtemp(folder))
        return 1;
    snprintf(url, sizeof url, "sqlite:%s/bench.db", folder);
    must(store_open(url, &s, &e), &e);
    must(store_migrate(s, &e), &e);
    must(store_begin(s, STORE_WRITE, &tx, &e), &e);
    struct registry_act act = { .tx = tx,
                                .who = STR("bench"),
                                .why = STR("bench"),
                                .now = { 1700000000000000 },
                                .chance = &chance_of_system };
    must(registry_operator(tx, act.now, act.chance, &act.catalogue, &e), &e);
    fill(tx, act.catalogue, count);
    must(store_commit_take(tx, &e), &e);
    must(store_begin(s, STORE_WRITE, &act.tx, &e), &e);
    scan(&act);
    changes(&act, quick ? 200 : 1000);
    store_rollback(act.tx);
    store_close(s);
    snprintf(url, sizeof url, "rm -rf %s", folder);
    return system(url) == 0 ? 0 : 1;
}
