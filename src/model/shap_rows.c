/* SHAP values of rows: tiles of them are led through one tree after the other,
 * adding up what the tree's table says of their leaves.
 *
 *   sums (rows, players) */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "model/shap_body.h"

/* What a thread works with. */
typedef struct work_place {
    row_tile tile;
    double *sums; /* (tile, players) */
} work_place;

typedef struct tiles_job {
    const cm_explainer *explainer;
    const cm_explain_rows *rows;
    size_t tile; /* rows */
    work_place *places;
    board_list boards;
    shap_visit *visit;
    void *context;
} tiles_job;

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

static void add_trees(const cm_explainer *e, const work_place *place,
                      game_board *board)
{
    size_t n_players = e->players.n, n = place->tile.n;
    uint32_t leaves[BLOCK_ROWS];
    double *sums = place->sums;
    memset(sums, 0, n * n_players * sizeof *sums);
    for (size_t t = 0; t < e->model->n_trees; t++) {
        const explained_tree *tree = &e->trees[t];
        row_tile_leaves(leaves, &place->tile, tree->splits,
                        tree->game.tree->depth);
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

static void tile_task(void *context, size_t task, int thread)
{
    const tiles_job *job = context;
    work_place *place = &job->places[thread];
    size_t first = task * job->tile, left = job->rows->n - first;
    size_t n = left < job->tile ? left : job->tile;
    row_tile_set(&place->tile, job->explainer->model, job->rows, first, n);
    add_trees(job->explainer, place, &job->boards.of[thread]);
    shap_tile tile = {task, first, n, place->sums};
    job->visit(job->context, &tile);
}

static cm_status init_places(tiles_job *job, cm_error *err)
{
    const cm_explainer *e = job->explainer;
    size_t n = (size_t)job->boards.n;
    job->places = cm_alloc_zero(n, sizeof *job->places, err);
    cm_status status = job->places ? CM_OK : CM_ERR_NOMEM;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        work_place *place = &job->places[i];
        status = row_tile_init(&place->tile, e->model, err);
        place->sums = cm_alloc(job->tile, e->players.n * sizeof(double), err);
        status = place->sums ? status : CM_ERR_NOMEM;
    }
    return status;
}

static void release_places(tiles_job *job)
{
    for (int i = 0; job->places != NULL && i < job->boards.n; i++) {
        row_tile_release(&job->places[i].tile);
        free(job->places[i].sums);
    }
    free(job->places);
    board_list_release(&job->boards);
}

cm_status shap_tiles(const cm_explainer *explainer, const cm_explain_rows *rows,
                     shap_visit *visit, void *context, cm_error *err)
{
    tiles_job job = {.explainer = explainer,
                     .rows = rows,
                     .tile = row_tile_capacity(explainer->model),
                     .visit = visit,
                     .context = context};
    cm_status status = board_list_init(&job.boards, rows->n_threads,
                                       explainer->board_depth, err);
    if (status == CM_OK) {
        status = init_places(&job, err);
    }
    if (status == CM_OK) {
        cm_parallel((rows->n + job.tile - 1) / job.tile, job.boards.n,
                    tile_task, &job);
    }
    release_places(&job);
    return status;
}

typedef struct row_writer {
    const cm_explainer *explainer;
    double *out; /* (rows, inputs + 1) */
} row_writer;

static void write_rows(void *context, const shap_tile *tile)
{
    const row_writer *writer = context;
    const cm_explainer *e = writer->explainer;
    size_t width = e->players.n_inputs + 1;
    const double *sums = tile->sums;
    for (size_t i = 0; i < tile->n; i++, sums += e->players.n) {
        double *row = writer->out + (tile->first + i) * width;
        memset(row, 0, width * sizeof *row);
        for (size_t p = 0; p < e->players.n; p++) {
            player_list_share(&e->players, p, e->model->scale * sums[p], row);
        }
        row[width - 1] = e->expected;
    }
}

cm_status cm_explainer_shap(const cm_explainer *explainer,
                            const cm_explain_rows *rows, double *out,
                            cm_error *err)
{
    row_writer writer = {explainer, out};
    return shap_tiles(explainer, rows, write_rows, &writer, err);
}
