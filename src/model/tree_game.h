/* The game that SHAP values divide, of one symmetric tree.  Private to model.
 *
 * A coalition S of players knows its own answers to the tree's conditions.
 * v(S) is the tree's value when known answers are followed and the others are
 * averaged by the training weight of what lies below.  Player j's value is
 *
 *   phi_j = sum over S without j of  |S|! (k - |S| - 1)! / k!
 *                                    (v(S with j) - v(S))
 *
 * A symmetric tree of depth d has few players (k <= d), so the sum is taken as
 * it stands.  All v of one leaf come from one sweep, from the leaves to the
 * root: each level turns every pair of children, known for 2^b sets of the
 * levels below, into one parent, known for 2^(b+1) sets, in the same place.
 *
 *   d  depth           k  players in this tree
 *   level b: the condition that is bit b of the leaf index; 0 is nearest to
 *   the leaves, d - 1 is the root.  Source: the order of catboost
 *   libs/fstr/shap_values.cpp, which decides the averages. */
#ifndef CM_MODEL_TREE_GAME_H
#define CM_MODEL_TREE_GAME_H

#include <stdbool.h>

#include "model/players.h"

typedef struct tree_game {
    const cm_tree *tree;
    const double *weights; /* (1 << d): of its leaves */
    double mean;           /* v of nobody */
    uint32_t n_players;
    uint32_t players[CM_MAX_DEPTH]; /* ascending by their lowest level */
    uint32_t levels[CM_MAX_DEPTH];  /* bits: a player's levels */
} tree_game;

/* Room to play games of depth up to the one it was made for. */
typedef struct game_board {
    double *shares; /* (2 << d): a node's share of its parent's weight; the
                     * children of node h are 2h and 2h + 1, the root is 1 */
    double *values; /* (1 << d): v of sets of levels, then of players */
    double *orders; /* (1 << k): |S|! (k - |S| - 1)! / k! of a set S */
} game_board;

CM_MUST_USE cm_status game_board_init(game_board *board, uint32_t max_depth,
                                      cm_error *err);
void game_board_release(game_board *board);

/* Who plays; false when the leaves have no weight (1 << d). */
bool tree_game_init(tree_game *game, const cm_tree *tree, const double *weights,
                    const player_list *players);

/* Makes the board ready for a game ... */
void game_board_set(game_board *board, const tree_game *game);
/* ... and the values phi (k) of the rows that fall into one of its leaves. */
void game_board_play(game_board *board, const tree_game *game, uint32_t leaf,
                     double *phi);

#endif
