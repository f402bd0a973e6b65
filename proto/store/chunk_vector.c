/* Vectors in the binary form that the database takes and gives. */
#include <arpa/inet.h>
#include <assert.h>
#include <math.h>
#include <string.h>

#include "proto/store/chunk_inside.h"
#include "proto/store/pg_inside.h"

int cc_vector_store(struct cc_pg *pool, struct cc_vector_store *ret)
{
    static const struct cc_stmt LOOK = {
        "SELECT atttypid::bigint, atttypid <> 'bytea'::regtype FROM pg_attribute"
        " WHERE attrelid = 'chunk_vectors'::regclass AND attname = $1"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc;

    if (!pool->vector_store) {
        rc = cc_pg_run(pool, NULL, &rows, CC_STEPS(CC_STEP(LOOK, cc_at("v"))));
        if (rc)
            return rc;
        if (cc_rows_n(&rows, 0) == 0)
            return cc_fail(CC_E_REPLY, "chunk_vectors has no column v");
        struct cc_row row = cc_row(&rows, 0, 0, NULL);
        pool->vector_oid = (unsigned)cc_row_int(&row);
        pool->vector_store = cc_row_bool(&row) ? "pgvector" : "exact";
    }
    ret->name = pool->vector_store;
    ret->pgvector = *pool->vector_store == 'p';
    ret->oid = pool->vector_oid;
    return 0;
}

int cc_chunk_store_name(struct cc_pg *pool, const char **ret)
{
    struct cc_vector_store store;
    int rc = cc_vector_store(pool, &store);

    if (rc == 0)
        *ret = store.name;
    return rc;
}

/* pgvector: dimension and a reserved 0 as int16, then float32, all big-endian. */
#define PGVECTOR_HEAD 4

size_t cc_vector_bytes(const struct cc_vector_store *store, int dimension)
{
    return (size_t)dimension * sizeof(float) + (store->pgvector ? PGVECTOR_HEAD : 0);
}

static float scale_of(const float *v, int dimension)
{
    double sum = 0;

    for (int i = 0; i < dimension; i++)
        sum += (double)v[i] * (double)v[i];
    return sum > 0 ? (float)(1 / sqrt(sum)) : 0;
}

static char *put_be32(char *out, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    bits = htonl(bits);
    memcpy(out, &bits, sizeof bits);
    return out + sizeof bits;
}

void cc_vector_unit(const float *v, int dimension, float *out)
{
    float scale = scale_of(v, dimension);

    for (int i = 0; i < dimension; i++)
        out[i] = v[i] * scale;
}

void cc_vector_write(const struct cc_vector_store *store, const float *v, int dimension, char *out)
{
    float scale = scale_of(v, dimension), scaled;
    uint16_t head[2] = {htons((uint16_t)dimension), 0};

    if (store->pgvector) {
        memcpy(out, head, sizeof head);
        out += sizeof head;
    }
    for (int i = 0; i < dimension; i++) {
        scaled = v[i] * scale;
        if (store->pgvector)
            out = put_be32(out, scaled);
        else
            memcpy(out + (size_t)i * sizeof scaled, &scaled, sizeof scaled);
    }
}

bool cc_vector_read(const struct cc_vector_store *store, const void *bytes, size_t len,
                    int dimension, float *out)
{
    const char *from = bytes;
    uint32_t bits;

    if (len != cc_vector_bytes(store, dimension))
        return false;
    if (!store->pgvector) {
        memcpy(out, from, len);
        return true;
    }
    for (int i = 0; i < dimension; i++) {
        memcpy(&bits, from + PGVECTOR_HEAD + (size_t)i * sizeof bits, sizeof bits);
        bits = ntohl(bits);
        memcpy(&out[i], &bits, sizeof bits);
    }
    return true;
}

static void put_int32(struct cc_vector_array *array, uint32_t value)
{
    value = htonl(value);
    memcpy(array->bytes + array->len, &value, sizeof value);
    array->len += sizeof value;
}

/* The array's head: dimensions, whether there are NULLs, the elements' type, count, first index. */
void cc_vector_array_begin(struct cc_vector_array *array, const struct cc_vector_store *store,
                           int n, int dimension, struct cc_arena *mem)
{
    array->room = 5 * 4 + (size_t)n * (4 + cc_vector_bytes(store, dimension));
    array->bytes = cc_arena_get(mem, array->room);
    array->len = 0;
    array->n = n;
    array->dimension = dimension;
    put_int32(array, n ? 1 : 0);
    put_int32(array, 0);
    put_int32(array, store->oid);
    if (n) {
        put_int32(array, (uint32_t)n);
        put_int32(array, 1);
    }
}

void cc_vector_array_add(struct cc_vector_array *array, const struct cc_vector_store *store,
                         const float *v)
{
    size_t bytes = cc_vector_bytes(store, array->dimension);

    assert(array->len + 4 + bytes <= array->room);
    put_int32(array, (uint32_t)bytes);
    cc_vector_write(store, v, array->dimension, array->bytes + array->len);
    array->len += bytes;
}
