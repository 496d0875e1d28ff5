"""Versioning against md5sum and dvc: hashing, add, status, push and pull.

2 GB in 2,500 files in the workspace, 500 MB in 600 over S3 on this machine;
--quick a tenth of both.  Both programs have a repository with the same files
on the same disk; a round runs them in turn, the other one first each time, and
the first round is not counted.  A ratio is the median of the rounds' ratios.
"""
import os
import shutil
import statistics
import subprocess

from common import (CLICKMILL, WORK, Run, fresh_work_folder, machine, note,
                    options, publish, spread, table, verdict)
from repositories import DVC, Repository, Server, environment, need_dvc

OURS, THEIRS, MD5SUM = "clickmill", "dvc", "md5sum, all cores"
WORKSPACE_BYTES, OBJECT_BYTES = 800_000, 833_333
CACHE = os.path.join(".dvc", "cache")

BARS = (("hash", MD5SUM, 4), ("add", THEIRS, 4),
        ("add, hard links", THEIRS, 15), ("add, nothing changed", THEIRS, 20),
        ("status", THEIRS, 20), ("push", THEIRS, 1.8),
        ("push, nothing to do", THEIRS, 20), ("pull", THEIRS, 3.5),
        ("pull, nothing to do", THEIRS, 20))


class Times:
    """What was measured -> program -> seconds of each round."""

    def __init__(self):
        self.seconds = {}
        self.round = 0

    def keep(self, what, program, seconds):
        note(f"round {self.round}: {what}, {program}: {seconds:.2f} s")
        if self.round > 0:
            self.seconds.setdefault(what, {}).setdefault(program, []).append(
                seconds)

    def ratios(self, what, peer):
        return [theirs / ours for theirs, ours in
                zip(self.seconds[what][peer], self.seconds[what][OURS])]


def two_repositories(name, n, size):
    ours = Repository(f"{name}-ours", CLICKMILL)
    theirs = Repository(f"{name}-theirs", DVC)
    ours.fill(n, size)
    theirs.copy(ours)
    os.sync()
    return {OURS: ours, THEIRS: theirs}


def in_turn(repositories, i):
    pairs = list(repositories.items())
    return pairs if i % 2 == 0 else pairs[::-1]


# ---- the workspace ----------------------------------------------------------

def md5sum_seconds(folder):
    cores = len(os.sched_getaffinity(0))
    return Run(["sh", "-c", f"find data -type f -print0 | xargs -0 -n 25 -P "
                f"{cores} md5sum >/dev/null"], cwd=folder).seconds


def add_round(times, program, repository, kinds, what):
    repository.configure(f"[cache]\n    type = {kinds}\n")
    times.keep(what, program, repository.run("add", "data"))


def forget_added(repository):
    repository.forget(CACHE, "data.dvc", ".gitignore")


def hash_round(times, ours, i):
    for program in (OURS, MD5SUM) if i % 2 == 0 else (MD5SUM, OURS):
        ours.forget()
        times.keep("hash", program, ours.run("status") if program == OURS else
                   md5sum_seconds(ours.folder))


def workspace(times, n, rounds):
    repositories = two_repositories("add", n, WORKSPACE_BYTES)
    for i in range(rounds + 1):
        times.round = i
        for program, repository in in_turn(repositories, i):
            add_round(times, program, repository, "reflink,copy", "add")
            times.keep("status", program, repository.run("status"))
            times.keep("add, nothing changed", program,
                       repository.run("add", "data"))
            forget_added(repository)
        for program, repository in in_turn(repositories, i):
            add_round(times, program, repository, "hardlink",
                      "add, hard links")
            if program == OURS:
                hash_round(times, repository, i)
            forget_added(repository)


# ---- over S3 ----------------------------------------------------------------

def transfer(times, program, repository, config):
    repository.configure(config)
    for what in ("push", "push, nothing to do"):
        times.keep(what, program, repository.run("push"))
    repository.forget(CACHE, "data")
    for what in ("pull", "pull, nothing to do"):
        times.keep(what, program, repository.run("pull"))


def over_s3(times, n, rounds):
    repositories = two_repositories("s3", n, OBJECT_BYTES)
    with Server("bench") as server:
        for repository in repositories.values():
            repository.more = server.environment()
            repository.run("add", "data")
        for i in range(rounds + 1):
            times.round = i
            for program, repository in in_turn(repositories, i):
                transfer(times, program, repository,
                         server.remote(f"{program}/{i}"))


# ---- the page ---------------------------------------------------------------

def report(times, n, n_objects):
    rows = []
    for what, peer, bar in BARS:
        seconds, ratio = times.seconds[what], times.ratios(what, peer)
        rows.append([what, peer, spread(seconds[peer]), spread(seconds[OURS],
                     3), spread(ratio, 1), f"≥ {bar}",
                     verdict(statistics.median(ratio) >= bar)])
    version = subprocess.run([DVC, "--version"], text=True, env=environment(),
                             capture_output=True).stdout.strip()
    return f"""\
## Versioning

Written by `bench/run.sh versioning` (`make bench-versioning`). Whole processes,
start included; both programs on one disk, their files in the page cache.

{machine(())[:-2].rstrip("; ")}, dvc {version}.

Workspace: {n * WORKSPACE_BYTES / 1e9:.1f} GB in {n:,} files. `hash` is \
`clickmill status` with nothing remembered;
`add` begins with an empty cache. Push and pull: \
{n_objects * OBJECT_BYTES / 1e6:.0f} MB in {n_objects} files, to and from
SeaweedFS on the same cores; each push goes to a new prefix, each pull begins
with an empty cache and no workspace.

{table(["what", "peer", "peer, s", "clickmill, s", "times faster", "bar", ""],
       rows)}"""


def main():
    args = options(__doc__).parse_args()
    n, n_objects, rounds = (250, 60, 2) if args.quick else (2500, 600, 5)
    fresh_work_folder()
    need_dvc()
    times = Times()
    workspace(times, n, rounds)
    over_s3(times, n_objects, rounds)
    publish("versioning", report(times, n, n_objects), args.write)
    shutil.rmtree(WORK)


main()
