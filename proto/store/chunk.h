/*
 * chunk.h - passages: stored under a generation, found by words and by vectors.
 *
 * Every search takes the tenant and the bot; there is no unfiltered one.  Only chunks of active
 * generations of documents that the bot may see are found.  All calls wait.
 */
#ifndef CC_STORE_CHUNK_H
#define CC_STORE_CHUNK_H

#include <stdint.h>

#include "proto/store/document.h"

struct cc_chunk_term {
    const char *text; /* at most 64 bytes: a stem */
    int64_t count;
};
struct cc_chunk {
    int64_t index; /* within the document, from 0 */
    const char *text, *section;
    int64_t page, row; /* from 1; 0: none */
    int64_t tokens;
    bool disabled;
    int64_t edit;            /* of chunk_edits; 0: as parsed */
    const char *text_sha256; /* of the text as parsed */
    const char *sha256;      /* of model and normalised text */
    const struct cc_chunk_term *terms;
    int terms_n;
    int64_t words;        /* length for BM25: all counts added */
    const float *vectors; /* parts x dimension */
    int parts;
};
struct cc_chunk_batch {
    const struct cc_chunk *chunks;
    int n, dimension;
    const char *model; /* name of the embedding */
};
/* Stores again what is there already (a repeated batch).  FENCED. */
int cc_chunk_put(struct cc_pg *pool, const struct cc_document_hold *hold,
                 const struct cc_chunk_batch *batch);
/* How many chunks of this generation are stored: a re-run goes on there. */
int cc_chunk_count(struct cc_pg *pool, const struct cc_document_hold *hold, int64_t *ret);
/*
 * One fenced transaction: the generation becomes the active one, what changed since the last one is
 * noted, older chunks go, status ready.  embedded: passages that had to be, for the note.
 */
int cc_chunk_publish(struct cc_pg *pool, const struct cc_document_hold *hold, int64_t chunks,
                     int64_t embedded);

/* Vectors of chunks of this tenant with these hashes (of any document and generation), to reuse. */
struct cc_chunk_vectors {
    const char *sha256;
    const float *vectors;
    int parts;
};
struct cc_chunk_known {
    const char *tenant, *model; /* only vectors of this model */
    int dimension, n;
    const char *const *sha256;
};
int cc_chunk_known(struct cc_pg *pool, const struct cc_chunk_known *query, struct cc_arena *mem,
                   struct cc_chunk_vectors **ret, int *ret_n);

/* Which of a bot's documents a search sees; all lists may be empty. */
struct cc_filter {
    const char *const *tags; /* any of these */
    int tags_n;
    const char *const *documents; /* any of these */
    int documents_n;
    const char *metadata; /* JSON object that the document's contains; NULL or "": any */
};
struct cc_scope {
    const char *tenant, *bot;
    const struct cc_filter *filter; /* NULL: all of the bot's */
};
struct cc_chunk_hit {
    int64_t chunk; /* row id */
    double score;  /* larger is better */
    int part;      /* which of its vectors it was, from 1; 0: not said */
};
/* BM25 (k1 1.2, b 0.75) over the scope's active chunks, best first. */
int cc_chunk_lexical(struct cc_pg *pool, const struct cc_scope *scope, const char *const *terms,
                     int n, int max, struct cc_arena *mem, struct cc_chunk_hit **ret, int *ret_n);
/* Cosine, best part of each chunk, best first; exact within the tenant.  Vectors of tenants that
 * were asked lately are kept in this process, CC_SEARCH_MEMORY bytes of them. */
struct cc_query_vector {
    const float *v;
    int dimension;
    const char *model;
};
int cc_chunk_nearest(struct cc_pg *pool, const struct cc_scope *scope,
                     const struct cc_query_vector *query, int max, struct cc_arena *mem,
                     struct cc_chunk_hit **ret, int *ret_n);

/* What a scope sees at this moment, for a vector store that is not PostgreSQL. */
struct cc_chunk_live {
    const int64_t *generations, *off; /* off: passages of the tenant that are switched off */
    int generations_n, off_n;         /* off is sorted */
};
int cc_chunk_live(struct cc_pg *pool, const struct cc_scope *scope, struct cc_arena *mem,
                  struct cc_chunk_live *ret);

struct cc_passage {
    int64_t chunk, index, page, row, tokens;
    const char *document, *title, *filename, *url, *section, *text;
};
/* In the order of ids; those that are gone meanwhile are left out. */
int cc_chunk_load(struct cc_pg *pool, const struct cc_scope *scope, const int64_t *ids, int n,
                  struct cc_arena *mem, struct cc_passage **ret, int *ret_n);

/* ---- passages as the owner sees and changes them: those of the active generation ---- */
struct cc_chunk_view {
    int64_t id, index, page, row, tokens;
    const char *section, *text;
    bool enabled, edited;
};
int cc_chunk_list(struct cc_pg *pool, const char *tenant, const char *document, int64_t after_index,
                  int max, struct cc_arena *mem, struct cc_chunk_view **ret,
                  int *ret_n); /* NOTFOUND */
int cc_chunk_get(struct cc_pg *pool, const char *tenant, const char *document, int64_t id,
                 struct cc_arena *mem, struct cc_chunk_view *ret); /* NOTFOUND */
/* On or off, now and after each new taking-in. */
int cc_chunk_enable(struct cc_pg *pool, const char *tenant, const char *document, int64_t id,
                    bool enabled); /* NOTFOUND */
/*
 * Another text for a passage (id), or one more (id 0): row, words and vectors in one transaction,
 * noted in chunk_edits, so that a new taking-in keeps it.  *ret_id: its row.  NOTFOUND; CONFLICT
 * when a new generation was published meanwhile.
 */
struct cc_chunk_change {
    const char *tenant, *document;
    int64_t id;
    const struct cc_chunk *chunk; /* text, section, tokens, sha256, terms, vectors */
    int dimension;
    const char *model;
};
int cc_chunk_change(struct cc_pg *pool, const struct cc_chunk_change *change, int64_t *ret_id);
/* One added by hand goes; one that was changed gets its own text back with the next taking-in. */
int cc_chunk_remove(struct cc_pg *pool, const char *tenant, const char *document,
                    int64_t id); /* NOTFOUND; CONFLICT for one as parsed: switch it off instead */

/* What is to be laid over a new taking-in. */
struct cc_chunk_edit {
    int64_t id;
    const char *text_sha256, *text, *section; /* text_sha256 "": a passage of its own */
    bool enabled;
};
int cc_chunk_edits(struct cc_pg *pool, const char *tenant, const char *document,
                   struct cc_arena *mem, struct cc_chunk_edit **ret, int *ret_n);

/* "pgvector" or "exact": what this database searches vectors with.  Waits (once). */
int cc_chunk_store_name(struct cc_pg *pool, const char **ret);

/* Changes whenever a document of the tenant is published or deleted: part of answer-cache keys. */
int cc_knowledge_version(struct cc_pg *pool, const char *tenant, int64_t *ret);

#endif
