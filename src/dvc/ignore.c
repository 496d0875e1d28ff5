/* The rules of all .dvcignore files between the root and a folder: of each
 * folder on the way down there is a level with its own rules, and the last rule
 * that matches decides. */
#include "dvc/ignore.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { MAX_BYTES = 4 << 20, MAX_DEPTH = 4096 };

typedef struct level {
    size_t length; /* of its folder's path in ignore->folder */
    bool ignored;  /* the folder itself */
    size_t first;  /* its rules are [first, first + n) of ignore->rules */
    size_t n;
} level;

struct cm_ignore {
    cm_ignore_files files;
    char *root;    /* of a folder on disk */
    cm_buf folder; /* the folder of the last level, relative; "" is the root */
    level *levels;
    size_t n_levels, levels_capacity;
    ignore_rule *rules; /* of the levels, one behind the other */
    size_t n_rules, rules_capacity;
    cm_arena arena;
};

/* ---- rules --------------------------------------------------------------- */

static cm_status add_rule(cm_ignore *ignore, cm_str line, cm_error *err)
{
    bool valid = false;
    cm_status status =
        cm_grow(&ignore->rules, ignore->n_rules, &ignore->rules_capacity,
                sizeof *ignore->rules, err);
    if (status == CM_OK) {
        status = ignore_rule_parse(&ignore->rules[ignore->n_rules], &valid,
                                   line, &ignore->arena, err);
    }
    if (status == CM_OK && valid) {
        ignore->n_rules++;
        ignore->levels[ignore->n_levels - 1].n++;
    }
    return status;
}

static bool starts_with(cm_str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

static cm_str without(cm_str s, size_t n)
{
    return (cm_str){s.p + n, s.n - n};
}

/* A rule of a folder below the root as one of the root, the way DVC rewrites
 * it. */
static void rebase(cm_buf *out, cm_str rule, cm_str folder)
{
    bool takes_back = rule.p[0] == '!';
    rule = without(rule, takes_back);
    bool has_slash = rule.n > 1 && memchr(rule.p, '/', rule.n - 1) != NULL;
    bool deep = starts_with(rule, "**/");
    if (has_slash && !deep) {
        rule = without(rule, starts_with(rule, "/"));
    } else {
        rule = without(rule, deep ? 3 : 0);
    }
    bool any_depth = !has_slash || deep;
    rule = without(rule, starts_with(rule, "\\"));
    cm_buf_adds(out, takes_back ? "!/" : "");
    cm_buf_add(out, folder.p, folder.n);
    cm_buf_adds(out, any_depth ? "/**/" : "/");
    cm_buf_add(out, rule.p, rule.n);
}

static cm_status add_line(cm_ignore *ignore, cm_str line, cm_error *err)
{
    cm_str folder = {ignore->folder.p, ignore->folder.n};
    if (line.n == 0 || line.p[0] == '#') {
        return CM_OK;
    }
    if (folder.n == 0) {
        return add_rule(ignore, line, err);
    }
    cm_buf rule = {0};
    rebase(&rule, line, folder);
    cm_status status = cm_buf_check(&rule, err);
    if (status == CM_OK) {
        status = add_rule(ignore, (cm_str){rule.p, rule.n}, err);
    }
    cm_buf_release(&rule);
    return status;
}

static cm_status add_lines(cm_ignore *ignore, cm_str text, cm_error *err)
{
    cm_status status = CM_OK;
    while (text.n > 0 && status == CM_OK) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
        cm_str line = {text.p, n};
        while (line.n > 0 && strchr("\r\t\v\f ", line.p[line.n - 1]) != NULL) {
            line.n--;
        }
        while (line.n > 0 && strchr("\r\t\v\f ", line.p[0]) != NULL) {
            line = without(line, 1);
        }
        status = add_line(ignore, line, err);
        text = without(text, end != NULL ? n + 1 : n);
    }
    return status;
}

/* ---- levels -------------------------------------------------------------- */

/* The last rule that matches, of the deepest level first. */
static bool matches(const cm_ignore *ignore, const char *path, bool is_folder)
{
    for (size_t i = ignore->n_rules; i-- > 0;) {
        if (ignore_rule_matches(&ignore->rules[i], path, is_folder)) {
            return ignore->rules[i].ignores;
        }
    }
    return false;
}

/* folder/name; malloc'ed. */
static char *path_below(const char *folder, const char *name)
{
    cm_buf path = {0};
    cm_buf_addf(&path, "%s%s%s", folder, folder[0] != '\0' ? "/" : "", name);
    if (path.failed) {
        cm_buf_release(&path);
    }
    return path.p;
}

static cm_status out_of_memory(cm_error *err)
{
    return cm_fail(err, CM_ERR_NOMEM, "out of memory reading .dvcignore");
}

static const char *folder_of(const cm_ignore *ignore)
{
    return ignore->folder.n > 0 ? ignore->folder.p : "";
}

/* The .dvcignore of the last level's folder, unless it is ignored itself. */
static cm_status read_rules(cm_ignore *ignore, cm_error *err)
{
    static const char name[] = ".dvcignore";
    const char *folder = folder_of(ignore);
    char *path = path_below(folder, name);
    if (path == NULL) {
        return out_of_memory(err);
    }
    cm_status status = CM_OK;
    cm_buf text = {0};
    bool found = false;
    if (!matches(ignore, path, false)) {
        status =
            ignore->files.read(ignore->files.context, path, &text, &found, err);
    }
    if (status == CM_OK && text.n > 0) {
        status = add_lines(ignore, (cm_str){text.p, text.n}, err);
    }
    cm_buf_release(&text);
    free(path);
    return status;
}

/* The same, and whether they ignore the folder they are in. */
static cm_status read_own_rules(cm_ignore *ignore, cm_error *err)
{
    cm_status status = read_rules(ignore, err);
    level *own = &ignore->levels[ignore->n_levels - 1];
    if (status == CM_OK && own->n > 0) {
        own->ignored = matches(ignore, ignore->folder.p, true);
    }
    return status;
}

/* Goes down into a folder of the last level's. */
static cm_status enter(cm_ignore *ignore, cm_str name, cm_error *err)
{
    cm_status status =
        cm_grow(&ignore->levels, ignore->n_levels, &ignore->levels_capacity,
                sizeof *ignore->levels, err);
    if (status != CM_OK) {
        return status;
    }
    cm_buf_adds(&ignore->folder, ignore->folder.n > 0 ? "/" : "");
    cm_buf_add(&ignore->folder, name.p, name.n);
    status = cm_buf_check(&ignore->folder, err);
    if (status != CM_OK) {
        return status;
    }
    bool ignored = ignore->levels[ignore->n_levels - 1].ignored ||
                   matches(ignore, ignore->folder.p, true);
    ignore->levels[ignore->n_levels++] =
        (level){ignore->folder.n, ignored, ignore->n_rules, 0};
    return ignored ? CM_OK : read_own_rules(ignore, err);
}

/* Whether the folder of level i is path's, or above it. */
static bool leads_to(const cm_ignore *ignore, size_t i, cm_str path)
{
    size_t n = ignore->levels[i].length;
    return n == 0 || (path.n >= n && memcmp(path.p, ignore->folder.p, n) == 0 &&
                      (path.n == n || path.p[n] == '/'));
}

/* Makes the last level that of `folder`. */
static cm_status go_to(cm_ignore *ignore, cm_str folder, cm_error *err)
{
    while (!leads_to(ignore, ignore->n_levels - 1, folder)) {
        ignore->n_levels--;
        ignore->n_rules = ignore->levels[ignore->n_levels].first;
    }
    size_t at = ignore->levels[ignore->n_levels - 1].length;
    ignore->folder.n = at;
    if (at > 0) {
        ignore->folder.p[at] = '\0';
    }
    at += at > 0;
    cm_status status = CM_OK;
    while (at < folder.n && status == CM_OK) {
        const char *end = memchr(folder.p + at, '/', folder.n - at);
        size_t n = end != NULL ? (size_t)(end - folder.p) - at : folder.n - at;
        status = enter(ignore, (cm_str){folder.p + at, n}, err);
        at += n + 1;
    }
    return status;
}

/* ---- a folder on disk ---------------------------------------------------- */

static cm_status has_on_disk(const void *context, const char *path, bool *has,
                             cm_error *err)
{
    char *full = path_below(context, path);
    if (full == NULL) {
        return out_of_memory(err);
    }
    *has = access(full, F_OK) == 0;
    free(full);
    return CM_OK;
}

static cm_status read_on_disk(const void *context, const char *path,
                              cm_buf *out, bool *found, cm_error *err)
{
    char *full = path_below(context, path);
    if (full == NULL) {
        return out_of_memory(err);
    }
    *found = access(full, F_OK) == 0;
    cm_status status = *found ? cm_read_file(out, full, MAX_BYTES, err) : CM_OK;
    free(full);
    return status;
}

/* ---- asking -------------------------------------------------------------- */

static cm_status open_levels(cm_ignore *ignore, cm_error *err)
{
    static const char defaults[] = ".hg/\n.git/\n.git\n.dvc/\n";
    cm_status status = cm_grow(&ignore->levels, 0, &ignore->levels_capacity,
                               sizeof *ignore->levels, err);
    if (status == CM_OK) {
        ignore->levels[0] = (level){0};
        ignore->n_levels = 1;
        status = add_lines(ignore, CM_STR(defaults), err);
    }
    return status == CM_OK ? read_rules(ignore, err) : status;
}

cm_status cm_ignore_open_in(cm_ignore **out, const cm_ignore_files *files,
                            cm_error *err)
{
    *out = cm_alloc_zero(1, sizeof **out, err);
    if (*out == NULL) {
        return CM_ERR_NOMEM;
    }
    (*out)->files = *files;
    cm_status status = open_levels(*out, err);
    if (status != CM_OK) {
        cm_ignore_close(*out);
        *out = NULL;
    }
    return status;
}

cm_status cm_ignore_open(cm_ignore **out, const char *root, cm_error *err)
{
    char *copy = cm_strdup(root, err);
    cm_ignore_files files = {read_on_disk, has_on_disk, copy};
    *out = NULL;
    cm_status status =
        copy == NULL ? CM_ERR_NOMEM : cm_ignore_open_in(out, &files, err);
    if (status == CM_OK) {
        (*out)->root = copy;
    } else {
        free(copy);
    }
    return status;
}

void cm_ignore_close(cm_ignore *ignore)
{
    if (ignore != NULL) {
        free(ignore->root);
        free(ignore->levels);
        free(ignore->rules);
        cm_buf_release(&ignore->folder);
        cm_arena_release(&ignore->arena);
        free(ignore);
    }
}

static cm_status is_repository(const cm_ignore *ignore, const char *path,
                               bool *is, cm_error *err)
{
    char *inner = path_below(path, ".dvc");
    if (inner == NULL) {
        return out_of_memory(err);
    }
    cm_status status = ignore->files.has(ignore->files.context, inner, is, err);
    free(inner);
    return status;
}

cm_status cm_ignore_check(cm_ignore *ignore, const char *path, bool is_folder,
                          bool *ignored, cm_error *err)
{
    const char *slash = strrchr(path, '/');
    cm_str folder = {path, slash != NULL ? (size_t)(slash - path) : 0};
    *ignored = false;
    if (path[0] == '\0') {
        return CM_OK;
    }
    cm_status status = go_to(ignore, folder, err);
    if (status != CM_OK) {
        return status;
    }
    *ignored = ignore->levels[ignore->n_levels - 1].ignored ||
               matches(ignore, path, is_folder);
    return *ignored || !is_folder ? CM_OK
                                  : is_repository(ignore, path, ignored, err);
}
