/* clickmill help */
#include "cli/cli.h"

#include <string.h>

cm_status cli_help_command(cli_context *c, cm_error *err)
{
    char *words[2] = {NULL, NULL};
    size_t used = 0;
    if (c->n_words == 0) {
        cli_help_all(stdout);
        return CM_OK;
    }
    for (size_t i = 0; i < c->n_words; i++) {
        words[i] = cm_arena_strdup(&c->config.arena, c->words[i],
                                   strlen(c->words[i]), err);
        if (words[i] == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    const cli_command *command = cli_find(words, c->n_words, &used);
    if (command == NULL || used != c->n_words) {
        return cli_unknown(words, c->n_words, err);
    }
    c->command = command;
    cli_help(stdout, c);
    return CM_OK;
}
