/* MD5 in lanes against OpenSSL's, one message at a time. */
#include <errno.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/md5.h"
#include "base/md5_lanes.h"
#include "base/rng.h"
#include "test_base_folder.h"

static cm_error err;

static void openssl_md5(char out[CM_MD5_HEX], const void *bytes, size_t n)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    assert_int_equal(EVP_Digest(bytes, n, digest, NULL, EVP_md5(), NULL), 1);
    for (size_t i = 0; i < 16; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
    }
}

static void fill(uint8_t *bytes, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)(cm_mix64(seed + i / 8) >> (8 * (i % 8)));
    }
}

static void test_messages_of_all_lengths(void **state)
{
    (void)state;
    uint8_t bytes[300];
    char ours[CM_MD5_HEX], theirs[CM_MD5_HEX];
    fill(bytes, sizeof bytes, 1);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        cm_md5(ours, bytes, n);
        openssl_md5(theirs, bytes, n);
        assert_string_equal(ours, theirs);
    }
    cm_md5(ours, "", 0);
    assert_string_equal(ours, "d41d8cd98f00b204e9800998ecf8427e");
}

/* In pieces of all lengths, what there is before the last asked between. */
static void test_messages_in_pieces(void **state)
{
    (void)state;
    uint8_t bytes[700];
    char ours[CM_MD5_HEX], theirs[CM_MD5_HEX];
    fill(bytes, sizeof bytes, 2);
    for (size_t step = 1; step <= 200; step++) {
        cm_md5_stream stream;
        cm_md5_start(&stream);
        for (size_t at = 0; at < sizeof bytes; at += step) {
            size_t left = sizeof bytes - at;
            size_t n = step < left ? step : left;
            cm_md5_add(&stream, bytes + at, n);
            cm_md5_end(&stream, ours);
            openssl_md5(theirs, bytes, at + n);
            assert_string_equal(ours, theirs);
        }
        assert_int_equal(stream.size, sizeof bytes);
    }
}

static void test_kernels_agree(void **state)
{
    (void)state;
    enum { BLOCKS = 37 };
    static uint8_t bytes[MD5_LANES][BLOCKS * MD5_BLOCK];
    const uint8_t *at[MD5_LANES];
    md5_lanes plain, one;
    for (size_t i = 0; i < MD5_LANES; i++) {
        fill(bytes[i], sizeof bytes[i], 1000 * i);
        at[i] = bytes[i];
        md5_lane_start(&plain, i);
        md5_lane_start(&one, i);
    }
    for (size_t i = 0; i < MD5_LANES; i++) {
        md5_blocks_one(&one, i, bytes[i], BLOCKS);
    }
    const md5_kernel kernels[] = {md5_kernel_best(), md5_kernel_avx2(),
                                  md5_kernel_avx512()};
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        md5_lanes lanes = plain;
        if (kernels[i] != NULL) {
            kernels[i](&lanes, at, BLOCKS);
            assert_memory_equal(&lanes, &one, sizeof one);
        }
    }
    md5_blocks_plain(&plain, at, BLOCKS);
    assert_memory_equal(&plain, &one, sizeof one);
}

enum { N_FILES = 90 };

/* Around the ends of blocks and of what is read at once. */
static size_t size_of(size_t i)
{
    static const size_t special[] = {0,     1,     55,    56,     63,     64,
                                     65535, 65536, 65537, 131072, 200000, 7};
    enum { N = sizeof special / sizeof *special };
    return i < N ? special[i] : cm_mix64(i) % 150000;
}

static void make_files(void **state, cm_md5_file *files, char paths[][600],
                       bool copies)
{
    static uint8_t bytes[200000];
    for (size_t i = 0; i < N_FILES; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "file-%zu", i);
        (void)snprintf(paths[i], 600, "%.500s", path_in(state, name));
        fill(bytes, size_of(i), i);
        cm_str text = {(const char *)bytes, size_of(i)};
        assert_int_equal(cm_write_file(paths[i], text, &err), CM_OK);
        files[i] = (cm_md5_file){.path = paths[i], .size = size_of(i)};
        if (copies) {
            (void)snprintf(paths[N_FILES + i], 600, "%.500s-copy", paths[i]);
            files[i].copy = paths[N_FILES + i];
        }
    }
}

static void check_files(const cm_md5_file *files)
{
    for (size_t i = 0; i < N_FILES; i++) {
        cm_buf content = {0};
        char theirs[CM_MD5_HEX];
        const char *path =
            files[i].copy != NULL ? files[i].copy : files[i].path;
        assert_int_equal(files[i].error, 0);
        assert_int_equal(files[i].size, size_of(i));
        assert_int_equal(cm_read_file(&content, path, 1 << 20, &err), CM_OK);
        assert_int_equal(content.n, size_of(i));
        openssl_md5(theirs, content.p, content.n);
        assert_string_equal(files[i].md5, theirs);
        cm_buf_release(&content);
    }
}

static void test_many_files(void **state)
{
    static char paths[2 * N_FILES][600];
    static cm_md5_file files[N_FILES];
    for (int threads = 1; threads <= 3; threads++) {
        make_files(state, files, paths, threads == 2);
        assert_int_equal(cm_md5_files(files, N_FILES, threads, NULL, &err),
                         CM_OK);
        check_files(files);
    }
    assert_int_equal(cm_md5_files(NULL, 0, 2, NULL, &err), CM_OK);
}

static void test_what_fails_fails_alone(void **state)
{
    const char *folder = ((test_folder *)*state)->path;
    static char paths[2 * N_FILES][600];
    static cm_md5_file files[N_FILES];
    make_files(state, files, paths, false);
    files[3].path = "/no/such/file";
    files[5].path = folder;
    files[7].copy = "/no/such/folder/copy";
    assert_int_equal(cm_md5_files(files, N_FILES, 2, NULL, &err), CM_OK);
    assert_int_equal(files[3].error, ENOENT);
    assert_false(files[3].copy_failed);
    assert_int_equal(files[5].error, EISDIR);
    assert_int_equal(files[7].error, ENOENT);
    assert_true(files[7].copy_failed);
    char theirs[CM_MD5_HEX];
    static uint8_t bytes[200000];
    fill(bytes, size_of(11), 11);
    openssl_md5(theirs, bytes, size_of(11));
    assert_string_equal(files[11].md5, theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_of_all_lengths),
        cmocka_unit_test(test_messages_in_pieces),
        cmocka_unit_test(test_kernels_agree), cmocka_unit_test(test_many_files),
        cmocka_unit_test(test_what_fails_fails_alone)};
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
