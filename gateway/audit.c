/*
 * audit.c - who changed what of a tenant.
 */
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/pure/when.h"
#include "gateway/routes.h"
#include "proto/base/text.h"
#include "proto/store/audit.h"

#define WORD_MAX 64

static const char *number_text(struct cc_rq *rq, int64_t number)
{
    return cc_arena_printf(rq->mem, "%lld", (long long)number);
}

static json_t *entry_json(struct cc_rq *rq, const struct cc_audit_entry *e)
{
    return json_pack("{s:s, s:o, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:o}", "id",
                     number_text(rq, e->id), "at", cc_json_time(e->at_ms), "actor", e->actor,
                     "address", cc_json_text(e->address), "action", e->action, "noun", e->noun,
                     "rowId", e->row, "changed", cc_json_texts(e->changed, e->changed_n),
                     "beforeHash", cc_json_text(e->before), "afterHash", cc_json_text(e->after));
}

/* A word of an id's or a table's characters; *ret "" without the parameter. */
static int read_word(struct cc_rq *rq, const char *name, const char **ret)
{
    const char *word = cc_rq_query(rq, name);
    size_t len = word ? strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_") : 0;

    *ret = word ? word : "";
    return !word || (len > 0 && len <= WORD_MAX && word[len] == '\0')
               ? 0
               : cc_fail(CC_E_INVALID, "%s: wants letters, digits and _, at most %d", name,
                         WORD_MAX);
}

static int read_moment(struct cc_rq *rq, const char *name, enum cc_when_side side, int64_t *ret)
{
    const char *text = cc_rq_query(rq, name);

    return text ? cc_when_read(name, text, side, ret) : 0;
}

static int read_query(struct cc_rq *rq, struct cc_audit_query *ret)
{
    const char *cursor = cc_rq_query(rq, "cursor");
    int rc = cc_input_limit(rq, &ret->max);

    if (rc == 0 && cursor && *cursor && !cc_text_int(cursor, 1, INT64_MAX, &ret->before))
        rc = cc_fail(CC_E_INVALID, "cursor: the nextCursor of a page");
    if (rc == 0)
        rc = read_word(rq, "actor", &ret->actor);
    if (rc == 0)
        rc = read_word(rq, "noun", &ret->noun);
    if (rc == 0)
        rc = read_moment(rq, "from", CC_WHEN_FROM, &ret->from_ms);
    return rc ? rc : read_moment(rq, "to", CC_WHEN_UNTIL, &ret->until_ms);
}

int cc_get_audit(struct cc_rq *rq)
{
    struct cc_audit_query query = {.tenant = rq->guest.tenant};
    struct cc_audit_entry *list;
    json_t *items;
    int max, n, rc = read_query(rq, &query);

    if (rc == 0)
        rc = cc_input_unbound(rq);
    max = query.max++;
    if (rc == 0)
        rc = cc_audit_list(cc_gateway()->pg, &query, rq->mem, &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < max; i++)
        json_array_append_new(items, entry_json(rq, &list[i]));
    return cc_reply_page(rq, items, n > max ? number_text(rq, list[max - 1].id) : NULL);
}
