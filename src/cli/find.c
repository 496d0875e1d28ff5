/* Finding a command by its one or two words. */
#include <string.h>

#include "cli/cli.h"

/* Number of the words that spell the command's name; 0 when they do not. */
static size_t spells(const char *name, char *const *words, size_t n)
{
    size_t used = 0;
    while (used < n) {
        size_t length = strcspn(name, " ");
        if (strlen(words[used]) != length ||
            strncmp(words[used], name, length) != 0) {
            return 0;
        }
        used++;
        if (name[length] == '\0') {
            return used;
        }
        name += length + 1;
    }
    return 0;
}

const cli_command *cli_find(char *const *words, size_t n, size_t *used)
{
    for (const cli_command *c = cli_commands; c->name != NULL; c++) {
        *used = spells(c->name, words, n);
        if (*used > 0) {
            return c;
        }
    }
    return NULL;
}

/* Commands whose first word is the given one: "model show or model ...". */
static void add_family(cm_buf *out, const char *word)
{
    size_t n = strlen(word);
    for (const cli_command *c = cli_commands; c->name != NULL; c++) {
        if (strncmp(c->name, word, n) == 0 && c->name[n] == ' ') {
            cm_buf_addf(out, "%sclickmill %s", out->n > 0 ? " or " : "",
                        c->name);
        }
    }
}

/* Two swapped letters are a distance of 2. */
static const char *nearest_command(const char *word)
{
    const char *nearest = NULL;
    size_t limit = 2;
    for (const cli_command *c = cli_commands; c->name != NULL; c++) {
        size_t distance = cm_edit_distance(cm_str_of(word), cm_str_of(c->name));
        if (distance <= limit && distance < strlen(c->name)) {
            nearest = c->name;
            limit = distance > 0 ? distance - 1 : 0;
        }
    }
    return nearest;
}

cm_status cli_unknown(char *const *words, size_t n, cm_error *err)
{
    cm_buf family = {0};
    CM_ASSERT(n > 0);
    add_family(&family, words[0]);
    const char *nearest = nearest_command(words[0]);
    cm_status status = cm_buf_check(&family, err);
    if (status == CM_OK && family.n > 0) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "clickmill %s needs a second "
                         "word: %s",
                         words[0], family.p);
    } else if (status == CM_OK && nearest != NULL) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "unknown command %s; did you mean clickmill %s?",
                         words[0], nearest);
    } else if (status == CM_OK) {
        status =
            cm_fail(err, CM_ERR_USAGE,
                    "unknown command %s; clickmill help lists them", words[0]);
    }
    cm_buf_release(&family);
    return status;
}
