"""/metrics of a server under load: counts are the requests sent, both formats
are read by prometheus_client's parsers, promtool finds nothing to say, and the
real Prometheus, which scrapes it meanwhile, has every metric."""
import gzip
import math
import os
import re
import shutil
import subprocess
import threading
import urllib.parse

from prometheus import Prometheus
from server import (ROOT, Server, check, finish, predict_body, read_rows,
                    skip, wait_until)

try:
    from prometheus_client import parser
    from prometheus_client.openmetrics import parser as openmetrics_parser
except ImportError:
    skip("no prometheus_client")

OPENMETRICS = "application/openmetrics-text"
TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS_TYPE = OPENMETRICS + "; version=1.0.0; charset=utf-8"
# What Debian's Prometheus sends.
PROMETHEUS_ACCEPT = ("application/openmetrics-text;version=1.0.0,"
                     "application/openmetrics-text;version=0.0.1;q=0.75,"
                     "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
CLIENTS = 4
ROUNDS = 50


# ---- reading scrapes --------------------------------------------------------

def samples_of(families):
    """{(name, sorted labels): value}; none may come twice."""
    samples = {}
    for family in families:
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            if key in samples:
                check("sample once: %s" % (key,), False)
            samples[key] = sample.value
    return samples


def scrape(server, accept="text/plain"):
    text = server.get("/metrics", {"Accept": accept}).text()
    read = openmetrics_parser if accept != "text/plain" else parser
    return samples_of(read.text_string_to_metric_families(text))


def total(samples, name, **labels):
    """Sum of the samples of this name with these labels, others too."""
    return sum(value for (sample, of), value in samples.items()
               if sample == name and labels.items() <= dict(of).items())


def is_counter(name):
    return name.endswith(("_total", "_count", "_bucket"))


# ---- load -------------------------------------------------------------------

class Load:
    """Clients that send requests of known number and size."""

    def __init__(self, server):
        self.server = server
        self.one = predict_body(read_rows(1))
        self.three = predict_body(read_rows(3, skip_first=1))
        self.sent, self.lock = {}, threading.Lock()
        self.answer_bytes = self.body_bytes = self.rows = 0

    def send(self, connection, method, path, handler, body=None, rows=0):
        connection.request(method, path, body,
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        data = answer.read()
        key = (method, "%dxx" % (answer.status // 100), handler)
        with self.lock:
            self.sent[key] = self.sent.get(key, 0) + 1
            if handler == "/predict/":
                self.answer_bytes += len(data)
                self.body_bytes += len(body or b"")
                self.rows += rows if answer.status == 200 else 0
        return data

    def client(self):
        connection = self.server.connect()
        for _ in range(ROUNDS):
            self.send(connection, "POST", "/predict/", "/predict/", self.one,
                      1)
            self.send(connection, "POST", "/predict", "/predict/", self.three,
                      3)
            self.send(connection, "POST", "/predict/", "/predict/", b"{")
            self.send(connection, "GET", "/livez", "/livez")
            self.send(connection, "HEAD", "/livez", "/livez")
            self.send(connection, "GET", "/nowhere\"\\", "none")
            self.send(connection, "GET", "/predict/", "none")
        connection.close()

    def run(self, meanwhile=lambda: None):
        clients = [threading.Thread(target=self.client)
                   for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        while any(client.is_alive() for client in clients):
            meanwhile()
        for client in clients:
            client.join()


def test_under_load(server):
    """Counters only grow, while others record; then they are what was sent."""
    load, last, scrapes = Load(server), {}, 0

    def look():
        nonlocal last, scrapes
        accept = ("text/plain", PROMETHEUS_ACCEPT)[scrapes % 2]
        now = scrape(server, accept)
        fell = [key for key, value in last.items()
                if is_counter(key[0]) and now.get(key, -1) < value]
        if fell:
            check("counters do not fall", False, fell)
        last, scrapes = now, scrapes + 1

    load.run(look)
    check("scraped under load", scrapes > 0, scrapes)
    now = scrape(server)
    for (method, status, handler), n in sorted(load.sent.items()):
        found = total(now, "http_requests_total", method=method,
                      status=status, handler=handler)
        # Starting, the server was asked for /livez as well.
        ok = found >= n if handler == "/livez" else found == n
        check("%s %s %s: %d requests" % (method, handler, status, n), ok,
              found)
    return load, now


def test_sums(load, now):
    n = sum(count for (_, _, handler), count in load.sent.items()
            if handler == "/predict/")
    good = load.sent[("POST", "2xx", "/predict/")]
    check("two of three predictions are good", good * 3 == n * 2, (good, n))
    check("durations by route",
          total(now, "http_request_duration_seconds_count",
                handler="/predict/") == n)
    check("durations of all are the requests",
          total(now, "http_request_duration_highr_seconds_count") ==
          total(now, "http_requests_total"))
    check("bodies received", total(now, "http_request_size_bytes_sum",
                                   handler="/predict/") == load.body_bytes)
    check("bodies sent", total(now, "http_response_size_bytes_sum",
                               handler="/predict/") == load.answer_bytes)
    check("sizes counted", total(now, "http_response_size_bytes_count",
                                 handler="/predict/") == n)
    check("requests for predictions",
          total(now, "http_predict_request_total") == n)
    check("rows", total(now, "predicted_rows_total") == load.rows)
    check("probabilities", total(now, "predicted_proba_hist_count") ==
          total(now, "predicted_proba_hist_bucket", le="+Inf") == load.rows)
    check("a model is told of", total(now, "model_info") == 1)
    check("loaded once", total(now, "model_reloads_total") == 1)


def test_last_probability(server):
    """The gauge is the last row's probability, whichever thread scored it."""
    for i in range(8):
        answer = server.predict(read_rows(2, skip_first=i)).json()
        now = scrape(server)
        last = answer[-1]["click_proba"]
        for name in "predict_proba", "predicted_proba":
            if abs(total(now, name) - last) > 5.1e-5:
                check("%s after request %d" % (name, i), False,
                      (total(now, name), last))
    check("the gauges follow", True)


# ---- formats ----------------------------------------------------------------

def test_formats(server):
    for accept, expected in ((None, TEXT_TYPE), ("*/*", TEXT_TYPE),
                             (PROMETHEUS_ACCEPT, OPENMETRICS_TYPE),
                             (OPENMETRICS + ";q=.1,text/plain", TEXT_TYPE)):
        answer = server.get("/metrics", {"Accept": accept} if accept else {})
        check("Accept: %s" % accept,
              answer.status == 200 and
              answer.headers["Content-Type"] == expected and
              answer.text().endswith("\n# EOF\n") ==
              (expected == OPENMETRICS_TYPE), answer.headers)
    text = server.get("/metrics").text()
    opened = server.get("/metrics", {"Accept": OPENMETRICS}).text()
    names = [{key for key in samples_of(found)} for found in
             (parser.text_string_to_metric_families(text),
              openmetrics_parser.text_string_to_metric_families(opened))]
    check("both formats have the same samples", names[0] == names[1],
          names[0] ^ names[1])
    families = {family.name: family for family in
                openmetrics_parser.text_string_to_metric_families(opened)}
    check("families of OpenMetrics", families["model"].type == "info" and
          families["http_requests"].type == "counter" and
          families["http_request_size_bytes"].unit == "bytes")


def test_gzip(server):
    path = "/metrics?name[]=predicted_proba_hist"
    plain = server.get(path)
    packed = server.get(path, {"Accept-Encoding": "gzip"})
    check("gzip when it is taken",
          packed.headers["Content-Encoding"] == "gzip" and
          gzip.decompress(packed.body) == plain.body and
          len(packed.body) < len(plain.body) / 2)
    check("no gzip otherwise", plain.headers["Content-Encoding"] is None and
          "Accept-Encoding" in plain.headers["Vary"])


def test_names(server):
    query = urllib.parse.urlencode([("name[]", "predict_proba"),
                                    ("name[]", "predicted_proba_hist_count"),
                                    ("name[]", "nothing")])
    text = server.get("/metrics?" + query).text()
    found = [line.split()[0] for line in text.splitlines()
             if not line.startswith("#")]
    check("only what was asked for",
          found == ["predict_proba", "predicted_proba_hist_count"], text)
    many = "&".join(["name[]=x"] * 65)
    check("too many names", server.get("/metrics?" + many).status == 400)


def test_promtool(server):
    if shutil.which("promtool") is None:
        check("promtool is there", False)
        return
    text = server.get("/metrics").body
    done = subprocess.run(["promtool", "check", "metrics"], input=text,
                          capture_output=True)
    check("promtool check metrics", done.returncode == 0 and
          done.stdout + done.stderr == b"", done)


# ---- the real Prometheus ----------------------------------------------------

def documented():
    """(name, type) of every metric, and the queries, of docs/metrics.md."""
    with open(os.path.join(ROOT, "docs/metrics.md")) as file:
        text = file.read()
    return (re.findall(r"^\| `(\w+)` \| (\w+) \|", text, re.M),
            re.findall(r"```promql\n(.*?)\n```", text, re.S))


SAMPLES = {"histogram": ("_bucket", "_sum", "_count"),
           "summary": ("_sum", "_count")}


def scrapes(real):
    found = real.query('count_over_time(up{job="clickmill"}[1m])')
    return found[0][1] if found else 0


def test_prometheus(server):
    if shutil.which("prometheus") is None:
        check("prometheus is there", False)
        return
    load, (metrics, queries) = Load(server), documented()
    check("metrics are documented", len(metrics) > 20 and len(queries) > 10)
    with Prometheus("127.0.0.1:%d" % server.port) as real:
        wait_until(lambda: load.run() or scrapes(real) >= 4)
        for name, kind in metrics:
            for suffix in SAMPLES.get(kind, ("",)):
                sample = name + suffix
                check("Prometheus has " + sample,
                      real.query(sample + '{job="clickmill"}'))
        for query in queries:
            values = [value for _, value in real.query(query)]
            check("an answer to " + " ".join(query.split()),
                  values and not any(map(math.isnan, values)), values)
        check("it reads OpenMetrics, where the family has no _total",
              "http_requests" in real.api("metadata", metric="http_requests"))
        compare_with(real, server)


def compare_with(real, server):
    """Once nothing is sent any more, both have the same number."""
    name = "predicted_rows_total"
    ours = total(scrape(server), name)
    check("its number is ours", wait_until(
        lambda: [value for _, value in real.query(name)] == [ours]), ours)


def main():
    with Server("--threads", "2", "--queue-timeout", "60") as server:
        wait_until(lambda: server.get("/readyz").status == 200)
        load, now = test_under_load(server)
        test_sums(load, now)
        test_last_probability(server)
        test_formats(server)
        test_gzip(server)
        test_names(server)
        test_promtool(server)
        test_prometheus(server)
    finish()


main()
