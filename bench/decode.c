/* SPDX-License-Identifier: Apache-2.0 */
/* decode [--quick] [FILE]: processor time of hearing a file, beside `ffmpeg -i FILE -f null -`.
 *
 * Without FILE, four minutes of made-up music are encoded as MP3 first. A line is name, value,
 * unit, and the yardstick's value; the least of several runs counts. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/audio.h"

enum { RATE_HZ = 44100 };

static void die(const struct error *e)
{
    fprintf(stderr, "decode: %s\n", e->text);
    exit(1);
}

static void put(FILE *f, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        putc((int)(value >> (8 * i) & 0xFF), f);
}

/* Chords, a beat and some noise: an encoder has work with it. */
static void write_music(FILE *f, uint32_t seconds)
{
    uint32_t rows = seconds * RATE_HZ, noise = 1;
    fputs("RIFF", f);
    put(f, 36 + rows * 4, 4);
    fputs("WAVEfmt ", f);
    put(f, 16, 4);
    put(f, 1 | 2 << 16, 4);
    put(f, RATE_HZ, 4);
    put(f, RATE_HZ * 4, 4);
    put(f, 4 | 16 << 16, 4);
    fputs("data", f);
    put(f, rows * 4, 4);
    for (uint32_t i = 0; i < rows; i++) {
        double t = (double)i / RATE_HZ, root = 110 * exp2(fmod(floor(t / 2) * 5 / 12, 2)), x = 0;
        for (int k = 1; k <= 6; k++)
            x += sin(2 * M_PI * root * k * (k % 2 ? 1 : 1.26) * t) / k;
        noise = noise * 1664525 + 1013904223;
        double hiss = (double)(int32_t)noise / 2147483648.0 * exp(-8 * fmod(t, 0.5));
        put(f, (uint16_t)(int16_t)(5000 * x + 6000 * hiss), 2);
        put(f, (uint16_t)(int16_t)(5000 * x * cos(t / 3) - 6000 * hiss), 2);
    }
}

static void make_mp3(struct audio_host *h, const char *path, uint32_t seconds)
{
    struct audio_limits limits = audio_limits_default();
    struct audio_format format = { .codec = AUDIO_MP3, .bits_per_second = 192000 };
    struct audio_rendered made;
    struct error e;
    int in = memfd_create("music", MFD_CLOEXEC);
    int out = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *f = fdopen(dup(in), "w");
    if (in < 0 || out < 0 || !f)
        exit(1);
    write_music(f, seconds);
    fclose(f);
    if (audio_render(h, in, out, &limits, &format, &made, &e) != OK)
        die(&e);
    close(in);
    close(out);
}

static double used(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static enum code drop(void *context, const float *x, size_t n, struct error *e)
{
    (void)e;
    for (size_t i = 0; i < n; i++)
        *(double *)context += (double)x[i];
    return OK;
}

/* Seconds of processor time of one decode: the child's and what we spend on its frames. */
static double hear(struct audio_host *h, const char *path, const struct audio_wants *wants)
{
    ARENA(a);
    struct audio_limits limits = audio_limits_default();
    struct audio_facts f;
    struct error e;
    double sum = 0, before = used(RUSAGE_SELF);
    struct audio_sink sink = { &sum, drop };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum code code = audio_decode(h, fd, &limits, wants, &sink, &a, &f, &e);
    close(fd);
    if (code != OK)
        die(&e);
    return used(RUSAGE_SELF) - before + (double)f.cpu_us / 1e6;
}

/* The yardstick's processor time; 0 when it is not installed. */
static double ffmpeg(const char *path)
{
    double before = used(RUSAGE_CHILDREN);
    pid_t pid = fork();
    int status;
    if (pid == 0) {
        execlp("ffmpeg", "ffmpeg", "-v", "error", "-nostdin", "-i", path, "-f", "null", "-", NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return status == 0 ? used(RUSAGE_CHILDREN) - before : 0;
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    const char *path = argc > 1 + quick ? argv[1 + quick] : NULL;
    char made[] = "/tmp/licet-bench-XXXXXX";
    struct audio_host *h;
    struct error e;
    if (audio_host_start(&h, &e) != OK)
        die(&e);
    if (!path) {
        int fd = mkstemp(made);
        close(fd);
        make_mp3(h, made, quick ? 60 : 240);
    }
    const struct audio_wants all = { true, true, true, true, true }, none = { 0 };
    double least[3] = { 1e9, 1e9, 1e9 };
    for (int i = 0; i < (quick ? 3 : 7); i++) {
        const double took[3] = { hear(h, path ? path : made, &none),
                                 hear(h, path ? path : made, &all), ffmpeg(path ? path : made) };
        for (int k = 0; k < 3; k++)
            least[k] = took[k] < least[k] ? took[k] : least[k];
    }
    printf("decode to 8 kHz\t%.3f\ts\t%.3f\n", least[0], least[2]);
    printf("decode, loudness, waveform, curve\t%.3f\ts\t%.3f\n", least[1], least[2]);
    if (least[2] > 0) {
        printf("decode to 8 kHz / ffmpeg\t%.2f\tratio\t1.00\n", least[0] / least[2]);
        printf("decode with all / ffmpeg\t%.2f\tratio\t1.00\n", least[1] / least[2]);
    }
    if (!path)
        unlink(made);
    audio_host_stop(h);
    return 0;
}
