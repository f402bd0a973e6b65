/*
 * task_san.h - tells sanitizers and valgrind about our stacks; empty otherwise.
 *
 * Traps: ThreadSanitizer allows nothing instrumented between its switch and ours (hence
 * always_inline), and a fiber is not to be used again after its last switch;
 * AddressSanitizer wants no place for its fake stack only on a context's last switch.
 */
#ifndef CC_TASK_SAN_H
#define CC_TASK_SAN_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CC_SAN_ADDRESS 1
#endif
#if __has_feature(thread_sanitizer)
#define CC_SAN_THREAD 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define CC_SAN_ADDRESS 1
#endif
#ifdef __SANITIZE_THREAD__
#define CC_SAN_THREAD 1
#endif

#ifdef CC_SAN_ADDRESS
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#ifdef CC_SAN_THREAD
#include <sanitizer/tsan_interface.h>
#endif
#ifdef CC_VALGRIND
#include <valgrind/valgrind.h>
#endif

#define CC_SAN_INLINE static inline __attribute__((always_inline))

/* What the tools know of one context. */
struct cc_san {
    const void *bottom;
    size_t size;
    void *fake, *fiber;
    unsigned valgrind;
};

static inline void cc_san_make(struct cc_san *san, char *bottom, size_t size)
{
    *san = (struct cc_san){.bottom = bottom, .size = size};
#ifdef CC_SAN_THREAD
    san->fiber = __tsan_create_fiber(0);
#endif
#ifdef CC_SAN_ADDRESS
    __asan_unpoison_memory_region(bottom, size);
#endif
#ifdef CC_VALGRIND
    san->valgrind = VALGRIND_STACK_REGISTER(bottom, bottom + size);
#endif
}

static inline void cc_san_free(struct cc_san *san)
{
#ifdef CC_SAN_THREAD
    __tsan_destroy_fiber(san->fiber);
#endif
#ifdef CC_SAN_ADDRESS
    __asan_unpoison_memory_region(san->bottom, san->size);
#endif
#ifdef CC_VALGRIND
    VALGRIND_STACK_DEREGISTER(san->valgrind);
#endif
    *san = (struct cc_san){0};
}

/*
 * Between these the stack holds what a task still needs: memory that only it points to is no leak,
 * even when the process ends before the task does.
 */
static inline void cc_san_begin(const struct cc_san *san)
{
#ifdef CC_SAN_ADDRESS
    __lsan_register_root_region(san->bottom, san->size);
#endif
    (void)san;
}

static inline void cc_san_end(const struct cc_san *san)
{
#ifdef CC_SAN_ADDRESS
    __lsan_unregister_root_region(san->bottom, san->size);
#endif
    (void)san;
}

/* Just before a switch; dying: from will never run again. */
CC_SAN_INLINE void cc_san_leave(struct cc_san *from, struct cc_san *to, bool dying)
{
#ifdef CC_SAN_ADDRESS
    __sanitizer_start_switch_fiber(dying ? NULL : &from->fake, to->bottom, to->size);
#endif
#ifdef CC_SAN_THREAD
    if (!from->fiber)
        from->fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to->fiber, 0);
#endif
    (void)from;
    (void)to;
    (void)dying;
}

/* Just after one; from: the context that was left, which learns its bounds the first time. */
CC_SAN_INLINE void cc_san_enter(struct cc_san *self, struct cc_san *from)
{
#ifdef CC_SAN_ADDRESS
    const void *bottom;
    size_t size;

    __sanitizer_finish_switch_fiber(self->fake, &bottom, &size);
    if (!from->bottom) {
        from->bottom = bottom;
        from->size = size;
    }
#endif
    (void)self;
    (void)from;
}

#endif
