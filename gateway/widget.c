/*
 * widget.c - what a page loads before anybody asks: files and configuration.
 */
#include <string.h>

#include "gateway/file_reading.h"
#include "gateway/loaders.h"
#include "gateway/pure/accent.h"
#include "gateway/pure/ask.h"
#include "gateway/pure/files.h"
#include "gateway/pure/upload.h"
#include "gateway/request.h"
#include "gateway/routes.h"
#include "proto/base/config.h"

/* Only our own files, no inline code: what a model or a document says can load nothing. */
#define PAGE_POLICY                                                                                \
    "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; "              \
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

static void add_headers(struct cc_rq *rq, const struct cc_file *file,
                        const struct cc_file_answer *answer)
{
    cc_reply_header(rq, "etag", cc_arena_dup(rq->mem, file->etag));
    cc_reply_header(rq, "cache-control", answer->cache);
    cc_reply_header(rq, "vary", "accept-encoding");
    if (answer->gzipped)
        cc_reply_header(rq, "content-encoding", "gzip");
    if (file->page)
        cc_reply_header(rq, "content-security-policy", PAGE_POLICY);
    else /* the loader runs in pages of any origin */
        cc_reply_header(rq, "access-control-allow-origin", "*");
}

/*
 * Waits.  Which bytes are meant: the ones that a page pins by their version, or today's.
 * *ret_unknown: a version that nobody knows was named.  It may be there soon, on another gateway,
 * so nobody may keep what is said now under its name.
 */
static int pick_version(struct cc_rq *rq, const struct cc_file *today, struct cc_file *kept,
                        bool *ret_unknown)
{
    const char *version = cc_rq_query(rq, "v");
    int rc;

    *ret_unknown = false;
    if (!version || cc_file_is(today, version) || strcmp(today->path, "/widget.js") != 0)
        return 0;
    rc = cc_loaders_find(version, rq->mem, kept);
    *ret_unknown = rc == CC_E_NOTFOUND;
    return *ret_unknown ? 0 : rc;
}

int cc_get_file(struct cc_rq *rq)
{
    const struct cc_file *file = cc_files_find(rq->path);
    struct cc_file kept = {.bytes = NULL};
    struct cc_file_answer answer;
    bool unknown;
    int rc;

    if (!file)
        return cc_fail(CC_E_NOTFOUND, "the widget's files have not been built");
    rc = pick_version(rq, file, &kept, &unknown);
    if (rc != 0)
        return rc;
    if (kept.bytes)
        file = &kept;
    answer = cc_file_pick(file, cc_rq_header(rq, "if-none-match"),
                          cc_rq_header(rq, "accept-encoding"), cc_rq_query(rq, "v"));
    if (unknown)
        answer.cache = "no-cache";
    add_headers(rq, file, &answer);
    rq->reply.lasting = !kept.bytes;
    return cc_reply_bytes(rq, answer.status, file->type, answer.bytes, answer.len);
}

/* The texts of a language: nothing else of the folder has such a path. */
int cc_get_widget_file(struct cc_rq *rq)
{
    return cc_get_file(rq);
}

/* ---- configuration ---- */

static json_t *file_types(void)
{
    bool ocr = *cc_cfg(CC_CFG_OCR) != '\0';
    json_t *ends = json_array();
    const char *end;

    for (size_t i = 0; (end = cc_upload_end(i, ocr)); i++)
        json_array_append_new(ends, json_string(end));
    return ends;
}

static json_t *limits(int files)
{
    return json_pack("{s:i, s:i, s:I, s:o}", "message", CC_ASK_MESSAGE_MAX, "files", files,
                     "fileBytes", (json_int_t)cc_cfg_int(CC_CFG_VISITOR_FILE_MAX), "fileTypes",
                     file_types());
}

/* What the owner has not switched off. */
static bool wanted(const json_t *config, const char *name)
{
    return !json_is_false(json_object_get(config, name));
}

static json_t *features(const json_t *config, int files)
{
    return json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b}", "stream", 1, "resume", 1,
                     "stop", 1, "feedback", 1, "socket", 1, "delete", 1, "upload", files > 0,
                     "handoff", wanted(config, "handoff"), "form",
                     json_is_object(json_object_get(config, "prechat")));
}

/* Text on the colour, and text in it. */
static void add_readable(json_t *colors)
{
    const char *primary = cc_json_str(colors, "primary", "");
    struct cc_accent on, in;

    if (!cc_accent_of(primary, &on) || !cc_accent_of(cc_json_str(colors, "accent", primary), &in))
        return;
    json_object_set_new(colors, "onPrimary", json_string(on.on));
    json_object_set_new(colors, "inkLight", json_string(in.light));
    json_object_set_new(colors, "inkDark", json_string(in.dark));
}

/* Owners may say it in four ways; pages find it in one. */
static void settle_colors(json_t *config)
{
    json_t *colors = json_object();
    const char *primary = cc_json_str(config, "colour", cc_json_str(config, "color", NULL));

    if (primary)
        json_object_set_new(colors, "primary", json_string(primary));
    json_object_update(colors, json_object_get(config, "colours"));
    json_object_update(colors, json_object_get(config, "colors"));
    add_readable(colors);
    if (json_object_size(colors) > 0)
        json_object_set(config, "colors", colors);
    json_decref(colors);
}

int cc_get_widget_config(struct cc_rq *rq)
{
    const struct cc_bot *bot = &rq->guest.bot;
    int files = cc_file_reading_most(rq);
    json_t *config = NULL;

    if (cc_json_parse(bot->widget, strlen(bot->widget), &config) != 0 || !json_is_object(config)) {
        json_decref(config);
        config = json_object();
    }
    settle_colors(config);
    json_object_set_new(config, "limits", limits(files));
    json_object_set_new(config, "features", features(config, files));
    json_object_set_new(config, "botId", json_string(bot->id));
    json_object_set_new(config, "name", json_string(bot->name));
    json_object_set_new(config, "version", json_integer(bot->version));
    json_object_del(config, "upload"); /* told among the features */
    json_object_del(config, "handoff");
    cc_reply_header(rq, "cache-control", "private, max-age=60");
    return cc_reply_json(rq, 200, config);
}
