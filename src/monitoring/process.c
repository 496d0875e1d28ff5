/* What the system says of this process: /proc/self, clocks and limits. */
#include "monitoring/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"

/* Fields of /proc/self/stat, counted from 1 as proc(5) does. */
enum { FIELD_STATE = 3, FIELD_START = 22, FIELD_VIRTUAL, FIELD_RESIDENT };

static size_t read_stat(char *text, size_t size)
{
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

/* A number of the line; the name in field 2 may hold blanks and brackets. */
static double stat_field(const char *line, int field)
{
    const char *p = strrchr(line, ')');
    uint64_t value = 0;
    if (p == NULL || p[1] != ' ') {
        return NAN;
    }
    p += 2;
    for (int i = FIELD_STATE; i < field && *p != '\0'; i++) {
        p += strcspn(p, " ");
        p += strspn(p, " ");
    }
    cm_str word = {p, strcspn(p, " \n")};
    return cm_parse_u64(word, &value) ? (double)value : NAN;
}

static double clock_seconds(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        return NAN;
    }
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Linux 6.2 says in st_size how many there are; older ones list them. */
static double count_fds(void)
{
    struct stat info;
    if (stat("/proc/self/fd", &info) == 0 && info.st_size > 0) {
        return (double)info.st_size;
    }
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) {
        return NAN;
    }
    int n = -1; /* the folder's own */
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        n += entry->d_name[0] != '.';
    }
    closedir(folder);
    return n;
}

static double max_fds(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur : NAN;
}

process_figures process_read(void)
{
    char line[1024];
    read_stat(line, sizeof line);
    return (process_figures){
        .cpu_seconds = clock_seconds(CLOCK_PROCESS_CPUTIME_ID),
        .resident_bytes =
            stat_field(line, FIELD_RESIDENT) * (double)sysconf(_SC_PAGESIZE),
        .virtual_bytes = stat_field(line, FIELD_VIRTUAL),
        .open_fds = count_fds(),
        .max_fds = max_fds(),
    };
}

double process_start_time(void)
{
    char line[1024];
    read_stat(line, sizeof line);
    double since_boot =
        stat_field(line, FIELD_START) / (double)sysconf(_SC_CLK_TCK);
    return clock_seconds(CLOCK_REALTIME) - clock_seconds(CLOCK_BOOTTIME) +
           since_boot;
}
