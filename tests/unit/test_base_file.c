/* Files: reading, atomic writing that survives kill -9, folders, links. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "test_base_folder.h"

static void assert_holds(const char *path, const char *expected)
{
    cm_buf buf = {0};
    cm_error err = {0};
    assert_int_equal(cm_read_file(&buf, path, 1 << 24, &err), CM_OK);
    assert_int_equal(buf.n, strlen(expected));
    assert_memory_equal(buf.n == 0 ? "" : buf.p, expected, buf.n);
    cm_buf_release(&buf);
}

/* Names in the folder that end with .tmp. */
static int count_temporaries(void **state)
{
    test_folder *folder = *state;
    DIR *dir = opendir(folder->path);
    assert_non_null(dir);
    int n = 0;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        n += cm_str_ends_with(cm_str_of(e->d_name), ".tmp");
    }
    closedir(dir);
    return n;
}

static void write_and_read(void **state)
{
    const char *path = path_in(state, "plain");
    mode_t mask = umask(022);
    assert_false(cm_file_exists(path));
    assert_int_equal(cm_write_file(path, CM_STR("first"), NULL), CM_OK);
    assert_true(cm_file_exists(path));
    assert_holds(path, "first");
    assert_int_equal(cm_write_file(path, CM_STR("second!"), NULL), CM_OK);
    assert_holds(path, "second!");
    assert_int_equal(cm_write_file(path, (cm_str){NULL, 0}, NULL), CM_OK);
    assert_holds(path, "");
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0644);
    assert_int_equal(count_temporaries(state), 0);
    umask(mask);
}

static void reading_has_a_limit(void **state)
{
    const char *path = path_in(state, "limited");
    cm_buf buf = {0};
    cm_error err = {0};
    assert_int_equal(cm_write_file(path, CM_STR("12345"), NULL), CM_OK);
    assert_int_equal(cm_read_file(&buf, path, 5, &err), CM_OK);
    assert_string_equal(buf.p, "12345");
    assert_int_equal(cm_read_file(&buf, path, 4, &err), CM_ERR_DATA);
    assert_non_null(strstr(err.message, "limited"));
    assert_non_null(strstr(err.message, "4 bytes"));
    assert_int_equal(cm_read_file(&buf, path_in(state, "none"), 9, &err),
                     CM_ERR_IO);
    assert_non_null(strstr(err.message, "No such file"));
    assert_int_equal(cm_read_file(&buf, path_in(state, ""), 9, &err),
                     CM_ERR_IO);
    assert_non_null(strstr(err.message, "folder"));
    cm_buf_release(&buf);
}

static void mapping_shows_the_bytes(void **state)
{
    const char *path = path_in(state, "mapped");
    cm_mapping mapping;
    cm_error err = {0};
    assert_int_equal(cm_write_file(path, CM_STR("bytes"), NULL), CM_OK);
    assert_int_equal(cm_map_file(&mapping, path, &err), CM_OK);
    assert_int_equal(mapping.size, 5);
    assert_memory_equal(mapping.data, "bytes", 5);
    cm_unmap(&mapping);
    assert_null(mapping.data);
    cm_unmap(&mapping);
    assert_int_equal(cm_write_file(path, CM_STR(""), NULL), CM_OK);
    assert_int_equal(cm_map_file(&mapping, path, &err), CM_OK);
    assert_null(mapping.data);
    assert_int_equal(mapping.size, 0);
    assert_int_equal(cm_map_file(&mapping, path_in(state, "none"), &err),
                     CM_ERR_IO);
    assert_int_equal(cm_map_file(&mapping, path_in(state, ""), &err),
                     CM_ERR_IO);
    assert_int_equal(cm_map_file(&mapping, "/dev/null", &err), CM_ERR_IO);
    assert_null(mapping.data);
}

static void many_writes_make_one_file(void **state)
{
    const char *path = path_in(state, "large");
    const size_t sizes[] = {1, 0, 1000, 1 << 20, 3, (1 << 20) + 1, 70000, 5};
    cm_atomic_file *file = NULL;
    assert_int_equal(cm_atomic_open(&file, path, NULL), CM_OK);
    size_t total = 0;
    char *piece = malloc(2 << 20);
    assert_non_null(piece);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t j = 0; j < sizes[i]; j++) {
            piece[j] = (char)((total + j) % 251);
        }
        cm_atomic_write(file, piece, sizes[i]);
        total += sizes[i];
        assert_int_equal(cm_atomic_size(file), total);
        assert_false(cm_file_exists(path));
    }
    free(piece);
    cm_mapping mapping;
    assert_int_equal(cm_map_file(&mapping, cm_atomic_written(file), NULL),
                     CM_OK);
    assert_int_equal(mapping.size, total);
    cm_unmap(&mapping);
    assert_int_equal(cm_atomic_commit(file, NULL), CM_OK);
    assert_int_equal(cm_map_file(&mapping, path, NULL), CM_OK);
    assert_int_equal(mapping.size, total);
    for (size_t i = 0; i < total; i++) {
        if (mapping.data[i] != i % 251) {
            fail_msg("byte %zu differs", i);
        }
    }
    cm_unmap(&mapping);
}

static void abandoned_leaves_nothing(void **state)
{
    const char *path = path_in(state, "abandoned");
    cm_atomic_file *file = NULL;
    assert_int_equal(cm_write_file(path, CM_STR("old"), NULL), CM_OK);
    assert_int_equal(cm_atomic_open(&file, path, NULL), CM_OK);
    cm_atomic_write(file, "new", 3);
    assert_int_equal(count_temporaries(state), 1);
    cm_atomic_abandon(file);
    cm_atomic_abandon(NULL);
    assert_int_equal(count_temporaries(state), 0);
    assert_holds(path, "old");
}

static void two_writers_do_not_meet(void **state)
{
    const char *path = path_in(state, "shared");
    cm_atomic_file *a = NULL;
    cm_atomic_file *b = NULL;
    assert_int_equal(cm_atomic_open(&a, path, NULL), CM_OK);
    assert_int_equal(cm_atomic_open(&b, path, NULL), CM_OK);
    assert_int_equal(count_temporaries(state), 2);
    cm_atomic_write(a, "from a", 6);
    cm_atomic_write(b, "from b", 6);
    assert_int_equal(cm_atomic_commit(b, NULL), CM_OK);
    assert_holds(path, "from b");
    assert_int_equal(cm_atomic_commit(a, NULL), CM_OK);
    assert_holds(path, "from a");
}

/* Writes the file again and again, as fast as it can, until it is killed. */
static _Noreturn void write_forever(const char *path, int ready)
{
    static char bytes[300000];
    for (unsigned char round = 0;; round++) {
        memset(bytes, 'a' + round % 26, sizeof bytes);
        cm_atomic_file *file = NULL;
        if (cm_atomic_open(&file, path, NULL) != CM_OK) {
            _exit(1);
        }
        for (size_t i = 0; i < sizeof bytes; i += 1000) {
            cm_atomic_write(file, bytes + i, 1000);
        }
        if (cm_atomic_commit(file, NULL) != CM_OK) {
            _exit(1);
        }
        if (write(ready, "x", 1) != 1) {
            _exit(1);
        }
    }
}

static void kill_after(const char *path, long nanoseconds)
{
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        write_forever(path, ready[1]);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    struct timespec delay = {0, nanoseconds};
    nanosleep(&delay, NULL);
    kill(child, SIGKILL);
    int result = 0;
    waitpid(child, &result, 0);
    assert_true(WIFSIGNALED(result));
    close(ready[0]);
    close(ready[1]);
}

static void assert_whole(const char *path)
{
    cm_mapping mapping;
    assert_int_equal(cm_map_file(&mapping, path, NULL), CM_OK);
    assert_int_equal(mapping.size, 300000);
    for (size_t i = 0; i < mapping.size; i++) {
        if (mapping.data[i] != mapping.data[0]) {
            fail_msg("bytes of two versions in one file");
        }
    }
    cm_unmap(&mapping);
}

static void killed_writer_harms_nothing(void **state)
{
    const char *path = path_in(state, "killed");
    int left = 0;
    for (long i = 0; i < 40; i++) {
        kill_after(path, i * 137000);
        assert_whole(path);
        left += count_temporaries(state);
        assert_true(count_temporaries(state) <= 1);
    }
    assert_true(left > 0);
    cm_atomic_file *file = NULL;
    assert_int_equal(cm_atomic_open(&file, path, NULL), CM_OK);
    assert_int_equal(count_temporaries(state), 1);
    cm_atomic_abandon(file);
    assert_int_equal(count_temporaries(state), 0);
}

static void put(void **state, const char *name)
{
    int fd = open(path_in(state, name), O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void only_stale_temporaries_go(void **state)
{
    static const char *const kept[] = {
        ".model.tmp",      ".model.x.1.tmp",
        ".model.1.x.tmp",  ".model.1.tmp",
        "model.1.1.tmp",   ".model.json.1.1.tmp",
        ".model.1.1.temp", ".other.1.1.tmp",
        ".model.0.1.tmp",  ".model.99999999999.1.tmp"};
    static const char *const gone[] = {".model.1.1.tmp",
                                       ".model.4194301.7.tmp"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        put(state, kept[i]);
    }
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        put(state, gone[i]);
    }
    cm_atomic_file *file = NULL;
    const char *path = path_in(state, "model");
    assert_int_equal(cm_atomic_open(&file, path, NULL), CM_OK);
    cm_atomic_abandon(file);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        assert_true(cm_file_exists(path_in(state, kept[i])));
        unlink(path_in(state, kept[i]));
    }
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        assert_false(cm_file_exists(path_in(state, gone[i])));
    }
}

static void failures_name_the_path(void **state)
{
    cm_atomic_file *file = NULL;
    cm_error err = {0};
    assert_int_equal(cm_atomic_open(&file, path_in(state, "no/file"), &err),
                     CM_ERR_IO);
    assert_null(file);
    assert_non_null(strstr(err.message, "no/file"));
    assert_int_equal(cm_atomic_open(&file, path_in(state, ""), &err),
                     CM_ERR_IO);
    assert_non_null(strstr(err.message, "folder"));
}

static void full_disk_keeps_the_old_file(void **state)
{
    const char *path = path_in(state, "limited-size");
    assert_int_equal(cm_write_file(path, CM_STR("old"), NULL), CM_OK);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {4096, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    cm_atomic_file *file = NULL;
    cm_error err = {0};
    assert_int_equal(cm_atomic_open(&file, path, &err), CM_OK);
    static char bytes[100000];
    cm_atomic_write(file, bytes, sizeof bytes);
    cm_atomic_write(file, bytes, sizeof bytes);
    cm_status status = cm_atomic_commit(file, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, CM_ERR_IO);
    assert_non_null(strstr(err.message, "limited-size"));
    assert_int_equal(count_temporaries(state), 0);
    assert_holds(path, "old");
}

static void devices_are_written_directly(void **state)
{
    (void)state;
    cm_error err = {0};
    assert_int_equal(cm_write_file("/dev/null", CM_STR("x"), &err), CM_OK);
    struct stat about;
    assert_int_equal(stat("/dev/null", &about), 0);
    assert_true(S_ISCHR(about.st_mode));
    assert_int_equal(cm_write_file("/dev/full", CM_STR("x"), &err), CM_ERR_IO);
    assert_non_null(strstr(err.message, "disk is full"));
}

static void folders_come_and_go(void **state)
{
    cm_error err = {0};
    const char *path = path_in(state, "a/b//c/");
    assert_int_equal(cm_make_dirs(path, &err), CM_OK);
    assert_int_equal(cm_make_dirs(path, &err), CM_OK);
    assert_true(cm_file_exists(path));
    assert_int_equal(cm_make_parent(path_in(state, "a/d/file"), &err), CM_OK);
    assert_true(cm_file_exists(path_in(state, "a/d")));
    assert_int_equal(cm_make_parent("file", &err), CM_OK);
    path = path_in(state, "a/b/file");
    assert_int_equal(cm_write_file(path, CM_STR("x"), &err), CM_OK);
    assert_int_equal(cm_make_dirs(path_in(state, "a/b/file/e"), &err),
                     CM_ERR_IO);
    assert_int_equal(cm_make_dirs(path_in(state, "a/b/file"), &err), CM_ERR_IO);
    assert_int_equal(cm_sync_dir(path_in(state, "a"), &err), CM_OK);
    assert_int_equal(cm_sync_dir(path_in(state, "none"), &err), CM_ERR_IO);
    assert_int_equal(cm_remove_tree(path_in(state, "a"), &err), CM_OK);
    assert_false(cm_file_exists(path_in(state, "a")));
    assert_int_equal(cm_remove_tree(path_in(state, "a"), &err), CM_OK);
}

static void removal_does_not_follow_links(void **state)
{
    assert_int_equal(cm_make_dirs(path_in(state, "keep"), NULL), CM_OK);
    put(state, "keep/file");
    assert_int_equal(cm_make_dirs(path_in(state, "tree"), NULL), CM_OK);
    assert_int_equal(symlink("../keep", path_in(state, "tree/link")), 0);
    assert_int_equal(cm_remove_tree(path_in(state, "tree"), NULL), CM_OK);
    assert_false(cm_file_exists(path_in(state, "tree")));
    assert_true(cm_file_exists(path_in(state, "keep/file")));
}

static void link_switches(void **state)
{
    cm_error err = {0};
    char target[64];
    assert_int_equal(cm_make_dirs(path_in(state, "v1"), NULL), CM_OK);
    assert_int_equal(cm_make_dirs(path_in(state, "v2"), NULL), CM_OK);
    const char *link = path_in(state, "current");
    for (int round = 0; round < 3; round++) {
        const char *version = round % 2 == 0 ? "v1" : "v2";
        assert_int_equal(cm_switch_link(version, link, &err), CM_OK);
        ssize_t n = readlink(link, target, sizeof target);
        assert_int_equal(n, 2);
        assert_memory_equal(target, version, 2);
    }
    assert_int_equal(count_temporaries(state), 0);
    assert_int_equal(cm_switch_link("v1", path_in(state, "v2"), &err),
                     CM_ERR_IO);
    assert_non_null(strstr(err.message, "v2"));
    assert_int_equal(count_temporaries(state), 0);
}

static void hash_of_a_file(void **state)
{
    const char *path = path_in(state, "hashed");
    static char bytes[2500000];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(i % 253);
    }
    cm_error err = {0};
    assert_int_equal(cm_write_file(path, (cm_str){bytes, sizeof bytes}, &err),
                     CM_OK);
    char of_file[CM_SHA256_HEX];
    char of_bytes[CM_SHA256_HEX];
    assert_int_equal(cm_sha256_file(of_file, path, &err), CM_OK);
    assert_int_equal(cm_sha256(of_bytes, bytes, sizeof bytes, &err), CM_OK);
    assert_string_equal(of_file, of_bytes);
    assert_int_equal(cm_sha256_file(of_file, path_in(state, "none"), &err),
                     CM_ERR_IO);
    assert_non_null(strstr(err.message, "none"));
}

static void assert_path(char *path, const char *expected)
{
    assert_string_equal(path, expected);
    free(path);
}

static void path_arithmetic(void **state)
{
    (void)state;
    assert_path(cm_path_join("a", "b"), "a/b");
    assert_path(cm_path_join("a/", "b"), "a/b");
    assert_path(cm_path_join("", "b"), "b");
    assert_path(cm_path_join("a", "/b"), "/b");
    assert_path(cm_path_join("/", "b"), "/b");
    assert_path(cm_path_dir("a/b/c"), "a/b");
    assert_path(cm_path_dir("c"), ".");
    assert_path(cm_path_dir("/c"), "/");
    assert_path(cm_path_dir("/"), "/");
    assert_string_equal(cm_path_base("a/b/c.x"), "c.x");
    assert_string_equal(cm_path_base("c"), "c");
    assert_path(cm_path_replace_suffix("a.b/model.pkl", ".json"),
                "a.b/model.json");
    assert_path(cm_path_replace_suffix("a.b/model", ".json"), "a.b/model.json");
    assert_path(cm_path_replace_suffix("x.csv.gz", ".cmd"), "x.csv.cmd");
    assert_path(cm_path_replace_suffix("d/.hidden", ".x"), "d/.hidden.x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_and_read),
        cmocka_unit_test(reading_has_a_limit),
        cmocka_unit_test(mapping_shows_the_bytes),
        cmocka_unit_test(many_writes_make_one_file),
        cmocka_unit_test(abandoned_leaves_nothing),
        cmocka_unit_test(two_writers_do_not_meet),
        cmocka_unit_test(killed_writer_harms_nothing),
        cmocka_unit_test(only_stale_temporaries_go),
        cmocka_unit_test(failures_name_the_path),
        cmocka_unit_test(full_disk_keeps_the_old_file),
        cmocka_unit_test(devices_are_written_directly),
        cmocka_unit_test(folders_come_and_go),
        cmocka_unit_test(removal_does_not_follow_links),
        cmocka_unit_test(link_switches),
        cmocka_unit_test(hash_of_a_file),
        cmocka_unit_test(path_arithmetic),
    };
    return cmocka_run_group_tests_name("base/file", tests, folder_setup,
                                       folder_teardown);
}
