/* Doubles as text that CatBoost reads back to the bit.  Private to model. */
#ifndef CM_MODEL_CATBOOST_NUMBER_H
#define CM_MODEL_CATBOOST_NUMBER_H

#include <stddef.h>

enum { CATBOOST_NUMBER_TEXT = 48 };

/* Text of a finite value that a correct reader and CatBoost's both read as
 * value.  About one value in 20,000 has no such text: CatBoost then reads its
 * neighbour.  Returns the length. */
size_t catboost_format_double(char out[CATBOOST_NUMBER_TEXT], double value);

#endif
