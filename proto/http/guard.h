/*
 * guard.h - which addresses a tenant's URL may lead to: public ones only.
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

#endif
