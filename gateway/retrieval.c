/*
 * retrieval.c - what a search finds and why, and texts as vectors: asked of a worker.
 */
#include <string.h>

#include "gateway/calls.h"
#include "gateway/guests.h"
#include "gateway/input.h"
#include "gateway/routes.h"
#include "proto/base/id.h"

#define QUERY_MAX       2000 /* characters */
#define TOP_MAX         50
#define WEIGHT_MAX      100
#define DOCUMENTS_MAX   100
#define EMBED_TEXTS_MAX 64
#define EMBED_TEXT_MAX  16384 /* bytes */

struct form {
    const char *query, *bot, *metadata;
    struct cc_texts tags, documents;
    int64_t top;
    double by_words, by_meaning, threshold;
    int rerank;
};
#define AT(member) offsetof(struct form, member)
static const struct cc_form_field fields[] = {
    {"query", CC_FIELD_TEXT, AT(query), .min = 1, .max = QUERY_MAX, .wanted = true},
    {"botId", CC_FIELD_TEXT, AT(bot), .max = CC_ID_MAX},
    {"top", CC_FIELD_NUMBER, AT(top), .min = 1, .max = TOP_MAX},
    {"tags", CC_FIELD_TEXTS, AT(tags), .max = CC_TAGS_MAX, .each = CC_TAG_MAX},
    {"documentIds", CC_FIELD_TEXTS, AT(documents), .max = DOCUMENTS_MAX, .each = CC_ID_MAX},
    {"metadata", CC_FIELD_OBJECT, AT(metadata), .max = CC_METADATA_MAX},
    {"weightWords", CC_FIELD_REAL, AT(by_words), .max = WEIGHT_MAX},
    {"weightMeaning", CC_FIELD_REAL, AT(by_meaning), .max = WEIGHT_MAX},
    {"threshold", CC_FIELD_REAL, AT(threshold), .max = 1},
    {"rerank", CC_FIELD_SWITCH, AT(rerank), .max = 1},
};

/* What the client said, without what it left open, for this bot. */
static json_t *request_of(const json_t *body, const char *bot)
{
    json_t *request = json_object();
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)body, name, value)
    {
        if (!json_is_null(value))
            json_object_set(request, name, value);
    }
    json_object_set_new(request, "botId", json_string(bot));
    return request;
}

/* Without a bot: the one of the key. */
int cc_post_retrieval_test(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct form form = {0};
    json_t *answer;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, fields, rq->mem, &form);
    if (rc == 0 && form.bot && *form.bot)
        rc = cc_guest_choose(&rq->guest, form.bot, rq->mem);
    if (rc == 0)
        rc = cc_call_for(rq, &CC_CALLEE_SEARCH, request_of(body, rq->guest.bot.id), &answer);
    return rc ? rc : cc_reply_json(rq, 200, answer);
}

/* ---- vectors ---- */

static int check_texts(const json_t *texts)
{
    size_t n = json_array_size(texts);

    if (!json_is_array(texts) || n < 1 || n > EMBED_TEXTS_MAX)
        return cc_fail(CC_E_INVALID, "texts: wants a list of 1 to %d texts", EMBED_TEXTS_MAX);
    for (size_t i = 0; i < n; i++) {
        const json_t *text = json_array_get(texts, i);
        size_t len = json_string_length(text);

        if (!json_is_string(text) || len < 1 || len > EMBED_TEXT_MAX)
            return cc_fail(CC_E_INVALID, "texts: number %zu wants 1 to %d bytes", i + 1,
                           EMBED_TEXT_MAX);
    }
    return 0;
}

struct embed {
    json_t *texts;
};
static const struct cc_form_field embed_fields[] = {
    {"texts", CC_FIELD_JSON, offsetof(struct embed, texts), .wanted = true},
};

int cc_post_embed(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct embed embed = {NULL};
    json_t *answer;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, embed_fields, rq->mem, &embed);
    if (rc == 0)
        rc = check_texts(embed.texts);
    if (rc == 0)
        rc = cc_call_for(rq, &CC_CALLEE_EMBED, json_incref(body), &answer);
    return rc ? rc : cc_reply_json(rq, 200, answer);
}
