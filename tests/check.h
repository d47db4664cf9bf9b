/* SPDX-License-Identifier: Apache-2.0 */
/* What every test file includes: cmocka in the order it wants, and small helpers. */
#ifndef LICET_TESTS_CHECK_H
#define LICET_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#undef fail /* ours has arguments */

/* End the test with a sentence. */
#define STOP(...)                                                                                  \
    do {                                                                                           \
        print_error("ERROR: " __VA_ARGS__);                                                        \
        print_error("\n");                                                                         \
        _fail(__FILE__, __LINE__);                                                                 \
    } while (0)

#include "base/base.h"

/* The call succeeds; else the test ends with the error's sentence. */
#define CHECK_OK(call)                                                                             \
    do {                                                                                           \
        struct error check_error_ = { 0 };                                                         \
        struct error *e = &check_error_;                                                           \
        if ((call) != OK)                                                                          \
            STOP("%s: %s", #call, e->text);                                                        \
    } while (0)

/* The call fails with `want`, and its sentence contains `part`. */
#define CHECK_FAILS(want, part, call)                                                              \
    do {                                                                                           \
        struct error check_error_ = { 0 };                                                         \
        struct error *e = &check_error_;                                                           \
        enum code check_code_ = (call);                                                            \
        if (check_code_ != (want))                                                                 \
            STOP("%s: %s (%s), want %s", #call, code_word(check_code_), e->text, code_word(want)); \
        if (!strstr(e->text, (part)))                                                              \
            STOP("%s: \"%s\" does not say \"%s\"", #call, e->text, (part));                        \
    } while (0)

#define TEST(name) static void name(void **state __attribute__((unused)))

#endif
