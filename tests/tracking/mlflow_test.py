"""Runs of the local store pushed to a real MLflow server, and read back with
MLflow's own client: equal to what was logged, each thing once."""
import os
import subprocess
import sys
import tempfile

from assertions import check, finish
from compare import LocalRun, differences, find_runs
from mlflow_server import MlflowServer

BUILD = os.environ["BUILD"]
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


def main():
    with MlflowServer() as server, tempfile.TemporaryDirectory() as folder:
        test_once(server, folder)
        test_together(server, folder)
    finish()


if __name__ == "__main__":
    main()
