/* The explainer, for what else is made of SHAP values.  Private to model.
 *
 *   k  players of a tree, d its depth */
#ifndef CM_MODEL_SHAP_BODY_H
#define CM_MODEL_SHAP_BODY_H

#include "model/explain_rows.h"
#include "model/tree_game.h"

typedef struct explained_tree {
    tree_game game;
    const apply_split *splits; /* (d) */
    double *table; /* (1 << d, k), or NULL: played anew for every row */
} explained_tree;

struct cm_explainer {
    const cm_model *model;
    player_list players;
    explained_tree *trees; /* (n_trees) */
    double *weights; /* of all leaves, or NULL: the model's own are taken */
    uint32_t board_depth; /* of the deepest tree without a table; 0: none */
    double expected;      /* raw value of a row nothing is known about */
};

/* A run of rows and the players' values for them. */
typedef struct shap_tile {
    size_t index, first, n;
    const double *sums; /* (n, players.n), not yet scaled */
} shap_tile;

/* Visits all rows, tiles of row_tile_capacity from any thread. */
typedef void shap_visit(void *context, const shap_tile *tile);
CM_MUST_USE cm_status shap_tiles(const cm_explainer *explainer,
                                 const cm_explain_rows *rows, shap_visit *visit,
                                 void *context, cm_error *err);

/* One board a thread. */
typedef struct board_list {
    int n;
    game_board *of;
} board_list;

CM_MUST_USE cm_status board_list_init(board_list *list, int n_threads,
                                      uint32_t max_depth, cm_error *err);
void board_list_release(board_list *list);

#endif
