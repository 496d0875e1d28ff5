"""`clickmill diff` says what `dvc diff` says, in its words: of a table of changes,
between commits and of the workspace, as JSON, text and Markdown."""
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile

BASE = tempfile.mkdtemp(prefix="diff-")
os.environ.update(DVC_NO_ANALYTICS="1", DVC_SITE_CACHE_DIR=BASE + "/site",
                  HOME=BASE, GIT_AUTHOR_NAME="t", GIT_AUTHOR_EMAIL="t@t",
                  GIT_COMMITTER_NAME="t", GIT_COMMITTER_EMAIL="t@t",
                  COLUMNS="400", NO_COLOR="1")

from dvc.cli import main as dvc_main  # noqa: E402
from dvc.repo import Repo  # noqa: E402

from checks import CLICKMILL, check, finish, printed_by  # noqa: E402
from repository import write  # noqa: E402

PIPELINE = b"""\
stages:
  train:
    cmd: mkdir -p model && cp one.csv model/w && cp one.csv m.json && cp one.csv p
    deps: [one.csv]
    outs: [model, p]
    metrics: [m.json: {cache: false}]
"""


def repo_do(what, *words, **options):
    with Repo(".") as repo:
        return getattr(repo, what)(*words, **options)


def remove(path):
    shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


def put(path, text):
    def change():
        if os.path.lexists(path):
            os.remove(path)
        write(".", path, text.encode())
    return change


def add(*paths):
    return lambda: [repo_do("add", [path]) for path in paths]


def rename(old, new):
    return lambda: [os.makedirs(os.path.dirname(new) or ".", exist_ok=True),
                    os.rename(old, new)]


def gone(*paths):
    return lambda: [remove(path) for path in paths]


def reproduce():
    repo_do("reproduce")


def cache_of(path):
    """The object of a tracked file, or the listing of a tracked folder."""
    with Repo(".") as repo:
        out = next(o for o in repo.index.outs if o.def_path == path)
        return out.cache_path


def lose(path):
    return lambda: os.remove(cache_of(path))


# name: steps from the first commit on
CHANGES = {
    "nothing": [],
    "a file": [put("one.csv", "new\n"), add("one.csv")],
    "not added": [put("one.csv", "new\n"), put("data/a", "new a\n")],
    "in a folder": [put("data/a", "new a\n"), put("data/new", "n\n"),
                    gone("data/b"), add("data")],
    "renamed in a folder": [rename("data/sub/c", "data/d/e"), add("data")],
    "twins": [rename("data/empty", "data/1"), rename("data/void", "data/0"),
              put("data/2", ""), add("data")],
    "a tracked file moved": [rename("one.csv", "sub/1.csv"),
                             gone("one.csv.dvc"), add("sub/1.csv")],
    "a tracked folder moved": [rename("data", "sub/data"), gone("data.dvc"),
                               add("sub/data")],
    "file gone from the workspace": [gone("one.csv", "data/a", "p")],
    "folder gone from the workspace": [gone("data", "model")],
    "no longer tracked": [gone("one.csv.dvc", "data.dvc")],
    "new ones": [put("x/y", "1"), put("z", "2"), add("x", "z")],
    "a file becomes a folder": [gone("one.csv", "one.csv.dvc"),
                                put("one.csv/é", "1"), put("one.csv/b", "2"),
                                add("one.csv")],
    "a folder becomes a file": [gone("data", "data.dvc"), put("data", "1"),
                                add("data")],
    "a folder becomes its files": [gone("data.dvc", ".gitignore"),
                                   add("data/a", "data/b")],
    "a stage": [put("one.csv", "new\n"), add("one.csv"), reproduce],
    "a stage without dvc.lock": [gone("dvc.lock")],
    "no stage any more": [gone("dvc.yaml", "dvc.lock")],
    "objects lost": [lose("one.csv")],
    "listing lost": [lose("data"), put("data/a", "new\n")],
    "listing lost, file added": [lose("data"), put("data/new", "new\n"),
                                 add("data")],
    "cache lost": [gone(".dvc/cache"), gone("one.csv")],
    "empty folder": [gone("data"), lambda: os.mkdir("data"), add("data")],
    "ignored": [put(".dvcignore", "data/a\nsub\n")],
}

TARGETS = [["one.csv"], ["data"], ["data/sub"], ["data/a", "data/sub/c"],
           ["data.dvc", "p"], ["train"], ["new.csv", "one.csv"], ["none"],
           ["data/none"]]


def make(folder):
    os.makedirs(folder)
    os.chdir(folder)
    subprocess.run(["git", "init", "-q"], check=True)
    Repo.init(".").close()
    for path, text in (("one.csv", "1\n"), ("data/a", "a\n"), ("data/b", "b\n"),
                       ("data/sub/c", "c\n"), ("data/empty", ""),
                       ("data/void", ""), ("data/к л", "k\n")):
        put(path, text)()
    add("one.csv", "data")()
    write(".", "dvc.yaml", PIPELINE)
    reproduce()
    commit("first")


def commit(message):
    subprocess.run("git add -A && git commit -q --allow-empty -m " + message,
                   shell=True, check=True)


def dvc(*words):
    """What it remembers of listings in its own database would outlive them."""
    shutil.rmtree(BASE + "/site", ignore_errors=True)
    return printed_by(lambda: dvc_main(["diff", *words]))


def ours(*words):
    done = subprocess.run([CLICKMILL, "diff", *words], capture_output=True,
                          text=True)
    return done.returncode, done.stdout or done.stderr


VALUES = ["--json", "--show-hash"]
FORMS = [VALUES, [], ["--md", "--show-hash", "--hide-missing"]]


def compare(name, *words, forms=(VALUES,)):
    for form in forms:
        theirs, own = dvc(*form, *words), ours(*form, *words)
        if theirs[0] != 0:  # of another code, and in other words
            theirs, own = "an error", "an error" if own[0] else own
        elif "--json" in form and own[0] == 0:
            theirs, own = json.loads(theirs[1]), json.loads(own[1])
        elif "--md" in form:  # an empty line more
            theirs = theirs[0], theirs[1].rstrip("\n") + "\n"
        check("%s: diff %s" % (name, " ".join([*form, *words])), theirs == own,
              "\ndvc:\n%s\nours:\n%s" % (theirs, own))


def main():
    logging.disable(logging.CRITICAL)
    make(BASE + "/start")
    for name, steps in CHANGES.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        os.chdir(BASE)
        shutil.rmtree("now", ignore_errors=True)
        shutil.copytree("start", "now", symlinks=True)
        os.chdir("now")
        for step in steps:
            step()
        compare(name, forms=FORMS)
        commit("second")
        compare(name + ", commits", "HEAD~1", "HEAD")
        compare(name + ", backwards", "HEAD", "HEAD~1")
        if name in ("in a folder", "no longer tracked", "a stage"):
            for targets in TARGETS:
                compare(name, "HEAD~1", "--targets", *targets)
    os.chdir("/")
    shutil.rmtree(BASE)
    finish()


main()
