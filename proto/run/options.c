#include <stdio.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/run/inside.h"

static int show_config(const struct cc_program *program)
{
    (void)program;
    cc_config_print(stdout);
    return 0;
}

static int show_markdown(const struct cc_program *program)
{
    (void)program;
    cc_config_markdown(stdout);
    return 0;
}

static int show_version(const struct cc_program *program)
{
    printf("%s %s\n", program->name, CC_VERSION);
    return 0;
}

static int show_help(const struct cc_program *program);

static const struct option {
    const char *name, *words;
    int (*show)(const struct cc_program *program);
} options[] = {
    {"--config", "print the settings in force, secrets masked", show_config},
    {"--config-markdown", "print what can be set", show_markdown},
    {"--version", "print name and version", show_version},
    {"--help", "print this", show_help},
};
#define COUNT (sizeof options / sizeof options[0])

static void usage(FILE *out, const struct cc_program *program)
{
    fprintf(out, "usage: %s [OPTION]\n", program->name);
    for (size_t i = 0; i < COUNT; i++)
        fprintf(out, "  %-20s %s\n", options[i].name, options[i].words);
    fprintf(out, "Settings are environment variables: see --config.\n");
}

static int show_help(const struct cc_program *program)
{
    usage(stdout, program);
    return 0;
}

bool cc_run_options(int argc, char **argv, const struct cc_program *program, int *ret_exit)
{
    if (argc < 2)
        return false;
    for (size_t i = 0; i < COUNT; i++) {
        if (argc == 2 && strcmp(argv[1], options[i].name) == 0) {
            *ret_exit = options[i].show(program);
            return true;
        }
    }
    usage(stderr, program);
    *ret_exit = 2;
    return true;
}
