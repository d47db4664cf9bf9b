/* SPDX-License-Identifier: Apache-2.0 */
/* identify FOLDER QUERY REFERENCE...: enrol the references, then tell where they are in the query.
 *     cc identify.c $(pkg-config --cflags --libs liblicet) -o identify */
#include <licet.h>
#include <stdio.h>

static int sorry(const struct licet_error *e)
{
    fprintf(stderr, "%s\n", e->text);
    return 1;
}

int main(int argc, char **argv)
{
    struct licet_error e;
    struct licet_index *index = NULL;
    struct licet_sound *sound = NULL;
    struct licet_match *found = NULL;
    size_t count = 0, i;
    uint8_t key[LICET_KEY_BYTES] = { 0 };

    if (argc < 4 || licet_index_open(argv[1], LICET_WRITE, &index, &e) != LICET_OK)
        return argc < 4 ? 2 : sorry(&e);
    for (key[0] = 3; key[0] < argc; key[0]++) {
        if (licet_sound_read(argv[key[0]], &sound, &e) != LICET_OK ||
            licet_index_add(index, key, sound, &e) != LICET_OK)
            return sorry(&e);
        licet_sound_free(sound);
    }
    if (licet_index_commit(index, &e) != LICET_OK ||
        licet_sound_read(argv[2], &sound, &e) != LICET_OK ||
        licet_index_find(index, sound, NULL, &found, &count, NULL, &e) != LICET_OK)
        return sorry(&e);
    for (i = 0; i < count; i++)
        printf("%.1f-%.1f is %s at %.1f\n", found[i].sound_start, found[i].sound_end,
               argv[found[i].key[0]], found[i].reference_start);
    licet_free(found);
    licet_sound_free(sound);
    licet_index_close(index);
    return 0;
}
