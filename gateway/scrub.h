/*
 * scrub.h - what a request brought along (keys, passwords, cookies) does not outlive it in memory.
 *
 * A core file of a gateway must show no credential of a request that is over:
 *   heap      free() and realloc() of this program zero what they release, whoever called them:
 *             our code, jansson, libpq, hiredis, ICU (scrub.c)
 *   Kore      its pools do the same (infra/kore)
 *   tasks     a stack is zeroed when its task ends (cc_task_scrub)
 *   process   the part of its own stack that no call uses (cc_scrub_below)
 */
#ifndef CC_GATEWAY_SCRUB_H
#define CC_GATEWAY_SCRUB_H

/* Zeroes the stack below the caller: after an answer, on Kore's stack. */
void cc_scrub_below(void);

#endif
