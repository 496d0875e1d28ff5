/* A plain driver for the fuzz targets: runs the files and folders given, and
 * with --seconds N or --runs N then random changes of them, for N seconds or
 * N of them; --seed S chooses others.  A target that knows its format has
 * LLVMFuzzerCustomMutator, which then changes three inputs in four.
 *
 * The input that crashes a target is left as crash-NAME.PID beside the driver,
 * or in the folder that --crashes names; give the driver that file to see the
 * crash again. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/rng.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
/* libFuzzer's: changes the input in place, returns its new size. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max,
                               unsigned seed) __attribute__((weak));

enum {
    MAX_FILES = 10000,
    MAX_CHANGED = 1 << 16, /* of a changed input */
    MAX_CHANGES = 8        /* to one input */
};

typedef struct input {
    uint8_t *bytes;
    size_t n;
} input;

typedef struct corpus {
    input *inputs;
    size_t n;
    size_t capacity;
} corpus;

static _Noreturn void stop(const char *message)
{
    fprintf(stderr, "%s\n", message);
    exit(2);
}

/* A copy of its own size, so that a sanitizer sees a read past the end. */
static void corpus_add(corpus *c, const char *path)
{
    cm_buf buf = {0};
    cm_error err = {0};
    if (cm_read_file(&buf, path, 64 << 20, &err) != CM_OK ||
        cm_grow(&c->inputs, c->n, &c->capacity, sizeof *c->inputs, &err) !=
            CM_OK) {
        stop(err.message);
    }
    uint8_t *bytes = cm_alloc(buf.n, 1, NULL);
    if (bytes == NULL) {
        stop("out of memory");
    }
    if (buf.n > 0) {
        memcpy(bytes, buf.p, buf.n);
    }
    c->inputs[c->n++] = (input){bytes, buf.n};
    cm_buf_release(&buf);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* In the order of the names: a seed means the same everywhere. */
static void corpus_add_all(corpus *c, const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode)) {
        corpus_add(c, path);
        return;
    }
    struct dirent **names = NULL;
    int n = scandir(path, &names, NULL, compare_names);
    for (int i = 0; i < n; i++) {
        char *file = cm_path_join(path, names[i]->d_name);
        if (file != NULL && names[i]->d_name[0] != '.' && c->n < MAX_FILES) {
            corpus_add_all(c, file);
        }
        free(file);
        free(names[i]);
    }
    free(names);
}

static size_t below(cm_rng *rng, size_t n)
{
    return n == 0 ? 0 : (size_t)(cm_rng_next(rng) % n);
}

static void insert(input *in, size_t at, const uint8_t *bytes, size_t n)
{
    if (n > MAX_CHANGED - in->n) {
        return;
    }
    memmove(in->bytes + at + n, in->bytes + at, in->n - at);
    memmove(in->bytes + at, bytes, n);
    in->n += n;
}

static void flip_bit(input *in, cm_rng *rng)
{
    if (in->n > 0) {
        size_t at = below(rng, in->n);
        in->bytes[at] ^= (uint8_t)(1u << below(rng, 8));
    }
}

static void set_byte(input *in, cm_rng *rng)
{
    if (in->n > 0) {
        in->bytes[below(rng, in->n)] = (uint8_t)below(rng, 256);
    }
}

static void insert_bytes(input *in, cm_rng *rng)
{
    uint8_t bytes[16];
    size_t n = 1 + below(rng, sizeof bytes);
    bool same = below(rng, 2) == 0;
    for (size_t i = 0; i < n; i++) {
        bytes[i] = same && i > 0 ? bytes[0] : (uint8_t)below(rng, 256);
    }
    insert(in, below(rng, in->n + 1), bytes, n);
}

/* Words that mean something in one of the formats read here. */
static void insert_word(input *in, cm_rng *rng)
{
    static const char *const words[] = {"\"",
                                        "\"\"",
                                        ",",
                                        "\r\n",
                                        "\n",
                                        "{",
                                        "}",
                                        "[",
                                        "]",
                                        ":",
                                        ": ",
                                        "- ",
                                        "'",
                                        "#",
                                        "&a",
                                        "*a",
                                        "!!b",
                                        "---\n",
                                        "...",
                                        "|\n",
                                        ">-\n",
                                        "  ",
                                        "\t",
                                        "\\",
                                        "\\u0000",
                                        "\\ud800",
                                        "\xef\xbb\xbf",
                                        "\xff",
                                        "-",
                                        "0",
                                        "1e308",
                                        "1e-400",
                                        "-0.0",
                                        "null",
                                        "true",
                                        "nan",
                                        "inf",
                                        "2147483648",
                                        "4294967295",
                                        "18446744073709551616",
                                        "9223372036854775807",
                                        "GET / HTTP/1.1\r\n",
                                        "Content-Length: ",
                                        "Transfer-Encoding: chunked\r\n",
                                        "click",
                                        "hour",
                                        "14102100",
                                        "2014-10-21 00:00:00"};
    size_t count = sizeof words / sizeof *words;
    const char *word = words[below(rng, count)];
    insert(in, below(rng, in->n + 1), (const uint8_t *)word, strlen(word));
}

static void write_number(input *in, cm_rng *rng)
{
    static const uint64_t numbers[] = {
        0,          1,         0x7f,       0x80,          0xff,
        0x7fff,     0x8000,    0xffff,     0x7fffffff,    0x80000000,
        0xffffffff, INT64_MAX, UINT64_MAX, UINT64_MAX - 7};
    size_t width = (size_t)1 << below(rng, 4);
    if (in->n >= width) {
        uint64_t number = numbers[below(rng, sizeof numbers / 8)];
        memcpy(in->bytes + below(rng, in->n - width + 1), &number, width);
    }
}

static void delete_bytes(input *in, cm_rng *rng)
{
    if (in->n == 0) {
        return;
    }
    size_t at = below(rng, in->n);
    size_t most = in->n - at;
    size_t n = 1 + below(rng, below(rng, 4) == 0 ? most : 1 + most / 16);
    n = n > most ? most : n;
    memmove(in->bytes + at, in->bytes + at + n, in->n - at - n);
    in->n -= n;
}

/* A piece of itself again somewhere else. */
static void repeat_piece(input *in, cm_rng *rng)
{
    uint8_t piece[4096];
    if (in->n == 0) {
        return;
    }
    size_t from = below(rng, in->n);
    size_t n = 1 + below(rng, in->n - from);
    n = n > sizeof piece ? sizeof piece : n;
    memcpy(piece, in->bytes + from, n);
    insert(in, below(rng, in->n + 1), piece, n);
}

/* The rest of another input after a beginning of this one. */
static void join_other(input *in, const corpus *c, cm_rng *rng)
{
    const input *other = &c->inputs[below(rng, c->n)];
    size_t from = below(rng, other->n + 1);
    size_t n = other->n - from;
    in->n = below(rng, in->n + 1);
    n = n > MAX_CHANGED - in->n ? MAX_CHANGED - in->n : n;
    memcpy(in->bytes + in->n, other->bytes + from, n);
    in->n += n;
}

static void change(input *in, const corpus *c, cm_rng *rng)
{
    typedef void (*changer)(input *, cm_rng *);
    static const changer changers[] = {flip_bit,     set_byte,     insert_bytes,
                                       insert_word,  write_number, delete_bytes,
                                       repeat_piece, insert_word};
    size_t n = sizeof changers / sizeof *changers;
    size_t which = below(rng, n + 1);
    if (which == n) {
        join_other(in, c, rng);
    } else {
        changers[which](in, rng);
    }
}

static void change_some(input *in, const corpus *c, cm_rng *rng)
{
    if (LLVMFuzzerCustomMutator != NULL && below(rng, 4) > 0) {
        in->n = LLVMFuzzerCustomMutator(in->bytes, in->n, MAX_CHANGED,
                                        (unsigned)cm_rng_next(rng));
        return;
    }
    for (size_t i = 1 + below(rng, MAX_CHANGES); i > 0; i--) {
        change(in, c, rng);
    }
}

/* The input goes to a file first, where a crash leaves it. */
static void run_one(const input *in, int crash_file)
{
    uint8_t *copy = cm_alloc(in->n, 1, NULL);
    if (copy == NULL ||
        pwrite(crash_file, in->bytes, in->n, 0) != (ssize_t)in->n ||
        ftruncate(crash_file, (off_t)in->n) != 0) {
        stop("no memory, or no disk for the crash file");
    }
    memcpy(copy, in->bytes, in->n);
    LLVMFuzzerTestOneInput(copy, in->n);
    free(copy);
}

typedef struct options {
    uint64_t seconds, runs;
    uint64_t seed;
    const char *program;
    const char *crashes; /* a folder; NULL: the program's */
} options;

static bool goes_on(const options *o, uint64_t round, double end)
{
    return o->runs > 0 ? round < o->runs : cm_seconds() < end;
}

static uint64_t run_changes(const corpus *c, const options *o, int crash_file)
{
    static uint8_t bytes[MAX_CHANGED];
    double end = cm_seconds() + (double)o->seconds;
    uint64_t round = 0;
    for (; goes_on(o, round, end); round++) {
        cm_rng rng = cm_rng_stream(o->seed, round);
        const input *start = &c->inputs[below(&rng, c->n)];
        input in = {bytes, start->n < MAX_CHANGED ? start->n : MAX_CHANGED};
        memcpy(in.bytes, start->bytes, in.n);
        change_some(&in, c, &rng);
        run_one(&in, crash_file);
    }
    return round;
}

/* Never in the current folder, which may be a checkout. */
static char *crash_path(const options *o)
{
    char name[128];
    char *beside = cm_path_dir(o->program);
    const char *folder = o->crashes != NULL ? o->crashes : beside;
    snprintf(name, sizeof name, "crash-%s.%ld", cm_path_base(o->program),
             (long)getpid());
    char *path = folder == NULL ? NULL : cm_path_join(folder, name);
    free(beside);
    return path;
}

static void fuzz(const corpus *c, const options *o)
{
    char *path = crash_path(o);
    int crash_file =
        path == NULL
            ? -1
            : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (crash_file < 0) {
        stop("cannot write a crash file; --crashes names a folder for it");
    }
    double start = cm_seconds();
    uint64_t rounds = run_changes(c, o, crash_file);
    close(crash_file);
    unlink(path);
    free(path);
    printf("%" PRIu64 " changed inputs in %.0f s (seed %" PRIu64 ")\n", rounds,
           cm_seconds() - start, o->seed);
}

static uint64_t *number_option(const char *name, options *o)
{
    return strcmp(name, "--seconds") == 0 ? &o->seconds
           : strcmp(name, "--runs") == 0  ? &o->runs
           : strcmp(name, "--seed") == 0  ? &o->seed
                                          : NULL;
}

static void parse_arguments(int argc, char **argv, options *o, corpus *c)
{
    for (int i = 1; i < argc; i++) {
        uint64_t *number = number_option(argv[i], o);
        if (strcmp(argv[i], "--crashes") == 0 && i + 1 < argc) {
            o->crashes = argv[++i];
        } else if (number == NULL) {
            corpus_add_all(c, argv[i]);
        } else if (++i == argc || !cm_parse_u64(cm_str_of(argv[i]), number)) {
            stop("--seconds, --runs and --seed want a number");
        }
    }
    if (c->n == 0) {
        stop("usage: fuzz_x [--seconds N | --runs N] [--seed S] "
             "[--crashes FOLDER] FILE|FOLDER...");
    }
}

int main(int argc, char **argv)
{
    corpus c = {0};
    options o = {.seed = 1, .program = argv[0]};
    parse_arguments(argc, argv, &o, &c);
    for (size_t i = 0; i < c.n; i++) {
        LLVMFuzzerTestOneInput(c.inputs[i].bytes, c.inputs[i].n);
    }
    printf("%zu inputs\n", c.n);
    if (o.seconds > 0 || o.runs > 0) {
        fuzz(&c, &o);
    }
    for (size_t i = 0; i < c.n; i++) {
        free(c.inputs[i].bytes);
    }
    free(c.inputs);
    return 0;
}
