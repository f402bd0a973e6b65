#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/metrics_table.h"

typedef const struct cc_metric_series *series_ref;

static const char *const kind_names[] = {"counter", "gauge", "histogram"};

static double load(const _Atomic double *from)
{
    return atomic_load_explicit(from, memory_order_relaxed);
}

static int by_metric_and_key(const void *a, const void *b)
{
    series_ref x = *(const series_ref *)a, y = *(const series_ref *)b;

    if (x->which != y->which)
        return x->which < y->which ? -1 : 1;
    return memcmp(&x->key, &y->key, sizeof(x->key));
}

static bool same_series(series_ref a, series_ref b)
{
    return by_metric_and_key(&a, &b) == 0;
}

/* All series of all slots, equal ones side by side; the caller frees. */
static series_ref *collect(size_t *ret_n)
{
    size_t n = 0, max = (size_t)cc_metric_region.n * (CC_METRIC_SERIES + CC_M_COUNT);
    series_ref *all = calloc(max ? max : 1, sizeof(*all));

    if (!all)
        abort();
    for (int i = 0; i < cc_metric_region.n; i++) {
        const struct cc_metric_slot *slot = &cc_metric_region.slot[i];
        unsigned count = atomic_load_explicit(&slot->n, memory_order_acquire);

        for (unsigned k = 0; k < count; k++)
            all[n++] = &slot->series[k];
    }
    qsort(all, n, sizeof(*all), by_metric_and_key);
    *ret_n = n;
    return all;
}

static void put_label_value(struct cc_buf *out, const char *value)
{
    for (; *value; value++) {
        if (*value == '\\' || *value == '"')
            cc_buf_char(out, '\\');
        if (*value == '\n')
            cc_buf_text(out, "\\n");
        else
            cc_buf_char(out, *value);
    }
}

/* {a="x",le="0.1"}; nothing when there are no labels. */
static void put_labels(struct cc_buf *out, const char *names, const struct cc_metric_key *key,
                       const char *le)
{
    char open = '{';

    for (int i = 0; *names; i++) {
        int len = (int)strcspn(names, ",");

        cc_buf_printf(out, "%c%.*s=\"", open, len, names);
        put_label_value(out, key->label[i]);
        cc_buf_char(out, '"');
        names += len + (names[len] == ',');
        open = ',';
    }
    if (le) {
        cc_buf_printf(out, "%cle=\"%s\"", open, le);
        open = ',';
    }
    if (open == ',')
        cc_buf_char(out, '}');
}

static void put_line(struct cc_buf *out, const char *suffix, series_ref s, const char *le,
                     double value)
{
    const struct cc_metric_row *row = &cc_metric_rows[s->which];

    cc_buf_printf(out, "%s%s", row->name, suffix);
    put_labels(out, row->labels, &s->key, le);
    cc_buf_printf(out, " %.15g\n", value);
}

struct sum {
    double value, bucket[CC_METRIC_BUCKETS + 1];
};

static void put_histogram(struct cc_buf *out, series_ref s, const struct sum *sum)
{
    double count = 0;
    char le[32];

    for (int i = 0; i <= CC_METRIC_BUCKETS; i++) {
        if (i < CC_METRIC_BUCKETS)
            snprintf(le, sizeof(le), "%.15g", cc_metric_buckets[i]);
        else
            memcpy(le, "+Inf", 5);
        count += sum->bucket[i];
        put_line(out, "_bucket", s, le, count);
    }
    put_line(out, "_sum", s, NULL, sum->value);
    put_line(out, "_count", s, NULL, count);
}

static void put_series(struct cc_buf *out, series_ref s, const struct sum *sum)
{
    if (cc_metric_rows[s->which].kind == CC_MK_HISTOGRAM)
        put_histogram(out, s, sum);
    else
        put_line(out, "", s, NULL, sum->value);
}

static void add_up(struct sum *sum, series_ref s)
{
    sum->value += load(&s->value);
    for (int i = 0; i <= CC_METRIC_BUCKETS; i++)
        sum->bucket[i] += load(&s->bucket[i]);
}

/* Those of one metric, from all[i] on; returns where the next metric starts. */
static size_t put_metric(struct cc_buf *out, const series_ref *all, size_t n, size_t i)
{
    uint32_t which = all[i]->which;

    while (i < n && all[i]->which == which) {
        struct sum sum = {0};
        series_ref first = all[i];

        for (; i < n && same_series(all[i], first); i++)
            add_up(&sum, all[i]);
        put_series(out, first, &sum);
    }
    return i;
}

void cc_metrics_render(struct cc_buf *out)
{
    size_t n, next = 0;
    series_ref *all = collect(&n);

    for (uint32_t which = 0; which < CC_M_COUNT; which++) {
        const struct cc_metric_row *row = &cc_metric_rows[which];

        cc_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
                      kind_names[row->kind]);
        if (next < n && all[next]->which == which)
            next = put_metric(out, all, n, next);
        else if (!*row->labels) /* so that rate() has a first point */
            put_series(out, &(struct cc_metric_series){.which = which}, &(struct sum){0});
    }
    free(all);
}
