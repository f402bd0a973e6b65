#include "proto/base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/log.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISON 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISON 1
#endif
#ifdef ARENA_POISON
#include <sanitizer/asan_interface.h>
#define HIDE(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define SHOW(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#define RED_ZONE   16 /* so that an overrun of one piece is not a write into the next */
#else
#define HIDE(p, n) ((void)(p), (void)(n))
#define SHOW(p, n) ((void)(p), (void)(n))
#define RED_ZONE   0
#endif

#define ALIGN       16
#define BLOCK_BYTES 8176 /* with malloc's own header: two pages */

struct block {
    struct block *next;
    size_t size, used;
    _Alignas(ALIGN) char bytes[];
};

struct deferred {
    struct deferred *next;
    void (*fn)(void *p);
    void *p;
};

struct cc_arena {
    struct block *first, *last; /* last is the one we take from */
    struct deferred *deferred;
    size_t cap, used;
};

/* The job or request comes back; going on half-way would be worse. */
static _Noreturn void die(const char *event, size_t bytes)
{
    cc_log(CC_ERROR, event, cc_u("bytes", bytes));
    abort();
}

static struct block *block_new(size_t size)
{
    struct block *b = calloc(1, sizeof(*b) + size);

    if (!b)
        die("out_of_memory", size);
    b->size = size;
    HIDE(b->bytes, size);
    return b;
}

static void block_free(struct block *b)
{
    SHOW(b->bytes, b->size);
    explicit_bzero(b->bytes, b->used);
    free(b);
}

struct cc_arena *cc_arena_new(size_t cap_bytes)
{
    struct cc_arena *arena = calloc(1, sizeof(*arena));

    if (!arena)
        die("out_of_memory", sizeof(*arena));
    arena->cap = cap_bytes;
    arena->first = arena->last = block_new(BLOCK_BYTES - sizeof(struct block));
    return arena;
}

static void run_deferred(struct cc_arena *arena)
{
    while (arena->deferred) {
        struct deferred *d = arena->deferred;

        arena->deferred = d->next;
        d->fn(d->p);
    }
}

void cc_arena_reset(struct cc_arena *arena)
{
    run_deferred(arena);
    for (struct block *b = arena->first->next, *next; b; b = next) {
        next = b->next;
        block_free(b);
    }
    arena->last = arena->first;
    arena->last->next = NULL;
    SHOW(arena->first->bytes, arena->first->size);
    memset(arena->first->bytes, 0, arena->first->used);
    HIDE(arena->first->bytes, arena->first->size);
    arena->first->used = arena->used = 0;
}

void cc_arena_free(struct cc_arena **arena)
{
    if (!*arena)
        return;
    cc_arena_reset(*arena);
    block_free((*arena)->first);
    free(*arena);
    *arena = NULL;
}

/* A large piece gets a block of its own size; the space left in the one before is given up. */
static struct block *block_for(struct cc_arena *arena, size_t bytes)
{
    struct block *b = arena->last;
    size_t size = 2 * b->size;

    if (bytes <= b->size - b->used)
        return b;
    if (size > (size_t)1 << 20)
        size = (size_t)1 << 20;
    return arena->last = b->next = block_new(bytes > size ? bytes : size);
}

void *cc_arena_get(struct cc_arena *arena, size_t bytes)
{
    if (bytes > arena->cap - arena->used)
        die("arena_over_cap", bytes);

    size_t take = (bytes + RED_ZONE + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct block *b = block_for(arena, take);
    void *p = b->bytes + b->used;

    SHOW(p, bytes);
    b->used += take;
    arena->used += bytes;
    return p;
}

void *cc_arena_array(struct cc_arena *arena, size_t n, size_t each)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, each, &bytes))
        die("arena_over_cap", SIZE_MAX);
    return cc_arena_get(arena, bytes);
}

char *cc_arena_dupn(struct cc_arena *arena, const char *bytes, size_t len)
{
    char *p = cc_arena_get(arena, len + 1);

    if (len)
        memcpy(p, bytes, len);
    return p;
}

char *cc_arena_dup(struct cc_arena *arena, const char *text)
{
    return text ? cc_arena_dupn(arena, text, strlen(text)) : NULL;
}

char *cc_arena_printf(struct cc_arena *arena, const char *fmt, ...)
{
    va_list args, again;

    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    assert(n >= 0);
    char *p = cc_arena_get(arena, (size_t)n + 1);
    n = vsnprintf(p, (size_t)n + 1, fmt, again);
    assert(n >= 0);
    va_end(again);
    va_end(args);
    return p;
}

size_t cc_arena_used(const struct cc_arena *arena)
{
    return arena->used;
}

void cc_arena_defer(struct cc_arena *arena, void (*fn)(void *p), void *p)
{
    struct deferred *d = cc_arena_get(arena, sizeof(*d));

    *d = (struct deferred){arena->deferred, fn, p};
    arena->deferred = d;
}
