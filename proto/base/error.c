#include "proto/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int http;
    bool retry;
} errors[CC_EI_COUNT] = {[CC_EI_OK] = {"ok", 200, false},
#define X(id, http, retry, public_name) [CC_EI_##id] = {public_name, http, retry},
                         CC_ERRORS(X)
#undef X
};

static _Thread_local char own_text[CC_FAIL_TEXT]; /* of code that runs outside of tasks */
static _Thread_local char *task_text;

static char *text(void)
{
    return task_text ? task_text : own_text;
}

void cc_fail_buffer(char *buf)
{
    task_text = buf;
}

int cc_fail(int code, const char *fmt, ...)
{
    char words[CC_FAIL_TEXT]; /* an argument may be the old text itself */
    va_list args;

    va_start(args, fmt);
    if (vsnprintf(words, sizeof(words), fmt, args) < 0)
        words[0] = '\0';
    va_end(args);
    memcpy(text(), words, sizeof(words));
    return code;
}

const char *cc_fail_text(void)
{
    return text();
}

void cc_fail_reset(void)
{
    text()[0] = '\0';
}

static int row(int code)
{
    return code <= 0 && code > -CC_EI_COUNT ? -code : CC_EI_INTERNAL;
}

const char *cc_error_name(int code)
{
    return errors[row(code)].name;
}

int cc_error_http(int code)
{
    return errors[row(code)].http;
}

bool cc_error_retry(int code)
{
    return errors[row(code)].retry;
}

int cc_error_from_name(const char *name)
{
    for (int i = 0; i < CC_EI_COUNT; i++)
        if (strcmp(errors[i].name, name) == 0)
            return -i;
    return CC_E_INTERNAL;
}
