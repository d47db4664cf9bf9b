/* SPDX-License-Identifier: Apache-2.0 */
/* A verdict as canonical JSON. */
#include "policy/judging.h"

static void put_uses(struct json_out *o, const char *name, unsigned uses)
{
    json_key(o, name);
    json_begin(o, '[');
    for (int u = 0; u < USE_COUNT; u++)
        if (uses >> u & 1)
            json_put_text(o, use_word((enum use)u));
    json_end(o, ']');
}

static bool is_none(const uint8_t id[ID_BYTES])
{
    static const uint8_t none[ID_BYTES];
    return memcmp(id, none, ID_BYTES) == 0;
}

static void put_record(struct json_out *o, const struct reason *r)
{
    char id[ID_TEXT];
    json_key(o, "record");
    json_begin(o, '{');
    json_text(o, "kind", record_kind_word(r->kind));
    json_text(o, "id", is_none(r->id) ? NULL : id_format(record_kind_prefix(r->kind), r->id, id));
    json_int(o, "version", r->version);
    json_end(o, '}');
}

static void put_sentence(struct json_out *o, const char *name, const struct facts *f,
                         const struct reason *r, enum language in)
{
    BUF(text);
    policy_sentence(f, r, in, &text);
    json_str(o, name, buf_as_str(&text));
}

static void put_reason(struct json_out *o, const struct facts *f, const struct reason *r)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "code", rule_code(r->rule));
    json_int(o, "group", rule_group(r->rule));
    json_text(o, "effect", verdict_mode_word(r->effect));
    put_uses(o, "uses", r->uses);
    if (r->length_ms)
        json_int(o, "length_ms", r->length_ms);
    put_record(o, r);
    if (r->recording)
        json_text(o, "recording", recording_id_format(r->recording->id, id));
    if (r->party)
        json_text(o, "party", party_id_format(r->party->id, id));
    if (r->claim)
        json_text(o, "claim", claim_id_format(r->claim->id, id));
    put_sentence(o, "sentence_en", f, r, LANGUAGE_ENGLISH);
    put_sentence(o, "sentence_ru", f, r, LANGUAGE_RUSSIAN);
    json_end(o, '}');
}

static void put_form(struct json_out *o, enum verdict_mode mode, int64_t start_ms,
                     int64_t length_ms, unsigned uses)
{
    json_text(o, "mode", verdict_mode_word(mode));
    json_key(o, "preview");
    if (mode == VERDICT_PREVIEW) {
        json_begin(o, '{');
        json_int(o, "start_ms", start_ms);
        json_int(o, "length_ms", length_ms);
        json_end(o, '}');
    } else {
        json_put_null(o);
    }
    put_uses(o, "uses", uses);
}

void policy_brief_write(const struct verdict_brief *v, struct json_out *o)
{
    put_form(o, v->mode, v->preview_start_ms, v->preview_length_ms, v->uses);
    json_text(o, "reason_code", rule_code(v->rule));
    json_instant(o, "valid_until", v->valid_until);
}

void policy_verdict_write(const struct verdict *v, struct buf *out)
{
    struct json_out o = { out, false };
    json_begin(&o, '{');
    json_int(&o, "policy_version", POLICY_VERSION);
    put_form(&o, v->mode, v->preview_start_ms, v->preview_length_ms, v->uses);
    json_text(&o, "reason_code", v->reason_code);
    json_int(&o, "decisive", (int64_t)v->decisive);
    json_instant(&o, "valid_until", v->valid_until);
    json_key(&o, "reasons");
    json_begin(&o, '[');
    for (size_t i = 0; i < v->reason_count; i++)
        put_reason(&o, v->facts, &v->reasons[i]);
    json_end(&o, ']');
    json_end(&o, '}');
}
