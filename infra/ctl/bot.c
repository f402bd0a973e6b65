#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "infra/ctl/ctl.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/base/text.h"
#include "proto/store/bot.h"
#include "proto/store/limits.h"
#include "proto/vec/tuning.h"

static int bad(const char *option, const char *value)
{
    return cc_fail(CC_E_INVALID, "%s does not take %s", option, value);
}

/* Options that are a member of struct cc_bot as they stand. */
static const struct option {
    const char *name;
    enum { TEXT, INT, REAL } kind;
    size_t at;
} options[] = {
    {"--name", TEXT, offsetof(struct cc_bot, name)},
    {"--system", TEXT, offsetof(struct cc_bot, system)},
    {"--refusal", TEXT, offsetof(struct cc_bot, refusal)},
    {"--widget", TEXT, offsetof(struct cc_bot, widget)},
    {"--retrieval", TEXT, offsetof(struct cc_bot, retrieval)},
    {"--chunking", TEXT, offsetof(struct cc_bot, chunking)},
    {"--limits", TEXT, offsetof(struct cc_bot, limits)},
    {"--identity", TEXT, offsetof(struct cc_bot, identity)},
    {"--max-tokens", INT, offsetof(struct cc_bot, max_tokens)},
    {"--top-k", INT, offsetof(struct cc_bot, top_k)},
    {"--temperature", REAL, offsetof(struct cc_bot, temperature)},
    {"--threshold", REAL, offsetof(struct cc_bot, threshold)},
};

static int take_option(struct cc_ctl *ctl, const struct option *option, struct cc_bot *bot)
{
    const char *value = cc_ctl_option(ctl, option->name);
    void *member = (char *)bot + option->at;
    int64_t number;
    char *end;

    if (!value)
        return 0;
    if (option->kind == TEXT) {
        *(const char **)member = value;
    } else if (option->kind == INT) {
        if (!cc_text_int(value, 1, 100000, &number))
            return bad(option->name, value);
        *(int64_t *)member = number;
    } else {
        double real = strtod(value, &end);
        if (*end || end == value)
            return bad(option->name, value);
        *(double *)member = real;
    }
    return 0;
}

/* PROVIDER:MODEL, or PROVIDER alone for the one that the settings name; the model may have colons.
 */
static void take_model(struct cc_ctl *ctl, struct cc_bot *bot)
{
    const char *value = cc_ctl_option(ctl, "--model");
    size_t provider = value ? strcspn(value, ":") : 0;

    if (!value)
        return;
    bot->provider = cc_arena_dupn(ctl->mem, value, provider);
    bot->model = value[provider] ? value + provider + 1 : "";
}

static void take_origins(struct cc_ctl *ctl, struct cc_bot *bot)
{
    CC_AUTO(json_decref)
    json_t *origins = json_array();
    const char *origin;

    while ((origin = cc_ctl_option(ctl, "--origin")))
        json_array_append_new(origins, json_string(origin));
    if (json_array_size(origins) > 0)
        bot->origins = cc_json_dup(origins, ctl->mem);
    if (cc_ctl_flag(ctl, "--server-use"))
        bot->server_use = true;
    if (cc_ctl_flag(ctl, "--no-server-use"))
        bot->server_use = false;
}

/* Checks the widget's configuration, and puts the greeting into it. */
static int take_greeting(struct cc_ctl *ctl, struct cc_bot *bot)
{
    const char *greeting = cc_ctl_option(ctl, "--greeting");
    CC_AUTO(json_decref)
    json_t *widget = NULL;
    int rc = cc_json_parse(bot->widget, strlen(bot->widget), &widget);

    if (rc)
        return rc;
    if (!json_is_object(widget))
        return cc_fail(CC_E_INVALID, "--widget wants a JSON object");
    if (greeting)
        json_object_set_new(widget, "greeting", json_string(greeting));
    bot->widget = cc_json_dup(widget, ctl->mem);
    return 0;
}

static int check_settings(struct cc_ctl *ctl, const struct cc_bot *bot)
{
    struct cc_tuning tuning;
    struct cc_limits limits;
    int rc = cc_tuning_read(bot->retrieval, ctl->mem, &tuning);

    if (rc == 0)
        rc = cc_limits_read(bot->limits, &limits);
    return rc ? rc : cc_chunking_check(bot->chunking);
}

static int take_options(struct cc_ctl *ctl, struct cc_bot *bot)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof options / sizeof *options; i++)
        rc = take_option(ctl, &options[i], bot);
    take_model(ctl, bot);
    take_origins(ctl, bot);
    if (rc == 0)
        rc = check_settings(ctl, bot);
    return rc ? rc : take_greeting(ctl, bot);
}

static void show(struct cc_ctl *ctl, const struct cc_bot *b)
{
    CC_AUTO(json_decref)
    json_t *shown = json_pack(
        "{ss ss ss ss ss ss sf sI sI sf so? sb so? ss so? so? so? ss sI}", "botId", b->id,
        "tenantId", b->tenant, "name", b->name, "provider", b->provider, "model", b->model,
        "system", b->system, "temperature", b->temperature, "maxTokens", (json_int_t)b->max_tokens,
        "topK", (json_int_t)b->top_k, "threshold", b->threshold, "origins",
        json_loads(b->origins, 0, NULL), "serverUse", b->server_use, "widget",
        json_loads(b->widget, 0, NULL), "refusal", b->refusal, "retrieval",
        json_loads(b->retrieval, 0, NULL), "chunking", json_loads(b->chunking, 0, NULL), "limits",
        json_loads(b->limits, 0, NULL), "identity", b->identity, "version", (json_int_t)b->version);

    cc_ctl_show(ctl, shown);
}

int cc_ctl_bot_add(struct cc_ctl *ctl)
{
    struct cc_bot bot = cc_bot_fresh;
    char id[CC_ID_MAX];
    int rc = take_options(ctl, &bot);

    bot.id = cc_id_sorted("bot", id);
    bot.version = 1;
    if (rc == 0)
        rc = cc_ctl_word(ctl, "TENANT", &bot.tenant);
    if (rc == 0)
        rc = cc_ctl_word(ctl, "NAME", &bot.name);
    if (rc == 0)
        rc = cc_ctl_end(ctl);
    if (rc == 0)
        rc = cc_ctl_pg(ctl);
    if (rc == 0)
        rc = cc_bot_add(ctl->pg, &bot);
    if (rc == 0)
        show(ctl, &bot);
    return rc;
}

/* TENANT and BOT stand before the options: what they change must be read first. */
static int get(struct cc_ctl *ctl, struct cc_bot *ret)
{
    const char *tenant, *bot;
    int rc = cc_ctl_word(ctl, "TENANT", &tenant);

    if (rc == 0)
        rc = cc_ctl_word(ctl, "BOT", &bot);
    if (rc == 0)
        rc = cc_ctl_pg(ctl);
    return rc ? rc : cc_bot_get(ctl->pg, tenant, bot, ctl->mem, ret);
}

/* What is named, over what was read: if somebody publishes in between it is a CONFLICT, and nothing
 * of his is lost. */
int cc_ctl_bot_set(struct cc_ctl *ctl)
{
    struct cc_bot bot;
    int rc = get(ctl, &bot);

    if (rc == 0)
        rc = take_options(ctl, &bot);
    if (rc == 0)
        rc = cc_ctl_end(ctl);
    if (rc == 0)
        rc = cc_bot_set(ctl->pg, &bot);
    if (rc)
        return rc;
    bot.version++;
    show(ctl, &bot);
    return cc_ctl_invalidate(ctl, "bot", bot.id);
}

int cc_ctl_bot_show(struct cc_ctl *ctl)
{
    struct cc_bot bot;
    int rc = get(ctl, &bot);

    if (rc == 0)
        rc = cc_ctl_end(ctl);
    if (rc == 0)
        show(ctl, &bot);
    return rc;
}
