/* Passages: stored, published, found by words and by vectors.  proto/store/chunk.h */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/store.h"

static struct store s;
static char doc[CC_ID_MAX];
static struct cc_document_hold hold;

static void setup(void)
{
    store_open(&s);
    store_document(&s, "Some text.", doc);
    hold = store_claim(&s, doc);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(chunk, .init = setup, .fini = teardown, .timeout = 60);

static struct cc_scope scope(void)
{
    return (struct cc_scope){.tenant = s.tenant, .bot = s.bot};
}

static int lexical(const char *term, struct cc_chunk_hit **hits)
{
    struct cc_scope here = scope();
    int n;

    cr_assert_eq(cc_chunk_lexical(s.pg, &here, &term, 1, 100, s.mem, hits, &n), 0, "%s",
                 cc_fail_text());
    return n;
}

static int nearest(const float v[4], int max, struct cc_chunk_hit **hits)
{
    struct cc_scope here = scope();
    struct cc_query_vector query = {v, 4, "test"};
    int n;

    cr_assert_eq(cc_chunk_nearest(s.pg, &here, &query, max, s.mem, hits, &n), 0, "%s",
                 cc_fail_text());
    return n;
}

static int64_t rows(const char *table)
{
    char sql[200];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE tenant_id = '%s'", table, s.tenant);
    return strtoll(store_sql(&s, "CC_PG_SUPER", sql), NULL, 10);
}

static const char *text_of(int64_t chunk)
{
    struct cc_scope here = scope();
    struct cc_passage *found;
    int n;

    cr_assert_eq(cc_chunk_load(s.pg, &here, &chunk, 1, s.mem, &found, &n), 0);
    return n ? found[0].text : "";
}

static void put_one(int64_t index, const char *text, const float *vector)
{
    struct cc_chunk chunk = store_chunk(&s, index, text, vector);
    struct cc_chunk_batch batch = {&chunk, 1, 4, "test"};

    cr_assert_eq(cc_chunk_put(s.pg, &hold, &batch), 0, "%s", cc_fail_text());
}

Test(chunk, is_seen_by_nobody_before_it_is_published)
{
    static const float v[4] = {1, 0, 0, 0};
    struct cc_chunk_hit *hits;

    put_one(0, "apple pear", v);
    cr_assert_eq(lexical("apple", &hits), 0);
    cr_assert_eq(nearest(v, 10, &hits), 0);

    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 1, 0), 0, "%s", cc_fail_text());

    cr_assert_eq(lexical("apple", &hits), 1);
    cr_assert_eq(nearest(v, 10, &hits), 1);
    cr_assert_str_eq(text_of(hits[0].chunk), "apple pear");
}

Test(chunk, batch_that_is_repeated_is_stored_once)
{
    static const float v[4] = {1, 0, 0, 0};
    int64_t n;

    put_one(0, "apple apple", v);
    put_one(0, "apple apple", v);
    put_one(0, "pear", v);

    cr_assert_eq(cc_chunk_count(s.pg, &hold, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_eq(rows("postings"), 1, "only those of the last text");
    cr_assert_eq(rows("chunk_vectors"), 1);
}

Test(chunk, count_that_is_not_what_was_stored_is_not_published)
{
    struct cc_chunk_hit *hits;

    put_one(0, "apple", NULL);

    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 2, 0), CC_E_CONFLICT);
    cr_assert_eq(lexical("apple", &hits), 0);
}

Test(chunk, beyond_the_last_one_goes_when_the_rest_is_published)
{
    static const float v[4] = {1, 0, 0, 0};
    struct cc_chunk_hit *hits;

    put_one(0, "apple", v);
    put_one(1, "apple", v);
    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 1, 0), 0, "%s", cc_fail_text());

    cr_assert_eq(lexical("apple", &hits), 1);
    cr_assert_eq(nearest(v, 10, &hits), 1);
    cr_assert_eq(rows("chunks"), 1);
    cr_assert_eq(rows("chunk_vectors"), 1);
}

Test(chunk, publishing_again_by_the_same_attempt_is_fine)
{
    put_one(0, "apple", NULL);
    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 1, 0), 0);
    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 1, 0), 0, "%s", cc_fail_text());
}

Test(chunk, of_the_old_generation_is_found_until_the_new_one_is_published)
{
    static const char *const old[] = {"apple"};
    static const char *const new[] = {"pear"};
    struct cc_chunk_hit *hits;
    int64_t before, after;
    char sql[200];

    store_publish(&s, &hold, old, 1, NULL);
    snprintf(sql, sizeof sql, "UPDATE documents SET status = 'failed' WHERE id = '%s'", doc);
    store_sql(&s, "CC_PG_SUPER", sql);
    cr_assert_eq(cc_document_retry(s.pg, s.tenant, doc), 0);
    hold = store_claim(&s, doc);
    put_one(0, "pear", NULL);
    cr_assert_eq(lexical("apple", &hits), 1);
    cr_assert_eq(lexical("pear", &hits), 0);
    cr_assert_eq(cc_knowledge_version(s.pg, s.tenant, &before), 0);

    store_publish(&s, &hold, new, 1, NULL);

    cr_assert_eq(lexical("apple", &hits), 0);
    cr_assert_eq(lexical("pear", &hits), 1);
    cr_assert_eq(rows("chunks"), 1);
    cr_assert_eq(rows("postings"), 1);
    cr_assert_eq(cc_knowledge_version(s.pg, s.tenant, &after), 0);
    cr_assert_gt(after, before);
}

/* BM25 as it is written in the books, over the texts as they are. */
#define TEXTS 40
static const char *texts[TEXTS];
static const char *const words[] = {"apple", "pear",  "plum", "fig",   "date",
                                    "kiwi",  "lemon", "lime", "mango", "melon"};

static void make_texts(void)
{
    unsigned state = 7;

    for (int i = 0; i < TEXTS; i++) {
        char text[400] = "";
        size_t len = 0;

        state = state * 1103515245u + 12345u;
        for (unsigned w = 0; w < 3 + (state >> 16) % 20; w++) {
            state = state * 1103515245u + 12345u;
            unsigned a = (state >> 16) % 10, b = (state >> 24) % 10;
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", w ? " " : "",
                                    words[a < b ? a : b]);
        }
        texts[i] = cc_arena_dup(s.mem, text);
    }
}

static int times(const char *text, const char *word)
{
    int n = 0;
    size_t len = strlen(word);

    for (const char *at = text; (at = strstr(at, word)); at += len)
        n += (at == text || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0');
    return n;
}

static int length(const char *text)
{
    int n = 1;

    for (; *text; text++)
        n += *text == ' ';
    return n;
}

static double bm25(const char *text, const char *const *query, int n)
{
    double average = 0, score = 0;

    for (int i = 0; i < TEXTS; i++)
        average += length(texts[i]) / (double)TEXTS;
    for (int q = 0; q < n; q++) {
        int df = 0, tf = times(text, query[q]);
        for (int i = 0; i < TEXTS; i++)
            df += times(texts[i], query[q]) > 0;
        double idf = log(1 + (TEXTS - df + 0.5) / (df + 0.5));
        score += idf * tf * (1.2 + 1) / (tf + 1.2 * (1 - 0.75 + 0.75 * length(text) / average));
    }
    return score;
}

Test(chunk, found_by_words_is_scored_with_bm25)
{
    static const char *const query[] = {"plum", "melon", "nothing"};
    struct cc_scope here = scope();
    struct cc_chunk_hit *hits;
    int n, expected = 0;

    make_texts();
    store_publish(&s, &hold, texts, TEXTS, NULL);
    cr_assert_eq(cc_chunk_lexical(s.pg, &here, query, 3, 100, s.mem, &hits, &n), 0);

    for (int i = 0; i < TEXTS; i++)
        expected += bm25(texts[i], query, 3) > 0;
    cr_assert_eq(n, expected);
    cr_assert_gt(n, 5);
    for (int i = 0; i < n; i++) {
        cr_assert_float_eq(hits[i].score, bm25(text_of(hits[i].chunk), query, 3), 1e-9);
        cr_assert(i == 0 || hits[i - 1].score >= hits[i].score);
    }
    cr_assert_eq(cc_chunk_lexical(s.pg, &here, query, 3, 2, s.mem, &hits, &n), 0);
    cr_assert_eq(n, 2);
}

Test(chunk, found_by_words_survives_any_term)
{
    static const char *const query[] = {"a\"b", "back\\slash", "{,}", "NULL", "'; DROP", "ä"};
    static const char *const odd[] = {"a\"b back\\slash {,} NULL ';", "plain"};
    struct cc_scope here = scope();
    struct cc_chunk_hit *hits;
    int n;

    store_publish(&s, &hold, odd, 2, NULL);
    cr_assert_eq(cc_chunk_lexical(s.pg, &here, query, 6, 10, s.mem, &hits, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_eq(cc_chunk_lexical(s.pg, &here, query, 0, 10, s.mem, &hits, &n), 0);
    cr_assert_eq(n, 0, "no term, no hit");
}

Test(chunk, nearest_is_the_one_with_the_best_part)
{
    static const float two_parts[] = {0, 1, 0, 0, 3, 3, 0, 0}, one_part[] = {1, 2, 0, 0};
    static const float query[] = {5, 5, 0, 0};
    struct cc_chunk chunks[2] = {store_chunk(&s, 0, "two parts", two_parts),
                                 store_chunk(&s, 1, "one part", one_part)};
    struct cc_chunk_batch batch = {chunks, 2, 4, "test"};
    struct cc_chunk_hit *hits;

    chunks[0].parts = 2;
    cr_assert_eq(cc_chunk_put(s.pg, &hold, &batch), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 2, 0), 0);

    cr_assert_eq(nearest(query, 10, &hits), 2);
    cr_assert_str_eq(text_of(hits[0].chunk), "two parts");
    cr_assert_float_eq(hits[0].score, 1.0, 1e-6);
    cr_assert_float_eq(hits[1].score, 3 / sqrt(10), 1e-6);
    cr_assert_eq(nearest(query, 1, &hits), 1);
}

Test(chunk, whose_vector_is_all_zero_is_far_from_everything)
{
    static const char *const two[] = {"zero", "one"};
    static const float vectors[] = {0, 0, 0, 0, 1, 1, 1, 1}, query[] = {1, 0, 0, 0};
    struct cc_chunk_hit *hits;

    store_publish(&s, &hold, two, 2, vectors);

    cr_assert_eq(nearest(query, 10, &hits), 2);
    cr_assert_str_eq(text_of(hits[0].chunk), "one");
    cr_assert_eq(hits[1].score, 0);
}

Test(chunk, of_another_model_or_dimension_is_not_compared)
{
    static const char *const one[] = {"apple"};
    static const float vectors[] = {1, 0, 0, 0};
    struct cc_query_vector model = {vectors, 4, "other"}, dimension = {vectors, 3, "test"};
    struct cc_scope here = scope();
    struct cc_chunk_hit *hits;
    int n;

    store_publish(&s, &hold, one, 1, vectors);
    cr_assert_eq(cc_chunk_nearest(s.pg, &here, &model, 10, s.mem, &hits, &n), 0);
    cr_assert_eq(n, 0);
    cr_assert_eq(cc_chunk_nearest(s.pg, &here, &dimension, 10, s.mem, &hits, &n), 0);
    cr_assert_eq(n, 0);
}

Test(chunk, with_long_vectors_is_found_exactly)
{
    enum { DIM = 3072 };
    float *v = cc_arena_array(s.mem, 20 * DIM, sizeof *v);
    struct cc_chunk chunks[20];
    struct cc_chunk_batch batch = {chunks, 20, DIM, "long"};
    struct cc_query_vector query = {v + 7 * DIM, DIM, "long"};
    struct cc_scope here = scope();
    struct cc_chunk_hit *hits;
    unsigned state = 3;
    int n;

    for (int i = 0; i < 20 * DIM; i++) {
        state = state * 1103515245u + 12345u;
        v[i] = (float)(state >> 16 & 1023) - 512;
    }
    for (int i = 0; i < 20; i++)
        chunks[i] = store_chunk(&s, i, cc_arena_printf(s.mem, "c%d", i), v + i * DIM);
    cr_assert_eq(cc_chunk_put(s.pg, &hold, &batch), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 20, 0), 0);

    cr_assert_eq(cc_chunk_nearest(s.pg, &here, &query, 3, s.mem, &hits, &n), 0);
    cr_assert_eq(n, 3);
    cr_assert_str_eq(text_of(hits[0].chunk), "c7");
    cr_assert_float_eq(hits[0].score, 1.0, 1e-4);
}

Test(chunk, vectors_are_known_again_by_their_hash)
{
    static const float two_parts[] = {3, 4, 0, 0, 0, 0, 0, 2};
    struct cc_chunk chunk = store_chunk(&s, 0, "two parts", two_parts);
    struct cc_chunk_batch batch = {&chunk, 1, 4, "test"};
    const char *hashes[] = {"none", chunk.sha256};
    struct cc_chunk_vectors *known;
    struct store other;
    int n;

    chunk.parts = 2;
    cr_assert_eq(cc_chunk_put(s.pg, &hold, &batch), 0, "%s", cc_fail_text());

    cr_assert_eq(cc_chunk_known(s.pg, &(struct cc_chunk_known){s.tenant, batch.model, 4, 2, hashes},
                                s.mem, &known, &n),
                 0, "%s", cc_fail_text());
    cr_assert_eq(n, 1);
    cr_assert_str_eq(known[0].sha256, chunk.sha256);
    cr_assert_eq(known[0].parts, 2);
    cr_assert_float_eq(known[0].vectors[0], 0.6f, 1e-6);
    cr_assert_float_eq(known[0].vectors[7], 1.0f, 1e-6);
    cr_assert_eq(cc_chunk_known(s.pg, &(struct cc_chunk_known){s.tenant, batch.model, 5, 2, hashes},
                                s.mem, &known, &n),
                 0);
    cr_assert_eq(n, 0, "of another dimension");
    store_other(&s, &other);
    cr_assert_eq(cc_chunk_known(s.pg,
                                &(struct cc_chunk_known){other.tenant, batch.model, 4, 2, hashes},
                                s.mem, &known, &n),
                 0);
    cr_assert_eq(n, 0, "of another tenant");
}

Test(chunk, is_loaded_in_the_order_asked_and_left_out_when_gone)
{
    static const char *const three[] = {"one", "two", "three"};
    struct cc_scope here = scope();
    struct cc_chunk_hit *a, *b;
    struct cc_passage *found;
    int n;

    store_publish(&s, &hold, three, 3, NULL);
    lexical("one", &a);
    lexical("three", &b);
    int64_t ids[] = {b[0].chunk, 999999999, a[0].chunk};
    cr_assert_eq(cc_chunk_load(s.pg, &here, ids, 3, s.mem, &found, &n), 0);

    cr_assert_eq(n, 2);
    cr_assert_str_eq(found[0].text, "three");
    cr_assert_eq(found[0].index, 2);
    cr_assert_eq(found[0].page, 1);
    cr_assert_eq(found[0].tokens, 3);
    cr_assert_str_eq(found[0].document, doc);
    cr_assert_str_eq(found[0].filename, "a.txt");
    cr_assert_str_eq(found[0].section, "S");
    cr_assert_str_eq(found[1].text, "one");
}

Test(chunk, of_another_bots_document_is_not_found)
{
    static const char *const one[] = {"apple"};
    static const float v[] = {1, 0, 0, 0};
    struct cc_chunk_hit *hits;
    struct cc_bot bot;
    char other[CC_ID_MAX], sql[300];

    store_publish(&s, &hold, one, 1, v);
    cr_assert_eq(lexical("apple", &hits), 1);
    int64_t id = hits[0].chunk;
    cr_assert_eq(cc_bot_get(s.pg, s.tenant, s.bot, s.mem, &bot), 0);
    bot.id = cc_id_sorted("bot", other);
    cr_assert_eq(cc_bot_add(s.pg, &bot), 0);
    snprintf(sql, sizeof sql, "UPDATE documents SET bot_id = '%s' WHERE id = '%s'", other, doc);
    store_sql(&s, "CC_PG_SUPER", sql);

    cr_assert_eq(lexical("apple", &hits), 0);
    cr_assert_eq(nearest(v, 10, &hits), 0);
    cr_assert_str_eq(text_of(id), "");
}

Test(chunk, of_another_tenant_is_not_found)
{
    static const char *const one[] = {"apple"};
    static const float v[] = {1, 0, 0, 0};
    static const char *const query[] = {"apple"};
    struct store other;
    struct cc_chunk_hit *hits;
    struct cc_passage *found;
    int n;

    store_publish(&s, &hold, one, 1, v);
    cr_assert_eq(lexical("apple", &hits), 1);
    int64_t id = hits[0].chunk;
    store_other(&s, &other);
    struct cc_scope there = {.tenant = other.tenant, .bot = other.bot};
    struct cc_query_vector near = {v, 4, "test"};

    cr_assert_eq(cc_chunk_lexical(s.pg, &there, query, 1, 10, s.mem, &hits, &n), 0);
    cr_assert_eq(n, 0);
    cr_assert_eq(cc_chunk_nearest(s.pg, &there, &near, 10, s.mem, &hits, &n), 0);
    cr_assert_eq(n, 0);
    cr_assert_eq(cc_chunk_load(s.pg, &there, &id, 1, s.mem, &found, &n), 0);
    cr_assert_eq(n, 0);
}
