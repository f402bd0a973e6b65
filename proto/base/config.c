#include "proto/base/config.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/text.h"

enum kind { STR, INT, BOOL, SECRET };

static const struct {
    const char *name, *variable;
    enum kind kind;
    const char *fallback, *words;
} rows[CC_CFG_COUNT] = {
#define X(name, kind, fallback, words) {#name, "CC_" #name, kind, fallback, words},
    CC_SETTINGS(X)
#undef X
};

static const char *const kind_words[] = {"text", "number", "yes/no", "secret"};

static char *values[CC_CFG_COUNT]; /* NULL: the fallback */

static int parse_bool(const char *value)
{
    static const char *const words[] = {"0", "1", "false", "true", "no", "yes"};

    for (int i = 0; i < 6; i++)
        if (strcmp(value, words[i]) == 0)
            return i % 2;
    return -1;
}

static bool has_controls(const char *value)
{
    for (; *value; value++)
        if ((unsigned char)*value < 0x20 || *value == 0x7f)
            return true;
    return false;
}

/* Never names the value: it may be a secret in the wrong variable. */
static int check(enum cc_setting which, const char *value)
{
    int64_t number;

    if (has_controls(value))
        return cc_fail(CC_E_INVALID, "%s: has control characters", rows[which].variable);
    if (rows[which].kind == INT && !cc_text_int(value, 0, INT32_MAX, &number))
        return cc_fail(CC_E_INVALID, "%s: is no whole number from 0 to %d", rows[which].variable,
                       INT32_MAX);
    if (rows[which].kind == BOOL && parse_bool(value) < 0)
        return cc_fail(CC_E_INVALID, "%s: is none of 0, 1, true, false, yes, no",
                       rows[which].variable);
    return 0;
}

int cc_config_set(enum cc_setting which, const char *value)
{
    int rc = check(which, value);

    if (rc)
        return rc;
    char *copy = strdup(value);
    if (!copy)
        abort();
    free(values[which]);
    values[which] = copy;
    return 0;
}

int cc_config_load(void)
{
    for (int i = 0; i < CC_CFG_COUNT; i++) {
        const char *value = getenv(rows[i].variable);
        int rc = value ? cc_config_set((enum cc_setting)i, value) : 0;

        if (rc)
            return rc;
    }
    return 0;
}

const char *cc_cfg(enum cc_setting which)
{
    return values[which] ? values[which] : rows[which].fallback;
}

int64_t cc_cfg_int(enum cc_setting which)
{
    int64_t number = 0;

    cc_text_int(cc_cfg(which), 0, INT32_MAX, &number);
    return number;
}

bool cc_cfg_bool(enum cc_setting which)
{
    return parse_bool(cc_cfg(which)) == 1;
}

void cc_config_print(FILE *out)
{
    for (int i = 0; i < CC_CFG_COUNT; i++) {
        const char *value = cc_cfg((enum cc_setting)i);
        bool mask = rows[i].kind == SECRET && *value;

        fprintf(out, "%s=%s # %s\n", rows[i].variable, mask ? "***" : value, rows[i].words);
    }
}

static void put_cell(FILE *out, const char *text)
{
    for (; *text; text++)
        fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
}

void cc_config_markdown(FILE *out)
{
    fputs("# Settings\n\n"
          "Environment variables of all processes; made from proto/base/settings.h.\n\n"
          "| variable | kind | default | meaning |\n|---|---|---|---|\n",
          out);
    for (int i = 0; i < CC_CFG_COUNT; i++) {
        fprintf(out, "| `%s` | %s | ", rows[i].variable, kind_words[rows[i].kind]);
        if (*rows[i].fallback) {
            fputc('`', out);
            put_cell(out, rows[i].fallback);
            fputc('`', out);
        }
        fputs(" | ", out);
        put_cell(out, rows[i].words);
        fputs(" |\n", out);
    }
}
