/* Sources as a visitor sees them: claimed under a lease, visited behind a fence. */
#include <jansson.h>

#include "proto/base/json.h"
#include "proto/store/chunk_inside.h"
#include "proto/store/source_inside.h"

#define FOUND_BYTES ((size_t)64 * 1024 * 1024) /* of one page's links: a page has a cap itself */
#define TAGS_BYTES  ((size_t)1024 * 1024)

/* Each tenant's oldest first, so that one with many does not keep the others waiting. */
int cc_source_sweep(struct cc_pg *sweep, int max, struct cc_arena *mem, struct cc_source_due **ret,
                    int *ret_n)
{
    static const struct cc_stmt DUE = {
        "SELECT tenant_id, id FROM sources WHERE status <> 'running' AND next_at <= now()"
        " OR status = 'running' AND lease_until < now()"
        " ORDER BY row_number() OVER (PARTITION BY tenant_id ORDER BY next_at), next_at LIMIT $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(sweep, NULL, &rows, CC_STEPS(CC_STEP(DUE, cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        (*ret)[i].tenant = cc_row_text(&row);
        (*ret)[i].id = cc_row_text(&row);
    }
    return 0;
}

/* Claims count until a page is settled: a visit is given up only when nothing comes of it. */
static const struct cc_stmt CLAIM = {
    "UPDATE sources s SET run = s.run + 1, owner = $3, updated_at = now(),"
    " visit = s.visit + CASE WHEN o.status = 'running' THEN 0 ELSE 1 END,"
    " status = CASE WHEN o.dead THEN 'failed' ELSE 'running' END,"
    " tries = CASE WHEN o.dead THEN 0 ELSE s.tries + 1 END,"
    " error = CASE WHEN o.dead THEN 'gave up after ' || s.tries || ' attempts' ELSE '' END,"
    " next_at = CASE WHEN o.dead THEN" CC_SOURCE_NEXT " ELSE s.next_at END,"
    " lease_until = CASE WHEN o.dead THEN '-infinity' ELSE now() + $4 * interval '1 ms' END"
    " FROM (SELECT status, status = 'running' AND tries >= $5 AS dead FROM sources"
    " WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE) o"
    " WHERE s.tenant_id = $1 AND s.id = $2 AND (o.status <> 'running' AND s.next_at <= now()"
    " OR o.status = 'running' AND s.lease_until < now())"
    " RETURNING s.run, s.visit, o.status <> 'running', o.dead"};

int cc_source_claim(struct cc_pg *pool, const struct cc_source_due *due, const char *owner,
                    int lease_ms, int64_t tries_max, struct cc_arena *mem,
                    struct cc_source_hold *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, due->tenant, &rows,
                       CC_STEPS(CC_STEP(CLAIM, cc_at(due->tenant), cc_at(due->id), cc_at(owner),
                                        cc_ai(lease_ms), cc_ai(tries_max))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "the source is not due, or another's");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    ret->run = cc_row_int(&row);
    ret->visit = cc_row_int(&row);
    ret->first = cc_row_bool(&row);
    if (cc_row_bool(&row))
        return cc_fail(CC_E_DEAD, "the visit was begun too often and came to nothing");
    ret->tenant = cc_arena_dup(mem, due->tenant);
    ret->id = cc_arena_dup(mem, due->id);
    return 0;
}

/* The fence: $1 tenant, $2 source, $3 run, $4 visit.  HOLD gives them. */
#define FENCE   " WHERE tenant_id = $1 AND id = $2 AND run = $3 AND visit = $4 AND status = 'running'"
#define HOLD(h) cc_at((h)->tenant), cc_at((h)->id), cc_ai((h)->run), cc_ai((h)->visit)
#define IF_HELD " EXISTS (SELECT FROM sources" FENCE ")"

/* Locks the row: until this transaction ends nobody takes the visit over or deletes the source. */
static const struct cc_stmt LOCK = {"SELECT 1 FROM sources" FENCE " FOR NO KEY UPDATE"};

static int fenced(void)
{
    return cc_fail(CC_E_FENCED, "the visit is another's, or the source deleted");
}

int cc_source_beat(struct cc_pg *pool, const struct cc_source_hold *hold, int lease_ms)
{
    static const struct cc_stmt BEAT = {
        "UPDATE sources SET lease_until = now() + $5 * interval '1 ms', updated_at = now()" FENCE};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc =
        cc_pg_run(pool, hold->tenant, &rows, CC_STEPS(CC_STEP(BEAT, HOLD(hold), cc_ai(lease_ms))));

    return rc == 0 && cc_rows_changed(&rows, 0) == 0 ? fenced() : rc;
}

/* Handing back in good order does not count as an attempt; who waits already comes first. */
int cc_source_release(struct cc_pg *pool, const struct cc_source_hold *hold)
{
    static const struct cc_stmt RELEASE = {"UPDATE sources SET lease_until = '-infinity', next_at ="
                                           " now(), tries = greatest(tries - 1, 0)" FENCE};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, hold->tenant, &rows, CC_STEPS(CC_STEP(RELEASE, HOLD(hold))));

    return rc == 0 && cc_rows_changed(&rows, 0) == 0 ? fenced() : rc;
}

static int pages_json(const struct cc_source_page *pages, int n, struct cc_arena *mem, char **ret)
{
    CC_AUTO(json_decref)
    json_t *all = json_array();

    for (int i = 0; i < n; i++)
        if (json_array_append_new(all, json_pack("{ss sI}", "url", pages[i].url, "depth",
                                                 (json_int_t)pages[i].depth)))
            return cc_fail(CC_E_INVALID, "a page's URL is no UTF-8");
    *ret = cc_json_dup(all, mem);
    return 0;
}

int cc_source_found(struct cc_pg *pool, const struct cc_source_hold *hold,
                    const struct cc_source_page *pages, int n)
{
    static const struct cc_stmt FOUND = {
        "WITH given AS (SELECT url, min(depth) AS depth, min(ord) AS ord FROM"
        " ROWS FROM (json_to_recordset($5::json) AS (url text, depth bigint))"
        " WITH ORDINALITY AS x(url, depth, ord) GROUP BY url),"
        " fresh AS (SELECT g.url, g.depth FROM given g LEFT JOIN source_pages p ON"
        " p.tenant_id = $1 AND p.source_id = $2 AND p.url = g.url"
        " WHERE p.url IS NULL OR p.visit < $4 ORDER BY g.ord LIMIT greatest(0,"
        " (SELECT CASE kind WHEN 'page' THEN 2 ELSE max_pages END FROM sources"
        " WHERE tenant_id = $1 AND id = $2)"
        " - (SELECT count(*) FROM source_pages WHERE tenant_id = $1 AND source_id = $2"
        " AND visit = $4)))"
        " INSERT INTO source_pages (tenant_id, source_id, url, depth, visit, state)"
        " SELECT $1, $2, url, depth, $4, 'waiting' FROM fresh WHERE" IF_HELD
        " ON CONFLICT (tenant_id, source_id, url) DO UPDATE SET visit = excluded.visit,"
        " depth = excluded.depth, state = 'waiting', error = ''"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(FOUND_BYTES);
    char *json = NULL;
    int rc = pages_json(pages, n, mem, &json);

    if (rc == 0)
        rc =
            cc_pg_run(pool, hold->tenant, &rows,
                      CC_STEPS(CC_STEP(LOCK, HOLD(hold)), CC_STEP(FOUND, HOLD(hold), cc_at(json))));
    return rc == 0 && cc_rows_n(&rows, 0) == 0 ? fenced() : rc;
}

/* What was learned last time is of use only together with what was read then. */
int cc_source_next(struct cc_pg *pool, const struct cc_source_hold *hold, struct cc_arena *mem,
                   struct cc_source_page *ret)
{
    static const struct cc_stmt
        HELD = {"SELECT 1 FROM sources" FENCE},
        NEXT = {"SELECT p.url, p.state, d.id, CASE WHEN d.id IS NULL THEN '' ELSE p.etag END,"
                " CASE WHEN d.id IS NULL THEN '' ELSE p.modified END, p.error, p.depth,"
                " p.http_status, (extract(epoch FROM p.fetched_at) * 1000)::bigint"
                " FROM source_pages p LEFT JOIN documents d"
                " ON d.tenant_id = p.tenant_id AND d.id = p.document_id AND d.status <> 'deleting'"
                " WHERE p.tenant_id = $1 AND p.source_id = $2 AND p.state = 'waiting'"
                " ORDER BY p.depth, p.url LIMIT 1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, hold->tenant, &rows,
        CC_STEPS(CC_STEP(HELD, HOLD(hold)), CC_STEP(NEXT, cc_at(hold->tenant), cc_at(hold->id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return fenced();
    if (cc_rows_n(&rows, 1) == 0)
        return cc_fail(CC_E_NOTFOUND, "no page waits");
    struct cc_row row = cc_row(&rows, 1, 0, mem);
    cc_source_page_row(&row, ret);
    return 0;
}

/* ---- what came of a page ---- */

/* A page that came to something: the next claims begin to count anew.  Locks, too. */
static const struct cc_stmt ADVANCE = {"UPDATE sources SET tries = 0, updated_at = now()" FENCE};

#define THE_PAGE     " p.tenant_id = $1 AND p.source_id = $2 AND p.url = $5"
#define ITS_DOCUMENT THE_PAGE " AND d.tenant_id = $1 AND d.id = p.document_id"
#define LEARNED                                                                                    \
    " etag = $7, modified = $8, error = $9, http_status = $10, fetched_at = now(), depth = $11"

static int settle_plain(struct cc_pg *pool, const struct cc_source_hold *hold,
                        const struct cc_source_page *page)
{
    static const struct cc_stmt PAGE = {
        "UPDATE source_pages p SET state = $6," LEARNED ", document_id ="
        " CASE WHEN $6 IN ('gone', 'refused') THEN NULL ELSE document_id END"
        " WHERE" THE_PAGE " AND" IF_HELD};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc =
        cc_pg_run(pool, hold->tenant, &rows,
                  CC_STEPS(CC_STEP(ADVANCE, HOLD(hold)),
                           CC_STEP(PAGE, HOLD(hold), cc_at(page->url), cc_at(page->state),
                                   cc_at(page->etag), cc_at(page->modified), cc_at(page->error),
                                   cc_ai(page->http_status), cc_ai(page->depth))));

    return rc == 0 && cc_rows_changed(&rows, 0) == 0 ? fenced() : rc;
}

/*
 * The document is locked before its file, as a delete does.  Of three cases each step but the
 * page's own does something in one: no document yet (ADD, FILE, LINK), other bytes than before
 * (BYTES, RENEW), the same bytes or a document that its owner deleted (none).
 */
static const struct cc_stmt
    LOCK_IT = {"SELECT 1 FROM documents d, source_pages p WHERE" ITS_DOCUMENT " AND" IF_HELD
               " FOR NO KEY UPDATE OF d"},
    PAGE = {"UPDATE source_pages p SET" LEARNED ", state = CASE WHEN p.document_id IS NULL THEN $6"
            " ELSE coalesce((SELECT CASE d.sha256 WHEN $12 THEN 'unchanged' ELSE $6 END FROM"
            " documents d WHERE d.tenant_id = $1 AND d.id = p.document_id), 'refused') END"
            " WHERE" THE_PAGE " AND" IF_HELD},
    BYTES = {"UPDATE document_files f SET bytes = $6 FROM documents d, source_pages p"
             " WHERE" ITS_DOCUMENT " AND f.tenant_id = $1 AND f.document_id = d.id"
             " AND d.sha256 <> $7 AND d.status <> 'deleting' AND" IF_HELD},
    RENEW = {"UPDATE documents d SET sha256 = $6, size = $7, type = $8, url = $9," CC_DOC_ANEW
             " FROM source_pages p WHERE" ITS_DOCUMENT " AND d.sha256 <> $6"
             " AND d.status <> 'deleting' AND" IF_HELD},
    ADD = {"INSERT INTO documents (tenant_id, id, bot_id, filename, title, url, sha256, type,"
           " size, tags, source_id, titled) SELECT $1, $6, nullif($7, ''), $8, $9, $10, $11, $12,"
           " $13::bigint, $14::text[], $2, $15::boolean FROM source_pages p WHERE" THE_PAGE
           " AND p.document_id IS NULL AND" IF_HELD},
    FILE_OF = {"INSERT INTO document_files (tenant_id, document_id, bytes) SELECT $1, $2, $3::bytea"
               " WHERE EXISTS (SELECT FROM documents WHERE tenant_id = $1 AND id = $2)"
               " ON CONFLICT DO NOTHING"},
    LINK = {"UPDATE source_pages p SET document_id = $4 WHERE tenant_id = $1 AND source_id = $2"
            " AND url = $3 AND document_id IS NULL AND EXISTS"
            " (SELECT FROM documents WHERE tenant_id = $1 AND id = $4)"},
    LOOK = {"SELECT d.id, d.generation FROM documents d, source_pages p WHERE p.tenant_id = $1"
            " AND p.source_id = $2 AND p.url = $3 AND d.tenant_id = $1 AND d.id = p.document_id"};

static int settle_file(struct cc_pg *pool, const struct cc_source_hold *hold,
                       const struct cc_source_page *page, const struct cc_document *file,
                       struct cc_rows *rows)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(TAGS_BYTES);
    const struct cc_arg bytes = cc_abytes(file->bytes, (size_t)file->size), url = cc_at(page->url),
                        tenant = cc_at(hold->tenant), id = cc_at(hold->id);

    return cc_pg_run(
        pool, hold->tenant, rows,
        CC_STEPS(CC_STEP(ADVANCE, HOLD(hold)), CC_STEP(LOCK_IT, HOLD(hold), url),
                 CC_STEP(PAGE, HOLD(hold), url, cc_at(page->state), cc_at(page->etag),
                         cc_at(page->modified), cc_at(page->error), cc_ai(page->http_status),
                         cc_ai(page->depth), cc_at(file->sha256)),
                 CC_STEP(BYTES, HOLD(hold), url, bytes, cc_at(file->sha256)),
                 CC_STEP(RENEW, HOLD(hold), url, cc_at(file->sha256), cc_ai(file->size),
                         cc_at(file->type), cc_at(file->url)),
                 CC_STEP(ADD, HOLD(hold), url, cc_at(file->id), cc_at(file->bot),
                         cc_at(file->filename), cc_at(file->title), cc_at(file->url),
                         cc_at(file->sha256), cc_at(file->type), cc_ai(file->size),
                         cc_at(cc_array_texts(mem, file->tags, file->tags_n)), cc_ab(file->titled)),
                 CC_STEP(FILE_OF, tenant, cc_at(file->id), bytes),
                 CC_STEP(LINK, tenant, id, url, cc_at(file->id)), CC_STEP(LOOK, tenant, id, url)));
}

int cc_source_settle(struct cc_pg *pool, const struct cc_source_hold *hold,
                     const struct cc_source_page *page, const struct cc_document *file,
                     struct cc_arena *mem, const char **ret_document, int64_t *ret_generation)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc;

    if (!file) {
        rc = settle_plain(pool, hold, page);
        if (rc == 0)
            *ret_document = "", *ret_generation = 0;
        return rc;
    }
    rc = settle_file(pool, hold, page, file, &rows);
    if (rc)
        return rc;
    if (cc_rows_changed(&rows, 0) == 0)
        return fenced();
    bool renewed = cc_rows_changed(&rows, 4) + cc_rows_changed(&rows, 5) > 0;
    *ret_document = "";
    *ret_generation = 0;
    if (!renewed || cc_rows_n(&rows, 8) == 0)
        return 0;
    struct cc_row row = cc_row(&rows, 8, 0, mem);
    *ret_document = cc_row_text(&row);
    *ret_generation = cc_row_int(&row);
    return 0;
}

/* ---- the end of a visit ---- */

/* Where the first page did not come, nothing can be said of those behind it. */
#define FIRST_CAME                                                                                 \
    " AND NOT EXISTS (SELECT FROM source_pages f WHERE f.tenant_id = $1 AND f.source_id = $2"      \
    " AND f.depth = 0 AND f.visit = $4 AND f.state = 'failed')"

static int drop_unseen(struct cc_pg *pool, const struct cc_source_hold *hold)
{
    static const struct cc_stmt UNSEEN = {
        "SELECT d.id FROM source_pages p JOIN documents d ON d.tenant_id = p.tenant_id"
        " AND d.id = p.document_id WHERE p.tenant_id = $1 AND p.source_id = $2 AND p.visit < $4"
        " AND" IF_HELD FIRST_CAME " LIMIT 200"};

    return cc_source_drop(pool, hold->tenant, (struct cc_step)CC_STEP(UNSEEN, HOLD(hold)));
}

int cc_source_end(struct cc_pg *pool, const struct cc_source_hold *hold, const char *error)
{
    static const struct cc_stmt
        FORGET = {"DELETE FROM source_pages WHERE tenant_id = $1 AND source_id = $2"
                  " AND visit < $4 AND $5 = '' AND" IF_HELD FIRST_CAME},
        END = {"UPDATE sources SET status = CASE WHEN $5 = '' THEN 'ready' ELSE 'failed' END,"
               " error = $5, tries = 0, lease_until = '-infinity', visited_at = now(),"
               " updated_at = now(), next_at =" CC_SOURCE_NEXT FENCE};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = *error ? 0 : drop_unseen(pool, hold);

    if (rc == 0)
        rc =
            cc_pg_run(pool, hold->tenant, &rows,
                      CC_STEPS(CC_STEP(LOCK, HOLD(hold)), CC_STEP(FORGET, HOLD(hold), cc_at(error)),
                               CC_STEP(END, HOLD(hold), cc_at(error))));
    return rc == 0 && cc_rows_n(&rows, 0) == 0 ? fenced() : rc;
}
