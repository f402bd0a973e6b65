/*
 * cc-ingest - takes documents in.  Options and settings: cc-ingest --help, --config.
 */
#include "ingest/ingest.h"

static struct cc_ingest ingest;

static int start(struct cc_run *run)
{
    return cc_ingest_start(&ingest, run);
}

static void drain(struct cc_run *run)
{
    (void)run;
    cc_ingest_drain(&ingest);
}

int main(int argc, char **argv)
{
    static const struct cc_program program = {"ingest", start, drain};

    return cc_run_main(argc, argv, &program);
}
