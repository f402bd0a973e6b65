#include "gateway/hub.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "gateway/gateway.h"
#include "proto/base/hash.h"
#include "proto/base/log.h"
#include "proto/run/run.h"
#include "proto/wire/names.h"

#define BUCKETS     4096
#define CHANNEL_CAP 20000 /* messages between two turns of the dispatcher */
#define QUEUE_CAP   1000  /* of one viewer */

/* One message for all its viewers. */
struct message {
    int refs;
    char *text;
    struct cc_notice notice;
};
struct queued {
    STAILQ_ENTRY(queued) link;
    struct message *message;
};
struct cc_viewer {
    LIST_ENTRY(cc_viewer) link;
    char answer[48];
    STAILQ_HEAD(, queued) queue;
    int queued;
    bool lost;
    struct cc_wait *waiting;
    struct message *taken;
};

static struct {
    LIST_HEAD(, cc_viewer) buckets[BUCKETS];
    char channel[CC_NAME_MAX];
    struct cc_task_ref dispatcher;
} hub;

static unsigned bucket_of(const char *answer, size_t len)
{
    return cc_crc32(answer, len) % BUCKETS;
}

const char *cc_hub_channel(void)
{
    return hub.channel;
}

static void release(struct message **message)
{
    if (*message && --(*message)->refs == 0) {
        free((*message)->text);
        free(*message);
    }
    *message = NULL;
}

static void wake(struct cc_viewer *viewer)
{
    if (viewer->waiting)
        cc_wait_done(viewer->waiting);
}

static void drop_queue(struct cc_viewer *viewer)
{
    struct queued *entry;

    while ((entry = STAILQ_FIRST(&viewer->queue))) {
        STAILQ_REMOVE_HEAD(&viewer->queue, link);
        release(&entry->message);
        free(entry);
    }
    viewer->queued = 0;
}

static void lose(struct cc_viewer *viewer)
{
    drop_queue(viewer);
    viewer->lost = true;
    wake(viewer);
}

static void push(struct cc_viewer *viewer, struct message *message)
{
    struct queued *entry;

    if (viewer->queued == QUEUE_CAP) {
        lose(viewer);
        return;
    }
    entry = calloc(1, sizeof *entry);
    if (!entry)
        abort();
    entry->message = message;
    message->refs++;
    STAILQ_INSERT_TAIL(&viewer->queue, entry, link);
    viewer->queued++;
    wake(viewer);
}

static bool looks_on(const struct cc_viewer *viewer, const char *answer, size_t len)
{
    return strlen(viewer->answer) == len && memcmp(viewer->answer, answer, len) == 0;
}

/* Takes text. */
static void hand_out(char *text, size_t len)
{
    struct message *message = calloc(1, sizeof *message);
    const struct cc_notice *notice;
    struct cc_viewer *viewer;

    if (!message)
        abort();
    message->refs = 1;
    message->text = text;
    notice = &message->notice;
    if (cc_notice_decode(text, len, &message->notice) != 0) {
        cc_log(CC_WARN, "notice_malformed", cc_u("bytes", len));
    } else {
        LIST_FOREACH (viewer, &hub.buckets[bucket_of(notice->answer, notice->answer_len)], link)
            if (looks_on(viewer, notice->answer, notice->answer_len))
                push(viewer, message);
    }
    release(&message);
}

static void lose_all(void)
{
    struct cc_viewer *viewer;

    for (int i = 0; i < BUCKETS; i++)
        LIST_FOREACH (viewer, &hub.buckets[i], link)
            lose(viewer);
}

static int dispatch_one(struct cc_sub *sub)
{
    char *text;
    size_t len;
    int rc = cc_sub_next(sub, CC_NEVER, &text, &len);

    if (rc == 0)
        hand_out(text, len);
    else if (rc == CC_E_FENCED)
        lose_all();
    return rc == CC_E_FENCED ? 0 : rc;
}

static void dispatcher_main(void *arg)
{
    struct cc_sub *sub = NULL;
    int rc = 0;

    (void)arg;
    while (rc != CC_E_CANCELLED) {
        rc = sub ? dispatch_one(sub)
                 : cc_sub_open(cc_gateway()->live, hub.channel, CHANNEL_CAP, &sub);
        if (rc != 0 && rc != CC_E_CANCELLED)
            rc = cc_sleep(200);
    }
    cc_sub_close(&sub);
}

int cc_hub_open(int worker)
{
    cc_name_reply(cc_run_instance(), worker, hub.channel);
    return cc_task_spawn("hub", dispatcher_main, NULL, &hub.dispatcher);
}

void cc_hub_close(void)
{
    cc_task_cancel(hub.dispatcher);
}

int cc_hub_viewers(const char *answer)
{
    struct cc_viewer *viewer;
    size_t len = strlen(answer);
    int n = 0;

    LIST_FOREACH (viewer, &hub.buckets[bucket_of(answer, len)], link)
        n += looks_on(viewer, answer, len);
    return n;
}

struct cc_viewer *cc_viewer_new(const char *answer)
{
    struct cc_viewer *viewer = calloc(1, sizeof *viewer);

    if (!viewer)
        abort();
    STAILQ_INIT(&viewer->queue);
    memccpy(viewer->answer, answer, '\0', sizeof viewer->answer - 1);
    LIST_INSERT_HEAD(&hub.buckets[bucket_of(answer, strlen(answer))], viewer, link);
    return viewer;
}

void cc_viewer_free(struct cc_viewer **viewer)
{
    if (!*viewer)
        return;
    LIST_REMOVE(*viewer, link);
    drop_queue(*viewer);
    release(&(*viewer)->taken);
    free(*viewer);
    *viewer = NULL;
}

static int wait_for_some(struct cc_viewer *viewer, int64_t deadline_ms)
{
    struct cc_wait wait = {0};
    int rc = 0;

    if (!viewer->lost && STAILQ_EMPTY(&viewer->queue)) {
        viewer->waiting = &wait;
        rc = cc_wait_for(&wait, deadline_ms);
        viewer->waiting = NULL;
    }
    return rc;
}

int cc_viewer_next(struct cc_viewer *viewer, int64_t deadline_ms, struct cc_heard *ret)
{
    struct queued *entry;
    int rc = wait_for_some(viewer, deadline_ms);

    if (rc != 0)
        return rc;
    if (viewer->lost) {
        viewer->lost = false;
        return CC_E_FENCED;
    }
    entry = STAILQ_FIRST(&viewer->queue);
    STAILQ_REMOVE_HEAD(&viewer->queue, link);
    viewer->queued--;
    release(&viewer->taken);
    viewer->taken = entry->message;
    free(entry);
    ret->id = viewer->taken->notice.id;
    ret->event = viewer->taken->notice.event;
    return 0;
}
