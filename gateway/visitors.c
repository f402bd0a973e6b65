/*
 * visitors.c - the people that a tenant's server has vouched for; exports of one of them, and of
 * the tenant.
 */
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/input.h"
#include "gateway/pure/identity.h"
#include "gateway/routes.h"
#include "proto/base/clock.h"
#include "proto/base/id.h"
#include "proto/store/export.h"
#include "proto/store/visitor.h"

#define PAGE_BYTES (128 * 1024 * 1024) /* a conversation, or a file, several times over */
#define TALKS      50                  /* read at once */
#define SAID       100                 /* messages, or files, of one */

static json_t *visitor_json(const struct cc_visitor *v)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:I, s:I, s:o, s:o}", "id", v->id, "externalId",
                     v->external, "name", cc_json_text(v->name), "email", cc_json_text(v->email),
                     "conversations", (json_int_t)v->talks, "messages", (json_int_t)v->messages,
                     "firstSeenAt", cc_json_time(v->created_ms), "lastSeenAt",
                     cc_json_time(v->seen_ms));
}

static const char *bot_of(const struct cc_rq *rq)
{
    return rq->guest.bound ? rq->guest.bot.id : "";
}

/* Waits.  The one whom the owner calls so: his id follows from it.  *ret_n: 1, or 0. */
static int find(struct cc_rq *rq, const char *external, const struct cc_visitor_page *page,
                struct cc_visitor *ret, int *ret_n)
{
    char id[CC_ID_MAX];
    int rc;

    *ret_n = 0;
    cc_visitor_id(rq->guest.tenant, external, id);
    if (*page->after && strcmp(id, page->after) >= 0)
        return 0;
    rc = cc_visitor_get(cc_gateway()->pg, rq->guest.tenant, id, page->bot, rq->mem, ret);
    *ret_n = rc == 0;
    return rc == CC_E_NOTFOUND ? 0 : rc;
}

int cc_get_visitors(struct cc_rq *rq)
{
    const struct cc_form_field text = {.max = CC_EXTERNAL_MAX};
    const char *external = cc_rq_query(rq, "externalId");
    struct cc_visitor_page ask = {0};
    struct cc_visitor one, *list = &one;
    struct cc_page page;
    json_t *items;
    int n, rc = cc_input_page(rq, "vis", &page);

    if (rc == 0)
        rc = cc_form_text("externalId", external ? external : "", external ? strlen(external) : 0,
                          &text, rq->mem, &external);
    if (rc == 0)
        rc = cc_input_bot(rq, cc_rq_query(rq, "botId"), &ask.bot);
    ask.after = page.after;
    ask.max = page.max + 1;
    if (rc == 0)
        rc = *external
                 ? find(rq, external, &ask, &one, &n)
                 : cc_visitor_list(cc_gateway()->pg, rq->guest.tenant, &ask, rq->mem, &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < page.max; i++)
        json_array_append_new(items, visitor_json(&list[i]));
    return cc_reply_page(rq, items, n > page.max ? list[page.max - 1].id : NULL);
}

/* Waits. */
static int load(struct cc_rq *rq, struct cc_visitor *ret)
{
    const char *id = cc_rq_param(rq, "id");
    int rc = cc_id_valid(id, "vis")
                 ? cc_visitor_get(cc_gateway()->pg, rq->guest.tenant, id, bot_of(rq), rq->mem, ret)
                 : CC_E_NOTFOUND;

    return rc == CC_E_NOTFOUND ? cc_fail(rc, "there is no such visitor") : rc;
}

int cc_get_visitor(struct cc_rq *rq)
{
    struct cc_visitor visitor;
    int rc = load(rq, &visitor);

    return rc ? rc : cc_reply_json(rq, 200, visitor_json(&visitor));
}

/* ---- what is sent piece by piece ---- */

static int put(struct cc_rq *rq, const char *text)
{
    return cc_stream_put(rq, text, strlen(text));
}

/* What fails on the way cuts the connection, so that nobody takes a part for the whole. */
static int end(struct cc_rq *rq, int rc)
{
    if (rc != 0)
        cc_stream_cut(rq);
    return rc;
}

/* Waits.  All of one kind that is stored of a conversation, with memory for a page. */
static int put_said(struct cc_rq *rq, const char *session, enum cc_visitor_kind kind)
{
    struct cc_visitor_said what = {session, kind, "", SAID};
    struct cc_arena *kept = cc_arena_new(PAGE_BYTES); /* where the last page ended */
    int n = SAID, rc = 0;

    while (rc == 0 && n == SAID) {
        struct cc_arena *mem = cc_arena_new(PAGE_BYTES);
        struct cc_visitor_line *said;

        rc = cc_visitor_said(cc_gateway()->pg, rq->guest.tenant, &what, mem, &said, &n);
        for (int i = 0; rc == 0 && i < n; i++) {
            if (i > 0 || *what.after)
                rc = put(rq, ",");
            if (rc == 0)
                rc = put(rq, said[i].json);
        }
        if (rc == 0 && n > 0)
            what.after = said[n - 1].key;
        cc_arena_free(&kept);
        kept = mem;
        if (rc == 0)
            rc = cc_guest_again(&rq->guest);
    }
    cc_arena_free(&kept);
    return rc;
}

/* Waits.  {..., "messages": [...], "feedback": [...], "files": [...]} */
static int put_talk(struct cc_rq *rq, const struct cc_visitor_line *talk)
{
    static const struct {
        const char *member;
        enum cc_visitor_kind kind;
    } kinds[] = {{",\"messages\":[", CC_VISITOR_MESSAGES},
                 {"],\"feedback\":[", CC_VISITOR_FEEDBACK},
                 {"],\"files\":[", CC_VISITOR_FILES}};
    int rc = cc_stream_put(rq, talk->json, strlen(talk->json) - 1);

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && rc == 0; i++) {
        rc = put(rq, kinds[i].member);
        if (rc == 0)
            rc = put_said(rq, talk->key, kinds[i].kind);
    }
    return rc ? rc : put(rq, "]}");
}

/* Waits.  One more page of his conversations; *at is where it goes on, *ret_n how many there were.
 */
static int put_talks(struct cc_rq *rq, const struct cc_visitor *v, char at[CC_ID_MAX * 4],
                     int *ret_n)
{
    struct cc_arena *mem = cc_arena_new(PAGE_BYTES);
    const struct cc_visitor_page page = {.bot = bot_of(rq), .after = at, .max = TALKS};
    struct cc_visitor_line *talks;
    int n = 0,
        rc = cc_visitor_talks(cc_gateway()->pg, rq->guest.tenant, v->id, &page, mem, &talks, &n);

    for (int i = 0; i < n && rc == 0; i++) {
        if (i > 0 || *at)
            rc = put(rq, ",");
        if (rc == 0)
            rc = put_talk(rq, &talks[i]);
    }
    if (rc == 0 && n > 0)
        snprintf(at, CC_ID_MAX * 4, "%s", talks[n - 1].key);
    *ret_n = n;
    cc_arena_free(&mem);
    return rc;
}

/* {"visitor": {...}, "exportedAt": ..., "conversations": [...]}: all but the last member at once.
 */
static const char *export_head(struct cc_rq *rq, const struct cc_visitor *v)
{
    json_t *json = json_pack("{s:o, s:o, s:[]}", "visitor", visitor_json(v), "exportedAt",
                             cc_json_time(cc_unix_ms()), "conversations");
    char *text = cc_json_dup(json, rq->mem);

    json_decref(json);
    text[strlen(text) - 2] = '\0'; /* "]}" comes behind the last */
    return text;
}

int cc_get_visitor_export(struct cc_rq *rq)
{
    char at[CC_ID_MAX * 4] = "";
    struct cc_visitor visitor;
    int n = TALKS, rc = load(rq, &visitor);

    if (rc == 0)
        cc_reply_header(rq, "content-disposition", "attachment; filename=\"visitor.json\"");
    if (rc == 0)
        rc = cc_stream_open(rq, "application/json");
    if (rc != 0)
        return rc;
    cc_task_deadline(CC_NEVER);
    rc = put(rq, export_head(rq, &visitor));
    while (rc == 0 && n == TALKS) {
        rc = put_talks(rq, &visitor, at, &n);
        if (rc == 0)
            rc = cc_guest_again(&rq->guest);
    }
    return end(rq, rc ? rc : put(rq, "]}\n"));
}

/* ---- the tenant ---- */

/* Waits.  The rows of one part. */
static int put_part(struct cc_rq *rq, int part)
{
    struct cc_arena *kept = cc_arena_new(PAGE_BYTES); /* where the last page ended */
    const char *after = "";
    int n = 1, rc = 0;

    while (rc == 0 && n > 0) {
        struct cc_arena *mem = cc_arena_new(PAGE_BYTES);
        struct cc_export_line *lines;

        n = 0;
        rc = cc_export_read(cc_gateway()->pg, rq->guest.tenant, part, after, mem, &lines, &n);
        for (int i = 0; i < n && rc == 0; i++) {
            rc = put(rq, lines[i].json);
            if (rc == 0)
                rc = put(rq, "\n");
        }
        cc_arena_free(&kept);
        kept = mem;
        after = n > 0 ? lines[n - 1].key : after;
        if (rc == 0)
            rc = cc_guest_again(&rq->guest);
    }
    cc_arena_free(&kept);
    return rc;
}

int cc_get_client_export(struct cc_rq *rq)
{
    int rc;

    cc_reply_header(rq, "content-disposition", "attachment; filename=\"account.jsonl\"");
    rc = cc_stream_open(rq, "application/jsonl");
    if (rc != 0)
        return rc;
    cc_task_deadline(CC_NEVER);
    for (int part = 0; part < cc_export_parts() && rc == 0; part++)
        rc = put_part(rq, part);
    return end(rq, rc);
}
