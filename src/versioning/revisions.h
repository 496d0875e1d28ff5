/* Which commits of git a command means.  Private to versioning. */
#ifndef CM_VERSIONING_REVISIONS_H
#define CM_VERSIONING_REVISIONS_H

#include "versioning/repo.h"

/* The choice that dvc's options make. */
typedef struct revision_choice {
    bool all_branches, all_tags, all_commits;
    const char *rev;  /* NULL: none */
    int64_t num;      /* commits from rev, and from each branch, back by first
                         parents; 0: one, below 0: all of them */
    const char *date; /* "2026-11-25": commits since then; NULL: none */
} revision_choice;

enum { REVISION_TEXT = 41 };

typedef struct revisions {
    char (*ids)[REVISION_TEXT]; /* (n) of commits, each once */
    size_t n, capacity;
} revisions;

/* Whether it chooses commits at all. */
bool revisions_wanted(const revision_choice *choice);
/* Release in every case. */
CM_MUST_USE cm_status revisions_find(revisions *out, const cm_repo *repo,
                                     const revision_choice *choice,
                                     cm_error *err);
void revisions_release(revisions *list);

#endif
