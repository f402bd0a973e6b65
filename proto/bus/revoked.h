/*
 * revoked.h - tokens that were given back before they expired, by their ids (jti).  Calls wait.
 *
 * The live server may forget: that a login is over is in its row (proto/store/login.h), and this
 * only says it sooner.
 */
#ifndef CC_BUS_REVOKED_H
#define CC_BUS_REVOKED_H

#include "proto/bus/redis.h"

int cc_revoked_add(struct cc_redis *live, const char *token_id, int64_t keep_s);
int cc_revoked_has(struct cc_redis *live, const char *token_id, bool *ret);

#endif
