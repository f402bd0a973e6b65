#include "proto/store/limits.h"

#include <math.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/json.h"

#define PLACES                                                                                     \
    1e-4 /* so far from a whole number of millionths is rounding of the decimal number             \
          */

struct member {
    const char *name;
    size_t at;
    int64_t min, max;
    bool money;
};
static const struct member members[] = {
    {"requestsPerMinute", offsetof(struct cc_limits, per_minute), 1, CC_LIMITS_RATE, false},
    {"dailyTokens", offsetof(struct cc_limits, tokens), 0, CC_LIMITS_TOKENS, false},
    {"dailySpend", offsetof(struct cc_limits, spend), 0, CC_LIMITS_SPEND, true},
};
#define MEMBERS (sizeof members / sizeof *members)

static int64_t *place(struct cc_limits *limits, const struct member *member)
{
    return (int64_t *)(void *)((char *)limits + member->at);
}

static int64_t value_of(const struct cc_limits *limits, const struct member *member)
{
    return *(const int64_t *)(const void *)((const char *)limits + member->at);
}

/* ---- reading ---- */

static bool read_money(const json_t *value, const struct member *member, int64_t *ret)
{
    double units = json_number_value(value), all = units * (double)CC_MONEY_MILLIONS;

    if (!json_is_number(value) || !(units >= (double)member->min && units <= (double)member->max) ||
        fabs(all - round(all)) > PLACES)
        return false;
    *ret = (int64_t)llround(all);
    return true;
}

static bool read_count(const json_t *value, const struct member *member, int64_t *ret)
{
    int64_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < member->min || n > member->max)
        return false;
    *ret = n;
    return true;
}

static int read_member(const char *key, const json_t *value, struct cc_limits *ret)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct member *m = &members[i];

        if (strcmp(m->name, key) != 0)
            continue;
        if (json_is_null(value) || (m->money ? read_money : read_count)(value, m, place(ret, m)))
            return 0;
        return cc_fail(CC_E_INVALID, "%s: %lld to %lld%s", key, (long long)m->min,
                       (long long)m->max, m->money ? ", at most 6 decimal places" : "");
    }
    return cc_fail(CC_E_INVALID, "%.40s: there is no such limit", key);
}

int cc_limits_read_json(const json_t *object, struct cc_limits *ret)
{
    struct cc_limits limits = {-1, -1, -1};
    const char *key;
    json_t *value;

    if (!json_is_object(object))
        return cc_fail(CC_E_INVALID, "limits: an object is wanted");
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        int rc = read_member(key, value, &limits);

        if (rc != 0)
            return rc;
    }
    *ret = limits;
    return 0;
}

int cc_limits_read(const char *text, struct cc_limits *ret)
{
    CC_AUTO(json_decref)
    json_t *object = NULL;
    int rc;

    if (!text || !*text || strcmp(text, "{}") == 0) { /* nearly always */
        *ret = (struct cc_limits){-1, -1, -1};
        return 0;
    }
    rc = cc_json_parse(text, strlen(text), &object);
    return rc ? rc : cc_limits_read_json(object, ret);
}

/* ---- together ---- */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

int cc_limits_least(const char *const *texts, size_t n, struct cc_limits *ret)
{
    struct cc_limits least = {-1, -1, -1}, one;

    for (size_t i = 0; i < n; i++) {
        if (cc_limits_read(texts[i], &one) != 0)
            return cc_fail(CC_E_REPLY, "stored limits cannot be read");
        for (size_t k = 0; k < MEMBERS; k++)
            *place(&least, &members[k]) =
                smaller(value_of(&least, &members[k]), value_of(&one, &members[k]));
    }
    *ret = least;
    return 0;
}

/* ---- writing ---- */

/* Within +-10^9 units a double is nearer to the decimal number than to any other of six places, and
 * is printed back as that one (JSON_REAL_PRECISION 15 and more). */
json_t *cc_money_json(int64_t millionths)
{
    if (millionths % CC_MONEY_MILLIONS == 0)
        return json_integer(millionths / CC_MONEY_MILLIONS);
    return json_real((double)millionths / (double)CC_MONEY_MILLIONS);
}

json_t *cc_limits_json(const struct cc_limits *limits)
{
    json_t *object = json_object();

    for (size_t i = 0; i < MEMBERS; i++) {
        int64_t value = value_of(limits, &members[i]);

        if (value >= 0)
            json_object_set_new(object, members[i].name,
                                members[i].money ? cc_money_json(value) : json_integer(value));
    }
    return object;
}
