/* The tables of CatBoost's binary model, as docs/formats/cbm.md tells them.
 * Private to model.
 *
 * A name TABLE_FIELD is a slot; the comment says its type where it is a link.
 * Source: catboost/libs/model/flatbuffers/{model,features,ctr_data}.fbs. */
#ifndef CM_MODEL_CBM_FORMAT_H
#define CM_MODEL_CBM_FORMAT_H

#define CBM_MAGIC          "CBM1"
#define CBM_FORMAT_VERSION "FlabuffersModel_v1" /* sic */
#define CBM_CTR_PART       "static_provider_v1"

enum {
    CORE_FORMAT_VERSION, /* string */
    CORE_MODEL_TREES,    /* TREES */
    CORE_INFO_MAP,       /* [KEY_VALUE] */
    CORE_MODEL_PART_IDS, /* [string] */
    N_CORE_SLOTS
};

enum {
    KEY_VALUE_KEY,   /* string */
    KEY_VALUE_VALUE, /* string */
    N_KEY_VALUE_SLOTS
};

enum {
    TREES_APPROX_DIMENSION,
    TREES_SPLITS,             /* [int] of all trees */
    TREES_SIZES,              /* [int] a tree */
    TREES_START_OFFSETS,      /* [int] a tree */
    TREES_CAT_FEATURES,       /* [CAT] */
    TREES_FLOAT_FEATURES,     /* [FLOAT] */
    TREES_ONE_HOT_FEATURES,   /* [ONE_HOT] */
    TREES_CTR_FEATURES,       /* [CTR_FEATURE] */
    TREES_LEAF_VALUES,        /* [double] of all trees */
    TREES_LEAF_WEIGHTS,       /* [double] of all trees, or none */
    TREES_STEP_NODES,         /* [u16, u16]: trees that are not symmetric */
    TREES_NODE_TO_LEAF,       /* [u32] */
    TREES_TEXT_FEATURES,      /* [table] */
    TREES_ESTIMATED_FEATURES, /* [table] */
    TREES_SCALE,              /* double, 1 */
    TREES_BIAS,               /* double, 0: of old versions */
    TREES_MULTI_BIAS,         /* [double] */
    TREES_REPACKED_BINS,      /* [u16, u8, u8]: computed again on loading */
    TREES_EMBEDDING_FEATURES, /* [table] */
    N_TREES_SLOTS
};

enum {
    FLOAT_HAS_NANS,
    FLOAT_INDEX,
    FLOAT_FLAT_INDEX,
    FLOAT_BORDERS,    /* [float] */
    FLOAT_FEATURE_ID, /* string */
    FLOAT_NAN_TREATMENT,
    N_FLOAT_SLOTS
};

enum {
    CAT_INDEX,
    CAT_FLAT_INDEX,
    CAT_FEATURE_ID, /* string */
    CAT_USED_IN_MODEL,
    N_CAT_SLOTS
};

enum {
    ONE_HOT_INDEX,
    ONE_HOT_VALUES,        /* [int] */
    ONE_HOT_STRING_VALUES, /* [string], or none */
    N_ONE_HOT_SLOTS
};

enum {
    COMBINATION_CATS,           /* [int] */
    COMBINATION_FLOAT_SPLITS,   /* [int, float] */
    COMBINATION_ONE_HOT_SPLITS, /* [int, int] */
    N_COMBINATION_SLOTS
};

enum {
    CTR_BASE_COMBINATION, /* COMBINATION */
    CTR_BASE_TYPE,
    CTR_BASE_TARGET_CUT, /* TargetBorderClassifierIdx */
    N_CTR_BASE_SLOTS
};

enum {
    CTR_BASE, /* CTR_BASE */
    CTR_TARGET_BORDER,
    CTR_PRIOR_NUM,   /* float, 0 */
    CTR_PRIOR_DENOM, /* float, 1 */
    CTR_SHIFT,       /* float, 0 */
    CTR_SCALE,       /* float, 1 */
    N_CTR_SLOTS
};

enum {
    CTR_FEATURE_CTR,     /* CTR */
    CTR_FEATURE_BORDERS, /* [float] */
    N_CTR_FEATURE_SLOTS
};

/* The root of each part behind the core. */
enum {
    TABLE_BASE,        /* CTR_BASE */
    TABLE_INDEX,       /* [u8]: buckets of CBM_BUCKET_BYTES */
    TABLE_STATISTICS,  /* [u8] */
    TABLE_DENOMINATOR, /* of Counter and FeatureFreq */
    TABLE_N_CLASSES,   /* of Borders and Buckets */
    N_TABLE_SLOTS
};

/* A bucket: u64 key, u32 index of its statistics. */
enum { CBM_BUCKET_BYTES = 12 };
#define CBM_EMPTY_KEY UINT64_MAX

#endif
