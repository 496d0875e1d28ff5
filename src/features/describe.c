/* Fitted transformers as JSON. */
#include "features/describe.h"

#include "base/num.h"
#include "codec/json.h"
#include "features/transformers_layout.h"

static const char *table_kind_name(cm_table_kind kind)
{
    return kind == CM_TABLE_COUNT ? "count" : "ctr";
}

static const char *kind_of_all(const cm_transformers *transformers)
{
    if (transformers->n_tables == 0) {
        return "empty";
    }
    cm_table_kind kind = transformers->tables[0].kind;
    for (size_t i = 1; i < transformers->n_tables; i++) {
        if (transformers->tables[i].kind != kind) {
            return "mixed";
        }
    }
    return table_kind_name(kind);
}

static void put_value(cm_json_writer *w, const cm_table *table, uint32_t i,
                      cm_buf *key)
{
    char scratch[CM_NUM_TEXT];
    cm_str text = cm_dictionary_text(&table->keys, i, scratch);
    cm_buf_clear(key);
    cm_buf_add(key, text.p, text.n);
    if (key->failed) {
        w->buf->failed = true;
        return;
    }
    cm_json_put_double(w, key->p != NULL ? key->p : "", table->values[i]);
}

static void put_table(cm_json_writer *w, const cm_table *table,
                      uint32_t max_keys)
{
    cm_buf key = {0};
    uint32_t n = table->keys.n;
    uint32_t shown = max_keys > 0 && max_keys < n ? max_keys : n;
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "name", table->name);
    cm_json_put_text(w, "input", table->input);
    cm_json_put_text(w, "kind", table_kind_name(table->kind));
    cm_json_put_text(w, "key_kind",
                     table->key_kind == CM_KEY_TEXT ? "text" : "integer");
    cm_json_put_u64(w, "n_keys", n);
    cm_json_put_double(w, "fallback", table->fallback);
    cm_json_begin_object(w, "values");
    for (uint32_t i = 0; i < shown; i++) {
        put_value(w, table, i, &key);
    }
    cm_json_end_object(w);
    cm_json_end_object(w);
    cm_buf_release(&key);
}

void cm_transformers_describe(const cm_transformers *transformers,
                              uint32_t max_keys, int indent, cm_buf *json)
{
    cm_json_writer w = cm_json_writer_of(json, indent);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "kind", kind_of_all(transformers));
    cm_json_put_u64(&w, "version", CM_TRANSFORMERS_VERSION);
    cm_json_begin_array(&w, "tables");
    for (size_t i = 0; i < transformers->n_tables; i++) {
        put_table(&w, &transformers->tables[i], max_keys);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
}
