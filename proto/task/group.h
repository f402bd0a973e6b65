/*
 * group.h - several things at once, all over when cc_group_join() returns.
 *
 * Children may use what lies on the parent's stack: they never outlive the join.  They
 * inherit the parent's deadline.
 */
#ifndef CC_TASK_GROUP_H
#define CC_TASK_GROUP_H

#include "proto/task/task.h"

#define CC_GROUP_MAX 16

struct cc_group {
    struct cc_wait idle;
    int running, n, rc;
    char why[CC_FAIL_TEXT]; /* the words of the child whose code rc is */
    struct cc_child {
        struct cc_group *group;
        struct cc_task_ref task;
        int (*fn)(void *arg);
        void *arg;
    } child[CC_GROUP_MAX];
};
void cc_group_init(struct cc_group *group);
int cc_group_add(struct cc_group *group, const char *name, int (*fn)(void *arg), void *arg);
void cc_group_cancel(struct cc_group *group); /* all children; join still has to be called */

/*
 * Waits.  The first failure, or our own cancellation, cancels the others; returns that code,
 * with the words its child gave to cc_fail().
 */
int cc_group_join(struct cc_group *group);

#endif
