#include "gateway/pure/retell.h"

#include <string.h>

#include "gateway/pure/problem.h"
#include "proto/base/error.h"

bool cc_answer_ended(const struct cc_answer_view *view)
{
    return strcmp(view->state, "running") != 0;
}

static void add(struct cc_retold *ret, int *n, int64_t attempt, enum cc_event_kind kind,
                json_t *data, struct cc_arena *mem)
{
    char *text = cc_json_dup(data, mem);

    json_decref(data);
    ret[*n].id = (struct cc_event_id){attempt, *n + 1};
    ret[*n].event = (struct cc_event){.kind = kind, .data = text, .len = strlen(text)};
    (*n)++;
}

/* NULL when there are none: then the event is left out, as it was the first time. */
static json_t *sources(const struct cc_answer_view *view)
{
    json_t *items = NULL;

    if (cc_json_parse(view->sources, strlen(view->sources), &items) == 0 &&
        json_array_size(items) > 0)
        return json_pack("{s:o}", "items", items);
    json_decref(items);
    return NULL;
}

static json_t *done(const struct cc_answer_view *view)
{
    return json_pack("{s:s, s:s, s:{s:I, s:I, s:I}, s:s, s:b}", "messageId", view->message, "text",
                     view->text, "usage", "inputTokens", (json_int_t)view->input_tokens,
                     "outputTokens", (json_int_t)view->output_tokens, "cachedTokens",
                     (json_int_t)view->cached_tokens, "finishReason", view->finish, "cached",
                     view->from_cache);
}

/* failed, expired and dead carry the name of what went wrong. */
static int code_of(const struct cc_answer_view *view)
{
    if (strcmp(view->state, "expired") == 0)
        return CC_E_EXPIRED;
    if (strcmp(view->state, "dead") == 0)
        return CC_E_DEAD;
    return cc_error_from_name(view->code);
}

int cc_retell(const struct cc_answer_view *view, const char *trace, struct cc_arena *mem,
              struct cc_retold ret[CC_RETOLD_MAX])
{
    json_t *found = sources(view);
    bool whole = strcmp(view->state, "done") == 0 || strcmp(view->state, "cancelled") == 0;
    int64_t attempt = view->attempt + 1;
    int n = 0;

    add(ret, &n, attempt, CC_EV_START, json_pack("{s:I}", "attempt", (json_int_t)attempt), mem);
    if (!whole) {
        json_decref(found);
        add(ret, &n, attempt, CC_EV_ERROR, cc_problem(code_of(view), NULL, trace), mem);
        return n;
    }
    if (found)
        add(ret, &n, attempt, CC_EV_SOURCES, found, mem);
    add(ret, &n, attempt, CC_EV_TOKEN, json_pack("{s:s}", "text", view->text), mem);
    add(ret, &n, attempt, CC_EV_DONE, done(view), mem);
    return n;
}
