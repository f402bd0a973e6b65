#include "proto/vec/points_body.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"

#define MODEL_CHARS 60
#define HASH_CHARS  8

/* ---- names ---- */

/* Two models that look alike without their special characters differ by the hash. */
static void print_head(const char *prefix, const char *model, char out[CC_POINTS_NAME])
{
    char slug[MODEL_CHARS + 1], hash[CC_SHA256_HEX];
    size_t n;

    for (n = 0; model[n] && n < MODEL_CHARS; n++)
        slug[n] = isalnum((unsigned char)model[n]) || model[n] == '_' ? model[n] : '-';
    slug[n] = '\0';
    cc_sha256_hex(model, strlen(model), hash);
    snprintf(out, CC_POINTS_NAME, "%.60s.%s.%.*s.", prefix, slug, HASH_CHARS, hash);
}

void cc_points_name(const char *prefix, const char *model, int dimension, char out[CC_POINTS_NAME])
{
    size_t len;

    print_head(prefix, model, out);
    len = strlen(out);
    snprintf(out + len, CC_POINTS_NAME - len, "%d", dimension);
}

bool cc_points_is_ours(const char *name, const char *prefix, const char *model)
{
    char head[CC_POINTS_NAME];
    size_t len;

    if (model)
        print_head(prefix, model, head);
    else
        snprintf(head, sizeof head, "%.60s.", prefix);
    len = strlen(head);
    return strncmp(name, head, len) == 0 && name[len];
}

void cc_points_uuid(const char *tenant, int64_t generation, int64_t chunk, int part,
                    char out[CC_POINTS_UUID])
{
    char of[256], hex[CC_SHA256_HEX];
    int len = snprintf(of, sizeof of, "%.128s/%lld/%lld/%d", tenant, (long long)generation,
                       (long long)chunk, part);

    cc_sha256_hex(of, (size_t)len, hex); /* RFC 9562: version 8, our own making; variant 10 */
    snprintf(out, CC_POINTS_UUID, "%.8s-%.4s-8%.3s-%c%.3s-%.12s", hex, hex + 8, hex + 13,
             "89ab"[(unsigned char)hex[16] % 4], hex + 17, hex + 20);
}

/* ---- what is said ---- */

/* Every search names a tenant: links within each tenant's points are all that is needed. */
json_t *cc_points_collection(int dimension)
{
    return json_pack("{s{si ss} s{si si}}", "vectors", "size", dimension, "distance", "Cosine",
                     "hnsw_config", "m", 0, "payload_m", 16);
}

json_t *cc_points_index(int which)
{
    static const struct {
        const char *name, *type;
    } fields[] = {{"client_id", "keyword"},
                  {"document_id", "keyword"},
                  {"generation", "integer"},
                  {"chunk", "integer"}};

    if (which < 0 || (size_t)which >= sizeof fields / sizeof *fields)
        return NULL;
    json_t *schema = json_pack("{ss}", "type", fields[which].type);

    if (which == 0)
        json_object_set_new(schema, "is_tenant", json_true());
    return json_pack("{ss so}", "field_name", fields[which].name, "field_schema", schema);
}

static json_t *numbers(const float *v, int n)
{
    json_t *list = json_array();

    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_real(isfinite(v[i]) ? (double)v[i] : 0));
    return list;
}

/* The text once a passage: its parts are found together. */
static json_t *payload(const char *tenant, const struct cc_point *point, int part)
{
    json_t *all =
        json_pack("{ss ss sI sI sI si}", "client_id", tenant, "document_id", point->document,
                  "generation", (json_int_t)point->generation, "chunk", (json_int_t)point->chunk,
                  "chunk_index", (json_int_t)point->index, "part", part);

    if (part == 0)
        json_object_set_new(all, "content", json_string(point->content));
    return all;
}

json_t *cc_points_upsert(const char *tenant, int dimension, const struct cc_point *point, int n)
{
    json_t *list = json_array();
    char id[CC_POINTS_UUID];

    for (int i = 0; i < n; i++)
        for (int part = 0; part < point[i].parts; part++) {
            cc_points_uuid(tenant, point[i].generation, point[i].chunk, part, id);
            json_array_append_new(
                list,
                json_pack("{ss so so}", "id", id, "vector",
                          numbers(point[i].vectors + (size_t)part * (size_t)dimension, dimension),
                          "payload", payload(tenant, &point[i], part)));
        }
    return json_pack("{so}", "points", list);
}

static json_t *is(const char *key, json_t *value)
{
    return json_pack("{ss s{so}}", "key", key, "match", "value", value);
}

static json_t *any(const char *key, json_t *values)
{
    return json_pack("{ss s{so}}", "key", key, "match", "any", values);
}

json_t *cc_points_stale(const char *tenant, const struct cc_point *point, int n)
{
    json_t *chunks = json_array(), *ids = json_array();
    char id[CC_POINTS_UUID];

    for (int i = 0; i < n; i++) {
        json_array_append_new(chunks, json_integer(point[i].chunk));
        for (int part = 0; part < point[i].parts; part++) {
            cc_points_uuid(tenant, point[i].generation, point[i].chunk, part, id);
            json_array_append_new(ids, json_string(id));
        }
    }
    return json_pack("{s{s[oo] s[{so}]}}", "filter", "must", is("client_id", json_string(tenant)),
                     any("chunk", chunks), "must_not", "has_id", ids);
}

json_t *cc_points_of_generation(const char *tenant, int64_t generation)
{
    return json_pack("{s{s[oo]}}", "filter", "must", is("client_id", json_string(tenant)),
                     is("generation", json_integer(generation)));
}

json_t *cc_points_search(const struct cc_points_query *query)
{
    json_t *generations = json_array();

    for (int i = 0; i < query->generations_n; i++)
        json_array_append_new(generations, json_integer(query->generations[i]));
    return json_pack("{so s{s[oo]} ss si si s[s]}", "query",
                     numbers(query->vector.v, query->vector.dimension), "filter", "must",
                     is("client_id", json_string(query->tenant)), any("generation", generations),
                     "group_by", "chunk", "group_size", 1, "limit", query->max, "with_payload",
                     "part");
}

json_t *cc_points_scroll(const struct cc_points_wanted *wanted, int limit, const char *offset)
{
    json_t *chunks = json_array(), *all;

    for (int i = 0; i < wanted->n; i++)
        json_array_append_new(chunks, json_integer(wanted->chunks[i]));
    all = json_pack("{s{s[oo]} si sb s[ss]}", "filter", "must",
                    is("client_id", json_string(wanted->tenant)), any("chunk", chunks), "limit",
                    limit, "with_vector", true, "with_payload", "chunk", "part");
    if (*offset)
        json_object_set_new(all, "offset", json_string(offset));
    return all;
}

/* ---- what is answered ---- */

/* result.NAME of an answer; the list stays inside of *ret_all. */
static int list_of(const char *body, size_t len, const char *name, json_t **ret_all, json_t **ret)
{
    CC_AUTO(json_decref)
    json_t *all = NULL;

    if (cc_json_parse(body, len, &all))
        return cc_fail(CC_E_UPSTREAM, "qdrant: an answer that is no JSON");
    json_t *list = json_object_get(json_object_get(all, "result"), name);
    if (!json_is_array(list))
        return cc_fail(CC_E_UPSTREAM, "qdrant: an answer without %s", name);
    *ret = list;
    *ret_all = CC_TAKE(all);
    return 0;
}

/* From 0; -1: not said, or none that could be. */
static int part_of(const json_t *point)
{
    int64_t part = cc_json_int(json_object_get(point, "payload"), "part", -1);

    return part >= 0 && part < CC_POINTS_PARTS ? (int)part : -1;
}

int cc_points_read_groups(const char *body, size_t len, struct cc_arena *mem,
                          struct cc_chunk_hit **ret, int *ret_n)
{
    CC_AUTO(json_decref)
    json_t *all = NULL;
    json_t *list, *group;
    size_t i;
    int n = 0, rc = list_of(body, len, "groups", &all, &list);

    if (rc)
        return rc;
    struct cc_chunk_hit *hit = cc_arena_array(mem, json_array_size(list), sizeof *hit);
    json_array_foreach(list, i, group)
    {
        const json_t *id = json_object_get(group, "id");
        const json_t *best = json_array_get(json_object_get(group, "hits"), 0);
        const json_t *score = json_object_get(best, "score");

        if (json_is_integer(id) && json_is_number(score))
            hit[n++] = (struct cc_chunk_hit){.chunk = json_integer_value(id),
                                             .score = json_number_value(score),
                                             .part = 1 + part_of(best)};
    }
    *ret = hit;
    *ret_n = n;
    return 0;
}

static bool read_vector(const json_t *list, int dimension, struct cc_arena *mem, float **ret)
{
    if (!json_is_array(list) || json_array_size(list) != (size_t)dimension)
        return false;
    *ret = cc_arena_array(mem, (size_t)dimension, sizeof **ret);
    for (int i = 0; i < dimension; i++)
        (*ret)[i] = (float)json_number_value(json_array_get(list, (size_t)i));
    return true;
}

int cc_points_read_page(const char *body, size_t len, int dimension, struct cc_arena *mem,
                        struct cc_points_page *ret)
{
    CC_AUTO(json_decref)
    json_t *all = NULL;
    json_t *list, *point;
    size_t i;
    int rc = list_of(body, len, "points", &all, &list);

    if (rc)
        return rc;
    ret->next =
        cc_arena_dup(mem, cc_json_str(json_object_get(all, "result"), "next_page_offset", ""));
    ret->part = cc_arena_array(mem, json_array_size(list), sizeof *ret->part);
    ret->n = 0;
    json_array_foreach(list, i, point)
    {
        struct cc_points_part *part = &ret->part[ret->n];

        part->chunk = cc_json_int(json_object_get(point, "payload"), "chunk", 0);
        part->part = part_of(point);
        if (part->part >= 0 &&
            read_vector(json_object_get(point, "vector"), dimension, mem, &part->v))
            ret->n++;
    }
    return 0;
}

int cc_points_read_names(const char *body, size_t len, struct cc_arena *mem,
                         const char *const **ret, int *ret_n)
{
    CC_AUTO(json_decref)
    json_t *all = NULL;
    json_t *list, *item;
    size_t i;
    int n = 0, rc = list_of(body, len, "collections", &all, &list);

    if (rc)
        return rc;
    const char **name = cc_arena_array(mem, json_array_size(list), sizeof *name);
    json_array_foreach(list, i, item)
    {
        const char *text = cc_json_str(item, "name", "");

        if (*text)
            name[n++] = cc_arena_dup(mem, text);
    }
    *ret = name;
    *ret_n = n;
    return 0;
}
