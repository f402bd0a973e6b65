#include "proto/vec/tuning.h"

#include <stddef.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/json.h"

#define TAGS_MAX      50
#define DOCUMENTS_MAX 200
#define NAME_BYTES    200 /* of a tag or an id */
#define METADATA_MAX  4096
#define WEIGHT_MAX    100.0

const struct cc_tuning cc_tuning_default = {
    .by_words = -1, .by_meaning = -1, .pin_threshold = CC_PIN_THRESHOLD};

struct member {
    const char *name;
    int (*take)(const struct member *m, const json_t *value, struct cc_arena *mem,
                struct cc_tuning *tuning);
    size_t at;  /* in struct cc_tuning */
    double max; /* of a number, or of texts in a list */
};

static int wants(const struct member *m, const char *what)
{
    return cc_fail(CC_E_INVALID, "%s: wants %s", m->name, what);
}

static void *place(const struct member *m, struct cc_tuning *tuning)
{
    return (char *)tuning + m->at;
}

static int take_number(const struct member *m, const json_t *value, struct cc_arena *mem,
                       struct cc_tuning *tuning)
{
    double number = json_number_value(value);

    (void)mem;
    if (!json_is_number(value) || !(number >= 0 && number <= m->max))
        return cc_fail(CC_E_INVALID, "%s: wants a number from 0 to %g", m->name, m->max);
    *(double *)place(m, tuning) = number;
    return 0;
}

static int take_bool(const struct member *m, const json_t *value, struct cc_arena *mem,
                     struct cc_tuning *tuning)
{
    (void)mem;
    if (!json_is_boolean(value))
        return wants(m, "true or false");
    *(bool *)place(m, tuning) = json_is_true(value);
    return 0;
}

/* A list and how many there are: laid out as cc_filter has them. */
struct list {
    const char *const *text;
    int n;
};
_Static_assert(offsetof(struct cc_filter, tags_n) - offsetof(struct cc_filter, tags) ==
                   offsetof(struct list, n),
               "tags and their count lie together");
_Static_assert(offsetof(struct cc_filter, documents_n) - offsetof(struct cc_filter, documents) ==
                   offsetof(struct list, n),
               "documents and their count lie together");

static int take_texts(const struct member *m, const json_t *value, struct cc_arena *mem,
                      struct cc_tuning *tuning)
{
    struct list list = {.n = (int)json_array_size(value)};
    const char **text;

    if (!json_is_array(value) || list.n > m->max)
        return wants(m, "a list of texts, not too many");
    list.text = text = cc_arena_array(mem, (size_t)list.n + 1, sizeof *text);
    for (int i = 0; i < list.n; i++) {
        const json_t *one = json_array_get(value, (size_t)i);

        if (!json_is_string(one) || json_string_length(one) == 0 ||
            json_string_length(one) > NAME_BYTES ||
            strlen(json_string_value(one)) != json_string_length(one))
            return wants(m, "texts of 1 to 200 bytes");
        text[i] = cc_arena_dup(mem, json_string_value(one));
    }
    memcpy(place(m, tuning), &list.text, sizeof list.text);
    memcpy((char *)place(m, tuning) + offsetof(struct list, n), &list.n, sizeof list.n);
    return 0;
}

static int take_object(const struct member *m, const json_t *value, struct cc_arena *mem,
                       struct cc_tuning *tuning)
{
    const char *text;

    if (!json_is_object(value))
        return wants(m, "an object");
    text = json_object_size(value) > 0 ? cc_json_dup(value, mem) : "";
    if (strlen(text) > METADATA_MAX)
        return wants(m, "a shorter object");
    /* jsonb has no such character, and the search would fail on it. */
    if (strstr(text, "\\u0000"))
        return wants(m, "texts without NUL");
    *(const char **)place(m, tuning) = text;
    return 0;
}

#define AT(member) offsetof(struct cc_tuning, member)

static const struct member members[] = {
    {"weightWords", take_number, AT(by_words), WEIGHT_MAX},
    {"weightMeaning", take_number, AT(by_meaning), WEIGHT_MAX},
    {"rerank", take_bool, AT(rerank), 0},
    {"tags", take_texts, AT(filter.tags), TAGS_MAX},
    {"documentIds", take_texts, AT(filter.documents), DOCUMENTS_MAX},
    {"metadata", take_object, AT(filter.metadata), 0},
    {"pinThreshold", take_number, AT(pin_threshold), 2},
};

static const struct member *find_member(const char *name)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

int cc_tuning_lay(const json_t *object, struct cc_arena *mem, struct cc_tuning *tuning)
{
    struct cc_tuning all = *tuning;
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        const struct member *m = find_member(key);
        int rc = m ? m->take(m, value, mem, &all)
                   : cc_fail(CC_E_INVALID, "%.100s: no such setting", key);

        if (rc)
            return rc;
    }
    *tuning = all;
    return 0;
}

static int parse_object(const char *json, json_t **ret)
{
    int rc = cc_json_parse(json, strlen(json), ret);

    if (rc == 0 && !json_is_object(*ret))
        rc = cc_fail(CC_E_INVALID, "wants a JSON object");
    return rc;
}

int cc_tuning_read(const char *json, struct cc_arena *mem, struct cc_tuning *ret)
{
    CC_AUTO(json_decref)
    json_t *object = NULL;
    struct cc_tuning tuning = cc_tuning_default;
    int rc = json && *json ? parse_object(json, &object) : 0;

    if (rc == 0 && object)
        rc = cc_tuning_lay(object, mem, &tuning);
    if (rc == 0)
        *ret = tuning;
    return rc;
}

/* ---- chunking ---- */

#define TOKENS_MIN 32
#define TOKENS_MAX 2000

static const char *const modes[] = {"auto", "text", "pairs"};

static int take_mode(const char *name, struct cc_chunking *ret)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(modes[i], name) == 0) {
            ret->mode = (enum cc_chunking_mode)i;
            return 0;
        }
    return cc_fail(CC_E_INVALID, "mode: wants auto, text or pairs");
}

static int take_count(const char *name, const json_t *value, int min, int *ret)
{
    json_int_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < min || n > TOKENS_MAX)
        return cc_fail(CC_E_INVALID, "%s: wants a number from %d to %d", name, min, TOKENS_MAX);
    *ret = (int)n;
    return 0;
}

static int take_chunking(const char *name, const json_t *value, struct cc_chunking *ret)
{
    if (strcmp(name, "tokens") == 0)
        return take_count(name, value, TOKENS_MIN, &ret->tokens);
    if (strcmp(name, "overlap") == 0)
        return take_count(name, value, 0, &ret->overlap);
    if (strcmp(name, "mode") == 0)
        return take_mode(json_is_string(value) ? json_string_value(value) : "", ret);
    return cc_fail(CC_E_INVALID, "%.100s: no such setting", name);
}

int cc_chunking_read(const char *json, struct cc_chunking *ret)
{
    CC_AUTO(json_decref)
    json_t *object = NULL;
    struct cc_chunking all = *ret;
    const char *key;
    json_t *value;
    int rc = json && *json ? parse_object(json, &object) : 0;

    json_object_foreach(object, key, value)
    {
        if (rc == 0)
            rc = take_chunking(key, value, &all);
    }
    /* Who asks for small passages alone need not know of the usual overlap. */
    if (rc == 0 && object && !json_object_get(object, "overlap") && all.overlap >= all.tokens / 2)
        all.overlap = all.tokens / 10;
    if (rc == 0 && all.overlap >= all.tokens / 2)
        rc = cc_fail(CC_E_INVALID, "overlap: wants less than half of tokens");
    if (rc == 0)
        *ret = all;
    return rc;
}

int cc_chunking_check(const char *json)
{
    struct cc_chunking chunking = CC_CHUNKING;

    return cc_chunking_read(json, &chunking);
}
