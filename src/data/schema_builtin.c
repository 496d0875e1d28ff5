/* The YAML files of configs/schema as bytes of the program, put there by the
 * assembler, so that each schema has one source.  The paths are relative to
 * the root of the repository, where the build runs. */
#include "data/schema_builtin.h"

#include <string.h>

#define EMBED(symbol, path)                                                    \
    __asm__(".section .rodata\n"                                               \
            ".global " #symbol "\n.hidden " #symbol "\n"                       \
            ".global " #symbol "_end\n.hidden " #symbol "_end\n" #symbol ":\n" \
            ".incbin \"" path "\"\n" #symbol "_end:\n"                         \
            ".byte 0\n.previous\n");                                           \
    extern const char symbol[];                                                \
    extern const char symbol##_end[]

EMBED(cm_schema_avazu, "configs/schema/avazu.yaml");
EMBED(cm_schema_criteo, "configs/schema/criteo.yaml");
EMBED(cm_schema_talkingdata, "configs/schema/talkingdata.yaml");

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
