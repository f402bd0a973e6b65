/* The Messages API: https://docs.anthropic.com/en/api/messages-streaming */
#include <string.h>

#include "worker/llm/exchange.h"

#define VERSION "2023-06-01"

/* ---- what it says ---- */

/* Cached input is not counted in input_tokens. */
static void read_usage(struct cc_reader *reader, const json_t *usage)
{
    struct cc_llm_usage *u = &reader->usage;
    int64_t cached = cc_json_int(usage, "cache_read_input_tokens", -1);
    int64_t made = cc_json_int(usage, "cache_creation_input_tokens", 0);
    int64_t input = cc_json_int(usage, "input_tokens", -1);

    if (input >= 0) { /* message_delta may lack it: then what message_start said stays */
        u->cached = cached > 0 ? cached : 0;
        u->input = input + made + u->cached;
    }
    u->output = cc_json_int(usage, "output_tokens", u->output);
}

static int on_start(struct cc_reader *reader, const json_t *root)
{
    read_usage(reader, json_object_get(json_object_get(root, "message"), "usage"));
    reader->usage.output = 0; /* what it says here is no count yet */
    return 0;
}

static int on_block(struct cc_reader *reader, const json_t *root)
{
    const json_t *delta = json_object_get(root, "delta");

    if (strcmp(cc_json_str(delta, "type", ""), "text_delta") == 0)
        cc_reader_text(reader, cc_json_str(delta, "text", ""));
    return 0;
}

static int on_delta(struct cc_reader *reader, const json_t *root)
{
    static const struct {
        const char *theirs, *ours;
    } reasons[] = {{"max_tokens", "length"}, {"refusal", "content_filter"}};
    const char *reason = cc_json_str(json_object_get(root, "delta"), "stop_reason", NULL);

    read_usage(reader, json_object_get(root, "usage"));
    if (!reason)
        return 0;
    reader->finish = "stop";
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reason, reasons[i].theirs) == 0)
            reader->finish = reasons[i].ours;
    return 0;
}

static int on_stop(struct cc_reader *reader, const json_t *root)
{
    (void)root;
    reader->over = true;
    return 0;
}

static int on_error(struct cc_reader *reader, const json_t *root)
{
    return cc_reader_failure(reader, cc_json_str(json_object_get(root, "error"), "type", "error"));
}

static const struct {
    const char *type;
    int (*fn)(struct cc_reader *reader, const json_t *root);
} handlers[] = {
    {"message_start", on_start}, {"content_block_delta", on_block},
    {"message_delta", on_delta}, {"message_stop", on_stop},
    {"error", on_error},
};

static int tree(struct cc_reader *reader, const char *data, size_t len)
{
    CC_AUTO(json_decref)
    json_t *root = NULL;

    if (cc_json_parse(data, len, &root))
        return cc_fail(CC_E_UPSTREAM, "anthropic: an event that is no JSON");
    const char *type = cc_json_str(root, "type", "");
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
        if (strcmp(type, handlers[i].type) == 0)
            return handlers[i].fn(reader, root);
    return 0; /* ping, and what they add later */
}

static int message(struct cc_reader *reader, const char *data, size_t len)
{
    const char *end = data + len;
    const char *at = NULL;

    if (cc_scan_past(data, data + (len < 40 ? len : 40), "\"type\":\"content_block_delta\""))
        at = cc_scan_past(data, end, "\"delta\":{\"type\":\"text_delta\",\"text\":\"");
    if (cc_reader_scan(reader, at, end))
        return 0;
    return tree(reader, data, len);
}

const struct cc_dialect cc_dialect_anthropic = {.name = "anthropic", .message = message};

/* ---- what we ask ---- */

static json_t *text_block(const char *text)
{
    return json_pack("{s:s, s:s}", "type", "text", "text", text);
}

/* The static part is cached by the provider, what follows it changes with each question. */
static json_t *system_blocks(const char *system)
{
    json_t *block = text_block(system);

    json_object_set_new(block, "cache_control", json_pack("{s:s}", "type", "ephemeral"));
    return json_pack("[o]", block);
}

/* It wants the user to begin, and no empty texts. */
static json_t *messages(const struct cc_llm_request *req)
{
    json_t *list = json_array(), *question = json_array();

    for (int i = 0; i < req->history_n; i++) {
        const struct cc_llm_turn *turn = &req->history[i];

        if (!*turn->text || (turn->assistant && json_array_size(list) == 0))
            continue;
        json_array_append_new(
            list, cc_exchange_message(turn->assistant ? "assistant" : "user", turn->text));
    }
    if (*req->context)
        json_array_append_new(question, text_block(req->context));
    json_array_append_new(question, text_block(req->message));
    json_array_append_new(list, json_pack("{s:s, s:o}", "role", "user", "content", question));
    return list;
}

static json_t *body(const struct cc_llm_request *req)
{
    json_t *root = json_pack("{s:s, s:I, s:b, s:o, s:o}", "model", req->model, "max_tokens",
                             (json_int_t)req->max_tokens, "stream", 1, "system",
                             system_blocks(req->system), "messages", messages(req));

    if (req->temperature >= 0)
        json_object_set_new(root, "temperature", json_real(req->temperature));
    return root;
}

static int start(const struct cc_llm_request *req, struct cc_llm_started *ret)
{
    CC_AUTO(json_decref)
    json_t *root = body(req);
    const char *headers[] = {
        "Content-Type: application/json", "Accept: text/event-stream",
        "anthropic-version: " VERSION,
        *req->key ? cc_arena_printf(req->mem, "x-api-key: %s", req->key) : NULL, NULL};
    struct cc_exchange_ask ask = {
        .dialect = &cc_dialect_anthropic,
        .path = "/v1/messages",
        .headers = headers,
        .body = root,
    };
    return cc_exchange_start(req, &ask, ret);
}

const struct cc_llm_provider cc_llm_anthropic = {
    .name = "anthropic",
    .remote = true,
    .start = start,
    .read = cc_exchange_read,
    .close = cc_exchange_close,
};
