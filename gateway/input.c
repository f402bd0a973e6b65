#include "gateway/input.h"

#include <string.h>

#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "proto/base/clock.h"
#include "proto/base/id.h"
#include "proto/base/text.h"

#define LIMIT_MAX 100
#define LIMIT     50

int cc_input_json(struct cc_rq *rq, json_t **ret)
{
    int rc = rq->body ? cc_json_parse(rq->body, rq->body_len, ret)
                      : cc_fail(CC_E_INVALID, "the request has no body");

    if (rc == 0 && !json_is_object(*ret)) {
        json_decref(*ret);
        *ret = NULL;
        rc = cc_fail(CC_E_INVALID, "a JSON object is wanted");
    }
    return rc;
}

int cc_input_form(struct cc_rq *rq, const struct cc_form_field *fields, size_t n, void *ret)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    int rc = cc_input_json(rq, &body);

    return rc ? rc : cc_form_read(body, fields, n, rq->mem, ret);
}

int cc_input_limit(struct cc_rq *rq, int *ret)
{
    const char *limit = cc_rq_query(rq, "limit");
    int64_t max = LIMIT;

    if (limit && !cc_text_int(limit, 1, LIMIT_MAX, &max))
        return cc_fail(CC_E_INVALID, "limit: 1 to %d", LIMIT_MAX);
    *ret = (int)max;
    return 0;
}

int cc_input_page(struct cc_rq *rq, const char *prefix, struct cc_page *ret)
{
    const char *cursor = cc_rq_query(rq, "cursor");

    if (cursor && *cursor && !cc_id_valid(cursor, prefix))
        return cc_fail(CC_E_INVALID, "cursor: the nextCursor of a page");
    ret->after = cursor ? cursor : "";
    return cc_input_limit(rq, &ret->max);
}

int cc_reply_page(struct cc_rq *rq, json_t *items, const char *last)
{
    json_t *next = last ? json_string(last) : json_null();

    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200, json_pack("{s:o, s:o}", "items", items, "nextCursor", next));
}

json_t *cc_json_text(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

json_t *cc_json_time(int64_t unix_ms)
{
    char text[CC_RFC3339];

    return unix_ms > 0 ? json_string(cc_rfc3339(unix_ms, text)) : json_null();
}

json_t *cc_json_object_of(const char *text)
{
    json_t *json = NULL;

    if (!text || !*text || cc_json_parse(text, strlen(text), &json) != 0)
        return json_object();
    if (json_is_object(json))
        return json;
    json_decref(json);
    return json_object();
}

json_t *cc_json_texts(const char *const *at, int n)
{
    json_t *list = json_array();

    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_string(at[i]));
    return list;
}

/* ---- whose is it? ---- */

int cc_input_unbound(const struct cc_rq *rq)
{
    return rq->guest.bound ? cc_fail(CC_E_FORBIDDEN, "not with a key that is bound to a bot") : 0;
}

static bool may(const struct cc_rq *rq, enum cc_aim aim, const char *bot)
{
    if (!rq->guest.bound)
        return true;
    if (!*bot)
        return aim == CC_TO_READ;
    return strcmp(bot, rq->guest.bot.id) == 0;
}

int cc_input_document(struct cc_rq *rq, const char *id, enum cc_aim aim,
                      struct cc_document_status *ret)
{
    int rc = CC_E_NOTFOUND;

    if (cc_id_valid(id, "doc"))
        rc = cc_document_status(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, ret);
    if (rc == 0 && !may(rq, aim, ret->bot))
        rc = CC_E_NOTFOUND;
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "there is no such document") : rc;
}

int cc_input_source(struct cc_rq *rq, const char *id, enum cc_aim aim, struct cc_source *ret)
{
    int rc = CC_E_NOTFOUND;

    if (cc_id_valid(id, "src"))
        rc = cc_source_get(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, ret);
    if (rc == 0 && !may(rq, aim, ret->bot))
        rc = CC_E_NOTFOUND;
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "there is no such source") : rc;
}

int cc_input_bot(struct cc_rq *rq, const char *bot, const char **ret)
{
    int rc = 0;

    if (!bot || !*bot)
        bot = rq->guest.bound ? rq->guest.bot.id : "";
    if (*bot)
        rc = cc_guest_choose(&rq->guest, bot, rq->mem);
    if (rc == 0)
        *ret = bot;
    return rc;
}
