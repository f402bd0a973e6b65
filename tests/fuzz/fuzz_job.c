/* Jobs from Redis: whatever decodes must encode to something that decodes to the same bytes. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "proto/wire/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip_chat(const struct cc_chat_job *job, struct cc_arena *mem)
{
    struct cc_buf one, two;
    struct cc_chat_job again;

    cc_buf_init(&one, 2 * CC_JOB_MAX);
    cc_buf_init(&two, 2 * CC_JOB_MAX);
    cc_chat_job_encode(job, &one);
    if (one.len <= CC_JOB_MAX) {
        assert(cc_chat_job_decode(one.bytes, one.len, mem, &again) == 0);
        cc_chat_job_encode(&again, &two);
        assert(one.len == two.len && memcmp(one.bytes, two.bytes, one.len) == 0);
    }
    cc_buf_done(&one);
    cc_buf_done(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_chat_job chat;
    struct cc_ingest_job ingest;

    if (cc_chat_job_decode(data, size, mem, &chat) == 0)
        round_trip_chat(&chat, mem);
    if (cc_ingest_job_decode(data, size, mem, &ingest) == 0)
        assert(strlen(ingest.document) <= size);
    cc_arena_free(&mem);
    return 0;
}
