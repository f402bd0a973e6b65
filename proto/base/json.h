/*
 * json.h - jansson with caps on depth and size, and readers that name what is wrong.
 */
#ifndef CC_BASE_JSON_H
#define CC_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/clean.h"

CC_CLEANER(json_t *, json_decref)

#define CC_JSON_DEPTH 32

/* INVALID with line and words when it is no JSON or too deep; duplicate keys are refused. */
int cc_json_parse(const char *text, size_t len, json_t **ret);

/* Appends compact JSON. */
void cc_json_print(const json_t *value, struct cc_buf *out);
char *cc_json_dup(const json_t *value, struct cc_arena *mem); /* compact, in the arena */

/* A member of an object; fallback when absent or of another type. */
const char *cc_json_str(const json_t *object, const char *key, const char *fallback);
int64_t cc_json_int(const json_t *object, const char *key, int64_t fallback);
bool cc_json_bool(const json_t *object, const char *key, bool fallback);

#endif
