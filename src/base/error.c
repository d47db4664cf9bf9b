/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: codes with their HTTP and exit status, sentences built from the inside out. */
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int http, exit;
    const char *word;
} codes[CODE_COUNT] = {
    [OK] = { 200, 0, "ok" },
#define ROW(name, http, exit, word) [name] = { http, exit, word },
#include "base/error.def"
#undef ROW
};

enum code fail(struct error *e, enum code code, const char *format, ...)
{
    if (!e)
        return code;
    va_list args;
    va_start(args, format);
    e->code = code;
    vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    return code;
}

enum code fail_in(struct error *e, const char *format, ...)
{
    if (!e)
        return ERR_INVALID;
    char front[sizeof e->text];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(front, sizeof front, format, args);
    va_end(args);
    if (n < 0)
        return e->code;
    char whole[2 * sizeof e->text];
    snprintf(whole, sizeof whole, "%s: %s", front, e->text);
    whole[sizeof e->text - 1] = '\0';
    memcpy(e->text, whole, strlen(whole) + 1);
    return e->code;
}

enum code fail_errno(struct error *e, const char *format, ...)
{
    int err = errno;
    enum code code = err == ENOENT                     ? ERR_NOT_FOUND
                     : err == ENOMEM                   ? ERR_MEMORY
                     : err == EACCES || err == EPERM   ? ERR_DENIED
                     : err == EAGAIN || err == ETXTBSY ? ERR_BUSY
                                                       : ERR_IO;
    if (!e)
        return code;
    va_list args;
    va_start(args, format);
    e->code = code;
    vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    size_t used = strlen(e->text);
    const char *words = err == ENOSPC || err == EDQUOT ? "the disk is full" : strerror(err);
    snprintf(e->text + used, sizeof e->text - used, ": %s", words);
    return code;
}

int code_http_status(enum code code)
{
    return code < CODE_COUNT ? codes[code].http : 500;
}

int code_exit_status(enum code code)
{
    return code < CODE_COUNT ? codes[code].exit : 1;
}

const char *code_word(enum code code)
{
    return code < CODE_COUNT ? codes[code].word : "unknown";
}
