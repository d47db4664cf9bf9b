/* SPDX-License-Identifier: Apache-2.0 */
/* Give a fuzz target every file of a folder, whole, cut in half, and without its first byte. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

enum { BYTES_MOST = 1 << 20 };

/* Exactly `count` bytes on the heap, so that a sanitizer sees a step beyond. */
static void give(const uint8_t *bytes, size_t count)
{
    uint8_t *copy = malloc(count ? count : 1);
    if (!copy)
        abort();
    for (size_t i = 0; i < count; i++)
        copy[i] = bytes[i];
    LLVMFuzzerTestOneInput(copy, count);
    free(copy);
}

static int replay(const char *path)
{
    static uint8_t bytes[BYTES_MOST];
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 1;
    }
    size_t count = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    give(bytes, count);
    give(bytes, count / 2);
    if (count)
        give(bytes + 1, count - 1);
    return 0;
}

int main(int argc, char **argv)
{
    int seen = 0, failed = 0;
    DIR *d = argc == 2 ? opendir(argv[1]) : NULL;
    if (!d) {
        fprintf(stderr, "give the folder of a corpus\n");
        return 1;
    }
    struct dirent *entry;
    while ((entry = readdir(d)) != NULL) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        failed |= replay(path);
        seen++;
    }
    closedir(d);
    printf("%d inputs\n", seen);
    return failed || seen == 0;
}
