"""Matrices and models without a bundle against real CatBoost and NumPy.

1. `fit` on arrays of every type and order that numpy.save writes: CatBoost,
   given the same array, predicts with our model what `predict` says, to the
   last bit, and every border of the model is one CatBoost chooses for the
   column.
2. `predict` on CSV with models CatBoost trained: numbers with NaN, categories
   seen and not seen, a regression, columns in another order.
Prints one line a check, exits 1 when one fails.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import pandas
from catboost import CatBoostClassifier, CatBoostRegressor, Pool

FAILED = []


def check(name, ok, detail=""):
    print(("ok    " if ok else "FAIL  ") + name, detail, flush=True)
    if not ok:
        FAILED.append(name)


def clickmill(*words):
    done = subprocess.run([os.environ["CLICKMILL"], *words, "--quiet"],
                          capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(" ".join(words) + ": " + done.stderr)
    return done.stdout


def predictions(model, table):
    """The second column that `predict` writes; ids must be row numbers."""
    lines = clickmill("predict", "--model", model, "--input", table).split()
    ids, values = zip(*(line.split(",") for line in lines[1:]))
    assert list(ids) == [str(i) for i in range(len(ids))], ids[:5]
    return np.array(values, float)


# ---- 1: fit ----------------------------------------------------------------

def columns(rng, n):
    """Few values, many, skewed, with NaN, with infinities, whole numbers."""
    x = np.empty((n, 6))
    x[:, 0] = rng.integers(0, 7, n)
    x[:, 1] = rng.normal(size=n)
    x[:, 2] = np.exp(5 * rng.normal(size=n))
    x[:, 3] = np.where(rng.random(n) < .1, np.nan, rng.normal(size=n))
    x[:, 4] = np.where(rng.random(n) < .05, np.inf, rng.random(n))
    x[:, 5] = rng.integers(0, 250, n)
    return x


def arrays(rng, n):
    x = columns(rng, n)
    yield "float32", x.astype(np.float32)
    yield "float64", x
    yield "float64, Fortran order", np.asfortranarray(x)
    yield "float32, Fortran order", np.asfortranarray(x.astype(np.float32))
    whole = x[:, [0, 5, 0]].copy()
    for kind in ("uint8", "int16", "int32", "int64", "uint64"):
        yield kind, whole.astype(kind)
    yield "bool", rng.random((n, 4)) < .3


def borders_of_catboost(x, nan_mode, folder):
    """By column, the borders CatBoost would quantize it with."""
    path = os.path.join(folder, "borders")
    pool = Pool(x.astype(np.float32), label=np.arange(len(x)) % 2)
    pool.quantize(border_count=254, feature_border_type="GreedyLogSum",
                  nan_mode=nan_mode)
    pool.save_quantization_borders(path)
    result = {}
    with open(path) as lines:
        for line in lines:
            column, border = line.split()[:2]
            result.setdefault(int(column), []).append(np.float32(border))
    return result


def check_fit(name, x, rng, folder, nan_mode="Min"):
    paths = [os.path.join(folder, file) for file in
             ("X.npy", "y.npy", "m.cbm", "m.json")]
    z = np.nan_to_num(x.astype(float), nan=1, posinf=2)
    z = (z - z.mean(0)) / z.std(0)
    y = (z.sum(1) + rng.normal(size=len(x)) > 0)
    np.save(paths[0], x)
    np.save(paths[1], y)
    clickmill("fit", *paths[:2], "--model", paths[2], "--iterations", "30",
              "--nan-mode", nan_mode)
    model = CatBoostClassifier().load_model(paths[2])
    theirs = model.predict_proba(Pool(x.astype(np.float32)))[:, 1]
    # The sigmoids differ in the last bits.
    off = np.abs(predictions(paths[2], paths[0]) - theirs).max()
    clickmill("model", "convert", *paths[2:])
    with open(paths[3]) as file:
        features = json.load(file)["features_info"]["float_features"]
    known = borders_of_catboost(x, nan_mode, folder)
    n, strange = 0, 0
    for feature in features:
        borders = np.array(feature["borders"] or [], np.float32)
        n += len(borders)
        strange += (~np.isin(borders, known.get(
            feature["flat_feature_index"], []))).sum()
    # Infinite values get finite borders here, infinite ones there.
    few = 1 if np.isinf(x.astype(float)).any() else 0
    check(f"fit, {name}", off <= 1e-15 and strange <= few and n > 0,
          f"off by {off:.1e}, {n} borders, {strange} not CatBoost's")


def fit_part(folder):
    rng = np.random.default_rng(3)
    for name, x in arrays(rng, 3000):
        check_fit(name, x, rng, folder)
    check_fit("NaN above all", columns(rng, 3000), rng, folder, "Max")


# ---- 2: predict ------------------------------------------------------------

def frame(rng, n, n_values):
    return pandas.DataFrame({
        "price": np.where(rng.random(n) < .1, np.nan, rng.gamma(2, 9, n)),
        "site": ["site, " + str(v) for v in rng.integers(0, n_values, n)],
        "hour": rng.integers(0, 24, n).astype(float),
        "device": rng.choice(["tv", "phone", 'a "tab"', ""], n)})


def check_predict(name, model, rows, theirs, folder):
    paths = [os.path.join(folder, file) for file in ("t.cbm", "t.csv")]
    model.save_model(paths[0])
    # Other columns, in another order.
    rows = rows.assign(noise="x")[["noise", *reversed(rows.columns)]]
    rows.to_csv(paths[1], index=False)
    off = np.abs(predictions(*paths) - theirs).max()
    check(f"predict, {name}", off <= 1e-12, f"off by {off:.1e}")


def predict_part(folder):
    rng = np.random.default_rng(4)
    rows, new = frame(rng, 4000, 40), frame(rng, 3000, 80)
    y = (rows["hour"] + 9 * (rows["device"] == "tv") +
         rng.normal(size=len(rows)) * 4 > 14).astype(int)
    how = dict(iterations=40, depth=4, verbose=0, allow_writing_files=False,
               thread_count=2)
    numbers = ["price", "hour"]
    for mode in ("Min", "Max"):
        model = CatBoostClassifier(**how, nan_mode=mode)
        model.fit(rows[numbers], y)
        check_predict(f"numbers, nan_mode {mode}", model, new[numbers],
                      model.predict_proba(new[numbers])[:, 1], folder)
    model = CatBoostClassifier(**how, cat_features=["site", "device"],
                               one_hot_max_size=5)
    model.fit(rows, y)
    check_predict("categories", model, new, model.predict_proba(new)[:, 1],
                  folder)
    model = CatBoostRegressor(**how)
    model.fit(rows[numbers], rows["hour"] * 3 + y)
    check_predict("regression", model, new[numbers],
                  model.predict(new[numbers]), folder)


def main():
    with tempfile.TemporaryDirectory() as folder:
        fit_part(folder)
        predict_part(folder)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
