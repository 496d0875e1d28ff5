"""Probabilities of answers are json.dumps(round(p, precision)), and
json.dumps(p) with precision 17, for values of every size, ties among them."""
import json
import subprocess
import sys

import numpy as np

PROBE = sys.argv[1]
rng = np.random.default_rng(20)


def values(n):
    ties = rng.integers(0, 20_000, n) / 20_000       # k + .5 of 10^-4 and near
    dyadic = rng.integers(0, 1 << 12, n) / (1 << 12)  # exact ties of few digits
    near = np.nextafter(ties, rng.integers(0, 2, n))
    return np.clip(np.concatenate([
        rng.random(n), ties, near, dyadic, 10.0 ** rng.uniform(-20, 0, n),
        1 - 10.0 ** rng.uniform(-17, 0, n), [0, 1, 5e-324, 1e-300, 0.5]]), 0, 1)


def written(p, precision):
    return json.dumps(p if precision == 17 else round(p, precision))


p = np.tile(values(8_000), 4)
precision = rng.integers(0, 18, len(p))
precision[:len(p) // 4] = 4
records = np.empty(len(p), dtype=[("value", "f8"), ("precision", "i8")])
records["value"], records["precision"] = p, precision
lines = subprocess.run([PROBE], input=records.tobytes(), check=True,
                       stdout=subprocess.PIPE).stdout.decode().split()
assert len(lines) == len(p), (len(lines), len(p))
wrong = [(x, d, got) for x, d, got in zip(p.tolist(), precision.tolist(), lines)
         if got != written(x, d)]
print(f"{len(p)} probabilities, {len(wrong)} written otherwise", wrong[:5])
sys.exit(bool(wrong))
