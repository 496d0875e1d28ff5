/* Any bytes as YAML: the tree is whole, or the error says where. */
#include <stddef.h>
#include <stdint.h>

#include "codec/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_node(const cm_yaml *node, int depth)
{
    bool value = false;
    CM_ASSERT(depth <= 33 && node->where.line > 0 && node->where.column > 0);
    CM_ASSERT(cm_utf8_valid(node->text) == node->text.n);
    CM_ASSERT(!cm_yaml_is_null(node) || !cm_yaml_bool(node, &value));
    for (size_t i = 0; i < node->n; i++) {
        if (node->kind == CM_YAML_MAP) {
            CM_ASSERT(node->keys[i].kind == CM_YAML_SCALAR);
            check_node(&node->keys[i], depth + 1);
        }
        check_node(&node->children[i], depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_yaml *root = NULL;
    cm_error err = {0};
    cm_str text = {(const char *)bytes, n};
    cm_status status = cm_yaml_parse(&root, text, "input", &err);
    if (status == CM_OK) {
        check_node(root, 1);
        cm_yaml_free(root);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    return 0;
}
