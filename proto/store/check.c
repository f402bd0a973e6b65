#include "proto/store/check.h"

#include "proto/store/pg_run.h"

static const struct cc_stmt ROLE = {
    "SELECT rolname::text, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"};

/* The catalogue answers for all tables, whoever made them. */
static const struct cc_stmt UNPROTECTED = {
    "SELECT coalesce(string_agg(c.relname, ', ' ORDER BY c.relname), '') FROM pg_class c"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped"
    " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
    " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"};
static const struct cc_stmt DEFINERS = {
    "SELECT coalesce(string_agg(name, ', ' ORDER BY name), '') FROM ("
    " SELECT proname::text AS name FROM pg_proc"
    " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    " UNION ALL SELECT relname::text FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND (relkind = 'm' OR relkind = 'v'"
    " AND NOT coalesce(reloptions, '{}') @> '{security_invoker=true}')) x"};
static const struct cc_stmt SERVER = {
    "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector'),"
    " EXISTS (SELECT FROM pg_extension WHERE extname = 'vector'), current_setting('fsync')"};

int cc_store_check(struct cc_pg *pool, struct cc_arena *mem, struct cc_store_check *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, NULL, &rows,
                       CC_STEPS(CC_PLAIN_STEP(ROLE), CC_PLAIN_STEP(UNPROTECTED),
                                CC_PLAIN_STEP(DEFINERS), CC_PLAIN_STEP(SERVER)));

    if (rc)
        return rc;
    struct cc_row role = cc_row(&rows, 0, 0, mem), open = cc_row(&rows, 1, 0, mem),
                  definers = cc_row(&rows, 2, 0, mem), server = cc_row(&rows, 3, 0, mem);
    ret->role = cc_row_text(&role);
    ret->superuser = cc_row_bool(&role);
    ret->bypasses = cc_row_bool(&role);
    ret->unprotected = cc_row_text(&open);
    ret->definers = cc_row_text(&definers);
    ret->vector_available = cc_row_bool(&server);
    ret->vector_made = cc_row_bool(&server);
    ret->fsync = cc_row_text(&server);
    return 0;
}
