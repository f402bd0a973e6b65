/*
 * process.c - what Kore calls in the life of the gateway: configure, sandbox, start, drain.
 *
 * The names are Kore's; it finds them in the program itself.
 */
#include <kore/kore.h>

#include <kore/hooks.h>
#include <kore/http.h>
#include <kore/seccomp.h>

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/auth.h"
#include "gateway/gateway.h"
#include "gateway/inside.h"
#include "gateway/pure/files.h"
#include "gateway/routes.h"
#include "proto/base/config.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/run/run.h"
#include "proto/store/prices.h"

#define THREAD_FLAGS                                                                               \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD |            \
     CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

#define SPARE_FDS 700 /* beside connections: stores, log, listeners, what Kore opens */

u_int8_t asset_builtin_kore_conf[4096];
u_int32_t asset_len_builtin_kore_conf;

static pid_t parent;

/* ---- options ---- */

static int print_config(void)
{
    int rc = cc_config_load();

    if (rc != 0)
        fprintf(stderr, "cc-gateway: %s\n", cc_fail_text());
    else
        cc_config_print(stdout);
    return rc ? 1 : 0;
}

static int print_version(void)
{
    puts("cc-gateway " CC_VERSION);
    return 0;
}

/* What docs/openapi.yaml and the test of isolation are held against. */
static int print_routes(void)
{
    json_t *list = cc_routes_tell();
    int rc = json_dumpf(list, stdout, JSON_INDENT(2));

    json_decref(list);
    putchar('\n');
    return rc ? 1 : 0;
}

static int print_help(void)
{
    puts("cc-gateway [--config | --routes | --version | --help]\n"
         "Settings are environment variables; --config lists them.");
    return 0;
}

static const struct {
    const char *name;
    int (*fn)(void);
} options[] = {{"--config", print_config},
               {"--routes", print_routes},
               {"--version", print_version},
               {"--help", print_help}};

static void read_options(int argc, char **argv)
{
    if (argc < 2)
        return;
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (strcmp(argv[1], options[i].name) == 0)
            exit(options[i].fn());
    print_help();
    exit(2);
}

/* ---- the parent ---- */

static void die(const char *what)
{
    fprintf(stderr, "cc-gateway: %s: %s\n", what, cc_fail_text());
    exit(1);
}

/* As many connections as were asked for and the system gives descriptors for. */
static int64_t connections_most(void)
{
    int64_t wanted = cc_cfg_int(CC_CFG_GATEWAY_CONNECTIONS);
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 256;
    if (geteuid() != 0 && limit.rlim_max != RLIM_INFINITY &&
        (int64_t)limit.rlim_max < wanted + SPARE_FDS)
        wanted = (int64_t)limit.rlim_max - SPARE_FDS;
    wanted = wanted < 64 ? 64 : wanted;
    /* Kore's workers look at every descriptor up to the limit when they start. */
    limit.rlim_cur = (rlim_t)(wanted + SPARE_FDS);
    if (limit.rlim_max < limit.rlim_cur)
        limit.rlim_max = limit.rlim_cur;
    setrlimit(RLIMIT_NOFILE, &limit);
    return wanted;
}

/* Kore's configuration is a text; what goes in must not end its line. */
static const char *bind_address(void)
{
    const char *address = cc_cfg(CC_CFG_GATEWAY_BIND);

    if (address[strspn(address, "0123456789abcdefABCDEF.:")] != '\0' || !*address) {
        cc_fail(CC_E_INVALID, "CC_GATEWAY_BIND: a numeric address is wanted");
        die("configuration");
    }
    return address;
}

static void write_kore_conf(void)
{
    int64_t most = connections_most();
    int n = snprintf((char *)asset_builtin_kore_conf, sizeof asset_builtin_kore_conf,
                     "server main {\n\tbind %s %d\n\ttls no\n}\n"
                     "workers %d\n"
                     "worker_max_connections %lld\n"
                     "worker_rlimit_nofiles %lld\n"
                     "worker_accept_threshold 1\n"
                     "worker_set_affinity 0\n"
                     "socket_backlog 4096\n"
                     "http_request_ms 1000\n"
                     "http_request_limit %lld\n"
                     "http_header_max 16384\n"
                     "http_header_timeout 10\n"
                     "http_body_max %zu\n"
                     "http_body_timeout 120\n"
                     "http_keepalive_time 10\n"
                     "http_hsts_enable 0\n"
                     "http_server_version chatconnect\n"
                     "domain * {\n\tattach main\n\troute ^/.*$ cc_dispatch\n}\n",
                     bind_address(), (int)cc_cfg_int(CC_CFG_GATEWAY_PORT),
                     (int)cc_cfg_int(CC_CFG_GATEWAY_WORKERS), (long long)most,
                     (long long)most + SPARE_FDS / 2, (long long)most, cc_routes_largest_body());

    asset_len_builtin_kore_conf = (u_int32_t)n;
}

void kore_parent_configure(int argc, char **argv)
{
    read_options(argc, argv);
    if (cc_config_load() != 0)
        die("configuration");
    cc_log_open("gateway", cc_cfg(CC_CFG_LOG_LEVEL));
    if (cc_auth_open() != 0)
        die("CC_TOKEN_KEYS");
    if (cc_prices_open() != 0)
        die("prices");
    setvbuf(stdout, NULL, _IOLBF, 0); /* else fork() doubles what is buffered */
    kore_foreground = 1;
    kore_quiet = 1;
    kore_pidfile = kore_strdup("");
    skip_chroot = 1; /* the sandbox is the system call filter */
    skip_runas = geteuid() != 0;
    if (!skip_runas)
        kore_runas_user = kore_strdup("nobody");
    parent = getpid();
    if (cc_metrics_open((int)cc_cfg_int(CC_CFG_GATEWAY_WORKERS)) != 0)
        die("metrics");
    cc_files_load(cc_cfg(CC_CFG_STATIC_DIR));
    http_on_headers = cc_rq_glance;
    http_on_error = cc_rq_kore_error;
    write_kore_conf();
    cc_log(CC_INFO, "gateway_start", cc_s("bind", cc_cfg(CC_CFG_GATEWAY_BIND)),
           cc_i("port", cc_cfg_int(CC_CFG_GATEWAY_PORT)),
           cc_i("workers", cc_cfg_int(CC_CFG_GATEWAY_WORKERS)));
}

/* ---- a worker ---- */

/* Beside Kore's own list: what glibc, libpq, hiredis and our loop need. */
static struct sock_filter filter[] = {
    KORE_SYSCALL_ALLOW(epoll_create1),
    KORE_SYSCALL_ALLOW(newfstatat),
    KORE_SYSCALL_ALLOW(mremap),
    KORE_SYSCALL_ALLOW(connect),
    KORE_SYSCALL_ALLOW(bind),
    KORE_SYSCALL_ALLOW(getsockopt),
    KORE_SYSCALL_ALLOW(getsockname),
    KORE_SYSCALL_ALLOW(getpeername),
    KORE_SYSCALL_ALLOW(sendmsg),
    KORE_SYSCALL_ALLOW(sendmmsg),
    KORE_SYSCALL_ALLOW(recvmsg),
    KORE_SYSCALL_ALLOW_ARG(socket, 0, AF_INET),
    KORE_SYSCALL_ALLOW_ARG(socket, 0, AF_INET6),
    KORE_SYSCALL_ALLOW_ARG(socket, 0, AF_UNIX),
    KORE_SYSCALL_ALLOW_ARG(socket, 0, AF_NETLINK),
    KORE_SYSCALL_ALLOW_ARG(prctl, 0, PR_SET_PDEATHSIG),
    KORE_SYSCALL_ALLOW(getppid),
    KORE_SYSCALL_ALLOW(getegid),
    KORE_SYSCALL_ALLOW(getgid),
    KORE_SYSCALL_ALLOW(uname),
    KORE_SYSCALL_ALLOW(shutdown),
    KORE_SYSCALL_ALLOW(tgkill),
    KORE_SYSCALL_ALLOW(gettid),
    KORE_SYSCALL_ALLOW(getdents64),
    /* The threads for passwords.  Of clone() exactly what pthread_create() asks for, which is no
     * new process; clone3() stays unknown, as its flags cannot be looked at: glibc then does
     * without. */
    KORE_SYSCALL_ALLOW_ARG(clone, 0, THREAD_FLAGS),
    KORE_SYSCALL_ALLOW(eventfd2),
    KORE_SYSCALL_ALLOW(set_robust_list),
    KORE_SYSCALL_ALLOW(rseq),
    KORE_SYSCALL_ALLOW(sched_yield),
    KORE_SYSCALL_ALLOW(setpriority),
};

void kore_seccomp_hook(void)
{
    kore_seccomp_filter("gateway", filter, KORE_FILTER_LEN(filter));
}

/* A worker whose parent was killed would serve for ever. */
static void end_with_parent(void)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        raise(SIGTERM);
}

void kore_worker_configure(void)
{
    int rc;

    end_with_parent();
    cc_metrics_slot(worker->id - 1);
    rc = cc_gateway_open(worker->id);
    if (rc != 0)
        fatalx("cannot open the gateway: %s", cc_fail_text());
}

void kore_worker_teardown(void)
{
    cc_gateway_drain();
}

void kore_parent_teardown(void)
{
    cc_files_free();
    cc_metrics_close();
    cc_log(CC_INFO, "gateway_end");
}
