/*
 * Channels, on a connection of their own: one that listens can do nothing else.
 *
 * However many listen to a channel, the server hears of it once.
 *
 *     OFFLINE --link up--> ASKED --"subscribe"--> LIVE --last one leaves--> LEAVING --> gone
 *        ^                   ^ |                    |                        | |
 *        |                   +-+---- "unsubscribe", but somebody came back --+ |
 *        +----- link lost -----+--------------------+--------------------------+
 *
 * A channel that is asked for again waits for the answer to UNSUBSCRIBE first: hiredis 0.14 would
 * forget the new subscription when that answer comes.  It also aborts the process when anything
 * arrives after the last channel was left, so one channel is held for ever.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "proto/base/clock.h"
#include "proto/base/hash.h"
#include "proto/bus/redis_run.h"

#define HOLD    "cc:hold"
#define BUCKETS 1024
#define OPEN_MS 2000

enum state { OFFLINE, ASKED, LIVE, LEAVING };

struct channel {
    LIST_ENTRY(channel) list;
    LIST_HEAD(, cc_sub) subs;
    enum state state;
    char name[];
};
LIST_HEAD(bucket, channel);

struct cc_subs {
    struct cc_link link;
    struct bucket buckets[BUCKETS];
};
struct message {
    char *text;
    size_t len;
};
struct cc_sub {
    LIST_ENTRY(cc_sub) list;
    struct cc_subs *subs;
    struct channel *channel;
    struct cc_wait wait;
    bool heard;  /* the server has confirmed the channel since we are there */
    bool fenced; /* something may have been lost */
    int cap, room, first, count;
    struct message *ring;
};

/* ---- the table ---- */
static struct bucket *bucket_of(struct cc_subs *subs, const char *name)
{
    return &subs->buckets[cc_crc32(name, strlen(name)) % BUCKETS];
}

static struct channel *find(struct cc_subs *subs, const char *name)
{
    struct channel *c;

    LIST_FOREACH (c, bucket_of(subs, name), list) {
        if (strcmp(c->name, name) == 0)
            return c;
    }
    return NULL;
}

static struct channel *make(struct cc_subs *subs, const char *name)
{
    size_t len = strlen(name) + 1;
    struct channel *c = calloc(1, sizeof *c + len);

    assert(c);
    memcpy(c->name, name, len);
    LIST_INIT(&c->subs);
    LIST_INSERT_HEAD(bucket_of(subs, name), c, list);
    return c;
}

static void forget(struct channel *c)
{
    LIST_REMOVE(c, list);
    free(c);
}

/* ---- messages ---- */
static void drop_oldest(struct cc_sub *sub)
{
    free(sub->ring[sub->first].text);
    sub->first = (sub->first + 1) % sub->room;
    sub->count--;
}

static void grow(struct cc_sub *sub)
{
    int room = sub->room ? 2 * sub->room : 8;
    struct message *ring = calloc((size_t)room, sizeof *ring);

    assert(ring);
    for (int i = 0; i < sub->count; i++)
        ring[i] = sub->ring[(sub->first + i) % sub->room];
    free(sub->ring);
    sub->ring = ring;
    sub->first = 0;
    sub->room = room;
}

static void push(struct cc_sub *sub, const redisReply *text)
{
    struct message m = {malloc(text->len + 1), text->len};

    assert(m.text);
    memcpy(m.text, text->str, m.len + 1);
    if (sub->count == sub->cap) {
        drop_oldest(sub);
        sub->fenced = true;
    }
    if (sub->count == sub->room)
        grow(sub);
    sub->ring[(sub->first + sub->count++) % sub->room] = m;
    cc_wait_done(&sub->wait);
}

/* ---- what the server says ---- */
static void on_said(redisAsyncContext *ac, void *reply, void *arg);

static void ask(struct cc_subs *subs, struct channel *c)
{
    const char *argv[] = {"SUBSCRIBE", c->name};
    size_t len[] = {strlen(argv[0]), strlen(argv[1])};

    if (subs->link.up)
        redisAsyncCommandArgv(subs->link.ac, on_said, NULL, 2, argv, len);
    c->state = subs->link.up ? ASKED : OFFLINE;
}

static void leave(struct cc_subs *subs, struct channel *c)
{
    const char *argv[] = {"UNSUBSCRIBE", c->name};
    size_t len[] = {strlen(argv[0]), strlen(argv[1])};

    redisAsyncCommandArgv(subs->link.ac, NULL, NULL, 2, argv, len);
    c->state = LEAVING;
}

static void on_subscribed(struct cc_subs *subs, struct channel *c)
{
    struct cc_sub *sub;

    c->state = LIVE;
    if (LIST_EMPTY(&c->subs))
        leave(subs, c);
    LIST_FOREACH (sub, &c->subs, list) {
        sub->fenced |= sub->heard; /* there was a time when we did not listen */
        sub->heard = true;
        cc_wait_done(&sub->wait);
    }
}

static void on_unsubscribed(struct cc_subs *subs, struct channel *c)
{
    if (LIST_EMPTY(&c->subs))
        forget(c);
    else
        ask(subs, c);
}

static void on_said(redisAsyncContext *ac, void *reply, void *arg)
{
    struct cc_link *link = ac->data;
    struct cc_subs *subs = link->arg;
    const redisReply *r = reply;
    struct cc_sub *sub;

    (void)arg;
    if (!r || link->ac != ac || !cc_reply_has_text(cc_reply_at(r, 0)) ||
        !cc_reply_has_text(cc_reply_at(r, 1)))
        return;
    const char *kind = r->element[0]->str;
    struct channel *c = find(subs, r->element[1]->str);
    if (!c) /* the one that is held */
        return;
    if (strcmp(kind, "subscribe") == 0 && c->state == ASKED) {
        on_subscribed(subs, c);
    } else if (strcmp(kind, "unsubscribe") == 0 && c->state == LEAVING) {
        on_unsubscribed(subs, c);
    } else if (strcmp(kind, "message") == 0 && cc_reply_has_text(cc_reply_at(r, 2))) {
        LIST_FOREACH (sub, &c->subs, list)
            push(sub, r->element[2]);
    }
}

/* ---- the link ---- */
static void on_up(struct cc_link *link)
{
    struct cc_subs *subs = link->arg;
    struct channel *c;

    redisAsyncCommand(link->ac, on_said, NULL, "SUBSCRIBE " HOLD);
    for (int i = 0; i < BUCKETS; i++) {
        LIST_FOREACH (c, &subs->buckets[i], list)
            ask(subs, c);
    }
}

static void on_lost(struct cc_link *link)
{
    struct cc_subs *subs = link->arg;

    for (int i = 0; i < BUCKETS; i++) {
        struct channel *next;
        for (struct channel *c = LIST_FIRST(&subs->buckets[i]); c; c = next) {
            next = LIST_NEXT(c, list);
            c->state = OFFLINE;
            if (LIST_EMPTY(&c->subs))
                forget(c);
        }
    }
}

static struct cc_subs *subs_of(struct cc_redis *redis)
{
    struct cc_subs **place = cc_redis_subs(redis);

    if (!*place) {
        struct cc_subs *subs = calloc(1, sizeof *subs);
        assert(subs);
        subs->link = (struct cc_link){
            .url = cc_redis_url_of(redis), .on_up = on_up, .on_lost = on_lost, .arg = subs};
        *place = subs;
        cc_link_open(&subs->link);
    }
    return *place;
}

void cc_subs_free(struct cc_subs *subs)
{
    if (!subs)
        return;
    cc_link_close(&subs->link);
    on_lost(&subs->link);
    for (int i = 0; i < BUCKETS; i++)
        assert(LIST_EMPTY(&subs->buckets[i])); /* somebody still listens */
    free(subs);
}

/* ---- for others ---- */
int cc_sub_open(struct cc_redis *redis, const char *name, int cap, struct cc_sub **ret)
{
    struct cc_subs *subs = subs_of(redis);
    struct cc_sub *sub = calloc(1, sizeof *sub);
    int64_t end_ms = cc_clock_ms() + OPEN_MS;
    int rc = 0;

    assert(sub && cap > 0);
    sub->subs = subs;
    sub->cap = cap;
    sub->channel = find(subs, name);
    if (!sub->channel) {
        sub->channel = make(subs, name);
        ask(subs, sub->channel);
    }
    LIST_INSERT_HEAD(&sub->channel->subs, sub, list);
    sub->heard = sub->channel->state == LIVE;
    while (!sub->heard && rc == 0) {
        sub->wait.done = false;
        rc = cc_wait_for(&sub->wait, end_ms);
    }
    if (rc == CC_E_TIMEOUT && !subs->link.up)
        rc = cc_fail(CC_E_DOWN, "redis: no link to %s", subs->link.url->host);
    if (rc)
        cc_sub_close(&sub);
    else
        *ret = sub;
    return rc;
}

int cc_sub_next(struct cc_sub *sub, int64_t deadline_ms, char **ret_text, size_t *ret_len)
{
    while (!sub->fenced && sub->count == 0) {
        sub->wait.done = false;
        int rc = cc_wait_for(&sub->wait, deadline_ms);
        if (rc)
            return rc;
    }
    if (sub->fenced) {
        sub->fenced = false;
        return cc_fail(CC_E_FENCED, "messages of %s may be lost", sub->channel->name);
    }
    struct message *m = &sub->ring[sub->first];
    *ret_text = CC_TAKE(m->text);
    *ret_len = m->len;
    drop_oldest(sub);
    return 0;
}

void cc_sub_close(struct cc_sub **p)
{
    struct cc_sub *sub = *p;

    if (!sub)
        return;
    struct channel *c = sub->channel;
    LIST_REMOVE(sub, list);
    if (LIST_EMPTY(&c->subs) && c->state == LIVE)
        leave(sub->subs, c);
    else if (LIST_EMPTY(&c->subs) && c->state == OFFLINE)
        forget(c);
    while (sub->count > 0)
        drop_oldest(sub);
    free(sub->ring);
    free(sub);
    *p = NULL;
}
