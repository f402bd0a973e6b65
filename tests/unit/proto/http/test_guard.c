#include "proto/http/guard.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

struct row {
    const char *address;
    bool allowed;
};

static const struct row rows[] = {
    {"8.8.8.8", true},
    {"93.184.216.34", true},
    {"1.0.0.0", true},
    {"9.255.255.255", true},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.128.0.0", true},
    {"126.255.255.255", true},
    {"128.0.0.0", true},
    {"169.253.255.255", true},
    {"169.255.0.0", true},
    {"172.15.255.255", true},
    {"172.32.0.0", true},
    {"192.0.1.0", true},
    {"192.167.255.255", true},
    {"192.169.0.0", true},
    {"198.17.255.255", true},
    {"198.20.0.0", true},
    {"223.255.255.255", true},
    {"0.0.0.0", false},
    {"0.1.2.3", false},
    {"10.0.0.0", false},
    {"10.255.255.255", false},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"127.0.0.1", false},
    {"127.255.255.255", false},
    {"169.254.169.254", false},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"192.0.0.1", false},
    {"192.0.2.1", false},
    {"192.88.99.1", false},
    {"192.168.1.1", false},
    {"198.18.0.0", false},
    {"198.19.255.255", false},
    {"198.51.100.7", false},
    {"203.0.113.7", false},
    {"224.0.0.1", false},
    {"239.255.255.255", false},
    {"240.0.0.1", false},
    {"255.255.255.255", false},
    /* IPv6 */
    {"2606:4700::1111", true},
    {"2a00:1450:4001::1", true},
    {"2001:200::1", true},
    {"2620:4f:8000::1", true},
    {"3ffe::1", true},
    {"::", false},
    {"::1", false},
    {"fc00::1", false},
    {"fdff::1", false},
    {"fe80::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
    {"100::1", false},
    {"2001:db8::1", false},
    {"2001::1", false},
    {"2001:10::1", false},
    {"2001:20::1", false},
    {"2001:1ff::1", false},
    {"3fff::1", false},
    {"3fff:fff::1", false},
    {"5f00::1", false},
    {"64:ff9b:1::1", false},
    /* IPv4 in IPv6 */
    {"::ffff:8.8.8.8", true},
    {"::ffff:127.0.0.1", false},
    {"::ffff:7f00:1", false},
    {"::ffff:10.0.0.1", false},
    {"::ffff:a9fe:a9fe", false},
    {"::127.0.0.1", false},
    {"::8.8.8.8", false},
    {"64:ff9b::8.8.8.8", true},
    {"64:ff9b::7f00:1", false},
    {"64:ff9b::192.168.0.1", false},
    {"2002:808:808::1", true},
    {"2002:7f00:1::1", false},
    {"2002:c0a8:101::", false},
    {"2002:a9fe:a9fe::", false},
    {"2001:0:808:808::1", false},  /* Teredo */
    {"::ffff:0:127.0.0.1", false}, /* IPv4-translated */
};

static bool allows(const char *text)
{
    struct sockaddr_storage s = {0};
    struct sockaddr_in *in = (struct sockaddr_in *)&s;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&s;

    s.ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
    int ok = inet_pton(s.ss_family, text,
                       s.ss_family == AF_INET ? (void *)&in->sin_addr : (void *)&in6->sin6_addr);
    cr_assert_eq(ok, 1, "%s is no address", text);
    return cc_guard_allows((struct sockaddr *)&s);
}

Test(guard, lets_public_addresses_pass_and_no_others)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(allows(rows[i].address), rows[i].allowed, "%s should be %s", rows[i].address,
                     rows[i].allowed ? "allowed" : "refused");
}

Test(guard, refuses_other_families)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};

    cr_expect_not(cc_guard_allows((struct sockaddr *)&un));
}
