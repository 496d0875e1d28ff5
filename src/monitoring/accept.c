/* What a scraper takes: the headers Accept and Accept-Encoding (RFC 9110). */
#include <strings.h>

#include "base/num.h"
#include "monitoring/metrics.h"

/* An element of such a header. */
typedef struct media_range {
    cm_str name;    /* "text/plain" */
    cm_str version; /* a parameter, empty when not given */
    double q;
} media_range;

/* How well the best range so far fits what is offered: the closest counts,
 * whatever its q. */
typedef enum fit_level { NO_FIT, ANY, ANY_SUBTYPE, NAMED, VERSION } fit_level;

typedef struct fit {
    fit_level level;
    double q;
} fit;

static cm_str trim(cm_str text)
{
    return cm_str_strip(text, " \t");
}

/* The trimmed text before the next `end` outside quotes; *rest goes on behind
 * it. */
static cm_str take(cm_str *rest, char end)
{
    bool quoted = false;
    size_t n = 0;
    for (; n < rest->n && (quoted || rest->p[n] != end); n++) {
        if (rest->p[n] == '"') {
            quoted = !quoted;
        } else if (quoted && rest->p[n] == '\\' && n + 1 < rest->n) {
            n++;
        }
    }
    cm_str taken = {rest->p, n};
    n += n < rest->n;
    *rest = (cm_str){rest->p + n, rest->n - n};
    return trim(taken);
}

static bool same_word(cm_str a, const char *b)
{
    cm_str other = cm_str_of(b);
    return a.n == other.n && strncasecmp(a.p, b, a.n) == 0;
}

static cm_str unquoted(cm_str value)
{
    if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"') {
        return (cm_str){value.p + 1, value.n - 2};
    }
    return value;
}

/* What is no number from 0 to 1 is 0: not wanted. */
static double parse_q(cm_str value)
{
    double q = 0;
    return cm_parse_double(value, &q) && q >= 0 && q <= 1 ? q : 0;
}

static media_range next_range(cm_str *header)
{
    cm_str element = take(header, ',');
    media_range found = {.name = take(&element, ';'), .q = 1};
    while (element.n > 0) {
        cm_str value = take(&element, ';');
        cm_str key = take(&value, '=');
        value = trim(value);
        if (same_word(key, "q")) {
            found.q = parse_q(value);
        } else if (same_word(key, "version")) {
            found.version = unquoted(value);
        }
    }
    return found;
}

/* How close a range is to what is offered: name and version. */
static fit_level level_of(const media_range *range, const char *any_subtype,
                          const char *name, const char *version)
{
    if (same_word(range->name, "*/*") || same_word(range->name, "*")) {
        return ANY;
    }
    if (same_word(range->name, any_subtype)) {
        return ANY_SUBTYPE;
    }
    if (!same_word(range->name, name)) {
        return NO_FIT;
    }
    return range->version.n == 0                ? NAMED
           : cm_str_is(range->version, version) ? VERSION
                                                : NO_FIT;
}

static void keep_closest(fit *best, fit_level level, double q)
{
    bool same = level == best->level && level != NO_FIT;
    if (level > best->level || (same && q > best->q)) {
        *best = (fit){level, q};
    }
}

cm_exposition cm_exposition_of(const char *accept)
{
    cm_str header = cm_str_of(accept);
    fit text = {NO_FIT, 0}, open = {NO_FIT, 0};
    while (header.n > 0) {
        media_range range = next_range(&header);
        keep_closest(&text, level_of(&range, "text/*", "text/plain", "0.0.4"),
                     range.q);
        keep_closest(&open,
                     level_of(&range, "application/*",
                              "application/openmetrics-text", "1.0.0"),
                     range.q);
    }
    bool named = open.level >= NAMED;
    return open.q > text.q || (named && open.q > 0 && open.q >= text.q)
               ? CM_EXPOSITION_OPENMETRICS
               : CM_EXPOSITION_TEXT;
}

const char *cm_exposition_content_type(cm_exposition format)
{
    return format == CM_EXPOSITION_OPENMETRICS
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

bool cm_accepts_gzip(const char *accept_encoding)
{
    cm_str header = cm_str_of(accept_encoding);
    fit gzip = {NO_FIT, 0};
    while (header.n > 0) {
        media_range range = next_range(&header);
        keep_closest(&gzip, level_of(&range, "x-gzip", "gzip", ""), range.q);
    }
    return gzip.q > 0;
}
