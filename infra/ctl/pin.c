/* Pinned answers.  Vectors of their questions are made by a worker when one like them is asked. */
#include "proto/store/pin.h"

#include <string.h>

#include "infra/ctl/ctl.h"
#include "proto/base/clock.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/vec/question.h"

#define QUESTIONS_MAX 50
#define LIST_MAX      500

static json_t *questions_json(const struct cc_pin *pin)
{
    json_t *list = json_array();

    for (int i = 0; i < pin->questions_n; i++)
        json_array_append_new(list, json_string(pin->questions[i].question));
    return list;
}

static json_t *pin_json(const struct cc_pin *pin)
{
    char text[CC_RFC3339];

    return json_pack("{ss ss so ss sb sI so}", "id", pin->id, "botId", pin->bot, "questions",
                     questions_json(pin), "answer", pin->answer, "enabled", pin->enabled, "hits",
                     (json_int_t)pin->hits, "lastHitAt",
                     pin->hit_ms ? json_string(cc_rfc3339(pin->hit_ms, text)) : json_null());
}

static int take_questions(struct cc_ctl *ctl, struct cc_pin *pin)
{
    struct cc_pin_question *q = cc_arena_array(ctl->mem, QUESTIONS_MAX, sizeof *q);
    const char *text;
    int rc = 0;

    pin->questions = q;
    while (rc == 0 && (text = cc_ctl_option(ctl, "--question"))) {
        if (pin->questions_n == QUESTIONS_MAX)
            return cc_fail(CC_E_INVALID, "more than %d questions", QUESTIONS_MAX);
        q[pin->questions_n].question = text;
        rc = cc_question_normal(text, ctl->mem, &q[pin->questions_n].normal);
        if (rc == 0 && !*q[pin->questions_n++].normal)
            rc = cc_fail(CC_E_INVALID, "--question has no words");
    }
    if (rc == 0 && pin->questions_n == 0)
        rc = cc_fail(CC_E_INVALID, "--question is missing");
    return rc;
}

int cc_ctl_pin_add(struct cc_ctl *ctl)
{
    struct cc_pin pin = {.enabled = true};
    char id[CC_ID_MAX];
    int rc = take_questions(ctl, &pin);

    pin.id = cc_id_sorted("pin", id);
    if (rc == 0)
        rc = cc_ctl_word(ctl, "TENANT", &pin.tenant);
    if (rc == 0)
        rc = cc_ctl_word(ctl, "BOT", &pin.bot);
    if (rc == 0)
        rc = cc_ctl_word(ctl, "ANSWER", &pin.answer);
    if (rc == 0)
        rc = cc_ctl_end(ctl);
    if (rc == 0)
        rc = cc_ctl_pg(ctl);
    if (rc == 0)
        rc = cc_pin_put(ctl->pg, &pin);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = pin_json(&pin);
    cc_ctl_show(ctl, shown);
    return 0;
}

int cc_ctl_pin_list(struct cc_ctl *ctl)
{
    const char *bot = cc_ctl_option(ctl, "--bot"), *after = cc_ctl_option(ctl, "--after"), *tenant;
    int64_t limit = 50;
    struct cc_pin *pins;
    int n, rc = cc_ctl_number(ctl, "--max", 1, LIST_MAX, &limit);

    if (rc == 0)
        rc = cc_ctl_tenant(ctl, &tenant);
    if (rc == 0)
        rc = cc_pin_list(ctl->pg, tenant, bot ? bot : "", after ? after : "", (int)limit, ctl->mem,
                         &pins, &n);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, pin_json(&pins[i]));
    cc_ctl_show(ctl, list);
    return 0;
}

int cc_ctl_pin_delete(struct cc_ctl *ctl)
{
    const char *tenant, *pin;
    int rc = cc_ctl_tenant_and(ctl, "PIN", &tenant, &pin);

    return rc ? rc : cc_pin_delete(ctl->pg, tenant, pin);
}
