"""The learner against CatBoost on many small tables, and on tables that are
hardly tables.

    tables_parity.py [--full] [--json]

A. Log loss of rows not trained on, mean of 5 seeds (20 where there are fewer
   than 1000 rows: two equal learners differ by 2.5 % there over 5), by table:
   `clickmill fit` as it is by default, and with CatBoost's bootstrap
   (--bootstrap-type MVS), against CatBoost with the same parameters.  A seed is another way to put
   rows aside (5 folds in turn where there are few rows, else 40 %) and another
   seed of the learners.  On average over the tables ours may be .5 % worse, on
   no table 3 %.
B. Degenerate tables end with a message that says why, or with a model: where
   CatBoost has one too no worse than it, else no worse than a constant.
Every model of ours is loaded, and scored, by CatBoost.  --full trains as many
and as deep trees as one would, and CatBoost a second time with other seeds:
what two equal learners differ by.  --json prints part A for bench/train.py.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from catboost import CatBoostClassifier
from sklearn.model_selection import StratifiedKFold, train_test_split

import tables

N_SEEDS, FEW_ROWS = 5, 2500
MANY_SEEDS, TINY_ROWS = 20, 1000
MEAN_BAR, WORST_BAR, DEGENERATE_BAR = 1.005, 1.03, 1.05
QUICK = {"iterations": 40, "depth": 4, "learning_rate": .1}
FULL = {"iterations": 100, "depth": 6, "learning_rate": .1}
OURS = {"default": [], "MVS": ["--bootstrap-type", "MVS"]}
FAILED = []


def check(name, ok, detail=""):
    print(("ok    " if ok else "FAIL  ") + name, detail, flush=True)
    if not ok:
        FAILED.append(name)


# ---- the learners -----------------------------------------------------------

class Refused(Exception):
    """clickmill fit said no; the message is what it printed."""


def as_flags(params):
    return [word for key, value in params.items()
            for word in ("--" + key.replace("_", "-"), str(value))]


def fit_ours(folder, x, y, params, flags=()):
    """The model of `clickmill fit`, loaded by CatBoost."""
    paths = [os.path.join(folder, name) for name in ("X.npy", "y.npy", "m.cbm")]
    np.save(paths[0], x)
    np.save(paths[1], y)
    done = subprocess.run(
        [os.environ["CLICKMILL"], "fit", *paths[:2], "--model", paths[2],
         "--thread-count", "2", "--quiet", *as_flags(params), *flags],
        capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"exit {done.returncode}: {done.stderr.strip()}")
    return CatBoostClassifier().load_model(paths[2])


def fit_catboost(x, y, params):
    model = CatBoostClassifier(**params, thread_count=2, verbose=0,
                               allow_writing_files=False)
    return model.fit(x, y)


def losses(y, p):
    """(n): each row's log loss."""
    p = np.clip(np.where(y > 0, p, 1 - p), 1e-15, 1)
    return -np.log(p)


# ---- A: equal quality -------------------------------------------------------

def parts_of(y, seed):
    """Pairs of rows to train on and rows to test."""
    if len(y) < FEW_ROWS:
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        return list(folds.split(y, y))
    return [train_test_split(np.arange(len(y)), test_size=.4, stratify=y,
                             random_state=seed)]


def held_out_loss(x, y, fit):
    """Mean over the seeds; fit(x, y, seed) gives a model."""
    rows = []
    for seed in range(MANY_SEEDS if len(y) < TINY_ROWS else N_SEEDS):
        for train, test in parts_of(y, seed):
            p = fit(x[train], y[train], seed).predict_proba(x[test])[:, 1]
            rows.append(losses(y[test], p))
    return float(np.concatenate(rows).mean())


def measure_table(x, y, params, folder, full):
    """Log loss by learner."""
    def catboost(x, y, seed):
        return fit_catboost(x, y, {**params, "random_seed": seed})

    result = {"CatBoost": held_out_loss(x, y, catboost)}
    for name, flags in OURS.items():
        result[name] = held_out_loss(x, y, lambda x, y, seed, f=flags: fit_ours(
            folder, x, y, {**params, "random_seed": seed}, f))
    if full:
        result["CatBoost, other seeds"] = held_out_loss(
            x, y, lambda x, y, seed: catboost(x, y, 100 + seed))
    return result


def measure(full, folder):
    """By table, its rows and columns and the log loss by learner."""
    params = FULL if full else QUICK
    for name, (x, y) in tables.load_all().items():
        yield {"table": name, "rows": x.shape[0], "columns": x.shape[1],
               **measure_table(x, y, params, folder, full)}


def quality_part(full, folder):
    done = []
    for line in measure(full, folder):
        done.append(line)
        print("      {table:24} {rows:6} x {columns:3}".format(**line),
              "  ".join(f"{name} {value:.5f}" for name, value in line.items()
                        if isinstance(value, float)), flush=True)
    for name in OURS:
        ratios = [line[name] / line["CatBoost"] for line in done]
        worst = int(np.argmax(ratios))
        check(f"{len(done)} tables, {name}",
              np.mean(ratios) <= MEAN_BAR and ratios[worst] <= WORST_BAR,
              f"log loss / CatBoost's: mean {np.mean(ratios):.4f} (bar "
              f"{MEAN_BAR}), worst {ratios[worst]:.4f} (bar {WORST_BAR}): "
              f"{done[worst]['table']}")


# ---- B: degenerate tables ---------------------------------------------------

def usual(n=400):
    rng = np.random.RandomState(8)
    x = rng.randn(n, 5).astype(np.float32)
    return x, (x[:, 0] + .5 * rng.randn(n) > 0).astype(np.float32)


def with_value(value, share=.2):
    x, y = usual()
    x[np.random.RandomState(9).rand(*x.shape) < share] = value
    return x, y


def with_column(column):
    x, y = usual()
    x[:, 2] = column
    return x, y


def all_of(value):
    x, y = usual()
    return np.full_like(x, value), y


def with_label(value):
    x, y = usual()
    y[7] = value
    return x, y


def mixed_infinities():
    x, y = with_value(np.inf, .1)
    x[::7] = -x[::7]
    return x, y


def scaled(largest, dtype):
    x, y = usual()
    return (x / np.abs(x).max() * dtype(largest)).astype(dtype), y


MODEL = None  # what B expects: a model, or a message with one of these words
BOTH = object()
DEGENERATE = {
    "NaN in a fifth": (lambda: with_value(np.nan), MODEL),
    "a column of NaN": (lambda: with_column(np.nan), MODEL),
    "nothing but NaN": (lambda: all_of(np.nan), BOTH),
    "a constant column": (lambda: with_column(3), MODEL),
    "nothing but constants": (lambda: all_of(3), BOTH),
    "infinity": (lambda: with_value(np.inf), MODEL),
    "minus infinity": (lambda: with_value(-np.inf), MODEL),
    "both infinities": (mixed_infinities, MODEL),
    "up to 3e38": (lambda: scaled(3e38, np.float32), MODEL),
    "the largest float": (lambda: with_value(np.finfo(np.float32).max), MODEL),
    "1e-45": (lambda: with_value(1e-45), MODEL),
    "minus zero": (lambda: with_value(-0.), MODEL),
    "float64 beyond float32": (lambda: scaled(1e300, np.float64), BOTH),
    "Fortran order": (
        lambda: (np.asfortranarray(usual()[0]), usual()[1]), MODEL),
    "every row ten times": (
        lambda: tuple(np.repeat(part, 10, axis=0) for part in usual(40)),
        MODEL),
    "every column twice": (
        lambda: (np.hstack([usual()[0]] * 2), usual()[1]), MODEL),
    "two rows": (lambda: (np.float32([[0, 1], [1, 0]]), np.float32([0, 1])),
                 BOTH),
    "two equal rows": (
        lambda: (np.ones((2, 2), np.float32), np.float32([0, 1])), BOTH),
    "one column": (lambda: (usual()[0][:, :1], usual()[1]), MODEL),
    "one row": (lambda: tuple(part[:1] for part in usual()),
                ("class", "label")),
    "only label 1": (lambda: (usual()[0], np.ones(400, np.float32)),
                     ("class", "label")),
    "only label 0": (lambda: (usual()[0], np.zeros(400, np.float32)),
                     ("class", "label")),
    "a label of 2": (lambda: with_label(2), ("label", "2")),
    "a label of NaN": (lambda: with_label(np.nan), ("label", "nan", "NaN")),
    "fewer labels than rows": (lambda: (usual()[0], usual()[1][:399]),
                               ("399",)),
    "no rows": (lambda: tuple(part[:0] for part in usual()), ("row", "empty")),
    "no columns": (lambda: (usual()[0][:, :0], usual()[1]),
                   ("column", "feature")),
}


def training_loss(model, x, y):
    with np.errstate(over="ignore"):
        p = model.predict_proba(x.astype(np.float32))[:, 1]
    return losses(y, p).mean() if ((p > 0) & (p < 1)).all() else np.inf


def model_is_sane(model, x, y, expected):
    """No worse than a constant on the rows it was trained on; where CatBoost
    has a model too, no worse than that."""
    loss = training_loss(model, x, y)
    share = y.mean()
    bar = -(share * np.log(share) + (1 - share) * np.log(1 - share)) + 1e-6
    if expected is MODEL:
        bar = DEGENERATE_BAR * training_loss(fit_catboost(x, y, QUICK), x, y)
    return loss <= bar, f"a model, log loss {loss:.5f} (at most {bar:.5f})"


def message_is_clear(message, words):
    said = message.removeprefix("exit 1: ")
    ok = (said != message and said.startswith("clickmill") and
          any(word in said for word in words))
    return ok, message


def degenerate_part(folder):
    for name, (make, expected) in DEGENERATE.items():
        x, y = make()
        try:
            model = fit_ours(folder, x, y, QUICK)
        except Refused as refused:
            words = ("",) if expected is BOTH else expected
            ok, said = ((False, str(refused)) if expected is MODEL else
                        message_is_clear(str(refused), words))
        else:
            ok, said = model_is_sane(model, x, y, expected)
            ok = ok and expected in (MODEL, BOTH)
        check(name, ok, said)


def main():
    full = "--full" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        if "--json" in sys.argv:
            print(json.dumps(list(measure(full, folder))))
            return 0
        degenerate_part(folder)
        quality_part(full, folder)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
