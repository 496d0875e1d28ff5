/* Any bytes as a binary model: what is read can be applied, and is written and
 * read again as the same bytes. */
#include "fuzz/fuzz_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    check_model(bytes, n, cm_model_parse_cbm, cm_model_format_cbm);
    return 0;
}
