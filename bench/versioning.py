"""The workspace of versioning: hashing, add, status and add again, against
md5sum and dvc.

2 GB in 2,500 files, --quick 200 MB in 250.  Both programs have a repository
with the same files; a round runs them in turn, each with an empty cache and
nothing remembered.  A ratio is the median of the rounds' ratios.
"""
import os
import shutil
import statistics
import subprocess
import sys

from common import (CLICKMILL, ROOT, WORK, Run, fresh_work_folder, machine,
                    note, options, publish, spread, table, verdict, warm)

VENV = os.path.join(ROOT, "build", "venv-dvc")
DVC = os.path.join(VENV, "bin", "dvc")
OURS, THEIRS, MD5SUM = "clickmill", "dvc", "md5sum, all cores"
FILE_BYTES = 800_000
SITE = os.path.join(WORK, "site-cache")  # where dvc remembers hashes


def environment():
    return {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": SITE,
            "DVC_GLOBAL_CONFIG_DIR": os.path.join(WORK, "no-config"),
            "DVC_SYSTEM_CONFIG_DIR": os.path.join(WORK, "no-config")}


def need_dvc():
    made = subprocess.run(["tools/make-venv.sh", "build/venv-dvc",
                           "tests/versioning/requirements.txt"], cwd=ROOT,
                          text=True, capture_output=True)
    if made.returncode != 0 and not os.path.exists(DVC):
        sys.exit("no dvc to compare with: " + made.stdout + made.stderr)


class Repository:
    """One program's, with n files of random bytes in data/."""

    def __init__(self, name, program, quiet):
        self.folder = os.path.join(WORK, name)
        self.program, self.quiet = program, quiet
        os.makedirs(self.folder)
        for command in (["git", "init", "-q"], [DVC, "init", "-q"]):
            subprocess.run(command, cwd=self.folder, check=True,
                           env=environment())

    def fill(self, n):
        data = os.path.join(self.folder, "data")
        for i in range(n):
            os.makedirs(os.path.join(data, str(i % 10)), exist_ok=True)
            with open(os.path.join(data, str(i % 10), f"{i}.bin"), "wb") as out:
                out.write(os.urandom(FILE_BYTES))

    def copy(self, other):
        shutil.copytree(os.path.join(other.folder, "data"),
                        os.path.join(self.folder, "data"))

    def set_links(self, kinds):
        with open(os.path.join(self.folder, ".dvc", "config"), "w") as out:
            out.write(f"[cache]\n    type = {kinds}\n")

    def forget(self, cache=True):
        """What is remembered, and the cache with it."""
        shutil.rmtree(os.path.join(self.folder, ".dvc", "tmp"),
                      ignore_errors=True)
        shutil.rmtree(SITE, ignore_errors=True)
        if cache:
            shutil.rmtree(os.path.join(self.folder, ".dvc", "cache"),
                          ignore_errors=True)
            for name in ("data.dvc", ".gitignore"):
                if os.path.exists(os.path.join(self.folder, name)):
                    os.remove(os.path.join(self.folder, name))
        for root, _, files in os.walk(os.path.join(self.folder, "data")):
            for name in files:
                warm(os.path.join(root, name))

    def run(self, *words):
        return Run([self.program, *words, self.quiet], cwd=self.folder,
                   env=environment()).seconds


def md5sum_seconds(folder):
    cores = len(os.sched_getaffinity(0))
    return Run(["sh", "-c", f"find data -type f -print0 | xargs -0 -n 25 -P "
                f"{cores} md5sum >/dev/null"], cwd=folder).seconds


# ---- rounds -----------------------------------------------------------------

def measure(ours, theirs, rounds):
    """What was measured -> program -> seconds of each round."""
    times = {}

    def keep(what, program, seconds):
        times.setdefault(what, {}).setdefault(program, []).append(seconds)

    for i in range(rounds):
        for kinds, what in (("reflink,copy", "add"),
                            ("hardlink", "add, hard links")):
            for repository, program in ((ours, OURS), (theirs, THEIRS)):
                note(f"round {i + 1}: {what}, {program}")
                repository.set_links(kinds)
                repository.forget()
                keep(what, program, repository.run("add", "data"))
                if kinds != "hardlink":
                    keep("status", program, repository.run("status"))
                    keep("add, nothing changed", program,
                         repository.run("add", "data"))
        ours.forget(cache=False)
        keep("hash", OURS, ours.run("status"))
        keep("hash", MD5SUM, md5sum_seconds(ours.folder))
    return times


def ratios(times, what, peer):
    return [theirs / ours for theirs, ours in
            zip(times[what][peer], times[what][OURS])]


BARS = (("hash", MD5SUM, 4), ("add", THEIRS, 4),
        ("add, hard links", THEIRS, 15), ("add, nothing changed", THEIRS, 20),
        ("status", THEIRS, 20))


def report(times, n):
    rows = []
    for what, peer, bar in BARS:
        ratio = ratios(times, what, peer)
        rows.append([what, peer, spread(times[what][peer]),
                     spread(times[what][OURS], 3), spread(ratio, 1),
                     f"≥ {bar}", verdict(statistics.median(ratio) >= bar)])
    version = subprocess.run([DVC, "--version"], text=True, env=environment(),
                             capture_output=True).stdout.strip()
    return (f"## Versioning: the workspace\n\n`bench/run.sh versioning`: "
            f"{n * FILE_BYTES / 1e9:.1f} GB in {n:,} files, page cache warm. "
            f"`hash` is `clickmill status` with nothing remembered.\n\n"
            f"{machine(())[:-2].rstrip('; ')}, dvc {version}.\n\n" +
            table(["what", "peer", "peer, s", "clickmill, s", "times faster",
                   "bar", ""], rows))


def main():
    args = options(__doc__).parse_args()
    n, rounds = (250, 2) if args.quick else (2500, 5)
    fresh_work_folder()
    need_dvc()
    ours = Repository("ours", CLICKMILL, "--quiet")
    theirs = Repository("theirs", DVC, "--quiet")
    note(f"{n} files")
    ours.fill(n)
    theirs.copy(ours)
    publish("versioning", report(measure(ours, theirs, rounds), n), args.write)


main()
