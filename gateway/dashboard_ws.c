/*
 * dashboard_ws.c - what happens to a tenant's documents, sources and conversations, told as it
 * happens.
 *
 *     Redis channel of the tenant --one listener per tenant--> all its sockets in this process
 *
 * The listener comes with the first socket and goes with the last.  "hello" is said when the
 * channel is heard, and again whenever something may have been missed: then lists are to be read
 * anew.
 */
#include "gateway/dashboard_ws.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "gateway/gateway.h"
#include "gateway/pure/memo.h"
#include "gateway/routes.h"
#include "gateway/ws.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/store/document.h"
#include "proto/store/source.h"
#include "proto/wire/names.h"

#define SOCKETS_MAX 200  /* of a tenant, in this process */
#define FRAMES      2000 /* that the listener has not looked at yet */
#define FRAME_MAX   16384
#define AGAIN_MS    200
#define OWNERS      1024
#define OWNER_MS    60000
#define OWNER_BYTES 16384

struct socket {
    LIST_ENTRY(socket) link;
    struct cc_ws *ws;
    const char *bot; /* its key is good for this one only; NULL: for all */
};
struct house {
    LIST_ENTRY(house) link;
    LIST_HEAD(, socket) sockets;
    char tenant[CC_ID_MAX];
    int n;
    bool listening;
    struct cc_task_ref listener;
};
static struct {
    LIST_HEAD(, house) houses;
    struct cc_memo *owners; /* document or source -> its bot */
} dash;

/* ---- what is said ---- */

static void say(struct cc_ws *ws, json_t *frame)
{
    char *text = json_dumps(frame, JSON_COMPACT);

    json_decref(frame);
    cc_ws_send(ws, text, strlen(text));
    free(text);
}

static void say_hello(const struct house *house, struct cc_ws *ws)
{
    say(ws, json_pack("{s:s, s:s}", "type", "hello", "tenant", house->tenant));
}

static void greet_all(struct house *house)
{
    struct socket *s;

    house->listening = true;
    LIST_FOREACH (s, &house->sockets, link)
        say_hello(house, s->ws);
}

/* ---- whose is it? ---- */

static int look_up(const char *tenant, const char *id, struct cc_arena *mem, const char **ret)
{
    struct cc_document_status document;
    struct cc_source source;
    int rc;

    if (cc_id_valid(id, "doc")) {
        rc = cc_document_status(cc_gateway()->pg, tenant, id, mem, &document);
        *ret = rc == 0 ? document.bot : NULL;
        return rc;
    }
    rc = cc_source_get(cc_gateway()->pg, tenant, id, mem, &source);
    *ret = rc == 0 ? source.bot : NULL;
    return rc;
}

/* Waits.  NULL: nobody knows any more; then it is told to those who may see all.  A conversation
 * says itself whose it is. */
static const char *owner_of(const struct house *house, const json_t *frame)
{
    const char *id = cc_json_str(frame, "id", ""), *bot;
    struct cc_arena *mem;

    if (strcmp(cc_json_str(frame, "type", ""), "conversation") == 0)
        return cc_json_str(frame, "botId", NULL);
    bot = cc_memo_get(dash.owners, id, cc_now());
    if (bot)
        return bot;
    mem = cc_arena_new((size_t)1 << 20);
    if (look_up(house->tenant, id, mem, &bot) != 0) {
        cc_arena_free(&mem);
        return NULL;
    }
    struct cc_arena *own = cc_arena_new(OWNER_BYTES);
    char *kept = cc_arena_dup(own, bot);

    cc_arena_free(&mem);
    cc_memo_put(dash.owners, id, kept, own, cc_now() + OWNER_MS);
    return kept;
}

static bool some_are_bound(const struct house *house)
{
    const struct socket *s;

    LIST_FOREACH (s, &house->sockets, link)
        if (s->bot)
            return true;
    return false;
}

static void pass_on(struct house *house, const char *text, size_t len)
{
    CC_AUTO(json_decref)
    json_t *frame = NULL;
    const char *owner = NULL;
    struct socket *s;

    if (len > FRAME_MAX || cc_json_parse(text, len, &frame) != 0) {
        cc_log(CC_WARN, "frame_malformed", cc_u("bytes", len));
        return;
    }
    if (some_are_bound(house))
        owner = owner_of(house, frame);
    LIST_FOREACH (s, &house->sockets, link)
        if (!s->bot || (owner && (!*owner || strcmp(owner, s->bot) == 0)))
            cc_ws_send(s->ws, text, len);
}

/* ---- listening ---- */

static int listen_once(struct house *house, struct cc_sub *sub)
{
    char *text;
    size_t len;
    int rc = cc_sub_next(sub, CC_NEVER, &text, &len);

    if (rc == CC_E_FENCED) {
        greet_all(house);
        return 0;
    }
    if (rc != 0)
        return rc;
    pass_on(house, text, len);
    free(text);
    return cc_yield(); /* it leaves before the next: who gets many at once does not owe them yet */
}

/* Frees the house: it is cancelled when the last socket has left. */
static void listener_main(void *arg)
{
    struct house *house = arg;
    struct cc_sub *sub = NULL;
    char channel[CC_NAME_MAX];
    int rc = 0;

    cc_name_events(house->tenant, channel);
    while (rc != CC_E_CANCELLED) {
        bool opened = sub != NULL;

        rc = sub ? listen_once(house, sub) : cc_sub_open(cc_gateway()->live, channel, FRAMES, &sub);
        if (rc == 0 && !opened)
            greet_all(house);
        if (rc != 0 && rc != CC_E_CANCELLED)
            rc = cc_sleep(AGAIN_MS);
    }
    cc_sub_close(&sub);
    free(house);
}

static struct house *house_of(const char *tenant)
{
    struct house *house;

    LIST_FOREACH (house, &dash.houses, link)
        if (strcmp(house->tenant, tenant) == 0)
            return house;
    return NULL;
}

static int open_house(const char *tenant, struct house **ret)
{
    struct house *house = calloc(1, sizeof *house);
    int rc;

    if (!house)
        abort();
    if (!dash.owners)
        dash.owners = cc_memo_new(OWNERS);
    memccpy(house->tenant, tenant, '\0', sizeof house->tenant - 1);
    LIST_INIT(&house->sockets);
    rc = cc_task_spawn("dashboard", listener_main, house, &house->listener);
    if (rc != 0) {
        free(house);
        return rc;
    }
    LIST_INSERT_HEAD(&dash.houses, house, link);
    *ret = house;
    return 0;
}

/* ---- a socket ---- */

static int enter(const char *tenant, struct socket *s, struct house **ret)
{
    struct house *house = house_of(tenant);
    int rc = house ? 0 : open_house(tenant, &house);

    if (rc != 0)
        return rc;
    LIST_INSERT_HEAD(&house->sockets, s, link);
    house->n++;
    if (house->listening)
        say_hello(house, s->ws);
    *ret = house;
    return 0;
}

static void leave(struct house *house, struct socket *s)
{
    LIST_REMOVE(s, link);
    if (--house->n > 0)
        return;
    LIST_REMOVE(house, link);
    cc_task_cancel(house->listener);
}

static void answer(struct cc_ws *ws, const char *text, size_t len)
{
    CC_AUTO(json_decref)
    json_t *said = NULL;
    int rc = cc_json_parse(text, len, &said);

    if (rc == 0 && strcmp(cc_json_str(said, "type", ""), "ping") == 0)
        say(ws, json_pack("{s:s}", "type", "pong"));
    else
        say(ws, json_pack("{s:s, s:s, s:s}", "type", "error", "code", cc_error_name(CC_E_INVALID),
                          "detail", "only {type: ping} is understood"));
}

static int listen_to(struct cc_ws *ws)
{
    const char *text;
    size_t len;
    int rc;

    cc_task_trim();
    while ((rc = cc_ws_next(ws, &text, &len)) == 0)
        answer(ws, text, len);
    return rc == CC_E_NOTFOUND || rc == CC_E_INVALID || rc == CC_E_TIMEOUT ? 0 : rc;
}

int cc_get_dashboard_ws(struct cc_rq *rq)
{
    struct socket s = {.bot = rq->guest.bound ? rq->guest.bot.id : NULL};
    struct house *house = house_of(rq->guest.tenant);
    int rc;

    if (house && house->n >= SOCKETS_MAX)
        return cc_fail(CC_E_TENANT_BUSY, "%d sockets of this tenant are open", house->n);
    rc = cc_ws_open(rq, cc_ws_choose(rq), &s.ws);
    if (rc != 0)
        return rc;
    cc_task_deadline(CC_NEVER);
    rc = enter(rq->guest.tenant, &s, &house);
    if (rc != 0)
        return rc;
    rc = listen_to(s.ws);
    leave(house, &s);
    return rc;
}

void cc_dashboard_close(void)
{
    cc_memo_free(&dash.owners);
}
