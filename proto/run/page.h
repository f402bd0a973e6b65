/*
 * page.h - a process's own page for its operator: GET /metrics and /health/live, on loopback.
 *
 * Not a web server: one request per connection, at most 4 KiB of it, 2 s for everything, and no
 * more than 16 connections at once.
 */
#ifndef CC_RUN_PAGE_H
#define CC_RUN_PAGE_H

struct cc_page;

/* port 0: any free one.  DOWN when it cannot be had. */
int cc_page_open(int port, struct cc_page **ret);
int cc_page_port(const struct cc_page *page);
void cc_page_close(struct cc_page **page); /* Waits for its tasks.  NULL is fine; sets NULL */

#endif
