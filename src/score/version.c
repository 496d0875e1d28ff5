/* The version that this library was built as. */
#include "clickmill.h"

const char *cm_version(void)
{
    return CM_VERSION;
}
