/* A position in a TOML text, and what can be read there.  Private to codec. */
#ifndef CM_CODEC_TOML_SCAN_H
#define CM_CODEC_TOML_SCAN_H

#include "codec/json.h"

/* p is behind what was read; text ends with a NUL, which is no part of it. */
typedef struct toml_scan {
    cm_str text;
    const char *p, *end;
    const char *file;
    cm_error *err;
} toml_scan;

/* Says what was found at `at` in place of what was expected. */
cm_status toml_expected(const toml_scan *s, const char *at, const char *what);
/* Says what is wrong at `at`. */
cm_status toml_wrong(const toml_scan *s, const char *at, const char *what);
cm_status toml_no_memory(const toml_scan *s);

void toml_skip_blanks(toml_scan *s);
/* Blanks, then a comment or nothing, then the end of the line or of the text.
 */
CM_MUST_USE cm_status toml_end_line(toml_scan *s);
/* Blanks, comments and ends of lines. */
CM_MUST_USE cm_status toml_skip_lines(toml_scan *s);

/* The string at p, its value appended to out; long_too: also one of three
 * quotes. */
CM_MUST_USE cm_status toml_string(toml_scan *s, bool long_too, cm_buf *out);
/* A number, true, false, a date or a time. */
CM_MUST_USE cm_status toml_word(toml_scan *s, json_t **out);

#endif
