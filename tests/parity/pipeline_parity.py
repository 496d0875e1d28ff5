"""The seed's configuration, end to end, against the real neighbours.

`clickmill train` on the Avazu sample and on a generated log; then pandas reads
the features, real CatBoost loads the model and scores them, scikit-learn
computes the metrics, and all of it must be what clickmill said.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier
from sklearn import metrics

CLICKMILL = os.path.abspath(os.environ.get("CLICKMILL", "build/clickmill"))
CONFIG = os.path.abspath("configs/train_config.yaml")
AVAZU = os.path.join(
    os.environ.get("CLICKMILL_TEST_DATA", "../shared/data"),
    "avazu",
    "avazu_sample.csv",
)
SEEDS = range(12)
# Real CatBoost 1.2.10 over 12 seeds: .41833 (sd .00066) and .70704 (.0020).
MAX_LOG_LOSS, MIN_AUC = 0.4197, 0.7030

failures = 0


def check(name, ok, detail):
    global failures
    failures += not ok
    print(f"{'ok' if ok else 'FAIL'} - {name}: {detail}")


def clickmill(*args):
    return subprocess.run(
        [CLICKMILL, *args], check=True, capture_output=True, text=True
    ).stdout


def train(log, *args):
    return json.loads(
        clickmill("train", "--config", CONFIG, "--input-data-path", log,
                  "--json", "--quiet", *args)
    )


def expected_metrics(clicks, probabilities):
    labels = probabilities > 0.5
    entropy = metrics.log_loss(clicks, np.full(len(clicks), clicks.mean()))
    loss = metrics.log_loss(clicks, probabilities)
    return {
        "log_loss": loss,
        "roc_auc_score": metrics.roc_auc_score(clicks, probabilities),
        "f1_score": metrics.f1_score(clicks, labels, average="weighted"),
        "precision": metrics.precision_score(clicks, labels),
        "recall": metrics.recall_score(clicks, labels),
        "base_rate": clicks.mean(),
        "mean_prediction": probabilities.mean(),
        "normalized_entropy": loss / entropy,
    }


def predictions_of(log, bundle):
    with open("predictions.csv", "w") as out:
        out.write(clickmill("predict", "--model", bundle, "--input", log))
    with open("predictions.csv") as rows:
        return {r["id"]: float(r["click_proba"]) for r in csv.DictReader(rows)}


def check_end_to_end(name, log):
    train(log)
    clickmill("features", "--config", CONFIG, "--input", log, "--output",
              "features", "--quiet")
    rows = pd.read_csv("features/validation.csv", dtype={"id": str})
    matrix = rows[[c for c in rows.columns if c.endswith("_ctr")]]
    model = CatBoostClassifier().load_model("models/catclf.json", format="json")
    raw = model.predict(matrix.to_numpy(), prediction_type="RawFormulaVal")
    ours = predictions_of(log, "models")
    said = rows["id"].map(ours).to_numpy()
    apart = np.abs(np.log(said / (1 - said)) - raw).max()
    check(f"{name}: RawFormulaVal of {len(rows)} validation rows",
          apart <= 1e-9, f"largest difference {apart:.3g} (bar 1e-9)")
    apart = np.abs(said - model.predict_proba(matrix.to_numpy())[:, 1]).max()
    check(f"{name}: predict_proba", apart <= 1e-12, f"{apart:.3g}")
    with open("models/metrics.json") as file:
        reported = json.load(file)
    for key, value in expected_metrics(rows["click"], said).items():
        apart = abs(reported[key] - value)
        check(f"{name}: {key}", apart <= 1e-12,
              f"{reported[key]:.12f}, scikit-learn differs by {apart:.2g}")


def check_quality():
    results = [
        train(AVAZU, "--train-params.random-state", str(seed))["metrics"]
        for seed in SEEDS
    ]
    loss = np.array([r["log_loss"] for r in results])
    auc = np.array([r["roc_auc_score"] for r in results])
    result = train(AVAZU)["metrics"]
    check("Avazu sample, seed config: log_loss",
          result["log_loss"] <= MAX_LOG_LOSS,
          f"{result['log_loss']:.5f} (bar {MAX_LOG_LOSS}); 12 seeds: mean "
          f"{loss.mean():.5f}, sd {loss.std(ddof=1):.5f}")
    check("Avazu sample, seed config: roc_auc",
          result["roc_auc_score"] >= MIN_AUC,
          f"{result['roc_auc_score']:.5f} (bar {MIN_AUC}); 12 seeds: mean "
          f"{auc.mean():.5f}, sd {auc.std(ddof=1):.5f}")
    check("Avazu sample, 12 seeds: mean log_loss",
          loss.mean() <= MAX_LOG_LOSS, f"{loss.mean():.5f}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        clickmill("generate", "--rows", "50000", "--seed", "5", "--output",
                  "log.csv", "--quiet")
        check_end_to_end("generated log", "log.csv")
        if os.path.exists(AVAZU):
            check_end_to_end("Avazu sample", AVAZU)
            check_quality()
        os.chdir("/")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
