/* CityHash64 version 1.0 of 2011, which CatBoost and ClickHouse keep; later
 * versions give other numbers.  Private to model. */
#ifndef CM_MODEL_CITY_HASH_H
#define CM_MODEL_CITY_HASH_H

#include <stdint.h>

#include "base/str.h"

uint64_t city_hash64(cm_str text);

#endif
