"""The Grafana dashboard as data: its panels and their queries, with the
dashboard's variables and Grafana's own filled in as a test wants them."""
import json
import os

ROOT = os.environ.get("ROOT") or os.path.realpath(
    os.path.join(os.path.dirname(__file__), "../.."))
PATH = os.path.join(ROOT, "deploy/grafana/dashboards/clickmill.json")
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def load():
    with open(PATH) as file:
        return json.load(file)


def variables(dashboard):
    return {v["name"]: v for v in dashboard["templating"]["list"]}


def annotations(dashboard):
    """Those that are queries of Prometheus."""
    return [a for a in dashboard["annotations"]["list"] if "expr" in a]


def queries(dashboard):
    """[(panel's title, target)]"""
    return [(panel["title"], target) for panel in dashboard["panels"]
            for target in panel.get("targets", [])]


def filled(expr, values):
    """expr with $name replaced, the longest names first."""
    for name in sorted(values, key=len, reverse=True):
        expr = expr.replace("$" + name, values[name])
    return expr
