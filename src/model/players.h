/* Who shares a model's answers: numbers that say the same about a row act as
 * one player, and a player's share is divided among its inputs.  Private to
 * model.  Source: catboost libs/fstr/shap_prepared_trees.cpp, combination
 * classes.
 *
 *   number  what a condition asks for: a float, one-hot or CTR feature
 *   player  the numbers made of the same inputs
 *   input   a column of the training data */
#ifndef CM_MODEL_PLAYERS_H
#define CM_MODEL_PLAYERS_H

#include "model/model.h"

typedef struct player_list {
    size_t n_numbers, n, n_inputs;
    uint32_t *of;      /* (n_numbers): a number's player, where trees ask */
    uint32_t *leading; /* (n): a player's first number */
    uint32_t *first;   /* (n + 1): where a player's inputs begin */
    uint32_t *inputs;  /* (first[n]) */
} player_list;

CM_MUST_USE cm_status player_list_init(player_list *out, const cm_model *model,
                                       cm_error *err);
void player_list_release(player_list *p);

/* Adds a player's share, divided, to its inputs in row. */
void player_list_share(const player_list *p, size_t player, double share,
                       double *row);

/* The column of a float feature among the inputs. */
uint32_t players_float_input(const cm_model *model, uint32_t feature);

#endif
