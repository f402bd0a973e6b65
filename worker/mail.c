#include "worker/mail.h"

#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/json.h"
#include "proto/seal/seal.h"
#include "worker/worker.h"

#define TRY_MS     5000
#define PAUSE_MS   200 /* twice as long after each try */
#define PAUSE_MOST 2000
#define REPLY_CAP  (64 * 1024)

static int open_sealed(const struct cc_call_request *r, const char *id, struct cc_opened *ret)
{
    struct cc_keyring *ring = NULL;
    struct cc_seal_place place = {r->tenant, "mail", "sealed", id};
    const char *path = cc_cfg(CC_CFG_SEAL_KEYRING);
    int rc = *path ? cc_keyring_read(path, &ring)
                   : cc_fail(CC_E_DOWN, "CC_SEAL_KEYRING is not set: mails cannot be opened");

    if (rc == 0)
        rc = cc_open_by_operator(ring, &place, cc_json_str(r->body, "sealed", ""), ret);
    cc_keyring_free(&ring);
    return rc;
}

static bool again(int rc, int status)
{
    return rc ? rc == CC_E_UPSTREAM || rc == CC_E_TIMEOUT : status >= 500 || status == 429;
}

/* Waits.  One try; *ret_again: another may help. */
static int post(struct cc_http *http, const struct cc_http_req *req, struct cc_arena *mem,
                bool *ret_again)
{
    struct cc_http_answer answer = {0};
    int rc = cc_http_fetch(http, req, REPLY_CAP, mem, &answer);

    *ret_again = again(rc, answer.status);
    if (rc || (answer.status >= 200 && answer.status < 300))
        return rc;
    return cc_fail(*ret_again ? CC_E_UPSTREAM : CC_E_REFUSED, "the mail hook says %d",
                   answer.status);
}

/* Waits. */
static int post_until_taken(struct cc_http *http, const struct cc_http_req *req,
                            struct cc_arena *mem)
{
    int64_t pause_ms = PAUSE_MS;
    bool more = true;

    for (;;) {
        int rc = post(http, req, mem, &more);

        if (rc == 0 || !more || cc_now() + pause_ms + TRY_MS / 10 > cc_task_deadline_at())
            return rc;
        if (cc_sleep(pause_ms) != 0)
            return rc;
        pause_ms = pause_ms * 2 < PAUSE_MOST ? pause_ms * 2 : PAUSE_MOST;
    }
}

static int hand_over(struct cc_http *http, const char *id, const struct cc_opened *mail,
                     struct cc_arena *mem)
{
    const char *secret = cc_cfg(CC_CFG_MAIL_SECRET);
    const char *headers[] = {
        "Content-Type: application/json", cc_arena_printf(mem, "Idempotency-Key: %s", id),
        *secret ? cc_arena_printf(mem, "Authorization: Bearer %s", secret) : NULL, NULL};
    struct cc_http_req req = {.url = cc_cfg(CC_CFG_MAIL_URL),
                              .body = mail->bytes,
                              .body_len = mail->len,
                              .headers = headers,
                              .total_ms = TRY_MS,
                              .trusted = true};

    return post_until_taken(http, &req, mem);
}

int cc_mail_call(void *self, const struct cc_call_request *request, json_t **ret)
{
    struct cc_worker *worker = self;
    struct cc_opened mail = {0};
    const char *id = cc_json_str(request->body, "id", "");
    int rc = *cc_cfg(CC_CFG_MAIL_URL) ? open_sealed(request, id, &mail)
                                      : cc_fail(CC_E_DOWN, "CC_MAIL_URL is not set");

    if (rc == 0)
        rc = hand_over(worker->run->http, id, &mail, request->mem);
    cc_opened_done(&mail);
    if (rc == 0)
        *ret = json_object();
    return rc;
}
