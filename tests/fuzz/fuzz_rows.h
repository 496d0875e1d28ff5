/* Readers of bodies for the fuzz drivers, for a model of a few columns. */
#ifndef FUZZ_ROWS_H
#define FUZZ_ROWS_H

#include <string.h>
#include <yajl/yajl_parse.h>

#include "serving/rows_body.h"

static const char *const FUZZ_COLUMNS[] = {"hour", "C1", "site_id",
                                           "device_ip"};

static inline rows_reader *fuzz_reader(void)
{
    rows_limits limits = {.max_rows = 8, .max_depth = 6, .max_columns = 12};
    rows_reader *reader = NULL;
    cm_status made = rows_reader_new(&reader, limits, "device_ip", NULL);
    CM_ASSERT(made == CM_OK);
    made = rows_bind_columns(reader, FUZZ_COLUMNS, 4, NULL);
    CM_ASSERT(made == CM_OK);
    return reader;
}

static inline void fuzz_check_json(const cm_buf *text)
{
    yajl_handle yajl = yajl_alloc(NULL, NULL, NULL);
    CM_ASSERT(!text->failed);
    CM_ASSERT(yajl_parse(yajl, (const unsigned char *)text->p, text->n) ==
              yajl_status_ok);
    CM_ASSERT(yajl_complete_parse(yajl) == yajl_status_ok);
    yajl_free(yajl);
}

/* The answer, or the problems, are JSON. */
static inline void fuzz_check_answer(bool read, const rows *got,
                                     const problems *list)
{
    static const double p[] = {0, .1, .25, .5, 1e-7, 1, .99999, .0001};
    cm_buf text = {0};
    CM_ASSERT(read == (list->n == 0));
    if (read) {
        rows_write_answer(got, "device_ip", p, 4, &text);
        fuzz_check_json(&text);
        cm_buf_clear(&text);
        rows_write_csv(got, "device_ip", p, 17, &text);
    } else {
        problems_write(list, &text);
        fuzz_check_json(&text);
    }
    cm_buf_release(&text);
}

#endif
