#include "ingest/parse/readable_score.h"

#include <string.h>

#include "proto/base/text.h"

#define RUN_LETTERS  20 /* shorter runs of text say nothing */
#define PROSE_RUN    60 /* from here on a run is prose */
#define ANCESTORS    5  /* that get points */
#define PEERS        2  /* parts of a text beside the best one */
#define PEER_SHARE   0.75f
#define MAIN_LETTERS 200  /* an article has more */
#define SITE_SIGNS   6    /* parts that are named after what sites have around their text */
#define SITE_SHARE   0.25 /* of the prose that stands in the main text: of a site's page */
#define OTHER_SHARE  0.8  /* ... of others */
#define LEFT_SHARE   0.35 /* of the prose that the names of classes may not leave less of */
#define LEAST_SHARE  0.08 /* of the letters outside of links that are the main text, at least */

bool cc_readable_is_inline(const struct cc_html_node *node)
{
    enum cc_html_role role = node->tag->role;

    return role == CC_HTML_TEXT || role == CC_HTML_INLINE || role == CC_HTML_IMAGE ||
           role == CC_HTML_BREAK;
}

/* Letters of scripts without blanks between words count as three. */
static void measure_text(struct cc_html_node *node)
{
    for (size_t i = 0, n; i < node->len; i += n) {
        uint32_t cp = cc_utf8_next(node->text + i, node->len - i, &n);

        if (cp <= ' ' || cp == 0xa0)
            continue;
        node->letters += cp >= 0x2e80 && cp < 0xe000 ? 3 : 1;
        node->commas += cp == ',' || cp == 0x060c || cp == 0x3001 || cp == 0xff0c;
    }
}

static void measure_own(struct cc_html_node *node)
{
    enum cc_html_role role = node->tag->role;

    node->letters = node->linked = node->commas = node->paragraphs = node->items = 0;
    node->images = node->blocks = 0;
    if (role == CC_HTML_TEXT)
        measure_text(node);
}

static void add_to_parent(struct cc_html_node *node)
{
    struct cc_html_node *parent = node->parent;
    enum cc_html_role role = node->tag->role;

    parent->letters += node->letters;
    parent->linked += node->hints & CC_HINT_LINK ? node->letters : node->linked;
    parent->commas += node->commas;
    parent->paragraphs += node->paragraphs + (role == CC_HTML_PARAGRAPH);
    parent->items += node->items + (role == CC_HTML_ITEM);
    parent->images += node->images + (role == CC_HTML_IMAGE);
    parent->blocks += node->blocks + !cc_readable_is_inline(node);
}

void cc_readable_measure(struct cc_html_tree *tree)
{
    for (size_t i = 0; i < tree->n; i++)
        measure_own(tree->nodes[i]);
    for (size_t i = tree->n; i-- > 1;)
        if (!tree->nodes[i]->cut)
            add_to_parent(tree->nodes[i]);
}

double cc_readable_density(const struct cc_html_node *node)
{
    return node->letters ? (double)node->linked / node->letters : 0;
}

/* What names of classes are worth. */
static int weight(const struct cc_html_node *node)
{
    return (node->hints & CC_HINT_TEXT ? 25 : 0) -
           (node->hints & (CC_HINT_AROUND | CC_HINT_POOR) ? 25 : 0);
}

static bool may_hold_text(const struct cc_html_node *node)
{
    return node->hints & (CC_HINT_TEXT | CC_HINT_MAIN | CC_HINT_BODY);
}

/* In the main part of a page names are less to be believed than what is said. */
static bool is_prose(const struct cc_html_node *node)
{
    return node->letters >= PROSE_RUN && cc_readable_density(node) < 0.25 && node->commas;
}

/* Before the scoring: what by its name, or by its element, stands around the text. */
static bool is_around(const struct cc_html_node *node, bool gently, uint32_t all)
{
    if (cc_readable_is_inline(node) || node->hints & (CC_HINT_MAIN | CC_HINT_BODY))
        return false;
    if (node->hints & CC_HINT_CONSENT && node->letters < 2000)
        return true;
    if (node->tag->role == CC_HTML_FRAME)
        return strcmp(node->tag->name, "header") ? node->letters < all / 2
                                                 : cc_readable_density(node) > 0.3;
    if (gently || !(node->hints & CC_HINT_AROUND) || may_hold_text(node))
        return false;
    return node->letters < all / 2 && !(node->in_main && is_prose(node));
}

/* ---- points ---- */

struct run {
    uint32_t letters, linked, commas;
};

static void give(struct cc_html_node *node, double points)
{
    for (int level = 0; node && level < ANCESTORS; level++, node = node->parent) {
        if (cc_readable_is_inline(node)) {
            level--;
            continue;
        }
        if (!node->scored) {
            node->scored = true;
            node->score = (float)weight(node);
            if (node->tag->role != CC_HTML_HEADING)
                node->score += (float)node->tag->level;
        }
        node->score += (float)(level == 0   ? points
                               : level == 1 ? points / 2
                                            : points / (3 * level));
    }
}

static void end_run(struct cc_html_node *node, struct run *run)
{
    enum cc_html_role role = node->tag->role;
    bool own = role == CC_HTML_PARAGRAPH || role == CC_HTML_CODE || role == CC_HTML_CELL;
    uint32_t length = run->letters / 80;

    if (run->letters >= RUN_LETTERS && role != CC_HTML_ITEM && role != CC_HTML_HEADING)
        give(own && node->parent ? node->parent : node,
             1 + run->commas + (length < 3 ? length : 3));
    if (run->letters >= PROSE_RUN)
        node->prose += run->letters - run->linked;
    *run = (struct run){0};
}

/* Text between blocks, or between two line breaks, is a paragraph whatever it stands in. */
static void score_runs(struct cc_html_node *node)
{
    struct run run = {0};
    int breaks = 0;

    for (const struct cc_html_node *n = node->first; n; n = n->next) {
        if (n->cut)
            continue;
        breaks = n->tag->role == CC_HTML_BREAK ? breaks + 1 : n->letters ? 0 : breaks;
        if (!cc_readable_is_inline(n) || n->blocks || breaks > 1) {
            end_run(node, &run);
            continue;
        }
        run.letters += n->letters;
        run.linked += n->hints & CC_HINT_LINK ? n->letters : n->linked;
        run.commas += n->commas;
    }
    end_run(node, &run);
}

/* Is this node, or something above it, cut?  Parents come first, so one look up is enough. */
static void spread_cuts(struct cc_html_tree *tree)
{
    for (size_t i = 1; i < tree->n; i++)
        if (tree->nodes[i]->parent->cut)
            tree->nodes[i]->cut = true;
}

static void score_all(struct cc_html_tree *tree)
{
    for (size_t i = 0; i < tree->n; i++) {
        tree->nodes[i]->scored = false;
        tree->nodes[i]->score = 0;
        tree->nodes[i]->prose = 0;
    }
    for (size_t i = 0; i < tree->n; i++)
        if (!tree->nodes[i]->cut &&
            (!cc_readable_is_inline(tree->nodes[i]) || tree->nodes[i]->blocks))
            score_runs(tree->nodes[i]);
}

static struct cc_html_node *find_best(struct cc_html_tree *tree)
{
    struct cc_html_node *best = NULL;

    for (size_t i = 0; i < tree->n; i++) {
        struct cc_html_node *node = tree->nodes[i];

        if (!node->scored)
            continue;
        node->score *= (float)(1 - cc_readable_density(node));
        if (!best || node->score > best->score)
            best = node;
    }
    return best;
}

/* ---- from the best node to the whole text ---- */

static size_t blocks_among_children(const struct cc_html_node *node)
{
    size_t n = 0;

    for (const struct cc_html_node *c = node->first; c; c = c->next)
        n += !c->cut && c->letters > 0;
    return n;
}

/*
 * A text of equal parts, such as questions with their answers: the nearest node above the best
 * one that holds two more which are nearly as good.
 */
static struct cc_html_node *common_ground(struct cc_html_tree *tree, struct cc_html_node *best)
{
    for (size_t i = 0; i < tree->n; i++)
        tree->nodes[i]->votes = 0;
    for (size_t i = 0; i < tree->n; i++)
        if (!tree->nodes[i]->cut && tree->nodes[i]->score >= best->score * PEER_SHARE)
            for (struct cc_html_node *p = tree->nodes[i]; p; p = p->parent)
                p->votes++;
    for (struct cc_html_node *p = best->parent; p && p->parent; p = p->parent)
        if (p->votes >= best->votes + PEERS && !cc_readable_is_inline(p))
            return p;
    return best;
}

/* A text in several parts: the parent has nearly as many points, or more. */
static struct cc_html_node *climb(struct cc_html_node *best)
{
    struct cc_html_node *node = best;
    float last = best->score, least = best->score / 3;

    for (struct cc_html_node *p = best->parent; p && p->parent; p = p->parent) {
        if (!p->scored)
            continue;
        if (p->score < least)
            break;
        if (p->score > last) {
            node = p;
            break;
        }
        last = p->score;
    }
    while (node->parent && node->parent->parent && blocks_among_children(node->parent) == 1)
        node = node->parent;
    return node;
}

static bool joins(const struct cc_html_node *node, float best)
{
    float least = best * 0.2f > 10 ? best * 0.2f : 10;

    if (node->scored && node->score >= least)
        return true;
    return node->tag->role == CC_HTML_PARAGRAPH && node->letters >= 60 &&
           cc_readable_density(node) < 0.25;
}

/* Cuts what is not on the way from the root to main, nor below it. */
static void keep_only(struct cc_html_node *main)
{
    for (struct cc_html_node *n = main; n->parent; n = n->parent)
        for (struct cc_html_node *s = n->parent->first; s; s = s->next)
            if (s != n && !(n == main && joins(s, main->score)))
                s->cut = true;
}

/* ---- within the text ---- */

static bool is_list(const struct cc_html_node *node)
{
    return node->tag->role == CC_HTML_LIST;
}

/* Boxes inside an article: lists of links, galleries, sign-up forms. */
static bool is_box(const struct cc_html_node *node)
{
    int w = weight(node);
    double links = cc_readable_density(node);

    if (w < 0 && !may_hold_text(node) && node->letters < 400)
        return true;
    if (node->commas >= 10)
        return false;
    if (!is_list(node) && node->items > node->paragraphs + 3 && links > 0.3)
        return true;
    if (node->images > 1 && node->paragraphs * 2 < node->images && node->letters < 200)
        return true;
    return w < 25 ? links > 0.4 : links > 0.6;
}

static bool is_container(const struct cc_html_node *node)
{
    switch (node->tag->role) {
    case CC_HTML_BLOCK:
    case CC_HTML_LIST:
    case CC_HTML_TABLE:
    case CC_HTML_FRAME: return true;
    default: return false;
    }
}

/* In a part that the page itself calls its main one, only lists of links are not text. */
static bool is_foreign(const struct cc_html_node *node, bool declared, bool gently)
{
    bool frame = node->tag->role == CC_HTML_FRAME && strcmp(node->tag->name, "header");

    if (declared)
        return (frame || node->hints & CC_HINT_AROUND) && cc_readable_density(node) > 0.5;
    if (frame || (is_container(node) && is_box(node)))
        return true;
    return !gently && node->hints & CC_HINT_AROUND && !may_hold_text(node);
}

static bool is_main(const struct cc_html_node *node)
{
    return node->hints & CC_HINT_MAIN && !(node->hints & CC_HINT_BODY);
}

static void clean(struct cc_html_tree *tree, const struct cc_html_node *main, bool gently)
{
    for (size_t i = 1; i < tree->n; i++) {
        struct cc_html_node *node = tree->nodes[i];
        bool small = node->letters < main->letters / 3;

        if (!node->cut && node != main && small && !cc_readable_is_inline(node))
            node->cut = is_foreign(node, is_main(main), gently);
    }
}

/* Letters of running text without links; shorter runs are captions and buttons. */
static double prose(const struct cc_html_tree *tree)
{
    double letters = 0;

    for (size_t i = 0; i < tree->n; i++)
        if (!tree->nodes[i]->cut)
            letters += tree->nodes[i]->prose;
    return letters;
}

bool cc_readable_is_site(const struct cc_html_tree *tree)
{
    int signs = 0;

    for (size_t i = 0; i < tree->n; i++) {
        const struct cc_html_node *node = tree->nodes[i];

        signs += (node->tag->role == CC_HTML_FRAME || node->hints & CC_HINT_AROUND) &&
                 !cc_readable_is_inline(node) && node->letters;
    }
    return signs >= SITE_SIGNS;
}

/* Menus, comments, banners; with the numbers and points of what is left. */
static void cut_around(struct cc_html_tree *tree, bool gently)
{
    uint32_t all = tree->root->letters;

    for (size_t i = 1; i < tree->n; i++) {
        struct cc_html_node *node = tree->nodes[i];

        node->in_main = !tree->article && (node->parent->in_main || node->hints & CC_HINT_MAIN);
        node->cut = node->cut || is_around(node, gently, all);
    }
    spread_cuts(tree);
    cc_readable_measure(tree);
    score_all(tree);
}

/*
 * What the page itself calls the text of its article; or its main part, when it is no article:
 * in <main> an article has its pictures, its comments and other articles beside it.
 */
static struct cc_html_node *declared(const struct cc_html_tree *tree, struct cc_html_node *best)
{
    bool article = tree->article;

    for (struct cc_html_node *n = best; n && n->parent; n = n->parent) {
        article |= !strcmp(n->tag->name, "article");
        if (n->hints & CC_HINT_BODY || (!article && n->hints & CC_HINT_MAIN))
            return n;
    }
    return NULL;
}

static void cut_to(struct cc_html_tree *tree, struct cc_html_node *best, bool gently)
{
    keep_only(best);
    spread_cuts(tree);
    cc_readable_measure(tree);
    clean(tree, best, gently);
    spread_cuts(tree);
    cc_readable_measure(tree);
}

enum cc_readable cc_readable_article(struct cc_html_tree *tree, bool gently)
{
    double share = cc_readable_is_site(tree) ? SITE_SHARE : OTHER_SHARE, all, left;
    uint32_t own = tree->root->letters - tree->root->linked;
    struct cc_html_node *best, *main;

    score_all(tree);
    all = prose(tree);
    cut_around(tree, gently);
    left = prose(tree);
    best = left < all * LEFT_SHARE ? NULL : find_best(tree);
    if (!best || !best->parent)
        return CC_READABLE_WHOLE;
    main = declared(tree, best);
    cut_to(tree, main ? main : climb(common_ground(tree, best)), gently);
    if (tree->root->letters < MAIN_LETTERS || tree->root->letters < own * LEAST_SHARE ||
        prose(tree) < share * left)
        return CC_READABLE_WHOLE;
    return main && is_main(main) ? CC_READABLE_MAIN : CC_READABLE_ARTICLE;
}
