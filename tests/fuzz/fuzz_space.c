/* Any text as a search space: what is read gives values that the parameters
 * take. */
#include <stddef.h>
#include <stdint.h>

#include "config/space.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_space space;
    cm_config config;
    cm_error err = {0};
    cm_status status =
        cm_space_parse(&space, (cm_str){(const char *)bytes, n}, "input", &err);
    CM_ASSERT(cm_config_init(&config, NULL) == CM_OK);
    for (uint64_t i = 0; i < 4 && status == CM_OK; i++) {
        cm_error refused = {0};
        cm_status applied = cm_space_apply(&space, &config, 1, i, &refused);
        CM_ASSERT(applied == CM_OK || applied == CM_ERR_USAGE);
    }
    CM_ASSERT(status == CM_OK || err.code == status);
    cm_config_release(&config);
    cm_space_release(&space);
    return 0;
}
