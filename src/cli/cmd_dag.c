/* clickmill dag */
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "versioning/dag.h"

/* From what is needed to who needs it. */
typedef struct edge {
    const cm_dag_stage *from, *to;
} edge;

typedef struct edge_list {
    edge *items;
    size_t n;
} edge_list;

static cm_status list_edges(edge_list *out, const cm_dag *dag, cm_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < dag->n; i++) {
        n += dag->stages[i].n_needs;
    }
    *out = (edge_list){cm_alloc(n, sizeof(edge), err), 0};
    for (size_t i = 0; i < dag->n && out->items != NULL; i++) {
        const cm_dag_stage *stage = &dag->stages[i];
        for (size_t k = 0; k < stage->n_needs; k++) {
            out->items[out->n++] = (edge){&dag->stages[stage->needs[k]], stage};
        }
    }
    return out->items != NULL ? CM_OK : CM_ERR_NOMEM;
}

static void sort_edges(edge_list *list,
                       int (*order)(const void *a, const void *b))
{
    if (list->n > 0) {
        qsort(list->items, list->n, sizeof *list->items, order);
    }
}

/* ---- plain --------------------------------------------------------------- */

static void put_plain(cm_buf *out, const cm_dag *dag)
{
    size_t width = 0;
    for (size_t i = 0; i < dag->n; i++) {
        size_t n = strlen(dag->stages[i].name);
        width = n > width ? n : width;
    }
    for (size_t i = 0; i < dag->n; i++) {
        const cm_dag_stage *stage = &dag->stages[i];
        if (stage->n_needs == 0) {
            cm_buf_addf(out, "%s\n", stage->name);
            continue;
        }
        cm_buf_addf(out, "%-*s", (int)width, stage->name);
        for (size_t k = 0; k < stage->n_needs; k++) {
            cm_buf_addf(out, "%s%s", k > 0 ? ", " : "  needs ",
                        dag->stages[stage->needs[k]].name);
        }
        cm_buf_addc(out, '\n');
    }
}

/* ---- DOT ----------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const edge *x = a, *y = b;
    return x->from != y->from ? (x->from > y->from) - (x->from < y->from)
                              : (x->to > y->to) - (x->to < y->to);
}

static cm_status put_dot(cm_buf *out, const cm_dag *dag, cm_error *err)
{
    edge_list list;
    cm_status status = list_edges(&list, dag, err);
    if (status != CM_OK) {
        return status;
    }
    sort_edges(&list, by_place);
    cm_buf_adds(out, "strict digraph {\n");
    for (size_t i = 0; i < dag->n; i++) {
        cm_buf_addf(out, "\"%s\";\n", dag->stages[i].name);
    }
    for (size_t i = 0; i < list.n; i++) {
        cm_buf_addf(out, "\"%s\" -> \"%s\";\n", list.items[i].from->name,
                    list.items[i].to->name);
    }
    cm_buf_adds(out, "}\n");
    free(list.items);
    return CM_OK;
}

/* ---- Mermaid ------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const cm_dag_stage *x = *(const cm_dag_stage *const *)a;
    const cm_dag_stage *y = *(const cm_dag_stage *const *)b;
    return x->pipeline != y->pipeline ? (x->pipeline > y->pipeline ? 1 : -1)
                                      : strcmp(x->name, y->name);
}

static int by_names(const void *a, const void *b)
{
    const edge *x = a, *y = b;
    int order = by_name(&x->from, &y->from);
    return order != 0 ? order : by_name(&x->to, &y->to);
}

/* Pipeline by pipeline: the stages by name, then the edges by names.
 * places: (dag->n) gets where each stage stands. */
static void put_pipelines(cm_buf *out, const cm_dag *dag,
                          const cm_dag_stage *const *sorted,
                          const edge_list *list, size_t *places)
{
    size_t i = 0, k = 0;
    cm_buf_adds(out, "flowchart TD");
    for (size_t p = 0; p < dag->n_pipelines; p++) {
        for (; i < dag->n && sorted[i]->pipeline == p; i++) {
            places[sorted[i] - dag->stages] = i + 1;
            cm_buf_addf(out, "\n\tnode%zu[\"%s\"]", i + 1, sorted[i]->name);
        }
        for (; k < list->n && list->items[k].from->pipeline == p; k++) {
            cm_buf_addf(out, "\n\tnode%zu-->node%zu",
                        places[list->items[k].from - dag->stages],
                        places[list->items[k].to - dag->stages]);
        }
    }
}

static cm_status put_mermaid(cm_buf *out, const cm_dag *dag, cm_error *err)
{
    edge_list list;
    size_t *places = cm_alloc(dag->n, sizeof *places, err);
    const cm_dag_stage **sorted =
        cm_alloc(dag->n, sizeof(const cm_dag_stage *), err);
    cm_status status = list_edges(&list, dag, err);
    status = places == NULL || sorted == NULL ? CM_ERR_NOMEM : status;
    if (status == CM_OK) {
        for (size_t i = 0; i < dag->n; i++) {
            sorted[i] = &dag->stages[i];
        }
        if (dag->n > 0) {
            qsort(sorted, dag->n, sizeof *sorted, by_name);
        }
        sort_edges(&list, by_names);
        put_pipelines(out, dag, sorted, &list, places);
    }
    free(list.items);
    free(places);
    free(sorted);
    return status;
}

static cm_status print(const cli_context *c, const cm_dag *dag, cm_error *err)
{
    cm_buf text = {0};
    cm_status status = CM_OK;
    bool markdown = cli_switch(c, "md");
    if (cli_switch(c, "dot")) {
        status = put_dot(&text, dag, err);
    } else if (markdown || cli_switch(c, "mermaid")) {
        cm_buf_adds(&text, markdown ? "```mermaid\n" : "");
        status = put_mermaid(&text, dag, err);
        cm_buf_adds(&text, markdown ? "\n```\n" : "\n");
    } else {
        put_plain(&text, dag);
    }
    if (status != CM_OK || text.n == 0) {
        cm_buf_release(&text);
        return status;
    }
    return cli_print_text(&text, err);
}

cm_status cli_dag(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_dag dag = {0};
    cm_dag_options options = {.target = c->n_words > 0 ? c->words[0] : NULL,
                              .full = cli_switch(c, "full")};
    cm_status status = cm_repo_open(&repo, NULL, &c->log, err);
    if (status == CM_OK) {
        status = cm_dag_load(&dag, &repo, &options, err);
    }
    if (status == CM_OK) {
        status = print(c, &dag, err);
    }
    cm_dag_release(&dag);
    cm_repo_close(&repo);
    return status;
}
