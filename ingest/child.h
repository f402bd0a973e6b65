/*
 * child.h - a program as a child: bytes in, bytes out, and nothing left of it afterwards.
 *
 * The input is a sealed memory file, so that nothing has to be fed while it reads.  The child leads
 * a session of its own and gets three descriptors and a bare environment, no key of ours.
 */
#ifndef CC_INGEST_CHILD_H
#define CC_INGEST_CHILD_H

#include <stddef.h>

#include "proto/base/buf.h"
#include "proto/task/task.h"

struct cc_child {
    int pid, pidfd, out;
    struct cc_fdwait ready;
};

/* argv[0] is a path.  INTERNAL. */
int cc_child_start(const char *const *argv, const void *bytes, size_t len, struct cc_child *ret);

/* Waits for the next bytes.  NOTFOUND: there are no more; LIMIT: more than out holds; TIMEOUT,
 * CANCELLED. */
int cc_child_read(struct cc_child *child, int64_t deadline_ms, struct cc_buf *out);

/*
 * Waits a moment, cancelled or not, for a child that has closed its output, and kills what is left
 * of its session; at once when it is to be killed.  Returns its status as waitpid() does.
 */
int cc_child_end(struct cc_child *child, bool kill_now);

#endif
