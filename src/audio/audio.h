/* SPDX-License-Identifier: Apache-2.0 */
/* audio: file bytes -> sound, in a confined child process; sound -> renditions, in the same.
 *
 * Bytes that strangers upload are decoded by FFmpeg in a child without network, files, threads or
 * further processes (seccomp), with bounded memory, processor time and length. The caller gets
 * frames over a pipe and believes none of them: whatever the child does, the caller survives.
 *
 * Processes: audio_host_start forks a keeper, which forks the host, which forks one child per
 * file. The host has the codecs loaded and none of the program's secrets, since it was forked
 * before there were any. When the host dies, the keeper makes another; when the program dies,
 * all end.
 *
 *     struct audio_host *host;
 *     TRY(audio_host_start(&host, e));                  // first thing in main
 *     ...
 *     struct audio_limits limits = audio_limits_default();
 *     struct audio_wants wants = { .tags = true, .loudness = true, .peaks = true, .curve = true };
 *     struct audio_sink sink = { fp, take_pcm };        // fp_stream_push behind it
 *     struct audio_facts facts;
 *     TRY(audio_decode(host, fd, &limits, &wants, &sink, arena, &facts, e));
 *     // title: facts.title; length: facts.duration_ms; waveform: audio_peaks_write(...)
 *
 *     struct audio_format preview = { .codec = AUDIO_OPUS, .bits_per_second = 96000,
 *                                     .start_ms = 61200, .length_ms = 30000,
 *                                     .fade_in_ms = 500, .fade_out_ms = 1000 };
 *     TRY(audio_render(host, fd, out_fd, &limits, &preview, &made, e));
 */
#ifndef LICET_AUDIO_AUDIO_H
#define LICET_AUDIO_AUDIO_H

#include "base/base.h"

struct audio_host;

enum { AUDIO_PCM_RATE_HZ = 8000 };

/* Start keeper and host. Call it first in main: before threads, database and keys exist.
 * errors  IO no process or descriptor to be had */
MUST_USE enum code audio_host_start(struct audio_host **out, struct error *e);
/* How many children work at a time (0: one per core); further callers wait their turn. */
void audio_host_set_jobs(struct audio_host *h, unsigned jobs);
/* Ends the host and whatever it still decodes; NULL is fine. No other call may be under way. */
void audio_host_stop(struct audio_host *h);

/* What one file may cost. An error of code LIMIT names the setting. */
struct audio_limits {
    int64_t seconds_most;      /* audio.seconds_most: length of the sound */
    int64_t cpu_seconds_most;  /* audio.cpu_seconds_most */
    int64_t memory_bytes_most; /* audio.memory_bytes_most: beyond what the idle host has mapped */
    int64_t bytes_most;        /* audio.bytes_most: the file; also what a rendition may grow to */
};
struct audio_limits audio_limits_default(void);
MUST_USE enum code audio_limits_from(const struct settings *s, struct audio_limits *out,
                                     struct error *e);

/* What is wanted of a decode besides the sound itself; what is not wanted costs nothing. */
struct audio_wants {
    bool tags;
    bool loudness; /* integrated loudness (EBU R 128) */
    bool range;    /* loudness range (EBU Tech 3342), with loudness */
    bool peaks;    /* waveform */
    bool curve;    /* for the choice of a preview */
};

/* Where the sound goes: mono, 8 kHz, at most 4096 samples a call, in [-64, 64] and finite. A code
 * other than OK ends the decode with that code and e. `pcm` may be NULL. */
struct audio_sink {
    void *context;
    enum code (*pcm)(void *context, const float *mono8k, size_t count, struct error *e);
};

struct audio_tag {
    const char *name, *value; /* UTF-8; names in lower case */
};

/* Minima and maxima over all channels, as the waveform shows them. */
struct audio_peaks {
    int32_t rate_hz, samples_per_pixel;
    size_t count;        /* of pairs */
    const int8_t *pairs; /* [count][2]: min, max */
};

/* How the piece runs: power ten times a second, pitch classes (C, C#, ...) twice a second. */
enum { AUDIO_POWERS_PER_SECOND = 10, AUDIO_CHROMAS_PER_SECOND = 2, AUDIO_CHROMA = 12 };
struct audio_curve {
    size_t power_count, chroma_count;
    const float *power;                  /* [power_count] mean square */
    const float (*chroma)[AUDIO_CHROMA]; /* [chroma_count][12], each row of length 1 or all 0 */
};

struct audio_facts {
    const char *container, *codec; /* FFmpeg's short names: "mp3", "mov", "ogg"; "aac", "vorbis" */
    int32_t channels, rate_hz;
    int64_t duration_ms; /* of what could be decoded */
    float peak;          /* largest sample, 1.0 is full scale */
    bool silent;         /* never above -80 dBFS */
    bool truncated;      /* the file says it is longer than what could be decoded */
    int32_t damages;     /* places that could not be decoded and were left out */
    bool has_loudness, has_range;
    double loudness_lufs; /* integrated; -70 where nothing passes the gate */
    double range_lu;
    const char *title, *artist, *album, *isrc; /* from the tags, NULL when absent */
    size_t tag_count;
    const struct audio_tag *tags;
    struct audio_peaks peaks;
    struct audio_curve curve;
    int64_t cpu_us; /* what the child used */
};

/* What is known of a file, without its arrays, as canonical JSON. */
void audio_facts_write(const struct audio_facts *f, struct buf *out);

/* Decode a file, whatever its name; video containers give their first audio stream.
 *
 * in      fd     a regular file, read by position: its offset neither matters nor moves
 *         sink   may be NULL
 * out     facts  texts and arrays in arena `a`
 * errors  INVALID not audio, empty, or it broke the decoder; LIMIT too long, too large, or too
 *         much memory or time; BUSY the child or the host was killed from outside: try again;
 *         whatever the sink returns
 * threads any number at once */
MUST_USE enum code audio_decode(struct audio_host *h, int fd, const struct audio_limits *limits,
                                const struct audio_wants *wants, const struct audio_sink *sink,
                                struct arena *a, struct audio_facts *facts, struct error *e);

/* The same of a pipe, read from where it stands until its other end closes; for hours, in bounded
 * memory. The sound comes as it is decoded. Of the limits only memory_bytes_most holds, of the wants
 * none but tags.
 *
 * errors  as audio_decode */
MUST_USE enum code audio_decode_stream(struct audio_host *h, int fd,
                                       const struct audio_limits *limits,
                                       const struct audio_sink *sink, struct arena *a,
                                       struct audio_facts *facts, struct error *e);

/* The same as audio_decode in this process, without confinement: for the library, whose caller chose the files.
 * Limits of time and memory do not apply. */
MUST_USE enum code audio_decode_here(int fd, const struct audio_limits *limits,
                                     const struct audio_wants *wants, const struct audio_sink *sink,
                                     struct arena *a, struct audio_facts *facts, struct error *e);

enum audio_codec { AUDIO_OPUS, AUDIO_AAC, AUDIO_MP3 };
const char *audio_codec_word(enum audio_codec codec); /* "opus", "aac", "mp3" */
MUST_USE enum code audio_codec_parse(struct str text, enum audio_codec *out, struct error *e);
const char *audio_codec_media_type(enum audio_codec codec); /* "audio/ogg; codecs=opus", ... */

struct audio_format {
    enum audio_codec codec; /* Ogg, MP4 (index in front), MPEG */
    int32_t bits_per_second;
    int64_t start_ms;
    int64_t length_ms; /* 0: to the end */
    int32_t fade_in_ms, fade_out_ms;
};

struct audio_rendered {
    int64_t duration_ms, bytes;
};

/* Encode a file anew, in the confinement of a decode.
 *
 * in      fd_out  a regular file opened for reading and writing, empty; written by position
 * out     made    length of what was written; shorter than asked for where the sound ends
 * errors  as audio_decode; INVALID also where nothing lies at start_ms */
MUST_USE enum code audio_render(struct audio_host *h, int fd_in, int fd_out,
                                const struct audio_limits *limits,
                                const struct audio_format *format, struct audio_rendered *made,
                                struct error *e);

/* The sum of a whole file's bytes in hexadecimal, small letters: MD5, SHA-1, SHA-256, SHA-512, CRC32
 * and their like, with or without a hyphen.
 * errors  NOT_FOUND no such algorithm; IO */
enum { AUDIO_SUM_TEXT = 129 };
MUST_USE enum code audio_sum(int fd, const char *algorithm, char out[AUDIO_SUM_TEXT],
                             struct error *e);

/* The waveform as audiowaveform writes it: .dat version 2 with 8 bits, and the same as JSON. */
void audio_peaks_write(const struct audio_peaks *p, struct buf *out);
void audio_peaks_write_json(const struct audio_peaks *p, struct buf *out);
/* errors  INVALID not such a file */
MUST_USE enum code audio_peaks_read(struct str bytes, struct arena *a, struct audio_peaks *out,
                                    struct error *e);

#endif
