"""CatBoost's binary model, .cbm, against real CatBoost.

    cbm_parity.py PROBE_MODEL

What CatBoost wrote, we apply to the bit.  What we write of it CatBoost loads
(its verifier passes), gives the same raw values to the bit, the same names,
classes, parameters, importances and SHAP values, and saves again as a file that
we read as the same model.
Prints one line a check, exits 1 when one fails.
"""
import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import pandas as pd
from catboost import CatBoost, CatBoostClassifier, CatBoostRegressor, Pool

warnings.filterwarnings("ignore")
CLICKMILL = os.environ["CLICKMILL"]
FAILED = []


def check(name, ok, detail=""):
    print(("ok    " if ok else "FAIL  ") + name, detail.strip(), flush=True)
    if not ok:
        FAILED.append(name)


def same_bits(a, b):
    return len(a) == len(b) and a.tobytes() == b.tobytes()


class Folder:
    def __init__(self, path, probe):
        self.path, self.probe = path, probe

    def at(self, name):
        return os.path.join(self.path, name)

    def bytes(self, name):
        with open(self.at(name), "rb") as file:
            return file.read()

    def convert(self, source, target):
        result = subprocess.run(
            [CLICKMILL, "model", "convert", self.at(source), self.at(target)],
            capture_output=True, text=True)
        if result.returncode:
            raise RuntimeError(result.stderr)

    def apply(self, model, matrix):
        """Raw values of floats, by blocks and row by row."""
        matrix = np.asarray(matrix, np.float32)
        np.ascontiguousarray(matrix.T).tofile(self.at("matrix"))
        result = subprocess.run(
            [self.probe, self.at(model), self.at("matrix"), str(len(matrix)),
             self.at("raw"), self.at("probe.cbm")], capture_output=True, text=True)
        if result.returncode:
            raise RuntimeError(result.stderr)
        return np.fromfile(self.at("raw"))


def raw_of(model, pool):
    return model.predict(pool, prediction_type="RawFormulaVal")


def same_parameters(a, b):
    """But for two of the output options, which say where a trainer writes and
    are not kept."""
    left, right = a.get_all_params(), b.get_all_params()
    for name in ("best_model_min_trees", "use_best_model"):
        left.pop(name, None)
        right.pop(name, None)
    return left == right


def shap_of(model, pool):
    few = pool.slice(np.arange(20))
    return model.get_feature_importance(few, "ShapValues")


def save_theirs(folder, model):
    """Saved twice: CatBoost rounds parameters when it reads them."""
    model.save_model(folder.at("theirs.cbm"))
    model = type(model)().load_model(folder.at("theirs.cbm"))
    model.save_model(folder.at("theirs.cbm"))
    return model


def check_written(name, folder, original, pool, wanted):
    folder.convert("theirs.cbm", "ours.cbm")
    ours = type(original)().load_model(folder.at("ours.cbm"))
    check(f"{name}: CatBoost applies ours", same_bits(raw_of(ours, pool), wanted))
    facts = {
        "names": original.feature_names_ == ours.feature_names_,
        "trees": original.tree_count_ == ours.tree_count_,
        "parameters": same_parameters(original, ours),
        "scale and bias":
            original.get_scale_and_bias() == ours.get_scale_and_bias(),
        "importance": same_bits(*[
            np.asarray(m.get_feature_importance()) for m in (original, ours)]),
        "SHAP": same_bits(shap_of(original, pool), shap_of(ours, pool)),
    }
    if isinstance(original, CatBoostClassifier):
        facts["classes"] = list(original.classes_) == list(ours.classes_)
        facts["labels"] = np.array_equal(original.predict(pool), ours.predict(pool))
    wrong = [fact for fact, same in facts.items() if not same]
    check(f"{name}: {', '.join(facts)}", not wrong, " ".join(wrong))
    ours.save_model(folder.at("again.cbm"))
    folder.convert("again.cbm", "again-ours.cbm")
    if "cuts" in name:
        check_no_json(name, folder, pool, wanted)
    else:
        check_json(name, folder)


def check_json(name, folder):
    """CatBoost changes the order of parameters, so texts are compared parsed."""
    folder.convert("again.cbm", "again.json")
    folder.convert("ours.cbm", "ours.json")
    check(f"{name}: saved by CatBoost it is the same model",
          json.loads(folder.bytes("ours.json")) ==
          json.loads(folder.bytes("again.json")))
    folder.convert("ours.json", "back.cbm")
    folder.convert("back.cbm", "back.json")
    check(f"{name}: JSON by .cbm and back is the same file",
          folder.bytes("ours.json") == folder.bytes("back.json"))


def check_no_json(name, folder, pool, wanted):
    """Tables that JSON would make one are kept apart, and JSON is refused."""
    again = CatBoost().load_model(folder.at("again-ours.cbm"))
    check(f"{name}: by CatBoost and back", same_bits(raw_of(again, pool), wanted))
    try:
        folder.convert("ours.cbm", "ours.json")
        check(f"{name}: no JSON", False)
    except RuntimeError as error:
        check(f"{name}: no JSON", "cut of the target" in str(error), str(error))


def check_floats(name, folder, learn, labels, test, kind=CatBoostClassifier, **params):
    model = kind(verbose=0, thread_count=2, allow_writing_files=False,
                 random_state=1, **params)
    model = save_theirs(folder, model.fit(learn, labels))
    pool = Pool(test)
    wanted = raw_of(model, pool)
    check(f"{name}: raw values",
          same_bits(folder.apply("theirs.cbm", test), wanted),
          f"{len(test)} rows, {model.tree_count_} trees")
    check_written(name, folder, model, pool, wanted)


def with_holes(matrix, rng):
    matrix = matrix.copy()
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    return matrix


def float_models(folder):
    rng = np.random.default_rng(4)
    x = rng.normal(0, 1, (4000, 12)).astype(np.float32)
    x[:, 3] = np.round(x[:, 3])
    score = x[:, 0] + x[:, 1] * x[:, 2] + x[:, 3] + rng.normal(0, 1, 4000)
    y = (score > 0) * 1
    t = rng.normal(0, 1, (2003, 12)).astype(np.float32)
    for depth, trees in ((1, 60), (4, 40), (6, 40), (9, 10)):
        check_floats(f"depth {depth}", folder, x, y, t, depth=depth,
                     n_estimators=trees)
    check_floats("many borders", folder, x, y, t, n_estimators=100, depth=6,
                 border_count=1000)
    names = np.where(y > 0, "click", "nönë")
    check_floats("named classes", folder, x, names, t, n_estimators=10)
    holes, test_holes = with_holes(x, rng), with_holes(t, rng)
    for mode in ("Min", "Max"):
        check_floats(f"NaN {mode}", folder, holes, y, test_holes, n_estimators=30,
                     nan_mode=mode)
    check_floats("NaN not seen", folder, x, y, test_holes, n_estimators=30)
    for loss in ("RMSE", "MAE", "Quantile:alpha=0.3"):
        check_floats(loss, folder, x, score, t, kind=CatBoostRegressor,
                     loss_function=loss, n_estimators=30)


# ---- categories ------------------------------------------------------------


def categories(rng, n, values):
    return pd.DataFrame({
        "a": rng.normal(size=n).astype(np.float32),
        "site": rng.integers(0, values, n).astype(str),
        "b": rng.normal(size=n).astype(np.float32),
        "device": rng.integers(0, 2, n).astype(str),
        "app": rng.integers(0, 8, n).astype(str),
    })


ALL_CTRS = ["Borders", "Buckets", "BinarizedTargetMeanValue", "Counter"]


def category_models(folder):
    rng = np.random.default_rng(5)
    learn, test = categories(rng, 3000, 200), categories(rng, 2000, 300)
    cats = ["site", "device", "app"]
    score = learn.a * learn.b + learn.site.astype(int) % 5 - 2
    labels = {CatBoostClassifier: (score > 0) * 1, CatBoostRegressor: score}
    cases = {
        "CTRs": dict(),
        "combinations": dict(max_ctr_complexity=4, model_size_reg=0, depth=6,
                             one_hot_max_size=8),
        "every CTR": dict(simple_ctr=ALL_CTRS, combinations_ctr=ALL_CTRS,
                          max_ctr_complexity=2),
        "one-hot only": dict(one_hot_max_size=300),
        "several cuts of the target": dict(
            kind=CatBoostRegressor, max_ctr_complexity=2, model_size_reg=0,
            simple_ctr=["Borders:TargetBorderCount=3",
                        "Borders:TargetBorderCount=1:Prior=0.3"],
            combinations_ctr=["Borders:TargetBorderCount=2"]),
    }
    for name, params in cases.items():
        kind = params.pop("kind", CatBoostClassifier)
        model = kind(logging_level="Silent", thread_count=2, iterations=30,
                     allow_writing_files=False, random_state=1, **params)
        model.fit(learn, labels[kind], cat_features=cats)
        model = save_theirs(folder, model)
        pool = Pool(test, cat_features=cats)
        check_written(name, folder, model, pool, raw_of(model, pool))
        sizes = [len(folder.bytes(f)) for f in ("ours.cbm", "theirs.cbm")]
        print(f"      {model.tree_count_} trees in %d bytes, CatBoost's %d" % tuple(sizes))


# ---- what is refused -------------------------------------------------------


def refused(folder):
    rng = np.random.default_rng(6)
    x, y = rng.normal(0, 1, (300, 4)), rng.integers(0, 2, 300)
    text = pd.DataFrame({"a": x[:, 0], "t": rng.choice(["a b", "b c", "c"], 300)})
    vectors = pd.DataFrame({"a": x[:, 0], "v": [list(v) for v in x[:, 1:]]})
    cases = {
        "not symmetric": (x, y, dict(grow_policy="Lossguide")),
        "several outputs": (x, rng.integers(0, 3, 300),
                            dict(loss_function="MultiClass")),
        "text features": (text, y, dict(text_features=["t"])),
        "embedding features": (vectors, y, dict(embedding_features=["v"])),
    }
    for what, (data, labels, params) in cases.items():
        CatBoostClassifier(n_estimators=3, depth=2, verbose=0,
                           allow_writing_files=False, **params).fit(
            data, labels).save_model(folder.at("theirs.cbm"))
        try:
            folder.convert("theirs.cbm", "ours.cbm")
            check(f"refuses {what}", False)
        except RuntimeError as error:
            check(f"refuses {what}",
                  what in str(error) and "theirs.cbm: byte " in str(error), str(error))


def main():
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(path, sys.argv[1])
        float_models(folder)
        category_models(folder)
        refused(folder)
    sys.exit(1 if FAILED else 0)


main()
