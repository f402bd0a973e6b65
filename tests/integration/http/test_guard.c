/*
 * The guard through libcurl: whatever form of a host a tenant writes, only public addresses are
 * connected to.  The last tests need a network of their own, where a public address is ours.
 */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <net/if.h>
#include <netdb.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "proto/http/http.h"
#include "tests/integration/http/server.h"

static struct server server;
static struct cc_http *http;
static char url_text[256];
static bool any_port = true; /* ours is none of a web server's */

static int ask(const char *host, const char *path, bool trusted)
{
    const int ports[] = {server.port, 0};
    struct cc_http_req req = {
        .url = url_text, .trusted = trusted, .redirects = 3, .ports = any_port ? ports : NULL};
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_http_answer answer;

    snprintf(url_text, sizeof url_text, "http://%s:%d%s", host, server.port, path);
    int rc = cc_http_fetch(http, &req, 1000, mem, &answer);
    if (rc == 0)
        rc = answer.status;
    cc_arena_free(&mem);
    return rc;
}

static void begin(void)
{
    server = server_start();
    cc_loop_init(NULL);
    cr_assert_eq(cc_http_open(NULL, &http), 0);
}

static void end(void)
{
    cc_http_close(&http);
    cc_loop_done();
    server_stop(&server);
}

Test(http_guard, refuses_every_spelling_of_an_inner_address, .init = begin, .fini = end)
{
    static const char *const hosts[] = {
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "127.0.0.1.",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:0001]",
        "localhost.",
        "x@127.0.0.1",
        "[::ffff:0:127.0.0.1]",
        "%31%32%37.0.0.1",
    };
    int before = atomic_load(&server.shared->accepts);

    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        int rc = ask(hosts[i], "/hello", false);
        cr_expect(rc == CC_E_FORBIDDEN || rc == CC_E_INVALID || rc == CC_E_UPSTREAM, "%s gave %d",
                  hosts[i], rc);
        if (i < 12)
            cr_expect_eq(rc, CC_E_FORBIDDEN, "%s gave %s", hosts[i], cc_error_name(rc));
    }
    cr_expect_eq(atomic_load(&server.shared->accepts), before, "nobody may have got through");
}

Test(http_guard, lets_the_operators_own_url_pass, .init = begin, .fini = end)
{
    cr_expect_eq(ask("127.0.0.1", "/hello", true), 200);
    cr_expect_eq(ask("[::1]", "/hello", true), 200);
}

Test(http_guard, stands_before_idle_connections_of_trusted_requests, .init = begin, .fini = end)
{
    cr_assert_eq(ask("127.0.0.1", "/hello", true), 200);

    cr_expect_eq(ask("127.0.0.1", "/hello", false), CC_E_FORBIDDEN);
}

/* ---- in a network where 93.184.216.34 is this machine ---- */

static bool own_address(const char *interface, const char *address)
{
    struct ifreq r = {0};
    struct sockaddr_in in = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", interface);
    inet_pton(AF_INET, address, &in.sin_addr);
    memcpy(&r.ifr_addr, &in, sizeof in);
    bool ok = ioctl(fd, SIOCSIFADDR, &r) == 0;
    r.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
    ok = ok && ioctl(fd, SIOCSIFFLAGS, &r) == 0;
    close(fd);
    return ok;
}

static void begin_public(void)
{
    if ((unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) ||
        !own_address("lo", "127.0.0.1") || !own_address("lo:1", "93.184.216.34"))
        cr_skip_test("no network namespace to be had here");
    begin();
}

Test(http_guard, lets_public_addresses_pass, .init = begin_public, .fini = end)
{
    cr_expect_eq(ask("93.184.216.34", "/hello", false), 200);
    cr_expect_eq(ask("[::ffff:93.184.216.34]", "/hello", false), 200);
    cr_expect_eq(ask("1572395042", "/hello", false), 200, "the same in decimal");
}

Test(http_guard, refuses_a_redirect_from_outside_to_inside, .init = begin_public, .fini = end)
{
    char path[128];

    snprintf(path, sizeof path, "/redirect?to=http://127.0.0.1:%d/hello", server.port);
    cr_expect_eq(ask("93.184.216.34", path, false), CC_E_FORBIDDEN);
    snprintf(path, sizeof path, "/redirect?to=http://93.184.216.34:%d/hello", server.port);
    cr_expect_eq(ask("93.184.216.34", path, false), 200);
}

Test(http_guard, asks_no_proxy_of_the_environment, .init = begin_public, .fini = end)
{
    char proxy[64];

    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server.port);
    setenv("http_proxy", proxy, 1);
    setenv("ALL_PROXY", proxy, 1);

    cr_expect_eq(ask("93.184.216.34", "/hello", false), 200);
    cr_expect_eq(ask("10.1.2.3", "/hello", false), CC_E_FORBIDDEN);
}

Test(http_guard, lets_only_ports_of_web_servers_pass, .init = begin_public, .fini = end)
{
    char path[128];
    int before;

    any_port = false;
    before = atomic_load(&server.shared->accepts);
    cr_expect_eq(ask("93.184.216.34", "/hello", false), CC_E_FORBIDDEN);
    cr_expect_eq(atomic_load(&server.shared->accepts), before);
    any_port = true;
    snprintf(path, sizeof path, "/redirect?to=http://93.184.216.34:%d/hello", server.port + 1);
    cr_expect_eq(ask("93.184.216.34", path, false), CC_E_FORBIDDEN, "a redirect's port counts");
    cr_assert_eq(ask("93.184.216.34", "/hello", true), 200);
    any_port = false;
    cr_expect_eq(ask("93.184.216.34", "/hello", false), CC_E_FORBIDDEN, "an idle connection's too");
    any_port = true;
}

Test(http_guard, refuses_a_name_or_password_in_a_url, .init = begin_public, .fini = end)
{
    cr_expect_eq(ask("root@93.184.216.34", "/hello", false), CC_E_INVALID);
    cr_expect_eq(ask("root:secret@93.184.216.34", "/hello", false), CC_E_INVALID);
    cr_expect_eq(ask(":secret@93.184.216.34", "/hello", false), CC_E_INVALID);
    cr_expect_eq(ask("93.184.216.34", "/hello?x=root:secret@b", false), 200);
}

Test(http_guard, follows_no_chain_of_redirects_to_the_inside, .init = begin_public, .fini = end)
{
    static const char *const inside[] = {
        "http://127.0.0.1:",       "http://[::1]:",      "http://localhost:",
        "http://[::ffff:7f00:1]:", "http://2130706433:", "file:///etc/hostname?",
        "gopher://127.0.0.1:",     "//127.0.0.1:",
    };
    struct server canary = server_start();
    char last[200], middle[300], path[400];

    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        snprintf(last, sizeof last, "%s%d/x", inside[i], canary.port);
        snprintf(middle, sizeof middle, "http://93.184.216.34:%d/redirect?to=%s", server.port,
                 last);
        snprintf(path, sizeof path, "/redirect?to=%s", middle);
        int rc = ask("93.184.216.34", path, false);
        cr_expect(rc == CC_E_FORBIDDEN || rc == CC_E_UPSTREAM || rc == CC_E_INVALID, "%s gave %d",
                  last, rc);
    }
    cr_expect_eq(atomic_load(&canary.shared->accepts), 0);
    server_stop(&canary);
}

/* A name that is outside when somebody checks it, and inside when somebody connects. */
static atomic_int lookups;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!node || strcmp(node, "rebinds.test") != 0)
        return real(node, service, hints, ret);
    bool odd = atomic_fetch_add(&lookups, 1) % 2;
    return real(odd ? "127.0.0.1" : "93.184.216.34", service, hints, ret);
}

Test(http_guard, looks_at_the_address_it_connects_to, .init = begin_public, .fini = end)
{
    for (int i = 0; i < 6; i++) {
        int before = atomic_load(&server.shared->accepts);
        bool inside = atomic_load(&lookups) % 2;
        int rc = ask("rebinds.test", "/hello", false);

        cr_expect_eq(rc, inside ? CC_E_FORBIDDEN : 200, "look-up %d: %s", i, cc_fail_text());
        cr_expect_eq(atomic_load(&server.shared->accepts), inside ? before : before + 1);
        cc_http_close(&http); /* and with it what it remembers of names */
        cr_assert_eq(cc_http_open(NULL, &http), 0);
    }
    cr_expect_eq(atomic_load(&lookups), 6);
}
