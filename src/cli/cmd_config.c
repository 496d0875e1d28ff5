/* clickmill config show, clickmill config doc */
#include "cli/output.h"

cm_status cli_config_show(cli_context *c, cm_error *err)
{
    cm_buf text = {0};
    if (cli_switch(c, "json")) {
        cm_config_format_json(&c->config, &text);
    } else {
        cm_config_format(&c->config, &text);
    }
    return cli_print_text(&text, err);
}

cm_status cli_config_doc(cli_context *c, cm_error *err)
{
    (void)c;
    cm_buf text = {0};
    cm_config_format_doc(&text);
    return cli_print_text(&text, err);
}
