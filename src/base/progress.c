/* Progress of one job: rate and time left, drawn by whichever thread comes by
 * when the last drawing is old enough. */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { BAR_WIDTH = 24, TERMINAL_PERIOD_MS = 100, LINE_PERIOD_MS = 10000 };

struct cm_progress {
    const cm_log *log;
    const char *label;
    const char *unit;
    uint64_t total;
    double started; /* cm_seconds */
    bool bar;       /* one moving line, not plain lines */
    atomic_uint_fast64_t done;
    atomic_llong next_draw_ms; /* since started */
    char note[96];
};

cm_progress *cm_progress_new(const cm_log *log, const char *label,
                             const char *unit, uint64_t total)
{
    if (log == NULL || log->out == NULL || log->level < CM_LOG_INFO) {
        return NULL;
    }
    cm_progress *p = cm_alloc_zero(1, sizeof *p, NULL);
    if (p == NULL) {
        return NULL;
    }
    p->log = log;
    p->label = label;
    p->unit = unit;
    p->total = total;
    p->started = cm_seconds();
    p->bar = log->terminal && !log->json;
    atomic_init(&p->done, 0);
    atomic_init(&p->next_draw_ms, p->bar ? TERMINAL_PERIOD_MS : LINE_PERIOD_MS);
    return p;
}

/* 1234567 rows as "1.23 M rows", bytes always as MB. */
static void add_amount(cm_buf *buf, double amount, const char *unit)
{
    if (strcmp(unit, "bytes") == 0) {
        cm_buf_addf(buf, "%.1f MB", amount / 1e6);
    } else if (amount >= 1e6) {
        cm_buf_addf(buf, "%.2f M %s", amount / 1e6, unit);
    } else if (amount >= 1e4) {
        cm_buf_addf(buf, "%.1f k %s", amount / 1e3, unit);
    } else {
        cm_buf_addf(buf, "%.0f %s", amount, unit);
    }
}

static void add_duration(cm_buf *buf, double seconds)
{
    if (seconds < 10) {
        cm_buf_addf(buf, "%.1f s", seconds);
    } else if (seconds < 120) {
        cm_buf_addf(buf, "%.0f s", seconds);
    } else if (seconds < 7200) {
        cm_buf_addf(buf, "%.0f min", seconds / 60);
    } else {
        cm_buf_addf(buf, "%.1f h", seconds / 3600);
    }
}

static void add_bar(cm_buf *buf, double part)
{
    int full = (int)(part * BAR_WIDTH);
    cm_buf_addc(buf, '[');
    for (int i = 0; i < BAR_WIDTH; i++) {
        cm_buf_addc(buf, i < full ? '=' : i == full ? '>' : ' ');
    }
    cm_buf_adds(buf, "] ");
}

/* "load: [====>   ] 42 %, 1.20 M rows, 650.0 k rows/s, 3 s left" */
static void describe(const cm_progress *p, cm_buf *buf, bool final)
{
    double done = (double)atomic_load(&p->done);
    double elapsed = cm_seconds() - p->started;
    double rate = elapsed > 0 ? done / elapsed : 0;
    double part = p->total > 0 ? done / (double)p->total : 0;
    part = part > 1 ? 1 : part;
    cm_buf_addf(buf, "%s: ", p->label);
    if (p->total > 0 && p->bar) {
        add_bar(buf, part);
    }
    if (p->total > 0 && !final) {
        cm_buf_addf(buf, "%.0f %%, ", part * 100);
    }
    add_amount(buf, done, p->unit);
    cm_buf_adds(buf, ", ");
    add_amount(buf, rate, p->unit);
    cm_buf_adds(buf, "/s");
    if (final) {
        cm_buf_adds(buf, ", in ");
        add_duration(buf, elapsed);
    } else if (p->total > 0 && rate > 0) {
        cm_buf_adds(buf, ", ");
        add_duration(buf, elapsed * (1 - part) / part);
        cm_buf_adds(buf, " left");
    }
    if (p->note[0] != '\0') {
        cm_buf_addf(buf, ", %s", p->note);
    }
}

static void draw(const cm_progress *p, bool final)
{
    cm_buf line = {0};
    if (p->bar) {
        cm_buf_adds(&line, "\r\033[K");
    }
    describe(p, &line, final);
    if (p->bar && final) {
        cm_buf_addc(&line, '\n');
    }
    if (line.failed) {
        cm_buf_release(&line);
        return;
    }
    if (p->bar) {
        fwrite(line.p, 1, line.n, p->log->out);
        fflush(p->log->out);
    } else {
        cm_info(p->log, "%s", line.p);
    }
    cm_buf_release(&line);
}

void cm_progress_add(cm_progress *p, uint64_t amount)
{
    if (p == NULL) {
        return;
    }
    atomic_fetch_add_explicit(&p->done, amount, memory_order_relaxed);
    long long now = (long long)((cm_seconds() - p->started) * 1e3);
    long long due = atomic_load(&p->next_draw_ms);
    long long period = p->bar ? TERMINAL_PERIOD_MS : LINE_PERIOD_MS;
    /* Of the threads that see it due, the one that moves it draws. */
    if (now >= due &&
        atomic_compare_exchange_strong(&p->next_draw_ms, &due, now + period)) {
        draw(p, false);
    }
}

void cm_progress_note(cm_progress *p, const char *fmt, ...)
{
    if (p == NULL) {
        return;
    }
    va_list arguments;
    va_start(arguments, fmt);
    vsnprintf(p->note, sizeof p->note, fmt, arguments);
    va_end(arguments);
}

void cm_progress_free(cm_progress *p)
{
    if (p != NULL) {
        draw(p, true);
        free(p);
    }
}
