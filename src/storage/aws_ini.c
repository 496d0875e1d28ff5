/* Reading of AWS's configuration files, a line at a time. */
#include "storage/aws_ini.h"

#include <string.h>
#include <strings.h>

typedef enum line_kind {
    LINE_EMPTY, /* or a comment */
    LINE_SECTION,
    LINE_PAIR,
    LINE_BAD
} line_kind;

typedef struct ini_line {
    line_kind kind;
    cm_str name; /* of the section, or the key */
    cm_str value;
    size_t indent;
} ini_line;

static cm_str trim(cm_str text)
{
    return cm_str_strip(text, " \t\r\f\v");
}

static cm_str next_line(cm_str *text)
{
    const char *end = memchr(text->p, '\n', text->n);
    cm_str line = {text->p, end == NULL ? text->n : (size_t)(end - text->p)};
    size_t used = line.n + (end != NULL);
    text->p += used;
    text->n -= used;
    return line;
}

static ini_line section_line(cm_str line)
{
    const char *end = memchr(line.p, ']', line.n);
    if (end == NULL) {
        return (ini_line){.kind = LINE_BAD};
    }
    cm_str name = {line.p + 1, (size_t)(end - line.p) - 1};
    return (ini_line){.kind = LINE_SECTION, .name = trim(name)};
}

static ini_line parse_line(cm_str raw)
{
    cm_str line = trim(raw);
    if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';') {
        return (ini_line){.kind = LINE_EMPTY};
    }
    bool indented = line.p != raw.p;
    if (line.p[0] == '[' && !indented) {
        return section_line(line);
    }
    size_t at = 0;
    while (at < line.n && line.p[at] != '=' && line.p[at] != ':') {
        at++;
    }
    if (at == line.n || at == 0) {
        /* An indented line without '=' goes on with the value above it; no
         * value that is read here has several lines. */
        return (ini_line){.kind = indented ? LINE_EMPTY : LINE_BAD};
    }
    return (ini_line){.kind = LINE_PAIR,
                      .name = trim((cm_str){line.p, at}),
                      .value = trim((cm_str){line.p + at + 1, line.n - at - 1}),
                      .indent = (size_t)(line.p - raw.p)};
}

cm_status aws_ini_check(cm_str text, const char *file, cm_error *err)
{
    bool in_section = false;
    for (uint64_t number = 1; text.n > 0; number++) {
        ini_line line = parse_line(next_line(&text));
        in_section = in_section || line.kind == LINE_SECTION;
        if (line.kind == LINE_BAD || (line.kind == LINE_PAIR && !in_section)) {
            return cm_fail_at(err, CM_ERR_PARSE, (cm_where){file, number, 0},
                              "expected [section] or key = value%s",
                              in_section ? "" : ", the first line a section");
        }
    }
    return CM_OK;
}

/* "profile x" as well as "[profile   x]" and "[profile "x"]". */
static bool is_section(cm_str found, const char *wanted)
{
    static const char word[] = "profile ";
    size_t n = sizeof word - 1;
    cm_str want = cm_str_of(wanted);
    if (found.n > n && want.n > n && memcmp(found.p, word, n) == 0 &&
        memcmp(want.p, word, n) == 0) {
        found = trim((cm_str){found.p + n, found.n - n});
        want = (cm_str){want.p + n, want.n - n};
        if (found.n > 1 && found.p[0] == '"' && found.p[found.n - 1] == '"') {
            found = (cm_str){found.p + 1, found.n - 2};
        }
    }
    return cm_str_equal(found, want);
}

bool aws_ini_has(cm_str text, const char *section)
{
    while (text.n > 0) {
        ini_line line = parse_line(next_line(&text));
        if (line.kind == LINE_SECTION && is_section(line.name, section)) {
            return true;
        }
    }
    return false;
}

/* Keys are the same in upper and lower case. */
static bool is_key(cm_str found, const char *wanted)
{
    return found.n == strlen(wanted) &&
           strncasecmp(found.p, wanted, found.n) == 0;
}

cm_str aws_ini_get(cm_str text, const char *section, const char *key,
                   const char *inner)
{
    cm_str value = {0};
    bool in_section = false, in_key = false;
    size_t indent = SIZE_MAX; /* of the last key; what is deeper is below it */
    while (text.n > 0) {
        ini_line line = parse_line(next_line(&text));
        if (line.kind == LINE_SECTION) {
            in_section = is_section(line.name, section);
            in_key = false;
            indent = SIZE_MAX;
        } else if (line.kind != LINE_PAIR || !in_section) {
            continue;
        } else if (line.indent <= indent) {
            in_key = is_key(line.name, key);
            indent = line.indent;
            value = in_key && inner == NULL ? line.value : value;
        } else if (in_key && inner != NULL && is_key(line.name, inner)) {
            value = line.value;
        }
    }
    return value;
}
