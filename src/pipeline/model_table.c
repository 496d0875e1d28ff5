/* Which column of a table is which input of a model. */
#include "pipeline/model_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "data/frame.h"
#include "model/cat_hash.h"

/* One input of the model. */
typedef struct model_input {
    const char *name;
    uint32_t flat_index;
    bool is_category;
    bool is_used; /* by a tree; others need not be in the frame */
} model_input;

/* The inputs of a model, and where each comes from. */
struct cm_model_table {
    const cm_model *model;
    cm_frame *frame;
    size_t n_inputs; /* float features, then categories */
    model_input *inputs;
    cm_frame_column *chosen; /* of the inputs that are used, in their order */
    size_t n_chosen;
    float *zeros;          /* a block, for inputs that are not used */
    const float **numbers; /* (n_features) */
    const uint32_t **cats; /* (n_cat_features) */
};

static cm_status init(cm_model_table *s, const cm_model *model, cm_error *err)
{
    size_t m = model->n_features, c = model->n_cat_features;
    s->model = model;
    s->n_inputs = m + c;
    s->inputs = cm_alloc(m + c, sizeof *s->inputs, err);
    s->chosen = cm_alloc(m + c, sizeof *s->chosen, err);
    s->zeros = cm_alloc_zero(CM_FRAME_BLOCK, sizeof *s->zeros, err);
    s->numbers = cm_alloc(m, sizeof *s->numbers, err);
    s->cats = cm_alloc(c, sizeof *s->cats, err);
    if (s->inputs == NULL || s->chosen == NULL || s->zeros == NULL ||
        s->numbers == NULL || s->cats == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < m; i++) {
        const cm_float_feature *f = &model->features[i];
        s->inputs[i] =
            (model_input){f->name, f->flat_index, false, f->n_borders > 0};
    }
    for (size_t i = 0; i < c; i++) {
        const cm_cat_feature *f = &model->cat_features[i];
        s->inputs[m + i] = (model_input){f->name, f->flat_index, true, true};
    }
    return CM_OK;
}

void cm_model_table_close(cm_model_table *table)
{
    if (table == NULL) {
        return;
    }
    cm_frame_close(table->frame);
    free(table->inputs);
    free(table->chosen);
    free(table->zeros);
    free(table->numbers);
    free(table->cats);
    free(table);
}

/* ---- which column is which input ------------------------------------- */

/* A model of a matrix without names calls its features by their numbers. */
static bool has_names(const cm_model_table *s)
{
    for (size_t i = 0; i < s->n_inputs; i++) {
        char number[CM_NUM_TEXT];
        size_t n = cm_format_u64(number, s->inputs[i].flat_index);
        if (!cm_str_equal(cm_str_of(s->inputs[i].name), (cm_str){number, n})) {
            return true;
        }
    }
    return false;
}

/* The columns of the frame by name. */
typedef struct name_place {
    const char *name;
    size_t column;
} name_place;

static int compare_places(const void *a, const void *b)
{
    return strcmp(((const name_place *)a)->name, ((const name_place *)b)->name);
}

static cm_status refuse_missing(const cm_model_table *s, cm_buf *missing,
                                size_t n, cm_error *err)
{
    cm_status status = cm_buf_check(missing, err);
    return status != CM_OK
               ? status
               : cm_fail(err, CM_ERR_DATA,
                         "%s: found no column%s %s; the model needs %s",
                         s->frame->file, n == 1 ? "" : "s", missing->p,
                         n == 1 ? "it" : "them");
}

/* Names up to a number that a line can hold. */
static void add_missing(cm_buf *missing, size_t n, const char *name)
{
    enum { SHOWN = 8 };
    if (n < SHOWN) {
        cm_buf_addf(missing, "%s\"%.60s\"", n > 0 ? ", " : "", name);
    } else if (n == SHOWN) {
        cm_buf_adds(missing, ", ...");
    }
}

static cm_status columns_by_name(cm_model_table *s, cm_error *err)
{
    size_t m = s->frame->n_columns, n_missing = 0;
    cm_buf missing = {0};
    name_place *places = cm_alloc(m, sizeof *places, err);
    if (places == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < m; i++) {
        places[i] = (name_place){s->frame->names[i], i};
    }
    qsort(places, m, sizeof *places, compare_places);
    for (size_t i = 0; i < s->n_inputs; i++) {
        const model_input *in = &s->inputs[i];
        name_place key = {in->name, 0};
        const name_place *found =
            bsearch(&key, places, m, sizeof *places, compare_places);
        if (in->is_used && found == NULL) {
            add_missing(&missing, n_missing++, in->name);
        } else if (in->is_used) {
            s->chosen[s->n_chosen++].column = found->column;
        }
    }
    cm_status status =
        n_missing > 0 ? refuse_missing(s, &missing, n_missing, err) : CM_OK;
    cm_buf_release(&missing);
    free(places);
    return status;
}

static cm_status columns_by_position(cm_model_table *s, const cm_log *log,
                                     cm_error *err)
{
    size_t m = s->frame->n_columns, needed = 0;
    for (size_t i = 0; i < s->n_inputs; i++) {
        const model_input *in = &s->inputs[i];
        needed = in->flat_index >= needed ? in->flat_index + 1u : needed;
        if (in->is_used && in->flat_index >= m) {
            return cm_fail(err, CM_ERR_DATA,
                           "%s: has %zu columns, and the model needs column "
                           "%u (\"%s\"), counted from 0",
                           s->frame->file, m, in->flat_index, in->name);
        }
        if (in->is_used) {
            s->chosen[s->n_chosen++].column = in->flat_index;
        }
    }
    if (m > needed) {
        cm_warn(log,
                "%s: has %zu columns; the model knows the first %zu, the "
                "others are not looked at",
                s->frame->file, m, needed);
    }
    return CM_OK;
}

static cm_status choose_columns(cm_model_table *s, const cm_log *log,
                                cm_error *err)
{
    cm_status status = s->frame->has_header && has_names(s)
                           ? columns_by_name(s, err)
                           : columns_by_position(s, log, err);
    if (status == CM_OK && s->frame->npy != NULL &&
        s->model->n_cat_features > 0) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s: the model has categories (\"%s\"), which a matrix "
                       "of numbers cannot hold; give a CSV",
                       s->frame->file, s->model->cat_features[0].name);
    }
    for (size_t i = 0, at = 0; status == CM_OK && i < s->n_inputs; i++) {
        if (s->inputs[i].is_used) {
            s->chosen[at++].hash =
                s->inputs[i].is_category ? cm_cat_hash : NULL;
        }
    }
    return status == CM_OK
               ? cm_frame_choose(s->frame, s->chosen, s->n_chosen, err)
               : status;
}

/* ---- rows ------------------------------------------------------------ */

cm_status cm_model_table_open(cm_model_table **out, const cm_model *model,
                              const char *path, const cm_log *log,
                              cm_error *err)
{
    *out = NULL;
    cm_model_table *table = cm_alloc_zero(1, sizeof *table, err);
    cm_status status = table ? init(table, model, err) : CM_ERR_NOMEM;
    if (status == CM_OK) {
        status = cm_frame_open(&table->frame, path, err);
    }
    if (status == CM_OK) {
        status = choose_columns(table, log, err);
    }
    if (status != CM_OK) {
        cm_model_table_close(table);
        return status;
    }
    *out = table;
    return CM_OK;
}

cm_status cm_model_table_next(cm_model_table *table, cm_model_block *block,
                              cm_error *err)
{
    size_t m = table->model->n_features, at = 0;
    cm_frame_block next = {0};
    cm_status status = cm_frame_next(table->frame, &next, err);
    for (size_t i = 0; status == CM_OK && i < table->n_inputs; i++) {
        if (i < m) {
            table->numbers[i] = table->inputs[i].is_used && next.n_rows > 0
                                    ? next.numbers[at++]
                                    : table->zeros;
        } else {
            table->cats[i - m] = next.n_rows > 0 ? next.hashes[at++] : NULL;
        }
    }
    *block = (cm_model_block){next.first_row, next.n_rows, table->numbers,
                              table->cats};
    return status;
}
