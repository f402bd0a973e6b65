#include "proto/wire/job.h"

#include <msgpack.h>
#include <string.h>

#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

/* The version's member; the others are rows of a table below.  A name that was in use once must
 * never come back with another meaning: old and new processes read each other's jobs. */
#define VERSION "v"

struct field {
    const char *name;
    enum { TEXT, NUMBER } kind;
    size_t offset;
};
#define T(type, member)                                                                            \
    {                                                                                              \
#member, TEXT, offsetof(struct type, member)                                               \
    }
#define N(type, member)                                                                            \
    {                                                                                              \
#member, NUMBER, offsetof(struct type, member)                                             \
    }
static const struct field chat_fields[] = {
    T(cc_chat_job, answer),
    T(cc_chat_job, tenant),
    T(cc_chat_job, bot),
    T(cc_chat_job, session),
    T(cc_chat_job, message),
    T(cc_chat_job, tier),
    T(cc_chat_job, client_message),
    T(cc_chat_job, reply),
    T(cc_chat_job, trace),
    T(cc_chat_job, metadata),
    N(cc_chat_job, asked_ms),
    N(cc_chat_job, deadline_ms),
    T(cc_chat_job, visitor),
    T(cc_chat_job, visitor_external),
    T(cc_chat_job, visitor_name),
    T(cc_chat_job, visitor_email),
};
static const struct field ingest_fields[] = {
    T(cc_ingest_job, document),
    T(cc_ingest_job, tenant),
    T(cc_ingest_job, trace),
    N(cc_ingest_job, generation),
};
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char **text_at(const void *job, const struct field *f)
{
    return (const char **)((uintptr_t)job + f->offset);
}

static int64_t *number_at(const void *job, const struct field *f)
{
    return (int64_t *)((uintptr_t)job + f->offset);
}

/* ---- out ---- */
static int write_to_buf(void *data, const char *bytes, size_t len)
{
    struct cc_buf *out = data;

    cc_buf_add(out, bytes, len);
    return 0; /* the buffer itself remembers that it was too small */
}

static void pack_text(msgpack_packer *pk, const char *text)
{
    size_t len = text ? strlen(text) : 0;

    msgpack_pack_str(pk, len);
    msgpack_pack_str_body(pk, text, len);
}

struct shape {
    const struct field *fields;
    size_t n;
};

static void encode(const void *job, const struct shape *shape, int version, struct cc_buf *out)
{
    msgpack_packer pk;

    msgpack_packer_init(&pk, out, write_to_buf);
    msgpack_pack_map(&pk, shape->n + 1);
    pack_text(&pk, VERSION);
    msgpack_pack_int64(&pk, version);
    for (const struct field *f = shape->fields; f < shape->fields + shape->n; f++) {
        pack_text(&pk, f->name);
        if (f->kind == TEXT)
            pack_text(&pk, *text_at(job, f));
        else
            msgpack_pack_int64(&pk, *number_at(job, f));
    }
}

/* ---- in ---- */
static bool is_text(const msgpack_object *o, const char *name)
{
    return o->type == MSGPACK_OBJECT_STR && o->via.str.size == strlen(name) &&
           memcmp(o->via.str.ptr, name, o->via.str.size) == 0;
}

static int read_text(const msgpack_object *o, const struct field *f, struct cc_arena *mem,
                     void *job)
{
    if (o->type != MSGPACK_OBJECT_STR)
        return cc_fail(CC_E_INVALID, "job: %s is no text", f->name);
    const char *text = o->via.str.ptr;
    size_t len = o->via.str.size;
    if (memchr(text, '\0', len) || !cc_utf8_valid(text, len))
        return cc_fail(CC_E_INVALID, "job: %s is not valid UTF-8", f->name);
    *text_at(job, f) = cc_arena_dupn(mem, text, len);
    return 0;
}

static int read_number(const msgpack_object *o, const char *name, int64_t *ret)
{
    if (o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER)
        *ret = o->via.i64;
    else if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER && o->via.u64 <= INT64_MAX)
        *ret = (int64_t)o->via.u64;
    else
        return cc_fail(CC_E_INVALID, "job: %s is no whole number", name);
    return 0;
}

static int read_version(const msgpack_object *map)
{
    int64_t version = 0;

    for (uint32_t i = 0; i < map->via.map.size; i++) {
        const msgpack_object_kv *kv = &map->via.map.ptr[i];
        int rc = is_text(&kv->key, VERSION) ? read_number(&kv->val, VERSION, &version) : 0;
        if (rc)
            return rc;
    }
    if (version < 1 || version > CC_JOB_VERSION)
        return cc_fail(CC_E_INVALID, "job: version %lld is not for us", (long long)version);
    return 0;
}

static int read_member(const msgpack_object_kv *kv, const struct shape *shape, struct cc_arena *mem,
                       void *job)
{
    for (const struct field *f = shape->fields; f < shape->fields + shape->n; f++) {
        if (!is_text(&kv->key, f->name))
            continue;
        if (f->kind == TEXT)
            return read_text(&kv->val, f, mem, job);
        return read_number(&kv->val, f->name, number_at(job, f));
    }
    return 0; /* a newer process's: not for us */
}

static int read_map(const msgpack_object *map, const struct shape *shape, struct cc_arena *mem,
                    void *job)
{
    if (map->type != MSGPACK_OBJECT_MAP)
        return cc_fail(CC_E_INVALID, "job: no map");
    int rc = read_version(map);
    for (const struct field *f = shape->fields; f < shape->fields + shape->n; f++) {
        if (f->kind == TEXT)
            *text_at(job, f) = "";
    }
    for (uint32_t i = 0; i < map->via.map.size && rc == 0; i++)
        rc = read_member(&map->via.map.ptr[i], shape, mem, job);
    return rc;
}

/* job: zeroed by the caller. */
static int decode(const void *bytes, size_t len, const struct shape *shape, struct cc_arena *mem,
                  void *job)
{
    msgpack_unpacked unpacked;

    if (len > CC_JOB_MAX)
        return cc_fail(CC_E_TOOBIG, "job: %zu bytes", len);
    if (!cc_msgpack_sane(bytes, len))
        return cc_fail(CC_E_INVALID, "job: not one msgpack value");
    msgpack_unpacked_init(&unpacked);
    int rc;
    if (msgpack_unpack_next(&unpacked, bytes, len, NULL) == MSGPACK_UNPACK_SUCCESS)
        rc = read_map(&unpacked.data, shape, mem, job);
    else
        rc = cc_fail(CC_E_INVALID, "job: not one msgpack value");
    msgpack_unpacked_destroy(&unpacked);
    return rc;
}

static const struct shape chat_shape = {chat_fields, COUNT(chat_fields)};
static const struct shape ingest_shape = {ingest_fields, COUNT(ingest_fields)};

void cc_chat_job_encode(const struct cc_chat_job *job, struct cc_buf *out)
{
    encode(job, &chat_shape, job->visitor && *job->visitor ? 2 : 1, out);
}

int cc_chat_job_decode(const void *bytes, size_t len, struct cc_arena *mem, struct cc_chat_job *ret)
{
    struct cc_chat_job job = {0};
    int rc = decode(bytes, len, &chat_shape, mem, &job);

    if (rc == 0)
        *ret = job;
    return rc;
}

void cc_ingest_job_encode(const struct cc_ingest_job *job, struct cc_buf *out)
{
    encode(job, &ingest_shape, 1, out);
}

int cc_ingest_job_decode(const void *bytes, size_t len, struct cc_arena *mem,
                         struct cc_ingest_job *ret)
{
    struct cc_ingest_job job = {0};
    int rc = decode(bytes, len, &ingest_shape, mem, &job);

    if (rc == 0)
        *ret = job;
    return rc;
}
