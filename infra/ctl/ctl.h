/*
 * ctl.h - the operator's tool: a table of commands, each a function of one file.
 *
 * A command takes its options and words, opens what it needs, and shows one JSON value: with --json
 * as one line, else as lines for people.  Results go to standard output, all else to standard
 * error.
 */
#ifndef CC_INFRA_CTL_CTL_H
#define CC_INFRA_CTL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/bus/redis.h"
#include "proto/store/pg.h"

struct cc_ctl {
    int argc;
    char **argv; /* what nobody has taken yet */
    bool json;
    bool failed; /* shown, but the exit code is to be 1 */
    struct cc_arena *mem;
    struct cc_pg *pg;              /* opened by cc_ctl_pg() */
    struct cc_redis *queue, *live; /* opened by cc_ctl_queue(), cc_ctl_live() */
};
struct cc_ctl_command {
    const char *noun, *verb; /* verb "": the noun alone */
    int (*run)(struct cc_ctl *ctl);
    const char *words, *help;
};
int cc_ctl_main(int argc, char **argv);

/* Removes --name and its value from the arguments; NULL if it is not there. */
const char *cc_ctl_option(struct cc_ctl *ctl, const char *name);
bool cc_ctl_flag(struct cc_ctl *ctl, const char *name);
/* Takes the next word; INVALID "... is missing".  Options must have been taken before. */
int cc_ctl_word(struct cc_ctl *ctl, const char *what, const char **ret);
int cc_ctl_end(const struct cc_ctl *ctl); /* INVALID if something is left */
/* An option's number; *ret stays as it is without the option. */
int cc_ctl_number(struct cc_ctl *ctl, const char *option, int64_t min, int64_t max, int64_t *ret);

int cc_ctl_pg(struct cc_ctl *ctl); /* Waits. */
/* The last words of a command, TENANT alone or with one thing of his; opens PostgreSQL.  Wait. */
int cc_ctl_tenant(struct cc_ctl *ctl, const char **ret);
int cc_ctl_tenant_and(struct cc_ctl *ctl, const char *what, const char **ret_tenant,
                      const char **ret);
int cc_ctl_queue(struct cc_ctl *ctl);
int cc_ctl_live(struct cc_ctl *ctl);
/* Says to all gateways and workers that what they keep of this is old.  Waits. */
int cc_ctl_invalidate(struct cc_ctl *ctl, const char *kind, const char *which);

/* A document's job into its tenant's line.  Waits.  When it fails the next sweep finds the row, and
 * only that is said. */
void cc_ctl_line_up(struct cc_ctl *ctl, const char *tenant, const char *document);

void cc_ctl_show(const struct cc_ctl *ctl, const json_t *value);
void cc_ctl_say(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* standard error */

/* One per command; migrate.c, tenant.c, user.c, bot.c, pin.c, key.c, dead.c, document.c, source.c,
 * doctor.c, config.c. */
int cc_ctl_migrate(struct cc_ctl *ctl);
int cc_ctl_tenant_add(struct cc_ctl *ctl);
int cc_ctl_tenant_show(struct cc_ctl *ctl);
int cc_ctl_tenant_set(struct cc_ctl *ctl);
int cc_ctl_user_list(struct cc_ctl *ctl);
int cc_ctl_user_add(struct cc_ctl *ctl);
int cc_ctl_user_role(struct cc_ctl *ctl);
int cc_ctl_user_remove(struct cc_ctl *ctl);
int cc_ctl_user_reset(struct cc_ctl *ctl);
int cc_ctl_bot_add(struct cc_ctl *ctl);
int cc_ctl_bot_set(struct cc_ctl *ctl);
int cc_ctl_bot_show(struct cc_ctl *ctl);
int cc_ctl_bot_snippet(struct cc_ctl *ctl);
int cc_ctl_pin_add(struct cc_ctl *ctl);
int cc_ctl_pin_list(struct cc_ctl *ctl);
int cc_ctl_pin_delete(struct cc_ctl *ctl);
int cc_ctl_key_add(struct cc_ctl *ctl);
int cc_ctl_key_list(struct cc_ctl *ctl);
int cc_ctl_key_rotate(struct cc_ctl *ctl);
int cc_ctl_key_revoke(struct cc_ctl *ctl);
int cc_ctl_dead_list(struct cc_ctl *ctl);
int cc_ctl_dead_requeue(struct cc_ctl *ctl);
int cc_ctl_document_add(struct cc_ctl *ctl);
int cc_ctl_document_list(struct cc_ctl *ctl);
int cc_ctl_document_status(struct cc_ctl *ctl);
int cc_ctl_document_retry(struct cc_ctl *ctl);
int cc_ctl_document_again(struct cc_ctl *ctl);
int cc_ctl_document_skip(struct cc_ctl *ctl);
int cc_ctl_document_chunks(struct cc_ctl *ctl);
int cc_ctl_document_changes(struct cc_ctl *ctl);
int cc_ctl_document_delete(struct cc_ctl *ctl);
int cc_ctl_source_add(struct cc_ctl *ctl);
int cc_ctl_source_list(struct cc_ctl *ctl);
int cc_ctl_source_show(struct cc_ctl *ctl);
int cc_ctl_source_visit(struct cc_ctl *ctl);
int cc_ctl_source_delete(struct cc_ctl *ctl);
int cc_ctl_seal_init(struct cc_ctl *ctl);
int cc_ctl_seal_rotate(struct cc_ctl *ctl);
int cc_ctl_seal_status(struct cc_ctl *ctl);
int cc_ctl_seal_drop(struct cc_ctl *ctl);
int cc_ctl_doctor(struct cc_ctl *ctl);
int cc_ctl_config(struct cc_ctl *ctl);

#endif
