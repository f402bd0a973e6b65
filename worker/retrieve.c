/* The passages that speak of the question, and what the visitor is told of them. */
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/json.h"
#include "proto/bus/cache.h"
#include "worker/chat.h"

#define KIND "embed"

/* ---- embeddings of questions, kept in the live server ---- */

static int get_kept(void *arg, const char *tenant, const char *sha256_hex, struct cc_arena *mem,
                    const void **ret, size_t *ret_len)
{
    struct cc_redis *live = arg;

    if (cc_cfg_int(CC_CFG_CACHE_EMBED_S) == 0)
        return CC_E_NOTFOUND;
    return cc_cache_get(live, &(struct cc_cache_key){KIND, tenant, sha256_hex}, mem, ret, ret_len);
}

static int put_kept(void *arg, const char *tenant, const char *sha256_hex, const void *bytes,
                    size_t len)
{
    struct cc_redis *live = arg;
    int keep_s = (int)cc_cfg_int(CC_CFG_CACHE_EMBED_S);

    if (keep_s == 0)
        return 0;
    return cc_cache_put(live, &(struct cc_cache_key){KIND, tenant, sha256_hex}, bytes, len, keep_s);
}

/* ---- sources ---- */

static json_t *source(int n, const struct cc_found *found)
{
    const struct cc_passage *p = &found->passage;
    json_t *item = json_pack("{s:i, s:s, s:s, s:s, s:f}", "n", n, "documentId", p->document,
                             "title", *p->title ? p->title : p->filename, "snippet", found->snippet,
                             "score", found->fused);

    if (*p->url)
        json_object_set_new(item, "url", json_string(p->url));
    if (p->page > 0)
        json_object_set_new(item, "page", json_integer(p->page));
    return item;
}

static const char *sources(const struct cc_chat *chat)
{
    CC_AUTO(json_decref)
    json_t *list = json_array();

    for (int i = 0; i < chat->found_n; i++)
        json_array_append_new(list, source(i + 1, &chat->found[i]));
    return cc_json_dup(list, chat->work);
}

int cc_retrieve(struct cc_chat *chat)
{
    struct cc_embed_cache cache = {get_kept, put_kept, chat->worker->run->live};
    struct cc_search search = {
        .pool = chat->worker->run->pg, .embedder = chat->worker->embedder, .cache = &cache};
    struct cc_search_query query = {
        .scope = {chat->job.tenant, chat->job.bot},
        .text = chat->job.message,
        .top = (int)chat->turn.bot.top_k,
        .threshold = chat->turn.bot.threshold,
    };
    struct cc_search_result result;
    int rc = cc_search(&search, &query, chat->work, &result);

    if (rc)
        return rc;
    chat->found = result.found;
    chat->found_n = result.n;
    chat->sources = sources(chat);
    return 0;
}
