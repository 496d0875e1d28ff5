/* Carrying comments over.
 *
 * A line belongs to a key by its path: the keys and positions in lists that it
 * stands below, "outs/0/md5".  A comment behind a value, and lines of comments
 * below it, belong to that line. */
#include "dvc/yaml_comments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { MAX_LEVELS = 32, MAX_PATH_BYTES = 512 };

/* ---- lines and the paths of their keys ----------------------------------- */

typedef struct level {
    size_t indent;
    size_t length; /* of the path up to and without this level */
    size_t item;   /* of a list: how many before */
    bool is_item;
} level;

typedef struct walker {
    cm_str rest;
    cm_str line; /* without its end */
    char path[MAX_PATH_BYTES];
    size_t length;
    level levels[MAX_LEVELS];
    size_t depth;
    bool has_key; /* the line begins a key or an item */
    size_t value; /* where in the line its value begins */
} walker;

static bool next_line(walker *w)
{
    if (w->rest.n == 0) {
        return false;
    }
    const char *end = memchr(w->rest.p, '\n', w->rest.n);
    size_t n = end != NULL ? (size_t)(end - w->rest.p) : w->rest.n;
    w->line = (cm_str){w->rest.p, n};
    n += end != NULL;
    w->rest = (cm_str){w->rest.p + n, w->rest.n - n};
    if (w->line.n > 0 && w->line.p[w->line.n - 1] == '\r') {
        w->line.n--;
    }
    return true;
}

static size_t blanks_at(cm_str line, size_t at)
{
    size_t n = 0;
    while (at + n < line.n && line.p[at + n] == ' ') {
        n++;
    }
    return n;
}

static bool is_comment(cm_str line)
{
    size_t at = blanks_at(line, 0);
    return at == line.n || line.p[at] == '#';
}

static void add_to_path(walker *w, cm_str name)
{
    size_t room = sizeof w->path - 1 - w->length;
    size_t n = name.n < room ? name.n : room;
    memcpy(w->path + w->length, name.p, n);
    w->length += n;
    if (w->length < sizeof w->path - 1) {
        w->path[w->length++] = '/';
    }
    w->path[w->length] = '\0';
}

/* Leaves the levels that a line at this indentation ends; an item of a list
 * that is not indented ends no key at its column. */
static void leave_levels(walker *w, size_t indent, bool is_item)
{
    while (w->depth > 0) {
        const level *top = &w->levels[w->depth - 1];
        if (top->indent < indent ||
            (top->indent == indent && is_item && !top->is_item)) {
            return;
        }
        w->length = top->length;
        w->depth--;
    }
}

static void enter_level(walker *w, size_t indent, cm_str name, size_t item,
                        bool is_item)
{
    if (w->depth < MAX_LEVELS) {
        w->levels[w->depth++] = (level){indent, w->length, item, is_item};
        add_to_path(w, name);
    }
}

/* "- " at indent: the next item of its list. */
static void enter_item(walker *w, size_t indent)
{
    char number[24];
    size_t item = 0;
    for (size_t i = 0; i < w->depth; i++) {
        if (w->levels[i].is_item && w->levels[i].indent == indent) {
            item = w->levels[i].item + 1;
        }
    }
    leave_levels(w, indent, true);
    (void)snprintf(number, sizeof number, "%zu", item);
    enter_level(w, indent, cm_str_of(number), item, true);
}

/* The length of a key before ':' at `at`; 0: none. */
static size_t key_length(cm_str line, size_t at)
{
    size_t n = 0;
    while (at + n < line.n && line.p[at + n] != ':' && line.p[at + n] != ' ') {
        n++;
    }
    bool ends = at + n < line.n && line.p[at + n] == ':' &&
                (at + n + 1 == line.n || line.p[at + n + 1] == ' ');
    return ends ? n : 0;
}

/* Sets path to the line's key. */
static void read_line(walker *w)
{
    size_t at = blanks_at(w->line, 0);
    w->has_key = false;
    while (at + 1 < w->line.n && w->line.p[at] == '-' &&
           w->line.p[at + 1] == ' ') {
        enter_item(w, at);
        at += 1 + blanks_at(w->line, at + 1);
        w->has_key = true;
    }
    size_t n = key_length(w->line, at);
    if (n > 0) {
        leave_levels(w, at, false);
        enter_level(w, at, (cm_str){w->line.p + at, n}, 0, false);
        w->has_key = true;
        at += n + 1;
    }
    w->value = at + blanks_at(w->line, at);
}

/* Where the comment behind the value begins, its blanks too; line.n: none. */
static size_t comment_at(const walker *w)
{
    cm_str line = w->line;
    size_t at = w->value;
    char quote = at < line.n ? line.p[at] : ' ';
    if (quote == '"' || quote == '\'') {
        for (at++; at < line.n && line.p[at] != quote; at++) {
            at += quote == '"' && line.p[at] == '\\';
        }
    }
    for (; at < line.n; at++) {
        if (line.p[at] == '#' && at > 0 && line.p[at - 1] == ' ') {
            while (at > 0 && line.p[at - 1] == ' ') {
                at--;
            }
            return at;
        }
    }
    return line.n;
}

/* ---- what belongs to the keys -------------------------------------------- */

typedef struct remark {
    const char *path; /* of the arena */
    cm_str behind;    /* from '#' on */
    size_t column;    /* of it */
    cm_str below;     /* whole lines */
} remark;

typedef struct remarks {
    remark *items;
    size_t n, capacity;
    cm_str head; /* lines before the first key */
    cm_arena arena;
} remarks;

static cm_status add_remark(remarks *all, const walker *w, cm_error *err)
{
    cm_status status =
        cm_grow(&all->items, all->n, &all->capacity, sizeof *all->items, err);
    const char *path = NULL;
    if (status == CM_OK) {
        path = cm_arena_strdup(&all->arena, w->path, w->length, err);
        status = path == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    if (status != CM_OK) {
        return status;
    }
    size_t blanks = comment_at(w);
    size_t at = blanks + blanks_at(w->line, blanks);
    all->items[all->n++] =
        (remark){path, {w->line.p + at, w->line.n - at}, at, {0}};
    return CM_OK;
}

static cm_status collect(remarks *all, cm_str old, cm_error *err)
{
    walker w = {.rest = old};
    while (next_line(&w)) {
        if (!is_comment(w.line)) {
            read_line(&w);
            cm_status status = w.has_key ? add_remark(all, &w, err) : CM_OK;
            if (status != CM_OK) {
                return status;
            }
            continue;
        }
        cm_str *lines = all->n > 0 ? &all->items[all->n - 1].below : &all->head;
        if (lines->n == 0) {
            lines->p = w.line.p;
        }
        lines->n = (size_t)(w.rest.p - lines->p);
    }
    return CM_OK;
}

static const remark *find_remark(const remarks *all, const walker *w)
{
    for (size_t i = 0; i < all->n; i++) {
        if (strcmp(all->items[i].path, w->path) == 0) {
            return &all->items[i];
        }
    }
    return NULL;
}

static void put_lines(cm_buf *out, cm_str lines)
{
    cm_buf_add(out, lines.p, lines.n);
    if (lines.n > 0 && lines.p[lines.n - 1] != '\n') {
        cm_buf_addc(out, '\n');
    }
}

static void put_behind(cm_buf *out, const remark *r, size_t column)
{
    if (r == NULL || r->behind.n == 0) {
        return;
    }
    do {
        cm_buf_addc(out, ' ');
    } while (++column < r->column);
    cm_buf_add(out, r->behind.p, r->behind.n);
}

static void put_text(cm_buf *out, const remarks *all, cm_str fresh)
{
    walker w = {.rest = fresh};
    const remark *last = NULL;
    put_lines(out, all->head);
    while (next_line(&w)) {
        read_line(&w);
        if (w.has_key) {
            put_lines(out, last != NULL ? last->below : (cm_str){0});
            last = find_remark(all, &w);
        }
        cm_buf_add(out, w.line.p, w.line.n);
        put_behind(out, w.has_key ? last : NULL, w.line.n);
        cm_buf_addc(out, '\n');
    }
    put_lines(out, last != NULL ? last->below : (cm_str){0});
}

cm_status yaml_put_commented(cm_buf *out, cm_str fresh, cm_str old,
                             cm_error *err)
{
    remarks all = {0};
    cm_status status = collect(&all, old, err);
    if (status == CM_OK) {
        put_text(out, &all, fresh);
        status = cm_buf_check(out, err);
    }
    free(all.items);
    cm_arena_release(&all.arena);
    return status;
}
