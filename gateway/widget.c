/*
 * widget.c - what a page loads before anybody asks: files and configuration.
 */
#include <string.h>

#include "gateway/pure/ask.h"
#include "gateway/pure/files.h"
#include "gateway/request.h"
#include "gateway/routes.h"

/* Only our own files, no inline code: what a model or a document says can load nothing. */
#define PAGE_POLICY                                                                                \
    "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; "              \
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

int cc_get_file(struct cc_rq *rq)
{
    const struct cc_file *file = cc_files_find(rq->path);
    struct cc_file_answer answer;

    if (!file)
        return cc_fail(CC_E_NOTFOUND, "the widget's files have not been built");
    answer = cc_file_pick(file, cc_rq_header(rq, "if-none-match"),
                          cc_rq_header(rq, "accept-encoding"), cc_rq_query(rq, "v"));
    cc_reply_header(rq, "etag", file->etag);
    cc_reply_header(rq, "cache-control", answer.cache);
    cc_reply_header(rq, "vary", "accept-encoding");
    if (answer.gzipped)
        cc_reply_header(rq, "content-encoding", "gzip");
    if (file->page)
        cc_reply_header(rq, "content-security-policy", PAGE_POLICY);
    else /* the loader runs in pages of any origin */
        cc_reply_header(rq, "access-control-allow-origin", "*");
    rq->reply.lasting = true;
    return cc_reply_bytes(rq, answer.status, file->type, answer.bytes, answer.len);
}

int cc_get_widget_config(struct cc_rq *rq)
{
    const struct cc_bot *bot = &rq->guest.bot;
    json_t *config = NULL;

    if (cc_json_parse(bot->widget, strlen(bot->widget), &config) != 0 || !json_is_object(config)) {
        json_decref(config);
        config = json_object();
    }
    json_object_set_new(config, "botId", json_string(bot->id));
    json_object_set_new(config, "name", json_string(bot->name));
    json_object_set_new(config, "limits", json_pack("{s:i}", "message", CC_ASK_MESSAGE_MAX));
    json_object_set_new(
        config, "features",
        json_pack("{s:b, s:b, s:b, s:b}", "stream", 1, "resume", 1, "stop", 1, "feedback", 1));
    cc_reply_header(rq, "cache-control", "private, max-age=60");
    return cc_reply_json(rq, 200, config);
}
