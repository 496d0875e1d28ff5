/* Cells as they were sent. */
#include "serving/rows_body.h"

#include "codec/json.h"

cm_str cell_sent(const cell *c)
{
    cm_str text = {c->p, c->n};
    if (c->kind == CELL_INTEGRAL) {
        text.n++;
        while (text.p[text.n] == '0') {
            text.n++;
        }
    }
    return text;
}

void cell_put_json(const cell *c, cm_buf *out)
{
    cm_str sent = cell_sent(c);
    if (c->kind == CELL_STRING) {
        cm_json_quote(out, sent);
    } else if (c->kind == CELL_NULL || c->kind == CELL_ABSENT) {
        cm_buf_adds(out, "null");
    } else {
        cm_buf_add(out, sent.p, sent.n);
    }
}
