/* How content comes from the cache into the workspace: as a clone of its
 * blocks, a copy, a hard link or a symbolic link, whichever of cache.type
 * works first.  Private to versioning. */
#ifndef CM_VERSIONING_LINKS_H
#define CM_VERSIONING_LINKS_H

#include <stdatomic.h>

#include "versioning/repo.h"
#include "base/temp_folder.h"

typedef struct linker {
    const cm_repo *repo;
    cm_temp_folder temp;  /* .dvc/tmp/clickmill.…, beside the workspace */
    atomic_size_t first;  /* of repo->links; those before do not work here */
    atomic_size_t n_made; /* names of temporaries */
} linker;

/* Close in every case. */
CM_MUST_USE cm_status linker_open(linker *out, const cm_repo *repo,
                                  cm_error *err);
void linker_close(linker *l);

/* Puts the content of `object`, a path in the cache, at path, in place of a
 * file that is there; whole or not at all.  Many threads may. */
CM_MUST_USE cm_status linker_make(linker *l, const char *object,
                                  const char *path, cm_error *err);

/* Whether path is what cache.type wants of one with the content of `object`. */
bool link_is_right(const cm_repo *repo, const char *path, const char *object);

/* A clone of the file's blocks at copy, which must not be there; 0 or errno. */
int link_clone(const char *path, const char *copy);

/* Whether errno says that such links do not work between these places, rather
 * than that this one went wrong. */
bool link_cannot(int error);

/* What DVC does to a file whose entry says isexec. */
void link_set_exec(const char *path);

#endif
