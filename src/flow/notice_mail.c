/* SPDX-License-Identifier: Apache-2.0 */
/* A removal request that comes as a message: read in the confined child, then received as any
 * other. What the sender's name is worth, the letter to their mailbox shows, or a signature that the
 * operator's own mail server has found good and that is aligned with the sender's domain. */
#include "flow/notice_inside.h"
#include "flow/world.h"
#include "mail/mail.h"

struct mail_draft {
    struct notice_draft draft;
    bool retraction;
    struct str key; /* the case, or the message's id */
};

static struct str text_in(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    return str_of(text ? text : "");
}

/* RFC 7489, relaxed: the signature's domain is the sender's, or one above it. */
static bool is_aligned(struct str mailbox, struct str domain)
{
    const char *at = mailbox.length ? memrchr(mailbox.at, '@', mailbox.length) : NULL;
    if (!at || !domain.length || !memchr(domain.at, '.', domain.length))
        return false;
    struct str own = { at + 1, (size_t)(mailbox.at + mailbox.length - at) - 1 };
    if (str_equal(own, domain))
        return true;
    return own.length > domain.length && own.at[own.length - domain.length - 1] == '.' &&
           memcmp(own.at + own.length - domain.length, domain.at, domain.length) == 0;
}

static enum code take_notice(const json_t *o, struct str raw, struct arena *a,
                             struct mail_draft *out, struct error *e)
{
    json_t *notice = json_object_get(o, "notice");
    struct mail_draft l = { .retraction = json_is_true(json_object_get(o, "retraction")) };
    TRY(desk_draft_json(notice, a, &l.draft, e));
    if (l.draft.channel != CHANNEL_ACNS && l.draft.channel != CHANNEL_EMAIL)
        return fail(e, ERR_INVALID, "mail is no way for %s", channel_word(l.draft.channel));
    const json_t *domains = json_object_get(o, "authenticated");
    for (size_t i = 0; i < json_array_size(domains); i++) {
        const char *domain = json_string_value(json_array_get(domains, i));
        l.draft.domain |= is_aligned(l.draft.sender, str_of(domain ? domain : ""));
    }
    l.draft.proven = l.draft.domain;
    l.draft.raw = raw;
    char *same = json_dumps(notice, JSON_COMPACT | JSON_SORT_KEYS);
    if (!same)
        return fail(e, ERR_MEMORY, "no memory for a notice");
    l.draft.same = str_of(arena_text(a, same, strlen(same)));
    free(same);
    struct str key = text_in(o, "case"), id = text_in(o, "message_id");
    if (key.length && key.length < 200)
        l.key = str_of(arena_format(a, "case %.*s", STR_ARG(key)));
    else if (id.length && id.length < 200)
        l.key = str_of(arena_format(a, "mail %.*s", STR_ARG(id)));
    l.draft.once = l.key;
    *out = l;
    return OK;
}

/* A case that comes again with other contents is another notice, told apart by its message. */
static enum code receive(struct world *w, struct mail_draft *l, const json_t *o, struct arena *a,
                         struct received *out, struct error *e)
{
    struct error first = { 0 };
    enum code code = flow_notice_receive_shared(w, STR("mail"), &l->draft, a, out, &first);
    struct str id = text_in(o, "message_id");
    if (code != ERR_CONFLICT || !id.length || id.length > 200 || str_starts(l->key, "mail "))
        return code == OK ? OK : fail(e, code, "%s", first.text);
    l->draft.once = str_of(arena_format(a, "mail %.*s", STR_ARG(id)));
    return flow_notice_receive_shared(w, STR("mail"), &l->draft, a, out, e);
}

/* ACNS Retraction: the notice of the same case and sender is withdrawn, if the mail is theirs. */
static enum code retract(struct world *w, const struct mail_draft *l, struct received *out,
                         struct error *e)
{
    struct notice_id id;
    bool found;
    char text[ID_TEXT];
    if (!l->draft.proven)
        return fail(e, ERR_DENIED,
                    "a retraction whose sender is not proven: the link in the "
                    "receipt withdraws");
    {
        TX(tx);
        TRY(store_begin(w->store, STORE_READ, &tx, e));
        TRY(desk_notice_by_key(tx, l->draft.sender, l->key, &id, &found, e));
    }
    if (!found)
        return fail(e, ERR_NOT_FOUND, "a retraction of a case that was not received");
    TRY(flow_notice_withdraw(w, str_of(notice_id_format(id, text)), STR("mail"), e));
    *out = (struct received) {
        .notice = id, .known = true, .missing_words = STR(""), .confirm = STR("")
    };
    return OK;
}

enum code flow_notice_mail(struct world *w, struct confine_host *host, struct str message,
                           struct arena *a, struct mailed *out, struct error *e)
{
    BUF(text);
    JSON(o);
    struct mail_draft l;
    const char *authority = settings_text(w->settings, "desk.mail_authority");
    TRY(mail_read(host, message, str_of(authority), &text, e));
    TRY(json_read(buf_as_str(&text), &o, e));
    TRY(take_notice(o, message, a, &l, e));
    *out = (struct mailed) { .retraction = l.retraction, .items = l.draft.item_count };
    return l.retraction ? retract(w, &l, &out->received, e)
                        : receive(w, &l, o, a, &out->received, e);
}
