/*
 * conversations_export.c - conversations as a file of any size: read page by page, sent as fast as
 * it is taken, with memory for one page.
 */
#include <string.h>

#include "gateway/conversations_export.h"
#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/input.h"
#include "gateway/pure/when.h"
#include "gateway/routes.h"
#include "proto/base/clock.h"

#define BATCH      16 /* conversations that are read at once */
#define EACH       20 /* and exchanges of each of them */
#define LONG       50 /* of one that has more, at once */
#define PIECE      (32 * 1024)
#define OUT_BYTES  (8 * 1024 * 1024)
#define PAGE_BYTES (64 * 1024 * 1024)
#define ROW_BYTES  (1024 * 1024)

/* ---- on its way ---- */

static int send_out(struct cc_export *e, size_t least)
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

static int add_all(struct cc_export *e, const struct cc_exchange *list, int n)
{
    int rc = 0;

    for (int i = 0; i < n && rc == 0; i++) {
        cc_arena_reset(e->row);
        e->format->add(e, &list[i]);
        rc = send_out(e, PIECE);
    }
    return rc;
}

/* Waits.  What comes behind those that were read together with other conversations'. */
static int add_rest(struct cc_export *e, int64_t after)
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
static int add_conversation(struct cc_export *e, const struct cc_conversation *c,
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
static int add_page(struct cc_export *e, const struct cc_conversation_page *page)
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
static int read_page(struct cc_export *e, struct cc_conversation_page *page)
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
static int send_all(struct cc_export *e, struct cc_conversation_page *page)
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

static int read_format(struct cc_rq *rq, const struct cc_export_format **ret)
{
    const char *name = cc_rq_query(rq, "format");

    *ret = cc_export_format(name && *name ? name : "csv");
    return *ret ? 0 : cc_fail(CC_E_INVALID, "format: csv, json, jsonl or finetune");
}

static void name_file(struct cc_export *e)
{
    char day[CC_WHEN_DAY_TEXT];
    bool tune = strcmp(e->format->name, "finetune") == 0;

    cc_reply_header(e->rq, "content-disposition",
                    cc_arena_printf(e->rq->mem, "attachment; filename=\"conversations%s-%s.%s\"",
                                    tune ? "-finetune" : "", cc_when_day_print(cc_unix_ms(), day),
                                    e->format->extension));
}

/* Whatever can be refused is refused before the head has left; what fails later cuts the stream. */
static int run(struct cc_export *e)
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
    struct cc_export e = {.rq = rq};
    int rc = read_format(rq, &e.format);

    if (rc == 0)
        rc = cc_conversations_filter(rq, &e.filter);
    if (rc != 0)
        return rc;
    cc_buf_init(&e.out, OUT_BYTES);
    cc_buf_init(&e.line, OUT_BYTES);
    e.row = cc_arena_new(ROW_BYTES);
    rc = run(&e);
    cc_buf_done(&e.line);
    cc_buf_done(&e.out);
    cc_arena_free(&e.row);
    cc_arena_free(&e.page);
    return rc;
}
