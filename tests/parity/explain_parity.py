"""SHAP values and importances against real CatBoost.

    explain_parity.py PROBE_EXPLAIN

SHAP values agree within 1e-11 (1e-9 where leaves lack weight: CatBoost takes
elements out of a path by dividing, which costs digits), importances within 1e-9
of the largest.
Prints one line a check, exits 1 when one fails.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier, Pool

FAILED = []


def check(name, ok, detail=""):
    print(("ok    " if ok else "FAIL  ") + name, detail.strip(), flush=True)
    if not ok:
        FAILED.append(name)


def explain(probe, model, rows, labels):
    """What our program says of a CatBoost model; rows: a matrix or a frame."""
    rows = pd.DataFrame(rows)
    floats = rows.select_dtypes("number").to_numpy(np.float32)
    cats = rows.select_dtypes(exclude="number")
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        model.save_model(path("model.cbm"))
        np.ascontiguousarray(floats.T).tofile(path("matrix"))
        np.asarray(labels, np.float32).tofile(path("labels"))
        with open(path("cats"), "w") as file:
            for column in cats:
                file.writelines(value + "\n" for value in cats[column])
        result = subprocess.run(
            [probe, path("model.cbm"), folder, str(len(rows))], capture_output=True
        )
        if result.returncode:
            raise RuntimeError(result.stderr.decode())
        read = lambda name: np.fromfile(path(name + ".f64"))
        return dict(
            shap=read("shap").reshape(len(rows), -1),
            values=read("values"),
            rows_values=read("rows_values"),
            loss=read("loss"),
            pairs=read("pairs").reshape(-1, 3),
            speed=[float(word) for word in result.stdout.split()],
        )


def near(ours, theirs, within):
    if ours.shape != theirs.shape:
        return False, f"shapes {ours.shape} and {theirs.shape}"
    worst = float(np.abs(ours - theirs).max()) if ours.size else 0.0
    return worst <= within, f"{worst:.1e}"


def by_pair(rows):
    rows = np.asarray(rows, float).reshape(-1, 3)
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]


def scores_of(name, ours, theirs):
    theirs = np.asarray(theirs, float)
    size = max(np.abs(theirs).max(initial=0), 1e-300)
    check(name, *near(ours, theirs, 1e-9 * size))


def pool_of(rows, labels=None):
    cats = []
    if isinstance(rows, pd.DataFrame):
        cats = list(rows.select_dtypes(exclude="number"))
    return Pool(rows, labels, cat_features=cats)


def check_model(name, probe, model, matrix, labels, loss=True, within=1e-11):
    pool = pool_of(matrix, labels)
    ours = explain(probe, model, matrix, labels)
    theirs = model.get_feature_importance(pool, "ShapValues")
    check(f"{name}: SHAP", *near(ours["shap"], theirs, within))
    raw = model.predict(pool, prediction_type="RawFormulaVal")
    check(f"{name}: SHAP adds up", *near(ours["shap"].sum(axis=1), raw, 1e-11))
    scores_of(
        f"{name}: PredictionValuesChange",
        ours["values"],
        model.get_feature_importance(type="PredictionValuesChange"),
    )
    scores_of(
        f"{name}: PredictionValuesChange of rows",
        ours["rows_values"],
        np.nan_to_num(model.get_feature_importance(pool, "PredictionValuesChange")),
    )
    if loss:
        scores_of(
            f"{name}: LossFunctionChange",
            ours["loss"],
            model.get_feature_importance(pool, "LossFunctionChange"),
        )
    pairs = model.get_feature_importance(type="Interaction")
    scores_of(f"{name}: Interaction", by_pair(ours["pairs"]), by_pair(pairs))
    return ours


def train(matrix, labels, **params):
    return CatBoostClassifier(
        verbose=0, thread_count=2, allow_writing_files=False, random_state=1, **params
    ).fit(pool_of(matrix, labels))


def without_some_weights(model, rng):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.json")
        model.save_model(path, format="json")
        with open(path) as file:
            content = json.load(file)
        for tree in content["oblivious_trees"]:
            weights = tree["leaf_weights"]
            tree["leaf_weights"] = [w * int(rng.random() < 0.6) for w in weights]
        with open(path, "w") as file:
            json.dump(content, file)
        return CatBoostClassifier().load_model(path, format="json")


def check_categories(probe, rng):
    n = 3000
    rows = pd.DataFrame({
        "size": rng.normal(0, 1, n).astype(np.float32),
        "town": rng.choice(["rome", "oslo", "bern", "ulm"], n),
        "age": rng.normal(0, 1, n).astype(np.float32),
        "site": rng.integers(0, 40, n).astype(str),
        "app": rng.integers(0, 15, n).astype(str),
        "sex": rng.choice(["f", "m"], n),
    })
    effect = rng.normal(0, 1, 40)[rows["site"].astype(int)]
    labels = (
        effect + rows["size"] * (rows["town"] == "oslo") + (rows["sex"] == "f")
        + effect * (rows["app"].astype(int) % 3) + rng.normal(0, 1, n) > 0.5
    ) * 1
    seen = rows.iloc[: n // 2], labels.iloc[: n // 2]
    for name, params in {
        "one-hot": dict(one_hot_max_size=255, n_estimators=40),
        "CTRs": dict(max_ctr_complexity=1, n_estimators=40),
        "combinations": dict(max_ctr_complexity=4, n_estimators=80, depth=5),
        "one-hot and combinations": dict(
            max_ctr_complexity=3, one_hot_max_size=4, n_estimators=60, depth=7
        ),
    }.items():
        model = train(*seen, **params)
        check_model(name, probe, model, rows, labels)
    check_command(model, rows, labels)


def check_command(model, rows, labels):
    """The command line, from CSV with categories."""
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        model.save_model(path("model.cbm"))
        rows.to_csv(path("rows.csv"), index=False)
        np.save(path("labels.npy"), labels)
        command = [
            os.environ["CLICKMILL"], "model", "importance", path("model.cbm"),
            "--input", path("rows.csv"), "--labels", path("labels.npy"), "--type",
        ]
        shap = command + ["ShapValues", "--output", path("shap.csv")]
        loss = command + ["LossFunctionChange", "--json"]
        subprocess.run(shap, check=True)
        printed = json.loads(subprocess.check_output(loss))
        ours = pd.read_csv(path("shap.csv"))
    pool = pool_of(rows, labels)
    theirs = model.get_feature_importance(pool, "ShapValues")
    check("model importance: SHAP", *near(ours.to_numpy(), theirs, 1e-11))
    check(
        "model importance: names",
        list(ours) == [*rows.columns, "expected_value"],
    )
    theirs = model.get_feature_importance(pool, "LossFunctionChange", prettified=True)
    ours = {row["name"]: row["importance"] for row in printed["inputs"]}
    scores_of(
        "model importance: LossFunctionChange",
        np.array([ours[name] for name in theirs["Feature Id"]]),
        theirs["Importances"],
    )


def main():
    probe = sys.argv[1]
    rng = np.random.default_rng(4)
    x = rng.normal(0, 1, (3000, 12)).astype(np.float32)
    x[:, 3] = np.round(x[:, 3])
    signal = x[:, 0] + x[:, 1] * x[:, 2] + x[:, 3] + x[:, 0] * x[:, 4]
    y = (signal + rng.normal(0, 1, 3000) > 0) * 1
    for depth in (1, 2, 4, 6, 8):
        model = train(x, y, n_estimators=60, depth=depth)
        ours = check_model(f"depth {depth}", probe, model, x, y)
        print("      {:.0f} ns a row, {:.1f} ms to make ready".format(*ours["speed"]))
    few = train(x[:40], y[:40], n_estimators=30, depth=10)
    check_model("40 rows, depth 10", probe, few, x[:200], y[:200])
    two = train(x[:, :2], y, n_estimators=50, depth=7)
    check_model("2 features, depth 7", probe, two, x[:, :2], y)
    holes = np.where(rng.random(x.shape) < 0.1, np.nan, x)
    for mode in ("Min", "Max"):
        model = train(holes, y, n_estimators=30, nan_mode=mode)
        check_model(f"NaN {mode}", probe, model, holes, y)
    check_model("one row", probe, model, holes[:1], y[:1])
    model = train(x, y, n_estimators=40, depth=5)
    model.set_scale_and_bias(1, -0.5)
    check_model("with a bias", probe, model, x, y)
    for key, value in (
        ("class_weights", [1, 3]), ("auto_class_weights", "Balanced"),
    ):
        model = train(x, y, n_estimators=20, depth=5, **{key: value})
        check_model(key, probe, model, x, y)
    check_model(
        "leaves without weight", probe, without_some_weights(model, rng), x, y,
        loss=False, within=1e-9,
    )
    check_categories(probe, rng)
    model = train(x, y, n_estimators=100, depth=6)
    ours = explain(probe, model, np.tile(x, (10, 1)), np.tile(y, 10))
    pool = Pool(np.tile(x, (10, 1)))
    took = []
    for _ in range(3):
        start = time.perf_counter()
        model.get_feature_importance(pool, "ShapValues", thread_count=1)
        took.append(time.perf_counter() - start)
    print(
        "      SHAP, 100 trees of depth 6, 30,000 rows, 1 thread: {:.0f} ns a row "
        "and {:.1f} ms; CatBoost {:.0f} ns a row".format(
            *ours["speed"], min(took) * 1e9 / 30000
        )
    )
    sys.exit(1 if FAILED else 0)


main()
