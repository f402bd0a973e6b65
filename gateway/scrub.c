#include "gateway/scrub.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define FRAME  4096
#define FRAMES 4 /* Kore prints headers into a buffer of 8 KiB */

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OTHER_MALLOC 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OTHER_MALLOC 1
#endif

#ifndef OTHER_MALLOC
/* glibc's own, by the names that it keeps for programs that replace the usual ones. */
extern void __libc_free(void *p);

/* Found before glibc's by everything in this process, as the program comes first. */
void free(void *p)
{
    if (p)
        explicit_bzero(p, malloc_usable_size(p));
    __libc_free(p);
}

/* Never moved behind our back: the old place would keep what it held. */
void *realloc(void *p, size_t size)
{
    size_t had = p ? malloc_usable_size(p) : 0;
    void *moved;

    if (p && size <= had && size > had / 2)
        return p;
    moved = malloc(size ? size : 1);
    if (!moved)
        return NULL;
    if (p)
        memcpy(moved, p, had < size ? had : size);
    free(p);
    return moved;
}
#endif

/* The deepest frame first: so that none is left before those below it are done. */
static __attribute__((noinline)) void scrub_frames(int n)
{
    char frame[FRAME];

    if (n > 1)
        scrub_frames(n - 1);
    explicit_bzero(frame, sizeof frame);
}

void cc_scrub_below(void)
{
    scrub_frames(FRAMES);
}
