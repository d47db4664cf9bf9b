/* SPDX-License-Identifier: Apache-2.0 */
/* A rendition: a source's sound from start to end, faded, encoded into a file of its own.
 *
 * The same input gives the same bytes: no clocks, no chance, no encoder names in the file. */
#include "audio/worker.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libswresample/swresample.h>
#include <stdlib.h>
#include <unistd.h>

enum { IO_BYTES = 64 * 1024, FRAME_SAMPLES = 1024 };

static const struct kind {
    enum audio_codec codec;
    const char *word, *media_type, *encoder, *container;
    enum AVSampleFormat samples;
    int rate_hz; /* 0: 44.1 or 48 kHz, as the source */
} kinds[] = {
    { AUDIO_OPUS, "opus", "audio/ogg; codecs=opus", "libopus", "ogg", AV_SAMPLE_FMT_FLT, 48000 },
    { AUDIO_AAC, "aac", "audio/mp4; codecs=\"mp4a.40.2\"", "aac", "mp4", AV_SAMPLE_FMT_FLTP, 0 },
    { AUDIO_MP3, "mp3", "audio/mpeg", "libmp3lame", "mp3", AV_SAMPLE_FMT_FLTP, 0 },
};

const char *audio_codec_word(enum audio_codec codec)
{
    return kinds[codec].word;
}

enum code audio_codec_parse(struct str text, enum audio_codec *out, struct error *e)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (str_is(text, kinds[i].word)) {
            *out = kinds[i].codec;
            return OK;
        }
    return fail(e, ERR_INVALID, "'%.*s' is not opus, aac or mp3", STR_ARG(text));
}

const char *audio_codec_media_type(enum audio_codec codec)
{
    return kinds[codec].media_type;
}

struct render {
    const struct audio_format *want;
    const struct kind *kind;
    int fd;
    int64_t at, size;
    AVIOContext *io;
    AVFormatContext *format;
    AVCodecContext *codec;
    AVStream *stream;
    AVPacket *packet;
    AVFrame *frame;
    SwrContext *swr;
    AVAudioFifo *fifo;
    int rate_hz, channels; /* of the output */
    int in_rate_hz;        /* that swr is set for */
    int64_t seen_ps;       /* of the source */
    int64_t given;         /* samples at the output's rate that went to the encoder */
    int64_t most;          /* ... and how many shall */
    int64_t fade_out_from; /* ... and where the end begins to fade; INT64_MAX: nowhere */
    float mixed[2 * WORKER_CHUNK];
};

static void render_free(struct render *r)
{
    if (!r)
        return;
    swr_free(&r->swr);
    av_audio_fifo_free(r->fifo);
    avcodec_free_context(&r->codec);
    avformat_free_context(r->format);
    if (r->io)
        av_freep(&r->io->buffer);
    avio_context_free(&r->io);
    av_packet_free(&r->packet);
    av_frame_free(&r->frame);
    free(r);
}
OWNED_BY(render)

static int write_bytes(void *opaque, uint8_t *bytes, int count)
{
    struct render *r = opaque;
    for (int done = 0; done < count;) {
        ssize_t n = pwrite(r->fd, bytes + done, (size_t)(count - done), r->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return AVERROR(errno);
        done += (int)n;
        r->at += n;
    }
    if (r->at > r->size)
        r->size = r->at;
    return count;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct render *r = opaque;
    if (whence & AVSEEK_SIZE)
        return r->size;
    whence &= ~AVSEEK_FORCE;
    int64_t to = offset + (whence == SEEK_CUR ? r->at : whence == SEEK_END ? r->size : 0);
    return to < 0 ? AVERROR(EINVAL) : (r->at = to);
}

static enum code failed(struct error *e, int av_error)
{
    if (av_error == AVERROR(ENOSPC) || av_error == AVERROR(EDQUOT) || av_error == AVERROR(EIO)) {
        errno = AVUNERROR(av_error);
        return fail_errno(e, "writing the rendition");
    }
    return worker_fail(e, av_error, "encoding");
}

static int64_t samples_in(const struct render *r, int64_t ms)
{
    return ms * r->rate_hz / 1000;
}

/* ---- opening ---- */

static enum code open_codec(struct render *r, struct error *e)
{
    const AVCodec *encoder = avcodec_find_encoder_by_name(r->kind->encoder);
    if (!encoder)
        return fail(e, ERR_INVALID, "this FFmpeg has no encoder %s", r->kind->encoder);
    AVCodecContext *c = r->codec = avcodec_alloc_context3(encoder);
    if (!c)
        return failed(e, AVERROR(ENOMEM));
    c->bit_rate = r->want->bits_per_second;
    c->sample_rate = r->rate_hz;
    c->sample_fmt = r->kind->samples;
    c->time_base = (AVRational) { 1, r->rate_hz };
    c->thread_count = 1;
    c->flags |= AV_CODEC_FLAG_BITEXACT;
    if (r->format->oformat->flags & AVFMT_GLOBALHEADER)
        c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_channel_layout_default(&c->ch_layout, r->channels);
    int n = avcodec_open2(c, encoder, NULL);
    return n < 0 ? failed(e, n) : OK;
}

/* An MP4's index goes in front, into room kept for it; how much follows from the length. Where
 * that is not known, the file comes in fragments. */
static void choose_mp4_shape(const struct render *r, int64_t samples, AVDictionary **options)
{
    if (r->kind->codec != AUDIO_AAC)
        return;
    if (samples > 0)
        av_dict_set_int(options, "moov_size", 4096 + samples / 1024 * 12 + 64 * 8, 0);
    else
        av_dict_set(options, "movflags", "frag_keyframe+empty_moov+default_base_moof", 0);
    if (samples <= 0)
        av_dict_set_int(options, "frag_duration", 5000000, 0);
}

static enum code open_container(struct render *r, struct error *e)
{
    uint8_t *buffer = av_malloc(IO_BYTES);
    if (buffer)
        r->io = avio_alloc_context(buffer, IO_BYTES, 1, r, NULL, write_bytes, seek_bytes);
    if (!r->io) {
        av_free(buffer);
        return failed(e, AVERROR(ENOMEM));
    }
    int n = avformat_alloc_output_context2(&r->format, NULL, r->kind->container, NULL);
    if (n < 0)
        return failed(e, n);
    r->format->pb = r->io;
    r->format->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO;
    r->stream = avformat_new_stream(r->format, NULL);
    r->fifo = av_audio_fifo_alloc(r->kind->samples, r->channels, WORKER_CHUNK);
    r->packet = av_packet_alloc();
    r->frame = av_frame_alloc();
    return r->stream && r->fifo && r->packet && r->frame ? OK : failed(e, AVERROR(ENOMEM));
}

static enum code open_output(struct render *r, int64_t samples, struct error *e)
{
    AVDictionary *options = NULL;
    TRY(open_container(r, e));
    TRY(open_codec(r, e));
    int n = avcodec_parameters_from_context(r->stream->codecpar, r->codec);
    r->stream->time_base = r->codec->time_base;
    choose_mp4_shape(r, samples, &options);
    if (n >= 0)
        n = avformat_write_header(r->format, &options);
    av_dict_free(&options);
    return n < 0 ? failed(e, n) : OK;
}

/* The output is shaped after the first sound of the source. */
static enum code begin(struct render *r, const struct worker_shape *h, int64_t declared_ms,
                       struct error *e)
{
    r->rate_hz = r->kind->rate_hz ? r->kind->rate_hz : h->rate_hz % 11025 == 0 ? 44100 : 48000;
    r->channels = h->channels == 1 ? 1 : 2;
    int64_t left_ms = declared_ms > r->want->start_ms ? declared_ms - r->want->start_ms : 0;
    int64_t length_ms = r->want->length_ms;
    if (length_ms == 0 || (left_ms && left_ms < length_ms))
        length_ms = left_ms;
    r->most = r->want->length_ms ? samples_in(r, r->want->length_ms) : INT64_MAX;
    r->fade_out_from = INT64_MAX;
    if (length_ms && r->want->fade_out_ms > 0)
        r->fade_out_from = samples_in(r, length_ms - r->want->fade_out_ms);
    /* room for what the file may be longer than it says */
    return open_output(r, length_ms ? samples_in(r, length_ms + length_ms / 20 + 10000) : 0, e);
}

static enum code follow(struct render *r, const struct worker_shape *h, struct error *e)
{
    if (r->in_rate_hz == h->rate_hz)
        return OK;
    AVChannelLayout layout = { 0 };
    av_channel_layout_default(&layout, r->channels);
    swr_free(&r->swr);
    int n = swr_alloc_set_opts2(&r->swr, &layout, r->kind->samples, r->rate_hz, &layout,
                                AV_SAMPLE_FMT_FLT, h->rate_hz, 0, NULL);
    if (n >= 0)
        n = swr_init(r->swr);
    r->in_rate_hz = h->rate_hz;
    return n < 0 ? failed(e, n) : OK;
}

/* ---- encoding ---- */

static enum code write_packets(struct render *r, struct error *e)
{
    for (;;) {
        int n = avcodec_receive_packet(r->codec, r->packet);
        if (n == AVERROR(EAGAIN) || n == AVERROR_EOF)
            return OK;
        if (n < 0)
            return failed(e, n);
        r->packet->stream_index = 0;
        av_packet_rescale_ts(r->packet, r->codec->time_base, r->stream->time_base);
        n = av_interleaved_write_frame(r->format, r->packet);
        if (n < 0)
            return failed(e, n);
    }
}

static float gain_at(const struct render *r, int64_t at)
{
    float gain = 1;
    int64_t in = samples_in(r, r->want->fade_in_ms), out = samples_in(r, r->want->fade_out_ms);
    if (at < in)
        gain = (float)at / (float)in;
    if (at >= r->fade_out_from) {
        float left = 1.0F - (float)(at - r->fade_out_from) / (float)out;
        gain *= left > 0 ? left : 0;
    }
    return gain;
}

static void fade(const struct render *r, AVFrame *f)
{
    int64_t in = samples_in(r, r->want->fade_in_ms);
    if (r->given >= in && r->given + f->nb_samples <= r->fade_out_from)
        return;
    bool planar = av_sample_fmt_is_planar(r->kind->samples) != 0;
    for (int i = 0; i < f->nb_samples; i++) {
        float gain = gain_at(r, r->given + i);
        for (int c = 0; c < r->channels; c++) {
            float *x = (float *)(void *)f->extended_data[planar ? c : 0];
            x[planar ? i : i * r->channels + c] *= gain;
        }
    }
}

/* Encode what waits, in whole frames; at the end also the part of one. */
static enum code encode(struct render *r, bool at_end, struct error *e)
{
    int size = r->codec->frame_size > 0 ? r->codec->frame_size : FRAME_SAMPLES;
    while (r->given < r->most) {
        int waiting = av_audio_fifo_size(r->fifo);
        if (waiting == 0 || (waiting < size && !at_end))
            return OK;
        AVFrame *f = r->frame;
        av_frame_unref(f);
        f->format = r->kind->samples;
        f->sample_rate = r->rate_hz;
        f->nb_samples = waiting < size ? waiting : size;
        if (r->most - r->given < f->nb_samples)
            f->nb_samples = (int)(r->most - r->given);
        int n = av_channel_layout_copy(&f->ch_layout, &r->codec->ch_layout);
        if (n >= 0)
            n = av_frame_get_buffer(f, 0);
        if (n >= 0)
            n = av_audio_fifo_read(r->fifo, (void **)f->extended_data, f->nb_samples);
        if (n < 0)
            return failed(e, n);
        f->pts = r->given;
        fade(r, f);
        r->given += f->nb_samples;
        n = avcodec_send_frame(r->codec, f);
        if (n < 0)
            return failed(e, n);
        TRY(write_packets(r, e));
    }
    return OK;
}

/* Resample [count][channels] and encode; NULL: what the resampler still holds. */
static enum code push(struct render *r, const float *samples, size_t count, struct error *e)
{
    int room = swr_get_out_samples(r->swr, (int)count);
    uint8_t *planes[2] = { NULL, NULL };
    if (room <= 0)
        return OK;
    int n = av_samples_alloc(planes, NULL, r->channels, room, r->kind->samples, 0);
    const uint8_t *in = (const uint8_t *)samples;
    if (n >= 0)
        n = swr_convert(r->swr, planes, room, samples ? &in : NULL, (int)count);
    if (n > 0)
        n = av_audio_fifo_write(r->fifo, (void **)planes, n);
    av_freep((void *)planes);
    return n < 0 ? failed(e, n) : encode(r, false, e);
}

static void mix(struct render *r, const struct worker_shape *h, const float *samples, size_t count)
{
    float *out = r->mixed;
    for (size_t i = 0; i < count; i++)
        for (int side = 0; side < r->channels; side++) {
            float sum = 0;
            for (int c = 0; c < h->channels; c++)
                sum += samples[i * (size_t)h->channels + (size_t)c] *
                       (r->channels == 1 ? 0.5F * (h->weight[c][0] + h->weight[c][1])
                                         : h->weight[c][side]);
            *out++ = sum;
        }
}

/* The rows of a chunk that lie before the start are left out. */
static size_t rows_before(struct render *r, const struct worker_shape *h, size_t count)
{
    int64_t start_ps = r->want->start_ms * 1000000000;
    int64_t missing = (start_ps - r->seen_ps) / 1000 * h->rate_hz / 1000000000;
    r->seen_ps += (int64_t)count * 1000000000000 / h->rate_hz;
    return missing <= 0 ? 0 : (size_t)missing < count ? (size_t)missing : count;
}

static enum code take_sound(struct render *r, const struct worker_source *s,
                            const struct worker_shape *h, const float *samples, size_t count,
                            struct error *e)
{
    size_t skip = rows_before(r, h, count);
    if (skip == count)
        return OK;
    if (!r->codec)
        TRY(begin(r, h, worker_source_declared_ms(s), e));
    TRY(follow(r, h, e));
    mix(r, h, samples + skip * (size_t)h->channels, count - skip);
    return push(r, r->mixed, count - skip, e);
}

static enum code finish(struct render *r, const struct worker_out *out, struct error *e)
{
    if (!r->codec)
        return fail(e, ERR_INVALID, "the sound ends before %lld ms", (long long)r->want->start_ms);
    TRY(push(r, NULL, 0, e));
    TRY(encode(r, true, e));
    int n = avcodec_send_frame(r->codec, NULL);
    if (n < 0)
        return failed(e, n);
    TRY(write_packets(r, e));
    n = av_write_trailer(r->format);
    if (n < 0 || r->io->error < 0)
        return failed(e, n < 0 ? n : r->io->error);
    avio_flush(r->io);
    struct frame_made made = { r->given * 1000 / r->rate_hz, r->size };
    return out->frame(out->context, FRAME_MADE, &made, sizeof made, e);
}

static enum code check_format(const struct audio_format *f, struct error *e)
{
    if ((unsigned)f->codec >= COUNT_OF(kinds))
        return fail(e, ERR_INVALID, "no such codec");
    if (f->bits_per_second < 6000 || f->bits_per_second > 512000)
        return fail(e, ERR_INVALID, "%d bits a second; 6000 to 512000 are made",
                    f->bits_per_second);
    if (f->start_ms < 0 || f->length_ms < 0 || f->start_ms > 1000000000 ||
        f->length_ms > 1000000000 || f->fade_in_ms < 0 || f->fade_out_ms < 0 ||
        f->fade_in_ms > 60000 || f->fade_out_ms > 60000)
        return fail(e, ERR_INVALID, "start, length or fades make no sense");
    return OK;
}

enum code worker_render(struct worker_file file, int fd_out, const struct audio_limits *limits,
                        const struct audio_format *format, const struct worker_out *out,
                        struct error *e)
{
    TRY(check_format(format, e));
    owned(worker_source) s = NULL;
    owned(render) r = calloc(1, sizeof *r);
    if (!r)
        return failed(e, AVERROR(ENOMEM));
    r->want = format;
    r->kind = &kinds[format->codec];
    r->fd = fd_out;
    TRY(worker_source_open(file, limits, &s, e));
    while (!r->codec || r->given < r->most) {
        const struct worker_shape *shape;
        const float *samples;
        size_t count;
        TRY(worker_source_next(s, &shape, &samples, &count, e));
        if (count == 0)
            break;
        TRY(take_sound(r, s, shape, samples, count, e));
    }
    return finish(r, out, e);
}
