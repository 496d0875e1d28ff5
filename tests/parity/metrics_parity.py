"""cm_evaluate equals scikit-learn's metrics to 1e-12."""

import os
import subprocess
import sys
import warnings

import numpy as np
from sklearn import metrics

BUILD = os.environ.get("BUILD") or os.path.dirname(
    os.environ.get("CLICKMILL", "build/clickmill")
)
PROBE = os.path.join(BUILD, "tests", "parity", "probe_metrics")
NAMES = (
    "log_loss roc_auc f1_weighted precision recall base_rate mean_prediction "
    "normalized_entropy calibration_ratio base_log_loss"
).split()
TOLERANCE = 1e-12


def cases():
    draw = np.random.default_rng(5)

    def labels_for(p):
        return (draw.random(len(p)) < p).astype(np.uint8)

    for n in (1, 2, 3, 10, 100, 1000, 15493, 200000):
        p = draw.beta(1, 5, n)
        yield f"beta, n={n}", labels_for(p), p
        p = np.round(p, 2)
        yield f"two digits (ties), n={n}", labels_for(p), p
    p = draw.random(5000)
    yield "uniform", labels_for(p), p
    yield "no click", np.zeros(100, np.uint8), draw.random(100)
    yield "all clicks", np.ones(100, np.uint8), draw.random(100)
    yield "all equal", labels_for(np.full(777, 0.3)), np.full(777, 0.3)
    yield "all .5", labels_for(np.full(50, 0.5)), np.full(50, 0.5)
    yield "0 and 1, right", np.array([0, 1, 1], np.uint8), np.array([0.0, 1, 1])
    yield "0 and 1, wrong", np.array([1, 0, 1], np.uint8), np.array([0.0, 1, 1])
    yield "-0 and 0", np.array([1, 0], np.uint8), np.array([-0.0, 0.0])
    tiny = np.array([5e-324, 0.0, 1e-300, 1 - 2**-53, 1.0, 0.5])
    yield "extremes", np.array([0, 1, 1, 0, 1, 0], np.uint8), tiny
    close = np.array([0.3, np.nextafter(0.3, 1), 0.3, np.nextafter(0.3, 0)])
    yield "neighbours", np.array([0, 1, 1, 0], np.uint8), close
    edges = np.repeat(np.arange(11) / 10, 7)
    yield "bin edges", labels_for(edges), edges
    p = draw.beta(2, 9, 3000000)
    yield "three million", labels_for(p), p


def entropy(rate):
    if rate in (0, 1):
        return 0.0
    return -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))


def expected(y, p):
    decided = (p > 0.5).astype(np.uint8)
    loss = metrics.log_loss(y, p, labels=[0, 1])
    one_class = y.min() == y.max()
    auc = np.nan if one_class else metrics.roc_auc_score(y, p)
    base, mean = float(np.mean(y, dtype=float)), float(np.mean(p))
    row = [
        loss,
        auc,
        metrics.f1_score(y, decided, average="weighted", zero_division=0),
        metrics.precision_score(y, decided, zero_division=0),
        metrics.recall_score(y, decided, zero_division=0),
        base,
        mean,
        np.nan if one_class else loss / entropy(base),
        mean / base if base > 0 else np.nan,
        entropy(base),
    ]
    edges = np.arange(11) / 10
    bins = np.minimum(np.searchsorted(edges, p, side="right") - 1, 9)
    for i in range(10):
        inside = bins == i
        row.append(inside.sum())
        row.append(p[inside].mean() if inside.any() else np.nan)
        row.append(y[inside].mean(dtype=float) if inside.any() else np.nan)
    return np.array(row, dtype=float)


def main():
    warnings.simplefilter("ignore")
    wanted = list(cases())
    payload = b"".join(
        np.uint64(len(y)).tobytes() + y.tobytes() + p.astype(np.float64).tobytes()
        for _, y, p in wanted
    )
    done = subprocess.run([PROBE], input=payload, capture_output=True, check=True)
    lines = done.stdout.decode().splitlines()
    failed = len(lines) != len(wanted)
    for (name, y, p), line in zip(wanted, lines):
        want = expected(y, p)
        got = np.array(line.split(), dtype=float)
        scale = np.maximum(1, np.abs(want))
        same = np.isclose(got, want, rtol=0, atol=TOLERANCE * scale,
                          equal_nan=True)
        difference = np.nanmax(np.abs(got - want) / scale)
        good = bool(same.all())
        failed |= not good
        print(f"{'ok' if good else 'FAIL'} - {name}: largest difference "
              f"{difference:.1e}")
        for i in np.flatnonzero(~same)[:5]:
            what = NAMES[i] if i < len(NAMES) else f"calibration {i}"
            print(f"  {what}: sklearn {want[i]!r}, clickmill {got[i]!r}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
