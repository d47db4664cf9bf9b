/* SPDX-License-Identifier: Apache-2.0 */
/* Logging: one line, "event key=value", to standard error. For flow, api and cli only. */
#ifndef LICET_BASE_LOG_H
#define LICET_BASE_LOG_H

#include <stdbool.h>

#include "base/error.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_shape { LOG_LOGFMT, LOG_JSON };

/* Set once, before threads are started. */
void log_set(enum log_level most, enum log_shape shape, bool with_time);
bool log_level_parse(const char *word, enum log_level *out); /* error, warn, info, debug */

/* log_line(LOG_INFO, "upload_judged", "request=%s upload=%s mode=%s", ...): the format holds
 * key=value pairs separated by one blank; a value with blanks or quotes stands between quotes,
 * written as key=%s with log_quoted(). No names and no addresses of people. */
void log_line(enum log_level level, const char *event, const char *format, ...) FORMAT(3, 4);

/* `text` between quotes, escaped, cut to fit; returns `out`. */
const char *log_quoted(const char *text, char *out, size_t room);

#endif
