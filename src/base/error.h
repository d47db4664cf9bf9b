/* SPDX-License-Identifier: Apache-2.0 */
/* How a function fails: it returns a code and leaves one sentence in a struct its caller owns. */
#ifndef LICET_BASE_ERROR_H
#define LICET_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

#define MUST_USE        __attribute__((warn_unused_result))
#define FORMAT(at, arg) __attribute__((format(printf, at, arg)))

enum code {
    OK = 0,
#define ROW(name, http, exit, word) name,
#include "base/error.def"
#undef ROW
    CODE_COUNT
};

/* A sentence for a person, without a full stop: "claims.csv: line 12: share is over the whole".
 * Owned by the caller, no memory in it, written only on failure. */
struct error {
    enum code code;
    char text[512];
};

/* Set the words of `e` (may be NULL) and return `code`. */
enum code fail(struct error *e, enum code code, const char *format, ...) FORMAT(3, 4);

/* Put words in front of an error already there: fail_in(e, "line %d", n). Returns e->code. */
enum code fail_in(struct error *e, const char *format, ...) FORMAT(2, 3);

/* As fail, with ": " and the system's words for errno behind. ENOSPC and EDQUOT read "disk is full". */
enum code fail_errno(struct error *e, const char *format, ...) FORMAT(2, 3);

int code_http_status(enum code code);
int code_exit_status(enum code code);
const char *code_word(enum code code);

/* The one macro that returns: leave the function when a step fails. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum code try_code_ = (call);                                                              \
        if (try_code_ != OK)                                                                       \
            return try_code_;                                                                      \
    } while (0)

/* owned(notice) n = NULL;  is freed by notice_free on every way out, unless  *out = take(n). */
#define owned(thing) __attribute__((cleanup(thing##_free_at))) struct thing *
#define OWNED_BY(thing)                                                                            \
    static inline __attribute__((unused)) void thing##_free_at(struct thing **p)                   \
    {                                                                                              \
        thing##_free(*p);                                                                          \
    }
#define take(pointer)                                                                              \
    __extension__({                                                                                \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    })

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
