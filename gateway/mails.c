#include "gateway/mails.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/gateway.h"
#include "proto/base/config.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/store/operator_key.h"

#define SEND_MS    15000
#define MAIL_BYTES (256 * 1024) /* of one and all that is made of it */

const char *cc_mail_url(const char *page, const char *token, struct cc_arena *mem)
{
    return cc_arena_printf(mem, "%s/dashboard/#/%s?token=%s", cc_cfg(CC_CFG_PUBLIC_URL), page,
                           token);
}

static struct cc_opened text_of(const struct cc_mail *mail)
{
    CC_AUTO(json_decref)
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "to", mail->to, "kind", mail->kind, "subject",
                  mail->subject, "text", mail->text, "url", mail->url, "token", mail->token);
    struct cc_opened text = {.bytes = json_dumps(json, JSON_COMPACT)};

    assert(text.bytes); /* our own texts, checked before */
    text.len = strlen(text.bytes);
    return text;
}

static int seal(const struct cc_mail *mail, const struct cc_seal_place *place, struct cc_arena *mem,
                const char **ret)
{
    struct cc_opened text = text_of(mail);
    struct cc_seal_public key;
    int rc = cc_operator_key_current(cc_gateway()->pg, &key);

    if (rc == CC_E_NOTFOUND)
        rc = cc_fail(CC_E_DOWN, "there is no key to seal a mail to");
    if (rc == 0)
        rc = cc_seal_to_operator(&key, place, text, mem, ret);
    cc_opened_done(&text);
    return rc;
}

/* Waits. */
static int send(const struct cc_mail *mail, const char *tenant, const char *trace,
                struct cc_arena *mem)
{
    CC_AUTO(json_decref)
    json_t *request = NULL;
    CC_AUTO(json_decref)
    json_t *answer = NULL;
    char id[CC_ID_MAX];
    struct cc_seal_place place = {tenant, "mail", "sealed", cc_id_random("mai", id)};
    const char *sealed = "";
    struct cc_call call = {CC_CALL_WORKER, "mail", tenant, trace, NULL, SEND_MS};
    int rc = *cc_cfg(CC_CFG_MAIL_URL) ? seal(mail, &place, mem, &sealed)
                                      : cc_fail(CC_E_DOWN, "no mails are sent from here");

    if (rc)
        return rc;
    call.request = request = json_pack("{s:s, s:s}", "id", id, "sealed", sealed);
    return cc_call(cc_gateway()->calls, &call, &answer);
}

static const char *tenant_of(const struct cc_rq *rq)
{
    return rq->guest.tenant ? rq->guest.tenant : "";
}

int cc_mail_send(struct cc_rq *rq, const struct cc_mail *mail)
{
    return send(mail, tenant_of(rq), rq->id, rq->mem);
}

/* ---- later ---- */

struct letter {
    struct cc_arena *mem; /* it lies in it */
    struct cc_mail mail;
    const char *tenant, *trace;
};

static void letter_main(void *arg)
{
    struct letter *letter = arg;
    struct cc_arena *mem = letter->mem;
    int rc;

    cc_log_trace(letter->trace);
    rc = send(&letter->mail, letter->tenant, letter->trace, mem);
    if (rc)
        cc_log_failure("mail_unsent", rc, cc_s("kind", letter->mail.kind));
    cc_arena_free(&mem);
}

void cc_mail_send_later(struct cc_rq *rq, const struct cc_mail *mail)
{
    struct cc_arena *mem = cc_arena_new(MAIL_BYTES);
    struct letter *letter = cc_arena_get(mem, sizeof *letter);
    int rc;

    *letter = (struct letter){.mem = mem,
                              .mail = {.to = cc_arena_dup(mem, mail->to),
                                       .kind = cc_arena_dup(mem, mail->kind),
                                       .subject = cc_arena_dup(mem, mail->subject),
                                       .text = cc_arena_dup(mem, mail->text),
                                       .url = cc_arena_dup(mem, mail->url),
                                       .token = cc_arena_dup(mem, mail->token)},
                              .tenant = cc_arena_dup(mem, tenant_of(rq)),
                              .trace = cc_arena_dup(mem, rq->id)};
    rc = cc_task_spawn("mail", letter_main, letter, NULL);
    if (rc == 0)
        return;
    cc_log_failure("mail_unsent", rc, cc_s("kind", mail->kind));
    cc_arena_free(&mem);
}
