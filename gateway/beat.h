/*
 * beat.h - do notices of changes still come here?
 *
 * Once a second this process says a word to itself through the live Redis, on the connection that
 * its notices come in on.  While it hears that, it has heard all notices said before, too.
 */
#ifndef CC_GATEWAY_BEAT_H
#define CC_GATEWAY_BEAT_H

#include <stdbool.h>
#include <stdint.h>

int cc_beat_open(int worker);
void cc_beat_close(void);

/* Has anything that was said until two seconds ago been heard? */
bool cc_beat_heard(void);

/* May what was read at this moment (cc_now()) still be believed?  While the beat is heard without a
 * break since then; else for three seconds. */
bool cc_beat_trusts(int64_t read_ms);

#endif
