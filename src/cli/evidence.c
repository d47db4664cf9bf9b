/* SPDX-License-Identifier: Apache-2.0 */
/* licet evidence: the picture and both sounds of a match, as files. */
#include "cli/world.h"

#include <fcntl.h>
#include <unistd.h>

static enum code write_sound(struct world *w, const struct evidence *x, enum evidence_side side,
                             enum audio_codec codec, double seconds, const char *path,
                             struct error *e)
{
    struct audio_rendered made;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail_errno(e, "%s", path);
    enum code code = flow_evidence_sound(w, x, side, codec, seconds, fd, &made, e);
    close(fd);
    if (code != OK)
        unlink(path);
    return code;
}

static const char *suffix_of(enum audio_codec codec)
{
    return codec == AUDIO_OPUS ? "ogg" : codec == AUDIO_AAC ? "m4a" : "mp3";
}

static void print_written(const struct cli_call *c, const struct evidence *x, const char *picture,
                          const char *upload, const char *reference)
{
    if (!c->json) {
        cli_print_found(&x->match);
        printf("    %s\n    %s\n    %s\n", picture, upload,
               reference ? reference : "(the sound of the reference was not kept)");
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    cli_put_match(&o, &x->match);
    json_text(&o, "picture", picture);
    json_text(&o, "upload_sound", upload);
    json_text(&o, "reference_sound", reference);
    json_end(&o, '}');
    cli_print(&line);
}

static enum code write_one(struct cli_call *c, struct world *w, const struct evidence *x,
                           const char *stem, enum audio_codec codec, double seconds,
                           struct error *e)
{
    BUF(svg);
    const char *picture = arena_format(c->arena, "%s.svg", stem);
    const char *upload = arena_format(c->arena, "%s-upload.%s", stem, suffix_of(codec));
    const char *reference = arena_format(c->arena, "%s-reference.%s", stem, suffix_of(codec));
    TRY(flow_evidence_picture(w, x, &svg, e));
    TRY(file_write(picture, svg.bytes, svg.length, 0644, e));
    TRY(write_sound(w, x, EVIDENCE_UPLOAD, codec, seconds, upload, e));
    if (x->has_reference_sound)
        TRY(write_sound(w, x, EVIDENCE_REFERENCE, codec, seconds, reference, e));
    print_written(c, x, picture, upload, x->has_reference_sound ? reference : NULL);
    return OK;
}

enum code cli_evidence(struct cli_call *c, struct error *e)
{
    const char *reference = cli_value(c, "reference"), *out = cli_value(c, "out");
    const char *word = cli_value(c, "codec");
    enum audio_codec codec = AUDIO_MP3;
    int64_t seconds;
    struct evidence *list;
    size_t count;
    if (word)
        TRY(audio_codec_parse(str_of(word), &codec, e));
    TRY(cli_int(c, "seconds", 30, 1, 3600, &seconds, e));
    out = out ? out : "evidence";
    WORLD(w);
    TRY(cli_world_open(c, NEEDS_AUDIO, &w, e));
    TRY(flow_evidence(w.world, str_of(c->arguments[0]), str_of(reference), c->arena, &list, &count,
                      e));
    if (!count)
        return fail(e, ERR_NOT_FOUND, "%s: nothing %s was recognised in it", c->arguments[0],
                    reference ? "of this reference" : "known");
    TRY(file_make_folder(out, 0755, e));
    for (size_t i = 0; i < count; i++)
        TRY(write_one(c, w.world, &list[i], arena_format(c->arena, "%s/match-%zu", out, i + 1),
                      codec, (double)seconds, e));
    return OK;
}
