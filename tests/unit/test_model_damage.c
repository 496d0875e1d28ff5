/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=free */
/* Damaged model files of both formats, made from seeds: each is refused or is
 * a model that can be applied and written, and reading it never takes more
 * memory than 4 times the file and 64 MiB. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/cbm_format.h"
#include "model/cbm_view.h"
#include "test_base_counting.h"
#include "test_model_categories.h"
#include "test_model_random.h"

enum { N_DAMAGED = 2000, MEMORY_FACTOR = 4, MEMORY_BASE = 64 << 20 };

typedef cm_status (*parser)(cm_model **out, cm_str bytes, const char *file,
                            cm_error *err);

/* Reads bytes, and uses the model that they may give. */
static cm_status try_bytes(parser parse, const char *bytes, size_t n)
{
    cm_model *model = NULL;
    cm_error err = {0};
    char *copy = malloc(n + 1); /* of its own size, for sanitizers */
    memcpy(copy, bytes, n);
    count_from_here();
    cm_status status = parse(&model, (cm_str){copy, n}, "damaged", &err);
    size_t limit = MEMORY_FACTOR * n + MEMORY_BASE;
    if (most_bytes_held > limit) {
        fail_msg("%zu bytes for a file of %zu", most_bytes_held, n);
    }
    if (status == CM_OK) {
        cm_buf again = {0};
        float *row = calloc(model->n_features + 1, sizeof *row);
        uint32_t *cats = calloc(model->n_cat_features + 1, sizeof *cats);
        (void)cm_model_apply_cats_row(model, row, cats);
        assert_int_equal(cm_model_format_cbm(model, &again, NULL), CM_OK);
        cm_buf_release(&again);
        free(cats);
        free(row);
    } else {
        assert_null(model);
        assert_true(err.code == status && err.message[0] != '\0');
    }
    cm_model_free(model);
    free(copy);
    return status;
}

/* ---- kinds of damage ------------------------------------------------- */

static void flip_bits(cm_buf *bytes, cm_rng *rng)
{
    for (uint32_t i = 1 + below(rng, 4); i > 0; i--) {
        bytes->p[below(rng, (uint32_t)bytes->n)] ^= (char)(1 << below(rng, 8));
    }
}

static void cut_short(cm_buf *bytes, cm_rng *rng)
{
    bytes->n = below(rng, (uint32_t)bytes->n);
}

/* Sizes, counts, links and slots stand at even places. */
static void write_hostile_size(cm_buf *bytes, cm_rng *rng)
{
    static const uint32_t sizes[] = {
        0,         1,          0x7f,       0xffff,     0x10000,
        0x1000000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};
    uint32_t size = sizes[below(rng, sizeof sizes / sizeof *sizes)];
    size_t width = below(rng, 4) == 0 ? 2 : 4;
    memcpy(bytes->p + below(rng, (uint32_t)(bytes->n - 4) / 2) * 2, &size,
           width);
}

static void write_hostile_text(cm_buf *bytes, cm_rng *rng)
{
    static const char *const texts[] = {
        "9999999999", "-1", "1e999",       "[[[[[[",
        "null,",      "{}", "\"\\u0000\"", "18446744073709551615"};
    const char *text = texts[below(rng, sizeof texts / sizeof *texts)];
    size_t n = strlen(text);
    memcpy(bytes->p + below(rng, (uint32_t)(bytes->n - n)), text, n);
}

static void move_piece(cm_buf *bytes, cm_rng *rng)
{
    uint32_t n = 1 + below(rng, (uint32_t)bytes->n / 4);
    uint32_t room = (uint32_t)bytes->n - n;
    memmove(bytes->p + below(rng, room), bytes->p + below(rng, room), n);
}

static void damage(cm_buf *bytes, cm_rng *rng)
{
    typedef void (*change)(cm_buf *, cm_rng *);
    static const change changes[] = {flip_bits, write_hostile_size,
                                     write_hostile_text, move_piece, flip_bits};
    if (below(rng, 6) == 0) {
        cut_short(bytes, rng);
        return;
    }
    for (uint32_t i = 1 + below(rng, 2); i > 0; i--) {
        changes[below(rng, sizeof changes / sizeof *changes)](bytes, rng);
    }
}

static void damaged_files_do_no_harm(void **state)
{
    (void)state;
    static const random_shape shape = {.n_features = 5,
                                       .n_trees = 6,
                                       .max_borders = 9,
                                       .max_depth = 4,
                                       .low = -1,
                                       .high = 1};
    cm_model *floats = random_model(1, &shape);
    cm_model *categories = category_model(1, 40);
    cm_buf whole[4] = {{0}};
    assert_int_equal(cm_model_format_cbm(floats, &whole[0], NULL), CM_OK);
    assert_int_equal(cm_model_format_cbm(categories, &whole[1], NULL), CM_OK);
    assert_int_equal(cm_model_format_json(floats, &whole[2], NULL), CM_OK);
    assert_int_equal(cm_model_format_json(categories, &whole[3], NULL), CM_OK);
    const parser parsers[] = {cm_model_parse_cbm, cm_model_parse_cbm,
                              cm_model_parse_json, cm_model_parse_json};
    int refused = 0;
    for (uint64_t seed = 0; seed < N_DAMAGED; seed++) {
        cm_rng rng = cm_rng_stream(seed, 4);
        cm_buf bytes = {0};
        const cm_buf *source = &whole[seed % 4];
        cm_buf_add(&bytes, source->p, source->n);
        damage(&bytes, &rng);
        refused +=
            try_bytes(parsers[seed % 4], bytes.p, bytes.n) != CM_OK ? 1 : 0;
        cm_buf_release(&bytes);
    }
    assert_in_range(refused, N_DAMAGED / 2, N_DAMAGED - 1);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(try_bytes(parsers[i], whole[i].p, whole[i].n), CM_OK);
        cm_buf_release(&whole[i]);
    }
    cm_model_free(floats);
    cm_model_free(categories);
}

/* ---- files made to take memory --------------------------------------- */

typedef struct core_writer {
    fb_writer w;
    cm_buf out;
    size_t size_at, core, trees;
} core_writer;

/* A core whose trees' table has the slots of a bit set. */
static void core_begin(core_writer *c, uint32_t slots)
{
    fb_field fields[N_TREES_SLOTS] = {[TREES_APPROX_DIMENSION] = fb_int(1)};
    const fb_field core_fields[] = {fb_link(), fb_link()};
    *c = (core_writer){0};
    for (unsigned s = 1; s < N_TREES_SLOTS; s++) {
        fields[s] = slots >> s & 1 ? fb_link() : (fb_field){0};
    }
    cm_buf_adds(&c->out, CBM_MAGIC);
    c->size_at = cbm_open_part(&c->out);
    fb_begin(&c->w, &c->out);
    c->core = fb_put_table(&c->w, core_fields, 2);
    fb_set_link(&c->w, c->core, CORE_FORMAT_VERSION,
                fb_put_string(&c->w, CM_STR(CBM_FORMAT_VERSION)));
    c->trees = fb_put_table(&c->w, fields, N_TREES_SLOTS);
    fb_set_link(&c->w, c->core, CORE_MODEL_TREES, c->trees);
}

static cm_status core_try(core_writer *c)
{
    assert_int_equal(cbm_close_part(&c->w, c->core, c->size_at, NULL), CM_OK);
    cm_status status = try_bytes(cm_model_parse_cbm, c->out.p, c->out.n);
    cm_buf_release(&c->out);
    return status;
}

/* Trees of twelve bytes each in the file. */
static cm_status try_smallest_trees(size_t n)
{
    core_writer c;
    core_begin(&c, 1u << TREES_SIZES | 1u << TREES_LEAF_VALUES);
    char *zeros = calloc(n, sizeof(double));
    fb_set_link(&c.w, c.trees, TREES_SIZES,
                fb_put_vector(&c.w, zeros, n, 4, 4));
    fb_set_link(&c.w, c.trees, TREES_LEAF_VALUES,
                fb_put_vector(&c.w, zeros, n, 8, 8));
    free(zeros);
    return core_try(&c);
}

static void many_small_trees_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(try_smallest_trees(500000), CM_OK);
    assert_int_equal(try_smallest_trees(4 << 20), CM_ERR_UNSUPPORTED);
}

/* 100,000 features that are all the same bytes of the file. */
static void one_feature_many_times_is_bounded(void **state)
{
    (void)state;
    enum { N = 100000 };
    const fb_field fields[] = {fb_int(0), fb_link()};
    core_writer c;
    core_begin(&c, 1u << TREES_ONE_HOT_FEATURES);
    size_t list = fb_put_links(&c.w, N);
    size_t table = fb_put_table(&c.w, fields, 2);
    int32_t *values = calloc(N, sizeof *values);
    fb_set_link(&c.w, c.trees, TREES_ONE_HOT_FEATURES, list);
    fb_set_link(&c.w, table, ONE_HOT_VALUES,
                fb_put_vector(&c.w, values, N, sizeof *values, 4));
    for (size_t i = 0; i < N; i++) {
        fb_set_element(&c.w, list, i, table);
    }
    free(values);
    assert_int_equal(core_try(&c), CM_ERR_UNSUPPORTED);
}

/* Parameters that are a list of n empty lists. */
static cm_status try_lists(size_t n)
{
    const fb_field core_fields[] = {fb_link(), fb_link(), fb_link()};
    const fb_field pair[] = {fb_link(), fb_link()};
    const fb_field trees[] = {fb_int(1)};
    core_writer c = {0};
    cm_buf text = {0};
    for (size_t i = 0; i < n; i++) {
        cm_buf_adds(&text, i == 0 ? "[[]" : ",[]");
    }
    cm_buf_adds(&text, "]");
    cm_buf_adds(&c.out, CBM_MAGIC);
    c.size_at = cbm_open_part(&c.out);
    fb_begin(&c.w, &c.out);
    c.core = fb_put_table(&c.w, core_fields, 3);
    fb_set_link(&c.w, c.core, CORE_FORMAT_VERSION,
                fb_put_string(&c.w, CM_STR(CBM_FORMAT_VERSION)));
    fb_set_link(&c.w, c.core, CORE_MODEL_TREES, fb_put_table(&c.w, trees, 1));
    size_t list = fb_put_links(&c.w, 1);
    fb_set_link(&c.w, c.core, CORE_INFO_MAP, list);
    size_t table = fb_put_table(&c.w, pair, 2);
    fb_set_element(&c.w, list, 0, table);
    fb_set_link(&c.w, table, 0, fb_put_string(&c.w, CM_STR("params")));
    fb_set_link(&c.w, table, 1, fb_put_string(&c.w, (cm_str){text.p, text.n}));
    cm_buf_release(&text);
    return core_try(&c);
}

static void parameters_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(try_lists(80000), CM_OK);
    assert_int_equal(try_lists(8 << 20), CM_ERR_UNSUPPORTED);
}

/* n times a piece with commas between, in brackets, at a place in a model. */
static cm_status try_json(const char *before, const char *piece, size_t n,
                          const char *after)
{
    cm_buf text = {0};
    cm_buf_adds(&text, before);
    for (size_t i = 0; i < n; i++) {
        cm_buf_adds(&text, i == 0 ? "[" : ",");
        cm_buf_adds(&text, piece);
    }
    cm_buf_adds(&text, "]");
    cm_buf_adds(&text, after);
    cm_status status = try_bytes(cm_model_parse_json, text.p, text.n);
    cm_buf_release(&text);
    return status;
}

static void short_json_values_are_bounded(void **state)
{
    (void)state;
    enum { FEW = 1000, MANY = 2000000 };
    static const struct {
        const char *before, *piece, *after;
    } places[] = {
        {"{\"features_info\":{},\"oblivious_trees\":", "{\"leaf_values\":[0]}",
         "}"},
        {"{\"oblivious_trees\":[],\"features_info\":{},\"x\":", "0", "}"},
        {"{\"oblivious_trees\":[],\"features_info\":{},\"x\":", "{}", "}"},
        {"{\"oblivious_trees\":[],\"features_info\":{},\"model_info\":"
         "{\"params\":{\"x\":",
         "[]", "}}}"},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        assert_int_equal(
            try_json(places[i].before, places[i].piece, FEW, places[i].after),
            CM_OK);
        assert_int_equal(
            try_json(places[i].before, places[i].piece, MANY, places[i].after),
            CM_ERR_UNSUPPORTED);
    }
    assert_int_equal(try_json("{\"features_info\":{},\"oblivious_trees\":"
                              "[{\"leaf_values\":",
                              "0", MANY, "}]}"),
                     CM_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(many_small_trees_are_bounded),
        cmocka_unit_test(one_feature_many_times_is_bounded),
        cmocka_unit_test(parameters_are_bounded),
        cmocka_unit_test(short_json_values_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
