/* Goes back to the previous version. */
#include "score/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "score/bundle_root.h"

/* Both links in one step where the file system can, else one after the other:
 * between the two both name the version that is going to be current. */
static cm_status swap_links(const bundle_root *root, const char *current,
                            const char *previous, cm_error *err)
{
    char *a = cm_path_join(root->path, "current");
    char *b = cm_path_join(root->path, "previous");
    cm_status status = CM_OK;
    if (a == NULL || b == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "%s: out of memory", root->path);
    } else if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == 0) {
        status = cm_sync_dir(root->path, err);
    } else {
        char target[2][300];
        (void)snprintf(target[0], sizeof target[0], "versions/%s", previous);
        (void)snprintf(target[1], sizeof target[1], "versions/%s", current);
        status = cm_switch_link(target[0], a, err);
        if (status == CM_OK) {
            status = cm_switch_link(target[1], b, err);
        }
    }
    free(a);
    free(b);
    return status;
}

/* What is gone back to must work. */
static cm_status check_previous(const bundle_root *root, const char *previous,
                                cm_error *err)
{
    cm_bundle *bundle = NULL;
    char *folder = cm_path_join(root->versions, previous);
    cm_status status = folder == NULL ? cm_fail(err, CM_ERR_NOMEM,
                                                "%s: out of memory", root->path)
                                      : cm_bundle_load(&bundle, folder, err);
    if (status != CM_OK) {
        cm_error_prefix(err, "cannot go back to the previous version");
    }
    cm_bundle_free(bundle);
    free(folder);
    return status;
}

cm_status cm_bundle_rollback(const char *root_path, char version_out[65],
                             cm_error *err)
{
    bundle_root root = {.lock = -1};
    char *current = NULL, *previous = NULL;
    cm_status status = CM_OK;
    version_out[0] = '\0';
    if (!cm_file_exists(root_path)) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: no bundle there; train a model first", root_path);
    }
    status = bundle_root_open(&root, root_path, err);
    if (status != CM_OK) {
        goto done;
    }
    current = bundle_root_version(&root, "current");
    previous = bundle_root_version(&root, "previous");
    if (current == NULL || previous == NULL || !strcmp(current, previous)) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: there is no previous version to go back to%s%s",
                         root_path, current ? "; the current one is " : "",
                         current ? current : "");
        goto done;
    }
    status = check_previous(&root, previous, err);
    if (status == CM_OK) {
        status = swap_links(&root, current, previous, err);
    }
    if (status == CM_OK) {
        (void)snprintf(version_out, 65, "%s", previous);
    }
done:
    free(current);
    free(previous);
    bundle_root_release(&root);
    return status;
}
