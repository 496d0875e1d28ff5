/* A commit of a test's folder. */
#ifndef TEST_VERSIONING_COMMIT_H
#define TEST_VERSIONING_COMMIT_H

#include <git2.h>

/* Commits everything below the folder. */
static void commit(const char *root)
{
    git_repository *git = NULL;
    git_index *index = NULL;
    git_signature *who = NULL;
    git_tree *tree = NULL;
    git_oid tree_id, id;
    git_libgit2_init();
    assert_int_equal(git_repository_init(&git, root, 0), 0);
    assert_int_equal(git_repository_index(&index, git), 0);
    assert_int_equal(git_index_add_all(index, NULL, 0, NULL, NULL), 0);
    assert_int_equal(git_index_write_tree(&tree_id, index), 0);
    assert_int_equal(git_tree_lookup(&tree, git, &tree_id), 0);
    assert_int_equal(git_signature_new(&who, "a", "a@b", 1, 0), 0);
    assert_int_equal(
        git_commit_create(&id, git, "HEAD", who, who, NULL, "m", tree, 0, NULL),
        0);
    git_signature_free(who);
    git_tree_free(tree);
    git_index_free(index);
    git_repository_free(git);
    git_libgit2_shutdown();
}

#endif
