"""POST /predict and /invocations give what `clickmill predict` gives, to the
last bit, in every format; and say what is wrong as FastAPI does."""
import csv
import io
import json
import os
import tempfile

from server import Server, check, clickmill, finish, log_path, models, wait_until

REAL = os.path.join(os.environ.get("DATA", ""), "avazu", "avazu_sample.csv")
CHUNK = 1000  # rows a request


def read_log(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    return rows[0], rows[1:]


def expected(path):
    """{id: probability}, by the command line."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.csv")
        clickmill("predict", "--model", models(), "--input", path, "--output",
                  out, "--quiet")
        with open(out, newline="") as file:
            return {row["id"]: float(row["click_proba"])
                    for row in csv.DictReader(file)}


# ---- one chunk of rows in every format --------------------------------------

def as_number(name, text):
    """The texts of numbers as numbers, the id among them."""
    return int(text) if name == "id" or name[0] == "C" else text


def as_floats(name, text):
    """As pandas writes a column of whole numbers with a missing one."""
    return float(text) if name[0] == "C" else text


def table(names, rows, value=lambda _, text: text, **more):
    data = [[value(n, t) for n, t in zip(names, row)] for row in rows]
    return {"data": data, "features": names, **more}


def spaced(body):
    return json.dumps(body, indent=1).encode()


def compact(body):
    return json.dumps(body, separators=(",", ":")).encode()


def escaped(body):
    """What the scanner does not know: the JSON library reads it."""
    return compact(body).replace(b"device", rb"\u0064evice")


def records(names, rows, value=as_number):
    return [{n: value(n, t) for n, t in zip(names, row)} for row in rows]


def split(names, rows):
    body = table(names, rows, as_number)
    return {"dataframe_split": {"columns": names, "data": body["data"],
                                "index": list(range(len(rows)))}, "params": {}}


def columns(names, rows):
    return {n: [as_number(n, row[i]) for row in rows]
            for i, n in enumerate(names)}


def as_csv(names, rows, **how):
    file = io.StringIO()
    csv.writer(file, **how).writerows([names] + rows)
    return file.getvalue().encode()


JSON, CSV = {"Content-Type": "application/json"}, {"Content-Type": "text/csv"}
FORMATS = {
    "texts": lambda n, r: ("/predict/", compact(table(n, r)), JSON),
    "numbers": lambda n, r: ("/predict", compact(table(n, r, as_number)), JSON),
    "floats": lambda n, r: ("/predict", spaced(table(n, r, as_floats)), JSON),
    "escapes": lambda n, r: ("/predict", escaped(table(n, r)), JSON),
    "other keys": lambda n, r: ("/predict", compact(table(n, r, x=[{}])), JSON),
    "records": lambda n, r: ("/predict", compact(records(n, r)), JSON),
    "csv": lambda n, r: ("/predict", as_csv(n, r), CSV),
    "quoted csv": lambda n, r: (
        "/predict", as_csv(n, r, quoting=csv.QUOTE_ALL, lineterminator="\n"),
        CSV),
    "dataframe_split": lambda n, r: ("/invocations", spaced(split(n, r)), JSON),
    "dataframe_records": lambda n, r: (
        "/invocations", compact({"dataframe_records": records(n, r)}), JSON),
    "instances": lambda n, r: (
        "/invocations", compact({"instances": records(n, r)}), JSON),
    "inputs": lambda n, r: (
        "/invocations", compact({"inputs": columns(n, r)}), JSON),
    "invocations csv": lambda n, r: ("/invocations", as_csv(n, r), CSV),
}


def probabilities(path, answer, ids):
    if path == "/invocations":
        return answer["predictions"]
    if [str(row["id"]) for row in answer] != ids:
        return None
    return [row["click_proba"] for row in answer]


def same_as_command_line(server, what, log):
    names, rows = read_log(log)
    wanted = expected(log)
    connection = server.connect()
    wrong = {name: 0 for name in FORMATS}
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first:first + CHUNK]
        ids = [row[names.index("id")] for row in chunk]
        for name, make in FORMATS.items():
            path, body, headers = make(names, chunk)
            connection.request("POST", path, body, headers)
            got = probabilities(
                path, json.loads(connection.getresponse().read()), ids)
            wrong[name] += got != [wanted[i] for i in ids]
    connection.close()
    for name, n in wrong.items():
        check(f"{what}, {name}: {len(rows)} probabilities, bit for bit", n == 0,
              f"{n} requests differ")


# ---- single answers ----------------------------------------------------------

def one_row(server):
    """A row a request, and its text."""
    names, rows = read_log(log_path())
    wanted = expected(log_path())
    connection = server.connect()
    wrong = 0
    for row in rows[:300]:
        connection.request("POST", "/predict/",
                           compact(table(names, [row], as_number)), JSON)
        got = connection.getresponse().read()
        values = dict(zip(names, row))
        text = '[{"id":%s,"device_ip":"%s","click_proba":%s}]' % (
            values["id"], values["device_ip"],
            json.dumps(round(wanted[values["id"]], 4)))
        wrong += got != text.encode()
    connection.close()
    check("300 single rows, texts as json.dumps writes them", wrong == 0, wrong)


def without_columns(names, rows, *dropped):
    kept = [i for i, name in enumerate(names) if name not in dropped]
    return [names[i] for i in kept], [[row[i] for i in kept] for row in rows]


def errors_of(answer):
    return [(e["type"], e["loc"]) for e in answer.json()["detail"]]


def problems(server):
    names, rows = read_log(log_path())
    rows = rows[:3]
    device_ip, hour = names.index("device_ip"), names.index("hour")

    answer = server.post("/predict", compact(table(
        *without_columns(names, rows, "device_ip", "C14", "click"))))
    check("a feature that lacks is named", answer.status == 422 and sorted(
        errors_of(answer)) == [
            ("missing", ["body", "features", "C14"]),
            ("missing", ["body", "features", "device_ip"])], answer.text())

    bad = [list(row) for row in rows]
    bad[0][hour], bad[2][hour] = "noon", ""
    answer = server.post("/predict", compact(table(names, bad)))
    check("every broken hour is listed", errors_of(answer) == [
        ("value_error", ["body", "data", 0, hour]),
        ("value_error", ["body", "data", 2, hour])], answer.text())
    answer = server.post("/predict", compact(records(names, bad)))
    check("and of records", errors_of(answer) == [
        ("value_error", ["body", 0, "hour"]),
        ("value_error", ["body", 2, "hour"])], answer.text())
    answer = server.post("/predict", as_csv(names, bad), CSV)
    check("and of CSV, by line", "line 2, " in answer.text() and
          "line 4, " in answer.text(), answer.text())

    for body, position in (b"", None), (b"{", 1), (b'{"data":[[1,]]}', 12):
        answer = server.post("/predict", body)
        wanted = [("missing", ["body"])] if position is None else \
            [("json_invalid", ["body", position])]
        check("body %r" % body, answer.status == 422 and
              errors_of(answer) == wanted, answer.text())

    answer = server.post("/predict", compact(table(names, rows)),
                         {"Content-Type": "text/plain"})
    check("other types are 415", answer.status == 415 and
          "text/csv" in answer.json()["detail"], answer.text())
    answer = server.post("/predict", compact(table(names, rows)),
                         {"Content-Type": "application/x-www-form-urlencoded"})
    check("what curl -d sends is taken", answer.status == 200, answer.text())
    answer = server.post("/predict", compact(table(names, [])))
    check("no rows, no answers", answer.body == b"[]", answer.text())
    unseen = list(rows[0])
    unseen[device_ip] = "never \u00e9 seen"
    answer = server.post("/predict", compact(table(names, [unseen])))
    check("a value never seen is no error", answer.status == 200 and
          answer.json()[0]["device_ip"] == unseen[device_ip], answer.text())
    answer = server.post("/predict", as_csv(names, rows),
                         {**CSV, "Accept": "text/csv"})
    check("CSV back", answer.text().startswith(
        "id,device_ip,click_proba\r\n%s,%s," % (rows[0][0], rows[0][device_ip])
    ), answer.text())


def python_says(body):
    try:
        json.loads(body)
    except json.JSONDecodeError as error:
        return error.pos, error.msg
    return None


def same_words_as_python(server):
    """Every beginning of a body, and bodies with a byte changed: the position
    and the words are those of Python's json, which FastAPI repeats."""
    text = '{"data": [["a\\u00e9\\n", -1.5e+3, true, null]], "features": ["x"]}'
    bodies = [text[:i] for i in range(1, len(text))]
    bodies += [text[:i] + c + text[i + 1:] for i in range(len(text))
               for c in '"\\{}[],:x0-\x01']
    connection = server.connect()
    wrong = []
    for body in bodies:
        connection.request("POST", "/predict", body, JSON)
        detail = json.loads(connection.getresponse().read())["detail"][0]
        got = None
        if detail["type"] == "json_invalid":
            got = detail["loc"][1], detail["ctx"]["error"]
        if got != python_says(body):
            wrong.append((body, got, python_says(body)))
    connection.close()
    check("%d broken bodies, as Python tells it" % len(bodies), not wrong,
          wrong[:3])


with Server("--precision", "17", "--threads", "1") as server:
    same_as_command_line(server, "generated log", log_path())
    if os.path.exists(REAL):
        same_as_command_line(server, "Avazu sample", REAL)
with Server("--threads", "1") as server:
    one_row(server)
    problems(server)
    same_words_as_python(server)
finish()
