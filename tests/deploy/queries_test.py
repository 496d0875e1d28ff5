"""Every query of the dashboard against a real Prometheus that scrapes a real
`clickmill serve` under a little load, with deploy's prometheus.yml and rules:
each parses and brings data; where a value is known, it is that value."""
import math
import os
import shutil
import signal
import threading
import time
import urllib.error

import dashboard as boards
from prometheus import Prometheus
from server import (Server, check, finish, models, predict_body, read_rows,
                    skip, versions, wait_until)

SCRAPES = 5  # before the queries are asked
VALUES = {"job": "clickmill", "instance": ".*", "__rate_interval": "4s",
          "__range": "30s"}


class Load(threading.Thread):
    """Predictions on one connection, some of them wrong, and what probes and
    people ask beside."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.over = server, threading.Event()
        names, rows = read_rows(50)
        self.good = [predict_body((names, [row])) for row in rows]

    def run(self):
        connection = self.server.connect()
        for turn, body in self.bodies():
            path = "/nowhere" if turn % 10 == 7 else "/predict/"
            connection.request("POST", path, body,
                               {"Content-Type": "application/json"})
            connection.getresponse().read()
            if turn % 20 == 0:
                for probe in "/livez", "/readyz", "/health":
                    self.server.get(probe)

    def bodies(self):
        turn = 0
        while not self.over.wait(0.005):
            turn += 1
            yield turn, b"{" if turn % 10 == 3 else \
                self.good[turn % len(self.good)]


def scrapes(prometheus):
    found = prometheus.query('count_over_time(up{job="clickmill"}[1h])')
    return found[0][1] if found else 0


def ask(prometheus, target, start):
    """[(labels, values)] as Grafana asks: a range, or the moment."""
    expr = boards.filled(target["expr"], VALUES)
    if target.get("instant"):
        return [(labels, [value]) for labels, value in prometheus.query(expr)]
    return prometheus.query_range(expr, start, time.time(), 1)


def check_queries(prometheus, board, start):
    """{(title, refId): series}"""
    answers = {}
    for title, target in boards.queries(board):
        name = "%s %s" % (title, target["refId"])
        try:
            series = ask(prometheus, target, start)
        except urllib.error.HTTPError as error:
            check(name + ": Prometheus takes it", False, error.read())
            continue
        numbers = [v for _, values in series for v in values
                   if math.isfinite(v)]
        check(name + ": brings data", numbers, target["expr"])
        answers[title, target["refId"]] = series
    return answers


def check_values(answers):
    def last(title, ref="A"):
        return [(labels, values[-1]) for labels, values in
                answers.get((title, ref), [])]

    check("up is all", last("Up") == [({}, 1)], last("Up"))
    version = versions(models())[0]
    check("the model's version is the bundle's",
          [labels.get("version") for labels, _ in last("Model")] == [version],
          last("Model"))
    loaded = [value / 1000 for _, value in last("Model loaded")]
    check("it was loaded just now", len(loaded) == 1 and
          0 <= time.time() - loaded[0] < 600, loaded)
    shares = {labels["le"]: value
              for labels, value in last("Shares of probabilities")}
    check("shares grow to 1", abs(shares.get("+Inf", 0) - 1) < 0.01 and
          shares == dict(sorted(shares.items(), key=lambda s: s[1])), shares)
    statuses = {labels["status"] for labels, _ in last("Requests by status")}
    check("2xx and 4xx are told apart", {"2xx", "4xx"} <= statuses, statuses)
    handlers = {labels["handler"] for labels, _ in last("Requests by handler")}
    check("routes are told apart",
          {"/predict/", "/livez", "none"} <= handlers, handlers)
    wrong = [value for labels, value in last("Shares of errors")
             if labels["status"] == "4xx"]
    check("a fifth of users' requests was wrong",
          wrong and 0.1 < wrong[0] < 0.3, wrong)
    check("nothing failed", [value for _, value in last("Errors")] == [0])
    times = [value for ref in "ABC" for _, value in last("Latency", ref)]
    check("0 < p50 <= p95 <= p99 < 1 s", len(times) == 3 and
          times == sorted(times) and times[0] > 0 and times[2] < 1, times)
    check("some probability", [0 < value < 1 for _, value in
                               last("Last probability")] == [True])


def check_variables(prometheus, board):
    """label_values(selector, label), as Grafana asks for it."""
    for name, variable in boards.variables(board).items():
        if variable["type"] != "query":
            continue
        inside = variable["query"]["query"][len("label_values("):-1]
        selector, label = inside.rsplit(", ", 1)
        values = prometheus.api("label/%s/values" % label, **{
            "match[]": boards.filled(selector, VALUES)})
        check("variable %s has one value" % name, len(values) == 1, values)


def check_rules(prometheus):
    rules = [rule for group in prometheus.api("rules")["groups"]
             for rule in group["rules"]]
    check("rules are loaded", len(rules) >= 10, len(rules))
    for rule in rules:
        check("rule %s works" % rule["name"],
              rule["health"] == "ok" and not rule.get("lastError"), rule)
        if rule["type"] == "alerting":
            check("alert %s is silent" % rule["name"],
                  rule["state"] == "inactive", rule["alerts"])
        else:
            check("record %s has data" % rule["name"],
                  prometheus.query(rule["name"]), rule["query"])


def main():
    if not shutil.which("prometheus"):
        skip("no Prometheus")
    board = boards.load()
    with Server("--threads", "1", "--drain-delay", "0") as server, \
            Prometheus("127.0.0.1:%d" % server.port) as prometheus:
        start = time.time()
        load = Load(server)
        load.start()
        os.kill(server.pid, signal.SIGHUP)
        check("Prometheus scrapes",
              wait_until(lambda: scrapes(prometheus) >= SCRAPES))
        check_values(check_queries(prometheus, board, start))
        for annotation in boards.annotations(board):
            prometheus.query(boards.filled(annotation["expr"], VALUES))
        check("a load of a model is an annotation", prometheus.query(
            boards.filled(boards.annotations(board)[0]["expr"], VALUES)))
        check_variables(prometheus, board)
        check_rules(prometheus)
        load.over.set()
        load.join()
    finish()


main()
