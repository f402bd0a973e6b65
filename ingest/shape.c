/* How a bot's or a document's settings say where to cut. */
#include <assert.h>

#include "ingest/chunker.h"
#include "proto/vec/tuning.h"

static_assert((int)CC_SHAPE_AUTO == (int)CC_CHUNKING_AUTO &&
                  (int)CC_SHAPE_TEXT == (int)CC_CHUNKING_TEXT &&
                  (int)CC_SHAPE_PAIRS == (int)CC_CHUNKING_PAIRS,
              "one order of modes");

int cc_shape_read(const char *json, struct cc_shape *shape)
{
    struct cc_chunking chunking = {(int)shape->tokens, (int)shape->overlap,
                                   (enum cc_chunking_mode)shape->mode};
    int rc = cc_chunking_read(json, &chunking);

    if (rc)
        return rc;
    shape->tokens = (size_t)chunking.tokens;
    shape->overlap = (size_t)chunking.overlap;
    shape->mode = (enum cc_shape_mode)chunking.mode;
    return 0;
}
