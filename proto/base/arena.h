/*
 * arena.h - memory of one request or job, given back all at once.
 *
 * Pipeline code takes from the arena and frees nothing.  Out of memory ends the
 * process (the job comes back); a request beyond the arena's cap does so too, as
 * every size from outside has met its own named cap before.
 */
#ifndef CC_BASE_ARENA_H
#define CC_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct cc_arena;

struct cc_arena *cc_arena_new(size_t cap_bytes); /* cap over all blocks */
void cc_arena_free(struct cc_arena **arena);     /* zeroes; NULL is fine; sets NULL */
void cc_arena_reset(struct cc_arena *arena);     /* keeps the first block */

void *cc_arena_get(struct cc_arena *arena, size_t bytes);            /* zeroed, aligned to 16 */
void *cc_arena_array(struct cc_arena *arena, size_t n, size_t each); /* overflow is checked */
char *cc_arena_dup(struct cc_arena *arena, const char *text);        /* NULL gives NULL */
char *cc_arena_dupn(struct cc_arena *arena, const char *bytes, size_t len); /* adds a NUL */
char *cc_arena_printf(struct cc_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
size_t cc_arena_used(const struct cc_arena *arena); /* how tests see what something takes */

/* Runs fn(p) when the arena is freed or reset, last registered first. */
void cc_arena_defer(struct cc_arena *arena, void (*fn)(void *p), void *p);

#endif
