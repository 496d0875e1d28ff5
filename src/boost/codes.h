/* Codes of rows side by side, from columns of bins. */
#ifndef CM_BOOST_CODES_H
#define CM_BOOST_CODES_H

#include "boost/bundle.h"

/* out (n, bundles->width) becomes the codes of rows row .. row + n - 1: bundle
 * b at byte b, zeros behind the last bundle. */
void cm_codes_write(uint8_t *out, const cm_bundles *bundles,
                    const cm_train_set *set, size_t row, size_t n);

#endif
