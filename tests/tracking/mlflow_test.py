"""Runs of the local store pushed to a real MLflow server, and read back with
MLflow's own client: equal to what was logged, each thing once."""
import csv
import itertools
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
import warnings

import numpy
import pandas

warnings.filterwarnings("ignore")
import mlflow  # noqa: E402

from assertions import check, finish, poll  # noqa: E402
from compare import LocalRun, differences, find_runs  # noqa: E402
from mlflow_server import MlflowServer, free_port  # noqa: E402

ROOT, BUILD = os.environ["ROOT"], os.environ["BUILD"]
CLICKMILL = os.environ["CLICKMILL"]
CONFIG = os.path.join(ROOT, "configs/train_config.yaml")
AVAZU = os.path.join(os.path.abspath(os.environ.get(
    "CLICKMILL_TEST_DATA", os.path.join(ROOT, "../shared/data"))),
    "avazu/avazu_sample.csv")
PROBE = os.path.join(BUILD, "tests/parity/probe_tracking")
MOST_REQUESTS = 12  # for 1,000 iterations of 6 metrics


def probe(*words):
    done = subprocess.run([PROBE, *map(str, words)], capture_output=True,
                          text=True)
    if done.returncode != 0:
        sys.exit("probe_tracking %s: %s" % (words[0], done.stderr))
    return done.stdout.strip()


def write_run(folder, iterations, metrics, files=()):
    store = os.path.join(folder, "runs")
    return store, probe("write", store, iterations, metrics, *files)


def some_files(folder):
    made = []
    for name, size in (("metrics.json", 20), ("a b ж.bin", 3000000),
                       ("empty", 0)):
        made.append(os.path.join(folder, name))
        with open(made[-1], "wb") as file:
            file.write(os.urandom(size))
    return made


def test_once(server, folder):
    """All of it arrives, and stays once when the memory of it is lost."""
    store, run_id = write_run(folder, 1000, 6, some_files(folder))
    run = LocalRun(os.path.join(store, run_id))
    probe("push", store, run_id, server.uri, 60)
    check("everything reads back equal",
          (found := differences(server.client(), run)) == [], found)
    batches = [one for one in server.requests() if "log-batch" in one]
    check("1,000 x 6 metrics take %d requests" % len(batches),
          0 < len(batches) <= MOST_REQUESTS)
    before = len(server.requests())
    said = probe("push", store, run_id, server.uri, 60)
    check("a second push asks nothing", len(server.requests()) == before, said)
    os.remove(os.path.join(run.folder, "sent.json"))
    probe("push", store, run_id, server.uri, 60)
    check("a push without memory doubles nothing",
          (found := differences(server.client(), run)) == [], found)
    with open(os.path.join(run.folder, "sent.json"), "w") as file:
        file.write('{"damaged": ')
    probe("push", store, run_id, server.uri, 60)
    check("nor does one with a damaged memory",
          (found := differences(server.client(), run)) == [], found)


def test_together(server, folder):
    """Two processes that push at once: one run."""
    store, run_id = write_run(folder, 20, 3)
    both = [subprocess.Popen([PROBE, "push", store, run_id, server.uri, "60"],
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
            for _ in range(2)]
    said = [one.communicate()[1] for one in both]
    run = LocalRun(os.path.join(store, run_id))
    check("two pushes at once make one run",
          len(find_runs(server.client(), run)) == 1
          and differences(server.client(), run) == [], said)


# ---- a training -------------------------------------------------------------

def clickmill(folder, *words, **environment):
    done = subprocess.run([CLICKMILL, *words], cwd=folder, capture_output=True,
                          text=True, env={**os.environ, **environment})
    if done.returncode != 0:
        sys.exit("clickmill %s: %s" % (words[0], done.stderr))
    return done


def features_of(folder, log):
    """The validation rows as the model takes them, and what clickmill says."""
    clickmill(folder, "features", "--config", CONFIG, "--input", log,
              "--output", "features")
    rows = pandas.read_csv(os.path.join(folder, "features/validation.csv"),
                           dtype={"id": str})
    matrix = rows[[c for c in rows.columns if c.endswith("_ctr")]]
    matrix.columns = [c[:-len("_ctr")] for c in matrix.columns]
    clickmill(folder, "predict", "--model", "models", "--input", log,
              "--output", "predictions.csv")
    with open(os.path.join(folder, "predictions.csv")) as file:
        said = {r["id"]: float(r["click_proba"]) for r in csv.DictReader(file)}
    return matrix, rows["id"].map(said).to_numpy()


def test_training(server, folder):
    log = AVAZU
    if not os.path.exists(log):
        log = os.path.join(folder, "log.csv")
        clickmill(folder, "generate", "--rows", "20000", "--output", log)
    done = clickmill(folder, "train", "--config", CONFIG, "--input", log,
                     "--runs-path", "trained", "--register", "click",
                     "--alias", "champion", MLFLOW_TRACKING_URI=server.uri)
    said = [one for one in done.stderr.splitlines() if "MLflow server" in one]
    check("train says where the run is", len(said) == 1, done.stderr)
    store = os.path.join(folder, "trained")
    [run_id] = [name for name in os.listdir(store) if len(name) == 32]
    run = LocalRun(os.path.join(store, run_id))
    check("a training reads back equal",
          (found := differences(server.client(), run)) == [], found)
    test_model(server, folder, log)
    return run, log


def test_model(server, folder, log):
    matrix, said = features_of(folder, log)
    mlflow.set_tracking_uri(server.uri)
    model = mlflow.catboost.load_model("models:/click@champion")
    far = abs(model.predict_proba(matrix)[:, 1] - said).max()
    check("the catboost flavour predicts the same, %g apart at most" % far,
          far <= 1e-9)
    loaded = mlflow.pyfunc.load_model("models:/click/1")
    far = abs(numpy.asarray(loaded.predict(matrix)) - said).max()
    check("pyfunc predicts the same, %g apart at most" % far, far <= 1e-9)
    named = [column.name for column in loaded.metadata.signature.inputs]
    check("the signature names the columns", named == list(matrix.columns),
          named)


# ---- serving ----------------------------------------------------------------

def ask(port, body):
    request = urllib.request.Request(
        "http://127.0.0.1:%d/predict" % port, body,
        {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return [round(row["click_proba"], 9) for row in json.load(answer)]


def first_rows(log, n):
    with open(log, newline="") as file:
        rows = list(itertools.islice(csv.reader(file), n + 1))
    return json.dumps({"features": rows[0], "data": rows[1:]}).encode()


def said_by(folder, model, log, n, **environment):
    out = os.path.join(folder, "said.csv")
    clickmill(folder, "predict", "--model", model, "--input", log, "--output",
              out, **environment)
    with open(out) as file:
        return [round(float(row["click_proba"]), 9)
                for row in itertools.islice(csv.DictReader(file), n)]


def test_serving(server, folder, log):
    """predict and serve take the model from the server, and follow its
    alias."""
    where = {"MLFLOW_TRACKING_URI": server.uri,
             "XDG_CACHE_HOME": os.path.join(folder, "cache")}
    first = said_by(folder, "models", log, 5)
    check("predict takes models:/click@champion", first == said_by(
        folder, "models:/click@champion", log, 5, **where))
    port = free_port()
    serving = subprocess.Popen(
        [CLICKMILL, "serve", "--model", "models:/click@champion", "--port",
         str(port), "--ask-interval", "0.2", "--precision", "12"],
        cwd=folder, env={**os.environ, **where}, stderr=subprocess.PIPE,
        text=True)
    body = first_rows(log, 5)

    def answers(expected):
        try:
            return ask(port, body) == expected
        except OSError:
            return False

    try:
        check("serve speaks with models:/click@champion",
              poll(lambda: answers(first), 60, 0.1))
        clickmill(folder, "train", "--config", CONFIG, "--input", log,
                  "--iterations", "5", "--runs-path", "trained", "--register",
                  "click", "--alias", "champion", **where)
        second = said_by(folder, "models", log, 5)
        check("serve follows the alias to the next version",
              first != second and poll(lambda: answers(second), 60, 0.1))
        server.kill()
        check("and goes on when the server is gone", answers(second))
        check("predict knows what the alias was", second == said_by(
            folder, "models:/click@champion", log, 5, **where))
    finally:
        serving.terminate()
        serving.communicate()


def test_page(server, run):
    """What a person sees, in a browser of another environment."""
    [there] = find_runs(server.client(), run)
    python = os.path.join(BUILD, "venv/bin/python")
    done = subprocess.run(
        [python, os.path.join(ROOT, "tests/tracking/page.py"), server.uri,
         there.info.experiment_id, there.info.run_id],
        capture_output=True, text=True) if os.path.exists(python) else None
    if done is None or done.returncode == 77:
        print("skipped the page: no browser")
        return
    print(done.stdout, end="")
    check("the page shows the run", done.returncode == 0, done.stderr)


def main():
    with MlflowServer() as server, tempfile.TemporaryDirectory() as folder:
        test_once(server, folder)
        test_together(server, folder)
        run, log = test_training(server, folder)
        test_page(server, run)
        test_serving(server, folder, log)  # kills the server
    finish()


if __name__ == "__main__":
    main()
