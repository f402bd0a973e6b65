#include "proto/wire/names.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* A name that does not fit would be another's: parts are checked before they come here. */
static char *print(char *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static char *print(char *out, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(out, CC_NAME_MAX, fmt, ap);
    va_end(ap);
    assert(n > 0 && n < CC_NAME_MAX);
    return out;
}

char *cc_name_dead(const char *stream, char *out)
{
    return print(out, "%s:dead", stream);
}

char *cc_name_idem(const char *tenant, const char *session, const char *message_id, char *out)
{
    return print(out, "cc:idem:%s:%s:%s", tenant, session, message_id);
}

char *cc_name_asked(const char *tenant, const char *answer, char *out)
{
    return print(out, "cc:asked:%s:%s", tenant, answer);
}

char *cc_name_session(const char *tenant, const char *session, char *out)
{
    return print(out, "cc:session:%s:%s", tenant, session);
}

char *cc_name_answer(const char *answer, char *out)
{
    return print(out, "cc:ans:%s", answer);
}

char *cc_name_viewers(const char *answer, char *out)
{
    return print(out, "cc:ans:%s:viewers", answer);
}

char *cc_name_cancel(const char *answer, char *out)
{
    return print(out, "cc:ans:%s:cancel", answer);
}

char *cc_name_reply(const char *instance, int worker, char *out)
{
    return print(out, "cc:gw:%s:%d", instance, worker);
}

char *cc_name_gate(const char *kind, const char *tenant, const char *who, char *out)
{
    return print(out, "cc:gate:%s:%s:%s", kind, tenant, who);
}

char *cc_name_cache(const char *kind, const char *tenant, const char *sha256_hex, char *out)
{
    return print(out, "cc:cache:%s:%s:%s", kind, tenant, sha256_hex);
}

char *cc_name_calls(const char *kind, char *out)
{
    return print(out, "cc:calls:%s", kind);
}

char *cc_name_called(const char *caller, char *out)
{
    return print(out, "cc:called:%s", caller);
}

char *cc_name_events(const char *tenant, char *out)
{
    return print(out, CC_CHANNEL_EVENTS ":%s", tenant);
}

char *cc_name_line(const char *stream, const char *tenant, char *out)
{
    return print(out, "%s:line:%s", stream, tenant);
}

char *cc_name_ring(const char *stream, char *out)
{
    return print(out, "%s:ring", stream);
}

char *cc_name_pace(const char *name, char *out)
{
    return print(out, "cc:pace:%s", name);
}

char *cc_name_turn(const char *who, char *out)
{
    return print(out, "cc:turn:%s", who);
}

char *cc_name_beat(const char *instance, int worker, char *out)
{
    return print(out, "cc:beat:%s:%d", instance, worker);
}

char *cc_name_revoked(const char *token, char *out)
{
    return print(out, "cc:revoked:%s", token);
}
