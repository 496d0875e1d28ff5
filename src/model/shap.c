/* SHAP values of rows: a table a tree holds the players' values for each of
 * its leaves, so that a row only adds up; a deep tree, or one with more leaves
 * than there are rows, is played for each row instead.
 *
 *   sums (rows, players) */
#include "model/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "model/leaf_index.h"
#include "model/shap_body.h"

enum { TABLE_DEPTH = 12 }; /* deeper tables take more memory than they save */

/* ---- tables ----------------------------------------------------------- */

static bool wants_table(const cm_tree *tree, size_t rows)
{
    return tree->depth <= TABLE_DEPTH && (size_t)1 << tree->depth <= rows;
}

static cm_status init_trees(cm_explainer *e, size_t rows, cm_error *err)
{
    double mean = 0;
    for (size_t t = 0; t < e->model->n_trees; t++) {
        explained_tree *to = &e->trees[t];
        const cm_tree *tree = &e->model->trees[t];
        cm_status status = tree_game_init(&to->game, tree, t, &e->players, err);
        if (status != CM_OK) {
            return status;
        }
        mean += to->game.mean;
        if (wants_table(tree, rows)) {
            size_t n_leaves = (size_t)1 << tree->depth;
            to->table =
                cm_alloc(n_leaves * to->game.n_players, sizeof *to->table, err);
            if (to->table == NULL) {
                return CM_ERR_NOMEM;
            }
        } else if (tree->depth > e->board_depth) {
            e->board_depth = tree->depth;
        }
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

/* One board a thread. */
typedef struct boards {
    int n;
    game_board *of;
} boards;

static void boards_release(boards *b)
{
    for (int i = 0; b->of != NULL && i < b->n; i++) {
        game_board_release(&b->of[i]);
    }
    free(b->of);
}

static cm_status boards_init(boards *b, int n_threads, uint32_t depth,
                             cm_error *err)
{
    b->n = cm_thread_count(n_threads);
    b->of = cm_alloc_zero((size_t)b->n, sizeof *b->of, err);
    cm_status status = b->of == NULL ? CM_ERR_NOMEM : CM_OK;
    for (int i = 0; i < b->n && status == CM_OK; i++) {
        status = game_board_init(&b->of[i], depth, err);
    }
    return status;
}

typedef struct table_job {
    const cm_explainer *explainer;
    boards boards;
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
    cm_status status = boards_init(&job.boards, n_threads, TABLE_DEPTH, err);
    if (status == CM_OK) {
        cm_parallel(e->model->n_trees, job.boards.n, table_task, &job);
    }
    boards_release(&job.boards);
    return status;
}

cm_status cm_explainer_new(cm_explainer **out, const cm_model *model,
                           size_t rows, int n_threads, cm_error *err)
{
    *out = NULL;
    cm_explainer *e = cm_alloc_zero(1, sizeof *e, err);
    if (e == NULL) {
        return CM_ERR_NOMEM;
    }
    e->model = model;
    e->trees = cm_alloc_zero(model->n_trees, sizeof *e->trees, err);
    cm_status status =
        e->trees ? player_list_init(&e->players, model, err) : CM_ERR_NOMEM;
    if (status == CM_OK) {
        status = init_trees(e, rows, err);
    }
    if (status == CM_OK) {
        status = fill_tables(e, n_threads, err);
    }
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
    player_list_release(&explainer->players);
    free(explainer);
}

/* ---- rows ------------------------------------------------------------- */

static void add_values(double *sums, const tree_game *game, const double *phi)
{
    for (uint32_t j = 0; j < game->n_players; j++) {
        sums[game->players[j]] += phi[j];
    }
}

static void play_rows(const explained_tree *tree, const uint32_t *leaves,
                      size_t n, size_t n_players, game_board *board,
                      double *sums)
{
    double phi[CM_MAX_DEPTH];
    game_board_set(board, &tree->game);
    for (size_t i = 0; i < n; i++) {
        game_board_play(board, &tree->game, leaves[i], phi);
        add_values(sums + i * n_players, &tree->game, phi);
    }
}

/* Adds the players' values of rows [first, first + n) to sums (n, players).
 */
static void add_tile(const cm_explainer *explainer, const float *const *columns,
                     size_t first, size_t n, game_board *board, double *sums)
{
    const cm_model *model = explainer->model;
    size_t n_players = explainer->players.n;
    uint32_t leaves[SHAP_TILE];
    for (size_t t = 0; t < model->n_trees; t++) {
        const explained_tree *tree = &explainer->trees[t];
        leaf_indexes(leaves, model, tree->game.tree, columns, first, n);
        if (tree->table == NULL) {
            play_rows(tree, leaves, n, n_players, board, sums);
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            add_values(sums + i * n_players, &tree->game,
                       tree->table + leaves[i] * (size_t)tree->game.n_players);
        }
    }
}

typedef struct tiles_job {
    const cm_explainer *explainer;
    const float *const *columns;
    size_t n;
    size_t tile;  /* rows */
    double *sums; /* (threads, tile, players) */
    boards boards;
    shap_visit *visit;
    void *context;
} tiles_job;

static void tile_task(void *context, size_t task, int thread)
{
    const tiles_job *job = context;
    size_t n_players = job->explainer->players.n;
    size_t first = task * job->tile, left = job->n - first;
    size_t n = left < job->tile ? left : job->tile;
    double *sums = job->sums + (size_t)thread * job->tile * n_players;
    memset(sums, 0, n * n_players * sizeof *sums);
    add_tile(job->explainer, job->columns, first, n, &job->boards.of[thread],
             sums);
    job->visit(job->context, first, n, sums);
}

cm_status shap_tiles(const cm_explainer *explainer, const float *const *columns,
                     size_t n, int n_threads, shap_visit *visit, void *context,
                     cm_error *err)
{
    tiles_job job = {.explainer = explainer,
                     .columns = columns,
                     .n = n,
                     .tile = n == 0          ? 1
                             : n < SHAP_TILE ? n
                                             : SHAP_TILE,
                     .visit = visit,
                     .context = context};
    cm_status status =
        boards_init(&job.boards, n_threads, explainer->board_depth, err);
    if (status == CM_OK) {
        job.sums = cm_alloc((size_t)job.boards.n * job.tile,
                            explainer->players.n * sizeof *job.sums, err);
        status = job.sums == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    if (status == CM_OK) {
        cm_parallel((n + job.tile - 1) / job.tile, job.boards.n, tile_task,
                    &job);
    }
    free(job.sums);
    boards_release(&job.boards);
    return status;
}

typedef struct row_writer {
    const cm_explainer *explainer;
    double *out; /* (rows, inputs + 1) */
} row_writer;

static void write_rows(void *context, size_t first, size_t n,
                       const double *sums)
{
    const row_writer *writer = context;
    const cm_explainer *e = writer->explainer;
    size_t width = e->players.n_inputs + 1;
    for (size_t i = 0; i < n; i++, sums += e->players.n) {
        double *row = writer->out + (first + i) * width;
        memset(row, 0, width * sizeof *row);
        for (size_t p = 0; p < e->players.n; p++) {
            player_list_share(&e->players, p, e->model->scale * sums[p], row);
        }
        row[width - 1] = e->expected;
    }
}

cm_status cm_explainer_shap(const cm_explainer *explainer,
                            const float *const *columns, size_t n,
                            int n_threads, double *out, cm_error *err)
{
    row_writer writer = {explainer, out};
    return shap_tiles(explainer, columns, n, n_threads, write_rows, &writer,
                      err);
}

cm_status cm_model_shap(const cm_model *model, const float *const *columns,
                        size_t n, int n_threads, double *out, cm_error *err)
{
    cm_explainer *explainer = NULL;
    cm_status status = cm_explainer_new(&explainer, model, n, n_threads, err);
    if (status == CM_OK) {
        status = cm_explainer_shap(explainer, columns, n, n_threads, out, err);
    }
    cm_explainer_free(explainer);
    return status;
}
