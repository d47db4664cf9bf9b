/* SPDX-License-Identifier: Apache-2.0 */
/* A folder for one test group, and blobs in it. */
#ifndef LICET_TESTS_FOLDER_H
#define LICET_TESTS_FOLDER_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "media/media.h"

static char folder[64];

static inline int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/licet-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int drop_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* A fresh set of blobs under the folder. */
static inline struct media_blobs *blobs_at(const char *name)
{
    char path[128];
    struct media_blobs *b;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    CHECK_OK(media_blobs_open(path, &b, e));
    return b;
}

static inline int entries_of(const char *name)
{
    char command[160];
    snprintf(command, sizeof command, "ls -A '%s/%s' | wc -l", folder, name);
    FILE *p = popen(command, "r");
    int n = -1;
    if (!p || fscanf(p, "%d", &n) != 1)
        STOP("cannot list %s", name);
    pclose(p);
    return n;
}

#endif
