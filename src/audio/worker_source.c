/* SPDX-License-Identifier: Apache-2.0 */
/* A file's first audio stream, decoded to interleaved floats.
 *
 * FFmpeg opens nothing by itself: bytes come through our own AVIO over the descriptor, protocols
 * and nested opens are refused, containers and codecs are those of two lists, one thread. */
#include "audio/worker_source.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    IO_BYTES = 32 * 1024,
    STREAMS_MOST = 64,
    DAMAGES_MOST = 1000, /* then the rest is left out */
    DAMAGES_IN_A_ROW_MOST = 200,
    EMPTY_READS_MOST = 100000, /* packets of other streams or without sound, in a row */
    PROBE_BYTES_MOST = 1 << 20,
    SCORE_DOUBTFUL = 49, /* random bytes look like something, too */
    RATE_LEAST = 1000,
    RATE_MOST = 768000,
};

/* Containers that hold everything themselves: no playlists, no concatenations, no image lists. */
static const char containers[] =
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,iff,loas,matroska,mov,mp3,mpc,mpc8,"
    "mpeg,mpegts,ogg,rm,tak,tta,w64,wav,wv";
static const char codecs[] =
    "aac,aac_latm,ac3,alac,amrnb,amrwb,ape,cook,dca,dsd_lsbf,dsd_lsbf_planar,dsd_msbf,"
    "dsd_msbf_planar,eac3,flac,g723_1,g729,gsm,gsm_ms,ilbc,mlp,mp1,mp1float,mp2,mp2float,mp3,"
    "mp3float,"
    "mp3adufloat,mpc7,mpc8,nellymoser,opus,pcm_alaw,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,"
    "pcm_mulaw,pcm_s16be,pcm_s16be_planar,pcm_s16le,pcm_s16le_planar,pcm_s24be,pcm_s24le,"
    "pcm_s24le_planar,pcm_s32be,pcm_s32le,pcm_s32le_planar,pcm_s64be,pcm_s64le,pcm_s8,"
    "pcm_s8_planar,pcm_u16be,pcm_u16le,pcm_u24be,pcm_u24le,pcm_u32be,pcm_u32le,pcm_u8,pcm_bluray,"
    "pcm_dvd,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha,real_144,real_288,sipr,"
    "speex,"
    "tak,truehd,truespeech,tta,vorbis,wavpack,wmalossless,wmapro,wmav1,wmav2,wmavoice";

struct worker_source {
    int fd;
    bool live; /* a pipe: no seeking, no length, no end of damages */
    int64_t at, size;
    const struct audio_limits *limits;
    AVIOContext *io;
    AVFormatContext *format;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame;
    int stream;
    bool draining, done, cut_short;
    int score; /* how sure it is what it looks like: 1 to 100 */
    int damages, damages_in_a_row, frames;
    int frame_at; /* rows of `frame` already given */
    int first_rate_hz, first_channels;
    int64_t decoded_ps; /* picoseconds: sums of rows / rate without drift */
    int64_t declared_ms;
    bool declared_is_guess;
    struct worker_shape shape;
    float *samples; /* [WORKER_CHUNK][channels] */
};

enum code worker_fail(struct error *e, int av_error, const char *what)
{
    if (av_error == AVERROR(ENOMEM))
        return fail(e, ERR_LIMIT, "needs more memory than audio.memory_bytes_most allows");
    char words[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(av_error, words, sizeof words);
    return fail(e, ERR_INVALID, "%s: %s", what, words);
}

static int read_bytes(void *opaque, uint8_t *to, int count)
{
    struct worker_source *s = opaque;
    ssize_t n;
    do
        n = s->live ? read(s->fd, to, (size_t)count) : pread(s->fd, to, (size_t)count, s->at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return AVERROR(errno);
    s->at += n;
    return n ? (int)n : AVERROR_EOF;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct worker_source *s = opaque;
    if (whence & AVSEEK_SIZE)
        return s->size;
    whence &= ~AVSEEK_FORCE;
    int64_t base = whence == SEEK_CUR ? s->at : whence == SEEK_END ? s->size : 0;
    int64_t to;
    if (__builtin_add_overflow(base, offset, &to) || to < 0)
        return AVERROR(EINVAL);
    return s->at = to;
}

static int open_nothing(AVFormatContext *f, AVIOContext **pb, const char *url, int flags,
                        AVDictionary **options)
{
    (void)f, (void)pb, (void)url, (void)flags, (void)options;
    return AVERROR(EACCES);
}

static enum code open_io(struct worker_source *s, struct error *e)
{
    uint8_t *buffer = av_malloc(IO_BYTES);
    if (buffer)
        s->io = avio_alloc_context(buffer, IO_BYTES, 0, s, read_bytes, NULL,
                                   s->live ? NULL : seek_bytes);
    s->format = avformat_alloc_context();
    s->packet = av_packet_alloc();
    s->frame = av_frame_alloc();
    if (!s->io || !s->format || !s->packet || !s->frame) {
        if (!s->io)
            av_free(buffer);
        return worker_fail(e, AVERROR(ENOMEM), "");
    }
    s->format->pb = s->io;
    s->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    s->format->io_open = open_nothing;
    s->format->max_streams = STREAMS_MOST;
    s->format->max_analyze_duration = 3 * AV_TIME_BASE;
    s->format->format_whitelist = av_strdup(containers);
    s->format->codec_whitelist = av_strdup(codecs);
    s->format->protocol_whitelist = av_strdup("");
    if (!s->format->format_whitelist || !s->format->codec_whitelist ||
        !s->format->protocol_whitelist)
        return worker_fail(e, AVERROR(ENOMEM), "");
    return OK;
}

static enum code find_stream(struct worker_source *s, struct error *e)
{
    int n = avformat_find_stream_info(s->format, NULL);
    if (n == AVERROR(ENOMEM))
        return worker_fail(e, n, "");
    s->stream = -1;
    for (unsigned i = 0; i < s->format->nb_streams; i++) {
        AVStream *st = s->format->streams[i];
        if (s->stream < 0 && st->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
            s->stream = (int)i;
        else
            st->discard = AVDISCARD_ALL;
    }
    if (s->stream < 0)
        return fail(e, ERR_INVALID, "not audio: a %s file without sound in it",
                    s->format->iformat->name);
    return OK;
}

static enum code open_codec(struct worker_source *s, struct error *e)
{
    const AVStream *st = s->format->streams[s->stream];
    const AVCodec *decoder = avcodec_find_decoder(st->codecpar->codec_id);
    const char *name = avcodec_get_name(st->codecpar->codec_id);
    if (!decoder)
        return fail(e, ERR_INVALID, "sound of the kind %s cannot be decoded", name);
    s->codec = avcodec_alloc_context3(decoder);
    if (!s->codec)
        return worker_fail(e, AVERROR(ENOMEM), "");
    s->codec->thread_count = 1;
    s->codec->codec_whitelist = av_strdup(codecs);
    s->codec->pkt_timebase = st->time_base;
    int n = avcodec_parameters_to_context(s->codec, st->codecpar);
    if (n >= 0)
        n = avcodec_open2(s->codec, decoder, NULL);
    if (n < 0) {
        char what[100];
        snprintf(what, sizeof what, "sound of the kind %s cannot be decoded", name);
        return worker_fail(e, n, what);
    }
    return OK;
}

/* A length that the file states, not one estimated from its size. */
static void read_declared(struct worker_source *s)
{
    const AVStream *st = s->format->streams[s->stream];
    int64_t ms = 0;
    if (st->duration > 0)
        ms = av_rescale_q(st->duration, st->time_base, (AVRational) { 1, 1000 });
    else if (s->format->duration > 0)
        ms = s->format->duration / 1000;
    s->declared_is_guess = s->format->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE;
    s->declared_ms = ms;
}

static enum code too_long(const struct worker_source *s, struct error *e)
{
    return fail(e, ERR_LIMIT,
                "longer than %lld seconds, the most that the setting audio.seconds_most allows",
                (long long)s->limits->seconds_most);
}

/* What the bytes look like, by themselves. */
static enum code open_container(struct worker_source *s, struct error *e)
{
    const AVInputFormat *kind = NULL;
    s->score = av_probe_input_buffer2(s->io, &kind, "", NULL, 0, PROBE_BYTES_MOST);
    if (s->score == AVERROR(ENOMEM))
        return worker_fail(e, s->score, "");
    if (s->score < 0 || !kind)
        return fail(e, ERR_INVALID, "not audio: it looks like nothing known here");
    if (av_match_list(kind->name, containers, ',') <= 0)
        return fail(e, ERR_INVALID, "not audio: it looks like %s", kind->name);
    int n = avformat_open_input(&s->format, NULL, kind, NULL);
    char what[100];
    snprintf(what, sizeof what,
             s->score > SCORE_DOUBTFUL ? "the head of this %s file is damaged"
                                       : "not audio: it looks a little like %s",
             kind->name);
    if (n < 0)
        return worker_fail(e, n, what);
    return OK;
}

static enum code open_all(struct worker_source *s, struct error *e)
{
    TRY(open_io(s, e));
    TRY(open_container(s, e));
    TRY(find_stream(s, e));
    TRY(open_codec(s, e));
    if (s->live)
        return OK;
    read_declared(s);
    s->cut_short = worker_end_is_missing(s->fd, s->size);
    /* refuse early what says so itself, unless its size makes that a lie (under 500 bit/s) */
    if (!s->declared_is_guess && s->declared_ms / 1000 > s->limits->seconds_most &&
        s->declared_ms / 16 < s->size)
        return too_long(s, e);
    return OK;
}

enum code worker_source_open(struct worker_file file, const struct audio_limits *limits,
                             struct worker_source **out, struct error *e)
{
    bool live = file.size_bytes == WORKER_STREAM;
    if (file.size_bytes <= 0 && !live)
        return fail(e, ERR_INVALID, "not audio: the file is empty");
    if (file.size_bytes > limits->bytes_most)
        return fail(e, ERR_LIMIT, "larger than %lld bytes, the most that audio.bytes_most allows",
                    (long long)limits->bytes_most);
    av_log_set_level(AV_LOG_QUIET);
    owned(worker_source) s = calloc(1, sizeof *s);
    if (!s)
        return worker_fail(e, AVERROR(ENOMEM), "");
    s->fd = file.fd;
    s->live = live;
    s->size = file.size_bytes;
    s->limits = limits;
    TRY(open_all(s, e));
    *out = take(s);
    return OK;
}

void worker_source_free(struct worker_source *s)
{
    if (!s)
        return;
    avcodec_free_context(&s->codec);
    avformat_close_input(&s->format);
    if (s->io)
        av_freep(&s->io->buffer);
    avio_context_free(&s->io);
    av_packet_free(&s->packet);
    av_frame_free(&s->frame);
    free(s->samples);
    free(s);
}

/* ---- samples ---- */

static enum code follow_shape(struct worker_source *s, struct error *e)
{
    int channels = s->frame->ch_layout.nb_channels, rate_hz = s->frame->sample_rate;
    if (channels == s->shape.channels && rate_hz == s->shape.rate_hz)
        return OK;
    if (channels < 1 || channels > WORKER_CHANNELS_MOST)
        return fail(e, ERR_LIMIT, "%d channels; at most %d are taken", channels,
                    WORKER_CHANNELS_MOST);
    if (rate_hz < RATE_LEAST || rate_hz > RATE_MOST)
        return fail(e, ERR_LIMIT, "%d samples a second; %d to %d are taken", rate_hz, RATE_LEAST,
                    RATE_MOST);
    if (channels > s->shape.channels) {
        free(s->samples);
        s->samples = calloc((size_t)WORKER_CHUNK * (size_t)channels, sizeof *s->samples);
        if (!s->samples)
            return worker_fail(e, AVERROR(ENOMEM), "");
    }
    worker_shape_of(&s->shape, channels, rate_hz, &s->frame->ch_layout);
    if (!s->first_rate_hz) {
        s->first_rate_hz = rate_hz;
        s->first_channels = channels;
    }
    return OK;
}

static size_t give_rows(struct worker_source *s)
{
    const AVFrame *f = s->frame;
    size_t channels = (size_t)s->shape.channels, at = (size_t)s->frame_at;
    size_t count = (size_t)(f->nb_samples - s->frame_at);
    if (count > WORKER_CHUNK)
        count = WORKER_CHUNK;
    enum AVSampleFormat kind = av_get_packed_sample_fmt((enum AVSampleFormat)f->format);
    if (!av_sample_fmt_is_planar((enum AVSampleFormat)f->format))
        worker_samples_convert(kind, f->extended_data[0], at * channels, 1, s->samples, 1,
                               count * channels);
    else
        for (size_t c = 0; c < channels; c++)
            worker_samples_convert(kind, f->extended_data[c], at, 1, s->samples + c, channels,
                                   count);
    s->frame_at += (int)count;
    s->decoded_ps += (int64_t)count * 1000000000000 / s->shape.rate_hz;
    return count;
}

/* ---- packets ---- */

static void note_damage(struct worker_source *s)
{
    s->damages++;
    s->damages_in_a_row++;
    if ((s->damages >= DAMAGES_MOST && !s->live) || s->damages_in_a_row >= DAMAGES_IN_A_ROW_MOST)
        s->done = s->cut_short = true;
}

/* Hand one packet of our stream to the decoder, or the end. */
static enum code feed(struct worker_source *s, struct error *e)
{
    for (int i = 0; i < EMPTY_READS_MOST && !s->done; i++) {
        int n = av_read_frame(s->format, s->packet);
        if (n == AVERROR(ENOMEM))
            return worker_fail(e, n, "");
        if (n == AVERROR_EOF || (n < 0 && avio_feof(s->io))) {
            s->draining = true;
            n = avcodec_send_packet(s->codec, NULL);
            return OK;
        }
        if (n < 0) {
            note_damage(s);
            continue;
        }
        /* an empty packet would read as the end of the stream */
        bool ours = s->packet->stream_index == s->stream && s->packet->size > 0;
        n = ours ? avcodec_send_packet(s->codec, s->packet) : 0;
        av_packet_unref(s->packet);
        if (n == AVERROR(ENOMEM))
            return worker_fail(e, n, "");
        if (n < 0)
            note_damage(s);
        else if (ours)
            return OK;
    }
    s->done = true;
    return OK;
}

/* A frame with sound in s->frame, or s->done. */
static enum code next_frame(struct worker_source *s, struct error *e)
{
    while (!s->done) {
        int n = avcodec_receive_frame(s->codec, s->frame);
        if (n == 0 && s->frame->nb_samples > 0) {
            s->frames++;
            s->damages_in_a_row = 0;
            s->frame_at = 0;
            return follow_shape(s, e);
        }
        if (n == AVERROR(ENOMEM))
            return worker_fail(e, n, "");
        if (n == AVERROR_EOF)
            s->done = true;
        else if (n == AVERROR(EAGAIN) && !s->draining)
            TRY(feed(s, e));
        else if (n < 0)
            note_damage(s);
    }
    return OK;
}

enum code worker_source_next(struct worker_source *s, const struct worker_shape **shape,
                             const float **samples, size_t *count, struct error *e)
{
    *count = 0;
    while (!s->done && s->frame_at >= s->frame->nb_samples)
        TRY(next_frame(s, e));
    /* random bytes sometimes look like a few frames of something */
    if (s->done && (!s->frames || (s->damages > s->frames && s->score <= SCORE_DOUBTFUL)))
        return fail(e, ERR_INVALID, "not audio: nothing in it can be decoded (it looks like %s)",
                    s->format->iformat->name);
    if (s->done)
        return OK;
    *count = give_rows(s);
    *shape = &s->shape;
    *samples = s->samples;
    if (s->decoded_ps / 1000000000000 > s->limits->seconds_most)
        return too_long(s, e);
    return OK;
}

/* ---- facts ---- */

int64_t worker_source_declared_ms(const struct worker_source *s)
{
    return s->declared_is_guess ? 0 : s->declared_ms;
}

/* "mov,mp4,m4a,3gp" is mov */
static void first_name(const char *names, char out[32])
{
    size_t n = strcspn(names, ",");
    snprintf(out, 32, "%.*s", (int)(n < 31 ? n : 31), names);
}

void worker_source_facts(const struct worker_source *s, struct frame_facts *f)
{
    first_name(s->format->iformat->name, f->container);
    first_name(avcodec_get_name(s->codec->codec_id), f->codec);
    f->channels = s->first_channels;
    f->rate_hz = s->first_rate_hz;
    f->duration_ms = (s->decoded_ps + 500000000) / 1000000000;
    f->damages = s->damages;
    int64_t declared = worker_source_declared_ms(s);
    int64_t slack = declared / 50 > 500 ? declared / 50 : 500;
    f->truncated = s->cut_short || declared > f->duration_ms + slack;
}

static enum code send_tags(const AVDictionary *tags, size_t *room, const struct worker_out *out,
                           struct error *e)
{
    const AVDictionaryEntry *t = NULL;
    while (*room && (t = av_dict_get(tags, "", t, AV_DICT_IGNORE_SUFFIX))) {
        char text[FRAME_TAG_BYTES_MOST];
        int n = snprintf(text, sizeof text, "%s%c%s", t->key, '\0', t->value);
        if (n <= 0 || (size_t)n >= sizeof text)
            continue; /* lyrics and the like */
        TRY(out->frame(out->context, FRAME_TAG, text, (size_t)n, e));
        --*room;
    }
    return OK;
}

enum code worker_source_tags(const struct worker_source *s, const struct worker_out *out,
                             struct error *e)
{
    size_t room = FRAME_TAGS_MOST;
    TRY(send_tags(s->format->metadata, &room, out, e));
    return send_tags(s->format->streams[s->stream]->metadata, &room, out, e);
}

void worker_warm(void)
{
    static const char *const common[] = { "mp3float", "aac",       "vorbis", "opus",
                                          "flac",     "pcm_s16le", "alac",   "ac3" };
    av_log_set_level(AV_LOG_QUIET);
    for (size_t i = 0; i < COUNT_OF(common); i++) {
        const AVCodec *decoder = avcodec_find_decoder_by_name(common[i]);
        AVCodecContext *c = decoder ? avcodec_alloc_context3(decoder) : NULL;
        if (!c)
            continue;
        c->thread_count = 1;
        c->sample_rate = 44100;
        c->bits_per_coded_sample = 16;
        av_channel_layout_default(&c->ch_layout, 2);
        if (avcodec_open2(c, decoder, NULL) < 0) {
            /* some want more than this; their tables come with the first file */
        }
        avcodec_free_context(&c);
    }
}
