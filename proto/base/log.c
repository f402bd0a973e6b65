#include "proto/base/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/log_mask.h"
#include "proto/base/text.h"

#define LINE_CAP (64 * 1024)

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static char process_name[32] = "-";
static enum cc_level least = CC_INFO;
static int sink = STDERR_FILENO;

static _Thread_local char own_trace[CC_TRACE_TEXT]; /* of code that runs outside of tasks */
static _Thread_local char *task_trace;

void cc_log_open(const char *process, const char *level)
{
    snprintf(process_name, sizeof(process_name), "%s", process);
    least = CC_INFO;
    for (int i = CC_DEBUG; i <= CC_ERROR; i++)
        if (strcmp(level, level_names[i]) == 0)
            least = (enum cc_level)i;
    json_object_seed(0); /* now: later a sandbox may forbid to read random bytes */
}

void cc_log_fd(int fd)
{
    sink = fd;
}

void cc_log_trace_buffer(char *buf)
{
    task_trace = buf;
}

const char *cc_log_trace_get(void)
{
    return task_trace ? task_trace : own_trace;
}

void cc_log_trace(const char *trace)
{
    char *to = task_trace ? task_trace : own_trace;
    size_t n = cc_utf8_cut(trace, strlen(trace), CC_TRACE_TEXT - 1);

    memmove(to, trace, n);
    to[n] = '\0';
}

static json_t *text_value(const char *text)
{
    char clean[CC_LOG_TEXT];

    return text ? json_string(cc_log_mask(text, clean)) : json_null();
}

static json_t *field_value(const struct cc_field *f)
{
    json_t *value = NULL;

    switch (f->kind) {
    case CC_F_END: break;
    case CC_F_STR: return text_value(f->v.s);
    case CC_F_INT: return json_integer(f->v.i);
    case CC_F_UINT: return json_integer((json_int_t)f->v.u);
    case CC_F_REAL: value = json_real(f->v.d); break;
    case CC_F_BOOL: return json_boolean(f->v.i);
    }
    return value ? value : json_null(); /* JSON has no NaN */
}

static json_t *line_object(enum cc_level level, const char *event, const struct cc_field *fields)
{
    char when[CC_RFC3339];
    json_t *line = json_object();

    json_object_set_new(line, "time", json_string(cc_rfc3339(cc_unix_ms(), when)));
    json_object_set_new(line, "level", json_string(level_names[level]));
    json_object_set_new(line, "event", json_string(event));
    json_object_set_new(line, "process", json_string(process_name));
    json_object_set_new(line, "pid", json_integer(getpid()));
    if (*cc_log_trace_get())
        json_object_set_new(line, "trace", text_value(cc_log_trace_get()));
    for (const struct cc_field *f = fields; f->name; f++)
        json_object_set_new(line, f->name, field_value(f));
    return line;
}

void cc_log_fields(enum cc_level level, const char *event, const struct cc_field *fields)
{
    if (level < least)
        return;

    CC_AUTO(json_decref)
    json_t *line = line_object(level, event, fields);
    struct cc_buf out;

    cc_buf_init(&out, LINE_CAP);
    cc_json_print(line, &out);
    cc_buf_char(&out, '\n');
    ssize_t n = write(sink, out.bytes, out.len);
    (void)n; /* a log that cannot be written is no reason to fail what is being logged */
    cc_buf_done(&out);
}
