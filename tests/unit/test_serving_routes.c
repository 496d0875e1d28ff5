/* The table of routes, and the document that is made of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "serving/openapi.h"
#include "serving/routes.h"

/* The path of the route found; "-" for none. */
static const char *found(http_method method, const char *path,
                         unsigned *allowed)
{
    const route *r = route_find(method, path, allowed);
    return r == NULL ? "-" : r->path;
}

static void check_found(http_method method, const char *path, const char *want)
{
    unsigned allowed = 0;
    assert_string_equal(found(method, path, &allowed), want);
}

static void every_route_is_found_by_its_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_routes; i++) {
        unsigned allowed = 0;
        assert_ptr_equal(route_find(routes[i].method, routes[i].path, &allowed),
                         &routes[i]);
    }
}

static void a_slash_at_the_end_makes_no_difference(void **state)
{
    (void)state;
    check_found(HTTP_POST, "/predict", "/predict/");
    check_found(HTTP_POST, "/predict/", "/predict/");
    check_found(HTTP_GET, "/livez/", "/livez");
    check_found(HTTP_GET, "/", "/");
    check_found(HTTP_GET, "", "/");
    check_found(HTTP_HEAD, "/v2/models/x/", "/v2/models/{model}");
}

static void other_paths_are_not_found(void **state)
{
    (void)state;
    static const char *const paths[] = {"livez",
                                        "/live",
                                        "/livezz",
                                        "/livez/x",
                                        "//livez",
                                        "/v2/models",
                                        "/v2//",
                                        "*",
                                        "/predict/x",
                                        "/v2/models//ready",
                                        "/v2/models/a/versions//ready"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        unsigned allowed = 1;
        assert_string_equal(found(HTTP_GET, paths[i], &allowed), "-");
        assert_int_equal(allowed, 0);
    }
}

static void other_methods_are_told_what_is_taken(void **state)
{
    (void)state;
    unsigned allowed = 0;
    assert_string_equal(found(HTTP_GET, "/predict", &allowed), "-");
    assert_int_equal(allowed, 1u << HTTP_POST);
    assert_string_equal(found(HTTP_OTHER, "/livez", &allowed), "-");
    assert_int_equal(allowed, 1u << HTTP_GET);
    assert_string_equal(found(HTTP_HEAD, "/predict", &allowed), "-");
}

static void parts_of_a_path(void **state)
{
    (void)state;
    const char *path = "/v2/models/ctr/versions/7/";
    static const char *const parts[] = {"v2", "models", "ctr", "versions",
                                        "7",  "",       ""};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        assert_true(cm_str_is(route_part(path, i), parts[i]));
    }
    assert_int_equal(route_part("", 0).n, 0);
    assert_int_equal(route_part("/", 3).n, 0);
}

/* ---- the document ------------------------------------------------------- */

static json_t *make_document(void)
{
    cm_buf text = {0};
    json_t *document = NULL;
    cm_error err = {0};
    assert_int_equal(openapi_write(NULL, "a \"name\"", &text, &err), CM_OK);
    assert_int_equal(cm_json_parse(&document, (cm_str){text.p, text.n},
                                   "/openapi.json", &err),
                     CM_OK);
    cm_buf_release(&text);
    return document;
}

/* Of "#/components/KIND/NAME"; NULL: it leads nowhere. */
static const json_t *resolve(const json_t *document, const char *reference)
{
    char kind[64], name[64];
    if (sscanf(reference, "#/components/%63[^/]/%63s", kind, name) != 2) {
        return NULL;
    }
    const json_t *components = json_object_get(document, "components");
    return json_object_get(json_object_get(components, kind), name);
}

static void check_references(const json_t *document, const json_t *value)
{
    const json_t *reference = json_object_get(value, "$ref");
    const char *key = NULL;
    json_t *inner = NULL;
    size_t i = 0;
    if (json_is_string(reference)) {
        assert_non_null(resolve(document, json_string_value(reference)));
    }
    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, key, inner)
        {
            check_references(document, inner);
        }
    }
    json_array_foreach(value, i, inner)
    {
        check_references(document, inner);
    }
}

static void the_document_has_every_route_and_what_it_refers_to(void **state)
{
    (void)state;
    json_t *document = make_document();
    const json_t *paths = json_object_get(document, "paths");
    size_t n = 0;
    for (size_t i = 0; i < n_routes; i++) {
        const json_t *path = json_object_get(paths, routes[i].path);
        const json_t *operation = json_object_get(
            path, routes[i].method == HTTP_POST ? "post" : "get");
        assert_int_equal(operation != NULL, routes[i].tag != NULL);
        n += operation != NULL;
    }
    assert_true(n > 15);
    check_references(document, document);
    assert_null(json_object_get(document, "x-example"));
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(document, "info"), "version")),
                        CM_VERSION);
    json_decref(document);
}

static void the_name_of_the_model_is_its_example(void **state)
{
    (void)state;
    json_t *document = make_document();
    const json_t *model = resolve(document, "#/components/parameters/model");
    assert_string_equal(json_string_value(json_object_get(model, "example")),
                        "a \"name\"");
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_found_by_its_path),
        cmocka_unit_test(a_slash_at_the_end_makes_no_difference),
        cmocka_unit_test(other_paths_are_not_found),
        cmocka_unit_test(other_methods_are_told_what_is_taken),
        cmocka_unit_test(parts_of_a_path),
        cmocka_unit_test(the_document_has_every_route_and_what_it_refers_to),
        cmocka_unit_test(the_name_of_the_model_is_its_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
