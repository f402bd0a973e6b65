/*
 * conversations_export.h - between the export of conversations and the formats that it writes.
 */
#ifndef CC_GATEWAY_CONVERSATIONS_EXPORT_H
#define CC_GATEWAY_CONVERSATIONS_EXPORT_H

#include "gateway/conversations.h"
#include "proto/base/buf.h"

/* An export on its way.  What the page holds is gone when the next one is read. */
struct cc_export {
    struct cc_rq *rq;
    const struct cc_export_format *format;
    struct cc_conversation_filter filter;
    struct cc_arena *page, *row; /* row: of one exchange */
    struct cc_buf out, line;     /* line: of fine-tuning, until it is known to be worth it */
    const struct cc_conversation *now;
    int64_t conversations;    /* begun so far */
    int exchanges, learnt;    /* of the conversation, or of the line */
    const char *bot, *prompt; /* of the page's last conversation */
};

/* What is written to `out` as the conversations go by; NULL: nothing. */
struct cc_export_format {
    const char *name, *type, *extension;
    void (*begin)(struct cc_export *e);
    int (*open)(struct cc_export *e); /* a conversation; it may wait */
    void (*add)(struct cc_export *e, const struct cc_exchange *x);
    void (*close)(struct cc_export *e);
    void (*end)(struct cc_export *e);
};

/* NULL: there is no such format.  csv, json, jsonl, finetune. */
const struct cc_export_format *cc_export_format(const char *name);

#endif
