/* Checks of training options, private to boost. */
#ifndef CM_BOOST_OPTIONS_H
#define CM_BOOST_OPTIONS_H

#include "boost/train.h"

/* CM_ERR_USAGE for a value that CatBoost would refuse; options are resolved. */
CM_MUST_USE cm_status cm_train_options_check(const cm_train_options *options,
                                             cm_error *err);

#endif
