/* What a text is as a YAML scalar. */
#ifndef CM_DVC_YAML_SCALAR_H
#define CM_DVC_YAML_SCALAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* What a plain scalar is read as, by YAML 1.2 as ruamel.yaml has it. */
typedef enum yaml_tag {
    YAML_TAG_TEXT,
    YAML_TAG_BOOL,
    YAML_TAG_NULL,
    YAML_TAG_INT,
    YAML_TAG_FLOAT,
    YAML_TAG_OTHER /* a time, "<<", "=" */
} yaml_tag;

yaml_tag cm_yaml_plain_tag(cm_str text);

typedef enum yaml_style {
    YAML_STYLE_PLAIN,
    YAML_STYLE_SINGLE,
    YAML_STYLE_DOUBLE
} yaml_style;

/* Code points c (n) of a text, and whether they span lines. */
typedef struct yaml_chars {
    uint32_t *c;
    size_t n;
    bool multiline;
} yaml_chars;

/* Release with free(out->c); false without memory. */
CM_MUST_USE bool yaml_chars_of(yaml_chars *out, cm_str text);

bool yaml_is_break(uint32_t c); /* ends a line */
/* How the text is to be written; sets chars->multiline.  tag: what it would be
 * read as when plain.  key: as a key before ':'. */
yaml_style yaml_choose_style(yaml_chars *chars, yaml_tag tag, bool key);

#endif
