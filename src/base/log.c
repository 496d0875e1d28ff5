/* Log lines as text for people or JSON for machines. */
#include "base/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

double cm_seconds(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static const char *level_name(cm_log_level level)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    return names[level];
}

/* base cannot use the JSON writer above it; a string is all it needs. */
static void add_json_string(cm_buf *buf, cm_str text)
{
    cm_buf_addc(buf, '"');
    while (text.n > 0) {
        size_t valid = cm_utf8_valid(text);
        for (size_t i = 0; i < valid; i++) {
            char c = text.p[i];
            if (c == '"' || c == '\\') {
                cm_buf_addc(buf, '\\');
            }
            if ((unsigned char)c < 0x20) {
                cm_buf_addf(buf, "\\u%04x", (unsigned)c);
            } else {
                cm_buf_addc(buf, c);
            }
        }
        if (valid < text.n) {
            cm_buf_adds(buf, "\\ufffd");
            valid++;
        }
        text = (cm_str){text.p + valid, text.n - valid};
    }
    cm_buf_addc(buf, '"');
}

static void add_json_line(cm_buf *buf, cm_log_level level, cm_str message)
{
    struct timespec now = {0};
    struct tm parts = {0};
    char date[32] = "";
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    cm_buf_addf(buf,
                "{\"time\":\"%s.%03ldZ\",\"level\":\"%s\",\"message\":", date,
                now.tv_nsec / 1000000, level_name(level));
    add_json_string(buf, message);
    cm_buf_adds(buf, "}\n");
}

static void add_text_line(cm_buf *buf, const cm_log *log, cm_log_level level,
                          cm_str message)
{
    if (log->terminal) {
        cm_buf_adds(buf, "\r\033[K"); /* over a progress bar */
    }
    if (level != CM_LOG_INFO) {
        cm_buf_addf(buf, "%s: ", level_name(level));
    }
    cm_buf_add(buf, message.p, message.n);
    cm_buf_addc(buf, '\n');
}

/* One fwrite a line: lines of several threads do not mix. */
void cm_log_say(const cm_log *log, cm_log_level level, const char *fmt, ...)
{
    if (log == NULL || log->out == NULL || level > log->level) {
        return;
    }
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    int n = vasprintf(&text, fmt, args);
    va_end(args);
    if (n < 0) {
        return;
    }
    cm_buf line = {0};
    cm_str message = {text, (size_t)n};
    if (log->json) {
        add_json_line(&line, level, message);
    } else {
        add_text_line(&line, log, level, message);
    }
    if (!line.failed) {
        fwrite(line.p, 1, line.n, log->out);
        fflush(log->out);
    }
    cm_buf_release(&line);
    free(text);
}
