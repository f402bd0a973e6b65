#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/config.h"
#include "proto/run/run.h"

#define START_FIELD 22 /* of /proc/self/stat (proc(5)): start time in clock ticks since boot */

/* The process's name in field 2 may hold spaces: fields are counted from behind its ')'. */
static unsigned long long start_time(void)
{
    char line[1024];
    FILE *f = fopen("/proc/self/stat", "re");
    size_t n = f ? fread(line, 1, sizeof line - 1, f) : 0;

    if (f)
        fclose(f);
    line[n] = '\0';
    const char *p = strrchr(line, ')');
    for (int field = 2; p && field < START_FIELD; field++)
        p = strchr(p + 1, ' ');
    return p ? strtoull(p + 1, NULL, 10) : 0;
}

/* Not cached over a fork(): each process has its own name. */
const char *cc_run_instance(void)
{
    static char name[128];
    static pid_t named;
    char host[65] = "";

    if (cc_cfg(CC_CFG_INSTANCE)[0])
        return cc_cfg(CC_CFG_INSTANCE);
    if (named == getpid())
        return name;
    if (gethostname(host, sizeof host - 1) || !host[0])
        snprintf(host, sizeof host, "host");
    named = getpid();
    snprintf(name, sizeof name, "%s-%ld-%llu", host, (long)named, start_time());
    return name;
}
