/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: one table, one precedence: flag, then environment, then file, then default.
 *
 * A setting "http.listen" is the flag --set http.listen=..., the variable LICET_HTTP_LISTEN and
 * the line "http.listen = ..." of licet.conf in the data folder. */
#ifndef LICET_BASE_SETTINGS_H
#define LICET_BASE_SETTINGS_H

#include "base/str.h"

enum setting_origin { SETTING_DEFAULT, SETTING_FILE, SETTING_ENVIRONMENT, SETTING_FLAG };

struct setting {
    const char *name, *unit, *help;
    const char *value; /* owned by the settings' arena */
    enum setting_origin origin;
    const char *place; /* "licet.conf:3", "LICET_HTTP_LISTEN", "--set": where it came from */
};

struct settings {
    struct arena arena;
    struct setting *rows;
    size_t count;
};

void settings_init(struct settings *s); /* the defaults */
void settings_done(struct settings *s);

/* Text of a settings file: "name = value" lines, '#' comments. `file` is for messages.
 * errors  INVALID an unknown name or a line without '='; the text names file and line */
MUST_USE enum code settings_read(struct settings *s, const char *file, struct str text,
                                 struct error *e);
/* Variables LICET_...; `environment` ends with NULL. Unknown LICET_ names are refused, but for
 * LICET_DATA, which is the data folder, and LICET_TEST_..., which are the tests' own. */
MUST_USE enum code settings_read_environment(struct settings *s, char *const *environment,
                                             struct error *e);
MUST_USE enum code settings_flag(struct settings *s, struct str name_and_value, struct error *e);

/* Asking for a name that is not in the table is a programmer's mistake. */
const char *settings_text(const struct settings *s, const char *name);
/* errors  INVALID the value is not a whole number in range; the text names value and place */
MUST_USE enum code settings_int(const struct settings *s, const char *name, int64_t least,
                                int64_t most, int64_t *out, struct error *e);
MUST_USE enum code settings_real(const struct settings *s, const char *name, double least,
                                 double most, double *out, struct error *e);
const char *setting_origin_word(enum setting_origin origin);

#endif
