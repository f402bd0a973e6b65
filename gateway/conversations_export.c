/*
 * conversations_export.c - conversations as a file of any size: read page by page, sent as fast as
 * it is taken, with memory for one page.
 *
 *     csv       a row for each question, with its answer
 *     json      one array, each conversation as GET /{id} shows it
 *     jsonl     the same, a conversation a line
 *     finetune  OpenAI's format for chat models: a line for each conversation that has an answer to
 *               learn from
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/conversations.h"
#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/input.h"
#include "gateway/pure/csv.h"
#include "gateway/pure/when.h"
#include "gateway/routes.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/store/limits.h"

#define BATCH      16 /* conversations that are read at once */
#define EACH       20 /* and exchanges of each of them */
#define LONG       50 /* of one that has more, at once */
#define LINE       50 /* exchanges in one line of fine-tuning */
#define PIECE      (32 * 1024)
#define OUT_BYTES  (8 * 1024 * 1024)
#define PAGE_BYTES (64 * 1024 * 1024)

struct export
{
    struct cc_rq *rq;
    const struct format *format;
    struct cc_conversation_filter filter;
    struct cc_arena *page;
    struct cc_buf out, line; /* line: of fine-tuning, until it is known to be worth it */
    const struct cc_conversation *now;
    int64_t conversations;    /* begun so far */
    int exchanges, learnt;    /* of the conversation, or of the line */
    const char *bot, *prompt; /* of the page's last conversation */
};

/* What happens to the buffer `out` as the conversations go by; NULL: nothing. */
struct format {
    const char *name, *type, *extension;
    void (*begin)(struct export *e);
    int (*open)(struct export *e); /* a conversation; it may wait */
    void (*add)(struct export *e, const struct cc_exchange *x);
    void (*close)(struct export *e);
    void (*end)(struct export *e);
};

/* ---- csv ---- */

#define CSV_COLUMNS 28
static const char *const csv_head[] = {
    "conversation_id", "bot_id",        "visitor_id",     "visitor_external_id",
    "visitor_name",    "visitor_email", "started_at",     "status",
    "flagged",         "labels",        "assignee",       "note",
    "answer_id",       "asked_at",      "question",       "answered_at",
    "answer",          "state",         "rating",         "comment",
    "provider",        "model",         "cached",         "input_tokens",
    "output_tokens",   "cost",          "first_token_ms", "total_ms"};
_Static_assert(sizeof csv_head / sizeof *csv_head == CSV_COLUMNS, "a name for each column");

static void csv_begin(struct export *e)
{
    cc_csv_row(&e->out, csv_head, CSV_COLUMNS);
}

static const char *moment(struct export *e, int64_t unix_ms)
{
    return unix_ms > 0 ? cc_rfc3339(unix_ms, cc_arena_get(e->page, CC_RFC3339)) : "";
}

static const char *number(struct export *e, int64_t n)
{
    return cc_arena_printf(e->page, "%lld", (long long)n);
}

static const char *money(struct export *e, int64_t millionths)
{
    return cc_arena_printf(e->page, "%lld.%06lld", (long long)(millionths / CC_MONEY_MILLIONS),
                           (long long)(millionths % CC_MONEY_MILLIONS));
}

static const char *joined(struct export *e, const char *const *texts, int n)
{
    const char *out = n > 0 ? texts[0] : "";

    for (int i = 1; i < n; i++)
        out = cc_arena_printf(e->page, "%s;%s", out, texts[i]);
    return out;
}

static void csv_add(struct export *e, const struct cc_exchange *x)
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

/* The object without its end: the messages follow, as many as there are. */
static int json_open(struct export *e)
{
    CC_AUTO(json_decref)
    json_t *json = cc_conversation_json(e->now);
    char *text;

    json_object_set_new(json, "messageCount", json_integer(e->now->messages));
    json_object_del(json, "messages");
    text = cc_json_dup(json, e->page);
    cc_buf_add(&e->out, text, strlen(text) - 1);
    cc_buf_text(&e->out, ",\"messages\":[");
    return 0;
}

static void json_add(struct export *e, const struct cc_exchange *x)
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

static void array_begin(struct export *e)
{
    cc_buf_char(&e->out, '[');
}

static int array_open(struct export *e)
{
    if (e->conversations > 1)
        cc_buf_text(&e->out, ",\n");
    return json_open(e);
}

static void array_close(struct export *e)
{
    cc_buf_text(&e->out, "]}");
}

static void array_end(struct export *e)
{
    cc_buf_text(&e->out, "]\n");
}

static void line_close(struct export *e)
{
    cc_buf_text(&e->out, "]}\n");
}

/* ---- fine-tuning ---- */

static void put_message(struct export *e, const char *role, const char *text, bool learn)
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
static int tune_open(struct export *e)
{
    int rc = 0;

    if (!e->bot || strcmp(e->bot, e->now->bot) != 0)
        rc = cc_conversation_prompt(cc_gateway()->pg, e->rq->guest.tenant, e->now->bot, e->page,
                                    &e->prompt);
    e->bot = rc == 0 ? e->now->bot : NULL;
    return rc;
}

static void tune_close(struct export *e)
{
    if (e->learnt > 0) {
        cc_buf_text(&e->out, "{\"messages\":[");
        cc_buf_add(&e->out, e->line.bytes, e->line.len);
        cc_buf_text(&e->out, "]}\n");
    }
    cc_buf_reset(&e->line);
    e->exchanges = e->learnt = 0;
}

/* With ?rating=up a model learns from the liked answers alone, else from all but the disliked ones;
 * the others stay as what was said before, with the weight 0. */
static bool is_to_be_learnt(const struct export *e, const struct cc_exchange *x)
{
    return *e->filter.rating ? strcmp(x->rating, e->filter.rating) == 0
                             : strcmp(x->rating, "down") != 0;
}

static void tune_add(struct export *e, const struct cc_exchange *x)
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

static const struct format formats[] = {
    {"csv", "text/csv; charset=utf-8; header=present", "csv", csv_begin, NULL, csv_add, NULL, NULL},
    {"json", "application/json", "json", array_begin, array_open, json_add, array_close, array_end},
    {"jsonl", "application/jsonl", "jsonl", NULL, json_open, json_add, line_close, NULL},
    {"finetune", "application/jsonl", "jsonl", NULL, tune_open, tune_add, tune_close, NULL},
};

/* ---- on its way ---- */

static int send_out(struct export *e, size_t least)
{
    int rc = 0;

    if (cc_buf_over(&e->out) || cc_buf_over(&e->line))
        return cc_fail(CC_E_TOOBIG, "an exchange is larger than any can be");
    if (e->out.len < least)
        return 0;
    rc = cc_stream_put(e->rq, e->out.bytes, e->out.len);
    cc_buf_reset(&e->out);
    return rc;
}

static int add_all(struct export *e, const struct cc_exchange *list, int n)
{
    int rc = 0;

    for (int i = 0; i < n && rc == 0; i++) {
        e->format->add(e, &list[i]);
        rc = send_out(e, PIECE);
    }
    return rc;
}

/* Waits.  What comes behind those that were read together with other conversations'. */
static int add_rest(struct export *e, int64_t after)
{
    int n = LONG, rc = 0;

    while (n == LONG && rc == 0) {
        struct cc_arena *mem = cc_arena_new(PAGE_BYTES);
        struct cc_exchange_run run = {&e->now->id, 1, LONG, after};
        struct cc_exchange *list;

        rc = cc_exchange_list(cc_gateway()->pg, e->rq->guest.tenant, &run, mem, &list, &n);
        if (rc == 0)
            rc = add_all(e, list, n);
        if (rc == 0 && n > 0)
            after = list[n - 1].seq;
        cc_arena_free(&mem);
    }
    return rc;
}

/* Waits.  list: its n first exchanges. */
static int add_conversation(struct export *e, const struct cc_conversation *c,
                            const struct cc_exchange *list, int n)
{
    int rc;

    e->now = c;
    e->conversations++;
    e->exchanges = e->learnt = 0;
    rc = e->format->open ? e->format->open(e) : 0;
    if (rc == 0)
        rc = add_all(e, list, n);
    if (rc == 0 && n == EACH)
        rc = add_rest(e, list[n - 1].seq);
    if (rc == 0 && e->format->close)
        e->format->close(e);
    return rc ? rc : send_out(e, PIECE);
}

/* Waits. */
static int add_page(struct export *e, const struct cc_conversation_page *page)
{
    const char *ids[BATCH];
    struct cc_exchange_run run = {ids, page->n, EACH, 0};
    struct cc_exchange *list;
    int n, rc, at = 0;

    for (int i = 0; i < page->n; i++)
        ids[i] = page->at[i].id;
    rc = cc_exchange_list(cc_gateway()->pg, e->rq->guest.tenant, &run, e->page, &list, &n);
    for (int i = 0; i < page->n && rc == 0; i++) {
        int begin = at;

        while (at < n && strcmp(list[at].session, ids[i]) == 0)
            at++;
        rc = add_conversation(e, &page->at[i], &list[begin], at - begin);
    }
    return rc;
}

/* Waits.  What was read before goes; the place where the list goes on stays. */
static int read_page(struct export *e, struct cc_conversation_page *page)
{
    struct cc_conversation_place after = {0, ""};
    struct cc_arena *mem = cc_arena_new(PAGE_BYTES);

    if (page->more) {
        after = page->next;
        after.id = cc_arena_dup(mem, after.id);
    }
    cc_arena_free(&e->page);
    e->page = mem;
    e->bot = NULL;
    return cc_conversation_list(cc_gateway()->pg, e->rq->guest.tenant, &e->filter, &after, BATCH,
                                mem, page);
}

/* Waits.  Who may not any more gets no further page. */
static int send_all(struct export *e, struct cc_conversation_page *page)
{
    bool more = true;
    int rc = 0;

    if (e->format->begin)
        e->format->begin(e);
    while (more && rc == 0) {
        rc = add_page(e, page);
        more = page->more;
        if (rc == 0 && more)
            rc = cc_guest_again(&e->rq->guest);
        if (rc == 0 && more)
            rc = read_page(e, page);
    }
    if (rc == 0 && e->format->end)
        e->format->end(e);
    return rc ? rc : send_out(e, 1);
}

/* ---- the route ---- */

static int read_format(struct cc_rq *rq, const struct format **ret)
{
    const char *name = cc_rq_query(rq, "format");

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name && *name ? name : "csv") == 0) {
            *ret = &formats[i];
            return 0;
        }
    return cc_fail(CC_E_INVALID, "format: csv, json, jsonl or finetune");
}

static void name_file(struct export *e)
{
    char day[CC_WHEN_DAY_TEXT];
    bool tune = strcmp(e->format->name, "finetune") == 0;

    cc_reply_header(e->rq, "content-disposition",
                    cc_arena_printf(e->rq->mem, "attachment; filename=\"conversations%s-%s.%s\"",
                                    tune ? "-finetune" : "", cc_when_day_print(cc_unix_ms(), day),
                                    e->format->extension));
}

/* Whatever can be refused is refused before the head has left; what fails later cuts the stream. */
static int run(struct export *e)
{
    struct cc_conversation_page page = {0};
    int rc = read_page(e, &page);

    if (rc != 0)
        return rc;
    name_file(e);
    rc = cc_stream_open(e->rq, e->format->type);
    if (rc != 0)
        return rc;
    cc_task_deadline(CC_NEVER);
    rc = send_all(e, &page);
    if (rc != 0)
        cc_stream_cut(e->rq);
    return rc;
}

int cc_get_conversations_export(struct cc_rq *rq)
{
    struct export e = {.rq = rq};
    int rc = read_format(rq, &e.format);

    if (rc == 0)
        rc = cc_conversations_filter(rq, &e.filter);
    if (rc != 0)
        return rc;
    cc_buf_init(&e.out, OUT_BYTES);
    cc_buf_init(&e.line, OUT_BYTES);
    rc = run(&e);
    cc_buf_done(&e.line);
    cc_buf_done(&e.out);
    cc_arena_free(&e.page);
    return rc;
}
