/* Reads CatBoost's binary model, .cbm: ours, and any that CatBoost trained
 * with symmetric trees and one output.
 *
 * Nothing in the file is believed.  The flatbuffer reader checks every link
 * and length; this reader counts the memory that a model will take before it
 * takes it; model_construct checks what the numbers mean. */
#include "model/cbm_reader.h"

#include <string.h>

#include "model/catboost_info.h"
#include "model/cbm_format.h"
#include "model/json_text.h"
#include "model/split_index.h"

/* A parsed text takes up to 43 times its size, so parameters may have 256 KiB
 * and a sixteenth of the file. */
enum { INFO_BASE = 256 << 10, INFO_DIVISOR = 16 };

static void unsupported(cbm_reader *r, size_t at, const char *what)
{
    fb_fail(&r->fb, CM_ERR_UNSUPPORTED, at,
            "the model has %s; this version takes " CATBOOST_TAKEN, what);
}

/* ---- info map -------------------------------------------------------- */

/* The value of a key of the info map; n 0 when missing. */
static cm_str info_value(cbm_reader *r, fb_vector pairs, const char *key)
{
    for (size_t i = 0; i < pairs.n && r->fb.status == CM_OK; i++) {
        fb_table pair = fb_element_table(&r->fb, pairs, i);
        if (cm_str_is(fb_get_string(&r->fb, pair, KEY_VALUE_KEY), key)) {
            return fb_get_string(&r->fb, pair, KEY_VALUE_VALUE);
        }
    }
    return (cm_str){0};
}

static json_t *parse_info(cbm_reader *r, cm_str text, const char *key)
{
    json_t *value = NULL;
    char name[512];
    if (text.n == 0 || r->fb.status != CM_OK) {
        return NULL;
    }
    size_t most = INFO_BASE + r->file.n / INFO_DIVISOR;
    if (text.n > most) {
        fb_fail(&r->fb, CM_ERR_UNSUPPORTED,
                (size_t)((const uint8_t *)text.p - r->fb.bytes),
                "%s has %zu bytes of text; this version takes %zu in a model "
                "of this size",
                key, text.n, most);
        return NULL;
    }
    (void)snprintf(name, sizeof name, "%.400s: %s", r->fb.file, key);
    r->fb.status = json_text_parse(&value, text, name, r->fb.err);
    return value;
}

static void read_info(cbm_reader *r, fb_table core)
{
    fb_vector pairs = fb_get_vector(&r->fb, core, CORE_INFO_MAP, 4);
    cm_str params = info_value(r, pairs, "params");
    cm_str class_params = info_value(r, pairs, "class_params");
    cm_str guid = info_value(r, pairs, "model_guid");
    json_t *parsed_params = parse_info(r, params, "params");
    json_t *parsed_class_params = parse_info(r, class_params, "class_params");
    if (r->fb.status == CM_OK) {
        const catboost_facts facts = {
            .params = parsed_params,
            .params_text = params,
            .class_params = parsed_class_params,
            .guid = guid.n == 0 ? NULL : cbm_copy_text(r, guid),
        };
        (void)cbm_charge(r, params.n + class_params.n, 2);
        if (r->fb.status == CM_OK) {
            r->fb.status = catboost_info_read(&r->source, &facts, &r->arena,
                                              r->fb.file, r->fb.err);
        }
    }
    json_decref(parsed_params);
    json_decref(parsed_class_params);
}

/* What this version does not take. */
static void check_kinds(cbm_reader *r, fb_table trees)
{
    static const struct {
        unsigned slot;
        const char *what;
    } kinds[] = {
        {TREES_STEP_NODES, "trees that are not symmetric"},
        {TREES_NODE_TO_LEAF, "trees that are not symmetric"},
        {TREES_TEXT_FEATURES, "text features"},
        {TREES_EMBEDDING_FEATURES, "embedding features"},
        {TREES_ESTIMATED_FEATURES, "features estimated of texts"},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        fb_vector list = fb_get_vector(&r->fb, trees, kinds[k].slot, 4);
        if (list.n > 0) {
            unsupported(r, list.at, kinds[k].what);
        }
    }
    if (fb_get_int(&r->fb, trees, TREES_APPROX_DIMENSION, 0) != 1) {
        unsupported(r, trees.at, "several outputs (multi-class)");
    }
}

/* ---- trees ----------------------------------------------------------- */

static cm_split_condition *read_splits(cbm_reader *r, fb_vector list)
{
    size_t n = split_index_features(&r->source.parts);
    uint64_t *first = cbm_take(r, n + 1, sizeof *first);
    cm_split_condition *splits = cbm_take(r, list.n, sizeof *splits);
    (void)cbm_charge(r, list.n, 24); /* of the plan for applying */
    if (r->fb.status == CM_OK) {
        split_index_fill(first, &r->source.parts);
    }
    for (size_t i = 0; i < list.n && r->fb.status == CM_OK; i++) {
        int32_t index = fb_element_int(&r->fb, list, i);
        if (index < 0 || (uint64_t)index >= first[n]) {
            fb_fail(&r->fb, CM_ERR_DATA, list.at + 4 * i,
                    "a split asks for border %d of the %llu that the features "
                    "have. The file is damaged",
                    index, (unsigned long long)first[n]);
        } else {
            splits[i] = split_index_find(first, n, (uint64_t)index);
        }
    }
    return splits;
}

/* Depths of all trees: sums up splits and leaves, as far as they are there. */
static void add_up(cbm_reader *r, fb_vector sizes, size_t *n_splits,
                   size_t *n_leaves)
{
    *n_splits = *n_leaves = 0;
    for (size_t t = 0; t < sizes.n && r->fb.status == CM_OK; t++) {
        int32_t depth = fb_element_int(&r->fb, sizes, t);
        if (depth < 0 || depth > CM_MAX_DEPTH) {
            fb_fail(&r->fb, CM_ERR_UNSUPPORTED, sizes.at + 4 * t,
                    "tree %zu has depth %d; this version takes at most %d", t,
                    depth, (int)CM_MAX_DEPTH);
        } else {
            *n_splits += (size_t)depth;
            *n_leaves += (size_t)1 << depth;
        }
    }
}

static void check_count(cbm_reader *r, fb_vector v, size_t wanted,
                        const char *what)
{
    if (r->fb.status == CM_OK && v.n != wanted) {
        fb_fail(&r->fb, CM_ERR_DATA, v.at,
                "%zu %s; the depths of the trees ask for %zu. The file is "
                "damaged",
                v.n, what, wanted);
    }
}

/* Trees may only follow each other without a gap. */
static void check_offsets(cbm_reader *r, fb_vector offsets, fb_vector sizes)
{
    int32_t start = 0;
    if (offsets.n == 0) {
        return;
    }
    check_count(r, offsets, sizes.n, "starts of trees");
    for (size_t t = 0; t < sizes.n && r->fb.status == CM_OK; t++) {
        if (fb_element_int(&r->fb, offsets, t) != start) {
            fb_fail(&r->fb, CM_ERR_DATA, offsets.at + 4 * t,
                    "tree %zu starts at split %d; the trees before it have %d. "
                    "The file is damaged",
                    t, fb_element_int(&r->fb, offsets, t), start);
        }
        start += fb_element_int(&r->fb, sizes, t);
    }
}

static void read_trees(cbm_reader *r, fb_table t)
{
    fb_vector sizes = fb_get_vector(&r->fb, t, TREES_SIZES, 4);
    fb_vector splits = fb_get_vector(&r->fb, t, TREES_SPLITS, 4);
    fb_vector offsets = fb_get_vector(&r->fb, t, TREES_START_OFFSETS, 4);
    fb_vector values = fb_get_vector(&r->fb, t, TREES_LEAF_VALUES, 8);
    fb_vector weights = fb_get_vector(&r->fb, t, TREES_LEAF_WEIGHTS, 8);
    size_t n_splits, n_leaves;
    add_up(r, sizes, &n_splits, &n_leaves);
    check_count(r, splits, n_splits, "splits");
    check_offsets(r, offsets, sizes);
    check_count(r, values, n_leaves, "values of leaves");
    if (weights.n > 0) {
        check_count(r, weights, n_leaves, "weights of leaves");
    }
    cm_tree *trees = cbm_take(r, sizes.n, sizeof *trees);
    (void)cbm_charge(r, sizes.n, 3 * CBM_ARENA_ALIGN);
    (void)cbm_charge(r, weights.n == 0 ? n_leaves : 0, sizeof(double));
    const cm_split_condition *conditions = read_splits(r, splits);
    const double *leaf_values = cbm_copy(r, values, sizeof *leaf_values);
    const double *leaf_weights = cbm_copy(r, weights, sizeof *leaf_weights);
    for (size_t i = 0; i < sizes.n && r->fb.status == CM_OK; i++) {
        uint32_t depth = (uint32_t)fb_element_int(&r->fb, sizes, i);
        size_t leaves = (size_t)1 << depth;
        trees[i] = (cm_tree){depth, conditions, leaf_values,
                             weights.n > 0 ? leaf_weights : NULL};
        conditions += depth;
        leaf_values += leaves;
        leaf_weights += weights.n > 0 ? leaves : 0;
    }
    r->source.parts.trees = trees;
    r->source.parts.n_trees = sizes.n;
}

static void read_scale_and_bias(cbm_reader *r, fb_table trees)
{
    fb_vector biases = fb_get_vector(&r->fb, trees, TREES_MULTI_BIAS, 8);
    double bias = fb_get_double(&r->fb, trees, TREES_BIAS, 0);
    if (biases.n > 1) {
        unsupported(r, biases.at, "several outputs (multi-class)");
    } else if (biases.n == 1) {
        memcpy(&bias, r->fb.bytes + biases.at, sizeof bias);
    }
    r->source.parts.bias = bias;
    r->source.scale = fb_get_double(&r->fb, trees, TREES_SCALE, 1);
}

/* ---- the whole ------------------------------------------------------- */

static void read_core(cbm_reader *r, fb_table core)
{
    cm_str version = fb_get_string(&r->fb, core, CORE_FORMAT_VERSION);
    fb_table trees = fb_get_table(&r->fb, core, CORE_MODEL_TREES);
    if (r->fb.status == CM_OK && !cm_str_is(version, CBM_FORMAT_VERSION)) {
        fb_fail(&r->fb, CM_ERR_UNSUPPORTED, core.at,
                "the format is \"%.*s\"; this version reads "
                "\"" CBM_FORMAT_VERSION "\"",
                (int)(version.n < 40 ? version.n : 40), version.p);
    }
    if (r->fb.status == CM_OK && trees.at == 0) {
        fb_fail(&r->fb, CM_ERR_DATA, core.at, "the model has no trees' table");
    }
    check_kinds(r, trees);
    read_info(r, core);
    cbm_read_features(r, trees);
    cbm_read_ctr_features(r, trees);
    read_trees(r, trees);
    read_scale_and_bias(r, trees);
}

/* The parts behind the core, which it names in their order. */
static void read_parts(cbm_reader *r, fb_vector ids)
{
    const fb_reader core = r->fb;
    for (size_t i = 0; i < ids.n && r->fb.status == CM_OK; i++) {
        fb_reader names = core;
        cm_str id = fb_element_string(&names, ids, i);
        r->fb.status = names.status;
        if (r->fb.status == CM_OK && i == 0 && cm_str_is(id, CBM_CTR_PART)) {
            cbm_read_ctr_part(r);
        } else if (r->fb.status == CM_OK) {
            unsupported(r, 0, "texts, embeddings or another unknown part");
        }
    }
    if (r->fb.status == CM_OK && r->source.parts.n_ctrs > 0 && ids.n == 0) {
        fb_fail(&r->fb, CM_ERR_DATA, 0,
                "the model has CTR features but no tables for them");
    }
}

cm_status cm_model_parse_cbm(cm_model **out, cm_str bytes, const char *file,
                             cm_error *err)
{
    const size_t n_magic = strlen(CBM_MAGIC);
    cbm_reader r = {
        .fb = {.file = file, .err = err},
        .file = bytes,
        .budget = cbm_budget(bytes.n),
        .source = {.keep_unused_borders = true},
    };
    *out = NULL;
    if (bytes.n < n_magic || memcmp(bytes.p, CBM_MAGIC, n_magic) != 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: byte 0: expected \"" CBM_MAGIC "\", with which a "
                       ".cbm file starts",
                       file);
    }
    r.at = n_magic;
    cbm_next_part(&r);
    fb_table core = fb_root(&r.fb);
    read_core(&r, core);
    read_parts(&r, fb_get_vector(&r.fb, core, CORE_MODEL_PART_IDS, 4));
    cm_status status = r.fb.status;
    char guid[CM_GUID_TEXT];
    if (status == CM_OK && r.source.guid == NULL) {
        status = model_guid_of(guid, bytes, err);
        r.source.guid = guid;
    }
    if (status == CM_OK) {
        status = model_construct(out, &r.source, err);
        if (status != CM_OK) {
            cm_error_prefix(err, "%s", file);
        }
    }
    cm_arena_release(&r.arena);
    return status;
}
