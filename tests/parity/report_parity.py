"""What a report says is what scikit-learn, CatBoost and pandas compute of the
same rows: curves, groups, importance, staged losses, drift.  The page written
by `train` is the one that `report` makes of the bundle."""

import filecmp
import html.parser
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
AVAZU = os.path.abspath(os.path.join(
    os.environ.get("CLICKMILL_TEST_DATA", "../shared/data"), "avazu",
    "avazu_sample.csv"))
GROUPS = 20
FIGURES = {
    "roc_curve", "precision_recall_curve", "reliability",
    "predicted_probabilities", "learning_curve", "feature_importance",
    "shap_summary", "click_rate_by_hour", "click_rate_by_site_category",
    "click_rate_by_banner_pos", "drift",
}

failures = 0


def check(name, ok, detail=""):
    global failures
    failures += not ok
    print(f"{'ok' if ok else 'FAIL'} - {name} {detail}")


def run(*words):
    done = subprocess.run([CLICKMILL, *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"FAIL - {' '.join(words)}\n{done.stderr}")
    return done.stdout


def plot(name):
    with open(f"reports/plots/{name}.json") as file:
        return pd.DataFrame(json.load(file))


def check_curves(y, p):
    roc = plot("roc")
    area = np.trapezoid(roc["tpr"], roc["fpr"])
    check("area under the ROC points",
          abs(area - metrics.roc_auc_score(y, p)) < 1e-3, f"{area:.5f}")
    wrong = 0
    points = plot("precision_recall")
    check("every point has all fields", not points.isna().any(axis=None)
          and not roc.isna().any(axis=None))
    for _, point in points.iloc[1:].iterrows():
        above = p >= point["threshold"]
        wrong += abs(y[above].mean() - point["precision"]) > 1e-12
        wrong += abs(y[above].sum() / y.sum() - point["recall"]) > 1e-12
    check("precision and recall of every point", wrong == 0, f"{wrong} wrong")


def check_calibration(y, p):
    groups = plot("calibration")
    order = np.argsort(p, kind="stable")
    start, wrong = 0, 0
    for _, group in groups.iterrows():
        rows = order[start:start + int(group["rows"])]
        start += len(rows)
        wrong += abs(p[rows].mean() - group["predicted"]) > 1e-12
        wrong += abs(y[rows].mean() - group["observed"]) > 1e-12
    check("groups of the reliability diagram",
          wrong == 0 and start == len(y) and len(groups) == GROUPS,
          f"{len(groups)} groups, {wrong} wrong")


def check_learning(model, features, y):
    curve = plot("learning_curve")
    staged = [metrics.log_loss(y, p[:, 1])
              for p in model.staged_predict_proba(features)]
    want = [staged[int(trees) - 1] for trees in curve["trees"]]
    off = np.abs(curve["log_loss"] - want).max()
    check("log loss tree by tree against staged_predict_proba",
          off < 1e-12 and len(curve) == len(staged), f"off by {off:.1e}")


def check_importance(model):
    ours = plot("importance").set_index("name")["importance"]
    theirs = pd.Series(model.get_feature_importance(), model.feature_names_)
    off = (ours - theirs).abs().max()
    check("importance against CatBoost's", off < 1e-9, f"off by {off:.1e}")


def stability(train, val):
    """As docs/report.md tells it: the 19 most frequent values of the training
    rows (ties by the value), and the rest."""
    counts = train.value_counts()
    counts = counts.iloc[np.lexsort((counts.index.values, -counts.values))]
    top = counts.index[:19]
    then = [*counts[top], len(train) - counts[top].sum()]
    now = [*(val == value for value in top)]
    now = [int(same.sum()) for same in now]
    now.append(len(val) - sum(now))
    index = 0
    for a, b in zip(now, then):
        if a or b:
            a, b = max(a, 0.5) / len(val), max(b, 0.5) / len(train)
            index += (a - b) * np.log(a / b)
    return index, (~val.isin(train)).mean()


def check_drift(train, val):
    drift = plot("drift").set_index("name")
    wrong = 0
    for name, row in drift.iterrows():
        index, new = stability(train[name], val[name])
        wrong += abs(index - row["stability_index"]) > 1e-12
        wrong += abs(new - row["new_values"]) > 1e-12
    falling = drift["stability_index"].is_monotonic_decreasing
    check("drift of columns", wrong == 0 and falling and len(drift) == 15,
          f"{len(drift)} columns, {wrong} wrong")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.outside = [], []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "href", "srcset") and value and (
                    not value.startswith(("data:", "#"))):
                self.outside.append(value)

    def handle_data(self, data):
        self.text.append(data)


def check_page(result):
    page = Page()
    with open("reports/index.html") as file:
        page.feed(file.read())
    text = " ".join(page.text)
    loss = f"{result['metrics']['log_loss']:.5f}"
    check("the page has the log loss", loss in text, loss)
    outside = [link for link in page.outside if not link.startswith("figures/")]
    check("the page asks for no other file", not outside, str(outside[:3]))
    names = {name.rsplit(".", 1)[0] for name in os.listdir("reports/figures")}
    missing = FIGURES - names
    shap = [name for name in names if name.startswith("shap_of_")]
    check("all figures are there", not missing and len(shap) == 4,
          f"missing {missing}")


def same_folders(a, b):
    different = []
    for folder, _, files in os.walk(a):
        for name in files:
            path = os.path.join(folder, name)
            other = os.path.join(b, os.path.relpath(path, a))
            if not filecmp.cmp(path, other, shallow=False):
                different.append(os.path.relpath(path, a))
    return different


def main():
    if not os.path.exists(AVAZU):
        print(f"no {AVAZU}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        common = ["--config", CONFIG, "--input", AVAZU, "--quiet"]
        result = json.loads(run("train", *common, "--report-path", "reports",
                                "--json"))
        run("report", *common, "--output", "again")
        different = same_folders("reports", "again")
        check("train's report is the bundle's", not different, str(different))
        run("features", *common, "--output", "features")
        model = CatBoostClassifier().load_model("models/catclf.json", "json")
        val = pd.read_csv("features/validation.csv", dtype={"id": str})
        features = val[[name + "_ctr" for name in model.feature_names_]]
        features = features.to_numpy()
        y = val["click"].to_numpy()
        p = model.predict_proba(features)[:, 1]
        check_curves(y, p)
        check_calibration(y, p)
        check_learning(model, features, y)
        check_importance(model)
        log = pd.read_csv(AVAZU, dtype={"id": str})
        inside = log["id"].isin(val["id"])
        check_drift(log[~inside], log[inside])
        check_page(result)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
