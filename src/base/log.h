/* What the program says while it works, and how far it is: to standard error,
 * as text for people or JSON for machines. */
#ifndef CM_BASE_LOG_H
#define CM_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

typedef enum cm_log_level {
    CM_LOG_ERROR,
    CM_LOG_WARNING,
    CM_LOG_INFO,
    CM_LOG_DEBUG
} cm_log_level;

/* Passed down explicitly; NULL anywhere means silence. */
typedef struct cm_log {
    FILE *out;
    cm_log_level level; /* the most talkative level still written */
    bool json;          /* one {"time","level","message"} object a line */
    bool terminal;      /* out is a terminal: progress is one moving line */
} cm_log;

void cm_log_say(const cm_log *log, cm_log_level level, const char *fmt, ...)
    CM_PRINTF(3, 4);
#define cm_info(log, ...) cm_log_say(log, CM_LOG_INFO, __VA_ARGS__)
#define cm_warn(log, ...) cm_log_say(log, CM_LOG_WARNING, __VA_ARGS__)

/* Progress of one job: a bar with rate and time left on a terminal, a plain
 * line every ten seconds elsewhere.  Safe to update from several threads. */
typedef struct cm_progress cm_progress;

/* total 0: unknown.  unit: "rows", "trees", "bytes" (printed as MB).  Returns
 * NULL (a valid progress that says nothing) without a log or memory. */
cm_progress *cm_progress_new(const cm_log *log, const char *label,
                             const char *unit, uint64_t total);
void cm_progress_add(cm_progress *progress, uint64_t amount);
/* Words at the end of the line from now on: "log_loss 0.3921".  For jobs that
 * one thread drives: not to be called beside cm_progress_add. */
void cm_progress_note(cm_progress *progress, const char *fmt, ...)
    CM_PRINTF(2, 3);
void cm_progress_free(cm_progress *progress); /* draws the final state */

/* Monotonic clock in seconds, for durations. */
double cm_seconds(void);

#endif
