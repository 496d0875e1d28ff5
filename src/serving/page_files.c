/* The table of the page's files.  The build has put them into CM_PAGE_FOLDER,
 * beside each what gzip made of it. */
#include "serving/page_files.h"

#include <stdio.h>
#include <string.h>

#include "base/embed.h"

#define SCRIPT "text/javascript; charset=utf-8"
#define PAGE_FILES(FILE)                                    \
    FILE(index, "index.html", "text/html; charset=utf-8")   \
    FILE(style, "page.css", "text/css; charset=utf-8")      \
    FILE(page, "page.js", SCRIPT)                           \
    FILE(score, "score.js", SCRIPT)                         \
    FILE(form, "form.js", SCRIPT)                           \
    FILE(waterfall, "waterfall.js", SCRIPT)                 \
    FILE(live, "live.js", SCRIPT)                           \
    FILE(figures, "figures.js", SCRIPT)                     \
    FILE(table, "table.js", SCRIPT)                         \
    FILE(theme, "theme.js", SCRIPT)                         \
    FILE(docs, "docs.html", "text/html; charset=utf-8")     \
    FILE(docs_style, "docs.css", "text/css; charset=utf-8") \
    FILE(docs_script, "docs.js", SCRIPT)                    \
    FILE(schema, "schema.js", SCRIPT)                       \
    FILE(try, "try.js", SCRIPT)                             \
    FILE(icon, "icon.svg", "image/svg+xml")                 \
    FILE(chart, "chart.min.js", SCRIPT)                     \
    FILE(license, "chart-license.txt", "text/plain; charset=utf-8")

#define EMBED(id, name, type)                        \
    CM_EMBED(cm_page_##id, CM_PAGE_FOLDER "/" name); \
    CM_EMBED(cm_page_gzip_##id, CM_PAGE_FOLDER "/" name ".gz");
PAGE_FILES(EMBED)

#define ROW(id, name, type) \
    {name,                  \
     type,                  \
     cm_page_##id,          \
     cm_page_##id##_end,    \
     cm_page_gzip_##id,     \
     cm_page_gzip_##id##_end},
static const page_file files[] = {PAGE_FILES(ROW)};

const page_file *page_file_find(const char *name)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (strcmp(name, files[i].name) == 0) {
            return &files[i];
        }
    }
    return NULL;
}

cm_str page_file_bytes(const page_file *file, bool compressed)
{
    const char *start = compressed ? file->gzip : file->plain;
    const char *end = compressed ? file->gzip_end : file->plain_end;
    return (cm_str){start, (size_t)(end - start)};
}

static unsigned long little_endian_32(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return b[0] | (unsigned long)b[1] << 8 | (unsigned long)b[2] << 16 |
           (unsigned long)b[3] << 24;
}

void page_file_etag(const page_file *file, bool compressed,
                    char etag[PAGE_ETAG])
{
    (void)snprintf(etag, PAGE_ETAG, "\"%08lx-%lu%s\"",
                   little_endian_32(file->gzip_end - 8),
                   little_endian_32(file->gzip_end - 4),
                   compressed ? "-gz" : "");
}
