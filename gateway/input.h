/*
 * input.h - what a request of a back office says: its body, a page of a list, whose things it
 * names.
 */
#ifndef CC_GATEWAY_INPUT_H
#define CC_GATEWAY_INPUT_H

#include "gateway/pure/form.h"
#include "gateway/request.h"
#include "proto/store/document.h"
#include "proto/store/source.h"

#define CC_TITLE_MAX       200 /* characters */
#define CC_DESCRIPTION_MAX 2000
#define CC_TAGS_MAX        50
#define CC_TAG_MAX         100  /* characters */
#define CC_METADATA_MAX    4096 /* bytes of JSON */
#define CC_CHUNKING_MAX    1000

/* The body as an object; the caller's to json_decref.  INVALID. */
int cc_input_json(struct cc_rq *rq, json_t **ret);
/* The same, read into a struct by a table (form.h). */
int cc_input_form(struct cc_rq *rq, const struct cc_form_field *fields, size_t n, void *ret);
#define CC_INPUT_FORM(rq, fields, ret)                                                             \
    cc_input_form(rq, fields, sizeof(fields) / sizeof((fields)[0]), ret)

/* ?limit=&cursor=: limit 1 to 100, 50 if absent; the cursor is the last id of the page before. */
struct cc_page {
    const char *after; /* "" for the first */
    int max;
};
int cc_input_page(struct cc_rq *rq, const char *prefix, struct cc_page *ret);
int cc_input_limit(struct cc_rq *rq, int *ret);

/* {items, nextCursor}; takes items.  last: what goes on behind the last of them; NULL: nothing. */
int cc_reply_page(struct cc_rq *rq, json_t *items, const char *last);

/* "" and absent are null in JSON. */
json_t *cc_json_text(const char *text);
json_t *cc_json_time(int64_t unix_ms);
json_t *cc_json_object_of(const char *text); /* {} when it is none */
json_t *cc_json_texts(const char *const *at, int n);

/*
 * Wait.  The document or source of an id that a client gave.  NOTFOUND: another tenant's, none, or
 * of a bot that the key is not good for; and where it is to be changed, of all bots, and the key is
 * bound.
 */
enum cc_aim { CC_TO_READ, CC_TO_CHANGE };
int cc_input_document(struct cc_rq *rq, const char *id, enum cc_aim aim,
                      struct cc_document_status *ret);
int cc_input_source(struct cc_rq *rq, const char *id, enum cc_aim aim, struct cc_source *ret);

/* FORBIDDEN: what is all bots' is not for a key that is bound to one. */
int cc_input_unbound(const struct cc_rq *rq);
/* Waits.  A botId that the request gives (NULL or "": none, or the one that the key is bound to);
 * *ret "": all bots. */
int cc_input_bot(struct cc_rq *rq, const char *bot, const char **ret);

#endif
