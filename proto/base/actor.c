#include "proto/base/actor.h"

#include <stddef.h>

static _Thread_local char own[CC_ACTOR_TEXT]; /* of code that runs outside of tasks */
static _Thread_local char *of_task;

void cc_actor_buffer(char *buf)
{
    of_task = buf;
}

const char *cc_actor_get(void)
{
    return of_task ? of_task : own;
}

static char *append(char *to, const char *end, const char *text)
{
    for (; *text && to < end; text++)
        if ((unsigned char)*text >= ' ' && (unsigned char)*text < 127)
            *to++ = *text;
    return to;
}

void cc_actor_put(const char *line)
{
    char *at = of_task ? of_task : own;
    const char *end = at + CC_ACTOR_TEXT - 1;

    for (; *line && at < end; line++)
        if (*line == '\n' || ((unsigned char)*line >= ' ' && (unsigned char)*line < 127))
            *at++ = *line;
    *at = '\0';
}

void cc_actor_set(const char *who, const char *address, const char *trace)
{
    char *at = of_task ? of_task : own;
    const char *end = at + CC_ACTOR_TEXT - 1;

    at = append(at, end - 2, who);
    *at++ = '\n';
    at = append(at, end - 1, address);
    *at++ = '\n';
    at = append(at, end, trace);
    *at = '\0';
}
