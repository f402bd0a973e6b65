/*
 * question.h - when two questions are the same but for how they were typed.
 */
#ifndef CC_VEC_QUESTION_H
#define CC_VEC_QUESTION_H

#include "proto/base/arena.h"

/*
 * Case-folded (NFKC), one blank between words, no mark at either end: "¿Qué  HORA es?" and "qué
 * hora es" are one.  Worker and tools must call this same function.  INVALID when it is no UTF-8.
 */
int cc_question_normal(const char *question, struct cc_arena *mem, const char **ret);

#endif
