/* The table of commands, and how one is found and run. */
#include "infra/ctl/ctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/actor.h"
#include "proto/base/config.h"
#include "proto/base/log.h"
#include "proto/base/text.h"
#include "proto/run/run.h"
#include "proto/wire/names.h"

#define MEMORY   ((size_t)64 * 1024 * 1024)
#define REDIS_MS 3000

static const struct cc_ctl_command commands[] = {
    {"migrate", "", cc_ctl_migrate, "", "bring the tables up to date"},
    {"doctor", "", cc_ctl_doctor, "", "say what is missing and how to mend it"},
    {"config", "", cc_ctl_config, "[--markdown]", "all settings as they are now"},
    {"tenant", "add", cc_ctl_tenant_add, "NAME [--tier free|paid]", "make a tenant"},
    {"tenant", "show", cc_ctl_tenant_show, "TENANT", "name, tier and what it may use"},
    {"tenant", "set", cc_ctl_tenant_set,
     "TENANT [--name N] [--tier T] [--ceiling-requests N|none] [--ceiling-tokens N|none]\n"
     "      [--ceiling-spend N|none]",
     "change what is named; ceilings: requests a minute, tokens and money a day"},
    {"user", "list", cc_ctl_user_list, "TENANT [--max N] [--after ID]", "who works in a tenant"},
    {"user", "add", cc_ctl_user_add, "TENANT EMAIL [--role ROLE] [--name N]",
     "let somebody in (owner, admin, editor, agent, viewer); who is new chooses a password with\n"
     "      the token that is shown, within a day"},
    {"user", "role", cc_ctl_user_role, "TENANT EMAIL --role ROLE", "another role; ends his logins"},
    {"user", "remove", cc_ctl_user_remove, "TENANT EMAIL", "out of the tenant, at once"},
    {"user", "reset", cc_ctl_user_reset, "EMAIL", "a token to choose another password with"},
    {"bot", "add", cc_ctl_bot_add, "TENANT NAME [OPTION...]", "make a bot (options: bot set)"},
    {"bot", "set", cc_ctl_bot_set,
     "TENANT BOT [--name N] [--model PROVIDER:MODEL] [--system TEXT] [--refusal TEXT]\n"
     "      [--origin ORIGIN]... [--server-use] [--no-server-use] [--temperature N]\n"
     "      [--max-tokens N] [--top-k N] [--threshold N] [--greeting TEXT] [--widget JSON]\n"
     "      [--retrieval JSON] [--chunking JSON] [--limits JSON] [--identity "
     "off|optional|required]",
     "publish its next version with what is named"},
    {"bot", "show", cc_ctl_bot_show, "TENANT BOT", "all of a bot"},
    {"bot", "snippet", cc_ctl_bot_snippet, "TENANT BOT", "the line that a page embeds it with"},
    {"pin", "add", cc_ctl_pin_add, "TENANT BOT --question Q [--question Q]... ANSWER",
     "give this answer to these questions, without a model"},
    {"pin", "list", cc_ctl_pin_list, "TENANT [--bot BOT] [--max N] [--after ID]", "newest first"},
    {"pin", "delete", cc_ctl_pin_delete, "TENANT PIN", "with its questions"},
    {"key", "add", cc_ctl_key_add,
     "TENANT --public|--secret [--bot BOT] [--name N] [--scope S]... [--requests N]",
     "make an API key; it is shown this once (scopes: chat, read, converse, edit, manage, own)"},
    {"key", "list", cc_ctl_key_list, "TENANT [--bot BOT] [--max N] [--after ID]", "newest first"},
    {"key", "rotate", cc_ctl_key_rotate, "TENANT KEY_ID [--grace SECONDS]",
     "make one that takes its place; the old one ends after the grace, a day if none is named"},
    {"key", "revoke", cc_ctl_key_revoke, "TENANT KEY_ID", "refuse it from now on, everywhere"},
    {"dead", "list", cc_ctl_dead_list, "[chat|ingest] [--max N]", "jobs that were given up"},
    {"dead", "requeue", cc_ctl_dead_requeue, "chat|ingest ENTRY", "try one again"},
    {"document", "add", cc_ctl_document_add, "TENANT [--bot BOT] FILE...", "take files in"},
    {"document", "list", cc_ctl_document_list, "TENANT [--status S] [--max N] [--after ID]",
     "newest first"},
    {"document", "status", cc_ctl_document_status, "TENANT DOCUMENT", "how far it has come"},
    {"document", "retry", cc_ctl_document_retry, "TENANT DOCUMENT", "take a failed one in again"},
    {"document", "again", cc_ctl_document_again, "TENANT DOCUMENT",
     "once more through all steps; what is found stays until then"},
    {"document", "skip", cc_ctl_document_skip, "TENANT DOCUMENT", "off the list of the dead"},
    {"document", "chunks", cc_ctl_document_chunks, "TENANT DOCUMENT [--max N] [--after INDEX]",
     "its passages"},
    {"document", "changes", cc_ctl_document_changes, "TENANT DOCUMENT",
     "what changed from one publishing to the next"},
    {"document", "delete", cc_ctl_document_delete, "TENANT DOCUMENT", "with all its passages"},
    {"source", "add", cc_ctl_source_add,
     "TENANT URL [--kind page|sitemap|crawl] [--bot BOT] [--title TEXT] [--tag TAG]...\n"
     "      [--include PATTERN]... [--exclude PATTERN]... [--depth N] [--max-pages N]\n"
     "      [--every SECONDS]",
     "take documents from the web; patterns are of paths, * is any text"},
    {"source", "list", cc_ctl_source_list, "TENANT [--max N] [--after ID]", "newest first"},
    {"source", "show", cc_ctl_source_show, "TENANT SOURCE", "with its pages"},
    {"source", "visit", cc_ctl_source_visit, "TENANT SOURCE", "now, whatever its rhythm"},
    {"source", "delete", cc_ctl_source_delete, "TENANT SOURCE", "with all its documents"},
    {"seal", "init", cc_ctl_seal_init, "",
     "make the key that tenants' credentials are sealed with"},
    {"seal", "rotate", cc_ctl_seal_rotate, "",
     "seal with a new key from now on; the old one stays"},
    {"seal", "status", cc_ctl_seal_status, "", "all keys, and what is sealed with each"},
    {"seal", "drop", cc_ctl_seal_drop, "KID", "forget an old key that nothing is sealed with"},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static void print_help(FILE *out)
{
    fprintf(out, "usage: cc-ctl [--json] COMMAND\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %s%s%s %s\n      %s\n", commands[i].noun, *commands[i].verb ? " " : "",
                commands[i].verb, commands[i].words, commands[i].help);
    fprintf(out, "\nSettings are environment variables: cc-ctl config lists them.\n");
}

void cc_ctl_say(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    fputs("cc-ctl: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
}

static void drop(struct cc_ctl *ctl, int from, int n)
{
    for (int i = from; i + n < ctl->argc; i++)
        ctl->argv[i] = ctl->argv[i + n];
    ctl->argc -= n;
}

const char *cc_ctl_option(struct cc_ctl *ctl, const char *name)
{
    for (int i = 0; i + 1 < ctl->argc; i++) {
        const char *value = ctl->argv[i + 1];

        if (strcmp(ctl->argv[i], name) != 0)
            continue;
        drop(ctl, i, 2);
        return value;
    }
    return NULL;
}

bool cc_ctl_flag(struct cc_ctl *ctl, const char *name)
{
    for (int i = 0; i < ctl->argc; i++)
        if (strcmp(ctl->argv[i], name) == 0) {
            drop(ctl, i, 1);
            return true;
        }
    return false;
}

int cc_ctl_word(struct cc_ctl *ctl, const char *what, const char **ret)
{
    if (ctl->argc == 0)
        return cc_fail(CC_E_INVALID, "%s is missing", what);
    if (strncmp(ctl->argv[0], "--", 2) == 0)
        return cc_fail(CC_E_INVALID, "%s stands where %s should", ctl->argv[0], what);
    *ret = ctl->argv[0];
    drop(ctl, 0, 1);
    return 0;
}

int cc_ctl_end(const struct cc_ctl *ctl)
{
    if (ctl->argc > 0)
        return cc_fail(CC_E_INVALID, "what is %s?", ctl->argv[0]);
    return 0;
}

int cc_ctl_number(struct cc_ctl *ctl, const char *option, int64_t min, int64_t max, int64_t *ret)
{
    const char *text = cc_ctl_option(ctl, option);

    if (text && !cc_text_int(text, min, max, ret))
        return cc_fail(CC_E_INVALID, "%s takes %lld to %lld", option, (long long)min,
                       (long long)max);
    return 0;
}

int cc_ctl_pg(struct cc_ctl *ctl)
{
    struct cc_pg_opts opts = {.conninfo = cc_cfg(CC_CFG_PG), .size = 2};

    return ctl->pg ? 0 : cc_pg_open(&opts, &ctl->pg);
}

int cc_ctl_tenant(struct cc_ctl *ctl, const char **ret)
{
    int rc = cc_ctl_word(ctl, "TENANT", ret);

    if (rc == 0)
        rc = cc_ctl_end(ctl);
    return rc ? rc : cc_ctl_pg(ctl);
}

int cc_ctl_tenant_and(struct cc_ctl *ctl, const char *what, const char **ret_tenant,
                      const char **ret)
{
    int rc = cc_ctl_word(ctl, "TENANT", ret_tenant);

    if (rc == 0)
        rc = cc_ctl_word(ctl, what, ret);
    if (rc == 0)
        rc = cc_ctl_end(ctl);
    return rc ? rc : cc_ctl_pg(ctl);
}

static int open_redis(enum cc_setting url, struct cc_redis **redis)
{
    int rc = *redis ? 0 : cc_redis_open(cc_cfg(url), redis);

    return rc ? rc : cc_redis_ready(*redis, cc_now() + REDIS_MS);
}

int cc_ctl_queue(struct cc_ctl *ctl)
{
    return open_redis(CC_CFG_REDIS_QUEUE, &ctl->queue);
}

int cc_ctl_live(struct cc_ctl *ctl)
{
    return open_redis(CC_CFG_REDIS_LIVE, &ctl->live);
}

int cc_ctl_invalidate(struct cc_ctl *ctl, const char *kind, const char *which)
{
    const char *text = cc_arena_printf(ctl->mem, "%s %s", kind, which);
    int rc = cc_ctl_live(ctl);

    return rc ? rc : cc_publish(ctl->live, CC_CHANNEL_INVALID, text, strlen(text));
}

static const struct cc_ctl_command *find(struct cc_ctl *ctl)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        bool alone = *commands[i].verb == '\0';

        if (ctl->argc < (alone ? 1 : 2) || strcmp(ctl->argv[0], commands[i].noun) != 0)
            continue;
        if (!alone && strcmp(ctl->argv[1], commands[i].verb) != 0)
            continue;
        drop(ctl, 0, alone ? 1 : 2);
        return &commands[i];
    }
    return NULL;
}

static int run(struct cc_ctl *ctl, const struct cc_ctl_command *command)
{
    int rc = cc_config_load();

    if (rc == 0) {
        cc_log_open("ctl", "error"); /* standard error is for our own words */
        cc_actor_set("operator", "", "");
        cc_loop_init(NULL);
        ctl->mem = cc_arena_new(MEMORY);
        rc = command->run(ctl);
        cc_redis_close(&ctl->queue);
        cc_redis_close(&ctl->live);
        cc_pg_close(&ctl->pg);
        cc_arena_free(&ctl->mem);
        cc_loop_done();
    }
    if (rc)
        cc_ctl_say("%s", cc_fail_text());
    if (rc == CC_E_INVALID)
        cc_ctl_say("usage: cc-ctl %s %s %s", command->noun, command->verb, command->words);
    return rc == CC_E_INVALID ? 2 : rc || ctl->failed ? 1 : 0;
}

int cc_ctl_main(int argc, char **argv)
{
    struct cc_ctl ctl = {.argc = argc - 1, .argv = argv + 1};
    const struct cc_ctl_command *command;

    ctl.json = cc_ctl_flag(&ctl, "--json");
    if (cc_ctl_flag(&ctl, "--help") || cc_ctl_flag(&ctl, "-h")) {
        print_help(stdout);
        return 0;
    }
    if (cc_ctl_flag(&ctl, "--version")) {
        puts(CC_VERSION);
        return 0;
    }
    command = find(&ctl);
    if (!command) {
        print_help(stderr);
        return 2;
    }
    return run(&ctl, command);
}
