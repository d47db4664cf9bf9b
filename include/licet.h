/* SPDX-License-Identifier: Apache-2.0 */
/* liblicet: which recordings does this sound contain, and where?
 *
 *     struct licet_error e;
 *     struct licet_sound *sound = NULL;
 *     struct licet_index *index = NULL;
 *     struct licet_match *found;
 *     size_t count;
 *     if (licet_index_open("folder", LICET_READ, &index, &e) != LICET_OK ||
 *         licet_sound_read("upload.mp3", &sound, &e) != LICET_OK ||
 *         licet_index_find(index, sound, NULL, &found, &count, NULL, &e) != LICET_OK)
 *         fprintf(stderr, "%s\n", e.text);
 *
 * Plain C99; C++ takes it as it is. Every function that can fail returns a status and writes words into
 * *e, which may be NULL; on failure outputs are untouched. The library never ends the process, starts
 * no threads, keeps nothing global and prints nothing. One object may be used by one thread at a time,
 * but for an index opened for reading, which any number may search.
 *
 * What it hears it decodes in your process, with FFmpeg: give it files that you trust, or decode them
 * where you can afford to lose the process (`licet` itself does) and hand over fingerprints or PCM.
 */
#ifndef LICET_H
#define LICET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Functions and members are added, none changes or goes while the major number stays; members are
 * added at the end of struct licet_options only, which tells its size. */
#define LICET_VERSION_MAJOR 0
#define LICET_VERSION_MINOR 1

const char *licet_version(void);     /* of the library, "0.1.0" */
int licet_fingerprint_version(void); /* fingerprints and indexes of other versions are refused */

enum licet_status {
    LICET_OK = 0,
    LICET_INVALID,   /* mend the input */
    LICET_NOT_FOUND, /* no such file or folder */
    LICET_DENIED,    /* no right to it, or the index is open for reading */
    LICET_BUSY,      /* another process writes this index */
    LICET_LIMIT,     /* too long or too large */
    LICET_CORRUPT,   /* bytes that were written do not check */
    LICET_MEMORY,
    LICET_IO /* a disk that is full or fails */
};

struct licet_error {
    enum licet_status status;
    char text[512];
};

/* ---- sounds: a fingerprint that can ask ---------------------------------------------------- */

struct licet_sound;

/* Of an audio file of any kind, or of a fingerprint file as `licet fingerprint` writes it. */
enum licet_status licet_sound_read(const char *path, struct licet_sound **out,
                                   struct licet_error *e);

/* Of PCM: begin, push as often as there is more, end. Mono, 8,000 samples a second, full scale +-1. */
enum licet_status licet_sound_begin(struct licet_sound **out, struct licet_error *e);
enum licet_status licet_sound_push(struct licet_sound *s, const float *pcm, size_t count,
                                   struct licet_error *e);
enum licet_status licet_sound_end(struct licet_sound *s, struct licet_error *e);

/* The same as bytes, 5 KB a second; free() them with licet_free. */
enum licet_status licet_sound_encode(const struct licet_sound *s, uint8_t **bytes, size_t *length,
                                     struct licet_error *e);
enum licet_status licet_sound_decode(const uint8_t *bytes, size_t length, struct licet_sound **out,
                                     struct licet_error *e);

double licet_sound_seconds(const struct licet_sound *s);
void licet_sound_free(struct licet_sound *s);

/* ---- indexes: sounds under keys of yours ---------------------------------------------------- */

struct licet_index;

enum { LICET_KEY_BYTES = 16 };
enum licet_mode { LICET_READ, LICET_WRITE };

/* A folder; LICET_WRITE makes it. One process writes, any number read. */
enum licet_status licet_index_open(const char *folder, enum licet_mode mode,
                                   struct licet_index **out, struct licet_error *e);
void licet_index_close(struct licet_index *ix); /* what was not committed is forgotten */

/* A key that is there is replaced. Searchable and durable after licet_index_commit. */
enum licet_status licet_index_add(struct licet_index *ix, const uint8_t key[LICET_KEY_BYTES],
                                  const struct licet_sound *s, struct licet_error *e);
enum licet_status licet_index_commit(struct licet_index *ix, struct licet_error *e);
/* At once; a key that is not there is fine. */
enum licet_status licet_index_remove(struct licet_index *ix, const uint8_t key[LICET_KEY_BYTES],
                                     struct licet_error *e);
/* See what another process committed; no search may be under way. */
enum licet_status licet_index_refresh(struct licet_index *ix, struct licet_error *e);
size_t licet_index_count(const struct licet_index *ix);

struct licet_options {
    size_t size;         /* sizeof(struct licet_options) */
    double false_alarms; /* expected in a thousand sounds of unknown music; 0: 0.5 */
    int identity_only;   /* do not ask for other tempi and pitches */
    int similar;         /* tell LICET_SIMILAR, too */
};

enum licet_relation {
    LICET_PLAYED, /* this recording is in the sound */
    LICET_SHARED, /* this or another of the matches: both have the same sound at this place */
    LICET_SIMILAR /* it has the same sound as one that was played, and agrees clearly less */
};

struct licet_match {
    uint8_t key[LICET_KEY_BYTES];
    double sound_start, sound_end; /* seconds of what was asked */
    double reference_start, reference_end;
    double speed;           /* reference seconds a second of the sound */
    double pitch_semitones; /* of the sound above the reference */
    double score;           /* 0 to 1 */
    double p_false;         /* chance that unknown music gives this */
    enum licet_relation relation;
};

/* Every span of every recording, best first, and then what is similar; free *found with licet_free.
 * *complete 0: some of the index could not be asked, so that no match means "undecided". Options and
 * complete may be NULL. */
enum licet_status licet_index_find(const struct licet_index *ix, const struct licet_sound *s,
                                   const struct licet_options *options, struct licet_match **found,
                                   size_t *count, int *complete, struct licet_error *e);

void licet_free(void *memory);

#ifdef __cplusplus
}
#endif

#endif
