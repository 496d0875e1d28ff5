"""The learner: clickmill fit against CatBoost, LightGBM and XGBoost, on 44
numbers a row of a click log.  matrix.py makes them.

Everything is in turn, in one run: a round trains each learner once, with the
round's number as its seed.  --long adds ten times the rows.
"""
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

import matrix
from common import (CLICKMILL, ROOT, WORK, Run, fresh_work_folder, machine,
                    note, options, publish, spread, table, verdict)
from learners import LEARNERS, THREADS, load, log_loss

PEERS = ("catboost", "lightgbm", "xgboost-cpu", "numpy")
OURS, OURS_ALL_ROWS = "clickmill fit", "clickmill fit, all rows for the splits"
FLAGS = {OURS: [], OURS_ALL_ROWS: ["--bootstrap-type", "No"]}
BARS = ("CatBoost", "LightGBM")  # what the bars name; trained in every round


class Trained:
    """seconds: what counts; process: the whole process; log_loss: tested."""

    def __init__(self, seconds, process, loss):
        self.seconds, self.process, self.log_loss = seconds, process, loss


def fit_command(folder, model, *flags, threads=THREADS):
    return [CLICKMILL, "fit", os.path.join(folder, "X.npy"),
            os.path.join(folder, "y.npy"), "--iterations", "100", "--depth",
            "6", "--learning-rate", "0.1", "--thread-count", str(threads),
            "--model", model, "--quiet", "--json", *flags]


class Bench:
    def __init__(self, rows, folder):
        note(f"matrix of {rows} rows")
        self.folder = folder
        self.n, self.m = matrix.make(folder, rows)
        self.model = os.path.join(folder, "model.cbm")
        self.test, self.labels = load(folder, "Xe", "ye")

    def fit(self, *flags, **how):
        """Our train_seconds, and the whole process."""
        run = Run(fit_command(self.folder, self.model, *flags, **how))
        return json.loads(run.output)["train_seconds"], run.seconds

    def model_loss(self):
        """Of the model file last written, scored by CatBoost itself."""
        from catboost import CatBoostClassifier
        model = CatBoostClassifier().load_model(self.model)
        return log_loss(self.labels, model.predict_proba(self.test)[:, 1])

    def train(self, name, seed):
        if name in FLAGS:
            seconds, process = self.fit("--random-seed", str(seed),
                                        *FLAGS[name])
            return Trained(seconds, process, self.model_loss())
        run = Run([sys.executable, os.path.join(ROOT, "bench", "learners.py"),
                   name, self.folder, str(seed)])
        said = json.loads(run.output)
        return Trained(said["seconds"], run.seconds, said["log_loss"])

    def peak_anonymous(self):
        """Bytes: the largest RssAnon of a training, looked at every 2 ms."""
        child = subprocess.Popen(fit_command(self.folder, self.model),
                                 stdout=subprocess.DEVNULL)
        peak = 0
        while child.poll() is None:
            peak = max(peak, anonymous_bytes(child.pid))
            time.sleep(.002)
        if child.returncode:
            sys.exit(f"clickmill fit: exit {child.returncode}")
        return peak


def anonymous_bytes(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0


# ---- the parts --------------------------------------------------------------

def train_rounds(bench, rounds):
    """By learner, one Trained a round; a peer's variants have one round."""
    results = {name: [] for name in (*FLAGS, *LEARNERS)}
    for seed in range(1, rounds + 1):
        for name, done in results.items():
            if seed == 1 or name in FLAGS or name in BARS:
                note(f"round {seed}: {name}")
                done.append(bench.train(name, seed))
    return results


def seconds_of(results, name):
    return statistics.median(x.seconds for x in results[name])


def loss_of(results, name):
    return statistics.mean(x.log_loss for x in results[name])


def learners_table(results):
    def row(name, done):
        losses = [x.log_loss for x in done]
        return [name, str(len(done)), spread([x.seconds for x in done]),
                spread([x.process for x in done]),
                f"{statistics.mean(losses):.5f}",
                f"{min(losses):.5f}–{max(losses):.5f}"]
    return table(["100 trees", "rounds", "seconds", "whole process",
                  "log_loss, mean", "of the rounds"],
                 [row(*item) for item in results.items()])


def speed_bars(results):
    def times(peer, ours):
        return seconds_of(results, peer) / seconds_of(results, ours)

    def worse(ours):
        return loss_of(results, ours) - loss_of(results, "CatBoost")

    def at_least(what, bar, value):
        return [what, f"≥ {bar}", f"{value:.1f}", verdict(value >= bar)]

    def at_most(what, bar, value):
        return [what, f"≤ {bar}", f"{value:+.5f}", verdict(value <= bar)]

    return [
        at_least("times faster than LightGBM", 12, times("LightGBM", OURS)),
        at_least("times faster than CatBoost", 18, times("CatBoost", OURS)),
        at_most("log_loss above CatBoost's", .0002, worse(OURS)),
        at_least("all rows for the splits: times faster than LightGBM", 2,
                 times("LightGBM", OURS_ALL_ROWS)),
        at_most("all rows for the splits: log_loss above CatBoost's", 0,
                worse(OURS_ALL_ROWS))]


@contextlib.contextmanager
def busy_core():
    """A process of nice 0 that never waits, held to one core."""
    core = max(os.sched_getaffinity(0))
    spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    os.sched_setaffinity(spinner.pid, {core})
    try:
        yield
    finally:
        spinner.kill()
        spinner.wait()


def bench_busy(bench, rounds):
    quiet, busy = [], []
    for i in range(rounds):
        note(f"busy core: round {i + 1}")
        quiet.append(bench.fit()[0])
        with busy_core():
            busy.append(bench.fit()[0])
    ratio = statistics.median(busy) / statistics.median(quiet)
    measured = table(["one core", "seconds"],
                     [["quiet", spread(quiet)], ["busy", spread(busy)]])
    return measured, ["one core busy: times the quiet time", "≤ 2",
                      f"{ratio:.2f}", verdict(ratio <= 2)]


def bench_threads(bench, rounds):
    seconds, models = {1: [], 2: [], 4: []}, set()
    for i in range(rounds):
        note(f"threads: round {i + 1}")
        for count, done in seconds.items():
            done.append(bench.fit(threads=count)[0])
            with open(bench.model, "rb") as model:
                models.add(model.read())
    measured = table(["threads", "seconds"],
                     [[str(count), spread(x)] for count, x in seconds.items()])
    return measured, ["different models of 1, 2 and 4 threads", "1",
                      str(len(models)), verdict(len(models) == 1)]


def bench_rows(bench, rounds, long_rows):
    """Time and anonymous memory; with ten times the rows, the bars."""
    small = [bench.fit()[0] for _ in range(rounds)]
    measured = [rows_line(bench, small)]
    bars = [["ten times the rows", "", "not measured: --long", ""]]
    if long_rows:
        folder = os.path.join(WORK, "long")
        large = Bench(long_rows, folder)
        note("ten times the rows")
        seconds = [large.fit()[0] for _ in range(min(3, rounds))]
        measured.append(rows_line(large, seconds))
        ratio = statistics.median(seconds) / statistics.median(small)
        beyond = float(measured[1][-1])
        bars = [["ten times the rows: times the time", "≤ 11",
                 f"{ratio:.2f}", verdict(ratio <= 11)],
                ["ten times the rows: memory beyond the binned matrix, of it",
                 "≤ 0.5", f"{beyond:.2f}", verdict(beyond <= .5)]]
        shutil.rmtree(folder)
    return table(["training rows", "seconds", "anonymous memory, MB",
                  "binned matrix, MB", "beyond it, of it"], measured), bars


def rows_line(bench, seconds):
    note(f"memory of {bench.n} rows")
    peak, binned = bench.peak_anonymous(), bench.n * bench.m
    return [f"{bench.n:,}", spread(seconds), f"{peak / 1e6:.0f}",
            f"{binned / 1e6:.0f}", f"{peak / binned - 1:.2f}"]


def bench_tables(quick):
    """Held-out log loss on small tables: tests/parity/tables_parity.py."""
    note("small tables")
    run = Run([sys.executable,
               os.path.join(ROOT, "tests", "parity", "tables_parity.py"),
               "--json", *["--full"] * (not quick)], cwd=ROOT,
              env={**os.environ, "CLICKMILL": CLICKMILL})
    lines = json.loads(run.output)
    learners = list(lines[0])[3:]
    measured = table(
        ["table", "rows", "columns", *learners],
        [[line["table"], str(line["rows"]), str(line["columns"]),
          *[f"{line[name]:.4f}" for name in learners]] for line in lines])

    def bars(name, what):
        ratios = [line[name] / line["CatBoost"] for line in lines]
        mean, worst = statistics.mean(ratios), max(ratios)
        what = f"{len(lines)} tables, {what}: log_loss, of CatBoost's"
        return [[what, "mean ≤ 1.005", f"{mean:.4f}", verdict(mean <= 1.005)],
                ["the worst of them", "≤ 1.03", f"{worst:.4f}",
                 verdict(worst <= 1.03)]]

    return measured, [*bars("default", "as fit is by default"),
                      *bars("MVS", "MVS as CatBoost")]


# ---- the whole --------------------------------------------------------------

def main():
    parser = options(__doc__)
    parser.add_argument("--long", action="store_true",
                        help="also ten times the rows")
    chosen = parser.parse_args()
    rows, rounds = (100_000, 2) if chosen.quick else (1_000_000, 5)

    fresh_work_folder()
    bench = Bench(rows, os.path.join(WORK, "matrix"))
    results = train_rounds(bench, rounds)
    busy, busy_bar = bench_busy(bench, rounds)
    threads, threads_bar = bench_threads(bench, min(3, rounds))
    sizes, size_bars = bench_rows(bench, rounds, chosen.long and 10 * rows)
    tables, tables_bars = bench_tables(chosen.quick)
    bars = [*speed_bars(results), *size_bars, busy_bar, threads_bar,
            *tables_bars]
    parts = [
        "## The learner\n",
        f"Written by `bench/run.sh train{' --long' * chosen.long}`"
        f" (`make bench-train`).\n\n{machine(PEERS)}",
        f"{bench.n:,} training and {len(bench.labels):,} test rows of "
        f"{rows:,} generated ones, {bench.m} numbers a row (bench/matrix.py: "
        "ordered\ntarget mean and log count of 22 columns), 100 trees, "
        "learning rate .1, depth 6 (LightGBM: 63 leaves,\n255 bins), "
        f"{THREADS} threads each. Seconds: from the matrix in memory to the "
        "model, quantization and\nthe library's own copy of the data "
        "included. The whole process: start, imports, reading and\nwriting "
        "too. A round's number is its seed; a variant that no bar names is "
        "trained once.\nThe peers' settings are in bench/learners.py; our "
        "models are scored by CatBoost.\n",
        learners_table(results), table(["bar", "", "measured", ""], bars),
        "A process of nice 0 that never waits, held to one of the cores:\n",
        busy, "Threads:\n", threads,
        "Rows, and the peak of anonymous memory (RssAnon, looked at every "
        "2 ms, in a run of its own):\n", sizes,
        "Small tables (tests/parity/tables.py), log_loss of rows not trained "
        "on, mean of 5 seeds (20 below 1000 rows), CatBoost's\nparameters on "
        "both sides. `default` "
        "is fit without a bootstrap named, `MVS` with CatBoost's. What\n"
        "two equal learners differ by shows in CatBoost with other seeds:\n",
        tables]
    publish("train", "\n".join(parts), chosen.write)
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
