/*
 * log_mask.h - the log's last belt: what looks like a secret does not get out.
 *
 * Masked are pk_... and sk_... keys (also with '-', as model services have them), the token after
 * "Bearer ", and e-mail addresses.  Text longer than CC_LOG_TEXT is cut, invalid UTF-8 replaced.
 */
#ifndef CC_BASE_LOG_MASK_H
#define CC_BASE_LOG_MASK_H

#define CC_LOG_TEXT 2048

/* Returns out. */
char *cc_log_mask(const char *text, char out[CC_LOG_TEXT]);

#endif
