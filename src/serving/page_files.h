/* The files of the page (page/) and its charting library, which are bytes of
 * the program.  Private to serving. */
#ifndef CM_SERVING_PAGE_FILES_H
#define CM_SERVING_PAGE_FILES_H

#include "base/str.h"

enum { PAGE_ETAG = 32 /* bytes of the text of one */ };

typedef struct page_file {
    const char *name; /* "page.css" */
    const char *content_type;
    const char *plain, *plain_end;
    const char *gzip, *gzip_end; /* the same, compressed */
} page_file;

/* NULL: there is none of that name. */
const page_file *page_file_find(const char *name);

/* What is to be sent: the bytes as they are, or compressed. */
cm_str page_file_bytes(const page_file *file, bool compressed);
/* "CRC-LENGTH" in quotes, as the end of a gzip file has them (RFC 1952); "-gz"
 * behind it when compressed, for these are other bytes. */
void page_file_etag(const page_file *file, bool compressed,
                    char etag[PAGE_ETAG]);

#endif
