/*
 * Passages as their owner sees and changes them: one transaction each, on the active generation.
 *
 * Each first locks the document's row, as a publish does, so that "the active generation" stays the
 * same one until the end.
 */
#include <jansson.h>

#include "proto/base/json.h"
#include "proto/store/chunk_inside.h"

#define CHANGE_BYTES ((size_t)16 << 20)

#define THE_DOCUMENT " FROM documents WHERE tenant_id = $1 AND id = $2 AND status <> 'deleting'"
#define ACTIVE       "(SELECT active" THE_DOCUMENT ")"
#define LIVE         " c.tenant_id = $1 AND c.document_id = $2 AND c.generation = " ACTIVE
/* Passages of before there were hashes have none. */
#define HASH_OF_C                                                                                  \
    "coalesce(nullif(c.text_sha256, ''), encode(sha256(convert_to(c.text, 'UTF8')), 'hex'))"
#define ITS_EDIT " LEFT JOIN chunk_edits e ON e.tenant_id = c.tenant_id AND e.id = c.edit_id"

static const struct cc_stmt LOCK = {"SELECT 1" THE_DOCUMENT " FOR NO KEY UPDATE"};

static int no_document(void)
{
    return cc_fail(CC_E_NOTFOUND, "no such document");
}

static int no_passage(void)
{
    return cc_fail(CC_E_NOTFOUND, "no such passage");
}

/* ---- looking ---- */
#define VIEW                                                                                       \
    "SELECT c.id, c.idx, c.page, c.row_number, c.tokens, c.section, c.text, c.enabled,"            \
    " coalesce(e.text, '') <> '' FROM chunks c" ITS_EDIT " WHERE" LIVE

static void read_view(struct cc_row row, struct cc_chunk_view *ret)
{
    ret->id = cc_row_int(&row);
    ret->index = cc_row_int(&row);
    ret->page = cc_row_int(&row);
    ret->row = cc_row_int(&row);
    ret->tokens = cc_row_int(&row);
    ret->section = cc_row_text(&row);
    ret->text = cc_row_text(&row);
    ret->enabled = cc_row_bool(&row);
    ret->edited = cc_row_bool(&row);
}

int cc_chunk_list(struct cc_pg *pool, const char *tenant, const char *document, int64_t after_index,
                  int max, struct cc_arena *mem, struct cc_chunk_view **ret, int *ret_n)
{
    static const struct cc_stmt KNOWN = {"SELECT 1" THE_DOCUMENT},
                                LIST = {VIEW " AND c.idx > $3 ORDER BY c.idx LIMIT $4"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, tenant, &rows,
        CC_STEPS(CC_STEP(KNOWN, cc_at(tenant), cc_at(document)),
                 CC_STEP(LIST, cc_at(tenant), cc_at(document), cc_ai(after_index), cc_ai(max))));

    if (rc)
        return rc;
    if (!cc_rows_n(&rows, 0))
        return no_document();
    *ret_n = cc_rows_n(&rows, 1);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_view(cc_row(&rows, 1, i, mem), &(*ret)[i]);
    return 0;
}

int cc_chunk_get(struct cc_pg *pool, const char *tenant, const char *document, int64_t id,
                 struct cc_arena *mem, struct cc_chunk_view *ret)
{
    static const struct cc_stmt GET = {VIEW " AND c.id = $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(GET, cc_at(tenant), cc_at(document), cc_ai(id))));

    if (rc)
        return rc;
    if (!cc_rows_n(&rows, 0))
        return no_passage();
    read_view(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}

int cc_chunk_edits(struct cc_pg *pool, const char *tenant, const char *document,
                   struct cc_arena *mem, struct cc_chunk_edit **ret, int *ret_n)
{
    static const struct cc_stmt EDITS = {
        "SELECT id, text_sha256, text, section, enabled FROM chunk_edits"
        " WHERE tenant_id = $1 AND document_id = $2 ORDER BY id"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc =
        cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(EDITS, cc_at(tenant), cc_at(document))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        struct cc_chunk_edit *edit = &(*ret)[i];

        edit->id = cc_row_int(&row);
        edit->text_sha256 = cc_row_text(&row);
        edit->text = cc_row_text(&row);
        edit->section = cc_row_text(&row);
        edit->enabled = cc_row_bool(&row);
    }
    return 0;
}

/* ---- on and off ---- */
#define NOTE_ONCE " ON CONFLICT (tenant_id, document_id, text_sha256) WHERE text_sha256 <> ''"
#define NOTE_OF_C                                                                                  \
    "(SELECT e.id FROM chunk_edits e WHERE e.tenant_id = $1 AND e.document_id = $2"                \
    " AND e.text_sha256 = " HASH_OF_C ")"

/* The same text twice in a document is one note, and so one switch. */
static const struct cc_stmt
    NOTE_SWITCH = {"INSERT INTO chunk_edits (tenant_id, document_id, text_sha256, text, enabled)"
                   " SELECT $1, $2, " HASH_OF_C ", '', $4::boolean FROM chunks c"
                   " WHERE" LIVE " AND c.id = $3 AND c.edit_id IS NULL" NOTE_ONCE
                   " DO UPDATE SET enabled = excluded.enabled"},
    TURN_NOTE = {"UPDATE chunk_edits SET enabled = $4::boolean WHERE tenant_id = $1 AND id ="
                 " (SELECT c.edit_id FROM chunks c WHERE" LIVE " AND c.id = $3)"},
    TURN = {"UPDATE chunks c SET enabled = $4::boolean, edit_id = coalesce(c.edit_id, " NOTE_OF_C
            "),"
            " text_sha256 = CASE WHEN c.edit_id IS NULL THEN " HASH_OF_C
            " ELSE c.text_sha256 END WHERE" LIVE " AND (c.id = $3 OR c.edit_id ="
            " (SELECT edit_id FROM chunks WHERE tenant_id = $1 AND id = $3) OR c.edit_id IS NULL"
            " AND " HASH_OF_C " = (SELECT " HASH_OF_C
            " FROM chunks c WHERE c.tenant_id = $1 AND c.id = $3 AND c.edit_id IS NULL))"};

int cc_chunk_enable(struct cc_pg *pool, const char *tenant, const char *document, int64_t id,
                    bool enabled)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg args[] = {cc_at(tenant), cc_at(document), cc_ai(id), cc_ab(enabled)};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS({&LOCK, args, 2}, {&NOTE_SWITCH, args, 4}, {&TURN_NOTE, args, 4},
                                {&TURN, args, 4}, {&CC_NEW_KNOWLEDGE, args, 1}));

    if (rc)
        return rc;
    if (!cc_rows_n(&rows, 0))
        return no_document();
    return cc_rows_changed(&rows, 3) ? 0 : no_passage();
}

/* ---- another text, or one more ---- */
/*
 * $3 id, $4 text, $5 section.  A passage of the owner's own is known by its text: adding the same
 * twice, because the first answer was lost, is adding it once.
 */
#define OWN_EDIT                                                                                   \
    "(SELECT min(e.id) FROM chunk_edits e WHERE e.tenant_id = $1 AND e.document_id = $2"           \
    " AND e.text_sha256 = '' AND e.text = $4 AND e.section = $5)"
#define IT LIVE " AND (c.id = $3 OR ($3 = 0 AND c.edit_id = " OWN_EDIT "))"

static const struct cc_stmt
    NOTE_OWN = {"INSERT INTO chunk_edits (tenant_id, document_id, text_sha256, text, section)"
                " SELECT $1, $2, '', $4, $5 WHERE $3::bigint = 0 AND " ACTIVE
                " IS NOT NULL AND " OWN_EDIT " IS NULL"},
    /* an empty text for now: what follows finds it by its edit and fills it */
    ADD_OWN = {"INSERT INTO chunks (tenant_id, document_id, generation, idx, text, section, page,"
               " tokens, words, sha256, edit_id)"
               " SELECT $1, $2, g, (SELECT coalesce(max(idx), -1) + 1 FROM chunks"
               " WHERE tenant_id = $1 AND generation = g), $4, $5, 0, 0, 0, '', own"
               " FROM (SELECT " ACTIVE " AS g, " OWN_EDIT " AS own) x WHERE $3::bigint = 0"
               " AND g IS NOT NULL AND own IS NOT NULL AND NOT EXISTS (SELECT FROM chunks"
               " WHERE tenant_id = $1 AND generation = g AND edit_id = own)"},
    NOTE_TEXT = {"INSERT INTO chunk_edits (tenant_id, document_id, text_sha256, text, section,"
                 " enabled) SELECT $1, $2, " HASH_OF_C ", $4, $5, c.enabled FROM chunks c"
                 " WHERE" IT " AND c.edit_id IS NULL" NOTE_ONCE
                 " DO UPDATE SET text = excluded.text, section = excluded.section,"
                 " enabled = excluded.enabled"},
    CHANGE_NOTE = {"UPDATE chunk_edits SET text = $4, section = $5 WHERE tenant_id = $1 AND id IN"
                   " (SELECT c.edit_id FROM chunks c WHERE" IT ")"},
    CHANGE = {"UPDATE chunks c SET text = $4, section = $5, tokens = $6, words = $7, sha256 = $8,"
              " edit_id = coalesce(c.edit_id, " NOTE_OF_C "),"
              " text_sha256 = CASE WHEN c.edit_id IS NULL THEN " HASH_OF_C
              " ELSE c.text_sha256 END WHERE" IT},
    CLEAR_POSTINGS = {"DELETE FROM postings WHERE tenant_id = $1 AND generation = " ACTIVE
                      " AND chunk IN (SELECT c.id FROM chunks c WHERE" IT ")"},
    CLEAR_VECTORS = {"DELETE FROM chunk_vectors WHERE tenant_id = $1 AND generation = " ACTIVE
                     " AND chunk IN (SELECT c.id FROM chunks c WHERE" IT ")"},
    PUT_POSTINGS = {"INSERT INTO postings (tenant_id, term, generation, chunk, tf, words)"
                    " SELECT $1, t.key, c.generation, c.id, t.value::int, c.words"
                    " FROM chunks c, json_each_text($6::json) t WHERE" IT},
    WHICH = {"SELECT c.id FROM chunks c WHERE" IT};
#define PUT_VECTORS(type)                                                                          \
    "INSERT INTO chunk_vectors (tenant_id, generation, chunk, part, model, dimension, v)"          \
    " SELECT $1, c.generation, c.id, x.part, $8, $9, x.v FROM chunks c,"                           \
    " unnest($6::bigint[], $7::" type "[]) AS x(part, v) WHERE" IT

/* What BM25 knows of the document as a whole. */
static const struct cc_stmt COUNT_AGAIN = {
    "UPDATE documents d SET active_chunks = c.n, active_words = c.words, updated_at = now()"
    " FROM (SELECT count(*) AS n, coalesce(sum(words), 0)::bigint AS words FROM chunks c"
    " WHERE" LIVE ") c WHERE d.tenant_id = $1 AND d.id = $2"};

static int terms_json(const struct cc_chunk *chunk, struct cc_arena *mem, char **ret)
{
    CC_AUTO(json_decref)
    json_t *terms = json_object();

    for (int i = 0; i < chunk->terms_n; i++)
        if (json_object_set_new(terms, chunk->terms[i].text, json_integer(chunk->terms[i].count)))
            return cc_fail(CC_E_INVALID, "a word is no UTF-8");
    *ret = cc_json_dup(terms, mem);
    return 0;
}

static void flatten(const struct cc_chunk_change *change, const struct cc_vector_store *store,
                    struct cc_arena *mem, char **ret_parts, struct cc_vector_array *ret)
{
    const struct cc_chunk *chunk = change->chunk;
    int64_t *part = cc_arena_array(mem, (size_t)chunk->parts, sizeof *part);

    cc_vector_array_begin(ret, store, chunk->parts, change->dimension, mem);
    for (int i = 0; i < chunk->parts; i++) {
        part[i] = i;
        cc_vector_array_add(ret, store, chunk->vectors + (size_t)i * (size_t)change->dimension);
    }
    *ret_parts = cc_array_ints(mem, part, chunk->parts);
}

static int run_change(struct cc_pg *pool, const struct cc_chunk_change *change,
                      struct cc_arena *mem, struct cc_rows *rows)
{
    static const struct cc_stmt VECTORS_PG = {PUT_VECTORS("vector")},
                                VECTORS_EXACT = {PUT_VECTORS("bytea")};
    const struct cc_chunk *chunk = change->chunk;
    struct cc_vector_array vectors;
    struct cc_vector_store store;
    char *terms = NULL, *parts;
    int rc = cc_vector_store(pool, &store);

    if (rc || (rc = terms_json(chunk, mem, &terms)))
        return rc;
    flatten(change, &store, mem, &parts, &vectors);
#define ITS                                                                                        \
    cc_at(change->tenant), cc_at(change->document), cc_ai(change->id), cc_at(chunk->text),         \
        cc_at(chunk->section)
    const struct cc_arg it[] = {ITS, cc_ai(chunk->tokens), cc_ai(chunk->words),
                                cc_at(chunk->sha256)};
    const struct cc_arg words[] = {ITS, cc_at(terms)};
    const struct cc_arg numbers[] = {ITS, cc_at(parts), cc_abytes(vectors.bytes, vectors.len),
                                     cc_at(change->model), cc_ai(change->dimension)};
#undef ITS
    return cc_pg_run(pool, change->tenant, rows,
                     CC_STEPS({&LOCK, it, 2}, {&NOTE_OWN, it, 5}, {&ADD_OWN, it, 5},
                              {&NOTE_TEXT, it, 5}, {&CHANGE_NOTE, it, 5}, {&CHANGE, it, 8},
                              {&CLEAR_POSTINGS, it, 5}, {&PUT_POSTINGS, words, 6},
                              {&CLEAR_VECTORS, it, 5},
                              {store.pgvector ? &VECTORS_PG : &VECTORS_EXACT, numbers, 9},
                              {&COUNT_AGAIN, it, 2}, {&CC_NEW_KNOWLEDGE, it, 1}, {&WHICH, it, 5}));
}

int cc_chunk_change(struct cc_pg *pool, const struct cc_chunk_change *change, int64_t *ret_id)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(CHANGE_BYTES);
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = run_change(pool, change, mem, &rows);

    if (rc)
        return rc;
    if (!cc_rows_n(&rows, 0))
        return no_document();
    if (!cc_rows_n(&rows, 12))
        return cc_fail(CC_E_CONFLICT, change->id ? "the document was taken in anew meanwhile"
                                                 : "the document has no passages yet");
    struct cc_row row = cc_row(&rows, 12, 0, NULL);
    *ret_id = cc_row_int(&row);
    return 0;
}

/* ---- away ---- */
#define OWN                                                                                        \
    "(SELECT c.id FROM chunks c JOIN chunk_edits e ON e.tenant_id = c.tenant_id"                   \
    " AND e.id = c.edit_id AND e.text_sha256 = '' WHERE" LIVE " AND c.id = $3)"

static const struct cc_stmt
    WHAT = {"SELECT coalesce(e.text, '') <> '' FROM chunks c" ITS_EDIT " WHERE" LIVE
            " AND c.id = $3"},
    DROP_POSTINGS = {"DELETE FROM postings WHERE tenant_id = $1 AND generation = " ACTIVE
                     " AND chunk IN" OWN},
    DROP_VECTORS = {"DELETE FROM chunk_vectors WHERE tenant_id = $1 AND generation = " ACTIVE
                    " AND chunk IN" OWN},
    FORGET_TEXT = {"UPDATE chunk_edits SET text = '', section = '' WHERE tenant_id = $1"
                   " AND text_sha256 <> '' AND text <> '' AND id ="
                   " (SELECT c.edit_id FROM chunks c WHERE" LIVE " AND c.id = $3)"},
    /* one statement: behind it neither can be found by the other */
    DROP_OWN = {"WITH gone AS (DELETE FROM chunks WHERE tenant_id = $1 AND id IN" OWN
                " RETURNING edit_id) DELETE FROM chunk_edits WHERE tenant_id = $1"
                " AND id IN (SELECT edit_id FROM gone)"};

int cc_chunk_remove(struct cc_pg *pool, const char *tenant, const char *document, int64_t id)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg args[] = {cc_at(tenant), cc_at(document), cc_ai(id)};
    int rc =
        cc_pg_run(pool, tenant, &rows,
                  CC_STEPS({&LOCK, args, 2}, {&WHAT, args, 3}, {&DROP_POSTINGS, args, 3},
                           {&DROP_VECTORS, args, 3}, {&FORGET_TEXT, args, 3}, {&DROP_OWN, args, 3},
                           {&COUNT_AGAIN, args, 2}, {&CC_NEW_KNOWLEDGE, args, 1}));

    if (rc)
        return rc;
    if (!cc_rows_n(&rows, 1))
        return no_passage();
    struct cc_row row = cc_row(&rows, 1, 0, NULL);
    return cc_row_bool(&row) ? 0
                             : cc_fail(CC_E_CONFLICT, "a passage of the document can be switched "
                                                      "off, but not removed");
}
