/* clickmill: a click-through-rate pipeline as a library.
 *
 * Loads models of CatBoost (.cbm or JSON: classifiers of two classes and
 * regressions, symmetric trees) and scores rows with them.
 *
 * Failure: what can fail returns a cm_status and describes the failure in a
 * cm_error that the caller owns; NULL where it is not wanted.  A pointer that
 * was to be filled is NULL then, numbers that were to be filled mean nothing.
 *
 * Threads: a loaded model never changes.  Any number of threads may use it at
 * once; only cm_model_free must come after the last of them. */
#ifndef CLICKMILL_H
#define CLICKMILL_H

#include <stddef.h>
#include <stdint.h>

#define CM_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

#define CM_API      __attribute__((visibility("default")))
#define CM_MUST_USE __attribute__((warn_unused_result))

/* The version of the library linked, as "0.1.0". */
CM_API const char *cm_version(void);

/* ---- errors --------------------------------------------------------- */

typedef enum cm_status {
    CM_OK = 0,
    CM_ERR_NOMEM,       /* an allocation failed */
    CM_ERR_IO,          /* the operating system refused a read or a write */
    CM_ERR_PARSE,       /* input does not follow its format */
    CM_ERR_DATA,        /* well-formed input that cannot be used */
    CM_ERR_USAGE,       /* a wrong option, key or value of the user's */
    CM_ERR_GATE,        /* a data or quality gate was not met */
    CM_ERR_UNSUPPORTED, /* valid, but not handled by this version */
    CM_ERR_INTERRUPTED  /* stopped by a signal or a callback */
} cm_status;

/* One failure, complete enough to act on: the message says where, what was
 * found, what was expected and what to do.  UTF-8, one line, no newline. */
typedef struct cm_error {
    cm_status code;
    char message[1024];
} cm_error;

/* ---- models --------------------------------------------------------- */

typedef struct cm_model cm_model;

/* Reads a model of either format, told by its first bytes.  *out is the
 * caller's, for cm_model_free; NULL on failure. */
CM_API CM_MUST_USE cm_status cm_model_load(cm_model **out, const char *path,
                                           cm_error *err);
CM_API void cm_model_free(cm_model *model); /* NULL is fine */

/* A row is what a model's float features take, in their order, and what its
 * categorical features take, in theirs.  Names live as long as the model; NULL
 * where index is not below the count. */
CM_API size_t cm_model_number_count(const cm_model *model);
CM_API const char *cm_model_number_name(const cm_model *model, size_t index);
CM_API size_t cm_model_category_count(const cm_model *model);
CM_API const char *cm_model_category_name(const cm_model *model, size_t index);

/* ---- scoring -------------------------------------------------------- */

/* What a model knows a category's value by; length in bytes.  A number that is
 * a category is hashed as its decimal text. */
CM_API uint32_t cm_category_hash(const char *text, size_t length);

/* Rows side by side in memory, the caller's.  Where the model has categories,
 * either texts or hashes; strides count elements from one row to the next, and
 * 0 means that rows follow each other without a gap.  NaN is a missing number;
 * a text that training has not seen is fine. */
typedef struct cm_model_input {
    size_t count;
    const float *numbers; /* (count, cm_model_number_count) */
    size_t number_stride;
    const char *const *texts; /* (count, cm_model_category_count), or NULL */
    size_t text_stride;
    const uint32_t *hashes; /* the same as cm_category_hash, or NULL */
    size_t hash_stride;
} cm_model_input;

typedef enum cm_prediction {
    CM_PREDICT_RAW,        /* CatBoost's RawFormulaVal, to the last bit */
    CM_PREDICT_PROBABILITY /* of the second class; not of a regression */
} cm_prediction;

/* out: (input->count).  Allocates nothing, and takes up to 256 KB of stack.
 * Fails with CM_ERR_USAGE when the input lacks something the model needs, or a
 * regression is asked for probabilities. */
CM_API CM_MUST_USE cm_status cm_model_predict(const cm_model *model,
                                              const cm_model_input *input,
                                              cm_prediction what, double *out,
                                              cm_error *err);

/* ---- explaining ----------------------------------------------------- */

/* Inputs are the columns that training saw, numbers and categories together,
 * as CatBoost counts them.  NULL: a column without a name, or none. */
CM_API size_t cm_model_input_count(const cm_model *model);
CM_API const char *cm_model_input_name(const cm_model *model, size_t index);

/* SHAP values of rows, as CatBoost defines its ShapValues: out (input->count,
 * cm_model_input_count + 1), what each input added to the raw value; the last
 * number is the expected value, and a row's numbers add up to its raw value.
 * Fails with CM_ERR_DATA when the model's leaves have no weight. */
CM_API CM_MUST_USE cm_status cm_model_explain(const cm_model *model,
                                              const cm_model_input *input,
                                              double *out, cm_error *err);

/* The same made ready once, for many calls: immutable, usable from any number
 * of threads, not after its model is freed. */
typedef struct cm_explainer cm_explainer;

CM_API CM_MUST_USE cm_status cm_explainer_new(cm_explainer **out,
                                              const cm_model *model,
                                              cm_error *err);
CM_API void cm_explainer_free(cm_explainer *explainer); /* NULL is fine */
CM_API CM_MUST_USE cm_status cm_explainer_explain(const cm_explainer *explainer,
                                                  const cm_model_input *input,
                                                  double *out, cm_error *err);

#ifdef __cplusplus
}
#endif

#endif
