"""The clients of bench/serve.py: each loads one server from core 1 and says
requests/s, p50 and p99 in milliseconds.  One answer that is no 200 ends all.
"""
import json
import os
import statistics
import sys

from common import ROOT, WORK, Run

SCRIPT = os.path.join(ROOT, "bench", "load.lua")
CONNECTIONS = 32


def wrk(server, bodies, seconds, connections=CONNECTIONS, cores="1"):
    """As fast as it goes, the lines of the file in turn; also the server's CPU
    time in µs a request."""
    before = server.cpu_seconds()
    run = Run(["taskset", "-c", cores, "wrk", "-t1", f"-c{connections}",
               f"-d{seconds}s", "-s", SCRIPT, server.url, "--", bodies])
    used = server.cpu_seconds() - before
    said = json.loads(run.output.splitlines()[-1])
    if said["errors"]:
        sys.exit(f"{server.url}: {said['errors']} errors\n{run.output}")
    said["rate"] = said["requests"] / said["seconds"]
    said["cpu"] = used * 1e6 / said["requests"]
    return said


def described(server, statuses, milliseconds, seconds):
    if set(statuses) != {"200"}:
        sys.exit(f"{server.url}: answered {sorted(set(statuses))}")
    cuts = statistics.quantiles(milliseconds, n=100)
    return {"rate": len(milliseconds) / seconds, "p50": cuts[49],
            "p99": cuts[98]}


def h2load(server, body, rate, seconds):
    """At a constant rate; times to the microsecond."""
    log = os.path.join(WORK, "h2load.log")
    if os.path.exists(log):
        os.remove(log)
    Run(["taskset", "-c", "1", "h2load", "--h1", "-t1", f"-c{CONNECTIONS}",
         f"--rps={rate / CONNECTIONS:.3f}", f"-D{seconds}",
         "--warm-up-time=1", "-d", body, "-H",
         "content-type: application/json", f"--log-file={log}", server.url])
    with open(log) as lines:
        answers = [line.split() for line in lines]
    begin, end = int(answers[0][0]), int(answers[-1][0])
    return described(server, [status for _, status, _ in answers],
                     [int(took) / 1e3 for _, _, took in answers],
                     (end - begin) / 1e6)


def hey(server, body, rate, seconds):
    """At a constant rate, if one core is enough for it; times to .1 ms."""
    run = Run(["taskset", "-c", "1", "hey", "-z", f"{seconds}s", "-c",
               str(CONNECTIONS), "-q", f"{rate / CONNECTIONS:.0f}", "-m",
               "POST", "-T", "application/json", "-D", body, "-o", "csv",
               server.url])
    answers = [line.split(",") for line in run.output.splitlines()[1:]]
    return described(server, [answer[6] for answer in answers],
                     [float(answer[0]) * 1e3 for answer in answers], seconds)
