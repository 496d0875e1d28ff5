"""Borders, models and raw values against real CatBoost.

    model_parity.py PROBE_BORDERS PROBE_MODEL [AVAZU_CSV]

GreedyLogSum borders must be equal floats; raw values of a CatBoost model must
be equal to the bit in our program.  CatBoost must load the model we write,
give its raw values (to the bit but for the rare leaf whose last bit CatBoost's
reader of JSON cannot hit), explain it and convert it.
Prints one line a check, exits 1 when one fails.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
from catboost import CatBoostClassifier, Pool

FAILED = []


def check(name, ok, detail=""):
    print(("ok    " if ok else "FAIL  ") + name, detail.strip(), flush=True)
    if not ok:
        FAILED.append(name)


def run(*command, stdin=None):
    return subprocess.run(command, input=stdin, capture_output=True)


# ---- borders ---------------------------------------------------------------


def borders_of_catboost(values, count, nan_mode="Forbidden"):
    pool = Pool(values.reshape(-1, 1), label=np.arange(len(values)) % 2)
    try:
        pool.quantize(border_count=count, feature_border_type="GreedyLogSum")
    except Exception as error:
        if "constant" in str(error):
            return np.zeros(0, np.float32)
        raise
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "borders")
        pool.save_quantization_borders(path)
        with open(path) as lines:
            return np.array([line.split()[1] for line in lines], np.float32)


def borders_of_ours(probe, values, count):
    result = run(probe, str(count), stdin=values.tobytes())
    if result.returncode:
        raise RuntimeError(result.stderr.decode())
    return np.frombuffer(result.stdout, np.float32)


def samples(rng, n):
    yield "uniform", rng.random(n)
    yield "skewed", rng.exponential(1, n) ** 4
    yield "tied", rng.poisson(3, n)
    yield "integers", rng.integers(0, 1000, n)
    yield "negative", rng.normal(0, 1, n)
    yield "geometric", rng.geometric(0.01, n)
    yield "ascending", np.arange(n)
    yield "two values", np.arange(n) % 2
    yield "denormal", rng.normal(0, 1e-40, n)
    yield "huge", rng.uniform(-3e38, 3e38, n)
    yield "around zero", np.tile([-1.0, 1.0, 0.0], n // 3 + 1)[:n]


def same_bits(a, b):
    return len(a) == len(b) and a.tobytes() == b.tobytes()


def near(a, b):
    differ = int((a != b).sum())
    worst = float(np.abs(a - b).max())
    return worst <= 1e-13, f"{differ} of {a.size} differ, by at most {worst:.1e}"


def check_borders(probe, features):
    rng = np.random.default_rng(1)
    total, bad = 0, []
    for n in (2, 3, 5, 10, 64, 100, 256, 512, 1000, 4096, 20000, 199999):
        for name, values in samples(rng, n):
            for count in (1, 3, 10, 32, 128, 254):
                values = values.astype(np.float32)
                total += 1
                if not same_bits(
                    borders_of_catboost(values, count),
                    borders_of_ours(probe, values, count),
                ):
                    bad.append((name, n, count))
    check("borders of samples", not bad, f"{total} sets {bad[:3] or ''}")
    bad = [
        name
        for name, values in features
        if not same_bits(
            borders_of_catboost(values, 254), borders_of_ours(probe, values, 254)
        )
    ]
    if features:
        check("borders of Avazu's CTRs", not bad, f"{len(features)} {bad}")
    values = rng.random(500000).astype(np.float32)
    start = time.time()
    borders_of_ours(probe, values, 254)
    print(f"      500,000 values incl. process and sort: "
          f"{(time.time() - start) * 1000:.0f} ms")


# ---- models ----------------------------------------------------------------


class Probe:
    """Our program's view of one model and one matrix."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def apply(self, model, matrix, repeats=1):
        matrix = np.asarray(matrix, np.float32)
        np.ascontiguousarray(matrix.T).tofile(self.path("matrix"))
        result = run(
            self.program, model, self.path("matrix"), str(len(matrix)),
            self.path("raw"), self.path("saved.json"), str(repeats),
        )
        if result.returncode:
            raise RuntimeError(result.stderr.decode())
        return np.fromfile(self.path("raw")), float(result.stdout)


def same_parameters(original, ours):
    """CatBoost's own JSON keeps 10 digits of a parameter; two come from the
    output options, which say where a trainer writes and are not kept."""
    a, b = original.get_all_params(), ours.get_all_params()
    for key in ("best_model_min_trees", "use_best_model"):
        a.pop(key, None)
    differ = [
        key
        for key in set(a) | set(b)
        if key not in a
        or key not in b
        or not (
            a[key] == b[key]
            or isinstance(a[key], float)
            and np.isclose(a[key], b[key], rtol=1e-7, atol=0)
        )
    ]
    return not differ, " ".join(differ)


def check_written_model(name, path, original, matrix, raw):
    ours = CatBoostClassifier()
    ours.load_model(path, format="json")
    pool = Pool(matrix)
    again = ours.predict(pool, prediction_type="RawFormulaVal")
    check(f"{name}: CatBoost applies what we wrote", *near(again, raw))
    both = [m.predict_proba(pool) for m in (original, ours)]
    check(f"{name}: predict_proba", *near(*both))
    check(f"{name}: classes", list(original.classes_) == list(ours.classes_))
    check(f"{name}: names", original.feature_names_ == ours.feature_names_)
    check(f"{name}: parameters", *same_parameters(original, ours))
    both = [m.get_feature_importance() for m in (original, ours)]
    check(f"{name}: importance", *near(*both))
    few = Pool(matrix[:500])  # as good: it is about what the model says
    both = [m.get_feature_importance(few, "ShapValues") for m in (original, ours)]
    check(f"{name}: SHAP", *near(*both))
    cbm = path + ".cbm"
    ours.save_model(cbm)
    back = CatBoostClassifier().load_model(cbm)
    again = back.predict(pool, prediction_type="RawFormulaVal")
    check(f"{name}: as .cbm", *near(again, raw))


def check_model(name, probe, matrix, labels, test, **params):
    model = CatBoostClassifier(
        verbose=0, thread_count=2, allow_writing_files=False, random_state=1, **params
    )
    model.fit(matrix, labels)
    path = probe.path("model.json")
    model.save_model(path, format="json")
    raw, _ = probe.apply(path, test)
    theirs = model.predict(Pool(test), prediction_type="RawFormulaVal")
    check(
        f"{name}: raw values",
        same_bits(theirs, raw),
        f"{len(raw)} rows, {model.tree_count_} trees",
    )
    check_written_model(name, probe.path("saved.json"), model, test, raw)
    return model


def with_holes(matrix, rng):
    matrix = matrix.copy()
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    return matrix


def check_models(probe):
    rng = np.random.default_rng(2)
    x = rng.normal(0, 1, (20000, 24)).astype(np.float32)
    x[:, 3] = np.round(x[:, 3])
    y = (x[:, 0] + x[:, 1] * x[:, 2] + x[:, 3] + rng.normal(0, 1, 20000) > 0) * 1
    t = rng.normal(0, 1, (10007, 24)).astype(np.float32)
    check_model("plain", probe, x, y, t, n_estimators=50, depth=5)
    check_model("one tree", probe, x, y, t, n_estimators=1, depth=1)
    check_model("deep", probe, x, y, t, n_estimators=20, depth=11)
    check_model("long", probe, x, y, t, n_estimators=1000, depth=6)
    names = np.where(y > 0, "click", "none")
    check_model("named classes", probe, x, names, t, n_estimators=10)
    check_model(
        "many borders", probe, x, y, t, n_estimators=400, depth=8,
        border_count=1000, rsm=0.1,
    )
    holes = with_holes(x, rng), with_holes(t, rng)
    for mode in ("Min", "Max"):
        check_model(
            f"NaN {mode}", probe, holes[0], y, holes[1], n_estimators=60, nan_mode=mode
        )
    check_model("NaN not seen in training", probe, x, y, holes[1], n_estimators=60)
    edge = np.array([np.inf, -np.inf, 3.4e38, -3.4e38, 0.0, -0.0, np.nan, 1e-45])
    edge = np.tile(edge.astype(np.float32)[:, None], 24)
    check_model("edges Max", probe, holes[0], y, edge, n_estimators=60, nan_mode="Max")
    check_model("edges Min", probe, holes[0], y, edge, n_estimators=60)


def check_refused(probe):
    rng = np.random.default_rng(3)
    x, y = rng.normal(0, 1, (500, 4)), rng.integers(0, 2, 500)
    cases = {
        "Lossguide": dict(grow_policy="Lossguide"),
        "multi-class": dict(loss_function="MultiClass"),
    }
    for name, params in cases.items():
        labels = rng.integers(0, 3, 500) if name == "multi-class" else y
        model = CatBoostClassifier(
            n_estimators=5, verbose=0, allow_writing_files=False, **params
        ).fit(x, labels)
        model.save_model(probe.path("model.json"), format="json")
        try:
            probe.apply(probe.path("model.json"), x)
            check(f"refuses {name}", False)
        except RuntimeError as error:
            check(f"refuses {name}", "this version takes" in str(error), str(error))


# ---- Avazu -----------------------------------------------------------------


def avazu_features(path):
    import pandas as pd

    data = pd.read_csv(path)
    matrix = {}
    for column in data.columns.difference(["id", "click", "hour"]):
        ctr = data.groupby(column)["click"].mean()
        matrix[column] = data[column].map(ctr).to_numpy(np.float32)
    return [(name, values) for name, values in matrix.items()], data["click"]


def check_speed(probe, features, labels):
    matrix = np.column_stack([values for _, values in features])
    model = CatBoostClassifier(
        n_estimators=100, depth=6, learning_rate=0.1, verbose=0,
        allow_writing_files=False,
    ).fit(matrix, labels)
    model.save_model(probe.path("model.json"), format="json")
    matrix = np.tile(matrix, (300000 // len(matrix) + 1, 1))[:300000]
    pool = Pool(matrix)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        theirs = model.predict(pool, prediction_type="RawFormulaVal", thread_count=1)
        took.append(time.perf_counter() - start)
    raw, ours = probe.apply(probe.path("model.json"), matrix, 5)
    check("Avazu: raw values", same_bits(theirs, raw), f"{len(raw)} rows")
    peer = min(took) * 1e9 / len(matrix) / 100
    print(
        f"      apply, 1 thread, 100 trees of depth 6 x {matrix.shape[1]}: "
        f"{ours:.3f} ns/row/tree, CatBoost on a ready Pool {peer:.3f}: "
        f"{peer / ours:.1f} times"
    )


def main():
    probe_borders, probe_model = sys.argv[1:3]
    features, labels = [], None
    if len(sys.argv) > 3:
        features, labels = avazu_features(sys.argv[3])
    check_borders(probe_borders, features)
    with tempfile.TemporaryDirectory() as folder:
        probe = Probe(probe_model, folder)
        check_models(probe)
        check_refused(probe)
        if features:
            check_speed(probe, features, labels)
    sys.exit(1 if FAILED else 0)


main()
