#include "gateway/pure/bot_form.h"

#include <stddef.h>
#include <string.h>

#include "gateway/pure/form.h"
#include "gateway/pure/origin.h"
#include "gateway/pure/widget_form.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/store/limits.h"
#include "proto/store/source.h"

#define PROMPT_MAX    32000 /* characters */
#define ORIGINS_MAX   100
#define RETRIEVAL_MAX 8192 /* bytes of JSON */
#define CHUNKING_MAX  1000

/* ---- as a client writes them ---- */

struct written {
    struct cc_bot bot;
    int server_use;
    struct cc_texts origins;
    const json_t *widget;
};
#define AT(member) offsetof(struct written, bot.member)

static const char *const providers[] = {"openai", "anthropic", "ollama", "builtin", "", NULL};
static const char *const identities[] = {"optional", "required", "off", NULL};

static const struct cc_form_field fields[] = {
    {"name", CC_FIELD_TEXT, AT(name), .min = 1, .max = 100},
    {"provider", CC_FIELD_WORD, AT(provider), .words = providers},
    {"model", CC_FIELD_TEXT, AT(model), .max = 200},
    {"prompt", CC_FIELD_TEXT, AT(system), .max = PROMPT_MAX},
    {"temperature", CC_FIELD_REAL, AT(temperature), .max = 2},
    {"maxTokens", CC_FIELD_NUMBER, AT(max_tokens), .min = 1, .max = 100000},
    {"topK", CC_FIELD_NUMBER, AT(top_k), .min = 1, .max = 50},
    {"threshold", CC_FIELD_REAL, AT(threshold), .max = 1},
    {"refusal", CC_FIELD_TEXT, AT(refusal), .max = 2000},
    {"retrieval", CC_FIELD_OBJECT, AT(retrieval), .max = RETRIEVAL_MAX},
    {"chunking", CC_FIELD_OBJECT, AT(chunking), .max = CHUNKING_MAX},
    {"limits", CC_FIELD_OBJECT, AT(limits), .max = CC_LIMITS_BYTES - 1},
    {"identity", CC_FIELD_WORD, AT(identity), .words = identities},
    {"widget", CC_FIELD_JSON, offsetof(struct written, widget), .max = 0},
    {"allowedOrigins", CC_FIELD_TEXTS, offsetof(struct written, origins), .max = ORIGINS_MAX,
     .each = 270},
    {"serverUse", CC_FIELD_SWITCH, offsetof(struct written, server_use), .max = 1},
};

static int read_origins(const struct cc_texts *texts, struct cc_arena *mem, struct cc_bot *bot)
{
    CC_AUTO(json_decref)
    json_t *list = json_array();
    char origin[CC_ORIGIN_MAX];

    for (int i = 0; i < texts->n; i++) {
        const char *text = texts->at[i];
        bool any = strcmp(text, "*") == 0;

        if (any && texts->n > 1)
            return cc_fail(CC_E_INVALID, "allowedOrigins: \"*\" stands alone");
        if (!any && !cc_origin_pattern(text, origin))
            return cc_fail(CC_E_INVALID,
                           "allowedOrigins: %.100s is no origin such as https://example.com or "
                           "https://*.example.com",
                           text);
        json_array_append_new(list, json_string(any ? "*" : origin));
    }
    bot->origins = cc_json_dup(list, mem);
    return 0;
}

static int read_widget(const json_t *widget, struct cc_arena *mem, struct cc_bot *bot)
{
    int rc = json_is_object(widget) ? cc_widget_form_check(widget, mem)
                                    : cc_fail(CC_E_INVALID, "widget: wants an object");

    if (rc)
        return rc;
    bot->widget = cc_json_dup(widget, mem);
    return strlen(bot->widget) <= CC_WIDGET_BYTES
               ? 0
               : cc_fail(CC_E_INVALID, "widget: wants at most %d bytes", CC_WIDGET_BYTES);
}

int cc_bot_form_read(const json_t *members, struct cc_arena *mem, struct cc_bot *bot)
{
    struct written w = {.bot = *bot, .server_use = bot->server_use};
    struct cc_limits limits;
    int rc = CC_FORM_READ(members, fields, mem, &w);

    if (rc == 0)
        rc = cc_limits_read(w.bot.limits, &limits);
    if (rc == 0 && w.origins.at)
        rc = read_origins(&w.origins, mem, &w.bot);
    if (rc == 0 && w.widget)
        rc = read_widget(w.widget, mem, &w.bot);
    if (rc)
        return rc;
    w.bot.server_use = w.server_use;
    if (json_is_null(json_object_get(members, "temperature")))
        w.bot.temperature = -1;
    *bot = w.bot;
    return 0;
}

/* ---- as they are stored ---- */

enum kind { TEXT, JSON, WHOLE, REAL, FLAG };
static const struct member {
    const char *name;
    enum kind kind;
    size_t at; /* in struct cc_bot */
} members[] = {
    {"name", TEXT, offsetof(struct cc_bot, name)},
    {"provider", TEXT, offsetof(struct cc_bot, provider)},
    {"model", TEXT, offsetof(struct cc_bot, model)},
    {"prompt", TEXT, offsetof(struct cc_bot, system)},
    {"temperature", REAL, offsetof(struct cc_bot, temperature)},
    {"maxTokens", WHOLE, offsetof(struct cc_bot, max_tokens)},
    {"topK", WHOLE, offsetof(struct cc_bot, top_k)},
    {"threshold", REAL, offsetof(struct cc_bot, threshold)},
    {"refusal", TEXT, offsetof(struct cc_bot, refusal)},
    {"retrieval", JSON, offsetof(struct cc_bot, retrieval)},
    {"chunking", JSON, offsetof(struct cc_bot, chunking)},
    {"widget", JSON, offsetof(struct cc_bot, widget)},
    {"allowedOrigins", JSON, offsetof(struct cc_bot, origins)},
    {"serverUse", FLAG, offsetof(struct cc_bot, server_use)},
    {"identity", TEXT, offsetof(struct cc_bot, identity)},
    {"limits", JSON, offsetof(struct cc_bot, limits)},
};
#define MEMBERS (sizeof members / sizeof *members)

/* A real below 0 is null: only the temperature can be. */
static void lay(const struct member *m, const json_t *value, struct cc_arena *mem, void *place)
{
    switch (m->kind) {
    case TEXT: *(const char **)place = cc_arena_dup(mem, json_string_value(value)); break;
    case JSON: *(const char **)place = cc_json_dup(value, mem); break;
    case WHOLE: *(int64_t *)place = json_integer_value(value); break;
    case REAL: *(double *)place = json_is_number(value) ? json_number_value(value) : -1; break;
    case FLAG: *(bool *)place = json_is_true(value); break;
    }
}

void cc_bot_form_lay(const json_t *object, struct cc_arena *mem, struct cc_bot *bot)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const json_t *value = json_object_get(object, members[i].name);

        if (value && (members[i].kind != TEXT || json_is_string(value)))
            lay(&members[i], value, mem, (char *)bot + members[i].at);
    }
}

static json_t *show(const struct member *m, const void *place)
{
    json_t *json = NULL;

    switch (m->kind) {
    case TEXT: return json_string(*(const char *const *)place);
    case JSON:
        (void)cc_json_parse(*(const char *const *)place, strlen(*(const char *const *)place),
                            &json);
        return json;
    case WHOLE: return json_integer(*(const int64_t *)place);
    case REAL: return *(const double *)place < 0 ? json_null() : json_real(*(const double *)place);
    case FLAG: return json_boolean(*(const bool *)place);
    }
    return NULL;
}

json_t *cc_bot_form_json(const struct cc_bot *bot)
{
    json_t *object = json_object();

    for (size_t i = 0; i < MEMBERS; i++)
        json_object_set_new(object, members[i].name,
                            show(&members[i], (const char *)bot + members[i].at));
    return object;
}
