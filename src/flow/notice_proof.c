/* SPDX-License-Identifier: Apache-2.0 */
/* What shows that a rule was right to fire: a small JSON object, kept with the decision and told in the
 * journal. Evidence by ear stands beside it. */
#include "flow/notice_inside.h"

typedef void prove(const struct notice_item *item, const struct item_found *f, struct json_out *o);

static void prove_hosts(const struct notice_item *item, const struct item_found *f,
                        struct json_out *o)
{
    BUF(shown);
    (void)f;
    /* it goes into the journal, and from there into dossiers; the item has it in full */
    redact(str_of(item->location), NULL, 0, &shown);
    json_str(o, "location", buf_as_str(&shown));
}

static void prove_gone(const struct notice_item *item, const struct item_found *f,
                       struct json_out *o)
{
    char id[ID_TEXT];
    (void)f;
    json_text(o, "upload", upload_id_format(item->upload, id));
    json_text(o, "state", "withdrawn");
}

static void prove_duplicate(const struct notice_item *item, const struct item_found *f,
                            struct json_out *o)
{
    char id[ID_TEXT];
    (void)item;
    json_text(o, "item", item_id_format(f->canonical, id));
}

static void prove_restricted(const struct notice_item *item, const struct item_found *f,
                             struct json_out *o)
{
    char id[ID_TEXT];
    (void)item;
    json_text(o, "item", item_id_format(f->restricted_by, id));
}

static void prove_own(const struct notice_item *item, const struct item_found *f,
                      struct json_out *o)
{
    char id[ID_TEXT];
    (void)item;
    json_text(o, "account_of", party_id_format(f->principal, id));
}

static void prove_absence(const struct notice_item *item, const struct item_found *f,
                          struct json_out *o)
{
    char id[ID_TEXT];
    if (!recording_id_is_none(item->recording))
        json_text(o, "recording", recording_id_format(item->recording, id));
    json_text(o, "engine", NOTICE_ENGINE);
    json_text(o, "audio", f->blob ? f->blob : "");
    json_int(o, "heard_ms", f->heard_ms);
    json_int(o, "other_matches", f->match_count);
}

static void prove_territory(const struct notice_item *item, const struct item_found *f,
                            struct json_out *o)
{
    (void)item;
    json_text(o, "held", f->held ? f->held : "");
    json_text(o, "network_closed", f->closed ? f->closed : "");
}

static void prove_patterns(const struct notice_item *item, const struct item_found *f,
                           struct json_out *o)
{
    (void)item;
    json_key(o, "patterns");
    json_begin(o, '[');
    for (int i = 0; i < PATTERN_COUNT; i++)
        if (f->facts.patterns >> i & 1)
            json_put_text(o, pattern_word((enum pattern)i));
    json_end(o, ']');
}

static const struct {
    const char *rule;
    prove *prove;
} proofs[] = {
    { "not_hosted_here", prove_hosts }, { "gone", prove_gone },
    { "duplicate", prove_duplicate },   { "restricted_before", prove_restricted },
    { "own_content", prove_own },       { "work_not_in_item", prove_absence },
    { "territory", prove_territory },   { "abuse_pattern", prove_patterns },
};

const char *notice_proof(struct noticing *n, const struct notice_item *item,
                         const struct item_found *f, const char *rule)
{
    BUF(text);
    struct json_out o = { &text, false };
    if (f->proof[0])
        return f->proof;
    for (size_t i = 0; i < COUNT_OF(proofs); i++) {
        if (strcmp(proofs[i].rule, rule) != 0)
            continue;
        json_begin(&o, '{');
        proofs[i].prove(item, f, &o);
        json_end(&o, '}');
        return str_copy(&n->arena, buf_as_str(&text));
    }
    return "";
}
