/*
 * rates.h - how often in a minute: of a tenant, a key, a bot, a session, an address.
 *
 * The tenant's tier has a limit; the tenant's own limits, the operator's ceiling, the bot's limits
 * and the key's rate can only lower it.  Nothing is counted when one gate is shut.  Counted answers
 * carry RateLimit-Limit and RateLimit-Remaining of the gate that is nearest to its limit, refused
 * ones Retry-After, too.
 */
#ifndef CC_GATEWAY_RATES_H
#define CC_GATEWAY_RATES_H

#include "gateway/request.h"
#include "proto/bus/gate.h"

#define CC_RATES_MINUTE_MS 60000

/*
 * Waits, unless there is nothing to count.  A request that is no question: of the tenant where the
 * route says so, and then of a visitor's address, too, which may have as many of these as
 * questions; and of the key where it has a rate of its own.  RATE, DOWN.
 */
int cc_rates_count(struct cc_rq *rq);

/* Waits.  A question: of the tenant, the key, the bot and the session; a public key's of the
 * client's address, too.  RATE, DOWN. */
int cc_rates_count_chat(struct cc_rq *rq, const char *session);

/* Requests a minute of a tenant of that tier. */
int64_t cc_rates_tier(const char *tier);

/* Waits.  Gates of the caller's own, with the same headers and words. */
int cc_rates_pass(struct cc_rq *rq, const struct cc_gate *gates, int n);

#endif
