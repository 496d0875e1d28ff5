/* XML as S3 answers with it: elements and text, read one after the other.
 * Attributes, comments, processing instructions and prefixes of names are
 * skipped; no document type, hence no entities but XML's five and numbers.
 * Private to storage. */
#ifndef CM_STORAGE_S3_XML_H
#define CM_STORAGE_S3_XML_H

#include "base/str.h"

typedef enum s3_xml_event {
    S3_XML_OPEN,  /* name */
    S3_XML_TEXT,  /* text, decoded; valid until the next event */
    S3_XML_CLOSE, /* name */
    S3_XML_END,   /* of the document */
    S3_XML_BAD    /* it is not XML, from here on */
} s3_xml_event;

typedef struct s3_xml {
    cm_str left;
    cm_str name;
    cm_str text;
    cm_buf decoded;
    bool close_next; /* of <name/> */
} s3_xml;

void s3_xml_init(s3_xml *xml, cm_str document);
void s3_xml_release(s3_xml *xml);
s3_xml_event s3_xml_next(s3_xml *xml);

/* Text of the first element of that name, appended to out; false when there is
 * none. */
bool s3_xml_find(cm_str document, const char *name, cm_buf *out);

/* Walks over every element `item` of a document: after s3_xml_item gave true,
 * s3_xml_field gives each field in it with its text, until it gives false. */
bool s3_xml_item(s3_xml *xml, const char *item);
bool s3_xml_field(s3_xml *xml, const char *item, cm_str *name, cm_buf *text);

/* Appends text with &, <, >, " escaped. */
void s3_xml_escape(cm_buf *out, cm_str text);

#endif
