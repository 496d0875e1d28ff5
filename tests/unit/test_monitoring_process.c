/* LDFLAGS: -Wl,-wrap=stat */
/* What is said of this process is what can be seen of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "monitoring/process.h"
#include "test_monitoring_registry.h"

enum { MIB = 1 << 20 };

/* Before Linux 6.2 the size of /proc/self/fd said nothing. */
static bool old_kernel;

int __real_stat(const char *path, struct stat *info);
int __wrap_stat(const char *path, struct stat *info);

int __wrap_stat(const char *path, struct stat *info)
{
    int result = __real_stat(path, info);
    if (old_kernel) {
        info->st_size = 0;
    }
    return result;
}

static void descriptors_are_counted(void **state)
{
    (void)state;
    struct rlimit limit;
    double before = process_read().open_fds;
    int fd = open("/dev/null", O_RDONLY);
    assert_true(fd >= 0 && before >= 3);
    assert_true(process_read().open_fds == before + 1);
    old_kernel = true;
    assert_true(process_read().open_fds == before + 1);
    old_kernel = false;
    close(fd);
    assert_true(process_read().open_fds == before);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(process_read().max_fds == (double)limit.rlim_cur);
}

static void memory_is_seen_to_grow(void **state)
{
    (void)state;
    process_figures before = process_read();
    size_t size = 64 * MIB;
    char *block = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(block != MAP_FAILED);
    memset(block, 1, size / 2);
    process_figures after = process_read();
    assert_true(after.virtual_bytes >= before.virtual_bytes + (double)size);
    assert_true(after.resident_bytes >=
                before.resident_bytes + (double)(size / 2) - MIB);
    assert_true(after.resident_bytes < after.virtual_bytes);
    munmap(block, size);
}

static void times_are_plausible(void **state)
{
    (void)state;
    double start = process_start_time(), before = process_read().cpu_seconds;
    volatile double sink = 0;
    for (int i = 0; i < 1000000; i++) {
        sink += i;
    }
    assert_true(process_read().cpu_seconds > before && before > 0);
    double now = (double)time(NULL);
    assert_true(start > now - 600 && start < now + 1.5);
}

static void a_scrape_has_them(void **state)
{
    (void)state;
    static const char *const names[] = {"process_start_time_seconds",
                                        "process_open_fds", NULL};
    cm_registry *metrics = new_registry(1);
    char *once = say(metrics, CM_EXPOSITION_TEXT, names);
    char *twice = say(metrics, CM_EXPOSITION_TEXT, names);
    assert_string_equal(once, twice);
    const char *p = strstr(once, "\nprocess_start_time_seconds ");
    assert_non_null(p);
    assert_true(fabs(strtod(p + 28, NULL) - process_start_time()) < 1);
    free(once);
    free(twice);
    cm_registry_free(metrics);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_are_counted),
        cmocka_unit_test(memory_is_seen_to_grow),
        cmocka_unit_test(times_are_plausible),
        cmocka_unit_test(a_scrape_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
