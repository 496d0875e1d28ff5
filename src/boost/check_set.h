/* Checks of a training set, private to boost. */
#ifndef CM_BOOST_CHECK_SET_H
#define CM_BOOST_CHECK_SET_H

#include "boost/train.h"

/* CM_ERR_DATA for sizes, labels, weights or scores that cannot be used. */
CM_MUST_USE cm_status cm_check_set(const cm_train_set *set, cm_error *err);

/* What depends on resolved options: the order of rows, and the trees to go on
 * from. */
CM_MUST_USE cm_status cm_check_set_for(const cm_train_set *set,
                                       const cm_train_options *options,
                                       cm_error *err);

#endif
