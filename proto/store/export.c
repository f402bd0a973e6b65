#include "proto/store/export.h"

#include <assert.h>

#include "proto/store/pg_run.h"

#define LINE(kind, row) "jsonb_build_object('kind', '" kind "', 'row', " row ")::text"
#define ROW(without)    "to_jsonb(t) - ARRAY['tenant_id'" without "]"
#define FROM(table)     " FROM " table " t WHERE t.tenant_id = $1 AND "
/* Ids are indexed as they are; other keys are made up of what tells a row from the others. */
#define BY(key)   key " > $2 ORDER BY " key " LIMIT 200"
#define BY_NUMBER "t.id > coalesce(nullif($2, ''), '0')::bigint ORDER BY t.id LIMIT 200"
#define TEXT_ID(table, without)                                                                    \
    {                                                                                              \
        "SELECT t.id, " LINE(table, ROW(without)) FROM(table) BY("t.id")                           \
    }
#define NUMBER_ID(table, without)                                                                  \
    {                                                                                              \
        "SELECT t.id::text, " LINE(table, ROW(without)) FROM(table) BY_NUMBER                      \
    }
#define OTHER(table, key, without)                                                                 \
    {                                                                                              \
        "SELECT " key ", " LINE(table, ROW(without)) FROM(table) BY(key)                           \
    }

static const struct cc_stmt parts[] = {
    OTHER("tenants", "t.tenant_id", ", 'reindex_owner', 'reindex_until'"),
    {"SELECT t.user_id, " LINE(
        "members", ROW("") " || jsonb_build_object('email', u.email,"
                           " 'name', u.name)") " FROM members t JOIN users u ON u.id = t.user_id "
                                               "WHERE t.tenant_id = $1 AND " BY("t.user_id")},
    TEXT_ID("invitations", ""),
    TEXT_ID("bots", ""),
    OTHER("bot_versions", "t.bot_id || '/' || lpad(t.version::text, 20, '0')", ""),
    TEXT_ID("api_keys", ", 'sha256'"),
    OTHER("providers", "t.name", ", 'sealed', 'tenant_kid'"),
    TEXT_ID("pins", ""),
    OTHER("pin_questions", "t.bot_id || '/' || t.normal", ", 'v'"),
    TEXT_ID("sources", ", 'owner', 'lease_until'"),
    OTHER("source_pages", "t.source_id || ' ' || t.url", ""),
    TEXT_ID("documents", ", 'owner', 'lease_until'"),
    {"SELECT t.document_id, " LINE("document_files",
                                   "jsonb_build_object('document_id',"
                                   " t.document_id, 'base64', encode(t.bytes, 'base64'))")
         FROM("document_files") "t.document_id > $2 ORDER BY t.document_id LIMIT 1"},
    OTHER("document_changes", "t.document_id || '/' || lpad(t.generation::text, 20, '0')", ""),
    NUMBER_ID("chunks", ", 'outside'"),
    NUMBER_ID("chunk_edits", ""),
    TEXT_ID("visitors", ""),
    TEXT_ID("sessions", ""),
    {"SELECT t.id, " LINE(
        "session_files",
        ROW(", 'bytes', 'terms', 'lease_until'") " || jsonb_build_object('base64', encode(t.bytes, "
                                                 "'base64'))")
         FROM("session_files") "t.id > $2 ORDER BY t.id LIMIT 4"}, /* bytes: of one that waits */
    TEXT_ID("answers", ", 'owner', 'lease_until'"),
    TEXT_ID("messages", ""),
    OTHER("feedback", "t.answer_id", ""),
    OTHER("usage_ledger", "t.answer_id", ""),
    OTHER("usage_daily", "t.day::text || ' ' || t.bot_id || ' ' || t.model", ""),
    NUMBER_ID("audit_log", ""),
    TEXT_ID("erasures", ", 'sessions', 'answers', 'lease_until'"),
};

int cc_export_parts(void)
{
    return sizeof parts / sizeof *parts;
}

int cc_export_read(struct cc_pg *pool, const char *tenant, int part, const char *after,
                   struct cc_arena *mem, struct cc_export_line **ret, int *ret_n)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc;

    assert(part >= 0 && part < cc_export_parts());
    rc =
        cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(parts[part], cc_at(tenant), cc_at(after))));
    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        (*ret)[i].key = cc_row_text(&row);
        (*ret)[i].json = cc_row_text(&row);
    }
    return 0;
}
