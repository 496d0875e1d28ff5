"""Feature matrices as the reference pipeline computes them, with pandas and
scikit-learn, for comparison with `clickmill features`.

    features_golden.py LOG.csv OUT_DIR [--count a,b] [--ctr c,d]
                       [--val-size .2] [--seed 42]
    features_golden.py --compare DIR_A DIR_B
    features_golden.py --check LOG.csv CONFIG.yaml

The first writes train.csv and validation.csv: id, click, the count features,
then each CTR feature NAME as NAME_ctr; rows in the order of train_test_split;
floats as repr writes them, NaN as nan.  The second prints how many values
differ, bit by bit (all NaN are equal), and exits 1 unless none does.  The
third runs $CLICKMILL features on the log with a configuration that names the
default features, and compares.
"""

import argparse
import collections
import csv
import itertools
import math
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

COUNT = (
    "device_ip_count device_id_count hour_of_day day_of_week hourly_user_count"
)
CTR = (
    "site_id site_domain site_category app_id app_category app_domain "
    "device_model device_type device_conn_type device_id_count "
    "device_ip_count banner_pos C1 C14 C15 C16 C17 C18 C19 C20 C21 "
    "hour_of_day day_of_week hourly_user_count"
)
INTEGERS = (
    "click C1 banner_pos device_type device_conn_type C14 C15 C16 C17 C18 C19 "
    "C20 C21"
).split()
PARTS = ("train.csv", "validation.csv")


def read_log(path):
    """Categories are compared as texts, numbers as numbers; ids are kept as
    they stand."""
    names = pd.read_csv(path, nrows=0).columns
    types = {name: "int64" if name in INTEGERS else str for name in names}
    return pd.read_csv(
        path, dtype=types, keep_default_na=False, na_values=[]
    )


def parse_hour(texts):
    pattern = "%y%m%d%H" if len(texts.iloc[0]) == 8 else None
    return pd.to_datetime(texts, format=pattern)


def add_counts(log, names):
    for name in names:
        if name == "hour_of_day":
            log[name] = parse_hour(log["hour"]).dt.hour.astype("int64")
        elif name == "day_of_week":
            log[name] = parse_hour(log["hour"]).dt.day_of_week.astype("int64")
        elif name == "hourly_user_count":
            hour = parse_hour(log["hour"]).dt.hour
            log[name] = log.groupby(hour)["click"].transform("count")
        else:
            column = name.removesuffix("_count")
            log[name] = log.groupby(column)["click"].transform("count")


def fit_ctr(train, column):
    """The CTR of each value that has clicks and non-clicks, and their mean."""
    table = train.groupby([column, "click"]).size().unstack()
    if 0 not in table or 1 not in table:
        return pd.Series(dtype="float64"), np.nan
    ctr = (table[1] / (table[0] + table[1])).dropna()
    return ctr, ctr.mean()


def write_part(path, part, count_names, ctr_values):
    columns = [part["id"].tolist(), part["click"].tolist()]
    columns += [part[name].tolist() for name in count_names]
    columns += [[repr(v) for v in values.tolist()] for values in ctr_values]
    header = ["id", "click", *count_names]
    header += [values.name + "_ctr" for values in ctr_values]
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write(",".join(header) + "\n")
        for row in zip(*columns):
            out.write(",".join(map(str, row)) + "\n")


def write_golden(args):
    count_names = [name for name in args.count.split(",") if name]
    ctr_names = [name for name in args.ctr.split(",") if name]
    log = read_log(args.paths[0])
    add_counts(log, count_names)
    parts = train_test_split(
        log, test_size=args.val_size, random_state=args.seed
    )
    os.makedirs(args.paths[1], exist_ok=True)
    fitted = [(name, *fit_ctr(parts[0], name)) for name in ctr_names]
    for file, part in zip(PARTS, parts):
        values = [
            part[name].map(ctr).astype("float64").fillna(mean).rename(name)
            for name, ctr, mean in fitted
        ]
        write_part(
            os.path.join(args.paths[1], file), part, count_names, values
        )


def bits(text):
    """A number as 64 bits; every NaN is the same."""
    value = float(text)
    return "nan" if math.isnan(value) else struct.pack("<d", value)


def compare_part(path_a, path_b):
    """How many values two files have in common and how many differ."""
    size = 0
    differ = collections.Counter()
    first = {}
    with open(path_a, newline="") as file_a, open(path_b, newline="") as file_b:
        a, b = csv.reader(file_a), csv.reader(file_b)
        names = next(a)
        if names != (other := next(b)):
            sys.exit(f"columns differ:\n  {names}\n  {other}")
        for row, (x, y) in enumerate(itertools.zip_longest(a, b)):
            if x is None or y is None or x[0] != y[0] or len(x) != len(y):
                sys.exit(f"{path_a}, {path_b}: rows differ from {row} on")
            size += len(x) - 1
            if x == y:
                continue
            for name, u, v in zip(names[1:], x[1:], y[1:]):
                if u != v and bits(u) != bits(v):
                    differ[name] += 1
                    first.setdefault(name, f"row {row} ({x[0]}): {u}, {v}")
    for name, n in differ.items():
        print(f"  {name}: {n} values differ, first in {first[name]}")
    return size, differ.total()


def compare(dir_a, dir_b):
    total = 0
    for file in PARTS:
        size, differ = compare_part(
            os.path.join(dir_a, file), os.path.join(dir_b, file)
        )
        print(f"{file}: {differ} of {size} values differ")
        total += differ
    return 1 if total else 0


def check(args):
    """The same log through pandas and through clickmill."""
    log, config = args.paths
    clickmill = os.environ.get("CLICKMILL", "build/clickmill")
    with tempfile.TemporaryDirectory() as folder:
        golden, ours = (os.path.join(folder, d) for d in ("golden", "ours"))
        args.paths = [log, golden]
        write_golden(args)
        subprocess.run(
            [clickmill, "features", "--config", config, "--input", log,
             "--output", ours],
            check=True,
        )
        return compare(golden, ours)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("paths", nargs=2)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--count", default=COUNT.replace(" ", ","))
    parser.add_argument("--ctr", default=CTR.replace(" ", ","))
    parser.add_argument("--val-size", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if args.check:
        return check(args)
    if args.compare:
        return compare(*args.paths)
    write_golden(args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
