/*
 * address.h - what an IP address tells about who is there.
 */
#ifndef CC_GATEWAY_PURE_ADDRESS_H
#define CC_GATEWAY_PURE_ADDRESS_H

#include <stdbool.h>

#define CC_ADDRESS_NAME 40

/*
 * What requests of one household have in common: the whole IPv4 address, the first 64 bits
 * of an IPv6 address.  Letters, digits and dots only.
 */
char *cc_address_name(const char *address, char out[CC_ADDRESS_NAME]);

/* Loopback, RFC 1918, RFC 4193, link-local: our own network. */
bool cc_address_private(const char *address);

#endif
