"""push and fetch of what branches, tags and all commits name: as many objects as
dvc's; and what checkout removes when git goes back to where it was not tracked."""
import os
import shutil
import tempfile

from checks import CLICKMILL, check, finish
from repository import Program, read, tree_of, write

STEPS = [  # of the history: branch, tag, what is written
    ("main", "v1", {"data/a": b"1", "data/b": b"2", "one": b"old"}),
    ("main", None, {"data/a": b"1 new", "one": b"middle"}),
    ("side", "v2", {"data/c": b"of side", "two": b"two"}),
    ("main", None, {"one": b"new"}),
]
CHOICES = [[], ["--all-branches"], ["--all-tags"], ["--all-commits"],
           ["-a", "-T"], ["-A", "one"], ["-A", "data"]]


def make(work, git, ours):
    folder = os.path.join(work, "first")
    os.mkdir(folder)
    git("init", "-q", "-b", "main", cwd=folder)
    ours("init", cwd=folder)
    for branch, tag, files in STEPS:
        git("checkout", "-q", "-B" if branch == "side" else "-f", branch,
            cwd=folder, code=None)
        ours("checkout", "--force", cwd=folder, code=None)
        for path, content in files.items():
            write(folder, path, content)
        ours("add", *{path.split("/")[0] for path in files}, cwd=folder)
        git("add", "-A", cwd=folder)
        git("commit", "-q", "-m", "step", cwd=folder)
        if tag:
            git("tag", tag, cwd=folder)
    write(folder, "broken.dvc", b"outs: [")
    git("add", "-A", cwd=folder)
    git("commit", "-q", "-m", "broken", cwd=folder)
    git("rm", "-q", "broken.dvc", cwd=folder)
    git("commit", "-q", "-m", "mended", cwd=folder)
    return folder


def sent(first, work, name, program, choice):
    """The remote after a push of a copy, and the copy."""
    folder, remote = (os.path.join(work, what + name) for what in ("", "r-"))
    shutil.copytree(first, folder, symlinks=True)
    write(folder, ".dvc/config.local", ("[core]\n    remote = r\n"
          "['remote \"r\"']\n    url = %s\n" % remote).encode())
    said = program("push", *choice, cwd=folder)
    return tree_of(remote), folder, said


def went_back(work, program, git):
    """What checkout says and leaves when git goes back and forth."""
    folder = os.path.join(work, "back-" + os.path.basename(program.name))
    os.mkdir(folder)
    git("init", "-q", "-b", "main", cwd=folder)
    program("init", cwd=folder)
    write(folder, "kept", b"0")
    program("add", "kept", cwd=folder)
    git("add", "-A", cwd=folder)
    git("commit", "-q", "-m", "before", cwd=folder)
    for name in ("d/a", "d/x/b", "one", "two", "three"):
        write(folder, name, name.encode())
    program("add", "d", "one", "two", "three", cwd=folder)
    write(folder, "dvc.yaml", b"stages:\n  s: {cmd: cp one made, deps: [one],"
          b" outs: [made]}\n")
    program("repro", cwd=folder)
    git("add", "-A", cwd=folder)
    git("commit", "-q", "-m", "after", cwd=folder)
    write(folder, "two", b"changed, and nowhere else")
    git("checkout", "-q", "HEAD~1", cwd=folder)
    write(folder, "three", b"three")
    git("add", "three", cwd=folder)
    said = [program("checkout", cwd=folder)]
    left = {n: read(os.path.join(folder, n)) for n in ("kept", "two", "three")}
    for name in os.listdir(folder):
        if name not in (".git", ".dvc", ".dvcignore", ".gitignore", "kept.dvc"):
            left.setdefault(name, None)
    git("rm", "-q", "-f", "three", cwd=folder)
    os.remove(os.path.join(folder, "two"))
    git("checkout", "-q", "main", cwd=folder)
    said.append(program("checkout", cwd=folder))
    git("checkout", "-q", "HEAD~1", cwd=folder)
    said.append(program("checkout", cwd=folder))
    return left, [sorted((text or "").split("\n")) for text in said], \
        sorted(os.listdir(folder))


def main():
    with tempfile.TemporaryDirectory(prefix="clickmill-history-") as work:
        environment = dict(
            os.environ, HOME=work, DVC_SITE_CACHE_DIR=work + "/site",
            GIT_AUTHOR_NAME="t", GIT_AUTHOR_EMAIL="t@t",
            GIT_COMMITTER_NAME="t", GIT_COMMITTER_EMAIL="t@t")
        dvc, ours, git = (Program(name, environment)
                          for name in ("dvc", CLICKMILL, "git"))
        first = make(work, git, ours)
        sizes = set()
        for i, choice in enumerate(CHOICES):
            words = " ".join(choice)
            theirs, a, _ = sent(first, work, "dvc%d" % i, dvc, choice)
            own, b, said = sent(first, work, "ours%d" % i, ours, choice)
            check("push %s: the same objects" % words, own == theirs and own,
                  (sorted(own), sorted(theirs), said))
            sizes.add(len(own))
            for folder in (a, b):
                shutil.rmtree(folder + "/.dvc/cache")
                program = dvc if folder == a else ours
                program("fetch", *choice, cwd=folder)
            caches = [tree_of(f + "/.dvc/cache/files") for f in (a, b)]
            check("fetch %s: the same objects" % words,
                  caches[0] == caches[1] and
                  len(caches[0]) == len(own), caches)
        check("the choices differ", len(sizes) > 4, sizes)
        theirs, own = (went_back(work, p, git) for p in (dvc, ours))
        check("checkout removes what is tracked no more, and nothing else",
              theirs == own and set(own[0]) == {"kept", "two", "three"},
              (theirs, own))
    finish()


main()
