/*
 * host.h - Kore turns our loop: it watches our epoll descriptor and one timer.
 */
#ifndef CC_GATEWAY_HOST_H
#define CC_GATEWAY_HOST_H

void cc_host_open(void); /* in a Kore worker, before any task */
void cc_host_close(void);

#endif
