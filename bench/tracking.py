"""What keeping a run costs a training: without a run, with one in the local
store, and with one that is also sent to a real MLflow server on the same cores.

The three take turns, in one run.  The stages' own seconds leave out the push,
which comes when the bundle is there; whole processes have all of it.
"""
import json
import os
import shutil
import statistics
import subprocess

from common import (CLICKMILL, ROOT, WORK, Run, fresh_work_folder, machine,
                    note, options, publish, spread, table, verdict, warm)

BAR = 0.02
CONFIG = os.path.join(ROOT, "configs", "train_config.yaml")
PYTHON = os.path.join(ROOT, "build", "venv-mlflow", "bin", "python")


class Server:
    """tests/tracking/mlflow_server.py, with MLflow of its own environment."""

    def __enter__(self):
        subprocess.run(["tools/make-venv.sh", "build/venv-mlflow",
                        "tests/tracking/requirements.txt"], cwd=ROOT,
                       check=True)
        self.child = subprocess.Popen(
            [PYTHON, os.path.join(ROOT, "tests/tracking/mlflow_server.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.uri = self.child.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait()


def command(log, *more):
    return [CLICKMILL, "train", "--config", CONFIG, "--input", log,
            "--input-preprocessed-data-path", "", "--json", "--quiet", *more]


def measure(log, uri, rounds):
    """Seconds by variant: of whole processes and of the stages."""
    quiet = {k: v for k, v in os.environ.items() if "MLFLOW" not in k}
    variants = {
        "no run": (command(log, "--runs-path", ""), quiet),
        "local store": (command(log), quiet),
        "and MLflow": (command(log),
                       {**quiet, "MLFLOW_TRACKING_URI": uri}),
    }
    found = {name: ([], []) for name in variants}
    for i in range(rounds + 1):
        note(f"round {i} of {rounds}")
        for name, (words, environment) in variants.items():
            run = Run(words, env=environment)
            if i > 0:  # the first one warms up
                found[name][0].append(run.seconds)
                found[name][1].append(
                    json.loads(run.output)["seconds"]["total"])
    return found


def section(rows, rounds):
    log = os.path.join(WORK, "log.csv")
    Run([CLICKMILL, "generate", "--rows", str(rows), "--output", log,
         "--quiet"])
    warm(log)
    with Server() as server:
        found = measure(log, server.uri, rounds)
    base = found["no run"]

    def added(name, which):
        return statistics.median(
            b / a for a, b in zip(base[which], found[name][which])) - 1

    lines = [[name, spread(whole, 3), spread(stages, 3),
              "" if name == "no run" else f"{added(name, 1):+.1%}"]
             for name, (whole, stages) in found.items()]
    store, server = added("local store", 1), added("and MLflow", 1)
    push = (statistics.median(found["and MLflow"][0])
            - statistics.median(found["local store"][0]))
    return "\n".join([
        "## Keeping runs\n",
        f"Written by `bench/run.sh tracking`. {rows:,} generated rows, the "
        f"reference configuration, {rounds} rounds in turn; what is added is "
        "the median of the rounds'.\n",
        machine(()),
        table(["", "whole process, s", "stages, s", "added to the stages"],
              lines),
        table(["keeping runs", "bar", "measured", ""],
              [["added by the local store", "≤ 2 %", f"{store:+.1%}",
                verdict(store <= BAR)],
               ["added with a server", "≤ 2 %", f"{server:+.1%}",
                verdict(server <= BAR)],
               ["the push at the end, s", "–", f"{push:.2f}", ""]])])


def main():
    chosen = options(__doc__).parse_args()
    rows, rounds = (100_000, 3) if chosen.quick else (1_000_000, 11)
    fresh_work_folder()
    publish("tracking", section(rows, rounds), chosen.write)
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
