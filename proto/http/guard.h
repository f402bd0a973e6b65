/*
 * guard.h - where a tenant's URL may lead to: public addresses, ports of web servers.
 *
 * Refused: loopback, private, link-local, shared (100.64/10), multicast, reserved, unspecified,
 * documentation ranges, and IPv6 forms that carry such an IPv4 address (mapped, compatible, 6to4,
 * Teredo, NAT64). Source: IANA special-purpose address registries.
 */
#ifndef CC_HTTP_GUARD_H
#define CC_HTTP_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

bool cc_guard_allows(const struct sockaddr *address);

/* ports up to a 0; NULL: those of web servers, 80, 443, 8080 and 8443. */
bool cc_guard_port(const int *ports, int port);

#endif
