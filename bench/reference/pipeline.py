"""The pipeline clickmill replaces, in its own style: pandas, scikit-learn and
catboost, with a Python loop where that style has one.

pipeline.py LOG FOLDER: trains on LOG, writes models and metrics to FOLDER,
prints the metrics as JSON.  On the Avazu sample it gives log_loss .41758.
"""
import json
import os
import sys
import time
from datetime import datetime

import joblib
import numpy as np
import pandas as pd
from catboost import CatBoostClassifier
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.metrics import (f1_score, log_loss, precision_score,
                             recall_score, roc_auc_score)
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from settings import CTR_FEATURES, TARGET, TRAIN_PARAMS


class DeviceCountTransformer(BaseEstimator, TransformerMixin):
    """Rows per device_ip and per device_id."""

    def fit(self, X, y=None):
        self.counts_ = {}
        for name in ("device_ip", "device_id"):
            data_group = X[["id", name]].groupby(name).count()
            counts = []
            for index in X[name]:
                counts.append(data_group["id"][index])
            self.counts_[name] = counts
        return self

    def transform(self, X, y=None):
        X = X.copy()
        for name, counts in self.counts_.items():
            X[name + "_count"] = counts
        return X


class UserCountTransformer(BaseEstimator, TransformerMixin):
    """Rows of the same hour of day, from an array whose named column holds
    it."""

    def __init__(self, hour_column):
        self.hour_column = hour_column

    def fit(self, X, y=None):
        self.users_ = {}
        for row in X:
            hour = row[self.hour_column]
            self.users_[hour] = self.users_.get(hour, 0) + 1
        return self

    def transform(self, X, y=None):
        counts = []
        for row in X:
            counts.append(self.users_[row[self.hour_column]])
        return np.column_stack([X, np.array(counts, dtype=object)])


class CtrTransformer(BaseEstimator, TransformerMixin):
    """Replaces each value by its CTR; unseen values by the mean CTR."""

    def __init__(self, features):
        self.features = features

    def fit(self, X, y):
        data = X.copy()
        data[TARGET] = y
        self.vocabularies_ = {}
        self.means_ = {}
        for feature in self.features:
            groups = data.groupby([feature, TARGET]).size().unstack()
            ctr = (groups[1] / (groups[0] + groups[1])).dropna()
            self.vocabularies_[feature] = ctr.to_dict()
            self.means_[feature] = ctr.mean()
        return self

    def transform(self, X):
        result = pd.DataFrame(index=X.index)
        for feature in self.features:
            vocab = self.vocabularies_[feature]
            mean = self.means_[feature]
            result[feature] = [vocab.get(row, mean) for row in X[feature]]
        return result


def hour_column(data):
    return np.array([[datetime.strptime(str(hour), "%y%m%d%H").hour]
                     for hour in data["hour"]])


def day_column(data):
    return np.array([[datetime.strptime(str(hour), "%y%m%d%H").weekday()]
                     for hour in data["hour"]])


def build_transformer(columns):
    kept = list(columns) + ["device_ip_count", "device_id_count"]
    times = ColumnTransformer([
        ("kept", "passthrough", kept),
        ("hour_of_day", FunctionTransformer(hour_column), ["hour"]),
        ("day_of_week", FunctionTransformer(day_column), ["hour"]),
    ])
    return Pipeline([
        ("device_counts", DeviceCountTransformer()),
        ("times", times),
        ("user_counts", UserCountTransformer(len(kept))),
    ]), kept + ["hour_of_day", "day_of_week", "hourly_user_count"]


def main(log, folder):
    start = time.perf_counter()
    os.makedirs(folder, exist_ok=True)
    data = pd.read_csv(log)
    transformer, names = build_transformer(data.columns)
    processed = pd.DataFrame(transformer.fit_transform(data), columns=names).infer_objects()

    train, test = train_test_split(processed, test_size=0.2, random_state=42)
    ctr = CtrTransformer(CTR_FEATURES).fit(train[CTR_FEATURES], train[TARGET])
    train_x = ctr.transform(train[CTR_FEATURES])
    test_x = ctr.transform(test[CTR_FEATURES])

    model = CatBoostClassifier(**TRAIN_PARAMS, verbose=0,
                               allow_writing_files=False)
    model.fit(train_x, train[TARGET])
    probability = model.predict_proba(test_x)[:, 1]
    predicted = model.predict(test_x)
    metrics = {
        "f1_score": f1_score(test[TARGET], predicted, average="weighted"),
        "log_loss": log_loss(test[TARGET], probability),
        "precision": precision_score(test[TARGET], predicted,
                                     zero_division=0),
        "recall": recall_score(test[TARGET], predicted),
        "roc_auc_score": roc_auc_score(test[TARGET], probability),
    }

    joblib.dump(model, os.path.join(folder, "catclf.pkl"))
    joblib.dump(transformer, os.path.join(folder, "transformer.pkl"))
    joblib.dump(ctr, os.path.join(folder, "ctr_transformer.pkl"))
    with open(os.path.join(folder, "metrics.json"), "w") as out:
        json.dump(metrics, out)
    metrics["job_seconds"] = time.perf_counter() - start
    print(json.dumps(metrics))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
