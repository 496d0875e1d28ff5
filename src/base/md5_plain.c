/* MD5 lanes for any processor. */
#define KERNEL md5_blocks_plain
#include "base/md5_body.h"
