/*
 * notices.h - says to all gateways and workers that what they keep of something is old.
 */
#ifndef CC_GATEWAY_NOTICES_H
#define CC_GATEWAY_NOTICES_H

/* Waits.  kind: "key" (which: its hash), "bot", "tenant", "login".  A failure is logged only: who
 * misses a notice learns it when the time is over that he keeps things for. */
void cc_notice_send(const char *kind, const char *which);

#endif
