/*
 * chunks.c - the passages of a document: seen, changed, switched off, added by hand, tried.
 */
#include <string.h>

#include "gateway/calls.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/routes.h"
#include "proto/base/text.h"
#include "proto/store/chunk.h"
#include "proto/vec/tuning.h"

#define TEXT_MAX    16000 /* characters; ingest says when they are too many tokens */
#define SECTION_MAX 200

static json_t *chunk_json(const struct cc_chunk_view *c)
{
    char id[24];
    json_t *json;

    snprintf(id, sizeof id, "%lld", (long long)c->id);
    json = json_pack("{s:s, s:I, s:s, s:s, s:I, s:b, s:b}", "id", id, "index", (json_int_t)c->index,
                     "section", c->section, "text", c->text, "tokens", (json_int_t)c->tokens,
                     "enabled", (int)c->enabled, "edited", (int)c->edited);
    if (c->page > 0)
        json_object_set_new(json, "page", json_integer(c->page));
    if (c->row > 0)
        json_object_set_new(json, "row", json_integer(c->row));
    return json;
}

static int no_chunk(void)
{
    return cc_fail(CC_E_NOTFOUND, "there is no such passage");
}

static int find(struct cc_rq *rq, enum cc_aim aim, struct cc_document_status *ret)
{
    return cc_input_document(rq, cc_rq_param(rq, "id"), aim, ret);
}

/* Waits. */
static int find_chunk(struct cc_rq *rq, struct cc_document_status *document,
                      struct cc_chunk_view *ret)
{
    int64_t id;
    int rc = find(rq, CC_TO_CHANGE, document);

    if (rc == 0 && !cc_text_int(cc_rq_param(rq, "chunkId"), 1, INT64_MAX, &id))
        rc = no_chunk();
    if (rc == 0)
        rc = cc_chunk_get(cc_gateway()->pg, rq->guest.tenant, document->id, id, rq->mem, ret);
    return rc == CC_E_NOTFOUND ? no_chunk() : rc;
}

/* ---- the list; its cursor is the index of the last one ---- */

static int read_page(struct cc_rq *rq, int64_t *ret_after, int *ret_max)
{
    const char *cursor = cc_rq_query(rq, "cursor");

    *ret_after = -1;
    if (cursor && *cursor && !cc_text_int(cursor, 0, INT32_MAX, ret_after))
        return cc_fail(CC_E_INVALID, "cursor: the nextCursor of a page");
    return cc_input_limit(rq, ret_max);
}

int cc_get_chunks(struct cc_rq *rq)
{
    struct cc_document_status document;
    struct cc_chunk_view *list;
    char last[24];
    int64_t after;
    json_t *items;
    int max, n, rc = read_page(rq, &after, &max);

    if (rc == 0)
        rc = find(rq, CC_TO_READ, &document);
    if (rc == 0)
        rc = cc_chunk_list(cc_gateway()->pg, rq->guest.tenant, document.id, after, max + 1, rq->mem,
                           &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < max; i++)
        json_array_append_new(items, chunk_json(&list[i]));
    snprintf(last, sizeof last, "%lld", n > max ? (long long)list[max - 1].index : 0LL);
    return cc_reply_page(rq, items, n > max ? last : NULL);
}

/* ---- by hand ---- */

struct change {
    const char *text, *section;
    int enabled; /* -1: not said */
};
static const struct cc_form_field add_fields[] = {
    {"text", CC_FIELD_TEXT, offsetof(struct change, text), .min = 1, .max = TEXT_MAX,
     .wanted = true},
    {"section", CC_FIELD_TEXT, offsetof(struct change, section), .max = SECTION_MAX},
};
static const struct cc_form_field change_fields[] = {
    {"text", CC_FIELD_TEXT, offsetof(struct change, text), .min = 1, .max = TEXT_MAX},
    {"section", CC_FIELD_TEXT, offsetof(struct change, section), .max = SECTION_MAX},
    {"enabled", CC_FIELD_SWITCH, offsetof(struct change, enabled), .max = 1},
};

/* Waits.  id NULL: one more. */
static int put(struct cc_rq *rq, const char *document, const char *id, const struct change *change,
               json_t **ret)
{
    json_t *request = json_pack("{s:s, s:s, s:s}", "documentId", document, "text", change->text,
                                "section", change->section ? change->section : "");
    int rc;

    if (id)
        json_object_set_new(request, "chunkId", json_string(id));
    rc = cc_call_for(rq, &CC_CALLEE_CHUNK_PUT, request, ret);
    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "the document was taken in anew meanwhile: read its passages again");
    return rc;
}

int cc_post_chunk(struct cc_rq *rq)
{
    struct change change = {.section = ""};
    struct cc_document_status document;
    json_t *chunk;
    int rc = CC_INPUT_FORM(rq, add_fields, &change);

    if (rc == 0)
        rc = find(rq, CC_TO_CHANGE, &document);
    if (rc == 0)
        rc = put(rq, document.id, NULL, &change, &chunk);
    return rc ? rc : cc_reply_json(rq, 201, chunk);
}

/* What is not said stays as it is.  *ret: the passage's row, which a new text may make a new one.
 */
static int change_text(struct cc_rq *rq, const char *document, const struct cc_chunk_view *now,
                       const struct change *change, int64_t *ret)
{
    const struct change all = {.text = change->text ? change->text : now->text,
                               .section = change->section ? change->section : now->section};
    CC_AUTO(json_decref)
    json_t *chunk = NULL;
    int rc = put(rq, document, cc_arena_printf(rq->mem, "%lld", (long long)now->id), &all, &chunk);

    if (rc == 0 && !cc_text_int(cc_json_str(chunk, "id", ""), 1, INT64_MAX, ret))
        rc = cc_fail(CC_E_INTERNAL, "a changed passage without id");
    return rc;
}

int cc_patch_chunk(struct cc_rq *rq)
{
    struct change change = {.enabled = -1};
    struct cc_document_status document;
    struct cc_chunk_view now;
    struct cc_pg *pg = cc_gateway()->pg;
    int rc = CC_INPUT_FORM(rq, change_fields, &change);

    if (rc == 0)
        rc = find_chunk(rq, &document, &now);
    if (rc == 0 && (change.text || change.section))
        rc = change_text(rq, document.id, &now, &change, &now.id);
    if (rc == 0 && change.enabled >= 0)
        rc = cc_chunk_enable(pg, rq->guest.tenant, document.id, now.id, change.enabled);
    if (rc == 0)
        rc = cc_chunk_get(pg, rq->guest.tenant, document.id, now.id, rq->mem, &now);
    if (rc == CC_E_NOTFOUND)
        return no_chunk();
    return rc ? rc : cc_reply_json(rq, 200, chunk_json(&now));
}

int cc_delete_chunk(struct cc_rq *rq)
{
    struct cc_document_status document;
    struct cc_chunk_view chunk;
    int rc = find_chunk(rq, &document, &chunk);

    if (rc == 0)
        rc = cc_chunk_remove(cc_gateway()->pg, rq->guest.tenant, document.id, chunk.id);
    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "a passage of the document itself can be switched off, not removed");
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}

/* ---- how it would be cut ---- */

struct preview {
    const char *chunking;
};
static const struct cc_form_field preview_fields[] = {
    {"chunking", CC_FIELD_OBJECT, offsetof(struct preview, chunking), .max = CC_CHUNKING_MAX},
};

int cc_post_preview(struct cc_rq *rq)
{
    struct preview preview = {.chunking = "{}"};
    struct cc_document_status document;
    json_t *answer;
    int rc = CC_INPUT_FORM(rq, preview_fields, &preview);

    if (rc == 0 && (rc = cc_chunking_check(preview.chunking)) != 0)
        rc = cc_fail(rc, "chunking: %s", cc_fail_text());
    if (rc == 0)
        rc = find(rq, CC_TO_READ, &document);
    if (rc == 0)
        rc = cc_call_for(rq, &CC_CALLEE_PREVIEW,
                         json_pack("{s:s, s:o}", "documentId", document.id, "chunking",
                                   cc_json_object_of(preview.chunking)),
                         &answer);
    return rc ? rc : cc_reply_json(rq, 200, answer);
}
