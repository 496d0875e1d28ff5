"""Random splits equal scikit-learn's train_test_split, row for row."""

import os
import random
import subprocess
import sys

import numpy as np
from sklearn.model_selection import train_test_split

BUILD = os.environ.get("BUILD") or os.path.dirname(
    os.environ.get("CLICKMILL", "build/clickmill")
)
PROBE = os.path.join(BUILD, "tests", "parity", "probe_split")


def checksum(rows):
    with np.errstate(over="ignore"):
        weights = np.arange(1, len(rows) + 1, dtype=np.uint64)
        return int((weights * rows.astype(np.uint64)).sum(dtype=np.uint64))


def expected(n, val_size, seed):
    try:
        train, val = train_test_split(
            np.arange(n), test_size=val_size, random_state=seed
        )
    except ValueError:
        return "error"
    return f"{len(val)} {len(train)} {checksum(val)} {checksum(train)}"


def cases():
    for n in list(range(0, 40)) + [127, 128, 129, 255, 256, 257, 623, 624, 625]:
        for val_size in (0.1, 0.2, 0.25, 0.5, 0.9):
            yield n, val_size, 42
    draw = random.Random(7)
    for _ in range(400):
        n = int(2 ** draw.uniform(1, 15))
        yield n, round(draw.uniform(0.001, 0.999), 3), draw.randrange(2**32)
    # Sizes whose product with val_size lands on or next to a whole number.
    for n in range(10, 1000, 10):
        for val_size in (0.1, 0.2, 0.3, 0.7, 1 / 3):
            yield n, val_size, n
    for seed in (0, 1, 2**31, 2**32 - 1):
        yield 15493, 0.2, seed
    for n in (65536, 65537, 100000, 1000000, 2500001):
        yield n, 0.2, 42


def run(lines):
    done = subprocess.run(
        [PROBE], input="\n".join(lines) + "\n", capture_output=True, text=True,
        check=True,
    )
    return done.stdout.splitlines()


def check_rows():
    n, val_size, seed = 15493, 0.2, 42
    val, train = run([f"show {n} {val_size!r} {seed}"])
    want_train, want_val = train_test_split(
        np.arange(n), test_size=val_size, random_state=seed
    )
    same = (
        np.array_equal(np.array(val.split(), dtype=int), want_val)
        and np.array_equal(np.array(train.split(), dtype=int), want_train)
    )
    print(f"{'ok' if same else 'FAIL'} - split of {n} rows, seed {seed}, "
          "row by row")
    return same


def main():
    wanted = list(cases())
    got = run([f"{n} {val_size!r} {seed}" for n, val_size, seed in wanted])
    wrong = []
    for case, line in zip(wanted, got):
        want = expected(*case)
        if line.split(" ")[0] != "error" and line != want:
            wrong.append((case, want, line))
        if line.startswith("error") != (want == "error"):
            wrong.append((case, want, line))
    if len(got) != len(wanted):
        wrong.append(("lines", len(wanted), len(got)))
    for case, want, line in wrong[:10]:
        print(f"  {case}: sklearn {want}, clickmill {line}")
    print(f"{'FAIL' if wrong else 'ok'} - {len(wanted)} splits equal "
          f"train_test_split, {len(wrong)} differ")
    return 0 if check_rows() and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
