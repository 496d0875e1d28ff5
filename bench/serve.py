"""Serving: clickmill serve against nginx, which does nothing but answer the
same POST, and against FastAPI with pandas and catboost.

bench/reference/app.py is the latter.  All run at once and are loaded in turn,
held to core 0, one thread of work each, and the client to core 1; a ratio is
the median of the rounds' ratios.  --long looks at the memory after 5 million
requests instead of 500,000.
"""
import csv
import json
import os
import shutil
import statistics
import sys

import servers
from common import (CLICKMILL, ROOT, SAMPLE, WORK, Run, fresh_work_folder,
                    machine, note, options, publish, spread, table, verdict)
from load import CONNECTIONS, h2load, hey, wrk

CONFIG = os.path.join(ROOT, "configs", "train_config.yaml")
PEERS = ("fastapi", "uvicorn", "pydantic", "pandas", "catboost",
         "prometheus-fastapi-instrumentator")
OURS, NGINX, REFERENCE = "clickmill serve", "nginx, return 200", "FastAPI"
REPEATED, DIFFERENT = "the same body", "4,000 bodies"
N_DIFFERENT = 4000
N_CHECKED = 200
N_ROWS = 1000
HEY_RATE = 8000  # what hey reaches on a core


# ---- what is asked ----------------------------------------------------------

def value(text):
    return int(text) if text.lstrip("-").isdigit() else text


def read_rows(log):
    """Names and rows of the log but for id and click; integers are numbers."""
    with open(log, newline="") as lines:
        head, *rows = csv.reader(lines)
    columns = [column for name, column in zip(head, zip(*rows))
               if name not in ("id", "click")]
    typed = [[value(text) for text in column] for column in columns]
    kept = [numbers if all(isinstance(x, int) for x in numbers) else texts
            for numbers, texts in zip(typed, columns)]
    return ([name for name in head if name not in ("id", "click")],
            list(zip(*kept)))


def write_bodies(name, features, groups):
    """A file of bodies, one a line, each of a group of rows; and the bodies."""
    path = os.path.join(WORK, name)
    bodies = [json.dumps({"data": rows, "features": features})
              for rows in groups]
    with open(path, "w") as out:
        out.write("\n".join(bodies))
    return path, bodies


def train():
    """The log, and the folder of the bundle that clickmill trains on it."""
    log = SAMPLE
    if not os.path.exists(log):
        note(f"{SAMPLE} is not there: rows are generated")
        log = os.path.join(WORK, "log.csv")
        Run([CLICKMILL, "generate", "--rows", "50000", "--output", log])
    Run([CLICKMILL, "train", "--config", CONFIG, "--input-data-path", log,
         "--quiet"])
    return log, os.path.join(WORK, "models")


# ---- the parts --------------------------------------------------------------

def column(results, name):
    return [result[name] for result in results]


def ratio(name, ours, theirs):
    return statistics.median(a / b for a, b in zip(column(ours, name),
                                                   column(theirs, name)))


def bar_row(what, bar, measured, met, digits=2):
    return [what, bar, f"{measured:.{digits}f}", verdict(met)]


def in_turn(measure, pair, rounds):
    """name -> what the rounds measured; every other round from behind."""
    results = {name: [] for name in pair}
    for i in range(rounds):
        for name in (list(pair) if i % 2 == 0 else list(pair)[::-1]):
            results[name].append(measure(pair[name]))
    return results


def full_load(pair, reference, files, rounds, seconds):
    """(server, bodies) -> the rounds of wrk."""
    results = {}
    for which, path in files.items():
        for server in pair.values():
            wrk(server, path, 1)
        note(f"full load, {which}: {rounds} rounds")
        for name, found in in_turn(lambda server: wrk(server, path, seconds),
                                   pair, rounds).items():
            results[name, which] = found
    note("full load, the reference")
    wrk(reference, files[REPEATED], 1)
    for which, path in files.items():
        results[REFERENCE, which] = [wrk(reference, path, seconds)
                                     for _ in range(3)]
    return results


def full_load_text(results):
    ours, theirs, slow = (
        {which: results[name, which] for which in (REPEATED, DIFFERENT)}
        for name in (OURS, NGINX, REFERENCE))
    of_nginx = [ratio("rate", ours[which], theirs[which])
                for which in (REPEATED, DIFFERENT)]
    of_cpu = [ratio("cpu", ours[which], theirs[which])
              for which in (REPEATED, DIFFERENT)]
    times = [statistics.median(column(ours[which], "rate")) /
             statistics.median(column(slow[which], "rate"))
             for which in (REPEATED, DIFFERENT)]
    p50, p99 = (ratio(name, ours[REPEATED], theirs[REPEATED])
                for name in ("p50", "p99"))
    return (table(
        ["one row a request, full load", "requests/s",
         "server's CPU, µs a request", "p50, ms", "p99, ms"],
        [[f"{name}, {which}", spread(column(found, "rate"), 0),
          spread(column(found, "cpu"), 1), spread(column(found, "p50"), 3),
          spread(column(found, "p99"), 3)]
         for (name, which), found in results.items()]) + "\n" + table(
        ["one row a request, full load", "bar", "measured", ""],
        [bar_row("requests/s of nginx's, the same body", "≥ 0.80",
                 of_nginx[0], of_nginx[0] >= .8),
         bar_row("requests/s of nginx's, 4,000 bodies", "≥ 0.75",
                 of_nginx[1], of_nginx[1] >= .75),
         bar_row("CPU a request of nginx's, the same body", "≤ 1.1",
                 of_cpu[0], of_cpu[0] <= 1.1),
         ["CPU a request of nginx's, 4,000 bodies", "", f"{of_cpu[1]:.2f}",
          ""],
         bar_row("p50 of nginx's", "≤ 1.35", p50, p50 <= 1.35),
         bar_row("p99 of nginx's", "≤ 1.35", p99, p99 <= 1.35),
         bar_row("times the reference's requests/s, the same body", "≥ 300",
                 times[0], times[0] >= 300, 0),
         bar_row("times the reference's requests/s, 4,000 bodies", "≥ 300",
                 times[1], times[1] >= 300, 0)]))


def constant_load(pair, body, rate, rounds, seconds):
    """The section of latencies at a constant rate."""
    note(f"constant load, {rate:.0f} requests/s: {rounds} rounds")
    clients = {
        "h2load": in_turn(lambda server: h2load(server, body, rate, seconds),
                          pair, rounds),
        "hey": in_turn(lambda server: hey(server, body, HEY_RATE, seconds),
                       pair, rounds)}
    bars = []
    for client, results in clients.items():
        for name in ("p50", "p99"):
            found = ratio(name, results[OURS], results[NGINX])
            bars.append(bar_row(f"{name} of nginx's, {client}", "≤ 1.35",
                                found, found <= 1.35))
    return (table(
        ["one row a request, constant rate", "requests/s", "p50, ms",
         "p99, ms"],
        [[f"{name}, {client}", spread(column(found, "rate"), 0),
          spread(column(found, "p50"), 3), spread(column(found, "p99"), 3)]
         for client, results in clients.items()
         for name, found in results.items()]) + "\n" +
        table(["one row a request, constant rate", "bar", "measured", ""],
              bars))


def many_rows(model, path, rounds, seconds):
    """Rows/s of requests of N_ROWS rows, two threads on two cores that they
    share with the client."""
    note(f"{N_ROWS} rows a request")
    server = servers.clickmill(model, threads=2, cores="0,1")
    wrk(server, path, 1, 8, "0,1")
    rates = [wrk(server, path, seconds, 8, "0,1")["rate"] * N_ROWS / 1e6
             for _ in range(rounds)]
    server.stop()
    return rates


def memory(model, path, requests):
    """[(requests so far, VmRSS, Pss_Anon in kB)]: after 50,000, and at the
    end.  Clients have come and gone before the first look, so that connections
    of two of them have been open at once."""
    server = servers.clickmill(model)
    done, found = wrk(server, path, 1)["requests"], []
    for wanted in (50_000, requests):
        note(f"memory after {wanted} requests")
        while True:
            seconds = 1 if wanted - done < 500_000 else 5
            done += wrk(server, path, seconds)["requests"]
            if done >= wanted:
                break
        found.append((done, *server.memory_kb()))
    server.stop()
    return found


def start_times(model, rounds):
    note("start")
    seconds = []
    for _ in range(rounds):
        server = servers.clickmill(model)
        seconds.append(server.start_seconds)
        server.stop()
    return seconds


def rest_text(rates, found, starts):
    (few, few_rss, few_anon), (many, rss, anon) = found
    grown = max(rss / few_rss, anon / few_anon) - 1
    return table(["", "bar", "measured", ""], [
        [f"{N_ROWS:,} rows a request, 2 threads, M rows/s", "≥ 1",
         spread(rates), verdict(statistics.median(rates) >= 1)],
        [f"memory after {many:,} requests above that after {few:,}: resident "
         f"{few_rss / 1024:.1f} → {rss / 1024:.1f} MB, anonymous "
         f"{few_anon / 1024:.1f} → {anon / 1024:.1f} MB", "≤ 5 %",
         f"{100 * grown:.1f} %", verdict(grown <= .05)],
        ["from its start to the first answer, s", "< 1", spread(starts, 3),
         verdict(max(starts) < 1)]])


# ---- the section ------------------------------------------------------------

def write_files(log):
    """bodies' name -> file, one body, checked bodies, file of many rows."""
    features, rows = read_rows(log)
    step = max(1, len(rows) // N_DIFFERENT)
    singles = [[row] for row in rows[::step][:N_DIFFERENT]]
    groups = [rows[i:i + N_ROWS] for i in range(0, 8 * N_ROWS, N_ROWS)]
    one, _ = write_bodies("one", features, singles[:1])
    several, bodies = write_bodies("several", features, singles)
    many, _ = write_bodies("many", features, groups)
    return ({REPEATED: one, DIFFERENT: several}, bodies[:N_CHECKED], many)


def section(quick, requests):
    rounds, seconds = (3, 1) if quick else (9, 4)
    log, bundle = train()
    files, checked, many = write_files(log)
    ours = servers.clickmill(bundle)
    pair = {OURS: ours, NGINX: servers.nginx(ours.predict(checked[0]))}
    reference = servers.fastapi(log, os.path.join(bundle, "catclf.json"))
    different = servers.different_answers((ours, reference), checked)
    full = full_load(pair, reference, files, rounds, seconds)
    rate = statistics.median(column(full[OURS, REPEATED], "rate")) / 2
    constant = constant_load(pair, files[REPEATED], rate, rounds, seconds)
    for server in (*pair.values(), reference):
        server.stop()
    rates = many_rows(bundle, many, rounds, seconds)
    found = memory(bundle, files[DIFFERENT], requests)
    starts = start_times(bundle, 5 if quick else 21)
    return "\n".join([
        "## Serving\n",
        "Written by `bench/run.sh serve --long` (`make bench-serve`). One row "
        f"of the Avazu log a request\n({len(checked[0])} bytes of JSON), the "
        "model of configs/train_config.yaml. Server on core 0 with one thread,"
        f"\nclient on core 1 with {CONNECTIONS} connections; {rounds} rounds "
        f"of {seconds} s in turn, ratios are medians of the rounds'.\n"
        "clickmill's limits are the defaults but for a queue of 5 s. nginx "
        "reads the same POST and returns the same body from its "
        "configuration.\nThe reference is bench/reference/app.py: FastAPI, a "
        "DataFrame a request, catboost, instrumentator, one worker.\nThe "
        "constant rate is half of clickmill's full one; hey needs a core for "
        f"{HEY_RATE:,} requests/s and tells tenths of a millisecond.\n",
        machine(PEERS),
        f"Answers to {len(checked)} rows that differ from the reference's: "
        f"{different}.\n",
        full_load_text(full), constant, rest_text(rates, found, starts)])


def main():
    parser = options(__doc__)
    parser.add_argument("--long", action="store_true",
                        help="memory after 5 million requests")
    chosen = parser.parse_args()
    for tool in ("nginx", "wrk", "h2load", "hey"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is missing: apt-get install nginx-light wrk "
                     "nghttp2-client hey")
    fresh_work_folder()
    requests = 5_000_000 if chosen.long else 500_000
    publish("serve", section(chosen.quick, requests), chosen.write)
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
