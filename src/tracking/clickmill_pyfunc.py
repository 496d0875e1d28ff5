"""Probabilities of a click, for mlflow.pyfunc.

MLflow's own loader calls predict() of a CatBoostClassifier, which gives class
labels; this one gives predict_proba()[:, 1], as `clickmill predict` does.
"""
from catboost import CatBoostClassifier


class ClickModel:
    def __init__(self, model):
        self._model = model

    def get_raw_model(self):
        return self._model

    def predict(self, dataframe, params=None):
        return self._model.predict_proba(dataframe)[:, 1]


def _load_pyfunc(path):
    with open(path, "rb") as file:
        is_binary = file.read(4) == b"CBM1"
    model = CatBoostClassifier()
    model.load_model(path, "cbm" if is_binary else "json")
    return ClickModel(model)
