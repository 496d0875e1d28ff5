"""What every benchmark needs: timed processes, medians with their spread,
Markdown tables, the machine, and the page docs/benchmarks.md, of which each
benchmark replaces its own section and leaves the others alone.

A section lies between two lines, <!-- section NAME --> and <!-- end NAME -->.
"""
import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from importlib.metadata import version

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLICKMILL = os.path.join(ROOT, "build", "clickmill")
WORK = os.path.join(ROOT, "build", "bench")
# 15,493 rows of the Avazu log; not in the repository.
SAMPLE = os.path.join(os.environ.get("CLICKMILL_TEST_DATA") or
                      os.path.join(ROOT, "..", "shared", "data"),
                      "avazu", "avazu_sample.csv")

PAGE_HEAD = """\
# Benchmarks

Each section is written by one command and is one run: everything in it was
measured in turn, in the same minutes, on an otherwise idle machine. Medians,
with smallest and largest in brackets.
"""


class Run:
    """One finished process: seconds, peak memory in MB, standard output."""

    def __init__(self, command, cwd=WORK, env=None):
        log = os.path.join(WORK, "stderr.txt")
        with open(log, "w") as errors:
            start = time.perf_counter()
            child = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE,
                                     stderr=errors, text=True, env=env)
            self.output = child.stdout.read()
            _, status, usage = os.wait4(child.pid, 0)
            self.seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        self.peak_mb = usage.ru_maxrss / 1024
        if child.returncode != 0:
            with open(log) as text:
                sys.exit(f"{' '.join(command)}\nexit {child.returncode}\n"
                         f"{text.read()}")


def note(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def spread(values, digits=2):
    """median (smallest–largest)"""
    middle = f"{statistics.median(values):.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def verdict(met):
    return "met" if met else "**not met**"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def warm(path):
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass


def machine(peers):
    """One sentence: cores, memory, system, compiler, versions of the peers."""
    cpu = "unknown"
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo") as info:
        memory = int(info.readline().split()[1]) / 2 ** 20
    gcc = subprocess.run(["gcc", "-dumpfullversion"], text=True,
                         capture_output=True).stdout.strip()
    versions = "".join(f", {name} {version(name)}" for name in peers)
    return (f"Machine: {len(os.sched_getaffinity(0))} cores of {cpu}, "
            f"{memory:.0f} GB, Linux {platform.release()}, gcc {gcc}, Python "
            f"{platform.python_version()}{versions}.\n")


def with_section(page, name, text):
    """The page with this section replaced, or put at its end."""
    begin, end = f"<!-- section {name} -->\n", f"<!-- end {name} -->\n"
    section = f"{begin}{text.rstrip()}\n{end}"
    old = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if old.search(page):
        return old.sub(lambda _: section, page)
    return f"{page.rstrip()}\n\n{section}"


def publish(name, text, path):
    """Prints a section; with a path, relative to the root, keeps it there."""
    print(text, end="")
    if path is None:
        return
    path = os.path.join(ROOT, path)
    page = PAGE_HEAD
    if os.path.exists(path):
        with open(path) as old:
            page = old.read()
    with open(path, "w") as out:
        out.write(with_section(page, name, text))


def options(description):
    """The options every benchmark has."""
    parser = argparse.ArgumentParser(
        description=" ".join(description.split(".")[0].split()) + ".")
    parser.add_argument("--write", metavar="FILE",
                        help="also keep the section in this page")
    parser.add_argument("--quick", action="store_true",
                        help="fewer rows and rounds, to try the script")
    return parser


def fresh_work_folder():
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
