/* Inside: the HTML around figures that are drawn already. */
#ifndef CM_VISUALIZATION_PAGE_H
#define CM_VISUALIZATION_PAGE_H

#include "visualization/report.h"

/* What a figure became. */
typedef struct cm_drawn {
    const cm_figure *figure;
    cm_buf page;     /* SVG elements, a wide one and a narrow one */
    cm_buf svg, png; /* the files */
} cm_drawn;

/* figures: those of the report in reading order. */
CM_MUST_USE cm_status cm_page_write(cm_buf *out, const cm_report *report,
                                    const cm_drawn *figures, cm_error *err);

#endif
