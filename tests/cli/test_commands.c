/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "cli/cli.h"

#include <stdlib.h>

/* What a function prints, read back. */
static char *printed(void (*print)(FILE *to))
{
    char *text = NULL;
    size_t length;
    FILE *f = open_memstream(&text, &length);
    print(f);
    fclose(f);
    return text;
}

TEST(every_row_is_complete)
{
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        assert_non_null(c->arguments);
        assert_non_null(c->run);
        assert_true(c->help[0] >= 'A' && c->help[0] <= 'Z');
        assert_true(c->help[strlen(c->help) - 1] != '.');
        assert_true(c->most < 0 || c->most >= c->least);
        if (c->least > 0 && !c->arguments[0])
            STOP("%s wants arguments and does not name them", c->name);
    }
}

TEST(what_has_to_be_given_is_an_option_of_the_row_and_stands_without_brackets)
{
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        char *help = NULL, arguments[200];
        size_t length, needed = 0, found = 0;
        FILE *f = open_memstream(&help, &length);
        cli_help_of(f, c);
        fclose(f);
        snprintf(arguments, sizeof arguments, "%s ", c->arguments);
        for (const char *at = arguments; (at = strstr(at, "--")); at += 2)
            needed++;
        for (const struct cli_option *o = c->options; o && o->name; o++) {
            char words[64], bracketed[64];
            snprintf(words, sizeof words, "--%s %s ", o->name, o->value ? o->value : "");
            snprintf(bracketed, sizeof bracketed, "[--%.40s ", o->name);
            if (!strstr(arguments, words))
                continue;
            found++;
            if (strstr(help, bracketed))
                STOP("%s: --%s has to be given and stands in brackets", c->name, o->name);
        }
        if (needed != found)
            STOP("%s: \"%s\" names what is no option of it", c->name, c->arguments);
        free(help);
    }
}

TEST(an_option_takes_a_value_everywhere_or_nowhere)
{
    for (const struct cli_command *a = cli_commands; a->name; a++)
        for (const struct cli_option *x = a->options; x && x->name; x++) {
            for (const struct cli_option *g = cli_options; g->name; g++)
                if (strcmp(g->name, x->name) == 0)
                    STOP("%s: --%s is taken by every command", a->name, x->name);
            for (const struct cli_command *b = cli_commands; b->name; b++)
                for (const struct cli_option *y = b->options; y && y->name; y++)
                    if (strcmp(x->name, y->name) == 0 && !x->value != !y->value)
                        STOP("--%s differs between %s and %s", x->name, a->name, b->name);
        }
}

TEST(names_are_sorted_so_that_groups_stand_together)
{
    for (const struct cli_command *c = cli_commands + 1; c->name; c++)
        if (strcmp(c[-1].name, c->name) >= 0)
            STOP("\"%s\" stands after \"%s\"", c->name, c[-1].name);
}

TEST(the_help_names_every_command)
{
    char *text = printed(cli_help_all);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (!strstr(text, c->name) || !strstr(text, c->help))
            STOP("%s is not in the help", c->name);
    free(text);
}

TEST(bad_lines_end_with_the_exit_status_of_their_code)
{
    static const struct {
        const char *words[4];
        int status;
    } cases[] = {
        { { "licet", "version" }, 0 },
        { { "licet", "nonsense" }, 2 },
        { { "licet", "version", "more" }, 2 },
        { { "licet", "version", "--nonsense" }, 2 },
        { { "licet", "version", "--man" }, 2 },
        { { "licet", "version", "-x" }, 2 },
        { { "licet", "version", "--data" }, 2 },
        { { "licet", "version", "--json=1" }, 2 },
        { { "licet", "--set", "nope=1", "version" }, 2 },
        { { "licet", "--set", "log.level=loud", "version" }, 2 },
        { { "licet", "config", "nope" }, 3 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int argc = 0;
        while (argc < 4 && cases[i].words[argc])
            argc++;
        int status = cli_main(argc, (char **)(uintptr_t)cases[i].words);
        if (status != cases[i].status)
            STOP("case %zu: exit status %d, want %d", i, status, cases[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(what_has_to_be_given_is_an_option_of_the_row_and_stands_without_brackets),
        cmocka_unit_test(an_option_takes_a_value_everywhere_or_nowhere),
        cmocka_unit_test(names_are_sorted_so_that_groups_stand_together),
        cmocka_unit_test(the_help_names_every_command),
        cmocka_unit_test(bad_lines_end_with_the_exit_status_of_their_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
