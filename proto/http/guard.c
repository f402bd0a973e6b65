#include "proto/http/guard.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

/*
 * https://www.iana.org/assignments/iana-ipv4-special-registry: every block that is not globally
 * reachable, and multicast.  192.0.0.0/24 and 192.88.99.0/24 are refused whole: their few reachable
 * addresses are of no service to a tenant.
 */
struct block4 {
    uint32_t net;
    int bits;
};
static const struct block4 refused4[] = {
    {0x00000000, 8},  /* 0.0.0.0/8        this host, this network */
    {0x0a000000, 8},  /* 10.0.0.0/8       private */
    {0x64400000, 10}, /* 100.64.0.0/10    shared, of carriers */
    {0x7f000000, 8},  /* 127.0.0.0/8      loopback */
    {0xa9fe0000, 16}, /* 169.254.0.0/16   link-local; metadata services of clouds */
    {0xac100000, 12}, /* 172.16.0.0/12    private */
    {0xc0000000, 24}, /* 192.0.0.0/24     protocol assignments */
    {0xc0000200, 24}, /* 192.0.2.0/24     documentation */
    {0xc0586300, 24}, /* 192.88.99.0/24   6to4 relays, ended */
    {0xc0a80000, 16}, /* 192.168.0.0/16   private */
    {0xc6120000, 15}, /* 198.18.0.0/15    benchmarks */
    {0xc6336400, 24}, /* 198.51.100.0/24  documentation */
    {0xcb007100, 24}, /* 203.0.113.0/24   documentation */
    {0xe0000000, 4},  /* 224.0.0.0/4      multicast */
    {0xf0000000, 4},  /* 240.0.0.0/4      reserved, and broadcast */
};

/*
 * https://www.iana.org/assignments/iana-ipv6-special-registry.  First match wins.  Only 2000::/3 is
 * handed out as global unicast, so what no row names is refused: loopback, unspecified, unique
 * local, link- and site-local, multicast, IPv4-compatible, discard, segment routing.
 */
enum verdict6 { REFUSED, ALLOWED, AS_IPV4 };
struct block6 {
    uint8_t net[16];
    int bits;
    enum verdict6 verdict;
    int at; /* AS_IPV4: byte where the IPv4 address lies */
};
static const struct block6 table6[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, AS_IPV4, 12}, /* ::ffff:0:0/96  mapped */
    {{0x00, 0x64, 0xff, 0x9b}, 96, AS_IPV4, 12},                   /* 64:ff9b::/96   NAT64 */
    {{0x20, 0x02}, 16, AS_IPV4, 2},                                /* 2002::/16      6to4 */
    {{0x20, 0x01, 0x00}, 23, REFUSED, 0},       /* 2001::/23      Teredo, ORCHID ... */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, REFUSED, 0}, /* 2001:db8::/32  documentation */
    {{0x3f, 0xff, 0x00}, 20, REFUSED, 0},       /* 3fff::/20      documentation */
    {{0x20}, 3, ALLOWED, 0},                    /* 2000::/3       global unicast */
};

static bool allows4(uint32_t address)
{
    for (size_t i = 0; i < sizeof refused4 / sizeof *refused4; i++)
        if (((address ^ refused4[i].net) >> (32 - refused4[i].bits)) == 0)
            return false;
    return true;
}

static bool begins_with(const uint8_t *address, const uint8_t *net, int bits)
{
    size_t whole = (size_t)bits / 8;

    if (memcmp(address, net, whole) != 0)
        return false;
    return bits % 8 == 0 || ((address[whole] ^ net[whole]) >> (8 - bits % 8)) == 0;
}

static uint32_t read32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool allows6(const uint8_t address[16])
{
    for (size_t i = 0; i < sizeof table6 / sizeof *table6; i++) {
        const struct block6 *b = &table6[i];

        if (begins_with(address, b->net, b->bits))
            return b->verdict == AS_IPV4 ? allows4(read32(address + b->at)) : b->verdict == ALLOWED;
    }
    return false;
}

bool cc_guard_allows(const struct sockaddr *address)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    switch (address->sa_family) {
    case AF_INET: memcpy(&in, address, sizeof in); return allows4(ntohl(in.sin_addr.s_addr));
    case AF_INET6: memcpy(&in6, address, sizeof in6); return allows6(in6.sin6_addr.s6_addr);
    default: return false;
    }
}

bool cc_guard_port(const int *ports, int port)
{
    static const int web[] = {80, 443, 8080, 8443, 0};

    for (const int *p = ports ? ports : web; *p; p++)
        if (*p == port)
            return true;
    return false;
}
