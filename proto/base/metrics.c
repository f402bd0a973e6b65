#include "proto/base/metrics.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/metrics_table.h"
#include "proto/base/text.h"

const struct cc_metric_row cc_metric_rows[CC_M_COUNT] = {
#define X(id, name, kind, labels, help) {name, CC_MK_##kind, labels, help},
    CC_METRICS(X)
#undef X
};

const double cc_metric_buckets[CC_METRIC_BUCKETS] = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

struct cc_metric_region cc_metric_region;

static struct cc_metric_slot *ours;

int cc_metrics_open(int slots)
{
    size_t bytes = (size_t)slots * sizeof(struct cc_metric_slot);

    cc_metrics_close();
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (p == MAP_FAILED)
        return cc_fail(CC_E_INTERNAL, "metrics: no memory for %d slots", slots);
    cc_metric_region = (struct cc_metric_region){p, slots};
    ours = p;
    return 0;
}

void cc_metrics_close(void)
{
    if (cc_metric_region.slot)
        munmap(cc_metric_region.slot, (size_t)cc_metric_region.n * sizeof(*cc_metric_region.slot));
    cc_metric_region = (struct cc_metric_region){0};
    ours = NULL;
}

static void store(_Atomic double *to, double value)
{
    atomic_store_explicit(to, value, memory_order_relaxed);
}

/* One writer per slot, so that a load and a store make an addition. */
static void add(_Atomic double *to, double by)
{
    store(to, atomic_load_explicit(to, memory_order_relaxed) + by);
}

/* A process that takes over a dead one's slot goes on counting, but holds nothing yet. */
void cc_metrics_slot(int slot)
{
    assert(slot >= 0 && slot < cc_metric_region.n);
    ours = &cc_metric_region.slot[slot];
    for (unsigned i = 0; i < ours->n; i++)
        if (cc_metric_rows[ours->series[i].which].kind == CC_MK_GAUGE)
            store(&ours->series[i].value, 0);
}

static bool hides_client(const char *label_names, int i)
{
    const char *p = label_names;

    for (; i > 0; i--)
        p = strchr(p, ',') + 1;
    return cc_text_starts(p, "client_id") && !cc_cfg_bool(CC_CFG_METRICS_CLIENT_ID);
}

static int label_count(const char *names)
{
    int n = *names ? 1 : 0;

    for (; *names; names++)
        n += *names == ',';
    return n;
}

static void make_key(struct cc_metric_key *key, enum cc_metric which, const char *const *labels)
{
    const char *names = cc_metric_rows[which].labels;
    int n = label_count(names);

    memset(key, 0, sizeof(*key)); /* keys are compared as bytes */
    for (int i = 0; i < n; i++) {
        const char *value = labels && labels[i] ? labels[i] : "";

        if (hides_client(names, i))
            value = "";
        memcpy(key->label[i], value, cc_utf8_cut(value, strlen(value), CC_METRIC_LABEL - 1));
    }
}

static void other_key(struct cc_metric_key *key, enum cc_metric which)
{
    make_key(key, which, CC_LABELS("other", "other", "other", "other"));
}

/* FNV-1a */
static unsigned hash(enum cc_metric which, const struct cc_metric_key *key)
{
    const uint8_t *p = (const uint8_t *)key;
    uint32_t h = 2166136261u ^ (uint32_t)which;

    for (size_t i = 0; i < sizeof(*key); i++)
        h = (h ^ p[i]) * 16777619u;
    return h;
}

/* The place in the index where this series is or belongs. */
static uint16_t *look_up(enum cc_metric which, const struct cc_metric_key *key)
{
    for (unsigned i = hash(which, key);; i++) {
        uint16_t *place = &ours->index[i % CC_METRIC_INDEX];
        struct cc_metric_series *s = *place ? &ours->series[*place - 1] : NULL;

        if (!s || (s->which == (uint32_t)which && memcmp(&s->key, key, sizeof(*key)) == 0))
            return place;
    }
}

/* Readers see a series once n counts it, so it is filled before. */
static struct cc_metric_series *append(enum cc_metric which, const struct cc_metric_key *key,
                                       uint16_t *place)
{
    unsigned n = atomic_load_explicit(&ours->n, memory_order_relaxed);
    struct cc_metric_series *s = &ours->series[n];

    s->which = which;
    s->key = *key;
    atomic_store_explicit(&ours->n, n + 1, memory_order_release);
    *place = (uint16_t)(n + 1);
    return s;
}

static struct cc_metric_series *series(enum cc_metric which, const char *const *labels)
{
    struct cc_metric_key key;

    make_key(&key, which, labels);
    uint16_t *place = look_up(which, &key);
    if (!*place && atomic_load_explicit(&ours->n, memory_order_relaxed) >= CC_METRIC_SERIES) {
        other_key(&key, which);
        place = look_up(which, &key);
    }
    return *place ? &ours->series[*place - 1] : append(which, &key, place);
}

void cc_metric_add(enum cc_metric which, const char *const *labels, double by)
{
    assert(cc_metric_rows[which].kind != CC_MK_HISTOGRAM);
    if (ours)
        add(&series(which, labels)->value, by);
}

void cc_metric_set(enum cc_metric which, const char *const *labels, double value)
{
    assert(cc_metric_rows[which].kind != CC_MK_HISTOGRAM);
    if (ours)
        store(&series(which, labels)->value, value);
}

void cc_metric_observe(enum cc_metric which, const char *const *labels, double seconds)
{
    assert(cc_metric_rows[which].kind == CC_MK_HISTOGRAM);
    if (!ours)
        return;

    struct cc_metric_series *s = series(which, labels);
    int i = 0;

    while (i < CC_METRIC_BUCKETS && seconds > cc_metric_buckets[i])
        i++;
    add(&s->bucket[i], 1);
    add(&s->value, seconds);
}
