/* LDFLAGS: -Wl,-wrap=malloc,-wrap=write,-wrap=fsync,-wrap=rename,-wrap=open */
/* Atomic files when the n-th system call fails: the old content or the new
 * one is there, never a part, and no temporary is left behind. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "base/file.h"
#include "test_base_folder.h"

void *__real_malloc(size_t size);
ssize_t __real_write(int fd, const void *bytes, size_t n);
int __real_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __real_open(const char *path, int flags, ...);
void *__wrap_malloc(size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t n);
int __wrap_fsync(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_open(const char *path, int flags, ...);

/* Calls until the one that fails; negative: none fails. */
static long calls_left = -1;
static int fault_errno = EIO;

static bool fault_now(void)
{
    if (calls_left < 0 || calls_left-- > 0) {
        return false;
    }
    errno = fault_errno;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fault_now() ? NULL : __real_malloc(size);
}

/* Succeeds in small pieces, as a write may. */
ssize_t __wrap_write(int fd, const void *bytes, size_t n)
{
    return fault_now() ? -1 : __real_write(fd, bytes, n > 100 ? 100 : n);
}

int __wrap_fsync(int fd)
{
    return fault_now() ? -1 : __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
    return fault_now() ? -1 : __real_rename(from, to);
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = (flags & O_CREAT) != 0 ? va_arg(args, int) : 0;
    va_end(args);
    return fault_now() ? -1 : __real_open(path, flags, mode);
}

static int count_files(void **state)
{
    test_folder *folder = *state;
    DIR *dir = opendir(folder->path);
    assert_non_null(dir);
    int n = 0;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    }
    closedir(dir);
    return n;
}

static bool holds(const char *path, const char *expected)
{
    cm_buf buf = {0};
    assert_int_equal(cm_read_file(&buf, path, 10000, NULL), CM_OK);
    bool same = cm_str_is((cm_str){buf.p, buf.n}, expected);
    cm_buf_release(&buf);
    return same;
}

static void every_failure_leaves_old_or_new(void **state)
{
    static const int reasons[] = {EIO, ENOSPC, EINTR};
    char text[501] = "";
    memset(text, 'n', sizeof text - 1);
    const char *path = path_in(state, "file");
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        bool failed = true;
        fault_errno = reasons[i];
        for (long n = 0; failed; n++) {
            assert_true(n < 50);
            assert_int_equal(cm_write_file(path, CM_STR("old"), NULL), CM_OK);
            cm_error err = {0};
            calls_left = n;
            cm_status status = cm_write_file(path, cm_str_of(text), &err);
            failed = calls_left < 0;
            calls_left = -1;
            if (status == CM_OK) {
                assert_true(holds(path, text));
            } else {
                assert_true(failed && err.message[0] != '\0');
                assert_true(holds(path, "old") || holds(path, text));
            }
            assert_int_equal(count_files(state), 1);
        }
    }
}

static void full_disk_says_so(void **state)
{
    const char *path = path_in(state, "file");
    cm_atomic_file *file = NULL;
    cm_error err = {0};
    assert_int_equal(cm_atomic_open(&file, path, &err), CM_OK);
    cm_atomic_write(file, "text", 4);
    fault_errno = ENOSPC;
    calls_left = 0;
    assert_int_equal(cm_atomic_commit(file, &err), CM_ERR_IO);
    calls_left = -1;
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, "disk is full"));
    assert_non_null(strstr(err.message, "free space"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failure_leaves_old_or_new),
        cmocka_unit_test(full_disk_says_so),
    };
    return cmocka_run_group_tests_name("base/file faults", tests, folder_setup,
                                       folder_teardown);
}
