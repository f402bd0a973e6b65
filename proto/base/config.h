/*
 * config.h - the settings of all processes: one row each in settings.h.
 *
 * A setting is an environment variable CC_<NAME>.  The same table feeds the
 * reader, --config and docs/config.md.
 */
#ifndef CC_BASE_CONFIG_H
#define CC_BASE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "proto/base/settings.h"

enum cc_setting {
#define X(name, kind, fallback, words) CC_CFG_##name,
    CC_SETTINGS(X)
#undef X
        CC_CFG_COUNT
};

/*
 * Reads the environment.  INVALID names the first variable that does not hold what its row wants
 * (INT: whole number that an int holds, not negative; BOOL: 0/1/true/false/yes/no; control
 * characters are refused everywhere).
 */
int cc_config_load(void);

const char *cc_cfg(enum cc_setting which); /* never NULL; "" when unset and without default */
int64_t cc_cfg_int(enum cc_setting which);
bool cc_cfg_bool(enum cc_setting which);

/* Overrides one value: for options of the command line and for tests.  What cc_cfg() gave for it
 * before is gone. */
int cc_config_set(enum cc_setting which, const char *value);

void cc_config_print(FILE *out);    /* NAME=value # words; secrets are masked */
void cc_config_markdown(FILE *out); /* docs/config.md */

#endif
