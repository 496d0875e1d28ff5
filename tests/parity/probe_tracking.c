/* Writes a run without a training, and pushes runs, for tests/tracking:
 *   probe_tracking write STORE ITERATIONS METRICS [FILE...]  its id
 *   probe_tracking push STORE ID URI SECONDS                 what was sent
 * Files are artifacts of the run, below "files/"; PROBE_EXPERIMENT names its
 * experiment. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "tracking/push.h"

static cm_error err;

static int failed(void)
{
    (void)fprintf(stderr, "probe_tracking: %s\n", err.message);
    return 1;
}

#define TRY(call)          \
    if ((call) != CM_OK) { \
        return failed();   \
    }

static int log_metrics(cm_run *run, long iterations, long metrics)
{
    char key[64];
    for (long i = 0; i < iterations; i++) {
        for (long k = 0; k < metrics; k++) {
            (void)snprintf(key, sizeof key, "part_%ld/loss", k);
            TRY(cm_run_log_metric(run, key, 1.0 / (double)(i + k + 3), i,
                                  &err));
        }
    }
    TRY(cm_run_log_metric(run, "not a number", (double)NAN, 0, &err));
    TRY(cm_run_log_metric(run, "small", 5e-324, -7, &err));
    return 0;
}

static int log_texts(cm_run *run)
{
    char key[64], value[64];
    for (int i = 0; i < 230; i++) {
        (void)snprintf(key, sizeof key, "group.param_%d", i);
        (void)snprintf(value, sizeof value, "value \"%d\" \xd0\xb6", i);
        TRY(cm_run_param(run, key, i == 7 ? "" : value, &err));
        TRY(cm_run_tag(run, key, value, &err));
    }
    const cm_run_dataset train = {
        .name = "log.csv",
        .digest = "0123456789abcdef",
        .source_type = "local",
        .source = "{\"uri\": \"/data/log.csv\"}",
        .schema = "{\"mlflow_colspec\": [{\"type\": \"string\", \"name\": "
                  "\"site_id\", \"required\": true}]}",
        .profile = "{\"num_rows\": 100}",
        .context = "train"};
    TRY(cm_run_add_dataset(run, &train, &err));
    return 0;
}

static int write_run(int argc, char **argv)
{
    cm_run *run = NULL;
    cm_buf path = {0};
    const char *experiment = getenv("PROBE_EXPERIMENT");
    const cm_run_start start = {.store = argv[2],
                                .experiment =
                                    experiment != NULL ? experiment : "probe"};
    TRY(cm_run_begin(&run, &start, &err));
    if (log_texts(run) != 0 ||
        log_metrics(run, atol(argv[3]), atol(argv[4])) != 0) {
        return 1;
    }
    for (int i = 5; i < argc; i++) {
        cm_buf_clear(&path);
        cm_buf_addf(&path, "files/%s", cm_path_base(argv[i]));
        TRY(cm_run_add_artifact(run, argv[i], path.p, &err));
    }
    TRY(cm_run_end(run, CM_RUN_FINISHED, &err));
    (void)puts(cm_run_id(run));
    cm_buf_release(&path);
    cm_run_free(run);
    return 0;
}

static int push_run(char **argv)
{
    cm_pushed pushed;
    cm_log log = {.out = stderr, .level = CM_LOG_INFO};
    cm_tracking_server server = {.uri = argv[4]};
    cm_tracking_server_from_environment(&server);
    double begin = cm_seconds();
    cm_status status = cm_run_push(&pushed, argv[2], argv[3], &server,
                                   begin + strtod(argv[5], NULL), &log, &err);
    (void)printf("%s %zu requests, %zu metrics, %zu params, %zu tags, "
                 "%zu artifacts in %.3f s\n",
                 pushed.run_id != NULL ? pushed.run_id : "-", pushed.requests,
                 pushed.metrics, pushed.params, pushed.tags, pushed.artifacts,
                 cm_seconds() - begin);
    cm_pushed_release(&pushed);
    return status == CM_OK ? 0 : failed();
}

int main(int argc, char **argv)
{
    if (argc >= 5 && strcmp(argv[1], "write") == 0) {
        return write_run(argc, argv);
    }
    if (argc == 6 && strcmp(argv[1], "push") == 0) {
        return push_run(argv);
    }
    (void)fputs("probe_tracking write|push …\n", stderr);
    return 2;
}
