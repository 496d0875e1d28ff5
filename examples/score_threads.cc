// score_threads MODEL THREADS ROWS: random rows, scored by one thread and then
// by several that share the model, which makes no difference.
#include <clickmill.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <thread>
#include <vector>

using Model = std::unique_ptr<cm_model, decltype(&cm_model_free)>;

static Model load(const char *path)
{
    cm_model *model;
    cm_error err;
    if (cm_model_load(&model, path, &err) == CM_OK)
        return Model(model, cm_model_free);
    std::fprintf(stderr, "%s\n", err.message);
    std::exit(1);
}

// Raw values of rows [from, to).
static void score(const cm_model *model, cm_model_input all, size_t from,
                  size_t to, double *raw)
{
    all.numbers += from * cm_model_number_count(model);
    all.hashes += from * cm_model_category_count(model);
    all.count = to - from;
    if (cm_model_predict(model, &all, CM_PREDICT_RAW, raw + from, nullptr))
        std::abort();
}

int main(int argc, char **argv)
{
    if (argc != 4) return 2;
    const Model model = load(argv[1]);
    const size_t n_threads = std::strtoul(argv[2], nullptr, 10);
    const size_t n = std::strtoul(argv[3], nullptr, 10);

    std::mt19937 random(1);
    std::vector<float> numbers(n * cm_model_number_count(model.get()));
    std::vector<uint32_t> hashes(n * cm_model_category_count(model.get()));
    for (float &x : numbers) x = float(random() % 1000) / 100;
    for (uint32_t &x : hashes) x = cm_category_hash("abc" + random() % 3, 1);
    cm_model_input rows = {n, numbers.data(), 0, nullptr, 0, hashes.data(), 0};
    std::vector<double> alone(n), together(n);
    score(model.get(), rows, 0, n, alone.data());
    std::vector<std::thread> threads;
    for (size_t t = 0; t < n_threads; t++)
        threads.emplace_back(score, model.get(), rows, n * t / n_threads,
                             n * (t + 1) / n_threads, together.data());
    for (std::thread &thread : threads) thread.join();
    bool same = alone == together;
    std::printf("%zu rows, %zu threads: %s\n", n, n_threads,
                same ? "the same bits" : "DIFFERENT");
    return same ? 0 : 1;
}
