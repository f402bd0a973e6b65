/*
 * pacer.h - the pace of embedding services (proto/bus/pace.h) as embedders ask for it.
 *
 *     struct cc_embed_opts opts = {.http = run->http, .pacer = cc_run_pacer(run)};
 */
#ifndef CC_RUN_PACER_H
#define CC_RUN_PACER_H

#include "proto/run/run.h"
#include "proto/vec/embed.h"

/* Good as long as run is.  While the live server is away each process keeps its own pace. */
const struct cc_embed_pacer *cc_run_pacer(struct cc_run *run);

#endif
