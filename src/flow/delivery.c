/* SPDX-License-Identifier: Apache-2.0 */
/* A delivery: messages and music in a folder, taken whole or not at all, and acknowledged.
 *
 * Everything is tried first: the manifest, each message in one transaction, each file's name, hash
 * and sound. Only then is it committed, and the music enrolled; a crash in between is mended by
 * the same import again, which finds the messages known and enrols what is missing. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flow/hear.h"
#include "flow/world.h"

enum { FILES_MOST = 10000, FOLDERS_DEEP = 6, SNIFF_BYTES = 4096, PATH_MOST = 1024 };
static const char acknowledgement[] = "licet-acknowledgement.xml";

struct found_file {
    const char *path; /* from the folder */
    bool is_manifest, is_batch_end, is_message;
};

struct delivery {
    struct world *world;
    const struct message_request *request;
    struct arena *arena;
    struct delivery_report *report;
    const char *folder;
    struct found_file *files;
    size_t file_count;
    const struct found_file *manifest;
};

/* ---- what is there ---- */

static enum code sniff(struct delivery *d, struct found_file *f)
{
    char first[SNIFF_BYTES + 1];
    const char *base = strrchr(f->path, '/');
    base = base ? base + 1 : f->path;
    f->is_batch_end = strncasecmp(base, "BatchComplete", 13) == 0;
    int fd = open(arena_format(d->arena, "%s/%s", d->folder, f->path), O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, first, SNIFF_BYTES);
    if (fd >= 0)
        close(fd);
    if (n <= 0 || !ern_looks_like((struct str) { first, (size_t)n })) {
        const char *dot = strrchr(base, '.');
        /* what calls itself XML and is not is read, and refused by the rule that says so */
        f->is_message = dot && strcasecmp(dot, ".xml") == 0 && !f->is_batch_end;
        return OK;
    }
    first[n] = '\0';
    f->is_manifest = strstr(first, "ManifestMessage") != NULL;
    f->is_message = !f->is_manifest &&
                    (strstr(first, "NewReleaseMessage") || strstr(first, "PurgeReleaseMessage"));
    return OK;
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && strcmp(entry->d_name, acknowledgement) != 0;
}

static enum code look(struct delivery *d, const char *below, int depth, struct error *e)
{
    struct dirent **entries;
    const char *path = arena_format(d->arena, "%s%s%s", d->folder, below[0] ? "/" : "", below);
    int count = scandir(path, &entries, not_hidden, alphasort);
    enum code code = OK;
    if (count < 0)
        return fail_errno(e, "the folder %s", path);
    for (int i = 0; i < count; i++) {
        struct stat st;
        const char *name = arena_format(d->arena, "%s%s%s", below, below[0] ? "/" : "",
                                        entries[i]->d_name);
        const char *whole = arena_format(d->arena, "%s/%s", d->folder, name);
        free(entries[i]);
        if (code != OK || lstat(whole, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth < FOLDERS_DEEP) {
            code = look(d, name, depth + 1, e);
        } else if (S_ISREG(st.st_mode) && d->file_count == FILES_MOST) {
            code = fail(e, ERR_LIMIT, "the folder has more than %d files", FILES_MOST);
        } else if (S_ISREG(st.st_mode)) {
            d->files[d->file_count] = (struct found_file) { .path = name };
            code = sniff(d, &d->files[d->file_count++]);
        }
    }
    free(entries);
    return code;
}

/* ---- names of files ---- */

static bool is_inside(const char *path)
{
    struct str rest = str_of(path), part;
    if (path[0] == '\0' || strlen(path) > PATH_MOST)
        return false;
    while (str_split(&rest, '/', &part))
        if (str_is(part, ".."))
            return false;
    return true;
}

/* Only what was found counts: no link is followed. */
static bool is_there(const struct delivery *d, const char *path)
{
    for (size_t i = 0; i < d->file_count; i++)
        if (strcmp(d->files[i].path, path) == 0)
            return true;
    return false;
}

/* The file that `said` means: from `below`, or from the folder, or what remains of it when leading
 * folders, which are the sender's, are left out. NULL: none. */
static const char *resolve(struct delivery *d, const char *below, const char *said)
{
    while (*said == '/' || strncmp(said, "./", 2) == 0)
        said += *said == '/' ? 1 : 2;
    for (const char *rest = said; rest; rest = strchr(rest, '/') ? strchr(rest, '/') + 1 : NULL) {
        const char *near = arena_format(d->arena, "%s%s%s", below, below[0] ? "/" : "", rest);
        if (*rest && is_there(d, near))
            return near;
        if (*rest && is_there(d, rest))
            return rest;
    }
    return NULL;
}

static const char *folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? str_copy(a, (struct str) { path, (size_t)(slash - path) }) : "";
}

/* ---- trying ---- */

static enum code refuse(struct ern_report *r, enum ern_rule rule, uint32_t line,
                        const char *element, const char *what, const char *says)
{
    struct error ignored;
    (void)ern_report_note(r, &ignored, rule, line, element, "%.200s%s%.100s", what,
                          says[0] ? " " : "", says);
    return OK; /* an outcome, no error */
}

static enum code check_sum(struct ern_report *r, int fd, const char *path, const char *hash,
                           const char *algorithm, uint32_t line, struct error *e)
{
    char sum[AUDIO_SUM_TEXT];
    struct error inner = { 0 };
    if (!hash)
        return OK;
    enum code code = audio_sum(fd, algorithm ? algorithm : "MD5", sum, &inner);
    if (code == ERR_NOT_FOUND)
        return refuse(r, RULE_FILE_ALGORITHM, line, "HashSum", inner.text, "");
    if (code != OK) {
        *e = inner;
        return code;
    }
    if (strcasecmp(sum, hash) != 0)
        return refuse(r, RULE_FILE_HASH, line, "HashSum", path, "is not the file that was meant");
    return OK;
}

static enum code check_sound(struct delivery *d, struct ern_report *r, int fd, const char *path,
                             uint32_t line, struct error *e)
{
    struct audio_limits limits;
    struct audio_facts facts;
    struct error inner = { 0 };
    ARENA(a);
    const struct audio_wants none = { 0 };
    if (!d->world->audio)
        return fail(e, ERR_INVALID, "no audio is heard here");
    TRY(audio_limits_from(d->world->settings, &limits, e));
    enum code code = audio_decode(d->world->audio, fd, &limits, &none, NULL, &a, &facts, &inner);
    if (code == ERR_INVALID || code == ERR_LIMIT)
        return refuse(r, RULE_FILE_AUDIO, line, "File", path, inner.text);
    if (code != OK)
        *e = inner;
    return code;
}

static enum code check_file(struct delivery *d, struct ern_report *r, struct ern_audio *f,
                            const char *below, struct error *e)
{
    const char *path = is_inside(f->path) ? resolve(d, below, f->path) : NULL;
    if (!is_inside(f->path))
        return refuse(r, RULE_FILE_NAME, f->line, "File", f->path, "leads out of the folder");
    if (!path)
        return refuse(r, RULE_FILE_MISSING, f->line, "File", f->path, "is not there");
    int fd = open(arena_format(d->arena, "%s/%s", d->folder, path),
                  O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return fail_errno(e, "opening %s", path);
    enum code code = check_sum(r, fd, path, f->hash, f->algorithm, f->line, e);
    if (code == OK && r->outcome != ERN_REFUSED)
        code = check_sound(d, r, fd, path, f->line, e);
    close(fd);
    f->path = path;
    return code;
}

static struct delivered *add_message(struct delivery *d, const char *path)
{
    struct delivery_report *r = d->report;
    struct delivered *m = &r->messages[r->count++];
    *m = (struct delivered) { .path = path };
    return m;
}

static enum code try_message(struct delivery *d, struct change *c, struct delivered *m,
                             struct error *e)
{
    struct ern_options o;
    const char *below = folder_of(d->arena, m->path);
    TRY(messages_options(d->world, d->request, &o, e));
    o.file = m->path;
    int fd = open(arena_format(d->arena, "%s/%s", d->folder, m->path),
                  O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return fail_errno(e, "opening %s", m->path);
    enum code code = ern_import(&c->act, fd, &o, d->arena, &m->report, e);
    close(fd);
    TRY(code);
    for (size_t i = 0; i < m->report.audio_count && m->report.outcome != ERN_REFUSED; i++)
        TRY(check_file(d, &m->report, &m->report.audio[i], below, e));
    return OK;
}

/* ---- the manifest ---- */

static bool is_listed(struct delivery *d, const struct ern_report *list, const char *path)
{
    const char *below = folder_of(d->arena, d->manifest->path);
    for (size_t i = 0; i < list->listed_count; i++) {
        const char *at = list->listed[i].path ? resolve(d, below, list->listed[i].path) : NULL;
        if (at && strcmp(at, path) == 0)
            return true;
    }
    return false;
}

static enum code check_listed(struct delivery *d, struct ern_report *list,
                              const struct ern_listed *l, struct error *e)
{
    const char *below = folder_of(d->arena, d->manifest->path);
    if (!l->path)
        return refuse(list, RULE_BATCH, l->line, "MessageInBatch", l->id ? l->id : "a message",
                      "has no URL");
    if (!is_inside(l->path))
        return refuse(list, RULE_FILE_NAME, l->line, "URL", l->path, "leads out of the folder");
    const char *path = resolve(d, below, l->path);
    if (!path)
        return refuse(list, RULE_FILE_MISSING, l->line, "URL", l->path, "is not there");
    int fd = open(arena_format(d->arena, "%s/%s", d->folder, path),
                  O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return fail_errno(e, "opening %s", path);
    enum code code = check_sum(list, fd, path, l->hash, l->algorithm, l->line, e);
    close(fd);
    return code;
}

static enum code read_manifest(struct delivery *d, struct change *c, struct error *e)
{
    struct delivered *m = add_message(d, d->manifest->path);
    TRY(try_message(d, c, m, e));
    struct ern_report *list = &m->report;
    for (size_t i = 0; i < list->listed_count && list->outcome != ERN_REFUSED; i++)
        TRY(check_listed(d, list, &list->listed[i], e));
    for (size_t i = 0; i < d->file_count && list->outcome != ERN_REFUSED; i++)
        if (d->files[i].is_message && !is_listed(d, list, d->files[i].path))
            TRY(refuse(list, RULE_BATCH, 0, "MessageInBatch", d->files[i].path,
                       "is not in the manifest"));
    return OK;
}

static void check_ids(struct delivery *d)
{
    struct ern_report *list = &d->report->messages[0].report;
    const char *below = folder_of(d->arena, d->manifest->path);
    for (size_t i = 0; i < list->listed_count && list->outcome != ERN_REFUSED; i++) {
        const struct ern_listed *l = &list->listed[i];
        const char *path = l->path ? resolve(d, below, l->path) : NULL;
        for (size_t k = 1; k < d->report->count && path && l->id; k++) {
            const struct delivered *m = &d->report->messages[k];
            if (strcmp(m->path, path) == 0 && m->report.outcome != ERN_REFUSED &&
                strcmp(m->report.message, l->id) != 0)
                (void)refuse(list, RULE_BATCH, l->line, "MessageId",
                             "the message there calls itself", m->report.message);
        }
    }
}

/* ---- the music ---- */

struct enrolling {
    struct delivery *delivery;
    struct ern_audio **files;
};

static void on_enrolled(void *context, size_t number, enum code code, const struct enrolled *r,
                        const struct error *error)
{
    struct enrolling *x = context;
    struct delivery_report *report = x->delivery->report;
    (void)number;
    (void)error;
    report->enrolled += code == OK && !r->known;
    report->known += code == OK && r->known;
}

static enum code enrol(struct delivery *d, struct error *e)
{
    struct delivery_report *r = d->report;
    size_t count = 0, room = 0, failed = 0;
    for (size_t i = 0; i < r->count; i++)
        room += r->messages[i].report.audio_count;
    struct enrol_item *items = ARENA_ARRAY(d->arena, struct enrol_item, room + 1);
    struct enrolling x = { .delivery = d };
    for (size_t i = 0; i < r->count; i++)
        for (size_t k = 0; k < r->messages[i].report.audio_count; k++) {
            if (r->messages[i].report.outcome == ERN_TESTED)
                break;
            const struct ern_audio *f = &r->messages[i].report.audio[k];
            char *id = arena_get(d->arena, ID_TEXT, 1);
            items[count++] = (struct enrol_item) {
                .path = arena_format(d->arena, "%s/%s", d->folder, f->path),
                .file = f->path,
                .recording = str_of(recording_id_format(f->recording, id)),
            };
        }
    const struct enrol_sink sink = { &x, on_enrolled };
    if (count == 0)
        return OK;
    TRY(flow_enrol(d->world, items, count, 0, &sink, &failed, e));
    r->not_enrolled = failed;
    return OK;
}

/* ---- the answer ---- */

static void put_xml(struct buf *out, const char *name, const char *value)
{
    if (!value || !value[0])
        return;
    buf_format(out, " %s=\"", name);
    for (const char *c = value; *c; c++)
        switch (*c) {
        case '&':
            buf_text(out, "&amp;");
            break;
        case '<':
            buf_text(out, "&lt;");
            break;
        case '"':
            buf_text(out, "&quot;");
            break;
        default:
            buf_byte(out, (uint8_t)((unsigned char)*c < ' ' ? ' ' : *c));
        }
    buf_text(out, "\"");
}

static enum code acknowledge(struct delivery *d, struct error *e)
{
    BUF(xml);
    char at[INSTANT_TEXT], line[16];
    const struct delivery_report *r = d->report;
    buf_text(&xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Acknowledgement version=\"1\"");
    put_xml(&xml, "created", instant_format(world_now(d->world), at));
    put_xml(&xml, "outcome", r->taken ? "taken" : "refused");
    buf_text(&xml, ">\n");
    for (size_t i = 0; i < r->count; i++) {
        const struct ern_report *m = &r->messages[i].report;
        bool refused = m->outcome == ERN_REFUSED;
        buf_text(&xml, "  <AcknowledgedFile");
        put_xml(&xml, "path", r->messages[i].path);
        put_xml(&xml, "sender", m->sender);
        put_xml(&xml, "message", m->message);
        put_xml(&xml, "status", refused || r->taken ? ern_outcome_word(m->outcome) : "not taken");
        if (refused) {
            snprintf(line, sizeof line, "%u", m->refusal.line);
            put_xml(&xml, "rule", ern_rule_word(m->refusal.rule));
            put_xml(&xml, "line", line);
            put_xml(&xml, "element", m->refusal.element);
            put_xml(&xml, "text", m->refusal.text);
        }
        buf_text(&xml, "/>\n");
    }
    buf_text(&xml, "</Acknowledgement>\n");
    d->report->acknowledgement = arena_format(d->arena, "%s/%s", d->folder, acknowledgement);
    return file_write(d->report->acknowledgement, xml.bytes, xml.length, 0644, e);
}

/* ---- the whole ---- */

static bool any_refused(const struct delivery_report *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->messages[i].report.outcome == ERN_REFUSED)
            return true;
    return false;
}

static enum code try_all(struct delivery *d, struct change *c, struct error *e)
{
    if (d->manifest)
        TRY(read_manifest(d, c, e));
    for (size_t i = 0; i < d->file_count; i++)
        if (d->files[i].is_message)
            TRY(try_message(d, c, add_message(d, d->files[i].path), e));
    if (d->manifest)
        check_ids(d);
    d->report->taken = !any_refused(d->report);
    return OK;
}

static enum code take_all(struct delivery *d, struct error *e)
{
    CHANGE(c);
    TRY(flow_change_begin(d->world, d->request->who, d->request->why, &c, e));
    TRY(try_all(d, &c, e));
    if (d->request->dry_run)
        return OK;
    if (d->report->taken) {
        TRY(flow_change_commit(&c, e));
        TRY(enrol(d, e));
    } else {
        flow_change_done(&c);
    }
    return acknowledge(d, e);
}

static enum code prepare(struct delivery *d, struct error *e)
{
    d->files = ARENA_ARRAY(d->arena, struct found_file, FILES_MOST);
    d->report->messages = ARENA_ARRAY(d->arena, struct delivered, FILES_MOST + 1);
    return look(d, "", 0, e);
}

enum code flow_delivery_is(struct world *w, const char *folder, bool *is, struct error *e)
{
    ARENA(a);
    struct delivery_report report = { 0 };
    struct delivery d = { .world = w, .arena = &a, .report = &report, .folder = folder };
    size_t messages = 0, others = 0;
    bool marked = false;
    TRY(prepare(&d, e));
    for (size_t i = 0; i < d.file_count; i++) {
        bool here = !strchr(d.files[i].path, '/');
        marked |= here && (d.files[i].is_manifest || d.files[i].is_batch_end);
        messages += d.files[i].is_message ? here ? 1 : 2 : 0;
        others += !d.files[i].is_message && strstr(d.files[i].path, "resources/") != NULL;
    }
    *is = marked || (messages == 1 && others > 0);
    return OK;
}

enum code flow_delivery(struct world *w, const char *folder, const struct message_request *r,
                        struct arena *a, struct delivery_report *report, struct error *e)
{
    *report = (struct delivery_report) { 0 };
    struct delivery d = {
        .world = w, .request = r, .arena = a, .report = report, .folder = folder
    };
    TRY(prepare(&d, e));
    for (size_t i = 0; i < d.file_count && !d.manifest; i++)
        if (d.files[i].is_manifest)
            d.manifest = &d.files[i];
    return take_all(&d, e);
}
