/* What is wrong with a request, all of it: FastAPI's 422 body
 * {"detail": [{"type", "loc", "msg", "input", "ctx"}]}.  Private to serving. */
#ifndef CM_SERVING_PROBLEMS_H
#define CM_SERVING_PROBLEMS_H

#include <stdbool.h>

#include "base/str.h"

/* More are counted, not listed: an answer does not grow with its request. */
enum { MAX_PROBLEMS = 100, MAX_PROBLEM_INPUT = 1024 };

/* Zero-initialised is empty.  Its buffers stay for the next request. */
typedef struct problems {
    size_t n;
    cm_buf json; /* the listed ones, separated by commas */
    cm_buf text; /* the same in a line: "data.0.3: message; …" */
} problems;

/* Part of a loc: a name, or an index when name.p is NULL. */
typedef struct problem_place {
    cm_str name;
    size_t index;
} problem_place;

/* type and msg as pydantic has them.  loc (n_loc) follows "body".  input and
 * ctx are JSON texts, or empty: input is then null, ctx left out; an input
 * over MAX_PROBLEM_INPUT bytes is left out, too.  When memory runs out, the
 * problem is counted, and json.failed is set. */
void problems_add(problems *list, const char *type, const char *msg,
                  const problem_place *loc, size_t n_loc, cm_str input,
                  cm_str ctx);
void problems_clear(problems *list);
void problems_release(problems *list);
/* Appends the body of the answer; "more" beside "detail" says how many were
 * not listed. */
void problems_write(const problems *list, cm_buf *out);

#endif
