"""The dashboard's structure: what Grafana would take and show wrongly or not
at all.  (queries_test.py runs its queries.)"""
import itertools
import re

import dashboard as boards
from server import check, finish

KINDS = {"row", "stat", "timeseries", "heatmap", "bargauge", "table",
         "state-timeline"}
# metrics.def's, and what Prometheus itself adds.
FOREIGN = {"up", "ALERTS"}
WORDS = {"sum", "min", "count", "by", "rate", "increase", "or", "vector",
         "scalar", "histogram_quantile"}


def metric_names():
    """Names and suffixes of src/monitoring/metrics.def."""
    with open(boards.ROOT + "/src/monitoring/metrics.def") as file:
        text = file.read()
    names = set(FOREIGN)
    for kind, name in re.findall(r'CM_METRIC\(\w+,\s*(\w+),\s*"(\w+)"', text):
        suffixes = {"HISTOGRAM": ("_bucket", "_sum", "_count"),
                    "SUMMARY": ("_sum", "_count")}.get(kind, ("",))
        names.update(name + suffix for suffix in suffixes)
    return names


def names_in(expr):
    """Metrics an expression reads: its words outside of braces, brackets and
    label lists."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\bby \([^)]*\)", " ", expr)
    return set(re.findall(r"[a-zA-Z_]\w*", bare)) - WORDS


def overlapping(panels):
    def box(panel):
        g = panel["gridPos"]
        return g["x"], g["y"], g["x"] + g["w"], g["y"] + g["h"]

    def meet(a, b):
        return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    return [(a["title"], b["title"])
            for a, b in itertools.combinations(panels, 2)
            if meet(box(a), box(b))]


def filled_rows(panels):
    """Whether every height of the 24 columns is covered from edge to edge."""
    covered = {}
    for panel in panels:
        g = panel["gridPos"]
        for y in range(g["y"], g["y"] + g["h"]):
            covered[y] = covered.get(y, 0) + g["w"]
    return set(covered.values()) == {24} and \
        sorted(covered) == list(range(len(covered)))


def check_panel(panel):
    title = panel["title"]
    check(title + ": of a known kind", panel["type"] in KINDS, panel["type"])
    if panel["type"] == "row":
        return
    check(title + ": is described", len(panel["description"]) > 10)
    check(title + ": has a unit", panel["fieldConfig"]["defaults"].get("unit"))
    check(title + ": asks the chosen data source",
          panel["datasource"] == boards.SOURCE and
          all(t["datasource"] == boards.SOURCE for t in panel["targets"]))
    refs = [t["refId"] for t in panel["targets"]]
    check(title + ": one refId a query", refs and len(set(refs)) == len(refs))
    for target in panel["targets"]:
        expr = target["expr"]
        unknown = names_in(expr) - metric_names()
        check(title + ": metrics that clickmill has", not unknown, unknown)
        selectors = re.findall(r"\{([^}]*)\}", expr)
        check(title + ": every selector takes job and instance",
              selectors and all('job="$job", instance=~"$instance"' in s
                                for s in selectors), expr)


def check_whole(board):
    panels = board["panels"]
    ids = [p["id"] for p in panels]
    check("ids are unique", len(set(ids)) == len(ids))
    check("titles are unique",
          len({p["title"] for p in panels}) == len(panels))
    check("no panel covers another", not overlapping(panels),
          overlapping(panels))
    check("the 24 columns are full at every height", filled_rows(panels))
    check("schemaVersion that Grafana reads without loss",
          39 <= board["schemaVersion"] <= 42)
    check("id is Grafana's to give", board["id"] is None)
    names = boards.variables(board)
    check("variables", list(names) == ["datasource", "job", "instance"], names)
    shown = " ".join(t["expr"] for _, t in boards.queries(board))
    for seed in ("predict_proba{", "predicted_proba_hist_bucket{",
                 "http_predict_request_total{"):
        check("shows " + seed[:-1], seed in shown)


def main():
    board = boards.load()
    check_whole(board)
    for panel in board["panels"]:
        check_panel(panel)
    finish()


main()
