/*
 * pins.c - questions of a bot with an answer that its owner wrote.
 *
 * Reading and removing is the store's; whoever changes one asks a worker, as its questions are
 * embedded.
 */
#include <string.h>

#include "gateway/calls.h"
#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/input.h"
#include "gateway/routes.h"
#include "proto/base/id.h"
#include "proto/store/pin.h"

#define QUESTIONS_MAX 50
#define QUESTION_MAX  500 /* characters */
#define ANSWER_MAX    8000

struct form {
    const char *bot, *answer;
    struct cc_texts questions;
    int enabled;
};
#define AT(member) offsetof(struct form, member)
#define QUESTIONS                                                                                  \
    {                                                                                              \
        "questions", CC_FIELD_TEXTS, AT(questions), .min = 1, .max = QUESTIONS_MAX,                \
                                                    .each = QUESTION_MAX, .wanted = true           \
    }
#define ANSWER                                                                                     \
    {                                                                                              \
        "answer", CC_FIELD_TEXT, AT(answer), .min = 1, .max = ANSWER_MAX, .wanted = true           \
    }
#define ENABLED                                                                                    \
    {                                                                                              \
        "enabled", CC_FIELD_SWITCH, AT(enabled), .max = 1                                          \
    }

static const struct cc_form_field add_fields[] = {
    {"botId", CC_FIELD_TEXT, AT(bot), .max = CC_ID_MAX, .wanted = true},
    QUESTIONS,
    ANSWER,
    ENABLED,
};
/* The bot of a pin stays. */
static const struct cc_form_field put_fields[] = {
    {"botId", CC_FIELD_TEXT, AT(bot), .max = CC_ID_MAX},
    QUESTIONS,
    ANSWER,
    ENABLED,
};

static json_t *pin_json(const struct cc_pin *pin)
{
    json_t *questions = json_array();
    json_t *json;

    for (int i = 0; i < pin->questions_n; i++)
        json_array_append_new(questions, json_string(pin->questions[i].question));
    json = json_pack("{s:s, s:s, s:o, s:s, s:b, s:I, s:o}", "id", pin->id, "botId", pin->bot,
                     "questions", questions, "answer", pin->answer, "enabled", (int)pin->enabled,
                     "hits", (json_int_t)pin->hits, "createdAt", cc_json_time(pin->created_ms));
    if (pin->hit_ms > 0)
        json_object_set_new(json, "lastHitAt", cc_json_time(pin->hit_ms));
    return json;
}

static int no_pin(void)
{
    return cc_fail(CC_E_NOTFOUND, "there is no such pinned answer");
}

static int load(struct cc_rq *rq, const char *id, struct cc_pin *ret)
{
    int rc = cc_id_valid(id, "pin")
                 ? cc_pin_get(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, ret)
                 : CC_E_NOTFOUND;

    if (rc == 0 && rq->guest.bound && strcmp(ret->bot, rq->guest.bot.id) != 0)
        rc = CC_E_NOTFOUND;
    return rc == CC_E_NOTFOUND ? no_pin() : rc;
}

int cc_get_pin(struct cc_rq *rq)
{
    struct cc_pin pin;
    int rc = load(rq, cc_rq_param(rq, "id"), &pin);

    return rc ? rc : cc_reply_json(rq, 200, pin_json(&pin));
}

int cc_get_pins(struct cc_rq *rq)
{
    const char *bot = cc_rq_query(rq, "botId");
    struct cc_pin *list;
    struct cc_page page;
    json_t *items;
    int n, rc = cc_input_page(rq, "pin", &page);

    if (rc == 0)
        rc = cc_input_bot(rq, bot, &bot);
    if (rc == 0)
        rc = cc_pin_list(cc_gateway()->pg, rq->guest.tenant, bot, page.after, page.max + 1, rq->mem,
                         &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < page.max; i++)
        json_array_append_new(items, pin_json(&list[i]));
    return cc_reply_page(rq, items, n > page.max ? list[page.max - 1].id : NULL);
}

/* Waits. */
static int put(struct cc_rq *rq, const char *id, const struct form *form)
{
    CC_AUTO(json_decref)
    json_t *answer = NULL;
    json_t *request = json_pack("{s:s, s:s, s:o, s:s, s:b}", "id", id, "botId", form->bot,
                                "questions", cc_json_texts(form->questions.at, form->questions.n),
                                "answer", form->answer, "enabled", form->enabled);
    int rc = cc_call_for(rq, &CC_CALLEE_PIN_PUT, request, &answer);

    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "questions: another pinned answer of this bot has one of them");
    return rc;
}

static int reply(struct cc_rq *rq, int status, const char *id)
{
    struct cc_pin pin;
    int rc = load(rq, id, &pin);

    return rc ? rc : cc_reply_json(rq, status, pin_json(&pin));
}

int cc_post_pin(struct cc_rq *rq)
{
    struct form form = {.enabled = 1};
    char id[CC_ID_MAX];
    int rc = CC_INPUT_FORM(rq, add_fields, &form);

    if (rc == 0)
        rc = cc_guest_choose(&rq->guest, form.bot, rq->mem);
    if (rc == 0)
        rc = put(rq, cc_id_sorted("pin", id), &form);
    return rc ? rc : reply(rq, 201, id);
}

int cc_put_pin(struct cc_rq *rq)
{
    struct form form = {.enabled = 1};
    struct cc_pin pin;
    int rc = CC_INPUT_FORM(rq, put_fields, &form);

    if (rc == 0)
        rc = load(rq, cc_rq_param(rq, "id"), &pin);
    if (rc == 0 && form.bot && strcmp(form.bot, pin.bot) != 0)
        rc = cc_fail(CC_E_INVALID, "botId: the bot of a pinned answer stays");
    form.bot = rc == 0 ? pin.bot : NULL;
    if (rc == 0)
        rc = put(rq, pin.id, &form);
    return rc ? rc : reply(rq, 200, pin.id);
}

int cc_delete_pin(struct cc_rq *rq)
{
    struct cc_pin pin;
    int rc = load(rq, cc_rq_param(rq, "id"), &pin);

    if (rc == 0)
        rc = cc_pin_delete(cc_gateway()->pg, rq->guest.tenant, pin.id);
    if (rc == CC_E_NOTFOUND)
        return no_pin();
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}
