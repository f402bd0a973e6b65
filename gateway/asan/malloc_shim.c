/*
 * malloc_shim.c - Kore's allocator on malloc, in place of its mem.c and pool.c.
 *
 * Only for builds with AddressSanitizer: Kore's pools recycle memory without telling
 * it.  Pool elements are zeroed when taken, which Kore relies on for fresh ones.
 */
#include <stdlib.h>
#include <string.h>

#include <kore/kore.h>

static void *need(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

void kore_mem_init(void)
{
}

void kore_mem_cleanup(void)
{
}

void *kore_malloc(size_t len)
{
    return need(calloc(1, len ? len : 1));
}

void *kore_realloc(void *p, size_t len)
{
    return need(realloc(p, len ? len : 1));
}

void *kore_calloc(size_t n, size_t len)
{
    return need(calloc(n, len));
}

void kore_free(void *p)
{
    free(p);
}

char *kore_strdup(const char *text)
{
    return need(strdup(text));
}

void *kore_malloc_tagged(size_t len, u_int32_t tag)
{
    (void)tag;
    return kore_malloc(len);
}

void kore_mem_tag(void *p, u_int32_t tag)
{
    (void)p;
    (void)tag;
}

void kore_mem_untag(void *p)
{
    (void)p;
}

void *kore_mem_lookup(u_int32_t tag)
{
    (void)tag;
    return NULL;
}

void kore_pool_init(struct kore_pool *pool, const char *name, size_t len, size_t n)
{
    (void)name;
    (void)n;
    pool->elen = len;
    pool->inuse = 0;
}

void kore_pool_cleanup(struct kore_pool *pool)
{
    (void)pool;
}

void *kore_pool_get(struct kore_pool *pool)
{
    pool->inuse++;
    return need(calloc(1, pool->elen));
}

void kore_pool_put(struct kore_pool *pool, void *p)
{
    pool->inuse--;
    free(p);
}
