/*
 * net.h - plain sockets on tasks, for the programs that load a stack or stand in for a model.
 * Loopback only.  Calls wait; they return a negative code when the other side is gone.
 */
#ifndef CC_LOAD_NET_H
#define CC_LOAD_NET_H

#include <stddef.h>
#include <stdint.h>

#include "proto/task/task.h"

int net_listen(int port);                            /* the socket, or -1 */
int net_accept(struct cc_fdwait *listener);          /* Waits.  The socket, not blocking */
int net_connect(int port, int64_t deadline_ms);      /* Waits.  The socket, or a negative code */
int net_send(int fd, const char *bytes, size_t len); /* Waits until all is out. */
/* Waits for something; 0 is the end. */
int64_t net_recv(struct cc_fdwait *f, char *bytes, size_t room, int64_t deadline_ms);
void net_many_files(void); /* raises the limit on descriptors as far as it goes */
uint64_t net_ns(void);     /* CLOCK_MONOTONIC, shared by both programs on one machine */

#endif
