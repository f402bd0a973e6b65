/* Sources as their owners see them: added, listed, changed, visited when they say so, deleted. */
#include "proto/store/source.h"

#include "proto/store/source_inside.h"

#define DROP_BYTES ((size_t)64 * 1024)

static struct cc_arg texts(struct cc_arena *mem, struct cc_texts list)
{
    return cc_at(cc_array_texts(mem, list.at, list.n));
}

/* What lists of a source come to: bounded by the gateway, and by far more here. */
#define LISTS_BYTES ((size_t)4 * 1024 * 1024)

int cc_source_add(struct cc_pg *pool, const struct cc_source *s)
{
    static const struct cc_stmt ADD = {
        "INSERT INTO sources (tenant_id, id, bot_id, kind, url, title, tags, include, exclude,"
        " depth, max_pages, every_s) VALUES ($1, $2, nullif($3, ''), $4, $5, $6, $7, $8, $9, $10,"
        " $11, $12)"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(LISTS_BYTES);

    return cc_pg_run(
        pool, s->tenant, &rows,
        CC_STEPS(CC_STEP(ADD, cc_at(s->tenant), cc_at(s->id), cc_at(s->bot), cc_at(s->kind),
                         cc_at(s->url), cc_at(s->title), texts(mem, s->tags),
                         texts(mem, s->include), texts(mem, s->exclude), cc_ai(s->depth),
                         cc_ai(s->max_pages), cc_ai(s->every_s))));
}

/* Nobody sees one that is being taken away. */
#define STAYING " AND status <> 'deleting'"

#define MS(column)                                                                                 \
    " CASE WHEN isfinite(" column ") THEN (extract(epoch FROM " column ") * 1000)::bigint"         \
    " ELSE 0 END"
#define PAGES_IN(state)                                                                            \
    " (SELECT count(*) FROM source_pages p WHERE p.tenant_id = s.tenant_id AND p.source_id = s.id" \
    " AND p.state = '" state "')"
/* clang-format off */
#define SOURCE                                                                                     \
    "SELECT id, tenant_id, bot_id, kind, url, title, tags, include, exclude, depth, max_pages,"    \
    " every_s, status, error," MS("next_at") "," MS("visited_at") "," MS("created_at") ","         \
    " (SELECT count(*) FROM documents d WHERE d.tenant_id = s.tenant_id AND d.source_id = s.id),"  \
    PAGES_IN("waiting") "," PAGES_IN("failed") " FROM sources s"
/* clang-format on */

static struct cc_texts read_texts(struct cc_row *row)
{
    struct cc_texts texts;

    texts.at = cc_row_texts(row, &texts.n);
    return texts;
}

static void read_source(struct cc_row row, struct cc_source *ret)
{
    ret->id = cc_row_text(&row);
    ret->tenant = cc_row_text(&row);
    ret->bot = cc_row_text(&row);
    ret->kind = cc_row_text(&row);
    ret->url = cc_row_text(&row);
    ret->title = cc_row_text(&row);
    ret->tags = read_texts(&row);
    ret->include = read_texts(&row);
    ret->exclude = read_texts(&row);
    ret->depth = cc_row_int(&row);
    ret->max_pages = cc_row_int(&row);
    ret->every_s = cc_row_int(&row);
    ret->status = cc_row_text(&row);
    ret->error = cc_row_text(&row);
    ret->next_ms = cc_row_int(&row);
    ret->visited_ms = cc_row_int(&row);
    ret->created_ms = cc_row_int(&row);
    ret->documents = cc_row_int(&row);
    ret->waiting = cc_row_int(&row);
    ret->failed = cc_row_int(&row);
}

int cc_source_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
                  struct cc_source *ret)
{
    static const struct cc_stmt ONE = {SOURCE " WHERE tenant_id = $1 AND id = $2" STAYING};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(ONE, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such source");
    read_source(cc_row(&rows, 0, 0, mem), ret);
    return 0;
}

int cc_source_list(struct cc_pg *pool, const char *tenant, const char *after, int max,
                   struct cc_arena *mem, struct cc_source **ret, int *ret_n)
{
    static const struct cc_stmt PAGE = {SOURCE " WHERE tenant_id = $1 AND id < $2" STAYING
                                               " ORDER BY id DESC LIMIT $3"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(PAGE, cc_at(tenant), cc_abehind(after), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_source(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}

/* A visit that was asked for keeps its moment; else another rhythm counts from the last one. */
int cc_source_set(struct cc_pg *pool, const struct cc_source *s)
{
    static const struct cc_stmt SET = {
        "UPDATE sources SET title = $3, tags = $4, include = $5, exclude = $6, depth = $7,"
        " max_pages = $8, every_s = $9, updated_at = now(), next_at = CASE"
        " WHEN status = 'pending' OR every_s = $9 THEN next_at WHEN $9::bigint = 0 THEN 'infinity'"
        " ELSE coalesce(visited_at, now()) + $9 * interval '1 s' END"
        " WHERE tenant_id = $1 AND id = $2" STAYING};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(LISTS_BYTES);

    return cc_pg_must(pool, s->tenant,
                      (struct cc_step)CC_STEP(SET, cc_at(s->tenant), cc_at(s->id), cc_at(s->title),
                                              texts(mem, s->tags), texts(mem, s->include),
                                              texts(mem, s->exclude), cc_ai(s->depth),
                                              cc_ai(s->max_pages), cc_ai(s->every_s)),
                      CC_E_NOTFOUND, "no such source");
}

/* One that is running now is as good as asked for. */
int cc_source_visit(struct cc_pg *pool, const char *tenant, const char *id)
{
    static const struct cc_stmt VISIT = {
        "UPDATE sources SET next_at = now(), updated_at = now(), tries = CASE WHEN status ="
        " 'running' THEN tries ELSE 0 END, status = CASE WHEN status = 'running' THEN status"
        " ELSE 'pending' END WHERE tenant_id = $1 AND id = $2" STAYING};

    return cc_pg_must(pool, tenant, (struct cc_step)CC_STEP(VISIT, cc_at(tenant), cc_at(id)),
                      CC_E_NOTFOUND, "no such source");
}

static int drop_named(struct cc_pg *pool, const char *tenant, struct cc_step named,
                      struct cc_arena *mem, int *ret_n)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, (struct cc_steps){&named, 1});

    *ret_n = rc ? 0 : cc_rows_n(&rows, 0);
    for (int i = 0; !rc && i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);

        rc = cc_document_delete(pool, tenant, cc_row_text(&row));
        if (rc == CC_E_NOTFOUND) /* somebody was quicker */
            rc = 0;
    }
    return rc;
}

int cc_source_drop(struct cc_pg *pool, const char *tenant, struct cc_step named)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(DROP_BYTES);
    int n, rc;

    do {
        cc_arena_reset(mem);
        rc = drop_named(pool, tenant, named, mem, &n);
    } while (!rc && n);
    return rc;
}

/*
 * First the fence, so that no visit brings new documents; then one document after another, each as
 * its owner would delete it; the row last.  Cut off in between, the sweep goes on.
 */
int cc_source_delete(struct cc_pg *pool, const char *tenant, const char *id)
{
    static const struct cc_stmt
        CLOSE = {"UPDATE sources SET run = run + 1, status = 'deleting', next_at = 'infinity',"
                 " lease_until = '-infinity', updated_at = now()"
                 " WHERE tenant_id = $1 AND id = $2"},
        THEIRS = {"SELECT id FROM documents WHERE tenant_id = $1 AND source_id = $2 LIMIT 200"},
        GONE = {"DELETE FROM sources WHERE tenant_id = $1 AND id = $2 AND NOT EXISTS"
                " (SELECT FROM documents WHERE tenant_id = $1 AND source_id = $2)"};
    int rc = cc_pg_must(pool, tenant, (struct cc_step)CC_STEP(CLOSE, cc_at(tenant), cc_at(id)),
                        CC_E_NOTFOUND, "no such source");

    if (rc == 0)
        rc =
            cc_source_drop(pool, tenant, (struct cc_step)CC_STEP(THEIRS, cc_at(tenant), cc_at(id)));
    if (rc)
        return rc;
    return cc_pg_must(pool, tenant, (struct cc_step)CC_STEP(GONE, cc_at(tenant), cc_at(id)),
                      CC_E_CONFLICT, "the source is being visited again");
}

void cc_source_page_row(struct cc_row *row, struct cc_source_page *ret)
{
    ret->url = cc_row_text(row);
    ret->state = cc_row_text(row);
    ret->document = cc_row_text(row);
    ret->etag = cc_row_text(row);
    ret->modified = cc_row_text(row);
    ret->error = cc_row_text(row);
    ret->depth = cc_row_int(row);
    ret->http_status = cc_row_int(row);
    ret->fetched_ms = cc_row_int(row);
}

int cc_source_pages(struct cc_pg *pool, const char *tenant, const char *id, const char *after_url,
                    int max, struct cc_arena *mem, struct cc_source_page **ret, int *ret_n)
{
    static const struct cc_stmt PAGES = {
        "SELECT p.url, p.state, d.id, p.etag, p.modified, p.error, p.depth, p.http_status,"
        " (extract(epoch FROM p.fetched_at) * 1000)::bigint FROM source_pages p"
        " LEFT JOIN documents d ON d.tenant_id = p.tenant_id AND d.id = p.document_id"
        " WHERE p.tenant_id = $1 AND p.source_id = $2 AND p.url > $3"
        " ORDER BY p.url LIMIT $4"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc =
        cc_pg_run(pool, tenant, &rows,
                  CC_STEPS(CC_STEP(PAGES, cc_at(tenant), cc_at(id), cc_at(after_url), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        cc_source_page_row(&row, &(*ret)[i]);
    }
    return 0;
}
