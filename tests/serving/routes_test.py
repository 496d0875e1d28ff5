"""Routes as such: methods, paths, the OpenAPI document, /check_schema, and Open
Inference Protocol v2, whose probabilities are those of `clickmill predict`."""
import csv
import json
import os
import tempfile

from server import (Server, check, clickmill, copy_models, finish, models,
                    predict_body, read_rows, versions, wait_until)

try:
    from openapi_spec_validator import validate
except ImportError:
    validate = None


# ---- methods and paths --------------------------------------------------------

def check_methods(server):
    for method, path, status, allow in (
            ("HEAD", "/livez", 200, None),
            ("HEAD", "/predict/", 405, "POST"),
            ("GET", "/predict", 405, "POST"),
            ("OPTIONS", "/predict/", 405, "POST"),
            ("OPTIONS", "*", 404, None),
            ("PUT", "/predict/", 405, "POST"),
            ("DELETE", "/livez", 405, "GET, HEAD"),
            ("POST", "/livez", 405, "GET, HEAD"),
            ("PATCH", "/v2/models/ctr/infer", 405, "POST"),
            ("BREW", "/nothing", 404, None)):
        answer = server.request(method, path)
        told = {404: {"detail": "Not Found"},
                405: {"detail": "Method Not Allowed"},
                200: {"status": "ok"}}[status]
        check("%s %s: %d" % (method, path, status),
              answer.status == status and answer.headers["Allow"] == allow and
              (answer.body == b"" if method == "HEAD"
               else answer.json() == told),
              (answer.status, answer.headers["Allow"], answer.body))


def check_paths(server):
    for path, status in (
            ("/livez/", 200), ("/livez?x=1&y", 200), ("/%6civez", 200),
            ("/healthz", 200), ("/LIVEZ", 404), ("/live%zz", 404),
            ("//livez", 404), ("/./livez", 404), ("/livez/x", 404),
            ("livez", 404), ("/assets/../docs", 404),
            ("/v2/", 200), ("/v2/models", 404), ("/v2/models/c%74r", 200),
            ("/v2/models//ready", 404), ("/v2/models/ctr/", 200),
            ("/v2/models/ctr/versions", 404), ("/redoc", 404)):
        answer = server.get(path)
        check("GET %s: %d" % (path, status), answer.status == status,
              (answer.status, answer.body))


def check_health(server):
    check("health by every name", all(
        server.get(path).json() == {"status": "ok"} for path in
        ("/health", "/livez", "/healthz", "/readyz", "/ping")))
    check("and by that of the protocol",
          [server.get("/v2/health/" + name).json() for name in
           ("live", "ready")] == [{"live": True}, {"ready": True}])


def check_without_model():
    with tempfile.TemporaryDirectory() as folder, \
            Server("--threads", "1", model=folder, clean=False) as server:
        wait_until(lambda: "none is served" in server.log())
        health = server.get("/health")
        check("no model: /health is 400 and says why", health.status == 400 and
              folder in health.json()["detail"], health.text())
        check("/livez is 200, for nobody should be killed for it",
              server.get("/livez").status == 200)
        body = predict_body(read_rows(1))
        for method, path in (
                ("GET", "/readyz"), ("GET", "/ping"), ("GET", "/model"),
                ("GET", "/v2/health/ready"), ("GET", "/v2/models/ctr"),
                ("GET", "/v2/models/ctr/ready"), ("POST", "/predict/"),
                ("POST", "/check_schema"), ("POST", "/invocations"),
                ("POST", "/v2/models/ctr/infer")):
            answer = server.request(method, path,
                                    body if method == "POST" else None)
            key = "error" if path.startswith("/v2") else "detail"
            check("%s: 503, with Retry-After" % path,
                  answer.status == 503 and answer.headers["Retry-After"] and
                  list(answer.json()) == [key], answer.text())
        check("/openapi.json has the Avazu log's columns then", "site_id" in
              server.get("/openapi.json").json()["components"]["schemas"]
              ["Record"]["required"])


# ---- the document -------------------------------------------------------------

def references(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def texts(value):
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def check_document(server):
    document = server.get("/openapi.json").json()
    if validate is None:
        print("no openapi_spec_validator: the document is not validated")
    else:
        try:
            validate(document)
            check("the document is OpenAPI 3.1", document["openapi"] == "3.1.0")
        except Exception as error:  # whatever it finds
            check("the document is OpenAPI 3.1", False, error)
    check("its version is the program's", document["info"]["version"] ==
          clickmill("version").split()[1], document["info"]["version"])
    used = set(references(document))
    there = {"#/components/%s/%s" % (kind, name)
             for kind, named in document["components"].items()
             for name in named if kind != "securitySchemes"}
    check("every reference leads somewhere, and every component is used",
          used == there, used ^ there)
    check("nothing stands for something else any more",
          not [t for t in texts(document) if t.startswith("@")])
    ids = [operation["operationId"] for path in document["paths"].values()
           for operation in path.values()]
    check("operations have FastAPI's ids", len(set(ids)) == len(ids) and
          "predict_predict__post" in ids and
          "v2_infer_v2_models__model__infer_post" in ids, ids)
    columns = server.get("/model").json()["columns"]
    record = document["components"]["schemas"]["Record"]
    check("a row has the model's columns", record["required"] == columns and
          list(record["properties"]) == columns)
    return document


def check_examples(server, document):
    """What the document shows can be sent, and every way of sending a row gives
    the same."""
    told = {}
    bodies = document["components"]["requestBodies"]
    path_of = {"Rows": "/predict/", "Names": "/check_schema",
               "Invocation": "/invocations", "Inference":
               "/v2/models/ctr/infer"}
    for name, body in bodies.items():
        for kind, content in body["content"].items():
            for example in content["examples"].values():
                value = example["value"]
                answer = server.post(path_of[name], value,
                                     {"Content-Type": kind})
                if not check("%s, %s: %s" % (path_of[name], kind,
                                             example["summary"]),
                             answer.status == 200, answer.text()):
                    continue
                told.setdefault(name, set()).add(answer.text())
    check("every form of a row is the same row",
          all(len(answers) == 1 for answers in told.values()), told)


# ---- /check_schema ------------------------------------------------------------

def check_schema(server):
    names, rows = read_rows(2)
    columns = server.get("/model").json()["columns"]

    def ask(body):
        answer = server.post("/check_schema", body)
        return answer.status, answer.json()

    ok = 200, {"status": "ok"}
    check("the log's own columns are no surprise",
          ask({"features": names}) == ok)
    check("with data, as /predict takes it",
          ask({"features": names, "data": rows}) == ok)
    check("records", ask([dict(zip(names, rows[0]))]) == ok)
    check("missing and unexpected, all of them", ask(
        {"features": ["zzz", *columns[2:], "y\u00e9"]}) ==
        (400, {"detail": {"missing": columns[:2],
                          "unexpected": ["zzz", "y\u00e9"]}}))
    check("nothing", ask({"features": []}) ==
          (400, {"detail": {"missing": columns, "unexpected": []}}))
    status, told = ask({"data": rows})
    check("no features: 422", status == 422 and
          told["detail"][0]["loc"] == ["body", "features"], told)
    check("no JSON: 422", ask("{")[1]["detail"][0]["type"] == "json_invalid")
    check("another type: 415", server.post(
        "/check_schema", "hour\n", {"Content-Type": "text/csv"}).status == 415)


# ---- Open Inference Protocol v2 -------------------------------------------------

def tensors(names, rows, nested=False, **more):
    """A tensor a column."""
    def data(i):
        values = [row[i] for row in rows]
        return [[value] for value in values] if nested else values
    shape = [len(rows), 1] if nested else [len(rows)]
    return {"inputs": [{"name": name, "datatype": "BYTES", "shape": shape,
                        "data": data(i)} for i, name in enumerate(names)],
            **more}


def predicted(names, rows):
    """By the command line."""
    with tempfile.TemporaryDirectory() as folder:
        log, out = (os.path.join(folder, name) for name in ("log.csv",
                                                            "out.csv"))
        with open(log, "w", newline="") as file:
            csv.writer(file).writerows([names, *rows])
        clickmill("predict", "--model", models(), "--input", log, "--output",
                  out, "--quiet")
        with open(out, newline="") as file:
            return [float(row["click_proba"]) for row in csv.DictReader(file)]


def check_infer(server):
    names, rows = read_rows(500)
    version = versions(models())[0]
    want = predicted(names, rows)
    path = "/v2/models/ctr/infer"
    told = server.post(path, tensors(names, rows, id="a\u00e9\n")).json()
    check("inference is what predict says, to the last bit",
          told == {"model_name": "ctr", "model_version": version,
                   "id": "a\u00e9\n", "outputs": [{
                       "name": "click_proba", "datatype": "FP64",
                       "shape": [500], "data": want}]}, str(told)[:500])
    for name, body, where in (
            ("by version", tensors(names, rows),
             "/v2/models/ctr/versions/%s/infer" % version),
            ("nested", tensors(names, rows, nested=True), path),
            ("outputs named", tensors(names, rows, outputs=[
                {"name": "click_proba", "parameters": {}}],
                parameters={"priority": 1}), path)):
        answer = server.post(where, body).json()
        check("the same " + name, "id" not in answer and
              answer["outputs"] == told["outputs"], str(answer)[:300])
    integers = tensors(names, rows)
    for tensor in integers["inputs"]:
        if tensor["name"] in ("C1", "C14", "banner_pos", "id"):
            tensor["datatype"] = "INT64"
            tensor["data"] = [int(value) for value in tensor["data"]]
    check("numbers as numbers", server.post(path, integers).json()["outputs"] ==
          told["outputs"])
    check("no rows", server.post(path, tensors(names, [])).json()["outputs"] ==
          [{"name": "click_proba", "datatype": "FP64", "shape": [0],
            "data": []}])


def check_infer_problems(server):
    names, rows = read_rows(2)
    good = tensors(names, rows)

    def refused(name, change, words, status=400, headers=None):
        body = json.loads(json.dumps(good))
        changed = change(body)
        body = body if changed is None else changed
        answer = server.post("/v2/models/ctr/infer", body, headers)
        text = answer.json().get("error", "")
        check("%s: %d" % (name, status), answer.status == status and
              all(word in text for word in words), answer.text()[:600])

    hour = names.index("hour")

    def put(**members):
        return lambda body: body["inputs"][hour].update(members)

    where = "inputs.%d." % hour
    refused("no JSON", lambda body: "{", ["JSON decode error"])
    refused("no inputs", lambda body: {}, ["inputs: Field required"])
    refused("no hour", lambda body: body["inputs"].pop(hour) and None,
            ["inputs.hour: Field required"])
    refused("hour twice", lambda body: body["inputs"].append(
        body["inputs"][hour]), ["came before"])
    refused("a broken hour", put(data=["14102100", "oops"]),
            ["inputs.hour.1: Value error", "oops"])
    refused("fewer than the shape says", put(data=["14102100"]),
            [where + "data: List should have at least 2 items"])
    refused("another length", put(shape=[1], data=["14102100"]),
            [where + "shape: ", "another length"])
    refused("a matrix", put(shape=[1, 2]), [where + "shape: "])
    refused("a type of its own", put(datatype="STRING"), [where + "datatype"])
    refused("a list in a list", put(data=[["1", "2"], "3"]),
            ["valid string"])
    refused("binary data", put(parameters={"binary_data_size": 8}),
            ["binary tensor data is not offered"])
    refused("binary data by the header", lambda body: None,
            ["binary tensor data is not offered"],
            headers={"Inference-Header-Content-Length": "10"})
    refused("another output", lambda body: body.update(
        outputs=[{"name": "y"}]), ["outputs.0.name", "click_proba"])
    refused("an id that is none", lambda body: body.update(id=5),
            ["id: Input should be a valid string"])
    refused("another type", lambda body: None, ["Unsupported Media Type"], 415,
            {"Content-Type": "application/octet-stream"})


def check_models(server):
    version = versions(models())[0]
    columns = server.get("/model").json()["columns"]
    for path in "/v2/models/ctr", "/v2/models/ctr/versions/" + version:
        told = server.get(path).json()
        check(path, told == {
            "name": "ctr", "versions": [version], "platform": "clickmill",
            "inputs": [{"name": name, "datatype": "BYTES", "shape": [-1]}
                       for name in columns],
            "outputs": [{"name": "click_proba", "datatype": "FP64",
                         "shape": [-1]}]}, told)
        check(path + "/ready", server.get(path + "/ready").json() ==
              {"name": "ctr", "ready": True})
    for path in "/v2/models/x", "/v2/models/ctr/versions/1":
        check(path + " is none, by any method",
              [(a.status, list(a.json())) for a in (
                  server.get(path), server.get(path + "/ready"),
                  server.post(path + "/infer", {}))] ==
              [(404, ["error"])] * 3)
    check("/v2", server.get("/v2").json()["name"] == "clickmill")


def check_named():
    """model_name is the name; a new version takes the old one's place."""
    with tempfile.TemporaryDirectory() as folder:
        root = copy_models(folder)
        current, previous = versions(root)
        with Server("--threads", "1", "--model-name", "ads", "--watch-interval",
                    "0.05", model=root) as server:
            wait_until(lambda: server.get("/readyz").status == 200)
            check("model_name", server.get("/v2/models/ads").status == 200 and
                  server.get("/v2/models/ctr").status == 404)
            clickmill("model", "rollback", root)
            path = "/v2/models/ads/versions/"
            check("the version that went live is there, the other is not",
                  wait_until(lambda: server.get(path + previous).status == 200)
                  and server.get(path + current).status == 404)


def main():
    with Server("--threads", "1") as server:
        wait_until(lambda: server.get("/readyz").status == 200)
        check_methods(server)
        check_paths(server)
        check_health(server)
        check_examples(server, check_document(server))
        check_schema(server)
        check_models(server)
        check_infer(server)
        check_infer_problems(server)
    check_named()
    check_without_model()
    finish()


main()
