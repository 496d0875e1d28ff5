/* Reads the features of CatBoost's binary model that need no table. */
#include "model/cbm_format.h"
#include "model/cbm_reader.h"

static void check_place(cbm_reader *r, fb_table t, uint32_t index, size_t place)
{
    if (r->fb.status == CM_OK && index != place) {
        fb_fail(&r->fb, CM_ERR_UNSUPPORTED, t.at,
                "feature %zu of its kind has index %u; this version takes "
                "models that keep all their features, in order",
                place, index);
    }
}

static void read_float_feature(cbm_reader *r, cm_float_feature *feature,
                               fb_table t, size_t place)
{
    fb_vector borders = fb_get_vector(&r->fb, t, FLOAT_BORDERS, sizeof(float));
    cm_str name = fb_get_string(&r->fb, t, FLOAT_FEATURE_ID);
    uint8_t treatment = fb_get_byte(&r->fb, t, FLOAT_NAN_TREATMENT, 0);
    check_place(r, t, cbm_get_index(r, t, FLOAT_INDEX, "a feature's index"),
                place);
    if (treatment > CM_NAN_AS_TRUE) {
        fb_fail(&r->fb, CM_ERR_DATA, t.at,
                "the treatment of NaN is %u; expected 0, 1 or 2", treatment);
    }
    *feature = (cm_float_feature){
        .name = cbm_copy_text(r, name),
        .borders = cbm_copy(r, borders, sizeof(float)),
        .n_borders = (uint32_t)borders.n,
        .flat_index =
            cbm_get_index(r, t, FLOAT_FLAT_INDEX, "a feature's column"),
        .nan_treatment = (cm_nan_treatment)treatment,
        .has_nans = fb_get_byte(&r->fb, t, FLOAT_HAS_NANS, 0) != 0,
    };
}

static void read_float_features(cbm_reader *r, fb_table trees)
{
    fb_vector list = fb_get_vector(&r->fb, trees, TREES_FLOAT_FEATURES, 4);
    cm_float_feature *features = cbm_take(r, list.n, sizeof *features);
    (void)cbm_charge(r, list.n, 64); /* slots of the plan for applying */
    for (size_t i = 0; i < list.n && r->fb.status == CM_OK; i++) {
        read_float_feature(r, &features[i], fb_element_table(&r->fb, list, i),
                           i);
    }
    r->source.parts.features = features;
    r->source.parts.n_features = list.n;
}

static void read_cat_features(cbm_reader *r, fb_table trees)
{
    fb_vector list = fb_get_vector(&r->fb, trees, TREES_CAT_FEATURES, 4);
    cm_cat_feature *features = cbm_take(r, list.n, sizeof *features);
    for (size_t i = 0; i < list.n && r->fb.status == CM_OK; i++) {
        fb_table t = fb_element_table(&r->fb, list, i);
        cm_str name = fb_get_string(&r->fb, t, CAT_FEATURE_ID);
        check_place(r, t, cbm_get_index(r, t, CAT_INDEX, "a feature's index"),
                    i);
        features[i] = (cm_cat_feature){
            .name = cbm_copy_text(r, name),
            .flat_index =
                cbm_get_index(r, t, CAT_FLAT_INDEX, "a feature's column"),
        };
    }
    r->source.parts.cat_features = features;
    r->source.parts.n_cat_features = list.n;
}

static void read_one_hot_features(cbm_reader *r, fb_table trees)
{
    fb_vector list = fb_get_vector(&r->fb, trees, TREES_ONE_HOT_FEATURES, 4);
    cm_one_hot_feature *features = cbm_take(r, list.n, sizeof *features);
    for (size_t i = 0; i < list.n && r->fb.status == CM_OK; i++) {
        fb_table t = fb_element_table(&r->fb, list, i);
        fb_vector values = fb_get_vector(&r->fb, t, ONE_HOT_VALUES, 4);
        features[i] = (cm_one_hot_feature){
            .cat_feature =
                cbm_get_index(r, t, ONE_HOT_INDEX, "a one-hot's category"),
            .n_values = (uint32_t)values.n,
            .values = cbm_copy(r, values, sizeof(uint32_t)),
        };
    }
    r->source.parts.one_hots = features;
    r->source.parts.n_one_hots = list.n;
}

void cbm_read_features(cbm_reader *r, fb_table trees)
{
    read_float_features(r, trees);
    read_cat_features(r, trees);
    read_one_hot_features(r, trees);
}
