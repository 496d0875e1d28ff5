/* The texts of answers. */
#include "serving/rows.h"

#include <string.h>

#include "codec/csv.h"
#include "codec/json.h"
#include "serving/rows_number.h"

static void put_echo(cm_buf *out, const echo *value)
{
    if (value->quoted) {
        cm_json_quote(out, value->text);
    } else {
        cm_buf_add(out, value->text.p, value->text.n);
    }
}

void rows_write_answer(const rows *answered, const char *echo_column,
                       const double *probabilities, int precision, cm_buf *out)
{
    cm_buf_addc(out, '[');
    for (size_t i = 0; i < answered->n; i++) {
        cm_buf_adds(out, i == 0 ? "{" : ",{");
        if (answered->ids != NULL) {
            cm_buf_adds(out, "\"id\":");
            put_echo(out, &answered->ids[i]);
            cm_buf_addc(out, ',');
        }
        if (answered->echoes != NULL) {
            cm_json_quote(out, cm_str_of(echo_column));
            cm_buf_addc(out, ':');
            put_echo(out, &answered->echoes[i]);
            cm_buf_addc(out, ',');
        }
        char number[CM_NUM_TEXT];
        size_t n = rows_format_rounded(number, probabilities[i], precision);
        cm_buf_adds(out, "\"click_proba\":");
        cm_buf_add(out, number, n);
        cm_buf_addc(out, '}');
    }
    cm_buf_addc(out, ']');
}

void rows_write_csv(const rows *answered, const char *echo_column,
                    const double *probabilities, int precision, cm_buf *out)
{
    if (answered->ids != NULL) {
        cm_buf_adds(out, "id,");
    }
    if (answered->echoes != NULL) {
        cm_csv_put(out, cm_str_of(echo_column));
        cm_buf_addc(out, ',');
    }
    cm_buf_adds(out, "click_proba\r\n");
    for (size_t i = 0; i < answered->n; i++) {
        char number[CM_NUM_TEXT];
        size_t n = rows_format_rounded(number, probabilities[i], precision);
        if (answered->ids != NULL) {
            cm_csv_put(out, answered->ids[i].text);
            cm_buf_addc(out, ',');
        }
        if (answered->echoes != NULL) {
            cm_csv_put(out, answered->echoes[i].text);
            cm_buf_addc(out, ',');
        }
        cm_buf_add(out, number, n);
        cm_buf_adds(out, "\r\n");
    }
}
