"""`clickmill dag` beside `dvc dag`: the same text for Mermaid, the same nodes and
edges for Graphviz (whose order dvc leaves to its hashes)."""
import os
import shutil
import subprocess
import tempfile

BASE = tempfile.mkdtemp(prefix="dag-")
os.environ.update(DVC_NO_ANALYTICS="1", HOME=BASE, NO_COLOR="1",
                  DVC_SITE_CACHE_DIR=BASE + "/site", COLUMNS="400")

from dvc.cli import main as dvc_main  # noqa: E402

from checks import CLICKMILL, ROOT, check, finish, printed_by  # noqa: E402
from repository import read, write  # noqa: E402

FILES = {
    "dvc.yaml": b"""\
stages:
  b: {cmd: cp in b, deps: [in, data/x], outs: [b]}
  a: {cmd: cp b a, deps: [b], outs: [a]}
  each:
    foreach: [y, x]
    do: {cmd: 'cp a ${item}', deps: [a, data], outs: ['${item}']}
  last: {cmd: cat x y > z, deps: [y, x, sub/out], outs: [z], frozen: true}
  alone: {cmd: echo}
  above: {cmd: ls sub, deps: [sub]}
""",
    "sub/dvc.yaml": b"""\
stages:
  a: {cmd: cp ../in out, deps: [../in], outs: [out]}
  z: {cmd: cp w v, deps: [w], outs: [v]}
""",
    "in.dvc": b"outs:\n- md5: d3b07384d113edec49eaa6238ad5ff00\n  path: in\n"
              b"  hash: md5\n",
    "data.dvc": b"outs:\n- md5: d3b07384d113edec49eaa6238ad5ff00.dir\n"
                b"  path: data\n  hash: md5\n",
    "unused.dvc": b"outs:\n- md5: d3b07384d113edec49eaa6238ad5ff00\n"
                  b"  path: unused\n  hash: md5\n",
}
TARGETS = ["a", "each", "each@x", "last", "b", "sub/dvc.yaml:a", "in.dvc", "x",
           "alone", "above", "data"]


def ours(*words):
    done = subprocess.run([CLICKMILL, "dag", *words], capture_output=True,
                          text=True)
    return done.stdout if done.returncode == 0 else done.stderr


def compare(*words):
    theirs = printed_by(lambda: dvc_main(["dag", "--mermaid", *words]))[1]
    own = ours("--mermaid", *words)
    check("dag --mermaid " + " ".join(words), own == theirs,
          "\ndvc:\n%s\nours:\n%s" % (theirs, own))
    theirs = printed_by(lambda: dvc_main(["dag", "--dot", *words]))[1]
    own = ours("--dot", *words)
    check("dag --dot " + " ".join(words),
          sorted(own.split("\n")) == sorted(theirs.rstrip("\n").split("\n") + [""]),
          "\ndvc:\n%s\nours:\n%s" % (theirs, own))


def main():
    os.chdir(BASE)
    subprocess.run([CLICKMILL, "init", "--no-scm", "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    for path, text in FILES.items():
        write(".", path, text)
    compare()
    for target in TARGETS:
        compare(target)
        compare(target, "--full")
    theirs = printed_by(lambda: dvc_main(["dag", "--md", "a"]))[1]
    check("dag --md", ours("--md", "a") == theirs, theirs)
    for path in FILES:
        os.remove(path)
    write(".", "dvc.yaml", read(ROOT + "/dvc.yaml"))
    write(".", "configs/train_config.yaml",
          read(ROOT + "/configs/train_config.yaml"))
    compare()
    os.remove("dvc.yaml")
    compare()
    os.chdir("/")
    shutil.rmtree(BASE)
    finish()


main()
