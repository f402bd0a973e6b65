/*
 * notices.h - says to all gateways and workers that what they keep of something is old.
 */
#ifndef CC_GATEWAY_NOTICES_H
#define CC_GATEWAY_NOTICES_H

/* Waits.  kind: "key" (which: its hash), "bot", "tenant", "login".  This process heeds it at once.
 * A failure is logged, and it is tried again in the background. */
void cc_notice_send(const char *kind, const char *which);

#endif
