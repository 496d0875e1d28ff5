/* The table of commands and of their own options. */
#include "cli/cli.h"

#define OPTION(name, meta, fallback, help)                   \
    {                                                        \
        name, meta, fallback, help, CLI_OWN, false, false, 0 \
    }
#define LETTER(letter, name, meta, help)                      \
    {                                                         \
        name, meta, NULL, help, CLI_OWN, false, false, letter \
    }
#define PAIR(name, meta, help)                          \
    {                                                   \
        name, meta, NULL, help, CLI_OWN, true, false, 0 \
    }
#define LIST(name, meta, help)                          \
    {                                                   \
        name, meta, NULL, help, CLI_OWN, false, true, 0 \
    }
#define SAME_AS(field, name, meta, help)                       \
    {                                                          \
        name, meta, NULL, help, CM_ID_##field, false, false, 0 \
    }
#define END                                              \
    {                                                    \
        NULL, NULL, NULL, NULL, CLI_OWN, false, false, 0 \
    }
#define JSON_SWITCH OPTION("json", NULL, NULL, "print the result as JSON")

enum {
    PATHS = 1 << CM_GROUP_PATHS,
    INPUT = 1 << CM_GROUP_INPUT,
    SPLIT = 1 << CM_GROUP_SPLIT,
    FEATURES = 1 << CM_GROUP_FEATURES,
    TRAINING = 1 << CM_GROUP_TRAINING,
    TRACKING = 1 << CM_GROUP_TRACKING,
    REPORT = 1 << CM_GROUP_REPORT,
    SERVING = 1 << CM_GROUP_SERVING,
    REGISTRY = 1 << CM_GROUP_REGISTRY,
    MESSAGES = 1 << CM_GROUP_MESSAGES
};

static const cli_option no_options[] = {END};
static const cli_option json_option[] = {JSON_SWITCH, END};

static const cli_option generate_options[] = {
    OPTION("rows", "N", "1000000", "rows to make"),
    OPTION("seed", "N", "1", "another seed, another log"),
    OPTION("output", "PATH", "-", "where to write; - is standard output"),
    SAME_AS(thread_count, "threads", "N", "threads; -1: all cores"),
    JSON_SWITCH,
    END};

static const cli_option make_dataset_options[] = {
    SAME_AS(input_data_path, "input", "PATH", "the log to read"),
    SAME_AS(dataset_path, "output", "PATH", "the dataset file to write"),
    JSON_SWITCH, END};

static const cli_option features_options[] = {
    SAME_AS(input_data_path, "input", "PATH", "the log to read"),
    OPTION("output", "DIR", NULL,
           "folder for train.csv and validation.csv (required)"),
    OPTION("format", "csv", "csv", "form of the tables"), JSON_SWITCH, END};

static const cli_option train_options[] = {
    SAME_AS(input_data_path, "input", "PATH", "the log to learn from"),
    OPTION("cv", "N", NULL,
           "cross-validate with N folds; no bundle is written"),
    JSON_SWITCH, END};

static const cli_option fit_options[] = {
    PAIR("eval", "X Y", "matrix and labels to evaluate the model on"),
    OPTION("weights", "W", NULL, "how much each row counts"),
    OPTION("model", "PATH", NULL, "where the model goes (required)"),
    JSON_SWITCH, END};

static const cli_option tune_options[] = {
    SAME_AS(input_data_path, "input", "PATH", "the log to learn from"),
    OPTION("space", "FILE", NULL,
           "what to search: depth: [4, 6, 8], learning_rate: {min: 0.02, max: "
           "0.3, log: true} (required)"),
    OPTION("time-budget", "SECONDS", "60", "time for all of it; 0: no limit"),
    OPTION("trials", "N", NULL, "most points to try (default: as time allows)"),
    OPTION("seed", "N", "1", "another seed, other points"),
    OPTION("state", "FILE", NULL,
           "keep what was measured there, and go on from it"),
    JSON_SWITCH,
    END};

#define REV_OPTION             \
    OPTION("rev", "REV", NULL, \
           "the model that DVC tracked at this commit, branch or tag of git")

static const cli_option evaluate_options[] = {
    SAME_AS(input_data_path, "input", "PATH", "the labelled log to score"),
    OPTION("model", "PATH", NULL,
           "bundle, a file in it, or PLACE@VERSION of a registry (default: "
           "output_model_path)"),
    REV_OPTION,
    OPTION("max-log-loss", "X", NULL, "exit with 3 when log_loss is above X"),
    OPTION("min-auc", "X", NULL, "exit with 3 when roc_auc is below X"),
    JSON_SWITCH,
    END};

static const cli_option runs_push_options[] = {
    OPTION("all", NULL, NULL, "every run of the store"),
    SAME_AS(mlflow_tracking_uri, "uri", "URI", "the MLflow server"),
    JSON_SWITCH, END};

static const cli_option report_options[] = {
    REV_OPTION,
    SAME_AS(input_data_path, "input", "PATH", "the log that was trained on"),
    OPTION("model", "PATH", NULL,
           "bundle, or a file in it (default: output_model_path)"),
    SAME_AS(report_path, "output", "DIR", "folder for index.html and figures"),
    JSON_SWITCH,
    END};

static const cli_option predict_options[] = {
    SAME_AS(input_data_path, "input", "PATH",
            "the log to score, or the matrix (.npy, CSV); - is standard input"),
    OPTION("model", "PATH", NULL,
           "bundle, a file in it, or PLACE@VERSION of a registry (default: "
           "output_model_path); or any CatBoost model (.cbm, .json), for a "
           "matrix or table"),
    REV_OPTION,
    OPTION("output", "PATH", "-", "where to write; - is standard output"),
    OPTION("format", "csv|jsonl", "csv", "form of the predictions"),
    END};

static const cli_option convert_options[] = {
    OPTION("to", "json|cbm|c", NULL,
           "format of OUT (default: as its name ends)"),
    END};

static const cli_option importance_options[] = {
    OPTION("type", "TYPE", "PredictionValuesChange",
           "what is counted: PredictionValuesChange, LossFunctionChange, "
           "Interaction or ShapValues (mean of what an input adds, without "
           "sign)"),
    OPTION("input", "PATH", NULL, "rows: .npy, or CSV with a header"),
    OPTION("labels", "PATH", NULL, "0 or 1 for each row"),
    OPTION("weights", "PATH", NULL, "how much each row counts"),
    OPTION("output", "PATH", NULL,
           "SHAP values of every row as CSV; - is standard output"),
    SAME_AS(thread_count, "threads", "N", "threads; -1: all cores"),
    JSON_SWITCH,
    END};

static const cli_option diff_options[] = {
    OPTION("input", "PATH", NULL, "rows to score with both: .npy or CSV"),
    JSON_SWITCH, END};

#define LEVEL_SWITCHES                                                         \
    OPTION("local", NULL, NULL, "in .dvc/config.local, which git leaves out"), \
        OPTION("project", NULL, NULL, "in .dvc/config (unless said else)"),    \
        OPTION("global", NULL, NULL, "in ~/.config/dvc/config"),               \
        OPTION("system", NULL, NULL, "in /etc/xdg/dvc/config")

static const cli_option init_options[] = {
    OPTION("no-scm", NULL, NULL, "do without git"),
    OPTION("subdir", NULL, NULL, "below the root of a git repository"),
    OPTION("force", NULL, NULL, "make it anew, deleting its cache"), END};

static const cli_option remote_add_options[] = {
    OPTION("default", NULL, NULL, "push and pull go there from now on"),
    OPTION("force", NULL, NULL, "in place of one of the same name"),
    LEVEL_SWITCHES, END};

static const cli_option remote_unset_options[] = {
    OPTION("unset", NULL, NULL, "take it out"), LEVEL_SWITCHES, END};

static const cli_option level_options[] = {LEVEL_SWITCHES, END};

static const cli_option dvc_config_options[] = {
    OPTION("list", NULL, NULL, "print all options, without secrets"),
    OPTION("unset", NULL, NULL, "take it out"), LEVEL_SWITCHES, END};

static const cli_option add_options[] = {
    OPTION("glob", NULL, NULL, "the paths are patterns: 'data/*.csv'"),
    JSON_SWITCH, END};

static const cli_option checkout_options[] = {
    OPTION("force", NULL, NULL, "remove files that are nowhere in the cache"),
    OPTION("relink", NULL, NULL,
           "make links anew that are not as cache.type wants them"),
    OPTION("allow-missing", NULL, NULL,
           "go on without content that is not in the cache"),
    JSON_SWITCH, END};

#define SYNC_OPTIONS                                                           \
    LETTER('r', "remote", "NAME",                                              \
           "the remote (default: the one of the out, or core.remote)"),        \
        LETTER('a', "all-branches", NULL, "what the branches' tips name too"), \
        LETTER('T', "all-tags", NULL, "what the tags name too"),               \
        LETTER('A', "all-commits", NULL, "what any commit names too"),         \
        LETTER(0, "run-cache", NULL,                                           \
               "the run cache too: what stages made of what"),                 \
    {                                                                          \
        "jobs", "N", "0", "transfers at a time; 0: as the remote says, or 16", \
            CLI_OWN, false, false, 'j'                                         \
    }

static const cli_option sync_options[] = {SYNC_OPTIONS, JSON_SWITCH, END};

#define JOBS_OPTION                                                           \
    {                                                                         \
        "jobs", "N", "0", "requests at a time; 0: as the remote says, or 16", \
            CLI_OWN, false, false, 'j'                                        \
    }

static const cli_option status_options[] = {
    LETTER('c', "cloud", NULL, "the cache against the remote"),
    LETTER('r', "remote", "NAME", "against that remote, not the default one"),
    JOBS_OPTION,
    {"quiet", NULL, NULL, "print nothing; exit 1 when anything changed",
     CM_ID_quiet, false, false, 'q'},
    JSON_SWITCH,
    END};

static const cli_option pull_options[] = {
    SYNC_OPTIONS,
    OPTION("force", NULL, NULL, "remove files that are nowhere in the cache"),
    JSON_SWITCH, END};

static const cli_option import_url_options[] = {
    LETTER(0, "no-exec", NULL, "write the .dvc file, and do not look further"),
    LETTER(0, "no-download", NULL, "write what the source is, and leave it"),
    LETTER('f', "force", NULL, "in place of what is there"),
    JOBS_OPTION,
    JSON_SWITCH,
    END};

static const cli_option update_options[] = {
    LETTER(0, "no-download", NULL, "write what the source is, and leave it"),
    LETTER('f', "force", NULL,
           "even if the workspace has what nobody else has"),
    JOBS_OPTION, JSON_SWITCH, END};

static const cli_option tracked_diff_options[] = {
    LIST("targets", "PATH...", "of these alone: paths, .dvc files or stages"),
    OPTION("show-hash", NULL, NULL, "with the hash of each"),
    OPTION("hide-missing", NULL, NULL, "without what the cache lacks"),
    OPTION("md", NULL, NULL, "a table in Markdown"),
    JSON_SWITCH,
    END};

static const cli_option gc_options[] = {
    LETTER('w', "workspace", NULL, "keep what the workspace names alone"),
    LETTER('a', "all-branches", NULL, "keep what the branches' tips name"),
    LETTER('T', "all-tags", NULL, "keep what the tags name"),
    LETTER('A', "all-commits", NULL, "keep what any commit names"),
    LETTER(0, "rev", "COMMIT", "keep what this commit names"),
    LETTER('n', "num", "N",
           "and the N - 1 before it, or before each branch's tip"),
    LETTER(0, "date", "YYYY-MM-DD", "keep what commits since then name"),
    LETTER('c', "cloud", NULL, "remove from the remote too"),
    LETTER('r', "remote", "NAME", "that remote, not the default one"),
    LETTER(0, "not-in-remote", NULL,
           "keep in the cache only what the remote lacks"),
    LETTER('p', "projects", NULL,
           "the FOLDERs are repositories that use the same cache; keep what "
           "they name"),
    LETTER('f', "force", NULL, "do not ask"),
    LETTER(0, "dry", NULL, "list what would go, and remove nothing"),
    LETTER(0, "skip-failed", NULL, "go on without revisions that are broken"),
    JOBS_OPTION,
    JSON_SWITCH,
    END};

static const cli_option repro_options[] = {
    OPTION("force", NULL, NULL, "run the stages, changed or not"),
    OPTION("single-item", NULL, NULL, "without the stages they need"),
    OPTION("downstream", NULL, NULL, "and those that need them, instead"),
    OPTION("all-pipelines", NULL, NULL, "every stage of the repository"),
    OPTION("dry", NULL, NULL, "tell what would run, and change nothing"),
    OPTION("keep-going", NULL, NULL,
           "after a failure, go on with what does not need it"),
    OPTION("no-run-cache", NULL, NULL,
           "run again what was run before with the same inputs"),
    OPTION("jobs", "N", "0", "stages at a time; 0: as many as cores"),
    JSON_SWITCH,
    END};

static const cli_option dag_options[] = {
    OPTION("full", NULL, NULL, "all that hangs together with the target"),
    OPTION("dot", NULL, NULL, "for Graphviz"),
    OPTION("mermaid", NULL, NULL, "for Mermaid"),
    OPTION("md", NULL, NULL, "for Mermaid, in Markdown"), END};

static const cli_option metrics_options[] = {
    OPTION("rev", "REV", NULL, "as they were at this commit, branch or tag"),
    OPTION("md", NULL, NULL, "a table in Markdown"), JSON_SWITCH, END};

static const cli_option values_diff_options[] = {
    OPTION("target", "FILE", NULL, "of this file alone"),
    OPTION("all", NULL, NULL, "what did not change, too"),
    OPTION("no-path", NULL, NULL, "without the column of files"),
    OPTION("md", NULL, NULL, "a table in Markdown"),
    JSON_SWITCH,
    END};

#define RUNS_PATH \
    SAME_AS(runs_path, "runs-path", "DIR", "folder of the runs (default: runs)")
#define ONE_EXPERIMENT \
    OPTION("experiment", "NAME", NULL, "only the runs of this experiment")
#define BETTER                             \
    OPTION("better", "lower|higher", NULL, \
           "which values of the metric are better, where it is not known")

static const cli_option runs_list_options[] = {
    RUNS_PATH,
    ONE_EXPERIMENT,
    OPTION("sort", "METRIC", NULL,
           "the best of this metric first (default: the newest)"),
    BETTER,
    JSON_SWITCH,
    END};

static const cli_option runs_show_options[] = {RUNS_PATH, JSON_SWITCH, END};

static const cli_option runs_compare_options[] = {
    RUNS_PATH, OPTION("all", NULL, NULL, "params that are the same, too"),
    JSON_SWITCH, END};

static const cli_option runs_best_options[] = {
    RUNS_PATH,   OPTION("metric", "METRIC", "log_loss", "what is compared"),
    BETTER,      ONE_EXPERIMENT,
    JSON_SWITCH, END};
static const cli_option serve_options[] = {
    SAME_AS(serve_model_path, "model", "PATH",
            "bundle that speaks, or a file in it (.pkl becomes .json); or a "
            "model of a registry, s3://bucket/prefix@champion, or of an MLflow "
            "server, models:/NAME@champion"),
    REV_OPTION, END};

static const cli_option model_push_options[] = {
    OPTION("to", "PLACE", NULL,
           "s3://bucket/prefix, a folder, or remote://NAME (required)"),
    OPTION("alias", "NAME", NULL,
           "a name that means it from now on, beside "
           "latest"),
    OPTION("model", "PATH", NULL,
           "bundle, or a file in it (default: output_model_path)"),
    JSON_SWITCH, END};

static const cli_option model_alias_options[] = {
    OPTION("remove", NULL, NULL, "let the name mean nothing"), JSON_SWITCH,
    END};

static const cli_option model_pull_options[] = {
    REV_OPTION,
    OPTION("model", "PATH", NULL,
           "with --rev: the bundle's path (default: output_model_path)"),
    JSON_SWITCH, END};

static const cli_option model_cache_options[] = {
    OPTION("keep", "N", NULL, "remove all but the N last used"), JSON_SWITCH,
    END};

static const cli_option version_options[] = {
    OPTION("build", NULL, NULL, "compiler, flags, libraries and processor"),
    JSON_SWITCH, END};

const cli_command cli_commands[] = {
    {"generate", "Data", "make a deterministic Avazu-like click log", "", 0, 0,
     "clickmill generate --rows 200000 --output data/raw/log.csv",
     generate_options, MESSAGES, false, cli_generate},
    {"make-dataset", "Data", "read a click log into a dataset file", "", 0, 0,
     "clickmill make-dataset --input train.gz --output train.cmds",
     make_dataset_options, INPUT | MESSAGES, true, cli_make_dataset},
    {"features", "Data", "write the features of both parts as CSV", "", 0, 0,
     "clickmill features --config configs/train_config.yaml "
     "--output data/interim",
     features_options, INPUT | SPLIT | FEATURES | MESSAGES, true, cli_features},
    {"train", "Models", "from a click log to an evaluated model in a bundle",
     "", 0, 0, "clickmill train --config configs/train_config.yaml --depth 6",
     train_options,
     PATHS | INPUT | SPLIT | FEATURES | TRAINING | TRACKING | REPORT | MESSAGES,
     true, cli_train},
    {"fit", "Models", "from a numeric matrix and labels (.npy, CSV) to a model",
     "X Y", 2, 2,
     "clickmill fit X.npy y.npy --iterations 100 --learning-rate 0.1 "
     "--model model.cbm",
     fit_options, TRAINING | MESSAGES, true, cli_fit},
    {"tune", "Models", "search for training parameters", "", 0, 0,
     "clickmill tune --config configs/train_config.yaml --space space.yaml",
     tune_options, INPUT | SPLIT | FEATURES | TRAINING | MESSAGES, true,
     cli_tune},
    {"evaluate", "Models", "metrics of a labelled log, and gates", "", 0, 0,
     "clickmill evaluate --config configs/train_config.yaml "
     "--input data/raw/new.csv --max-log-loss 0.42",
     evaluate_options, INPUT | REGISTRY | MESSAGES, true, cli_evaluate},
    {"report", "Models", "a page with figures about a bundle and its log", "",
     0, 0, "clickmill report --config configs/train_config.yaml",
     report_options, INPUT | SPLIT | REPORT | REGISTRY | MESSAGES, true,
     cli_report},
    {"predict", "Models", "probability of a click for each row of a log", "", 0,
     0,
     "clickmill predict --config configs/train_config.yaml "
     "--input data/raw/new.csv --output predictions.csv",
     predict_options, INPUT | REGISTRY | MESSAGES, true, cli_predict},
    {"model show", "Models",
     "what a bundle, a model or a transformers file holds", "PATH", 1, 1,
     "clickmill model show models", json_option, MESSAGES, false,
     cli_model_show},
    {"model convert", "Models",
     "write a CatBoost model, JSON or .cbm, in another format or as C",
     "IN OUT", 2, 2, "clickmill model convert models/catclf.json catclf.cbm",
     convert_options, MESSAGES, false, cli_model_convert},
    {"model importance", "Models", "what inputs matter, as CatBoost counts it",
     "MODEL", 1, 1, "clickmill model importance models --type Interaction",
     importance_options, MESSAGES, false, cli_model_importance},
    {"model diff", "Models",
     "two models side by side; exit code 0: equal, 1: different", "A B", 2, 2,
     "clickmill model diff models/previous models/current", diff_options,
     MESSAGES, false, cli_model_diff},
    {"model rollback", "Models", "make the previous bundle current", "PATH", 1,
     1, "clickmill model rollback models", json_option, MESSAGES, false,
     cli_model_rollback},
    {"serve", "Serving", "answer POST /predict with the model of a bundle", "",
     0, 0, "clickmill serve --config configs/serve_config.yaml --port 8000",
     serve_options, SERVING | REGISTRY | MESSAGES, true, cli_serve},
    {"model push", "Registry",
     "put a bundle into a registry: the current one, or a version of it",
     "[VERSION]", 0, 1,
     "clickmill model push --to s3://bucket/models --alias champion",
     model_push_options, REGISTRY | MESSAGES, true, cli_model_push},
    {"model list", "Registry", "versions and aliases of a registry", "PLACE", 1,
     1, "clickmill model list s3://bucket/models", json_option,
     REGISTRY | MESSAGES, true, cli_model_list},
    {"model alias", "Registry", "let a name mean a version from now on",
     "PLACE NAME [VERSION]", 2, 3,
     "clickmill model alias s3://bucket/models champion 8d0c1f2ab3c4d5e6",
     model_alias_options, REGISTRY | MESSAGES, true, cli_model_alias},
    {"model pull", "Registry",
     "get a model of a registry or of a revision, and print its folder",
     "[PLACE@VERSION]", 0, 1,
     "clickmill model pull s3://bucket/models@champion", model_pull_options,
     REGISTRY | MESSAGES, true, cli_model_pull},
    {"model cache", "Registry", "models that were fetched to this machine", "",
     0, 0, "clickmill model cache --keep 10", model_cache_options,
     REGISTRY | MESSAGES, true, cli_model_cache},
    {"runs list", "Tracking", "the trainings that were kept, newest first", "",
     0, 0, "clickmill runs list --sort log_loss", runs_list_options, MESSAGES,
     true, cli_runs_list},
    {"runs show", "Tracking", "a run: what it was given and what came of it",
     "ID", 1, 1, "clickmill runs show 1f3a06b2", runs_show_options, MESSAGES,
     true, cli_runs_show},
    {"runs compare", "Tracking",
     "runs side by side: metrics, and params that differ", "ID ID...", 2,
     CLI_MAX_WORDS, "clickmill runs compare 1f3a06b2 90c4d511",
     runs_compare_options, MESSAGES, true, cli_runs_compare},
    {"runs best", "Tracking", "the finished run that is best by a metric", "",
     0, 0, "clickmill runs best --metric roc_auc_score", runs_best_options,
     MESSAGES, true, cli_runs_best},
    {"init", "Versioning", "make the working folder a DVC repository", "", 0, 0,
     "clickmill init", init_options, MESSAGES, false, cli_init},
    {"remote add", "Versioning", "say where data is kept: a folder or s3://",
     "NAME URL", 2, 2, "clickmill remote add --default vk s3://bucket/prefix",
     remote_add_options, MESSAGES, false, cli_remote_add},
    {"remote list", "Versioning", "the remotes and their URLs", "", 0, 0,
     "clickmill remote list", json_option, MESSAGES, false, cli_remote_list},
    {"remote modify", "Versioning", "set an option of a remote",
     "NAME OPTION [VALUE]", 2, 3,
     "clickmill remote modify vk endpointurl https://hb.ru-msk.vkcloud-storage."
     "ru",
     remote_unset_options, MESSAGES, false, cli_remote_modify},
    {"remote default", "Versioning", "print or set the default remote",
     "[NAME]", 0, 1, "clickmill remote default vk", remote_unset_options,
     MESSAGES, false, cli_remote_default},
    {"remote remove", "Versioning", "forget a remote", "NAME", 1, 1,
     "clickmill remote remove vk", level_options, MESSAGES, false,
     cli_remote_remove},
    {"remote rename", "Versioning", "give a remote another name", "NAME NEW", 2,
     2, "clickmill remote rename vk cloud", level_options, MESSAGES, false,
     cli_remote_rename},
    {"dvc config", "Versioning", "print or set an option of DVC",
     "[SECTION.OPTION [VALUE]]", 0, 2,
     "clickmill dvc config cache.type reflink,hardlink,copy",
     dvc_config_options, MESSAGES, false, cli_dvc_config},
    {"add", "Versioning", "track files and folders with DVC's files", "PATH...",
     1, CLI_MAX_WORDS, "clickmill add data/raw models/catclf.cbm", add_options,
     MESSAGES, false, cli_add},
    {"checkout", "Versioning", "make tracked files what their .dvc files say",
     "[PATH...]", 0, CLI_MAX_WORDS, "clickmill checkout data/raw",
     checkout_options, MESSAGES, false, cli_checkout},
    {"status", "Versioning", "tracked files that changed", "[PATH...]", 0,
     CLI_MAX_WORDS, "clickmill status --cloud", status_options, MESSAGES, false,
     cli_status},
    {"push", "Versioning", "send what is tracked to a remote", "[PATH...]", 0,
     CLI_MAX_WORDS, "clickmill push --remote vk", sync_options, MESSAGES, false,
     cli_push},
    {"fetch", "Versioning", "get what is tracked into the cache", "[PATH...]",
     0, CLI_MAX_WORDS, "clickmill fetch data/raw", sync_options, MESSAGES,
     false, cli_fetch},
    {"pull", "Versioning", "fetch, then checkout", "[PATH...]", 0,
     CLI_MAX_WORDS, "clickmill pull data/raw", pull_options, MESSAGES, false,
     cli_pull},
    {"import-url", "Versioning",
     "track a file or folder of S3, and remember where it is from", "URL [OUT]",
     1, 2, "clickmill import-url s3://bucket/logs/2026 data/logs",
     import_url_options, MESSAGES, false, cli_import_url},
    {"update", "Versioning", "import again what has changed at its source",
     "[FILE.dvc...]", 0, CLI_MAX_WORDS, "clickmill update data/logs.dvc",
     update_options, MESSAGES, false, cli_update},
    {"diff", "Versioning",
     "how what is tracked changed between two commits, HEAD and the workspace "
     "unless said else",
     "[OLD [NEW]]", 0, 2, "clickmill diff main --targets data/raw",
     tracked_diff_options, MESSAGES, false, cli_diff},
    {"gc", "Versioning",
     "remove objects that nothing names from the cache or a remote",
     "[FOLDER...]", 0, CLI_MAX_WORDS, "clickmill gc --workspace --all-branches",
     gc_options, MESSAGES, false, cli_gc},
    {"repro", "Versioning", "run the stages of dvc.yaml that changed",
     "[STAGE...]", 0, CLI_MAX_WORDS, "clickmill repro train", repro_options,
     MESSAGES, false, cli_repro},
    {"dag", "Versioning", "the stages, and what each of them needs", "[STAGE]",
     0, 1, "clickmill dag train --mermaid", dag_options, MESSAGES, false,
     cli_dag},
    {"metrics show", "Versioning", "metrics that the stages name", "[FILE...]",
     0, CLI_MAX_WORDS, "clickmill metrics show", metrics_options, MESSAGES,
     false, cli_metrics_show},
    {"metrics diff", "Versioning",
     "how metrics changed between two commits, HEAD and the workspace unless "
     "said else",
     "[OLD [NEW]]", 0, 2, "clickmill metrics diff main", values_diff_options,
     MESSAGES, false, cli_metrics_diff},
    {"params diff", "Versioning",
     "how parameters changed between two commits, HEAD and the workspace "
     "unless "
     "said else",
     "[OLD [NEW]]", 0, 2, "clickmill params diff", values_diff_options,
     MESSAGES, false, cli_params_diff},
    {"runs push", "Tracking",
     "send runs to an MLflow server, what it lacks of them", "[ID...]", 0,
     CLI_MAX_WORDS, "clickmill runs push --all", runs_push_options,
     TRACKING | MESSAGES, true, cli_runs_push},
    {"config show", "Configuration",
     "the values in effect and where each came from", "", 0, 0,
     "clickmill config show --config configs/train_config.yaml", json_option,
     PATHS | INPUT | SPLIT | FEATURES | TRAINING | TRACKING | REPORT | MESSAGES,
     true, cli_config_show},
    {"config doc", "Configuration", "docs/parameters.md: every parameter", "",
     0, 0, "clickmill config doc > docs/parameters.md", no_options, MESSAGES,
     false, cli_config_doc},
    {"metrics doc", "Configuration", "docs/metrics.md: every metric of serving",
     "", 0, 0, "clickmill metrics doc > docs/metrics.md", no_options, MESSAGES,
     false, cli_metrics_doc},
    {"version", "Help", "version, and what it was built with", "", 0, 0,
     "clickmill version --build", version_options, 0, false, cli_version},
    {"help", "Help", "this list, or the help of a command", "[COMMAND]", 0, 2,
     "clickmill help train", no_options, 0, false, cli_help_command},
    {NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, 0, false, NULL}};
