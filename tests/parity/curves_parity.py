"""Operating points, average precision and Wilson's interval equal
scikit-learn's and SciPy's; the bootstrap's intervals are those of drawing rows
with replacement, within the noise of a thousand draws."""

import os
import subprocess
import sys
import warnings

import numpy as np
from scipy.stats import binomtest
from sklearn import metrics

BUILD = os.environ.get("BUILD") or os.path.dirname(
    os.environ.get("CLICKMILL", "build/clickmill")
)
PROBE = os.path.join(BUILD, "tests", "parity", "probe_curves")
MAX_POINTS = 600
DRAWS = 1000


def cases():
    draw = np.random.default_rng(11)

    def labels_for(p):
        return (draw.random(len(p)) < p).astype(np.uint8)

    for n in (1, 2, 10, 1000, 15493, 100000):
        p = draw.beta(1, 5, n)
        yield f"beta, n={n}", labels_for(p), p
        p = np.round(p, 2)
        yield f"ties, n={n}", labels_for(p), p
    yield "no click", np.zeros(100, np.uint8), draw.random(100)
    yield "all clicks", np.ones(100, np.uint8), draw.random(100)
    yield "all equal", labels_for(np.full(777, 0.3)), np.full(777, 0.3)


def points_differ(y, p, points):
    """Each point counts what lies at its threshold or above; the curve misses
    nothing that is wider than a 256th part."""
    if len(points) > MAX_POINTS or points[0][1:] != (0, 0):
        return "too many points, or a first one with rows"
    for threshold, clicks, others in points:
        above = p >= threshold
        if (clicks, others) != (int((y[above] == 1).sum()),
                                int((y[above] == 0).sum())):
            return f"wrong counts at {threshold}"
    if points[-1][1:] != (int(y.sum()), int((1 - y).sum())):
        return "the last point does not have all rows"
    if y.min() == y.max():
        return None
    fall_out, recall, _ = metrics.roc_curve(y, p, drop_intermediate=False)
    x = np.array([point[2] for point in points]) / (1 - y).sum()
    z = np.array([point[1] for point in points]) / y.sum()
    exact = np.trapezoid(recall, fall_out)
    if abs(np.trapezoid(z, x) - exact) > 1e-3:
        return f"area {np.trapezoid(z, x)} instead of {exact}"
    return None


def replicate(y, p):
    loss = metrics.log_loss(y, p, labels=[0, 1])
    auc = metrics.roc_auc_score(y, p)
    decided = p > 0.5
    rate = y.mean()
    base = -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    return [loss, auc,
            metrics.f1_score(y, decided, average="weighted", zero_division=0),
            metrics.precision_score(y, decided, zero_division=0),
            metrics.recall_score(y, decided, zero_division=0),
            rate, p.mean(), loss / base, p.mean() / rate]


def bootstrap_differs(y, p, intervals):
    """Ends within a fifth of the interval's length of NumPy's."""
    draw = np.random.default_rng(3)
    values = []
    for _ in range(DRAWS):
        rows = draw.integers(0, len(y), len(y))
        values.append(replicate(y[rows], p[rows]))
    want = np.quantile(values, [0.025, 0.975], axis=0).T
    got = np.array(intervals).reshape(-1, 2)
    length = want[:, 1] - want[:, 0]
    off = np.abs(got - want).max(axis=1) / np.where(length > 0, length, 1)
    worst = off.max()
    print(f"    bootstrap: ends at most {worst:.3f} of a length away")
    return None if worst < 0.2 else f"intervals {got.tolist()}, {want.tolist()}"


def wilson_differs(y, got):
    want = binomtest(int(y.sum()), len(y)).proportion_ci(0.95, method="wilson")
    off = np.abs(np.array(got) - np.array([want.low, want.high])).max()
    return None if off < 1e-12 else f"Wilson {got}, {want}"


def check(name, y, p, lines):
    problems = []
    precision = float(lines[0])
    if y.any():
        want = metrics.average_precision_score(y, p)
        if abs(precision - want) > 1e-12:
            problems.append(f"average precision {precision}, {want}")
    elif not np.isnan(precision):
        problems.append(f"average precision {precision} without a click")
    numbers = lines[1].split()
    points = [(float(numbers[i]), int(numbers[i + 1]), int(numbers[i + 2]))
              for i in range(0, len(numbers), 3)]
    problems.append(points_differ(y, p, points))
    if name == "beta, n=1000":
        problems.append(
            bootstrap_differs(y, p, [float(x) for x in lines[2].split()]))
    problems.append(wilson_differs(y, [float(x) for x in lines[3].split()]))
    problems = [problem for problem in problems if problem]
    print(f"{'FAIL' if problems else 'ok'} - {name}: {len(points)} points")
    for problem in problems:
        print(f"    {problem}")
    return not problems


def stability_is_right():
    now, then = np.array([30, 0, 70, 5]), np.array([300, 20, 500, 100])
    counts = [str(x) for pair in zip(now, then) for x in pair]
    got = float(subprocess.run([PROBE] + counts, capture_output=True,
                               check=True, text=True).stdout)
    a = np.maximum(now, 0.5) / now.sum()
    b = np.maximum(then, 0.5) / then.sum()
    want = ((a - b) * np.log(a / b)).sum()
    print(f"{'ok' if abs(got - want) < 1e-12 else 'FAIL'} - stability index")
    return abs(got - want) < 1e-12


def main():
    warnings.simplefilter("ignore")
    wanted = list(cases())
    payload = b"".join(
        np.uint64(len(y)).tobytes() + y.tobytes() + p.astype(float).tobytes()
        for _, y, p in wanted
    )
    done = subprocess.run([PROBE], input=payload, capture_output=True,
                          check=True)
    lines = done.stdout.decode().splitlines()
    good = len(lines) == 4 * len(wanted) and stability_is_right()
    for i, (name, y, p) in enumerate(wanted):
        good &= check(name, y, p, lines[4 * i:4 * i + 4])
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
