/*
 * clean.h - handles of other libraries clean themselves up.
 *
 *     CC_AUTO(json_decref) json_t *args = json_loads(...);
 *     *ret = CC_TAKE(args);              hands it over: args is NULL afterwards
 *
 * CC_CLEANER(type, fn) declares, once per file or header, how fn cleans a variable
 * of that type; NULL is never passed to fn.
 */
#ifndef CC_BASE_CLEAN_H
#define CC_BASE_CLEAN_H

#define CC_CLEANER(type, fn)                                                                       \
    static inline void cc_clean_##fn(type *p)                                                      \
    {                                                                                              \
        if (*p)                                                                                    \
            fn(*p);                                                                                \
    }
/* for our own _free(&p) functions, which accept a pointer to NULL */
#define CC_AUTO(fn)  __attribute__((cleanup(cc_clean_##fn), unused))
#define CC_AUTOP(fn) __attribute__((cleanup(fn), unused))

#define CC_TAKE(p)                                                                                 \
    __extension__({                                                                                \
        __typeof__(p) cc_taken_ = (p);                                                             \
        (p) = NULL;                                                                                \
        cc_taken_;                                                                                 \
    })

#endif
