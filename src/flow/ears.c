/* SPDX-License-Identifier: Apache-2.0 */
/* The two indexes of a world: who writes when, and when readers look again. */
#include <time.h>

#include "flow/world.h"

enum { WAIT_STEP_MS = 20, WAIT_MOST_MS = 30000 };

static const char *ear_folder(const struct world *w, enum ear which)
{
    return which == EAR_REFERENCES ? w->folder.references : w->folder.uploads;
}

enum code world_ear_write(struct world *w, enum ear which, struct index **out, struct error *e)
{
    pthread_mutex_lock(&w->ear_writers[which]);
    enum code code = index_open(ear_folder(w, which), INDEX_WRITE, out, e);
    for (int waited = 0; code == ERR_BUSY && waited < WAIT_MOST_MS; waited += WAIT_STEP_MS) {
        nanosleep(&(struct timespec) { 0, WAIT_STEP_MS * 1000000L }, NULL);
        code = index_open(ear_folder(w, which), INDEX_WRITE, out, e);
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

enum code world_ear_refresh(struct world *w, enum ear which, struct error *e)
{
    pthread_mutex_lock(&w->ear_refreshers[which]);
    enum code code = index_refresh(w->ears[which], e);
    pthread_mutex_unlock(&w->ear_refreshers[which]);
    return code;
}
