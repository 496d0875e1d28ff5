/* The OpenAPI document: openapi.json is copied, "paths" is made of the table of
 * routes, and texts that begin with "@" stand for what the model says. */
#include "serving/openapi.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "serving/routes.h"

CM_EMBED(cm_openapi, "src/serving/openapi.json");

/* What the server answers to any request, before a route sees it. */
static const route_answer always[] = {
    {400, "Malformed"}, {413, "TooLarge"}, {503, "Busy"}};

static bool has_answer(const route *r, unsigned status)
{
    const route_answer *answer = r->answers;
    while (answer->status != 0 && answer->status != status) {
        answer++;
    }
    return answer->status != 0;
}

static void lower(char *text)
{
    for (; *text != '\0'; text++) {
        *text = (char)tolower((unsigned char)*text);
    }
}

/* ---- an operation ------------------------------------------------------- */

/* {"$ref": …} to a component. */
static void put_reference(cm_json_writer *w, const char *key, const char *kind,
                          const char *name)
{
    char path[128];
    int n = snprintf(path, sizeof path, "#/components/%s/%s", kind, name);
    CM_ASSERT(n > 0 && (size_t)n < sizeof path);
    cm_json_begin_object(w, key);
    cm_json_put_text(w, "$ref", path);
    cm_json_end_object(w);
}

static void put_answer(cm_json_writer *w, const route_answer *answer)
{
    char status[16];
    (void)snprintf(status, sizeof status, "%u", answer->status);
    put_reference(w, status, "responses", answer->name);
}

static void put_answers(cm_json_writer *w, const route *r)
{
    cm_json_begin_object(w, "responses");
    for (const route_answer *answer = r->answers; answer->status != 0;
         answer++) {
        put_answer(w, answer);
    }
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
        bool may = always[i].status == 503 || r->method == HTTP_POST;
        if (may && !has_answer(r, always[i].status)) {
            put_answer(w, &always[i]);
        }
    }
    cm_json_end_object(w);
}

/* One for each {name} of the path. */
static void put_parameters(cm_json_writer *w, const route *r)
{
    const char *p = strchr(r->path, '{');
    if (p == NULL) {
        return;
    }
    cm_json_begin_array(w, "parameters");
    for (; p != NULL; p = strchr(p, '{')) {
        char name[32];
        p++;
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(p, "}"), p);
        put_reference(w, NULL, "parameters", name);
    }
    cm_json_end_array(w);
}

/* NAME_PATH_METHOD, "_" for all that is no letter or digit: what FastAPI would
 * call it, so that clients that are generated keep their names. */
static void put_id(cm_json_writer *w, const route *r)
{
    char id[128], method[8];
    (void)snprintf(method, sizeof method, "%s", http_method_names[r->method]);
    lower(method);
    int n = snprintf(id, sizeof id, "%s%s_%s", r->name, r->path, method);
    CM_ASSERT(n > 0 && (size_t)n < sizeof id);
    for (char *p = id; *p != '\0'; p++) {
        *p = isalnum((unsigned char)*p) ? *p : '_';
    }
    cm_json_put_text(w, "operationId", id);
}

static void put_operation(cm_json_writer *w, const route *r)
{
    char method[8];
    (void)snprintf(method, sizeof method, "%s", http_method_names[r->method]);
    lower(method);
    cm_json_begin_object(w, method);
    cm_json_begin_array(w, "tags");
    cm_json_put_text(w, NULL, r->tag);
    cm_json_end_array(w);
    cm_json_put_text(w, "summary", r->summary);
    put_id(w, r);
    put_parameters(w, r);
    if (r->body != NULL) {
        put_reference(w, "requestBody", "requestBodies", r->body);
    }
    put_answers(w, r);
    if (has_answer(r, 401)) {
        cm_json_put_raw(w, "security", CM_STR("[{\"HTTPBearer\":[]}]"));
    }
    cm_json_end_object(w);
}

/* The operations of a path stand next to each other in the table. */
static void put_paths(cm_json_writer *w)
{
    cm_json_begin_object(w, "paths");
    for (size_t i = 0; i < n_routes; i++) {
        if (routes[i].tag == NULL) {
            continue;
        }
        bool again = i > 0 && strcmp(routes[i].path, routes[i - 1].path) == 0;
        if (!again) {
            cm_json_begin_object(w, routes[i].path);
        }
        put_operation(w, &routes[i]);
        if (i + 1 == n_routes ||
            strcmp(routes[i].path, routes[i + 1].path) != 0) {
            cm_json_end_object(w);
        }
    }
    cm_json_end_object(w);
}

/* ---- the document ------------------------------------------------------- */

static void put_value(cm_json_writer *w, const char *key, const json_t *value,
                      const openapi_model *model)
{
    const char *text = json_string_value(value);
    if (text != NULL && text[0] == '@') {
        openapi_put_example(w, key, text + 1, model);
    } else if (json_is_array(value)) {
        cm_json_begin_array(w, key);
        for (size_t i = 0; i < json_array_size(value); i++) {
            put_value(w, NULL, json_array_get(value, i), model);
        }
        cm_json_end_array(w);
    } else if (json_is_object(value)) {
        cm_json_begin_object(w, key);
        for (void *i = json_object_iter((json_t *)(uintptr_t)value); i != NULL;
             i = json_object_iter_next((json_t *)(uintptr_t)value, i)) {
            put_value(w, json_object_iter_key(i), json_object_iter_value(i),
                      model);
        }
        cm_json_end_object(w);
    } else {
        cm_json_put_value(w, key, value);
    }
}

static void put_document(cm_json_writer *w, const json_t *document,
                         const openapi_model *model)
{
    cm_json_begin_object(w, NULL);
    for (void *i = json_object_iter((json_t *)(uintptr_t)document); i != NULL;
         i = json_object_iter_next((json_t *)(uintptr_t)document, i)) {
        const char *key = json_object_iter_key(i);
        if (strcmp(key, "paths") == 0) {
            put_paths(w);
        } else if (strcmp(key, "x-example") != 0) {
            put_value(w, key, json_object_iter_value(i), model);
        }
    }
    cm_json_end_object(w);
}

/* The model as its manifest tells it; one that has no rows to test itself by
 * keeps the example row. */
static void take_model(openapi_model *model, const cm_bundle *bundle,
                       const json_t *manifest)
{
    const json_t *test = json_object_get(manifest, "self_test");
    const json_t *row = json_array_get(json_object_get(test, "rows"), 0);
    model->version = cm_bundle_version(bundle);
    model->plan = cm_bundle_plan(bundle);
    if (row != NULL) {
        model->columns = json_object_get(test, "columns");
        model->row = row;
    }
}

cm_status openapi_write(const cm_bundle *bundle, const char *model_name,
                        cm_buf *out, cm_error *err)
{
    json_t *document = NULL;
    json_t *manifest = NULL;
    cm_str text = {cm_openapi, (size_t)(cm_openapi_end - cm_openapi)};
    cm_status status = cm_json_parse(&document, text, "openapi.json", err);
    if (status == CM_OK && bundle != NULL) {
        status = cm_json_parse(&manifest, cm_bundle_manifest(bundle),
                               "bundle.json", err);
    }
    if (status == CM_OK) {
        const json_t *example = json_object_get(document, "x-example");
        openapi_model model = {.name = model_name,
                               .version = "1",
                               .columns = json_object_get(example, "columns"),
                               .row = json_object_get(example, "row")};
        if (bundle != NULL) {
            take_model(&model, bundle, manifest);
        }
        cm_json_writer w = cm_json_writer_of(out, 0);
        put_document(&w, document, &model);
        status = cm_buf_check(out, err);
    }
    json_decref(manifest);
    json_decref(document);
    return status;
}
