/* How a bot's or a document's settings say where to cut. */
#include <string.h>

#include "ingest/chunker.h"
#include "proto/base/error.h"
#include "proto/base/json.h"

#define TOKENS_LEAST 32
#define TOKENS_MOST  2000

static const struct {
    const char *name;
    enum cc_shape_mode mode;
} modes[] = {{"auto", CC_SHAPE_AUTO}, {"text", CC_SHAPE_TEXT}, {"pairs", CC_SHAPE_PAIRS}};

static int read_size(const json_t *value, const char *name, size_t least, size_t *ret)
{
    json_int_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < (json_int_t)least || n > TOKENS_MOST)
        return cc_fail(CC_E_INVALID, "%s: a whole number of %zu to %d", name, least, TOKENS_MOST);
    *ret = (size_t)n;
    return 0;
}

static int read_tokens(const json_t *value, struct cc_shape *shape)
{
    return read_size(value, "tokens", TOKENS_LEAST, &shape->tokens);
}

static int read_overlap(const json_t *value, struct cc_shape *shape)
{
    return read_size(value, "overlap", 0, &shape->overlap);
}

static int read_mode(const json_t *value, struct cc_shape *shape)
{
    const char *name = json_string_value(value);

    for (size_t i = 0; name && i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(name, modes[i].name)) {
            shape->mode = modes[i].mode;
            return 0;
        }
    return cc_fail(CC_E_INVALID, "mode: auto, text or pairs");
}

static const struct {
    const char *name;
    int (*read)(const json_t *value, struct cc_shape *shape);
} members[] = {{"tokens", read_tokens}, {"overlap", read_overlap}, {"mode", read_mode}};

static int read_member(const char *name, const json_t *value, struct cc_shape *shape)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!strcmp(name, members[i].name))
            return members[i].read(value, shape);
    return cc_fail(CC_E_INVALID, "chunking: no member \"%s\"", name);
}

/* Fewer tokens alone bring the overlap down with them; both together must fit. */
static int check_overlap(const json_t *object, struct cc_shape *shape)
{
    if (shape->overlap < shape->tokens / 2)
        return 0;
    if (json_object_get(object, "overlap"))
        return cc_fail(CC_E_INVALID, "overlap: less than half of tokens (%zu)", shape->tokens);
    shape->overlap = shape->tokens / 10;
    return 0;
}

int cc_shape_read(const char *json, struct cc_shape *shape)
{
    CC_AUTO(json_decref)
    json_t *object = NULL;
    struct cc_shape next = *shape;
    const char *name;
    json_t *value;
    int rc = *json ? cc_json_parse(json, strlen(json), &object) : 0;

    if (rc || !*json)
        return rc;
    if (!json_is_object(object))
        return cc_fail(CC_E_INVALID, "chunking: an object is wanted");
    json_object_foreach(object, name, value) if ((rc = read_member(name, value, &next))) return rc;
    rc = check_overlap(object, &next);
    if (!rc)
        *shape = next;
    return rc;
}
