"""The service clickmill serve replaces, in its own style: FastAPI, a pandas
DataFrame a request, catboost, and the instrumentator's metrics beside three of
its own.  One worker of uvicorn; model and transformers stay in memory.

app.py LOG MODEL PORT: fits the transformers of pipeline.py on LOG, loads the
CatBoost model MODEL (JSON) and answers on 127.0.0.1:PORT.
"""
import sys
from typing import List

import pandas as pd
import uvicorn
from catboost import CatBoostClassifier
from fastapi import FastAPI, HTTPException
from prometheus_client import Counter, Gauge, Histogram
from prometheus_fastapi_instrumentator import Instrumentator
from pydantic import BaseModel
from sklearn.model_selection import train_test_split

from pipeline import (CtrTransformer, build_transformer, day_column,
                      hour_column)
from settings import CTR_FEATURES, TARGET

proba_gauge = Gauge("predict_proba", "Probability of the last row predicted")
proba_hist = Histogram("predicted_proba_hist", "Probabilities predicted",
                       buckets=[.05, .1, .25, .5, .75, .9, .95])
request_counter = Counter("http_predict_request_total",
                          "Requests for predictions")


class AdOpportunity(BaseModel):
    data: list
    features: list


class ClickResponse(BaseModel):
    device_ip: str
    click_proba: float


class Transformers:
    """The fitted pipeline, applied to rows that it was not fitted on: counts
    are those of the log."""

    def __init__(self, log):
        data = pd.read_csv(log)
        transformer, names = build_transformer(data.columns)
        processed = pd.DataFrame(transformer.fit_transform(data),
                                 columns=names).infer_objects()
        self.counts = {
            counted: dict(zip(processed[of], processed[counted]))
            for counted, of in (("device_ip_count", "device_ip"),
                                ("device_id_count", "device_id"),
                                ("hourly_user_count", "hour_of_day"))}
        train, _ = train_test_split(processed, test_size=0.2, random_state=42)
        self.ctr = CtrTransformer(CTR_FEATURES).fit(train[CTR_FEATURES],
                                                    train[TARGET])

    def transform(self, data):
        data["hour_of_day"] = hour_column(data)
        data["day_of_week"] = day_column(data)
        for counted, of in (("device_ip_count", "device_ip"),
                            ("device_id_count", "device_id"),
                            ("hourly_user_count", "hour_of_day")):
            table = self.counts[counted]
            data[counted] = [table.get(value, 0) for value in data[of]]
        return self.ctr.transform(data)


def make_app(transformers, model):
    app = FastAPI()
    Instrumentator().instrument(app).expose(app)

    @app.get("/health")
    def health():
        if model is None:
            raise HTTPException(status_code=400, detail="no model is loaded")

    @app.post("/predict/", response_model=List[ClickResponse])
    def predict(request: AdOpportunity):
        request_counter.inc()
        data = pd.DataFrame(request.data, columns=request.features)
        probabilities = model.predict_proba(transformers.transform(data))
        answer = []
        for device_ip, proba in zip(data["device_ip"], probabilities[:, 1]):
            proba_gauge.set(proba)
            proba_hist.observe(proba)
            answer.append(ClickResponse(device_ip=device_ip,
                                        click_proba=round(proba, 4)))
        return answer

    return app


def main(log, model_path, port):
    model = CatBoostClassifier()
    model.load_model(model_path, format="json")
    uvicorn.run(make_app(Transformers(log), model), host="127.0.0.1",
                port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
