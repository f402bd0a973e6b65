#include "ingest/calls.h"

#include <string.h>

#include "ingest/ocr.h"
#include "ingest/parse/clean_text.h"
#include "ingest/passage.h"
#include "ingest/prepare.h"
#include "ingest/reindex.h"
#include "ingest/work.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/text.h"
#include "proto/bus/call.h"
#include "proto/store/chunk.h"
#include "proto/vec/terms.h"

#define SLOTS         2 /* calls at once: documents come first */
#define PREVIEW_ITEMS 200
#define PREVIEW_BYTES ((size_t)1 << 20) /* of text; an answer holds four times that */
#define TEXT_BYTES    ((size_t)16 << 10)
#define TEXT_TOKENS   2000
#define SECTION_BYTES ((size_t)CC_EXTRACT_SECTION)

static struct cc_call_server *server; /* of this process */

/* ---- preview ---- */

/* The shape as it is now, and over it what the call says.  By-hand changes would hide the cuts. */
static int shape_of(struct cc_ingest *ingest, const struct cc_call_request *r,
                    const struct cc_document *file, struct cc_arena *mem,
                    struct cc_prepare_opts *ret)
{
    const json_t *chunking = json_object_get(r->body, "chunking");
    int rc = cc_prepare_load(ingest->run->pg, file, mem, ret);

    ret->edits_n = 0;
    ret->tokens = ingest->tokens;
    if (rc || !chunking)
        return rc;
    return cc_shape_read(cc_json_dup(chunking, mem), &ret->shape);
}

/* Loads, parses and cuts; *ret is as prepare.h says. */
static int cut(struct cc_ingest *ingest, const struct cc_call_request *r, struct cc_arena *mem,
               struct cc_prepared *ret)
{
    struct cc_prepare_opts opts = {0};
    struct cc_jail_result parsed;
    struct cc_document file;
    int rc = cc_document_load(ingest->run->pg, r->tenant, cc_json_str(r->body, "documentId", ""),
                              mem, &file);

    if (!rc)
        rc = shape_of(ingest, r, &file, mem, &opts);
    if (!rc)
        rc = cc_ocr_read(&ingest->jail,
                         &(struct cc_jail_file){.bytes = file.bytes, .len = (size_t)file.size},
                         &parsed);
    return rc ? rc : cc_prepare(&opts, &parsed.out, ret);
}

/* A page or row of 0 is none. */
static void set_place(json_t *item, int64_t page, int64_t row)
{
    if (page)
        json_object_set_new(item, "page", json_integer(page));
    if (row)
        json_object_set_new(item, "row", json_integer(row));
}

static json_t *slice_json(const struct cc_slice *slice, size_t index)
{
    json_t *item =
        json_pack("{sI ss sI ss%}", "index", (json_int_t)index, "section", slice->section, "tokens",
                  (json_int_t)slice->tokens, "text", slice->text, slice->len);

    set_place(item, slice->page, slice->row);
    return item;
}

static int preview(void *self, const struct cc_call_request *r, json_t **ret)
{
    struct cc_arena *mem = cc_arena_new(CC_WORK_BYTES);
    struct cc_prepared prepared;
    json_t *items;
    size_t bytes = 0;
    int rc = cut(self, r, mem, &prepared);

    cc_arena_free(&mem);
    if (rc)
        return rc;
    items = json_array();
    for (size_t i = 0; i < prepared.n && i < PREVIEW_ITEMS && bytes < PREVIEW_BYTES; i++) {
        json_array_append_new(items, slice_json(&prepared.slice[i], i));
        bytes += prepared.slice[i].len;
    }
    *ret = json_pack("{so sI}", "items", items, "total", (json_int_t)prepared.n);
    cc_arena_free(&prepared.mem);
    return 0;
}

/* ---- a passage by hand ---- */

struct put {
    struct cc_ingest *ingest;
    const struct cc_call_request *call;
    const char *document;
    struct cc_embedder *embedder;
    int64_t id; /* 0: one more */
    size_t dim;
    struct cc_chunk chunk;
};

static int clean(const struct put *put, const char *name, const char *text, size_t max,
                 const char **ret)
{
    size_t len = strlen(text);

    if (len > max)
        return cc_fail(CC_E_TOOBIG, "%s: longer than %zu bytes", name, max);
    *ret = cc_text_clean(text, len, true, put->call->mem, &len);
    return 0;
}

/* What is not said of a passage that is there stays as it is. */
static int read_section(struct put *put)
{
    const char *section = cc_json_str(put->call->body, "section", NULL);
    struct cc_chunk_view now = {.section = ""};
    int rc = 0;

    if (put->id)
        rc = cc_chunk_get(put->ingest->run->pg, put->call->tenant, put->document, put->id,
                          put->call->mem, &now);
    if (!rc)
        rc = clean(put, "section", section ? section : now.section, SECTION_BYTES,
                   &put->chunk.section);
    return rc;
}

static int read_text(struct put *put)
{
    const char *id = cc_json_str(put->call->body, "chunkId", NULL);
    size_t tokens;
    int rc;

    put->document = cc_json_str(put->call->body, "documentId", "");
    if (id && !cc_text_int(id, 1, INT64_MAX, &put->id))
        return cc_fail(CC_E_NOTFOUND, "no such passage");
    rc = clean(put, "text", cc_json_str(put->call->body, "text", ""), TEXT_BYTES, &put->chunk.text);
    if (rc)
        return rc;
    if (!*put->chunk.text)
        return cc_fail(CC_E_INVALID, "text: wants a text");
    tokens = cc_tokens_count(put->ingest->tokens, put->chunk.text, strlen(put->chunk.text));
    if (tokens > TEXT_TOKENS)
        return cc_fail(CC_E_TOOBIG, "text: more than %d tokens", TEXT_TOKENS);
    put->chunk.tokens = (int64_t)tokens;
    return read_section(put);
}

static int embed(struct put *put, const char *text)
{
    struct cc_part *part;
    size_t n;
    float *out;
    int rc = cc_embed_split(put->embedder, text, strlen(text), put->call->mem, &part, &n);

    if (rc || (rc = cc_embedder_dim(put->embedder, &put->dim)))
        return rc;
    out = cc_arena_array(put->call->mem, n * put->dim, sizeof *out);
    put->chunk.vectors = out;
    put->chunk.parts = (int)n;
    return cc_passage_embed(put->embedder, part, n, put->dim, out);
}

/* With the embedding that questions are asked with; an exchange brings the other one. */
static int index_text(struct put *put)
{
    struct cc_arena *mem = put->call->mem;
    const char *text = cc_passage_text(put->chunk.section, put->chunk.text, mem);
    struct cc_reindex_with with;
    struct cc_terms terms;
    int rc = cc_embedders_for(put->ingest, put->call->tenant, &with);

    if (rc || (rc = cc_terms(text, strlen(text), NULL, mem, &terms)))
        return rc;
    put->embedder = with.of[with.n - 1];
    put->chunk.terms = terms.term;
    put->chunk.terms_n = (int)terms.n;
    put->chunk.words = terms.words;
    put->chunk.sha256 = cc_passage_hash(cc_embedder_name(put->embedder), text, mem);
    return embed(put, text);
}

static json_t *view_json(const struct cc_chunk_view *view, struct cc_arena *mem)
{
    json_t *chunk = json_pack(
        "{ss sI ss ss sI sb sb}", "id", cc_arena_printf(mem, "%lld", (long long)view->id), "index",
        (json_int_t)view->index, "section", view->section, "text", view->text, "tokens",
        (json_int_t)view->tokens, "enabled", view->enabled, "edited", view->edited);

    set_place(chunk, view->page, view->row);
    return chunk;
}

/* Safe to repeat: a passage by hand is known by its text (proto/store/chunk_edit.c). */
static int store(struct put *put, json_t **ret)
{
    const struct cc_call_request *call = put->call;
    const struct cc_chunk_change change = {.tenant = call->tenant,
                                           .document = put->document,
                                           .id = put->id,
                                           .chunk = &put->chunk,
                                           .dimension = (int)put->dim,
                                           .model = cc_embedder_name(put->embedder)};
    struct cc_chunk_view view;
    int rc = cc_chunk_change(put->ingest->run->pg, &change, &put->id);

    if (!rc)
        rc = cc_reindex_passage(put->ingest, call->tenant, put->id);
    if (!rc)
        rc = cc_chunk_get(put->ingest->run->pg, call->tenant, put->document, put->id, call->mem,
                          &view);
    if (!rc)
        *ret = view_json(&view, call->mem);
    return rc;
}

static int chunk_put(void *self, const struct cc_call_request *r, json_t **ret)
{
    struct put put = {.ingest = self, .call = r};
    int rc = read_text(&put);

    if (!rc)
        rc = index_text(&put);
    return rc ? rc : store(&put, ret);
}

/* ---- the server ---- */

int cc_ingest_calls_start(struct cc_ingest *ingest)
{
    static const struct cc_call_method methods[] = {
        {"preview", preview}, {"chunk_put", chunk_put}, {NULL, NULL}};
    const struct cc_call_server_opts opts = {.live = ingest->run->live,
                                             .queue_url = cc_cfg(CC_CFG_REDIS_QUEUE),
                                             .kind = CC_CALL_INGEST,
                                             .methods = methods,
                                             .self = ingest,
                                             .slots = SLOTS};

    return cc_call_serve(&opts, &server);
}

void cc_ingest_calls_stop(struct cc_ingest *ingest)
{
    (void)ingest;
    cc_call_stop(&server);
}
