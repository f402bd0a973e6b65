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

struct cc_points;    /* points.h: Qdrant */
struct cc_embedders; /* embedders.h */

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
    struct cc_embedders *embedders; /* for tenants with another embedding; NULL: only that one */
    const struct cc_embed_cache *cache; /* NULL: none */
    struct cc_reranker *reranker;       /* NULL: none */
    struct cc_points *points;           /* vectors outside of PostgreSQL; NULL: inside */
};
struct cc_search_query {
    struct cc_scope scope;
    const char *text;
    int top; /* 0: CC_SEARCH_TOP */
    double
        threshold; /* passages with a lower cosine are left out, or where the embedding does not
                      know the question's language those not found by words; at 0 either will do */
    double by_words, by_meaning; /* weights; both 0, or one below 0: 1 and the embedder's, which
                                    counts less where it does not know the question's language */
    int embed_ms;                /* for the embedding, on a task; 0: CC_SEARCH_EMBED_MS */
    bool rerank;                 /* ask search->reranker, if there is one */
    const char *embedding;       /* the tenant's: cc_tenant_state; NULL or "": search->embedder's */
    bool inside; /* the tenant's vectors lie in PostgreSQL, though search->points is there */
    const struct cc_query_vector *v; /* the question's, where it is known; NULL: not */
    bool by_words_only;              /* its embedding was asked for already, and did not come */
};

/*
 * The question as the tenant's embedding sees it, for pinned answers and then for cc_search; uses
 * tenant, text, embed_ms and embedding of the query.  *ret_kept (may be NULL): it came from the
 * cache.  Waits.
 */
int cc_search_embed(const struct cc_search *search, const struct cc_search_query *query,
                    struct cc_arena *mem, struct cc_query_vector *ret, bool *ret_kept);
/* Texts that a search needs beside its question, on a task; as cc_embed, but in so much of its time
 * at most.  Waits. */
int cc_search_embed_texts(struct cc_embedder *embedder, const char *const *texts, size_t n,
                          int within_ms, float *out);
/* Can the tenant's embedding tell what this text is like?  Not of a language it does not know. */
bool cc_search_understands(const struct cc_search *search, const char *embedding, const char *text);
/* The embedder of the query's tenant.  NOTFOUND, INVALID: this process cannot make it. */
int cc_search_embedder(const struct cc_search *search, const char *embedding,
                       struct cc_embedder **ret);

/*
 * A service with Cohere's /rerank (CC_RERANK_URL): {model, query, documents, top_n} ->
 * {results: [{index, relevance_score}]}.
 */
struct cc_reranker;
struct cc_http;
int cc_reranker_open(struct cc_http *http, struct cc_reranker **ret); /* *ret NULL: none is set */
void cc_reranker_free(struct cc_reranker **reranker);                 /* NULL is fine; sets NULL */

#define CC_RERANK_DEPTH 32 /* passages that it is asked about */

/*
 * How well each text answers the question; NAN for those the service says nothing of.  Waits,
 * CC_RERANK_MS at most.  TIMEOUT, UPSTREAM, ...: the order is to stay as it was.
 */
struct cc_rerank_query {
    const char *question;
    const char *const *texts;
    int n;
};
int cc_rerank(struct cc_reranker *reranker, const struct cc_rerank_query *query,
              struct cc_arena *mem, double *out);

struct cc_found {
    struct cc_passage passage; /* title, document, url, page, the whole text, ... */
    const char *snippet;       /* whole sentences around the match, CC_SNIPPET_CHARS at most */
    double lexical;            /* BM25; 0: not found by words */
    double vector;             /* cosine; 0: not found by meaning */
    double fused;              /* what they are sorted by, before a reranker */
    double rerank;             /* the reranker's score; -1: it was not asked */
    const char *best;          /* the part of the passage whose vector is nearest, else the sentence
                                  with most of the question's words */
};
struct cc_search_result {
    struct cc_found *found; /* best first */
    int n;
    bool degraded;       /* searched by words alone */
    bool embedding_kept; /* the question's embedding came from the cache */
    bool reranked;
    const char *embedding; /* the name of the one that was asked */
    const float *v;        /* the question's vector, NULL when degraded; dimension numbers */
    int dimension;
    int64_t embed_us, lexical_us, vector_us, load_us, rerank_us, total_us;
};

/* Waits.  INVALID without tenant, bot or text; what the stores return. */
int cc_search(const struct cc_search *search, const struct cc_search_query *query,
              struct cc_arena *mem, struct cc_search_result *ret);

/* Sentences of text around the words of question, and of these the one with most of them; never
 * empty unless text is. */
int cc_snippet(const char *text, const char *question, struct cc_arena *mem, const char **ret,
               const char **ret_best);

/* "qdrant", or "pgvector" or "exact", by what the database has.  Waits, once. */
int cc_search_store_name(const struct cc_search *search, const char **ret);

#endif
