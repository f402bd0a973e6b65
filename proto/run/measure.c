#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "proto/base/metrics.h"
#include "proto/run/run.h"
#include "proto/task/task.h"

static double resident_bytes(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");

    if (!f || fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    if (!dir)
        return 0;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n - 3; /* ".", ".." and the one we read with */
}

static double cpu_seconds(void)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

void cc_run_measure(void)
{
    static double counted;
    double cpu = cpu_seconds();

    cc_metric_set(CC_M_TASKS, NULL, cc_task_live());
    cc_metric_set(CC_M_MEMORY, NULL, resident_bytes());
    cc_metric_set(CC_M_FILES, NULL, open_files());
    cc_metric_add(CC_M_CPU, NULL, cpu - counted);
    counted = cpu;
}
