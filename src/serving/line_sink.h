/* Lines for a reader who may be slow or gone: whoever adds one never waits.
 * Private to serving. */
#ifndef CM_SERVING_LINE_SINK_H
#define CM_SERVING_LINE_SINK_H

#include "base/str.h"

typedef struct line_sink line_sink;

/* fd is the caller's. */
CM_MUST_USE cm_status line_sink_new(line_sink **out, int fd, cm_error *err);
/* Whole lines, from any thread.  They are written as far as the reader takes
 * them; the rest waits for the next call.  When too much waits, new lines are
 * left out, and a line {"dropped":N} says how many. */
void line_sink_add(line_sink *sink, cm_str lines);
/* Writes what waits, for as long as the reader goes on.  NULL is fine. */
void line_sink_free(line_sink *sink);

#endif
