/* Streams: plain, gzip and zstd give the same bytes, damage is found. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/rng.h"
#include "codec/stream.h"
#include "test_base_folder.h"

/* A text that compresses like a log, from n bytes on. */
static cm_buf make_text(size_t n)
{
    cm_buf text = {0};
    cm_rng rng = cm_rng_stream(1, n);
    while (text.n < n) {
        cm_buf_addf(&text, "%llu,1005,a%llx\r\n",
                    (unsigned long long)(cm_rng_next(&rng) % 1000),
                    (unsigned long long)(cm_rng_next(&rng) >> 40));
    }
    assert_false(text.failed);
    return text;
}

static void add_gzip(cm_buf *out, cm_str text)
{
    z_stream z = {0};
    assert_int_equal(
        deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, text.n) + 64;
    unsigned char *bytes = malloc(room);
    assert_non_null(bytes);
    z.next_in = (unsigned char *)(uintptr_t)text.p;
    z.avail_in = (unsigned)text.n;
    z.next_out = bytes;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    cm_buf_add(out, bytes, room - z.avail_out);
    deflateEnd(&z);
    free(bytes);
}

static void add_zstd(cm_buf *out, cm_str text)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t room = ZSTD_compressBound(text.n);
    void *bytes = malloc(room);
    assert_non_null(bytes);
    size_t n = ZSTD_compress2(context, bytes, room, text.p, text.n);
    assert_false(ZSTD_isError(n));
    cm_buf_add(out, bytes, n);
    ZSTD_freeCCtx(context);
    free(bytes);
}

typedef void (*compressor)(cm_buf *out, cm_str text);

static const compressor compressors[] = {add_gzip, add_zstd};

static const char *write_test_file(void **state, cm_str bytes)
{
    const char *path = path_in(state, "stream");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
    assert_int_equal(fclose(file), 0);
    return path;
}

/* Reads to the end in pieces of `step` bytes. */
static cm_status read_all(cm_buf *out, const char *path, size_t step,
                          cm_error *err)
{
    cm_stream *stream = NULL;
    char *piece = malloc(step);
    assert_non_null(piece);
    cm_status status = cm_stream_open(&stream, path, err);
    size_t got = step;
    while (status == CM_OK && got == step) {
        status = cm_stream_read(stream, piece, step, &got, err);
        assert_true(got <= step);
        cm_buf_add(out, piece, got);
    }
    if (status == CM_OK) {
        assert_int_equal(cm_stream_read(stream, piece, step, &got, err), CM_OK);
        assert_int_equal(got, 0);
        if (cm_stream_total(stream) > 0) {
            assert_int_equal(cm_stream_position(stream),
                             cm_stream_total(stream));
        }
    }
    cm_stream_close(stream);
    free(piece);
    return status;
}

static void assert_reads_as(const char *path, size_t step, cm_str expected)
{
    cm_buf out = {0};
    cm_error err = {0};
    if (read_all(&out, path, step, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(out.n, expected.n);
    if (out.n > 0) {
        assert_int_equal(memcmp(out.p, expected.p, out.n), 0);
    }
    cm_buf_release(&out);
}

static cm_str view(const cm_buf *buf)
{
    return (cm_str){buf->p, buf->n};
}

static void all_kinds_give_the_same(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 5, 100, 70000, 3000000};
    static const size_t steps[] = {1, 7, 4096, 5000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        cm_buf text = make_text(sizes[i]);
        for (size_t j = sizes[i] > 100000; j < 4; j++) {
            assert_reads_as(write_test_file(state, view(&text)), steps[j],
                            view(&text));
            for (size_t k = 0; k < 2; k++) {
                cm_buf packed = {0};
                compressors[k](&packed, view(&text));
                assert_reads_as(write_test_file(state, view(&packed)), steps[j],
                                view(&text));
                cm_buf_release(&packed);
            }
        }
        cm_buf_release(&text);
    }
}

static void incompressible_bytes(void **state)
{
    cm_buf text = {0};
    cm_rng rng = cm_rng_stream(3, 3);
    cm_buf_adds(&text, "not a magic number");
    for (int i = 0; i < 400000; i++) {
        uint64_t bits = cm_rng_next(&rng);
        cm_buf_add(&text, &bits, sizeof bits);
    }
    for (size_t k = 0; k < 2; k++) {
        cm_buf packed = {0};
        compressors[k](&packed, view(&text));
        assert_reads_as(write_test_file(state, view(&packed)), 100000,
                        view(&text));
        cm_buf_release(&packed);
    }
    cm_buf_release(&text);
}

static void empty_inputs(void **state)
{
    cm_str nothing = {NULL, 0};
    assert_reads_as(write_test_file(state, CM_STR("")), 10, nothing);
    for (size_t k = 0; k < 2; k++) {
        cm_buf packed = {0};
        compressors[k](&packed, CM_STR(""));
        assert_reads_as(write_test_file(state, view(&packed)), 10, nothing);
        cm_buf_release(&packed);
    }
}

static void members_are_joined(void **state)
{
    cm_buf whole = {0};
    for (size_t k = 0; k < 2; k++) {
        cm_buf packed = {0};
        cm_buf_clear(&whole);
        for (size_t i = 0; i < 5; i++) {
            cm_buf text = make_text(i == 2 ? 0 : 1 + 900000 * (i % 2));
            compressors[k](&packed, view(&text));
            cm_buf_add(&whole, text.p, text.n);
            cm_buf_release(&text);
        }
        assert_reads_as(write_test_file(state, view(&packed)), 64,
                        view(&whole));
        assert_reads_as(write_test_file(state, view(&packed)), 3000000,
                        view(&whole));
        cm_buf_release(&packed);
    }
    cm_buf_release(&whole);
}

static void every_truncation_is_found(void **state)
{
    cm_buf text = make_text(300);
    for (size_t k = 0; k < 2; k++) {
        cm_buf packed = {0};
        compressors[k](&packed, view(&text));
        size_t first = packed.n;
        compressors[k](&packed, view(&text));
        /* One byte of zstd's magic number is a text, "(". */
        for (size_t n = k == 0 ? 1 : 2; n < packed.n; n++) {
            if (n == first) {
                continue;
            }
            cm_error err = {0};
            cm_buf out = {0};
            const char *path = write_test_file(state, (cm_str){packed.p, n});
            if (read_all(&out, path, 50, &err) != CM_ERR_PARSE) {
                fail_msg("kind %zu cut at %zu was read", k, n);
            }
            assert_non_null(strstr(err.message, path));
            assert_true(out.n <= 2 * text.n);
            cm_buf_release(&out);
        }
        cm_buf_release(&packed);
    }
    cm_buf_release(&text);
}

/* What is read without an error equals the text; header bytes nobody checks
 * (the time, the system) may change freely. */
static void every_flipped_bit_is_found(void **state)
{
    cm_buf text = make_text(200);
    for (size_t k = 0; k < 2; k++) {
        cm_buf packed = {0};
        compressors[k](&packed, view(&text));
        size_t found = 0;
        for (size_t bit = 32; bit < packed.n * 8; bit++) {
            packed.p[bit / 8] ^= (char)(1 << bit % 8);
            cm_buf out = {0};
            if (read_all(&out, write_test_file(state, view(&packed)), 50,
                         NULL) != CM_OK) {
                found++;
            } else {
                assert_true(cm_str_equal(view(&out), view(&text)));
            }
            cm_buf_release(&out);
            packed.p[bit / 8] ^= (char)(1 << bit % 8);
        }
        assert_true(found > packed.n * 8 - 32 - 8 * 8);
        cm_buf_release(&packed);
    }
    cm_buf_release(&text);
}

static void garbage_after_the_end(void **state)
{
    for (size_t k = 0; k < 2; k++) {
        static const char *const tails[] = {"x", "\n", "garbage here"};
        for (size_t i = 0; i < 3; i++) {
            cm_buf packed = {0};
            cm_buf out = {0};
            cm_error err = {0};
            compressors[k](&packed, CM_STR("a,b\n1,2\n"));
            size_t end = packed.n;
            cm_buf_adds(&packed, tails[i]);
            assert_int_equal(
                read_all(&out, write_test_file(state, view(&packed)), 4, &err),
                CM_ERR_PARSE);
            char place[64];
            snprintf(place, sizeof place, "byte %zu", end);
            if (k == 0) {
                assert_non_null(strstr(err.message, place));
            }
            cm_buf_release(&packed);
            cm_buf_release(&out);
        }
    }
}

static void only_plain_files_are_mapped(void **state)
{
    cm_stream *stream = NULL;
    cm_error err = {0};
    const char *path = write_test_file(state, CM_STR("a,b\n"));
    assert_int_equal(cm_stream_open(&stream, path, &err), CM_OK);
    const cm_mapping *mapping = cm_stream_mapping(stream);
    assert_non_null(mapping);
    assert_int_equal(mapping->size, 4);
    assert_memory_equal(mapping->data, "a,b\n", 4);
    assert_int_equal(cm_stream_total(stream), 4);
    cm_stream_close(stream);
    cm_buf packed = {0};
    add_gzip(&packed, CM_STR("a,b\n"));
    path = write_test_file(state, view(&packed));
    assert_int_equal(cm_stream_open(&stream, path, &err), CM_OK);
    assert_null(cm_stream_mapping(stream));
    cm_stream_close(stream);
    cm_buf_release(&packed);
    cm_stream_close(NULL);
}

static void what_cannot_be_opened(void **state)
{
    cm_stream *stream = NULL;
    cm_error err = {0};
    assert_int_equal(cm_stream_open(&stream, path_in(state, "none"), &err),
                     CM_ERR_IO);
    assert_null(stream);
    assert_non_null(strstr(err.message, "none: cannot open"));
    assert_int_equal(cm_stream_open(&stream, path_in(state, ""), &err),
                     CM_ERR_IO);
    assert_non_null(strstr(err.message, "folder"));
}

/* Runs read_all on standard input, fed by a child in pieces of `piece`. */
static void assert_stdin_reads_as(cm_str bytes, size_t piece, cm_str expected)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        for (size_t i = 0; i < bytes.n; i += piece) {
            size_t n = bytes.n - i < piece ? bytes.n - i : piece;
            if (write(ends[1], bytes.p + i, n) != (ssize_t)n) {
                _exit(1);
            }
        }
        _exit(0);
    }
    close(ends[1]);
    int saved = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    assert_reads_as("-", 1000, expected);
    dup2(saved, STDIN_FILENO);
    close(saved);
    waitpid(child, NULL, 0);
}

static void standard_input(void **state)
{
    (void)state;
    cm_buf text = make_text(20000);
    assert_stdin_reads_as(CM_STR(""), 1, (cm_str){NULL, 0});
    assert_stdin_reads_as(CM_STR("a"), 1, CM_STR("a"));
    assert_stdin_reads_as(view(&text), 777, view(&text));
    for (size_t k = 0; k < 2; k++) {
        cm_buf packed = {0};
        compressors[k](&packed, view(&text));
        compressors[k](&packed, CM_STR(""));
        assert_stdin_reads_as(view(&packed), 1, view(&text));
        assert_stdin_reads_as(view(&packed), 100000, view(&text));
        cm_buf_release(&packed);
    }
    cm_buf_release(&text);
}

static void redirected_file_starts_where_it_stands(void **state)
{
    const char *path = write_test_file(state, CM_STR("skip,rest"));
    int saved = dup(STDIN_FILENO);
    for (off_t offset = 0; offset <= 5; offset += 5) {
        int fd = open(path, O_RDONLY);
        assert_int_equal(lseek(fd, offset, SEEK_SET), offset);
        dup2(fd, STDIN_FILENO);
        close(fd);
        cm_stream *stream = NULL;
        assert_int_equal(cm_stream_open(&stream, "-", NULL), CM_OK);
        assert_int_equal(cm_stream_mapping(stream) != NULL, offset == 0);
        char bytes[32];
        size_t got = 0;
        assert_int_equal(
            cm_stream_read(stream, bytes, sizeof bytes, &got, NULL), CM_OK);
        assert_int_equal(got, 9 - offset);
        assert_memory_equal(bytes, &"skip,rest"[offset], got);
        cm_stream_close(stream);
    }
    dup2(saved, STDIN_FILENO);
    close(saved);
}

static void skippable_frames(void **state)
{
    cm_buf packed = {0};
    cm_buf_add(&packed, "\x50\x2a\x4d\x18\x03\0\0\0xyz", 11);
    add_zstd(&packed, CM_STR("a,b\n"));
    assert_reads_as(write_test_file(state, view(&packed)), 100,
                    CM_STR("a,b\n"));
    cm_buf_release(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_give_the_same),
        cmocka_unit_test(incompressible_bytes),
        cmocka_unit_test(empty_inputs),
        cmocka_unit_test(members_are_joined),
        cmocka_unit_test(every_truncation_is_found),
        cmocka_unit_test(every_flipped_bit_is_found),
        cmocka_unit_test(garbage_after_the_end),
        cmocka_unit_test(only_plain_files_are_mapped),
        cmocka_unit_test(what_cannot_be_opened),
        cmocka_unit_test(standard_input),
        cmocka_unit_test(redirected_file_starts_where_it_stands),
        cmocka_unit_test(skippable_frames),
    };
    return cmocka_run_group_tests_name("codec/stream", tests, folder_setup,
                                       folder_teardown);
}
