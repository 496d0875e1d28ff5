/* Any bytes as a path, a line end, and rules of .dvcignore: every rule has an
 * answer for the path, as a file and as a folder. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dvc/ignore.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void ask(cm_str line, const char *path, cm_arena *arena)
{
    ignore_rule rule;
    bool valid = false;
    CM_ASSERT(ignore_rule_parse(&rule, &valid, line, arena, NULL) == CM_OK);
    if (valid) {
        bool file = ignore_rule_matches(&rule, path, false);
        bool folder = ignore_rule_matches(&rule, path, true);
        CM_ASSERT(!file || folder);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *text = (const char *)bytes;
    const char *end = n > 0 ? memchr(text, '\n', n) : NULL;
    size_t length = end != NULL ? (size_t)(end - text) : n;
    cm_arena arena = {0};
    char *path = cm_alloc(length + 1, 1, NULL);
    memcpy(path, n > 0 ? text : "", length);
    path[length] = '\0';
    for (size_t at = length + 1; at < n;) {
        const char *next = memchr(text + at, '\n', n - at);
        size_t rule = next != NULL ? (size_t)(next - text) - at : n - at;
        ask((cm_str){text + at, rule}, path, &arena);
        at += rule + 1;
    }
    cm_arena_release(&arena);
    free(path);
    return 0;
}
