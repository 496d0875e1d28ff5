/* A folder of its own for every test program, removed at the end. */
#ifndef TEST_BASE_FOLDER_H
#define TEST_BASE_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

typedef struct test_folder {
    char path[512];
    char name[1024]; /* of the last file asked for */
} test_folder;

/* cmocka's group setup and teardown; *state is the folder. */
static int folder_setup(void **state)
{
    const char *base = getenv("TMPDIR");
    test_folder *folder = calloc(1, sizeof *folder);
    if (folder == NULL) {
        return -1;
    }
    snprintf(folder->path, sizeof folder->path, "%s/clickmill-test-XXXXXX",
             base == NULL ? P_tmpdir : base);
    *state = folder;
    return mkdtemp(folder->path) == NULL ? -1 : 0;
}

static int folder_teardown(void **state)
{
    test_folder *folder = *state;
    cm_status status = cm_remove_tree(folder->path, NULL);
    free(folder);
    return status == CM_OK ? 0 : -1;
}

/* The path of a file in the folder, valid until the next call. */
static const char *path_in(void **state, const char *name)
{
    test_folder *folder = *state;
    snprintf(folder->name, sizeof folder->name, "%s/%s", folder->path, name);
    return folder->name;
}

#endif
