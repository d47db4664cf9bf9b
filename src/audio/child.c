/* SPDX-License-Identifier: Apache-2.0 */
/* The child's life: one file decoded or encoded, told in frames. */
#include "audio/request.h"

#include <assert.h>

enum { FD_FILE, FD_FRAMES, FD_OUT };

static enum code write_frame(void *context, enum frame_kind kind, const void *payload,
                             size_t length, struct error *e)
{
    int fd = *(int *)context;
    struct frame_header h = { (uint32_t)kind, (uint32_t)length };
    uint8_t bytes[sizeof h + FRAME_BYTES_MOST];
    assert(length <= FRAME_BYTES_MOST);
    memcpy(bytes, &h, sizeof h);
    memcpy(bytes + sizeof h, payload, length);
    return file_write_all(fd, bytes, sizeof h + length, e); /* in one go: the reader wakes once */
}

static enum code work_on(const struct audio_request *q, const struct error *refused,
                         const struct worker_out *out, struct error *e)
{
    if (refused) {
        *e = *refused;
        return refused->code;
    }
    struct worker_file file = { FD_FILE, q->size_bytes };
    if (q->kind == AUDIO_RENDER)
        return worker_render(file, FD_OUT, &q->limits, &q->format, out, e);
    return worker_decode(file, &q->limits, &q->wants, out, e);
}

static int work(const void *request, size_t length, const struct error *refused)
{
    int frames = FD_FRAMES;
    const struct worker_out out = { &frames, write_frame };
    struct error e = { 0 };
    if (length != sizeof(struct audio_request))
        return 1;
    if (work_on(request, refused, &out, &e) == OK)
        return write_frame(&frames, FRAME_END, "", 0, &e) == OK ? 0 : 1;
    struct {
        uint32_t code;
        char text[sizeof e.text];
    } sorry = { (uint32_t)e.code, { 0 } };
    size_t size = strnlen(e.text, sizeof e.text);
    memcpy(sorry.text, e.text, size);
    return write_frame(&frames, FRAME_ERROR, &sorry, sizeof sorry.code + size, &e) == OK ? 0 : 1;
}

const struct confine_trade audio_trade = {
    .process = "licet-audio",
    .worker = "decoder",
    .cpu_setting = "audio.cpu_seconds_most",
    .file_setting = "audio.bytes_most",
    .warm = worker_warm,
    .work = work,
};
