/*
 * piece.h - how o200k_base cuts plain ASCII into pieces: the same as its pattern, in a tenth of the
 * time.
 */
#ifndef CC_INGEST_PIECE_H
#define CC_INGEST_PIECE_H

#include <stddef.h>

/*
 * Length of the piece that s begins with (len > 0); 0: ask the pattern, since the piece begins
 * with, or may go on with, something that is not ASCII, or is a contraction.
 */
size_t cc_piece_ascii(const char *s, size_t len);

#endif
