/* SPDX-License-Identifier: Apache-2.0 */
/* Help, the manual pages and bash completion: all from the tables of commands and settings. */
#include "cli/commands.h"

static const struct {
    const char *status, *meaning;
} exits[] = {
    { "0", "done" },
    { "1", "done, but some of the files, lines or checks failed; each was named" },
#define ROW(name, http, exit, word) { #exit, word },
#include "base/error.def"
#undef ROW
};

static const char *const exit_meanings[] = {
    /* in the order of base/error.def */
    "the command line or an input is wrong",
    "what was named does not exist",
    "it conflicts with what is there",
    "the key is unknown",
    "not allowed",
    "over a limit, which the text names",
    "somebody else is at it; try again later",
    "stored bytes do not check: restore or rebuild",
    "disk, network or database failed",
    "memory is gone",
};

static const char *exit_meaning(size_t i)
{
    return i < 2 ? exits[i].meaning : exit_meanings[i - 2];
}

/* What has to be given stands among the arguments, without brackets. */
static bool is_needed(const struct cli_command *c, const struct cli_option *o)
{
    char words[64];
    snprintf(words, sizeof words, "--%s ", o->name);
    return strstr(c->arguments, words) != NULL;
}

static void usage_line(FILE *to, const struct cli_command *c)
{
    fprintf(to, "licet %s", c->name);
    for (const struct cli_option *o = c->options; o && o->name; o++)
        if (!is_needed(c, o))
            fprintf(to, o->value ? " [--%s %s]" : " [--%s]", o->name, o->value);
    if (c->arguments[0])
        fprintf(to, " %s", c->arguments);
}

static void option_lines(FILE *to, const struct cli_option *o)
{
    for (; o && o->name; o++) {
        char words[64];
        snprintf(words, sizeof words, "--%s%s%s", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        fprintf(to, "  %-24s %s\n", words, o->help);
    }
}

void cli_help_all(FILE *to)
{
    fputs("licet answers: may this music be played, here, in this app, in what form - and why?\n\n"
          "usage: licet COMMAND [--data DIR] [OPTION]... [ARGUMENT]...\n\n",
          to);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        fprintf(to, "  %-24s %s\n", c->name, c->help);
    fputs("\noptions of every command:\n", to);
    option_lines(to, cli_options);
    fputs("\n\"licet help COMMAND\" tells more; \"licet help exits\" lists the exit statuses.\n",
          to);
}

void cli_help_of(FILE *to, const struct cli_command *c)
{
    fputs("usage: ", to);
    usage_line(to, c);
    fprintf(to, "\n\n%s.\n", c->help);
    if (c->more)
        fprintf(to, "\n%s\n", c->more);
    if (c->options && c->options->name) {
        fputs("\noptions:\n", to);
        option_lines(to, c->options);
    }
    fputs("\noptions of every command:\n", to);
    option_lines(to, cli_options);
}

static void help_exits(FILE *to)
{
    for (size_t i = 0; i < COUNT_OF(exits); i++)
        fprintf(to, "  %-4s %s\n", exits[i].status, exit_meaning(i));
}

/* roff: a backslash and a minus are written out, a leading dot or quote is guarded */
static void roff(FILE *to, const char *text)
{
    bool at_start = true;
    for (; *text; text++) {
        if (at_start && (*text == '.' || *text == '\''))
            fputs("\\&", to);
        at_start = *text == '\n';
        if (*text == '\n' && text[1] == '\n')
            fputs("\n.PP", to);
        else if (*text == '\\')
            fputs("\\e", to);
        else if (*text == '-')
            fputs("\\-", to);
        else
            fputc(*text, to);
    }
}

static void roff_pair(FILE *to, const char *term, const char *value, const char *text)
{
    fputs(".TP\n\\fB", to);
    roff(to, term);
    fputs("\\fR", to);
    if (value && *value) {
        fputs(" \\fI", to);
        roff(to, value);
        fputs("\\fR", to);
    }
    fputc('\n', to);
    roff(to, text);
    fputc('\n', to);
}

static void roff_options(FILE *to, const struct cli_option *o)
{
    for (; o && o->name; o++) {
        char term[64];
        snprintf(term, sizeof term, "--%s", o->name);
        roff_pair(to, term, o->value, o->help);
    }
}

static void man_commands(FILE *to)
{
    fputs(".TH LICET 1 \"\" \"licet " LICET_VERSION "\" \"User commands\"\n"
          ".SH NAME\nlicet \\- may this music be played, here, in this app, in what form, and why\n"
          ".SH SYNOPSIS\n.B licet\n.I COMMAND\n[\\fB\\-\\-data\\fR \\fIDIR\\fR] "
          "[\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n.SH COMMANDS\n",
          to);
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        fprintf(to, ".SS \"%s%s%s\"\n", c->name, c->arguments[0] ? " " : "", c->arguments);
        roff(to, c->help);
        fputs(".\n", to);
        if (c->more) {
            fputs(".PP\n", to);
            roff(to, c->more);
            fputc('\n', to);
        }
        roff_options(to, c->options);
    }
    fputs(".SH OPTIONS\nThese are taken by every command.\n", to);
    roff_options(to, cli_options);
    fputs(".SH EXIT STATUS\n", to);
    for (size_t i = 0; i < COUNT_OF(exits); i++)
        roff_pair(to, exits[i].status, NULL, exit_meaning(i));
    fputs(".SH FILES\n", to);
    roff_pair(to, "DIR/licet.conf", NULL, "settings of this data folder, see licet.conf(5)");
    roff_pair(to, "DIR", NULL,
              "the data folder: --data, else LICET_DATA, else /var/lib/licet where it was "
              "initialised, else ./data");
    fputs(".SH SEE ALSO\n.BR licet.conf (5)\n", to);
}

static void man_settings(FILE *to, const struct settings *s)
{
    fputs(".TH LICET.CONF 5 \"\" \"licet " LICET_VERSION "\" \"File formats\"\n"
          ".SH NAME\nlicet.conf \\- settings of licet\n.SH DESCRIPTION\n"
          "Lines of the form \\fIname\\fR = \\fIvalue\\fR; what follows a # at the start of a line "
          "is a comment.\nA setting \\fBhttp.listen\\fR is also the variable "
          "\\fBLICET_HTTP_LISTEN\\fR and the flag \\fB\\-\\-set\\fR "
          "\\fBhttp.listen=\\fIvalue\\fR.\nThe flag counts before the variable, the variable "
          "before the file, the file before the default.\n.B licet config\nprints every value and "
          "where it came from.\n.SH SETTINGS\n",
          to);
    for (size_t i = 0; i < s->count; i++) {
        char text[512];
        const struct setting *row = &s->rows[i];
        snprintf(text, sizeof text, "%s%s%s%s. Default: %s", row->help, row->unit[0] ? " (" : "",
                 row->unit, row->unit[0] ? ")" : "", row->value[0] ? row->value : "empty");
        roff_pair(to, row->name, NULL, text);
    }
}

static void bash_words(FILE *to, const char *first)
{
    size_t n = strlen(first);
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        const char *blank = strchr(c->name, ' ');
        if (n == 0 && (!blank || c == cli_commands ||
                       strncmp(c[-1].name, c->name, (size_t)(blank - c->name) + 1) != 0))
            fprintf(to, " %.*s", blank ? (int)(blank - c->name) : (int)strlen(c->name), c->name);
        if (n && blank && (size_t)(blank - c->name) == n && strncmp(c->name, first, n) == 0)
            fprintf(to, " %s", blank + 1);
    }
}

static void bash_options(FILE *to, const struct cli_option *o)
{
    for (; o && o->name; o++)
        fprintf(to, " --%s", o->name);
}

static void completion(FILE *to)
{
    fputs("# bash completion of licet; made by \"licet help --bash\"\n"
          "_licet() {\n"
          "    local at=${COMP_WORDS[COMP_CWORD]} words=\n"
          "    case $at in\n"
          "    --*)\n        case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n",
          to);
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        if (!c->options)
            continue;
        fprintf(to, "        \"%s\"%s) words=\"", c->name, strchr(c->name, ' ') ? "" : "\\ *");
        bash_options(to, c->options);
        fputs("\" ;;\n", to);
    }
    fputs("        esac\n        words+=\"", to);
    bash_options(to, cli_options);
    fputs("\" ;;\n    *)\n        case $COMP_CWORD:${COMP_WORDS[1]} in\n        1:*) words=\"", to);
    bash_words(to, "");
    fputs("\" ;;\n", to);
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        const char *blank = strchr(c->name, ' ');
        if (!blank ||
            (c != cli_commands && strncmp(c[-1].name, c->name, (size_t)(blank - c->name) + 1) == 0))
            continue;
        char first[32];
        snprintf(first, sizeof first, "%.*s", (int)(blank - c->name), c->name);
        fprintf(to, "        2:%s) words=\"", first);
        bash_words(to, first);
        fputs("\" ;;\n", to);
    }
    fputs("        esac ;;\n    esac\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$at\"))\n}\n"
          "complete -o default -F _licet licet\n",
          to);
}

enum code cli_help(struct cli_call *c, struct error *e)
{
    if (cli_has(c, "man"))
        man_commands(stdout);
    else if (cli_has(c, "man-settings")) {
        struct settings defaults;
        settings_init(&defaults);
        man_settings(stdout, &defaults);
        settings_done(&defaults);
    } else if (cli_has(c, "bash"))
        completion(stdout);
    else if (c->count == 0)
        cli_help_all(stdout);
    else if (strcmp(c->arguments[0], "exits") == 0)
        help_exits(stdout);
    else {
        const char *first = c->arguments[0], *second = c->count > 1 ? c->arguments[1] : "";
        char name[64];
        snprintf(name, sizeof name, "%s%s%s", first, second[0] ? " " : "", second);
        size_t n = strlen(name), shown = 0;
        for (const struct cli_command *row = cli_commands; row->name; row++)
            if (strncmp(row->name, name, n) == 0 && (!row->name[n] || row->name[n] == ' ')) {
                if (shown++)
                    fputs("\n", stdout);
                cli_help_of(stdout, row);
            }
        if (!shown)
            return fail(e, ERR_INVALID, "there is no command \"%s\"; \"licet help\" lists them",
                        name);
    }
    return OK;
}
