"""Applying a model: clickmill against CatBoost, one thread each, on the 44
numbers a row of matrix.py.

CatBoost trains the model, and both sides score the same floats with it, in
turn, in one run.  CatBoost is given a Pool that is already built; clickmill is
given the floats, row by row in memory, in a program that embeds it
(bench/apply.c).
"""
import os
import re
import shutil
import statistics
import subprocess
import time

import matrix
import numpy as np
from catboost import CatBoostClassifier, Pool
from common import (ROOT, WORK, fresh_work_folder, machine, note, options,
                    publish, spread, table, verdict)

PROGRAM = os.path.join(ROOT, "build", "bench_apply")
TREES = 100
COUNTED_ROWS = 1000


class Ours:
    """The embedding program, waiting for what to score."""

    def __init__(self, model, rows):
        self.raw_path = os.path.join(WORK, "raw.f64")
        self.child = subprocess.Popen([PROGRAM, model, rows, self.raw_path],
                                      stdin=subprocess.PIPE, text=True,
                                      stdout=subprocess.PIPE)

    def seconds(self, what):
        self.child.stdin.write(what + "\n")
        self.child.stdin.flush()
        return float(self.child.stdout.readline())

    def raw(self):
        """The last raw values; the program ends."""
        self.child.stdin.close()
        assert self.child.wait() == 0
        return np.fromfile(self.raw_path)


def train(rows):
    """The model, its path, the path of the rows to score, and the rows."""
    folder = os.path.join(WORK, "matrix")
    note(f"matrix of {rows} rows")
    matrix.make(folder, rows)
    x, y, xe = (np.load(os.path.join(folder, name + ".npy"))
                for name in ("X", "y", "Xe"))
    note(f"CatBoost trains on {len(x)} rows")
    model = CatBoostClassifier(iterations=TREES, depth=6, learning_rate=.1,
                               random_seed=1, verbose=False,
                               allow_writing_files=False)
    model.fit(x, y)
    path = os.path.join(WORK, "model.json")
    model.save_model(path, format="json")
    xe = np.ascontiguousarray(xe, np.float32)
    rows_path = os.path.join(WORK, "rows.f32")
    xe.tofile(rows_path)
    return model, path, rows_path, xe


def borders_used(model):
    return sum(len(borders) for borders in model.get_borders().values())


def instructions(model, rows):
    """Instructions a row, one row a call and all in one, by callgrind."""
    if shutil.which("valgrind") is None:
        return None
    few = os.path.join(WORK, "few.f32")
    rows[:COUNTED_ROWS].tofile(few)
    counts = []
    for what in ("single", "all"):
        log = os.path.join(WORK, "callgrind.txt")
        subprocess.run(["valgrind", "--tool=callgrind",
                        "--toggle-collect=cm_model_predict",
                        "--callgrind-out-file=/dev/null", f"--log-file={log}",
                        PROGRAM, model, few, os.path.join(WORK, "few.f64")],
                       input=what + "\n", text=True, check=True,
                       stdout=subprocess.DEVNULL)
        with open(log) as lines:
            counted = re.search(r"Collected : (\d+)", lines.read())
        counts.append(int(counted.group(1)) / COUNTED_ROWS)
    return counts


def compare(model, path, rows_path, rows, rounds):
    """Seconds of every round by what was timed; whether all bits agree."""
    pool = Pool(rows)
    ours = Ours(path, rows_path)
    took = {"catboost": [], "all": [], "single": []}
    for i in range(rounds):
        start = time.perf_counter()
        wanted = model.predict(pool, prediction_type="RawFormulaVal",
                               thread_count=1)
        took["catboost"].append(time.perf_counter() - start)
        for what in ("single", "all"):
            took[what].append(ours.seconds(what))
    return took, bool(np.array_equal(ours.raw(), wanted))


def section(rows, rounds):
    subprocess.run(["make", "-s", "-C", ROOT, "build/bench_apply"], check=True)
    model, path, rows_path, scored = train(rows)
    note(f"{rounds} rounds of {len(scored)} rows")
    took, equal = compare(model, path, rows_path, scored, rounds)
    n, m = scored.shape
    per_tree = {what: [s * 1e9 / n / TREES for s in seconds]
                for what, seconds in took.items()}
    times = statistics.median(
        theirs / ours for theirs, ours in zip(took["catboost"], took["all"]))
    single = [s * 1e9 / n for s in took["single"]]
    counted = instructions(path, scored)
    count = ["(no valgrind)"] * 2 if counted is None else \
        [f"{c:.0f}" for c in counted]
    return "\n".join([
        "## Applying a model\n",
        f"Written by `make bench-apply`. {n:,} rows of {m} floats, "
        f"{TREES} trees of depth 6, {borders_used(model)} borders, one "
        "thread.\nCatBoost predicts raw values of a Pool that is already "
        "built; clickmill starts from the floats,\nquantization included. "
        f"{rounds} rounds in turn; the ratio is the median of the rounds'.\n",
        machine(("catboost", "numpy")),
        table(["", "ns a row and tree", "instructions a row"],
              [["CatBoost, predict on a Pool", spread(per_tree["catboost"]),
                ""],
               ["clickmill, all rows in a call", spread(per_tree["all"], 3),
                count[1]],
               ["clickmill, one row a call", spread(per_tree["single"], 3),
                count[0]]]),
        table(["applying", "bar", "measured", ""],
              [["times faster than CatBoost", "≥ 4", f"{times:.1f}",
                verdict(times >= 4)],
               ["raw values equal to CatBoost's", "to the last bit",
                "equal" if equal else "different", verdict(equal)],
               ["one row, ns", "≤ 200", spread(single, 0),
                verdict(statistics.median(single) <= 200)]])])


def main():
    chosen = options(__doc__).parse_args()
    rows, rounds = (200_000, 5) if chosen.quick else (1_000_000, 25)
    fresh_work_folder()
    publish("apply", section(rows, rounds), chosen.write)
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
