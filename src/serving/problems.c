/* The problems of a request, kept as the JSON or the text that the answer will
 * hold. */
#include "serving/problems.h"

#include "codec/json.h"

static void put_places(cm_json_writer *w, const problem_place *loc,
                       size_t n_loc)
{
    cm_json_begin_array(w, "loc");
    cm_json_put_text(w, NULL, "body");
    for (size_t i = 0; i < n_loc; i++) {
        if (loc[i].name.p != NULL) {
            cm_json_put_str(w, NULL, loc[i].name);
        } else {
            cm_json_put_u64(w, NULL, loc[i].index);
        }
    }
    cm_json_end_array(w);
}

static void add_text(cm_buf *text, const char *msg, const problem_place *loc,
                     size_t n_loc)
{
    cm_buf_adds(text, text->n == 0 ? "" : "; ");
    for (size_t i = 0; i < n_loc; i++) {
        cm_buf_adds(text, i == 0 ? "" : ".");
        if (loc[i].name.p != NULL) {
            cm_buf_add(text, loc[i].name.p, loc[i].name.n);
        } else {
            cm_buf_addf(text, "%zu", loc[i].index);
        }
    }
    cm_buf_adds(text, n_loc == 0 ? "" : ": ");
    cm_buf_adds(text, msg);
}

void problems_add(problems *list, const char *type, const char *msg,
                  const problem_place *loc, size_t n_loc, cm_str input,
                  cm_str ctx)
{
    if (list->n++ >= MAX_PROBLEMS) {
        return;
    }
    if (list->n > 1) {
        cm_buf_addc(&list->json, ',');
    }
    cm_json_writer w = cm_json_writer_of(&list->json, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "type", type);
    put_places(&w, loc, n_loc);
    cm_json_put_text(&w, "msg", msg);
    if (input.n == 0) {
        cm_json_put_null(&w, "input");
    } else if (input.n <= MAX_PROBLEM_INPUT) {
        cm_json_put_raw(&w, "input", input);
    }
    if (ctx.n > 0) {
        cm_json_put_raw(&w, "ctx", ctx);
    }
    cm_json_end_object(&w);
    add_text(&list->text, msg, loc, n_loc);
}

void problems_clear(problems *list)
{
    list->n = 0;
    cm_buf_clear(&list->json);
    cm_buf_clear(&list->text);
}

void problems_release(problems *list)
{
    list->n = 0;
    cm_buf_release(&list->json);
    cm_buf_release(&list->text);
}

void problems_write(const problems *list, cm_buf *out)
{
    cm_buf_adds(out, "{\"detail\":[");
    cm_buf_add(out, list->json.p, list->json.n);
    cm_buf_addc(out, ']');
    if (list->n > MAX_PROBLEMS) {
        cm_buf_addf(out, ",\"more\":%zu", list->n - MAX_PROBLEMS);
    }
    cm_buf_addc(out, '}');
}
