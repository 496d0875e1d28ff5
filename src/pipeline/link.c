/* Links from the paths a configuration names to the files of a bundle. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "pipeline/save_bundle.h"

/* Path of folder `to` as seen from folder `from`, both absolute and free of
 * links: "../../models/". */
static void add_relative(cm_buf *out, const char *from, const char *to)
{
    size_t common = 0; /* bytes of whole names that both start with */
    for (size_t i = 0;; i++) {
        bool ends = (from[i] == '\0' || from[i] == '/') &&
                    (to[i] == '\0' || to[i] == '/');
        common = ends ? i : common;
        if (from[i] == '\0' || from[i] != to[i]) {
            break;
        }
    }
    for (const char *p = from + common; *p != '\0'; p++) {
        cm_buf_adds(out, p[0] == '/' && p[1] != '\0' ? "../" : "");
    }
    const char *rest = to + common + (to[common] == '/');
    cm_buf_addf(out, "%s%s", rest, rest[0] != '\0' ? "/" : "");
}

static cm_status real_folder(char **out, const char *path, cm_error *err)
{
    *out = realpath(path, NULL);
    return *out != NULL ? CM_OK : cm_fail_errno(err, "%s", path);
}

cm_status cm_link_into_bundle(const char *path, const char *root,
                              const char *name, cm_error *err)
{
    cm_buf target = {0};
    char *folder = NULL, *from = NULL, *to = NULL;
    cm_status status = cm_make_parent(path, err);
    if (status == CM_OK && (folder = cm_path_dir(path)) == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    if (status == CM_OK) {
        status = real_folder(&from, folder, err);
    }
    if (status == CM_OK) {
        status = real_folder(&to, root, err);
    }
    if (status == CM_OK && strcmp(from, to) != 0) {
        add_relative(&target, from, to);
        cm_buf_addf(&target, "current/%s", name);
        status = cm_buf_check(&target, err);
        if (status == CM_OK) {
            status = cm_switch_link(target.p, path, err);
        }
    }
    cm_buf_release(&target);
    free(folder);
    free(from);
    free(to);
    return status;
}
