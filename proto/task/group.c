#include "proto/task/group.h"

#include <string.h>

#include "proto/task/inside.h"

void cc_group_init(struct cc_group *group)
{
    *group = (struct cc_group){0};
}

void cc_group_cancel(struct cc_group *group)
{
    for (int i = 0; i < group->n; i++)
        cc_task_cancel(group->child[i].task);
}

static void child_main(void *arg)
{
    struct cc_child *child = arg;
    struct cc_group *group = child->group;
    int rc = child->fn(child->arg);

    if (rc && group->rc == 0) {
        group->rc = rc;
        memccpy(group->why, cc_fail_text(), '\0', sizeof(group->why));
        cc_group_cancel(group);
    }
    if (--group->running == 0)
        cc_wait_done(&group->idle);
}

int cc_group_add(struct cc_group *group, const char *name, int (*fn)(void *arg), void *arg)
{
    if (group->n == CC_GROUP_MAX)
        return cc_fail(CC_E_BUSY, "%s: a group holds %d tasks", name, CC_GROUP_MAX);

    struct cc_child *child = &group->child[group->n++];
    *child = (struct cc_child){.group = group, .fn = fn, .arg = arg};
    group->running++;
    group->idle.done = false;
    int rc = cc_task_spawn(name, child_main, child, &child->task);
    if (rc) {
        group->running--;
        group->n--;
        return rc;
    }
    cc_task_inherit_deadline(child->task);
    if (group->rc) /* one has failed already: this one is told at its first wait */
        cc_task_cancel(child->task);
    return 0;
}

int cc_group_join(struct cc_group *group)
{
    int rc = group->running ? cc_wait_for(&group->idle, CC_NEVER) : 0;

    if (rc == 0)
        return group->rc ? cc_fail(group->rc, "%s", group->why) : 0;
    /* we are cancelled or late: they stop first, then we */
    cc_group_cancel(group);
    bool was = cc_task_mask(true);
    while (group->running > 0)
        cc_wait_for(&group->idle, CC_NEVER);
    cc_task_mask(was);
    return rc;
}
