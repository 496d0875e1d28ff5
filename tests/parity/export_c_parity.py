"""Models as C source against real CatBoost and our own apply.

    export_c_parity.py PROBE_MODEL

What `clickmill model convert m.cbm m.c` writes must compile without a warning
under gcc and clang, as C99, and as C++ where the header is concerned, and give
the same raw values to the bit.
"""
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np
from catboost import CatBoostClassifier, CatBoostRegressor, Pool

CLICKMILL = os.environ["CLICKMILL"]
COMPILERS = [c for c in ("gcc", "clang") if shutil.which(c)]
WARNINGS = "-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror".split()
FAILED = []


def check(name, ok, detail=""):
    print(("ok    " if ok else "FAIL  ") + name, detail.strip(), flush=True)
    if not ok:
        FAILED.append(name)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def raw_of_c(folder, compiler, matrix):
    """Raw values and probabilities of folder/scorer.c."""
    library = os.path.join(folder, compiler + ".so")
    result = run(
        compiler, *WARNINGS, "-O2", "-shared", "-fPIC", "-o", library,
        os.path.join(folder, "scorer.c"), "-lm",
    )
    if result.returncode:
        raise RuntimeError(result.stderr)
    scorer = ctypes.CDLL(library)
    values = []
    for name in ("scorer_raw", "scorer_probability"):
        function = getattr(scorer, name, None)
        if function is None:
            values.append(None)
            continue
        function.restype = ctypes.c_double
        function.argtypes = [ctypes.c_void_p]
        start, step = matrix.ctypes.data, matrix.strides[0]
        values.append(
            np.array([function(start + i * step) for i in range(len(matrix))])
        )
    return values


def raw_of_ours(probe, folder, matrix):
    path = lambda name: os.path.join(folder, name)
    np.ascontiguousarray(matrix.T).tofile(path("matrix"))
    result = run(probe, path("m.cbm"), path("matrix"), str(len(matrix)), path("raw"))
    if result.returncode:
        raise RuntimeError(result.stderr)
    return np.fromfile(path("raw"))


def header_is_cpp(folder):
    source = os.path.join(folder, "use.cc")
    with open(source, "w") as file:
        file.write('#include "scorer.h"\nint main() { return 0; }\n')
    return run("g++", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", source)


def check_model(name, probe, model, matrix):
    matrix = np.ascontiguousarray(matrix, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        model.save_model(os.path.join(folder, "m.cbm"))
        result = run(
            CLICKMILL, "model", "convert", os.path.join(folder, "m.cbm"),
            os.path.join(folder, "scorer.c"),
        )
        if result.returncode:
            check(name, False, result.stderr)
            return
        theirs = model.predict(Pool(matrix), prediction_type="RawFormulaVal")
        ours = raw_of_ours(probe, folder, matrix)
        for compiler in COMPILERS:
            raw, probability = raw_of_c(folder, compiler, matrix)
            check(
                f"{name}, {compiler}: raw values",
                raw.tobytes() == theirs.tobytes() == ours.tobytes(),
                f"{len(raw)} rows",
            )
            if probability is not None:
                wanted = model.predict_proba(Pool(matrix))[:, 1]
                worst = np.abs(probability - wanted).max()
                check(f"{name}, {compiler}: probability", worst <= 1e-15)
        result = header_is_cpp(folder)
        check(f"{name}: header in C++", result.returncode == 0, result.stderr)


def train(matrix, labels, kind=CatBoostClassifier, **params):
    return kind(
        verbose=0, thread_count=2, allow_writing_files=False, random_state=1, **params
    ).fit(matrix, labels)


def check_refused(model, wanted):
    with tempfile.TemporaryDirectory() as folder:
        model.save_model(os.path.join(folder, "m.cbm"))
        result = run(
            CLICKMILL, "model", "convert", os.path.join(folder, "m.cbm"),
            os.path.join(folder, "m.c"),
        )
        left = sorted(os.listdir(folder))
        check(
            f"refuses {wanted}",
            result.returncode == 1 and wanted in result.stderr and left == ["m.cbm"],
            result.stderr,
        )


def main():
    probe = sys.argv[1]
    rng = np.random.default_rng(6)
    x = rng.normal(0, 1, (3000, 8)).astype(np.float32)
    x[:, 3] = np.round(x[:, 3])
    signal = x[:, 0] + x[:, 1] * x[:, 2] + x[:, 3]
    y = (signal + rng.normal(0, 1, 3000) > 0) * 1
    holes = np.where(rng.random(x.shape) < 0.1, np.nan, x).astype(np.float32)
    edge = [np.inf, -np.inf, 3.4e38, -3.4e38, 0.0, -0.0, np.nan, 1e-45]
    edges = np.tile(np.array(edge, np.float32)[:, None], 8)
    check_model("plain", probe, train(x, y, n_estimators=100, depth=6), x)
    check_model("deep", probe, train(x, y, n_estimators=10, depth=10), x)
    check_model("one tree", probe, train(x, y, n_estimators=1, depth=1), x)
    for mode in ("Min", "Max"):
        model = train(holes, y, n_estimators=40, nan_mode=mode)
        check_model(f"NaN {mode}", probe, model, np.vstack([holes, edges]))
    model = train(x, y, n_estimators=40)
    model.set_scale_and_bias(1.7, -0.3)
    check_model("scale and bias", probe, model, x)
    names = ["*/", "/*", "??/", "a\\", "b\n#error", "\N{EURO SIGN}", '"', "h"]
    pool = Pool(x, y, feature_names=names)
    model = train(pool, None, n_estimators=20)
    check_model("odd names", probe, model, x)
    model = train(x, signal, CatBoostRegressor, n_estimators=20)
    check_model("regression", probe, model, x)
    town = np.array(["rome", "oslo", "bern"])[rng.integers(0, 3, 3000)]
    pool = Pool([list(r) for r in zip(x[:, 0], town)], y ^ (town == "oslo"),
                cat_features=[1], feature_names=["size", "town"])
    check_refused(train(pool, None, n_estimators=5), "town")
    sys.exit(1 if FAILED else 0)


main()
