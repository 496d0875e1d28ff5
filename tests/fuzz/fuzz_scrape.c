/* Any bytes as a scrape: two headers and names, separated by line ends. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "monitoring/metrics.h"

enum { MAX_NAMES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* The next line of *p as a string of its own. */
static char *next_line(const char **p)
{
    size_t length = strcspn(*p, "\n");
    char *line = cm_alloc(length + 1, 1, NULL);
    CM_ASSERT(line != NULL);
    memcpy(line, *p, length);
    line[length] = '\0';
    *p += length + ((*p)[length] == '\n');
    return line;
}

static cm_registry *new_registry(void)
{
    static const char *const handlers[] = {"/predict/", "none"};
    static const char *const methods[] = {"GET", "POST"};
    cm_registry *metrics = NULL;
    CM_ASSERT(cm_registry_new(&metrics, 1, (cm_label_values){handlers, 2},
                              (cm_label_values){methods, 2}, NULL) == CM_OK);
    cm_registry_answered(cm_registry_shard_of(metrics, 0),
                         &(cm_answered){0, 1, 200, .001, 10, 10});
    return metrics;
}

/* Whole lines, and of OpenMetrics the end. */
static void check_text(cm_exposition format, const cm_buf *out)
{
    CM_ASSERT(cm_buf_check(out, NULL) == CM_OK);
    CM_ASSERT(out->n == 0 || out->p[out->n - 1] == '\n');
    CM_ASSERT(cm_utf8_valid((cm_str){out->p, out->n}) == out->n);
    CM_ASSERT(format == CM_EXPOSITION_TEXT ||
              cm_str_ends_with((cm_str){out->p, out->n}, "# EOF\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *text = cm_alloc(n + 1, 1, NULL);
    CM_ASSERT(text != NULL);
    memcpy(text, bytes, n);
    text[n] = '\0';
    const char *p = text;
    char *accept = next_line(&p), *encoding = next_line(&p);
    cm_str names[MAX_NAMES];
    size_t n_names = 0;
    for (; *p != '\0' && n_names < MAX_NAMES; n_names++) {
        names[n_names] = cm_str_of(next_line(&p));
    }
    cm_exposition format = cm_exposition_of(accept);
    (void)cm_accepts_gzip(encoding);
    cm_registry *metrics = new_registry();
    cm_buf out = {0};
    cm_registry_format(metrics, format, names, n_names, &out);
    check_text(format, &out);
    cm_buf_release(&out);
    cm_registry_free(metrics);
    for (size_t i = 0; i < n_names; i++) {
        free((char *)(uintptr_t)names[i].p);
    }
    free(encoding);
    free(accept);
    free(text);
    return 0;
}
