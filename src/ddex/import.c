/* SPDX-License-Identifier: Apache-2.0 */
/* One message from beginning to end: header, records as they come, what follows at the end. */
#include "ddex/import.h"

#include <stdio.h>

#include "ddex/apply.h"

/* ---- anchors ---- */

static size_t slot_of(const struct anchors *t, const char *reference)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *c = reference; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    size_t at = (size_t)(hash * 0x9E3779B97F4A7C15u >> 20) & (t->room - 1);
    while (t->slots[at].reference && strcmp(t->slots[at].reference, reference) != 0)
        at = (at + 1) & (t->room - 1);
    return at;
}

void *anchors_find(const struct anchors *t, const char *reference)
{
    return t->room ? t->slots[slot_of(t, reference)].thing : NULL;
}

bool anchors_add(struct anchors *t, struct arena *a, const char *reference, void *thing)
{
    if (t->count * 2 >= t->room) {
        struct anchors bigger = { .count = t->count, .room = t->room ? 2 * t->room : 64 };
        bigger.slots = ARENA_ARRAY(a, struct anchor, bigger.room);
        for (size_t i = 0; i < t->room; i++)
            if (t->slots[i].reference)
                bigger.slots[slot_of(&bigger, t->slots[i].reference)] = t->slots[i];
        *t = bigger;
    }
    struct anchor *slot = &t->slots[slot_of(t, reference)];
    if (slot->reference)
        return false;
    *slot = (struct anchor) { reference, thing };
    t->count++;
    return true;
}

/* ---- telling ---- */

enum code note(struct apply *p, struct error *e, enum ern_rule rule, uint32_t line,
               const char *element, const char *format, ...)
{
    char text[320];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return ern_report_note(p->report, e, rule, line, element, "%s", text);
}

void tell_change(struct apply *p, enum ern_change_kind kind, enum ern_thing thing, const char *id,
                 const char *subject, const char *before, const char *after, uint32_t line)
{
    const struct ern_change c = { kind, thing, id, subject, before, after, line };
    p->report->counts[thing][kind]++;
    if (p->options->change && kind != ERN_SAME)
        p->options->change(p->options->context, &c);
}

/* ---- the header ---- */

static enum code look_up_apps(void *context, const struct ern_who *who, const struct app_id **apps,
                              size_t *count, struct error *e)
{
    struct apply *p = context;
    const char *dpid = who->dpid.text ? who->dpid.text
                       : who->id.text ? who->id.text
                                      : who->own.text;
    *count = 0;
    return dpid ? kept_apps(&p->scope, dpid, p->arena, apps, count, e) : OK;
}

static enum code look_up_all(void *context, const struct app_id **apps, size_t *count,
                             struct error *e)
{
    struct apply *p = context;
    *count = 0;
    if (!p->options->all_apps)
        return OK;
    return p->options->all_apps(p->options->context, p->act->tx, p->arena, apps, count, e);
}

static const char *version_of(struct apply *p, const char *space)
{
    const char *slash = strrchr(space, '/');
    return str_copy(p->arena, str_of(slash ? slash + 1 : space));
}

/* The sender and who stands behind it, under the holder's limit where there is one. */
static enum code read_sender(struct apply *p, const struct ern_header *h, struct error *e)
{
    bool found, known;
    struct party_id sender = { { 0 } };
    struct person *who = person_of(p, ERN_AT(h->senders, struct ern_who, 0), h->line), *behalf;
    p->report->sender = p->scope.sender = person_word(who);
    if (!p->scope.sender[0])
        return note(p, e, RULE_HEADER, h->line, "MessageSender", "the sender has no name");
    TRY(ern_partner_find(p->act->tx, p->act->catalogue, str_of(p->scope.sender), p->arena,
                         &p->partner, &known, e));
    if (!known)
        p->partner = (struct ern_partner) { .dpid = p->scope.sender };
    behalf = h->behalves.count ? person_of(p, ERN_AT(h->behalves, struct ern_who, 0), h->line)
                               : who;
    if (!party_id_is_none(p->options->holder)) {
        TRY(person_find(p, who, &found, e));
        bool own = found && party_id_equal(who->id, p->options->holder);
        TRY(person_find(p, behalf, &found, e));
        if (!own || !found || !party_id_equal(behalf->id, p->options->holder))
            return note(p, e, RULE_SENDER, h->line, "MessageSender",
                        "%.100s is not the holder of this key", p->scope.sender);
    }
    if (p->is_manifest)
        return OK;
    if (!p->is_purge)
        TRY(person_party(p, who, &sender, e));
    TRY(p->is_purge ? person_find(p, behalf, &found, e) : person_party(p, behalf, &p->holder, e));
    p->holder_name = behalf->name ? behalf->name : person_word(behalf);
    return OK;
}

static enum code read_control(struct apply *p, const struct ern_header *h, struct error *e)
{
    const struct ern_text *t = &h->control;
    if (!t->text || !t->text[0] || strcmp(t->text, "LiveMessage") == 0)
        return OK;
    if (strcmp(t->text, "TestMessage") != 0)
        return note(p, e, RULE_CONTROL, t->line, "MessageControlType", "\"%.60s\"", t->text);
    p->is_test = true;
    return note(p, e, RULE_TEST, t->line, "MessageControlType",
                "what it would change is told, and nothing is kept");
}

static enum code apply_header(struct apply *p, const struct ern_header *h, struct error *e)
{
    struct ern_moment created;
    struct error inner = { 0 };
    if (p->has_header)
        return note(p, e, RULE_HEADER, h->line, "MessageHeader", "there are two");
    p->has_header = true;
    p->is_purge = h->root.text && strcmp(h->root.text, "PurgeReleaseMessage") == 0;
    p->is_manifest = h->root.text && strcmp(h->root.text, "ManifestMessage") == 0;
    p->report->kind = str_copy(p->arena, str_of(h->root.text ? h->root.text : ""));
    p->report->version = version_of(p, h->space.text ? h->space.text : "");
    p->report->message = h->id.text ? str_copy(p->arena, str_of(h->id.text)) : "";
    if (h->senders.count == 0)
        return note(p, e, RULE_HEADER, h->line, "MessageHeader", "it has no MessageSender");
    if (!p->is_manifest && !p->report->message[0])
        return note(p, e, RULE_HEADER, h->line, "MessageHeader", "it has no MessageId");
    if (!h->created.text || !h->created.text[0])
        return note(p, e, RULE_HEADER, h->line, "MessageHeader",
                    "it has no MessageCreatedDateTime");
    if (ern_moment_parse(h->created.text, &created, &inner) != OK)
        return note(p, e, RULE_CREATED, h->created.line, "MessageCreatedDateTime", "\"%.60s\"",
                    h->created.text);
    p->report->created = created.is_date ? day_begin(created.day) : created.at;
    TRY(read_control(p, h, e));
    TRY(read_sender(p, h, e));
    if (p->is_manifest)
        return OK;
    TRY(kept_message_find(&p->scope, p->report->message, p->arena, &p->before, &p->has_before, e));
    /* one that was refused may be mended and sent again under its name */
    p->has_before = p->has_before && strcmp(p->before.outcome, ern_outcome_word(ERN_REFUSED)) != 0;
    p->skips = p->has_before;
    return OK;
}

/* ---- records ---- */

static enum code apply_party(struct apply *p, const struct ern_party *m, struct error *e)
{
    struct person *who = person_of(p, &m->who, m->line);
    if (!m->reference.text)
        return note(p, e, RULE_ANCHOR_NONE, m->line, "PartyReference", "the party has none");
    if (p->people.count == ANCHORS_MOST)
        return note(p, e, RULE_MANY, m->line, "Party", "more than %d", ANCHORS_MOST);
    if (!anchors_add(&p->people, p->arena, str_copy(p->arena, str_of(m->reference.text)), who))
        return note(p, e, RULE_ANCHOR_TWICE, m->reference.line, "PartyReference",
                    "\"%.60s\" is there twice", m->reference.text);
    return OK;
}

static enum code apply_resource(struct apply *p, const struct ern_resource *m, struct error *e)
{
    static struct resource_row other; /* only that it is there */
    if (!m->reference.text)
        return note(p, e, RULE_ANCHOR_NONE, m->line, "ResourceReference", "the resource has none");
    if (p->resources.count == ANCHORS_MOST)
        return note(p, e, RULE_MANY, m->line, "ResourceList", "more than %d", ANCHORS_MOST);
    if (!anchors_add(&p->resources, p->arena, str_copy(p->arena, str_of(m->reference.text)),
                     &other))
        return note(p, e, RULE_ANCHOR_TWICE, m->reference.line, "ResourceReference",
                    "\"%.60s\" is there twice", m->reference.text);
    return OK;
}

static const char *keep(struct ern_report *r, const struct ern_text *t)
{
    return t->text && t->text[0] ? str_copy(r->arena, str_of(t->text)) : NULL;
}

static enum code apply_listed(struct apply *p, const struct ern_batch_item *m, struct error *e)
{
    struct ern_report *r = p->report;
    if (r->listed_count == ERN_LISTED_MOST)
        return note(p, e, RULE_MANY, m->line, "MessageInBatch", "more than %d", ERN_LISTED_MOST);
    if (r->listed_count == r->listed_room) {
        size_t room = r->listed_room ? 2 * r->listed_room : 16;
        struct ern_listed *more = ARENA_ARRAY(r->arena, struct ern_listed, room);
        if (r->listed_count)
            memcpy(more, r->listed, r->listed_count * sizeof *more);
        r->listed = more;
        r->listed_room = room;
    }
    r->listed[r->listed_count++] = (struct ern_listed) { keep(r, &m->id), keep(r, &m->url),
                                                         keep(r, &m->hash), keep(r, &m->algorithm),
                                                         m->line };
    return OK;
}

static enum code apply_record(void *context, enum ern_kind kind, const void *record,
                              struct error *e)
{
    struct apply *p = context;
    arena_done(&p->scratch);
    if (kind == ERN_HEADER)
        return apply_header(p, record, e);
    if (!p->has_header) {
        uint32_t line;
        memcpy(&line, record, sizeof line);
        return note(p, e, RULE_HEADER, line, "MessageHeader", "it does not stand first");
    }
    if (p->skips)
        return kind == ERN_RECORDING ? apply_files_only(p, record, e) : OK;
    switch (kind) {
    case ERN_PARTY:
        return apply_party(p, record, e);
    case ERN_RECORDING:
        return apply_recording(p, record, e);
    case ERN_RESOURCE:
        return apply_resource(p, record, e);
    case ERN_RELEASE_RECORD:
    case ERN_TRACK_RECORD:
    case ERN_CLIP_RECORD:
        return apply_release(p, kind, record, e);
    case ERN_DEAL:
        return apply_deals(p, record, e);
    case ERN_PURGE:
        return apply_purge(p, record, e);
    case ERN_BATCH_ITEM:
        return apply_listed(p, record, e);
    case ERN_VISIBILITY:
        return apply_visibility(p, record, e);
    case ERN_HEADER:
    case ERN_KIND_COUNT:
        break;
    }
    return OK;
}

/* ---- the whole ---- */

static enum code finish(struct apply *p, const struct ern_read *read, struct error *e)
{
    struct ern_report *r = p->report;
    r->bytes = read->bytes;
    if (!p->has_header)
        return note(p, e, RULE_HEADER, 0, "MessageHeader", "there is none");
    if (p->is_manifest) {
        r->outcome = ERN_MANIFEST;
        return OK;
    }
    if (p->has_before) {
        if (strcmp(p->before.digest, read->digest) != 0)
            return note(p, e, RULE_REUSED, 0, "MessageId",
                        "\"%.100s\" was used before for other content", r->message);
        r->outcome = ERN_KNOWN;
        return note(p, e, RULE_KNOWN, 0, "MessageId", "\"%.100s\" came before: %s", r->message,
                    p->before.outcome);
    }
    if (!p->is_purge)
        TRY(apply_releases(p, e));
    r->outcome = p->is_test ? ERN_TESTED : ERN_IMPORTED;
    return OK;
}

static enum code read_all(struct apply *p, int fd, struct ern_read *read, struct error *e)
{
    const struct ern_sink sink = { p, apply_record };
    enum code code = ern_read(p->options->host, fd, &p->options->limits, &sink, read, e);
    if (code != OK && read->refused && p->report->outcome != ERN_REFUSED) {
        p->report->outcome = ERN_REFUSED;
        p->report->refusal = read->note;
    }
    return code == OK ? finish(p, read, e) : code;
}

/* The row by which a message is known again. */
static enum code keep_message(struct apply *p, const struct ern_read *read, struct error *e)
{
    const struct ern_report *r = p->report;
    if (!p->scope.sender || !p->scope.sender[0] || !r->message || !r->message[0] ||
        r->outcome == ERN_KNOWN || r->outcome == ERN_MANIFEST || p->has_before)
        return OK;
    const struct kept_message m = {
        .message = r->message,
        .digest = read->digest,
        .kind = r->kind,
        .outcome = ern_outcome_word(r->outcome),
        .rule = r->outcome == ERN_REFUSED ? ern_rule_word(r->refusal.rule) : "",
        .file = p->options->file ? p->options->file : "",
        .created = r->created,
    };
    return kept_message_put(&p->scope, &m, e);
}

/* Not the store's or the machine's failing, but something of the message that the registry or the
 * reader does not take: a refusal like others. "line 12: " stands in front where it is known. */
static bool refuse_by(struct apply *p, enum code code, const struct error *why)
{
    enum ern_rule rule = code == ERR_LIMIT ? RULE_LIMIT_OF : RULE_RECORD;
    const char *text = why->text;
    unsigned line = 0;
    int read = 0;
    if (code != ERR_INVALID && code != ERR_LIMIT && code != ERR_CONFLICT && code != ERR_NOT_FOUND)
        return false;
    if (sscanf(text, "line %9u: %n", &line, &read) == 1 && read > 0)
        text += read;
    p->report->outcome = ERN_REFUSED;
    p->report->refusal = (struct ern_note) { .rule = rule, .line = line };
    snprintf(p->report->refusal.text, sizeof p->report->refusal.text, "%s", text);
    return true;
}

static enum code run(struct apply *p, int fd, struct error *e)
{
    struct ern_read read = { 0 };
    struct error inner = { 0 };
    TRY(store_savepoint(p->act->tx, e));
    enum code code = read_all(p, fd, &read, &inner);
    if (code == OK && p->report->outcome == ERN_IMPORTED)
        TRY(store_release(p->act->tx, e));
    else
        TRY(store_rollback_to(p->act->tx, e));
    if (code != OK && p->report->outcome != ERN_REFUSED && !refuse_by(p, code, &inner)) {
        *e = inner;
        return code;
    }
    return keep_message(p, &read, e);
}

enum code ern_import(const struct registry_act *act, int fd, const struct ern_options *o,
                     struct arena *a, struct ern_report *report, struct error *e)
{
    struct apply p = { .act = act, .options = o, .report = report, .arena = a };
    *report = (struct ern_report) {
        .arena = a, .sender = "", .message = "", .version = "", .kind = "", .outcome = ERN_IMPORTED
    };
    p.scope.act = act;
    p.scope.sender = "";
    p.lookup = (struct deal_lookup) { &p, look_up_apps, look_up_all };
    enum code code = run(&p, fd, e);
    arena_done(&p.scratch);
    return code;
}
