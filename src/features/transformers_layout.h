/* The bytes of a file of fitted transformers, as docs/formats/transformers.md
 * describes them.  Private to features. */
#ifndef CM_FEATURES_TRANSFORMERS_LAYOUT_H
#define CM_FEATURES_TRANSFORMERS_LAYOUT_H

#include <stdint.h>

#define CM_TRANSFORMERS_MAGIC "CMTABLES" /* 8 bytes, no NUL */

enum {
    CM_TRANSFORMERS_VERSION = 1,
    CM_TRANSFORMERS_ENDIAN = 0x01020304,
    CM_TRANSFORMERS_ALIGN = 64,
    CM_TRANSFORMERS_MAX_TABLES = 4096,
    CM_TRANSFORMERS_MAX_NAME = 4096 /* bytes, with the NUL */
};

/* checksum: XXH3 of everything from n_tables to the end of the records. */
typedef struct cm_transformers_header {
    char magic[8];
    uint32_t version;
    uint32_t endian;
    uint64_t size; /* of the file */
    uint64_t checksum;
    uint64_t n_tables;
    uint8_t reserved[24]; /* 0 */
} cm_transformers_header;

typedef struct cm_transformers_section {
    uint64_t offset;
    uint64_t size;
    uint64_t checksum; /* XXH3 of its bytes */
} cm_transformers_section;

/* In the order in which they lie in the file. */
enum {
    CM_SECTION_NAME,
    CM_SECTION_INPUT,
    CM_SECTION_KEYS,   /* offsets of texts (n + 1), or integers (n) */
    CM_SECTION_BYTES,  /* the texts */
    CM_SECTION_VALUES, /* doubles (n) */
    CM_SECTIONS
};

typedef struct cm_transformers_record {
    uint32_t kind;
    uint32_t key_kind;
    uint64_t n_keys;
    double fallback;
    cm_transformers_section sections[CM_SECTIONS];
} cm_transformers_record;

_Static_assert(sizeof(cm_transformers_header) == 64, "layout of the header");
_Static_assert(sizeof(cm_transformers_record) == 144, "layout of a record");

/* The next multiple of 64. */
static inline uint64_t cm_transformers_align(uint64_t offset)
{
    return (offset + CM_TRANSFORMERS_ALIGN - 1) / CM_TRANSFORMERS_ALIGN *
           CM_TRANSFORMERS_ALIGN;
}

#endif
