"""Models that real CatBoost trained, applied and written again by us.

    foreign_parity.py [PROBE_FOREIGN]

Each case is trained by CatBoost and saved in every format of FORMATS.  Our raw
values of 20,000 rows, with unseen values and NaN among them, must be its
RawFormulaVal within 1e-9; so must what CatBoost makes of the model we wrote.
Prints one line a case, exits 1 when one fails.
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

# name of CatBoost's format -> what our file is called
FORMATS = {"json": "model.json", "cbm": "model.cbm"}

ROWS, TEST_ROWS, LIMIT = 3000, 20000, 1e-9
FAILED = []


def check(name, worst, detail=""):
    ok = worst <= LIMIT
    print(f"{'ok    ' if ok else 'FAIL  '}{name} {worst:.1e} {detail}", flush=True)
    if not ok:
        FAILED.append(name)


# ---- data ------------------------------------------------------------------


def table(rng, n, cats, unseen, nan):
    """Six numbers, then categories of growing size; a share of the values is
    not in training, a share of the numbers is NaN."""
    data = {f"x{i}": rng.normal(0, 1, n).astype(np.float32) for i in range(6)}
    data["x3"] = np.round(data["x3"])
    sizes = {"two": 2, "four": 4, "ten": 10, "fifty": 50, "many": 800}
    for name, size in list(sizes.items())[:cats]:
        values = (rng.random(n) ** 2 * size * (1 + unseen)).astype(int)
        data[name] = np.array([f"{name}-{v}" for v in values])
    if cats > 1:
        data["four"] = rng.integers(-1, 3, n).astype(str)
    if cats > 2:
        data["ten"] = np.where(rng.random(n) < 0.1, "", data["ten"])
    for name in ("x1", "x4"):
        data[name][rng.random(n) < nan] = np.nan
    return pd.DataFrame(data)


def score_of(data, rng):
    score = data["x0"] + np.nan_to_num(data["x1"]) * data["x2"]
    for i, name in enumerate(data.columns[6:]):
        codes = data[name].map(lambda v: sum(map(ord, v)) % 7 - 3)
        score = score + codes * (0.5 if i % 2 else 0.3) * np.sign(data["x5"])
    return (score + rng.normal(0, 0.5, len(data))).to_numpy()


LABELS = {
    "binary": lambda score: (score > 0).astype(int),
    "named": lambda score: np.where(score > 0, "click", "none"),
    "true": lambda score: score > 0,
    "share": lambda score: 1 / (1 + np.exp(-score)),
    "count": lambda score: np.floor(np.exp(np.clip(score / 2, -3, 3))),
    "number": lambda score: score,
}

# ---- cases -----------------------------------------------------------------

ALL_CTRS = ["Borders", "Buckets", "BinarizedTargetMeanValue", "Counter"]
PRIORS = [f"{kind}:Prior=0.3:Prior=2:Prior=-1" for kind in ALL_CTRS]


def case(name, labels="binary", cats=5, nan=0.0, learn_nan=0.0, rows=ROWS,
         formats=FORMATS, rewrite=None, **params):
    params.setdefault("iterations", 25)
    params.setdefault("depth", 5)
    params.setdefault("learning_rate", 0.2)
    return dict(name=name, labels=labels, cats=cats, nan=nan,
                learn_nan=learn_nan, rows=rows, formats=formats, rewrite=rewrite,
                params=params)


def ctr_cases():
    for kind in ALL_CTRS:
        yield case(f"simple {kind}", simple_ctr=[kind], combinations_ctr=[kind],
                   max_ctr_complexity=1, one_hot_max_size=2)
        yield case(f"combined {kind}", simple_ctr=[kind], combinations_ctr=[kind],
                   max_ctr_complexity=3, one_hot_max_size=4, nan=0.1, learn_nan=0.1)
    for method in ("SkipTest", "Full"):
        yield case(f"Counter {method}", simple_ctr=["Counter"],
                   combinations_ctr=["Counter"], counter_calc_method=method,
                   max_ctr_complexity=2)
    for complexity in (1, 2, 3, 4):
        yield case(f"complexity {complexity}", max_ctr_complexity=complexity,
                   one_hot_max_size=5, model_size_reg=0, nan=0.1)
    yield case("every CTR", simple_ctr=ALL_CTRS, combinations_ctr=ALL_CTRS,
               max_ctr_complexity=4, model_size_reg=0, nan=0.2, learn_nan=0.2)
    yield case("priors", simple_ctr=PRIORS, combinations_ctr=PRIORS,
               max_ctr_complexity=2)
    yield case("CTR borders", max_ctr_complexity=2,
               simple_ctr=["Borders:CtrBorderCount=200", "Counter:CtrBorderCount=60"])
    yield case("tables kept to 50 keys", ctr_leaf_count_limit=50)
    yield case("NaN below in keys", nan=0.3, learn_nan=0.3, nan_mode="Min",
               max_ctr_complexity=4, model_size_reg=0, iterations=40)
    yield case("NaN above in keys", nan=0.3, learn_nan=0.3, nan_mode="Max",
               max_ctr_complexity=4, model_size_reg=0, iterations=40)


def float_cases():
    yield case("floats", cats=0)
    yield case("floats, NaN not seen", cats=0, nan=0.2)
    yield case("floats, NaN Min", cats=0, nan=0.2, learn_nan=0.2, nan_mode="Min")
    yield case("floats, NaN Max", cats=0, nan=0.2, learn_nan=0.2, nan_mode="Max")
    yield case("many borders", cats=1, border_count=1000, iterations=150, depth=8,
               feature_border_type="Median")
    yield case("depth 1", depth=1, iterations=60)
    yield case("depth 10", depth=10, iterations=8)
    yield case("ignored columns", ignored_features=["x1", "x4", "ten"])


def one_hot_cases():
    yield case("one-hot 2", cats=3, one_hot_max_size=2)
    yield case("one-hot 10", one_hot_max_size=10, nan=0.1, learn_nan=0.1)
    yield case("one-hot 255", one_hot_max_size=255, iterations=60)
    yield case("one-hot only", cats=4, one_hot_max_size=255, max_ctr_complexity=1,
               ignored_features=[f"x{i}" for i in range(6)])


def label_cases():
    yield case("names", labels="named")
    yield case("truths", labels="true", cats=2)
    yield case("class weights", class_weights=[1, 7])
    yield case("balanced", auto_class_weights="Balanced")
    yield case("CrossEntropy", labels="share", loss_function="CrossEntropy")
    yield case("Logloss from average", boost_from_average=True)
    yield case("has_time", has_time=True)
    yield case("few rows", rows=40, iterations=10)
    yield case("Ordered", boosting_type="Ordered")


def regression_cases():
    yield case("RMSE", labels="number", loss_function="RMSE")
    yield case("RMSE from zero", labels="number", loss_function="RMSE",
               boost_from_average=False)
    yield case("MAE", labels="number", loss_function="MAE", cats=2)
    yield case("Quantile", labels="number", loss_function="Quantile:alpha=0.3")
    yield case("Poisson", labels="count", loss_function="Poisson")
    yield case("Borders of 3 targets", labels="number", loss_function="RMSE",
               simple_ctr=["Borders:TargetBorderCount=3",
                           "Buckets:TargetBorderCount=4"],
               combinations_ctr=["Borders:TargetBorderCount=2"],
               max_ctr_complexity=2)
    # CatBoost's JSON makes one table of two that count other classes.
    yield case("several cuts of the target", labels="number", loss_function="RMSE",
               formats=["cbm"], model_size_reg=0, max_ctr_complexity=2,
               simple_ctr=["Borders:TargetBorderCount=3",
                           "Borders:TargetBorderCount=1:Prior=0.3"],
               combinations_ctr=["Borders:TargetBorderCount=2"])
    yield case("means of 3 targets", labels="number", loss_function="RMSE",
               simple_ctr=["BinarizedTargetMeanValue:TargetBorderCount=3"])


def all_cases():
    for cases in (float_cases, one_hot_cases, ctr_cases, label_cases,
                  regression_cases, rewritten_cases):
        yield from cases()


# ---- models that CatBoost applies, but its trainer does not make -----------


def other_types(model, rng):
    """The two types of CTR that only its GPU trainer makes."""
    for part in ("features_info", "ctr_data"):
        text = json.dumps(model[part]).replace("Counter", "FeatureFreq")
        text = text.replace("BinarizedTargetMean", "FloatTargetMean")
        model[part] = json.loads(text)
    return model


def own_statistics(model, rng):
    """Smoothed means and plain counts with hundreds of borders, and a second
    table of one column, by naming the column twice."""
    info, tables = model["features_info"], model["ctr_data"]
    cats = info["categorical_features"]
    cats.append(dict(cats[-1], feature_index=len(cats)))
    cats[-1].pop("values", None)
    for ctr in info["ctrs"]:
        counter = ctr["ctr_type"] == "Counter"
        ctr.update(shift=0, scale=1, prior_numerator=0 if counter else 1.7,
                   prior_denomerator=0 if counter else 10)
        borders = rng.integers(0, 900, 50) if counter else rng.random(700)
        ctr["borders"] = np.unique(borders.astype(np.float32)).tolist()
    second = dict(info["ctrs"][0], ctr_type="Buckets")
    second["elements"] = [{"combination_element": "cat_feature_value",
                           "cat_feature_index": len(cats) - 1}]
    info["ctrs"].append(second)
    for table in tables.values():
        table["counter_denominator"] = 1
    some = next(value for value in tables.values() if value["hash_stride"] == 3)
    name = {"identifier": second["elements"], "type": "Buckets"}
    tables[json.dumps(name)] = dict(some, hash_map=some["hash_map"][:300])
    plant_trees(model, rng)
    return model


def plant_trees(model, rng):
    info = model["features_info"]
    features = info["float_features"] + info["ctrs"]
    n = sum(len(f["borders"]) for f in features)
    n += sum(len(c.get("values", [])) for c in info["categorical_features"])
    model["oblivious_trees"] = [
        {"splits": [{"split_index": int(i)} for i in rng.integers(0, n, 6)],
         "leaf_values": rng.normal(0, 0.1, 64).tolist(),
         "leaf_weights": [1] * 64}
        for _ in range(60)
    ]


def rewritten_cases():
    yield case("FeatureFreq, FloatTargetMeanValue", rewrite=other_types,
               simple_ctr=ALL_CTRS, combinations_ctr=ALL_CTRS,
               max_ctr_complexity=2)
    yield case("our own statistics", rewrite=own_statistics,
               simple_ctr=["Borders", "Counter"], max_ctr_complexity=2,
               nan=0.1, learn_nan=0.1)


def rewrite(model, change, seed):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.json")
        model.save_model(path, format="json")
        with open(path) as text:
            changed = change(json.load(text), np.random.default_rng(seed))
        with open(path, "w") as text:
            json.dump(changed, text)
        return CatBoost().load_model(path, format="json")


def train(spec, seed):
    rng = np.random.default_rng(seed)
    learn = table(rng, spec["rows"], spec["cats"], 0, spec["learn_nan"])
    labels = LABELS[spec["labels"]](score_of(learn, rng))
    test = table(rng, TEST_ROWS, spec["cats"], 0.3, spec["nan"])
    cats = list(learn.columns[6:])
    loss = spec["params"].get("loss_function", "Logloss")
    kind = (CatBoostClassifier if loss in ("Logloss", "CrossEntropy")
            else CatBoostRegressor)
    model = kind(random_seed=seed, thread_count=2, logging_level="Silent",
                 allow_writing_files=False, **spec["params"])
    model.fit(Pool(learn, labels, cat_features=cats))
    if spec["rewrite"] is not None:
        model = rewrite(model, spec["rewrite"], seed)
    return model, test, cats


# ---- our side --------------------------------------------------------------


class Probe:
    """Our program's view of models, in a folder of its own."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def put_rows(self, test, cats, wanted):
        """wanted: the columns of the model's categories, perhaps one twice."""
        floats = test.drop(columns=cats).to_numpy(np.float32)
        np.ascontiguousarray(floats.T).tofile(self.path("floats"))
        with open(self.path("cats"), "w", encoding="utf-8") as out:
            for name in wanted:
                out.write("\n".join(test[name]) + "\n")

    def apply(self, model, saved):
        result = subprocess.run(
            [self.program, model, self.path("floats"), self.path("cats"),
             str(TEST_ROWS), self.path("raw"), saved], capture_output=True)
        if result.returncode:
            raise RuntimeError(result.stderr.decode())
        return np.fromfile(self.path("raw")), result.stdout.decode().strip()


def raw_of(path, kind, pool):
    model = CatBoost().load_model(path, format=kind)
    return model.predict(pool, prediction_type="RawFormulaVal")


def distance(a, b):
    return float(np.abs(a - b).max()) if len(a) == len(b) else np.inf


def whole_sums(path):
    """Whether CatBoost can read its own JSON: it takes the sums of target
    means for whole numbers, and anything else for 0."""
    with open(path) as text:
        tables = json.load(text).get("ctr_data") or {}
    return all(
        isinstance(number, (str, int))
        for value in tables.values()
        for number in value["hash_map"]
    )


def run_case(probe, spec, seed):
    model, test, cats = train(spec, seed)
    pool = Pool(test, cat_features=cats)
    wanted = model.predict(pool, prediction_type="RawFormulaVal")
    probe.put_rows(test, cats, test.columns[model.get_cat_feature_indices()])
    for kind in spec["formats"]:
        name = FORMATS[kind]
        path, saved = probe.path(name), probe.path("saved-" + name)
        model.save_model(path, format=kind)
        ours, shape = probe.apply(path, saved)
        same = np.array_equal(ours, wanted)
        label = f"{spec['name']} ({kind})"
        check(label, distance(ours, wanted), ("same bits, " if same else "") + shape)
        if kind != "json" or whole_sums(saved):
            check(f"{label}, written by us",
                  distance(raw_of(saved, kind, pool), wanted))


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.environ["BUILD"], "tests/parity/probe_foreign")
    with tempfile.TemporaryDirectory() as folder:
        probe = Probe(program, folder)
        count = 0
        for seed, spec in enumerate(all_cases()):
            run_case(probe, spec, seed)
            count += 1
        print(f"      {count} models, {TEST_ROWS} rows each")
    sys.exit(1 if FAILED else 0)


main()
