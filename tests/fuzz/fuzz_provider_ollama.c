/* The ollama stream: whole and in pieces it must mean the same, and its text must be UTF-8. */
#include "tests/fuzz/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_provider(&cc_dialect_ollama, data, size);
}
