#include "proto/store/session_file.h"

#include <stdlib.h>

#include "proto/store/pg_run.h"

#define READY_BYTES ((size_t)64 << 20) /* texts and words as parameters, twice over */

#define FILE_COLUMNS                                                                               \
    "id, filename, type, status, code, size, attempt,"                                             \
    " (extract(epoch FROM created_at) * 1000)::bigint, lease_until > now(), cut"
#define OF_SESSION " FROM session_files WHERE tenant_id = $1 AND session_id = $2"

static void read_file(struct cc_row row, struct cc_session_file *ret)
{
    ret->id = cc_row_text(&row);
    ret->filename = cc_row_text(&row);
    ret->type = cc_row_text(&row);
    ret->status = cc_row_text(&row);
    ret->code = cc_row_text(&row);
    ret->size = cc_row_int(&row);
    ret->attempt = cc_row_int(&row);
    ret->created_ms = cc_row_int(&row);
    ret->held = cc_row_bool(&row);
    ret->cut = cc_row_bool(&row);
    ret->added = false;
}

/* ---- as the visitor sees them ---- */

/* Two that come at once are counted one after the other. */
#define LIKE_IT " f WHERE f.tenant_id = $1 AND f.session_id = $2 AND f.sha256 = $3"
static const struct cc_stmt
    LOCK = {"SELECT id FROM sessions WHERE tenant_id = $1 AND id = $2 FOR UPDATE"},
    ADD = {"INSERT INTO session_files (tenant_id, session_id, sha256, id, filename, type, size,"
           " bytes) SELECT $1, $2, $3, $4, $5, $6, octet_length($7::bytea), $7"
           " WHERE (SELECT count(*) FROM session_files f WHERE f.tenant_id = $1"
           " AND f.session_id = $2) < $8"
           " AND NOT EXISTS (SELECT FROM session_files" LIKE_IT " AND f.status <> 'failed')"},
    ADDED = {"SELECT " FILE_COLUMNS OF_SESSION
             " AND (id = $4 OR sha256 = $3 AND status <> 'failed') ORDER BY id = $4 DESC LIMIT 1"};

int cc_session_file_add(struct cc_pg *pool, const struct cc_session_file_new *file,
                        struct cc_arena *mem, struct cc_session_file *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const struct cc_arg args[] = {cc_at(file->tenant),
                                  cc_at(file->session),
                                  cc_at(file->sha256),
                                  cc_at(file->id),
                                  cc_at(file->filename),
                                  cc_at(file->type),
                                  cc_abytes(file->bytes, file->size),
                                  cc_ai(file->most)};
    int rc = cc_pg_run(pool, file->tenant, &rows,
                       CC_STEPS({&LOCK, args, 2}, {&ADD, args, 8}, {&ADDED, args, 4}));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such session");
    if (cc_rows_n(&rows, 2) == 0)
        return cc_fail(CC_E_CONFLICT, "a conversation has at most %d files", file->most);
    read_file(cc_row(&rows, 2, 0, mem), ret);
    ret->added = cc_rows_changed(&rows, 1) > 0;
    return 0;
}

int cc_session_file_list(struct cc_pg *pool, const char *tenant, const char *session,
                         struct cc_arena *mem, struct cc_session_file **ret, int *ret_n)
{
    static const struct cc_stmt LIST = {"SELECT " FILE_COLUMNS OF_SESSION
                                        " ORDER BY created_at, id"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(LIST, cc_at(tenant), cc_at(session))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_file(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}

int cc_session_file_delete(struct cc_pg *pool, const char *tenant, const char *session,
                           const char *id)
{
    static const struct cc_stmt DELETE = {
        "DELETE FROM session_files WHERE tenant_id = $1 AND session_id = $2 AND id = $3"};

    return cc_pg_must(pool, tenant,
                      (struct cc_step)CC_STEP(DELETE, cc_at(tenant), cc_at(session), cc_at(id)),
                      CC_E_NOTFOUND, "no such file");
}

/* ---- as it is read ---- */

int cc_session_file_claim(struct cc_pg *pool, const char *tenant, const char *id, int lease_ms,
                          struct cc_arena *mem, struct cc_session_file_bytes *ret)
{
    static const struct cc_stmt CLAIM = {
        "UPDATE session_files SET attempt = attempt + 1, lease_until = now() + $3 * interval '1 ms'"
        " WHERE tenant_id = $1 AND id = $2 AND status = 'pending' AND lease_until < now()"
        " RETURNING attempt, bytes"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(CLAIM, cc_at(tenant), cc_at(id), cc_ai(lease_ms))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "the file is not there to be read");
    struct cc_row row = cc_row(&rows, 0, 0, mem);
    ret->attempt = cc_row_int(&row);
    ret->bytes = cc_row_bytes(&row, &ret->len);
    ret->bytes = cc_arena_dupn(mem, ret->bytes, ret->len);
    return 0;
}

#define IF_HELD " WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND status = 'pending'"
#define HOLD(h) cc_at((h)->tenant), cc_at((h)->id), cc_ai((h)->attempt)
#define END     " bytes = NULL, lease_until = '-infinity'"

static int must(struct cc_pg *pool, const struct cc_session_file_hold *hold, struct cc_step step)
{
    return cc_pg_must(pool, hold->tenant, step, CC_E_FENCED, "the file is another's, or has gone");
}

int cc_session_file_beat(struct cc_pg *pool, const struct cc_session_file_hold *hold, int lease_ms)
{
    static const struct cc_stmt BEAT = {
        "UPDATE session_files SET lease_until = now() + $4 * interval '1 ms'" IF_HELD};

    return must(pool, hold, (struct cc_step)CC_STEP(BEAT, HOLD(hold), cc_ai(lease_ms)));
}

int cc_session_file_ready(struct cc_pg *pool, const struct cc_session_file_hold *hold,
                          const struct cc_session_file_passages *p)
{
    static const struct cc_stmt READY = {
        "UPDATE session_files SET status = 'ready', texts = $4::text[], terms = $5::text[],"
        " pages = $6::int[], cut = $7," END IF_HELD};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(READY_BYTES);

    return must(pool, hold,
                (struct cc_step)CC_STEP(READY, HOLD(hold),
                                        cc_at(cc_array_texts(mem, p->texts, p->n)),
                                        cc_at(cc_array_texts(mem, p->terms, p->n)),
                                        cc_at(cc_array_ints(mem, p->pages, p->n)), cc_ab(p->cut)));
}

int cc_session_file_failed(struct cc_pg *pool, const struct cc_session_file_hold *hold,
                           const char *code)
{
    static const struct cc_stmt FAILED = {
        "UPDATE session_files SET status = 'failed', code = $4," END IF_HELD};

    return must(pool, hold, (struct cc_step)CC_STEP(FAILED, HOLD(hold), cc_at(code)));
}

/* ---- as an answer uses them ---- */

static const int64_t *numbers(struct cc_row *row)
{
    int n;
    const char *const *texts = cc_row_texts(row, &n);
    int64_t *out = cc_arena_array(row->mem, (size_t)n, sizeof *out);

    for (int i = 0; i < n; i++)
        out[i] = strtoll(texts[i], NULL, 10);
    return out;
}

static void read_contents(struct cc_row row, struct cc_session_file_read *ret)
{
    struct cc_session_file_passages *p = &ret->passages;

    ret->id = cc_row_text(&row);
    ret->filename = cc_row_text(&row);
    p->texts = cc_row_texts(&row, &p->n);
    p->terms = cc_row_texts(&row, &p->n);
    p->pages = numbers(&row);
    p->cut = cc_row_bool(&row);
}

int cc_session_file_contents(struct cc_pg *pool, const char *tenant, const char *session,
                             struct cc_arena *mem, struct cc_session_file_read **ret, int *ret_n)
{
    static const struct cc_stmt CONTENTS = {"SELECT id, filename, texts, terms, pages::text[],"
                                            " cut" OF_SESSION
                                            " AND status = 'ready' ORDER BY created_at, id"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc =
        cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(CONTENTS, cc_at(tenant), cc_at(session))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++)
        read_contents(cc_row(&rows, 0, i, mem), &(*ret)[i]);
    return 0;
}
