/*
 * providers.c - a tenant's own model services.  Keys come in, are sealed to the tenant's public
 * half at once, and never go out: this process has nothing to open them with.
 */
#include <stdio.h>
#include <string.h>

#include "gateway/calls.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/notices.h"
#include "gateway/pure/weburl.h"
#include "gateway/routes.h"
#include "proto/store/provider.h"
#include "proto/store/tenant_key.h"

#define MODEL_MAX 200 /* characters */
#define URL_MAX   300
#define KEY_MIN   8 /* bytes; of a shorter one the hint would tell too much */
#define KEY_MAX   500
#define HINT_KEPT 4 /* characters of a key that are shown, where it is long enough */

static const char *const names[] = {"anthropic", "openai", "ollama", NULL};
static const char *const usable[] = {"anthropic", "openai", "ollama", "builtin", NULL};

/* ---- as JSON ---- */

static json_t *provider_json(const char *name, const struct cc_provider *p)
{
    static const struct cc_provider none = {.base_url = "", .model = "", .hint = ""};

    p = p ? p : &none;
    return json_pack("{s:s, s:b, s:s, s:o, s:o, s:o}", "name", name, "configured",
                     p->sealed.len > 0, "hint", p->hint, "baseUrl", cc_json_text(p->base_url),
                     "model", cc_json_text(p->model), "updatedAt", cc_json_time(p->updated_ms));
}

static const struct cc_provider *find(const struct cc_providers *all, const char *name)
{
    for (int i = 0; i < all->n; i++)
        if (strcmp(all->of[i].name, name) == 0)
            return &all->of[i];
    return NULL;
}

static json_t *config_json(const struct cc_providers *all)
{
    json_t *list = json_array(), *available = json_array();

    for (int i = 0; names[i]; i++)
        json_array_append_new(list, provider_json(names[i], find(all, names[i])));
    for (int i = 0; usable[i]; i++)
        json_array_append_new(available, json_string(usable[i]));
    return json_pack("{s:o, s:o, s:o}", "defaults", cc_json_object_of(all->defaults), "providers",
                     list, "available", available);
}

/* Waits. */
static int reply_config(struct cc_rq *rq)
{
    struct cc_providers all;
    int rc = cc_providers_get(cc_gateway()->pg, rq->guest.tenant, rq->mem, &all);

    if (rc)
        return rc;
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200, config_json(&all));
}

int cc_get_llm_config(struct cc_rq *rq)
{
    return reply_config(rq);
}

/* ---- defaults ---- */

struct defaults {
    const char *provider, *model;
    double temperature;
    int64_t max_tokens;
};
#define OF_DEFAULTS(member) offsetof(struct defaults, member)
static const struct cc_form_field default_fields[] = {
    {.name = "provider", .kind = CC_FIELD_WORD, .at = OF_DEFAULTS(provider), .words = usable},
    {.name = "model", .kind = CC_FIELD_TEXT, .at = OF_DEFAULTS(model), .min = 1, .max = MODEL_MAX},
    {.name = "temperature", .kind = CC_FIELD_REAL, .at = OF_DEFAULTS(temperature), .max = 2},
    {.name = "maxTokens",
     .kind = CC_FIELD_NUMBER,
     .at = OF_DEFAULTS(max_tokens),
     .min = 1,
     .max = 100000},
};

static void lay_over(json_t *base, json_t *over)
{
    const char *name;
    json_t *value;

    json_object_foreach(over, name, value)
    {
        if (json_is_null(value))
            json_object_del(base, name);
        else
            json_object_set(base, name, value);
    }
}

/* What is stored and what is sent laid over it; NULL: nothing is sent. */
static int merge_defaults(struct cc_rq *rq, const struct cc_providers *now, json_t *sent,
                          const char **ret)
{
    struct defaults checked = {0};
    CC_AUTO(json_decref)
    json_t *merged = NULL;
    int rc = sent ? CC_FORM_READ(sent, default_fields, rq->mem, &checked) : 0;

    *ret = NULL;
    if (rc || !sent)
        return rc;
    merged = cc_json_object_of(now->defaults);
    lay_over(merged, sent);
    if (json_object_get(merged, "model") && !json_object_get(merged, "provider"))
        return cc_fail(CC_E_INVALID, "model: wants a provider with it");
    *ret = cc_json_dup(merged, rq->mem);
    return 0;
}

/* ---- one provider ---- */

struct sent {
    const char *name;
    const json_t *key, *base_url, *model; /* NULL: not sent; null: taken away */
};
#define OF_SENT(member) offsetof(struct sent, member)
static const struct cc_form_field sent_fields[] = {
    {.name = "name", .kind = CC_FIELD_WORD, .at = OF_SENT(name), .words = names, .wanted = true},
    {.name = "apiKey", .kind = CC_FIELD_JSON, .at = OF_SENT(key)},
    {.name = "baseUrl", .kind = CC_FIELD_JSON, .at = OF_SENT(base_url)},
    {.name = "model", .kind = CC_FIELD_JSON, .at = OF_SENT(model)},
};

/* NULL where nothing was sent, "" where null was. */
static int take_text(const char *name, const json_t *value, const struct cc_form_field *field,
                     struct cc_arena *mem, const char **ret)
{
    *ret = value ? "" : NULL;
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_string(value))
        return cc_fail(CC_E_INVALID, "%s: wants a text or null", name);
    return cc_form_text(name, json_string_value(value), json_string_length(value), field, mem, ret);
}

/* What is appended to it is the path of a request. */
static int check_url(const char *url)
{
    if (!cc_weburl_valid(url) || strpbrk(url, "?#\\"))
        return cc_fail(CC_E_INVALID, "baseUrl: wants a URL such as https://host/v1, without a name,"
                                     " password, query or fragment");
    return 0;
}

/* It becomes a header line of a request: nothing but visible ASCII. */
static int check_key(const json_t *value)
{
    const char *key = json_string_value(value);
    size_t len = json_string_length(value);

    if (json_is_null(value))
        return 0;
    if (!key || len < KEY_MIN || len > KEY_MAX)
        return cc_fail(CC_E_INVALID, "apiKey: wants a text of %d to %d characters, or null",
                       KEY_MIN, KEY_MAX);
    for (size_t i = 0; i < len; i++)
        if (key[i] <= ' ' || key[i] > '~')
            return cc_fail(CC_E_INVALID, "apiKey: holds what no key has");
    return 0;
}

static const char *hint_of(const char *key, size_t len, struct cc_arena *mem)
{
    size_t kept = len >= 4 * (size_t)HINT_KEPT ? HINT_KEPT : 0;

    return cc_arena_printf(mem, "\xE2\x80\xA6%s", key + len - kept);
}

/* Waits. */
static int seal_key(struct cc_rq *rq, const struct sent *sent, struct cc_provider_change *change)
{
    const struct cc_seal_place place = cc_provider_place(rq->guest.tenant, sent->name);
    struct cc_opened key = {(char *)(uintptr_t)json_string_value(sent->key),
                            json_string_length(sent->key)};
    struct cc_seal_public *to = cc_arena_get(rq->mem, sizeof *to);
    int rc = cc_tenant_key_need(cc_gateway()->pg, rq->guest.tenant, to);

    if (rc == 0)
        rc = cc_seal(to, &place, key, rq->mem, &change->sealed);
    if (rc)
        return rc;
    change->tenant_kid = to->kid;
    change->hint = hint_of(key.bytes, key.len, rq->mem);
    return 0;
}

/* Else whoever may set the URL could have the stored key sent to himself. */
static int check_moved(const struct cc_provider *now, const struct cc_provider_change *change)
{
    if (now && now->sealed.len > 0 && change->base_url && !change->key_set &&
        strcmp(now->base_url, change->base_url) != 0)
        return cc_fail(CC_E_INVALID, "apiKey: is wanted again where baseUrl changes");
    return 0;
}

/* Waits. */
static int take_provider(struct cc_rq *rq, const struct cc_providers *now, const json_t *json,
                         struct cc_provider_change *ret)
{
    static const struct cc_form_field url = {.min = 1, .max = URL_MAX},
                                      model = {.min = 1, .max = MODEL_MAX};
    struct sent sent = {0};
    int rc = CC_FORM_READ(json, sent_fields, rq->mem, &sent);

    *ret = (struct cc_provider_change){.name = sent.name};
    /* the reader of forms leaves null out */
    sent.key = json_object_get(json, "apiKey");
    sent.base_url = json_object_get(json, "baseUrl");
    sent.model = json_object_get(json, "model");
    if (rc == 0)
        rc = take_text("baseUrl", sent.base_url, &url, rq->mem, &ret->base_url);
    if (rc == 0 && ret->base_url && *ret->base_url)
        rc = check_url(ret->base_url);
    if (rc == 0)
        rc = take_text("model", sent.model, &model, rq->mem, &ret->model);
    if (rc || !sent.key)
        return rc ? rc : check_moved(find(now, sent.name), ret);
    ret->key_set = true;
    rc = check_key(sent.key);
    return rc || json_is_null(sent.key) ? rc : seal_key(rq, &sent, ret);
}

/* ---- all of it ---- */

static bool is_twice(const struct cc_provider_change *changes, int n)
{
    for (int i = 0; i < n - 1; i++)
        if (strcmp(changes[i].name, changes[n - 1].name) == 0)
            return true;
    return false;
}

/* Waits. */
static int take_providers(struct cc_rq *rq, const struct cc_providers *now, const json_t *list,
                          struct cc_provider_change *changes, int *ret_n)
{
    size_t n = json_array_size(list);
    int rc = 0;

    if (list && (!json_is_array(list) || n > CC_PROVIDERS_MAX))
        return cc_fail(CC_E_INVALID, "providers: wants a list of at most %d", CC_PROVIDERS_MAX);
    for (size_t i = 0; i < n && rc == 0; i++) {
        rc = take_provider(rq, now, json_array_get(list, i), &changes[i]);
        if (rc == 0 && is_twice(changes, (int)i + 1))
            rc = cc_fail(CC_E_INVALID, "name: is there twice");
        if (rc == CC_E_INVALID) { /* the words name the member of the one */
            const char *words = cc_arena_dup(rq->mem, cc_fail_text());
            rc = cc_fail(rc, "providers[%zu].%s", i, words);
        }
    }
    *ret_n = (int)n;
    return rc;
}

struct put {
    const json_t *defaults, *providers;
};
static const struct cc_form_field put_fields[] = {
    {.name = "defaults", .kind = CC_FIELD_JSON, .at = offsetof(struct put, defaults)},
    {.name = "providers", .kind = CC_FIELD_JSON, .at = offsetof(struct put, providers)},
};

/* Waits. */
static int take(struct cc_rq *rq, const json_t *body)
{
    struct cc_provider_change changes[CC_PROVIDERS_MAX];
    struct cc_providers now;
    struct put put = {0};
    const char *defaults;
    int n = 0, rc = CC_FORM_READ(body, put_fields, rq->mem, &put);

    if (rc == 0)
        rc = cc_providers_get(cc_gateway()->pg, rq->guest.tenant, rq->mem, &now);
    if (rc)
        return rc;
    rc = merge_defaults(rq, &now, (json_t *)(uintptr_t)put.defaults, &defaults);
    if (rc == CC_E_INVALID) {
        const char *words = cc_arena_dup(rq->mem, cc_fail_text());
        return cc_fail(rc, "defaults.%s", words);
    }
    if (rc == 0)
        rc = take_providers(rq, &now, put.providers, changes, &n);
    return rc ? rc : cc_providers_put(cc_gateway()->pg, rq->guest.tenant, defaults, changes, n);
}

int cc_put_llm_config(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    int rc = cc_input_unbound(rq);

    if (rc == 0)
        rc = cc_input_json(rq, &body);
    if (rc == 0)
        rc = take(rq, body);
    if (rc)
        return rc;
    cc_notice_send("tenant", rq->guest.tenant);
    return reply_config(rq);
}

/* ---- trying one out ---- */

struct trial {
    const char *provider, *model;
};
static const struct cc_form_field trial_fields[] = {
    {.name = "provider",
     .kind = CC_FIELD_WORD,
     .at = offsetof(struct trial, provider),
     .words = usable,
     .wanted = true},
    {.name = "model",
     .kind = CC_FIELD_TEXT,
     .at = offsetof(struct trial, model),
     .min = 1,
     .max = MODEL_MAX},
};

int cc_post_llm_test(struct cc_rq *rq)
{
    struct trial trial = {.model = ""};
    json_t *answer = NULL;
    int rc = CC_INPUT_FORM(rq, trial_fields, &trial);

    if (rc == 0)
        rc = cc_call_for(rq, &CC_CALLEE_LLM_TEST,
                         json_pack("{s:s, s:s}", "provider", trial.provider, "model", trial.model),
                         &answer);
    return rc ? rc : cc_reply_json(rq, 200, answer);
}
