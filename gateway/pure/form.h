/*
 * form.h - the members of a JSON object that a client sent, checked by a table.
 *
 *     static const struct cc_form_field fields[] = {
 *         {"title", CC_FIELD_TEXT, offsetof(struct edit, title), .max = 200},
 *     };
 *     struct edit edit = {.enabled = -1};
 *     rc = CC_FORM_READ(body, fields, mem, &edit);
 *
 * A member that is absent, or null where it may be, leaves its place as it was.  INVALID names the
 * member, and a member that is not in the table.
 */
#ifndef CC_GATEWAY_PURE_FORM_H
#define CC_GATEWAY_PURE_FORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"

enum cc_field_kind {
    CC_FIELD_TEXT,   /* const char *; min to max characters after trimming, without controls but
                        line ends and tabs */
    CC_FIELD_ID,     /* const char *; prefix says of what */
    CC_FIELD_WORD,   /* const char *; one of words */
    CC_FIELD_NUMBER, /* int64_t; whole, min to max */
    CC_FIELD_REAL,   /* double; min to max */
    CC_FIELD_SWITCH, /* int: 0 or 1 */
    CC_FIELD_TEXTS,  /* struct cc_texts; min to max of 1 to each characters; equal ones once */
    CC_FIELD_OBJECT, /* const char *: compact JSON of at most max bytes */
    CC_FIELD_JSON    /* json_t *, borrowed: whatever it is */
};
struct cc_form_field {
    const char *name;
    enum cc_field_kind kind;
    size_t at;
    int64_t min, max, each;
    const char *prefix;
    const char *const *words; /* up to a NULL */
    bool wanted;
};
int cc_form_read(const json_t *object, const struct cc_form_field *fields, size_t n,
                 struct cc_arena *mem, void *ret);
#define CC_FORM_READ(object, fields, mem, ret)                                                     \
    cc_form_read(object, fields, sizeof(fields) / sizeof((fields)[0]), mem, ret)

/* The same checks for what does not come as JSON.  *ret lives in mem. */
int cc_form_text(const char *name, const char *text, size_t len, const struct cc_form_field *field,
                 struct cc_arena *mem, const char **ret);

#endif
