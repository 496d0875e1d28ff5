/* clickmill config show, clickmill config doc */
#include "cli/output.h"

static cm_status print(cm_buf *text, cm_error *err)
{
    cm_status status = cm_buf_check(text, err);
    if (status == CM_OK && fwrite(text->p, 1, text->n, stdout) != text->n) {
        status = cm_fail_errno(err, "standard output");
    }
    cm_buf_release(text);
    return status;
}

cm_status cli_config_show(cli_context *c, cm_error *err)
{
    cm_buf text = {0};
    if (cli_switch(c, "json")) {
        cm_config_format_json(&c->config, &text);
    } else {
        cm_config_format(&c->config, &text);
    }
    return print(&text, err);
}

cm_status cli_config_doc(cli_context *c, cm_error *err)
{
    (void)c;
    cm_buf text = {0};
    cm_config_format_doc(&text);
    return print(&text, err);
}
