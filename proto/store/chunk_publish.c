/* The one moment when passages are seen: what is stored becomes what is found. */
#include "proto/store/chunk_inside.h"

#define SHOWN_TEXTS "50"  /* of each side of a note */
#define SHOWN_CHARS "300" /* of each text */
#define NOTES       "100" /* of each document */

/* Chunks beyond the last one come from an attempt that cut the text differently.  Mostly there are
 * none, and then the words and vectors are not looked through. */
#define BEYOND_LAST "FROM chunks WHERE tenant_id = $1 AND generation = $4 AND idx >= $5"
#define BEYOND                                                                                     \
    " WHERE tenant_id = $1 AND generation = $4 AND chunk IN (SELECT id " BEYOND_LAST ")"           \
    " AND EXISTS (SELECT " BEYOND_LAST ") AND" CC_IF_HELD

static const struct cc_stmt
    TRIM_POSTINGS = {"DELETE FROM postings" BEYOND},
    TRIM_VECTORS = {"DELETE FROM chunk_vectors" BEYOND},
    TRIM_CHUNKS = {
        "DELETE FROM chunks WHERE tenant_id = $1 AND generation = $4 AND idx >= $5 AND" CC_IF_HELD};

/* The same text twice is two passages: hence the number among its likes. */
#define NUMBERED(which)                                                                            \
    "(SELECT idx, text, h, row_number() OVER (PARTITION BY h ORDER BY idx) AS k FROM"              \
    " (SELECT idx, text, coalesce(nullif(text_sha256, ''), sha256) AS h FROM chunks"               \
    " WHERE tenant_id = $1 AND document_id = $2 AND generation = " which ") x)"
#define LACKING(of, in)                                                                            \
    "(SELECT idx, text FROM " of " a WHERE NOT EXISTS"                                             \
    " (SELECT FROM " in " b WHERE b.h = a.h AND b.k = a.k))"
#define SHOWN(of)                                                                                  \
    "(SELECT coalesce(json_agg(json_build_object('index', idx, 'text', left(text, " SHOWN_CHARS    \
    ")) ORDER BY idx), '[]') FROM (SELECT idx, text FROM " of " ORDER BY idx"                      \
    " LIMIT (SELECT CASE WHEN g IS NULL THEN 0 ELSE " SHOWN_TEXTS " END FROM active)) s)"

/* Before the old ones go.  The first generation differs from nothing: its numbers are enough. */
static const struct cc_stmt NOTE = {
    "WITH active AS (SELECT active AS g FROM documents WHERE tenant_id = $1 AND id = $2),"
    " old AS " NUMBERED("(SELECT g FROM active)") ", new AS " NUMBERED(
        "$4") ","
              " added AS " LACKING("new", "old") ", removed AS " LACKING(
                  "old",
                  "new") " INSERT INTO document_changes (tenant_id, document_id, generation, "
                         "added, removed, kept,"
                         " embedded, detail)"
                         " SELECT $1, $2, $4, (SELECT count(*) FROM added), (SELECT count(*) FROM "
                         "removed),"
                         " (SELECT count(*) FROM new) - (SELECT count(*) FROM added), $6,"
                         " json_build_object('added', " SHOWN("added") ", 'removed', " SHOWN(
                             "removed") ")::text"
                                        " WHERE (SELECT count(*) FROM new) = $5 AND" CC_IF_HELD
                                            CC_ONCE};

#define UNEDITED "edits = edits_laid"
static const struct cc_stmt PUBLISH = {
    "UPDATE documents d SET status = 'ready', step = '', error = '', error_code = '',"
    " error_page = 0, progress = 100, chunks_total = $5, chunks_done = $5, active = $4,"
    " lease_until = '-infinity', updated_at = now(), active_chunks = c.n, active_words = c.words"
    " FROM (SELECT count(*) AS n, coalesce(sum(words), 0)::bigint AS words FROM chunks"
    " WHERE tenant_id = $1 AND document_id = $2 AND generation = $4) c" CC_DOC_FENCE
    " AND c.n = $5 AND " UNEDITED};
static const struct cc_stmt PUBLISHED = {
    "SELECT active = $4, (SELECT count(*) FROM chunks c WHERE c.tenant_id = $1"
    " AND c.document_id = $2 AND c.generation = $4), " UNEDITED " FROM documents"
    " WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND generation = $4"};

/* The old ones go only when the new ones are the active ones. */
#define IF_ACTIVE                                                                                  \
    " AND EXISTS (SELECT FROM documents WHERE tenant_id = $1 AND id = $2 AND active = $3)"
#define IF_OLD                                                                                     \
    " AND EXISTS (SELECT FROM chunks WHERE tenant_id = $1 AND document_id = $2"                    \
    " AND generation <> $3)"
#define DROP_OLD(table) "DELETE FROM " table CC_OF_DOCUMENT IF_OLD IF_ACTIVE

static const struct cc_stmt
    GARBAGE = {CC_GARBAGE IF_ACTIVE CC_ONCE},
    POSTINGS = {DROP_OLD("postings")}, VECTORS = {DROP_OLD("chunk_vectors")},
    CHUNKS = {"DELETE FROM chunks WHERE tenant_id = $1 AND document_id = $2 AND generation <> "
              "$3" IF_ACTIVE},
    OLD_NOTES = {"DELETE FROM document_changes WHERE tenant_id = $1 AND document_id = $2"
                 " AND generation <> $3 AND generation <= (SELECT generation FROM document_changes"
                 " WHERE tenant_id = $1 AND document_id = $2 ORDER BY generation DESC"
                 " OFFSET " NOTES " LIMIT 1)"};
/* The first document decides which embedding the tenant's questions are asked with, and where. */
#define OF_THIS " WHERE tenant_id = $1 AND generation = $3"
static const struct cc_stmt KNOWLEDGE = {
    "UPDATE tenants SET knowledge = knowledge + 1, embedding = CASE WHEN embedding <> ''"
    " THEN embedding ELSE coalesce((SELECT model FROM chunk_vectors" OF_THIS " LIMIT 1),"
    " (SELECT outside[1] FROM chunks" OF_THIS " AND outside <> '{}' LIMIT 1), '') END,"
    " outside = CASE WHEN embedding <> '' THEN outside ELSE"
    " EXISTS (SELECT FROM chunks" OF_THIS " AND outside <> '{}') END"
    " WHERE tenant_id = $1" IF_ACTIVE};

static int judge(struct cc_row row, int64_t chunks)
{
    bool active = cc_row_bool(&row);
    int64_t stored = cc_row_int(&row);
    bool unedited = cc_row_bool(&row);

    if (active)
        return 0;
    if (stored != chunks)
        return cc_fail(CC_E_CONFLICT, "%lld chunks are stored, not %lld", (long long)stored,
                       (long long)chunks);
    if (!unedited)
        return cc_fail(CC_E_CONFLICT, "passages were edited meanwhile");
    return cc_fail(CC_E_FENCED, "the document was ended before");
}

int cc_chunk_publish(struct cc_pg *pool, const struct cc_document_hold *hold, int64_t chunks,
                     int64_t embedded)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg held[] = {CC_HOLD(hold), cc_ai(chunks), cc_ai(embedded)};
    const struct cc_arg kept[] = {cc_at(hold->tenant), cc_at(hold->id), cc_ai(hold->generation)};
    const struct cc_steps steps =
        CC_STEPS({&CC_FENCE, held, 4}, {&TRIM_POSTINGS, held, 5}, {&TRIM_VECTORS, held, 5},
                 {&TRIM_CHUNKS, held, 5}, {&NOTE, held, 6}, {&PUBLISH, held, 5},
                 {&GARBAGE, kept, 3}, {&POSTINGS, kept, 3}, {&VECTORS, kept, 3}, {&CHUNKS, kept, 3},
                 {&OLD_NOTES, kept, 3}, {&KNOWLEDGE, kept, 3}, {&PUBLISHED, held, 4});
    int last = (int)steps.n - 1, rc = cc_pg_run(pool, hold->tenant, &rows, steps);

    if (rc)
        return rc;
    if (cc_rows_n(&rows, last) == 0)
        return cc_fail(CC_E_FENCED, "the document is another attempt's, or deleted");
    return judge(cc_row(&rows, last, 0, NULL), chunks);
}
