/* HEAD out of git's own files.  libgit2 could tell it as well, but takes 15 ms
 * to start, which is more than all else that is told of a training.
 *
 * .git is a folder, or a file that says "gitdir: PATH" (a worktree, a
 * submodule); refs that a worktree shares are in the folder that its file
 * `commondir` names.  HEAD is a commit, or "ref: refs/heads/NAME", which is a
 * file of that name or a line of packed-refs. */
#include "versioning/git_head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"

enum { MAX_TEXT = 4096, MAX_LEVELS = 256 };

/* The first line of a file, blanks stripped; NULL when there is none.
 * malloc'ed. */
static char *first_line(const char *folder, const char *name)
{
    char *path = cm_path_join(folder, name);
    cm_buf text = {0};
    char *line = NULL;
    if (path != NULL && cm_file_exists(path) &&
        cm_read_file(&text, path, MAX_TEXT, NULL) == CM_OK && text.n > 0) {
        line = cm_strdup(text.p, NULL);
    }
    if (line != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
    }
    cm_buf_release(&text);
    free(path);
    return line;
}

/* to, as seen from a folder; malloc'ed. */
static char *go(const char *folder, const char *to)
{
    return to[0] == '/' ? cm_strdup(to, NULL) : cm_path_join(folder, to);
}

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* ---- where the repository is --------------------------------------------- */

/* What ".git" in a folder leads to; NULL: nothing.  malloc'ed. */
static char *repository_in(const char *folder)
{
    static const char word[] = "gitdir: ";
    char *path = cm_path_join(folder, ".git");
    if (path == NULL || is_folder(path)) {
        return path;
    }
    free(path);
    char *line = first_line(folder, ".git");
    char *found = NULL;
    if (line != NULL && strncmp(line, word, sizeof word - 1) == 0) {
        found = go(folder, line + sizeof word - 1);
    }
    free(line);
    return found;
}

static char *find_repository(const char *folder)
{
    char *at = realpath(folder, NULL);
    char *found = NULL;
    for (int level = 0; at != NULL && level < MAX_LEVELS; level++) {
        found = repository_in(at);
        if (found != NULL || strcmp(at, "/") == 0) {
            break;
        }
        char *up = cm_path_dir(at);
        free(at);
        at = up;
    }
    free(at);
    return found;
}

/* Where a worktree's refs are that are not its own. */
static char *shared_folder(const char *repository)
{
    char *line = first_line(repository, "commondir");
    char *shared =
        line != NULL ? go(repository, line) : cm_strdup(repository, NULL);
    free(line);
    return shared;
}

/* ---- what HEAD is -------------------------------------------------------- */

static bool take_commit(cm_git_head *out, const char *text, size_t n)
{
    bool good = (n == 40 || n == 64) && strspn(text, "0123456789abcdef") >= n;
    if (good) {
        memcpy(out->commit, text, n);
        out->commit[n] = '\0';
    }
    return good;
}

static bool take_file(cm_git_head *out, const char *folder, const char *ref)
{
    char *line = first_line(folder, ref);
    bool found = line != NULL && take_commit(out, line, strlen(line));
    free(line);
    return found;
}

/* A line "COMMIT REF". */
static bool take_packed_line(cm_git_head *out, cm_str line, const char *ref)
{
    const char *blank = memchr(line.p, ' ', line.n);
    size_t n = blank != NULL ? (size_t)(blank - line.p) : 0;
    return n > 0 && cm_str_is((cm_str){blank + 1, line.n - n - 1}, ref) &&
           take_commit(out, line.p, n);
}

static bool take_packed(cm_git_head *out, const char *folder, const char *ref)
{
    char *path = cm_path_join(folder, "packed-refs");
    cm_mapping file = {0};
    bool found = false;
    if (path != NULL && cm_file_exists(path) &&
        cm_map_file(&file, path, NULL) == CM_OK) {
        const char *at = (const char *)file.data;
        const char *end = at + file.size;
        while (!found && at < end) {
            const char *stop = memchr(at, '\n', (size_t)(end - at));
            stop = stop != NULL ? stop : end;
            found =
                take_packed_line(out, (cm_str){at, (size_t)(stop - at)}, ref);
            at = stop + 1;
        }
        cm_unmap(&file);
    }
    free(path);
    return found;
}

static bool take_ref(cm_git_head *out, const char *repository, const char *ref)
{
    static const char heads[] = "refs/heads/";
    char *shared = shared_folder(repository);
    bool found = take_file(out, repository, ref) ||
                 (shared != NULL && (take_file(out, shared, ref) ||
                                     take_packed(out, shared, ref)));
    if (found && strncmp(ref, heads, sizeof heads - 1) == 0) {
        (void)snprintf(out->branch, sizeof out->branch, "%s",
                       ref + sizeof heads - 1);
    }
    free(shared);
    return found;
}

bool cm_git_head_find(cm_git_head *out, const char *folder)
{
    static const char word[] = "ref: ";
    *out = (cm_git_head){0};
    char *repository = find_repository(folder);
    char *head = repository != NULL ? first_line(repository, "HEAD") : NULL;
    bool found = false;
    if (head != NULL) {
        found = strncmp(head, word, sizeof word - 1) == 0
                    ? take_ref(out, repository, head + sizeof word - 1)
                    : take_commit(out, head, strlen(head));
    }
    free(head);
    free(repository);
    return found;
}
