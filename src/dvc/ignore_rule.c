/* One rule of .dvcignore.
 *
 * A rule becomes a row of tokens that is run over a path as a set of states:
 * state i says that tokens before i have matched so far.  So a path of n
 * characters takes n times the tokens, whatever the rule. */
#include <stdlib.h>
#include <string.h>

#include "dvc/ignore.h"
#include "dvc/utf8.h"

typedef enum token_kind {
    TOKEN_CHAR,     /* this one */
    TOKEN_CLASS,    /* one of these */
    TOKEN_ANY,      /* any but '/' */
    TOKEN_STAR,     /* any number of any but '/' */
    TOKEN_LEAD,     /* nothing, or begins leading folders */
    TOKEN_LEADING,  /* goes on in them, up to a '/' */
    TOKEN_INNER,    /* nothing, or the '/' of inner folders, and … */
    TOKEN_INNER_1,  /* … their first character, and … */
    TOKEN_INNER_N,  /* … any number more */
    TOKEN_BOUNDARY, /* '/' or the end; the rule matches */
    TOKEN_SLASH_END /* '/'; the rule matches */
} token_kind;

typedef struct char_range {
    uint32_t low, high;
} char_range;

struct ignore_token {
    token_kind kind;
    uint32_t c;
    bool negated;
    const char_range *ranges; /* (n_ranges) */
    size_t n_ranges;
};
typedef struct ignore_token token;

enum { MAX_TOKENS = 512, BITS = 64 };

/* ---- parsing ------------------------------------------------------------- */

typedef struct rule_parser {
    token tokens[MAX_TOKENS];
    size_t n;
    bool bad; /* nothing can match, or it is too long */
    cm_arena *arena;
    cm_error *err;
} rule_parser;

static void put(rule_parser *p, token t)
{
    if (p->n == MAX_TOKENS) {
        p->bad = true;
    } else {
        p->tokens[p->n++] = t;
    }
}

static void put_kind(rule_parser *p, token_kind kind)
{
    put(p, (token){.kind = kind});
}

static void put_char(rule_parser *p, uint32_t c)
{
    put(p, (token){.kind = TOKEN_CHAR, .c = c});
}

/* The length of "[…]" at the beginning of s; 0: it does not end. */
static size_t class_length(cm_str s)
{
    size_t i = 1;
    i += i < s.n && (s.p[i] == '!' || s.p[i] == '^');
    i += i < s.n && s.p[i] == ']';
    while (i < s.n && s.p[i] != ']') {
        i++;
    }
    return i < s.n ? i + 1 : 0;
}

/* Ranges of what stands between the brackets. */
static cm_status put_class(rule_parser *p, cm_str inside)
{
    token t = {.kind = TOKEN_CLASS};
    t.negated = inside.n > 0 && (inside.p[0] == '!' || inside.p[0] == '^');
    const char *at = inside.p + t.negated;
    const char *end = inside.p + inside.n;
    char_range *ranges =
        cm_arena_alloc(p->arena, inside.n * sizeof *ranges, p->err);
    if (ranges == NULL) {
        return CM_ERR_NOMEM;
    }
    while (at < end) {
        uint32_t low = utf8_next(&at, end), high = low;
        if (at + 1 < end && *at == '-') {
            at++;
            high = utf8_next(&at, end);
        }
        p->bad |= high < low;
        ranges[t.n_ranges++] = (char_range){low, high};
    }
    t.ranges = ranges;
    put(p, t);
    return CM_OK;
}

static cm_status put_segment(rule_parser *p, cm_str segment)
{
    const char *at = segment.p;
    const char *end = at + segment.n;
    if (cm_str_is(segment, "*")) {
        put_kind(p, TOKEN_ANY);
    }
    while (at < end) {
        cm_str rest = {at, (size_t)(end - at)};
        size_t length = *at == '[' ? class_length(rest) : 0;
        if (length > 0) {
            cm_status status = put_class(p, (cm_str){rest.p + 1, length - 2});
            if (status != CM_OK) {
                return status;
            }
            at += length;
            continue;
        }
        uint32_t c = utf8_next(&at, end);
        if (c == '*') {
            put_kind(p, TOKEN_STAR);
        } else if (c == '?') {
            put_kind(p, TOKEN_ANY);
        } else if (c == '[' || (c == '\\' && at == end)) {
            p->bad = true;
        } else {
            put_char(p, c == '\\' ? utf8_next(&at, end) : c);
        }
    }
    return CM_OK;
}

/* The parts of a rule between slashes. */
typedef struct segments {
    cm_str items[MAX_TOKENS];
    size_t n;
} segments;

static bool is_deep(cm_str segment)
{
    return cm_str_is(segment, "**");
}

static bool split(segments *out, cm_str rule)
{
    size_t start = 0;
    out->n = 0;
    for (size_t i = 0; i <= rule.n; i++) {
        if (i < rule.n && rule.p[i] != '/') {
            continue;
        }
        if (out->n + 1 == MAX_TOKENS) {
            return false;
        }
        out->items[out->n++] = (cm_str){rule.p + start, i - start};
        start = i + 1;
    }
    return true;
}

/* "a" and "a/" are meant at any depth; "a/" is all below a; no "**" twice. */
static void normalize(segments *s)
{
    bool single = s->n == 1 || (s->n == 2 && s->items[1].n == 0);
    if (s->items[0].n == 0) {
        s->n--;
        memmove(s->items, s->items + 1, s->n * sizeof *s->items);
    } else if (single && !is_deep(s->items[0])) {
        memmove(s->items + 1, s->items, s->n * sizeof *s->items);
        s->items[0] = CM_STR("**");
        s->n++;
    }
    if (s->n > 0 && s->items[s->n - 1].n == 0) {
        s->items[s->n - 1] = CM_STR("**");
    }
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (kept == 0 || !is_deep(s->items[i]) ||
            !is_deep(s->items[kept - 1])) {
            s->items[kept++] = s->items[i];
        }
    }
    s->n = kept;
}

static cm_status put_segments(rule_parser *p, const segments *s)
{
    bool slash = false;
    for (size_t i = 0; i < s->n; i++) {
        bool last = i + 1 == s->n;
        if (!is_deep(s->items[i])) {
            if (slash) {
                put_char(p, '/');
            }
            cm_status status = put_segment(p, s->items[i]);
            if (status != CM_OK) {
                return status;
            }
            slash = true;
            if (last) {
                put_kind(p, TOKEN_BOUNDARY);
            }
        } else if (i == 0) {
            put_kind(p, TOKEN_LEAD);
            put_kind(p, TOKEN_LEADING);
        } else if (last) {
            put_kind(p, TOKEN_SLASH_END);
        } else {
            put_kind(p, TOKEN_INNER);
            put_kind(p, TOKEN_INNER_1);
            put_kind(p, TOKEN_INNER_N);
            slash = true;
        }
    }
    return CM_OK;
}

/* "**" and "*" are everything; "**" and "*" with '/' are what pathspec finds
 * nowhere in a relative path.  True: that is all. */
static bool put_everything(rule_parser *p, const segments *s, bool folder_only)
{
    bool deep = s->n > 0 && is_deep(s->items[0]);
    bool star = deep && s->n > 1 && cm_str_is(s->items[1], "*");
    if (deep && s->n == 1) {
        p->bad = folder_only;
    } else if (!(star && (s->n == 2 || (s->n == 3 && is_deep(s->items[2]))))) {
        return false;
    } else {
        p->bad = s->n == 3;
    }
    return true;
}

static cm_status parse_rule(rule_parser *p, cm_str rule)
{
    segments s;
    bool folder_only = rule.n > 0 && rule.p[rule.n - 1] == '/';
    if (!split(&s, rule)) {
        p->bad = true;
        return CM_OK;
    }
    normalize(&s);
    p->bad |= s.n == 0;
    return p->bad || put_everything(p, &s, folder_only) ? CM_OK
                                                        : put_segments(p, &s);
}

static cm_str trim_right(cm_str s)
{
    if (cm_str_ends_with(s, "\\ ")) {
        return s;
    }
    while (s.n > 0 && s.p[s.n - 1] != '\0' &&
           strchr(" \t\r\n\v\f", s.p[s.n - 1]) != NULL) {
        s.n--;
    }
    return s;
}

/* The longest run of plain characters, which every path that matches has in
 * it; NULL: there is none. */
static cm_status find_needle(ignore_rule *rule, cm_arena *arena, cm_error *err)
{
    size_t best = 0, length = 0, run = 0;
    for (size_t i = 0; i < rule->n; i++) {
        const token *t = &rule->tokens[i];
        bool plain = t->kind == TOKEN_CHAR &&
                     (t->c < UTF8_ALONE || t->c > UTF8_ALONE + 0xFF);
        run = plain ? run + 1 : 0;
        if (run > length) {
            length = run;
            best = i + 1 - run;
        }
    }
    rule->needle = NULL;
    if (length == 0) {
        return CM_OK;
    }
    cm_buf text = {0};
    for (size_t i = 0; i < length; i++) {
        utf8_put(&text, rule->tokens[best + i].c);
    }
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK) {
        rule->needle = cm_arena_strdup(arena, text.p, text.n, err);
        status = rule->needle == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    cm_buf_release(&text);
    return status;
}

cm_status ignore_rule_parse(ignore_rule *out, bool *valid, cm_str line,
                            cm_arena *arena, cm_error *err)
{
    cm_str rule = trim_right(line);
    *out = (ignore_rule){.ignores = true};
    *valid = false;
    if (rule.n == 0 || rule.p[0] == '#' || cm_str_is(rule, "/")) {
        return CM_OK;
    }
    out->folder_only = line.p[line.n - 1] == '/';
    out->ignores = rule.p[0] != '!';
    rule_parser p = {.arena = arena, .err = err};
    size_t mark = !out->ignores;
    cm_status status = parse_rule(&p, (cm_str){rule.p + mark, rule.n - mark});
    if (status != CM_OK || p.bad) {
        return status;
    }
    out->n = p.n;
    out->tokens = cm_arena_alloc(arena, p.n * sizeof *out->tokens, err);
    if (out->tokens == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(out->tokens, p.tokens, p.n * sizeof *out->tokens);
    *valid = true;
    return find_needle(out, arena, err);
}

/* ---- matching ------------------------------------------------------------ */

typedef struct state_set {
    uint64_t bits[MAX_TOKENS / BITS + 1];
} state_set;

static void add_state(state_set *set, size_t i)
{
    set->bits[i / BITS] |= 1ull << (i % BITS);
}

static bool has_state(const state_set *set, size_t i)
{
    return (set->bits[i / BITS] >> (i % BITS) & 1) != 0;
}

static bool in_class(const token *t, uint32_t c)
{
    bool in = false;
    for (size_t i = 0; i < t->n_ranges; i++) {
        in |= c >= t->ranges[i].low && c <= t->ranges[i].high;
    }
    return in != t->negated;
}

/* How many tokens further this one may be passed without a character; 0: it
 * needs one. */
static size_t free_steps(token_kind kind)
{
    switch (kind) {
    case TOKEN_STAR:
    case TOKEN_INNER_N:
        return 1;
    case TOKEN_LEAD:
        return 2;
    case TOKEN_INNER:
        return 3;
    default:
        return 0;
    }
}

/* Adds where token i goes with c. */
static void step(state_set *next, const token *t, size_t i, uint32_t c)
{
    switch (t->kind) {
    case TOKEN_CHAR:
        if (t->c == c) {
            add_state(next, i + 1);
        }
        break;
    case TOKEN_CLASS:
        if (in_class(t, c)) {
            add_state(next, i + 1);
        }
        break;
    case TOKEN_ANY:
        if (c != '/') {
            add_state(next, i + 1);
        }
        break;
    case TOKEN_STAR:
        if (c != '/') {
            add_state(next, i);
        }
        break;
    case TOKEN_LEAD:
    case TOKEN_INNER_1:
        add_state(next, i + 1);
        break;
    case TOKEN_LEADING:
        add_state(next, i);
        if (c == '/') {
            add_state(next, i + 1);
        }
        break;
    case TOKEN_INNER:
        if (c == '/') {
            add_state(next, i + 1);
        }
        break;
    case TOKEN_INNER_N:
        add_state(next, i);
        break;
    case TOKEN_BOUNDARY:
    case TOKEN_SLASH_END:
        break;
    }
}

/* Passes every token that needs no character; true when the rule matches
 * before c (0: the end). */
static bool settle(state_set *set, const ignore_rule *rule, uint32_t c)
{
    for (size_t i = 0; i < rule->n; i++) {
        if (!has_state(set, i)) {
            continue;
        }
        token_kind kind = rule->tokens[i].kind;
        if ((kind == TOKEN_BOUNDARY && (c == 0 || c == '/')) ||
            (kind == TOKEN_SLASH_END && c == '/')) {
            return true;
        }
        size_t steps = free_steps(kind);
        if (steps > 0) {
            add_state(set, i + steps);
        }
    }
    return false;
}

static void advance(state_set *set, const ignore_rule *rule, uint32_t c)
{
    state_set next = {{0}};
    for (size_t i = 0; i < rule->n; i++) {
        if (has_state(set, i)) {
            step(&next, &rule->tokens[i], i, c);
        }
    }
    *set = next;
}

bool ignore_rule_matches(const ignore_rule *rule, const char *path,
                         bool is_folder)
{
    const char *at = path;
    const char *end = path + strlen(path);
    state_set set = {{1}};
    if ((rule->folder_only && !is_folder) ||
        (rule->needle != NULL && strstr(path, rule->needle) == NULL)) {
        return false;
    }
    if (rule->n == 0) {
        return at < end;
    }
    while (at < end) {
        uint32_t c = utf8_next(&at, end);
        if (settle(&set, rule, c)) {
            return true;
        }
        advance(&set, rule, c);
    }
    return settle(&set, rule, is_folder ? '/' : 0) ||
           (is_folder && settle(&set, rule, 0));
}
