/* Runs the trainer on a file of bins, for train_parity.py.
 *
 *   probe_train options ROWS FEATURES [key=value ...]
 *       prints the resolved options as JSON
 *   probe_train train FILE [key=value ...]
 *       prints bias, loss, seconds and trees as JSON (trees=0: without trees)
 *
 * FILE: uint64 rows n, uint64 features m, uint16 n_bins (m), uint8 labels (n),
 * uint8 bins (m, n), little-endian. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "boost/train.h"

typedef struct training_file {
    cm_train_set set;
    uint16_t *n_bins;
    uint8_t *labels;
    uint8_t *values;
    const uint8_t **bins;
} training_file;

static void die(const char *what)
{
    fprintf(stderr, "probe_train: %s\n", what);
    exit(1);
}

static void *read_array(FILE *f, size_t count, size_t size)
{
    void *p = malloc(count * size + 1);
    if (p == NULL || fread(p, size, count, f) != count) {
        die("cannot read the training file");
    }
    return p;
}

static void load(training_file *file, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        die("cannot open the training file");
    }
    uint64_t *shape = read_array(f, 2, sizeof *shape);
    size_t n = shape[0], m = shape[1];
    free(shape);
    file->n_bins = read_array(f, m, sizeof *file->n_bins);
    file->labels = read_array(f, n, 1);
    file->values = read_array(f, n * m, 1);
    file->bins = malloc((m + 1) * sizeof *file->bins);
    if (file->bins == NULL) {
        die("out of memory");
    }
    for (size_t i = 0; i < m; i++) {
        file->bins[i] = file->values + i * n;
    }
    fclose(f);
    file->set = (cm_train_set){.n_rows = n,
                               .n_features = m,
                               .bins = file->bins,
                               .n_bins = file->n_bins,
                               .labels = file->labels};
}

static void unload(training_file *file)
{
    free(file->n_bins);
    free(file->labels);
    free(file->values);
    free(file->bins);
}

static bool set_real(cm_train_options *o, const char *key, double value)
{
    const struct {
        const char *name;
        double *field;
    } fields[] = {{"learning_rate", &o->learning_rate},
                  {"l2_leaf_reg", &o->l2_leaf_reg},
                  {"random_strength", &o->random_strength},
                  {"bagging_temperature", &o->bagging_temperature},
                  {"subsample", &o->subsample},
                  {"mvs_reg", &o->mvs_reg},
                  {"rsm", &o->rsm}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(key, fields[i].name) == 0) {
            *fields[i].field = value;
            return true;
        }
    }
    return false;
}

static bool set_whole(cm_train_options *o, const char *key, long value)
{
    if (strcmp(key, "iterations") == 0) {
        o->iterations = (uint32_t)value;
    } else if (strcmp(key, "depth") == 0) {
        o->depth = (uint32_t)value;
    } else if (strcmp(key, "seed") == 0) {
        o->random_seed = (uint64_t)value;
    } else if (strcmp(key, "threads") == 0) {
        o->n_threads = (int)value;
    } else if (strcmp(key, "leaf_iterations") == 0) {
        o->leaf_estimation_iterations = (int)value;
    } else if (strcmp(key, "backtracking") == 0) {
        o->leaf_estimation_backtracking = value != 0;
    } else if (strcmp(key, "boost_from_average") == 0) {
        o->boost_from_average = value != 0;
    } else {
        return false;
    }
    return true;
}

static int word_index(const char *word, const char *const *words, int n)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(word, words[i]) == 0) {
            return i;
        }
    }
    die("unknown word in an option");
    return 0;
}

static const char *const BOOTSTRAPS[] = {"MVS", "Bayesian", "Bernoulli", "No"};
static const char *const SCORES[] = {"Cosine", "L2"};
static const char *const METHODS[] = {"Newton", "Gradient"};

/* False when the key is "trees", the probe's own. */
static void set_option(cm_train_options *o, const char *text, bool *trees)
{
    char key[64];
    const char *value = strchr(text, '=');
    if (value == NULL || value - text >= (long)sizeof key) {
        die("options are key=value");
    }
    memcpy(key, text, (size_t)(value - text));
    key[value++ - text] = '\0';
    if (strcmp(key, "trees") == 0) {
        *trees = value[0] != '0';
    } else if (strcmp(key, "bootstrap") == 0) {
        o->bootstrap = word_index(value, BOOTSTRAPS, 4);
    } else if (strcmp(key, "score") == 0) {
        o->score_function = (cm_score_function)word_index(value, SCORES, 2);
    } else if (strcmp(key, "method") == 0) {
        o->leaf_estimation_method =
            (cm_leaf_method)word_index(value, METHODS, 2);
    } else if (!set_real(o, key, strtod(value, NULL)) &&
               !set_whole(o, key, strtol(value, NULL, 10))) {
        die("unknown option");
    }
}

static void print_options(const cm_train_options *o)
{
    printf("{\"learning_rate\":%.17g,\"l2_leaf_reg\":%.17g,\"subsample\":%.17g,"
           "\"bootstrap_type\":\"%s\",\"leaf_estimation_iterations\":%d,"
           "\"leaf_estimation_method\":\"%s\",\"score_function\":\"%s\","
           "\"random_strength\":%.17g,\"rsm\":%.17g,\"depth\":%u,"
           "\"iterations\":%u,\"min_data_in_leaf\":%u,"
           "\"bagging_temperature\":%.17g,\"boost_from_average\":%s,"
           "\"leaf_estimation_backtracking\":\"%s\",\"random_seed\":%" PRIu64
           "}\n",
           o->learning_rate, o->l2_leaf_reg, o->subsample,
           BOOTSTRAPS[o->bootstrap], o->leaf_estimation_iterations,
           METHODS[o->leaf_estimation_method], SCORES[o->score_function],
           o->random_strength, o->rsm, o->depth, o->iterations,
           o->min_data_in_leaf, o->bagging_temperature,
           o->boost_from_average ? "true" : "false",
           o->leaf_estimation_backtracking ? "AnyImprovement" : "No",
           o->random_seed);
}

static void print_numbers(const char *name, const double *values, size_t n)
{
    printf(",\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        printf("%s%.17g", i > 0 ? "," : "", values[i]);
    }
    printf("]");
}

static void print_tree(const cm_tree *tree)
{
    printf("{\"splits\":[");
    for (uint32_t d = 0; d < tree->depth; d++) {
        printf("%s[%u,%u]", d > 0 ? "," : "", tree->splits[d].feature,
               tree->splits[d].border);
    }
    printf("]");
    print_numbers("leaf_values", tree->leaf_values, (size_t)1 << tree->depth);
    print_numbers("leaf_weights", tree->leaf_weights, (size_t)1 << tree->depth);
    printf("}");
}

static double cpu_seconds(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           1e-6 * (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

static int train(const char *path, const cm_train_options *options, bool trees)
{
    training_file file;
    load(&file, path);
    cm_trained *trained = NULL;
    cm_error err;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    double start = cm_seconds();
    if (cm_train(&trained, &file.set, options, NULL, NULL, &err) != CM_OK) {
        unload(&file);
        die(err.message);
    }
    double seconds = cm_seconds() - start;
    getrusage(RUSAGE_SELF, &after);
    printf("{\"bias\":%.17g,\"train_log_loss\":%.17g,\"seconds\":%.4f,"
           "\"cpu_seconds\":%.4f,\"peak_kb\":%ld,\"loaded_kb\":%ld,\"trees\":[",
           trained->bias, trained->train_log_loss, seconds,
           cpu_seconds(&after) - cpu_seconds(&before), after.ru_maxrss,
           before.ru_maxrss);
    for (size_t i = 0; trees && i < trained->n_trees; i++) {
        printf(i > 0 ? ",\n" : "\n");
        print_tree(&trained->trees[i]);
    }
    printf("]}\n");
    cm_trained_free(trained);
    unload(&file);
    return 0;
}

int main(int argc, char **argv)
{
    cm_train_options options;
    cm_train_options_init(&options);
    bool trees = true, only_options = argc > 3 && argv[1][0] == 'o';
    if (argc < 3) {
        die("usage: probe_train options ROWS FEATURES [key=value ...] | "
            "probe_train train FILE [key=value ...]");
    }
    for (int i = only_options ? 4 : 3; i < argc; i++) {
        set_option(&options, argv[i], &trees);
    }
    if (!only_options) {
        return train(argv[2], &options, trees);
    }
    cm_train_options_resolve(&options, strtoull(argv[2], NULL, 10),
                             strtoull(argv[3], NULL, 10));
    print_options(&options);
    return 0;
}
