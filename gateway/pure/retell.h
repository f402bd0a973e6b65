/*
 * retell.h - an ended answer told again from its row, when its events are gone.
 *
 * What a viewer has seen of it is not known.  So it is told as one attempt more than there were:
 * start (which clears a partial text), sources if any, one token with the whole text, done.  The
 * ids are always the same, so that a viewer that breaks off in between goes on from there.
 */
#ifndef CC_GATEWAY_PURE_RETELL_H
#define CC_GATEWAY_PURE_RETELL_H

#include "proto/base/arena.h"
#include "proto/store/answer.h"
#include "proto/wire/event.h"

#define CC_RETOLD_MAX 4

struct cc_retold {
    struct cc_event_id id;
    struct cc_event event; /* in mem */
};
/* Has it ended?  "running" has not. */
bool cc_answer_ended(const struct cc_answer_view *view);

/* Returns how many of ret were set. */
int cc_retell(const struct cc_answer_view *view, const char *trace, struct cc_arena *mem,
              struct cc_retold ret[CC_RETOLD_MAX]);

#endif
