/* SPDX-License-Identifier: Apache-2.0 */
/* The two indexes of a world: who writes when, and when readers look again. */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "flow/world.h"

enum { WAIT_STEP_MS = 20, WAIT_MOST_MS = 30000 };

const char *world_ear_name(enum ear which)
{
    return which == EAR_REFERENCES ? "references" : "uploads";
}

const char *world_ear_folder(const struct world *w, enum ear which)
{
    return which == EAR_REFERENCES ? w->folder.references : w->folder.uploads;
}

bool world_ear_is_empty(const struct world *w, enum ear which)
{
    ARENA(a);
    return access(arena_format(&a, "%s/manifest", world_ear_folder(w, which)), F_OK) != 0;
}

static void wait_a_little(void)
{
    nanosleep(&(struct timespec) { 0, WAIT_STEP_MS * 1000000L }, NULL);
}

enum code world_ear_write(struct world *w, enum ear which, struct index **out, struct error *e)
{
    pthread_mutex_lock(&w->ear_writers[which]);
    enum code code = index_open(world_ear_folder(w, which), INDEX_WRITE, out, e);
    for (int waited = 0; code == ERR_BUSY && waited < WAIT_MOST_MS; waited += WAIT_STEP_MS) {
        wait_a_little();
        code = index_open(world_ear_folder(w, which), INDEX_WRITE, out, e);
    }
    if (code != OK)
        pthread_mutex_unlock(&w->ear_writers[which]);
    return code;
}

enum code world_ear_close_take(struct world *w, enum ear which, struct index *ix, struct error *e)
{
    index_close(ix);
    pthread_mutex_unlock(&w->ear_writers[which]);
    return world_ear_refresh(w, which, e);
}

enum code world_ear_hold(struct world *w, enum ear which, int *turn, struct error *e)
{
    ARENA(a);
    const char *path = arena_format(&a, "%s/lock", world_ear_folder(w, which));
    pthread_mutex_lock(&w->ear_writers[which]);
    enum code code = file_make_folder(world_ear_folder(w, which), 0750, e);
    if (code == OK)
        code = file_lock(path, turn, e);
    for (int waited = 0; code == ERR_BUSY && waited < WAIT_MOST_MS; waited += WAIT_STEP_MS) {
        wait_a_little();
        code = file_lock(path, turn, e);
    }
    if (code != OK)
        pthread_mutex_unlock(&w->ear_writers[which]);
    return code;
}

void world_ear_let_go(struct world *w, enum ear which, int turn)
{
    close(turn);
    pthread_mutex_unlock(&w->ear_writers[which]);
}

enum code world_ear_exchange(struct world *w, enum ear which, const char *beside, struct error *e)
{
    ARENA(a);
    const char *folder = world_ear_folder(w, which), *end = strrchr(folder, '/');
    if (renameat2(AT_FDCWD, beside, AT_FDCWD, folder, RENAME_EXCHANGE) != 0)
        return fail_errno(e, "%s: exchanging it for the old index", beside);
    TRY(file_sync_folder(arena_text(&a, folder, (size_t)(end - folder)), e));
    return world_ear_refresh(w, which, e);
}

enum code world_ear_refresh(struct world *w, enum ear which, struct error *e)
{
    if (!w->ears[which])
        return OK; /* a blind world */
    pthread_mutex_lock(&w->ear_refreshers[which]);
    enum code code = index_refresh(w->ears[which], e);
    pthread_mutex_unlock(&w->ear_refreshers[which]);
    return code;
}
