/* https://github.com/ollama/ollama/blob/main/docs/api.md, "Generate a chat completion" */
#include <string.h>

#include "worker/llm/exchange.h"

/* ---- what it says: one JSON text a line ---- */

static void on_done(struct cc_reader *reader, const json_t *root)
{
    reader->usage.input = cc_json_int(root, "prompt_eval_count", 0);
    reader->usage.output = cc_json_int(root, "eval_count", 0);
    reader->finish =
        strcmp(cc_json_str(root, "done_reason", ""), "length") == 0 ? "length" : "stop";
    reader->over = true;
}

static int tree(struct cc_reader *reader, const char *data, size_t len)
{
    CC_AUTO(json_decref)
    json_t *root = NULL;

    if (cc_json_parse(data, len, &root))
        return cc_fail(CC_E_UPSTREAM, "ollama: a line that is no JSON");
    if (json_object_get(root, "error"))
        return cc_reader_failure(reader, "error");
    cc_reader_text(reader, cc_json_str(json_object_get(root, "message"), "content", ""));
    if (cc_json_bool(root, "done", false))
        on_done(reader, root);
    return 0;
}

static int message(struct cc_reader *reader, const char *data, size_t len)
{
    const char *end = data + len;
    const char *at = cc_scan_past(data, end, "\"message\":{\"role\":\"assistant\",\"content\":\"");

    if (at && cc_scan_past(at, end, "\"done\":false") && cc_reader_scan(reader, at, end))
        return 0;
    return tree(reader, data, len);
}

const struct cc_dialect cc_dialect_ollama = {.name = "ollama", .lines = true, .message = message};

/* ---- what we ask ---- */

static json_t *body(const struct cc_llm_request *req)
{
    json_t *messages = json_array();
    json_t *options = json_pack("{s:I}", "num_predict", (json_int_t)req->max_tokens);

    json_array_append_new(messages, cc_exchange_message("system", req->system));
    cc_exchange_conversation(req, messages);
    if (req->temperature >= 0)
        json_object_set_new(options, "temperature", json_real(req->temperature));
    return json_pack("{s:s, s:b, s:o, s:o}", "model", req->model, "stream", 1, "messages", messages,
                     "options", options);
}

static int start(const struct cc_llm_request *req, struct cc_llm_started *ret)
{
    const char *headers[] = {
        "Content-Type: application/json",
        *req->key ? cc_arena_printf(req->mem, "Authorization: Bearer %s", req->key) : NULL, NULL};
    CC_AUTO(json_decref)
    json_t *root = body(req);
    struct cc_exchange_ask ask = {
        .dialect = &cc_dialect_ollama,
        .path = "/api/chat",
        .headers = headers,
        .body = root,
    };
    return cc_exchange_start(req, &ask, ret);
}

const struct cc_llm_provider cc_llm_ollama = {
    .name = "ollama",
    .remote = true,
    .start = start,
    .read = cc_exchange_read,
    .close = cc_exchange_close,
};
