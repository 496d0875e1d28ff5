/* The YAML files of configs/schema as bytes of the program. */
#include "data/schema_builtin.h"

#include <string.h>

#include "base/embed.h"

CM_EMBED(cm_schema_avazu, "configs/schema/avazu.yaml");
CM_EMBED(cm_schema_criteo, "configs/schema/criteo.yaml");
CM_EMBED(cm_schema_talkingdata, "configs/schema/talkingdata.yaml");

const char *const cm_builtin_schema_names[CM_N_BUILTIN_SCHEMAS] = {
    "avazu", "criteo", "talkingdata"};

cm_str cm_builtin_schema(const char *name)
{
    const char *const bounds[CM_N_BUILTIN_SCHEMAS][2] = {
        {cm_schema_avazu, cm_schema_avazu_end},
        {cm_schema_criteo, cm_schema_criteo_end},
        {cm_schema_talkingdata, cm_schema_talkingdata_end}};
    for (size_t i = 0; i < CM_N_BUILTIN_SCHEMAS; i++) {
        if (strcmp(name, cm_builtin_schema_names[i]) == 0) {
            return (cm_str){bounds[i][0],
                            (size_t)(bounds[i][1] - bounds[i][0])};
        }
    }
    return (cm_str){NULL, 0};
}
