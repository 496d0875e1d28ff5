/* Formats of DVC for tests/versioning/formats_test.py:
 *   probe_versioning yaml < a JSON map a line > YAML documents, each ends in 0
 *   probe_versioning reread FILE > the YAML file as one line of JSON */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "versioning/yaml_text.h"

static int fail(const cm_error *err)
{
    fprintf(stderr, "%s\n", err->message);
    return 1;
}

static int write_yaml(void)
{
    char *line = NULL;
    size_t room = 0;
    cm_error err = {0};
    ssize_t n;
    while ((n = getline(&line, &room, stdin)) > 0) {
        json_t *value = NULL;
        cm_buf out = {0};
        cm_str text = {line, (size_t)n};
        if (cm_json_parse(&value, text, "standard input", &err) != CM_OK) {
            return fail(&err);
        }
        cm_yaml_put_document(&out, value);
        fwrite(out.p, 1, out.n, stdout);
        putchar('\0');
        cm_buf_release(&out);
        json_decref(value);
    }
    free(line);
    return 0;
}

static int reread(const char *path)
{
    cm_yaml *root = NULL;
    json_t *value = NULL;
    cm_error err = {0};
    if (cm_yaml_load(&root, path, &err) != CM_OK ||
        cm_yaml_to_json(&value, root, &err) != CM_OK) {
        return fail(&err);
    }
    json_dumpf(value, stdout, JSON_COMPACT);
    json_decref(value);
    cm_yaml_free(root);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "yaml") == 0) {
        return write_yaml();
    }
    if (argc == 3 && strcmp(argv[1], "reread") == 0) {
        return reread(argv[2]);
    }
    return 2;
}
