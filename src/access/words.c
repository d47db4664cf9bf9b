/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes and roles as words. */
#include "access/rows.h"

static const char *const scope_words[SCOPE_COUNT] = {
#define ROW(name, word) [name##_AT] = word,
    SCOPES(ROW)
#undef ROW
};

static const struct {
    const char *word;
    unsigned scopes;
} roles[ROLE_COUNT] = {
#define ROW(name, word, bits) [name] = { word, bits },
    ROLES(ROW)
#undef ROW
};

const char *access_role_word(enum role r)
{
    return roles[r].word;
}

unsigned access_role_scopes(enum role r)
{
    return roles[r].scopes;
}

enum code access_role_parse(struct str text, enum role *out, struct error *e)
{
    BUF(all);
    for (int r = 0; r < ROLE_COUNT; r++) {
        if (str_is(text, roles[r].word)) {
            *out = (enum role)r;
            return OK;
        }
        buf_format(&all, "%s%s", r ? ", " : "", roles[r].word);
    }
    return fail(e, ERR_INVALID, "role \"%.*s\" is not one of %s",
                (int)(text.length > 40 ? 40 : text.length), text.at ? text.at : "",
                all.bytes ? (char *)all.bytes : "the roles");
}

static bool scope_find(struct str word, unsigned *out)
{
    if (str_is(word, "all")) {
        *out |= SCOPES_ALL;
        return true;
    }
    for (int i = 0; i < SCOPE_COUNT; i++)
        if (str_is(word, scope_words[i])) {
            *out |= 1u << i;
            return true;
        }
    return false;
}

enum code access_scopes_parse(struct str text, unsigned *out, struct error *e)
{
    unsigned scopes = 0;
    struct str part, word;
    while (text.at && str_split(&text, ',', &part))
        while (part.at && str_split(&part, ' ', &word)) {
            word = str_trim(word);
            if (word.length && !scope_find(word, &scopes)) {
                BUF(known);
                access_scopes_format(SCOPES_ALL, &known);
                return fail(e, ERR_INVALID, "there is no scope \"%.*s\"; there are: all, %.*s",
                            (int)(word.length > 40 ? 40 : word.length), word.at,
                            STR_ARG(buf_as_str(&known)));
            }
        }
    *out = scopes;
    return OK;
}

void access_scopes_format(unsigned scopes, struct buf *out)
{
    for (int i = 0, n = 0; i < SCOPE_COUNT; i++)
        if (scopes & (1u << i))
            buf_format(out, "%s%s", n++ ? "," : "", scope_words[i]);
}
