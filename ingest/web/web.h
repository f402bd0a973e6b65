/*
 * web.h - documents from the web: sources that are due are visited, page after page.
 *
 *     sweep --> claim --> robots.txt, first page or sitemaps --> pages that wait --> end
 *                              one page: turn of the site > fetch > links found > settle > enqueue
 *
 * A visit is rows behind a fence (proto/store/source.h): killed anywhere, it is gone on with by
 * another process.  One page after another, with a pause between two of one site, or as long as its
 * robots.txt asks for; what robots.txt, <meta name="robots"> or X-Robots-Tag do not want is left.
 *
 * Foreign bytes are looked at here by scanners for URLs alone (url, robots, sitemap, markup,
 * links): small, without a library, fuzzed, and linear in what they read.  Whatever makes text of a
 * page is the parser in the jail.
 */
#ifndef CC_INGEST_WEB_WEB_H
#define CC_INGEST_WEB_WEB_H

/* One of ingest's loops: visits until stopping, a few sources at once.  ingest: struct cc_ingest.
 * Cancelled, it hands its visits back.  Waits. */
void cc_web(void *ingest);

#endif
