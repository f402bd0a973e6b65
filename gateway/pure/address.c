#include "gateway/pure/address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/hash.h"

static const struct {
    uint32_t net;
    int bits;
} private_nets[] = {
    {0x7f000000, 8}, {0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}, {0xa9fe0000, 16}};

static bool private4(const uint8_t *b)
{
    uint32_t ip = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];

    for (size_t i = 0; i < sizeof private_nets / sizeof private_nets[0]; i++)
        if ((ip ^ private_nets[i].net) >> (32 - private_nets[i].bits) == 0)
            return true;
    return false;
}

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
static const uint8_t loopback[16] = {[15] = 1};

char *cc_address_name(const char *address, char out[CC_ADDRESS_NAME])
{
    uint8_t b[16];

    snprintf(out, CC_ADDRESS_NAME, "none");
    if (inet_pton(AF_INET, address, b) == 1)
        snprintf(out, CC_ADDRESS_NAME, "%s", address);
    else if (inet_pton(AF_INET6, address, b) == 1 && memcmp(b, mapped, 12) == 0)
        snprintf(out, CC_ADDRESS_NAME, "%d.%d.%d.%d", b[12], b[13], b[14], b[15]);
    else if (inet_pton(AF_INET6, address, b) == 1)
        cc_hex(b, 8, out);
    return out;
}

bool cc_address_private(const char *address)
{
    uint8_t b[16];

    if (inet_pton(AF_INET, address, b) == 1)
        return private4(b);
    if (inet_pton(AF_INET6, address, b) != 1)
        return false;
    if (memcmp(b, mapped, 12) == 0)
        return private4(b + 12);
    return memcmp(b, loopback, 16) == 0 || (b[0] & 0xfe) == 0xfc ||
           (b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
}
