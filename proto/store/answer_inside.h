/*
 * answer_inside.h - the fence of an answer, for whatever may only be done by the attempt that holds
 * it.  For proto/store alone.
 */
#ifndef CC_STORE_ANSWER_INSIDE_H
#define CC_STORE_ANSWER_INSIDE_H

/* $1 tenant, $2 answer, $3 attempt */
#define CC_ANSWER_MINE " WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND state = 'running'"

#endif
