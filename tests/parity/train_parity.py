"""The trainer against real CatBoost.

    train_parity.py [PROBE_TRAIN] [--seeds N] [--verbose]

A. Defaults and automatic values are those get_all_params() reports.
B. Without sampling and random score parts, on CatBoost's own borders, the
   trees are CatBoost's: splits, leaf weights, leaf values, log loss.
C. With CatBoost's default sampling and noise the quality over several seeds is
   CatBoost's (real rows are needed: $DATA/avazu/avazu_sample.csv).
Prints one line a check, exits 1 when one fails.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from catboost import CatBoostClassifier, Pool
from sklearn.datasets import load_breast_cancer, make_classification
from sklearn.metrics import log_loss, roc_auc_score

FAILED = []
VERBOSE = "--verbose" in sys.argv
WORDS = {"bootstrap_type": "bootstrap", "score_function": "score",
         "leaf_estimation_method": "method",
         "leaf_estimation_iterations": "leaf_iterations",
         "leaf_estimation_backtracking": "backtracking",
         "random_seed": "seed", "thread_count": "threads"}


def check(name, ok, detail=""):
    print(("ok    " if ok else "FAIL  ") + name, detail, flush=True)
    if not ok:
        FAILED.append(name)


def as_arguments(params):
    def text(key, value):
        if key == "leaf_estimation_backtracking":
            return int(value != "No")
        return int(value) if isinstance(value, bool) else value
    return [f"{WORDS.get(key, key)}={text(key, value)}"
            for key, value in params.items()]


def run(*command):
    result = subprocess.run([str(word) for word in command],
                            capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(result.stderr.strip())
    return json.loads(result.stdout)


# ---- data --------------------------------------------------------------------


class Data:
    """Features as float32, CatBoost's borders, and the file of bins."""

    def __init__(self, name, x, y, folder):
        self.name, self.y = name, np.asarray(y)
        self.x = np.ascontiguousarray(x, np.float32)
        self.borders = self.borders_of_catboost(folder)
        self.path = os.path.join(folder, name + ".bins")
        self.write(self.path)

    def borders_of_catboost(self, folder):
        pool = Pool(self.x, self.y)
        pool.quantize(border_count=254, feature_border_type="GreedyLogSum")
        path = os.path.join(folder, "borders")
        pool.save_quantization_borders(path)
        borders = [[] for _ in range(self.x.shape[1])]
        with open(path) as lines:
            for line in lines:
                words = line.split()
                borders[int(words[0])].append(np.float32(words[1]))
        return [np.array(b, np.float32) for b in borders]

    def bins(self, x):
        return np.array([np.searchsorted(b, x[:, i], side="left")
                         for i, b in enumerate(self.borders)], np.uint8)

    def write(self, path):
        n, m = self.x.shape
        with open(path, "wb") as out:
            out.write(np.array([n, m], np.uint64).tobytes())
            out.write(np.array([len(b) + 1 for b in self.borders],
                               np.uint16).tobytes())
            out.write(self.y.astype(np.uint8).tobytes())
            out.write(self.bins(self.x).tobytes())


def raw_scores(model, bins):
    total = np.full(bins.shape[1], float(model["bias"]))
    for tree in model["trees"]:
        leaf = np.zeros(bins.shape[1], np.int64)
        for d, (feature, border) in enumerate(tree["splits"]):
            leaf |= (bins[feature] > border).astype(np.int64) << d
        total += np.array(tree["leaf_values"])[leaf]
    return total


def avazu_rows():
    """The seed's features; None where the real rows are absent."""
    path = os.path.join(os.environ.get("DATA", "../shared/data"),
                        "avazu", "avazu_sample.csv")
    if not os.path.exists(path):
        return None
    import pandas as pd
    from sklearn.model_selection import train_test_split
    rows = pd.read_csv(path)
    hour = pd.to_datetime(rows.hour.astype(str), format="%y%m%d%H")
    rows["hour_of_day"] = hour.dt.hour
    rows["day_of_week"] = (hour - pd.Timestamp("2014-10-20")).dt.days % 7
    for name, key in (("device_ip_count", "device_ip"),
                      ("device_id_count", "device_id"),
                      ("hourly_user_count", "hour_of_day")):
        rows[name] = rows.groupby(key)["id"].transform("count")
    names = ("site_id site_domain site_category app_id app_category app_domain "
             "device_model device_type device_conn_type device_id_count "
             "device_ip_count banner_pos C1 C14 C15 C16 C17 C18 C19 C20 C21 "
             "hour_of_day day_of_week hourly_user_count").split()
    train, rest = train_test_split(rows, test_size=.2, random_state=42)
    parts = [], []
    for name in names:
        counts = train.groupby([name, "click"]).size().unstack()
        ctr = (counts[1] / (counts[0] + counts[1])).dropna()
        for part, source in zip(parts, (train, rest)):
            part.append(source[name].map(ctr).fillna(ctr.mean()).to_numpy())
    return (np.array(parts[0]).T, train.click.to_numpy(),
            np.array(parts[1], np.float32).T, rest.click.to_numpy())


# ---- A: options ----------------------------------------------------------------


def random_data(n, m):
    rng = np.random.RandomState(n * 31 + m)
    x = rng.randn(n, m)
    y = (x[:, 0] + rng.randn(n) > 0).astype(int)
    y[:2] = 0, 1
    return x, y


def differs(ours, theirs):
    """CatBoost's own JSON reader is a last place off now and then."""
    if isinstance(ours, float) and isinstance(theirs, (int, float)):
        return abs(ours - theirs) > 1e-15 * abs(ours)
    return ours != theirs


def options_case(probe, n, m, **params):
    x, y = random_data(n, m)
    model = CatBoostClassifier(verbose=0, allow_writing_files=False, **params)
    theirs = model.fit(x, y).get_all_params()
    ours = run(probe, "options", n, m, *as_arguments(params))
    skipped = ["bagging_temperature"] * (theirs["bootstrap_type"] != "Bayesian")
    skipped += ["subsample"] * ("subsample" not in theirs)
    wrong = {key: (value, theirs.get(key)) for key, value in ours.items()
             if key not in skipped and differs(value, theirs.get(key))}
    check(f"options {n} x {m} {params}", not wrong, wrong or "")


def options_part(probe):
    for n in (2, 50, 99, 100, 1000, 20000):
        for m in (3, 19, 20):
            for iterations in (1, 50, 199, 200):
                if n * m * iterations < 3e7:
                    options_case(probe, n, m, iterations=iterations)
    for params in ({"bootstrap_type": "Bernoulli"}, {"subsample": .4},
                   {"bootstrap_type": "Bayesian"}, {"bootstrap_type": "No"},
                   {"leaf_estimation_method": "Gradient"}, {"l2_leaf_reg": 3},
                   {"l2_leaf_reg": 0}, {"learning_rate": .05},
                   {"boost_from_average": True}, {"depth": 4, "rsm": .5},
                   {"score_function": "L2", "random_strength": .3},
                   {"leaf_estimation_iterations": 3}, {"random_seed": 7}):
        for m in (5, 25):
            options_case(probe, 300, m, iterations=20, **params)


# ---- B: equal trees ---------------------------------------------------------------


def trees_of_catboost(data, params, folder):
    model = CatBoostClassifier(
        verbose=0, allow_writing_files=False, thread_count=2,
        bootstrap_type="No", random_strength=0, **params)
    model.fit(data.x, data.y)
    path = os.path.join(folder, "model.json")
    model.save_model(path, format="json")
    with open(path) as f:
        saved = json.load(f)
    trees = []
    for tree in saved["oblivious_trees"]:
        splits = [[s["float_feature_index"],
                   int(np.argmin(np.abs(data.borders[s["float_feature_index"]]
                                        - s["border"])))]
                  for s in tree["splits"]]
        trees.append({"splits": splits, "leaf_values": tree["leaf_values"],
                      "leaf_weights": tree["leaf_weights"]})
    return {"trees": trees, "bias": saved["scale_and_bias"][1][0]}


def same_partition(bins, a, b):
    """Whether two trees put the same rows together: an exact tie of scores."""
    def leaves(tree):
        leaf = np.zeros(bins.shape[1], np.int64)
        for d, (feature, border) in enumerate(tree["splits"]):
            leaf |= (bins[feature] > border).astype(np.int64) << d
        return leaf
    pairs = np.unique(np.stack([leaves(a), leaves(b)]), axis=1)
    return (len(np.unique(pairs[0])) == pairs.shape[1] ==
            len(np.unique(pairs[1])))


def compare_trees(data, ours, theirs):
    """Equal trees until the first that differs (what follows it differs too),
    the number looked at, and the largest difference of leaf values."""
    bins, worst, equal = data.bins(data.x), 0.0, 0
    for a, b in zip(ours["trees"], theirs["trees"]):
        if a["splits"] == b["splits"]:
            difference = np.abs(np.array(a["leaf_values"]) - b["leaf_values"])
            scale = np.abs(b["leaf_values"]).max() + 1e-12
            worst = max(worst, (difference / scale).max())
            assert a["leaf_weights"] == b["leaf_weights"]
        elif not same_partition(bins, a, b):
            break
        equal += 1
    return equal, len(theirs["trees"]), worst


def equality_case(probe, data, folder, totals, **params):
    """CatBoost computes the loss that AnyImprovement looks at with an
    approximate logarithm in single precision, and so refuses some of the last,
    smallest of several steps; we do not.  Without backtracking, with one step,
    and with gradient steps (none of which is small) values must be equal."""
    params = {"iterations": 20, "learning_rate": .1, **params}
    theirs = trees_of_catboost(data, params, folder)
    ours = run(probe, "train", data.path, "bootstrap=No", "random_strength=0",
               *as_arguments(params))
    equal, n, worst = compare_trees(data, ours, theirs)
    bins = data.bins(data.x)
    losses = [log_loss(data.y, 1 / (1 + np.exp(-raw_scores(m, bins))))
              for m in (ours, theirs)]
    gap = losses[1] - losses[0]
    exact = (params.get("leaf_estimation_backtracking") == "No" or
             params.get("leaf_estimation_method") == "Gradient" or
             params.get("leaf_estimation_iterations") == 1)
    totals[exact][0] += equal
    totals[exact][1] += n
    totals[exact][2] = max(totals[exact][2], worst)
    totals[exact][3] = max(totals[exact][3], abs(gap) if equal == n else 0)
    ok = ((worst < 1e-6 and (equal < n or abs(gap) < 1e-7) if exact
           else equal < n or abs(gap) < 3e-4)
          and abs(losses[0] - ours["train_log_loss"]) < 1e-7)
    detail = (f"{equal}/{n} trees equal, leaf values to {worst:.1e}, log loss "
              f"{losses[0]:.8f} {gap:+.1e}")
    if VERBOSE or not ok:
        check(f"trees {data.name} {params}", ok, detail)


def equality_part(probe, folder, sets):
    totals = {True: [0, 0, 0.0, 0.0], False: [0, 0, 0.0, 0.0]}
    for data in sets:
        for score in ("Cosine", "L2"):
            for depth, l2 in ((1, 3), (4, 1), (6, 3), (6, 10.5)):
                for method, iterations, backtracking in (
                        ("Newton", 1, "AnyImprovement"), ("Newton", 10, "No"),
                        ("Newton", 10, "AnyImprovement"),
                        ("Gradient", 1, "No"), ("Gradient", 10, "No"),
                        ("Gradient", 10, "AnyImprovement")):
                    equality_case(probe, data, folder, totals,
                                  score_function=score, depth=depth,
                                  leaf_estimation_method=method,
                                  l2_leaf_reg=l2,
                                  leaf_estimation_iterations=iterations,
                                  leaf_estimation_backtracking=backtracking)
        equality_case(probe, data, folder, totals, depth=8, learning_rate=.3)
        equality_case(probe, data, folder, totals, boost_from_average=True)
        equality_case(probe, data, folder, totals, l2_leaf_reg=0, depth=3,
                      leaf_estimation_iterations=2)
    for exact, name in ((True, "equal trees, same steps"),
                        (False, "equal trees, Newton with AnyImprovement")):
        equal, n, worst, gap = totals[exact]
        check(name, equal >= .95 * n,
              f"{equal} of {n}: {100 * equal / n:.1f} %, leaf values to "
              f"{worst:.1e} of the largest, log loss to {gap:.1e}")


# ---- C: equal quality ---------------------------------------------------------------


def quality_part(probe, data, rest, labels, n_seeds):
    bins = data.bins(np.ascontiguousarray(rest, np.float32))
    for name, params in (
            ("seed's config", {"iterations": 50, "learning_rate": .05,
                               "depth": 5}),
            ("Bayesian", {"iterations": 50, "learning_rate": .05, "depth": 5,
                          "bootstrap_type": "Bayesian"}),
            ("Bernoulli, rsm", {"iterations": 50, "learning_rate": .05,
                                "depth": 5, "bootstrap_type": "Bernoulli",
                                "rsm": .5}),
            ("MVS .3", {"iterations": 50, "learning_rate": .05, "depth": 5,
                        "subsample": .3})):
        losses, aucs = ([], []), ([], [])
        for seed in [42] + list(range(n_seeds - 1)):
            model = CatBoostClassifier(verbose=0, allow_writing_files=False,
                                       thread_count=2, random_seed=seed,
                                       **params)
            model.fit(data.x, data.y)
            ours = run(probe, "train", data.path, f"seed={seed}",
                       *as_arguments(params))
            for i, p in enumerate((
                    1 / (1 + np.exp(-raw_scores(ours, bins))),
                    model.predict_proba(np.asarray(rest, np.float32))[:, 1])):
                losses[i].append(log_loss(labels, p))
                aucs[i].append(roc_auc_score(labels, p))
        spread = np.sqrt((np.var(losses[0], ddof=1) +
                          np.var(losses[1], ddof=1)) / n_seeds)
        gap = np.mean(losses[0]) - np.mean(losses[1])
        check(f"quality, {name}", abs(gap) < 4 * spread + 1e-4,
              "log loss ours {:.5f} sd {:.5f}, CatBoost {:.5f} sd {:.5f}; "
              "worst ours {:.5f}; auc {:.5f} (worst {:.5f}) and {:.5f}".format(
                  np.mean(losses[0]), np.std(losses[0], ddof=1),
                  np.mean(losses[1]), np.std(losses[1], ddof=1),
                  max(losses[0]), np.mean(aucs[0]), min(aucs[0]),
                  np.mean(aucs[1])))


def main():
    words = [w for w in sys.argv[1:] if not w.startswith("--")]
    build = os.environ.get("BUILD", "build")
    n_seeds = 6
    if "--seeds" in sys.argv:
        n_seeds = int(words.pop(-1))
    probe = words[0] if words else os.path.join(build, "tests", "parity",
                                                "probe_train")
    with tempfile.TemporaryDirectory() as folder:
        x, y = make_classification(3000, 12, n_informative=6, flip_y=.1,
                                   random_state=1)
        few = np.round(x * 2)
        sets = [Data("classification", x, y, folder),
                Data("few-values", few, y, folder),
                Data("breast-cancer", *load_breast_cancer(return_X_y=True),
                     folder)]
        avazu = avazu_rows()
        if avazu is not None:
            sets.append(Data("avazu", avazu[0], avazu[1], folder))
        options_part(probe)
        equality_part(probe, folder, sets)
        if avazu is not None:
            quality_part(probe, sets[-1], avazu[2], avazu[3], n_seeds)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
