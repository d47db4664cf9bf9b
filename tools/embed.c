/* SPDX-License-Identifier: Apache-2.0 */
/* embed OUT.c SYMBOL SUFFIX FOLDER: every file of the folder that ends in SUFFIX, sorted by name,
 * as `const struct embedded SYMBOL[]` and `SYMBOL_count`. OUT.c is left alone when nothing
 * changed, so that it may run at every build. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *suffix;

static int wanted(const struct dirent *d)
{
    size_t n = strlen(d->d_name), m = strlen(suffix);
    return d->d_name[0] != '.' && n > m && strcmp(d->d_name + n - m, suffix) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void stop(const char *what)
{
    fprintf(stderr, "embed: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void put_file(FILE *out, const char *folder, const char *name, int number)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "rb");
    if (!in)
        stop(path);
    fprintf(out, "\nstatic const uint8_t file_%d[] = { /* %s */", number, name);
    int c, at = 0;
    while ((c = getc(in)) != EOF)
        fprintf(out, "%s%d,", at++ % 24 ? "" : "\n", c);
    if (ferror(in))
        stop(path);
    fprintf(out, "\n0 };\n");
    fclose(in);
}

static int same(const char *path, const char *text, size_t length)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return 0;
    char *old = malloc(length + 1);
    size_t n = old ? fread(old, 1, length + 1, f) : 0;
    int equal = old && n == length && memcmp(old, text, length) == 0;
    free(old);
    fclose(f);
    return equal;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: embed OUT.c SYMBOL SUFFIX FOLDER\n");
        return 2;
    }
    suffix = argv[3];
    struct dirent **names;
    int count = scandir(argv[4], &names, wanted, by_name);
    if (count < 0)
        stop(argv[4]);
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        stop("memory");
    fprintf(out,
            "/* made by tools/embed.c */\n#include \"base/embed.h\"\n"
            "extern const struct embedded %s[];\nextern const size_t %s_count;\n",
            argv[2], argv[2]);
    for (int i = 0; i < count; i++)
        put_file(out, argv[4], names[i]->d_name, i);
    fprintf(out, "\nconst struct embedded %s[] = {\n", argv[2]);
    for (int i = 0; i < count; i++)
        fprintf(out, "{ \"%s\", file_%d, sizeof file_%d - 1 },\n", names[i]->d_name, i, i);
    fprintf(out, "{ 0, 0, 0 } };\nconst size_t %s_count = %d;\n", argv[2], count);
    if (fclose(out) != 0)
        stop("memory");
    if (!same(argv[1], text, length)) {
        FILE *f = fopen(argv[1], "wb");
        if (!f || fwrite(text, 1, length, f) != length || fclose(f) != 0)
            stop(argv[1]);
    }
    free(text);
    while (count > 0)
        free(names[--count]);
    free(names);
    return 0;
}
