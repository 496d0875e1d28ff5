/* Any text as the state of a search. */
#include <stddef.h>
#include <stdint.h>

#include "pipeline/tune_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_tune_state state;
    cm_error err = {0};
    cm_status status = cm_tune_state_parse(
        &state, (cm_str){(const char *)bytes, n}, "input", 1, &err);
    CM_ASSERT(status == CM_OK || err.code == status);
    for (size_t i = 0; i < state.n && status == CM_OK; i++) {
        CM_ASSERT(state.trials[i].rungs <= CM_TUNE_RUNGS);
        CM_ASSERT(state.trials[i].best_trees <= state.trials[i].trees);
    }
    cm_tune_state_release(&state);
    return 0;
}
