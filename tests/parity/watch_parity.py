"""What surrounds a training, against real CatBoost.

    watch_parity.py [--verbose]

A. The overfitting detector stops where CatBoost's does, given CatBoost's own
   metric after every tree.
B. Class weights, sample weights: the model is CatBoost's.
C. Monotone constraints: no prediction goes the wrong way, and the model is as
   good as CatBoost's under the same constraints.
D. A model that continues another loads in CatBoost, begins with the other's
   trees to the bit, and scores as CatBoost's own continuation does.
E. The learning curve is that of CatBoost's staged predictions, and the model's
   parameters say what was asked for.
Prints one line a check, exits 1 when one fails.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from catboost import CatBoostClassifier, Pool
from sklearn.metrics import log_loss, roc_auc_score

BUILD = os.environ.get("BUILD", "build")
CLICKMILL = os.environ.get("CLICKMILL", BUILD + "/clickmill")
PROBE = BUILD + "/tests/parity/probe_detector"
FAILED = []
# Without anything random, both grow the same trees.
PLAIN = dict(iterations=30, depth=4, learning_rate=0.2, random_strength=0,
             bootstrap_type="No", leaf_estimation_iterations=1)


def check(name, ok, detail=""):
    print(("ok    " if ok else "FAIL  ") + name, detail, flush=True)
    if not ok:
        FAILED.append(name)


def flags(params):
    def text(value):
        return ",".join(map(str, value)) if isinstance(value, list) \
            else str(value)
    return [word for key, value in params.items()
            for word in ("--" + key.replace("_", "-"), text(value))]


def draw(n, seed):
    """Unbalanced labels; feature 0 rises, feature 1 falls, 2 and 3 meet."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6)).astype(np.float32)
    raw = 1.2 * x[:, 0] - x[:, 1] + x[:, 2] * x[:, 3] - 2.2
    y = (rng.random(n) < 1 / (1 + np.exp(-raw))).astype(np.uint8)
    return x, y


class Work:
    def __init__(self, folder):
        self.folder = folder
        self.x, self.y = draw(12000, 1)
        self.x_eval, self.y_eval = draw(4000, 2)
        self.weights = np.random.default_rng(3).random(12000).astype("f4") + .2
        for name in ("x", "y", "x_eval", "y_eval", "weights"):
            np.save(self.path(name), getattr(self, name))

    def path(self, name):
        return os.path.join(self.folder, name + ".npy")

    def fit(self, name, *words, x="x", y="y", **params):
        model = os.path.join(self.folder, name + ".json")
        run = subprocess.run(
            [CLICKMILL, "fit", self.path(x), self.path(y), "--model", model,
             "--json", "--quiet", *flags(params), *words],
            capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError(run.stderr.strip())
        loaded = CatBoostClassifier().load_model(model, format="json")
        return loaded, json.loads(run.stdout)

    def evaluation(self):
        return ["--eval", self.path("x_eval"), self.path("y_eval")]


def theirs(work, params, weights=None, **fit):
    model = CatBoostClassifier(verbose=0, allow_writing_files=False,
                               thread_count=2, **params)
    pool = Pool(work.x, work.y, weight=weights,
                feature_names=[str(i) for i in range(work.x.shape[1])])
    return model.fit(pool, **fit)


def raw(model, x, **words):
    return model.predict(x, prediction_type="RawFormulaVal", **words)


# ---- A -----------------------------------------------------------------------


def stops(values, kind, pval, wait, best):
    run = subprocess.run([PROBE, kind, str(pval), str(wait), best],
                         input="\n".join(map(repr, map(float, values))),
                         capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def check_detector(seed, metric, od):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(600, 5))
    y = (x[:, 0] + 1.5 * rng.normal(size=600) > 0).astype(int)
    common = dict(iterations=250, learning_rate=.15, depth=4, verbose=0,
                  eval_metric=metric, random_seed=seed, thread_count=1,
                  allow_writing_files=False)
    fit = dict(X=x[:300], y=y[:300], eval_set=(x[300:], y[300:]))
    whole = CatBoostClassifier(**common).fit(**fit)
    cut = CatBoostClassifier(**common, **od).fit(**fit)
    values = whole.get_evals_result()["validation"][metric]
    grown = len(cut.get_evals_result()["validation"][metric])
    ours = stops(values, od.get("od_type", "Iter"), od.get("od_pval", 0),
                 od["od_wait"], "max" if metric == "AUC" else "min")
    same = (ours["stop"] or len(values)) == grown and \
        ours["best"] == cut.get_best_iteration()
    check(f"detector {metric} {od} seed {seed}", same,
          f"stops {ours['stop']} of {grown}, best {ours['best']}, "
          f"{cut.get_best_iteration()}")


def check_detectors():
    kinds = [dict(od_type="Iter", od_wait=1), dict(od_type="Iter", od_wait=10),
             dict(od_type="IncToDec", od_pval=1e-2, od_wait=5),
             dict(od_type="IncToDec", od_pval=1e-5, od_wait=3),
             dict(od_type="IncToDec", od_pval=.3, od_wait=20)]
    for seed in range(3):
        for kind in kinds:
            check_detector(seed, "AUC" if seed == 1 else "Logloss", kind)


# ---- B -----------------------------------------------------------------------


def check_weights(work):
    cases = [("class_weights", dict(class_weights=[1, 4]), False),
             ("Balanced", dict(auto_class_weights="Balanced"), False),
             ("SqrtBalanced", dict(auto_class_weights="SqrtBalanced"), False),
             ("scale_pos_weight", dict(scale_pos_weight=2.5), False),
             ("sample weights", {}, True),
             ("both", dict(auto_class_weights="Balanced"), True)]
    for name, params, sampled in cases:
        words = ["--weights", work.path("weights")] if sampled else []
        ours, _ = work.fit("weighted", *words, **PLAIN, **params)
        other = theirs(work, {**PLAIN, **params},
                       work.weights if sampled else None)
        off = np.abs(raw(ours, work.x_eval) - raw(other, work.x_eval)).max()
        check(f"weights: {name}", off < 1e-4, f"largest difference {off:.2e}")
        if params:
            got = ours.get_all_params().get("class_weights", [1, 1])
            expected = other.get_all_params()["class_weights"]
            check(f"weights: {name} in the model's parameters",
                  np.allclose(got, expected, rtol=1e-6), f"{got} {expected}")


# ---- C -----------------------------------------------------------------------


def turns(model, x, feature, direction):
    """The largest step in the wrong direction."""
    grid = np.quantile(x[:, feature], np.linspace(0, 1, 60))
    rows = np.repeat(x[:300], len(grid), axis=0)
    rows[:, feature] = np.tile(grid, 300)
    steps = np.diff(raw(model, rows).reshape(300, -1), axis=1) * direction
    return -steps.min()


def check_monotone(work):
    params = dict(iterations=100, depth=6, learning_rate=.1)
    constraints = {0: 1, 1: -1, 2: 1}
    text = ",".join(f"{f}:{d}" for f, d in constraints.items())
    ours, _ = work.fit("monotone", "--monotone-constraints", text, **params)
    other = theirs(work, dict(params, monotone_constraints=constraints))
    for feature, direction in constraints.items():
        wrong = turns(ours, work.x_eval, feature, direction)
        check(f"monotone: feature {feature}", wrong <= 1e-12,
              f"largest step back {max(wrong, 0):.2e}")
    free, _ = work.fit("free", **params)
    check("monotone: without constraints feature 2 turns",
          turns(free, work.x_eval, 2, 1) > .1)
    loss = [log_loss(work.y_eval, m.predict_proba(work.x_eval)[:, 1])
            for m in (ours, other)]
    check("monotone: as good as CatBoost's", loss[0] < loss[1] * 1.005,
          "log_loss %.5f, %.5f" % tuple(loss))
    got = ours.get_all_params().get("monotone_constraints")
    check("monotone: in the model's parameters",
          got == other.get_all_params()["monotone_constraints"], str(got))


# ---- D -----------------------------------------------------------------------


def check_init_model(work):
    old, _ = work.fit("old", x="x_eval", y="y_eval", **PLAIN)
    path = os.path.join(work.folder, "old.json")
    both, told = work.fit("both", "--init-model", path, **PLAIN)
    check("init model: all trees", both.tree_count_ == 60,
          str(both.tree_count_))
    check("init model: begins with the old trees",
          np.array_equal(raw(both, work.x, ntree_end=30), raw(old, work.x)))
    loss = [log_loss(work.y, m.predict_proba(work.x)[:, 1])
            for m in (old, both)]
    check("init model: learns on", loss[1] < loss[0] - .005,
          "log_loss %.5f, then %.5f" % tuple(loss))
    other = theirs(work, PLAIN, init_model=old)
    off = np.abs(raw(both, work.x_eval) - raw(other, work.x_eval)).max()
    check("init model: as CatBoost continues it", off < 1e-4,
          f"largest difference {off:.2e}")


# ---- E -----------------------------------------------------------------------


def check_curve(work):
    model, told = work.fit("watched", *work.evaluation(), iterations=200,
                           depth=5, learning_rate=.3, eval_metric="AUC",
                           early_stopping_rounds=15, od_type="Iter",
                           use_best_model="false")
    curve = told["learning_curve"]
    staged = list(model.staged_predict_proba(work.x_eval))
    auc = [roc_auc_score(work.y_eval, p[:, 1]) for p in staged]
    loss = [log_loss(work.y_eval, p[:, 1]) for p in staged]
    check("curve: every tree", curve["trees"] == list(range(1, len(auc) + 1)))
    check("curve: AUC", np.allclose(curve["roc_auc"], auc, atol=1e-12))
    check("curve: Logloss", np.allclose(curve["log_loss"], loss, atol=1e-10))
    check("curve: best iteration",
          told["best_iteration"] == int(np.argmax(auc)))
    check("curve: stops after it", len(auc) == int(np.argmax(auc)) + 16,
          f"{len(auc)} trees, best {np.argmax(auc)}")
    train = log_loss(work.y, model.predict_proba(work.x)[:, 1])
    check("curve: training rows", abs(curve["train_log_loss"][-1] - train)
          < 1e-6)
    params = model.get_all_params()
    check("curve: the parameters of the model",
          params["od_type"] == "Iter" and params["od_wait"] == 15 and
          params["eval_metric"] == "AUC",
          str({k: params.get(k) for k in ("od_type", "od_wait",
                                          "eval_metric")}))
    _, told = work.fit("patient", *work.evaluation(), iterations=400, depth=5,
                       learning_rate=.3, od_pval=1e-3, use_best_model="false")
    values = told["learning_curve"]["log_loss"]
    expected = stops(values, "IncToDec", 1e-3, 20, "min")["stop"]
    check("curve: od_pval alone is IncToDec with a wait of 20",
          len(values) == expected < 400, f"{len(values)} trees, {expected}")
    best, told = work.fit("best", *work.evaluation(), iterations=200, depth=5,
                          learning_rate=.3, eval_metric="AUC",
                          early_stopping_rounds=15)
    check("curve: the best model is kept",
          best.tree_count_ == told["best_iteration"] + 1)


def main():
    check_detectors()
    with tempfile.TemporaryDirectory() as folder:
        work = Work(folder)
        check_weights(work)
        check_monotone(work)
        check_init_model(work)
        check_curve(work)
    print(f"{len(FAILED)} failed")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
