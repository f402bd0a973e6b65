/*
 * log.h - one JSON line per event on standard error, one write(2) each.
 *
 *     cc_log(CC_INFO, "chat_done", cc_s("tenant", id), cc_u("ms", took));
 *
 * The event name is fixed; values are typed fields.  Never message text, keys or
 * credentials.  As a last belt the sink masks what looks like one (pk_/sk_ keys,
 * bearer tokens, e-mail addresses) in string values.  Each line carries time, level, event,
 * process, pid, and trace when cc_log_trace() set one for this task's request or job.
 */
#ifndef CC_BASE_LOG_H
#define CC_BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

enum cc_level { CC_DEBUG, CC_INFO, CC_WARN, CC_ERROR };

struct cc_field {
    const char *name;
    enum { CC_F_END, CC_F_STR, CC_F_INT, CC_F_UINT, CC_F_REAL, CC_F_BOOL } kind;
    union {
        const char *s;
        int64_t i;
        uint64_t u;
        double d;
    } v;
};
static inline struct cc_field cc_s(const char *name, const char *v)
{
    return (struct cc_field){name, CC_F_STR, {.s = v}};
}
static inline struct cc_field cc_i(const char *name, int64_t v)
{
    return (struct cc_field){name, CC_F_INT, {.i = v}};
}
static inline struct cc_field cc_u(const char *name, uint64_t v)
{
    return (struct cc_field){name, CC_F_UINT, {.u = v}};
}
static inline struct cc_field cc_d(const char *name, double v)
{
    return (struct cc_field){name, CC_F_REAL, {.d = v}};
}
static inline struct cc_field cc_b(const char *name, int v)
{
    return (struct cc_field){name, CC_F_BOOL, {.i = v}};
}

#define cc_log(level, event, ...)                                                                  \
    cc_log_fields(level, event, (const struct cc_field[]){__VA_ARGS__ __VA_OPT__(, ){0}})

void cc_log_fields(enum cc_level level, const char *event, const struct cc_field *fields);

/* process: "gateway", ...; level by name, unknown names mean info. */
void cc_log_open(const char *process, const char *level);
void cc_log_fd(int fd); /* where lines go; 2 at first.  For tests. */

/* Names the request or job the present task (or thread) works on; at most 63 bytes are kept. */
void cc_log_trace(const char *trace);
const char *cc_log_trace_get(void);
/* proto/task gives each task its own trace through this, like cc_fail_buffer(). */
#define CC_TRACE_TEXT 64
void cc_log_trace_buffer(char *buf);

/* event name failed, with code and words of cc_fail(). */
#define cc_log_failure(event, code, ...)                                                           \
    cc_log(CC_WARN, event, cc_s("code", cc_error_name(code)),                                      \
           cc_s("why", cc_fail_text()) __VA_OPT__(, ) __VA_ARGS__)

#endif
