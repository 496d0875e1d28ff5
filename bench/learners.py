"""One training by one of the peers, in a process of its own.

    learners.py NAME FOLDER SEED

trains on X.npy and y.npy of the folder and prints JSON: seconds, from arrays
in memory to a trained model (the library's own copy of the data included), and
log_loss on Xe.npy and ye.npy.  Two threads, 100 trees, learning rate .1;
depth 6 or, where trees grow leaf by leaf, 63 leaves.
"""
import json
import os
import sys
import time

import numpy as np

THREADS, TREES, RATE = 2, 100, .1


def log_loss(y, p):
    p = np.clip(np.asarray(p, np.float64), 1e-15, 1 - 1e-15)
    return float(-np.mean(np.where(y > 0, np.log(p), np.log1p(-p))))


def load(folder, *names):
    return [np.load(os.path.join(folder, name + ".npy")) for name in names]


def catboost(x, y, seed, **params):
    from catboost import CatBoostClassifier, Pool
    yield
    model = CatBoostClassifier(iterations=TREES, depth=6, learning_rate=RATE,
                               thread_count=THREADS, random_seed=seed,
                               verbose=0, allow_writing_files=False, **params)
    model.fit(Pool(x, y, thread_count=THREADS))
    yield lambda test: model.predict_proba(test)[:, 1]


def lightgbm(x, y, seed, **params):
    from lightgbm import Dataset, train
    yield
    params = {"objective": "binary", "num_leaves": 63, "max_bin": 255,
              "learning_rate": RATE, "num_threads": THREADS, "seed": seed,
              "verbosity": -1, **params}
    yield train(params, Dataset(x, y, params=params), TREES).predict


def xgboost(x, y, seed, **params):
    from xgboost import DMatrix, QuantileDMatrix, train
    yield
    params = {"objective": "binary:logistic", "tree_method": "hist",
              "max_depth": 6, "max_bin": 256, "eta": RATE, "nthread": THREADS,
              "seed": seed, **params}
    model = train(params, QuantileDMatrix(x, y, max_bin=256, nthread=THREADS),
                  TREES)
    yield lambda test: model.predict(DMatrix(test))


LEARNERS = {
    "CatBoost": (catboost, {}),
    "CatBoost, Bernoulli .1, one leaf iteration": (catboost, {
        "boosting_type": "Plain", "bootstrap_type": "Bernoulli",
        "subsample": .1, "leaf_estimation_iterations": 1}),
    "LightGBM": (lightgbm, {}),
    "LightGBM, GOSS": (lightgbm, {"data_sample_strategy": "goss"}),
    "LightGBM, sampling .1, quantized gradients": (lightgbm, {
        "bagging_fraction": .1, "bagging_freq": 1,
        "use_quantized_grad": True}),
    "XGBoost hist": (xgboost, {}),
}


def main():
    name, folder, seed = sys.argv[1:]
    x, y, test, labels = load(folder, "X", "y", "Xe", "ye")
    learner, params = LEARNERS[name]
    steps = learner(x, y, int(seed), **params)
    next(steps)  # the imports
    start = time.perf_counter()
    predict = next(steps)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds,
                      "log_loss": log_loss(labels, predict(test))}))


if __name__ == "__main__":
    main()
