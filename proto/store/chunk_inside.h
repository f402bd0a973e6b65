/*
 * chunk_inside.h - pieces of SQL that documents and their chunks share, and vectors on the wire.
 *
 * Only for proto/store.
 */
#ifndef CC_STORE_CHUNK_INSIDE_H
#define CC_STORE_CHUNK_INSIDE_H

#include "proto/store/chunk.h"
#include "proto/store/pg_run.h"

#define CC_DOC_WORKING "'parsing', 'chunking', 'embedding', 'storing'"

#define CC_DOC_TAGS_BYTES ((size_t)1 << 20)

/* A taking-in from the start; whoever is at work on the one before finds the fence closed. */
#define CC_DOC_FRESH                                                                               \
    " status = 'pending', step = '', error = '', error_code = '', error_page = 0, progress = 0,"   \
    " chunks_total = 0, chunks_done = 0, tries = 0, lease_until = '-infinity', asked_at = now(),"  \
    " updated_at = now()"
#define CC_DOC_ANEW " generation = nextval('generations')," CC_DOC_FRESH

/* The fence: $1 tenant, $2 document, $3 attempt, $4 generation.  CC_HOLD gives them. */
#define CC_DOC_FENCE                                                                               \
    " WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND generation = $4"                       \
    " AND status IN (" CC_DOC_WORKING ")"
#define CC_HOLD(h) cc_at((h)->tenant), cc_at((h)->id), cc_ai((h)->attempt), cc_ai((h)->generation)

/* $1 tenant, $2 document, $3 the generation to keep; 0: none. */
extern const struct cc_stmt CC_DROP_POSTINGS, CC_DROP_VECTORS, CC_DROP_CHUNKS;
/* The same: an outer vector store may hold points of these; before CC_DROP_CHUNKS. */
extern const struct cc_stmt CC_NOTE_GARBAGE;
extern const struct cc_stmt CC_NEW_KNOWLEDGE; /* $1 tenant */

/* Locks the row: until the transaction ends no other attempt begins and nothing is deleted. */
extern const struct cc_stmt CC_FENCE; /* CC_HOLD */
#define CC_IF_HELD " EXISTS (SELECT FROM documents" CC_DOC_FENCE ")"

/* Of all the document's passages that are not of generation $3. */
#define CC_OF_DOCUMENT                                                                             \
    " WHERE tenant_id = $1 AND generation IN"                                                      \
    " (SELECT DISTINCT generation FROM chunks WHERE tenant_id = $1 AND document_id = $2"           \
    " AND generation <> $3)"
#define CC_GARBAGE                                                                                 \
    "INSERT INTO vector_garbage (tenant_id, generation) SELECT DISTINCT $1, generation"            \
    " FROM chunks WHERE tenant_id = $1 AND document_id = $2 AND generation <> $3"
#define CC_ONCE " ON CONFLICT DO NOTHING"

/* What an outer store may forget; cc_garbage_rows reads it from the only step and returns how many
 * there are. */
#define CC_GARBAGE_LIST "SELECT tenant_id, model, generation FROM vector_garbage"
struct cc_garbage;
int cc_garbage_rows(const struct cc_rows *rows, struct cc_arena *mem, struct cc_garbage **ret);

/* How chunk_vectors.v is stored in this database.  Waits (once per pool). */
struct cc_vector_store {
    const char *name; /* "pgvector" or "exact" */
    bool pgvector;
    unsigned oid; /* of the column's type */
};
int cc_vector_store(struct cc_pg *pool, struct cc_vector_store *ret);

/* The generations that a scope sees.  $1 tenant, $2 bot, $3 tags, $4 documents, $5 metadata:
 * CC_SCOPE gives them.  Materialised: the tenant comes first in every search. */
#define CC_SCOPE_DOCUMENTS                                                                         \
    " FROM documents WHERE tenant_id = $1 AND (bot_id IS NULL OR bot_id = $2)"                     \
    " AND active IS NOT NULL AND enabled AND ($3::text[] IS NULL OR tags && $3::text[])"           \
    " AND ($4::text[] IS NULL OR id = ANY($4::text[]))"                                            \
    " AND ($5::jsonb IS NULL OR metadata @> $5::jsonb)"
#define CC_LIVE                                                                                    \
    "live AS MATERIALIZED (SELECT active AS generation, active_chunks, "                           \
    "active_words" CC_SCOPE_DOCUMENTS ")"
/* Passages that are switched off are few, and an index holds only them. */
extern const struct cc_stmt CC_CHUNKS_OFF;    /* $1 tenant; their ids, sorted */
extern const struct cc_stmt cc_knowledge_now; /* $1 tenant */
#define CC_OFF "off AS MATERIALIZED (SELECT id FROM chunks WHERE tenant_id = $1 AND NOT enabled)"

/* A filter as parameters: NULL where it asks for nothing. */
struct cc_scope_args {
    const char *tags, *documents, *metadata;
};
struct cc_scope_args cc_scope_args(const struct cc_scope *scope, struct cc_arena *mem);
#define CC_SCOPE(scope, args)                                                                      \
    cc_at((scope)->tenant), cc_at((scope)->bot), cc_at((args).tags), cc_at((args).documents),      \
        cc_at((args).metadata)
bool cc_scope_filters(const struct cc_scope *scope);

/* One vector in the binary form of the store, scaled to length 1.  Writes
 * cc_vector_bytes(store, dimension) bytes. */
size_t cc_vector_bytes(const struct cc_vector_store *store, int dimension);
void cc_vector_write(const struct cc_vector_store *store, const float *v, int dimension, char *out);
void cc_vector_unit(const float *v, int dimension, float *out); /* scaled to length 1 */
/* The numbers of one stored vector; false if these bytes are none of that dimension. */
bool cc_vector_read(const struct cc_vector_store *store, const void *bytes, size_t len,
                    int dimension, float *out);

/* An array of n vectors as a parameter. */
struct cc_vector_array {
    char *bytes;
    size_t len, room;
    int n, dimension;
};
void cc_vector_array_begin(struct cc_vector_array *array, const struct cc_vector_store *store,
                           int n, int dimension, struct cc_arena *mem);
void cc_vector_array_add(struct cc_vector_array *array, const struct cc_vector_store *store,
                         const float *v);

#endif
