/* Makes SHAP values ready: for each tree a table of the players' values in
 * each of its leaves, so that a row only adds up.  A deep tree, or one with
 * more leaves than there are rows, is played for each row instead. */
#include "model/explain.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"
#include "model/shap_body.h"

enum {
    TABLE_DEPTH = 12,  /* deeper tables take more memory than they save */
    UNKNOWN_ROWS = 256 /* a table costs as much as playing so many rows */
};

/* ---- boards ------------------------------------------------------------ */

cm_status board_list_init(board_list *list, int n_threads, uint32_t max_depth,
                          cm_error *err)
{
    list->n = cm_thread_count(n_threads);
    list->of = cm_alloc_zero((size_t)list->n, sizeof *list->of, err);
    cm_status status = list->of == NULL ? CM_ERR_NOMEM : CM_OK;
    for (int i = 0; i < list->n && status == CM_OK; i++) {
        status = game_board_init(&list->of[i], max_depth, err);
    }
    return status;
}

void board_list_release(board_list *list)
{
    for (int i = 0; list->of != NULL && i < list->n; i++) {
        game_board_release(&list->of[i]);
    }
    free(list->of);
    *list = (board_list){0};
}

/* ---- weights ----------------------------------------------------------- */

/* Whether rows must help: a leaf that training did not reach has a value.
 * Source: catboost libs/fstr/util.cpp, HasNonZeroApproxForZeroWeightLeaf. */
static bool lacks_weight(const cm_model *model)
{
    for (size_t t = 0; t < model->n_trees; t++) {
        const cm_tree *tree = &model->trees[t];
        for (size_t l = 0; l < (size_t)1 << tree->depth; l++) {
            if (tree->leaf_weights[l] == 0 &&
                fabs(tree->leaf_values[l]) >= 1e-9) {
                return true;
            }
        }
    }
    return false;
}

static cm_status make_weights(cm_explainer *e, const cm_explain_rows *rows,
                              cm_error *err)
{
    const cm_model *model = e->model;
    size_t n = 0;
    if (rows == NULL || !lacks_weight(model)) {
        return CM_OK;
    }
    for (size_t t = 0; t < model->n_trees; t++) {
        n += (size_t)1 << model->trees[t].depth;
    }
    e->weights = cm_alloc(n, sizeof *e->weights, err);
    if (e->weights == NULL) {
        return CM_ERR_NOMEM;
    }
    double *next = e->weights;
    for (size_t t = 0; t < model->n_trees; t++) {
        for (size_t l = 0; l < (size_t)1 << model->trees[t].depth; l++) {
            *next++ = model->trees[t].leaf_weights[l];
        }
    }
    return add_leaf_weights(e->weights, model, rows, err);
}

/* ---- tables ------------------------------------------------------------ */

static cm_status init_tree(explained_tree *to, const cm_explainer *e, size_t t,
                           const double *weights, size_t n_rows, cm_error *err)
{
    const cm_tree *tree = &e->model->trees[t];
    size_t n_leaves = (size_t)1 << tree->depth;
    if (!tree_game_init(&to->game, tree, weights, &e->players)) {
        return cm_fail(err, CM_ERR_DATA,
                       "tree %zu: none of its %zu leaves has a weight, and "
                       "explanations average by the weight of leaves; use a "
                       "model saved with leaf_weights, or give rows",
                       t, n_leaves);
    }
    if (tree->depth <= TABLE_DEPTH && n_leaves <= n_rows) {
        to->table =
            cm_alloc(n_leaves, to->game.n_players * sizeof *to->table, err);
        return to->table ? CM_OK : CM_ERR_NOMEM;
    }
    return CM_OK;
}

static cm_status init_trees(cm_explainer *e, size_t n_rows, cm_error *err)
{
    const model_body *body = e->model->owner;
    const apply_split *splits = body->plan.splits;
    const double *own = e->weights;
    double mean = 0;
    for (size_t t = 0; t < e->model->n_trees; t++) {
        const cm_tree *tree = &e->model->trees[t];
        const double *weights = own != NULL ? own : tree->leaf_weights;
        explained_tree *to = &e->trees[t];
        cm_status status = init_tree(to, e, t, weights, n_rows, err);
        if (status != CM_OK) {
            return status;
        }
        if (to->table == NULL && tree->depth > e->board_depth) {
            e->board_depth = tree->depth;
        }
        to->splits = splits;
        splits += tree->depth;
        own = own != NULL ? own + ((size_t)1 << tree->depth) : NULL;
        mean += to->game.mean;
    }
    e->expected = e->model->scale * mean + e->model->bias;
    return CM_OK;
}

static void fill_table(const explained_tree *tree, game_board *board)
{
    uint32_t k = tree->game.n_players;
    game_board_set(board, &tree->game);
    for (uint32_t leaf = 0; leaf < 1u << tree->game.tree->depth; leaf++) {
        game_board_play(board, &tree->game, leaf,
                        tree->table + (size_t)leaf * k);
    }
}

typedef struct table_job {
    const cm_explainer *explainer;
    board_list boards;
} table_job;

static void table_task(void *context, size_t task, int thread)
{
    const table_job *job = context;
    const explained_tree *tree = &job->explainer->trees[task];
    if (tree->table != NULL) {
        fill_table(tree, &job->boards.of[thread]);
    }
}

static cm_status fill_tables(const cm_explainer *e, int n_threads,
                             cm_error *err)
{
    table_job job = {.explainer = e};
    cm_status status =
        board_list_init(&job.boards, n_threads, TABLE_DEPTH, err);
    if (status == CM_OK) {
        cm_parallel(e->model->n_trees, job.boards.n, table_task, &job);
    }
    board_list_release(&job.boards);
    return status;
}

/* ---- life -------------------------------------------------------------- */

static cm_status make_ready(cm_explainer *e, const cm_explain_rows *rows,
                            cm_error *err)
{
    cm_status status = player_list_init(&e->players, e->model, err);
    if (status == CM_OK) {
        status = make_weights(e, rows, err);
    }
    if (status == CM_OK) {
        status = init_trees(e, rows ? rows->n : UNKNOWN_ROWS, err);
    }
    if (status == CM_OK) {
        status = fill_tables(e, rows ? rows->n_threads : 1, err);
    }
    return status;
}

cm_status cm_explainer_new_for(cm_explainer **out, const cm_model *model,
                               const cm_explain_rows *rows, cm_error *err)
{
    *out = NULL;
    cm_explainer *e = cm_alloc_zero(1, sizeof *e, err);
    if (e == NULL) {
        return CM_ERR_NOMEM;
    }
    e->model = model;
    e->trees = cm_alloc_zero(model->n_trees, sizeof *e->trees, err);
    cm_status status = e->trees ? make_ready(e, rows, err) : CM_ERR_NOMEM;
    if (status != CM_OK) {
        cm_explainer_free(e);
        return status;
    }
    *out = e;
    return CM_OK;
}

void cm_explainer_free(cm_explainer *explainer)
{
    if (explainer == NULL) {
        return;
    }
    for (size_t t = 0; explainer->trees && t < explainer->model->n_trees; t++) {
        free(explainer->trees[t].table);
    }
    free(explainer->trees);
    free(explainer->weights);
    player_list_release(&explainer->players);
    free(explainer);
}

cm_status cm_model_shap(const cm_model *model, const cm_explain_rows *rows,
                        double *out, cm_error *err)
{
    cm_explainer *explainer = NULL;
    cm_status status = cm_explainer_new_for(&explainer, model, rows, err);
    if (status == CM_OK) {
        status = cm_explainer_shap(explainer, rows, out, err);
    }
    cm_explainer_free(explainer);
    return status;
}
