/* A reader of rows for a model of four columns, and what it gives as text. */
#ifndef TEST_SERVING_ROWS_H
#define TEST_SERVING_ROWS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serving/rows_body.h"

static const char *const row_columns[] = {"hour", "C1", "site_id", "device_ip"};

typedef struct reader_fixture {
    rows_reader *reader;
    problems problems;
    cm_buf text;
} reader_fixture;

static inline int reader_setup(void **state)
{
    rows_limits limits = {.max_rows = 5, .max_depth = 6, .max_columns = 8};
    reader_fixture *f = calloc(1, sizeof *f);
    *state = f;
    return f == NULL ||
           rows_reader_new(&f->reader, limits, "device_ip", NULL) ||
           rows_bind_columns(f->reader, row_columns, 4, NULL);
}

static inline int reader_teardown(void **state)
{
    reader_fixture *f = *state;
    rows_reader_free(f->reader);
    problems_release(&f->problems);
    cm_buf_release(&f->text);
    free(f);
    return 0;
}

static inline void put_echo_text(cm_buf *text, const echo *e)
{
    cm_buf_addf(text, e->quoted ? "'%.*s'" : "%.*s", CM_STR_ARG(e->text));
}

/* Rows as text: "hour|C1|site_id|device_ip", then " id=" and " ip=" where
 * sent, rows separated by " / "; or the problems' JSON; or "no memory". */
static inline const char *read_text(reader_fixture *f, rows_format format,
                                    cm_str body)
{
    rows got = {0};
    cm_buf_clear(&f->text);
    problems_clear(&f->problems);
    if (!rows_read(f->reader, format, body, &got, &f->problems)) {
        if (f->problems.n == 0) {
            return "no memory";
        }
        problems_write(&f->problems, &f->text);
        return f->text.p;
    }
    cm_buf_adds(&f->text, "");
    for (size_t i = 0; i < got.n; i++) {
        cm_buf_adds(&f->text, i == 0 ? "" : " / ");
        for (size_t c = 0; c < 4; c++) {
            cm_str field = got.fields[i * 4 + c];
            cm_buf_addf(&f->text, c == 0 ? "%.*s" : "|%.*s", CM_STR_ARG(field));
        }
        if (got.ids != NULL) {
            cm_buf_adds(&f->text, " id=");
            put_echo_text(&f->text, &got.ids[i]);
        }
        if (got.echoes != NULL) {
            cm_buf_adds(&f->text, " ip=");
            put_echo_text(&f->text, &got.echoes[i]);
        }
    }
    return f->text.p == NULL ? "" : f->text.p;
}

/* A copy of its own size, so that a sanitizer sees a read past the end. */
static inline const char *read_copy(reader_fixture *f, rows_format format,
                                    const char *body)
{
    static char *copy;
    size_t n = strlen(body);
    free(copy);
    copy = malloc(n + 1);
    char *exact = n == 0 ? copy : realloc(copy, n);
    copy = exact;
    memcpy(copy, body, n);
    return read_text(f, format, (cm_str){copy, n});
}

#endif
