/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what lies in the data folder and of the machine around it. */
#include "cli/doctor.h"

#include <inttypes.h>
#include <math.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *in_data(const struct doctor *d, const char *name)
{
    return arena_format(d->arena, "%s/%s", world_data(d->world), name);
}

enum code doctor_modes(struct doctor *d, struct error *e)
{
    static const char *const names[] = { "", "keys", "keys/master.key", "keys/journal.key" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct stat s;
        const char *path = in_data(d, names[i]);
        if (stat(path, &s) != 0)
            return fail_errno(e, "%s", path);
        if (s.st_mode & (names[i][0] ? 077 : 027))
            doctor_find(d, DOCTOR_ERROR, arena_format(d->arena, "chmod go-rwx %s", path),
                        "others may read %s", path);
    }
    return OK;
}

enum code doctor_disk(struct doctor *d, struct error *e)
{
    struct statvfs v;
    if (statvfs(world_data(d->world), &v) != 0)
        return fail_errno(e, "%s", world_data(d->world));
    double free_mb = (double)v.f_bavail * (double)v.f_frsize / 1e6;
    if (free_mb < 1000)
        doctor_find(d, free_mb < 100 ? DOCTOR_ERROR : DOCTOR_WARNING,
                    arena_format(d->arena, "df -h %s", world_data(d->world)),
                    "only %.0f MB are free", free_mb);
    return OK;
}

enum code doctor_settings(struct doctor *d, struct error *e)
{
    static const struct {
        const char *name;
        int64_t least, most;
    } numbers[] = {
        { "http.threads", 0, 1024 },
        { "http.workers", 1, 1024 },
        { "http.body_bytes_most", 1024, INT64_MAX },
        { "audio.seconds_most", 1, INT64_MAX },
        { "audio.cpu_seconds_most", 1, INT64_MAX },
        { "audio.memory_bytes_most", 1 << 24, INT64_MAX },
        { "audio.bytes_most", 1, INT64_MAX },
        { "audio.jobs", 0, 1024 },
        { "media.link_seconds", 1, INT64_MAX },
        { "media.preview_link_seconds", 1, INT64_MAX },
        { "media.preview_seconds", 1, 600 },
    };
    const struct settings *s = world_settings(d->world);
    (void)e;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct error why = { 0 };
        int64_t n;
        if (settings_int(s, numbers[i].name, numbers[i].least, numbers[i].most, &n, &why) != OK)
            doctor_find(d, DOCTOR_ERROR, arena_format(d->arena, "licet config %s", numbers[i].name),
                        "%s", why.text);
    }
    const char *listen = settings_text(s, "http.listen"), *url = settings_text(s, "http.url");
    bool local = strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]", 5) == 0 ||
                 strncmp(listen, "localhost", 9) == 0;
    if (!local && !url[0])
        doctor_find(d, DOCTOR_WARNING, "put http.url = https://... into licet.conf",
                    "the server listens on %s, and links do not know its public address", listen);
    return OK;
}

/* Half a second of a tone as a WAV file, heard in the confined child. */
enum code doctor_audio(struct doctor *d, struct error *e)
{
    enum { RATE_HZ = 8000, SAMPLES = RATE_HZ / 2 };
    struct {
        char riff[4];
        uint32_t size;
        char wave[8];
        uint32_t sixteen;
        uint16_t pcm, channels;
        uint32_t rate_hz, bytes_per_second;
        uint16_t frame, bits;
        char data[4];
        uint32_t bytes;
        int16_t samples[SAMPLES];
    } wav = { .riff = "RIFF",
              .size = 36 + 2 * SAMPLES,
              .sixteen = 16,
              .pcm = 1,
              .channels = 1,
              .rate_hz = RATE_HZ,
              .bytes_per_second = 2 * RATE_HZ,
              .frame = 2,
              .bits = 16,
              .data = "data",
              .bytes = 2 * SAMPLES };
    memcpy(wav.wave, "WAVEfmt ", 8);
    for (int i = 0; i < SAMPLES; i++)
        wav.samples[i] = (int16_t)(8000 * sin(i * 0.35));
    int fd = memfd_create("tone", MFD_CLOEXEC);
    if (fd < 0 || write(fd, &wav, sizeof wav) != (ssize_t)sizeof wav)
        return fail_errno(e, "a file in memory");
    struct audio_limits limits = audio_limits_default();
    struct audio_wants wants = { 0 };
    struct audio_facts facts;
    struct error why = { 0 };
    if (audio_decode(d->audio, fd, &limits, &wants, NULL, d->arena, &facts, &why) != OK)
        doctor_find(d, DOCTOR_ERROR, NULL, "the confined child hears nothing: %s", why.text);
    close(fd);
    return OK;
}

enum code doctor_indexes(struct doctor *d, struct error *e)
{
    static const char *const names[] = { "index/references", "index/uploads" };
    (void)e;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct error why = { 0 };
        const char *path = in_data(d, names[i]);
        enum code code = index_check(path, &why);
        if (code != OK && code != ERR_NOT_FOUND) /* nothing was ever put into it */
            doctor_find(d, DOCTOR_ERROR,
                        arena_format(d->arena, "mv %s %s.bad && licet migrate --data %s", path,
                                     path, world_data(d->world)),
                        "%s", why.text);
    }
    return OK;
}

static enum code look_at_blob(void *ctx, const char *hash, struct error *e)
{
    struct doctor *d = ctx;
    int fd;
    int64_t size;
    struct error why = { 0 };
    enum code code = media_blob_open(world_blobs(d->world), hash, BLOB_VERIFY, &fd, &size, &why);
    if (code == OK)
        close(fd);
    else if (code == ERR_CORRUPT)
        doctor_find(d, DOCTOR_ERROR, "licet restore FOLDER", "%s", why.text);
    else
        return fail(e, code, "%s", why.text);
    return OK;
}

/* Every blob's bytes, with --deep only: it reads them all. */
enum code doctor_blobs(struct doctor *d, struct error *e)
{
    return d->deep ? media_blob_each(world_blobs(d->world), look_at_blob, d, e) : OK;
}
