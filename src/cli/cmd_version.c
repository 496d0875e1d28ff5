/* clickmill version */
#include <isa-l.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <xxhash.h>
#include <yaml.h>
#include <zstd.h>

#include "base/thread.h"
#include "cli/output.h"
#include "clickmill.h"

typedef struct fact {
    const char *name;
    char value[160];
} fact;

enum { N_FACTS = 9 };

static const char *yes_no(int yes)
{
    return yes ? "yes" : "no";
}

static void collect(fact facts[N_FACTS])
{
    unsigned xxhash = XXH_versionNumber();
    __builtin_cpu_init();
    for (int i = 0; i < N_FACTS; i++) {
        static const char *const names[N_FACTS] = {
            "compiler", "flags",  "jansson", "libyaml",  "isa-l",
            "zstd",     "xxhash", "openssl", "processor"};
        facts[i].name = names[i];
    }
    size_t n = sizeof facts[0].value;
    snprintf(facts[0].value, n, "%s", __VERSION__);
    snprintf(facts[1].value, n, "%s", CM_BUILD_FLAGS);
    snprintf(facts[2].value, n, "%s", jansson_version_str());
    snprintf(facts[3].value, n, "%s", yaml_get_version_string());
    snprintf(facts[4].value, n, "%d.%d.%d", ISAL_MAJOR_VERSION,
             ISAL_MINOR_VERSION, ISAL_PATCH_VERSION);
    snprintf(facts[5].value, n, "%s", ZSTD_versionString());
    snprintf(facts[6].value, n, "%u.%u.%u", xxhash / 10000, xxhash / 100 % 100,
             xxhash % 100);
    snprintf(facts[7].value, n, "%s", OpenSSL_version(OPENSSL_VERSION));
    snprintf(facts[8].value, n, "avx2 %s, %d threads",
             yes_no(__builtin_cpu_supports("avx2")), cm_thread_count(0));
}

cm_status cli_version(cli_context *c, cm_error *err)
{
    fact facts[N_FACTS];
    int n = cli_switch(c, "build") ? N_FACTS : 0;
    collect(facts);
    if (!cli_switch(c, "json")) {
        printf("clickmill %s\n", cm_version());
        for (int i = 0; i < n; i++) {
            printf("  %-10s %s\n", facts[i].name, facts[i].value);
        }
        return CM_OK;
    }
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "version", cm_version());
    for (int i = 0; i < n; i++) {
        cm_json_put_text(&w, facts[i].name, facts[i].value);
    }
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}
