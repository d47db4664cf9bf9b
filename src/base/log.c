/* SPDX-License-Identifier: Apache-2.0 */
/* The logger: the one mutable global of the program. */
#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"

static struct {
    enum log_level most;
    enum log_shape shape;
    bool with_time;
} logger = { LOG_INFO, LOG_LOGFMT, true };

static const char *const words[] = { "error", "warn", "info", "debug" };

void log_set(enum log_level most, enum log_shape shape, bool with_time)
{
    logger.most = most;
    logger.shape = shape;
    logger.with_time = with_time;
}

bool log_level_parse(const char *word, enum log_level *out)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(words[i], word) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    return false;
}

const char *log_quoted(const char *text, char *out, size_t room)
{
    size_t n = 0;
    if (room < 8)
        return "\"\"";
    out[n++] = '"';
    for (const char *p = text; *p && n < room - 4; p++) {
        if (*p == '"' || *p == '\\')
            out[n++] = '\\';
        out[n++] = (unsigned char)*p < 0x20 ? ' ' : *p;
    }
    out[n++] = '"';
    out[n] = '\0';
    return out;
}

/* key=value and key="quoted value" pairs become members */
static void members_of_pairs(struct json_out *o, const char *p)
{
    while (*p) {
        while (*p == ' ')
            p++;
        const char *equals = strchr(p, '=');
        if (!equals)
            return;
        char key[64], value[1024];
        snprintf(key, sizeof key, "%.*s", (int)(equals - p), p);
        p = equals + 1;
        size_t n = 0;
        bool quoted = *p == '"';
        if (quoted)
            p++;
        for (; *p && *p != (quoted ? '"' : ' '); p++) {
            if (quoted && *p == '\\' && p[1])
                p++;
            if (n < sizeof value - 1)
                value[n++] = *p;
        }
        value[n] = '\0';
        if (quoted && *p)
            p++;
        json_text(o, key, value);
    }
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
    if (level > logger.most)
        return;
    char pairs[2048], now[INSTANT_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(pairs, sizeof pairs, format, args);
    va_end(args);
    instant_format(instant_of_clock(), now);
    BUF(line);
    if (logger.shape == LOG_JSON) {
        struct json_out o = { &line, false };
        json_begin(&o, '{');
        json_text(&o, "time", now);
        json_text(&o, "level", words[level]);
        json_text(&o, "event", event);
        members_of_pairs(&o, pairs);
        json_end(&o, '}');
    } else {
        if (logger.with_time)
            buf_format(&line, "%s ", now);
        buf_format(&line, "%-5s %s%s%s", words[level], event, pairs[0] ? " " : "", pairs);
    }
    buf_byte(&line, '\n');
    if (!line.failed && write(STDERR_FILENO, line.bytes, line.length) < 0)
        return; /* nobody is left to tell */
}
