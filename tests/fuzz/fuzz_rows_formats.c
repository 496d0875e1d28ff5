/* Any bytes as a body of the other formats: CSV, MLflow's, tensors and names
 * alone are read or refused, and either answer is right JSON.  The first byte
 * of an input chooses; the body is what follows. */
#include "fuzz/fuzz_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_names(rows_reader *reader, cm_str body, problems *list)
{
    const cm_str *names = NULL;
    size_t n = 0;
    bool read = rows_read_names(reader, body, &names, &n, list);
    CM_ASSERT(read == (list->n == 0));
    for (size_t i = 0; read && i < n; i++) {
        CM_ASSERT(cm_str_equal(names[i], names[i]));
    }
}

/* It is copied into the answer as it is. */
static void check_id(cm_str id)
{
    cm_buf text = {0};
    cm_buf_addc(&text, '[');
    cm_buf_add(&text, id.p, id.n);
    cm_buf_addc(&text, ']');
    fuzz_check_json(&text);
    cm_buf_release(&text);
}

/* Where scoring finds fault with a value, its place is found. */
static void check_bad_values(const rows_reader *reader, const rows *got,
                             problems *list)
{
    for (size_t i = 0; i < got->n; i++) {
        rows_bad_value(reader, i, i % 4, "wrong", list);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static rows_reader *reader;
    static problems list;
    rows got = {0};
    if (n == 0) {
        return 0;
    }
    if (reader == NULL) {
        reader = fuzz_reader();
    }
    cm_str body = {(const char *)bytes + 1, n - 1};
    problems_clear(&list);
    static const rows_format formats[] = {ROWS_JSON, ROWS_CSV, ROWS_INVOCATIONS,
                                          ROWS_TENSORS};
    rows_format format = formats[bytes[0] % 4];
    if (format == ROWS_JSON) {
        check_names(reader, body, &list);
        return 0;
    }
    bool read = rows_read(reader, format, body, &got, &list);
    fuzz_check_answer(read, &got, &list);
    if (read && format == ROWS_TENSORS) {
        check_id(rows_tensors_id(reader));
    }
    if (read && got.n > 0) {
        check_bad_values(reader, &got, &list);
        fuzz_check_answer(false, &got, &list);
    }
    return 0;
}
