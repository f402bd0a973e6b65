/*
 * readable.h - which part of a web page is its text, and which is the frame around it.
 *
 * In the manner of Arc90's and Mozilla's Readability: prose gives points to what contains it,
 * links take them away, names of classes help.  A page whose prose does not stand in one place
 * (documentation, a form, a list of products) is left whole but for menus and the like; so is a
 * small one, when it shows signs of a site at all.
 */
#ifndef CC_INGEST_PARSE_READABLE_H
#define CC_INGEST_PARSE_READABLE_H

#include "ingest/parse/html_tree.h"

enum cc_readable {
    CC_READABLE_WHOLE,   /* nothing was cut but buttons */
    CC_READABLE_PAGE,    /* menus, footers, banners were */
    CC_READABLE_MAIN,    /* everything but the part that the page calls its main one */
    CC_READABLE_ARTICLE, /* everything but one main text was */
};

/* Sets `cut` on the topmost nodes that are not to be read. */
enum cc_readable cc_readable_cut(struct cc_html_tree *tree, struct cc_arena *mem);

#endif
