/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest: which segments, without which recordings, and which log. */
#include "index/store.h"

#include <inttypes.h>
#include <stdio.h>

#define MANIFEST_MOST (64u << 20)

static const char manifest_head[] = "licet index 1\n";

enum code segments_write(struct index *ix, const struct view *v, uint64_t generation,
                         const char *log, struct error *e)
{
    BUF(text);
    char path[4096];
    buf_text(&text, manifest_head);
    buf_format(&text, "generation %" PRIu64 "\nlog %s\n", generation, log);
    for (size_t i = 0; i < v->count; i++) {
        if (!v->parts[i]->name[0])
            continue;
        buf_format(&text, "segment %s\n", v->parts[i]->name);
        for (uint32_t r = 0; r < v->parts[i]->segment.head->recordings; r++)
            if (view_gone(v, i, r))
                buf_format(&text, "gone %u\n", r);
    }
    if (text.failed)
        return fail(e, ERR_MEMORY, "no memory for the manifest");
    buf_format(&text, "sum %016" PRIx64 "\n", fp_checksum(text.bytes, text.length));
    snprintf(path, sizeof path, "%s/manifest", ix->dir);
    return file_write(path, text.bytes, text.length, 0640, e);
}

enum code segments_read(const struct index *ix, bool whole, struct manifest *out, struct error *e)
{
    BUF(text);
    char path[4096], line_text[128];
    snprintf(path, sizeof path, "%s/manifest", ix->dir);
    TRY(file_read(path, MANIFEST_MOST, &text, e));
    struct str rest = buf_as_str(&text), line;
    size_t tail = strlen("sum 0123456789abcdef\n");
    char sum[32];
    if (rest.length < tail + strlen(manifest_head) || !str_starts(rest, manifest_head))
        return fail(e, ERR_INVALID, "%s: not a manifest, or of a newer version", path);
    snprintf(sum, sizeof sum, "sum %016" PRIx64 "\n", fp_checksum(text.bytes, text.length - tail));
    if (memcmp(rest.at + rest.length - tail, sum, tail) != 0)
        return fail(e, ERR_CORRUPT, "%s: does not check", path);
    struct manifest m = { .view = view_copy(NULL, SEGMENTS_MOST, NULL) };
    if (!m.view)
        return fail(e, ERR_MEMORY, "no memory for the manifest");
    enum code code = OK;
    while (code == OK && str_split(&rest, '\n', &line)) {
        char name[40];
        unsigned recording;
        if (line.length >= sizeof line_text)
            continue;
        memcpy(line_text, line.at, line.length);
        line_text[line.length] = '\0';
        if (sscanf(line_text, "generation %" SCNu64, &m.generation) == 1 ||
            sscanf(line_text, "log %39s", m.log) == 1)
            continue;
        if (sscanf(line_text, "segment %39s", name) == 1) {
            if (m.view->count > SEGMENTS_MOST) {
                code = fail(e, ERR_CORRUPT, "%s: too many segments", path);
                continue;
            }
            struct part *p = NULL;
            for (size_t i = 0; ix->view && i < ix->view->count && !p; i++)
                if (part_is(ix->view->parts[i], ix->dir, name)) {
                    p = ix->view->parts[i];
                    __atomic_add_fetch(&p->references, 1, __ATOMIC_ACQ_REL);
                }
            if (!p)
                code = part_map(ix->dir, name, whole, &p, e);
            if (code == OK)
                m.view->parts[m.view->count++] = p;
        } else if (sscanf(line_text, "gone %u", &recording) == 1) {
            if (!m.view->count ||
                recording >= m.view->parts[m.view->count - 1]->segment.head->recordings)
                code = fail(e, ERR_CORRUPT, "%s: removes what is not there", path);
            else if (!view_mark(m.view, m.view->parts[m.view->count - 1], recording))
                code = fail(e, ERR_MEMORY, "no memory for the manifest");
        }
    }
    if (code != OK) {
        view_free(m.view);
        return code;
    }
    m.view->generation = m.generation;
    *out = m;
    return OK;
}
