/*
 * strip.h - takes out of a text what no reader sees but a model obeys: Unicode tags, zero-width and
 * direction characters, control characters, and the marks of chat templates.
 */
#ifndef CC_WORKER_STRIP_H
#define CC_WORKER_STRIP_H

#include <stddef.h>

#include "proto/base/arena.h"

/* text is valid UTF-8; the result lies in mem, NUL-terminated. */
const char *cc_strip(const char *text, size_t len, struct cc_arena *mem);

#endif
