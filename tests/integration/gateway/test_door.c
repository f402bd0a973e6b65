/* Who may come in, from where, how often; and that nobody sees another's. */
#include "tests/integration/gateway/house.h"

static struct house h;

static const char *const strict[] = {"CC_RATE_VISITOR=3", "CC_RATE_FREE=7", NULL};

static void begin(void)
{
    house_open(&h, "mock-len5", NULL, true);
}

static void begin_strict(void)
{
    house_open(&h, "mock-len5", strict, true);
}

static void end(void)
{
    house_close(&h);
}

TestSuite(door, .init = begin, .fini = end, .timeout = 120);
TestSuite(rate, .init = begin_strict, .fini = end, .timeout = 120);

#define CONFIG "/api/widget/config"

static const char *with_key(const char *key, const char *more)
{
    return cc_arena_printf(h.store.mem, "x-api-key: %s\r\n%s", key, more);
}

static void expect(const char *what, struct answer a, int status, const char *code)
{
    cr_expect_eq(a.status, status, "%s: %d %s", what, a.status, a.body);
    if (code)
        cr_expect_str_eq(member(&h, &a, "code"), code, "%s", what);
}

Test(door, opens_to_keys_that_exist)
{
    char unknown[CC_KEY_MAX], mistyped[CC_KEY_MAX];

    cc_key_make(CC_KEY_PUBLIC, unknown);
    memcpy(mistyped, h.pub, sizeof mistyped);
    mistyped[20] = mistyped[20] == 'a' ? 'b' : 'a';

    expect("public", get(&h, CONFIG, visitor(&h)), 200, NULL);
    expect("secret", get(&h, CONFIG, owner(&h)), 200, NULL);
    expect("none", get(&h, CONFIG, ORIGIN), 401, "unauthorized");
    expect("unknown", get(&h, CONFIG, with_key(unknown, ORIGIN)), 401, "unauthorized");
    expect("mistyped", get(&h, CONFIG, with_key(mistyped, ORIGIN)), 401, "unauthorized");
    expect("secret in the path", get(&h, cc_arena_printf(h.store.mem, CONFIG "/%s", h.sec), ORIGIN),
           401, "unauthorized");
    expect("public in the path", get(&h, cc_arena_printf(h.store.mem, CONFIG "/%s", h.pub), ORIGIN),
           200, NULL);
}

Test(door, opens_to_public_keys_only_on_the_bots_pages)
{
    struct answer good = get(&h, CONFIG, visitor(&h));
    struct answer bad = get(&h, CONFIG, with_key(h.pub, "Origin: https://evil.example\r\n"));

    cr_expect_str_eq(header(&h, &good, "access-control-allow-origin"), "https://good.example");
    cr_expect_str_eq(header(&h, &good, "vary"), "origin");
    cr_expect_null(header(&h, &good, "access-control-allow-credentials"));
    expect("another page", bad, 403, "origin_not_allowed");
    cr_expect_null(header(&h, &bad, "access-control-allow-origin"));
    expect("no page", get(&h, CONFIG, with_key(h.pub, "")), 403, "origin_not_allowed");
    expect("null", get(&h, CONFIG, with_key(h.pub, "Origin: null\r\n")), 403, "origin_not_allowed");
    expect("our own page", get(&h, CONFIG, with_key(h.pub, "Sec-Fetch-Site: same-origin\r\n")), 200,
           NULL);
    expect("a page beside ours", get(&h, CONFIG, with_key(h.pub, "Sec-Fetch-Site: same-site\r\n")),
           403, "origin_not_allowed");
}

Test(door, keeps_public_keys_from_what_is_for_servers)
{
    expect("upload", post(&h, "/process-document", visitor(&h), "{}"), 403, "forbidden");
    expect(
        "status",
        get(&h, "/api/widget/documents/doc_00000000000000000000000000000000/status", visitor(&h)),
        403, "forbidden");
}

Test(door, shuts_when_a_key_is_revoked)
{
    const char *hash, *notice;
    int64_t end;

    expect("before", get(&h, CONFIG, visitor(&h)), 200, NULL);
    cr_assert_eq(cc_api_key_revoke(h.store.pg, h.store.tenant, h.pub_id, h.store.mem, &hash), 0);
    expect("from the cache", get(&h, CONFIG, visitor(&h)), 200, NULL);
    notice = cc_arena_printf(h.store.mem, "key %s", hash);
    cr_assert_eq(cc_publish(h.live, "cc:invalid", notice, strlen(notice)), 0);

    end = cc_clock_ms() + 5000;
    while (get(&h, CONFIG, visitor(&h)).status != 401)
        cr_assert_lt(cc_clock_ms(), end, "a revoked key opens after 5 s");
}

Test(door, shows_nothing_of_another_tenant)
{
    struct house other = house_other(&h, "mock-len5");
    struct told t = chat(&h, visitor(&h), "{\"message\": \"Mine\"}");
    const char *const headers[] = {visitor(&other), owner(&other)};
    const char *json =
        cc_arena_printf(h.store.mem, "%sContent-Type: application/json\r\n", owner(&h));
    struct answer doc = post(&h, "/process-document", json,
                             "{\"filename\": \"a.txt\", \"fileData\": \"aGVsbG8=\"}");

    cr_assert_eq(doc.status, 202, "%s", doc.body);
    for (int i = 0; i < 2; i++) {
#define PATH(fmt, id) cc_arena_printf(h.store.mem, fmt, id)
        expect("stream", get(&h, PATH("/api/widget/answers/%s/stream", t.answer), headers[i]), 404,
               "not_found");
        expect("stop", post(&h, PATH("/api/widget/answers/%s/stop", t.answer), headers[i], ""), 404,
               "not_found");
        expect("feedback",
               post(&h, PATH("/api/widget/answers/%s/feedback", t.answer), headers[i],
                    "{\"rating\": \"up\"}"),
               404, "not_found");
        expect("messages", get(&h, PATH("/api/widget/sessions/%s/messages", t.session), headers[i]),
               404, "session_unknown");
        expect("clear",
               ask(&h, &(struct asking){.method = "DELETE",
                                        .path = PATH("/api/widget/sessions/%s", t.session),
                                        .headers = headers[i]}),
               404, "session_unknown");
        expect("go on",
               post(&h, "/api/widget/chat", headers[i],
                    PATH("{\"message\": \"hi\", \"sessionId\": \"%s\"}", t.session)),
               404, "session_unknown");
        expect("bot", post(&h, PATH("/api/chat/%s", h.bot), headers[i], "{\"message\": \"hi\"}"),
               404, "not_found");
    }
    expect("document",
           get(&h, PATH("/api/widget/documents/%s/status", member(&h, &doc, "id")), headers[1]),
           404, "not_found");
}

Test(rate, shuts_after_so_many_questions_of_a_session_and_of_a_tenant)
{
    const char *body = "{\"message\": \"hi\", \"sessionId\": \"a-visitors-own-name-01\"}";
    struct answer a;

    for (int i = 0; i < 3; i++)
        expect("within", post(&h, "/api/widget/chat", visitor(&h), body), 200, NULL);
    a = post(&h, "/api/widget/chat", visitor(&h), body);
    expect("a session's fourth", a, 429, "rate_limited");
    cr_expect_geq(strtol(header(&h, &a, "retry-after"), NULL, 10), 1);

    for (int i = 0; i < 4; i++)
        expect("others", post(&h, "/api/widget/chat", visitor(&h), "{\"message\": \"hi\"}"), 200,
               NULL);
    expect("the tenant's eighth",
           post(&h, "/api/widget/chat", visitor(&h), "{\"message\": \"hi\"}"), 429, "rate_limited");
}

Test(door, takes_files_as_multipart_and_as_base64)
{
    const char *body =
        "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n"
        "\r\nfirst\r\n--X\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"b.md\"\r\n\r\n# second\r\n--X--\r\n";
    const char *multipart = cc_arena_printf(
        h.store.mem, "%sContent-Type: multipart/form-data; boundary=X\r\n", owner(&h));
    const char *json =
        cc_arena_printf(h.store.mem, "%sContent-Type: application/json\r\n", owner(&h));
    struct answer a = post(&h, "/api/widget/process-document", multipart, body), s;
    json_t *both = NULL;

    cr_assert_eq(a.status, 202, "%s", a.body);
    cr_assert_eq(cc_json_parse(a.body, a.len, &both), 0);
    cr_expect_eq(json_array_size(json_object_get(both, "items")), 2);
    json_decref(both);
    s = get(&h,
            cc_arena_printf(h.store.mem, "/api/widget/documents/%s/status", member(&h, &a, "id")),
            owner(&h));
    cr_expect_str_eq(member(&h, &s, "filename"), "a.txt");
    cr_expect_str_eq(member(&h, &s, "status"), "pending");

    expect("base64",
           post(&h, "/process-document", json,
                "{\"filename\": \"c.pdf\", \"fileData\": \"JVBERi0=\"}"),
           202, NULL);
    expect("no kind of ours",
           post(&h, "/process-document", json,
                "{\"filename\": \"c.exe\", \"fileData\": \"TVqQAAM=\"}"),
           415, "unsupported_type");
    expect("empty",
           post(&h, "/process-document", json, "{\"filename\": \"c.txt\", \"fileData\": \"\"}"),
           400, "invalid_request");
}

Test(door, finds_a_repeated_upload_by_its_key)
{
    const char *headers = cc_arena_printf(
        h.store.mem, "%sContent-Type: application/json\r\nIdempotency-Key: upload-1\r\n",
        owner(&h));
    const char *body = "{\"filename\": \"a.txt\", \"fileData\": \"aGVsbG8=\"}";
    struct answer first = post(&h, "/process-document", headers, body);
    struct answer second = post(&h, "/process-document", headers, body);

    cr_assert_eq(first.status, 202, "%s", first.body);
    cr_assert_eq(second.status, 202, "%s", second.body);
    cr_expect_str_eq(member(&h, &first, "id"), member(&h, &second, "id"));
}
