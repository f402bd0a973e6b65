#include "ingest/notify.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/json.h"
#include "proto/wire/names.h"

void cc_notify(const struct cc_work *work, const char *status, const char *error)
{
    const struct cc_document_progress *p = &work->progress;
    char channel[CC_NAME_MAX];
    CC_AUTO(json_decref)
    json_t *frame = json_pack("{ss ss ss sI ss sI sI}", "type", "document", "id", work->hold.id,
                              "status", status, "progress", (json_int_t)p->progress, "currentStep",
                              p->step ? p->step : "", "chunksTotal", (json_int_t)p->chunks_total,
                              "chunksDone", (json_int_t)p->chunks_done);

    if (error)
        json_object_set_new(frame, "error", json_string(error));
    char *text = json_dumps(frame, JSON_COMPACT);
    if (text)
        cc_publish(work->ingest->run->live, cc_name_events(work->hold.tenant, channel), text,
                   strlen(text));
    free(text);
}
