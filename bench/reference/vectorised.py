"""The same job as pipeline.py, as fast as Python's libraries allow: columns
read in parallel by polars without the unused id, every value a small integer
code from then on, counts and CTRs by numpy's bincount, one float32 matrix.

vectorised.py LOG FOLDER: as pipeline.py; same split, features and model.
"""
import json
import os
import sys
import time
from datetime import datetime

import joblib
import numpy as np
import polars as pl
from catboost import CatBoostClassifier, Pool
from sklearn.metrics import (f1_score, log_loss, precision_score,
                             recall_score, roc_auc_score)
from sklearn.model_selection import train_test_split

from settings import CTR_FEATURES, TARGET, TRAIN_PARAMS

COUNTED = ["device_ip", "device_id"]


def codes_of(column):
    """Each row's value as a small integer, the same for equal values."""
    if column.dtype == pl.String:
        column = column.cast(pl.Categorical).to_physical()
    values = column.to_numpy()
    low, high = int(values.min()), int(values.max())
    if high - low < 4 * len(values):
        return values - low
    return np.unique(values, return_inverse=True)[1]


def read(log):
    with open(log) as text:
        header = text.readline().strip().split(",")
    return pl.read_csv(log, columns=[name for name in header if name != "id"])


def count_features(data):
    """name -> integer per row; the counts, and the parts of the hour."""
    features = {}
    for name in COUNTED:
        codes = codes_of(data[name])
        features[name + "_count"] = np.bincount(codes)[codes]
    hour = data["hour"].to_numpy()
    hours, codes = np.unique(hour, return_inverse=True)
    times = [datetime.strptime(str(hour), "%y%m%d%H") for hour in hours]
    hour_of_day = np.array([time.hour for time in times])[codes]
    features["hour_of_day"] = hour_of_day
    features["day_of_week"] = np.array([time.weekday()
                                        for time in times])[codes]
    features["hourly_user_count"] = np.bincount(hour_of_day)[hour_of_day]
    return features


def ctr_table(codes, train, clicks):
    """CTR by code from the rows in train; the mean where there is none."""
    size = int(codes.max()) + 1
    part = codes[train]
    seen = np.bincount(part, minlength=size)
    clicked = np.bincount(part[clicks], minlength=size)
    kept = (clicked > 0) & (clicked < seen)
    table = np.divide(clicked, seen, out=np.zeros(size), where=kept)
    mean = table[kept].mean() if kept.any() else np.nan
    table[~kept] = mean
    return table


def main(log, folder):
    start = time.perf_counter()
    os.makedirs(folder, exist_ok=True)
    data = read(log)
    extra = count_features(data)
    target = data[TARGET].to_numpy()
    train, test = train_test_split(np.arange(len(target)), test_size=0.2,
                                   random_state=42)
    train_y, test_y = target[train], target[test]
    clicks = train_y == 1

    train_x = np.empty((len(train), len(CTR_FEATURES)), np.float32, order="F")
    test_x = np.empty((len(test), len(CTR_FEATURES)), np.float32, order="F")
    tables = {}
    for i, name in enumerate(CTR_FEATURES):
        if name in extra:
            codes = codes_of(pl.Series(extra[name]))
        else:
            codes = codes_of(data[name])
        tables[name] = ctr_table(codes, train, clicks)
        column = tables[name].astype(np.float32)[codes]
        train_x[:, i] = column[train]
        test_x[:, i] = column[test]

    model = CatBoostClassifier(**TRAIN_PARAMS, verbose=0,
                               allow_writing_files=False)
    model.fit(Pool(train_x, train_y, feature_names=CTR_FEATURES))
    probability = model.predict_proba(test_x)[:, 1]
    predicted = (probability > 0.5).astype(int)
    metrics = {
        "f1_score": f1_score(test_y, predicted, average="weighted"),
        "log_loss": log_loss(test_y, probability),
        "precision": precision_score(test_y, predicted, zero_division=0),
        "recall": recall_score(test_y, predicted),
        "roc_auc_score": roc_auc_score(test_y, probability),
    }

    model.save_model(os.path.join(folder, "catclf.cbm"))
    joblib.dump(tables, os.path.join(folder, "ctr_transformer.pkl"))
    with open(os.path.join(folder, "metrics.json"), "w") as out:
        json.dump(metrics, out)
    metrics["job_seconds"] = time.perf_counter() - start
    print(json.dumps(metrics))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
