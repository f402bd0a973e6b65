#include <string.h>

#include "ingest/parse/html_write.h"
#include "proto/base/buf.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/text.h"

#define QUESTION_LETTERS 300
#define ANSWER_LETTERS   4000 /* a longer one has a structure of its own */
#define PAIRS_MOST       200  /* of a page's linked data */
#define DATA_DEPTH       6

bool cc_html_asks(const char *text)
{
    static const char *const marks[] = {"?", "\xef\xbc\x9f", "\xd8\x9f"}; /* ?, ？, ؟ */
    size_t len;
    const char *s = cc_text_trim(text, strlen(text), &len);

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i]);

        if (len >= n && !memcmp(s + len - n, marks[i], n))
            return true;
    }
    return false;
}

static struct cc_html_node *find(const struct cc_html_node *node, unsigned hint,
                                 enum cc_html_role role)
{
    for (struct cc_html_node *n = node->first; n; n = n->next) {
        struct cc_html_node *found;

        if (n->cut)
            continue;
        if (n->hints & hint || (role && n->tag->role == role))
            return n;
        found = find(n, hint, role);
        if (found)
            return found;
    }
    return NULL;
}

static bool has_structure(const struct cc_html_node *node)
{
    for (const struct cc_html_node *n = node->first; n; n = n->next) {
        enum cc_html_role role = n->tag->role;

        if (!n->cut && (role == CC_HTML_TABLE || role == CC_HTML_CODE || role == CC_HTML_DETAILS ||
                        role == CC_HTML_HEADING || has_structure(n)))
            return true;
    }
    return false;
}

int cc_html_add_pair(struct cc_extract *doc, const char *text, size_t len)
{
    size_t n = doc->n;
    int rc = cc_extract_add(doc, CC_BLOCK_PAIR, 0, 0, text, len);

    if (!rc && doc->n > n && !memchr(doc->blocks[n].text, '\n', doc->blocks[n].len))
        doc->blocks[n].kind = CC_BLOCK_PARAGRAPH;
    return rc;
}

static void end_line(struct cc_buf *out)
{
    if (out->len && out->bytes[out->len - 1] != '\n')
        cc_buf_char(out, '\n');
}

/* The line ends of paragraphs and items stay. */
static void put_answer(const struct cc_html_node *node, struct cc_buf *out)
{
    for (const struct cc_html_node *n = node->first; n; n = n->next) {
        bool inside = n->tag->role == CC_HTML_INLINE || n->tag->role == CC_HTML_IMAGE;

        if (n->cut || n->tag->role == CC_HTML_SUMMARY)
            continue;
        if (n->tag->role != CC_HTML_TEXT) {
            if (!inside)
                end_line(out);
            put_answer(n, out);
            if (!inside)
                end_line(out);
            continue;
        }
        for (size_t i = 0; i < n->len; i++)
            cc_buf_char(out, n->text[i] == '\n' ? ' ' : n->text[i]);
    }
}

static int add_pair(struct cc_extract *doc, const char *question, const struct cc_html_node *answer,
                    const char *text)
{
    struct cc_buf out;
    int rc;

    cc_buf_init(&out, CC_EXTRACT_TEXT);
    cc_buf_text(&out, question);
    cc_buf_char(&out, '\n');
    if (answer)
        put_answer(answer, &out);
    else
        cc_buf_text(&out, text);
    rc = cc_html_add_pair(doc, out.bytes, out.len);
    cc_buf_done(&out);
    return rc;
}

static const struct cc_html_node *answer_of(const struct cc_html_node *node)
{
    return node->tag->role == CC_HTML_DETAILS ? node : find(node, CC_HINT_ANSWER, CC_HTML_TEXT);
}

int cc_html_write_pair(const struct cc_html_node *node, struct cc_extract *doc, bool *ret)
{
    const struct cc_html_node *answer = answer_of(node);
    const struct cc_html_node *name = node->tag->role == CC_HTML_DETAILS
                                          ? find(node, 0, CC_HTML_SUMMARY)
                                          : find(node, CC_HINT_NAME, CC_HTML_TEXT);
    const char *question;

    *ret = false;
    if (!answer || !name || answer->letters > ANSWER_LETTERS || has_structure(answer))
        return 0;
    question = cc_html_text(name, doc->mem);
    if (!*question || name->letters > QUESTION_LETTERS || answer->letters <= name->letters / 8)
        return 0;
    if (!(node->hints & CC_HINT_QUESTION) && !cc_html_asks(question))
        return 0;
    *ret = true;
    return add_pair(doc, question, answer, NULL);
}

/* ---- linked data ---- */

static bool is_shown(const struct cc_extract *doc, const char *question)
{
    for (size_t i = 0; i < doc->n; i++)
        if (memmem(doc->blocks[i].text, doc->blocks[i].len, question, strlen(question)))
            return true;
    return false;
}

/* Answers come with tags in them. */
static const char *plain(const char *html, struct cc_arena *mem)
{
    struct cc_html_tree tree;

    if (cc_html_tree(html, strlen(html), mem, &tree))
        return "";
    return cc_html_text(tree.root, mem);
}

static int add_question(const json_t *item, struct cc_extract *doc)
{
    const json_t *accepted = json_object_get(item, "acceptedAnswer");
    const char *question, *answer;

    if (json_is_array(accepted))
        accepted = json_array_get(accepted, 0);
    question = plain(cc_json_str(item, "name", ""), doc->mem);
    answer = plain(cc_json_str(accepted, "text", ""), doc->mem);
    if (!*question || !*answer || is_shown(doc, question))
        return 0;
    return add_pair(doc, question, NULL, answer);
}

static int add_questions(const json_t *value, struct cc_extract *doc, int depth, int *left)
{
    const char *key;
    json_t *each;
    size_t i;
    int rc = 0;

    if (depth > DATA_DEPTH || *left <= 0)
        return 0;
    if (!strcmp(cc_json_str(value, "@type", ""), "Question")) {
        --*left;
        return add_question(value, doc);
    }
    json_array_foreach(value, i, each)
    {
        if (!rc)
            rc = add_questions(each, doc, depth + 1, left);
    }
    json_object_foreach((json_t *)value, key, each)
    {
        if (!rc && (!strcmp(key, "mainEntity") || !strcmp(key, "@graph")))
            rc = add_questions(each, doc, depth + 1, left);
    }
    return rc;
}

int cc_html_write_data(const struct cc_html_tree *tree, struct cc_extract *doc)
{
    int left = PAIRS_MOST, rc = 0;

    for (size_t at = 0; at < tree->data_len && !rc;) {
        size_t len = strlen(tree->data + at);
        CC_AUTO(json_decref)
        json_t *value = NULL;

        if (memmem(tree->data + at, len, "FAQPage", 7) &&
            !cc_json_parse(tree->data + at, len, &value))
            rc = add_questions(value, doc, 0, &left);
        at += len + 1;
    }
    return rc;
}
