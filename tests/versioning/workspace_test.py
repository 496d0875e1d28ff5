"""add, checkout and status in a repository that dvc and clickmill use in turn:
the files both write are equal, byte for byte, and what one put there the other
finds as it should be."""
import json
import os
import random
import shutil
import stat
import subprocess
import tempfile

from checks import CLICKMILL, check, finish
from repository import write

random.seed(5)
ODD_NAMES = ["with space", "клик.csv", "é combined é", "a+b", "100%", "#x",
             "it's", "quo\"te", "tab\there", "-dash", "dots..", "日本語",
             "emoji 😀", "back\\slash", "[x]", "{a: b}", "&amp", "*star",
             "yes", "1e3", "~", "deep/er/and/deeper", "deep.er/x", "deep-er/y"]


def run(program, *words, cwd, code=0):
    """Standard output; None when the exit code is another."""
    done = subprocess.run([program, *words], cwd=cwd, text=True,
                          capture_output=True)
    if code is not None and done.returncode != code:
        print("%s %s: exit %d, %s" % (program, " ".join(words),
                                      done.returncode, done.stderr))
        return None
    return done.stdout


def ours(*words, cwd, code=0):
    return run(CLICKMILL, *words, cwd=cwd, code=code)


def dvc(*words, cwd, code=0):
    return run("dvc", *words, cwd=cwd, code=code)


def repository(parent, name, links=None):
    """One that dvc made, once: the others are copies of it."""
    first, folder = os.path.join(parent, "first"), os.path.join(parent, name)
    if not os.path.exists(first):
        os.mkdir(first)
        run("git", "init", "-q", cwd=first)
        dvc("init", "-q", cwd=first)
        shutil.rmtree(os.path.join(first, ".dvc", "tmp"))
    shutil.copytree(first, folder, symlinks=True)
    if links:
        set_links(folder, links)
    return folder


def set_links(folder, kinds):
    write(folder, ".dvc/config", b"[cache]\n    type = %s\n" % kinds.encode())


def fill(folder, n=1000):
    for i in range(n - len(ODD_NAMES)):
        size = random.choice([0, 1, 55, 56, 63, 64, 65, 1000, 70000])
        write(folder, "data/part%d/f%04d" % (i % 7, i), random.randbytes(size))
    for name in ODD_NAMES:
        write(folder, "data/" + name, name.encode())
    write(folder, "one file.csv", b"id,click\n1,0\n")
    write(folder, "empty", b"")
    os.chmod(write(folder, "tool.sh", b"#!/bin/sh\n"), 0o755)


TARGETS = ["data", "one file.csv", "empty", "tool.sh"]


def bytes_of(folder):
    """Everything that DVC and git keep: path -> (mode, content)."""
    found = {}
    for root, folders, files in os.walk(folder):
        relative = os.path.relpath(root, folder)
        if relative == ".":
            folders.remove(".git")
        if relative == ".dvc":
            folders.remove("tmp")
        for name in files:
            path = os.path.join(root, name)
            kept = os.path.normpath(os.path.join(relative, name))
            if kept.startswith(".dvc") or name.endswith(".dvc") or \
                    name == ".gitignore":
                with open(path, "rb") as content:
                    found[kept] = (stat.S_IMODE(os.stat(path).st_mode),
                                   content.read())
    return found


def differences(a, b):
    """dvc also keeps a listing of the part of a folder that is added, which
    nothing names: b may have such."""
    a, b = bytes_of(a), bytes_of(b)
    return [path for path in sorted(a.keys() | b.keys())
            if a.get(path) != b.get(path) and
            not (path.endswith(".dir") and path not in a)]


def content_of(folder):
    found = {}
    for root, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(root, name)
            with open(path, "rb") as content:
                found[os.path.relpath(path, folder)] = content.read()
    return found


CLEAN = "Data and pipelines are up to date.\n"


def same_bytes(work):
    """The same workspace added by both."""
    a, b = repository(work, "a"), repository(work, "b")
    fill(a)
    for name in ["data", "one file.csv", "empty", "tool.sh"]:
        subprocess.run(["cp", "-a", name, b], cwd=a, check=True)
    ours("add", *TARGETS, cwd=a)
    dvc("add", *TARGETS, cwd=b)
    wrong = differences(a, b)
    check("1,000 files added by both: .dvc, .gitignore, cache equal",
          not wrong and len(bytes_of(a)) > 700, wrong[:5])
    check("dvc: ours is clean", dvc("status", cwd=a) == CLEAN)
    check("ours: dvc's is clean", ours("status", cwd=b) == CLEAN)
    return a, b


def same_updates(a, b):
    """Changes, told and added by both."""
    for folder in (a, b):
        write(folder, "data/new/in folder", b"new")
        write(folder, "data/part1/f0001", b"changed")
        os.remove(os.path.join(folder, "data/part2/f0002"))
        os.remove(os.path.join(folder, "empty"))
        write(folder, "one file.csv", b"other\n")
    said, expected = ours("status", cwd=a), dvc("status", cwd=b)
    check("status: the same findings in the same words",
          sorted(said.splitlines()) == sorted(expected.splitlines()) and
          "deleted:" in said and "modified:" in said, said + expected)
    check("status --json", json.loads(ours("status", "--json", cwd=a)) == {
        name + ".dvc": [{"changed outs": {name: what}}] for name, what in
        (("data", "modified"), ("one file.csv", "modified"),
         ("empty", "deleted"))})
    for folder, program in ((a, ours), (b, dvc)):
        program("add", "data/new", "data/part2/f0002", cwd=folder)
    check("parts of a folder: one new, one gone", not differences(a, b),
          differences(a, b)[:5])
    for folder, program in ((a, ours), (b, dvc)):
        program("add", "data", "one file.csv", cwd=folder)
    check("all of the folder", not differences(a, b), differences(a, b)[:5])
    with open(os.path.join(a, "one file.csv.dvc"), "a") as out:
        out.write("desc: kept\nmeta:\n  owner: me # comment\n")
    shutil.copy(os.path.join(a, "one file.csv.dvc"), b)
    for folder, program in ((a, ours), (b, dvc)):
        write(folder, "one file.csv", b"third\n")
        program("add", "one file.csv", cwd=folder)
    check("keys and comments of a .dvc file are kept", not differences(a, b),
          differences(a, b)[:5])


def checked_out(a, b):
    """Each checks out what the other added."""
    for folder, program, name in ((a, dvc, "dvc"), (b, ours, "ours")):
        before = content_of(os.path.join(folder, "data"))
        shutil.rmtree(os.path.join(folder, "data"))
        os.remove(os.path.join(folder, "tool.sh"))
        said = program("checkout", "data", "tool.sh", cwd=folder)
        check(name + " checks out what the other added",
              content_of(os.path.join(folder, "data")) == before and
              "A       data/" in said.splitlines() and
              os.access(os.path.join(folder, "tool.sh"), os.X_OK), said)
    ours("checkout", "empty", cwd=a)
    check("a file alone", os.path.getsize(os.path.join(a, "empty")) == 0)
    os.remove(os.path.join(a, "data/part1/f0001"))
    os.remove(os.path.join(a, "data/part3/f0003"))
    ours("checkout", "data/part1", cwd=a)
    check("a part of a folder comes back, the rest not",
          os.path.exists(os.path.join(a, "data/part1/f0001")) and
          not os.path.exists(os.path.join(a, "data/part3/f0003")))
    check("checkout says M", ours("checkout", cwd=a) == "M       data/\n")
    check("and then nothing", ours("checkout", cwd=a) == "")
    check("dvc: clean", dvc("status", cwd=a) == CLEAN)


def nothing_lost(a):
    unsaved = write(a, "data/unsaved", b"only here")
    check("a file that is nowhere else stops checkout",
          ours("checkout", cwd=a, code=1) is not None and
          os.path.exists(unsaved))
    ours("checkout", "--force", cwd=a)
    check("--force removes it", not os.path.exists(unsaved))
    for root, _, files in os.walk(os.path.join(a, ".dvc/cache/files/md5")):
        for name in files:
            if not name.endswith(".dir"):
                os.remove(os.path.join(root, name))
    os.remove(os.path.join(a, "data/part1/f0001"))
    done = subprocess.run([CLICKMILL, "checkout", "data"], cwd=a, text=True,
                          capture_output=True)
    check("missing content is named, with what to do", done.returncode == 1 and
          "data/" in done.stderr and "clickmill pull" in done.stderr,
          done.stderr)
    check("status says so", "not in cache:       data\n" in
          ours("status", "data", cwd=a))


STAGES = """\
stages:
  one:
    cmd: cp in.txt one.txt
    deps: [in.txt]
    params: [all.yaml: , lr, n, other.yaml: [x]]
    outs: [one.txt]
  two:
    cmd: %s
    deps: [one.txt]
    outs: [two]
    metrics: [m.json: {cache: false}]
"""
MORE_STAGES = """\
  never:
    cmd: cp in.txt never.txt
    deps: [in.txt, nothing.txt]
    params: [lr]
    outs: [never.txt]
  always:
    cmd: echo
    always_changed: true
  frozen:
    frozen: true
    cmd: cp in.txt frozen.txt
    deps: [in.txt]
    outs: [frozen.txt]
"""


def stages(work):
    """The status of stages, in dvc's words."""
    folder = repository(work, "stages")
    command = "mkdir -p two && cp one.txt two/x && echo 1 > m.json"
    write(folder, "dvc.yaml", (STAGES % command).encode())
    write(folder, "params.yaml", b"lr: 0.1\nn: {a: 5}\nsame: 1\n")
    write(folder, "other.yaml", b"x: 1\ny: 2\n")
    write(folder, "all.yaml", b"gone: 1\nkept: 2\nchanged: 3\n")
    write(folder, "in.txt", b"1")
    dvc("repro", cwd=folder)
    check("what dvc ran is clean", ours("status", cwd=folder) == CLEAN)
    write(folder, "dvc.yaml",
          (STAGES % ("true && " + command) + MORE_STAGES).encode())
    write(folder, "params.yaml", b"lr: 0.2\nn: {a: 5}\nsame: 2\n")
    write(folder, "all.yaml", b"kept: 2\nchanged: 4\nnew: 1\n")
    os.remove(os.path.join(folder, "other.yaml"))
    write(folder, "one.txt", b"2")
    write(folder, "m.json", b"2")
    shutil.rmtree(os.path.join(folder, "two"))
    said, expected = ours("status", cwd=folder), dvc("status", cwd=folder)
    check("stages: the same findings in the same words", said == expected,
          said + expected)
    check("stages: as JSON",
          json.loads(ours("status", "--json", cwd=folder)) ==
          json.loads(dvc("status", "--json", cwd=folder)))
    said = ours("status", "one", "two", cwd=folder)
    check("stages: those that are asked for", said == "".join(
        expected.partition("never:")[:1]), said)
    os.remove(os.path.join(folder, "one.txt"))
    ours("checkout", "one", "two", "--force", cwd=folder)
    check("stages: their outs are checked out",
          open(os.path.join(folder, "two/x")).read() == "1" and
          open(os.path.join(folder, "one.txt")).read() == "1" and
          open(os.path.join(folder, "m.json")).read() == "2")


def links(work):
    for kind in ("hardlink", "symlink", "reflink,hardlink,symlink,copy",
                 "copy"):
        folder = repository(work, "links-" + kind.split(",")[0], kind)
        write(folder, "data/a", b"content")
        write(folder, "data/same", b"content")
        write(folder, "data/empty", b"")
        write(folder, "file", b"alone")
        ours("add", "data", "file", cwd=folder)
        path = os.path.join(folder, "data/a")
        about = os.lstat(path)
        first = kind.split(",")[0]
        check(kind + ": the workspace is linked", {
            "hardlink": about.st_nlink == 3 and about.st_mode & 0o222 == 0,
            "symlink": stat.S_ISLNK(about.st_mode),
            "copy": about.st_nlink == 1 and not stat.S_ISLNK(about.st_mode),
        }.get(first, True), about)
        check(kind + ": dvc is clean", dvc("status", cwd=folder) == CLEAN)
        os.remove(path)
        ours("checkout", cwd=folder)
        check(kind + ": checked out again", open(path).read() == "content" and
              ours("status", cwd=folder) == CLEAN)
        set_links(folder, "copy")
        ours("checkout", "--relink", cwd=folder)
        check(kind + ": made copies by --relink",
              os.lstat(path).st_nlink == 1 and not os.path.islink(path) and
              os.access(path, os.W_OK))


def refused(work):
    """Both refuse, and nothing of it is left."""
    folder = repository(work, "refused")
    write(folder, "inner/tracked", b"1")
    write(folder, "git file", b"2")
    os.symlink("inner", os.path.join(folder, "link"))
    os.symlink("nothing", os.path.join(folder, "broken"))
    write(folder, "ignoring/.dvcignore", b"*.tmp\n")
    write(work, "outside", b"3")
    write(folder, "other", b"4")
    run("git", "add", "git file", cwd=folder)
    ours("add", "inner/tracked", cwd=folder)
    before = bytes_of(folder)
    for target in ("nothing", "../outside", "git file", "inner",
                   "inner/tracked.dvc", "link/tracked", "link", "broken",
                   "ignoring", ".dvc", "."):
        for words in ((target,), ("other", target)):
            done = subprocess.run([CLICKMILL, "add", *words], cwd=folder,
                                  text=True, capture_output=True)
            check("refused: " + " ".join(words), done.returncode != 0 and
                  "error: " in done.stderr, done.stdout)
        found = bytes_of(folder)
        check("and leaves nothing of " + target,
              found.keys() - {"other.dvc", ".gitignore"} >= before.keys() and
              not [name for name in found.keys() - before.keys() if
                   name.endswith(".dvc") and name != "other.dvc"])
    os.mkfifo(os.path.join(folder, "ignoring/fifo"))
    os.remove(os.path.join(folder, "ignoring/.dvcignore"))
    done = subprocess.run([CLICKMILL, "add", "ignoring"], cwd=folder,
                          text=True, capture_output=True, timeout=20)
    check("a pipe is named", done.returncode != 0 and
          "ignoring/fifo" in done.stderr, done.stderr)


def patterns(work):
    a, b = repository(work, "glob-a"), repository(work, "glob-b")
    for folder, program in ((a, ours), (b, dvc)):
        for name in ("x1.csv", "x2.csv", "y.csv"):
            write(folder, "d/" + name, name.encode())
        program("add", "--glob", "d/x*.csv", cwd=folder)
    check("--glob", not differences(a, b) and
          os.path.exists(os.path.join(a, "d/x2.csv.dvc")) and
          not os.path.exists(os.path.join(a, "d/y.csv.dvc")))


def ignored(work):
    a, b = repository(work, "ignore-a"), repository(work, "ignore-b")
    for folder, program in ((a, ours), (b, dvc)):
        write(folder, ".dvcignore", b"*.tmp\n/d/private/\n")
        for name in ("d/x", "d/x.tmp", "d/private/y", "d/deep/private/z"):
            write(folder, name, name.encode())
        program("add", "d", cwd=folder)
    check(".dvcignore", not differences(a, b) and
          ours("status", cwd=b) == CLEAN, differences(a, b))


def main():
    with tempfile.TemporaryDirectory(prefix="clickmill-workspace-") as work:
        a, b = same_bytes(work)
        same_updates(a, b)
        checked_out(a, b)
        nothing_lost(a)
        stages(work)
        links(work)
        refused(work)
        patterns(work)
        ignored(work)
    finish()


main()
