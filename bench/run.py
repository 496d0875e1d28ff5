"""All timings, in one run, so that they can be compared: clickmill against
pandas + scikit-learn + catboost as the replaced pipeline uses them, against
the fastest Python version of the same job, and against polars' read_csv.

Prints Markdown.  What is repeated is interleaved and told as its median, with
the smallest and the largest.  --write FILE also keeps it there as a section;
--quick is for trying the script: fewer rows, fewer rounds.
"""
import json
import os
import shutil
import statistics
import sys

from common import (CLICKMILL, ROOT, SAMPLE, WORK, Run, fresh_work_folder,
                    machine, note, options, publish, spread, table, verdict,
                    warm)

CONFIG = os.path.join(ROOT, "configs", "train_config.yaml")
PEERS = ("catboost", "scikit-learn", "pandas", "polars", "pyarrow", "numpy")


# ---- the parts --------------------------------------------------------------

def reference_script(name, log):
    script = os.path.join(ROOT, "bench", "reference", name)
    return Run([sys.executable, script, log,
                os.path.join(WORK, name.replace(".py", ""))])


def clickmill_train(log, *flags):
    folder = os.path.join(WORK, "train")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    run = Run([CLICKMILL, "train", "--config", CONFIG, "--input-data-path",
               log, "--quiet", *flags], cwd=folder)
    with open(os.path.join(folder, "models", "metrics.json")) as metrics:
        run.metrics = json.load(metrics)
    return run


def python_proof():
    """The reference gives the known result on the real sample."""
    if not os.path.exists(SAMPLE):
        return f"(not checked: {SAMPLE} is not there)"
    losses = [json.loads(reference_script(name, SAMPLE).output)["log_loss"]
              for name in ("pipeline.py", "vectorised.py")]
    ours = clickmill_train(SAMPLE).metrics["log_loss"]
    return (f"On the Avazu sample: reference {losses[0]:.5f}, vectorised "
            f"{losses[1]:.5f} (known: .41758), clickmill {ours:.5f}.")


def bench_generate(log, rows, rounds):
    note(f"generate {rows} rows")
    seconds = [Run([CLICKMILL, "generate", "--rows", str(rows), "--output",
                    log, "--quiet"]).seconds for _ in range(rounds)]
    return (f"`clickmill generate --rows {rows:,}`: {spread(seconds)} s, "
            f"{rows / statistics.median(seconds) / 1e6:.2f} M rows/s, "
            f"{os.path.getsize(log) / 1e6:.0f} MB.\n")


def bench_job(log, rows, vector_rounds, our_rounds):
    warm(log)
    note("whole job: the reference, once")
    slow = reference_script("pipeline.py", log)
    vector, ours = [], []
    for i in range(max(vector_rounds, our_rounds)):
        note(f"whole job: round {i + 1}")
        if i < vector_rounds:
            vector.append(reference_script("vectorised.py", log))
        if i < our_rounds:
            ours.append(clickmill_train(log))
    our_seconds = [run.seconds for run in ours]
    our_median = statistics.median(our_seconds)
    vector_median = statistics.median(run.seconds for run in vector)
    our_peak = max(run.peak_mb for run in ours)
    vector_peak = max(run.peak_mb for run in vector)
    said = json.loads(slow.output)
    vector_said = [json.loads(run.output) for run in vector]
    loss, vector_loss = said["log_loss"], vector_said[0]["log_loss"]
    our_loss = ours[0].metrics["log_loss"]
    measured = table(
        [f"{rows:,} generated rows", "seconds", "without start and imports",
         "peak MB", "log_loss"],
        [["Python reference", spread([slow.seconds]),
          spread([said["job_seconds"]]), f"{slow.peak_mb:.0f}",
          f"{loss:.5f}"],
         ["vectorised Python", spread([run.seconds for run in vector]),
          spread([x["job_seconds"] for x in vector_said]),
          f"{vector_peak:.0f}", f"{vector_loss:.5f}"],
         ["clickmill train", spread(our_seconds), "", f"{our_peak:.0f}",
          f"{our_loss:.5f}"]])
    ratios = [
        ("times faster than the reference", "≥ 100",
         slow.seconds / our_median, lambda x: x >= 100),
        ("times faster than vectorised", "≥ 5",
         vector_median / our_median, lambda x: x >= 5),
        ("peak memory / the reference's", "≤ 0.25",
         our_peak / slow.peak_mb, lambda x: x <= .25),
        ("peak memory / vectorised's", "", our_peak / vector_peak, None),
        ("log_loss above the reference's", "≤ 0.0005",
         our_loss - loss, lambda x: x <= .0005)]
    return measured + "\n" + table(
        ["whole job", "bar", "measured", ""],
        [[what, bar, f"{value:.5f}" if value < .01 else f"{value:.2f}",
          verdict(check(value)) if check else ""]
         for what, bar, value, check in ratios])


PROCESS = "clickmill make-dataset, whole process"
READING = "clickmill make-dataset, its reading"
POLARS = "polars read_csv"
READERS = {
    PROCESS: None,
    READING: None,
    POLARS: "import polars; read = polars.read_csv",
    "pandas read_csv, pyarrow":
        "import pandas; read = lambda f: pandas.read_csv(f, engine='pyarrow')",
    "pandas read_csv": "import pandas; read = pandas.read_csv"}
TIMED = """
import sys, time
start = time.perf_counter()
read(sys.argv[1])
print(time.perf_counter() - start)
"""


def read_seconds(reader, log):
    """Of a library: its call alone, in a new process.  Of make-dataset: the
    whole process, or the reading it reports, dictionaries included."""
    if READERS[reader]:
        code = READERS[reader] + TIMED
        return float(Run([sys.executable, "-c", code, log]).output)
    run = Run([CLICKMILL, "make-dataset", "--config", CONFIG,
               "--input-data-path", log, "--input-preprocessed-data-path",
               os.path.join(WORK, "ingest.cmds"), "--quiet", "--json"])
    if reader == PROCESS:
        return run.seconds
    return json.loads(run.output)["seconds"]["load"]


def bench_ingest(log, readers, rounds):
    size = os.path.getsize(log) / 1e6
    warm(log)
    speed = {name: [] for name in readers}
    for i in range(rounds):
        note(f"ingest of {size:.0f} MB: round {i + 1}")
        for name in readers:
            speed[name].append(size / read_seconds(name, log))
    process, reading, polars = (
        statistics.median(speed[name]) for name in (PROCESS, READING, POLARS))
    return (table([f"{size:.0f} MB of CSV, page cache warm", "MB/s"],
                  [[name, spread(v, 0)] for name, v in speed.items()]) +
            "\n" +
            table(["make-dataset", "bar", "measured", ""],
                  [["MB/s, whole process", "≥ 500", f"{process:.0f}",
                    verdict(process >= 500)],
                   ["its reading, times polars' read_csv", "≥ 3",
                    f"{reading / polars:.2f}", verdict(reading / polars >= 3)],
                   ["the whole process, times polars' read_csv", "",
                    f"{process / polars:.2f}", ""]]))


def bench_large_ingest(rows, rounds):
    log = os.path.join(WORK, "large.csv")
    note(f"generate {rows} rows")
    Run([CLICKMILL, "generate", "--rows", str(rows), "--output", log,
         "--quiet"])
    result = bench_ingest(log, [PROCESS, READING, POLARS], rounds)
    os.remove(log)
    return result


def bench_threads(log, rounds):
    counts = [1, 2, 4]
    seconds = {count: [] for count in counts}
    models = set()
    for i in range(rounds):
        note(f"threads: round {i + 1}")
        for count in counts:
            run = clickmill_train(log, "--threads", str(count))
            seconds[count].append(run.seconds)
            with open(os.path.join(WORK, "train", "models", "catclf.json"),
                      "rb") as model:
                models.add(model.read())
    return table(["threads", "seconds, whole job"],
                 [[str(count), spread(seconds[count])] for count in counts]) + \
        ("\nThe models are identical byte for byte.\n" if len(models) == 1 else
         f"\n**The models differ: {len(models)} of them.**\n")


# ---- the whole --------------------------------------------------------------

def main():
    chosen = options(__doc__).parse_args()
    rows, rounds = (100_000, 2) if chosen.quick else (1_000_000, 5)

    fresh_work_folder()
    log = os.path.join(WORK, "log.csv")
    note("known results")
    proof = python_proof()
    parts = [
        "## The whole job\n",
        "Written by `make bench`. Whole processes, start and imports "
        "included, unless said otherwise.\n",
        machine(PEERS),
        "### Generate\n", bench_generate(log, rows, rounds),
        "### Log in, evaluated model out\n",
        proof + "\n",
        bench_job(log, rows, min(3, rounds), rounds),
        "### Ingest\n",
        "Each in a new process. Of the libraries the call alone is timed, "
        "which keeps its result in memory.\nOf make-dataset the same (its "
        "reading: typed columns, dictionaries, codes), and the whole\n"
        "process, start and the written file included.\n",
        bench_ingest(log, list(READERS), rounds),
        bench_large_ingest(10 * rows, min(3, rounds)),
        "### Threads\n", bench_threads(log, min(3, rounds))]
    publish("job", "\n".join(parts), chosen.write)
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
