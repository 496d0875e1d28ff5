/* clickmill metrics doc */
#include "cli/output.h"
#include "monitoring/metrics_doc.h"

cm_status cli_metrics_doc(cli_context *c, cm_error *err)
{
    (void)c;
    cm_buf text = {0};
    cm_registry_format_doc(&text);
    return cli_print_text(&text, err);
}
