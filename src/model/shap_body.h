/* The explainer, for what else is made of SHAP values.  Private to model.
 *
 *   k  players of a tree, d its depth */
#ifndef CM_MODEL_SHAP_BODY_H
#define CM_MODEL_SHAP_BODY_H

#include "model/explain.h"
#include "model/tree_game.h"

enum { SHAP_TILE = 128 }; /* rows led through all trees together */

typedef struct explained_tree {
    tree_game game;
    double *table; /* (1 << d, k), or NULL: played anew for every row */
} explained_tree;

struct cm_explainer {
    const cm_model *model;
    player_list players;
    explained_tree *trees; /* (n_trees) */
    uint32_t board_depth;  /* of the deepest tree without a table; 0: none */
    double expected;       /* raw value of a row nothing is known about */
};

/* Visits all rows in runs of at most SHAP_TILE that begin at its multiples,
 * from any thread, with the players' values sums (n, players.n), not scaled. */
typedef void shap_visit(void *context, size_t first, size_t n,
                        const double *sums);
CM_MUST_USE cm_status shap_tiles(const cm_explainer *explainer,
                                 const float *const *columns, size_t n,
                                 int n_threads, shap_visit *visit,
                                 void *context, cm_error *err);

#endif
