/*
 * What a file of conversations looks like.
 *
 *     csv       a row for each question, with its answer
 *     json      one array, each conversation as GET /{id} shows it
 *     jsonl     the same, a conversation a line
 *     finetune  OpenAI's format for chat models: a line for each conversation that has an answer to
 *               learn from
 */
#include <string.h>

#include "gateway/conversations_export.h"
#include "gateway/gateway.h"
#include "gateway/pure/csv.h"
#include "proto/base/clock.h"
#include "proto/store/limits.h"

#define LINE 50 /* exchanges in one line of fine-tuning */

/* ---- csv ---- */

#define CSV_COLUMNS 33
static const char *const csv_head[] = {"conversation_id",
                                       "bot_id",
                                       "visitor_id",
                                       "visitor_external_id",
                                       "visitor_name",
                                       "visitor_email",
                                       "started_at",
                                       "status",
                                       "flagged",
                                       "labels",
                                       "assignee",
                                       "note",
                                       "form",
                                       "handoff",
                                       "handoff_at",
                                       "handoff_email",
                                       "handoff_note",
                                       "answer_id",
                                       "asked_at",
                                       "question",
                                       "answered_at",
                                       "answer",
                                       "state",
                                       "rating",
                                       "comment",
                                       "provider",
                                       "model",
                                       "cached",
                                       "input_tokens",
                                       "output_tokens",
                                       "cost",
                                       "first_token_ms",
                                       "total_ms"};
_Static_assert(sizeof csv_head / sizeof *csv_head == CSV_COLUMNS, "a name for each column");

static void csv_begin(struct cc_export *e)
{
    cc_csv_row(&e->out, csv_head, CSV_COLUMNS);
}

static const char *moment(struct cc_export *e, int64_t unix_ms)
{
    return unix_ms > 0 ? cc_rfc3339(unix_ms, cc_arena_get(e->row, CC_RFC3339)) : "";
}

static const char *number(struct cc_export *e, int64_t n)
{
    return cc_arena_printf(e->row, "%lld", (long long)n);
}

static const char *money(struct cc_export *e, int64_t millionths)
{
    return cc_arena_printf(e->row, "%lld.%06lld", (long long)(millionths / CC_MONEY_MILLIONS),
                           (long long)(millionths % CC_MONEY_MILLIONS));
}

static const char *joined(struct cc_export *e, const char *const *texts, int n)
{
    const char *out = n > 0 ? texts[0] : "";

    for (int i = 1; i < n; i++)
        out = cc_arena_printf(e->row, "%s;%s", out, texts[i]);
    return out;
}

static void csv_add(struct cc_export *e, const struct cc_exchange *x)
{
    const struct cc_conversation *c = e->now;
    const char *const cells[] = {c->id,
                                 c->bot,
                                 c->visitor,
                                 c->external,
                                 c->name,
                                 c->email,
                                 moment(e, c->started_us / 1000),
                                 c->status,
                                 c->flagged ? "true" : "false",
                                 joined(e, c->labels, c->labels_n),
                                 c->assignee,
                                 c->note,
                                 strcmp(c->form, "{}") == 0 ? "" : c->form,
                                 c->handoff,
                                 moment(e, c->handoff_ms),
                                 c->handoff_email,
                                 c->handoff_note,
                                 x->answer,
                                 moment(e, x->asked_ms),
                                 x->question,
                                 moment(e, x->answered_ms),
                                 x->text,
                                 x->state,
                                 x->rating,
                                 x->comment,
                                 x->provider,
                                 x->model,
                                 x->cached ? "true" : "false",
                                 number(e, x->input_tokens),
                                 number(e, x->output_tokens),
                                 money(e, x->cost),
                                 number(e, x->first_ms),
                                 number(e, x->total_ms)};

    _Static_assert(sizeof cells / sizeof *cells == CSV_COLUMNS, "a cell for each column");
    cc_csv_row(&e->out, cells, CSV_COLUMNS);
}

/* ---- json, jsonl ---- */

/* An object whose last member is a list that is not over: what it holds comes piece by piece. */
static void begin_messages(struct cc_export *e, json_t *object)
{
    const char *text;

    json_object_del(object, "messages");
    json_object_set_new(object, "messages", json_array());
    text = cc_json_dup(object, e->page);
    cc_buf_add(&e->out, text, strlen(text) - strlen("]}"));
}

static int json_open(struct cc_export *e)
{
    CC_AUTO(json_decref)
    json_t *json = cc_conversation_whole_json(e->now);

    begin_messages(e, json);
    return 0;
}

static void json_add(struct cc_export *e, const struct cc_exchange *x)
{
    CC_AUTO(json_decref)
    json_t *messages = json_array();
    size_t i;
    json_t *message;

    cc_exchange_append(messages, x);
    json_array_foreach(messages, i, message)
    {
        if (e->exchanges > 0 || i > 0)
            cc_buf_char(&e->out, ',');
        cc_json_print(message, &e->out);
    }
    e->exchanges++;
}

static void array_begin(struct cc_export *e)
{
    cc_buf_char(&e->out, '[');
}

static int array_open(struct cc_export *e)
{
    if (e->conversations > 1)
        cc_buf_text(&e->out, ",\n");
    return json_open(e);
}

static void array_close(struct cc_export *e)
{
    cc_buf_text(&e->out, "]}");
}

static void array_end(struct cc_export *e)
{
    cc_buf_text(&e->out, "]\n");
}

static void line_close(struct cc_export *e)
{
    cc_buf_text(&e->out, "]}\n");
}

/* ---- fine-tuning ---- */

static void put_message(struct cc_export *e, const char *role, const char *text, bool learn)
{
    CC_AUTO(json_decref)
    json_t *message = json_pack("{s:s, s:s}", "role", role, "content", text);

    if (!learn)
        json_object_set_new(message, "weight", json_integer(0));
    if (e->line.len > 0)
        cc_buf_char(&e->line, ',');
    cc_json_print(message, &e->line);
}

/* The bot's instructions as they are now stand for those of then. */
static int tune_open(struct cc_export *e)
{
    int rc = 0;

    if (!e->bot || strcmp(e->bot, e->now->bot) != 0)
        rc = cc_conversation_prompt(cc_gateway()->pg, e->rq->guest.tenant, e->now->bot, e->page,
                                    &e->prompt);
    e->bot = rc == 0 ? e->now->bot : NULL;
    return rc;
}

static void tune_close(struct cc_export *e)
{
    CC_AUTO(json_decref)
    json_t *line = json_object();

    if (e->learnt > 0) {
        begin_messages(e, line);
        cc_buf_add(&e->out, e->line.bytes, e->line.len);
        line_close(e);
    }
    cc_buf_reset(&e->line);
    e->exchanges = e->learnt = 0;
}

/* With ?rating=up a model learns from the liked answers alone, else from all but the disliked ones;
 * the others stay as what was said before, with the weight 0. */
static bool is_to_be_learnt(const struct cc_export *e, const struct cc_exchange *x)
{
    bool liked_alone = strcmp(e->filter.rating, "up") == 0;

    return liked_alone ? strcmp(x->rating, "up") == 0 : strcmp(x->rating, "down") != 0;
}

static void tune_add(struct cc_export *e, const struct cc_exchange *x)
{
    bool learn = is_to_be_learnt(e, x);

    if (strcmp(x->state, "done") != 0 || !*x->text)
        return;
    if (e->exchanges == 0 && *e->prompt)
        put_message(e, "system", e->prompt, true);
    put_message(e, "user", x->question, true);
    put_message(e, "assistant", x->text, learn);
    e->learnt += learn;
    if (++e->exchanges == LINE)
        tune_close(e);
}

static const struct cc_export_format formats[] = {
    {"csv", "text/csv; charset=utf-8; header=present", "csv", csv_begin, NULL, csv_add, NULL, NULL},
    {"json", "application/json", "json", array_begin, array_open, json_add, array_close, array_end},
    {"jsonl", "application/jsonl", "jsonl", NULL, json_open, json_add, line_close, NULL},
    {"finetune", "application/jsonl", "jsonl", NULL, tune_open, tune_add, tune_close, NULL},
};

const struct cc_export_format *cc_export_format(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}
