/*
 * sandbox.h - what a parser may still do: compute, and write to the pipe it was given.
 *
 * The steps are taken in this order by the child itself, before it looks at a byte of the file.
 * None needs privileges.  Each returns INTERNAL with words, and the child then ends: a parser
 * never runs outside.  Only Landlock may be missing (kernels before 5.13): then the others stand
 * alone, and the parent says so once.
 */
#ifndef CC_INGEST_PARSE_SANDBOX_H
#define CC_INGEST_PARSE_SANDBOX_H

#include <stdbool.h>

#define CC_SANDBOX_MEMORY (512u << 20) /* bytes of address space */
#define CC_SANDBOX_CPU    20           /* seconds */

/* Ends with its parent, closes all but 0 to 2, sets the limits, gives up new privileges. */
int cc_sandbox_limits(void);

/* Landlock: reading below /usr, /lib and the like, executing nothing but program. */
int cc_sandbox_files(const char *program);

bool cc_sandbox_has_landlock(void);

/* seccomp allow-lists; everything else fails with EPERM. */
enum cc_sandbox_calls {
    CC_CALLS_PROGRAM, /* execve once more, read files: for pdftotext, before its exec */
    CC_CALLS_PARSER,  /* memory, the open descriptors, waiting for the program */
};
int cc_sandbox_calls(enum cc_sandbox_calls which);

#endif
