#include "model/json_scan.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_value(char c)
{
    return c == ',' || c == ':' || c == '}' || c == ']' || is_space(c);
}

size_t json_skip_string(cm_str text, size_t i)
{
    for (i++; i < text.n && text.p[i] != '"'; i++) {
        i += text.p[i] == '\\';
    }
    return i < text.n ? i + 1 : text.n;
}

/* Past the object or array that starts at i. */
static size_t skip_brackets(cm_str text, size_t i)
{
    size_t depth = 0;
    do {
        char c = text.p[i];
        if (c == '"') {
            i = json_skip_string(text, i);
            continue;
        }
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        i++;
    } while (i < text.n && depth > 0);
    return i;
}

/* Past the value that starts at i. */
static size_t skip_value(cm_str text, size_t i)
{
    char c = i < text.n ? text.p[i] : '\0';
    if (c == '"') {
        return json_skip_string(text, i);
    }
    if (c == '{' || c == '[') {
        return skip_brackets(text, i);
    }
    while (i < text.n && !ends_value(text.p[i])) {
        i++;
    }
    return i;
}

static char skip_space(json_scan *scan)
{
    while (scan->at < scan->text.n && is_space(scan->text.p[scan->at])) {
        scan->at++;
    }
    return scan->at < scan->text.n ? scan->text.p[scan->at] : '\0';
}

json_scan json_scan_of(cm_str text)
{
    json_scan scan = {.text = text};
    char c = skip_space(&scan);
    while (scan.text.n > 0 && is_space(scan.text.p[scan.text.n - 1])) {
        scan.text.n--;
    }
    scan.damaged = c != '{' && c != '[';
    scan.at++;
    return scan;
}

static bool damaged(json_scan *scan)
{
    scan->damaged = true;
    return false;
}

/* To the first byte of the next member or element. */
static bool go_to_next(json_scan *scan)
{
    bool first = scan->value.p == NULL;
    char c = skip_space(scan);
    if (scan->damaged) {
        return false;
    }
    if (c == '}' || c == ']') {
        return scan->at + 1 == scan->text.n ? false : damaged(scan);
    }
    if (!first) {
        scan->at++;
        (void)skip_space(scan);
    }
    return first || c == ',' ? true : damaged(scan);
}

static bool take_value(json_scan *scan)
{
    size_t start = scan->at;
    scan->at = skip_value(scan->text, start);
    scan->value = (cm_str){scan->text.p + start, scan->at - start};
    return scan->at > start && scan->at < scan->text.n ? true : damaged(scan);
}

bool json_scan_element(json_scan *scan)
{
    return go_to_next(scan) && take_value(scan);
}

bool json_scan_member(json_scan *scan)
{
    if (!go_to_next(scan)) {
        return false;
    }
    size_t start = scan->at;
    if (start >= scan->text.n || scan->text.p[start] != '"') {
        return damaged(scan);
    }
    scan->at = json_skip_string(scan->text, start);
    if (scan->at >= scan->text.n) {
        return damaged(scan);
    }
    scan->key = (cm_str){scan->text.p + start + 1, scan->at - start - 2};
    if (skip_space(scan) != ':') {
        return damaged(scan);
    }
    scan->at++;
    (void)skip_space(scan);
    return take_value(scan);
}
