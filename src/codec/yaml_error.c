/* Turns libyaml's terse problems into a reason and a remedy. */
#include "codec/yaml_error.h"

#include <stdbool.h>
#include <string.h>

#include "codec/place.h"

static bool is_forbidden(unsigned char c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

cm_status cm_yaml_check_text(cm_str text, const char *file, cm_error *err)
{
    size_t valid = cm_utf8_valid(text);
    for (size_t i = 0; i < valid; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (is_forbidden(c)) {
            return cm_fail_at(err, CM_ERR_PARSE, text_place(text, i, file),
                              "found the control character 0x%02x, which YAML "
                              "does not allow; remove it",
                              c);
        }
    }
    if (valid < text.n) {
        return cm_fail_at(err, CM_ERR_PARSE, text_place(text, valid, file),
                          "found the byte 0x%02x, which is not UTF-8; save "
                          "the file as UTF-8",
                          (unsigned char)text.p[valid]);
    }
    return CM_OK;
}

typedef struct explanation {
    const char *problem; /* a part of libyaml's text */
    const char *text;
    bool at_start; /* the place is where the faulty thing began */
} explanation;

static const explanation explanations[] = {
    {"mapping values are not allowed",
     "found a ':' where no key can stand; indent the line like its "
     "neighbours, or put the value in quotes",
     false},
    {"could not find expected ':'",
     "found no ': ' after this, 'key: value' was expected; write the colon "
     "and a space after the key, or indent text that continues a value",
     true},
    {"did not find expected key",
     "found no key where the next one was expected; indent the keys of one "
     "map equally, and put a value that contains quotes in quotes as a whole",
     false},
    {"did not find expected '-' indicator",
     "found no '- ' where the next item of a list was expected; indent the "
     "items equally",
     false},
    {"block sequence entries are not allowed",
     "found a '- ' where no list can begin; put the list on lines of its own "
     "below the key",
     false},
    {"did not find expected ',' or ']'",
     "found a '[' whose list does not go on with ',' or end with ']'; add it",
     true},
    {"did not find expected ',' or '}'",
     "found a '{' whose map does not go on with ',' or end with '}'; add it",
     true},
    {"found unexpected end of stream",
     "found a quote that is never closed; close it", true},
    {"found unexpected document indicator",
     "found a quote that is not closed before --- or ...; close it", true},
    {"tab character", "found a tab in the indentation; use spaces", false},
    {"unknown escape character",
     "found an unknown escape after a backslash; write \\\\ for a backslash, "
     "or use single quotes",
     false},
    {"did not find expected <document start>",
     "found text after the end of the document; indent all lines equally",
     false},
    {"did not find expected node content",
     "found no value where one was expected; add the value, or remove a "
     "bracket or comma too many",
     false},
};

static const explanation *explanation_of(const char *problem)
{
    for (size_t i = 0; i < sizeof explanations / sizeof *explanations; i++) {
        if (strstr(problem, explanations[i].problem) != NULL) {
            return &explanations[i];
        }
    }
    return NULL;
}

static cm_where where_of_mark(yaml_mark_t mark, const char *file)
{
    return (cm_where){file, mark.line + 1, mark.column + 1};
}

/* The byte at a mark; marks count characters. */
static unsigned char byte_at(cm_str text, yaml_mark_t mark)
{
    size_t characters = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c & 0xc0) != 0x80 && characters++ == mark.index) {
            return c;
        }
    }
    return 0;
}

static cm_status explain_start(unsigned char c, cm_where where, cm_error *err)
{
    if (c == '\t') {
        return cm_fail_at(err, CM_ERR_PARSE, where,
                          "found a tab in the indentation; use spaces");
    }
    return cm_fail_at(err, CM_ERR_PARSE, where,
                      "found a value that starts with '%c', which YAML "
                      "reserves; put the value in quotes",
                      c);
}

cm_status cm_yaml_explain(const yaml_parser_t *parser, cm_str text,
                          const char *file, cm_error *err)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        return cm_fail(err, CM_ERR_NOMEM, "%s: out of memory reading YAML",
                       file);
    }
    const char *problem = parser->problem == NULL ? "" : parser->problem;
    cm_where where = where_of_mark(parser->problem_mark, file);
    if (strstr(problem, "cannot start any token") != NULL) {
        return explain_start(byte_at(text, parser->problem_mark), where, err);
    }
    const explanation *known = explanation_of(problem);
    if (known == NULL) {
        return cm_fail_at(err, CM_ERR_PARSE, where,
                          "not valid YAML: %s; correct the file at this place",
                          problem);
    }
    if (known->at_start) {
        where = where_of_mark(parser->context_mark, file);
    }
    return cm_fail_at(err, CM_ERR_PARSE, where, "%s", known->text);
}
