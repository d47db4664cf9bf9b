/* SPDX-License-Identifier: Apache-2.0 */
/* From the words of a command line to a handler, and from its outcome to an exit status. */
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_SOME_FAILED = 1, LIST_BYTES_MOST = 64 << 20 };

struct line { /* the command line while it is read */
    struct cli_call *call;
    struct settings *settings;
    struct cli_given *given;
    const char **words; /* what is not an option */
    size_t count;
    bool help;
};

static const struct cli_command *command_of(const char *first, const char *second)
{
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        size_t n = strlen(first);
        if (strncmp(c->name, first, n) != 0)
            continue;
        if (c->name[n] == '\0' || (second && c->name[n] == ' ' && !strcmp(c->name + n + 1, second)))
            return c;
    }
    return NULL;
}

static bool is_group(const char *word)
{
    size_t n = strlen(word);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (strncmp(c->name, word, n) == 0 && c->name[n] == ' ')
            return true;
    return false;
}

static const struct cli_option *option_in(const struct cli_option *row, struct str name)
{
    for (; row && row->name; row++)
        if (str_is(name, row->name))
            return row;
    return NULL;
}

/* Any command's option of that name: whether it takes a value is the same wherever it stands
 * (a test of the table), so options may come before the command. */
static const struct cli_option *option_anywhere(struct str name)
{
    const struct cli_option *row = option_in(cli_options, name);
    for (const struct cli_command *c = cli_commands; !row && c->name; c++)
        row = option_in(c->options, name);
    return row;
}

static enum code read_option(struct line *l, char **argv, int argc, int *i, struct error *e)
{
    struct str value = str_of(argv[*i] + 2), name;
    str_split(&value, '=', &name);
    const struct cli_option *row = option_anywhere(name);
    if (!row)
        return fail(e, ERR_INVALID, "there is no option --%.*s; \"licet help\" lists them",
                    STR_ARG(name));
    const char *text = value.at;
    if (row->value && !text) {
        if (*i + 1 >= argc)
            return fail(e, ERR_INVALID, "--%s wants a value: %s", row->name, row->value);
        text = argv[++*i];
    }
    if (!row->value && text)
        return fail(e, ERR_INVALID, "--%s takes no value", row->name);
    l->given[l->call->given_count++] = (struct cli_given) { row, text ? text : "" };
    return OK;
}

static enum code read_line(struct line *l, int argc, char **argv, struct error *e)
{
    bool options = true;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0)
            options = false;
        else if (options && (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help")))
            l->help = true;
        else if (options && !l->count && !strcmp(argv[i], "--version"))
            l->words[l->count++] = "version"; /* as every program has it */
        else if (options && strncmp(argv[i], "--", 2) == 0)
            TRY(read_option(l, argv, argc, &i, e));
        else if (options && argv[i][0] == '-' && argv[i][1])
            return fail(e, ERR_INVALID, "options are written in full, as --name: not \"%s\"",
                        argv[i]);
        else
            l->words[l->count++] = argv[i];
    }
    return OK;
}

static enum code find_command(struct line *l, struct error *e)
{
    const char *first = l->words[0], *second = l->count > 1 ? l->words[1] : NULL;
    const struct cli_command *c = command_of(first, second);
    if (!c && is_group(first))
        return fail(e, ERR_INVALID, "\"%s\" wants a second word; \"licet help %s\" lists them",
                    first, first);
    if (!c)
        return fail(e, ERR_INVALID, "there is no command \"%s\"; \"licet help\" lists them", first);
    size_t used = strchr(c->name, ' ') ? 2 : 1;
    l->call->command = c;
    l->call->arguments = l->words + used;
    l->call->count = l->count - used;
    return OK;
}

static enum code check_call(const struct line *l, struct error *e)
{
    const struct cli_call *c = l->call;
    const struct cli_command *row = c->command;
    for (size_t i = 0; i < c->given_count; i++) {
        struct str name = str_of(c->given[i].option->name);
        if (!option_in(cli_options, name) && !option_in(row->options, name))
            return fail(e, ERR_INVALID, "%s takes no --%.*s; see \"licet help %s\"", row->name,
                        STR_ARG(name), row->name);
    }
    if ((int)c->count < row->least)
        return fail(e, ERR_INVALID, "%s wants %s; see \"licet help %s\"", row->name, row->arguments,
                    row->name);
    if (row->most >= 0 && (int)c->count > row->most)
        return fail(e, ERR_INVALID, "%s: \"%s\" is one argument too many", row->name,
                    c->arguments[row->most]);
    return OK;
}

/* --data, else LICET_DATA, else /var/lib/licet where that was initialised, else ./data */
static const char *data_folder(const struct cli_call *c)
{
    const char *given = cli_value(c, "data"), *variable = getenv("LICET_DATA");
    if (given)
        return given;
    if (variable && *variable)
        return variable;
    return access("/var/lib/licet/licet.conf", R_OK) == 0 ? "/var/lib/licet" : "data";
}

static enum code read_settings(struct line *l, struct error *e)
{
    struct cli_call *c = l->call;
    const char *path = arena_format(c->arena, "%s/licet.conf", c->data);
    BUF(text);
    struct error missing = { 0 };
    enum code code = file_read(path, 1 << 20, &text, &missing);
    if (code != OK && code != ERR_NOT_FOUND) {
        *e = missing;
        return code;
    }
    if (code == OK)
        TRY(settings_read(l->settings, path, buf_as_str(&text), e));
    TRY(settings_read_environment(l->settings, environ, e));
    for (size_t i = 0; i < c->given_count; i++)
        if (strcmp(c->given[i].option->name, "set") == 0)
            TRY(settings_flag(l->settings, str_of(c->given[i].value), e));
    return OK;
}

static enum code apply_log(const struct cli_call *c, struct error *e)
{
    enum log_level level;
    const char *word = settings_text(c->settings, "log.level");
    const char *shape = settings_text(c->settings, "log.shape");
    if (!log_level_parse(word, &level))
        return fail(e, ERR_INVALID, "log.level: \"%s\" is none of error warn info debug", word);
    if (strcmp(shape, "logfmt") != 0 && strcmp(shape, "json") != 0)
        return fail(e, ERR_INVALID, "log.shape: \"%s\" is neither logfmt nor json", shape);
    bool serves = strcmp(c->command->name, "serve") == 0;
    /* commands that end speak for themselves; only what is wrong goes to the log */
    if (!serves && level > LOG_WARN && strcmp(word, "debug") != 0)
        level = LOG_WARN;
    log_set(level, strcmp(shape, "json") == 0 ? LOG_JSON : LOG_LOGFMT, serves);
    return OK;
}

static enum code run(struct line *l, int argc, char **argv, struct error *e)
{
    struct cli_call *c = l->call;
    TRY(read_line(l, argc, argv, e));
    if (l->count == 0) {
        cli_help_all(stdout);
        return OK;
    }
    if (l->help && l->count == 1 && is_group(l->words[0]) && !command_of(l->words[0], NULL)) {
        cli_help_all(stdout);
        return OK;
    }
    TRY(find_command(l, e));
    if (l->help) {
        cli_help_of(stdout, c->command);
        return OK;
    }
    TRY(check_call(l, e));
    c->json = cli_has(c, "json");
    c->quiet = cli_has(c, "quiet");
    c->dry_run = cli_has(c, "dry-run");
    c->data = data_folder(c);
    TRY(read_settings(l, e));
    TRY(apply_log(c, e));
    return c->command->run(c, e);
}

int cli_main(int argc, char **argv)
{
    ARENA(arena);
    struct settings settings;
    settings_init(&settings);
    struct cli_given *given = ARENA_ARRAY(&arena, struct cli_given, (size_t)argc + 1);
    struct cli_call call = { .settings = &settings, .arena = &arena, .given = given };
    struct line line = { &call, &settings,
                         given, ARENA_ARRAY(&arena, const char *, (size_t)argc + 1),
                         0,     false };
    struct error e = { 0 };
    signal(SIGPIPE, SIG_IGN);
    enum code code = run(&line, argc, argv, &e);
    errno = 0;
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == OK && errno != EPIPE)
        code = fail_errno(&e, "standard output"); /* but a reader that left is no failure */
    if (code != OK)
        fprintf(stderr, "licet: %s\n", e.text);
    settings_done(&settings);
    return code != OK ? code_exit_status(code) : call.failures ? EXIT_SOME_FAILED : 0;
}

const char *cli_value(const struct cli_call *c, const char *option)
{
    for (size_t i = c->given_count; i-- > 0;)
        if (strcmp(c->given[i].option->name, option) == 0)
            return c->given[i].value;
    return NULL;
}

bool cli_has(const struct cli_call *c, const char *option)
{
    return cli_value(c, option) != NULL;
}

enum code cli_need(const struct cli_call *c, const char *option, const char **out, struct error *e)
{
    const char *value = cli_value(c, option);
    if (!value || !*value)
        return fail(e, ERR_INVALID, "%s wants --%s; see \"licet help %s\"", c->command->name,
                    option, c->command->name);
    *out = value;
    return OK;
}

enum code cli_int(const struct cli_call *c, const char *option, int64_t absent, int64_t least,
                  int64_t most, int64_t *out, struct error *e)
{
    const char *value = cli_value(c, option);
    if (!value) {
        *out = absent;
        return OK;
    }
    if (str_to_int64(str_of(value), least, most, out, e) != OK)
        return fail_in(e, "--%s", option);
    return OK;
}

enum code cli_files(const struct cli_call *c, const char ***out, size_t *count, struct error *e)
{
    const char *list = cli_value(c, "list");
    BUF(text);
    size_t most = c->count, n = 0;
    if (list) {
        const char *path = strcmp(list, "-") == 0 ? "/dev/stdin" : list;
        TRY(file_read(path, LIST_BYTES_MOST, &text, e));
        for (size_t i = 0; i < text.length; i++)
            most += text.bytes[i] == '\n';
        most++;
    }
    const char **files = arena_try(c->arena, most + 1, sizeof *files);
    if (!files)
        return fail(e, ERR_MEMORY, "%zu files are too many", most);
    for (; n < c->count; n++)
        files[n] = c->arguments[n];
    struct str rest = buf_as_str(&text), line;
    while (list && str_split(&rest, '\n', &line)) {
        if (line.length && line.at[line.length - 1] == '\r')
            line.length--;
        if (line.length)
            files[n++] = str_copy(c->arena, line);
    }
    if (n == 0)
        return fail(e, ERR_INVALID, "%s: no file is named", c->command->name);
    *out = files;
    *count = n;
    return OK;
}

void cli_complain(struct cli_call *c, const char *what, const struct error *e)
{
    c->failures++;
    if (!c->json) {
        fprintf(stderr, "licet: %s: %s\n", what, e->text);
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "file", what);
    json_text(&o, "error", e->text);
    json_end(&o, '}');
    cli_print(&line);
}

void cli_print(const struct buf *line)
{
    fwrite(line->bytes, 1, line->length, stdout);
    fputc('\n', stdout);
}
