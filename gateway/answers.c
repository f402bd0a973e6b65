#include "gateway/answers.h"

#include <string.h>

#include "gateway/gateway.h"
#include "gateway/identity.h"
#include "gateway/pure/ask.h"
#include "gateway/pure/sse.h"
#include "gateway/routes.h"
#include "proto/base/config.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/metrics.h"
#include "proto/base/text.h"
#include "proto/bus/admit.h"
#include "proto/bus/replay.h"
#include "proto/store/erasure.h"
#include "proto/store/session.h"

#define COMMENT_MAX 2000

int64_t cc_answer_deadline(void)
{
    return cc_now() + cc_cfg_int(CC_CFG_ANSWER_SECONDS) * 1000 + cc_cfg_int(CC_CFG_LEASE_MS);
}

int cc_answer_keep_s(void)
{
    return (int)(cc_cfg_int(CC_CFG_ANSWER_SECONDS) + cc_cfg_int(CC_CFG_REPLAY_SECONDS));
}

/* ---- whose ---- */

static bool wrong_bot(const struct cc_rq *rq, const char *bot)
{
    return rq->guest.bound && strcmp(rq->guest.bot.id, bot) != 0;
}

/* What the queue server still remembers of what PostgreSQL has not, or not any more. */
static int not_erased(struct cc_rq *rq, const char *name)
{
    bool erased = false;
    int rc = cc_erasure_covers(cc_gateway()->pg, rq->guest.tenant, name, &erased);

    return rc == 0 && erased ? CC_E_NOTFOUND : rc;
}

/* Until a worker claims it there is no row. */
static int find_asked(struct cc_rq *rq, const char *answer, struct cc_answer_view *ret_view)
{
    struct cc_asked_by by;
    int rc = cc_admit_find(cc_gateway()->queue, rq->guest.tenant, answer, rq->mem, &by);

    if (rc == 0)
        rc = not_erased(rq, answer);
    if (rc == 0)
        *ret_view = (struct cc_answer_view){
            .state = "", .session = "", .bot = by.bot, .visitor = by.visitor};
    return rc;
}

/* A key of one bot is told first what is wrong with the proof.  One of all bots needs to know which
 * bot it is about, as each has a secret and a will of its own. */
static int no_such(int rc, const char *what)
{
    return rc == CC_E_NOTFOUND ? cc_fail(CC_E_NOTFOUND, "there is no such %s", what) : rc;
}

int cc_answer_find(struct cc_rq *rq, const char *answer, struct cc_answer_view *ret_view)
{
    int rc;

    rc = rq->guest.bound ? cc_identity_settle(rq) : 0;
    if (rc == 0 && !cc_id_valid(answer, "ans"))
        rc = CC_E_NOTFOUND;
    if (rc != 0)
        return no_such(rc, "answer");
    rc = cc_answer_read(cc_gateway()->pg, rq->guest.tenant, answer, rq->mem, ret_view);
    if (rc == CC_E_NOTFOUND)
        rc = find_asked(rq, answer, ret_view);
    if (rc == 0 && wrong_bot(rq, ret_view->bot))
        rc = CC_E_NOTFOUND;
    if (rc == 0 && !rq->guest.bound)
        rc = cc_identity_settle_for(rq, ret_view->bot);
    if (rc == 0 && !cc_identity_owns(rq, ret_view->visitor))
        rc = CC_E_NOTFOUND;
    return no_such(rc, "answer");
}

static int look_for_session(struct cc_rq *rq, const char *session, struct cc_session *ret,
                            bool *ret_new)
{
    const char *tenant = rq->guest.tenant;
    struct cc_asked_by by;
    int rc = cc_session_get(cc_gateway()->pg, tenant, session, rq->mem, ret);

    *ret_new = rc == CC_E_NOTFOUND && cc_session_is_ours(session);
    if (*ret_new)
        rc = cc_admit_find_session(cc_gateway()->queue, tenant, session, rq->mem, &by);
    if (*ret_new && rc == 0)
        rc = not_erased(rq, session);
    if (*ret_new && rc == 0)
        *ret = (struct cc_session){by.bot, by.visitor};
    return rc;
}

int cc_session_find(struct cc_rq *rq, const char *bot, const char *session, bool *ret_new)
{
    struct cc_session found;
    int rc = *bot ? cc_identity_settle_for(rq, bot) : 0;

    if (rc == 0)
        rc = look_for_session(rq, session, &found, ret_new);
    if (rc == 0 && *bot && strcmp(found.bot, bot) != 0)
        rc = CC_E_NOTFOUND;
    if (rc == 0 && !*bot)
        rc = cc_identity_settle_for(rq, found.bot);
    if (rc == 0 && !cc_identity_owns(rq, found.visitor))
        rc = CC_E_NOTFOUND;
    return rc == CC_E_NOTFOUND ? cc_fail(CC_E_SESSION, "there is no such session") : rc;
}

int cc_session_may_read(const struct cc_rq *rq, const char *session)
{
    if (rq->guest.secret || strlen(session) >= CC_OWN_NAME_PRIVATE)
        return 0;
    return cc_fail(CC_E_FORBIDDEN,
                   "a name of less than %d characters may be read with the secret key only",
                   CC_OWN_NAME_PRIVATE);
}

/* ---- telling it ---- */

int cc_answer_send_event(void *arg, const struct cc_event_id *id, const struct cc_event *event)
{
    struct cc_rq *rq = arg;
    struct cc_buf frame;
    int rc;

    cc_buf_init(&frame, CC_EVENT_MAX + 256);
    cc_sse_frame(&frame, id, event);
    rc = cc_stream_send(rq, frame.bytes, frame.len);
    cc_buf_done(&frame);
    return rc;
}

int cc_answer_send_comment(void *rq)
{
    return cc_stream_send(rq, CC_SSE_COMMENT, strlen(CC_SSE_COMMENT));
}

int cc_answer_tell(struct cc_follow *follow)
{
    int rc;

    cc_metric_add(CC_M_RESUMES, NULL, 1);
    cc_task_deadline(CC_NEVER);
    follow->join = true;
    follow->viewer = cc_viewer_new(follow->answer);
    follow->deadline_ms = cc_answer_deadline();
    rc = cc_follow_run(follow);
    cc_viewer_free(&follow->viewer);
    if (rc != 0)
        cc_follow_left(follow->answer);
    return rc;
}

int cc_answer_stop(struct cc_rq *rq, const char *answer, const char **ret_state)
{
    struct cc_answer_view view;
    bool running;
    int rc = cc_answer_find(rq, answer, &view);

    if (rc != 0)
        return rc;
    running = *view.state == '\0' || strcmp(view.state, "running") == 0;
    if (running)
        rc = cc_replay_cancel(cc_gateway()->live, answer, cc_answer_keep_s());
    if (rc == 0)
        *ret_state = running ? "stopping" : view.state;
    return rc;
}

/* ---- routes ---- */

/* ?after= wins over Last-Event-ID, which a browser may send from an earlier stream. */
static int read_after(struct cc_rq *rq, struct cc_event_id *ret)
{
    const char *after = cc_rq_query(rq, "after");

    if (!after)
        after = cc_rq_header(rq, "last-event-id");
    *ret = (struct cc_event_id){0, 0};
    if (after && *after && !cc_event_id_parse(after, ret))
        return cc_fail(CC_E_INVALID, "after, Last-Event-ID: an event id such as 1-57");
    return 0;
}

int cc_get_answer_stream(struct cc_rq *rq)
{
    struct cc_answer_view view;
    struct cc_follow follow = {
        .rq = rq, .event = cc_answer_send_event, .idle = cc_answer_send_comment, .arg = rq};
    int rc = read_after(rq, &follow.last);

    follow.answer = cc_rq_param(rq, "answerId");
    if (rc == 0)
        rc = cc_answer_find(rq, follow.answer, &view);
    if (rc == 0)
        rc = cc_stream_open(rq, "text/event-stream");
    if (rc == 0)
        rc = cc_stream_send(rq, CC_SSE_RETRY, strlen(CC_SSE_RETRY));
    return rc ? rc : cc_answer_tell(&follow);
}

int cc_post_answer_stop(struct cc_rq *rq)
{
    const char *answer = cc_rq_param(rq, "answerId"), *state;
    int rc = cc_answer_stop(rq, answer, &state);

    if (rc != 0)
        return rc;
    return cc_reply_json(rq, strcmp(state, "stopping") == 0 ? 202 : 200,
                         json_pack("{s:s, s:s}", "answerId", answer, "state", state));
}

static int read_feedback(struct cc_rq *rq, struct cc_feedback *ret)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    const char *rating, *comment;
    int rc = cc_json_parse(rq->body ? rq->body : "", rq->body_len, &body);

    if (rc != 0)
        return rc;
    rating = cc_json_str(body, "rating", "");
    comment = cc_json_str(body, "comment", "");
    if (strcmp(rating, "up") != 0 && strcmp(rating, "down") != 0)
        return cc_fail(CC_E_INVALID, "rating: up or down");
    if (cc_utf8_count(comment, strlen(comment)) > COMMENT_MAX)
        return cc_fail(CC_E_TOOBIG, "a comment has at most %d characters", COMMENT_MAX);
    ret->rating = cc_arena_dup(rq->mem, rating);
    ret->comment = cc_arena_dup(rq->mem, comment);
    return 0;
}

int cc_post_answer_feedback(struct cc_rq *rq)
{
    struct cc_feedback feedback = {.tenant = rq->guest.tenant,
                                   .answer = cc_rq_param(rq, "answerId")};
    struct cc_answer_view view;
    int rc = read_feedback(rq, &feedback);

    if (rc == 0)
        rc = cc_answer_find(rq, feedback.answer, &view);
    if (rc == 0)
        rc = cc_feedback_put(cc_gateway()->pg, &feedback);
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}
