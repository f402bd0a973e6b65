/*
 * file_reading.c - what is asked for at this moment, by this process.
 *
 *     asked (attempt n of the row) --taken: attempt n + 1--> read: the call ends
 *                                                       \--> lost: nobody holds the row any more,
 *                                                            and it says n + 1: asked once more
 */
#include "gateway/file_reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "gateway/gateway.h"
#include "gateway/input.h"
#include "proto/base/config.h"
#include "proto/base/id.h"
#include "proto/base/log.h"

#define READ_MS      75000 /* parses */
#define READINGS_MAX 200   /* beyond: asked for when somebody looks again */
#define OF_TENANT    10    /* of them: readers are few, and one tenant's files may be slow ones */

struct reading {
    LIST_ENTRY(reading) list;
    char tenant[CC_ID_MAX], file[CC_ID_MAX], trace[72];
    int64_t attempt;         /* of the row when it was asked for */
    struct cc_wait *awaited; /* who waits for its end; NULL: nobody */
};
static LIST_HEAD(, reading) readings = LIST_HEAD_INITIALIZER(readings);
static int readings_n;

/* The last one that was asked. */
static struct reading *find(const char *file)
{
    struct reading *r;

    LIST_FOREACH (r, &readings, list)
        if (strcmp(r->file, file) == 0)
            return r;
    return NULL;
}

static bool has_room(const char *tenant)
{
    const struct reading *r;
    int n = 0;

    LIST_FOREACH (r, &readings, list)
        n += strcmp(r->tenant, tenant) == 0;
    return n < OF_TENANT && readings_n < READINGS_MAX;
}

static int ask(const struct reading *r)
{
    CC_AUTO(json_decref)
    json_t *request = json_pack("{s:s}", "fileId", r->file), *answer = NULL;
    const struct cc_call call = {.kind = CC_CALL_FILES,
                                 .method = "file_read",
                                 .tenant = r->tenant,
                                 .trace = r->trace,
                                 .request = request,
                                 .timeout_ms = READ_MS};

    return cc_call(cc_gateway()->calls, &call, &answer);
}

/* Its row says what came of it; that another reads it, or that it has gone, is no failure. */
static void reading_main(void *arg)
{
    struct reading *r = arg;

    cc_log_trace(r->trace);
    int rc = ask(r);
    if (rc != 0 && rc != CC_E_NOTFOUND && rc != CC_E_FENCED)
        cc_log_failure("visitor_file_unread", rc, cc_s("tenant", r->tenant), cc_s("file", r->file));
    LIST_REMOVE(r, list);
    readings_n--;
    if (r->awaited)
        cc_wait_done(r->awaited);
    free(r);
}

static void begin(const struct cc_rq *rq, const struct cc_session_file *file)
{
    struct reading *r = calloc(1, sizeof *r);

    if (!r)
        abort();
    snprintf(r->tenant, sizeof r->tenant, "%s", rq->guest.tenant);
    snprintf(r->file, sizeof r->file, "%s", file->id);
    snprintf(r->trace, sizeof r->trace, "%s", rq->id);
    r->attempt = file->attempt;
    LIST_INSERT_HEAD(&readings, r, list);
    readings_n++;
    if (cc_task_spawn("file-reading", reading_main, r, NULL) == 0)
        return;
    LIST_REMOVE(r, list);
    readings_n--;
    free(r);
}

void cc_file_reading_ask(const struct cc_rq *rq, const struct cc_session_file *file)
{
    const struct reading *asked = find(file->id);

    if (strcmp(file->status, "pending") != 0 || file->held ||
        (asked && asked->attempt >= file->attempt))
        return;
    if (has_room(rq->guest.tenant))
        begin(rq, file);
}

int cc_file_reading_await(const char *file, int64_t until_ms)
{
    struct cc_wait wait = {0};
    struct reading *r = find(file);
    int rc;

    if (!r || r->awaited)
        return 0;
    r->awaited = &wait;
    rc = cc_wait_for(&wait, until_ms);
    if (!wait.done) /* then it is still there */
        r->awaited = NULL;
    return rc == CC_E_TIMEOUT ? 0 : rc;
}

int cc_file_reading_most(const struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *widget = cc_json_object_of(rq->guest.bot.widget);
    int64_t most = cc_cfg_int(CC_CFG_VISITOR_FILES);

    if (most <= 0 || json_is_false(json_object_get(widget, "upload")))
        return 0;
    return most < CC_SESSION_FILES_MAX ? (int)most : CC_SESSION_FILES_MAX;
}
