/* Writes a model as C: tables of conditions and leaves, and one loop. */
#include "model/export_c.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

enum { WIDTH = 79, MAX_NAME = 64 };

/* ---- checks ------------------------------------------------------------ */

static bool is_identifier(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c > 127 || !(isalpha(c) || c == '_' || (i > 0 && isdigit(c)))) {
            return false;
        }
    }
    return n > 0 && n <= MAX_NAME;
}

/* What a one-hot or CTR number is made of. */
static const char *category_of(const cm_model *model, size_t number)
{
    size_t derived = number - model->n_features;
    if (derived < model->n_one_hots) {
        uint32_t cat = model->one_hots[derived].cat_feature;
        return model->cat_features[cat].name;
    }
    const cm_ctr_feature *ctr = &model->ctrs[derived - model->n_one_hots];
    const cm_projection *from = &model->ctr_tables[ctr->table].projection;
    return from->n_cats > 0 ? model->cat_features[from->cats[0]].name
                            : "a combination";
}

static cm_status check_exportable(const cm_model *model, const char *name,
                                  cm_error *err)
{
    if (!is_identifier(name)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "\"%s\" cannot name C functions: expected at most %d "
                       "letters, digits and _, not a digit first",
                       name, (int)MAX_NAME);
    }
    for (size_t t = 0; t < model->n_trees; t++) {
        for (uint32_t d = 0; d < model->trees[t].depth; d++) {
            size_t number = model->trees[t].splits[d].feature;
            if (number >= model->n_features) {
                return cm_fail(err, CM_ERR_UNSUPPORTED,
                               "tree %zu asks for the category \"%s\"; C "
                               "source takes models of float features: convert "
                               "to .json or .cbm",
                               t, category_of(model, number));
            }
        }
    }
    return CM_OK;
}

/* ---- literals ---------------------------------------------------------- */

/* A list of literals, broken into lines. */
typedef struct list_writer {
    cm_buf *out;
    size_t column; /* 0: at the start of a line */
} list_writer;

static void put_item(list_writer *list, const char *text)
{
    size_t n = strlen(text);
    if (list->column > 0 && list->column + 1 + n > WIDTH) {
        cm_buf_addc(list->out, '\n');
        list->column = 0;
    }
    cm_buf_adds(list->out, list->column == 0 ? "    " : " ");
    cm_buf_adds(list->out, text);
    list->column += (list->column == 0 ? 4 : 1) + n;
}

/* Digits that C takes for an integer get a point. */
static void make_real(char *text)
{
    if (strcspn(text, ".e") == strlen(text)) {
        memcpy(text + strlen(text), ".0", 3);
    }
}

static void put_double(list_writer *list, double value)
{
    char text[CM_NUM_TEXT + 4];
    cm_format_double(text, value);
    make_real(text);
    memcpy(text + strlen(text), ",", 2);
    put_item(list, text);
}

/* A name inside a comment, which it must not end, begin or turn into another
 * character. */
static void put_name(cm_buf *out, const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        char before = c > name ? c[-1] : ' ';
        bool joins = (*c == '/' && before == '*') ||
                     (*c == '*' && before == '/') ||
                     (*c == '?' && before == '?') || *c == '\\';
        if (joins) {
            cm_buf_addc(out, '\\');
        }
        cm_buf_addc(out, (unsigned char)*c < ' ' || *c == 127 ? ' ' : *c);
    }
}

/* ---- header ------------------------------------------------------------ */

static bool is_classifier(const cm_model *model)
{
    return model->class_names[0] != NULL;
}

static void put_header(cm_buf *out, const cm_model *model, const char *name)
{
    cm_buf_addf(out, "/* A model of %zu trees (%s).  x:\n", model->n_trees,
                model->guid);
    for (size_t f = 0; f < model->n_features; f++) {
        const cm_float_feature *feature = &model->features[f];
        cm_buf_addf(out, " *   [%zu]%s", f, *feature->name ? " " : "");
        put_name(out, feature->name);
        cm_buf_adds(out, feature->n_borders == 0 ? " (not used)\n" : "\n");
    }
    cm_buf_addf(out,
                " */\n"
                "#ifndef MODEL_%s_H\n"
                "#define MODEL_%s_H\n\n"
                "#ifdef __cplusplus\n"
                "extern \"C\" {\n"
                "#endif\n\n"
                "enum { %s_features = %zu };\n\n"
                "double %s_raw(const float *x);\n",
                name, name, name, model->n_features, name);
    if (is_classifier(model)) {
        cm_buf_adds(out, "/* Of the class \"");
        put_name(out, model->class_names[1]);
        cm_buf_addf(out,
                    "\". */\n"
                    "double %s_probability(const float *x);\n",
                    name);
    }
    cm_buf_adds(out, "\n#ifdef __cplusplus\n"
                     "}\n"
                     "#endif\n\n"
                     "#endif\n");
}

/* ---- source ------------------------------------------------------------ */

static bool nan_above(const cm_model *model, size_t feature)
{
    return model->features[feature].nan_treatment == CM_NAN_AS_TRUE;
}

/* Whether some tree's answer to NaN is yes. */
static bool has_nan_above(const cm_model *model)
{
    for (size_t f = 0; f < model->n_features; f++) {
        if (nan_above(model, f) && model->features[f].n_borders > 0) {
            return true;
        }
    }
    return false;
}

static void put_splits(cm_buf *out, const cm_model *model)
{
    list_writer list = {out, 0};
    cm_buf_adds(out,
                "/* The conditions of all trees, one tree after the other: is "
                "x[feature]\n"
                " * above border? */\n"
                "static const struct split {\n"
                "    unsigned feature;\n"
                "    float border;\n"
                "} splits[] = {\n");
    for (size_t t = 0; t < model->n_trees; t++) {
        for (uint32_t d = 0; d < model->trees[t].depth; d++) {
            cm_split_condition c = model->trees[t].splits[d];
            char border[CM_NUM_TEXT + 4], text[2 * CM_NUM_TEXT + 16];
            cm_format_float(border,
                            model->features[c.feature].borders[c.border]);
            make_real(border);
            (void)snprintf(text, sizeof text, "{%u, %sf},", c.feature, border);
            put_item(&list, text);
        }
    }
    put_item(&list, "{0, 0.0f} /* the end */");
    cm_buf_adds(out, "\n};\n\n");
}

static void put_depths(cm_buf *out, const cm_model *model)
{
    list_writer list = {out, 0};
    cm_buf_adds(out, "static const unsigned char depths[trees] = {\n");
    for (size_t t = 0; t < model->n_trees; t++) {
        char text[CM_NUM_TEXT];
        (void)snprintf(text, sizeof text, "%u,", model->trees[t].depth);
        put_item(&list, text);
    }
    cm_buf_adds(out, "\n};\n\n");
}

static void put_leaves(cm_buf *out, const cm_model *model)
{
    cm_buf_adds(out,
                "/* The leaves of all trees; bit d of a leaf's index is the "
                "answer to\n"
                " * condition d. */\n"
                "static const double leaves[] = {\n");
    for (size_t t = 0; t < model->n_trees; t++) {
        list_writer list = {out, 0};
        for (size_t l = 0; l < (size_t)1 << model->trees[t].depth; l++) {
            put_double(&list, model->trees[t].leaf_values[l]);
        }
        cm_buf_addc(out, '\n');
    }
    cm_buf_adds(out, "};\n\n");
}

/* Features whose NaN counts as above every border. */
static void put_nan_above(cm_buf *out, const cm_model *model)
{
    list_writer list = {out, 0};
    cm_buf_adds(out, "/* Where a missing value (NaN) counts as above every "
                     "border. */\n"
                     "static const unsigned char nan_above[] = {\n");
    for (size_t f = 0; f < model->n_features; f++) {
        put_item(&list, nan_above(model, f) ? "1," : "0,");
    }
    cm_buf_adds(out, "\n};\n\n");
}

/* The sum of leaves to the answer.  The product is stored, because fused with
 * the addition it would be rounded once instead of twice. */
static void put_return(cm_buf *out, const cm_model *model)
{
    char scale[CM_NUM_TEXT + 4], bias[CM_NUM_TEXT + 4];
    cm_format_double(scale, model->scale);
    cm_format_double(bias, model->bias);
    make_real(scale);
    make_real(bias);
    if (model->scale == 1) {
        cm_buf_addf(out, "    return sum + %s;\n}\n", bias);
        return;
    }
    cm_buf_addf(
        out,
        "    /* Stored, so that no compiler fuses it with the addition. "
        "*/\n"
        "    volatile double scaled = %s * sum;\n"
        "    return scaled + %s;\n}\n",
        scale, bias);
}

static void put_raw(cm_buf *out, const cm_model *model, const char *name)
{
    cm_buf_addf(out,
                "double %s_raw(const float *x)\n"
                "{\n"
                "    const struct split *split = splits;\n"
                "    const double *leaf = leaves;\n"
                "    double sum = 0;\n"
                "    int t, d;\n"
                "    for (t = 0; t < trees; t++) {\n"
                "        size_t index = 0;\n"
                "        for (d = 0; d < depths[t]; d++, split++) {\n",
                name);
    if (has_nan_above(model)) {
        cm_buf_adds(out, "            float value = x[split->feature];\n"
                         "            int above = value > split->border ||\n"
                         "                        (value != value && "
                         "nan_above[split->feature]);\n"
                         "            index |= (size_t)above << d;\n");
    } else {
        cm_buf_adds(out, "            int above = x[split->feature] > "
                         "split->border;\n"
                         "            index |= (size_t)above << d;\n");
    }
    cm_buf_adds(out, "        }\n"
                     "        sum += leaf[index];\n"
                     "        leaf += (size_t)1 << depths[t];\n"
                     "    }\n");
    put_return(out, model);
}

static void put_constant(cm_buf *out, const cm_model *model, const char *name)
{
    cm_buf_addf(out,
                "double %s_raw(const float *x)\n"
                "{\n"
                "    double sum = 0;\n"
                "    (void)x;\n",
                name);
    put_return(out, model);
}

static void put_source(cm_buf *out, const cm_model *model, const char *name)
{
    cm_buf_addf(out,
                "/* A model as tables and one loop; C99, needs nothing else. */"
                "\n"
                "#include \"%s.h\"\n\n"
                "#include <math.h>\n"
                "#include <stddef.h>\n\n",
                name);
    if (model->n_trees == 0) {
        put_constant(out, model, name);
    } else {
        cm_buf_addf(out, "enum { trees = %zu };\n\n", model->n_trees);
        put_splits(out, model);
        put_depths(out, model);
        put_leaves(out, model);
        if (has_nan_above(model)) {
            put_nan_above(out, model);
        }
        put_raw(out, model, name);
    }
    if (is_classifier(model)) {
        cm_buf_addf(out,
                    "\n"
                    "double %s_probability(const float *x)\n"
                    "{\n"
                    "    return 1 / (1 + exp(-%s_raw(x)));\n"
                    "}\n",
                    name, name);
    }
}

cm_status cm_model_format_c(const cm_model *model, const char *name,
                            cm_buf *header, cm_buf *source, cm_error *err)
{
    cm_status status = check_exportable(model, name, err);
    if (status != CM_OK) {
        return status;
    }
    put_header(header, model, name);
    put_source(source, model, name);
    status = cm_buf_check(header, err);
    return status == CM_OK ? cm_buf_check(source, err) : status;
}
