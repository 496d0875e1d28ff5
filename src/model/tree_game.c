/* Shapley values of one symmetric tree and one leaf. */
#include "model/tree_game.h"

#include <stdlib.h>

#include "base/mem.h"

/* Weights that CatBoost takes for none, so as to leave the node out. */
static const double no_weight = 1e-13;

cm_status game_board_init(game_board *board, uint32_t max_depth, cm_error *err)
{
    size_t n = (size_t)1 << max_depth;
    board->shares = cm_alloc(2 * n, sizeof *board->shares, err);
    board->values = cm_alloc(n, sizeof *board->values, err);
    board->orders = cm_alloc(n, sizeof *board->orders, err);
    return board->shares && board->values && board->orders ? CM_OK
                                                           : CM_ERR_NOMEM;
}

void game_board_release(game_board *board)
{
    free(board->shares);
    free(board->values);
    free(board->orders);
    *board = (game_board){0};
}

static uint32_t join(tree_game *game, uint32_t player)
{
    for (uint32_t j = 0; j < game->n_players; j++) {
        if (game->players[j] == player) {
            return j;
        }
    }
    game->players[game->n_players] = player;
    game->levels[game->n_players] = 0;
    return game->n_players++;
}

bool tree_game_init(tree_game *game, const cm_tree *tree, const double *weights,
                    const player_list *players)
{
    double total = 0, sum = 0;
    *game = (tree_game){.tree = tree, .weights = weights};
    for (size_t l = 0; l < (size_t)1 << tree->depth; l++) {
        total += weights[l];
        sum += tree->leaf_values[l] * weights[l];
    }
    for (uint32_t b = 0; b < tree->depth; b++) {
        uint32_t player = players->of[tree->splits[b].feature];
        game->levels[join(game, player)] |= 1u << b;
    }
    game->mean = sum / total;
    return total > no_weight;
}

/* Weights of nodes, from the leaves up, in the places of their shares. */
static void add_weights(double *weights, const tree_game *game)
{
    size_t n_leaves = (size_t)1 << game->tree->depth;
    for (size_t l = 0; l < n_leaves; l++) {
        weights[n_leaves + l] = game->weights[l];
    }
    for (size_t h = n_leaves - 1; h > 0; h--) {
        weights[h] = weights[2 * h] + weights[2 * h + 1];
    }
}

/* The root is left as it is: nobody asks for its share. */
static void divide_weights(double *weights, uint32_t depth)
{
    for (size_t h = (size_t)2 << depth; --h > 1;) {
        double parent = weights[h / 2];
        bool reached = weights[h] > no_weight && parent > no_weight;
        weights[h] = reached ? weights[h] / parent : 0;
    }
}

/* orders[0] = 1 / k, and a set with one player more has s / (k - s) times its
 * order, s its size. */
static void fill_orders(double *orders, uint32_t k)
{
    double by_size[CM_MAX_DEPTH + 1];
    by_size[0] = k > 0 ? 1.0 / k : 0;
    for (uint32_t s = 1; s < k; s++) {
        by_size[s] = by_size[s - 1] * s / (k - s);
    }
    for (uint32_t set = 0; set < 1u << k; set++) {
        int size = __builtin_popcount(set);
        orders[set] = (uint32_t)size < k ? by_size[size] : 0;
    }
}

void game_board_set(game_board *board, const tree_game *game)
{
    add_weights(board->shares, game);
    divide_weights(board->shares, game->tree->depth);
    fill_orders(board->orders, game->n_players);
}

/* One node: its children's values for n sets of the levels below become its
 * own, first for the sets without this level, then with it. */
static void join_children(double *values, size_t n, const double *shares,
                          bool right)
{
    double to_left = shares[0], to_right = shares[1];
    double known_left = !right && to_left > 0 ? 1 : 0;
    double known_right = right && to_right > 0 ? 1 : 0;
    for (size_t s = 0; s < n; s++) {
        double left = values[s], above = values[n + s];
        values[s] = to_left * left + to_right * above;
        values[n + s] = known_left * left + known_right * above;
    }
}

static void sweep(game_board *board, const cm_tree *tree, uint32_t leaf)
{
    for (size_t l = 0; l < (size_t)1 << tree->depth; l++) {
        board->values[l] = tree->leaf_values[l];
    }
    for (uint32_t b = 0; b < tree->depth; b++) {
        size_t n = (size_t)1 << b;
        size_t parents = (size_t)1 << (tree->depth - b - 1);
        for (size_t p = 0; p < parents; p++) {
            join_children(board->values + 2 * n * p, n,
                          board->shares + 2 * (parents + p), leaf >> b & 1);
        }
    }
}

/* From sets of levels to sets of players.  Players ascend by their lowest
 * level, so a set's levels are never a smaller number than the set, and nothing
 * is overwritten before it is read. */
static void keep_players_sets(double *values, const tree_game *game)
{
    for (uint32_t set = 0; set < 1u << game->n_players; set++) {
        uint32_t levels = 0;
        for (uint32_t j = 0; j < game->n_players; j++) {
            levels |= set >> j & 1 ? game->levels[j] : 0;
        }
        values[set] = values[levels];
    }
}

void game_board_play(game_board *board, const tree_game *game, uint32_t leaf,
                     double *phi)
{
    const double *v = board->values, *orders = board->orders;
    uint32_t n_sets = 1u << game->n_players;
    sweep(board, game->tree, leaf);
    if (game->n_players < game->tree->depth) {
        keep_players_sets(board->values, game);
    }
    for (uint32_t j = 0; j < game->n_players; j++) {
        uint32_t n = 1u << j;
        double sum = 0;
        for (uint32_t high = 0; high < n_sets; high += 2 * n) {
            for (uint32_t set = high; set < high + n; set++) {
                sum += orders[set] * (v[set + n] - v[set]);
            }
        }
        phi[j] = sum;
    }
}
