/*
 * search.h - the passages of a bot that speak of a question.
 *
 * Two searches run at once: by words (BM25 over stems) and by meaning (cosine, the best part of
 * each passage).  Their orders are fused by reciprocal rank: score = 1 / (10 + rank) by words
 * + 0.7 / (10 + rank) by meaning, measured on XQuAD (tests/load/eval.c).  Where asked for, a
 * service then sorts the best of them anew.
 *
 * The tenant is part of every search; there is no unfiltered one.  When only the embedding service
 * fails or is too slow, what the words found is the answer, and `degraded` says so.
 */
#ifndef CC_VEC_SEARCH_H
#define CC_VEC_SEARCH_H

#include "proto/store/chunk.h"
#include "proto/vec/embed.h"

struct cc_points; /* points.h: Qdrant */

#define CC_SEARCH_TOP      8 /* passages where a query names no number */
#define CC_SEARCH_TOP_MAX  50
#define CC_SNIPPET_CHARS   300
#define CC_SEARCH_EMBED_MS 5000 /* what the embedding of a question may take */

/*
 * Where embeddings of questions are kept, per tenant; a process gives its cache.  Any failure of
 * get counts as "not there", put's is ignored.  Both may wait.
 */
struct cc_embed_cache {
    int (*get)(void *arg, const char *tenant, const char *sha256_hex, struct cc_arena *mem,
               const void **ret, size_t *ret_len);
    int (*put)(void *arg, const char *tenant, const char *sha256_hex, const void *bytes,
               size_t len);
    void *arg;
};

/* What a process searches with; everything outlives the searches. */
struct cc_search {
    struct cc_pg *pool;
    struct cc_embedder *embedder;
    const struct cc_embed_cache *cache; /* NULL: none */
    struct cc_reranker *reranker;       /* NULL: none */
    struct cc_points *points;           /* vectors outside of PostgreSQL; NULL: inside */
};
struct cc_search_query {
    struct cc_scope scope;
    const char *text;
    int top;          /* 0: CC_SEARCH_TOP */
    double threshold; /* passages with a lower cosine are left out; at 0 those below it still
                         count when they were found by words */
    double by_words, by_meaning; /* weights of the two; both 0: 1 and the embedder's */
    int embed_ms;                /* for the embedding, on a task; 0: CC_SEARCH_EMBED_MS */
    bool rerank;                 /* ask search->reranker, if there is one */
};

/* A service with Cohere's /rerank: {model, query, documents} -> {results: [{index, score}]}. */
struct cc_reranker;
struct cc_http;
int cc_reranker_open(struct cc_http *http, struct cc_reranker **ret); /* *ret NULL: none is set */
void cc_reranker_free(struct cc_reranker **reranker);                 /* NULL is fine; sets NULL */

struct cc_found {
    struct cc_passage passage; /* title, document, url, page, the whole text, ... */
    const char *snippet;       /* whole sentences around the match, CC_SNIPPET_CHARS at most */
    double lexical;            /* BM25; 0: not found by words */
    double vector;             /* cosine; 0: not found by meaning */
    double fused;              /* what they are sorted by, before a reranker */
    double rerank;             /* the reranker's score; < 0: it was not asked */
    const char *best;          /* the sentence that is most like the question; in snippet's text */
};
struct cc_search_result {
    struct cc_found *found; /* best first */
    int n;
    bool degraded;       /* searched by words alone */
    bool embedding_kept; /* the question's embedding came from the cache */
    bool reranked;
    const float *v; /* the question's vector, NULL when degraded; dimension numbers */
    int dimension;
    int64_t embed_us, lexical_us, vector_us, load_us, rerank_us, total_us;
};

/* Waits.  INVALID without tenant, bot or text; what the stores return. */
int cc_search(const struct cc_search *search, const struct cc_search_query *query,
              struct cc_arena *mem, struct cc_search_result *ret);

/* Sentences of text around the words of question; never empty unless text is. */
int cc_snippet(const char *text, const char *question, struct cc_arena *mem, const char **ret);

/* "pgvector" or "exact", chosen by what the database has; for the log and /health.  Waits, once. */
int cc_search_store_name(const struct cc_search *search, const char **ret);

#endif
