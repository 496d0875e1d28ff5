"""What `train` leaves in the local store: the model as MLflow itself loads it,
what was logged beside what the training said, and runs that were killed."""
import csv
import json
import os
import signal
import subprocess
import tempfile
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
import mlflow  # noqa: E402

from assertions import check, finish, poll  # noqa: E402

ROOT = os.environ["ROOT"]
CLICKMILL = os.environ["CLICKMILL"]
CONFIG = os.path.join(ROOT, "configs/train_config.yaml")
AVAZU = os.path.join(os.path.abspath(os.environ.get(
    "CLICKMILL_TEST_DATA", os.path.join(ROOT, "../shared/data"))),
    "avazu/avazu_sample.csv")
KILLS = int(os.environ.get("TRACKING_TEST_KILLS", "5"))
PATIENCE = 120  # seconds


def clickmill(*words):
    return subprocess.run([CLICKMILL, *words], check=True, capture_output=True,
                          text=True).stdout


def train(log, *words):
    return json.loads(clickmill("train", "--config", CONFIG,
                                "--input-data-path", log, "--json", "--quiet",
                                *words))


def newest_run():
    newest = json.loads(clickmill("runs", "list", "--json"))[0]["id"]
    return json.loads(clickmill("runs", "show", newest, "--json"))


# ---- the model ---------------------------------------------------------------

def features_of(log):
    """The validation rows as the model takes them, and what clickmill says."""
    clickmill("features", "--config", CONFIG, "--input", log, "--output",
              "features", "--quiet")
    rows = pd.read_csv("features/validation.csv", dtype={"id": str})
    matrix = rows[[c for c in rows.columns if c.endswith("_ctr")]]
    matrix.columns = [c[:-len("_ctr")] for c in matrix.columns]
    clickmill("predict", "--model", "models", "--input", log, "--output",
              "predictions.csv", "--quiet")
    with open("predictions.csv") as file:
        said = {r["id"]: float(r["click_proba"]) for r in csv.DictReader(file)}
    return matrix, rows["id"].map(said).to_numpy()


def check_model(name, log, *words):
    train(log, *words)
    folder = os.path.join(newest_run()["folder"], "model")
    matrix, said = features_of(log)
    model = mlflow.pyfunc.load_model(folder)
    apart = np.abs(model.predict(matrix) - said).max()
    check("%s: pyfunc gives clickmill's probabilities" % name, apart <= 1e-9,
          apart)
    native = mlflow.catboost.load_model(folder)
    apart = np.abs(native.predict_proba(matrix)[:, 1] - said).max()
    check("%s: so does predict_proba of the catboost flavour" % name,
          apart <= 1e-9, apart)
    check("%s: the signature names the columns" % name,
          model.metadata.signature.inputs.input_names() == list(matrix.columns)
          == native.feature_names_)
    example = model.input_example
    rows = set(map(tuple, np.nan_to_num(matrix.to_numpy(), nan=-1)))
    check("%s: the example is five rows that validate" % name,
          len(example) == 5 and rows.issuperset(
              map(tuple, np.nan_to_num(example.to_numpy(), nan=-1))))
    check("%s: the signature takes no other columns" % name,
          refuses(model, matrix.rename(columns={"site_id": "other"})))
    with open(os.path.join(folder, "serving_input_example.json")) as file:
        served = json.load(file)["dataframe_split"]
    check("%s: both examples are equal" % name,
          np.array_equal(np.array(served["data"], dtype=float),
                         example.to_numpy(), equal_nan=True))


def refuses(model, matrix):
    try:
        model.predict(matrix)
        return False
    except mlflow.exceptions.MlflowException:
        return True


# ---- what was logged ---------------------------------------------------------

def check_logged(log):
    said = train(log, "--train-params.use-best-model", "true", "--run-name",
                 "a run", "--mlflow-experiment", "an experiment")
    run = newest_run()
    check("name, experiment and status",
          (run["name"], run["experiment"], run["status"])
          == ("a run", "an experiment", "FINISHED"))
    wrong = [key for key, value in said["metrics"].items()
             if key != "calibration" and run["metrics"].get(key) != value]
    check("metrics are those that train printed", wrong == [], wrong)
    stages = {"seconds_" + key: value for key, value in said["seconds"].items()}
    check("so are the seconds",
          all(run["metrics"][key] == value for key, value in stages.items()))
    with open("models/metrics.json") as file:
        curve = json.load(file)["learning_curve"]
    for ours, theirs in (("train_log_loss", "train_log_loss"),
                         ("validation_log_loss", "log_loss"),
                         ("validation_roc_auc", "roc_auc")):
        points = run["history"][ours]
        check("%s by step" % ours,
              [p["value"] for p in points] == curve[theirs]
              and [p["step"] for p in points] == curve["trees"])
    shown = json.loads(clickmill(
        "config", "show", "--config", CONFIG, "--json", "--input-data-path",
        log, "--train-params.use-best-model", "true", "--run-name", "a run",
        "--mlflow-experiment", "an experiment"))
    check_params(run["params"], shown)
    check("dataset, bundle and version are tags",
          run["tags"]["clickmill.bundle_version"] == said["version"]
          and {"clickmill.dataset", "clickmill.version", "mlflow.user"}
          <= set(run["tags"]))
    check("metrics.json and config.yaml are kept",
          {"metrics.json", "config.yaml"} <= set(run["artifacts"]))


SERVER_KEYS = ("model_path", "host", "port", "threads", "precision",
               "echo_column", "model_name", "access_log", "watch_interval")


def text_of(value):
    return value if isinstance(value, str) else json.dumps(
        value, separators=(",", ":"))


def check_params(logged, shown):
    """Every parameter but a server's, with the value in effect; auto may have
    become a value."""
    expected = {key: text_of(one["value"]) for key, one in shown.items()
                if key not in SERVER_KEYS
                and not key.startswith(("limits.", "admin_"))}
    check("every parameter is logged", set(logged) == set(expected),
          set(logged) ^ set(expected))
    wrong = {key: (value, logged.get(key)) for key, value in expected.items()
             if value not in ("auto", "-1") and logged.get(key) != value
             and key not in ("quiet", "log_format")}
    check("with the value in effect", wrong == {}, wrong)
    check("and what was chosen in place of auto",
          not {"auto", "-1"} & {logged["train_params." + key] for key in (
              "bootstrap_type", "subsample", "score_function",
              "leaf_estimation_iterations", "thread_count")})


def check_digest(log):
    """By content: the same for the log, compressed or read before."""
    def digests():
        with open(os.path.join(newest_run()["folder"], "run.json")) as file:
            data = json.load(file)
        return (data["tags"]["clickmill.dataset"],
                [(d["context"], d["digest"]) for d in data["datasets"]],
                [json.loads(d["profile"])["num_rows"]
                 for d in data["datasets"]])
    train(log)
    first = digests()
    subprocess.run("gzip -c '%s' >log.csv.gz" % log, shell=True, check=True)
    train("log.csv.gz", "--train-params.thread-count", "1")
    check("the digest does not depend on file and threads",
          digests() == first, (first, digests()))
    check("both parts are inputs, with rows and digests of their own",
          [c for c, _ in first[1]] == ["train", "eval"]
          and len({d for _, d in first[1]}) == 2
          and sum(first[2]) == 20000, first)
    with open(log) as file:
        lines = file.readlines()
    with open("other.csv", "w") as file:
        file.writelines(lines[:-1])
    train("other.csv")
    check("one row less is another digest", digests()[0] != first[0])


# ---- git ---------------------------------------------------------------------

def git(folder, *words):
    return subprocess.run(
        ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b",
         *words], check=True, capture_output=True, text=True).stdout.strip()


def head_of(folder, log):
    """What a training in the folder says of its code: commit and branch."""
    subprocess.run([CLICKMILL, "train", "--input", log, "--iterations", "2",
                    "--quiet", "--runs-path", os.path.abspath("gitruns")],
                   check=True, cwd=folder, stdout=subprocess.DEVNULL)
    tags = json.loads(clickmill("runs", "list", "--runs-path", "gitruns",
                                "--json"))[0]["tags"]
    return (tags.get("mlflow.source.git.commit"),
            tags.get("mlflow.source.git.branch"))


def check_git(log):
    log = os.path.abspath(log)
    os.makedirs("code/sub")
    check("git: no repository, no tag", head_of("code", log) == (None, None))
    git("code", "init", "-q", "-b", "feature/x")
    check("git: no commit, no tag", head_of("code", log) == (None, None))
    git("code", "commit", "-q", "--allow-empty", "-m", "first")
    first = git("code", "rev-parse", "HEAD")
    check("git: commit and branch", head_of("code", log)
          == (first, "feature/x"))
    check("git: from a folder below", head_of("code/sub", log)
          == (first, "feature/x"))
    git("code", "pack-refs", "--all")
    check("git: packed refs", head_of("code", log) == (first, "feature/x"))
    git("code", "worktree", "add", "-q", "-b", "other", "../tree")
    git("tree", "commit", "-q", "--allow-empty", "-m", "second")
    second = git("tree", "rev-parse", "HEAD")
    check("git: a worktree", head_of("tree", log) == (second, "other"))
    git("tree", "pack-refs", "--all")
    check("git: a worktree, packed", head_of("tree", log) == (second, "other"))
    git("code", "checkout", "-q", "--detach", second)
    check("git: no branch", head_of("code", log) == (second, None))


# ---- kills -------------------------------------------------------------------

def moments():
    """When to kill: from the first sign of the run to many trees later."""
    def metrics():
        folders = os.listdir("killed") if os.path.isdir("killed") else []
        return [os.path.join("killed", f, "metrics.tsv") for f in folders
                if len(f) == 32]
    yield lambda: any(os.path.exists(os.path.join(os.path.dirname(m),
                                                  "run.json"))
                      for m in metrics())
    for size in range(1, KILLS):
        yield lambda: any(os.path.exists(m)
                          and os.path.getsize(m) >= size * 60000
                          for m in metrics())


def check_kills(log):
    for number, now in enumerate(moments()):
        subprocess.run(["rm", "-rf", "killed"], check=True)
        child = subprocess.Popen(
            [CLICKMILL, "train", "--input", log, "--iterations", "100000",
             "--depth", "2", "--use-best-model", "true", "--quiet",
             "--runs-path", "killed"])
        seen = poll(now, PATIENCE, 0.001)
        alive = json.loads(clickmill("runs", "list", "--runs-path", "killed",
                                     "--json"))
        child.send_signal(signal.SIGKILL)
        ended = child.wait()
        dead = json.loads(clickmill("runs", "list", "--runs-path", "killed",
                                    "--json"))
        check("kill %d: RUNNING before, KILLED after" % number,
              seen and ended == -signal.SIGKILL
              and [r["status"] for r in alive + dead]
              == ["RUNNING", "KILLED"], (alive, dead))
        shown = json.loads(clickmill("runs", "show", dead[0]["id"], "--json",
                                     "--runs-path", "killed"))
        steps = [p["step"] for p in shown["history"].get("train_log_loss", [])]
        check("kill %d: %d trees read back, none missing before the last"
              % (number, len(steps)),
              steps == list(range(1, len(steps) + 1))
              and (number == 0 or len(steps) > 0))


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        clickmill("generate", "--rows", "20000", "--seed", "5", "--output",
                  "log.csv", "--quiet")
        check_model("generated log", "log.csv")
        check_model("as .cbm", "log.csv", "--output-model-path",
                    "models/catclf.cbm")
        if os.path.exists(AVAZU):
            check_model("Avazu sample", AVAZU)
        check_logged("log.csv")
        check_digest("log.csv")
        check_git("log.csv")
        check_kills("log.csv")
        os.chdir("/")
    finish()


if __name__ == "__main__":
    main()
