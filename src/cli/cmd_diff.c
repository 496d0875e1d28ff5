/* clickmill diff */
#include "cli/output.h"
#include "cli/repository.h"
#include "cli/table.h"
#include "versioning/diff.h"

enum { SHORT_HASH = 8 };

/* In the order in which they are told. */
static const struct {
    cm_change_kind kind;
    const char *name;
} told[] = {{CM_CHANGE_ADDED, "added"},
            {CM_CHANGE_DELETED, "deleted"},
            {CM_CHANGE_RENAMED, "renamed"},
            {CM_CHANGE_MODIFIED, "modified"},
            {CM_CHANGE_NOT_IN_CACHE, "not in cache"}};

typedef struct showing {
    const cm_diff *diff;
    bool hashes;
    bool hide_missing;
} showing;

static bool is_hidden(const showing *s, cm_change_kind kind)
{
    return kind == CM_CHANGE_NOT_IN_CACHE && s->hide_missing;
}

/* ---- as JSON ------------------------------------------------------------- */

static void put_text(cm_json_writer *w, const char *key, const char *text)
{
    if (text != NULL) {
        cm_json_put_text(w, key, text);
    } else {
        cm_json_put_null(w, key);
    }
}

/* A pair is an object. */
static void put_pair(cm_json_writer *w, const char *key, const char *old,
                     const char *new, bool pair)
{
    if (!pair) {
        put_text(w, key, old);
        return;
    }
    cm_json_begin_object(w, key);
    put_text(w, "old", old);
    put_text(w, "new", new);
    cm_json_end_object(w);
}

static void put_change(cm_json_writer *w, const showing *s,
                       const cm_change *change)
{
    cm_json_begin_object(w, NULL);
    put_pair(w, "path", change->path, change->new_path,
             change->kind == CM_CHANGE_RENAMED);
    if (s->hashes) {
        put_pair(w, "hash", change->hash, change->new_hash,
                 change->kind == CM_CHANGE_MODIFIED);
    }
    cm_json_end_object(w);
}

static cm_status print_json(const showing *s, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    for (size_t i = 0; i < CM_CHANGE_KINDS && s->diff->n > 0; i++) {
        if (is_hidden(s, told[i].kind)) {
            continue;
        }
        cm_json_begin_array(&w, told[i].name);
        for (size_t k = 0; k < s->diff->n; k++) {
            if (s->diff->items[k].kind == told[i].kind) {
                put_change(&w, s, &s->diff->items[k]);
            }
        }
        cm_json_end_array(&w);
    }
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

/* ---- as text ------------------------------------------------------------- */

static void add_path(cm_buf *out, const cm_change *change)
{
    cm_buf_adds(out, change->path);
    if (change->new_path != NULL) {
        cm_buf_addf(out, " -> %s", change->new_path);
    }
}

static void add_hash(cm_buf *out, const cm_change *change)
{
    const char *old = change->hash != NULL ? change->hash : "";
    cm_buf_addf(out, "%.*s", (int)SHORT_HASH, old);
    if (change->kind == CM_CHANGE_MODIFIED) {
        const char *new = change->new_hash != NULL ? change->new_hash : "";
        cm_buf_addf(out, "..%.*s", (int)SHORT_HASH, new);
    }
}

static bool is_folder(const cm_change *change)
{
    const char *path =
        change->new_path != NULL ? change->new_path : change->path;
    return cm_str_ends_with(cm_str_of(path), "/");
}

/* The changes of one kind under its heading; how many of them are files. */
static size_t add_kind(cm_buf *out, const showing *s, cm_change_kind kind,
                       const char *name)
{
    size_t files = 0, n = 0;
    for (size_t i = 0; i < s->diff->n; i++) {
        const cm_change *change = &s->diff->items[i];
        if (change->kind != kind) {
            continue;
        }
        if (n++ == 0) {
            cm_buf_addf(out, "%c%s:\n", name[0] - 'a' + 'A', name + 1);
        }
        cm_buf_adds(out, "    ");
        if (s->hashes) {
            add_hash(out, change);
            cm_buf_adds(out, "  ");
        }
        add_path(out, change);
        cm_buf_addc(out, '\n');
        files += !is_folder(change);
    }
    cm_buf_adds(out, n > 0 ? "\n" : "");
    return files;
}

static cm_status print_text(const showing *s, cm_error *err)
{
    cm_buf text = {0}, summary = {0};
    for (size_t i = 0; i < CM_CHANGE_KINDS; i++) {
        if (is_hidden(s, told[i].kind)) {
            continue;
        }
        size_t files = add_kind(&text, s, told[i].kind, told[i].name);
        if (files > 0) {
            cm_buf_addf(&summary, "%s%zu %s", summary.n > 0 ? ", " : "", files,
                        told[i].name);
        }
    }
    if (summary.n > 0) {
        cm_buf_addf(&text, "files summary: %s\n", summary.p);
    }
    text.failed = text.failed || summary.failed;
    cm_buf_release(&summary);
    if (text.n == 0) {
        cm_buf_release(&text);
        return CM_OK;
    }
    return cli_print_text(&text, err);
}

/* ---- as Markdown --------------------------------------------------------- */

static void add_cell(cli_table *table, cm_buf *cell)
{
    table->failed = table->failed || cell->failed;
    cli_table_add(table, cell->n > 0 ? cell->p : "");
    cm_buf_clear(cell);
}

static void add_rows(cli_table *table, const showing *s, cm_change_kind kind,
                     const char *name)
{
    cm_buf cell = {0};
    for (size_t i = 0; i < s->diff->n; i++) {
        const cm_change *change = &s->diff->items[i];
        if (change->kind != kind) {
            continue;
        }
        cli_table_add(table, name);
        if (s->hashes) {
            add_hash(&cell, change);
            add_cell(table, &cell);
        }
        add_path(&cell, change);
        add_cell(table, &cell);
    }
    cm_buf_release(&cell);
}

static cm_status print_markdown(const showing *s, cm_error *err)
{
    cm_buf text = {0};
    cli_table table = {.columns = s->hashes ? 3 : 2};
    cli_table_add(&table, "Status");
    if (s->hashes) {
        cli_table_add(&table, "Hash");
    }
    cli_table_add(&table, "Path");
    for (size_t i = 0; i < CM_CHANGE_KINDS; i++) {
        if (!is_hidden(s, told[i].kind)) {
            add_rows(&table, s, told[i].kind, told[i].name);
        }
    }
    cli_table_put(&text, &table, true);
    cli_table_release(&table);
    return cli_print_text(&text, err);
}

static cm_status print(const cli_context *c, const showing *s, cm_error *err)
{
    return cli_switch(c, "json") ? print_json(s, err)
           : cli_switch(c, "md") ? print_markdown(s, err)
                                 : print_text(s, err);
}

cm_status cli_diff(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_diff diff = {0};
    cm_diff_options options = {.old_rev = c->n_words > 0 ? c->words[0] : "HEAD",
                               .new_rev = c->n_words > 1 ? c->words[1] : NULL,
                               .targets = c->list,
                               .n = c->n_list};
    cm_status status = cli_open_repository(c, &repo, err);
    if (status == CM_OK) {
        status = cm_diff_load(&diff, &repo, &options, err);
    }
    showing s = {.diff = &diff,
                 .hashes = cli_switch(c, "show-hash"),
                 .hide_missing =
                     c->n_words > 1 || cli_switch(c, "hide-missing")};
    if (status == CM_OK) {
        status = print(c, &s, err);
    }
    cm_diff_release(&diff);
    cm_repo_close(&repo);
    return status;
}
