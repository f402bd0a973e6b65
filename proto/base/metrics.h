/*
 * metrics.h - counters, gauges and histograms, as Prometheus text.
 *
 * Metrics are rows of a static table in metrics.c (name, kind, help, label names, buckets).
 * Values live in one shared memory region made before fork(): each process of a
 * program writes its own slot without locks, any of them renders the sum (gauges: sum over slots).
 * Label values are joined into the row's key; beyond CC_METRIC_SERIES series of a slot further ones
 * are counted under the label value "other".
 *
 * Format: https://prometheus.io/docs/instrumenting/exposition_formats/ (text 0.0.4).
 */
#ifndef CC_BASE_METRICS_H
#define CC_BASE_METRICS_H

#include <stdint.h>

#include "proto/base/buf.h"

#define CC_METRIC_SERIES 4096
#define CC_METRIC_LABELS 4

/*  id                name                              kind       labels                help */
#define CC_METRICS(X)                                                                              \
    X(CHAT_REQUESTS, "chat_requests_total", COUNTER, "client_id,tier,status",                      \
      "Chat requests by outcome.")                                                                 \
    X(CHAT_LATENCY, "chat_latency_seconds", HISTOGRAM, "tier", "Question to last token.")          \
    X(CHAT_FIRST, "chat_first_token_seconds", HISTOGRAM, "tier", "Question to first token.")       \
    X(LLM_TOKENS, "llm_tokens_total", COUNTER, "model,type", "Tokens billed by the model.")        \
    X(LLM_ERRORS, "llm_errors_total", COUNTER, "provider,code", "Failed calls of a model.")        \
    X(STAGE, "answer_stage_seconds", HISTOGRAM, "stage", "Time of each step of an answer.")        \
    X(VECTOR_SEARCH, "vector_search_duration_seconds", HISTOGRAM, "", "Time of a vector search.")  \
    X(QDRANT_SEARCH, "qdrant_search_duration_seconds", HISTOGRAM, "",                              \
      "Time of Qdrant's share of it.")                                                             \
    X(EMBED_HITS, "embedding_cache_hits_total", COUNTER, "", "Embeddings found in the cache.")     \
    X(EMBED_MISSES, "embedding_cache_misses_total", COUNTER, "", "Embeddings computed.")           \
    X(ANSWER_HITS, "answer_cache_hits_total", COUNTER, "", "Answers taken from the cache.")        \
    X(HTTP_REQUESTS, "http_requests_total", COUNTER, "route,status", "Requests by route.")         \
    X(HTTP_SECONDS, "http_request_seconds", HISTOGRAM, "route", "Time to answer a request.")       \
    X(LOGINS, "logins_total", COUNTER, "result",                                                   \
      "Tries to log in: ok, refused, refreshed, reuse.")                                           \
    X(STREAMS, "open_streams", GAUGE, "", "Event streams open now.")                               \
    X(RESUMES, "stream_resumes_total", COUNTER, "", "Streams joined again.")                       \
    X(JOBS, "jobs_total", COUNTER, "kind,outcome", "Jobs by outcome.")                             \
    X(TAKEOVERS, "job_takeovers_total", COUNTER, "kind", "Jobs taken from a silent worker.")       \
    X(FENCED, "fenced_writes_total", COUNTER, "kind", "Late writes that were refused.")            \
    X(RUNNING, "jobs_running", GAUGE, "kind", "Jobs held now.")                                    \
    X(DOCUMENTS, "documents_total", COUNTER, "status", "Documents by final status.")               \
    X(CHUNKS, "chunks_stored_total", COUNTER, "", "Chunks stored.")                                \
    X(QUEUE_DEPTH, "queue_depth", GAUGE, "queue", "Jobs waiting or in work.")                      \
    X(QUEUE_OLDEST, "queue_oldest_job_seconds", GAUGE, "queue", "Age of the oldest job.")          \
    X(INGEST_OLDEST, "ingest_oldest_document_seconds", GAUGE, "",                                  \
      "Age of the oldest document that is not through.")                                           \
    X(INGEST_STAGE, "ingest_stage_seconds", HISTOGRAM, "stage",                                    \
      "Time of each step of a document.")                                                          \
    X(CRAWLED, "web_pages_total", COUNTER, "outcome", "Pages of sources by outcome.")              \
    X(PIN_HITS, "pinned_answers_total", COUNTER, "", "Answers that were pinned ones.")             \
    X(EMBED_BUSY, "embedding_refusals_total", COUNTER, "",                                         \
      "Refusals of a busy embedding service.")                                                     \
    X(REDIS_LOST, "redis_links_lost_total", COUNTER, "", "Links to Redis that broke.")             \
    X(TASKS, "tasks_live", GAUGE, "", "Tasks there are now.")                                      \
    X(MEMORY, "process_resident_memory_bytes", GAUGE, "", "Memory in use.")                        \
    X(FILES, "process_open_fds", GAUGE, "", "Open file descriptors.")                              \
    X(CPU, "process_cpu_seconds_total", COUNTER, "", "Processor time used.")

enum cc_metric {
#define X(id, name, kind, labels, help) CC_M_##id,
    CC_METRICS(X)
#undef X
        CC_M_COUNT
};

/* Before fork().  slots: processes that will write; a program without children uses 1. */
int cc_metrics_open(int slots);
void cc_metrics_slot(int slot); /* after fork(): which slot is ours */
void cc_metrics_close(void);

/* labels: as many strings as the row names, in its order; NULL for none.  Never waits. */
void cc_metric_add(enum cc_metric which, const char *const *labels, double by);
/* A gauge, or a counter that somebody else counts, such as processor time. */
void cc_metric_set(enum cc_metric which, const char *const *labels, double value);
void cc_metric_observe(enum cc_metric which, const char *const *labels, double seconds);

#define CC_LABELS(...) ((const char *const[]){__VA_ARGS__})

void cc_metrics_render(struct cc_buf *out);

#endif
