/* Chat completions: https://platform.openai.com/docs/api-reference/chat-streaming */
#include <string.h>

#include "worker/llm/exchange.h"

/* ---- what it says ---- */

static void read_usage(struct cc_reader *reader, const json_t *usage)
{
    struct cc_llm_usage *u = &reader->usage;

    if (!json_is_object(usage))
        return;
    u->input = cc_json_int(usage, "prompt_tokens", u->input);
    u->output = cc_json_int(usage, "completion_tokens", u->output);
    u->cached =
        cc_json_int(json_object_get(usage, "prompt_tokens_details"), "cached_tokens", u->cached);
}

static void read_choice(struct cc_reader *reader, const json_t *choice)
{
    const char *reason = cc_json_str(choice, "finish_reason", NULL);

    cc_reader_text(reader, cc_json_str(json_object_get(choice, "delta"), "content", ""));
    if (!reason)
        return;
    reader->finish = "stop";
    if (strcmp(reason, "length") == 0)
        reader->finish = "length";
    else if (strcmp(reason, "content_filter") == 0)
        reader->finish = "content_filter";
}

static int tree(struct cc_reader *reader, const char *data, size_t len)
{
    CC_AUTO(json_decref)
    json_t *root = NULL;

    if (cc_json_parse(data, len, &root))
        return cc_fail(CC_E_UPSTREAM, "openai: a chunk that is no JSON");
    const json_t *error = json_object_get(root, "error");
    if (json_is_object(error))
        return cc_reader_failure(reader,
                                 cc_json_str(error, "code", cc_json_str(error, "type", "error")));
    read_choice(reader, json_array_get(json_object_get(root, "choices"), 0));
    read_usage(reader, json_object_get(root, "usage"));
    return 0;
}

/* A chunk that is text and nothing else: no end, no usage, no second choice. */
static bool only_text(const char *rest, const char *end)
{
    return !cc_scan_past(rest, end, "\"finish_reason\":\"") &&
           !cc_scan_past(rest, end, "\"usage\":{") && !cc_scan_past(rest, end, "\"delta\":");
}

static const char *find_text(const char *data, const char *end)
{
    const char *at = cc_scan_past(data, end, "\"delta\":{\"content\":\"");

    return at ? at : cc_scan_past(data, end, "\"delta\":{\"role\":\"assistant\",\"content\":\"");
}

static int message(struct cc_reader *reader, const char *data, size_t len)
{
    const char *end = data + len, *at = find_text(data, end);

    if (len == 6 && memcmp(data, "[DONE]", 6) == 0) {
        reader->over = true;
        return 0;
    }
    if (at && only_text(at, end) && cc_reader_scan(reader, at, end))
        return 0;
    return tree(reader, data, len);
}

const struct cc_dialect cc_dialect_openai = {.name = "openai", .message = message};

/* ---- what we ask ---- */

/* Its own service wants the new name, which most compatible ones do not know. */
static const char *max_tokens_name(const char *base)
{
    return strstr(base, "//api.openai.com") ? "max_completion_tokens" : "max_tokens";
}

static json_t *body(const struct cc_llm_request *req, const char *base)
{
    json_t *messages = json_array();

    json_array_append_new(messages, cc_exchange_message("system", req->system));
    cc_exchange_conversation(req, messages);
    json_t *root = json_pack("{s:s, s:b, s:{s:b}, s:o}", "model", req->model, "stream", 1,
                             "stream_options", "include_usage", 1, "messages", messages);
    json_object_set_new(root, max_tokens_name(base), json_integer(req->max_tokens));
    if (req->temperature >= 0)
        json_object_set_new(root, "temperature", json_real(req->temperature));
    return root;
}

static int start(const struct cc_llm_request *req, struct cc_llm_started *ret)
{
    CC_AUTO(json_decref)
    json_t *root = body(req, req->base);
    const char *headers[] = {
        "Content-Type: application/json", "Accept: text/event-stream",
        *req->key ? cc_arena_printf(req->mem, "Authorization: Bearer %s", req->key) : NULL, NULL};
    struct cc_exchange_ask ask = {
        .dialect = &cc_dialect_openai,
        .path = "/chat/completions",
        .headers = headers,
        .body = root,
    };
    return cc_exchange_start(req, &ask, ret);
}

const struct cc_llm_provider cc_llm_openai = {
    .name = "openai",
    .remote = true,
    .start = start,
    .read = cc_exchange_read,
    .close = cc_exchange_close,
};
