"""The matrix the learners are compared on: 44 numbers a row of a click log.

Of each of 22 columns (every one but id and click; hour as the hour of the
day) two numbers, for a row with value v in hour h:

    (clicks + 10 p) / (rows + 10)    the target mean so far, prior strength 10
    log(1 + rows)                    the log count so far

where clicks and rows are those of v before hour h, and p is the share of
clicks among all rows before hour h.  So a row's own hour, and whatever comes
later, is never in its numbers.  The last hours, an eleventh of the rows, are
kept for testing.

    matrix.py FOLDER [--rows N] [--seed S]    X.npy y.npy Xe.npy ye.npy
"""
import argparse
import os

import numpy as np
import polars

from common import CLICKMILL, Run

COLUMNS = ("hour C1 banner_pos site_id site_domain site_category app_id "
           "app_domain app_category device_id device_ip device_model "
           "device_type device_conn_type C14 C15 C16 C17 C18 C19 C20 "
           "C21").split()
PRIOR_STRENGTH = 10


def read_log(path):
    """hour (n) int64, clicks (n) uint8, and codes of the values by column."""
    log = polars.read_csv(path, columns=["click", *COLUMNS], schema_overrides={
        name: polars.Categorical for name in COLUMNS if name != "hour"})
    hour = log["hour"].to_numpy()
    codes = {name: log[name].to_physical().to_numpy() for name in COLUMNS}
    codes["hour"] = hour % 100
    return hour, log["click"].to_numpy().astype(np.uint8), codes


def before(clicks):
    """(n + 1): how many clicks the rows before each row have."""
    return np.concatenate([[0], np.cumsum(clicks, dtype=np.int64)])


def run_starts(*keys):
    """(n): the first row of the run of equal keys that each row is in."""
    differs = np.zeros(len(keys[0]), bool)
    for key in keys:
        differs[1:] |= key[1:] != key[:-1]
    return np.maximum.accumulate(np.where(differs, np.arange(len(differs)), 0))


def share_before(hour, clicks):
    """(n): share of clicks among the rows of earlier hours; 0 without any."""
    start = run_starts(hour)
    return before(clicks)[start] / np.maximum(start, 1)


def ordered_statistics(codes, hour, clicks, prior):
    """Target mean and log count so far, (n) each; rows are in time order."""
    by_value = np.argsort(codes, kind="stable")
    codes, hour = codes[by_value], hour[by_value]
    first = run_starts(codes)
    own_hour = run_starts(codes, hour)
    earlier = before(clicks[by_value])
    n_rows, n_clicks = own_hour - first, earlier[own_hour] - earlier[first]
    mean, log_count = np.empty(len(codes)), np.empty(len(codes))
    mean[by_value] = ((n_clicks + PRIOR_STRENGTH * prior[by_value]) /
                      (n_rows + PRIOR_STRENGTH))
    log_count[by_value] = np.log1p(n_rows)
    return mean, log_count


def matrix_of(path):
    """The numbers (n, 44) float32, clicks (n), and which rows are tested."""
    hour, clicks, codes = read_log(path)
    assert (hour[1:] >= hour[:-1]).all(), f"{path} is not in time order"
    prior = share_before(hour, clicks)
    x = np.empty((len(hour), 2 * len(COLUMNS)), np.float32)
    for i, name in enumerate(COLUMNS):
        x[:, 2 * i], x[:, 2 * i + 1] = ordered_statistics(
            codes.pop(name), hour, clicks, prior)
    return x, clicks, hour > hour[len(hour) * 10 // 11]


def make(folder, rows=1_000_000, seed=1):
    """Writes the four arrays of a generated log; returns rows and columns of
    the training part."""
    os.makedirs(folder, exist_ok=True)
    log = os.path.join(folder, "log.csv")
    Run([CLICKMILL, "generate", "--rows", str(rows), "--seed", str(seed),
         "--output", log, "--quiet"], cwd=folder)
    x, y, tested = matrix_of(log)
    os.remove(log)
    n = len(y) - int(tested.sum())
    for name, array in (("X", x[:n]), ("y", y[:n]),
                        ("Xe", x[n:]), ("ye", y[n:])):
        if array.ndim == 1:
            array = array.astype(np.float32)
        np.save(os.path.join(folder, name + ".npy"), array)
    return n, x.shape[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    n, m = make(os.path.abspath(chosen.folder), chosen.rows, chosen.seed)
    print(f"{chosen.folder}: {n} training rows x {m}")


if __name__ == "__main__":
    main()
