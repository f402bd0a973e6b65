/* inside.h - between the files of proto/run only. */
#ifndef CC_RUN_INSIDE_H
#define CC_RUN_INSIDE_H

#include "proto/run/run.h"

/* True when there was an option: it has been served, and the process ends with *ret_exit. */
bool cc_run_options(int argc, char **argv, const struct cc_program *program, int *ret_exit);

/* Waits until each store has answered, at most until deadline_ms; words say which did not. */
int cc_run_open_stores(struct cc_run *run, int64_t deadline_ms);
void cc_run_close_stores(struct cc_run *run);

#endif
