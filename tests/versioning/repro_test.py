"""What `clickmill repro` and `dvc repro` do about the same change: each is made
in two copies of one repository, one program runs in each, and the stages that
ran, dvc.lock, the workspace and the run cache are compared.  Then each program
looks at what the other one left, and must find it clean.

Names of changes on the command line choose them."""
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile

BASE = tempfile.mkdtemp(prefix="repro-")
os.environ.update(DVC_NO_ANALYTICS="1", DVC_SITE_CACHE_DIR=BASE + "/site",
                  HOME=BASE, GIT_AUTHOR_NAME="t", GIT_AUTHOR_EMAIL="t@t",
                  GIT_COMMITTER_NAME="t", GIT_COMMITTER_EMAIL="t@t")

from dvc.exceptions import DvcException  # noqa: E402
from dvc.repo import Repo  # noqa: E402

from checks import CLICKMILL, check, finish  # noqa: E402

PIPELINE = """\
vars:
- names: [x, y]
stages:
  prepare:
    cmd: echo prepare >> $RUNS && head -n ${split} raw.txt > prepared.txt
    deps: [raw.txt]
    params: [split]
    outs: [prepared.txt]
  train:
    cmd:
    - echo train >> $RUNS
    - mkdir -p model && cat prepared.txt conf.json > model/weights && echo 1 > model/é.txt
    - 'echo "{\\"loss\\": 0.5}" > m.json'
    deps: [prepared.txt, train.sh]
    params:
    - train.lr
    - train.layers
    - conf.json: [depth]
    outs: [model]
    metrics: [m.json: {cache: false}]
  evaluate:
    cmd: echo evaluate >> $RUNS && wc -c < model/weights > e.json && echo a,b > p.csv
    deps: [model/weights]
    metrics: [e.json]
    plots: [p.csv: {x: a, y: b}]
  whole:
    cmd: echo whole >> $RUNS && cp whole.yaml whole.out
    params: [whole.yaml: null]
    outs: [whole.out]
  frozen:
    cmd: echo frozen >> $RUNS && cp raw.txt frozen.txt
    deps: [raw.txt]
    outs: [frozen.txt]
  keep:
    cmd: echo keep >> $RUNS && cat train.sh >> kept.txt
    deps: [train.sh]
    outs: [kept.txt: {persist: true}]
  plain:
    cmd: echo plain >> $RUNS && cp raw.txt plain.txt
    deps: [raw.txt]
    outs: [plain.txt: {cache: false}]
  below:
    wdir: sub
    cmd: echo below >> $RUNS && cp ../raw.txt below.txt
    deps: [../raw.txt]
    params: [own]
    outs: [below.txt]
  each:
    foreach: ${names}
    do:
      cmd: echo each-${item} >> $RUNS && echo ${item} > each-${item}.txt
      deps: [train.sh]
      outs: ['each-${item}.txt']
"""

FILES = {
    "dvc.yaml": PIPELINE,
    "params.yaml": "split: 3\ntrain:\n  lr: 0.1\n  layers: [1, 2.5, null]\n"
                   "other: 1\n",
    "conf.json": '{"depth": 6, "rate": 1e-05}\n',
    "whole.yaml": "a: 1\nb: {c: [x, true]}\n",
    "sub/params.yaml": "own: text\n",
    "raw.txt": "".join(f"line {i}\n" for i in range(9)),
    "train.sh": "#!/bin/sh\n",
}


def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    if os.path.lexists(path):
        os.chmod(path, 0o644)
    with open(path, "w") as file:
        file.write(text)


def read(path):
    with open(path) as file:
        return file.read()


def replace(path, old, new):
    text = read(path)
    assert old in text, (path, old)
    write(path, text.replace(old, new))


def edit(old, new, path="dvc.yaml"):
    return lambda: replace(path, old, new)


def remove(path):
    shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


def both(*steps):
    return lambda: [step() for step in steps]


def touch(path):
    return lambda: os.utime(path, (1e9, 1e9))


def put(path, text):
    return lambda: write(path, text)


def freeze():
    replace("dvc.yaml", "    deps: [raw.txt]\n    outs: [frozen.txt]",
            "    frozen: true\n    deps: [raw.txt]\n    outs: [frozen.txt]")


EDIT_RAW = put("raw.txt", "other\nlines\nhere\nfour\n")

# name: (change, arguments).  A change is made where everything was up to date.
CHANGES = {
    "nothing": lambda: None,
    "edit a dep": EDIT_RAW,
    "edit a script": put("train.sh", "#!/bin/sh\n:\n"),
    "make a script executable": lambda: os.chmod("train.sh", 0o755),
    "touch a dep": touch("raw.txt"),
    "touch an out": touch("prepared.txt"),
    "delete an out": lambda: remove("prepared.txt"),
    "delete a folder": lambda: remove("model"),
    "delete a file of a folder": lambda: remove("model/weights"),
    "add a file to a folder": put("model/new", "new\n"),
    "edit an out": put("prepared.txt", "mine\n"),
    "edit a metric": put("m.json", '{"loss": 1}\n'),
    "delete an out and its object": lambda: [
        remove("prepared.txt"), shutil.rmtree(".dvc/cache/files")],
    "delete the cache": lambda: shutil.rmtree(".dvc/cache"),
    "delete outs and the run cache": lambda: [
        remove("prepared.txt"), remove("e.json"),
        shutil.rmtree(".dvc/cache/runs")],
    "change a command": edit("head -n", "head  -n"),
    "add to a list of commands": edit("    - echo train >> $RUNS\n",
                                      "    - echo train >> $RUNS\n    - ':'\n"),
    "a list of one command": edit(
        "    cmd: echo whole >> $RUNS && cp whole.yaml whole.out",
        "    cmd: [echo whole >> $RUNS && cp whole.yaml whole.out]"),
    "change a parameter": edit("lr: 0.1", "lr: 0.25", "params.yaml"),
    "a parameter in other words": edit("lr: 0.1", "lr: 1e-1", "params.yaml"),
    "a parameter of another type": edit("split: 3", "split: 3.0",
                                        "params.yaml"),
    "change a parameter of the command": edit("split: 3", "split: 4",
                                              "params.yaml"),
    "change one that is not used": edit("other: 1", "other: 2", "params.yaml"),
    "change a parameter in JSON": edit("6", "7", "conf.json"),
    "change another in JSON": edit("1e-05", "2", "conf.json"),
    "an element of a list": edit("2.5", "2.75", "params.yaml"),
    "add to a whole file": put("whole.yaml", "a: 1\nb: {c: [x, true]}\nd: 2\n"),
    "order of a whole file": put("whole.yaml", "b: {c: [x, true]}\na: 1\n"),
    "name a parameter more": edit("params: [split]", "params: [split, other]"),
    "name a parameter less": edit("    - train.layers\n", ""),
    "name a parameter that is missing": edit("params: [split]",
                                             "params: [none]"),
    "remove a parameter": edit("  lr: 0.1\n", "", "params.yaml"),
    "change the order of deps": edit("deps: [prepared.txt, train.sh]",
                                     "deps: [train.sh, prepared.txt]"),
    "add a dep": edit("deps: [model/weights]", "deps: [model/weights, raw.txt]"),
    "remove a dep": edit("deps: [prepared.txt, train.sh]",
                         "deps: [prepared.txt]"),
    "add an out": both(edit("> prepared.txt\n", "> prepared.txt; echo > o2\n"),
                       edit("outs: [prepared.txt]", "outs: [o2, prepared.txt]")),
    "add an out without a new command": edit(
        "outs: [whole.out]", "outs: [whole.out, extra.txt]"),
    "remove an out": edit("    plots: [p.csv: {x: a, y: b}]\n", ""),
    "no cache any more": edit("metrics: [e.json]",
                              "metrics: [e.json: {cache: false}]"),
    "delete dvc.lock": lambda: remove("dvc.lock"),
    "delete a stage of dvc.lock": lambda: write(
        "dvc.lock", read("dvc.lock").replace("  whole:\n", "  gone:\n")),
    "dvc.lock and outs": lambda: [remove("dvc.lock"), remove("prepared.txt"),
                                  remove("model")],
    "freeze and edit": both(freeze, EDIT_RAW),
    "freeze and edit the out": both(freeze, put("frozen.txt", "mine\n")),
    "freeze and lose the out": both(freeze, lambda: remove("frozen.txt")),
    "always changed": edit("    wdir: sub\n",
                           "    wdir: sub\n    always_changed: true\n"),
    "persist": put("train.sh", "#!/bin/sh\necho\n"),
    "another wdir": both(
        edit("    wdir: sub\n", "    wdir: sub/dir\n"),
        edit("../raw.txt below.txt", "../../raw.txt below.txt"),
        edit("deps: [../raw.txt]", "deps: [../../raw.txt]"),
        put("sub/dir/params.yaml", "own: text\n")),
    "another item": edit("names: [x, y]", "names: [x, z, y]"),
    "an item less": edit("names: [x, y]", "names: [y]"),
    "rename a stage": edit("  whole:\n", "  entire:\n"),
    "a command alone": edit("  train:\n", "  new:\n    cmd: echo new >> $RUNS\n"
                                      "  train:\n"),
    "a failing command": edit("echo prepare >> $RUNS &&",
                              "echo prepare >> $RUNS && exit 3;"),
    "an out that is not made": edit("> prepared.txt", "> other.txt"),
    "a dep that is missing": lambda: remove("train.sh"),
    "comments and blanks": edit("stages:\n", "# words\n\nstages:\n\n"),
    "description": edit("  whole:\n", "  whole:\n    desc: words\n"),
    "a cycle": edit("deps: [raw.txt]\n    params: [split]",
                    "deps: [raw.txt, e.json]\n    params: [split]"),
    "an out twice": edit("outs: [whole.out]", "outs: [prepared.txt]"),
    "an out in an out": edit("outs: [whole.out]", "outs: [model/whole]"),
    "one stage": (EDIT_RAW, ["train"]),
    "one item": (put("train.sh", ":\n"), ["each@x"]),
    "a group": (put("train.sh", ":\n"), ["each"]),
    "a .dvc file": (EDIT_RAW, ["raw.txt.dvc"]),
    "force": (lambda: None, ["--force", "evaluate"]),
    "single item": (EDIT_RAW, ["--single-item", "train"]),
    "single item forced": (lambda: None, ["--single-item", "--force", "train"]),
    "downstream": (both(EDIT_RAW, put("train.sh", ":\n")),
                   ["--downstream", "train"]),
    "dry": (EDIT_RAW, ["--dry"]),
    "no run cache": (lambda: [remove("dvc.lock"), remove("prepared.txt")],
                     ["--no-run-cache"]),
    "keep going": (edit("echo prepare >> $RUNS &&",
                        "echo prepare >> $RUNS && exit 3;"), ["--keep-going"]),
    "no such stage": (lambda: None, ["none"]),
}

# Stages that never are up to date.
ALWAYS = {"always changed": ["below"], "a command alone": ["new"]}

# Changes after which a stage fails: DVC runs no more, we end what is beside it.
ENDS_EARLY = {"a failing command", "an out that is not made",
              "a dep that is missing", "remove a parameter",
              "name a parameter that is missing", "freeze and lose the out"}


def make(folder):
    os.environ["RUNS"] = "/dev/null"
    os.makedirs(folder)
    os.chdir(folder)
    subprocess.run(["git", "init", "-q"], check=True)
    repo = Repo.init(".")
    for name, text in FILES.items():
        write(name, text)
    os.makedirs("sub/dir", exist_ok=True)
    repo.add(["raw.txt"])
    repo.reproduce()
    repo.close()
    subprocess.run("git add -A && git commit -qm x", shell=True, check=True)


def run_dvc(arguments):
    """(stages that were not skipped, or None for a failure)"""
    names = {"--force": "force", "--single-item": "single_item",
             "--downstream": "downstream", "--dry": "dry"}
    options = {names[a]: True for a in arguments if a in names}
    if "--no-run-cache" in arguments:
        options["run_cache"] = False
    if "--keep-going" in arguments:
        options["on_error"] = "keep-going"
    targets = [a for a in arguments if not a.startswith("-")]
    try:
        repo = Repo(".")
        with repo:
            stages = repo.reproduce(targets=targets or None, **options)
        return sorted(stage.addressing for stage in stages)
    except DvcException:
        return None


def run_ours(arguments):
    done = subprocess.run([CLICKMILL, "repro", "--json", *arguments],
                          capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr
    stages = json.loads(done.stdout)["stages"]
    return sorted(s["stage"] for s in stages
                  if s["action"] != "unchanged"), done.stderr


def tree(folder):
    """Every file that matters, with its bytes and whether it may be run."""
    out = {}
    for root, dirs, files in os.walk(folder):
        dirs[:] = [d for d in dirs if d not in (".git", "tmp", "files")]
        for name in files:
            path = os.path.join(root, name)
            with open(path, "rb") as file:
                out[os.path.relpath(path, folder)] = (
                    file.read(), os.stat(path).st_mode & 0o111)
    return out


def dvc_finds(folder):
    os.chdir(folder)
    with Repo(".") as repo:
        return repo.status()


def ours_finds(folder):
    os.chdir(folder)
    done = subprocess.run([CLICKMILL, "repro", "--dry", "--json"],
                          capture_output=True, text=True)
    return [s["stage"] for s in json.loads(done.stdout)["stages"]
            if s["action"] != "unchanged"] if done.stdout else done.stderr


def differences(name, change, arguments):
    sides = {}
    for side in ("dvc", "ours"):
        folder = f"{BASE}/{side}"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(f"{BASE}/start", folder, symlinks=True)
        os.chdir(folder)
        change()
        os.environ["RUNS"] = f"{BASE}/runs-{side}"
        write(os.environ["RUNS"], "")
        stages, why = (run_dvc(arguments), "") if side == "dvc" else run_ours(
            arguments)
        sides[side] = (stages, sorted(read(os.environ["RUNS"]).split()),
                       tree(folder), why)
    (stages, runs, files, _), (own_stages, own_runs, own_files, why) = (
        sides["dvc"], sides["ours"])
    if stages != own_stages:
        yield f"dvc changes {stages}, ours {own_stages} {why}"
    if name in ENDS_EARLY:
        if not set(runs) <= set(own_runs):
            yield f"dvc ran {runs}, ours {own_runs}"
        return
    if runs != own_runs:
        yield f"dvc ran {runs}, ours {own_runs}"
    for path in sorted(files.keys() | own_files.keys()):
        if files.get(path) != own_files.get(path):
            yield f"{path}: dvc {files.get(path)}, ours {own_files.get(path)}"
    if stages is None or arguments:
        return
    expected = ALWAYS.get(name, [])
    found = dvc_finds(f"{BASE}/ours")
    if list(found) != expected:
        yield f"dvc status after ours: {found}"
    found = ours_finds(f"{BASE}/dvc")
    if found != expected:
        yield f"ours after dvc: {found}"


def main():
    logging.disable(logging.CRITICAL)
    make(f"{BASE}/start")
    for name in sys.argv[1:] or CHANGES:
        change = CHANGES[name]
        change, arguments = change if isinstance(change, tuple) else (change, [])
        found = list(differences(name, change, arguments))
        check(name, not found, "\n  ".join(["", *found]))
    os.chdir("/")
    shutil.rmtree(BASE)
    finish()


main()
