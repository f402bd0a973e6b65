#include <criterion/criterion.h>

#include "gateway/pure/address.h"

Test(address, is_named_by_what_a_household_shares)
{
    char out[CC_ADDRESS_NAME];

    cr_expect_str_eq(cc_address_name("192.0.2.7", out), "192.0.2.7");
    cr_expect_str_eq(cc_address_name("::ffff:192.0.2.7", out), "192.0.2.7");
    cr_expect_str_eq(cc_address_name("2001:db8:1:2:3:4:5:6", out), "20010db800010002");
    cr_expect_str_eq(cc_address_name("2001:db8:1:2:ffff::1", out), "20010db800010002");
    cr_expect_str_eq(cc_address_name("nonsense", out), "none");
}

Test(address, is_our_own_network_or_not)
{
    static const struct {
        const char *address;
        bool own;
    } table[] = {
        {"127.0.0.1", true},
        {"127.9.9.9", true},
        {"10.1.2.3", true},
        {"172.16.0.1", true},
        {"172.31.255.1", true},
        {"172.32.0.1", false},
        {"192.168.1.1", true},
        {"192.169.1.1", false},
        {"169.254.1.1", true},
        {"8.8.8.8", false},
        {"::1", true},
        {"::", false},
        {"fc00::1", true},
        {"fd12::1", true},
        {"fe80::1", true},
        {"2001:db8::1", false},
        {"::ffff:10.0.0.1", true},
        {"::ffff:8.8.8.8", false},
        {"", false},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        cr_expect_eq(cc_address_private(table[i].address), table[i].own, "%s", table[i].address);
}
