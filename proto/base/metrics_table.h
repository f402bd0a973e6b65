/*
 * metrics_table.h - how metrics.c lays values out in shared memory and
 * metrics_render.c reads them.  For these two files only.
 *
 * A slot belongs to one process, the only one that writes there.  Series are appended and
 * never removed; n is raised after the series is filled, so readers need no lock.
 */
#ifndef CC_BASE_METRICS_TABLE_H
#define CC_BASE_METRICS_TABLE_H

#include <stdatomic.h>

#include "proto/base/metrics.h"

#define CC_METRIC_BUCKETS 15
#define CC_METRIC_LABEL   64                     /* bytes of one label value, with the NUL */
#define CC_METRIC_INDEX   (2 * CC_METRIC_SERIES) /* half empty: short probes */

enum cc_metric_kind { CC_MK_COUNTER, CC_MK_GAUGE, CC_MK_HISTOGRAM };

struct cc_metric_row {
    const char *name;
    enum cc_metric_kind kind;
    const char *labels, *help;
};
extern const struct cc_metric_row cc_metric_rows[CC_M_COUNT];
extern const double cc_metric_buckets[CC_METRIC_BUCKETS];

struct cc_metric_key {
    char label[CC_METRIC_LABELS][CC_METRIC_LABEL];
};

struct cc_metric_series {
    uint32_t which;
    struct cc_metric_key key;
    _Atomic double value;                         /* of a histogram: the sum */
    _Atomic double bucket[CC_METRIC_BUCKETS + 1]; /* not cumulated; the last is +Inf */
};

struct cc_metric_slot {
    _Atomic unsigned n;
    uint16_t index[CC_METRIC_INDEX]; /* place in series, plus one; the owner's */
    struct cc_metric_series series[CC_METRIC_SERIES + CC_M_COUNT]; /* the rest are "other" */
};

struct cc_metric_region {
    struct cc_metric_slot *slot;
    int n;
};
extern struct cc_metric_region cc_metric_region;

#endif
