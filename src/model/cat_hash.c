#include "model/cat_hash.h"

#include "model/city_hash.h"

uint32_t cm_cat_hash(cm_str text)
{
    return (uint32_t)city_hash64(text);
}
