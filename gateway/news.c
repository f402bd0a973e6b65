#include "gateway/news.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/gateway.h"
#include "proto/base/log.h"
#include "proto/bus/line_up.h"
#include "proto/bus/news.h"
#include "proto/wire/names.h"

void cc_news_progress(const char *tenant, const struct cc_document_status *document)
{
    char channel[CC_NAME_MAX];
    json_t *frame =
        json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:I}", "type", "document", "id", document->id,
                  "status", document->status, "progress", (json_int_t)document->progress,
                  "currentStep", document->step, "chunksTotal", (json_int_t)document->chunks_total,
                  "chunksDone", (json_int_t)document->chunks_done);
    char *text = json_dumps(frame, JSON_COMPACT);

    json_decref(frame);
    cc_publish(cc_gateway()->live, cc_name_events(tenant, channel), text, strlen(text));
    free(text);
}

void cc_news_document(struct cc_rq *rq, const char *id, const char *status)
{
    const struct cc_document_status document = {.id = id, .status = status, .step = ""};

    cc_news_progress(rq->guest.tenant, &document);
}

static int generation_of(struct cc_rq *rq, const char *id, int64_t *ret)
{
    struct cc_document_status now;
    int rc = cc_document_status(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, &now);

    if (rc == 0)
        *ret = now.generation;
    return rc;
}

/* Told before it is put: who takes the job tells the rest at once. */
void cc_news_waiting(struct cc_rq *rq, const char *id, int64_t generation)
{
    int rc = generation ? 0 : generation_of(rq, id, &generation);

    cc_news_document(rq, id, "pending");
    if (rc == 0)
        rc = cc_ingest_enqueue(cc_gateway()->queue, rq->guest.tenant, id, generation);
    if (rc != 0)
        cc_log_failure("enqueue_failed", rc, cc_s("document", id));
}

void cc_news_question(const struct cc_guest *guest, const char *session, const char *answer)
{
    cc_news_conversation(cc_gateway()->live, &(struct cc_conversation_news){.tenant = guest->tenant,
                                                                            .session = session,
                                                                            .bot = guest->bot.id,
                                                                            .event = "question",
                                                                            .answer = answer});
}
